"""What `course grade` starts and imports before the grader itself."""

import os
import shutil
import subprocess
import sys

import pytest

from autograder.build.release import prepare_course
from autograder.engine import UnsandboxedError
from autograder.pipeline import ahead
from autograder.pipeline.state import Kept, save_state
from course_utils.cli import build_app

NAME = "01_knn"


@pytest.fixture
def started(monkeypatch):
    calls = []
    monkeypatch.setattr("autograder.engine.processes.start_graders", lambda level, count: calls.append(count))
    return calls


def course(folder, students):
    for student in students:
        (folder / "submitted" / student / NAME).mkdir(parents=True)
    return folder


@pytest.mark.parametrize(("students", "workers", "expected"), [("abc", 2, 2), ("a", 4, 1), ("abc", None, None)])
def test_as_many_processes_are_started_as_will_have_work(tmp_path, started, students, workers, expected):
    ahead.start_ahead(course(tmp_path, students), NAME, workers, True)
    assert started == [expected or min(3, os.cpu_count())]
    assert not (tmp_path / ".course").exists()


def test_nothing_is_started_where_little_may_be_left_to_run(tmp_path, started):
    save_state(course(tmp_path, "abc"), NAME, {"a": Kept("digest", "graded", "")})
    ahead.start_ahead(tmp_path, NAME, 2, True)
    ahead.start_ahead(tmp_path / "elsewhere", NAME, 2, True)
    assert started == []


def test_what_is_wrong_is_left_to_the_run_to_say(tmp_path, started, monkeypatch):
    def refuse(allowed):
        raise UnsandboxedError

    monkeypatch.setattr("autograder.engine.chosen_level", refuse)
    ahead.start_ahead(course(tmp_path, "abc"), NAME, 2, False)
    assert started == []


def test_a_folder_that_cannot_be_looked_into_stops_nothing(tmp_path, started, monkeypatch):
    def refuse(path):
        raise PermissionError(13, "Permission denied")

    course(tmp_path, "abc")
    monkeypatch.setattr("pathlib.Path.is_dir", refuse)
    ahead.start_ahead(tmp_path, NAME, 2, True)
    assert started == []


@pytest.mark.parametrize(
    ("line", "here"),
    [
        ("grade 01_knn", True),
        ("grade --workers 2 01", True),
        ("grade 01 --cluster tcp://host:1", False),
        ("grade 01 --cluster=tcp://host:1", False),
        ("grade --explain-sandbox", False),
        ("grade --help", False),
        ("report 01", False),
        ("", False),
    ],
)
def test_the_fork_server_is_started_first_where_something_will_be_graded_here(line, here, monkeypatch):
    calls = []
    monkeypatch.setattr("autograder.forking.start_fork_server", lambda: calls.append(line))
    monkeypatch.setattr("sys.argv", ["course", *line.split()])
    build_app()
    assert bool(calls) == here


def test_a_fork_server_that_cannot_start_takes_no_verb_away(monkeypatch):
    def refuse():
        raise OSError("AF_UNIX path too long")

    monkeypatch.setattr("autograder.forking.start_fork_server", refuse)
    monkeypatch.setattr("sys.argv", ["course", "grade", "01"])
    assert "grade" in {command.callback.__name__ for command in build_app().registered_commands}


HANDED_OVER = """
import sys
from pathlib import Path
from autograder.imports import import_for_grading
import_for_grading()
from autograder.pipeline import gradebook
class Reached(Exception): pass
def handed_over(self, tasks, meanwhile):
    next(iter(tasks))
    raise Reached(sorted({"nbconvert", "IPython", "jupytext", "jupyter_client"} & set(sys.modules)))
gradebook.Running.graded = handed_over
try:
    gradebook.grade(Path(sys.argv[1]), "01_knn", workers=1, progress=False, allow_unsandboxed=True)
except Reached as reached:
    print(reached)
"""


def test_the_first_submission_waits_for_no_library_that_only_writing_needs(tmp_path):
    prepare_course(tmp_path, [NAME])
    (tmp_path / "submitted" / "ana").mkdir(parents=True)
    shutil.copytree(tmp_path / "release" / NAME, tmp_path / "submitted" / "ana" / NAME)
    done = subprocess.run(
        [sys.executable, "-c", HANDED_OVER, str(tmp_path)], capture_output=True, text=True, timeout=120
    )
    assert done.stdout.strip() == "[]", done.stderr


IMPORTED = """
import sys
from autograder.imports import import_for_grading
import_for_grading()
import nbgrader.api, nbgrader.converters
late = ("rfc3987_syntax", "requests", "setuptools", "nbgrader.server_extensions.formgrader")
assert not [name for name in late if name in sys.modules], sys.modules.keys()
import nbgrader.server_extensions.formgrader as formgrader
assert formgrader.__file__ and callable(formgrader.load_jupyter_server_extension)
import requests, nbgrader.auth.jupyterhub
assert requests.__file__ and callable(requests.get)
try:
    nbgrader.auth.jupyterhub.requests.request("GET", "no-address")
except requests.exceptions.MissingSchema:
    pass
from nbgrader.utils import unpack_archive
import pathlib, tarfile
pathlib.Path("a.txt").write_text("a")
with tarfile.open("a.tar", "w") as archive: archive.add("a.txt")
unpack_archive("a.tar", "out")
print(pathlib.Path("out/a.txt").read_text())
"""


def test_what_is_left_out_at_first_is_there_when_asked_for(tmp_path):
    done = subprocess.run([sys.executable, "-c", IMPORTED], cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert (done.stdout.strip(), done.returncode) == ("a", 0), done.stderr


def test_where_all_is_imported_nothing_changes():
    import nbgrader
    import nbgrader.server_extensions.formgrader as formgrader

    from autograder.imports import import_for_grading

    before = dict(sys.modules)
    import_for_grading()
    assert dict(sys.modules) == before and sys.modules[nbgrader.__name__] is nbgrader
    assert sys.modules[formgrader.__name__] is formgrader
