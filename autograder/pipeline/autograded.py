"""The autograded notebook of a submission, as nbgrader's Autograde would write it.

nbgrader's own steps are run once, on the instructor's copy: a submission has the same cells, with other text in gaps.
"""

from __future__ import annotations

from typing import Any

from nbconvert.exporters import NotebookExporter
from nbformat import NotebookNode, validate
from nbformat.v4 import reads_json, writes_json
from nbgrader.converters import Autograde
from nbgrader.preprocessors import LimitOutput
from nbgrader.utils import compute_checksum, determine_grade, is_task

from autograder.pipeline.fragments import Memory
from autograder.pipeline.intake import empty_notebook
from autograder.pipeline.master import Master, grade_id, is_answer, is_graded, is_solution
from autograder.pipeline.nodes import CellKeys, changed
from autograder.pipeline.stock import mark_unanswered

ROOM = 3_000_000  # characters of cells remembered as text

_EMPTY = NotebookNode(cells=[], metadata=NotebookNode(), nbformat=4, nbformat_minor=5)


class UnlikeMasterError(Exception):
    """A notebook is not made of the instructor's cells as nbgrader keeps them; its own converters must deal with it."""


class AutogradedNotebooks:
    """Makes autograded notebooks of one assignment. `converter` is nbgrader's, with the course's settings."""

    def __init__(self, master: Master, converter: Autograde) -> None:
        self.exporter = NotebookExporter(parent=converter, config=converter.config)
        for step in converter.sanitize_preprocessors:
            self.exporter.register_preprocessor(step)
        about = {"student": ".", "assignment": master.assignment, "notebook": master.assignment}
        text, _ = self.exporter.from_notebook_node(
            empty_notebook(master), {"nbgrader": about | {"db_url": converter.coursedir.db_url}}
        )
        self._notebook = reads_json(text)
        for cell in self._notebook.cells:
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
        self._cells = {cell.get("id"): cell for cell in self._notebook.cells}
        self._answers = {grade_id(cell): cell for cell in master.notebook.cells if is_answer(cell)}
        self._texts, self._keys = Memory(ROOM), CellKeys()
        self._frame = _frame(self._notebook)
        self._limit = LimitOutput(parent=self.exporter)
        if None in self._cells or len(self._cells) != len(self._notebook.cells):
            raise UnlikeMasterError(f"{master.assignment}: cells of the release have no ids of their own")
        if any(is_task(cell) for cell in self._notebook.cells):
            raise UnlikeMasterError(f"{master.assignment}: has tasks")

    def make(self, rebuilt: NotebookNode, executed: NotebookNode) -> NotebookNode:
        """The text of `rebuilt` with the outputs of `executed`. Cells may be shared with other notebooks.

        Raises UnlikeMasterError when a cell of the instructor's is missing.
        """
        outputs = {cell.get("id"): cell for cell in executed.cells if cell["cell_type"] == "code"}
        cells = [self._cell(cell, outputs.get(cell.get("id"))) for cell in rebuilt.cells]
        made = changed(self._notebook, cells=cells)
        names = [cell.get("id") for cell in made.cells]
        if len(set(names)) != len(names) or not self._cells.keys() <= set(names):
            raise UnlikeMasterError("the instructor's cells are not all there once")
        return made

    def text(self, notebook: NotebookNode) -> str:
        """What `make` gave, as a file holds it. Raises ValidationError for cells that are none."""
        texts: list[str | None] = []
        new: list[tuple[int, str, NotebookNode]] = []
        for cell in notebook.cells:
            key = self._keys.of(cell)
            known = self._texts.get(key)
            texts.append(known[0] if known else None)
            if known is None:
                new.append((len(texts) - 1, key, cell))
        validate(NotebookNode(notebook, cells=[cell for _, _, cell in new]), relax_add_props=True)
        for place, key, cell in new:
            (texts[place],) = self._texts.keep(key, (_cell_text(cell),))
        return self._frame[0] + ",\n".join(filter(None, texts)) + self._frame[1] + "\n"

    def _cell(self, cell: NotebookNode, done: NotebookNode | None) -> NotebookNode:
        original = self._cells.get(cell.get("id"))
        if original is None:
            if "nbgrader" in cell["metadata"] or cell["cell_type"] not in ("code", "markdown"):
                raise UnlikeMasterError(f"cell {cell.get('id')} is not the instructor's, and no plain cell")
            made = cell
        elif original["cell_type"] != cell["cell_type"] or grade_id(original) != grade_id(cell):
            raise UnlikeMasterError(f"cell {cell.get('id')} is of another type or name")
        elif not is_solution(original) and _is_empty(done):
            return original
        else:
            made = original
            if is_solution(original):
                metadata = original["metadata"]
                own = changed(metadata, nbgrader=changed(metadata["nbgrader"]))
                made = changed(made, source=cell["source"], metadata=own)
            answer = self._answers.get(grade_id(original))
            if answer is not None:
                mark_unanswered(made, answer)
        if made["cell_type"] == "code":
            if done is None:
                return changed(made, outputs=[], execution_count=None)
            outputs = [changed(output) for output in done["outputs"]]
            made = changed(made, outputs=outputs, execution_count=done["execution_count"])
            made, _ = self._limit.preprocess_cell(made, {}, 0)
        return made


def _is_empty(done: NotebookNode | None) -> bool:
    """Whether a cell that has run, or that was not to run, shows nothing."""
    return done is None or (not done["outputs"] and done["execution_count"] is None)


def _frame(notebook: NotebookNode) -> tuple[str, str]:
    """A notebook's text before and after its cells."""
    start, end = str(writes_json(NotebookNode(notebook, cells=[]))).split("[]", 1)
    return f"{start}[\n", f"\n ]{end}"


def _cell_text(cell: NotebookNode) -> str:
    start, end = _frame(_EMPTY)
    return str(writes_json(NotebookNode(_EMPTY, cells=[cell])))[len(start) : -len(end)]


def automatic_scores(notebook: NotebookNode, log: Any = None) -> dict[str, float | None]:
    """grade_id → score of each graded cell as nbgrader reads it; None where a person has to grade."""
    return {str(grade_id(cell)): determine_grade(cell, log)[0] for cell in notebook.cells if is_graded(cell)}


def automatic_comments(notebook: NotebookNode) -> dict[str, str | None]:
    """grade_id → nbgrader's own comment on each gap: that it was left as it was, or none."""
    return {
        str(grade_id(cell)): (
            "No response." if cell.metadata.nbgrader.get("checksum") == compute_checksum(cell) else None
        )
        for cell in notebook.cells
        if is_solution(cell)
    }
