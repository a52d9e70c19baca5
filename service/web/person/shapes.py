"""What do the pages of the person who is paid show? One frozen shape a page, filled by the views."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from service.web.statuses import Status
from service.web.sums import Sum


@dataclass(frozen=True)
class Step:
    """One thing that happened: when, what, who did it, and the words that came with it."""

    at: datetime
    what: str
    who: str = ""
    words: str = ""


@dataclass(frozen=True)
class Occasion:
    """A session as a person needs it: what, when, where."""

    title: str
    activity: str
    starts_at: datetime
    ends_at: datetime
    online: bool
    place: str

    @property
    def where(self) -> str:
        """`Online`, the place, or a plain word that it is not known yet."""
        return "Online" if self.online else self.place or "We will tell you the place"


@dataclass(frozen=True)
class Cost:
    """A kind of cost that is paid back, in the policy's words. `first`: to be agreed before it is spent."""

    name: str
    text: str
    first: bool


@dataclass(frozen=True)
class AskShown:
    """Something that the person asked about an offer, in words, and its answer. `waits`: not answered yet.

    `may_disagree`: it was refused, and somebody may look at it again.
    """

    id: str
    title: str
    asked: str
    asked_at: datetime
    status: Status
    answer: str
    who: str
    waits: bool
    may_disagree: bool = False


@dataclass(frozen=True)
class Plans:
    """What is due if plans change. `terms`: the policy's sentences; `by_you`: what it comes to now.

    `by_you` is None where the policy gives nothing when the person cancels.
    """

    terms: tuple[str, ...]
    notice: str
    by_you: Sum | None


@dataclass(frozen=True)
class OfferPage:
    """An offer, and what the person said to it. `over`: the day has passed.

    `facts`: what may be said about benefits and tax, as of `facts_of`. `due`: what is due for an offer that
    ended after a yes. `had_yes`: whether there was one.
    """

    id: str
    session_id: str
    occasion: Occasion
    role: str
    sum: Sum
    costs: tuple[Cost, ...]
    promise: str
    paid_how: str
    way_unknown: bool
    status: Status
    state: str
    accept_pence: int | None
    give_to: str
    over: bool
    how_long: str
    facts: tuple[str, ...]
    facts_of: date
    asks: tuple[AskShown, ...]
    may_ask_cost: bool
    may_give: bool
    plans: Plans | None = None
    had_yes: bool = False
    due: Sum | None = None
    due_claim: str = ""
    place_only: bool = False

    @property
    def may_answer(self) -> bool:
        """Whether yes is still open."""
        return self.state in ("made", "declined") and not self.over

    @property
    def stands(self) -> bool:
        """Whether the money is still to come, or may be. After a no nothing comes until yes is said."""
        return self.state == "accepted" or (self.state == "made" and self.may_answer)


@dataclass(frozen=True)
class Money:
    """One payment: where it is, the day promised, the day it came, and what it waits for."""

    amount_pence: int
    status: Status
    promised: date | None
    came: date | None
    late: bool
    why: str
    reference: str


@dataclass(frozen=True)
class OnTop:
    """What a later version of the policy gives more, offered for a yes or a no. `because`: what changed."""

    claim_id: str
    amount_pence: int
    because: tuple[str, ...]


@dataclass(frozen=True)
class Entry:
    """One row of a person's own page: an offer or a claim, with its money if there is any.

    `chosen`: the day, or the two parts, that the person chose for a fee which nobody has agreed yet.
    """

    title: str
    when: str
    href: str
    status: Status
    amount_pence: int | None
    next_step: str
    next_href: str = ""
    money: tuple[Money, ...] = ()
    promised: date | None = None
    to_do: bool = False
    on_top: OnTop | None = None
    turn: str = ""
    chosen: str = ""


@dataclass(frozen=True)
class MyPage:
    """Everything in one place. `late` comes first on the page, then what waits for the person."""

    name: str
    late: tuple[Entry, ...]
    to_do: tuple[Entry, ...]
    coming: tuple[Entry, ...]
    just_been: tuple[Entry, ...]
    rest: tuple[Entry, ...]
    earlier: tuple[Entry, ...]
    may_claim_for: tuple[tuple[str, str], ...]
    paid_how: str
    proposed: bool
    own_change: bool = False
    overpaid: tuple[Any, ...] = ()
    unsent: tuple[Unsent, ...] = ()
    past_line: tuple[Any, ...] = ()


@dataclass(frozen=True)
class TopUp:
    """A link from a claim to what came on top of it."""

    id: str
    amount_pence: int
    status: Status


@dataclass(frozen=True)
class ClaimPage:
    """One claim: its sum and reasons, what happened, and the money.

    `topped`: the claim that this one comes on top of; `top_ups`: what came on top of this one. `rest_of`: the
    claim of which this is the later part; `later`: the later part of this one.
    """

    id: str
    title: str
    when: str
    status: Status
    sum: Sum
    steps: tuple[Step, ...]
    money: tuple[Money, ...]
    promised: date | None
    late: bool
    total_pence: int
    question: str
    over: bool
    refused: bool
    refusal: str
    with_whom: str
    may_take_back: bool
    add_cost: str
    on_top: OnTop | None = None
    topped: str = ""
    top_ups: tuple[TopUp, ...] = ()
    corrects: str = ""
    rest_of: str = ""
    later: TopUp | None = None
    corrections: tuple[Corrected, ...] = ()
    overpaid: tuple[Any, ...] = ()
    may_correct: bool = False
    less: str = ""
    receipts: tuple[Shown, ...] = ()
    may_add_receipt: bool = False
    may_change: bool = False
    offer: str = ""
    # Who at the council sent this claim for the person, and how they were told.
    entered: str = ""
    rest: NotAgreed | None = None


@dataclass(frozen=True)
class NotAgreed:
    """What of an agreed claim was not paid in full; whether another look waits; what the last one found."""

    lines: tuple[str, ...]
    looked_at: bool
    found: str


@dataclass(frozen=True)
class Corrected:
    """One correction of a claim: what changed, both sums, and the claim for what is owed more."""

    at: datetime
    what: str
    words: str
    before_pence: int
    after_pence: int
    waits: bool
    more_id: str = ""
    more_pence: int = 0


@dataclass(frozen=True)
class Choice:
    """One thing to choose from, with a line below it."""

    value: str
    text: str
    hint: str = ""


@dataclass(frozen=True)
class Ask:
    """One question on a page of its own. `kind`: choice, yes_no, money, number or text.

    `missing`: what is said where it has no answer, if not the usual sentence of its kind.
    """

    name: str
    kind: str
    title: str
    hint: str = ""
    unit: str = ""
    choices: tuple[Choice, ...] = ()
    missing: str = ""


@dataclass(frozen=True)
class Change:
    """One answer on a "check your answers" page, and where to change it."""

    question: str
    answer: str
    href: str


@dataclass(frozen=True)
class Unsent:
    """A claim that was begun and not sent: where it goes on, what it is for, when it was touched last."""

    href: str
    title: str
    changed_at: datetime


@dataclass(frozen=True)
class WrittenCost:
    """One cost of a claim that is being written, with every answer and where to change it."""

    name: str
    changes: tuple[Change, ...]
    remove_at: str


@dataclass(frozen=True)
class Noticed:
    """Something that looks like another claim, or like itself; `href` shows the other."""

    text: str
    href: str = ""


@dataclass(frozen=True)
class Shown:
    """A receipt on a page. `cost_number` is from 0; `scanned`: a check for harmful files found nothing."""

    id: str
    cost_number: int
    state: str
    is_picture: bool
    pages: int
    scanned: bool
    came: datetime
