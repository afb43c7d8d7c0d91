"""Killed at any moment and started again, `course grade` ends where an undisturbed run ends."""

import csv
import random
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from killed_runs import FUNCTIONS
from pipeline_course import NAME, release, write_class
from writing_course import files, tables

from autograder.pipeline.state import load_state

SEED = 5
KILLED = {"in_words": 4, "tasks": 13, "_renew_feedback": 3}  # runs killed before, while and after results are written
HANG = 300  # seconds


def run(course_dir: Path, *moments: str) -> list[str]:
    """What killed_runs.py prints."""
    command = [sys.executable, str(Path(__file__).parent / "killed_runs.py"), str(course_dir), NAME, *moments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=HANG)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, dict[str, int]]:
    """A course directory graded in one run, a copy from before, and how many calls each part of the run took."""
    if sys.platform == "win32":
        pytest.skip("Windows cannot fork")
    course_dir = tmp_path_factory.mktemp("undisturbed") / "course"
    write_class(course_dir, release(course_dir))
    (course_dir / ".course").mkdir()
    (course_dir / ".course" / "key").write_text("ab" * 32)
    before = tmp_path_factory.mktemp("killed") / "course"
    shutil.copytree(course_dir, before)
    counts, status = run(course_dir, "end")
    assert status == "0"
    places = [int(word) for word in counts.split()]
    return course_dir, before, {name: places[i + 1] - places[i] for i, name in enumerate(FUNCTIONS)}


def content(course_dir: Path) -> dict[str, Any]:
    """All that a grading run leaves for people; what it took is left out."""
    with (course_dir / "grades.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    kept = {student: vars(each) | {"seconds": 0} for student, each in load_state(course_dir, NAME).items()}
    found = {name: files(course_dir / name) for name in ("autograded", "feedback")}
    return tables(course_dir) | found | {"grades.csv": rows, "state": kept}


def test_a_run_killed_twenty_times_ends_like_an_undisturbed_one(
    undisturbed: tuple[Path, Path, dict[str, int]],
) -> None:
    expected, course_dir, calls = undisturbed
    rng = random.Random(SEED)
    # A run that goes on writes what its predecessor began: two submissions are as far as a killed one comes.
    reach = calls | {"tasks": 2 * calls["tasks"] // 11}
    moments = [f"{name}+{rng.randrange(reach[name])}" for name, times in KILLED.items() for _ in range(times)]
    assert len(moments) == 20
    *killed, counts, status = run(course_dir, *moments, "end")
    assert (killed, status) == (["-9"] * 20, "0"), counts
    theirs, ours = content(expected), content(course_dir)
    assert len(theirs["grades.csv"]) == len(theirs["state"]) == 11
    for name in theirs:
        assert ours[name] == theirs[name], name
    assert not (course_dir / ".course" / "journal" / f"{NAME}.jsonl").exists()
