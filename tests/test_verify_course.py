"""Every notebook's hidden tests are held to the mutant bank; `make verify` does the same with more seeds."""

import pytest

from autograder.source import find_notebooks
from autograder.verify import verify_notebook
from autograder.verify.cost import BUDGET

HANG = 3  # the budget is measured and printed; only three times of it fails


@pytest.mark.parametrize("notebook", find_notebooks(), ids=lambda notebook: notebook.name)
def test_the_hidden_tests_catch_the_mistakes_and_let_right_work_pass(notebook):
    report = verify_notebook(notebook, seeds=1)
    assert report.problems == []
    assert {exercise.name: exercise.problems for exercise in report.exercises if exercise.problems} == {}
    print(f"{notebook.name}: {report.cost}; the budget is {BUDGET} s")
    assert 0 < report.cost.total < HANG * BUDGET
