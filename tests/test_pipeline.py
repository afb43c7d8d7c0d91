"""A whole class, graded once: every submission has a row, and no notebook does harm."""

import csv
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbgrader.api import Gradebook
from nbgrader.utils import determine_grade
from pipeline_course import ANSWER, CASES, NAME, altered, at, code, filled, give_marks, grade, graded_class, hand_in
from rich.console import Console

from autograder.engine.processes import Grader
from autograder.pipeline import tasks
from autograder.pipeline.gradebook import GradingSummary, summary_table
from autograder.pipeline.grades import COLUMNS, GradebookError, open_gradebook
from autograder.pipeline.intake import take_in
from autograder.pipeline.keys import CourseLockedError, course_key, course_lock
from autograder.pipeline.outputs import result_of

EXPECTED = [  # student, score, status, words of the note
    ("ana", 10, "needs_manual_grade", ""),
    ("ben", 7, "needs_manual_grade", ""),
    ("cem", 0, "graded", ""),  # handed in untouched: the question was not answered either
    ("dora", 10, "needs_manual_grade", "cell double is there more than once"),
    ("eli", 6, "needs_manual_grade", "cell halve is not there; graded as left empty"),
    ("fay", 10, "needs_manual_grade", "cell halve was turned into a cell of another type; read as it was"),
    ("gus", 0, "unreadable", f"submitted/gus/{NAME}/{NAME}.ipynb: not valid JSON at line 15; graded 0 with a note"),
    ("hana", 10, "needs_manual_grade", f"the notebook is called '{NAME} (1).ipynb' instead of '{NAME}.ipynb'; used"),
    ("ivo", 10, "needs_manual_grade", ""),
    ("jo [x] *?", 6, "needs_manual_grade", "the process ended in cell halve_tests"),
    ("kim", 0, "unreadable", "no notebook was handed in; its folder is empty; graded 0 with a note"),
]


@pytest.fixture(scope="module")
def graded() -> tuple[Path, GradingSummary]:
    return graded_class()


@pytest.fixture
def course(graded: tuple[Path, GradingSummary], tmp_path: Path) -> Path:
    """A copy of the graded course that a test may change."""
    shutil.copytree(graded[0], tmp_path / "course")
    return tmp_path / "course"


def rows(course_dir: Path) -> dict[str, dict[str, str]]:
    with (course_dir / "grades.csv").open(encoding="utf-8", newline="") as file:
        return {row["student_id"]: row for row in csv.DictReader(file)}


@pytest.mark.parametrize(("student", "score", "status", "words"), EXPECTED, ids=[case[0] for case in EXPECTED])
def test_every_submission_has_a_row_with_score_and_note(
    graded: Any, student: str, score: int, status: str, words: str
) -> None:
    row = rows(graded[0])[student]
    assert tuple(row) == COLUMNS
    assert (row["assignment"], float(row["score"]), float(row["max_score"]), row["status"]) == (NAME, score, 15, status)
    assert words in row["note"]
    assert bool(row["note"]) == bool(words)


def test_the_summary_says_what_grades_csv_says(graded: Any) -> None:
    summary = graded[1]
    assert [row.student_id for row in summary.rows] == list(rows(graded[0])) == [case[0] for case in EXPECTED]
    assert (summary.regraded, summary.all_graded) == (len(EXPECTED), True)
    console = Console(width=160, record=True, file=open(os.devnull, "w"))  # noqa: SIM115, PTH123
    console.print(summary_table(summary))
    shown = console.export_text()
    assert all(case[0] in shown for case in EXPECTED)


def test_the_gradebook_and_the_autograded_notebook_agree(graded: Any) -> None:
    course_dir, _ = graded
    for student, score, _, _ in EXPECTED:
        with open_gradebook(course_dir) as gradebook:
            assert gradebook.find_submission(NAME, student).score == score
        notebook = autograded(course_dir, student)
        cells = [cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade")]
        assert sum(determine_grade(cell)[0] or 0 for cell in cells) == score


def autograded(course_dir: Path, student: str) -> Any:
    return nbformat.read(course_dir / "autograded" / student / NAME / f"{NAME}.ipynb", as_version=4)


def feedback(course_dir: Path, student: str) -> str:
    return (course_dir / "feedback" / student / NAME / f"{NAME}.html").read_text(encoding="utf-8")


def test_the_record_of_the_hidden_tests_is_kept(graded: Any) -> None:
    notebook = autograded(graded[0], "ben")
    record = result_of(notebook.cells[at(notebook, "double_tests")])
    assert record is not None
    assert (record["score"], [test["passed"] for test in record["tests"]]) == (3.0, [True, False])


def test_cells_tagged_to_skip_are_not_run(graded: Any) -> None:
    skipped = next(
        cell for cell in autograded(graded[0], "ana").cells if "skip-execution" in cell.metadata.get("tags", [])
    )
    assert (skipped.outputs, skipped.execution_count) == ([], None)


def test_feedback_shows_a_line_a_test_and_the_note(graded: Any) -> None:
    page = feedback(graded[0], "ben")
    assert "doubles a small number" in page
    assert "The result is one too large." in page
    assert "not valid JSON at line 15" in feedback(graded[0], "gus")
    assert "Note of the grader" not in page


def test_feedback_hides_hidden_tests_and_mark_schemes(graded: Any) -> None:
    hidden = ["run_secret_tests", "HIDDEN TESTS", "MARK SCHEME", "five marks", "The model answer", "/tmp/"]
    hidden += [str(value) for cases in CASES.values() for case in cases for value in case[2:4]]
    for student, *_ in EXPECTED:
        page = feedback(graded[0], student)
        assert [
            text for text in hidden if re.search(rf"\b{re.escape(text)}\b" if text.isalnum() else re.escape(text), page)
        ] == []


def test_nothing_a_student_wrote_runs_in_feedback(graded: Any) -> None:
    page = feedback(graded[0], "ivo")
    honest = feedback(graded[0], "ana")
    for tag in ("<script", "<svg", "<iframe", "<object"):
        assert page.count(tag) == honest.count(tag)
    assert not re.search(r"<[^>]*\son\w+\s*=", page.split("<body")[1])
    assert not re.search(r"(href|src)\s*=\s*[\"']?\s*javascript:", page)
    assert "&lt;script&gt;alert('print')" in page


def test_grading_again_does_nothing_and_gives_the_same(course: Path) -> None:
    before = (course / "grades.csv").read_bytes()
    assert grade(course, NAME, progress=False).regraded == 0
    assert (course / "grades.csv").read_bytes() == before


def test_only_what_changed_is_graded_again_and_manual_grades_stay(course: Path) -> None:
    with open_gradebook(course) as gradebook:
        for student in ("ana", "ben"):
            score = gradebook.find_grade("question", NAME, NAME, student)
            score.manual_score, score.needs_manual_grade = 4.5, False
        gradebook.db.commit()
    released = nbformat.read(course / "release" / NAME / f"{NAME}.ipynb", as_version=4)
    hand_in(course, "ana", filled(released, halve="return 0"))
    shutil.rmtree(course / "submitted" / "kim")
    summary = grade(course, NAME, progress=False, workers=1)
    assert summary.regraded == 1
    after = rows(course)
    assert after["kim"]["status"] == "unreadable"  # the folder is gone, what was graded is not
    assert (after["ana"]["score"], after["ana"]["status"]) == ("10.5", "graded")
    assert (after["ben"]["score"], after["ben"]["status"]) == ("11.5", "graded")
    hand_in(course, "ana", filled(released, answer="Another answer."))
    grade(course, NAME, progress=False)
    assert (rows(course)["ana"]["score"], rows(course)["ana"]["status"]) == ("14.5", "needs_manual_grade")


def test_a_persons_marks_reach_the_feedback_without_grading_again(course: Path) -> None:
    untouched = (course / "feedback" / "ben" / NAME / f"{NAME}.html").stat().st_mtime_ns
    for comment in ("Well argued.", "Well argued, on second thoughts."):
        give_marks(course, "ana", 4.5, comment)
        assert comment not in feedback(course, "ana")
        summary = grade(course, NAME, progress=False)
        assert (summary.regraded, summary.notes) == (0, ())
        assert comment in feedback(course, "ana")
    assert (course / "feedback" / "ben" / NAME / f"{NAME}.html").stat().st_mtime_ns == untouched


def test_an_unreadable_resubmission_keeps_a_persons_points_and_says_so(course: Path) -> None:
    give_marks(course, "ana", 4.5, "")
    hand_in(course, "ana", "no notebook")
    grade(course, NAME, progress=False)
    row = rows(course)["ana"]
    assert (row["score"], row["status"]) == ("4.5", "unreadable")
    assert row["note"].endswith("graded 0 with a note; automatic points 0, the 4.5 points that a person gave stay")


def test_another_seed_and_stray_files_are_noted(course: Path) -> None:
    for student in set(rows(course)) - {"gus", "kim"}:
        shutil.rmtree(course / "submitted" / student)
    (course / "submitted" / "lost.ipynb").write_text("{}")
    (stray,) = grade(course, NAME, progress=False).notes
    assert "'lost.ipynb' in submitted/" in stray
    summary = grade(course, NAME, seed="another", progress=False)
    assert summary.regraded == 2
    assert "2 of the submissions graded before were graded again on other hidden inputs" in summary.notes[0]
    assert grade(course, NAME, seed="another", progress=False).notes == (stray,)
    console = Console(width=160, record=True, file=open(os.devnull, "w"))  # noqa: SIM115, PTH123
    console.print(summary_table(summary))
    assert "graded again on other hidden inputs" in console.export_text()


def test_who_had_handed_in_nothing_has_no_row_once_the_folder_is_gone(course: Path) -> None:
    (course / "submitted" / "lea" / "odd").mkdir(parents=True)
    grade(course, NAME, progress=False)
    assert f"no {NAME} found; there is: 'odd'" in rows(course)["lea"]["note"]
    shutil.rmtree(course / "submitted" / "lea")
    grade(course, NAME, progress=False)
    assert "lea" not in rows(course)


@pytest.mark.parametrize("content", [b"not a database " * 99, None], ids=["damaged", "a folder"])
def test_a_broken_gradebook_is_said_in_one_line(course: Path, content: bytes | None) -> None:
    path = course / "gradebook.db"
    path.unlink()
    if content is None:
        path.mkdir()
    else:
        path.write_bytes(content)
    with pytest.raises(GradebookError, match=r"gradebook\.db: not a usable gradebook \(.*; restore it") as raised:
        grade(course, NAME, progress=False)
    assert "\n" not in str(raised.value)
    with pytest.raises(GradebookError):
        open_gradebook(course)


def test_a_failure_of_ours_is_a_row_and_not_the_end(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise OSError("disk full")

    released = nbformat.read(course / "release" / NAME / f"{NAME}.ipynb", as_version=4)
    hand_in(course, "kim", altered(released, lambda cells: [*cells, code("1")]))
    hand_in(course, "gus", '{"nbformat": 4}')
    with monkeypatch.context() as patched:
        patched.setattr(Grader, "grade", broken)
        summary = grade(course, NAME, progress=False)
    assert (summary.regraded, summary.all_graded) == (2, False)
    row = rows(course)["kim"]
    assert row["status"] == "failed"
    assert "grading failed (OSError)" in row["note"]
    assert "disk full" in (course / ".course" / "failed" / f"kim-{NAME}.txt").read_text()
    assert rows(course)["gus"]["status"] == "unreadable"
    assert rows(course)["ana"]["score"] == "10"


def test_a_submission_on_which_intake_fails_does_not_stop_the_others(
    course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(course_dir: Path, master: Any, student: str, folder: Path) -> Any:
        if student == "ana":
            raise LookupError("a mistake of ours")
        return take_in(course_dir, master, student, folder)

    monkeypatch.setattr(tasks, "take_in", broken)
    summary = grade(course, NAME, progress=False)
    assert (summary.regraded, summary.all_graded) == (1, False)
    assert (rows(course)["ana"]["status"], rows(course)["ben"]["score"]) == ("failed", "7")
    assert "grading failed (LookupError)" in rows(course)["ana"]["note"]
    monkeypatch.undo()
    assert grade(course, NAME, progress=False).regraded == 1
    assert (rows(course)["ana"]["status"], rows(course)["ana"]["score"]) == ("needs_manual_grade", "10")


def test_nbgrader_autograde_with_our_config_gives_the_same(course: Path) -> None:
    for student in set(rows(course)) - {"ben", "gus"}:
        shutil.rmtree(course / "submitted" / student)
    for folder in ("autograded", "feedback"):
        shutil.rmtree(course / folder)
    for command in ("autograde", "generate_feedback"):
        run = subprocess.run(
            [sys.executable, "-m", "nbgrader", command, NAME], cwd=course, capture_output=True, text=True, timeout=120
        )
        assert run.returncode == 0, run.stderr
        assert command != "autograde" or "not valid JSON at line 15; graded 0 with a note" in run.stderr
    for student, score in (("ben", 7), ("gus", 0)):
        with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
            assert gradebook.find_submission(NAME, student).score == score
    assert "The result is one too large." in feedback(course, "ben")
    assert "run_secret_tests" not in feedback(course, "ben")


def test_two_graders_do_not_meet(course: Path) -> None:
    with (
        course_lock(course),
        pytest.raises(CourseLockedError, match=rf"already being graded by process {os.getpid()} on"),
    ):
        grade(course, NAME, progress=False)
    grade(course, NAME, progress=False)


def test_the_course_key_is_made_once_secret_and_checked(tmp_path: Path) -> None:
    key = course_key(tmp_path)
    assert len(key) == 32
    assert course_key(tmp_path) == key
    assert course_key(tmp_path, "my seed") == b"my seed"
    path = tmp_path / ".course" / "key"
    if os.name != "nt":
        assert path.stat().st_mode & 0o777 == 0o600
    path.write_text("short")
    with pytest.raises(ValueError, match="not a course key"):
        course_key(tmp_path)


def test_what_cannot_be_graded_at_all_is_said_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=re.escape("put notebooks in submitted/STUDENT/")):
        grade(tmp_path, NAME)
    (tmp_path / "submitted").mkdir()
    with pytest.raises(KeyError):
        grade(tmp_path, "99_nothing")


def test_an_answer_is_what_a_person_grades(graded: Any) -> None:
    notebook = autograded(graded[0], "ana")
    assert notebook.cells[at(notebook, "question")].source == ANSWER
