"""The web application: wiring only."""

from __future__ import annotations

import os

from flask import Flask
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from service import api, days, log, web
from service.api import errors as problems
from service.db import Database
from service.errors import OUT_OF_REACH, ReciprocalError, Unavailable
from service.people.modulus import Modulus, read_tables
from service.receipts.keeping import keeping_for
from service.settings import Settings
from service.web import errors as pages


def create_app(settings: Settings | None = None) -> Flask:
    """Wire the doors to one database. Refuses to start when the walls between councils are not up."""
    settings = settings or Settings.from_env(os.environ)
    log.configure(level=settings.log_level)
    days.use_newer(settings.bank_holidays_file)
    app = Flask("service", static_folder=None)
    app.config["SECRET_KEY"] = settings.secret_key
    app.extensions["settings"] = settings
    app.extensions["db"] = Database(settings.database_url)
    app.extensions["db"].check_walls()
    app.extensions["modulus"] = _modulus(settings)
    app.extensions["receipts"] = keeping_for(settings)
    api.register(app)
    web.register(app)
    _install_errors(app)
    _trust_proxies(app, settings.trusted_proxies)
    # A process that is forked after this must not share a connection with its siblings.
    app.extensions["db"].close()
    return app


def _trust_proxies(app: Flask, number: int) -> None:
    """Take who calls, and by which scheme, from as many proxies of our own as there are; from nobody else.

    Addresses are added one by one on the way. The scheme is set by the last, who may pass on what it heard.
    """
    if number:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=number, x_proto=1
        )


def _modulus(settings: Settings) -> Modulus:
    """What checks bank details; it says so in the log where it checks nothing."""
    found = read_tables(table=settings.modulus_table, substitutions=settings.modulus_substitutions)
    if settings.modulus_table and not found.version:
        log.get().warning("modulus.no_table", path=settings.modulus_table)
    return found


def _install_errors(app: Flask) -> None:
    """Errors outside any call or page: machines get a problem, people get a page, with the same texts."""

    def ours(error: ReciprocalError) -> ResponseReturnValue:
        return problems.from_ours(error) if api.for_machines() else pages.page(error)

    def framework(error: HTTPException) -> ResponseReturnValue:
        return problems.from_framework(error) if api.for_machines() else pages.page(error)

    def anything(error: Exception) -> ResponseReturnValue:
        return problems.from_anything(error) if api.for_machines() else pages.page(error)

    def out_of_reach(_: OperationalError) -> ResponseReturnValue:
        return ours(Unavailable(OUT_OF_REACH))

    app.register_error_handler(OperationalError, out_of_reach)
    app.register_error_handler(ReciprocalError, ours)
    app.register_error_handler(HTTPException, framework)
    app.register_error_handler(Exception, anything)
