"""The pages about files: built, fetched, sent, rejected; reports read in; things handed over and undone."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from flask import Flask

from service.tasks.hands import Hands
from tests.bacs import at
from tests.web.filed import filed, paid_by_voucher, payment_of, send, settle
from tests.web.world import World


@pytest.fixture
def world(app: Flask, hands: Hands) -> Iterator[World]:
    yield from filed(app, hands, "bacs")


@pytest.fixture
def theirs(app: Flask, hands: Hands) -> Iterator[World]:
    yield from filed(app, hands, "finance_system")


def here(world: World, path: str = "") -> str:
    return f"/{world.slug}/staff/files{path}"


def build_file(world: World, **form: object) -> str:
    """Kim builds a Bacs file. Answers its page."""
    day = {"day-day": "30", "day-month": "11", "day-year": "2026"}
    answer = send(world.client("staff", "kim"), here(world, "/new/bacs"), **{**day, **form})
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def test_from_a_file_to_somebodys_own_page(world: World) -> None:
    world.tick("jo")
    kim, mine = world.client("staff", "kim"), f"/{world.slug}/me"
    assert "Bacs file: 1 payment" in kim.get(here(world)).text
    page = build_file(world)
    shown = kim.get(page).text
    for words in ("Friday 27 November 2026", "Monday 30 November 2026", "Account ending 9911", "Kim Doyle"):
        assert words in shown
    content = kim.get(f"{page}/content")
    assert content.headers["Content-Disposition"] == 'attachment; filename="bacs-2026-11-26-000001.txt"'
    assert content.data.startswith(b"VOL1000001")
    assert "It will be in your account" not in world.client("person", "jo").get(mine).text
    assert send(kim, page, f"{page}/submitted").status_code == 303
    world.drain()
    assert "Sent to the bank" in kim.get(page).text
    assert "It will be in your account on Monday 30 November." in world.client("person", "jo").get(mine).text
    claim = f"{mine}/claims/{world.claims_of('jo')[0].id}"
    assert "It will be in your account on Monday 30 November." in world.client("person", "jo").get(claim).text
    with at(datetime(2026, 11, 30, 9, tzinfo=UTC)):
        settle(world)
        assert "paid on 30 November 2026" in " ".join(world.client("person", "jo").get(mine).text.split())


@pytest.mark.parametrize("day", ["27", "28", "x"])
def test_a_day_that_cannot_be_is_said_beside_its_boxes(world: World, day: str) -> None:
    world.tick("jo")
    form = {"day-day": day, "day-month": "11", "day-year": "2026"}
    answer = send(world.client("staff", "kim"), here(world, "/new/bacs"), **form)
    assert answer.status_code == 422
    assert 'id="day-error"' in answer.text
    assert payment_of(world, "jo").state == "ready"


def test_rejected_whole_needs_a_reason_and_a_look(world: World) -> None:
    world.tick("jo")
    page, kim = build_file(world), world.client("staff", "kim")
    for form, words in (
        ({}, "Choose whether any payment in this file was made"),
        ({"reason": "Wrong day", "sure": "no"}, "Find out first."),
        ({"sure": "yes"}, "Say why, as the report or the bank puts it"),
    ):
        answer = send(kim, f"{page}/rejected", **form)
        assert (answer.status_code, words in answer.text) == (422, True)
    assert "Waits for this file to be sent" in kim.get(page).text
    assert payment_of(world, "jo").state == "sending"
    done = send(kim, f"{page}/rejected", reason="Wrong day", sure="yes")
    assert (done.status_code, payment_of(world, "jo").state) == (303, "ready")
    assert "Wrong day" in kim.get(page).text


def test_what_was_sent_in_time_is_recorded_the_day_after(world: World) -> None:
    world.tick("jo")
    page = build_file(world)
    with at(datetime(2026, 11, 27, 9, tzinfo=UTC)):
        kim = world.client("staff", "kim")
        assert f"{page}/sent-before" in kim.get(page).text
        assert f"{page}/submitted" not in kim.get(page).text
        day = {"day-day": "26", "day-month": "11", "day-year": "2026"}
        for clock in ("", "10:31pm", "2pm"):
            assert send(kim, f"{page}/sent-before", clock=clock, **day).status_code == 422
        assert payment_of(world, "jo").state == "sending"
        assert send(kim, f"{page}/sent-before", clock="4:30pm", **day).status_code == 303
        assert payment_of(world, "jo").state == "sent"
        assert "26 November 2026 at 4:30pm, Kim Doyle" in kim.get(page).text


def test_a_report_is_shown_before_it_is_applied(world: World) -> None:
    world.tick("jo")
    page, kim = build_file(world), world.client("staff", "kim")
    send(kim, page, f"{page}/submitted")
    reference = payment_of(world, "jo").reference
    text = f"reference,amount,sort code,account number,reason\n{reference},15.50,108800,00012345,NO ACCOUNT\n"
    reports = here(world, "/reports")
    assert send(kim, reports).status_code == 422
    assert send(kim, reports, kind="arucs", report=(io.BytesIO(b"hello"), "r.csv")).status_code == 422
    read = send(kim, reports, kind="arucs", report=(io.BytesIO(text.encode()), "r.csv"))
    at_ = read.headers["Location"]
    shown = kim.get(at_).text
    assert "Will be done" in shown
    assert "Line 2: Jo Marsh" in shown
    assert payment_of(world, "jo").state == "sent"
    assert send(kim, at_, f"{at_}/apply").status_code == 303
    assert payment_of(world, "jo").state == "returned"
    assert "Reading the same report again changes nothing." in kim.get(at_).text
    again = send(kim, reports, kind="arucs", report=(io.BytesIO(text.encode()), "again.csv"))
    assert again.headers["Location"] == at_


def test_a_voucher_is_recorded_and_undone_only_by_reversal(world: World) -> None:
    paid_by_voucher(world, "wei")
    world.tick("wei")
    payments, kim = f"/{world.slug}/staff/payments", world.client("staff", "kim")
    payment = payment_of(world, "wei")
    path = f"{payments}/{payment.id}/handed-over"
    assert path in kim.get(payments).text
    assert path not in world.client("staff", "sam").get(payments).text
    day = {"day-day": "26", "day-month": "11", "day-year": "2026"}
    assert send(kim, path, **day).status_code == 422
    assert send(kim, path, reference="V-17", **{**day, "day-year": "2199"}).status_code == 422
    assert payment_of(world, "wei").state == "ready"
    assert send(kim, path, reference="V-17", **day).status_code == 303
    world.drain()
    mine = world.client("person", "wei").get(f"/{world.slug}/me").text
    assert "We gave you a voucher. Its number is V-17." in mine
    back = f"{payments}/{payment.id}/came-back"
    assert back in kim.get(payments).text
    assert send(kim, back).status_code == 422
    assert send(kim, back, reason="It was lost in the post.").status_code == 303
    assert payment_of(world, "wei").state == "returned"


def test_what_the_finance_system_took_is_called_off_only_after_a_warning(theirs: World) -> None:
    world = theirs
    world.tick("jo")
    payments, kim = f"/{world.slug}/staff/payments", world.client("staff", "kim")
    made = send(kim, here(world, "/new/finance_system"))
    page = made.headers["Location"]
    payment = payment_of(world, "jo")
    press, warned = f"{payments}/{payment.id}/cancel", f"{payments}/{payment.id}/call-off"
    before = kim.get(payments).text
    assert press in before
    assert warned not in before
    send(kim, page, f"{page}/acknowledged")
    after = kim.get(payments).text
    assert press not in after
    assert warned in after
    assert "Your finance system has taken this one." in after
    assert "Stop it there first." in kim.get(warned).text
    assert send(kim, warned, press, seen=payment.tag).status_code == 303
    assert payment_of(world, "jo").state == "cancelled"


def test_what_finance_will_not_pay_is_taken_back_and_waits_here(theirs: World) -> None:
    world = theirs
    world.tick("jo")
    payments, kim = f"/{world.slug}/staff/payments", world.client("staff", "kim")
    path = f"{payments}/{payment_of(world, 'jo').id}/taken-back"
    assert path not in kim.get(payments).text
    assert kim.get(path).status_code == 404
    send(kim, here(world, "/new/finance_system"))
    assert path in kim.get(payments).text
    assert path not in world.client("staff", "sam").get(payments).text
    before = payment_of(world, "jo").tag
    assert send(kim, path).status_code == 422
    assert payment_of(world, "jo").tag == before
    assert send(kim, path, reason="Joan took it out.").status_code == 303
    waits = payment_of(world, "jo")
    assert (waits.state, waits.held_because) == ("held", "by_hand")
    assert path not in kim.get(payments).text
    assert send(kim, payments, f"{payments}/{waits.id}/release", seen=waits.tag).status_code == 303
    assert payment_of(world, "jo").state == "ready"
    assert send(kim, here(world, "/new/finance_system")).status_code == 303


def test_nothing_is_recorded_for_what_we_pay_ourselves(world: World) -> None:
    world.tick("jo")
    path = f"/{world.slug}/staff/payments/{payment_of(world, 'jo').id}/handed-over"
    assert world.client("staff", "kim").get(path).status_code == 404
