"""Files that cannot be read or written: one clear line, never a traceback, and no litter."""

import errno
import json
from pathlib import Path

import pytest
import student_course
from student_course import SOLUTIONS, notebook, write

from course_utils import shelf
from course_utils.cli import memory, start
from course_utils.cli.files import file_trouble, replacing


@pytest.fixture
def course(tmp_path, monkeypatch, capsys):
    """Type a command in an empty folder: gives exit status, output and errors."""
    return student_course.command_line(tmp_path, monkeypatch, capsys)


@pytest.fixture
def copy(tmp_path):
    return write(tmp_path / "work" / "01_small" / "01_small.ipynb", notebook(SOLUTIONS))


def _forbid(monkeypatch, method, *names):
    """Let a method of Path fail for files of these names, as it does for all but root."""
    real = getattr(Path, method)

    def refuse(self, *arguments, **options):
        if any(part.startswith(names) for part in self.parts):
            raise PermissionError(errno.EACCES, "Permission denied", str(self))
        return real(self, *arguments, **options)

    monkeypatch.setattr(Path, method, refuse)


VERBS = [("start", "01", "--no-open"), ("check", "01"), ("pack", "01"), ("status",)]


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb[0])
def test_a_file_as_work_folder_is_refused_in_one_line(course, tmp_path, verb):
    (tmp_path / "afile").touch()
    status, out, err = course(*verb, "--work", "afile")
    assert (status, out) == (2, "")
    assert err.startswith("course: afile is a file where a folder belongs")
    assert err.count("\n") == 1


@pytest.mark.parametrize("verb", VERBS[:3], ids=lambda verb: verb[0])
def test_a_folder_in_place_of_the_notebook_is_named(course, copy, verb):
    copy.unlink()
    copy.mkdir()
    status, _, err = course(*verb)
    assert status == 2
    assert "01_small.ipynb is a folder, not a notebook" in err
    assert "is a folder" in course("status")[1]


@pytest.mark.parametrize("verb", VERBS[:3], ids=lambda verb: verb[0])
def test_an_assignments_folder_that_may_not_be_entered_is_named(course, copy, monkeypatch, verb):
    _forbid(monkeypatch, "stat", "01_small.ipynb")
    status, _, err = course(*verb)
    assert status == 2
    assert "01_small.ipynb may not be read or written (Permission denied): change the permissions" in err
    assert err.count("\n") == 1


def test_status_shows_what_it_can_when_a_folder_may_not_be_entered(course, copy, monkeypatch):
    _forbid(monkeypatch, "stat", "01_small.ipynb")
    status, out, _ = course("status")
    assert status == 0
    assert "may not be read or written" in out
    assert "0 of 18" in out


def test_start_and_pack_say_which_file_cannot_be_written(course, copy, monkeypatch):
    _forbid(monkeypatch, "replace", "01_small.zip", "figure.txt")
    for verb, name in ((("pack", "01"), "01_small.zip"), (("start", "01", "--no-open"), "figure.txt")):
        if verb[0] == "start":
            copy.unlink()
        status, _, err = course(*verb)
        assert status == 2
        assert f"{name} may not be read or written" in err
    assert [path.name for path in copy.parents[1].rglob("*") if path.is_file()] == ["01_small.ipynb"]


def test_start_below_a_folder_that_takes_no_files(course):
    status, _, err = course("start", "01", "--no-open", "--work", "/proc/none")
    assert status == 2
    assert err.startswith("course: /proc")


def test_pack_leaves_nothing_behind_when_its_target_is_a_folder(course, copy):
    (copy.parents[1] / "01_small.zip").mkdir()
    status, _, err = course("pack", "01")
    assert status == 2
    assert "01_small.zip is a folder where a file belongs: rename it" in err
    assert sorted(path.name for path in copy.parents[1].iterdir()) == ["01_small", "01_small.zip"]


def test_what_cannot_be_remembered_is_only_a_note(course, copy, tmp_path):
    (tmp_path / "work" / memory.FILE).mkdir()
    status, out, err = course("check", "01", "--no-hidden")
    assert (status, err) == (0, "")
    assert "note: this was not remembered" in out
    assert "3 of 3" in out
    assert "not remembered" in json.loads(course("check", "01", "--no-hidden", "--json")[1])["notes"][0]
    assert sorted(path.name for path in (tmp_path / "work").iterdir()) == [memory.FILE, "01_small"]
    (tmp_path / "afile").touch()
    status, out, err = course("hint", "double", "--work", "afile")
    assert (status, err) == (0, "")
    assert "Add." in out
    assert "note: this was not remembered: afile is a file" in out


def test_a_copy_that_breaks_off_is_not_taken_for_the_notebook(tmp_path, monkeypatch):
    def half(source, target):
        target.write_text("half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(start.shutil, "copyfile", half)
    (tmp_path / "from").mkdir()
    (tmp_path / "from" / "a.ipynb").write_text("whole")
    with pytest.raises(OSError, match="No space left") as caught:
        start.copy_missing(tmp_path / "from", tmp_path / "to")
    assert list((tmp_path / "to").iterdir()) == []
    assert "a.ipynb could not be written (No space left on device): make room" in file_trouble(caught.value)


def test_other_errors_while_writing_leave_no_litter_either(tmp_path):
    def fail():
        with replacing(tmp_path / "a") as fresh:
            fresh.touch()
            raise ValueError("a bug")

    with pytest.raises(ValueError, match="a bug"):
        fail()
    assert list(tmp_path.iterdir()) == []


TROUBLES = [
    (OSError(errno.ENOSPC, "No space left on device"), "No space left on device: make room on the disk"),
    (OSError(errno.EIO, "Input/output error", "x/a"), "a could not be read or written (Input/output error)"),
    (OSError("a bug"), None),
    (ConnectionRefusedError(errno.ECONNREFUSED, "refused"), None),
]


@pytest.mark.parametrize(("error", "said"), TROUBLES)
def test_only_errors_about_files_are_put_in_words(error, said):
    trouble = file_trouble(error)
    assert said in trouble if said else trouble is None


@pytest.mark.parametrize("bug", [TypeError("a bug"), OSError("a bug")])
def test_a_bug_keeps_its_traceback(course, monkeypatch, bug):
    def broken():
        raise bug

    monkeypatch.setattr(shelf, "assignments", broken)
    with pytest.raises(type(bug), match="a bug"):
        course("status")
