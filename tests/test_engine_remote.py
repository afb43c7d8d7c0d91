"""What a worker of a cluster does with a job, without a cluster: grading processes that are programs."""

import json
import sys

import nbformat
import pytest
from dask_cluster import all_end, grading_programs
from engine_runs import QUICK, scores, solved, worker

from autograder.engine import Grader, Job, UnsandboxedError, program, remote
from autograder.engine.program import start_program
from autograder.engine.versions import OtherVersionError, difference, version
from autograder.sandbox import Features, Level

LEVEL = worker().level
HERE = version()

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="workers run on Linux and macOS")


def errand(**changes):
    values = {"notebook": json.dumps(solved()), "seed": "seed", "limits": QUICK, "version": HERE}
    return remote.Errand(**values | {"allow_unsandboxed": True} | changes)


def test_a_job_is_graded_by_a_program_that_is_used_again_and_ends_when_idle(monkeypatch):
    monkeypatch.setattr(remote, "_graders", remote._Graders())
    others = grading_programs()  # another test may have had something graded apart
    first = remote.grade_here(errand())
    (running,) = (program for program in grading_programs() if program not in others)
    assert (sum(scores(first).values()), first.level) == (pytest.approx(90), LEVEL.value)
    monkeypatch.setattr(remote, "IDLE_SECONDS", 0.1)
    assert scores(remote.grade_here(errand())) == scores(first)
    assert [program for program in grading_programs() if program not in others] in ([running], [])
    assert all_end([running])


def test_the_instructors_files_travel_with_the_job():
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("print(open('a.csv').read())")])
    execution = remote.grade_here(errand(notebook=json.dumps(made), files=(("a.csv", b"1,2,3"),)))
    assert execution.notebook.cells[0].outputs[0].text == "1,2,3\n"


def test_a_job_of_another_version_is_refused():
    with pytest.raises(OtherVersionError, match=r"has other code of the course, NumPy \S+ in place of 3\.14$"):
        remote.grade_here(errand(version=HERE | {"course": "0", "NumPy": "3.14"}))


def test_a_program_refuses_when_the_files_have_changed_since_its_starter_read_them(monkeypatch):
    monkeypatch.setattr(program, "version", lambda: HERE | {"course": "0"})
    job = Job(json.dumps(solved()), "seed", QUICK, LEVEL)
    with (
        Grader(LEVEL, start_program) as grader,
        pytest.raises(OtherVersionError, match="other code of the course on the disk: restart the worker"),
    ):
        grader.grade(job)


def test_a_machine_without_a_sandbox_says_so_and_takes_no_job(monkeypatch):
    monkeypatch.setattr("autograder.sandbox.probe", lambda: Features((), "x86_64"))
    machine = remote.describe(allow_unsandboxed=False)
    assert machine.level is Level.NONE and "cannot be isolated" in machine.unsafe
    assert remote.describe(allow_unsandboxed=True).unsafe == ""
    with pytest.raises(UnsandboxedError):
        remote.grade_here(errand(allow_unsandboxed=False))


def test_the_same_version_is_no_difference_and_a_file_less_is_one():
    assert difference(HERE, dict(HERE)) == ""
    assert difference({}, {"course": "1"}) == "other code of the course"
