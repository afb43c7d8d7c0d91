"""What the check found, as values and in words."""

from __future__ import annotations

import html
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class GradientReport:
    """The outcome of `check_gradient`. True in a condition when the gradient is right.

    max_relative_error: the worst entry's (or direction's) error; inf where none could be computed.
    worst_index: that entry, (2, 3), or ("W1", (2, 3)) in a dictionary; None in the random-direction mode.
    analytic, numerical: the two values there (slopes along the worst direction in the random-direction mode).
    kinks: indices of entries where f bends at x, or so near that a step crosses the bend (direction numbers
        in that mode).
    cause: a short name of the likely mistake ("factor", "sign", ...; the table is in causes.py), "" when ok.
    explanation: the cause in a sentence or two. notes: other things worth knowing. evaluations: calls of f.
    """

    ok: bool
    max_relative_error: float
    tolerance: float
    worst_index: Any
    analytic: float
    numerical: float
    cause: str
    explanation: str
    worst: str
    kinks: list[Any] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    evaluations: int = 0

    def __bool__(self) -> bool:
        return self.ok

    @property
    def message(self) -> str:
        """The whole report in a few lines of words."""
        verdict = "The gradient agrees" if self.ok else "The gradient does not agree"
        first = f"{verdict} with finite differences"
        if self.max_relative_error != float("inf"):
            first += f": largest relative error {self.max_relative_error:.2g}, allowed {self.tolerance:.2g}"
        lines = [first + "."]
        if not self.ok and self.worst:
            lines.append(f"Worst {self.worst}: yours is {self.analytic:.8g}, measured {self.numerical:.8g}.")
        if self.explanation:
            lines.append(self.explanation)
        lines.extend(f"Note: {note}" for note in self.notes)
        return "\n".join(lines)

    def __str__(self) -> str:
        return self.message

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        first, *rest = self.message.split("\n")
        return f"<p><b>{html.escape(first)}</b></p>" + "".join(f"<p>{html.escape(line)}</p>" for line in rest)
