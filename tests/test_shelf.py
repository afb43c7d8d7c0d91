"""Finding assignments, hints and the student's work."""

from pathlib import Path

import pytest
import student_course

from course_utils import shelf


@pytest.fixture
def course(tmp_path, monkeypatch):
    monkeypatch.setattr(shelf, "PACKAGE", tmp_path / "course_utils")
    return student_course.make_course(tmp_path)


@pytest.mark.parametrize("wanted", ["01", "1", "01_small", "small", "01_small.ipynb", " SMALL "])
def test_one_assignment_has_several_names(course, wanted):
    assignment = shelf.find_assignment(wanted)
    assert (assignment.name, assignment.number, assignment.topic) == ("01_small", "01", "small")
    assert assignment.solution is not None


@pytest.mark.parametrize("wanted", ["2", "0", "smal", "", "١"])
def test_an_unknown_assignment_lists_what_there_is(course, wanted):
    with pytest.raises(shelf.CourseError, match="there are: 01_small"):
        shelf.find_assignment(wanted)


def test_shipped_assignments_come_before_those_beside_the_package(course, tmp_path):
    shipped = tmp_path / "course_utils" / "shipped"
    shipped.mkdir(parents=True)
    course.rename(shipped / "assignments")
    assert shelf.find_assignment("1").folder == shipped / "assignments" / "01_small"
    assert shelf.find_assignment("1").solution is None


def test_without_assignments_the_error_says_where_it_looked(tmp_path, monkeypatch):
    monkeypatch.setattr(shelf, "PACKAGE", tmp_path / "course_utils")
    with pytest.raises(shelf.CourseError, match=r"no assignments found.*install the course again"):
        shelf.assignments()


def test_hints_are_read_and_a_broken_file_is_named(course):
    assignment = shelf.find_assignment("01")
    assert assignment.hints()["double"][0] == "Add."
    (assignment.folder / "hints.json").write_text("{")
    with pytest.raises(shelf.CourseError, match=r"hints\.json: not valid JSON"):
        assignment.hints()
    (assignment.folder / "hints.json").unlink()
    assert assignment.hints() == {}


def test_the_work_folder_is_the_option_then_the_environment_then_work(monkeypatch):
    monkeypatch.delenv("COURSE_WORK", raising=False)
    assert shelf.work_folder() == Path("work")
    monkeypatch.setenv("COURSE_WORK", "elsewhere")
    assert shelf.work_folder() == Path("elsewhere")
    assert shelf.work_folder(Path("here")) == Path("here")


def test_a_misnamed_notebook_is_pointed_out(course, tmp_path):
    assignment = shelf.find_assignment("01")
    with pytest.raises(shelf.CourseError, match="course start 01"):
        shelf.student_notebook(assignment, tmp_path / "work")
    student_course.write(tmp_path / "work" / "01_small" / "Untitled.ipynb", student_course.notebook())
    with pytest.raises(shelf.CourseError, match=r"Untitled\.ipynb but no 01_small\.ipynb.*rename"):
        shelf.student_notebook(assignment, tmp_path / "work")


def test_what_stands_in_the_way_of_the_notebook_is_named(course, tmp_path):
    assignment = shelf.find_assignment("01")
    notebook = tmp_path / "work" / "01_small" / "01_small.ipynb"
    notebook.mkdir(parents=True)
    with pytest.raises(shelf.CourseError, match=r"01_small\.ipynb is a folder, not a notebook"):
        shelf.student_notebook(assignment, tmp_path / "work")
    notebook.rmdir()
    (notebook.parent / "other.ipynb").mkdir()
    with pytest.raises(shelf.CourseError, match="does not exist"):
        shelf.student_notebook(assignment, tmp_path / "work")
    (tmp_path / "afile").touch()
    for work in (tmp_path / "afile", tmp_path / "afile" / "deeper", Path("/dev/null")):
        with pytest.raises(shelf.CourseError, match="is a file where a folder belongs"):
            shelf.notebook_place(assignment, work)


def test_a_close_name_is_suggested():
    assert shelf.closest("doubel", ["double", "triple"]) == "did you mean double?"
    assert shelf.closest("zzz", ["double", "triple"]) == "there are: double, triple"
