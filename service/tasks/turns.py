"""How does trouble with one leave the others their turn?"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from service import log


def each(
    ids: Iterable[str], work: Callable[[str], object], *, failed: str, called: str, **about: str
) -> None:
    """Do this for each id. Trouble with one is logged as `failed`, its id under `called`; the next comes."""
    for one in ids:
        try:
            work(one)
        except Exception:  # noqa: BLE001 - whatever it is, the money and the chains of the others do not wait
            log.get().error(failed, **{called: one}, **about, exc_info=True)


def go_round(council_ids: Iterable[str], work: Callable[[str], object]) -> None:
    """Do this for each council."""
    each(council_ids, work, failed="housekeeping.failed", called="council_id")


def in_pages(page: Callable[[str], str]) -> None:
    """Do one page after another, each handed what the one before answered, until one answers nothing."""
    after = page("")
    while after:
        after = page(after)
