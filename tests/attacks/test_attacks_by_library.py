"""The library called where writing the function is the exercise: by every detour that is a call."""

from collections.abc import Callable

import pytest
from engine_runs import scores, sentences, solved
from lab import ALL_POINTS, ATTACKED, PATIENT, POINTS, SEED, Attack, Lab
from library_calls import (
    COMPILED,
    IN_FORKS,
    WAYS,
    distances_by_compiled,
    distances_by_scipy,
    namespace_of,
    relu_by_library,
)
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from autograder.engine import run_notebook
from autograder.grading import run_exercise
from autograder.pipeline.execution import Execution

SCIPY = {way: (distances_by_scipy, way) for way in (*WAYS, *IN_FORKS)} | {
    way: (distances_by_compiled, way) for way in COMPILED
}
Code = Callable[[str], tuple[str, str]]


def with_cell(notebook: NotebookNode, source: str, position: str) -> NotebookNode:
    """The notebook with a cell of the student's own before the one called `position`."""
    place = next(number for number, cell in enumerate(notebook.cells) if cell.id == position)
    notebook.cells.insert(place, new_code_cell(source, id=f"before-{position}"))
    return notebook


def part_of_notebook_03(before: str, relu: str) -> NotebookNode:
    """Its imports, and its exercises relu and sigmoid, of which the second is right."""
    notebook = solved("03", {"relu": relu})
    wanted = ("relu", "relu_tests", "sigmoid", "sigmoid_2", "sigmoid_tests")
    imports = next(cell for cell in notebook.cells if "from course_utils import check" in cell.source)
    notebook.cells = [imports, *(cell for cell in notebook.cells if cell.id in wanted)]
    return with_cell(notebook, before, "relu")


def graded(lab: Lab, notebook: NotebookNode) -> Execution:
    return run_notebook(lab.worker, notebook, seed=SEED, limits=PATIENT)


@pytest.mark.parametrize(("code", "way"), SCIPY.values(), ids=SCIPY.keys())
def test_scipy_called_by_a_detour_earns_nothing(lab: Lab, code: Code, way: str) -> None:
    before, gap = code(way)
    lab.resists(Attack(gap, before=before), PATIENT)


@pytest.mark.parametrize("way", [*WAYS, *IN_FORKS])
def test_our_library_called_by_a_detour_earns_nothing(any_lab: Lab, way: str) -> None:
    earned = scores(graded(any_lab, part_of_notebook_03(*relu_by_library(way))))
    assert earned == {"relu": 0, "sigmoid": 5}


def test_feedback_is_that_of_a_self_check(lab: Lab) -> None:
    code = relu_by_library("a module")
    there = sentences(graded(lab, part_of_notebook_03(*code)), "relu")
    here = [result.sentence for result in run_exercise("relu", namespace_of(code), SEED)]
    assert there == here
    assert "relu calls course_utils.nn in line 2 of its cell (return" in here[0]


def test_who_uses_a_banned_library_in_experiments_loses_nothing(lab: Lab) -> None:
    experiment = """
import scipy.spatial.distance
from course_utils import nn
cdist = scipy.spatial.distance.cdist
reference = cdist(np.eye(3), np.eye(3)) + nn.relu_forward(np.eye(3))[0]
print('reference', reference[0, 0])
"""
    notebook = with_cell(solved("01"), experiment, "l1_distance")
    execution = graded(lab, with_cell(notebook, experiment, f"{ATTACKED}_tests"))
    assert sum(scores(execution).values()) == ALL_POINTS
    shown = [str(cell.outputs) for cell in execution.notebook.cells if cell.id.startswith("before-")]
    assert ["reference 1.0" in text for text in shown] == [True, True]


def test_a_banned_library_is_there_again_in_the_next_cell(lab: Lab) -> None:
    before, gap = distances_by_scipy("a module under another name")
    again = "import scipy\nprint('again', m.cdist([[0.0]], [[3.0]]), distances_two_loops([[0]], [[4]]))"
    shown = lab.resists(Attack(gap, before=before, after=again), PATIENT).shown("after")
    assert "again [[3.]] [[4.]]" in shown


def test_the_exercise_without_the_call_earns_its_points(lab: Lab) -> None:
    before, _ = distances_by_scipy("a module under another name")
    assert lab.grade(Attack(before=before), PATIENT).attacked == POINTS[ATTACKED]


@pytest.mark.parametrize("call", ["m.cdist", "mine"])
def test_a_library_taken_off_the_table_of_modules_is_found(lab: Lab, call: str) -> None:
    before = """
import sys, scipy.spatial.distance as m
mine = m.cdist
for name in [name for name in sys.modules if name.startswith('scipy')]:
    del sys.modules[name]
"""
    lab.resists(Attack(f"def distances_two_loops(X, X_train):\n    return {call}(X, X_train)\n", before), PATIENT)
