"""Are the pages about files, mismatches, webhooks and remittance readable by everybody, mistakes too?"""

from __future__ import annotations

from sqlalchemy import text

from service.tasks import reconciling
from tests.browser.conftest import Visitor


def test_the_pages_of_finance(visitor: Visitor) -> None:
    world = visitor.world
    world.tick("jo", "wei")
    payment = world.payments_of("jo")[0]
    with world.db.council(world.council_id) as session:
        session.execute(
            text("UPDATE sandbox_payments SET amount_pence = 1, made_at = made_at - interval '1 day'")
        )
        session.execute(text("UPDATE payouts SET changed_at = changed_at - interval '1 day'"))
    reconciling.compare_rails(world.hands, council_id=world.council_id)
    visitor.sign_in("staff", "kim")
    visitor.open("/staff/exports")
    visitor.look("staff-exports-empty")
    visitor.press("Build the file")
    assert visitor.sees("Choose what to export")
    visitor.look("staff-exports-wrong")
    visitor.page.get_by_label("Journal of what we paid").check()
    visitor.page.get_by_label("How should it look?").select_option(label="General ledger journal CSV")
    visitor.press("Look at the first lines")
    assert visitor.sees("Nothing is built yet")
    visitor.look("staff-exports-looked")
    visitor.press("Build the file")
    assert visitor.sees("JN000001.csv")
    visitor.look("staff-exports")
    visitor.open("/staff/exports/mappings?from=preset:oracle-fusion-fbdi")
    visitor.look("staff-mapping")
    visitor.page.get_by_label("The mapping").fill("name: Ours\nkinds: [gold]\ncolumns: [{field: moon}]")
    visitor.press("Check it")
    assert visitor.sees("There is no field moon here.")
    visitor.look("staff-mapping-wrong")
    visitor.open("/staff/exports/suppliers")
    visitor.look("staff-suppliers")
    visitor.open("/staff/reconciliations")
    assert visitor.sees("The two amounts are not the same.")
    visitor.look("staff-reconciliations")
    visitor.press("Close this")
    assert visitor.sees("Say what you found out, and what was done")
    visitor.look("staff-reconciliations-wrong")
    visitor.open(f"/staff/payments/{payment.id}/advice")
    visitor.look("staff-advice")


def test_the_pages_about_webhooks(visitor: Visitor) -> None:
    world = visitor.world
    visitor.sign_in("staff", "kim")
    visitor.open("/staff/webhooks")
    visitor.press("Add it")
    assert visitor.sees("Enter the address")
    assert visitor.sees("The whole claim is paid claim.paid")
    visitor.look("staff-webhooks-wrong")
    visitor.page.get_by_label("Its address").fill(
        "http://127.0.0.1:9/a-system-with-a-long-name/hooks/payments"
    )
    visitor.press("Add it")
    assert visitor.sees("Copy this secret now")
    visitor.look("staff-webhooks")
    world.tick("jo")
    visitor.page.get_by_role("link", name="a-system-with-a-long-name").click()
    assert visitor.sees("payment.paid")
    visitor.look("staff-webhook")


def test_what_a_person_was_paid(visitor: Visitor) -> None:
    world = visitor.world
    world.tick("jo")
    payment = world.payments_of("jo")[0]
    visitor.sign_in("person", "jo")
    visitor.open("/me/payments")
    visitor.look("payments")
    visitor.open(f"/me/payments/{payment.id}")
    visitor.look("advice")
    visitor.page.emulate_media(media="print")
    assert not visitor.page.get_by_role("navigation", name="Your pages").is_visible()
    assert visitor.sees(payment.reference)
    visitor.open(f"/me/payments/on/{payment.paid_on}")
    visitor.page.emulate_media(media="screen")
    visitor.look("advice-day")
