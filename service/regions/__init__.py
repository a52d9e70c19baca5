"""A region and its councils: what is offered, and what a council takes on."""
