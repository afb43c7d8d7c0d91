"""grades.csv: a row for every submission of every assignment graded in a course directory."""

from __future__ import annotations

import csv
import io
import os
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from nbgrader.api import Gradebook, MissingEntry

from autograder.pipeline.state import Kept, graded_assignments, load_state

COLUMNS = ("student_id", "assignment", "score", "max_score", "status", "note")
GRADED = "graded"
NEEDS_PERSON = "needs_manual_grade"
UNUSABLE = "unreadable"  # what was handed in could not be read: 0, with the reason in the note
FAILED = "failed"  # our own failure, not the student's: 0 for now, to be looked at
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class GradeRow:
    """A line of grades.csv. `score` counts automatic points until a person has graded the written questions."""

    student_id: str
    assignment: str
    score: float
    max_score: float
    status: str
    note: str


def grade_rows(course_dir: Path) -> list[GradeRow]:
    """The rows of all assignments, from the gradebook (manual grades and late penalties included) and kept notes."""
    rows = []
    with open_gradebook(course_dir) as gradebook:
        for assignment in graded_assignments(course_dir):
            kept = load_state(course_dir, assignment)
            rows += [_row(gradebook, student, assignment, entry) for student, entry in sorted(kept.items())]
    return rows


def open_gradebook(course_dir: Path) -> Gradebook:
    from autograder.plugins import COURSE_ID

    return Gradebook(f"sqlite:///{course_dir / 'gradebook.db'}", COURSE_ID)


def write_grades(course_dir: Path, rows: Iterable[GradeRow] | None = None) -> Path:
    """Write DIR/grades.csv and return its path."""
    rows = grade_rows(course_dir) if rows is None else rows
    lines = [(r.student_id, r.assignment, f"{r.score:g}", f"{r.max_score:g}", r.status, r.note) for r in rows]
    return write_csv(course_dir / "grades.csv", [COLUMNS, *lines])


def write_csv(path: Path, lines: Iterable[Iterable[str]]) -> Path:
    """Write a CSV file in one step, so that no reader and no crash ever sees half of it.

    A text that a spreadsheet would run as a formula (beginning with = + - @) gets an apostrophe; numbers do not.
    """
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows([[inert(value) for value in line] for line in lines])
    write_text(path, text.getvalue())
    return path


def inert(value: str) -> str:
    value = " ".join(value.splitlines()) if value.strip() else value
    if not value.startswith(_FORMULA):
        return value
    try:
        float(value)
    except ValueError:
        return "'" + value
    return value


def write_text(path: Path, text: str) -> None:
    """Replace a file's content in one step."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    try:
        draft.write_text(text, encoding="utf-8", newline="")
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _row(gradebook: Gradebook, student: str, assignment: str, kept: Kept) -> GradeRow:
    try:
        submission = gradebook.find_submission(assignment, student)
    except MissingEntry:
        maximum = float(gradebook.find_assignment(assignment).max_score)
        return GradeRow(student, assignment, 0.0, maximum, FAILED, kept.note)
    status = kept.status
    if status == GRADED and submission.needs_manual_grade:
        status = NEEDS_PERSON
    score = float(submission.score) - float(submission.late_submission_penalty or 0)
    return GradeRow(student, assignment, round(score, 6), float(submission.max_score), status, kept.note)
