"""Two councils alike, in which everything has happened; and every call there is, from the URL map."""

from __future__ import annotations

from service.councils import actions as councils
from service.tasks import hands, housekeeping
from tests.stage import Furnished, Stage, furnished, told

Neighbours = tuple[Furnished, Furnished]


def neighbours(stage: Stage) -> Neighbours:
    """Two councils with something in every table, so that an empty answer means a wall and no empty table."""
    first, second = (furnished(stage, slug, rail="sandbox") for slug in ("exampleshire", "demoford"))
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
