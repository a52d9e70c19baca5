"""With which texts does a council or a region begin? A file, or a name and a base."""

from __future__ import annotations

from pathlib import PurePosixPath

from sqlalchemy.orm import Session

from service.councils.tables import Council
from service.errors import Invalid
from service.policy import queries as policies
from service.policy.completing import LIBRARY, complete
from service.policy.engine import check_policy
from service.policy.faults import PolicyFaults
from service.policy.rebasing import header_text, plain_council
from service.policy.sources import Sources, file_name


def sources(session: Session, *, council: Council, file: str | None, base: str | None) -> Sources:
    """The texts that a new council begins with: a policy file, or the smallest one on a base.

    `base` is `region/middleshire@1.0`, of its region or else of the library. Neither: its region's newest.
    Raises `Invalid` where none is named, `PolicyFaults` for what the checker finds.
    """
    offered = [one.sources for one in policies.bases(session, council_id=council.council_id)]
    if file:
        given = Sources.from_path(file)
        return complete(given.files[given.main], main=given.main, known=[given], bases=offered)
    found = _base(base, offered)
    text = plain_council(slug=council.slug, name=council.name, base=found)
    made = complete(text, main=f"councils/{council.slug}.yaml", known=[], bases=[found])
    if faults := check_policy(made):
        raise PolicyFaults(faults)
    return made


def as_base(given: Sources) -> Sources:
    """A base under the name by which councils extend it: `region/` and its file's own name."""
    name = f"region/{PurePosixPath(given.main).name}"
    return Sources(name, {name if one == given.main else one: text for one, text in given.files.items()})


def _base(wanted: str | None, offered: list[Sources]) -> Sources:
    if wanted is None:
        if not offered:
            raise Invalid("Name a policy file with --policy, a base with --base, or a region with --region.")
        return offered[0]
    name, _, version = wanted.partition("@")
    main = file_name(name, file="--base", line=1)
    known = [one for one in offered if one.main == main]
    if not known and (LIBRARY / main).is_file():
        known = [Sources.from_path(LIBRARY / main)]
    for one in known:
        if not version or _version(one) == version:
            return one
    has = ", ".join(dict.fromkeys(map(_version, known)))
    raise Invalid(f"There is no base {wanted}." + (f" {name} has version {has}." if has else ""))


def _version(found: Sources) -> str:
    return header_text(found.files[found.main], "version", file=found.main)
