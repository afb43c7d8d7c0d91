"""What nbgrader is told to do differently. nbgrader_config.py, here and in every course folder, calls `configure`."""

from typing import Any

from autograder.build.settings import configure_release
from autograder.names import COURSE_ID
from autograder.pipeline import stock

__all__ = ["COURSE_ID", "configure"]


def configure(c: Any) -> None:
    """Sets the course's options on a traitlets `Config`: how releases are made, submissions graded, feedback shown."""
    configure_release(c)
    # Intake, seeds, settled outputs and harmless feedback, for nbgrader's own commands too.
    stock.configure(c)
    # Its default, grades.csv, is what `course grade` writes.
    c.ExportPlugin.to = "nbgrader-grades.csv"
