"""Does any call break over what it is sent? Every route of the URL map, every field, every nonsense."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from werkzeug.test import TestResponse

from tests.neighbours import Furnished, furnished
from tests.stage import Stage, bank_account, told

# What no field means. Each is put in the place of each value that a call takes.
NONSENSE: tuple[Any, ...] = (
    None,
    True,
    -1,
    0,
    10**30,
    -(10**400),
    1.5,
    "",
    " ",
    "x" * 5000,
    "a\x00b",
    "\ud800",
    "\u202e\U0001f600",
    "0001-01-01",
    "9999-12-31",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-12:00",
    "2026-02-30",
    "NaN",
    [],
    ["a\x00b"],
    {},
    {"a\x00b": "\x00"},
    [[[[[[[[[[]]]]]]]]]],
)
WORDS = (*(v for v in NONSENSE if isinstance(v, str)), "99999999999999999999", "-1", "²", "../..", "%00")

# A body that each writing call takes. `{…}` is filled with an id of the council's own.
BODIES: dict[str, Any] = {
    "POST /v1/people": {
        "name": "Ada",
        "email": "ada@example.org",
        "phone": "07700900982",
        "external_reference": "A1",
    },
    "POST /v1/holds": {"scope": "person", "subject": "{person_id}", "reason": "R", "by": "Ada"},
    "POST /v1/holds/<hold_id>/release": {"by": "Ada"},
    "POST /v1/payments/<payment_id>/release": {"by": "Ada"},
    "POST /v1/runs": {"rail": "bacs", "by": "Ada"},
    "POST /v1/runs/<run_id>/release": {"by": "Ada"},
    "PUT /v1/people/<person_id>/payment_method": bank_account("00012345")
    | {"roll_number": "1", "charity": "x"},
    "POST /v1/sessions": {
        "title": "T",
        "activity": "over_a_brew",
        "starts_at": "2026-10-01T10:00:00Z",
        "ends_at": "2026-10-01T11:00:00Z",
        "online": True,
        "place": "P",
        "cost_code": "C",
        "budget": "B",
        "facts": {"days": 1},
    },
    "POST /v1/sessions/<session_id>/offers": {
        "person": "{person_id}",
        "role": "participant",
        "preparation_minutes": 10,
    },
    "POST /v1/offers/<offer_id>/accept": {"accept_pence": 100, "give_to": "A charity"},
    "PUT /v1/sessions/<session_id>/register": {
        "entries": [{"person": "{person_id}", "attended": True, "minutes": 60, "role": "participant"}]
    },
    "POST /v1/assessments": {
        "activity": "over_a_brew",
        "role": "participant",
        "on": "2026-10-01",
        "minutes": 60,
        "online": True,
        "expenses": [{"category": "car", "miles": 3, "receipt": True, "note": "n"}],
    },
    "POST /v1/claims": {
        "person": "{person_id}",
        "session": "{session_id}",
        "facts": {"role": "participant", "minutes": 5},
        "expenses": [{"category": "bus", "amount_pence": 410, "receipt": True}],
        "fee": False,
    },
    "PATCH /v1/claims/<claim_id>": {"expenses": [{"category": "bus", "amount_pence": 410, "receipt": True}]},
    "POST /v1/claims/<claim_id>/approve": {
        "by": "Bo",
        "sums": [{"line": 0, "amount_pence": 5, "reason": "r"}],
    },
    "POST /v1/claims/<claim_id>/refuse": {"clause": "6.2", "reason": "r", "by": "Bo"},
    "POST /v1/claims/<claim_id>/ask": {"question": "q", "by": "Bo"},
    "POST /v1/claims/<claim_id>/withdraw": {"by": "Bo"},
    "POST /v1/policies": {"text": "policy: {}", "by": "Ada"},
    "POST /v1/policies/<policy_id>/simulations": {"since": "2026-04-01", "until": "2027-03-31"},
    "POST /v1/policies/<policy_id>/sign_offs": {"people": ["per_1"], "by": "Ada"},
    "POST /v1/policies/<policy_id>/sign_offs/answers": {"agrees": False, "words": "Too low.", "by": "Bo"},
    "POST /v1/policies/<policy_id>/publish": {"by": "Bo", "effective_from": "2027-04-01", "hash": "sha256:0"},
    "POST /v1/policies/bases/<base_id>/take_on": {"by": "Ada"},
    "POST /v1/payments/<payment_id>/paid": {"bank_reference": "R", "paid_on": "2026-10-01"},
    "POST /v1/payments/<payment_id>/returned": {"reason": "It came back"},
    "POST /v1/files": {
        "rail": "bacs",
        "processing_day": "2026-12-01",
        "payments": [{"id": "{payment_id}", "processing_day": "2026-12-01", "originating_account": "cre_1"}],
    },
    "POST /v1/files/<file_id>/submitted": {"submitted_at": "2026-10-01T10:00:00Z"},
    "POST /v1/files/<file_id>/acknowledged": {"reference": "R"},
    "POST /v1/files/<file_id>/rejected": {"reason": "Wrong day"},
    "POST /v1/imports": {"kind": "settlement", "name": "r.csv", "content": "payment_id,status\npay_1,paid\n"},
    "POST /v1/payments/<payment_id>/taken_back_from_export": {"reason": "r"},
    "PUT /v1/people/<person_id>/supplier_reference": {"supplier_reference": "S"},
    "PUT /v1/export_mappings": {"text": "name: A"},
    "POST /v1/exports": {
        "kind": "journal",
        "preset": "ledger-journal",
        "mapping": None,
        "since": "2026-10-01T10:00:00Z",
        "until": "2026-12-01T10:00:00Z",
        "label": "L",
    },
    "POST /v1/reconciliations": {
        "rail": "voucher",
        "since": "2026-10-01T10:00:00Z",
        "lines": [{"payment": "pay_1", "amount_pence": 5, "status": "paid"}],
    },
    "POST /v1/reconciliation_findings/<finding_id>/close": {"note": "n"},
    "POST /v1/claims/<claim_id>/corrections": {
        "expenses": [{"category": "bus", "amount_pence": 410, "receipt": True}],
        "reason": "r",
    },
    "POST /v1/advances": {
        "person": "{person_id}",
        "session": "{session_id}",
        "category": "bus",
        "amount_pence": 410,
        "reason": "r",
    },
    "POST /v1/booked_costs": {
        "person": "{person_id}",
        "session": "{session_id}",
        "category": "bus",
        "amount_pence": 410,
        "reason": "r",
    },
    "POST /v1/overpayments/<overpayment_id>/write_off": {"reason": "r"},
    "POST /v1/ledger/periods/<period>/close": {"by": "Ada"},
    "POST /v1/ledger/periods/<period>/reopen": {"reason": "r", "by": "Bo"},
    "PUT /v1/ledger/codes/<line>": {"subjective": "3333", "vat_code": "OS", "starts_on": "2027-04-01"},
    "POST /v1/webhook_endpoints": {"url": "http://127.0.0.1:9/hooks", "events": ["payment.paid"]},
    "POST /v1/webhook_endpoints/<endpoint_id>/replay": {"since": "2026-11-01T10:00:00Z"},
}
WITHOUT_A_BODY = {
    "POST /v1/claims/<claim_id>/submit",
    "POST /v1/sessions/<session_id>/cancel",
    "DELETE /v1/sessions/<session_id>",
    "POST /v1/offers/<offer_id>/decline",
    "POST /v1/payments/<payment_id>/hold",
    "POST /v1/payments/<payment_id>/cancel",
    "POST /v1/overpayments/<overpayment_id>/ask",
    "POST /v1/queues/jobs/<job_id>/retry",
    "POST /v1/webhook_endpoints/<endpoint_id>/rotate_secret",
    "POST /v1/webhook_endpoints/<endpoint_id>/enable",
    "DELETE /v1/webhook_endpoints/<endpoint_id>",
    "POST /v1/queues/jobs/<job_id>/dismiss",
}


@pytest.fixture
def world(stage: Stage) -> Furnished:
    return furnished(stage)


def routes(stage: Stage) -> list[tuple[str, str]]:
    """Every call under `/v1`, as (method, rule), from the URL map."""
    return sorted(
        (method, rule.rule)
        for rule in stage.app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.rule.startswith("/v1/")
    )


def filled(rule: str, ids: dict[str, str]) -> str:
    for name, value in ids.items():
        rule = rule.replace(f"<{name}>", quote(value, safe=""))
    return rule


def queries_of(spec: dict[str, Any]) -> dict[str, list[str]]:
    """`GET /v1/claims` → the names of what may stand behind the question mark."""
    found: dict[str, list[str]] = {}
    for path, calls in spec["paths"].items():
        rule = path.replace("{", "<").replace("}", ">")
        for method, call in calls.items():
            if method != "parameters":
                names = [p["name"] for p in call.get("parameters", []) if p.get("in") == "query"]
                found[f"{method.upper()} {rule}"] = sorted(names)
    return found


def with_nonsense(value: Any) -> Iterator[Any]:
    """The body again and again, each time with one value replaced, left out, or one too many."""
    yield from NONSENSE
    if isinstance(value, dict):
        yield {**value, "nobody_knows": 1}
        for key, inner in value.items():
            yield {k: v for k, v in value.items() if k != key}
            for other in with_nonsense(inner):
                yield {**value, key: other}
    elif isinstance(value, list):
        yield value * 501
        for inner in value:
            for other in with_nonsense(inner):
                yield [other]


def faults(answer: TestResponse, what: str) -> list[str]:
    """What is wrong with an answer to nonsense: it broke, or its error is no problem+json."""
    if answer.status_code >= 500:
        return [f"{what}: {answer.status_code}"]
    if answer.status_code < 400:
        return []
    problem = answer.get_json(force=True, silent=True) or {}
    whole = {"type", "title", "status", "detail", "request_id"} <= set(problem)
    if answer.mimetype != "application/problem+json" or not whole:
        return [f"{what}: {answer.status_code} without a problem"]
    return []


def test_every_writing_call_has_a_body_here(stage: Stage) -> None:
    writing = {f"{method} {rule}" for method, rule in routes(stage) if method != "GET"}
    assert writing == set(BODIES) | WITHOUT_A_BODY


@pytest.mark.long
@pytest.mark.parametrize("call", BODIES)
def test_no_field_breaks_a_call(world: Furnished, call: str) -> None:
    method, rule = call.split()
    found: list[str] = []
    ids = world.ids
    good = json.loads(json.dumps(BODIES[call]).replace("{person_id}", ids["person_id"]))
    good = json.loads(json.dumps(good).replace("{session_id}", ids["session_id"]))
    for body in with_nonsense(good):
        sent = json.dumps(body)
        answer = world.door.send(
            method,
            filled(rule, ids),
            data=sent,
            content_type="application/json",
            once=f"k{len(sent)}-{hash(sent)}",
            seen="*",
        )
        found += faults(answer, f"{call} {sent[:120]}")
    assert found == []


@pytest.mark.long
def test_no_id_and_no_query_breaks_a_call(world: Furnished) -> None:
    found: list[str] = []
    ids = world.ids
    asked = queries_of(told(world.door.get("openapi.json")))
    assert asked["GET /v1/claims"] == ["cursor", "limit", "person", "session", "since", "status"]
    for method, rule in routes(world.council.stage):
        names = [name for name in ids if f"<{name}>" in rule]
        queries = asked.get(f"{method} {rule}", [])
        for word in WORDS:
            plain = word.encode("utf-8", "replace").decode()
            for name in names:
                path = filled(rule, ids | {name: plain})
                answer = world.door.send(method, path, {}, once="id", seen="*")
                found += faults(answer, f"{method} {path}")
            for name in queries:
                answer = world.door.send(method, filled(rule, ids), query={name: plain})
                found += faults(answer, f"{method} {rule}?{name}={plain!r}")
    assert found == []


BROKEN = {
    "no JSON": b"{",
    "half a letter": b'{"name": "\xff"}',
    "too deep": b"[" * 100_000,
    "too deep inside": b'{"name": ' + b"[" * 900 + b"]" * 900 + b"}",
    "no number": b'{"name": NaN, "email": Infinity}',
    "a very long number": b'{"name": ' + b"9" * 5000 + b"}",
    "nothing": b"",
    "a list": b"[]",
    "a text": b'"x"',
    "null": b"null",
    "twice the same": b'{"name": "a", "name": "b"}',
}


def test_no_broken_body_breaks_a_call(stage: Stage) -> None:
    council = stage.council()
    for name, data in BROKEN.items():
        for content_type in ("application/json", "text/plain", "application/xml", ""):
            once = f"{name} {content_type}"
            answer = council.lead.send("POST", "people", data=data, content_type=content_type, once=once)
            fine = (name, content_type) == ("twice the same", "application/json")
            assert faults(answer, once) == []
            assert answer.status_code in ((201,) if fine else (400, 422)), once


HEADERS = {
    "If-Match": ['"', "W/", "*, *", '"a", "b"', "\xff", "x" * 5000],
    "Idempotency-Key": ["x" * 256, "\xff", " "],
    "Authorization": ["Bearer", "Bearer ", "Basic x", "Bearer \xff", "bearer x y", "x" * 9000],
    "X-Request-Id": ["\xff", "x" * 500, "a b"],
    "Content-Length": ["-1", "x"],
    "Accept": ["text/html", "\xff"],
}


def test_no_header_breaks_a_call(world: Furnished) -> None:
    claim_id = world.ids["claim_id"]
    for name, values in HEADERS.items():
        for value in values:
            answer = world.door.send(
                "POST", f"claims/{claim_id}/approve", {}, once="once", headers={name: value}
            )
            assert faults(answer, "") == []
            assert answer.status_code in (401, 403, 409, 412, 422, 428), (name, value)
