"""Submissions graded one by one beside a program that may be anything: nbgrader's command, or a server with formgrader.

So the grading process is a program of its own, where the system has what that takes. It is kept for the next one.
"""

from __future__ import annotations

import atexit
import os
import threading

from autograder import sandbox
from autograder.engine.grade import Job
from autograder.engine.processes import Grader
from autograder.pipeline.execution import Execution

_graders: dict[tuple[int, sandbox.Level], Grader] = {}  # by the process that started them: a fork of it has its own
_one_at_a_time = threading.Lock()


def start_apart(level: sandbox.Level) -> None:
    """Start the grading process ahead of the first submission; does not wait for it."""
    with _one_at_a_time:
        _grader(level).start()


def grade_apart(job: Job) -> Execution:
    """Grade one submission. Raises as `Grader.grade`."""
    with _one_at_a_time:
        return _grader(job.level).grade(job)


def _grader(level: sandbox.Level) -> Grader:
    key = os.getpid(), level
    if key not in _graders:
        _graders[key] = _new_grader(level)
        atexit.register(_graders[key].close)
    return _graders[key]


def _new_grader(level: sandbox.Level) -> Grader:
    if os.name != "posix":
        return Grader(level)
    from autograder.engine.program import start_program

    return Grader(level, start_program)
