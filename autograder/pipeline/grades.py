"""grades.csv: a row for every submission of every assignment graded in a course directory."""

from __future__ import annotations

import contextlib
import csv
import glob
import hashlib
import io
import json
import math
import os
import re
import secrets
import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbgrader.api import (
    Assignment,
    BaseCell,
    Comment,
    Grade,
    Gradebook,
    MissingEntry,
    SubmittedAssignment,
    SubmittedNotebook,
)
from sqlalchemy import or_
from sqlalchemy.exc import SQLAlchemyError

from autograder.names import COURSE_ID
from autograder.pipeline.state import Kept, graded_assignments, load_state
from autograder.pipeline.stops import PATIENCE, is_locked, stop_reason
from course_utils.interrupts import interrupts_wait

COLUMNS = ("student_id", "assignment", "score", "max_score", "status", "note")
GRADED = "graded"
NEEDS_PERSON = "needs_manual_grade"
UNUSABLE = "unreadable"  # what was handed in could not be read: 0, with the reason in the note
FAILED = "failed"  # our own failure, not the student's: 0 for now, to be looked at
NOT_IN_GRADEBOOK = "graded before, but not in gradebook.db now: counts 0 until it is graded again"
_DRAFT = re.compile(r"\.\d+\.[0-9a-f]{8}")  # the end of a draft's name: of which process, and a random number
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
    """The rows of all assignments, from the gradebook (manual grades and late penalties included) and kept notes.

    What was graded and is not in the gradebook counts 0 and as failed, and the note says so.
    """
    rows = []
    with open_gradebook(course_dir) as gradebook:
        for assignment in graded_assignments(course_dir):
            kept = load_state(course_dir, assignment)
            rows += _rows(gradebook, assignment, kept) if kept else []
    return rows


def open_gradebook(course_dir: Path, url: str = "") -> Gradebook:
    """The gradebook of a course directory, or the one at `url`. Raises GradebookError."""
    try:
        with interrupts_wait():
            return Gradebook(url or f"sqlite:///{course_dir / 'gradebook.db'}", COURSE_ID)
    except SQLAlchemyError as error:
        raise _unusable(course_dir, getattr(error, "orig", None) or type(error).__name__) from error


def check_gradebook(course_dir: Path) -> None:
    """Raise GradebookError when DIR/gradebook.db is there and damaged, or locked for more than some seconds."""
    path = course_dir / "gradebook.db"
    if not path.exists():
        return
    try:
        uri = f"{path.resolve().as_uri()}?mode=ro"
        with contextlib.closing(sqlite3.connect(uri, timeout=PATIENCE, uri=True)) as database:
            (answer,) = database.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.DatabaseError as error:
        if is_locked(error):
            raise GradebookError(f"{stop_reason(course_dir, error)}, then try again") from None
        raise _unusable(course_dir, error) from None
    if answer != "ok":
        raise _unusable(course_dir, answer)


def manual_marks(course_dir: Path, assignment: str) -> dict[str, str]:
    """Student id → a digest of all scores and comments that a person gave; students without any are left out."""
    given: dict[str, list[list[Any]]] = defaultdict(list)
    with open_gradebook(course_dir) as gradebook:
        grades = _entries(gradebook, assignment, Grade, Grade.manual_score, Grade.extra_credit)
        for student, *grade in grades.filter(or_(Grade.manual_score.is_not(None), Grade.extra_credit != 0)):
            given[student].append(grade)
        comments = _entries(gradebook, assignment, Comment, Comment.manual_comment)
        for student, *comment in comments.filter(Comment.manual_comment != ""):
            given[student].append(comment)
    return {
        student: hashlib.sha256(json.dumps(sorted(marks, key=repr)).encode()).hexdigest()
        for student, marks in given.items()
    }


def write_grades(course_dir: Path, rows: Iterable[GradeRow] | None = None) -> Path:
    """Write DIR/grades.csv and return its path."""
    rows = grade_rows(course_dir) if rows is None else rows
    lines = [(r.student_id, r.assignment, f"{r.score:g}", f"{r.max_score:g}", r.status, r.note) for r in rows]
    return write_csv(course_dir / "grades.csv", [COLUMNS, *lines])


def remove_drafts(path: Path) -> None:
    """Remove what killed runs began to write in the place of `path`; nobody may be writing it now."""
    for draft in path.parent.glob(f".{glob.escape(path.name)}.*"):
        if _DRAFT.fullmatch(draft.name.removeprefix(f".{path.name}")):
            draft.unlink(missing_ok=True)


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


def write_text(path: Path, text: str, durable: bool = False) -> None:
    """Replace a file's content in one step; with `durable` it is on the disk before that."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    try:
        with draft.open("wb") as file:
            file.write(text.encode("utf-8"))
            if durable:
                file.flush()
                os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def _entries(gradebook: Gradebook, assignment: str, kind: Any, *columns: Any) -> Any:
    """(student id, cell's name, *columns) of all entries of a `kind`, asked for at once for the whole class."""
    return (
        gradebook.db.query(SubmittedAssignment.student_id, BaseCell.name, *columns)
        .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
        .join(kind, kind.notebook_id == SubmittedNotebook.id)
        .join(BaseCell, BaseCell.id == kind.cell_id)
        .filter(Assignment.name == assignment)
    )


def _rows(gradebook: Gradebook, assignment: str, kept: dict[str, Kept]) -> list[GradeRow]:
    maximum = _max_score(gradebook, assignment)
    notebooks = (
        gradebook.db.query(SubmittedAssignment.student_id, SubmittedNotebook.late_submission_penalty)
        .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
        .filter(Assignment.name == assignment)
    )
    penalties: dict[str, float] = defaultdict(float)
    for student, penalty in notebooks:
        penalties[student] += penalty or 0.0
    scores: dict[str, list[float]] = defaultdict(list)
    waiting = set()
    for student, _, score, needs_person in _entries(
        gradebook, assignment, Grade, Grade.score, Grade.needs_manual_grade
    ):
        scores[student].append(score)
        if needs_person:
            waiting.add(student)
    rows = []
    for student, entry in sorted(kept.items()):
        if student not in penalties:
            rows.append(GradeRow(student, assignment, 0.0, maximum, FAILED, _note_on_missing(assignment, entry)))
            continue
        score = math.fsum(scores[student])
        status = NEEDS_PERSON if entry.status == GRADED and student in waiting else entry.status
        note = entry.note
        if status == UNUSABLE and score:
            note = f"{note}; automatic points 0, the {score:g} points that a person gave stay"
        after = max(0.0, score - penalties[student])  # as in nbgrader's export
        rows.append(GradeRow(student, assignment, round(after, 6), maximum, status, note))
    return rows


def _max_score(gradebook: Gradebook, assignment: str) -> float:
    """The points of an assignment; 0 when the gradebook does not have it."""
    try:
        return float(gradebook.find_assignment(assignment).max_score)
    except MissingEntry:
        return 0.0


def _note_on_missing(assignment: str, kept: Kept) -> str:
    """Why there is no grade: the submission was never graded, or what was is gone."""
    if kept.status == FAILED and kept.note:
        return kept.note
    gone = f"{NOT_IN_GRADEBOOK}; `course grade {assignment}` grades what is in submitted/"
    return f"{kept.note}; {gone}" if kept.note else gone


def _unusable(course_dir: Path, reason: object) -> GradebookError:
    return GradebookError(
        f"{course_dir / 'gradebook.db'}: not a usable gradebook ({' '.join(str(reason).split())}); "
        "restore it from a backup, or move it away to grade from the start"
    )
