"""A council with one thing of each kind; two alike in which all has happened; and every call there is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from service import ids as ids_of_rows
from service.events import Actor
from service.exports.mapping import presets
from service.payouts import overpaying
from service.payouts.control_tables import PaymentRun, PaymentRunLine
from service.tasks import hands, housekeeping
from tests.furnishing import in_every_room
from tests.regions import base_text, region
from tests.remembered import remembered
from tests.stage import ROLES, Council, Door, Stage, told


@dataclass(frozen=True)
class Furnished:
    """A council in which every kind of thing is there to be called upon, and a key that may do everything."""

    council: Council
    door: Door
    ids: dict[str, str]


@remembered
def furnished(
    stage: Stage, slug: str = "exampleshire", *, rail: str = "finance_system", policy: str | None = None
) -> Furnished:
    """One thing of each kind; `ids` has an id for each name that stands in an address."""
    council = stage.council(slug, rail=rail, policy=policy)
    session_id, person_id = council.session(), council.person()
    offer_id = council.invited(session_id, person_id)
    told(council.tick(session_id, person_id))
    stage.drain()
    claim = council.claim(session=session_id)
    ids = {
        "person_id": person_id,
        "session_id": council.session(),
        "offer_id": offer_id,
        "claim_id": claim["id"],
        "overpayment_id": paid_too_much(council),
        "payment_id": claim["payments"][0]["id"],
        "job_id": "1.payouts.send",
        "period": "2026-01",
        "line": "bus",
        **_a_draft(council),
        "base_id": _an_offer(council, slug),
        "hold_id": _a_hold(council),
        **_a_file(council, rail),
        **_for_other_systems(council, rail),
    }
    ids["run_id"] = a_run(council, ids["payment_id"])
    return Furnished(council, council.key(*ROLES), ids)


def _a_hold(council: Council) -> str:
    """On a way of paying that nobody here is paid by."""
    hold = {"scope": "rail", "subject": "cash_desk", "reason": "The desk is closed"}
    hold_id: str = told(council.lead.post("holds", hold), 201)["id"]
    return hold_id


def a_run(council: Council, payment_id: str) -> str:
    """One that waits for a second person, and what it holds has gone another way: nothing follows from it."""
    now = council.stage.clock()
    with council.stage.hands.db.council(council.id) as session:
        run = PaymentRun(
            council_id=council.id,
            id=ids_of_rows.new("run"),
            rail="bacs",
            due_at=now,
            opened_by="rule:policy",
            opened_for="",
            opened_at=now,
            filled_at=now,
        )
        session.add(run)
        session.flush()
        line = PaymentRunLine(
            council_id=council.id, run_id=run.id, payout_id=payment_id, amount_pence=1, cost_centre="C"
        )
        session.add(line)
    council.stage.hands.sandbox.set_funds(council_id=council.id, pence=None)
    return run.id


def _a_file(council: Council, rail: str) -> dict[str, str]:
    """A file for the council's finance system, and a report that fits nothing."""
    with council.stage.admin() as line:
        change = "UPDATE councils SET bank_rail = %s WHERE council_id = %s"
        line.execute(change, ("finance_system", council.id))
        council.ticked()
        council.stage.drain()
        built = told(council.finance.post("files", {"rail": "finance_system"}), 201)
        line.execute(change, (rail, council.id))
    report = {"kind": "settlement", "content": "payment_id,status\npay_of_nobody,paid\n"}
    read = told(council.finance.post("imports", report), 201)
    return {"file_id": built["id"], "import_id": read["id"]}


def _for_other_systems(council: Council, rail: str) -> dict[str, str]:
    """A webhook endpoint on this machine, a mapping, an export, and a comparison that found something."""
    hook = {"url": "http://127.0.0.1:9/hooks", "events": ["claim.approved"]}
    endpoint = told(council.finance.post("webhook_endpoints", hook), 201)
    since = {"since": (council.stage.clock() - timedelta(hours=1)).isoformat()}
    told(council.finance.post(f"webhook_endpoints/{endpoint['id']}/replay", since))
    text = presets()["ledger-journal"].replace("name: General", "name: Our general")
    told(council.finance.put("export_mappings", {"text": text}))
    kind, preset = "journal", "ledger-journal"
    if rail == "finance_system":
        # What was owed so far is in a file, and no payment leaves twice.
        council.ticked()
        council.stage.drain()
        kind, preset = "accounts_payable", "accounts-payable"
    export = told(council.finance.post("exports", {"kind": kind, "preset": preset}), 201)
    line = {"payment": "pay_of_nobody", "amount_pence": 1, "status": "paid"}
    record = {"rail": "voucher", "since": "2026-10-01T00:00:00Z", "lines": [line]}
    compared = told(council.finance.post("reconciliations", record), 201)
    (found,) = told(council.finance.get("reconciliation_findings", open="true"))["data"]
    return {
        "endpoint_id": endpoint["id"],
        "export_id": export["id"],
        "reconciliation_id": compared["id"],
        "finding_id": found["id"],
    }


def paid_too_much(council: Council) -> str:
    """Somebody was paid, and then taken off the register. A cost was booked for them too."""
    session_id, person_id = council.session(), council.person("Pat Overpaid")
    council.invited(session_id, person_id)
    told(council.tick(session_id, person_id))
    council.stage.drain()
    claim = council.claim(session=session_id)
    if claim["status"] != "paid":
        report = {"bank_reference": "F-1", "paid_on": "2026-11-01"}
        told(council.finance.post(f"payments/{claim['payments'][0]['id']}/paid", report))
    told(council.tick(session_id, person_id, attended=False))
    council.stage.drain()
    before = {"person": person_id, "session": council.session(), "category": "bus", "amount_pence": 500}
    told(council.lead.post("booked_costs", {**before, "reason": "A ticket."}), 201)
    (found,) = told(council.lead.get("overpayments"))["data"]
    return str(found["id"])


def _a_draft(council: Council) -> dict[str, str]:
    """The council's own policy with another name, tried on what was claimed so far."""
    (live,) = told(council.lead.get("policies"))["data"]
    text = told(council.lead.get(f"policies/{live['id']}"))["text"].replace("(illustrative)", "(a draft)")
    draft = told(council.lead.post("policies", {"text": text}), 201)
    tried = told(council.lead.post(f"policies/{draft['id']}/simulations", {}), 201)
    readers = {"people": [council.person("Rowan Reader")]}
    told(council.lead.post(f"policies/{draft['id']}/sign_offs", readers), 201)
    return {"policy_id": draft["id"], "simulation_id": tried["id"]}


def _an_offer(council: Council, slug: str) -> str:
    """A version that the council's own region published, and that the council has not taken on."""
    own = region(council.stage, f"region-of-{slug}", council)
    draft = told(own.lead.post("policies", {"text": base_text(), "by": "ada"}), 201)
    told(own.lead.post(f"policies/{draft['id']}/simulations", {}), 202)
    council.stage.drain()
    offered: str = told(own.lead.post(f"policies/{draft['id']}/publish", {"by": "bo"}))["id"]
    return offered


Neighbours = tuple[Furnished, Furnished]


@remembered
def neighbours(stage: Stage) -> Neighbours:
    """Two councils with something in every table, so that an empty answer means a wall and no empty table."""
    # Samplebury's policy counts activities, so that the tables of allowances hold something too.
    first, second = (
        furnished(stage, slug, rail="sandbox", policy="samplebury") for slug in ("exampleshire", "demoford")
    )
    for one in (first, second):
        _everything_happens(one)
    hands.use(stage.hands)
    housekeeping.seal_events()
    housekeeping.check_books()
    for one in (first, second):
        # What nobody has relayed or sealed yet.
        one.council.session()
    return first, second


def _everything_happens(one: Furnished) -> None:
    council, stage = one.council, one.council.stage
    _says_yes(one)
    session_id = council.ticked("practice_review", role="team_member", minutes=400)
    stage.drain()
    claim = council.claim(session=session_id)
    seen = council.lead.get(f"claims/{claim['id']}").headers["ETag"]
    told(council.approver.post(f"claims/{claim['id']}/ask", {"question": "Which day?"}, seen=seen))
    council.ticked(account=None)
    asked = council.offer(council.session(), one.ids["person_id"])
    with stage.hands.db.council(council.id) as session:
        in_every_room(session, one, asked=asked)


def _says_yes(one: Furnished) -> None:
    """Something comes off the next fee of whoever was paid too much, because they say that it may."""
    council, stage = one.council, one.council.stage
    path = f"overpayments/{one.ids['overpayment_id']}"
    told(council.finance.post(f"{path}/ask"))
    person_id = told(council.lead.get(path))["person"]
    with stage.hands.db.council(council.id) as session:
        overpaying.answer(
            session,
            council_id=council.id,
            overpayment_id=one.ids["overpayment_id"],
            most_pence=50,
            actor=Actor("person", person_id),
            now=stage.clock(),
        )
    session_id = council.session()
    council.invited(session_id, person_id)
    told(council.tick(session_id, person_id))
    stage.drain()


def routes(stage: Stage) -> list[tuple[str, str]]:
    """Every call under `/v1` that needs a key, as (method, rule), from the URL map."""
    return sorted(
        (method, rule.rule)
        for rule in stage.app.url_map.iter_rules()
        if rule.rule.startswith("/v1/") and hasattr(stage.app.view_functions[rule.endpoint], "shares")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    )


def scope_of(stage: Stage, method: str, rule: str) -> str:
    """The scope that a call names as needed."""
    for one in stage.app.url_map.iter_rules():
        if one.rule == rule and method in (one.methods or set()):
            scope: str = stage.app.view_functions[one.endpoint].shares.scope  # type: ignore[attr-defined]
            return scope
    raise LookupError(rule)


def filled(rule: str, ids: dict[str, str]) -> str:
    """The address of a rule with these ids in it."""
    for name, value in ids.items():
        rule = rule.replace(f"<{name}>", value)
    if "<" in rule:
        raise LookupError(f"{rule}: a new kind of id. Let furnished() have one of it.")
    return rule


def pages_of(one: Furnished, door: str) -> Iterator[tuple[str, str]]:
    """Every method and address under a door of the pages, filled with what is there."""
    ids = one.ids | {"slug": "exampleshire", "authority_id": "aut_1", "payout_id": one.ids["payment_id"]}
    for rule in one.council.stage.app.url_map.iter_rules():
        if not rule.endpoint.startswith(f"web.{door}."):
            continue
        values: dict[str, Any] = {name: ids.get(name, "hold") for name in rule.arguments}
        for name in rule.arguments:
            converter = rule._converters[name]
            if name not in ids and hasattr(converter, "items"):
                values[name] = sorted(converter.items)[0]
            elif name not in ids:
                values[name] = "kind"
        built = rule.build(values, append_unknown=False)
        assert built is not None, rule
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield method, built[1]
