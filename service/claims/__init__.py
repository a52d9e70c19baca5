"""What is asked for, and the assessment it got."""
