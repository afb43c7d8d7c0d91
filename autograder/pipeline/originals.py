"""The instructor's cells, with what is asked of each of them for every submission."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from nbformat import NotebookNode

from autograder.pipeline.cell_code import definitions


@dataclass(frozen=True)
class Original:
    """One cell: its `place`, its `name` (grade_id), and its text as released.

    `graded` is the cell with the text to grade with. All rebuilt notebooks share it: nothing in it may be changed.
    """

    place: int
    name: str | None
    cell_type: str
    source: str
    is_solution: bool
    is_answer: bool
    is_skipped: bool
    node: NotebookNode
    graded: NotebookNode

    @cached_property
    def stripped(self) -> str:
        """The released text without white space around it."""
        return self.source.strip()

    @cached_property
    def defines(self) -> dict[str, str]:
        """Name → text of what is defined in the released text."""
        return definitions(self.source)
