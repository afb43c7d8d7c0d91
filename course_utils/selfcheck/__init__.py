"""Checking one's own notebook: visible checks, and hidden tests where they are installed."""

from course_utils.selfcheck.results import ExerciseResult, Hidden, Where
from course_utils.selfcheck.runner import check_notebook

__all__ = ["ExerciseResult", "Hidden", "Where", "check_notebook"]
