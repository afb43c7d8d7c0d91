"""An exercise graded: every hidden test's result, with the sentence of the mistake that was recognised."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from autograder.byvalue import Student
from autograder.grading.diagnose import MutantRuns, diagnose
from autograder.grading.run import Outcome, in_process, run_tests_on
from autograder.testing.registry import Mutant


@dataclass(frozen=True)
class TestResult:
    """One line of feedback: the test, whether it passed, what to say, and the mutant that the work agrees with."""

    __test__ = False  # pytest: not a test class

    name: str
    title: str
    weight: float
    passed: bool
    sentence: str
    mutant: str | None

    def as_record(self) -> dict[str, Any]:
        """The result as plain values."""
        return dict(vars(self))


def run_exercise(exercise: str, namespace: dict[str, Any], seed: str) -> list[TestResult]:
    """Every hidden test of an exercise on the work in `namespace`, each failure with the sentence of the mistake that
    was recognised.
    """
    return run_exercise_on(exercise, in_process(exercise, namespace), seed)


def run_exercise_on(
    exercise: str, open_student: Callable[[], Student], seed: str, known: Mapping[str, Outcome] | None = None
) -> list[TestResult]:
    """The same on the student's work, which is opened for each test whose outcome is not `known` already."""
    outcomes = run_tests_on(exercise, open_student, seed, known)
    if all(outcome.passed for outcome in outcomes):
        return results_of(outcomes, {})
    return results_of(outcomes, diagnose(outcomes, MutantRuns(exercise, seed)))


def results_of(outcomes: list[Outcome], recognised: dict[str, Mutant]) -> list[TestResult]:
    """The lines of feedback: a recognised mistake's sentence comes before the kind of difference."""
    return [_result(outcome, recognised.get(outcome.test.name)) for outcome in outcomes]


def earned_share(results: list[TestResult]) -> float:
    """The share of the exercise's points earned, 0 to 1."""
    return sum(r.weight for r in results if r.passed) / sum(r.weight for r in results)


def as_record(exercise: str, points: float, results: list[TestResult]) -> dict[str, Any]:
    """The results as plain values for JSON: kept with the grade and read by the report."""
    return {
        "exercise": exercise,
        "score": points * earned_share(results),
        "points": points,
        "tests": [result.as_record() for result in results],
    }


def _result(outcome: Outcome, recognised: Mutant | None) -> TestResult:
    test = outcome.test
    sentence = recognised.sentence if recognised is not None else outcome.sentence
    name = recognised.name if recognised is not None else None
    return TestResult(test.name, test.title, test.weight, outcome.passed, sentence, name)
