"""The instructor's copy of an assignment: the released notebook, with graded cells as the gradebook keeps them."""

from __future__ import annotations

import ast
import hashlib
from dataclasses import dataclass
from pathlib import Path

import nbformat
from IPython.core.inputtransformer2 import TransformerManager
from nbformat import NotebookNode

SKIP_TAG = "skip-execution"


@dataclass(frozen=True)
class Master:
    """One assignment as released. `version` is the SHA-256 of the released file; `sources` has full cells."""

    assignment: str
    notebook: NotebookNode
    version: str
    sources: dict[str, str]

    def cell_source(self, cell: NotebookNode) -> str:
        """The source to grade with: a locked cell's from the gradebook (with hidden tests), else the released one."""
        name = grade_id(cell)
        if name is None or is_solution(cell):
            return str(cell.source)
        return self.sources.get(name, str(cell.source))


def released_path(course_dir: Path, assignment: str) -> Path:
    return course_dir / "release" / assignment / f"{assignment}.ipynb"


def load_master(course_dir: Path, assignment: str) -> Master:
    """Read the released notebook and its source cells from DIR/gradebook.db.

    Raises FileNotFoundError when the assignment was not released in this course directory.
    """
    path = released_path(course_dir, assignment)
    if not path.is_file():
        raise FileNotFoundError(f"{path}: not there; release {assignment} first (nbgrader generate_assignment)")
    content = path.read_bytes()
    from autograder.pipeline.grades import open_gradebook

    with open_gradebook(course_dir) as gradebook:
        cells = gradebook.find_notebook(assignment, assignment).source_cells
        sources = {cell.name: cell.source for cell in cells}
    notebook = nbformat.reads(content.decode("utf-8"), as_version=4)
    return Master(assignment, notebook, hashlib.sha256(content).hexdigest(), sources)


def grade_id(cell: NotebookNode) -> str | None:
    name = cell.metadata.get("nbgrader", {}).get("grade_id")
    return name if isinstance(name, str) else None


def is_solution(cell: NotebookNode) -> bool:
    return bool(cell.metadata.get("nbgrader", {}).get("solution"))


def is_graded(cell: NotebookNode) -> bool:
    return bool(cell.metadata.get("nbgrader", {}).get("grade"))


def is_answer(cell: NotebookNode) -> bool:
    """A written question, graded by a person."""
    return is_solution(cell) and is_graded(cell)


def is_test(cell: NotebookNode) -> bool:
    """A cell in which hidden tests run."""
    return is_graded(cell) and not is_solution(cell) and cell.cell_type == "code"


def is_skipped(cell: NotebookNode) -> bool:
    return SKIP_TAG in cell.metadata.get("tags", [])


def parse(source: str) -> ast.Module | None:
    """The syntax tree of a cell, magics and shell lines included; None when it is not Python."""
    try:
        return ast.parse(TransformerManager().transform_cell(source))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def definitions(source: str) -> dict[str, str]:
    """Name → text of each function and class defined at the top of a cell; empty when it does not parse."""
    tree = parse(source)
    if tree is None:
        return {}
    text = TransformerManager().transform_cell(source)
    return {
        node.name: ast.get_source_segment(text, node) or ""
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    }
