"""What happened, for the people who run this? Structured lines with a request id that follows the work.

The id is made at the door, stored on each event, and set again by the task that carries the event on,
so one search finds the page, the job and the call to the rail.
"""

from __future__ import annotations

import logging
import re
import secrets
import sys
from typing import TextIO, cast

import structlog

_REQUEST_ID = re.compile(r"^[A-Za-z0-9._-]{8,64}$")


class _StandardError:
    """Whatever standard error is at the moment of writing: it may be put elsewhere after we were set up."""

    def write(self, text: str) -> int:
        return sys.stderr.write(text)

    def flush(self) -> None:
        sys.stderr.flush()


def configure(*, level: str = "INFO", to: TextIO | None = None) -> None:
    """Set up structlog once for this process: JSON lines on standard error, or `to` somewhere else."""
    place = to or cast(TextIO, _StandardError())
    logging.basicConfig(stream=place, level=level, format="%(message)s")
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.PrintLoggerFactory(place),
        cache_logger_on_first_use=True,
    )


def begin_request(given: str | None = None) -> str:
    """Start a request: keep the caller's id if it is a plain one, else make our own. Answers the id."""
    request_id = given if given and _REQUEST_ID.match(given) else f"req_{secrets.token_hex(12)}"
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=request_id)
    return request_id


def request_id() -> str:
    """The id of the work under way, or an empty text outside any."""
    return str(structlog.contextvars.get_contextvars().get("request_id", ""))


def get() -> structlog.stdlib.BoundLogger:
    """A logger. Bind ids, never names, reasons, addresses or bank details."""
    logger: structlog.stdlib.BoundLogger = structlog.get_logger()
    return logger
