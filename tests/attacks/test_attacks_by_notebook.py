"""Tricks with the file: tags, metadata, ids, stored outputs, magics, and results that a student's own cells show."""

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from hostile import cases
from lab import ALL_POINTS, PATIENT, SEED, Lab, scores
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

from autograder.engine import run_notebook
from autograder.grading.kernel import MIME_TYPE
from autograder.pipeline.master import Master
from autograder.pipeline.reading import read_notebook
from autograder.pipeline.rebuild import rebuild
from autograder.source import find_notebook

NAME = "01_knn"
RECORD = {
    "exercise": "l1_distance",
    "score": 12.0,
    "points": 12.0,
    "tests": [{"name": "t", "title": "t", "weight": 1.0, "passed": True, "sentence": "", "mutant": None}],
}


@cache
def master() -> Master:
    full = find_notebook("01").as_notebook(solution=True)
    sources = {cell.metadata.nbgrader.grade_id: cell.source for cell in full.cells if "nbgrader" in cell.metadata}
    return Master(NAME, find_notebook("01").as_notebook(solution=False), "version", sources)


def grade(lab: Lab, notebook: NotebookNode, folder: Path) -> tuple[dict[str, float], NotebookNode]:
    """Points by exercise of a notebook as a student hands it in, and the notebook with its feedback."""
    path = folder / f"{NAME}.ipynb"
    path.write_text(json.dumps(notebook))
    cells, _ = read_notebook(path, NAME)
    rebuilt, _ = rebuild(master(), cells)
    run_notebook(lab.worker, rebuilt, seed=SEED, limits=PATIENT)
    assert lab.all_gone()
    return scores(rebuilt), rebuilt


def graded_cells(notebook: NotebookNode) -> list[NotebookNode]:
    return [
        cell for cell in notebook.cells if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("grade")
    ]


def tag_everything(notebook: NotebookNode) -> None:
    for cell in notebook.cells:
        cell.metadata["tags"] = ["skip-execution", "nbval-skip", "raises-exception", "remove-cell"]


def rewrite_graded_cells(notebook: NotebookNode) -> None:
    for cell in graded_cells(notebook):
        cell.source = f"{cell.metadata.nbgrader.points}"


def store_results(notebook: NotebookNode) -> None:
    for cell in graded_cells(notebook):
        points = cell.metadata.nbgrader.points
        cell.outputs = [new_output("execute_result", data={"text/plain": str(points), MIME_TYPE: RECORD})]


def raise_points(notebook: NotebookNode) -> None:
    for cell in graded_cells(notebook):
        cell.metadata.nbgrader |= {"points": 1e9, "solution": True, "grade": True, "locked": False, "checksum": "0"}


def delete_graded_cells(notebook: NotebookNode) -> None:
    notebook.cells = [cell for cell in notebook.cells if cell not in graded_cells(notebook)]


def turn_graded_cells_to_markdown(notebook: NotebookNode) -> None:
    for cell in graded_cells(notebook):
        cell.cell_type, cell.source = "markdown", "12.0"


def graded_cells_first(notebook: NotebookNode) -> None:
    notebook.cells.sort(key=lambda cell: cell not in graded_cells(notebook))


def claim_ids(notebook: NotebookNode) -> None:
    for cell in graded_cells(notebook):
        own = new_code_cell("12.0", id=cell.id, metadata=json.loads(json.dumps(cell.metadata)))
        notebook.cells.insert(0, own)


def gaps_that_grade(notebook: NotebookNode) -> None:
    for cell in notebook.cells:
        if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("solution"):
            cell.source = f'from autograder import grade\ngrade("{cell.id}", globals(), points=12)'


def another_kernel(notebook: NotebookNode) -> None:
    notebook.metadata["kernelspec"] = {"name": "../../evil", "display_name": "x", "language": "python", "argv": ["sh"]}


FILES: dict[str, Callable[[NotebookNode], None]] = {
    "every cell tagged to be skipped": tag_everything,
    "graded cells rewritten": rewrite_graded_cells,
    "results stored in graded cells": store_results,
    "points raised": raise_points,
    "graded cells deleted": delete_graded_cells,
    "graded cells turned to text": turn_graded_cells_to_markdown,
    "graded cells moved to the front": graded_cells_first,
    "cells that claim the ids of graded cells": claim_ids,
    "gaps that call grade": gaps_that_grade,
    "a kernel of its own": another_kernel,
}

SHOWN = cases(
    r"""
## a number
12.0
## not a number
float('nan')
## an oversized number
1e308
## printed lines of passed tests
print('ok     12.0 of 12.0  agrees with the definition\n12.0')
## a grade record
from IPython.display import display
display({'text/plain': '12.0', RECORD_TYPE: RECORD}, raw=True)
## an object that shows a grade record
class Score(float):
    def _repr_mimebundle_(self, **k): return {'text/plain': '12.0', RECORD_TYPE: RECORD}
Score()
## script and markup
from IPython.display import HTML, SVG, Javascript, Latex, Markdown, display
display(HTML('<script>EVIL</script>'), Javascript('EVIL'), Markdown('<img onerror=EVIL>'), Latex('EVIL'))
display(SVG('<svg onload="EVIL"/>'))
## a widget
display({'application/vnd.jupyter.widget-view+json': {'model_id': 'EVIL'}, 'text/html': 'EVIL'}, raw=True)
## a picture that is none
display({'image/png': '"><script>EVIL</script>', 'image/svg+xml': '<svg/>EVIL'}, raw=True)
## JavaScript by magic
%%javascript
EVIL
## HTML by magic
%%html
<script>EVIL</script>
## a shell by magic
%%bash
echo EVIL
## a shell line
!echo EVIL
## a program by magic
%%script python
print('EVIL')
## everything forgotten by magic
%reset -f
print('nothing')
## a file run by magic
%%writefile run.py
print(12.0)
## an alias
%alias grade echo 12.0
%grade
## a line magic of the name grade
from IPython.core.magic import register_line_cell_magic
@register_line_cell_magic
def grade(line, cell=None): return 12.0
## a display hook
import sys
sys.displayhook = lambda value: print(12.0)
get_ipython().display_formatter.format = lambda *a, **k: ({'text/plain': '12.0'}, {})
## an error with markup
raise type('<script>EVIL</script>', (Exception,), {})('<script>EVIL</script>')
"""
)


@pytest.mark.parametrize("change", FILES.values(), ids=FILES.keys())
def test_what_is_done_to_the_file_earns_nothing(
    any_lab: Lab, change: Callable[[NotebookNode], None], tmp_path: Path
) -> None:
    notebook = find_notebook("01").as_notebook(solution=False)
    change(notebook)
    points, _ = grade(any_lab, notebook, tmp_path)
    assert sum(points.values()) == 0


@pytest.mark.parametrize("source", SHOWN.values(), ids=SHOWN.keys())
def test_what_a_cell_shows_earns_nothing_and_harms_nobody_who_reads_it(
    any_lab: Lab, source: str, tmp_path: Path
) -> None:
    notebook = find_notebook("01").as_notebook(solution=False)
    places = [place for place, cell in enumerate(notebook.cells) if cell in graded_cells(notebook)]
    own_cell = source.replace("RECORD_TYPE", repr(MIME_TYPE)).replace("RECORD", repr(RECORD))
    for place in (places[0] + 1, places[0]):
        notebook.cells.insert(place, new_code_cell(own_cell))
    points, feedback = grade(any_lab, notebook, tmp_path)
    assert sum(points.values()) == 0
    for cell in feedback.cells:
        for output in cell.get("outputs", []):
            own = cell in graded_cells(feedback)
            assert set(output.get("data", {})) <= {"text/plain", "image/png", "image/jpeg"} | (
                {MIME_TYPE} if own else set()
            )
            assert output.output_type != "execute_result" or own
            assert "script" not in str(output.get("data", {}).get("image/png", ""))


def test_tags_on_right_work_change_nothing(any_lab: Lab, tmp_path: Path) -> None:
    notebook = find_notebook("01").as_notebook(solution=True)
    tag_everything(notebook)
    notebook.cells.append(new_markdown_cell("<script>alert(1)</script>"))
    points, _ = grade(any_lab, notebook, tmp_path)
    assert sum(points.values()) == ALL_POINTS


ESCAPES = "\x1b]0;EVIL\x07\x1b[2J\u202eEVIL\u2066"


def test_what_is_said_about_wrong_work_holds_no_terminal_escapes(any_lab: Lab, tmp_path: Path) -> None:
    notebook = find_notebook("01").as_notebook(solution=False)
    for cell in notebook.cells:
        if cell.id == "l1_distance":
            cell.source = f"def l1_distance(a, b):\n    return a / '{ESCAPES}'"
    points, feedback = grade(any_lab, notebook, tmp_path)
    assert points["l1_distance"] == 0
    said = "".join(output.get("text", "") for cell in graded_cells(feedback) for output in cell.outputs)
    assert "your code raised" in said
    assert all(character.isprintable() or character == "\n" for character in said)
