"""How does a test call the API, and read its answers?"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

SORT_CODE = "108800"

_numbers = itertools.count(1)


def told(answer: TestResponse, status: int = 200) -> Any:
    """The body of an answer, which must have this status."""
    assert answer.status_code == status, answer.get_data(as_text=True)
    return answer.json


def refused(answer: TestResponse, status: int, *pointers: str) -> dict[str, Any]:
    """The problem in an answer, which must have this status and name these fields."""
    problem: dict[str, Any] = told(answer, status)
    assert answer.mimetype == "application/problem+json"
    assert problem["status"] == status
    assert problem["request_id"] == answer.headers["X-Request-Id"]
    assert [fault["pointer"] for fault in problem.get("errors", [])] == list(pointers)
    return problem


@dataclass(frozen=True)
class Door:
    """The API, as the holder of one key meets it."""

    app: Flask
    key: str = field(repr=False)

    def get(self, path: str, **query: Any) -> TestResponse:
        """Ask."""
        return self.send("GET", path, query=query)

    def post(
        self, path: str, body: Any = None, *, once: str | None = None, seen: str | None = None, **query: Any
    ) -> TestResponse:
        """Do something; `once` is the Idempotency-Key (a fresh one by itself), `seen` the If-Match."""
        return self.send("POST", path, body, once=once or f"test-{next(_numbers)}", seen=seen, query=query)

    def put(self, path: str, body: Any) -> TestResponse:
        """Say how something is."""
        return self.send("PUT", path, body)

    def patch(self, path: str, body: Any, *, seen: str | None = None) -> TestResponse:
        """Change something that was seen."""
        return self.send("PATCH", path, body, seen=seen)

    def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        once: str | None = None,
        seen: str | None = None,
        query: dict[str, Any] | None = None,
        **more: Any,
    ) -> TestResponse:
        """Any call. `body` is made JSON; `data` in `more` sends bytes as they are."""
        headers = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        headers |= {"Idempotency-Key": once} if once else {}
        headers |= {"If-Match": seen} if seen else {}
        headers |= more.pop("headers", {})
        if body is not None:
            more["json"] = body
        # A client of its own for each call: calls from several threads do not share one.
        return self.app.test_client().open(
            path if path.startswith("/") else f"/v1/{path}",
            method=method,
            headers=headers,
            query_string=query,
            **more,
        )


def bank_account(number: str) -> dict[str, str]:
    """Bank details in the sandbox: the account number chooses what happens."""
    return {
        "kind": "bank_account",
        "account_name": "A Example",
        "sort_code": SORT_CODE,
        "account_number": number,
    }
