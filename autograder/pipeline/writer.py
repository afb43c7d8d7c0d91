"""The one writer: results go into the journal, then into gradebook, autograded/ and feedback/, then each is noted."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator
from pathlib import Path

from autograder.pipeline.convert import Converters
from autograder.pipeline.execution import Execution
from autograder.pipeline.grades import FAILED, GRADED, UNUSABLE, manual_marks
from autograder.pipeline.intake import Submission, note
from autograder.pipeline.journal import Journal
from autograder.pipeline.keys import own_folder
from autograder.pipeline.results import Result
from autograder.pipeline.running import Outcome, Row
from autograder.pipeline.standing import Standings
from autograder.pipeline.state import Kept
from autograder.pipeline.stops import check_writable, patiently, stop_reason
from autograder.pipeline.tasks import Task


class Writer:
    """Writes what became of tasks.

    `standings` read back what the gradebook holds then. `key` is a digest of the course key, `level` the sandbox's,
    `timeout` the limit of a cell. Without `feedback`, pages of what is graded are not written, and earlier ones go.
    """

    def __init__(
        self,
        converters: Converters,
        standings: Standings,
        journal: Journal,
        key: str,
        level: str,
        timeout: float,
        feedback: bool = True,
    ) -> None:
        self.converters, self.journal = converters, journal
        self.key, self.level, self.timeout, self.feedback = key, level, timeout, feedback
        self.standings = standings
        # A person may go on grading meanwhile: what is given after this was taken may have come too late for a page.
        self.marks_at_first = patiently(lambda: manual_marks(converters.course_dir, converters.assignment))

    def write(self, row: Row) -> Iterator[tuple[Task, Kept]]:
        """Write what became of tasks, and say so in the journal; gives out each with what to remember of it.

        A failure of ours is kept with its traceback; it never stops the batch. What lets nothing more be written does:
        raises what `stop_reason` knows, or GradingStoppedError.
        """
        results = self.keep(row)
        self._record_together([(task, result) for task, result in results if isinstance(result, Result)])
        for task, result in results:
            kept = self._failed(task, result) if isinstance(result, Exception) else self._kept(task, result)
            self.journal.add_written(task.submission.student, kept)
            yield task, kept

    def keep(self, row: Row) -> list[tuple[Task, Result | Exception]]:
        """The outcomes as results that are in the journal: also of what was not run, for it may be written in part."""
        results = [(task, self._result(task, outcome)) for task, outcome in row]
        self.journal.add_results(
            result
            for (_, outcome), (_, result) in zip(row, results, strict=True)
            if isinstance(outcome, Execution) and isinstance(result, Result)
        )
        return results

    def _result(self, task: Task, outcome: Outcome) -> Result | Exception:
        if not isinstance(outcome, Execution):
            return outcome
        student, level = task.submission.student, outcome.level or self.level
        try:
            return Result.of_execution(
                outcome, student=student, digest=task.digest, key=self.key, level=level, timeout=self.timeout
            )
        except Exception as error:  # a failure of ours, and nothing to the others in the row
            return error

    def _record_together(self, results: list[tuple[Task, Result]]) -> None:
        """Record all at once. Where that fails, each that is not is recorded alone, and says itself what is wrong."""
        try:
            executed = [(task.submission, result.executed(task.submission.notebook)) for task, result in results]
            patiently(lambda: self.converters.record_together(executed))
        except Exception as error:
            if stop_reason(self.converters.course_dir, error) is not None:
                raise
            logging.getLogger(__name__).info("%d submissions are recorded one by one: %s", len(results), error)

    def _kept(self, task: Task, result: Result) -> Kept:
        try:
            return patiently(lambda: self._written(task.submission, result))
        except Exception as error:
            if stop_reason(self.converters.course_dir, error) is not None:
                raise
            check_writable(self.converters.course_dir)  # nbgrader does not always say what an error came of
            return self._failed(task, error)

    def _written(self, submission: Submission, result: Result) -> Kept:
        findings = submission.findings + result.findings
        text = note(submission.path, findings, submission.usable)
        if not self.converters.is_recorded(submission.student):
            self.converters.record(submission, result.executed(submission.notebook))
        if self.feedback:
            self.converters.give_feedback(submission.student, text)
        else:
            self.converters.remove_feedback(submission.student)
        standing = self.converters.standing_of_new(submission.student) or self.standings.of(submission.student)
        return Kept(
            digest=result.digest,
            status=GRADED if submission.usable else UNUSABLE,
            note=text,
            seconds=result.seconds,
            timeout=result.timeout,
            outcomes=tuple(each.outcome.value for each in findings),
            key=result.key,
            level=result.level,
            automatic=standing.automatic,
            lateness=self.converters.lateness(standing),
        )

    def _failed(self, task: Task, error: Exception) -> Kept:
        submission, course_dir = task.submission, self.converters.course_dir
        log: Path = own_folder(course_dir) / "failed" / f"{submission.student}-{submission.assignment}.txt"
        log.parent.mkdir(exist_ok=True)
        text = "".join(traceback.format_exception(error))
        log.write_text(text, encoding="utf-8", errors="replace")
        why = f"{submission.path}: grading failed ({type(error).__name__}); see {log.relative_to(course_dir)}"
        return Kept(task.digest, FAILED, why, key=self.key, level=self.level)
