"""The web application: wiring only."""

from __future__ import annotations

import os

from flask import Flask

from service import api, log, web
from service.db import Database
from service.settings import Settings


def create_app(settings: Settings | None = None) -> Flask:
    """Wire the doors to one database. Refuses to start when the walls between councils are not up."""
    settings = settings or Settings.from_env(os.environ)
    log.configure(level=settings.log_level)
    app = Flask("service", static_folder=None)
    app.config["SECRET_KEY"] = settings.secret_key
    app.extensions["settings"] = settings
    app.extensions["db"] = Database(settings.database_url)
    app.extensions["db"].check_walls()
    api.register(app)
    web.register(app)
    # A process that is forked after this must not share a connection with its siblings.
    app.extensions["db"].close()
    return app
