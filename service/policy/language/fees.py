"""Which rules say what somebody's time is worth? Fees, paid time, activities, cancellation."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping as MappingOf

from service.policy.facts import Vocabulary
from service.policy.language import literals
from service.policy.language.fee_kinds import (
    read_blocks,
    read_cases,
    read_fee_formula,
    read_items,
    read_matrix,
    read_plateau,
    read_set,
    read_tiers,
)
from service.policy.language.fields import Fields, Reading
from service.policy.language.literals import BadLiteral, Quantity
from service.policy.language.nodes import Mapping, Text
from service.policy.model import (
    FEE_NATURES,
    STATUTORY_FIELDS,
    TIME_KINDS,
    Activity,
    Band,
    Bands,
    Cases,
    Counter,
    Fee,
    Flat,
    Hourly,
    Matrix,
    Notice,
    PaidTime,
    Place,
    Several,
    TimeBasis,
    Undecided,
    Unpaid,
    Value,
)

FEE_KINDS = (
    "hourly",
    "bands",
    "flat",
    "unpaid",
    "blocks",
    "plateau",
    "items",
    "matrix",
    "set by the project",
    "cases",
    "formula",
)
PAYS = ("in full", "no", "included", "allowance")


class FeeReader:
    """Reads rules of fees against what they may name."""

    def __init__(
        self,
        reading: Reading,
        *,
        vocabulary: Vocabulary,
        roles: MappingOf[str, str],
        counters: MappingOf[str, Counter],
    ) -> None:
        self.reading = reading
        self.vocabulary = vocabulary
        self.roles = roles
        self.counters = counters

    def read(self, document: Mapping) -> dict[str, Fee]:
        """The `fees:` section."""
        found = {key: self.fee(fields) for key, fields in self.reading.each(document, "fees")}
        section = self.reading.section(document, "fees")
        for key, fee in found.items():
            for case in fee.cases if isinstance(fee, Cases) else ():
                if case.pay not in found or isinstance(found[case.pay], Cases):
                    self.reading.fault(
                        section.entries[key],
                        f"A case of 'fees.{key}' uses '{case.pay}', which is not a rule of fees to use.",
                        "Name a rule under fees: that is not of kind cases itself.",
                        fee.rule.clause,
                    )
        return found

    def fee(self, fields: Fields) -> Fee:
        """One rule of fees."""
        kind = fields.choice("kind", FEE_KINDS)
        nature = fields.choice("nature", FEE_NATURES, default="fee")
        if kind == "hourly":
            return self._hourly(fields, nature)
        if kind == "flat":
            amount = fields.value("amount", "pence")
            each = fields.choice("each", ("session", "day", "night"), default="session")
            return Flat(fields.rule(), nature, amount, each)
        if kind == "bands":
            return _bands(fields, nature)
        if kind == "matrix":
            return read_matrix(fields, nature, self.roles, _lengths(fields))
        if kind == "cases":
            return read_cases(fields, nature, self.vocabulary.claim, self.roles)
        if kind == "formula":
            return read_fee_formula(fields, nature, self.vocabulary.claim)
        simple: dict[str, Callable[[Fields, str], Fee]] = {
            "blocks": read_blocks,
            "plateau": read_plateau,
            "items": read_items,
            "set by the project": read_set,
        }
        return simple[kind](fields, nature) if kind in simple else Unpaid(fields.rule(), nature)

    def _hourly(self, fields: Fields, nature: str) -> Hourly:
        tiers, counter = read_tiers(fields, "minutes", self.counters, "hours")
        rate = tiers[0].rate if tiers else fields.value("rate", "pence")
        return Hourly(fields.rule(), nature, rate, tiers, counter)


def _lengths(fields: Fields) -> list[Band]:
    """The columns of a matrix: lengths that leave no gap."""
    found = []
    for row in fields.rows("lengths"):
        name = row.text("name")
        low, high = bounds(row)
        row.done()
        found.append(Band(name, low or 0, high, Quantity(0, "pence")))
    check_bands(fields, [(band.low or 0, band.high) for band in found])
    return found


def _bands(fields: Fields, nature: str) -> Bands:
    hours = fields.inner("hours")
    undecided = None
    if hours:
        undecided = Undecided(hours.text("undecided"))
        hours.done()
    bands, values, stated = [], {}, not undecided
    for row in fields.rows("bands"):
        name = row.text("name", default="")
        low, high = bounds(row)
        pay = row.value("pay", "pence")
        row.done()
        if undecided and (low is not None or high is not None):
            row.fault("A band has hours, though the rule says they are undecided.", "Remove one of the two.")
        elif not undecided and low is None and high is None:
            stated = False
            row.fault(
                f"The band '{name or 'without a name'}' has no hours.",
                "Write where it starts and ends (under: 4h), or 'hours: {undecided: why}' beside the bands.",
            )
        if name:
            values[name] = pay
        bands.append(Band(name, None if undecided else low or 0, high, pay))
    if stated:
        check_bands(fields, [(band.low or 0, band.high) for band in bands])
    return Bands(fields.rule(values=values), nature, tuple(bands), undecided)


def bounds(row: Fields, unit: str = "minutes") -> tuple[int | None, int | None]:
    """`at_least`/`over` and `under`/`at_most` as whole numbers, low included and high not."""
    low = high = None
    for key, shift in (("at_least", 0), ("over", 1)):
        if row.has(key):
            if low is not None:
                row.fault("A band starts twice.", "Keep at_least or over.")
            low = _bound(row, key, unit) + shift
    for key, shift in (("under", 0), ("at_most", 1)):
        if row.has(key):
            if high is not None:
                row.fault("A band ends twice.", "Keep under or at_most.")
            high = _bound(row, key, unit) + shift
    if row.has("exactly"):
        low = _bound(row, "exactly", unit)
        high = low + 1
    return low, high


def _bound(row: Fields, key: str, unit: str) -> int:
    found = row.value(key, unit)
    if not isinstance(found, Quantity):
        row.fault("A band starts or ends at an amount by name.", "Write the figure itself.")
        return 0
    return found.number


def check_bands(
    fields: Fields, bands: list[tuple[int, int | None]], *, say: Callable[[int], str] | None = None
) -> None:
    """Every value from nought up falls in exactly one band; anything else is a fault."""
    say = say or _minutes
    reached: int | None = 0
    for low, high in sorted(bands, key=lambda band: (band[0], band[1] is None, band[1] or 0)):
        if reached is None or low < reached:
            both = say(low)
            fields.fault(
                f'Two bands of "{fields.key}" both claim {both}.', "Let one end where the other starts."
            )
        elif low > reached:
            upto = f" to {say(low - 1)}" if low - 1 > reached else ""
            fields.fault(
                f'No band of "{fields.key}" says what happens at {say(reached)}{upto}.',
                "Close the gap, or add a row with 'pay: {undecided: why}'.",
            )
        if high is not None and high <= low:
            fields.fault(f'A band of "{fields.key}" ends before it starts.', "Check its two figures.")
        reached = None if high is None or reached is None else max(reached, high)
    if reached is not None and bands:
        fields.fault(
            f'No band of "{fields.key}" says what happens from {say(reached)} on.',
            "Leave the last band open, or add a row with 'pay: {undecided: why}'.",
        )


def _minutes(number: int) -> str:
    hours, minutes = divmod(number, 60)
    return f"{hours}h" if not minutes else f"{hours}h {minutes}min" if hours else f"{minutes}min"


def read_paid_time(
    reading: Reading, document: Mapping, activities: MappingOf[str, Activity]
) -> tuple[PaidTime, ...]:
    """The `paid_time:` section: reading, travel and training beside the activity itself."""
    found: list[PaidTime] = []
    taken: dict[tuple[str, str], str] = {}
    for key, fields in reading.each(document, "paid_time"):
        time = fields.choice("time", tuple(TIME_KINDS))
        pay, limit = _treatment(fields)
        allowance = fields.value("amount", "pence") if pay == "allowance" else None
        rate = fields.maybe("rate", "pence")
        only = fields.names("activities", activities, "activity")
        rule = fields.rule(values={"limit": limit} if limit else {})
        for activity in only or ("",):
            other = taken.setdefault((time, activity), key)
            if other != key:
                fields.fault(
                    f"Both '{other}' and '{key}' say how {time} time is paid.", "Name different activities."
                )
        found.append(PaidTime(rule, time, pay, limit, rate, only, allowance))
    return tuple(found)


def _treatment(fields: Fields) -> tuple[str, Value | None]:
    text = fields.text("pay")
    if text in PAYS:
        return text, None
    for words, pay in (
        ("in full once over ", "once over"),
        ("the part over ", "over"),
        ("at most ", "at most"),
    ):
        if text.startswith(words):
            try:
                found = literals.quantity(text.removeprefix(words))
            except BadLiteral as error:
                fields.fault(error.what, error.remedy)
                return "no", None
            if found.unit == "minutes":
                return pay, found
    fields.fault(
        f'"pay: {text}" of "{fields.key}" is not known.',
        "Use: in full, no, included, allowance, at most 2h, the part over 1h, in full once over 1h.",
    )
    return "no", None


def read_activities(
    reading: Reading, document: Mapping, roles: MappingOf[str, str], fees: MappingOf[str, Fee]
) -> dict[str, Activity]:
    """The `activities:` section: field, and what each role is paid by."""
    return {key: _activity(key, fields, roles, fees) for key, fields in reading.each(document, "activities")}


def _activity(key: str, fields: Fields, roles: MappingOf[str, str], fees: MappingOf[str, Fee]) -> Activity:
    name = fields.spoken("name")
    clause = fields.text("clause")
    field = fields.choice("field", STATUTORY_FIELDS)
    pays: dict[str, str] = {}
    files: dict[str, str] = {}
    table = fields.raw("pays")
    if not isinstance(table, Mapping) or not table.entries:
        fields.fault(
            f'"{fields.key}" pays no role.', 'Add "pays:" with a role and a rule of fees a line.', table
        )
        table = Mapping({}, {}, fields.place.file, fields.place.line)
    for role, node in table.entries.items():
        fee = node.value if isinstance(node, Text) else ""
        if fields.known(role, roles, "role", node) and fields.known(fee, fees, "rule of fees", node):
            row = fees[fee]
            if isinstance(row, Matrix) and role not in row.rows:
                fields.fault(f"'{fee}' has no row for the role '{role}'.", "Add the row to its table.", node)
            pays[role] = fee
            files[role] = table.lines[role][0]
    several = fields.inner("several")
    rule = _several(several) if several else None
    fields.done()
    return Activity(key, name, clause, field, pays, files, rule, fields.place)


def read_several(reading: Reading, document: Mapping) -> Several | None:
    """The `several:` rule, for activities that have none of their own."""
    if "several" not in document.entries:
        return None
    place = document.lines["several"]
    return _several(Fields(reading, reading.section(document, "several"), key="several", place=place))


def _several(fields: Fields) -> Several:
    pay = fields.choice("pay", ("sum", "highest"))
    return Several(fields.rule(), pay)


def read_time_basis(reading: Reading, document: Mapping) -> TimeBasis | None:
    """The `time_basis:` rule: the time attended counts, or the time scheduled."""
    if "time_basis" not in document.entries:
        return None
    place = document.lines["time_basis"]
    fields = Fields(reading, reading.section(document, "time_basis"), key="time_basis", place=place)
    counts = fields.choice("counts", ("attended", "scheduled"))
    return TimeBasis(fields.rule(), counts)


def read_cancellation(reading: Reading, document: Mapping) -> tuple[Notice, ...]:
    """The `cancellation:` section, shortest notice first; the last row has no limit."""
    found = []
    for _, fields in reading.each(document, "cancellation"):
        share = fields.value("share", "hundredths of a percent")
        under = fields.maybe("notice_under", "minutes")
        if under is not None and not isinstance(under, Quantity):
            fields.fault("The notice is an amount by name.", "Write the figure itself, like 24h.")
            under = Quantity(0, "minutes")
        found.append(Notice(fields.rule(), under.number if under else None, share))
    found.sort(key=lambda notice: (notice.under is None, notice.under or 0))
    last = [notice for notice in found if notice.under is None]
    if found and len(last) != 1:
        place: Place = found[0].rule.place
        node = Text("", False, place.file, place.line)
        reading.fault(
            node, "Cancellation must say what longer notice pays, once.", "Leave out notice_under in one."
        )
    return tuple(found)
