"""The door for people. It only translates: a page asks a room, and shows what the room says."""

from __future__ import annotations

from flask import Blueprint, Flask, g
from jinja2 import ChoiceLoader, PackageLoader, PrefixLoader
from werkzeug.routing import BaseConverter

from service.settings import Settings
from service.web import (
    assets,
    at_stripe,
    brand,
    demo,
    demo_provider,
    errors,
    here,
    public,
    reaching_us,
    security,
    sign_in,
    sign_in_code,
    sign_in_lost,
    sign_in_staff,
    wording,
)
from service.web.person import admitting, my_money
from service.web.person import pages as person_pages
from service.web.staff import pages as staff_pages

TEMPLATES = ChoiceLoader(
    [
        PackageLoader("service.web"),
        PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")}),
    ]
)


class Slug(BaseConverter):
    """A council's short name in an address."""

    regex = "[a-z][a-z0-9-]{2,40}"


def register(app: Flask) -> None:
    """Add every page to the application. Needs `settings` and `db` among its extensions."""
    settings: Settings = app.extensions["settings"]
    app.url_map.converters["slug"] = Slug
    pages = prepare(app, https=settings.base_url.startswith("https://"), demo=settings.demo)
    pages.url_value_preprocessor(here.enter_by_address)
    # A demonstration shows what a text would say. Elsewhere each council's ways say whether texts leave.
    app.config["TEXTS"] = settings.demo
    signing_in = [sign_in.pages, sign_in_code.pages, sign_in_staff.pages, sign_in_lost.pages]
    children = [public.pages, *signing_in, at_stripe.pages, my_money.pages, person_pages(), staff_pages()]
    for child in [*children, demo.pages, demo_provider.pages] if settings.demo else children:
        pages.register_blueprint(child)
    app.register_blueprint(pages)
    if settings.demo:
        app.register_blueprint(demo_provider.for_the_service)


def prepare(app: Flask, *, https: bool, demo: bool) -> Blueprint:
    """Everything that pages share, and the blueprint that they all stand under."""
    pages = Blueprint("web", __name__)
    app.jinja_loader = TEMPLATES
    app.jinja_env.filters.update(wording.FILTERS | reaching_us.FILTERS)
    app.jinja_env.add_extension("jinja2.ext.do")
    app.jinja_env.globals.update(theme=brand.stylesheet, demo=demo)
    app.context_processor(_shown_on_every_page)
    assets.install(app)
    app.register_blueprint(brand.theme)
    security.install(app, pages=pages, https=https)
    errors.install(pages)
    return pages


def _shown_on_every_page() -> dict[str, object]:
    at = g.here.at if "here" in g else ""
    return {
        "brand": g.get("brand", brand.PLAIN),
        "at": at,
        "me": f"{at}/me",
        "staff_at": f"{at}/staff",
        "place": g.get("place", ""),
        "who": g.get("me"),
        "opens": admitting.opens,
        "member": g.get("staff"),
    }
