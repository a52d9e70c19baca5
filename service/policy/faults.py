"""What can be wrong with a policy, or with the facts it is asked about?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass

from service.errors import Fault as FactFault
from service.errors import Invalid

__all__ = ["FactFault", "FactFaults", "Fault", "PolicyFaults"]


@dataclass(frozen=True, order=True)
class Fault:
    """One mistake in a policy file: where it stands, what is wrong, and what to do."""

    file: str
    line: int
    clause: str
    what: str
    remedy: str

    def __str__(self) -> str:
        clause = f" (clause {self.clause})" if self.clause else ""
        return f"{self.file}:{self.line}{clause}: {self.what} {self.remedy}".rstrip()

    def to_json(self) -> dict[str, str | int]:
        """The five parts under their own names."""
        return asdict(self)


class PolicyFaults(Invalid):
    """A policy that cannot be used. `faults` lists every mistake found, in file and line order."""

    title = "This policy has mistakes"

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(sorted(set(faults)))
        count = len(self.faults)
        word = "mistake" if count == 1 else "mistakes"
        summary = f"The policy has {count} {word}. The first: {self.faults[0]}"
        super().__init__(
            summary, errors=tuple(FactFault(f"/text#line={one.line}", str(one)) for one in self.faults)
        )


class FactFaults(Invalid):
    """Facts that the policy cannot be asked about. `errors` holds a JSON pointer and a sentence for each."""

    title = "Some answers need another look"

    def __init__(self, errors: Iterable[FactFault]) -> None:
        found = tuple(errors)
        super().__init__(" ".join(one.detail for one in found), errors=found)
