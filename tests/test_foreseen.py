"""Answers of the grader's functions that go along with the answer to the call before: as good as asked for."""

import pytest
from engine_runs import run, scores, solved
from nbformat.v4 import new_code_cell, new_notebook

from autograder.engine.line import Line
from autograder.testing import expect_equal, hidden

asked = []  # calls of `second` that the grader has answered, foreseen or not


def second(x, k):
    asked.append(k)
    if k < 0:
        raise ValueError("no such k")
    return object() if k == 0 else k * x


@hidden("uses_both")
def one_after_the_other(student, rng):
    def first(x):
        for k in (2, 3, -1, 0):
            student.foresee(second, x + 1, k)
        return x + 1

    student.provide("first", first)
    student.provide("second", second)
    X = rng.integers(1, 9, size=(2, 3)).astype(float)
    expect_equal(student.uses_both(X), 5 * (X + 1))


CALLS = {  # what adds up to five times what `first` answers, and how many calls that asks of the grader
    "what was foreseen": ("second(y, 2) + second(y, 3)", 1),
    "in another order": ("second(y, 3) + second(y, 2)", 1),
    "what was not foreseen": ("second(y, 1) + second(y, 4)", 3),
    "after one that was not, none is known any more": ("second(y, 1) + second(y, 2) + second(y, 2)", 4),
    "an answer is given once": ("second(y, 2) + second(y, 2) + second(y, 1)", 3),
    "other numbers": ("second(2 * y, 2) + second(y, 1)", 3),
    "the same numbers of another type": ("second(y, np.int64(2)) + second(y, np.int64(3))", 3),
    "another layout": ("second(np.asfortranarray(y), 2) + second(y, 3)", 3),
    "by keyword": ("second(y, k=2) + second(x=y, k=3)", 3),
    "changed by the student's code": ("np.add(z := second(y, 2), 1, out=z) - 1 + second(y, 3)", 1),
}


def notebook_of(work):
    source = "from autograder import grade\ngrade('uses_both', 'uses_both', 1)"
    graded = new_code_cell(source)
    graded.metadata["nbgrader"] = {"grade": True, "solution": False, "points": 1, "grade_id": "both", "locked": True}
    cell = f"import numpy as np\ndef uses_both(x):\n    y = first(x)\n    return {work}"
    return new_notebook(cells=[new_code_cell(cell), graded])


@pytest.fixture
def calls(monkeypatch):
    """Of the grader's functions by the student's process."""
    counted = []
    serve = Line._serve_callback
    monkeypatch.setattr(Line, "_serve_callback", lambda *call: (counted.append(call), serve(*call))[1])
    asked.clear()
    return counted


@pytest.mark.parametrize("name", CALLS)
def test_a_call_that_was_foreseen_exactly_takes_no_turn_and_any_other_is_asked(name, calls):
    work, count = CALLS[name]
    assert scores(run(notebook_of(work)))["uses_both"] == 1
    assert len(calls) == count


def test_what_fails_while_it_is_foreseen_counts_only_when_it_is_called(calls):
    assert scores(run(notebook_of("second(y, 2) + second(y, 3)")))["uses_both"] == 1
    assert -1 in asked and 0 in asked  # which cannot cross
    for k in (-1, 0):
        assert scores(run(notebook_of(f"second(y, {k})")))["uses_both"] == 0


def test_cross_validation_asks_for_distances_alone(calls):
    assert all(scores(run(solved())).values())
    in_folds = [3, 5, 3, 4, 2]  # of its five hidden tests, whatever the number of ks
    assert len(calls) == sum(in_folds)
