"""Grading inside the process that holds the student's code: a notebook's kernel, or a student's own check."""

import contextlib
import os
import sys
from typing import Any

from autograder.grading.exercise import TestResult, as_record, earned_share, run_exercise
from autograder.grading.seeds import PRACTICE_SEED, SEED_VARIABLE

MIME_TYPE = "application/vnd.course.grade+json"


class Score(float):
    """The points earned, shown as a plain number that nbgrader reads as partial credit, with the record beside."""

    record: dict[str, Any]

    def __repr__(self) -> str:
        return float.__repr__(self)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return {"text/plain": repr(self), MIME_TYPE: self.record}


def grade(exercise: str, namespace: dict[str, Any], points: float = 1.0) -> Score:
    """Run the hidden tests of `exercise` on `namespace`, print a line a test, and return the points earned.

    `course build` writes `points` into the graded cell. Hidden inputs come from the seed in COURSE_SEED; without one,
    as in a self-learner's notebook, from a fixed practice seed.
    """
    with _nothing_displayed():
        results = run_exercise(exercise, namespace, os.environ.get(SEED_VARIABLE, PRACTICE_SEED))
    print("\n".join(feedback_lines(results, points)))
    score = Score(min(points, points * earned_share(results)))
    score.record = as_record(exercise, points, results)
    return score


def practice(exercise: str, namespace: dict[str, Any], points: float = 1.0) -> dict[str, Any]:
    """The same tests for a self-check: `{"score", "points", "lines", "tests"}`."""
    with _nothing_displayed():
        results = run_exercise(exercise, namespace, os.environ.get(SEED_VARIABLE, PRACTICE_SEED))
    return as_record(exercise, points, results) | {"lines": feedback_lines(results, points)}


def feedback_lines(results: list[TestResult], points: float) -> list[str]:
    """A line a test: what it earned, its title, and what to look at when it failed."""
    total = sum(result.weight for result in results)
    lines = []
    for result in results:
        worth = points * result.weight / total
        if result.passed:
            lines.append(f"ok    {worth:4.1f} of {worth:.1f}  {result.title}")
        else:
            lines.append(f"FAIL   0.0 of {worth:.1f}  {result.title}\n      → {result.sentence}")
    return lines


@contextlib.contextmanager
def _nothing_displayed() -> Any:
    """What student code displays while hidden tests run could show hidden input: in a kernel it goes nowhere."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    if shell is None:
        yield
        return
    from IPython.utils.capture import capture_output

    with capture_output(stdout=False, stderr=False, display=True):
        yield
