"""A council with one thing of each kind; two alike in which all has happened; and every call there is."""

from __future__ import annotations

from dataclasses import dataclass

from service import ids as ids_of_rows
from service.councils import actions as councils
from service.events import SYSTEM
from service.payouts.control_tables import PaymentRun, PaymentRunLine
from service.rails import credentials
from service.tasks import hands, housekeeping
from tests.regions import base_text, region
from tests.stage import ROLES, Council, Door, Stage, told


@dataclass(frozen=True)
class Furnished:
    """A council in which every kind of thing is there to be called upon, and a key that may do everything."""

    council: Council
    door: Door
    ids: dict[str, str]


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
        "payment_id": claim["payments"][0]["id"],
        "job_id": "1.payouts.send",
        **_a_draft(council),
        "base_id": _an_offer(council, slug),
        "hold_id": _a_hold(council),
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
    for one in (first, second):
        # What nobody has relayed or sealed yet.
        one.council.session()
    return first, second


def _everything_happens(one: Furnished) -> None:
    council, stage = one.council, one.council.stage
    session_id = council.ticked("practice_review", role="team_member", minutes=400)
    stage.drain()
    claim = council.claim(session=session_id)
    seen = council.lead.get(f"claims/{claim['id']}").headers["ETag"]
    told(council.approver.post(f"claims/{claim['id']}/ask", {"question": "Which day?"}, seen=seen))
    council.ticked(account=None)
    with stage.hands.db.council(council.id) as session:
        member = councils.add_staff(
            session,
            council_id=council.id,
            email="bo@example.org",
            name="Bo",
            roles=("lead",),
            now=stage.clock(),
        )
        councils.make_link(
            session, council_id=council.id, kind="staff", subject_id=member.id, goes_to="/", now=stage.clock()
        )
        credentials.add(
            session,
            council_id=council.id,
            rail="stripe",
            kind="webhook_secret",
            values={"secret": "whsec_example"},
            vault=stage.hands.vault,
            actor=SYSTEM,
            now=stage.clock(),
        )


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
