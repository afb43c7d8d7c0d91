"""Grading processes beside the main one: each holds hidden tests and a worker, none holds the gradebook."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
from collections.abc import Iterator
from functools import cache
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Any

from autograder import sandbox
from autograder.engine.grade import Job, grade_submission, start_worker
from autograder.engine.places import ONE_THREAD
from autograder.engine.worker import WorkerFailed
from autograder.pipeline.execution import Execution

SLACK = 60.0  # seconds beyond a notebook's own limit after which a grading process counts as dead
ATTEMPTS = 2
MEMORY = 6 << 30  # bytes of address space of a grading process


class GradingProcessDied(RuntimeError):
    """The process that graded a submission ended or fell silent, twice."""


class Grader:
    """One grading process, started again when it dies. For one thread at a time."""

    def __init__(self, level: sandbox.Level) -> None:
        self.level = level
        self._process: multiprocessing.process.BaseProcess | None = None
        self._connection: Connection | None = None

    def __enter__(self) -> Grader:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    def grade(self, job: Job) -> Execution:
        """Grade one submission. Raises GradingProcessDied, or what the grading itself raised."""
        for _ in range(ATTEMPTS):
            connection = self._ready()
            try:
                connection.send(job)
                if not connection.poll(job.limits.notebook + SLACK):
                    self.close()
                    continue
                done, result = connection.recv()
            except (EOFError, OSError):
                self.close()
                continue
            if not done:
                raise result
            return result
        raise GradingProcessDied("the process that graded this submission ended twice")

    def close(self) -> None:
        """End the process and everything it started."""
        if self._connection is not None:
            self._connection.close()
        if self._process is not None:
            self._process.join(5)
            if self._process.is_alive():
                self._process.kill()
                self._process.join()
        self._process = self._connection = None

    def _ready(self) -> Connection:
        if self._connection is None:
            context = _context()
            self._connection, theirs = context.Pipe()
            self._process = context.Process(target=_serve, args=(theirs, self.level), daemon=True)
            with _one_thread():
                self._process.start()
            theirs.close()
        return self._connection


@cache
def _context() -> Any:
    """How grading processes start: forked from one that has imported everything, where the system can do that."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["autograder.engine.preloaded"])
    return context


@contextlib.contextmanager
def _one_thread() -> Iterator[None]:
    """What is started here finds an environment in which linear algebra uses one thread: there is a process a core."""
    before = {name: os.environ.get(name) for name in ONE_THREAD}
    os.environ.update(ONE_THREAD)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _serve(connection: Any, level: sandbox.Level) -> None:
    """Grade what arrives until the main process hangs up."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the main process's to handle
    _limit_memory()
    with contextlib.suppress(WorkerFailed):  # the first submission tries again and says what is wrong
        start_worker(level)
    while True:
        try:
            job = connection.recv()
        except (EOFError, OSError):
            return
        try:
            answer: tuple[bool, Any] = True, grade_submission(job)
        except Exception as error:
            answer = False, error
        connection.send(answer)


def _limit_memory() -> None:
    """A hidden test that student code brought to compute on huge arrays fails, and takes nobody else's memory."""
    with contextlib.suppress(ImportError, ValueError, OSError):  # Windows has no such limit; another may be lower
        import resource

        hard = resource.getrlimit(resource.RLIMIT_AS)[1]
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, hard))
