"""The door for people. It only translates: a page asks a room, and shows what the room says."""

from __future__ import annotations

from flask import Blueprint, Flask, g
from jinja2 import ChoiceLoader, PackageLoader, PrefixLoader

from service.web import assets, brand, errors, security, wording

TEMPLATES = ChoiceLoader(
    [
        PackageLoader("service.web"),
        PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")}),
    ]
)


def prepare(app: Flask, *, https: bool) -> Blueprint:
    """Everything that pages share, and the blueprint that they all stand under."""
    pages = Blueprint("web", __name__)
    app.jinja_loader = TEMPLATES
    app.jinja_env.filters.update(wording.FILTERS)
    app.jinja_env.add_extension("jinja2.ext.do")
    app.jinja_env.globals["theme"] = brand.stylesheet
    app.context_processor(lambda: {"brand": g.get("brand", brand.PLAIN), "place": g.get("place", "")})
    assets.install(app)
    app.register_blueprint(brand.theme)
    security.install(app, pages=pages, https=https)
    errors.install(pages)
    return pages
