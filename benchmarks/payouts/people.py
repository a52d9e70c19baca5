"""Many people who are owed money: one goes the whole way, the others are copies of it."""

from __future__ import annotations

from typing import Any

from psycopg import Connection

from service import ids
from service.claims import actions as claims
from service.claims.drafting import NewClaim
from service.councils import actions as councils
from service.events import SYSTEM, Actor
from service.payouts import queries as payouts
from service.payouts.tables import Payout
from service.payouts.together import lock_all, move_all
from service.people import actions as people
from service.policy import actions as policies
from service.policy.sources import Sources
from service.tasks import NEXT, relay
from service.tasks.hands import Hands

POLICY = "policies/councils/exampleshire.yaml"
AT_A_TIME = 500


def council_with_one(hands: Hands) -> tuple[str, str]:
    """A council, and one person whose claim is agreed and whose payment is ready. Answers both ids."""
    council_id, now = ids.new("cou"), hands.clock()
    account = people.MethodGiven(
        "bank_account", account_name="A Bench", sort_code="108800", account_number="00012345"
    )
    with hands.db.council(council_id) as session:
        new = councils.NewCouncil(slug="benchshire", name="Benchshire", bank_rail="sandbox")
        councils.found(session, council_id=council_id, given=new, now=now)
        policies.adopt(
            session, council_id=council_id, sources=Sources.from_path(POLICY), actor=SYSTEM, now=now
        )
        key = Actor("key", "key_bench")
        person = people.add(session, council_id=council_id, name="Ada Bench", actor=key, now=now)
        people.set_method(
            session,
            council_id=council_id,
            person_id=person.id,
            given=account,
            allowed=["bank_account"],
            hold_hours=0,
            vault=hands.vault,
            actor=key,
            now=now,
        )
        facts = {
            "activity": "over_a_brew",
            "role": "participant",
            "minutes": 60,
            "online": True,
            "on": "2026-11-20",
        }
        given = NewClaim(person_id=person.id, facts=facts)
        claims.submit(session, council_id=council_id, given=given, actor=key, now=now)
    following = {name: tasks for name, tasks in NEXT.items() if name != "payout.ready"}
    relay.drain(hands, following=following)
    with hands.db.council(council_id) as session:
        (payout,) = payouts.of_person(session, council_id=council_id, person_id=person.id)
        if payout.state != "ready":
            raise SystemExit(f"The bench's own payment is {payout.state}.")
    return council_id, payout.id


def copy(line: Connection[Any], payout_id: str, *, count: int, mark: str) -> list[str]:
    """So many more like that one, each held, with a person and claim of its own. Answers the payments."""
    columns = {
        "people": ({"id": "person"}, "p.person_id = t.id"),
        "payment_methods": ({"id": "method", "person_id": "person"}, "p.method_id = t.id"),
        "claims": (
            {"id": "claim", "person_id": "person", "assessment_id": "assessment"},
            "p.claim_id = t.id",
        ),
        "claim_assessments": ({"id": "assessment", "claim_id": "claim"}, "p.claim_id = t.claim_id"),
        "obligations": (
            {"id": "owed", "claim_id": "claim", "person_id": "person"},
            "p.obligation_id = t.id",
        ),
        "payouts": (
            {
                "id": "pay",
                "obligation_id": "owed",
                "claim_id": "claim",
                "person_id": "person",
                "method_id": "method",
            },
            "p.id = t.id",
        ),
    }
    for table, (ids_of, where) in columns.items():
        fixed = {"state": "'held'", "held_because": "'by_hand'"} if table == "payouts" else {}
        _copy_table(line, table, ids_of, where, fixed, payout_id=payout_id, count=count, mark=mark)
    line.execute("ANALYZE")
    return [f"pay_{mark}{number:07}" for number in range(1, count + 1)]


def _copy_table(
    line: Connection[Any],
    table: str,
    ids_of: dict[str, str],
    where: str,
    fixed: dict[str, str],
    *,
    payout_id: str,
    count: int,
    mark: str,
) -> None:
    query = (
        "SELECT column_name FROM information_schema.columns"
        " WHERE table_schema = 'public' AND table_name = %s AND is_generated = 'NEVER'"
    )
    names = [name for (name,) in line.execute(query, (table,)).fetchall()]
    values = [
        fixed.get(name)
        or (f"'{ids_of[name]}_{mark}' || lpad(n::text, 7, '0')" if name in ids_of else f't."{name}"')
        for name in names
    ]
    into = ", ".join(f'"{name}"' for name in names)
    line.execute(
        f"INSERT INTO {table} ({into}) SELECT {', '.join(values)} FROM payouts p"
        f" JOIN {table} t ON t.council_id = p.council_id AND {where}"
        f" CROSS JOIN generate_series(1, {int(count)}) AS n WHERE p.id = %s",
        (payout_id,),
    )


def release(hands: Hands, council_id: str, payout_ids: list[str]) -> None:
    """Let them go, as a payment run does: some hundreds with each commit."""
    for start in range(0, len(payout_ids), AT_A_TIME):
        some = payout_ids[start : start + AT_A_TIME]
        with hands.db.council(council_id) as session:
            held: list[Payout] = lock_all(session, council_id=council_id, payout_ids=some)
            move_all(
                session,
                council_id=council_id,
                payouts=held,
                verb="release",
                actor=SYSTEM,
                now=hands.clock(),
                requests=dict.fromkeys(some, "req_bench_run"),
                also={"held_because": None},
            )
