"""The instructor's copy of an assignment: the released notebook, with graded cells as the gradebook keeps them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from autograder.pipeline.nodes import changed
from autograder.pipeline.originals import Original

SKIP_TAG = "skip-execution"
_NOTHING: dict[str, Any] = {}


@dataclass(frozen=True)
class Master:
    """One assignment as released. `version` is the SHA-256 of the released file; `sources` has full cells.

    Its notebook has its name; in an instructor's own assignment of several, it is called `name` and stands beside
    `siblings`.
    """

    assignment: str
    notebook: NotebookNode
    version: str
    sources: dict[str, str]
    name: str = ""
    siblings: frozenset[str] = frozenset()

    @property
    def notebook_name(self) -> str:
        return self.name or self.assignment

    @cached_property
    def originals(self) -> tuple[Original, ...]:
        """The cells of the notebook, none of which may be changed from now on."""
        return tuple(
            Original(
                place=place,
                name=grade_id(cell),
                cell_type=str(cell["cell_type"]),
                source=str(cell["source"]),
                is_solution=is_solution(cell),
                is_answer=is_answer(cell),
                is_skipped=is_skipped(cell),
                node=cell,
                graded=changed(cell, source=self.cell_source(cell)),
            )
            for place, cell in enumerate(self.notebook.cells)
        )

    @cached_property
    def gaps(self) -> tuple[Original, ...]:
        """Those that a student fills in."""
        return tuple(original for original in self.originals if original.is_solution)

    def cell_source(self, cell: NotebookNode) -> str:
        """The source to grade with: a locked cell's from the gradebook (with hidden tests), else the released one."""
        name = grade_id(cell)
        source = str(cell["source"])
        return source if name is None or is_solution(cell) else self.sources.get(name, source)


def released_path(course_dir: Path, assignment: str, name: str = "") -> Path:
    return course_dir / "release" / assignment / f"{name or assignment}.ipynb"


def released_bytes(course_dir: Path, assignment: str, name: str = "") -> bytes:
    """The released file. Raises FileNotFoundError when the assignment was not released in this course directory."""
    path = released_path(course_dir, assignment, name)
    if not path.is_file():
        raise FileNotFoundError(f"{path}: not there; release {assignment} first (nbgrader generate_assignment)")
    return path.read_bytes()


def load_master(course_dir: Path, assignment: str, name: str = "", gradebook_url: str = "") -> Master:
    """Read the released notebook and its source cells from the gradebook (default: DIR/gradebook.db).

    `name` is that of the notebook in an assignment that has several.
    Raises FileNotFoundError when the assignment was not released in this course directory, GradebookError when the
    gradebook does not have it.
    """
    content = released_bytes(course_dir, assignment, name)
    from nbgrader.api import MissingEntry

    from autograder.pipeline.grades import GradebookError, open_gradebook

    path = course_dir / "gradebook.db"
    missing = GradebookError(
        f"{path}: does not have {assignment}, as after it was moved away; put it back, or grade from the start: "
        f"nbgrader generate_assignment {assignment} --force, then course grade {assignment}"
    )
    if not gradebook_url and not path.exists():
        raise missing
    with open_gradebook(course_dir, gradebook_url) as gradebook:
        try:
            found = gradebook.find_notebook(name or assignment, assignment)
        except MissingEntry:
            raise missing from None
        sources = {cell.name: cell.source for cell in found.source_cells}
        siblings = frozenset(each.name for each in found.assignment.notebooks) - {found.name}
    notebook = nbformat.reads(content.decode("utf-8"), as_version=4)
    _name_cells(notebook)
    return Master(assignment, notebook, version_of(content), sources, name, siblings)


def _name_cells(notebook: NotebookNode) -> None:
    """Give cells the ids that notebooks before format 4.5 do not have."""
    for place, cell in enumerate(notebook.cells):
        cell.setdefault("id", f"cell-{place}")
    notebook.nbformat_minor = max(notebook.nbformat_minor, 5)


def version_of(released: bytes) -> str:
    """The version of an assignment: the SHA-256 of its released file."""
    return hashlib.sha256(released).hexdigest()


def grade_id(cell: NotebookNode) -> str | None:
    name = _about(cell).get("grade_id")
    return name if isinstance(name, str) else None


def is_solution(cell: NotebookNode) -> bool:
    return bool(_about(cell).get("solution"))


def is_graded(cell: NotebookNode) -> bool:
    return bool(_about(cell).get("grade"))


def _about(cell: NotebookNode) -> dict[str, Any]:
    """What nbgrader keeps of a cell. Here, as wherever each cell of a submission is looked at, by items: to look one up
    as an attribute takes ten times as long, and there are thousands.
    """
    about: dict[str, Any] = cell["metadata"].get("nbgrader", _NOTHING)
    return about


def is_answer(cell: NotebookNode) -> bool:
    """A written question, graded by a person."""
    return is_solution(cell) and is_graded(cell)


def is_test(cell: NotebookNode) -> bool:
    """A cell in which hidden tests run."""
    return is_graded(cell) and not is_solution(cell) and cell["cell_type"] == "code"


def is_skipped(cell: NotebookNode) -> bool:
    return SKIP_TAG in cell["metadata"].get("tags", ())


def students_code(notebook: NotebookNode) -> list[str]:
    """The code cells of a rebuilt notebook that run in the student's process, without the instructor's locked ones."""
    return [
        str(cell["source"])
        for cell in notebook.cells
        if cell["cell_type"] == "code" and not is_skipped(cell) and (grade_id(cell) is None or is_solution(cell))
    ]
