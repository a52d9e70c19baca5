"""What can somebody in a story do? Each thing is one public verb of the service, done once however often the
tale is told. Stories speak of people by their first names.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from service.approvals import actions as approvals
from service.approvals.actions import LineSum
from service.approvals.model import Decider
from service.claims import actions as claims
from service.claims import answering
from service.claims import queries as claim_queries
from service.claims.drafting import NewClaim
from service.councils import queries as councils
from service.days import london_day
from service.dev.cast import Someone
from service.dev.place import Place
from service.dev.tickets import ticket
from service.notices import reaching
from service.notices.reaching import UNSAID
from service.payouts import actions as payouts
from service.payouts import putting_off, settling
from service.payouts import queries as payout_queries
from service.people import actions as people
from service.people import confirming, helping, lines
from service.people.helping import HelperGiven
from service.policy import queries as policies
from service.receipts import actions as receipts
from service.sessions import actions as sessions
from service.sessions import asking
from service.sessions import queries as session_queries
from service.tasks import payouts as payout_tasks


class Town(Place):
    """A council with everything that people and staff can do there."""

    def welcomes(self, who: str, someone: Someone) -> None:
        """A member of staff adds somebody who will be paid."""
        first = someone.name.split()[0]
        email = f"{first.lower()}@example.com" if someone.emailed else ""
        self.step(
            f"welcomes {first}",
            lambda session: people.add(
                session, name=someone.name, email=email, phone=someone.phone, **self.as_staff(who)
            ),
        )

        if someone.reached != UNSAID:

            def one(session: Session, name: str) -> None:
                given, person_id = someone.reached, self.id_of(name)
                reaching.choose(session, person_id=person_id, given=given, **self.as_staff(who))

            self.each("writes to", (first,), one)

    def names_helper(self, name: str, helper: str) -> None:
        """Somebody lets another answer offers and ask for costs for them, for the usual time."""
        own = self.as_person(name)
        given = HelperGiven(
            "supporter",
            helper,
            f"{helper.split()[0].lower()}@example.com",
            may_answer=True,
            may_ask=True,
            until_day=helping.usual_end(own["now"]),
        )
        self.step(
            f"names {helper}",
            lambda session: helping.name(session, person_id=self.id_of(name), given=given, **own),
        )

    # ------------------------------------------------------------- Before the day

    def plans(self, who: str, given: sessions.NewSession) -> str:
        """A member of staff adds a session. Answers its id."""
        return self.step(
            f"plans {given.title} {given.starts_at:%Y-%m-%d}",
            lambda session: sessions.plan(session, given=given, **self.as_staff(who)),
        )

    def offers(self, who: str, session_id: str, role: str, *names: str, **facts: Any) -> None:
        """A member of staff offers places in one role, with facts such as `preparation_minutes`."""

        def one(session: Session, name: str) -> None:
            given = sessions.NewOffer(self.id_of(name), role, facts)
            sessions.offer(session, session_id=session_id, given=given, **self.as_staff(who))

        self.each(f"offers {session_id} {role}", names, one)

    def says_yes(
        self, session_id: str, *names: str, pence: int | None = None, give_to: str | None = None
    ) -> None:
        """People accept: all of the fee, less, or to give it away."""

        def one(session: Session, name: str) -> None:
            offer_id = self._offer_to(session, session_id, name)
            own = self.as_person(name)
            sessions.accept(session, offer_id=offer_id, accept_pence=pence, give_to=give_to, **own)

        self.each(f"says yes {session_id}", names, one)

    def sets_a_line(self, name: str, *, pence: int, starts: int) -> None:
        """Somebody wants to be told before they would pass a sum in a week. `starts`: 0 for Monday."""

        def verb(session: Session) -> str:
            lines.put(
                session,
                council_id=self.council_id,
                person_id=self.id_of(name),
                per="week",
                amount_pence=pence,
                starts=starts,
                now=self.hands.clock(),
            )
            return ""

        self.step(f"sets a line {name}", verb)

    def would_like_it_on(self, session_id: str, name: str, day: date) -> None:
        """Somebody chooses a later day for the fee of an offer."""

        def verb(session: Session) -> Any:
            offer_id = self._offer_to(session, session_id, name)
            return putting_off.for_offer(
                session, offer_id=offer_id, answer="later", day=day, **self.as_person(name)
            )

        self.step(f"would like {session_id} on {day} {name}", verb)

    def says_no(self, session_id: str, *names: str) -> None:
        """People decline. Nobody asks why."""

        def one(session: Session, name: str) -> None:
            offer_id = self._offer_to(session, session_id, name)
            sessions.decline(session, offer_id=offer_id, **self.as_person(name))

        self.each(f"says no {session_id}", names, one)

    def wonders(self, name: str, session_id: str, words: str) -> str:
        """Somebody asks a question about their offer. Answers the question's id."""

        def verb(session: Session) -> Any:
            offer_id = self._offer_to(session, session_id, name)
            return asking.ask_question(session, offer_id=offer_id, words=words, **self.as_person(name))

        return self.step(f"wonders {name} {session_id} {words}", verb)

    def needs_before(self, name: str, session_id: str, given: asking.CostAsk) -> str:
        """Somebody asks for a cost to be met before the day. Answers the id of that."""

        def verb(session: Session) -> Any:
            offer_id = self._offer_to(session, session_id, name)
            return asking.ask_for_cost(session, offer_id=offer_id, given=given, **self.as_person(name))

        return self.step(f"needs before {name} {session_id} {given.category}", verb)

    def replies(self, who: str, ask_id: str, words: str) -> None:
        """A member of staff answers a question."""
        self.step(
            f"replies {ask_id}",
            lambda session: asking.answer(session, ask_id=ask_id, words=words, **self.as_staff(who)),
        )

    def cannot_pay_before(self, who: str, ask_id: str, words: str) -> None:
        """A member of staff says no to a cost before the day, and why."""
        self.step(
            f"cannot pay before {ask_id}",
            lambda session: asking.refuse(session, ask_id=ask_id, words=words, **self.as_staff(who)),
        )

    def books(self, who: str, ask_id: str, pence: int, words: str) -> None:
        """A member of staff books what somebody needs, and pays for it."""
        met: dict[str, Any] = {"how": "book", "amount_pence": pence, "words": words}
        self.step(
            f"books {ask_id}",
            lambda session: answering.meet(session, ask_id=ask_id, **met, **self.as_staff(who)),
        )

    def _offer_to(self, session: Session, session_id: str, name: str) -> str:
        made = session_queries.offers(session, council_id=self.council_id, session_id=session_id)
        return next(offer.id for offer in reversed(made) if offer.person_id == self.id_of(name))

    def cancels(self, who: str, session_id: str) -> None:
        """A member of staff cancels a session, and with it every offer."""
        self.step(
            f"cancels {session_id}",
            lambda session: sessions.cancel(session, session_id=session_id, **self.as_staff(who)),
        )

    # ------------------------------------------------------------- On the day

    def ticks(
        self, who: str, session_id: str, *names: str, minutes: int | None = None, role: str | None = None
    ) -> None:
        """A member of staff ticks who came. `minutes`, `role`: where they differ from the offer."""
        self._register(who, session_id, [sessions.Tick(self.id_of(n), True, minutes, role) for n in names])

    def unticks(self, who: str, session_id: str, *names: str) -> None:
        """A member of staff takes ticks back."""
        self._register(who, session_id, [sessions.Tick(self.id_of(n), False) for n in names])

    def _register(self, who: str, session_id: str, ticks: list[sessions.Tick]) -> None:
        def verb(session: Session) -> str:
            sessions.tick_register(session, session_id=session_id, ticks=ticks, **self.as_staff(who))
            return ""

        self.step(f"register {session_id} {ticks}", verb)

    # ------------------------------------------------------------- Asking for money

    def fee_claim(self, session_id: str, name: str) -> str:
        """The claim that the register raised for somebody."""
        with self.hands.db.council(self.council_id) as session:
            found = claim_queries.fee_claim(
                session, council_id=self.council_id, session_id=session_id, person_id=self.id_of(name)
            )
        if found is None:
            raise LookupError(f"{self.story}: the register raised no claim for {name}.")
        return found.id

    def asks_for_costs(self, name: str, session_id: str, *expenses: dict[str, Any]) -> str:
        """Somebody asks for what they spent. Answers the claim's id."""
        given = NewClaim(self.id_of(name), session_id=session_id, expenses=expenses)
        what = ", ".join(str(cost["category"]) for cost in expenses)
        return self.step(
            f"asks for costs {name} {session_id} {what}",
            lambda session: claims.submit(session, given=given, **self.as_person(name)),
        )

    def sends_a_ticket(self, name: str, claim_id: str, *, what: str, pence: int) -> None:
        """Somebody sends a picture with the first cost of a claim, where this machine keeps pictures."""

        def send(session: Session) -> str:
            if self.hands.receipts.store is None:
                return ""
            taken = self.hands.receipts.take(ticket(what, pence), council_id=self.council_id)
            own = self.as_person(name) | {"person_id": self.id_of(name)}
            row = receipts.add(session, taken=taken, **own)
            receipts.attach(session, claim_id=claim_id, numbers={row.id: 0}, **own)
            return row.id

        self.step(f"sends a ticket {claim_id}", send)

    def takes_back(self, name: str, claim_id: str) -> None:
        """Somebody withdraws a claim before anybody has agreed it."""
        self.step(
            f"takes back {claim_id}",
            lambda session: claims.withdraw(session, claim_id=claim_id, **self.as_person(name)),
        )

    def answers(self, name: str, claim_id: str, words: str) -> None:
        """Somebody answers the question that stood in the way."""
        self.step(
            f"answers {claim_id}",
            lambda session: approvals.answer(session, claim_id=claim_id, words=words, **self.as_person(name)),
        )

    # ------------------------------------------------------------- Deciding

    def _deciding(self, session: Session, who: str, claim_id: str) -> dict[str, Any]:
        """Where, who, when and what they have seen, of a decision by a member of staff."""
        council_id, staff_id = self.council_id, self.id_of(who)
        caller = councils.caller_by_staff(session, council_id=council_id, staff_id=staff_id)
        roles = caller.approves_as if caller else frozenset()
        return {
            "council_id": council_id,
            "claim_id": claim_id,
            "decider": Decider("staff", staff_id, roles=roles),
            "seen": claim_queries.get(session, council_id=council_id, claim_id=claim_id).tag,
            "now": self.hands.clock(),
        }

    def approves(self, who: str, *claim_ids: str, sums: tuple[LineSum, ...] = ()) -> None:
        """A member of staff says yes. `sums` settle the lines that the policy left open."""

        def one(session: Session, claim_id: str) -> None:
            approvals.approve(session, sums=sums, **self._deciding(session, who, claim_id))

        self.each(f"approves {who}", claim_ids, one)

    def refuses(self, who: str, claim_id: str, *, clause: str, reason: str) -> None:
        """A member of staff says no, with the clause and a reason that the person will read."""
        self.step(
            f"refuses {claim_id}",
            lambda session: approvals.refuse(
                session, clause=clause, reason=reason, **self._deciding(session, who, claim_id)
            ),
        )

    def asks(self, who: str, claim_id: str, question: str) -> None:
        """A member of staff asks something before deciding."""
        self.step(
            f"asks {claim_id}",
            lambda session: approvals.ask(
                session, question=question, **self._deciding(session, who, claim_id)
            ),
        )

    # ------------------------------------------------------------- Money on its way

    def wants(self, name: str, given: people.MethodGiven, *, told_by: str | None = None) -> None:
        """Somebody says how they want to be paid; `told_by` a member of staff who writes it down for them."""
        where = self.as_staff(told_by) if told_by else self.as_person(name)
        today = london_day(where["now"])

        def verb(session: Session) -> Any:
            policy = policies.in_force(session, council_id=self.council_id, on=today).policy
            hours = policy.terms(on=today)["hold_new_details_hours"]
            method = people.set_method(
                session,
                person_id=self.id_of(name),
                given=given,
                allowed=[method["kind"] for method in policy.catalogue(on=today)["payment_methods"]],
                hold_hours=hours,
                vault=self.hands.vault,
                **where,
            )
            return self._confirmed(session, name, method, hours) if told_by is None else method

        self.step(f"wants {name} {given.kind} {given.account_number[-4:]}", verb)

    def _confirmed(self, session: Session, name: str, method: Any, hours: int) -> Any:
        """The person types the code from their message, where the change waits for one."""
        own = self.as_person(name)
        asked = confirming.open_question(
            session, council_id=self.council_id, person_id=self.id_of(name), now=own["now"]
        )
        if method.state != "proposed" or asked is None:
            return method
        code = confirming.code_of(secret_key=self.hands.settings.secret_key, confirmation_id=asked.id)
        return confirming.confirm(
            session,
            person_id=self.id_of(name),
            typed=code,
            secret_key=self.hands.settings.secret_key,
            hold_hours=hours,
            **own,
        )

    def _payment(self, session: Session, claim_id: str) -> tuple[str, str]:
        """Id and tag of the newest payment of a claim."""
        made = payout_queries.of_claims(session, council_id=self.council_id, claim_ids=[claim_id])
        return made[claim_id][-1].id, made[claim_id][-1].tag

    def holds(self, who: str, claim_id: str) -> None:
        """Finance puts the payment of a claim on hold."""

        def verb(session: Session) -> Any:
            payout_id, seen = self._payment(session, claim_id)
            return payouts.hold(session, payout_id=payout_id, seen=seen, **self.as_staff(who))

        self.step(f"holds {claim_id}", verb)

    def reports_paid(self, who: str, *claim_ids: str, reference: str, on: date) -> None:
        """Finance has paid claims from its own system, by voucher or in cash, and says so."""

        def one(session: Session, claim_id: str) -> None:
            payout_id = self._payment(session, claim_id)[0]
            told = {"bank_reference": reference, "paid_on": on, **self.as_staff(who)}
            settling.report_paid(session, payout_id=payout_id, **told)

        self.each("reports paid", claim_ids, one)

    def waits_for_the_bank(self) -> None:
        """Time passes at the pretend bank, and payments whose fate is unknown are asked after."""
        now = self.hands.clock()
        self.hands.sandbox.pass_time(council_id=self.council_id, now=now)
        payout_tasks.sweep(self.hands, council_id=self.council_id, now=now)
