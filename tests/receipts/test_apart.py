"""Is a file from outside read where it can do no harm, whatever it does to its reader?"""

from __future__ import annotations

import pytest

from service.errors import Invalid
from service.receipts import apart, papers, pictures
from service.receipts.model import JPEG, PDF
from tests.receipts import made

NOT_READ = "We could not read this picture. Take a new one, or choose another file"


@pytest.mark.parametrize("kind", [JPEG, PDF])
def test_makes_the_same_receipt_in_a_process_of_its_own(kind: str) -> None:
    came = made.pdf() if kind == PDF else made.jpeg()
    here = papers.clean(came) if kind == PDF else pictures.clean(came, kind=kind)
    assert apart.clean(came, kind=kind) == here


def test_says_what_to_do_in_the_readers_own_words() -> None:
    with pytest.raises(Invalid) as error:
        apart.clean(b"%PDF-1.7\nnothing", kind=PDF)
    assert error.value.detail == "We could not read this PDF. Send a picture of it instead"


def test_a_file_that_takes_too_much_memory_is_not_read() -> None:
    with pytest.raises(Invalid) as error:
        apart.clean(made.jpeg(), kind=JPEG, memory=24 * 1024 * 1024)
    (fault,) = error.value.errors
    assert (fault.pointer, fault.detail) == ("/file", NOT_READ)


def test_a_reader_that_breaks_is_answered_in_words() -> None:
    # No process may have so much: it ends before it says anything.
    with pytest.raises(Invalid) as error:
        apart.clean(made.jpeg(), kind=JPEG, memory=2**80)
    assert error.value.detail == "We could not read this file. Take a new picture, or send another file"
