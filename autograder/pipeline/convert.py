"""An executed notebook becomes what nbgrader would make of it: gradebook entries, an autograded notebook, feedback.

Only one thread may be here at a time. What nbgrader's converters do for each submission anew is done once for a batch;
where a course directory's settings ask for more than is known here, nbgrader's own converters are used.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from nbformat import NotebookNode

from autograder.pipeline.autograded import (
    AutogradedNotebooks,
    UnlikeMasterError,
    automatic_comments,
    automatic_scores,
)
from autograder.pipeline.by_nbgrader import AutogradeOne, ByNbgrader
from autograder.pipeline.course_folders import course_directory
from autograder.pipeline.entries import Entries
from autograder.pipeline.feedback import feedback_html
from autograder.pipeline.folders import (
    OWN,
    READ_ONLY,
    autograded_path,
    feedback_path,
    files_beside,
    read_autograded,
    unchanged_answers,
    write_folder,
)
from autograder.pipeline.intake import Submission
from autograder.pipeline.marks import Marks
from autograder.pipeline.master import load_master
from autograder.pipeline.settings import is_plain_autograde, is_plain_feedback, load_settings
from autograder.pipeline.standing import Standing
from course_utils.interrupts import interrupts_wait


@dataclass(frozen=True)
class FeedbackTask:
    """All that a submission's feedback depends on. `html` may be called in any process."""

    student: str
    assignment: str
    notebook: NotebookNode
    marks: Marks
    note: str

    def html(self) -> str:
        return feedback_html(self.assignment, self.notebook, self.marks, self.note)


@dataclass(frozen=True)
class _Prepared:
    """What is to be written of a submission: the entries for the gradebook, and its autograded notebook."""

    submission: Submission
    scores: dict[str, float | None]
    comments: dict[str, str | None]
    notebook: NotebookNode
    text: str


class Converters:
    """What is needed to write the results of one assignment of a course directory, set up once for a batch.

    `fast=False` lets nbgrader's own converters do everything.
    """

    def __init__(self, course_dir: Path, assignment: str, fast: bool = True) -> None:
        self.course_dir, self.assignment = course_dir, assignment
        config = load_settings(course_dir)
        self._course = course_directory(course_dir)
        self._nbgrader = ByNbgrader(course_dir, assignment, config)
        self._plain_autograde = fast and is_plain_autograde(config)
        self._plain_feedback = fast and is_plain_feedback(course_dir, config)
        self._entries: Entries | None = None
        self._notebooks: AutogradedNotebooks | None = None
        self._beside: dict[str, Path] = {}
        self._recorded: dict[str, NotebookNode] = {}  # student → autograded notebook, of those recorded last
        self._penalty_settings: str | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the gradebook."""
        if self._entries is not None:
            self._entries.close()
            self._entries = None

    def record_together(self, executed: Sequence[tuple[Submission, NotebookNode]]) -> None:
        """`record` for several submissions, in one transaction: one for each takes three times as long.

        `is_recorded` tells afterwards of which it was done, also when something was raised: of none where only
        nbgrader's converter can.
        """
        self._recorded.clear()
        if self._plain_autograde:
            self._record(executed)

    def is_recorded(self, student: str) -> bool:
        """Whether a submission of this student was among those recorded last."""
        return student in self._recorded

    def record(self, submission: Submission, executed: NotebookNode) -> None:
        """Write the grades of `submission` into the gradebook, then its autograded notebook.

        Manual scores stay; an answer that was graded by a person and has not changed needs no second look.
        Raises RuntimeError with nbgrader's reason when that refuses.
        """
        self._recorded.clear()
        if self._plain_autograde:
            try:
                self._record([(submission, executed)])
                return
            except UnlikeMasterError as reason:
                logging.getLogger(__name__).info("%s: by nbgrader's converter: %s", submission.student, reason)
        self._nbgrader.record(submission, executed)

    def give_feedback(self, student: str, note: str) -> None:
        """Write DIR/feedback/STUDENT/ASSIGNMENT/ASSIGNMENT.html from what was recorded."""
        task = self.feedback_task(student, note)
        if task is None:
            self._nbgrader.give_feedback(student, note)
        else:
            self.write_feedback(student, task.html())

    def remove_feedback(self, student: str) -> None:
        """Remove the feedback of an earlier grading, if there is any: it says what is no longer true."""
        folder = self._feedback_folder(student)
        if folder.is_dir():
            shutil.rmtree(folder)

    def renew_penalty(self, student: str) -> None:
        """Write the late penalty of a recorded submission as it is now; then its feedback, which says another, goes.

        Raises what the course's plugin raises.
        """
        notebook = NotebookNode(cells=[])
        if autograded_path(self.course_dir, student, self.assignment).is_file():
            notebook = read_autograded(self.course_dir, student, self.assignment)
        self._nbgrader.assign_penalty(student, notebook)
        self.remove_feedback(student)

    def standing_of_new(self, student: str) -> Standing | None:
        """What the gradebook holds of a submission just recorded that it did not know; None where that must be read."""
        return self._entries.standing_of_new(student) if self._entries is not None else None

    def lateness(self, standing: Standing) -> str:
        """A digest of what the late penalty depends on, and of the penalty; empty when there is nothing to it.

        Raises what a plugin of the course's that cannot be used raises.
        """
        if not standing.seconds_late and not standing.penalty:
            return ""
        if self._penalty_settings is None:
            self._penalty_settings = self._nbgrader.penalty_settings()
        return standing.lateness(self._penalty_settings)

    def has_feedback(self, student: str) -> bool:
        """Whether there is a page of feedback."""
        return (self._feedback_folder(student) / f"{self.assignment}.html").is_file()

    def _feedback_folder(self, student: str) -> Path:
        """Where the course's settings have it."""
        return Path(self._course.format_path(self._course.feedback_directory, student, self.assignment))

    def feedback_task(self, student: str, note: str) -> FeedbackTask | None:
        """What to make the feedback of a recorded submission from; None when only nbgrader's converter can.

        The page that comes of it goes to `write_feedback`; otherwise use `give_feedback`.
        """
        if not self._plain_feedback:
            return None
        try:
            marks = self._opened().read(student)
        except UnlikeMasterError:
            return None
        notebook = self._recorded.get(student)
        if notebook is None:
            notebook = read_autograded(self.course_dir, student, self.assignment)
        return FeedbackTask(student, self.assignment, notebook, marks, note)

    def write_feedback(self, student: str, html: str) -> None:
        """Write a page made by `FeedbackTask.html`."""
        source = autograded_path(self.course_dir, student, self.assignment).parent
        write_folder(feedback_path(self.course_dir, student, self.assignment), html, files_beside(source), OWN)

    def _record(self, executed: Sequence[tuple[Submission, NotebookNode]]) -> None:
        entries = self._opened()
        prepared = [self._prepare(*each) for each in executed]
        with entries.transaction():
            late = [self._enter(entries, each) for each in prepared]
        for each, is_late in zip(prepared, late, strict=True):
            student = each.submission.student
            if is_late:
                self._nbgrader.assign_penalty(student, each.notebook)
            # After the gradebook: the next grading compares the answers with those of this file.
            path = autograded_path(self.course_dir, student, self.assignment)
            write_folder(path, each.text, {**each.submission.exchange_files, **self._beside}, READ_ONLY)
            self._recorded[student] = each.notebook

    def _prepare(self, submission: Submission, executed: NotebookNode) -> _Prepared:
        notebooks = self._of_assignment()
        notebook = notebooks.make(submission.notebook, executed)
        scores, comments = automatic_scores(notebook, self._nbgrader.log), automatic_comments(notebook)
        return _Prepared(submission, scores, comments, notebook, notebooks.text(notebook))

    def _enter(self, entries: Entries, prepared: _Prepared) -> bool:
        """Write the entries of one; returns whether it was late."""
        submission = prepared.submission
        return entries.write(
            submission.student,
            submission.timestamp,
            prepared.scores,
            prepared.comments,
            lambda: unchanged_answers(self.course_dir, submission),
        )

    def _opened(self) -> Entries:
        if self._entries is None:
            with interrupts_wait():
                self._entries = Entries(self.course_dir, self.assignment)
        return self._entries

    def _of_assignment(self) -> AutogradedNotebooks:
        if self._notebooks is None:
            converter = self._nbgrader.converter(AutogradeOne, self._nbgrader.config)
            master = load_master(self.course_dir, self.assignment)
            self._notebooks = AutogradedNotebooks(master, converter)
            self._beside = files_beside(self.course_dir / "source" / self.assignment)
        return self._notebooks
