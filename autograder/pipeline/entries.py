"""The entries of submissions in nbgrader's gradebook: written in a transaction, and read back for their feedback."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from nbgrader.api import (
    Assignment,
    Comment,
    Grade,
    Gradebook,
    GradeCell,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
    new_uuid,
)
from nbgrader.utils import parse_utc
from sqlalchemy import Connection, bindparam, insert, select

from autograder.pipeline.autograded import UnlikeMasterError
from autograder.pipeline.grades import open_gradebook
from autograder.pipeline.marks import Mark, Marks
from autograder.pipeline.standing import Standing, in_time

# What is said for each submission of a class: without the session's objects that takes half as long.
_submitted, _assignments = SubmittedAssignment.__table__.c, Assignment.__table__.c
_FIND = select(_submitted.id).where(
    _submitted.assignment_id == bindparam("assignment"), _submitted.student_id == bindparam("student")
)
_DUE = select(_assignments.duedate).where(_assignments.id == bindparam("assignment"))
_NEW_STUDENT = insert(Student.__table__).prefix_with("OR IGNORE")  # one who is there stays
_NEW = {kind: insert(kind.__table__) for kind in (SubmittedAssignment, SubmittedNotebook, Grade, Comment)}


class Entries:
    """The gradebook's part about one assignment, open for the time of a run."""

    def __init__(self, course_dir: Path, assignment: str) -> None:
        self.name = assignment
        self.gradebook: Gradebook = open_gradebook(course_dir)
        found = self.gradebook.find_assignment(assignment)
        names = [notebook.name for notebook in found.notebooks]
        if names != [assignment]:
            self.close()
            raise UnlikeMasterError(f"{assignment}: has the notebooks {names}, not one of its own name")
        (notebook,) = found.notebooks
        self._assignment, self._notebook = found.id, notebook.id
        self._graded = {cell.id: cell.name for cell in notebook.grade_cells}
        self._gaps = {cell.id: cell.name for cell in notebook.solution_cells}
        self._points = {cell.name: cell.max_score for cell in notebook.grade_cells}
        self._max_score = notebook.max_score
        # Of the submissions that were added last: what would be read of them.
        self._new_marks: dict[str, Marks] = {}
        self._new_standings: dict[str, Standing] = {}
        self._end_reading()

    def close(self) -> None:
        self.gradebook.close()

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """What is written within the block is written at its end: all or nothing. Nothing is to be read there."""
        self._forget_new()
        try:
            yield
            self.gradebook.db.commit()
        except BaseException:
            self._forget_new()
            raise
        finally:
            self._end_reading()

    def write(
        self,
        student: str,
        timestamp: str | None,
        scores: dict[str, float | None],
        comments: dict[str, str | None],
        unchanged: Callable[[], set[str]],
    ) -> bool:
        """Within a `transaction`: write the automatic `scores` and `comments` by grade_id; returns whether it was late.

        Scores and comments by a person stay. What a person graded is to be looked at again, but for the written
        questions that were looked at and whose answers are `unchanged`. A late submission's penalty is left as it is.
        Raises UnlikeMasterError when the gradebook has other cells.
        """
        db = self.gradebook.db
        connection = db.connection()
        found = connection.execute(_FIND, {"assignment": self._assignment, "student": student}).scalar()
        moment = parse_utc(timestamp) if timestamp else None
        if found is None:
            late = self._add(connection, student, moment, scores, comments)
        else:
            submitted = db.get_one(SubmittedAssignment, found)
            late = self._renew(submitted, moment, scores, comments, unchanged)
        if found is None and not late:
            self._new_marks[student] = self._marks_of_new(scores, comments)
            entered = {name: _as_stored(scores.get(name)) for name in self._graded.values()}
            self._new_standings[student] = in_time(moment, entered)
        return late

    def standing_of_new(self, student: str) -> Standing | None:
        """What `Standings.of` would find of a submission that was just added, and was not late; None of any other."""
        return self._new_standings.pop(student, None)

    def read(self, student: str) -> Marks:
        """What the gradebook says of a student's submission."""
        new = self._new_marks.pop(student, None)
        if new is not None:
            return new
        db = self.gradebook.db
        try:
            notebook, max_score, penalty = (
                db.query(SubmittedNotebook.id, SubmittedNotebook.max_score, SubmittedNotebook.late_submission_penalty)
                .join(SubmittedAssignment, SubmittedAssignment.id == SubmittedNotebook.assignment_id)
                .filter(
                    SubmittedAssignment.assignment_id == self._assignment,
                    SubmittedAssignment.student_id == student,
                    SubmittedNotebook.notebook_id == self._notebook,
                )
                .one()
            )
            grades = self._of(Grade, notebook, Grade.cell_id, Grade.score, GradeCell.max_score)
            grades = grades.join(GradeCell, GradeCell.id == Grade.cell_id)
            cells = {self._graded[cell]: Mark(score, points) for cell, score, points in grades}
            comments = {
                self._gaps[cell]: text for cell, text in self._of(Comment, notebook, Comment.cell_id, Comment.comment)
            }
        finally:
            self._end_reading()
        score = math.fsum(mark.score for mark in cells.values())
        return Marks(cells, comments, score, max_score, penalty or 0)

    def _marks_of_new(self, scores: dict[str, float | None], comments: dict[str, str | None]) -> Marks:
        """What `read` would find of a submission just added, which nobody has looked at."""
        cells = {name: Mark(scores.get(name) or 0.0, points) for name, points in self._points.items()}
        remarks = {name: comments.get(name) for name in self._gaps.values()}
        return Marks(cells, remarks, math.fsum(mark.score for mark in cells.values()), self._max_score, 0)

    def _of(self, kind: Any, notebook: str, *columns: Any) -> Any:
        """The grades or comments of a notebook, found by their cells: there is an index of these, not of notebooks."""
        cells = list(self._graded if kind is Grade else self._gaps)
        return self.gradebook.db.query(*columns or (kind,)).filter(
            kind.cell_id.in_(cells), kind.notebook_id == notebook
        )

    def _renew(
        self,
        submitted: SubmittedAssignment,
        moment: datetime | None,
        scores: dict[str, float | None],
        comments: dict[str, str | None],
        unchanged: Callable[[], set[str]],
    ) -> bool:
        """Put new scores into the entries of a submission that was graded before; returns whether it was late."""
        if moment is not None:
            submitted.timestamp = moment
        key = {"notebook_id": self._notebook, "assignment_id": submitted.id}
        notebook = self.gradebook.db.query(SubmittedNotebook).filter_by(**key).one()
        grades = {self._graded[grade.cell_id]: grade for grade in self._of(Grade, notebook.id)}
        remarks = {self._gaps[comment.cell_id]: comment for comment in self._of(Comment, notebook.id)}
        self._check(scores, comments, grades.keys(), remarks.keys())
        by_hand = {name: grade for name, grade in grades.items() if grade.manual_score is not None}
        looked_at = {name for name, grade in by_hand.items() if not grade.needs_manual_grade}
        settled = looked_at & unchanged() if looked_at else set()
        for name, score in scores.items():
            grade = grades[name]
            grade.auto_score = score
            grade.needs_manual_grade = (name in by_hand or score is None) and name not in settled
        for name, comment in comments.items():
            remarks[name].auto_comment = comment
        late = bool(submitted.total_seconds_late > 0)
        if not late:
            notebook.late_submission_penalty = None
        return late

    def _add(
        self,
        connection: Connection,
        student: str,
        moment: datetime | None,
        scores: dict[str, float | None],
        comments: dict[str, str | None],
    ) -> bool:
        """Add a submission with entries for all cells, like nbgrader's add_submission; returns whether it was late."""
        self._check(scores, comments, self._graded.values(), self._gaps.values())
        connection.execute(_NEW_STUDENT, [{"id": student}])
        submitted, notebook = new_uuid(), new_uuid()
        new = {"id": submitted, "assignment_id": self._assignment, "student_id": student, "timestamp": moment}
        connection.execute(_NEW[SubmittedAssignment], [new])
        new = {"id": notebook, "assignment_id": submitted, "notebook_id": self._notebook}
        connection.execute(_NEW[SubmittedNotebook], [new])
        grades = [
            {
                "notebook_id": notebook,
                "cell_id": cell,
                "auto_score": scores.get(name),
                "needs_manual_grade": scores.get(name) is None,
            }
            for cell, name in self._graded.items()
        ]
        remarks = [
            {"notebook_id": notebook, "cell_id": cell, "auto_comment": comments.get(name)}
            for cell, name in self._gaps.items()
        ]
        for kind, rows in ((Grade, grades), (Comment, remarks)):
            if rows:
                connection.execute(_NEW[kind], rows)
        due = connection.execute(_DUE, {"assignment": self._assignment}).scalar() if moment is not None else None
        return moment is not None and due is not None and moment > due

    def _check(
        self, scores: Iterable[str], comments: Iterable[str], grades: Iterable[object], remarks: Iterable[object]
    ) -> None:
        if not set(scores) <= set(grades) or not set(comments) <= set(remarks):
            raise UnlikeMasterError(f"{self.name}: the gradebook has no entries for some of the cells")

    def _forget_new(self) -> None:
        self._new_marks.clear()
        self._new_standings.clear()

    def _end_reading(self) -> None:
        """Let go of the database, and of what was read: somebody may grade in formgrader meanwhile."""
        self.gradebook.db.remove()


def _as_stored(score: float | None) -> float | None:
    return None if score is None else float(score) + 0.0  # which makes -0.0 what the gradebook makes of it
