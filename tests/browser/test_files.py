"""What finance does with files: build, send, reject, read a report in, record a voucher."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from flask import Flask

from service.tasks.hands import Hands
from tests.bacs import at
from tests.browser.conftest import Visitor
from tests.web.filed import filed, paid_by_voucher, payment_of
from tests.web.world import World


@pytest.fixture
def world(app: Flask, hands: Hands) -> Iterator[World]:
    """A council that pays by Bacs, on a Thursday."""
    yield from filed(app, hands, "bacs")


def test_finance_builds_sends_and_hears_of_a_return(visitor: Visitor) -> None:
    world, page = visitor.world, visitor.page
    paid_by_voucher(world, "wei")
    world.tick("jo", "wei")
    visitor.sign_in("staff", "kim")
    visitor.open("/staff/files")
    visitor.look("staff-files")
    visitor.press("Build a file: Bacs file")
    visitor.look("staff-file-new")
    page.get_by_label("Day", exact=True).fill("28")
    visitor.press("Build the file")
    assert visitor.sees("Choose a working day: banks are closed on this one")
    visitor.look("staff-file-new-error")
    page.get_by_label("Day", exact=True).fill("30")
    visitor.press("Build the file")
    assert visitor.sees("nobody is paid before that")
    visitor.look("staff-file-built")
    with page.expect_download() as download:
        page.get_by_role("button", name="Save the file").click()
    assert download.value.suggested_filename == "bacs-2026-11-26-000001.txt"
    visitor.press("It was rejected whole")
    visitor.press("Record it as rejected")
    assert visitor.sees("Say why, as the report or the bank puts it")
    visitor.look("staff-file-rejected-error")
    page.go_back()
    page.go_back()
    visitor.press("I have sent this file")
    assert visitor.sees("Sent to the bank")
    visitor.look("staff-file-sent")
    _hear_of_a_return(visitor)
    _hand_over_a_voucher(visitor)


def _hear_of_a_return(visitor: Visitor) -> None:
    page, world = visitor.page, visitor.world
    visitor.open("/staff/files/reports")
    visitor.press("Read it")
    assert visitor.sees("Choose the file of the report")
    visitor.look("staff-reports-error")
    reference = payment_of(world, "jo").reference
    text = f"reference,amount,sort code,account number\n{reference},15.50,108800,00012345\nX,1.00,108800,1\n"
    page.get_by_label("ARUCS").check()
    page.get_by_label("The report").set_input_files(
        {"name": "arucs.csv", "mimeType": "text/csv", "buffer": text.encode()}
    )
    visitor.press("Read it")
    assert visitor.sees("1 line of 2 will change something.")
    visitor.look("staff-report-tried")
    visitor.press("Do what the report says")
    assert visitor.sees("Returned. The person is asked to check their details.")
    visitor.look("staff-report-applied")


def _hand_over_a_voucher(visitor: Visitor) -> None:
    visitor.open("/staff/payments")
    visitor.look("staff-payments-by-hand")
    visitor.follow("Record it as paid or handed over")
    visitor.press("Record it")
    assert visitor.sees("Give the reference or number")
    visitor.look("staff-handed-over-error")
    visitor.page.get_by_label("Which number does the voucher have?").fill("V-17")
    visitor.press("Record it")
    visitor.world.drain()
    visitor.follow("It came back")
    visitor.press("Record it")
    visitor.look("staff-came-back-error")


def test_a_file_that_was_sent_in_time_is_recorded_the_day_after(visitor: Visitor) -> None:
    visitor.world.tick("jo")
    visitor.sign_in("staff", "kim")
    visitor.open("/staff/files/new/bacs")
    visitor.press("Build the file")
    file = visitor.page.url
    with at(datetime(2026, 11, 27, 9, tzinfo=UTC)):
        visitor.sign_in("staff", "kim")
        visitor.page.goto(file)
        assert visitor.sees("Too late:")
        visitor.look("staff-file-too-late")
        visitor.follow("say when")
        visitor.press("Record it as sent")
        assert visitor.sees("Enter a time, like 4:30pm")
        visitor.look("staff-file-sent-before-error")


def test_somebody_sees_on_which_day_their_money_comes(visitor: Visitor) -> None:
    world = visitor.world
    world.tick("jo")
    visitor.sign_in("staff", "kim")
    visitor.open("/staff/files/new/bacs")
    visitor.press("Build the file")
    visitor.press("I have sent this file")
    world.drain()
    visitor.sign_in("person", "jo")
    assert visitor.sees("It will be in your account on Monday 30 November.")
    visitor.look("my-page-by-bacs")
