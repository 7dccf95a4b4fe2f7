"""What a gate found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


def listed(names: Sequence[str], most: int) -> str:
    """The first names, and how many more there are."""
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


@dataclass(frozen=True)
class Verdict:
    """The outcome of one gate: it passes where it found no fault."""

    faults: Sequence[str]
    """One line each: what is wrong, where, what to do."""
    figures: Mapping[str, Any] = field(default_factory=dict)
    """What was measured; shown on pass and on failure."""
    undecided: bool = False
    """Whether nothing is wrong, but what the gate asks for is not shown yet either: a warning, no failure."""

    @property
    def passed(self) -> bool:
        """Whether no fault was found."""
        return not self.faults

    def summary(self) -> str:
        """The faults in one line, at most five of them."""
        more = len(self.faults) - 5
        return "; ".join(self.faults[:5]) + (f"; and {more} more" if more > 0 else "")
