"""Does the register page take ticks from anybody, twice, at once, late, without a signal, and pay once?"""

from __future__ import annotations

import re
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from service.notices import queries as notices
from service.people import queries as people
from service.sessions import moving
from service.sessions import queries as sessions
from tests.web.test_sign_in import OURS
from tests.web.world import World


class Phone:
    """The register page at somebody's browser: what it shows, what is ticked on it, and what is sent."""

    def __init__(self, world: World, who: str, *, session: str = "brew") -> None:
        self.world = world
        self.client: FlaskClient = world.client("staff", who)
        self.path = f"/{world.slug}/staff/sessions/{world.sessions[session]}/register"
        self.opens()

    def opens(self) -> str:
        """Open the page anew."""
        self.page = self.client.get(self.path).text
        return self.page

    @property
    def fields(self) -> dict[str, Any]:
        """Everything that the page would send as it stands."""
        found: dict[str, Any] = {"on_page": [], "came": []}
        for tag in re.findall(r"<input[^>]*>", self.page):
            name, value = (re.search(rf'{key}="([^"]*)"', tag) for key in ("name", "value"))
            if name is None or 'type="radio"' in tag:
                continue
            if name[1] == "came":
                found["came"] += [value[1]] if value and " checked" in tag else []
            elif name[1] == "on_page":
                found["on_page"] += [value[1]] if value else []
            else:
                found[name[1]] = value[1] if value else ""
        return found

    def sends(self, *came: str, script: bool = False, **more: Any) -> TestResponse:
        """Tick just these, and press save."""
        ids = [self.world.people.get(who, who) for who in came]
        data = {**self.fields, "came": ids, "do": "save", **more}
        headers = OURS | ({"Accept": "application/json"} if script else {})
        return self.client.post(self.path, data=data, headers=headers)

    def saves(self, *came: str, **more: Any) -> str:
        """The same; answers the page that follows."""
        answer = self.sends(*came, **more)
        assert answer.status_code == 303, answer.text
        return self.opens()


def attended(world: World) -> set[str]:
    with world.db.council(world.council_id) as session:
        rows = sessions.register(session, council_id=world.council_id, session_id=world.sessions["brew"])
    return {
        name
        for name, person_id in world.people.items()
        for row in rows
        if row.attended and row.person_id == person_id
    }


def paid(world: World, who: str) -> list[tuple[str, int]]:
    return [(one.state, one.amount_pence) for one in world.payments_of(who)]


def test_everybody_came_is_one_press_and_saves_nothing_yet(world: World) -> None:
    phone = Phone(world, "fay")
    answer = phone.client.post(phone.path, data={**phone.fields, "do": "all"}, headers=OURS)
    assert answer.text.count(" checked") == 2
    assert attended(world) == set()
    phone.page = answer.text
    assert "1 person came." in phone.saves("jo")
    assert attended(world) == {"jo"}


def test_each_sum_stands_there_before_anything_is_saved(world: World) -> None:
    phone = Phone(world, "fay")
    assert phone.page.count(": £15.50") == 2
    minutes = {f"minutes-{world.people['jo']}": "30"}
    data = {**phone.fields, **minutes, "do": "sums"}
    answer = phone.client.post(phone.path, data=data, headers=OURS)
    assert ": £7.75" in answer.text
    assert ": £15.50" in answer.text
    both = phone.client.post(
        f"{phone.path}/sums", data={**data, "all_minutes": "90"}, headers=OURS
    ).get_json()
    assert both == {world.people["jo"]: "£7.75", world.people["wei"]: "£23.25"}
    assert attended(world) == set()
    assert "Saved" in phone.saves("jo", "wei", **minutes, all_minutes="90")
    world.drain()
    assert paid(world, "jo") == [("paid", 775)]
    assert [claim.total_pence for claim in world.claims_of("wei")] == [2325]


def test_whatever_is_pressed_twice_is_one_payment_and_one_person(world: World) -> None:
    phone = Phone(world, "fay")
    drop_in = {"q": "Nia New", "add": "new", "add_role": "participant", "takes": "all"}
    for script in (False, True, False):
        assert phone.sends("jo", "wei", script=script, **drop_in).status_code == (200 if script else 303)
    phone.opens()
    phone.saves("jo", "wei", *[row for row in phone.fields["came"] if row not in world.people.values()])
    world.drain()
    assert paid(world, "jo") == [("paid", 1550)]
    with world.db.council(world.council_id) as session:
        (nia,) = people.find(session, council_id=world.council_id, words="Nia New")
        told = notices.of_person(session, council_id=world.council_id, person_id=nia.id)
    world.people["nia"] = nia.id
    assert [claim.total_pence for claim in world.claims_of("nia")] == [1550]
    assert [one.subject for one in told if one.name.startswith("offer.")] == [
        "Thank you for coming: Over a Brew: what helps?"
    ]


def test_the_same_page_with_other_ticks_is_another_save(world: World) -> None:
    phone = Phone(world, "fay")
    assert phone.sends("jo").status_code == 303
    assert phone.sends("jo", "wei").status_code == 303
    assert attended(world) == {"jo", "wei"}


def test_two_facilitators_tick_different_people_without_a_fuss(world: World) -> None:
    fay, sam = Phone(world, "fay"), Phone(world, "sam")
    sam.saves("wei")
    page = fay.saves("jo")
    assert "2 people came." in page
    assert "Please look" not in page
    assert attended(world) == {"jo", "wei"}


def test_two_facilitators_who_differ_see_it_and_nothing_is_written_over(world: World) -> None:
    Phone(world, "fay").saves("jo", "wei")
    fay, sam = Phone(world, "fay"), Phone(world, "sam")
    jo = world.people["jo"]
    sam.saves("jo", "wei", **{f"minutes-{jo}": "30"})
    # Fay takes Jo off and Wei off; Sam has changed Jo meanwhile, and not Wei.
    page = fay.saves()
    assert "Sam Field changed Jo Marsh while you had this page open, to: came, for 30 minutes." in page
    assert "You had: did not come. We kept theirs." in page
    assert attended(world) == {"jo"}
    # Having seen it, Fay may still do it.
    fay.saves()
    assert attended(world) == set()


def test_two_who_say_the_same_agree(world: World) -> None:
    fay, sam = Phone(world, "fay"), Phone(world, "sam")
    sam.saves("jo")
    assert "Please look" not in fay.saves("jo")
    assert attended(world) == {"jo"}


def test_ones_own_save_whose_answer_was_lost_is_no_fuss(world: World) -> None:
    phone = Phone(world, "fay")
    phone.sends("jo", "wei")
    # Its answer never came: the script says all that was in it again, and one tick was taken off since.
    page = phone.saves("jo", **{f"was-{world.people[who]}": "sent" for who in ("jo", "wei")})
    assert "Please look" not in page
    assert attended(world) == {"jo"}


def test_an_untick_says_kindly_what_happens_to_the_money(world: World) -> None:
    phone = Phone(world, "fay")
    phone.saves("jo", "wei")
    world.drain()
    page = phone.opens()
    assert (
        "£15.50 was paid. If you un-tick Jo Marsh, it stays with them until somebody has looked at it."
        in page
    )
    page = phone.saves("wei")
    assert "Jo Marsh was paid £15.50 already. It stays with them. Jo Marsh has done nothing wrong" in page
    world.drain()
    assert [(claim.state, claim.overpaid_pence) for claim in world.claims_of("jo")] == [("paid", 1550)]
    page = phone.saves()
    assert "£15.50 for Wei Chen was agreed. We stop it if it has not left." in page
    world.drain()
    assert [claim.state for claim in world.claims_of("wei")] == ["withdrawn"]


def test_somebody_who_dropped_in_is_found_offered_a_place_and_ticked_in_one_go(world: World) -> None:
    phone = Phone(world, "fay")
    data = {**phone.fields, "came": [world.people["jo"]], "q": "price", "do": "find"}
    answer = phone.client.post(phone.path, data=data, headers=OURS)
    # Nothing ticked is lost by looking somebody up.
    assert answer.text.count(" checked") == 1
    assert "Tom Price" in answer.text
    assert "Somebody new: price" in answer.text
    phone.page = answer.text
    wrong = phone.sends("jo", q="price", add="")
    assert wrong.status_code == 200
    assert "Choose who it is, or say that they are new" in wrong.text
    wrong = phone.sends("jo", q="price", add=world.people["tom"], add_role="")
    assert "Choose which role they took" in wrong.text
    assert attended(world) == set()
    chosen = {"q": "price", "add": world.people["tom"], "add_role": "participant", "takes": "nothing"}
    assert "2 people came." in phone.saves("jo", **chosen)
    world.drain()
    assert attended(world) == {"jo", "tom"}
    with world.db.council(world.council_id) as session:
        (offer,) = sessions.offers_of(session, council_id=world.council_id, person_id=world.people["tom"])
    assert (offer.state, offer.fee_pence, offer.accept_pence) == ("accepted", 1550, 0)
    # They would rather not be paid: nothing is claimed, and nothing refused.
    assert world.claims_of("tom") == []


def test_the_script_hears_what_to_do_and_nothing_else(world: World) -> None:
    phone = Phone(world, "fay")
    answer = phone.sends("jo", script=True)
    assert (answer.status_code, answer.get_json()) == (200, {"saved": True})
    assert "1 person came." in phone.opens()
    wrong = phone.sends("jo", script=True, **{f"minutes-{world.people['jo']}": "half"})
    assert (wrong.status_code, wrong.get_json()) == (422, {"wrong": True})
    with phone.client.session_transaction() as cookie:
        cookie.pop("staff")
    assert phone.sends("jo", script=True).status_code in (400, 401)


def test_a_wrong_time_saves_nothing_and_loses_nothing(world: World) -> None:
    phone = Phone(world, "fay")
    answer = phone.sends("jo", **{f"minutes-{world.people['jo']}": "half an hour"})
    assert answer.status_code == 200
    assert "Enter how many minutes they were there, like 45" in answer.text
    assert 'value="half an hour"' in answer.text
    assert answer.text.count(" checked") == 1
    assert attended(world) == set()


NIA = {"q": "Nia New", "add": "new", "add_role": "participant", "takes": "all"}


def called(world: World, name: str) -> list[str]:
    """Everybody of a name, by their ids."""
    with world.db.council(world.council_id) as session:
        return [one.id for one in people.find(session, council_id=world.council_id, words=name)]


def test_somebody_new_is_added_once_though_the_answer_was_lost_and_one_more_was_ticked(world: World) -> None:
    phone = Phone(world, "fay")
    assert phone.sends("jo", **NIA).status_code == 303
    # The answer never came. The same page is sent again, with one more tick, by the button and by the script.
    assert phone.sends("jo", "wei", **NIA).status_code == 303
    assert (
        phone.sends("jo", "wei", script=True, **{**NIA, "q": " nia  new ", "all_minutes": "60"}).status_code
        == 200
    )
    assert "3 people came." in phone.opens()
    (nia,) = called(world, "Nia New")
    world.people["nia"] = nia
    world.drain()
    assert attended(world) == {"jo", "wei", "nia"}
    assert [claim.total_pence for claim in world.claims_of("nia")] == [1550]
    with world.db.council(world.council_id) as session:
        assert len(sessions.offers_of(session, council_id=world.council_id, person_id=nia)) == 1


def test_what_somebody_else_wrote_about_somebody_new_meanwhile_stands(world: World) -> None:
    phone = Phone(world, "fay")
    phone.sends("jo", **NIA)
    (nia,) = called(world, "Nia New")
    sam = Phone(world, "sam")
    sam.saves("jo", nia, **{f"minutes-{nia}": "30"})
    page = phone.saves("jo", "wei", **NIA)
    assert "Sam Field changed Nia New while you had this page open, to: came, for 30 minutes." in page
    assert called(world, "Nia New") == [nia]


def test_two_people_who_are_new_are_two(world: World) -> None:
    phone = Phone(world, "fay")
    phone.sends("jo", **NIA)
    phone.sends("jo", **{**NIA, "q": "Ola New"})
    assert len(called(world, "New")) == 2
    # The page that follows is another one, and so is a Nia New who comes later.
    phone.opens()
    assert "4 people came." in phone.saves(*phone.fields["came"], **NIA)
    assert len(called(world, "Nia New")) == 2


def test_a_page_that_needs_another_look_undoes_nothing_of_what_others_saved(world: World) -> None:
    phone, sam = Phone(world, "fay"), Phone(world, "sam")
    jo, half = world.people["jo"], {f"minutes-{world.people['jo']}": "half an hour"}
    sam.saves("wei")
    phone.page = phone.sends("jo", **half).text
    assert set(phone.fields["came"]) == {jo, world.people["wei"]}
    sam.saves("wei", "jo", **{f"minutes-{jo}": "45"})
    phone.page = phone.sends(*phone.fields["came"]).text
    assert "Enter how many minutes they were there, like 45" in phone.page
    # The line that Fay changed is hers until it is saved, and is still beside the version that she saw.
    page = phone.saves(*phone.fields["came"], **{f"minutes-{jo}": "30"})
    assert "Sam Field changed Jo Marsh while you had this page open, to: came, for 45 minutes." in page
    assert attended(world) == {"jo", "wei"}


def test_of_two_saves_in_a_row_what_the_first_said_is_not_lost(world: World) -> None:
    fay, sam = Phone(world, "fay"), Phone(world, "sam")
    sam.saves("wei", **{f"minutes-{world.people['wei']}": "20"})
    for who in ("wei", "jo"):
        assert fay.sends(who, script=True).status_code == 200
    page = fay.opens()
    assert "2 people came." in page
    assert page.count("Sam Field changed Wei Chen") == 1


def test_a_save_that_comes_while_it_is_being_written_is_asked_for_again(world: World) -> None:
    """Both wait for the register; whoever comes second hears that the first is not done, and no more."""
    phones = Phone(world, "fay"), Phone(world, "fay")
    key = {"once": phones[0].fields["once"]}
    with ThreadPoolExecutor(2) as both:
        with world.db.council(world.council_id) as session:
            moving.locked(session, world.council_id, world.sessions["brew"])
            going = [both.submit(phone.sends, "jo", script=True, **key) for phone in phones]
            early, late = wait(going, return_when=FIRST_COMPLETED)
            (first,) = [one.result() for one in early]
            assert (first.status_code, first.get_json()) == (503, {"running": True})
            assert attended(world) == set()
        (second,) = [one.result() for one in late]
    assert (second.status_code, second.get_json()) == (200, {"saved": True})
    assert phones[0].sends("jo", script=True, **key).status_code == 200
    assert attended(world) == {"jo"}
