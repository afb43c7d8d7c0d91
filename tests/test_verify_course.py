"""Every notebook's hidden tests are held to the mutant bank; `make verify` does the same with more seeds."""

import pytest

from autograder.source import find_notebooks
from autograder.verify import verify_notebook


@pytest.mark.parametrize("notebook", find_notebooks(), ids=lambda notebook: notebook.name)
def test_the_hidden_tests_catch_the_mistakes_and_let_right_work_pass(notebook):
    report = verify_notebook(notebook, seeds=1)
    assert report.problems == []
    assert {exercise.name: exercise.problems for exercise in report.exercises if exercise.problems} == {}
