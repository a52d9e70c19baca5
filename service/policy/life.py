"""What may become of a draft, who must agree to it, and who may publish it? Rules only, no storage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

STATES = {
    "draft": "Draft",
    "simulated": "Tried on past claims",
    "signed_off": "Signed off",
    "published": "Published",
    "superseded": "Followed by another version",
}
# Whoever has one of these roles may always be the second person who reads a draft.
SECOND_PERSONS = ("policy_owner", "lead")
ROLE_WORDS = {
    "policy_owner": "a policy owner",
    "lead": "an involvement lead",
    "budget_holder": "a budget holder",
    "approver": "an approver",
    "finance": "somebody of finance",
}


@dataclass(frozen=True)
class Author:
    """Whoever writes, signs or publishes. `by` is the person in the caller's own system, where a key has
    several; `roles` are the caller's.
    """

    kind: str
    id: str
    by: str = ""
    roles: tuple[str, ...] = ()

    def may_be(self, other: Author) -> bool:
        """Whether both may be one person: a key that names nobody may speak for whoever it named."""
        mine, theirs = self.by.strip().lower(), other.by.strip().lower()
        same_caller = (self.kind, self.id) == (other.kind, other.id)
        return same_caller and (mine == theirs or not mine or not theirs)


@dataclass(frozen=True)
class Start:
    """One published version: from which day it counts. Listed in the order in which they count."""

    id: str
    effective_from: date


def state_of(
    policy_id: str, *, newest_first: Sequence[Start], simulated: bool, signed: bool, today: date
) -> str:
    """Where a draft or a version stands today."""
    for place, one in enumerate(newest_first):
        if one.id == policy_id:
            later = newest_first[:place]
            over = any(
                other.effective_from <= today or other.effective_from == one.effective_from for other in later
            )
            return "superseded" if over else "published"
    if simulated and signed:
        return "signed_off"
    return "simulated" if simulated else "draft"


@dataclass(frozen=True)
class Needs:
    """Who must agree beside a second person: staff with each of these roles, and so many co-producers."""

    roles: tuple[str, ...] = ()
    co_producers: int = 0

    def and_also(self, other: Needs) -> Needs:
        """Both together: a draft cannot let itself off what the policy in force asks for."""
        roles = tuple(dict.fromkeys((*self.roles, *other.roles)))
        return Needs(roles, max(self.co_producers, other.co_producers))

    def to_json(self) -> dict[str, Any]:
        """As it is kept with a draft."""
        return {"roles": list(self.roles), "co_producers": self.co_producers}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any] | None) -> Needs:
        """What is kept with a draft; nothing where it asks for nothing."""
        return cls(tuple(kept["roles"]), kept["co_producers"]) if kept else cls()


@dataclass(frozen=True)
class Sign:
    """One answer to a draft; `agrees` is None while somebody who was asked has not answered."""

    signer: Author
    agrees: bool | None


@dataclass(frozen=True)
class Missing:
    """What still stands between a draft and its day. `second`: no second person has agreed."""

    second: bool
    roles: tuple[str, ...]
    co_producers: int
    waiting: tuple[str, ...]
    against: tuple[Sign, ...]

    @property
    def nothing(self) -> bool:
        """Whether everybody who must agree has agreed, and nobody has said no."""
        return not (self.second or self.roles or self.co_producers or self.against)

    def words(self, names: Mapping[str, str] | None = None) -> list[str]:
        """Each thing that is missing, as a sentence. `names` are people's and staff's names by their ids."""
        known = names or {}
        found = [f"{said_by(one.signer, known)} does not agree." for one in self.against]
        if self.second:
            found.append("A second person has not read it and agreed yet.")
        found += [f"{_capital(ROLE_WORDS.get(role, role))} has not agreed yet." for role in self.roles]
        if self.co_producers:
            count = self.co_producers
            some = "1 person who is paid" if count == 1 else f"{count} people who are paid"
            asked = ", ".join(known.get(one, one) for one in self.waiting)
            rest = f"Asked and not answered yet: {asked}." if asked else "Nobody else has been asked."
            found.append(f"{some} by this policy must still agree. {rest}")
        return found


def missing(needs: Needs, signs: Sequence[Sign], *, author: Author) -> Missing:
    """Who must still agree to a draft of this author. What the author says to it does not count."""
    staff = [one for one in signs if one.signer.kind != "person" and not one.signer.may_be(author)]
    people = [one for one in signs if one.signer.kind == "person"]
    yes = [one for one in staff if one.agrees]
    agreed = sum(1 for one in people if one.agrees)
    return Missing(
        second=not any(set(one.signer.roles) & {*SECOND_PERSONS, *needs.roles} for one in yes),
        roles=tuple(role for role in needs.roles if not any(role in one.signer.roles for one in yes)),
        co_producers=max(needs.co_producers - agreed, 0),
        waiting=tuple(one.signer.id for one in people if one.agrees is None),
        against=tuple(one for one in (*staff, *people) if one.agrees is False),
    )


def may_sign(author: Author, needs: Needs) -> bool:
    """Whether this member of staff (or key) is one of those whose answer counts."""
    return bool(set(author.roles) & {*SECOND_PERSONS, *needs.roles})


def said_by(signer: Author, names: Mapping[str, str]) -> str:
    """What to call somebody: the person that a key named, else a name, else the id."""
    return signer.by or names.get(signer.id, signer.id)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
