"""How does one message leave, once? Noted before the call and after it; what may have left is asked after."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from service import log
from service.messages.protocol import Message, NotTaken, Unsure, Way
from service.notices import sendings, ways
from service.tasks.hands import Hands


def ways_of(hands: Hands, *, council_id: str) -> ways.Ways:
    """By which ways messages of a council can leave now."""
    with hands.db.council(council_id) as session:
        return ways.of_council(
            session, council_id=council_id, mail=hands.way, settings=hands.settings, vault=hands.vault
        )


def send(
    hands: Hands,
    *,
    council_id: str,
    message: Message,
    notice_id: str | None = None,
    among: ways.Ways | None = None,
) -> bool:
    """Let a message leave once, however often it is asked for. Answers whether there was a way at all.

    Raises `NotSent` and `Unsure`, which are tried again. What is never taken is noted, and raises nothing.
    """
    known = among or ways_of(hands, council_id=council_id)
    way = known.by.get(message.by)
    if way is None:
        if hands.way.name != "outbox":
            log.get().warning("message.no_way", key=message.key, by=message.by)
        return False
    with hands.db.council(council_id) as session:
        step = sendings.begin(
            session,
            council_id=council_id,
            message=message,
            via=way.name,
            notice_id=notice_id,
            now=hands.clock(),
        )
    if step == "done":
        return True
    known_as = way.find(message.key) if step == "ask" else None
    _note_sent(hands, council_id, message, known_as or _called(hands, council_id, message, way))
    return True


def send_all(
    hands: Hands,
    *,
    council_id: str,
    messages: Iterable[Message],
    own: Mapping[str, str] | None = None,
    among: ways.Ways | None = None,
) -> None:
    """Let each of these leave, also where one before it does not; the first trouble is raised at the end.

    `own`: message key → the notice that it is, where a person is to miss it.
    """
    trouble: Exception | None = None
    for message in messages:
        notice_id = (own or {}).get(message.key)
        try:
            send(hands, council_id=council_id, message=message, notice_id=notice_id, among=among)
        except Exception as error:  # noqa: BLE001 - whatever it is, the next one's message does not wait for it
            trouble = trouble or error
    if trouble is not None:
        raise trouble


def _called(hands: Hands, council_id: str, message: Message, way: Way) -> str | None:
    """Call the way. Answers how it knows the message; None where it will never take it."""
    try:
        return way.send(message) or ""
    except NotTaken as refusal:
        with hands.db.council(council_id) as session:
            sendings.fail(
                session, council_id=council_id, key=message.key, because=refusal.detail, now=hands.clock()
            )
        return None
    except Unsure:
        # It may have left: only when nobody knows of it is it called again.
        raise
    except Exception:
        with hands.db.council(council_id) as session:
            sendings.let_go(session, council_id=council_id, key=message.key, now=hands.clock())
        raise


def _note_sent(hands: Hands, council_id: str, message: Message, known_as: str | None) -> None:
    if known_as is not None:
        with hands.db.council(council_id) as session:
            sendings.left(
                session, council_id=council_id, key=message.key, external_id=known_as, now=hands.clock()
            )
