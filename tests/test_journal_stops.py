"""A run that cannot go on says why in one line, keeps what was graded, and goes on when it is started again."""

import _thread
import errno
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
import pytest
from journal_course import NEW, prepared, run, stopped
from pipeline_course import NAME, filled, grade, hand_in
from sqlalchemy import event
from sqlalchemy.engine import Engine
from writing_course import two_courses, write_results

from autograder.engine import GradingProcessDied, Job
from autograder.engine.processes import Grader
from autograder.pipeline import convert, folders, grades, running, stops, tasks
from autograder.pipeline.autograded import UnlikeMasterError
from autograder.pipeline.convert import Converters
from autograder.pipeline.entries import Entries
from autograder.pipeline.execution import Execution
from autograder.pipeline.grades import open_gradebook
from autograder.pipeline.journal import journal_path
from autograder.pipeline.outcomes import Finding, Outcome
from autograder.pipeline.state import load_state
from autograder.pipeline.stops import KEPT, GradingInterrupted, GradingStoppedError
from course_utils.cli import main
from course_utils.interrupts import interrupts_wait

HOLDER = """import sqlite3, sys
database = sqlite3.connect(sys.argv[1], isolation_level=None)
database.execute("BEGIN EXCLUSIVE")
print("locked", flush=True)
sys.stdin.read()"""


def not_again(*_: Any) -> None:
    raise AssertionError("was run again")


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return prepared(tmp_path, monkeypatch)


@pytest.fixture
def database() -> Iterator[Callable[[str], None]]:
    """A function that sets a PRAGMA on every connection of nbgrader's to a gradebook, until the test ends."""
    pragmas: list[str] = []

    def connected(connection: Any, _: Any) -> None:
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")

    event.listen(Engine, "connect", connected)
    yield pragmas.append
    event.remove(Engine, "connect", connected)


def read_only(connect: Any) -> Any:
    """In the place of sqlite3.connect: a gradebook opened for writing is read-only."""

    def connected(path: Any, **options: Any) -> Any:
        if "isolation_level" in options:
            path, options = f"file:{path}?mode=ro", options | {"uri": True}
        return connect(path, **options)

    return connected


def assert_goes_on(course_dir: Path, regraded: int = len(NEW)) -> None:
    """Started again, the run ends, and all of the new have their grades."""
    summary = grade(course_dir, NAME, workers=1, progress=False)
    assert (summary.regraded, summary.all_graded) == (regraded, True)
    scores = {row.student_id: row.score for row in summary.rows}
    assert [scores[student] for student in NEW] == [5.0] * len(NEW)
    assert scores["ana"] == 10
    assert not journal_path(course_dir, NAME).exists()
    assert grade(course_dir, NAME, progress=False).regraded == 0


@pytest.mark.parametrize(
    ("row", "lines", "done", "graded"),
    [(1, 3, {"lea"}, 3), (5, 3, set(), 2), (5, 7, {"lea", "max"}, 0)],
    ids=["after the second result", "in a row of results", "after a row"],
)
def test_a_full_disk_under_the_journal(
    row: int, lines: int, done: set[str], graded: int, course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So many lines fit: one by one a result, that it is written, another result; in a row all results come first."""
    monkeypatch.setattr(running, "TOGETHER", row)
    monkeypatch.setattr(running, "HOLD", 60.0)
    write, left = os.write, [lines]

    def fills_up(descriptor: int, data: Any) -> int:
        journal = journal_path(course, NAME)
        if not journal.exists() or not os.path.samestat(os.fstat(descriptor), journal.stat()):
            return write(descriptor, data)  # to a grading process
        left[0] -= 1
        if left[0] < 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(descriptor, data)

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", fills_up)
        stopped(course, f"{course}: the disk is full. {KEPT}")
    assert set(load_state(course, NAME)) & set(NEW) == done
    jobs: list[Job] = []
    monkeypatch.setattr(Grader, "grade", lambda self, job: jobs.append(job) or run(self, job))
    assert_goes_on(course, len(NEW) - len(done))
    assert len(jobs) == graded  # what is in the journal only has to be written


def test_a_full_disk_under_the_feedback(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, text: str) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    with monkeypatch.context() as patched:
        patched.setattr(folders, "write_text", full)
        stopped(course, "the disk is full")
    assert_goes_on(course)


DATABASES = [("max_page_count = 1", "the disk is full"), ("query_only = ON", "it is read-only; allow writing to it")]


@pytest.mark.parametrize(("pragma", "words"), DATABASES, ids=["full", "read-only"])
def test_a_gradebook_that_takes_no_more(course: Path, database: Any, pragma: str, words: str) -> None:
    prepare = tasks.Course.tasks

    def late(*arguments: Any) -> Any:
        database(pragma)
        return prepare(*arguments)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(tasks.Course, "tasks", late)
        stopped(course, f"{course / 'gradebook.db'}: {words}. {KEPT}")
    database(pragma.split("=")[0] + ("= 1000000" if "max" in pragma else "= OFF"))
    assert_goes_on(course, len(NEW) - len(set(load_state(course, NAME)) & set(NEW)))


@pytest.mark.parametrize(
    ("owner", "name", "whose"),
    [
        (Converters, "_prepare", lambda _, submission, *rest: submission.student),
        (Entries, "write", lambda _, student, *rest: student),
        (convert, "write_folder", lambda path, *rest: path.parts[-3] if path.suffix == ".ipynb" else "feedback"),
    ],
    ids=["before the transaction", "in it", "after it"],
)
@pytest.mark.parametrize("error", [RuntimeError("broken"), UnlikeMasterError("unlike")], ids=["ours", "unlike"])
def test_one_that_cannot_be_recorded_with_others_costs_them_nothing(
    course: Path,
    error: Exception,
    owner: Any,
    name: str,
    whose: Callable[..., str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(running, "TOGETHER", len(NEW))
    monkeypatch.setattr(running, "HOLD", 60.0)
    does, asked = getattr(owner, name), []

    def broken(*given: Any) -> Any:
        asked.append(whose(*given))
        if asked[-1] == "max":
            raise error
        return does(*given)

    with monkeypatch.context() as patched:
        patched.setattr(owner, name, broken)
        summary = grade(course, NAME, workers=1, progress=False)
    assert asked.count("max") == 2 and asked.count("pia") >= 1  # with the others, then alone
    failed = [row.student_id for row in summary.rows if row.status == grades.FAILED]
    assert failed == (["max"] if isinstance(error, RuntimeError) else [])  # else by nbgrader's converter
    assert [row.score for row in summary.rows if row.student_id in NEW and row.student_id not in failed] == [5.0] * (
        len(NEW) - len(failed)
    )
    assert grade(course, NAME, progress=False).regraded == len(failed)


def test_a_result_that_cannot_be_kept_is_a_failure_and_the_others_are_graded(
    course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "TOGETHER", len(NEW))
    monkeypatch.setattr(running, "HOLD", 60.0)
    third = []

    def without_outputs(self: Grader, job: Job) -> Execution:
        execution = run(self, job)
        third.append(job)
        if len(third) == 3:
            del next(cell for cell in execution.notebook.cells if cell.cell_type == "code")["outputs"]
        return execution

    with monkeypatch.context() as patched:
        patched.setattr(Grader, "grade", without_outputs)
        summary = grade(course, NAME, workers=1, progress=False)
    assert [row.student_id for row in summary.rows if row.status == grades.FAILED] == [NEW[2]]
    assert_goes_on(course, 1)


def test_what_is_graded_again_with_another_limit_is_kept_too(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The journal has a result of each already, which does not count for the new limit."""
    jobs: list[Job] = []

    def in_vain(self: Grader, job: Job) -> Execution:
        jobs.append(job)
        return replace(run(self, job), findings=(Finding(Outcome.TIME_UP, "time was up"),))

    def full(path: Path, text: str) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    monkeypatch.setattr(Grader, "grade", in_vain)
    for timeout in (5.0, 60.0):
        with monkeypatch.context() as patched, pytest.raises(GradingStoppedError):
            patched.setattr(folders, "write_text", full)
            grade(course, NAME, workers=1, progress=False, timeout=timeout)
    ran = len(jobs)
    assert ran > len(NEW)
    assert grade(course, NAME, workers=1, progress=False, timeout=60.0).all_graded
    assert len(jobs) == ran


def test_an_error_that_nbgrader_does_not_explain(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    connect = sqlite3.connect

    def broken(*_: Any) -> None:
        monkeypatch.setattr(sqlite3, "connect", read_only(connect))
        raise RuntimeError("Please see the error log")

    monkeypatch.setattr(Converters, "record_together", lambda *_: None)  # settings that only nbgrader understands
    monkeypatch.setattr(Converters, "record", broken)
    stopped(course, f"{course / 'gradebook.db'}: it is read-only; allow writing to it. {KEPT}")


def test_a_gradebook_that_another_program_has_locked(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    command = [sys.executable, "-c", HOLDER, str(course / "gradebook.db")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None and holder.stdin is not None
        assert holder.stdout.readline() == "locked\n"
        with pytest.raises(grades.GradebookError, match=r"gradebook\.db: another program .*has it locked; close that"):
            grade(course, NAME, progress=False)
        named = stops.lock_holder(course / "gradebook.db")
        assert named in ("another program", f"another program (python, process {holder.pid})") or "python" in named
        holder.stdin.close()
    assert_goes_on(course)


def test_a_gradebook_that_is_locked_in_the_middle(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for student in NEW[2:]:
        shutil.rmtree(course / "submitted" / student)
    other = sqlite3.connect(course / "gradebook.db", isolation_level=None, check_same_thread=False)

    def locks(self: Grader, job: Job) -> Execution:
        if not other.in_transaction:
            other.execute("BEGIN IMMEDIATE")
        return run(self, job)

    monkeypatch.setattr(Grader, "grade", locks)
    stopped(course, f"another program has it locked; close that, or wait for it. {KEPT}")
    other.close()
    monkeypatch.setattr(Grader, "grade", not_again)
    summary = grade(course, NAME, progress=False)
    assert (summary.regraded, summary.all_graded) == (2, True)


def test_a_gradebook_left_by_nbgrader_is_gone_on_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    course_dir, _ = two_courses(tmp_path)
    write_results(course_dir, False, ["ana", "ben"], score=0.25)  # by nbgrader's own converters
    shutil.rmtree(course_dir / ".course")
    for student in {path.name for path in (course_dir / "submitted").iterdir()} - {"ana", "ben", "gus"}:
        shutil.rmtree(course_dir / "submitted" / student)
    with open_gradebook(course_dir) as gradebook:
        mark = gradebook.find_grade("question", NAME, NAME, "ana")
        mark.manual_score, mark.needs_manual_grade = 4.5, False
        gradebook.db.commit()
    monkeypatch.setattr(Grader, "grade", run)
    summary = grade(course_dir, NAME, progress=False)
    assert [(row.student_id, row.score, row.status) for row in summary.rows] == [
        ("ana", 9.5, "graded"),
        ("ben", 5.0, "needs_manual_grade"),
        ("gus", 0.0, "unreadable"),
    ]
    assert grade(course_dir, NAME, progress=False).regraded == 0


def test_a_short_lock_is_waited_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    first, second = (sqlite3.connect(tmp_path / "a.db", timeout=0, isolation_level=None) for _ in range(2))
    first.execute("BEGIN EXCLUSIVE")
    monkeypatch.setattr(stops.time, "sleep", lambda _: first.execute("ROLLBACK"))
    stops.patiently(lambda: second.execute("CREATE TABLE t (x)"))
    assert second.execute("SELECT * FROM t").fetchall() == []


def test_what_cannot_be_written_is_said_before_anything_runs(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Grader, "grade", not_again)
    temporary = tempfile.TemporaryFile

    def refused(dir: Path) -> Any:
        if dir.name == "feedback":
            raise PermissionError(errno.EACCES, "Permission denied")
        return temporary(dir=dir)

    with monkeypatch.context() as patched:
        patched.setattr(tempfile, "TemporaryFile", refused)
        stopped(course, f"{course / 'feedback'}: cannot be written to (permission denied). {KEPT}")
    with monkeypatch.context() as patched:
        patched.setattr(sqlite3, "connect", read_only(sqlite3.connect))
        stopped(course, f"{course / 'gradebook.db'}: it is read-only; allow writing to it")


@pytest.mark.usefixtures("ctrl_c_is_heard")
def test_ctrl_c_while_a_gradebook_is_opened_is_heard_after_that() -> None:
    seen = []
    with pytest.raises(KeyboardInterrupt), interrupts_wait():
        with interrupts_wait():
            _thread.interrupt_main()
            seen.append("inner")
        seen.append("outer")
    assert seen == ["inner", "outer"]
    with interrupts_wait():
        pass
    thread = threading.Thread(target=lambda: interrupts_wait().__enter__())
    thread.start()
    thread.join()
    with pytest.raises(KeyboardInterrupt):
        _thread.interrupt_main()
        time.sleep(5)


@pytest.mark.usefixtures("ctrl_c_is_heard")
def test_ctrl_c_keeps_what_was_graded_and_is_one_line(
    course: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    done = []

    def pressed(self: Grader, job: Job) -> Execution:
        done.append(job)
        if len(done) == 3:
            _thread.interrupt_main()
        return run(self, job)

    monkeypatch.setattr(Grader, "grade", pressed)
    arguments = ["grade", NAME, "--course-dir", str(course), "--workers", "1", "--allow-unsandboxed", "--json"]
    assert main(arguments) == 130
    shown = capsys.readouterr()
    assert (shown.out, shown.err) == ("", f"course: stopped. {KEPT}\n")
    kept = set(load_state(course, NAME)) & set(NEW)
    assert len(kept) < len(NEW)
    assert main(arguments) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["regraded"] == len(NEW) - len(kept)
    assert answer["level"] in ("full", "reduced", "none")
    assert len(done) <= len(NEW) + 2  # what ran while somebody pressed the keys may run again


@pytest.mark.usefixtures("ctrl_c_is_heard")
def test_ctrl_c_is_still_that_for_who_calls_the_function(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def pressed(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(tasks, "take_in", pressed)
    with pytest.raises(KeyboardInterrupt, match="Nothing that was graded is lost") as raised:
        grade(course, NAME, progress=False)
    assert raised.type is GradingInterrupted


def test_a_grading_process_that_dies_costs_only_its_submission(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    released = nbformat.read(course / "release" / NAME / f"{NAME}.ipynb", as_version=4)
    hand_in(course, "max", filled(released, double="return 'deadly'"))

    def dies(self: Grader, job: Job) -> Execution:
        if "deadly" in job.notebook:
            raise GradingProcessDied("the process that graded this submission ended twice")
        return run(self, job)

    monkeypatch.setattr(Grader, "grade", dies)
    summary = grade(course, NAME, workers=2, progress=False)
    failed = [row for row in summary.rows if row.status == "failed"]
    assert [row.student_id for row in failed] == ["max"]
    assert "grading failed (GradingProcessDied); see .course/failed/max-92_numbers.txt" in failed[0].note
    monkeypatch.setattr(Grader, "grade", run)
    assert_goes_on(course, 1)
