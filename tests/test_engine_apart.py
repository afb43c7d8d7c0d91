"""Grading beside a program that is not ours: nbgrader's, a script of an instructor's, a server."""

import json
import multiprocessing
import os
import subprocess
import sys
from pathlib import Path

import pytest
from engine_runs import QUICK, solved

from autograder.engine import Grader, Job, chosen_level
from autograder.pipeline.execution import Execution

LEVEL = chosen_level(allow_unsandboxed=True)
SCRIPT = """
import json, multiprocessing, os
from dataclasses import replace
from engine_runs import scores, solved, QUICK
from autograder.engine import Job, apart, chosen_level

def graded(where):
    notebook = solved()
    job = Job(json.dumps(notebook), "seed", QUICK, chosen_level(allow_unsandboxed=True))
    for _ in range(2):
        execution = apart.grade_apart(job)
    execution.put_into(notebook)
    print(where, round(sum(scores(replace(execution, notebook=notebook)).values())), flush=True)

print("once", flush=True)
graded("here")
if hasattr(os, "fork"):
    child = multiprocessing.get_context("fork").Process(target=graded, args=("in a daemonic fork",), daemon=True)
    child.start()
    child.join()
graded("here again")
"""


def test_a_script_without_a_main_guard_is_not_run_again_and_its_forks_have_graders_of_their_own(tmp_path):
    (tmp_path / "script.py").write_text(SCRIPT)
    path = os.pathsep.join([str(Path(__file__).parent), *filter(None, [os.environ.get("PYTHONPATH")])])
    said = subprocess.run(
        [sys.executable, "script.py"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": path},
        text=True,
        capture_output=True,
        timeout=300,
        check=True,
    ).stdout
    forked = ["in a daemonic fork 90"] if hasattr(os, "fork") else []
    assert said.splitlines() == ["once", "here 90", *forked, "here again 90"]


class Interrupted:
    """A connection to a process, at which somebody presses Ctrl-C while it is waited for."""

    def __init__(self, connection):
        self.connection = connection

    def __getattr__(self, name):
        return getattr(self.connection, name)

    def poll(self, seconds):
        assert self.connection.poll(seconds)
        raise KeyboardInterrupt


class Ended:
    exitcode = 0

    def join(self, timeout=None): ...

    def is_alive(self):
        return False


def test_the_answer_to_a_job_that_was_interrupted_is_not_taken_for_that_to_the_next():
    ends = []

    def launch(level):
        ours, theirs = multiprocessing.Pipe()
        theirs.send((True, Execution(solved(), (), float(len(ends)))))
        ends.append(theirs)
        return Ended(), Interrupted(ours) if len(ends) == 1 else ours

    grader = Grader(LEVEL, launch)
    job = Job(json.dumps(solved()), "seed", QUICK, LEVEL)
    with pytest.raises(KeyboardInterrupt):
        grader.grade(job)
    assert grader.grade(job).seconds == 1
    for end in ends:
        end.close()
