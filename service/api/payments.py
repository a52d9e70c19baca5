"""Calls about payments and the ledger."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint

from service.api import answers, file_fields, schemas, shapes
from service.api.calls import actor, call, council_id, now, paged, read_cursor, seen, session, tagged
from service.errors import one_fault
from service.ledger import queries as ledger
from service.payouts import actions, file_queries, moving, queries, reporting, settling, stopping
from service.payouts.model import STATES
from service.payouts.tables import Payout

routes = Blueprint("Payments", __name__, description="Money on its way, and what has been paid, for ever.")


@routes.route("/payments", methods=["GET"])
@call("payments:read")
@routes.arguments(schemas.PaymentsQuery, location="query")
@routes.response(200, answers.page_of(answers.PaymentOut))
def list_payments(query: dict[str, Any]) -> dict[str, Any]:
    """Payments, by the moment they last changed.

    A finance system pulls `?status=ready&rail=finance_system`.
    """
    states = (query["status"],) if query["status"] else ()
    if states and states[0] not in STATES:
        raise one_fault("/query/status", f"Choose one of {', '.join(STATES)}")
    after = read_cursor(query["cursor"], timed=True)
    rows = queries.page(
        session(),
        council_id=council_id(),
        wanted=queries.Filter(states, query["rail"], query["since"]),
        after=(after[0], after[1]) if after else None,
        limit=query["limit"] + 1,
    )
    page, following = paged(rows, limit=query["limit"], last=lambda row: (row.changed_at, row.id))
    days = queries.promised_days(session(), council_id=council_id(), rows=page)
    filed = _filed(page)
    data = [shapes.payment(row, pay_by=days[row.id]) | filed[row.id] for row in page]
    return {"data": data, "next_cursor": following}


@routes.route("/payments/<payment_id>", methods=["GET"])
@call("payments:read")
@routes.response(200, answers.PaymentOut)
def get_payment(payment_id: str) -> Any:
    """One payment."""
    return _answer(queries.get(session(), council_id=council_id(), payout_id=payment_id))


@routes.route("/payments/<payment_id>/hold", methods=["POST"])
@call("payments:hold", once_only=True, versioned=False)
@routes.response(200, answers.PaymentOut)
def hold_payment(payment_id: str) -> Any:
    """Stop a payment that has not left."""
    tag = seen(_locked(payment_id).tag, needed=False)
    return _answer(
        actions.hold(
            session(), council_id=council_id(), payout_id=payment_id, seen=tag, actor=actor(), now=now()
        )
    )


@routes.route("/payments/<payment_id>/release", methods=["POST"])
@call("payments:hold", once_only=True, versioned=True)
@routes.arguments(schemas.ByIn, required=False)
@routes.response(200, answers.PaymentOut)
def release_payment(given: dict[str, Any], payment_id: str) -> Any:
    """Let a held payment go. Needs If-Match. Above the policy's limit nobody who agreed to its claim may."""
    tag = seen(_locked(payment_id).tag)
    return _answer(
        actions.release(
            session(),
            council_id=council_id(),
            payout_id=payment_id,
            seen=tag,
            actor=actor(),
            by=given["by"],
            now=now(),
        )
    )


@routes.route("/payments/<payment_id>/cancel", methods=["POST"])
@call("payments:hold", once_only=True, versioned=False)
@routes.response(200, answers.PaymentOut)
def cancel_payment(payment_id: str) -> Any:
    """Call off a payment that has not left."""
    tag = seen(_locked(payment_id).tag, needed=False)
    return _answer(
        stopping.cancel(
            session(), council_id=council_id(), payout_id=payment_id, seen=tag, actor=actor(), now=now()
        )
    )


@routes.route("/payments/<payment_id>/paid", methods=["POST"])
@call("payments:report", once_only=True)
@routes.arguments(schemas.PaidIn)
@routes.response(200, answers.PaymentOut)
def report_paid(given: dict[str, Any], payment_id: str) -> Any:
    """Report that your finance system has paid it. The same report twice is one payment."""
    row = settling.report_paid(
        session(), council_id=council_id(), payout_id=payment_id, actor=actor(), now=now(), **given
    )
    return _answer(row)


@routes.route("/payments/<payment_id>/returned", methods=["POST"])
@call("payments:report", once_only=True)
@routes.arguments(file_fields.ReturnedIn)
@routes.response(200, answers.PaymentOut)
def report_returned(given: dict[str, Any], payment_id: str) -> Any:
    """Report that what was paid or handed over came back, or never left: the only way back from paid.

    The books are reversed, and the person is asked how to be paid again. The same report twice is one.
    """
    row = reporting.report_returned(
        session(), council_id=council_id(), payout_id=payment_id, actor=actor(), now=now(), **given
    )
    return _answer(row)


@routes.route("/ledger/entries", methods=["GET"])
@call("ledger:read")
@routes.arguments(schemas.AsOfQuery, location="query")
@routes.response(200, answers.page_of(answers.EntryOut))
def list_entries(query: dict[str, Any]) -> dict[str, Any]:
    """Ledger entries, oldest first."""
    after = read_cursor(query["cursor"], timed=True)
    rows = ledger.page(
        session(),
        council_id=council_id(),
        after=(after[0], after[1]) if after else None,
        limit=query["limit"] + 1,
        as_of=ledger.moment(session(), council_id=council_id(), as_of=query["as_of"]),
    )
    page, following = paged(rows, limit=query["limit"], last=lambda row: (row.posted_at, row.id))
    sides = ledger.postings(session(), council_id=council_id(), entry_ids=[row.id for row in page])
    return {"data": [shapes.entry(row, sides[row.id]) for row in page], "next_cursor": following}


@routes.route("/ledger/trial_balance", methods=["GET"])
@call("ledger:read")
@routes.arguments(schemas.TrialBalanceQuery, location="query")
@routes.response(200, answers.TrialBalanceOut)
def trial_balance(query: dict[str, Any]) -> dict[str, Any]:
    """Every account on which something stands, now or as of a moment. The two totals are always the same.

    A moment counts by when an entry was posted, so that an answer for the past never changes. What is only
    promised is left out, unless asked for with `memorandum`.
    """
    given = query["as_of"]
    as_of = ledger.moment(session(), council_id=council_id(), as_of=given) if given else None
    rows = ledger.trial_balance(
        session(), council_id=council_id(), as_of=as_of, memorandum=query["memorandum"]
    )
    return {
        "data": rows,
        "total_debit_pence": sum(row.debit_pence for row in rows),
        "total_credit_pence": sum(row.credit_pence for row in rows),
    }


def _locked(payment_id: str) -> Payout:
    return moving.locked(session(), council_id=council_id(), payout_id=payment_id)


def _answer(row: Payout) -> tuple[dict[str, Any], None, dict[str, str]]:
    days = queries.promised_days(session(), council_id=row.council_id, rows=[row])
    return shapes.payment(row, pay_by=days[row.id]) | _filed([row])[row.id], None, tagged(row.tag)


def _filed(rows: list[Payout]) -> dict[str, dict[str, Any]]:
    """Payment id → when a file in which it stands was taken, and when it brings the money."""
    key: dict[str, Any] = {"council_id": council_id(), "payout_ids": [row.id for row in rows]}
    taken = file_queries.acknowledged(session(), **key)
    days = file_queries.entry_days(session(), **key)
    return {
        row.id: {
            "acknowledged_at": taken[row.id].acknowledged_at if row.id in taken else None,
            "arrives_on": days.get(row.id),
        }
        for row in rows
    }
