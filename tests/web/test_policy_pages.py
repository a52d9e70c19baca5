"""Does a policy live on its pages as it should, and does nobody do there what their role does not allow?"""

from __future__ import annotations

import io
import re
from datetime import timedelta

import pytest
from sqlalchemy import text as sql
from werkzeug.test import TestResponse

from service.days import london_day
from service.policy import queries
from service.reports import simulation
from tests.api.test_policy_life import LIMIT
from tests.web.drafts import agreed, asked, asking, drafted, text, tried
from tests.web.test_sign_in import OURS
from tests.web.world import World

BROKEN = text().replace("£16.50", "0.45 p", 1)


@pytest.fixture
def open_forms(world: World) -> None:
    """Form tokens are another test's matter: here every form arrives as if its page had been open."""
    world.app.config["WTF_CSRF_METHODS"] = set()


pytestmark = pytest.mark.usefixtures("open_forms")


def at(world: World, leaf: str) -> str:
    return f"/{world.slug}/staff/policy{leaf}"


def see(world: World, who: str, leaf: str, status: int = 200) -> str:
    answer = world.client("staff", who).get(at(world, leaf))
    assert answer.status_code == status
    return plain(answer)


def send(world: World, who: str, leaf: str, status: int = 303, **typed: object) -> TestResponse:
    answer = world.client("staff", who).post(at(world, leaf), data=typed, headers=OURS)
    assert answer.status_code == status, plain(answer)
    return answer


def publish(world: World, who: str, draft: str, status: int = 303, **typed: object) -> TestResponse:
    """Press the button of the page that this draft's hash stands on."""
    with world.db.council(world.council_id) as session:
        seen = queries.draft(session, council_id=world.council_id, policy_id=draft).hash
    return send(world, who, f"/{draft}/publish", status, hash=seen, **typed)


def plain(answer: TestResponse) -> str:
    """The words of a page."""
    words = re.sub(r"<[^>]+>", " ", answer.text).replace("&#39;", "'").replace("&#34;", '"')
    return re.sub(r"\s+", " ", words)


def picture(world: World) -> dict[str, list[str]]:
    """Everything that is kept of a policy, and every event."""
    tables = ("policies", "policy_drafts", "policy_simulations", "policy_sign_offs", "events", "event_texts")
    with world.db.council(world.council_id) as session:
        return {t: list(session.scalars(sql(f"SELECT t::text FROM {t} t ORDER BY 1"))) for t in tables}


def states(world: World) -> dict[str, str]:
    with world.db.council(world.council_id) as session:
        found = queries.standings(session, council_id=world.council_id, today=london_day(world.now))
        return {row.row.id: row.state for row in found}


def test_a_draft_is_written_tried_signed_off_by_a_person_and_published_by_a_second_one(world: World) -> None:
    world.tick("jo")
    assert "£15.50" in see(world, "pat", "/new")
    draft = send(world, "pat", "/new", text=asking().replace("\n", "\r\n")).headers["Location"].split("/")[-1]
    page = see(world, "pat", f"/{draft}")
    assert "From 1 April 2026 online rate rises from £15.50 to £16.50 an hour." in page
    assert "Written Done" in page
    assert "Checked Done No mistakes." in page
    assert "Tried on past claims Not yet" in page
    assert "fee £16.50, expenses £15.00, total £31.50 fee £16.50, expenses £15.00, total £31.50" in page
    period = {"since-day": "1", "since-month": "4", "since-year": "2025"}
    until = london_day(world.now)
    period |= {"until-day": str(until.day), "until-month": str(until.month), "until-year": str(until.year)}
    found = send(world, "pat", f"/{draft}/try", **period).headers["Location"]
    tried_page = plain(world.client("staff", "pat").get(found))
    assert "The draft would pay £16.50: £1.00 more." in tried_page
    assert world.people["jo"] in tried_page
    assert "Jo Marsh" not in tried_page
    assert "Jo Marsh" in plain(world.client("staff", "sam").get(found))
    assert states(world)[draft] == "simulated"
    send(world, "sam", f"/{draft}/ask", **{"person-1": world.people["jo"]})
    world.drain()
    page = see(world, "sam", f"/{draft}/publish")
    assert (
        "1 person who is paid by this policy must still agree. Asked and not answered yet: Jo Marsh." in page
    )
    publish(world, "sam", draft, 422, when="own")
    mine = world.client("person", "jo")
    assert "Changes to our rules" in plain(mine.get(f"/{world.slug}/me"))
    reading = plain(mine.get(f"/{world.slug}/me/policy/{draft}"))
    assert "From 1 April 2026 online rate rises from £15.50 to £16.50 an hour." in reading
    said = {"agrees": "yes", "words": "That is fair."}
    answer = mine.post(f"/{world.slug}/me/policy/{draft}", data=said, headers=OURS)
    assert answer.status_code == 303
    assert "You agree. Thank you for reading it. You said: That is fair." in plain(mine.get(answer.location))
    assert "Changes to our rules" not in plain(mine.get(f"/{world.slug}/me"))
    assert "You wrote this draft" in see(world, "pat", f"/{draft}/publish")
    assert "Sam Field" in see(world, "pat", f"/{draft}/publish")
    page = see(world, "sam", f"/{draft}/publish")
    assert "It counts from 1 April 2025, which is in the past." in page
    assert "1 claim for activities since then will be looked at again." in page
    publish(world, "sam", draft, when="own")
    assert states(world)[draft] == "published"
    page = see(world, "pat", "")
    assert "In force" in page
    assert "Followed by another version" in page
    assert "Published by Sam Field" in page
    assert "These rules are settled now." in plain(mine.get(f"/{world.slug}/me/policy/{draft}"))
    old = next(key for key, state in states(world).items() if state == "superseded")
    assert "Another version has followed this one." in see(world, "ada", f"/{old}")


def test_who_is_paid_reads_what_changes_for_them_and_numbers_behind(world: World) -> None:
    draft = drafted(world, asking())
    tried(world, draft)
    asked(world, draft, "jo")
    reading = plain(world.client("person", "jo").get(f"/{world.slug}/me/policy/{draft}"))
    assert "would count for everything since 1 April 2025, also for what is done already." in reading
    said, behind = reading.split("Every change, with the numbers of the rules")
    assert "“Before these rules change, 1 person who is paid by them reads it and agrees.”" in said
    for numbers in ("clause", "version 1.1", "How many co-producers"):
        assert (numbers in said, numbers in behind) == (False, True)
    assert "From 1 April 2026 online rate rises from £15.50 to £16.50 an hour." in said


def test_nothing_typed_is_lost_when_the_text_has_mistakes(world: World) -> None:
    before = picture(world)
    answer = send(world, "pat", "/new", 422, text=BROKEN)
    line = next(n for n, words in enumerate(BROKEN.splitlines(), 1) if "0.45 p" in words)
    assert f'<a href="#line-{line}">Line {line}, clause E5: ' in answer.text
    assert f'<li id="line-{line}" class="rcp-text__wrong">' in answer.text
    assert '<a href="#text">Mend 1 mistake in the text.' in answer.text
    assert "govuk-textarea--error" in answer.text
    assert "is a part of one penny. Write 45p if that is what you mean." in plain(answer)
    assert "2026-04-01: 0.45 p" in answer.text
    assert picture(world) == before
    kept = send(world, "pat", "/new", text=BROKEN, keep="yes").headers["Location"].split("/")[-1]
    page = see(world, "ada", f"/{kept}")
    assert "Has mistakes" in page
    assert f"Line {line}, clause E5" in page
    assert "0.45 p" in see(world, "pat", f"/new?from={kept}")
    assert "Publish it" not in see(world, "sam", f"/{kept}")
    assert "It still has mistakes." in see(world, "sam", f"/{kept}/publish")


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"text": "  "}, "Write the policy, or choose a file that holds it"),
        ({"text": "x" * 150_001}, "The text is longer than 150,000 letters. Take something out"),
        ({"text": "- a list"}, "Line 1"),
        (
            {"text": "kept", "file": (io.BytesIO(b"\xff\xfe\x00"), "policy.yaml")},
            "This file is not plain text.",
        ),
    ],
)
def test_a_text_that_cannot_be_taken_is_shown_again(
    world: World, typed: dict[str, object], words: str
) -> None:
    before = picture(world)
    answer = send(world, "pat", "/new", 422, **typed)
    assert words in plain(answer)
    assert str(typed["text"]) in answer.text
    assert picture(world) == before


def test_a_file_takes_the_place_of_the_text(world: World) -> None:
    file = (io.BytesIO(text(version="7.0").encode()), "policy.yaml")
    draft = send(world, "pat", "/new", text="old", file=file).headers["Location"].split("/")[-1]
    assert "Version 7.0" in see(world, "pat", f"/{draft}")


def test_an_example_that_does_not_come_out_says_what_did(world: World) -> None:
    draft = drafted(world, text().replace("total: £31.50", "total: £31.49"))
    page = see(world, "pat", f"/{draft}")
    assert "Worked examples Do not come out" in page
    assert "expects total £31.49, but the rules give £31.50." in page


def test_a_large_trial_says_that_it_is_under_way(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.tick("jo")
    monkeypatch.setattr(simulation, "AT_ONCE", 0)
    draft = drafted(world)
    trial = tried(world, draft)
    assert "so this is under way." in see(world, "pat", f"/{draft}/tried/{trial}")
    assert "Tried on past claims Under way" in see(world, "pat", f"/{draft}")
    world.drain()
    assert "The draft would pay £16.50: £1.00 more." in see(world, "pat", f"/{draft}/tried/{trial}")
    see(world, "pat", f"/{drafted(world)}/tried/{trial}", 404)


def test_a_person_who_does_not_agree_is_heard(world: World) -> None:
    draft = drafted(world)
    tried(world, draft)
    asked(world, draft, "jo")
    agreed(world, draft, "jo", agrees=False, words="It is less than my bus.")
    page = see(world, "sam", f"/{draft}")
    assert "Jo Marsh does not agree." in page
    assert "It is less than my bus." in page
    assert "It cannot be published yet. Jo Marsh does not agree." in page
    assert "Publish it" not in page
    before = picture(world)
    answer = publish(world, "sam", draft, 422, when="own")
    assert "Jo Marsh does not agree." in plain(answer)
    assert picture(world) == before


def test_a_second_person_signs_off_and_then_the_author_publishes_for_a_later_day(world: World) -> None:
    draft = drafted(world)
    tried(world, draft)
    send(world, "sam", f"/{draft}/sign-off", 422)
    send(world, "sam", f"/{draft}/sign-off", agrees="yes", words="Well done.")
    assert states(world)[draft] == "signed_off"
    assert "Publish it" in see(world, "pat", f"/{draft}")
    day = london_day(world.now) + timedelta(days=40)
    typed = {"day-day": str(day.day), "day-month": str(day.month), "day-year": str(day.year)}
    answer = publish(world, "pat", draft, 422, when="later", **{**typed, "day-month": "13"})
    assert "Enter a real day" in plain(answer)
    answer = publish(world, "pat", draft, 422, when="later", **{**typed, "day-year": "1999"})
    assert "The text starts on 1 April 2025." in plain(answer)
    publish(world, "pat", draft, when="later", **typed)
    assert "Published for later" in see(world, "pat", f"/{draft}")


def test_a_figure_that_nobody_has_confirmed_is_named_with_how_to_confirm_it(world: World) -> None:
    draft = drafted(world, text().replace("\nexamples:", f"{LIMIT}\nexamples:"))
    page = see(world, "pat", f"/{draft}")
    assert "Figures that nobody has confirmed" in page
    assert "put this line under sure: . Say there where you read it." in page
    assert "earnings_limit.permitted_work 2026-04-06: where you read it" in page
    assert "limits.week" not in page.partition("What it changes")[2].partition("Worked examples")[0]
    assert 'there is something new, under limits: "At most £183.50 in a week." (clause E8).' in page
    live = drafted(
        world,
        text().replace("\nexamples:", f"{LIMIT}\nexamples:").replace("status: illustrative", "status: live"),
    )
    assert "reference/earnings-limits.yaml, line" in see(world, "pat", f"/{live}")


REFUSED = {
    ("pat", "/{draft}/publish"): 422,
    ("pat", "/{draft}/sign-off"): 403,
    ("ada", "/{draft}/sign-off"): 403,
    ("ada", "/new"): 403,
    ("ada", "/{draft}/try"): 403,
    ("ada", "/{draft}/ask"): 403,
    ("ada", "/{draft}/publish"): 403,
    ("fay", "/{draft}/sign-off"): 403,
    ("fay", "/{draft}/publish"): 403,
    ("kim", "/{draft}/publish"): 403,
    ("pat", "/{draft}/ask"): 422,
    ("pat", "/{draft}/try"): 422,
    ("sam", "/pol_nobody/publish"): 404,
    ("sam", "/pol_nobody/ask"): 404,
    ("sam", "/pol_nobody/sign-off"): 404,
}


def test_whoever_may_not_do_it_changes_nothing(world: World) -> None:
    draft = drafted(world)
    tried(world, draft)
    before = picture(world)
    typed = {"when": "own", "agrees": "yes", "text": text(), "person-1": "per_nobody", "since-day": "40"}
    for (who, leaf), status in REFUSED.items():
        send(world, who, leaf.format(draft=draft), status, **typed)
    assert picture(world) == before


def test_only_people_who_were_asked_read_it(world: World) -> None:
    draft = drafted(world)
    tried(world, draft)
    asked(world, draft, "jo")
    before = picture(world)
    for who, status in (("jo", 200), ("wei", 404)):
        client = world.client("person", who)
        assert client.get(f"/{world.slug}/me/policy/{draft}").status_code == status
    answer = world.client("person", "wei").post(
        f"/{world.slug}/me/policy/{draft}", data={"agrees": "yes"}, headers=OURS
    )
    assert answer.status_code == 404
    assert picture(world) == before


def test_what_was_asked_is_over_once_another_draft_is_published(world: World) -> None:
    draft, other = drafted(world), drafted(world, text(version="1.2"))
    tried(world, draft)
    tried(world, other)
    asked(world, draft, "jo")
    mine = world.client("person", "jo")
    assert "Changes to our rules" in plain(mine.get(f"/{world.slug}/me"))
    publish(world, "sam", other, when="own")
    assert "Changes to our rules" not in plain(mine.get(f"/{world.slug}/me"))
