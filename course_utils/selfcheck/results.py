"""What a check found out about one exercise."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Status = Literal["ok", "wrong", "error", "gap", "time", "missing", "not reached"]


@dataclass(frozen=True)
class Where:
    """A line of the student's code, counted within its cell from 1."""

    cell: str
    line: int
    source: str

    def __str__(self) -> str:
        return f"in cell {self.cell}, line {self.line}: {self.source}"


@dataclass
class Hidden:
    """What the hidden tests gave, where they are installed: points earned, points possible, a line a test."""

    score: float
    points: float
    lines: list[str] = field(default_factory=list)

    @property
    def failed(self) -> list[str]:
        """The lines of the tests that failed."""
        return [line for line in self.lines if line.startswith("FAIL")]

    @property
    def passed(self) -> bool:
        """Every point is earned and no test failed: an extension has no points, so points alone do not tell."""
        return self.score >= self.points and not self.failed


@dataclass
class ExerciseResult:
    """The visible check of one exercise in words, and the hidden tests where they ran.

    ``status``: ok; wrong (the check says no); error (the code stopped); gap (not written yet); time (stopped because it
    took too long); missing (the cell is not in the notebook); not reached (no time was left).
    """

    exercise: str
    status: Status
    message: str = ""
    where: Where | None = None
    output: str = ""
    points: float = 0.0
    hidden: Hidden | None = None

    @property
    def ok(self) -> bool:
        """The visible check passes, and so do the hidden tests if they ran."""
        return self.status == "ok" and (self.hidden is None or self.hidden.passed)

    def as_json(self) -> dict[str, Any]:
        """Plain values for ``--json``."""
        return {**asdict(self), "ok": self.ok}
