"""Grading processes beside the main one: each holds hidden tests and a worker, none holds the gradebook."""

from __future__ import annotations

import contextlib
import multiprocessing
import signal
import threading
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Any

from autograder import sandbox
from autograder.engine.grade import Job, grade_submission, start_worker
from autograder.engine.worker import WorkerFailed
from autograder.pipeline.execution import Execution
from autograder.testing.registry import mutants_of, topics

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
            context = multiprocessing.get_context("spawn")
            self._connection, theirs = context.Pipe()
            self._process = context.Process(target=_serve, args=(theirs, self.level), daemon=True)
            self._process.start()
            theirs.close()
        return self._connection


class Graders:
    """A grading process for each thread that asks; all end with the block. `with Graders(level) as graders`."""

    def __init__(self, level: sandbox.Level) -> None:
        self.level = level
        self._own = threading.local()
        self._all: list[Grader] = []

    def __enter__(self) -> Graders:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        for grader in self._all:
            grader.close()

    def grade(self, job: Job) -> Execution:
        """Grade in the calling thread's process. Raises what `Grader.grade` raises."""
        grader: Grader | None = getattr(self._own, "grader", None)
        if grader is None:
            grader = self._own.grader = Grader(self.level)
            self._all.append(grader)
        return grader.grade(job)


def _serve(connection: Any, level: sandbox.Level) -> None:
    """Grade what arrives until the main process hangs up."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the main process's to handle
    _limit_memory()
    # The hidden tests are imported while the worker loads; it is started from this thread, with which it would end.
    loading = threading.Thread(target=_load_hidden_tests)
    loading.start()
    with contextlib.suppress(WorkerFailed):  # the first submission tries again and says what is wrong
        start_worker(level)
    loading.join()
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


def _load_hidden_tests() -> None:
    for exercises in topics().values():
        mutants_of(exercises[0])
