"""Can anybody reach what is not theirs: another person's pages, another council's, by any address?"""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from flask import Flask

from service.app import create_app
from service.settings import Settings
from service.tasks.hands import Hands
from tests.receipts.sent import sent
from tests.web.drafts import asked, drafted, tried
from tests.web.test_sign_in import OURS
from tests.web.world import World, build

# What a helper presses about themselves.
OF_HELPERS = ("/helpers/leave", "/helpers/change")


@pytest.fixture
def other(app: Flask, hands: Hands, world: World) -> World:
    """A second council on the same installation."""
    return build(app, hands, slug="samplebury", colour="#1d4f5c")


def _addresses(app: Flask, world: World, door: str) -> list[tuple[str, str]]:
    """Every method and address under a door, from the URL map, filled with this world's own ids."""
    draft = drafted(world)
    trial = tried(world, draft)
    asked(world, draft, "jo")
    ids = {
        "policy_id": draft,
        "simulation_id": trial,
        "slug": world.slug,
        "offer_id": world.offers["board-jo"],
        "claim_id": world.claims_of("jo")[0].id,
        "session_id": world.sessions["brew"],
        "person_id": world.people["jo"],
        "authority_id": "aut_1",
        "request_id": "crq_1",
        "helper_id": "hlp_1",
        "fee_id": world.claims_of("jo")[0].id,
        "payout_id": world.payments_of("jo")[0].id,
        "export_id": "exp_1",
        "endpoint_id": "whe_1",
        "reconciliation_id": "rec_1",
        "finding_id": "fnd_1",
        "day": "2026-01-01",
        "base_id": "pol_1",
        "hold_id": "hld_1",
        "overpayment_id": "ovp_1",
        "period": "2026-01",
        "run_id": "run_1",
        "rail": "sandbox",
        "file_id": "fil_1",
        "import_id": "imp_1",
        "letter_id": "ntc_1",
        "step": "kind",
        "ask_id": "ask_1",
        "receipt_id": _receipt(world),
    }
    found = []
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith(f"web.{door}."):
            path = str(rule)
            for name in rule.arguments:
                form = next(p for p in _forms(path) if re.search(rf"[<:]{name}>$", p))
                path = path.replace(form, _first_choice(form) or ids[name])
            found += [(method, path) for method in sorted((rule.methods or set()) & {"GET", "POST"})]
    return found


def _receipt(world: World) -> str:
    """One that Jo sent with their claim."""
    about = {"council_id": world.council_id, "person_id": world.people["jo"]}
    claim_id = world.claims_of("jo")[0].id
    with world.db.council(world.council_id) as session:
        row = sent(session, **about, claim_id=claim_id, keeping=world.hands.receipts, now=world.now)
        return row.id


def _first_choice(form: str) -> str:
    """`<any(ask, write_off):verb>` → `ask`; nothing where an address takes any word."""
    found = re.match(r"<any\(([^,)]+)", form)
    return found[1].strip() if found else ""


def _forms(path: str) -> list[str]:
    return [f"<{part.split('>')[0]}>" for part in path.split("<")[1:]]


def _read(app: Flask, client_of: World, kind: str, who: str, world: World, door: str) -> dict[str, int]:
    # Form tokens are another test's matter: here every form arrives as if its page had been open.
    app.config["WTF_CSRF_METHODS"] = set()
    return {
        f"{method} {path}": client_of.client(kind, who).open(path, method=method, headers=OURS).status_code
        for method, path in _addresses(app, world, door)
    }


def test_nobody_gets_in_without_signing_in(app: Flask, world: World) -> None:
    world.tick("jo")
    for door in ("me", "staff"):
        found = _read(app, world, "", "", world, door)
        assert len(found) > 15
        assert set(found.values()) <= {303, 401}, found
        assert all(status == 401 for call, status in found.items() if call.startswith("POST"))


def test_a_person_reaches_nothing_of_another_person(app: Flask, world: World) -> None:
    world.tick("jo")
    found = _read(app, world, "person", "tom", world, "me")
    mine = {"", "/sign-out", "/payments", "/statement/easy", "/messages", "/messages/way", "/messages/words"}
    mine |= {"/my-data", "/my-data/take", "/my-data/erase"}
    mine |= {f"/{paper}{leaf}" for paper in ("statement", "letter") for leaf in ("", ".pdf", "/days")}
    for call, status in found.items():
        leaf = call.split(f"/{world.slug}/me")[1].rstrip("/")
        own_line = leaf.startswith("/line") and not leaf.startswith(
            ("/line/offers", "/line/fees", "/line/more")
        )
        if leaf.startswith(("/payment-method", "/again")) or own_line:
            # Their own: nothing of Jo's stands there, and nothing waits for a code.
            assert status in (200, 303, 409), (call, status)
        elif leaf == "/my-data/erase/take-back":
            # Their own wish, which they never had.
            assert status == 409, (call, status)
        elif leaf.startswith("/helpers"):
            # Their own list; a helper of nobody is not found, and a helper's buttons are no person's.
            expected = (404,) if "hlp_1" in leaf else (403,) if leaf in OF_HELPERS else (200, 303)
            assert status in expected, (call, status)
        elif leaf not in mine and not leaf.endswith(world.sessions["brew"]):
            assert status == 404, (call, status)


def test_a_person_is_not_staff(app: Flask, world: World) -> None:
    world.tick("jo")
    found = _read(app, world, "person", "jo", world, "staff")
    assert set(found.values()) <= {303, 401}


def test_staff_of_another_council_are_nobody_here(app: Flask, world: World, other: World) -> None:
    world.tick("jo")
    found = _read(app, other, "staff", "sam", world, "staff")
    assert set(found.values()) <= {303, 401}, found


def test_ids_of_another_council_are_not_found_at_home(app: Flask, world: World, other: World) -> None:
    world.tick("jo")
    client = other.client("staff", "sam")
    draft = drafted(world)
    trial = tried(world, draft)
    for path in (
        f"/policy/{draft}",
        f"/policy/{draft}/publish",
        f"/policy/{draft}/ask",
        f"/policy/{draft}/tried/{trial}",
        f"/policy/new?from={draft}",
        f"/sessions/{world.sessions['brew']}",
        f"/sessions/{world.sessions['brew']}/register",
        f"/claims/{world.claims_of('jo')[0].id}",
        f"/people/{world.people['jo']}",
        f"/payments/{world.payments_of('jo')[0].id}/advice",
    ):
        assert client.get(f"/{other.slug}/staff{path}").status_code == 404, path
    leaves = ("/sessions", "/people", "/payments")
    everything = [client.get(f"/{other.slug}/staff{leaf}").text for leaf in leaves]
    assert not any(world.sessions["brew"] in page or world.people["jo"] in page for page in everything)


def test_nobody_can_be_somebody_else_where_there_is_no_demonstration(
    settings: Settings, world: World
) -> None:
    real = create_app(replace(settings, demo=False))
    for leaf in ("", "/provider/keys", "/provider/sign-in", "/provider/.well-known/openid-configuration"):
        assert real.test_client().get(f"/demo{leaf}").status_code == 404
        assert world.client().get(f"/demo{leaf}").status_code in (200, 400)
    assert real.test_client().post("/demo/provider/token").status_code == 404
    assert real.test_client().get(f"/{world.slug}/staff/sign-in/account").status_code == 404
    path = f"/demo/{world.slug}/staff/{world.staff['sam']}"
    assert real.test_client().post(path, headers=OURS).status_code == 404
    assert world.client().get("/demo").status_code == 200
    real.extensions["db"].close()
