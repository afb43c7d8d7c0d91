"""`course verify`: the mutant bank grades the grader."""

from autograder.verify.exercise import ExerciseReport, MutantReport, verify_exercise
from autograder.verify.notebook import NotebookReport, verify_notebook, verify_notebooks
from autograder.verify.table import report_as_json, report_table

__all__ = [
    "ExerciseReport",
    "MutantReport",
    "NotebookReport",
    "report_as_json",
    "report_table",
    "verify_exercise",
    "verify_notebook",
    "verify_notebooks",
]
