"""A grading process that is a program of its own, for where Python's multiprocessing can start none, or should not.

A Dask worker is the daemonic child of its nanny, and multiprocessing forbids such a process children; and a script that
is not written for it (`if __name__ == "__main__"`) it runs again. As a program: the number of a socket, the level, and
the version of the course that the one at the other end has.
"""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
import subprocess
import sys
from multiprocessing.connection import Connection

from autograder.engine.processes import serve
from autograder.engine.versions import OtherVersionError, difference, version
from autograder.forking import ONE_THREAD
from autograder.sandbox import Level


class Program:
    """The program, with those methods of a multiprocessing process that a Grader calls."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self.pid = process.pid

    def join(self, timeout: float | None = None) -> None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout)

    def is_alive(self) -> bool:
        return self._process.poll() is None

    def kill(self) -> None:
        self._process.kill()

    @property
    def exitcode(self) -> int | None:
        return self._process.poll()


def start_program(level: Level) -> tuple[Program, Connection]:
    """Start a grading process, which ends when the connection does, also in the middle of a submission."""
    ours, theirs = multiprocessing.Pipe()
    with theirs:
        command = [sys.executable, "-P", "-m", __name__, str(theirs.fileno()), level.value, json.dumps(version())]
        process = subprocess.Popen(
            command, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, env={**os.environ, **ONE_THREAD}
        )
    return Program(process), ours


def main() -> None:
    """Grade what arrives; refuse it where the course's code has changed since the one at the other end loaded it."""
    number, level, expected = sys.argv[1:]
    connection = Connection(int(number))
    differs = difference(version(), json.loads(expected))
    if differs:
        _refuse(connection, OtherVersionError(f"{differs} on the disk: restart the worker or server that grades"))
    else:
        serve(connection, Level(level))


def _refuse(connection: Connection, error: OtherVersionError) -> None:
    with contextlib.suppress(EOFError, OSError):
        while True:
            connection.recv()
            connection.send((True, error))


if __name__ == "__main__":
    main()
