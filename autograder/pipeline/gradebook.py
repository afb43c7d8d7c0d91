"""Grade a whole class: take in, run in parallel, and write, one submission at a time, through nbgrader."""

from __future__ import annotations

import contextlib
import copy
import hashlib
import os
import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from pathlib import Path

import nbformat
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from autograder import sandbox
from autograder.engine import Graders, Job, Limits, chosen_level
from autograder.grading.seeds import submission_seed
from autograder.pipeline.convert import Converters
from autograder.pipeline.execution import Execution
from autograder.pipeline.grades import (
    FAILED,
    GRADED,
    UNUSABLE,
    GradeRow,
    check_gradebook,
    grade_rows,
    manual_marks,
    write_grades,
)
from autograder.pipeline.intake import Submission, intake, note
from autograder.pipeline.keys import course_key, course_lock, own_folder
from autograder.pipeline.locate import stray_files
from autograder.pipeline.master import Master, load_master, released_path
from autograder.pipeline.outcomes import Outcome
from autograder.pipeline.outputs import settle
from autograder.pipeline.state import Kept, load_state, save_state, tests_version

MOST_STRAYS = 5  # names of files in the wrong place that a note lists


@dataclass(frozen=True)
class GradingSummary:
    """What a run did: the rows of this assignment, how many were graded in this run, wall seconds, where things are.

    `notes` are remarks on the run as a whole, for the instructor.
    """

    course_dir: Path
    assignment: str
    rows: list[GradeRow]
    regraded: int
    seconds: float
    grades_csv: Path
    feedback_dir: Path
    notes: tuple[str, ...] = ()

    @property
    def all_graded(self) -> bool:
        """False when a submission failed for a reason of ours."""
        return all(row.status != FAILED for row in self.rows)


def grade(
    course_dir: Path | str,
    assignment: str,
    workers: int | None = None,
    timeout: float = 30.0,
    seed: str | None = None,
    progress: bool = True,
    allow_unsandboxed: bool = False,
) -> GradingSummary:
    """Grade DIR/submitted/*/ASSIGNMENT into DIR/gradebook.db, autograded/, feedback/ and grades.csv.

    Only what changed since the last run is graded again; manual grades stay, and new ones reach the feedback.
    `workers` submissions run at a time (default: one a processor); `timeout` is the limit of a cell in seconds; `seed`
    replaces the course key from which hidden inputs follow; `progress` shows a bar on stderr. Student code runs
    isolated as well as this machine can; where it cannot at all, only with `allow_unsandboxed`.
    Raises UnsandboxedError without that, CourseLockedError when another process grades here, KeyError for an unknown
    assignment, GradebookError when the gradebook is damaged.
    """
    started = time.monotonic()
    level = chosen_level(allow_unsandboxed)
    course_dir = Path(course_dir).resolve()
    if not (course_dir / "submitted").is_dir():
        raise FileNotFoundError(
            f"{course_dir / 'submitted'}: not there; put notebooks in submitted/STUDENT/{assignment}/"
        )
    with course_lock(course_dir):
        check_gradebook(course_dir)
        _prepare(course_dir, assignment)
        master = load_master(course_dir, assignment)
        key = course_key(course_dir, seed)
        submissions = intake(course_dir, master)
        # Whose folder has gone since keeps the grade, as in the gradebook; who had handed in nothing has none.
        present = {each.student for each in submissions}
        state = {
            student: kept
            for student, kept in load_state(course_dir, assignment).items()
            if student in present or Outcome.NOT_HANDED_IN not in kept.outcomes
        }
        seeds = {each.student: submission_seed(key, each.student, assignment, master.version) for each in submissions}
        digests = {each.student: _digest(each, master, seeds[each.student]) for each in submissions}
        changed = [each for each in submissions if not _is_current(course_dir, each, state, digests, timeout)]
        used = hashlib.sha256(key).hexdigest()
        notes = [*_note_on_key(changed, state, used), *_note_on_strays(course_dir, assignment)]
        converters = Converters(course_dir, assignment)
        with _progress_bar(f"Grading {assignment}", len(changed), progress) as advance:
            for submission, result in _executed(changed, seeds, workers or os.cpu_count() or 1, timeout, level):
                kept = _record(converters, submission, result, digests[submission.student], timeout)
                state[submission.student] = replace(kept, key=used)
                save_state(course_dir, assignment, state)
                advance()
        notes += _renew_feedback(converters, state, {each.student for each in changed})
        converters.close()
        save_state(course_dir, assignment, state)
        rows = grade_rows(course_dir)
        path = write_grades(course_dir, rows)
    own = [row for row in rows if row.assignment == assignment]
    seconds = time.monotonic() - started
    return GradingSummary(
        course_dir, assignment, own, len(changed), seconds, path, course_dir / "feedback", tuple(notes)
    )


def summary_table(summary: GradingSummary) -> Table:
    """The rows of a grading run as a table for the terminal."""
    table = Table(title=f"{summary.assignment}: {len(summary.rows)} submissions, {summary.regraded} graded now")
    if summary.notes:
        table.caption = Text("\n".join(map(_printable, summary.notes)))
    table.add_column("student", no_wrap=True)
    table.add_column("score", justify="right", no_wrap=True)
    table.add_column("status", no_wrap=True)
    table.add_column("note", overflow="fold")
    for row in summary.rows:
        note = Text(_printable(row.note))
        table.add_row(Text(row.student_id), f"{round(row.score, 2):g} / {row.max_score:g}", row.status, note)
    return table


def _printable(text: str) -> str:
    return "".join(character if character.isprintable() else " " for character in text)


def _prepare(course_dir: Path, assignment: str) -> None:
    """Release the assignment here if it is one of ours; an instructor's own must have been released with nbgrader."""
    from autograder.build.release import prepare_course

    try:
        prepare_course(course_dir, [assignment])
    except KeyError:
        if not released_path(course_dir, assignment).is_file():
            raise


def _digest(submission: Submission, master: Master, seed: str) -> str:
    parts = [submission.digest, master.version, tests_version(master.assignment), seed]
    parts += [f"{name}\0{source}" for name, source in sorted(master.sources.items())]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _is_current(
    course_dir: Path, submission: Submission, state: dict[str, Kept], digests: dict[str, str], timeout: float
) -> bool:
    """Nothing the grade depends on has changed, and what was written is still there."""
    kept = state.get(submission.student)
    place = Path(submission.student) / submission.assignment / submission.assignment
    written = (
        (course_dir / "autograded" / place).with_suffix(".ipynb"),
        (course_dir / "feedback" / place).with_suffix(".html"),
    )
    return (
        kept is not None
        and kept.status != FAILED
        and kept.digest == digests[submission.student]
        and (kept.timeout == timeout or Outcome.TIME_UP not in kept.outcomes)
        and all(path.is_file() for path in written)
    )


def _note_on_key(changed: list[Submission], state: dict[str, Kept], used: str) -> list[str]:
    again = sum(each.student in state and state[each.student].key not in ("", used) for each in changed)
    if not again:
        return []
    return [
        f"the course key is not the one used before (--seed, or .course/key): {again} of the submissions graded "
        "before were graded again on other hidden inputs"
    ]


def _note_on_strays(course_dir: Path, assignment: str) -> list[str]:
    strays = stray_files(course_dir / "submitted")
    if not strays:
        return []
    names = ", ".join(map(repr, strays[:MOST_STRAYS])) + (" and more" if len(strays) > MOST_STRAYS else "")
    return [f"not graded, for it is in no student's folder (submitted/STUDENT/{assignment}/): {names} in submitted/"]


def _renew_feedback(converters: Converters, state: dict[str, Kept], just_written: set[str]) -> list[str]:
    """Write the feedback again where a person's scores or comments changed since. Returns notes on what failed."""
    marks = manual_marks(converters.course_dir, converters.assignment)
    notes = []
    for student, kept in state.items():
        current = marks.get(student, "")
        if current == kept.manual or kept.status == FAILED:
            continue
        try:
            if student not in just_written:
                converters.give_feedback(student, kept.note)
        except Exception as error:  # as in _record: one student's page never stops the batch
            notes.append(f"the feedback of {student!r} could not be written again ({type(error).__name__})")
        else:
            state[student] = replace(kept, manual=current)
    return notes


def _executed(
    submissions: list[Submission], seeds: dict[str, str], workers: int, timeout: float, level: sandbox.Level
) -> Iterator[tuple[Submission, Future[Execution]]]:
    """Submissions as they finish running. What cannot be used is not run."""
    with Graders(level) as graders, ThreadPoolExecutor(max(1, workers), thread_name_prefix="grading") as pool:
        limits = Limits.for_cells(timeout)
        running: dict[Future[Execution], Submission] = {}
        try:
            for submission in submissions:
                if submission.usable:
                    job = Job(nbformat.writes(submission.notebook), seeds[submission.student], limits, level)
                    future = pool.submit(graders.grade, job)
                else:
                    future = pool.submit(_not_run, submission)
                running[future] = submission
            for future in as_completed(running):
                yield running[future], future
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _not_run(submission: Submission) -> Execution:
    notebook = copy.deepcopy(submission.notebook)
    settle(notebook, "the notebook could not be read")
    return Execution(notebook, (), 0.0)


def _record(
    converters: Converters, submission: Submission, result: Future[Execution], digest: str, timeout: float
) -> Kept:
    """Write one submission's results. A failure of ours is kept with its traceback; it never stops the batch."""
    try:
        execution = result.result()
        findings = submission.findings + execution.findings
        text = note(submission.path, findings, submission.usable)
        converters.record(submission, execution.notebook)
        converters.give_feedback(submission.student, text)
    except Exception as error:
        log = own_folder(converters.course_dir) / "failed" / f"{submission.student}-{submission.assignment}.txt"
        log.parent.mkdir(exist_ok=True)
        log.write_text(traceback.format_exc(), encoding="utf-8", errors="replace")
        text = (
            f"{submission.path}: grading failed ({type(error).__name__}); see {log.relative_to(converters.course_dir)}"
        )
        return Kept(digest, FAILED, text)
    status = GRADED if submission.usable else UNUSABLE
    outcomes = tuple(each.outcome.value for each in findings)
    return Kept(digest, status, text, round(execution.seconds, 3), timeout, outcomes)


@contextlib.contextmanager
def _progress_bar(title: str, total: int, shown: bool) -> Iterator[Callable[[], None]]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), disable=not shown or total == 0) as bar:
        task = bar.add_task(title, total=total)
        yield lambda: bar.advance(task)
