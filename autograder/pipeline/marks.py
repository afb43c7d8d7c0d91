"""What the gradebook says of one submission, and the notebook as its feedback shows it."""

from __future__ import annotations

from dataclasses import dataclass, field

from nbformat import NotebookNode

from autograder.pipeline import stock
from autograder.pipeline.nodes import changed


@dataclass(frozen=True)
class Mark:
    """What a graded cell earned, and could earn."""

    score: float
    points: float


@dataclass(frozen=True)
class Marks:
    """What the gradebook says of one submission: marks of graded cells and comments on answers, by grade_id.

    `score` is the sum of the cells' marks; `late_penalty` is to be taken from it.
    """

    cells: dict[str, Mark] = field(default_factory=dict)
    comments: dict[str, str | None] = field(default_factory=dict)
    score: float = 0.0
    max_score: float = 0.0
    late_penalty: float = 0.0


def with_marks(notebook: NotebookNode, marks: Marks, note: str) -> NotebookNode:
    """What the page shows: `notebook` with marks and comments, without hidden tests, the note on top. Cells that look
    the same are the same.
    """
    cells = []
    for original in notebook.cells:
        source, cell = stock.as_shown(original), original
        if source != original["source"]:
            cell = changed(original, source=source)
        about = cell["metadata"].get("nbgrader", {})
        if about.get("solution") or about.get("grade"):
            about = changed(about)
            if about.get("solution"):
                about.comment = marks.comments[about.grade_id]
            if about.get("grade"):
                mark = marks.cells[about.grade_id]
                about.score, about.points = mark.score, mark.points
            cell = changed(cell, metadata=changed(cell.metadata, nbgrader=about))
        cells.append(cell)
    return changed(notebook, cells=[stock.note_cell(note), *cells] if note else cells)
