"""A council's colours must be readable by everybody."""

from __future__ import annotations

import pytest

from service.councils.colours import contrast, require_readable
from service.errors import Invalid


def test_black_on_white_is_the_furthest_apart() -> None:
    assert contrast("#000000", "#ffffff") == 21.0
    assert contrast("#ffffff", "#ffffff") == 1.0


def test_the_order_of_the_two_colours_does_not_matter() -> None:
    assert contrast("#1d4f91", "#ffffff") == contrast("#ffffff", "#1d4f91")


def test_the_last_grey_that_passes_on_white_and_the_first_that_does_not() -> None:
    assert require_readable(background="#FFFFFF ", foreground="#767676").foreground == "#767676"
    with pytest.raises(Invalid) as refusal:
        require_readable(background="#ffffff", foreground="#777777")
    assert refusal.value.detail == (
        "The text #777777 on #ffffff has a contrast of 4.4 to 1, "
        "and people need at least 4.5 to 1 to read it. "
        "Choose a darker or a lighter colour for one of them."
    )
    assert refusal.value.errors[0].pointer == "/header_text_colour"


@pytest.mark.parametrize("typed", ["red", "#fff", "#12345g", "", "#1234567"])
def test_a_colour_that_is_none_is_refused_with_an_example(typed: str) -> None:
    with pytest.raises(Invalid) as refusal:
        require_readable(background=typed, foreground="#ffffff")
    assert refusal.value.errors[0].pointer == "/header_colour"
    assert "like #1d4f91" in refusal.value.detail
