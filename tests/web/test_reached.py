"""Can somebody choose how we write to them, and staff for them? Is a letter printed, posted and marked?"""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from service.notices import reaching
from service.notices.reaching import Choice
from tests.web.world import World

HOME = "1 Made Up Street\r\nExampleton\r\nex1 2mp"


def send(client: FlaskClient, path: str, **given: Any) -> Any:
    """Fill in a page and press its button."""
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get(path).text)
    assert token is not None
    return client.post(path, data={"csrf_token": token[1], **given})


def choice(world: World, who: str) -> Choice:
    with world.db.council(world.council_id) as session:
        return reaching.choice(session, council_id=world.council_id, person_id=world.people[who])


def told_last(world: World) -> str:
    """The newest message, and to whom it went, as staff see it."""
    page = world.client("staff", "sam").get(f"/{world.slug}/staff/messages").text
    return " ".join(re.findall(r'rcp-card__title">(.*?)</h2>\s*<p class="[^"]+">(To [^,]+),', page)[0])


def test_somebody_chooses_letters_and_is_told_so(world: World) -> None:
    client, at = world.client("person", "jo"), f"/{world.slug}/me/messages"
    assert "However we can reach you" in client.get(at).text
    answer = send(client, f"{at}/way", reached_by="letter", address=HOME)
    assert answer.headers["Location"] == at
    assert choice(world, "jo") == Choice("letter", "en", "1 Made Up Street\nExampleton\nEX1 2MP")
    assert "By letter" in client.get(at).text
    world.drain()
    assert told_last(world) == "How we write to you To Jo Marsh"


def test_somebody_leaves_the_way_to_us_again(world: World) -> None:
    client, at = world.client("person", "jo"), f"/{world.slug}/me/messages"
    ticked = r'<input[^>]*value="any"[^>]* checked'
    assert re.search(ticked, client.get(f"{at}/way").text)
    send(client, f"{at}/way", reached_by="letter", address=HOME)
    assert not re.search(ticked, client.get(f"{at}/way").text)
    assert send(client, f"{at}/way", reached_by="any").headers["Location"] == at
    assert choice(world, "jo") == Choice()
    assert "However we can reach you" in client.get(at).text


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({}, "Choose how you would like us to write"),
        ({"reached_by": "pigeon"}, "Choose how you would like us to write"),
        ({"reached_by": "text"}, "We have no phone number. Tell the team, then choose this"),
        ({"reached_by": "letter"}, "Enter the address, with the postcode on the last line"),
        ({"reached_by": "letter", "address": "1 Street\nTown"}, "Enter a full UK postcode on the last line"),
    ],
)
def test_what_cannot_be_is_said_beside_the_question_and_nothing_is_lost(
    world: World, given: dict[str, str], sentence: str
) -> None:
    client, at = world.client("person", "jo"), f"/{world.slug}/me/messages"
    answer = send(client, f"{at}/way", **given)
    assert answer.status_code == 200
    assert "Error: How would you like" in answer.text
    assert sentence in answer.text
    kept = re.search(r"<textarea[^>]*>(.*?)</textarea>", answer.text, re.DOTALL)
    assert kept is not None
    assert kept[1].strip() == given.get("address", "")
    assert choice(world, "jo") == Choice()


def test_welsh_can_be_chosen_where_it_may_be_seen(world: World) -> None:
    client, at = world.client("person", "jo"), f"/{world.slug}/me/messages"
    assert send(client, f"{at}/words", words="fr").status_code == 200
    assert choice(world, "jo") == Choice()
    assert send(client, f"{at}/words", words="cy").status_code == 303
    assert choice(world, "jo").words == "cy"
    assert "Welsh" in client.get(at).text


def test_who_leaves_letters_leaves_no_address_behind(world: World) -> None:
    client, at = world.client("person", "jo"), f"/{world.slug}/me/messages"
    send(client, f"{at}/way", reached_by="letter", address=HOME)
    assert "we tell you of a change by the old way too" in client.get(f"{at}/way").text
    assert send(client, f"{at}/way", reached_by="email", address=HOME).status_code == 303
    assert choice(world, "jo") == Choice("email")
    assert "1 Made Up Street" not in client.get(f"{at}/way").text


def test_staff_add_somebody_who_wants_letters(world: World) -> None:
    client, at = world.client("staff", "sam"), f"/{world.slug}/staff"
    wrong = send(client, f"{at}/people/new", name="Lee Post", reached_by="letter", words="en", address="")
    assert "Enter the address, with the postcode on the last line" in wrong.text
    assert 'value="Lee Post"' in wrong.text
    assert "Lee Post" not in client.get(f"{at}/people").text
    answer = send(client, f"{at}/people/new", name="Lee Post", reached_by="letter", words="en", address=HOME)
    world.people["lee"] = answer.headers["Location"].rpartition("/")[2]
    assert choice(world, "lee").reached_by == "letter"
    world.drain()
    listed = client.get(f"{at}/letters").text
    assert "To Lee Post" in listed
    letter = re.search(rf'href="({at}/letters/[^"]+)"', listed)
    assert letter is not None
    page = client.get(letter[1]).text
    assert "Lee Post\n1 Made Up Street\nExampleton\nEX1 2MP" in page
    assert "/link/" not in page
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token is not None
    for _ in range(2):
        assert client.post(f"{letter[1]}/posted", data={"csrf_token": token[1]}).status_code == 303
    after = client.get(f"{at}/letters").text
    assert "No letters wait." in after
    assert "by Sam Field" in after
    assert after.count("posted ") == 1


def test_staff_change_it_later_and_the_person_hears_of_it(world: World) -> None:
    client, at = world.client("staff", "sam"), f"/{world.slug}/staff/people/{world.people['wei']}"
    assert send(client, f"{at}/messages", reached_by="email", words="en", address="").status_code == 303
    assert choice(world, "wei") == Choice("email")
    world.drain()
    assert told_last(world) == "How we write to you To Wei Chen"
    assert send(client, f"{at}/messages", reached_by="text", words="en", address="").status_code == 200
    assert choice(world, "wei") == Choice("email")


def test_a_letter_that_is_none_is_not_found(world: World) -> None:
    client, at = world.client("staff", "sam"), f"/{world.slug}/staff/letters"
    assert client.get(f"{at}/ntc_nobodys").status_code == 404
    token = re.search(
        r'name="csrf_token" value="([^"]+)"', client.get(f"/{world.slug}/staff/people/new").text
    )
    assert token is not None
    assert client.post(f"{at}/ntc_nobodys/posted", data={"csrf_token": token[1]}).status_code == 404
