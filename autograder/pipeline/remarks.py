"""What had to be put right about the cells of a submission, gathered while it is done and said in few sentences."""

from __future__ import annotations

from collections import defaultdict
from enum import Enum

from autograder.pipeline.outcomes import Finding, Outcome, listed


class Remark(Enum):
    """Outcome, what is said of one cell, and of several; in the order in which it is said."""

    COPIED = Outcome.COPIED, "is there more than once", "are there more than once"
    BY_ID = Outcome.RECOVERED, "had lost its name; found by its id", "had lost their names; found by their ids"
    BY_DEFINITION = (
        Outcome.RECOVERED,
        "had lost its name; found by what it defines",
        "had lost their names; found by what they define",
    )
    BY_PLACE = Outcome.RECOVERED, "had lost its name; found by its place", "had lost their names; found by their places"
    BELOW = (
        Outcome.RECOVERED,
        "was left as it was and the answer written below it; used",
        "were left as they were and the answers written below them; used",
    )
    MERGED = (
        Outcome.MERGED,
        "was written inside another cell; found there",
        "were written inside other cells; found there",
    )
    RETYPED = (
        Outcome.RETYPED,
        "was turned into a cell of another type; read as it was",
        "were turned into cells of another type; read as they were",
    )
    SPLIT = Outcome.SPLIT, "was split over several cells; put together", "were split over several cells; put together"
    EMPTY = Outcome.DELETED, "is not there; graded as left empty", "are not there; graded as left empty"
    MISSING = Outcome.DELETED, "is not there; put back", "are not there; put back"
    RESTORED = Outcome.RESTORED, "was changed; the instructor's is used", "were changed; the instructor's are used"
    SETTINGS = (
        Outcome.CHANGED_SETTINGS,
        "has other settings (points, type or version) than the instructor's; these are used",
        "have other settings (points, type or version) than the instructor's; these are used",
    )
    SHELL = Outcome.SHELL, "calls the shell, which counts for nothing", "call the shell, which counts for nothing"

    def __init__(self, outcome: Outcome, one: str, many: str) -> None:
        self.outcome, self.one, self.many = outcome, one, many


class Remarks:
    """Which cells each remark is about."""

    def __init__(self) -> None:
        self._cells: dict[Remark, list[str]] = defaultdict(list)

    def add(self, remark: Remark, cell: str) -> None:
        """Say `remark` of a cell of this name; once is enough."""
        if cell not in self._cells[remark]:
            self._cells[remark].append(cell)

    def findings(self) -> list[Finding]:
        """A sentence for each remark that was made."""
        said = [(remark, self._cells[remark]) for remark in Remark if self._cells.get(remark)]
        return [
            Finding(
                remark.outcome,
                f"cell {cells[0]} {remark.one}" if len(cells) == 1 else f"cells {listed(cells)} {remark.many}",
            )
            for remark, cells in said
        ]
