"""Grade a whole class: take in, run in parallel, and write, one submission at a time, through nbgrader."""

from __future__ import annotations

import contextlib
import hashlib
import os
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from autograder.engine import Limits, chosen_level
from autograder.garbage import loading
from autograder.pipeline.beside import files_for_students
from autograder.pipeline.course_folders import course_directory
from autograder.pipeline.folders import autograded_path
from autograder.pipeline.grades import (
    FAILED,
    NOT_IN_GRADEBOOK,
    GradeRow,
    check_gradebook,
    grade_rows,
    manual_marks,
    remove_drafts,
    write_grades,
)
from autograder.pipeline.intake import handed_in
from autograder.pipeline.journal import Journal
from autograder.pipeline.keys import course_key, course_lock
from autograder.pipeline.locate import stray_files
from autograder.pipeline.master import load_master, released_path
from autograder.pipeline.outcomes import Outcome
from autograder.pipeline.running import Row, Running
from autograder.pipeline.standing import Standing, Standings
from autograder.pipeline.state import Kept, load_state, save_state, state_path
from autograder.pipeline.stops import check_writable, in_words, patiently, stop_reason
from autograder.pipeline.summary import GradingSummary, summary_table
from autograder.pipeline.tasks import Course

if TYPE_CHECKING:
    from autograder.pipeline.cluster import OnCluster
    from autograder.pipeline.writer import Writer

__all__ = ["GradingSummary", "grade", "summary_table"]

NO_PAGES = ("no pages of feedback were written in this run; one without --no-feedback writes those that are missing",)
MOST_STRAYS = 5  # names of files in the wrong place that a note lists


def grade(
    course_dir: Path | str,
    assignment: str,
    workers: int | None = None,
    timeout: float = 30.0,
    seed: str | None = None,
    progress: bool = True,
    allow_unsandboxed: bool = False,
    cluster: str = "",
    feedback: bool = True,
) -> GradingSummary:
    """Grade DIR/submitted/*/ASSIGNMENT into DIR/gradebook.db, autograded/, feedback/ and grades.csv.

    Only what changed since the last run is graded again, and what a run that was stopped has graded is not run again;
    manual grades stay, and new ones reach the feedback.
    `workers` submissions run at a time (default: one a processor); `timeout` is the limit of a cell in seconds; `seed`
    replaces the course key from which hidden inputs follow; `progress` shows a bar on stderr. Student code runs
    isolated as well as this machine can; where it cannot at all, only with `allow_unsandboxed`. With `cluster`, the
    address of a Dask scheduler, it runs on the machines there and none of it here. Without `feedback`, no pages of it
    are written, and those of submissions that are graded go: the next run with it writes them, and runs nothing.
    Raises UnsandboxedError without that, ClusterError when the cluster cannot be used, CourseLockedError when another
    process grades here, KeyError for an unknown assignment, BesideError when the files beside its notebook cannot be
    given to student code, GradebookError when the gradebook is damaged, JournalError when another version's run was
    stopped here, GradingStoppedError or GradingInterrupted (Ctrl-C) when the run cannot go on: all that was graded is
    then kept.
    """
    started = time.monotonic()
    course_dir = Path(course_dir).resolve()
    if not (course_dir / "submitted").is_dir():
        raise FileNotFoundError(
            f"{course_dir / 'submitted'}: not there; put notebooks in submitted/STUDENT/{assignment}/"
        )
    limits = Limits.for_cells(timeout)
    with in_words(course_dir), course_lock(course_dir), _runner(cluster, workers, limits, allow_unsandboxed) as running:
        level = running.level.value
        check_gradebook(course_dir)
        check_writable(course_dir)
        for path in (course_dir / "grades.csv", state_path(course_dir, assignment)):
            remove_drafts(path)
        folders, kept_before = handed_in(course_dir, assignment), load_state(course_dir, assignment)
        if not kept_before:  # then there is something to run for everybody
            running.start(len(folders))
        _prepare(course_dir, assignment)
        files = files_for_students(course_directory(course_dir), assignment)
        course = Course(course_dir, load_master(course_dir, assignment), course_key(course_dir, seed), timeout, files)
        used = hashlib.sha256(course.key).hexdigest()
        standings = patiently(lambda: _standings(course_dir, assignment))
        # Whose folder has gone since keeps the grade, as in the gradebook; who had handed in nothing has none.
        state = {
            student: kept
            for student, kept in kept_before.items()
            if student in folders or Outcome.NOT_HANDED_IN not in kept.outcomes
        }
        before = dict(state)
        written = set()
        with Journal(course_dir, assignment) as journal, contextlib.ExitStack() as opened:

            @cache
            def writer() -> Writer:
                return _open_writer(opened, course, journal, used, level, feedback)

            with _progress_bar(f"Grading {assignment}", len(folders), progress) as advance:
                row: Row = []
                try:
                    tasks = course.tasks(folders, before, standings, journal, advance)
                    for row in running.graded(tasks, meanwhile=writer):
                        for task, kept in writer().write(row):
                            state[task.submission.student] = kept
                            written.add(task.submission.student)
                            advance()
                        row = []
                except BaseException:
                    # The reason for stopping is what is said, not what fails now.
                    with contextlib.suppress(Exception):
                        writer().keep([each for each in row if each[0].submission.student not in written])
                    with contextlib.suppress(Exception):
                        writer().keep(running.stop())
                    raise
            others = {student: standing for student, standing in standings.items() if student not in written}
            notes = [
                *_note_on_key(written, before, used),
                *_note_on_levels(state, level),
                *_note_on_strays(course_dir, assignment),
                *_renew_penalties(writer, state, others),
                *(_renew_feedback(writer(), state, written, others, progress) if feedback else NO_PAGES),
            ]
            save_state(course_dir, assignment, state)
            journal.remove()
        rows = patiently(lambda: grade_rows(course_dir))
        notes += _note_on_missing(rows, assignment)
        path = write_grades(course_dir, rows)
    own = [row for row in rows if row.assignment == assignment]
    return GradingSummary(
        course_dir=course_dir,
        assignment=assignment,
        rows=own,
        regraded=len(written),
        seconds=time.monotonic() - started,
        grades_csv=path,
        feedback_dir=course_dir / "feedback",
        notes=tuple(notes),
        level=level,
    )


def _runner(cluster: str, workers: int | None, limits: Limits, allow_unsandboxed: bool) -> Running | OnCluster:
    if not cluster:
        return Running(workers or os.cpu_count() or 1, limits, chosen_level(allow_unsandboxed))
    from autograder.pipeline.cluster import OnCluster

    return OnCluster(cluster, limits, allow_unsandboxed)


def _open_writer(
    opened: contextlib.ExitStack, course: Course, journal: Journal, used_key: str, level: str, feedback: bool
) -> Writer:
    """What the results are written with, closed with `opened`. Its libraries take a quarter of a second to import: they
    are not waited for before there is work for the grading processes.
    """
    _import_writing()
    from autograder.pipeline.convert import Converters
    from autograder.pipeline.writer import Writer

    place = course.course_dir, course.master.assignment
    converters, standings = opened.enter_context(Converters(*place)), opened.enter_context(Standings(*place))
    return Writer(converters, standings, journal, used_key, level, course.timeout, feedback)


@cache
def _import_writing() -> None:
    with loading(thorough=False):
        import autograder.pipeline.convert
        import autograder.pipeline.writer  # noqa: F401


def _prepare(course_dir: Path, assignment: str) -> None:
    """Release the assignment here if it is one of ours; an instructor's own must have been released with nbgrader."""
    from autograder.build.release import prepare_course

    try:
        prepare_course(course_dir, [assignment])
    except KeyError:
        if not released_path(course_dir, assignment).is_file():
            raise


def _note_on_key(written: set[str], before: dict[str, Kept], used: str) -> list[str]:
    again = sum(student in before and before[student].key not in ("", used) for student in written)
    if not again:
        return []
    return [
        f"the course key is not the one used before (--seed, or .course/key): {again} of the submissions graded "
        "before were graded again on other hidden inputs"
    ]


def _note_on_levels(state: dict[str, Kept], level: str) -> list[str]:
    others = Counter(kept.level for kept in state.values() if kept.level not in ("", level))
    return [f"{count} of the grades kept were made at sandbox level {name}" for name, count in sorted(others.items())]


def _note_on_strays(course_dir: Path, assignment: str) -> list[str]:
    strays = stray_files(course_dir / "submitted")
    if not strays:
        return []
    names = ", ".join(map(repr, strays[:MOST_STRAYS])) + (" and more" if len(strays) > MOST_STRAYS else "")
    return [f"not graded, for it is in no student's folder (submitted/STUDENT/{assignment}/): {names} in submitted/"]


def _standings(course_dir: Path, assignment: str) -> dict[str, Standing]:
    with Standings(course_dir, assignment) as standings:
        return standings.of_all()


def _renew_penalties(writer: Callable[[], Writer], state: dict[str, Kept], standings: dict[str, Standing]) -> list[str]:
    """Write the late penalties anew where something that they depend on has changed, and remove the feedback that says
    others. `standings` are of submissions that were not graded now. Returns notes; raises what lets nothing more be
    written.
    """
    renewed, notes = 0, []
    for student, standing in standings.items():
        kept = state.get(student)
        if kept is None or kept.status == FAILED:
            continue
        if not (kept.lateness or standing.seconds_late or standing.penalty):
            continue  # nor are a writer and the course's settings needed, which take a while to load
        converters = writer().converters
        try:
            if converters.lateness(standing) == kept.lateness:
                continue
            patiently(partial(converters.renew_penalty, student))
            state[student] = replace(kept, lateness=converters.lateness(writer().standings.of(student)))
            renewed += 1
        except Exception as error:  # an instructor's plugin, say: one student's penalty never stops the batch
            if stop_reason(converters.course_dir, error) is not None:
                raise
            check_writable(converters.course_dir)
            notes.append(f"the late penalty of {student!r} could not be computed again ({type(error).__name__})")
    if renewed:
        notes.append(
            f"what late penalties depend on (due date, extension, settings) has changed: computed again for {renewed}"
        )
    return notes


def _note_on_missing(rows: list[GradeRow], assignment: str) -> list[str]:
    """A note on other assignments of which grades.csv says 0 because the gradebook does not have the grades."""
    missing = Counter(row.assignment for row in rows if NOT_IN_GRADEBOOK in row.note and row.assignment != assignment)
    return [
        f"{count} submissions of {name} were graded before and are not in gradebook.db: 0 in grades.csv, with a note, "
        f"until `course grade {name}`"
        for name, count in sorted(missing.items())
    ]


def _renew_feedback(
    writer: Writer, state: dict[str, Kept], just_written: set[str], others: Collection[str], progress: bool
) -> list[str]:
    """Write the feedback that is not there, and again where a person's scores or comments changed since. Returns notes
    on what failed; raises what lets nothing more be written. `others` are in the gradebook and were not graded now.
    """
    converters = writer.converters
    course_dir, assignment = converters.course_dir, converters.assignment
    marks = patiently(lambda: manual_marks(course_dir, assignment))
    due = []
    for student, kept in state.items():
        if kept.status == FAILED or (student not in just_written and student not in others):
            continue
        current = marks.get(student, "")
        shown = writer.marks_at_first.get(student, "") if student in just_written else kept.manual
        is_there = converters.has_feedback(student) or not autograded_path(course_dir, student, assignment).is_file()
        if not (is_there and shown == current):
            due.append(student)
        elif student in just_written:
            state[student] = replace(kept, manual=current)
    notes = []
    with _progress_bar(f"Feedback {assignment}", len(due), progress) as advance:
        for student in due:
            try:
                patiently(partial(converters.give_feedback, student, state[student].note))
            except Exception as error:  # one student's page never stops the batch
                if stop_reason(course_dir, error) is not None:
                    raise
                check_writable(course_dir)
                notes.append(f"the feedback of {student!r} could not be written again ({type(error).__name__})")
            else:
                state[student] = replace(state[student], manual=marks.get(student, ""))
            advance()
    return notes


@contextlib.contextmanager
def _progress_bar(title: str, total: int, shown: bool) -> Iterator[Callable[[], None]]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), disable=not shown or total == 0) as bar:
        task = bar.add_task(title, total=total)
        yield lambda: bar.advance(task)
