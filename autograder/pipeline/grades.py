"""grades.csv: a row for every submission of every assignment graded in a course directory."""

from __future__ import annotations

import contextlib
import csv
import hashlib
import io
import json
import os
import secrets
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from nbgrader.api import Gradebook, MissingEntry
from sqlalchemy.exc import SQLAlchemyError

from autograder.pipeline.state import Kept, graded_assignments, load_state

COLUMNS = ("student_id", "assignment", "score", "max_score", "status", "note")
GRADED = "graded"
NEEDS_PERSON = "needs_manual_grade"
UNUSABLE = "unreadable"  # what was handed in could not be read: 0, with the reason in the note
FAILED = "failed"  # our own failure, not the student's: 0 for now, to be looked at
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class GradebookError(RuntimeError):
    """DIR/gradebook.db is damaged or is no gradebook; the message says so in one line."""


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

    try:
        return Gradebook(f"sqlite:///{course_dir / 'gradebook.db'}", COURSE_ID)
    except SQLAlchemyError as error:
        raise _unusable(course_dir, getattr(error, "orig", None) or type(error).__name__) from error


def check_gradebook(course_dir: Path) -> None:
    """Raise GradebookError when DIR/gradebook.db is there and damaged."""
    path = course_dir / "gradebook.db"
    if not path.exists():
        return
    try:
        with contextlib.closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as database:
            (answer,) = database.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.DatabaseError as error:
        raise _unusable(course_dir, error) from None
    if answer != "ok":
        raise _unusable(course_dir, answer)


def manual_marks(course_dir: Path, assignment: str) -> dict[str, str]:
    """Student id → a digest of all scores and comments that a person gave; students without any are left out."""
    marks = {}
    with open_gradebook(course_dir) as gradebook:
        for submission in gradebook.assignment_submissions(assignment):
            given = []
            for notebook in submission.notebooks:
                given += [
                    [grade.name, grade.manual_score, grade.extra_credit]
                    for grade in notebook.grades
                    if grade.manual_score is not None or grade.extra_credit
                ]
                given += [[each.name, each.manual_comment] for each in notebook.comments if each.manual_comment]
            if given:
                given.sort(key=repr)
                marks[submission.student.id] = hashlib.sha256(json.dumps(given).encode()).hexdigest()
    return marks


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
    note = kept.note
    if status == UNUSABLE and submission.score:
        note = f"{note}; automatic points 0, the {submission.score:g} points that a person gave stay"
    score = float(submission.score) - float(submission.late_submission_penalty or 0)
    return GradeRow(student, assignment, round(score, 6), float(submission.max_score), status, note)


def _unusable(course_dir: Path, reason: object) -> GradebookError:
    return GradebookError(
        f"{course_dir / 'gradebook.db'}: not a usable gradebook ({' '.join(str(reason).split())}); "
        "restore it from a backup, or move it away to grade from the start"
    )
