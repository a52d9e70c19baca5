"""What does a bureau's CSV look like? Ten columns without a heading, one line for each payment; no contras.

Sort code, account, name, amount in pounds, 99, our sort code, our account, our name, reference, day.
Source: the public column list of Paygate's Bacs payment editor.
"""

from __future__ import annotations

import csv
import io

from service.rails import bacs_words
from service.rails.bacs import CREDIT, Submission, require
from service.rails.bacs_calendar import entry_day


def build(given: Submission) -> bytes:
    """The whole file. Raises `CannotBeWritten`."""
    require(given)
    out = io.StringIO()
    lines = csv.writer(out, lineterminator=given.profile.ends)
    for one in given.credits:
        day = one.processing_day if given.profile.csv_day == "processing" else entry_day(one.processing_day)
        lines.writerow(
            (
                one.to.sort_code,
                one.to.number,
                bacs_words.field(one.to.name, 18).strip(),
                f"{one.amount_pence // 100}.{one.amount_pence % 100:02}",
                CREDIT,
                one.origin.sort_code,
                one.origin.number,
                bacs_words.field(given.user_name, 18).strip(),
                bacs_words.field(one.reference, 18).strip(),
                f"{day:%d/%m/%Y}",
            )
        )
    return out.getvalue().encode("ascii")
