"""Hidden tests, oracles, mutants and the grading of students' notebooks."""

from typing import Any


def grade(exercise: str, namespace: dict[str, Any], points: float = 1.0) -> float:
    """Run the hidden tests of an exercise in a graded cell; see `autograder.grading.grade`."""
    from autograder.grading import grade as run

    return run(exercise, namespace, points)
