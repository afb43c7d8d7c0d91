"""Grading processes beside the main one: a job comes back graded, or as a failure of ours with a name."""

import json
import os
import signal
import subprocess
import sys
import time

import psutil
import pytest
from dask_cluster import HANG, all_end
from engine_runs import QUICK, scores, solved, worker

from autograder.engine import Grader, GradingProcessDied, Job, UnsandboxedError, chosen_level
from autograder.engine.processes import ATTEMPTS, grader_for, start_graders
from autograder.sandbox import Features, Level

LEVEL = worker().level


def job() -> Job:
    return Job(json.dumps(solved()), "seed", QUICK, LEVEL)


def test_a_job_comes_back_graded_and_the_process_is_used_again():
    with Grader(LEVEL) as grader:
        first = grader.grade(job())
        process = grader._process
        assert sum(scores(first).values()) == pytest.approx(90)
        assert scores(grader.grade(job())) == scores(first)
        assert grader._process is process
    assert not process.is_alive()


def test_a_grading_process_that_is_killed_is_started_again():
    with Grader(LEVEL) as grader:
        grader.grade(job())
        os.kill(grader._process.pid, signal.SIGKILL)
        assert sum(scores(grader.grade(job())).values()) == pytest.approx(90)


def test_a_process_that_dies_again_and_again_is_named(monkeypatch):
    started = []

    def dying(self, job):
        started.append(1)
        raise EOFError

    monkeypatch.setattr(Grader, "_ready", lambda self: type("Connection", (), {"send": dying, "close": lambda _: 0})())
    with pytest.raises(GradingProcessDied, match="twice"):
        Grader(LEVEL).grade(job())
    assert len(started) == ATTEMPTS


def test_what_grading_raised_reaches_the_caller():
    with Grader(LEVEL) as grader, pytest.raises(ValueError, match="Expecting value"):
        grader.grade(Job("not a notebook", "seed", QUICK, LEVEL))


def test_student_code_is_not_run_unsandboxed_unless_that_is_said(monkeypatch):
    monkeypatch.setattr("autograder.sandbox.probe", lambda: Features((), "x86_64"))
    with pytest.raises(UnsandboxedError, match="--allow-unsandboxed"):
        chosen_level()
    assert chosen_level(allow_unsandboxed=True) is Level.NONE


def test_processes_that_were_started_ahead_are_used():
    start_graders(LEVEL, 2)
    graders = [grader_for(LEVEL) for _ in range(3)]
    assert [grader._process is not None for grader in graders] == [True, True, False]
    for grader in graders:
        with grader:
            assert sum(scores(grader.grade(job())).values()) == pytest.approx(90)


def test_a_process_that_was_started_for_another_level_is_ended(monkeypatch):
    other = Level.NONE if LEVEL is not Level.NONE else Level.FULL
    ended = []
    monkeypatch.setattr(Grader, "start", lambda self: None)
    monkeypatch.setattr(Grader, "close", lambda self: ended.append(self.level))
    start_graders(other, 1)
    assert grader_for(LEVEL).level is LEVEL and ended == [other]


STARTER = """import sys
from autograder.engine import Grader, Job, Limits
from autograder.engine.processes import _fork
from autograder.engine.program import start_program
from autograder.sandbox import Level
level, launch = Level(sys.argv[1]), {"fork": _fork, "program": start_program}[sys.argv[2]]
Grader(level, launch).grade(Job(sys.stdin.read(), "seed", Limits(cell=100, notebook=1000), level))
"""


def is_busy(processes):
    """Whether the newest of them computes: one that is there for a moment only, or waits, does not get so far."""
    try:
        newest = max(processes, key=lambda process: (process.create_time(), process.pid))
        return newest.cpu_times().user > 0.3
    except psutil.NoSuchProcess:  # it ended in the meantime
        return False


@pytest.mark.skipif(sys.platform == "win32", reason="there student code runs in a kernel")
@pytest.mark.parametrize(("launch", "processes"), [("fork", 4), ("program", 2)])
def test_what_a_killed_grader_started_ends_in_the_middle_of_a_submission(tmp_path, launch, processes):
    command = [sys.executable, "-c", STARTER, LEVEL.value, launch]
    settings = os.environ | {"TMPDIR": str(tmp_path)}
    with subprocess.Popen(command, stdin=subprocess.PIPE, text=True, env=settings) as starter:
        starter.stdin.write(json.dumps(solved(cells={"l1_distance": "while True: pass"})))
        starter.stdin.close()
        until = time.monotonic() + HANG
        below = []
        while len(below) <= processes or not is_busy(below):  # the last of them: the student's
            assert starter.poll() is None and time.monotonic() < until
            time.sleep(0.05)
            below = psutil.Process(starter.pid).children(recursive=True)
        assert list(tmp_path.glob("course-worker-*"))
        starter.kill()
        assert all_end(below)
    assert not list(tmp_path.glob("course-worker-*"))
