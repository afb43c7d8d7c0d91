"""What the gradebook holds of the submissions of an assignment, as far as a grading run writes it.

It is compared with what the last run has written there: a gradebook may have been moved away, restored from a backup,
or written by nbgrader's commands.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from nbgrader.api import Assignment, Notebook, SubmittedAssignment, SubmittedNotebook
from sqlalchemy import bindparam, select, text

from autograder.pipeline.grades import open_gradebook

_submitted, _assignments = SubmittedAssignment.__table__, Assignment.__table__
_submitted_notebooks, _notebooks = SubmittedNotebook.__table__, Notebook.__table__
_SUBMISSIONS = (
    select(
        _submitted_notebooks.c.id,
        _submitted.c.student_id,
        _submitted.c.timestamp,
        _submitted.c.extension,
        _assignments.c.duedate,
        _submitted_notebooks.c.late_submission_penalty,
    )
    .join(_submitted, _submitted.c.id == _submitted_notebooks.c.assignment_id)
    .join(_assignments, _assignments.c.id == _submitted.c.assignment_id)
    .join(_notebooks, _notebooks.c.id == _submitted_notebooks.c.notebook_id)
    # Of an assignment with several notebooks, that of its name is graded.
    .where(_assignments.c.name == bindparam("assignment"), _notebooks.c.name == _assignments.c.name)
)
_SUBMISSION = _SUBMISSIONS.where(_submitted.c.student_id == bindparam("student"))
# By cells, of which there is an index, and in no other order: so SQLite reads a class in one go, and one submission
# without looking through those of all others.
_SCORES = """
SELECT grade.notebook_id, base_cell.name, grade.auto_score
FROM assignment
CROSS JOIN notebook ON notebook.assignment_id = assignment.id AND notebook.name = assignment.name
CROSS JOIN base_cell ON base_cell.notebook_id = notebook.id AND base_cell.type IN ('GradeCell', 'TaskCell')
CROSS JOIN grade ON grade.cell_id = base_cell.id
WHERE assignment.name = :assignment"""


@dataclass(frozen=True)
class Standing:
    """What the gradebook holds of a submission: the automatic score of each cell, by grade_id, and the penalty for
    being late by `seconds_late`, extension and all.

    `automatic` is a digest of the scores and the time of hand-in. What a person gave is not looked at.
    """

    scores: dict[str, float | None]
    automatic: str
    seconds_late: float
    penalty: float

    def lateness(self, settings: str) -> str:
        """A digest of what the penalty depends on, and of the penalty; `settings` is one of the course's settings."""
        return _digest([self.seconds_late, self.penalty, settings])


class Standings:
    """The gradebook, open to ask what it holds of an assignment. Raises GradebookError."""

    def __init__(self, course_dir: Path, assignment: str) -> None:
        self.assignment = assignment
        self._gradebook = open_gradebook(course_dir)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._gradebook.close()

    def of_all(self) -> dict[str, Standing]:
        """Student id → what the gradebook holds, of all submissions that it has."""
        connection = self._gradebook.db.connection()
        try:
            about = {"assignment": self.assignment}
            submissions = connection.execute(_SUBMISSIONS, about).all()
            scores: dict[str, dict[str, float | None]] = defaultdict(dict)
            for notebook, cell, score in connection.execute(text(_SCORES), about):
                scores[notebook][cell] = score
        finally:
            self._gradebook.db.remove()  # lets go of the database: somebody may grade in formgrader meanwhile
        return {submission.student_id: _standing(submission, scores[submission.id]) for submission in submissions}

    def of(self, student: str) -> Standing:
        """What the gradebook holds of one submission. Raises NoResultFound when it has none."""
        connection = self._gradebook.db.connection()
        try:
            about = {"assignment": self.assignment, "student": student}
            submission = connection.execute(_SUBMISSION, about).one()
            about = {"assignment": self.assignment, "notebook": submission.id}
            scores = connection.execute(text(f"{_SCORES} AND grade.notebook_id = :notebook"), about)
            return _standing(submission, {cell: score for _, cell, score in scores})
        finally:
            self._gradebook.db.remove()


def in_time(timestamp: datetime | None, scores: dict[str, float | None]) -> Standing:
    """What the gradebook holds of a submission that has just been added, with these entries, and is not late."""
    return Standing(scores, _automatic(timestamp, scores), 0.0, 0.0)


def _standing(submission: Any, scores: dict[str, float | None]) -> Standing:
    late = 0.0
    if submission.timestamp is not None and submission.duedate is not None:
        extension = submission.extension or timedelta()
        late = max(0.0, (submission.timestamp - submission.duedate - extension).total_seconds())
    return Standing(scores, _automatic(submission.timestamp, scores), late, submission.late_submission_penalty or 0.0)


def _automatic(timestamp: datetime | None, scores: dict[str, float | None]) -> str:
    return _digest([str(timestamp), sorted(scores.items(), key=str)])


def _digest(content: list[Any]) -> str:
    return hashlib.sha256(repr(content).encode()).hexdigest()
