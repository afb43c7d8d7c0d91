"""Pages of feedback that are left to a later run, missing, or late: each is there in the end, once, and true."""

import errno
import shutil
from pathlib import Path

import nbformat
import pytest
from pipeline_course import NAME, filled, give_marks, grade, graded_class, hand_in

from autograder.pipeline.convert import Converters
from autograder.pipeline.stops import GradingStoppedError


@pytest.fixture(scope="module")
def graded() -> Path:
    return graded_class()[0]


@pytest.fixture
def course(graded: Path, tmp_path: Path) -> Path:
    """A copy of the graded course that a test may change."""
    return Path(shutil.copytree(graded, tmp_path / "course"))


def pages(course_dir: Path) -> dict[str, bytes]:
    return {path.parts[-3]: path.read_bytes() for path in (course_dir / "feedback").glob(f"*/{NAME}/*.html")}


def test_pages_can_be_left_to_a_later_run_which_runs_nothing(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, table = pages(course), (course / "grades.csv").read_bytes()
    shutil.rmtree(course / ".course" / "graded")
    bare = grade(course, NAME, progress=False, feedback=False)
    assert (bare.regraded, pages(course)) == (len(bare.rows), {})
    assert any("--no-feedback" in note for note in bare.notes)
    again = grade(course, NAME, progress=False, feedback=False)
    assert (again.regraded, pages(course)) == (0, {})
    later = grade(course, NAME, progress=False)
    assert (later.regraded, later.notes, pages(course)) == (0, (), whole)
    assert (course / "grades.csv").read_bytes() == table
    (course / "feedback" / "ana" / NAME / f"{NAME}.html").unlink()
    assert grade(course, NAME, progress=False).regraded == 0
    assert pages(course) == whole


def test_a_page_of_an_earlier_grading_does_not_stay(course: Path) -> None:
    released = nbformat.read(course / "release" / NAME / f"{NAME}.ipynb", as_version=4)
    hand_in(course, "ana", filled(released, halve="return 0"))
    before = pages(course)
    grade(course, NAME, progress=False, feedback=False)
    assert pages(course) == {student: page for student, page in before.items() if student != "ana"}
    give_marks(course, "ana", 2.0, "Seen.")
    grade(course, NAME, progress=False)
    assert b"Seen." in pages(course)["ana"] and pages(course)["ana"] != before["ana"]


def test_a_full_disk_while_missing_pages_are_written_stops_the_run_which_then_goes_on(
    course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = pages(course)
    shutil.rmtree(course / "feedback")
    write, room = Converters.write_feedback, [1]

    def fills_up(self: Converters, student: str, html: str) -> None:
        if not room:
            raise OSError(errno.ENOSPC, "No space left on device")
        room.pop()
        write(self, student, html)

    with monkeypatch.context() as patch:
        patch.setattr(Converters, "write_feedback", fills_up)
        with pytest.raises(GradingStoppedError, match="disk is full"):
            grade(course, NAME, progress=False)
    assert len(pages(course)) == 1
    assert grade(course, NAME, progress=False).regraded == 0
    assert pages(course) == whole


def test_a_page_that_cannot_be_made_is_noted_and_the_others_are_written(
    course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = pages(course)
    shutil.rmtree(course / "feedback")
    give = Converters.give_feedback

    def broken(self: Converters, student: str, note: str) -> None:
        if student == "ana":
            raise RuntimeError
        give(self, student, note)

    with monkeypatch.context() as patch:
        patch.setattr(Converters, "give_feedback", broken)
        assert "the feedback of 'ana' could not be written again" in grade(course, NAME, progress=False).notes[0]
    assert pages(course) == {student: page for student, page in whole.items() if student != "ana"}


def test_marks_that_a_person_gives_while_the_run_writes_reach_the_page(
    course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    released = nbformat.read(course / "release" / NAME / f"{NAME}.ipynb", as_version=4)
    hand_in(course, "ana", filled(released, halve="return 0"))
    write = Converters.write_feedback

    def meanwhile(self: Converters, student: str, html: str) -> None:
        write(self, student, html)
        self.close()
        monkeypatch.undo()
        give_marks(course, "ana", 2.0, "Seen.")

    monkeypatch.setattr(Converters, "write_feedback", meanwhile)
    assert grade(course, NAME, progress=False, workers=1).regraded == 1
    assert b"Seen." in pages(course)["ana"]


def test_pages_in_a_folder_of_another_name_are_made_once(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (course / "nbgrader_config.py").open("a") as file:
        file.write("c = get_config()\nc.CourseDirectory.feedback_directory = 'pages'\n")
    made: list[str] = []
    give = Converters.give_feedback
    monkeypatch.setattr(Converters, "give_feedback", lambda *about: (made.append(about[1]), give(*about)))
    grade(course, NAME, progress=False)
    students = sorted(made)
    assert students == sorted(set(students)) and (course / "pages" / "ana" / NAME / f"{NAME}.html").is_file()
    grade(course, NAME, progress=False)
    assert sorted(made) == students
    released = nbformat.read(course / "release" / NAME / f"{NAME}.ipynb", as_version=4)
    hand_in(course, "ana", filled(released, halve="return 0"))
    grade(course, NAME, progress=False, feedback=False)
    assert not (course / "pages" / "ana" / NAME).exists()
