"""A mutant that is stopped at its first different answer leads to the diagnosis that a mutant run to the end does."""

import pytest

from autograder.grading.diagnose import Followed, MutantRuns, RememberedRuns, diagnose
from autograder.grading.run import run_tests
from autograder.source import find_notebook
from autograder.testing import mutants_of
from autograder.testing.registry import mutant_namespace
from autograder.verify.workbench import Workbench

NOTEBOOKS = ("01", "03")
EACH = 4  # mutants of an exercise that are tried as students


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_followed_mutants_and_remembered_ones_are_recognised_alike(name):
    notebook = find_notebook(name)
    solved = Workbench(notebook)
    recognised = 0
    for exercise in notebook.exercises:
        known = RememberedRuns(exercise.name, "seed")
        for mutant in mutants_of(exercise.name)[:EACH]:
            with solved.swapped(mutant.replaces, mutant.work) as namespace:
                outcomes = run_tests(exercise.name, namespace, "seed")
            followed = diagnose(outcomes, MutantRuns(exercise.name, "seed"))
            assert followed == diagnose(outcomes, known)
            recognised += mutant in followed.values()
    assert recognised > len(notebook.exercises)


def test_a_mutant_that_answers_otherwise_is_asked_no_more():
    notebook = find_notebook("01")
    exercise = "distances_two_loops"
    outcomes = run_tests(exercise, Workbench(notebook).namespace, "seed")
    runs = MutantRuns(exercise, "seed")
    mutant = next(each for each in mutants_of(exercise) if each.name == "squared")
    first = outcomes[0]
    assert len(first.trace.replies) > 1
    assert not runs.agrees(mutant, first)
    assert first.questions.compare(mutant_namespace(mutant), first.trace) is False
    assert len(runs._run(mutant, first.test, Followed(first.trace)).trace.replies) == 1
