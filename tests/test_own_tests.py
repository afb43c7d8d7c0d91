"""Tests that an instructor wrote into a graded cell, without hidden tests of ours: what they earn here and on stock."""

import shutil
from pathlib import Path
from typing import Any

import nbformat
import pytest
from engine_runs import QUICK, run, worker
from nbgrader.preprocessors import Execute
from nbgrader.utils import determine_grade
from pipeline_course import NAME, filled, hand_in

from autograder.engine import run_notebook, session
from autograder.pipeline.execute import execute_notebook
from autograder.pipeline.intake import take_in
from autograder.pipeline.master import load_master, released_path

SAME = {  # what the graded cell holds: the points it earns of three
    "x = 1\nassert x == 1": 3,
    "print('all well')": 3,
    "assert 1 == 2": 0,
    "undefined": 0,
    "raise SystemExit": 0,
    "1.5": 1.5,
    "3": 3,
    "0": 0,
    "def f(:": 0,
    "print('x' * 9_000_000)\nassert False": 0,
    "print('x' * 9_000_000)": 3,
}
OTHER = {  # the points on stock, and here; why: docs/nbgrader.md
    "import warnings; warnings.warn('slow')": (0, 3),
    "import sys; print('slow', file=sys.stderr)": (0, 3),
    "float('nan')": (3, 0),
    "'well done'": (3, 0),
    "False": (3, 0),
    "-1": (3, 0),
}


def notebook(sources: list[str]) -> Any:
    about = {"grade": True, "solution": False, "points": 3, "locked": True, "task": False, "schema_version": 3}
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    for place, cell in enumerate(cells):
        cell.metadata["nbgrader"] = about | {"grade_id": f"own_{place}"}
    return nbformat.v4.new_notebook(cells=cells)


def points(executed: Any) -> dict[str, float | None]:
    return {cell.source: determine_grade(cell)[0] for cell in executed.cells}


def test_stock_nbgrader_counts_so() -> None:
    executed, _ = Execute().preprocess(notebook([*SAME, *OTHER]), {"metadata": {}})
    assert points(executed) == SAME | {source: stock for source, (stock, _) in OTHER.items()}


@pytest.mark.parametrize("where", ["sandbox", "kernel"])
def test_here_they_count_the_same_but_for_what_is_no_score(where: str) -> None:
    made = notebook([*SAME, *OTHER])
    execution = run(made) if where == "sandbox" else execute_notebook(made, seed="seed", timeout=20)
    assert points(execution.notebook) == SAME | {source: here for source, (_, here) in OTHER.items()}


def test_more_points_than_there_are_fail_on_stock_and_are_none_here() -> None:
    stock = notebook(["4"])
    stock.cells[0].outputs = [nbformat.v4.new_output("execute_result", data={"text/plain": "4"})]
    with pytest.raises(ValueError, match="cannot be greater than maximum points"):
        points(stock)
    assert points(run(notebook(["4"])).notebook) == {"4": 0}


def test_a_cell_that_did_not_come_to_its_end_earns_nothing() -> None:
    sources = ["import os; os._exit(0)", "while True: pass", "assert True"]
    assert list(points(run(notebook(sources)).notebook).values()) == [0, 0, 3]


def test_an_error_that_there_was_no_room_for_is_still_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "MAX_NOTEBOOK_OUTPUT", 10)
    execution = run_notebook(worker(), notebook(["assert False, 'x' * 100"]), seed="seed", limits=QUICK)
    assert list(points(execution.notebook).values()) == [0]


def test_nothing_that_they_print_or_raise_is_shown() -> None:
    executed = run(notebook(["print('hidden 713')", "assert 713 == 714, 'hidden 713'", "1.5"])).notebook
    assert "713" not in str([cell.outputs for cell in executed.cells])


def test_cells_of_a_format_without_ids_get_some(course: Any, tmp_path: Path) -> None:
    course_dir = Path(shutil.copytree(course[0], tmp_path / "course"))
    path = released_path(course_dir, NAME)
    old = nbformat.read(path, as_version=4)
    for cell in old.cells:
        del cell["id"]
    old.nbformat_minor = 4
    nbformat.write(old, path)
    master = load_master(course_dir, NAME)
    assert len({cell.id for cell in master.notebook.cells}) == len(old.cells)
    hand_in(course_dir, "ana", filled(old))
    assert take_in(course_dir, master, "ana", course_dir / "submitted" / "ana" / NAME).note == ""
