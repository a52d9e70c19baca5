"""How does a council's own email address or phone number stand in a page? As a link that breaks well."""

from __future__ import annotations

from markupsafe import Markup, escape


def breakable(email: str) -> Markup:
    """An email address that a narrow page breaks before its @ or a dot, and not inside a word."""
    return escape(email).replace("@", Markup("<wbr>@")).replace(".", Markup("<wbr>."))


def with_links(text: str, *, email: str | None, phone: str | None) -> Markup:
    """A text in which the council's `email` and `phone`, where they stand in it, are links."""
    found = escape(text)
    if email:
        link = Markup('<a class="govuk-link" href="mailto:{}">{}</a>').format(email, breakable(email))
        found = found.replace(escape(email), link)
    if phone:
        link = Markup('<a class="govuk-link" href="tel:{}">{}</a>').format(phone.replace(" ", ""), phone)
        found = found.replace(escape(phone), link)
    return found


FILTERS = {"breakable": breakable, "with_links": with_links}
