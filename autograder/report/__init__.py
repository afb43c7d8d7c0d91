"""The instructor's report on an assignment: one self-contained HTML page."""

from __future__ import annotations

from pathlib import Path

from autograder.pipeline.grades import write_text
from autograder.report.collect import collect
from autograder.report.page import page


def write_report(course_dir: Path | str, assignment: str) -> Path:
    """Write DIR/reports/ASSIGNMENT.html from what `course grade` left behind, and return its path.

    Raises FileNotFoundError when the assignment has not been graded in this course directory.
    """
    course_dir = Path(course_dir).resolve()
    html = page(collect(course_dir, assignment))
    path = course_dir / "reports" / f"{assignment}.html"
    path.parent.mkdir(exist_ok=True)
    write_text(path, html)
    return path


__all__ = ["write_report"]
