"""Does every page open, for everybody who may see it, and for nobody else?"""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from tests.web.drafts import drafted, tried
from tests.web.world import World

FOR_ANYBODY = ("/", "/cookies", "/privacy", "/accessibility", "/how-we-work-out-your-money", "/demo")
ACROSS = ("/my-money", "/my-money/days")
OF_A_COUNCIL = (
    "",
    "/cookies",
    "/privacy",
    "/accessibility",
    "/how-we-work-out-your-money",
    "/sign-in",
    "/sign-in/sent",
    "/sign-in/lost",
    "/sign-in/lost/sent",
    "/staff/sign-in",
)


@pytest.mark.parametrize("path", FOR_ANYBODY + ACROSS)
def test_anybody_can_read_the_public_pages(world: World, path: str) -> None:
    assert world.client().get(path).status_code == 200


@pytest.mark.parametrize("leaf", OF_A_COUNCIL)
def test_anybody_can_read_a_councils_public_pages_in_its_own_name(world: World, leaf: str) -> None:
    answer = world.client().get(f"/{world.slug}{leaf}")
    assert answer.status_code == 200
    assert "Exampleshire County Council" in answer.text
    assert "/theme/5b2a6e-ffffff.css" in answer.text


def leaves_of_a_person(world: World) -> tuple[str, ...]:
    """Where each page of Jo stands, once Jo came to the brew and was paid."""
    claim, payment = world.claims_of("jo")[0].id, world.payments_of("jo")[0]
    offer, session = world.offers["board-jo"], world.sessions["brew"]
    return (
        "",
        f"/offers/{offer}",
        f"/offers/{offer}/less",
        f"/offers/{offer}/question",
        f"/offers/{offer}/asked",
        f"/offers/{offer}/before/category",
        f"/offers/{offer}/before/about_pence",
        f"/offers/{offer}/before/wish",
        f"/claims/{claim}",
        f"/costs/{session}/kind",
        "/payment-method",
        "/payment-method/choose",
        "/payment-method/bank",
        "/payment-method/stripe",
        "/again",
        "/helpers",
        "/helpers/did",
        "/helpers/new/who",
        "/payments",
        f"/payments/{payment.id}",
        f"/payments/on/{payment.paid_on}",
        "/messages",
        "/messages/way",
        "/messages/words",
        "/statement",
        "/statement.pdf",
        "/statement/days",
        "/letter",
        "/letter.pdf",
        "/my-data",
        "/my-data/erase",
        "/sign-out",
    )


def test_a_person_can_open_all_their_own_pages(world: World) -> None:
    world.tick("jo")
    client, at = world.client("person", "jo"), f"/{world.slug}/me"
    leaves = leaves_of_a_person(world)
    assert {leaf: client.get(at + leaf).status_code for leaf in leaves} == dict.fromkeys(leaves, 200)


STAFF_LEAVES = {
    "/sessions": {"sam", "ada", "fay"},
    "/sessions/new": {"sam", "fay"},
    "/sessions/{brew}": {"sam", "ada", "fay"},
    "/sessions/{brew}/ask": {"sam", "fay"},
    "/sessions/{brew}/invite": {"sam", "fay"},
    "/sessions/{board}/cancel": {"sam", "fay"},
    "/sessions/{board}/offers/{offer}/cancel": {"sam", "fay"},
    "/questions": {"sam", "fay"},
    "/questions/{ask}": {"sam", "fay"},
    "/sessions/{brew}/register": {"sam", "fay"},
    "/sessions/{brew}/before": {"sam"},
    "/approvals": {"sam", "ada"},
    "/claims/{claim}": {"sam", "ada"},
    "/payments": {"sam", "kim"},
    "/ledger": {"sam", "kim"},
    "/ledger/statement": {"sam", "kim"},
    "/ledger/codes": {"sam", "kim"},
    "/ledger/months/2026-01/close": {"kim"},
    "/ledger/months/2026-01/reopen": {"kim"},
    "/payments/holds": {"sam", "kim"},
    "/payments/holds/new": {"sam", "kim"},
    "/payments/runs": {"sam", "kim"},
    "/payments/runs/new/sandbox": {"sam", "kim"},
    "/files": {"kim"},
    "/files/new/bacs": {"kim"},
    "/files/reports": {"kim"},
    "/exports": {"kim"},
    "/exports/mappings": {"kim"},
    "/exports/suppliers": {"kim"},
    "/reconciliations": {"kim"},
    "/webhooks": {"kim", "oli"},
    "/payments/{payment}/advice": {"sam", "kim"},
    "/overpaid": {"sam", "ada", "kim"},
    "/people": {"sam"},
    "/people/new": {"sam"},
    "/people/requests": {"sam"},
    "/people/{jo}": {"sam", "ada", "fay"},
    "/people/{jo}/paid": {"sam"},
    "/people/{jo}/contact": {"sam"},
    "/people/{jo}/go-on": {"sam"},
    "/people/{jo}/messages": {"sam"},
    "/letters": {"sam"},
    "/people/{jo}/acts-for/new": {"sam"},
    "/people/{jo}/helpers/new": {"sam"},
    "/people/{jo}/claim/session": {"sam"},
    "/policy": {"sam", "ada", "pat"},
    "/policy/{draft}": {"sam", "ada", "pat"},
    "/policy/{draft}/tried/{trial}": {"sam", "ada", "pat"},
    "/policy/{draft}/ask": {"sam", "pat"},
    "/policy/{draft}/publish": {"sam", "pat"},
    "/policy/new": {"sam", "pat"},
    "/messages": {"sam"},
    "/machine": {"oli"},
}


def test_a_page_that_cannot_be_shown_has_a_way_on(world: World) -> None:
    at = f"/{world.slug}"
    for client, path, status, leads in (
        (world.client(), "/there-is-no-such-page", 404, 'href="/">Go to the first page</a>'),
        (world.client("person", "jo"), f"{at}/me/claims/none", 404, f'href="{at}/me">Go to my page</a>'),
        (
            world.client("staff", "oli"),
            f"{at}/staff/exports",
            403,
            f'{at}/staff">Go to the first page for staff',
        ),
    ):
        answer = client.get(path)
        assert answer.status_code == status
        assert leads in answer.text
    # Where no council can be told of it, nobody is asked to.
    assert "If you tell us about this" not in world.client().get("/there-is-no-such-page").text


def leaves_of_staff(world: World) -> dict[str, set[str]]:
    """Where each page of staff stands → who may see it, once Jo came to the brew and was paid."""
    draft = drafted(world)
    ids = {"draft": draft, "trial": tried(world, draft)}
    ids |= {"claim": world.claims_of("jo")[0].id, **world.sessions, **world.people}
    ids["offer"], ids["ask"] = world.offers["board-jo"], world.asks("jo", "board-jo", "Is there a lift?")
    ids["payment"] = world.payments_of("jo")[0].id
    return {f"/{world.slug}/staff{leaf.format_map(ids)}": who for leaf, who in STAFF_LEAVES.items()}


def every_page(world: World) -> Iterator[tuple[FlaskClient, str]]:
    """Each page of all these, and a browser that may open it."""
    world.tick("jo")
    nobody, jo = world.client(), world.client("person", "jo")
    for path in (*FOR_ANYBODY, *ACROSS, *(f"/{world.slug}{leaf}" for leaf in OF_A_COUNCIL)):
        yield nobody, path
    for leaf in leaves_of_a_person(world):
        if not leaf.endswith(".pdf"):
            yield jo, f"/{world.slug}/me{leaf}"
    staff = {who: world.client("staff", who) for who in world.staff}
    for path, welcome in leaves_of_staff(world).items():
        yield staff[min(welcome)], path


def test_staff_see_the_pages_of_their_roles_and_no_others(world: World) -> None:
    world.tick("jo")
    for path, welcome in leaves_of_staff(world).items():
        found = {who: world.client("staff", who).get(path).status_code for who in world.staff}
        assert found == {who: 200 if who in welcome else 403 for who in world.staff}, path


# The promise: over the wire, with all that a first visit fetches beside it.
MOST_BYTES = 100_000
SQUEEZED = {"Accept-Encoding": "gzip"}


def test_no_page_weighs_more_than_a_slow_phone_can_carry(world: World) -> None:
    beside: dict[str, int] = {}
    weights = {path: _weight(client, path, beside) for client, path in every_page(world)}
    assert len(weights) > 90
    assert min(beside.values()) > 0
    assert {path: weight for path, weight in weights.items() if weight > MOST_BYTES} == {}
    # It would be seen: unsqueezed, the style sheet alone is heavier than that.
    heavy = sum(len(world.client().get(path).data) for path in beside)
    assert heavy > MOST_BYTES


def _weight(client: FlaskClient, path: str, beside: dict[str, int]) -> int:
    """The bytes of one page and of what it names. `beside`: what was weighed already."""
    answer = client.get(path, headers=SQUEEZED)
    assert (answer.status_code, answer.headers["Content-Encoding"]) == (200, "gzip"), path
    named = set(
        re.findall(r'(?:href|src)="(/(?:assets|theme)/[^"]+)"', gzip.decompress(answer.data).decode())
    )
    for one in named - set(beside):
        fetched = client.get(one, headers=SQUEEZED)
        assert fetched.status_code == 200, one
        beside[one] = len(fetched.data)
    return len(answer.data) + sum(beside[one] for one in named)


def test_each_role_starts_on_its_own_first_page(world: World) -> None:
    first = {"sam": "sessions", "ada": "sessions", "fay": "sessions", "kim": "payments", "oli": "machine"}
    for who, place in first.items():
        answer = world.client("staff", who).get(f"/{world.slug}/staff")
        assert answer.headers["Location"] == f"/{world.slug}/staff/{place}"


def test_nobody_sees_a_page_of_somebody_without_signing_in(world: World) -> None:
    client = world.client()
    for path, door in ((f"/{world.slug}/me", "sign-in"), (f"/{world.slug}/staff/sessions", "staff/sign-in")):
        answer = client.get(path)
        assert (answer.status_code, answer.headers["Location"]) == (303, f"/{world.slug}/{door}")
