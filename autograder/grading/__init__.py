"""Running an exercise's hidden tests on a student's code, and saying what is wrong."""

from autograder.grading.exercise import TestResult, run_exercise
from autograder.grading.kernel import Score, grade, practice
from autograder.grading.run import Outcome
from autograder.grading.seeds import submission_seed

__all__ = ["Outcome", "Score", "TestResult", "grade", "practice", "run_exercise", "submission_seed"]
