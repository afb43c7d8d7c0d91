"""What runs in a worker of a Dask cluster: it hands jobs to grading processes beside it, one for each of its threads.

Student code never runs in the Dask worker, which has a network: it runs two processes further on, in the sandbox.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace

from autograder.engine.grade import Job
from autograder.engine.levels import UnsandboxedError, chosen_level
from autograder.engine.processes import Grader
from autograder.engine.program import start_program
from autograder.engine.session import Limits
from autograder.engine.versions import OtherVersionError, Version, difference, version
from autograder.inside.files import Files
from autograder.pipeline.execution import Execution
from autograder.sandbox import Level

IDLE_SECONDS = 60.0  # after which grading processes that nobody needs are ended
HERE = version()  # of the code as it is loaded now: the files may change while a worker lives


@dataclass(frozen=True)
class Errand:
    """A job for whatever machine takes it: how well student code is isolated is found out there."""

    notebook: str  # the rebuilt notebook as JSON
    seed: str
    limits: Limits
    version: Version
    allow_unsandboxed: bool
    files: Files = ()  # that its code finds in its folder


@dataclass(frozen=True)
class Machine:
    """What a worker says of itself; `unsafe` is why it runs no student code, empty when it does."""

    host: str
    version: Version
    level: Level
    unsafe: str


def describe(allow_unsandboxed: bool) -> Machine:
    """The machine on which this is called."""
    try:
        level, unsafe = chosen_level(allow_unsandboxed), ""
    except UnsandboxedError as error:
        level, unsafe = Level.NONE, str(error)
    return Machine(socket.gethostname(), HERE, level, unsafe)


def grade_here(errand: Errand) -> Execution | Exception:
    """The submission graded, or why that failed, with the name of the machine.

    Raises OtherVersionError or UnsandboxedError when this machine is not one to grade on.
    """
    differs = difference(HERE, errand.version)
    if differs:
        raise OtherVersionError(f"{socket.gethostname()} has {differs}")
    level = chosen_level(errand.allow_unsandboxed)
    try:
        with _graders.borrowed(level) as grader:
            execution = grader.grade(Job(errand.notebook, errand.seed, errand.limits, level, errand.files))
    except OtherVersionError as error:
        raise OtherVersionError(f"{socket.gethostname()} has {error}") from None
    except Exception as error:  # a failure of ours, of this submission alone
        error.add_note(f"on the machine {socket.gethostname()}")
        return error
    return replace(execution, level=level.value)


class _Graders:
    """The grading processes that wait for work."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: list[Grader] = []
        self._timer: threading.Timer | None = None

    @contextlib.contextmanager
    def borrowed(self, level: Level) -> Iterator[Grader]:
        """A grading process for one submission, by one thread."""
        with self._lock:
            grader = self._idle.pop() if self._idle else Grader(level, start_program)
        try:
            yield grader
        finally:
            with self._lock:
                self._idle.append(grader)
                self._set_timer()

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = threading.Timer(IDLE_SECONDS, self._dismiss)
        self._timer.daemon = True
        self._timer.start()

    def _dismiss(self) -> None:
        with self._lock:
            idle, self._idle = self._idle, []
        for grader in idle:
            grader.close()


_graders = _Graders()
