"""Reading a notebook's cells.  Plain JSON: nbformat alone would take a fifth of the time a check may take."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from course_utils.shelf import CourseError

SKIP_TAG = "skip-execution"
GAP_MARK = "raise NotImplementedError("
ANSWER_MARK = "YOUR ANSWER HERE"


class NotebookError(CourseError):
    """A notebook that cannot be read; the message says where it is broken and that nothing was changed."""


@dataclass(frozen=True)
class Cell:
    """One cell; ``position`` counts from 1 as a person would."""

    position: int
    kind: str
    source: str
    grade_id: str | None = None
    solution: bool = False
    graded: bool = False
    points: float = 0.0
    skipped: bool = False

    @property
    def is_gap(self) -> bool:
        """Code the student writes."""
        return self.kind == "code" and self.solution and not self.graded

    @property
    def is_question(self) -> bool:
        """A written question, graded by a person."""
        return self.solution and self.graded

    @property
    def is_test(self) -> bool:
        """The cell in which hidden tests run at grading."""
        return self.kind == "code" and self.graded and not self.solution

    @property
    def is_check(self) -> bool:
        """A visible check."""
        return self.kind == "code" and not self.graded and (self.grade_id or "").endswith("_check")

    @property
    def label(self) -> str:
        """What to call the cell in a message."""
        return self.grade_id or f"number {self.position}"

    @property
    def is_empty(self) -> bool:
        """A gap or a written answer as it was released."""
        return (self.is_gap and GAP_MARK in self.source) or (self.is_question and ANSWER_MARK in self.source)


@dataclass(frozen=True)
class Notebook:
    """A notebook's cells, and its title where it has one."""

    path: Path
    title: str
    cells: tuple[Cell, ...]

    def by_id(self) -> dict[str, Cell]:
        """Cells that have a grade_id; of two with the same one, the last counts, as in grading."""
        return {cell.grade_id: cell for cell in self.cells if cell.grade_id}


@dataclass(frozen=True)
class Exercise:
    """The gaps a student fills for one name, the visible check, and what the hidden tests are worth."""

    name: str
    gaps: tuple[str, ...]
    check: Cell | None
    points: float


def read_notebook(path: Path) -> Notebook:
    """Read a notebook of format 4.

    Raises NotebookError when the file is missing, not JSON, or not such a notebook.
    """
    try:
        text = path.read_text(encoding="utf-8")
        content = json.loads(text)
    except FileNotFoundError:
        raise NotebookError(f"{path}: there is no such file") from None
    except IsADirectoryError:
        raise NotebookError(f"{path}: is a folder, not a notebook; nothing was changed; rename it") from None
    except OSError as error:
        raise NotebookError(f"{path}: cannot be read ({error.strerror}); nothing was changed") from error
    except json.JSONDecodeError as error:
        what = "the file is empty" if not text.strip() else f"not valid JSON at line {error.lineno} ({error.msg})"
        raise NotebookError(f"{path}: {what}; {_HOW_TO_RESTORE}") from error
    except (UnicodeDecodeError, RecursionError) as error:
        raise NotebookError(f"{path}: not a notebook in UTF-8; {_HOW_TO_RESTORE}") from error
    if not isinstance(content, dict) or not isinstance(content.get("cells"), list):
        raise NotebookError(f"{path}: JSON, but not a notebook with a list of cells; {_HOW_TO_RESTORE}")
    cells = tuple(_cell(position, raw) for position, raw in enumerate(content["cells"], start=1))
    return Notebook(path, _title(content, cells) or path.stem, cells)


_HOW_TO_RESTORE = (
    "nothing was changed; look for a good copy in .ipynb_checkpoints beside it, "
    "or rename this file and run `course start` for a fresh one"
)


def exercises(notebook: Notebook) -> list[Exercise]:
    """The exercises of a released notebook, in order: each ends at its graded cell."""
    found: list[Exercise] = []
    gaps: list[str] = []
    check: Cell | None = None
    for cell in notebook.cells:
        if cell.is_gap:
            gaps.append(cell.label)
        elif cell.is_check:
            check = cell
        elif cell.is_test:
            found.append(Exercise(cell.label.removesuffix("_tests"), tuple(gaps), check, cell.points))
            gaps, check = [], None
    return found


def _cell(position: int, raw: Any) -> Cell:
    raw = raw if isinstance(raw, dict) else {}
    metadata = _mapping(raw.get("metadata"))
    grading = _mapping(metadata.get("nbgrader"))
    source = raw.get("source", "")
    points = grading.get("points") or 0
    grade_id = grading.get("grade_id")
    return Cell(
        position=position,
        kind=str(raw.get("cell_type", "")),
        source="".join(map(str, source)) if isinstance(source, list) else str(source),
        grade_id=grade_id if isinstance(grade_id, str) and grade_id else None,
        solution=grading.get("solution") is True,
        graded=grading.get("grade") is True,
        points=float(points) if isinstance(points, int | float) else 0.0,
        skipped=SKIP_TAG in (metadata.get("tags") or ()),
    )


def _title(content: dict[str, Any], cells: tuple[Cell, ...]) -> str:
    metadata = _mapping(content.get("metadata"))
    course = _mapping(metadata.get("course")) or _mapping(_mapping(metadata.get("jupyter")).get("course"))
    if course.get("title"):
        return str(course["title"])
    for cell in cells:
        first = cell.source.lstrip().partition("\n")[0]
        if cell.kind == "markdown" and first.startswith("# "):
            return first[2:].strip()
    return ""


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
