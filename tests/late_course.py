"""A graded class with a late submission, and what is asked of it after the gradebook or its settings have changed."""

import csv
from datetime import datetime
from pathlib import Path
from typing import Any

import nbformat
from nbgrader_runs import NAME, hand_in_at, new_course
from pipeline_course import filled, grade

from autograder.pipeline.grades import open_gradebook

DUE = datetime(2026, 3, 1, 12)
PLUGIN = """
from nbgrader.plugins import BasePlugin
class PointsADay(BasePlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return {points} * total_seconds_late / 86400
c.AssignLatePenalties.plugin_class = PointsADay
"""


def make_late_class(course_dir: Path) -> Path:
    """ana handed in right work two days late, ben and cem half of it in time; a point a day is taken off."""
    released = new_course(course_dir, PLUGIN.format(points=1))
    hand_in_at(course_dir, "ana", filled(released), "2026-03-03 12:00:00 UTC")
    for student in ("ben", "cem"):
        hand_in_at(course_dir, student, filled(released, halve="return 0"), "2026-03-01 11:00:00 UTC")
    with open_gradebook(course_dir) as gradebook:
        gradebook.find_assignment(NAME).duedate = DUE
        gradebook.db.commit()
    grade(course_dir, NAME, workers=1, progress=False)
    assert scores(course_dir) == {"ana": 8, "ben": 6, "cem": 6}
    return course_dir


def regraded(course_dir: Path, **options: Any) -> int:
    return grade(course_dir, NAME, workers=1, progress=False, **options).regraded


def rows(course_dir: Path, assignment: str = NAME) -> dict[str, dict[str, str]]:
    with (course_dir / "grades.csv").open(encoding="utf-8", newline="") as file:
        return {row["student_id"]: row for row in csv.DictReader(file) if row["assignment"] == assignment}


def scores(course_dir: Path) -> dict[str, float]:
    return {student: float(row["score"]) for student, row in rows(course_dir).items()}


def released(course_dir: Path) -> Any:
    return nbformat.read(course_dir / "release" / NAME / f"{NAME}.ipynb", as_version=4)


def page(course_dir: Path, student: str) -> Path:
    return course_dir / "feedback" / student / NAME / f"{NAME}.html"


def not_again(*_: Any) -> None:
    raise AssertionError("was run again")
