"""Killed at any moment and started again, `course grade` ends where an undisturbed run ends.

As a program: COURSE_DIR MOMENT..., runs of `course grade` that are killed at given moments. Every run is a process of
its own, forked from one that has loaded everything, which saves most of its time. Prints a line of JSON for each run.
"""

import csv
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from nbformat.v4 import new_notebook
from pipeline_course import NAME, release, write_class
from writing_course import files, tables

from autograder.pipeline import running
from autograder.pipeline.state import load_state

SEED = 5
HANG = 300  # seconds
# While it writes, with so many submissions in a row, a run is killed when a function was entered so many times and then
# so many calls were made, at most. What is cut short is its first or second submission, which is the first of the next
# run. For each, those called `write_` are entered for autograded/, then for feedback/; the identifiers are made in the
# gradebook's transaction.
WRITING = (
    *((1, "Journal.add_results", 1, 40), (2, "Journal.add_results", 1, 40)),
    *((1, "Entries.write", 1, 5_000), (2, "Entries.write", 2, 1_200), (1, "new_uuid", 2, 200)),
    *((1, "write_folder", 1, 280), (1, "write_folder", 4, 280)),
    *((2, "write_text", 2, 120), (1, "write_text", 3, 120)),
    *((1, "Converters.give_feedback", 1, 9_000), (1, "Converters.give_feedback", 2, 9_000)),
    *((2, "Journal.add_written", 1, 300), (1, "Journal.add_written", 2, 300)),
    *((1, "Running._next", 1, 8), (1, "Running._next", 2, 3)),
)
# When all submissions are written, the first text of a run is that of the state, the second grades.csv.
WRITTEN = (
    (1, "_renew_feedback", 1, 20_000),
    (1, "save_state", 1, 7_000),
    (1, "write_text", 1, 120),
    (1, "write_grades", 1, 800),
    (1, "write_text", 2, 120),
)


@dataclass(frozen=True)
class Moment:
    """A run is killed when a function was entered `times` times and `further` calls were made: that is the same place
    however busy the machine is. Without a function the run goes on to its end.
    """

    function: str = ""
    times: int = 0
    further: int = 0
    workers: int = 1
    row: int = 1


@dataclass(frozen=True)
class Ended:
    """How a run ended: what it was in, innermost first, when it was killed, and the students that are in each place."""

    status: int
    inside: list[str]
    gradebook: list[str]
    autograded: list[str]
    feedback: list[str]
    transaction: bool  # the gradebook was being changed


def moments(rng: random.Random) -> list[Moment]:
    return [
        Moment(function, times, rng.randrange(calls), workers=rng.choice((1, 2)), row=row)
        for row, function, times, calls in (*rng.sample(WRITING, len(WRITING)), *WRITTEN)
    ]


def run(course_dir: Path, *moments: Moment) -> list[Ended]:
    command = [sys.executable, __file__, str(course_dir), *(json.dumps(asdict(moment)) for moment in moments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=HANG)
    assert done.returncode == 0, done.stderr
    return [Ended(**json.loads(line)) for line in done.stdout.splitlines()]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A course directory graded in one run, and a copy from before."""
    if sys.platform == "win32":
        pytest.skip("Windows cannot fork")
    course_dir = tmp_path_factory.mktemp("undisturbed") / "course"
    write_class(course_dir, release(course_dir))
    (course_dir / ".course").mkdir()
    (course_dir / ".course" / "key").write_text("ab" * 32)
    before = tmp_path_factory.mktemp("killed") / "course"
    shutil.copytree(course_dir, before)
    (ended,) = run(course_dir, Moment())
    assert ended.status == 0
    return course_dir, before


def content(course_dir: Path) -> dict[str, Any]:
    """All that a grading run leaves for people; what it took is left out."""
    with (course_dir / "grades.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    kept = {student: vars(each) | {"seconds": 0} for student, each in load_state(course_dir, NAME).items()}
    found = {name: files(course_dir / name) for name in ("autograded", "feedback")}
    return tables(course_dir) | found | {"grades.csv": rows, "state": kept}


def test_a_run_killed_twenty_times_ends_like_an_undisturbed_one(undisturbed: tuple[Path, Path]) -> None:
    expected, course_dir = undisturbed
    chosen = moments(random.Random(SEED))
    *killed, last = run(course_dir, *chosen, Moment())
    assert [each.status for each in killed] == [-signal.SIGKILL] * 20
    assert last.status == 0
    theirs, ours = content(expected), content(course_dir)
    assert len(theirs["grades.csv"]) == len(theirs["state"]) == 11
    for name in theirs:
        assert ours[name] == theirs[name], name
    assert not (course_dir / ".course" / "journal" / f"{NAME}.jsonl").exists()
    assert not [path for path in course_dir.rglob(".*") if path.is_file()]  # drafts that kills left behind
    check_spread(killed)


def check_spread(killed: list[Ended]) -> None:
    """The kills fell before, between and inside the steps of writing, and into those of different students."""

    def inside(*functions: str) -> list[Ended]:
        return [each for each in killed if set(functions) <= set(each.inside)]

    halfway = [each for each in killed if 0 < len(each.gradebook) < 11]
    assert len(halfway) >= 10 and len({len(each.gradebook) for each in halfway}) >= 5
    assert any(each.transaction for each in inside("Entries.write"))
    assert inside("Converters.record_together", "Entries.write")  # the transaction of several
    assert any(set(each.autograded) < set(each.gradebook) for each in halfway)
    assert any(set(each.feedback) < set(each.autograded) for each in halfway)
    assert any(each in halfway for each in inside("Running._next"))  # results are awaited
    for function in ("Journal.add_results", "write_folder", "Converters.give_feedback", "Journal.add_written"):
        assert any(each in halfway for each in inside(function)), function
    assert inside("_renew_feedback") and inside("save_state", "write_text") and inside("write_grades", "write_text")


def main() -> None:
    from autograder.pipeline import convert, writer  # noqa: F401 - loaded once for all runs
    from autograder.pipeline.feedback import feedback_html
    from autograder.pipeline.marks import Marks

    feedback_html(NAME, new_notebook(), Marks(), "")  # the first page takes as long as all others
    course_dir = Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        for argument in sys.argv[2:]:
            said = Path(folder) / "inside"
            said.write_text("")
            child = os.fork()
            if child == 0:
                grade_until(course_dir, Moment(**json.loads(argument)), said)
            _, status = os.waitpid(child, 0)
            how = ended(course_dir, os.waitstatus_to_exitcode(status), said.read_text().split())
            print(json.dumps(asdict(how)), flush=True)


def grade_until(course_dir: Path, moment: Moment, said: Path) -> None:
    """Run `course grade` in this process to its end. What it is in when it is killed goes to the file `said`."""
    from course_utils.cli import main as course

    running.TOGETHER, running.HOLD = moment.row, 60.0
    times, further = moment.times, moment.further

    def look(frame: FrameType, event: str, _: Any) -> None:
        nonlocal times, further
        if times:
            times -= event == "call" and frame.f_code.co_qualname == moment.function
        elif further:
            further -= 1
        else:
            said.write_text("\n".join(names(frame)))
            os.kill(os.getpid(), signal.SIGKILL)

    arguments = ["grade", NAME, "--course-dir", str(course_dir), "--workers", str(moment.workers)]
    with Path(os.devnull).open("w") as sys.stdout:
        sys.setprofile(look if moment.function else None)
        status = course([*arguments, "--allow-unsandboxed", "--json"])
        sys.setprofile(None)
    os._exit(status)


def names(frame: FrameType | None) -> list[str]:
    """The functions that are being run, innermost first."""
    return [] if frame is None else [frame.f_code.co_qualname, *names(frame.f_back)]


def ended(course_dir: Path, status: int, inside: list[str]) -> Ended:
    with tempfile.TemporaryDirectory() as folder:  # whoever opens a gradebook takes back what was half written
        for path in course_dir.glob("gradebook.db*"):
            shutil.copy(path, folder)
        with sqlite3.connect(Path(folder) / "gradebook.db") as gradebook:
            students = [student for (student,) in gradebook.execute("SELECT student_id FROM submitted_assignment")]
    return Ended(
        status=status,
        inside=inside,
        gradebook=sorted(students),
        autograded=sorted(path.parts[-3] for path in course_dir.glob("autograded/*/*/*.ipynb")),
        feedback=sorted(path.parts[-3] for path in course_dir.glob("feedback/*/*/*.html")),
        transaction=(course_dir / "gradebook.db-journal").exists(),
    )


if __name__ == "__main__":
    main()
