"""Honest work earns the same in stock nbgrader's kernel and in the sandbox, cell by cell.

That right work earns everything in both is shown for all notebooks by test_notebooks.py and test_engine_session.py.
"""

import copy
from typing import Any

import pytest
from engine_runs import worker
from nbgrader.preprocessors import Execute
from nbgrader.utils import determine_grade

from autograder.demo.work import can_be_handed_in, rewritten
from autograder.engine import Limits, run_notebook
from autograder.grading.seeds import SEED_VARIABLE
from autograder.source import SourceNotebook, find_notebooks
from autograder.testing.registry import mutants_of

SEED = "an honest student's"


def with_mistakes(source: SourceNotebook) -> Any:
    """The notebook as of a student who made a mistake in every second exercise."""
    first, written = int(source.name[:2]) % 2, dict[str, str]()
    for exercise in source.exercises[first::2]:
        wrong = [mutant for mutant in mutants_of(exercise.name) if can_be_handed_in(exercise, mutant)]
        if wrong:
            written |= rewritten(exercise, wrong[len(written) % len(wrong)])
    notebook = source.as_notebook(solution=True)
    for cell in notebook.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        cell.source = written.get(name, cell.source)
    return notebook


def scores(notebook: Any) -> dict[str, float | None]:
    """What nbgrader reads from the graded cells."""
    graded = [cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade")]
    return {cell.metadata.nbgrader.grade_id: determine_grade(cell)[0] for cell in graded}


@pytest.mark.parametrize("source", find_notebooks(), ids=lambda source: source.name)
def test_mistakes_cost_the_same(source: SourceNotebook, monkeypatch: pytest.MonkeyPatch) -> None:
    notebook = with_mistakes(source)
    monkeypatch.setenv(SEED_VARIABLE, SEED)
    stock, _ = Execute().preprocess(copy.deepcopy(notebook), {"metadata": {}})
    ours = run_notebook(worker(), notebook, seed=SEED, limits=Limits())
    assert scores(ours.notebook) == scores(stock)
    lost = [exercise for exercise in source.exercises if scores(stock)[exercise.tests.grade_id] < exercise.points]
    assert 0 < len(lost) < len(source.exercises)
