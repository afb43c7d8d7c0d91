"""Which submissions are to be graded: those for which something has changed since they were graded last."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.grading.seeds import submission_seed
from autograder.inside.files import Files
from autograder.pipeline.folders import autograded_path, read_autograded
from autograder.pipeline.grades import FAILED
from autograder.pipeline.intake import Submission, not_taken_in, take_in
from autograder.pipeline.journal import Journal
from autograder.pipeline.master import Master, students_code
from autograder.pipeline.outcomes import Outcome
from autograder.pipeline.results import Result
from autograder.pipeline.standing import Standing
from autograder.pipeline.state import Kept, tests_version

WRITABLE = 0o644  # on Windows only such a file can be removed


@dataclass(frozen=True)
class Task:
    """A submission to grade, its seed, and the digest of all its grade depends on.

    `result` is what an earlier run has found and not written, or why the submission could not be
    taken in: there is nothing to run.
    """

    submission: Submission
    seed: str
    digest: str
    result: Result | Exception | None = None
    files: Files = ()  # that its code finds in its folder


@dataclass(frozen=True)
class Course:
    """What all tasks of a run have in common; `key` is the course's secret, `timeout` the limit of a cell, `files` what
    student code finds in its folder.
    """

    course_dir: Path
    master: Master
    key: bytes
    timeout: float
    files: Files = ()

    def tasks(
        self,
        folders: dict[str, Path],
        state: dict[str, Kept],
        standings: dict[str, Standing],
        journal: Journal,
        unchanged: Callable[[], object],
    ) -> Iterator[Task]:
        """A task for each of `folders` (student id → what was handed in) that needs one.

        `standings` say what the gradebook holds. `unchanged` is called for each of the others.
        """
        beside = [f"{name}\0{hashlib.sha256(content).hexdigest()}" for name, content in self.files]
        for student, folder in folders.items():
            try:
                submission = take_in(self.course_dir, self.master, student, folder)
            except Exception as error:  # a failure of ours: this submission's, and nobody else's
                yield Task(not_taken_in(self.course_dir, self.master, student, folder), "", "", error)
                continue
            work = students_code(submission.notebook)
            seed = submission_seed(self.key, student, self.master.assignment, self.master.version, work)
            digest = _digest(submission, self.master, seed, beside)
            kept, standing = state.get(student), standings.get(student)
            if not journal.is_unwritten(student):
                if self._is_current(submission, kept, standing, digest):
                    unchanged()
                    continue
                self._unsettle(submission, kept, standing)
            result = journal.result(student, digest)
            if result is not None and not self._counts(result.timeout, [each.outcome for each in result.findings]):
                result = None
            yield Task(submission, seed, digest, result, self.files)

    def _is_current(self, submission: Submission, kept: Kept | None, standing: Standing | None, digest: str) -> bool:
        """Nothing the grade depends on has changed, and what was written is still there."""
        return (
            kept is not None
            and standing is not None
            and kept.status != FAILED
            and kept.digest == digest
            and kept.automatic == standing.automatic
            and self._counts(kept.timeout, kept.outcomes)
            and autograded_path(self.course_dir, submission.student, submission.assignment).is_file()
        )

    def _unsettle(self, submission: Submission, kept: Kept | None, standing: Standing | None) -> None:
        """Where the gradebook holds something else than was written there, and than the autograded notebook says, as
        after a backup was restored, a person's marks need not be of the answers in that notebook: without it, none
        counts as looked at.
        """
        path = autograded_path(self.course_dir, submission.student, submission.assignment)
        if kept is None or standing is None or kept.automatic in ("", standing.automatic) or not path.is_file():
            return
        from autograder.pipeline.autograded import automatic_scores

        try:
            notebook = read_autograded(self.course_dir, submission.student, submission.assignment)
            scores = automatic_scores(notebook)
            together = all(scores.get(cell) == score for cell, score in standing.scores.items())  # tasks have none
        except (OSError, ValueError, KeyError, AttributeError, TypeError):  # no notebook, or none of nbgrader's
            together = False
        if not together:
            path.chmod(WRITABLE)
            path.unlink()

    def _counts(self, timeout: float, outcomes: list[Outcome] | tuple[str, ...]) -> bool:
        """What was graded with this limit holds for the present one too."""
        return timeout == self.timeout or Outcome.TIME_UP not in outcomes


def _digest(submission: Submission, master: Master, seed: str, beside: list[str]) -> str:
    parts = [submission.digest, master.version, tests_version(master.assignment), seed]
    parts += [f"{name}\0{source}" for name, source in sorted(master.sources.items())]
    parts += beside
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
