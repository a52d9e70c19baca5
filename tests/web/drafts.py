"""Drafts of the small world's policy, made by the same verbs that the pages use."""

from __future__ import annotations

from datetime import timedelta

from service.days import london_day
from service.people import readers
from service.policy import actions, signing
from service.policy.life import Author
from service.policy.tables import PolicyDraft
from service.reports import simulation
from tests.api.test_policy_life import text
from tests.web.world import STAFF, World

__all__ = ["agreed", "asked", "asking", "drafted", "text", "tried"]

RULE = """
sign_off:
  clause: "E9"
  sentence: "Before these rules change, {co_producers} person who is paid by them reads it and agrees."
  co_producers: 1
"""


def asking() -> str:
    """The world's policy with a better rate, and it asks for one co-producer."""
    return text().replace("\nexamples:", f"{RULE}\nexamples:")


def staff(world: World, who: str) -> Author:
    """A member of staff, as one who writes and signs."""
    return Author("staff", world.staff[who], roles=STAFF[who][1])


def drafted(world: World, given: str | None = None, *, by: str = "pat") -> str:
    """A draft. Answers its id."""
    with world.db.council(world.council_id) as session:
        row: PolicyDraft = actions.write(
            session,
            council_id=world.council_id,
            text=given or text(),
            author=staff(world, by),
            now=world.now,
        )
        return row.id


def tried(world: World, draft: str) -> str:
    """Try it on the claims of a year. Answers the simulation's id."""
    today = london_day(world.now)
    with world.db.council(world.council_id) as session:
        return simulation.ask(
            session,
            council_id=world.council_id,
            policy_id=draft,
            since=today - timedelta(days=365),
            until=today,
            author=staff(world, "pat"),
            now=world.now,
        ).id


def asked(world: World, draft: str, *people: str) -> None:
    """Ask people to read it, and tell them."""
    with world.db.council(world.council_id) as session:
        readers.ask(
            session,
            council_id=world.council_id,
            policy_id=draft,
            person_ids=[world.people[who] for who in people],
            author=staff(world, "pat"),
            now=world.now,
        )
    world.drain()


def agreed(world: World, draft: str, who: str, *, agrees: bool = True, words: str = "") -> None:
    """A person, or a member of staff, says yes or no."""
    signer = Author("person", world.people[who]) if who in world.people else staff(world, who)
    with world.db.council(world.council_id) as session:
        signing.answer(
            session,
            council_id=world.council_id,
            policy_id=draft,
            signer=signer,
            agrees=agrees,
            words=words,
            now=world.now,
        )
