"""A class in which every submission is broken in its own way: grades, notes, what the terminal shows, and the page
about it.
"""

import contextlib
import csv
import io
import tracemalloc
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from broken import FULL, Broken
from broken_cells import CELLS
from broken_files import FILES, many_cells, two_hundred_megabytes
from broken_places import IDS, PLACES
from pipeline_course import NAME, hand_in, release

from autograder.pipeline.intake import intake
from autograder.pipeline.outcomes import Outcome
from autograder.pipeline.state import Kept, load_state
from course_utils.cli import main

PAGE = Path(__file__).parents[1] / "docs" / "broken_notebooks.md"
KINDS = {each.student or f"s{number:03}": each for number, each in enumerate([*FILES, *PLACES, *CELLS, *IDS])}
MEGABYTE = 1 << 20


@dataclass(frozen=True)
class Graded:
    """The class after `course grade`: rows of grades.csv by student, what was kept of each, what was printed."""

    rows: dict[str, dict[str, str]]
    kept: dict[str, Kept]
    text: str
    printed: str
    status: int


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Graded:
    course_dir = tmp_path_factory.mktemp("broken")
    released = release(course_dir)
    for student, broken in KINDS.items():
        broken.make(course_dir, student, released)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        command = ["grade", NAME, "--course-dir", str(course_dir), "--workers", "2", "--timeout", "5"]
        status = main([*command, "--allow-unsandboxed"])
    text = (course_dir / "grades.csv").read_text(encoding="utf-8")
    rows = {row["student_id"]: row for row in csv.DictReader(io.StringIO(text))}
    return Graded(rows, load_state(course_dir, NAME), text, printed.getvalue(), status)


def test_every_broken_submission_has_a_row_and_none_stops_the_batch(graded: Graded) -> None:
    assert (graded.status, len(graded.rows)) == (0, len(KINDS))
    assert "failed" not in {row["status"] for row in graded.rows.values()}


@pytest.mark.parametrize("student", KINDS, ids=[each.kind for each in KINDS.values()])
def test_each_kind_has_its_grade_its_outcomes_and_its_note(graded: Graded, student: str) -> None:
    broken = KINDS[student]
    kept, row = graded.kept[broken.shown or student], graded.rows[inert(broken.shown or student)]
    assert [Outcome(outcome) for outcome in kept.outcomes] == list(broken.outcomes)
    note = row["note"].partition(": ")[2]
    assert note == broken.sentence + ("" if broken.usable else "; graded 0 with a note")
    assert float(row["score"]) == broken.points
    assert (row["status"] == "unreadable") == (not broken.usable)


def inert(student: str) -> str:
    """A student id as grades.csv holds it: what a spreadsheet would run begins with an apostrophe."""
    return f"'{student}" if student[0] in "=+-@" else student


def test_every_outcome_is_that_of_a_kind() -> None:
    assert {outcome for broken in KINDS.values() for outcome in broken.outcomes} == set(Outcome)


def test_no_name_or_note_can_command_a_terminal(graded: Graded) -> None:
    for shown in (graded.printed, graded.text):
        assert [line for line in shown.split("\n") if not line.isprintable()] == []


def test_a_notebook_of_200_megabytes_or_50000_cells_takes_little_memory(tmp_path: Path, course: Any) -> None:
    _, master = course
    peaks = []
    for make in (two_hundred_megabytes, lambda *about: hand_in(*about[:2], many_cells(about[2]))):
        make(tmp_path, "ana", master.notebook)
        tracemalloc.start()
        (submission,) = intake(tmp_path, master)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert not submission.usable
    assert peaks[0] < 5 * MEGABYTE
    assert peaks[1] < 60 * MEGABYTE


def row(broken: Broken) -> str:
    kept = "the same" if broken.points else "0"
    if 0 < broken.points < FULL:
        kept = "for what is left"
    found = ", ".join(f"`{outcome.value}`" for outcome in dict.fromkeys(broken.outcomes)) or "–"
    return f"| {broken.kind} | {kept} | {found} | {broken.sentence or '–'} |"


def test_the_page_about_broken_notebooks_names_every_kind_and_outcome() -> None:
    lines = PAGE.read_text(encoding="utf-8").split("\n")
    assert [line for line in map(row, [*FILES, *PLACES, *CELLS]) if line not in lines] == []
    named = [line.split("`")[1] for line in lines if line.startswith("| `")]
    assert named == [outcome.value for outcome in Outcome]
