"""Grading processes beside the main one: each holds hidden tests and a worker, none holds the gradebook."""

from __future__ import annotations

import contextlib
import os
import queue
import select
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Any, NamedTuple, NoReturn, Protocol

from autograder import sandbox
from autograder.engine.grade import Job, close_worker, grade_submission, start_worker
from autograder.engine.session import EVERY_TEST
from autograder.engine.watchdog import STUCK, Watchdog
from autograder.engine.worker import WorkerFailed
from autograder.forking import one_thread, start_context
from autograder.pipeline.execution import Execution

SLACK = 60.0  # seconds beyond a notebook's own limit after which a grading process counts as dead
ATTEMPTS = 2
PATIENCE = 4  # times a notebook's limit: after it, what still gets a process stuck is given up with all hidden tests
IDLE_SECONDS = 0.5
ENDING_SECONDS = 20.0  # to clear up in, when the main process has died
MEMORY = 6 << 30  # bytes of address space of a grading process


class GradingProcessDied(RuntimeError):
    """The process that graded a submission ended or fell silent, twice."""


class Process(Protocol):
    """What a Grader asks of its process, whichever way that was started."""

    def join(self, timeout: float | None = None) -> None: ...

    def is_alive(self) -> bool: ...

    def kill(self) -> None: ...

    @property
    def exitcode(self) -> int | None: ...


Launch = Callable[[sandbox.Level], tuple[Process, Connection]]


class _Ended(NamedTuple):
    """The end of a process: whether it was stuck, and in which test (exercise and name) as far as it has said so."""

    stuck: bool
    test: tuple[str, str] | None


class Grader:
    """One grading process, started again when it dies. For one thread at a time."""

    def __init__(self, level: sandbox.Level, launch: Launch | None = None) -> None:
        self.level, self._launch = level, launch or _fork
        self._process: Process | None = None
        self._connection: Connection | None = None

    def __enter__(self) -> Grader:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    def start(self) -> None:
        """Start the process and its worker ahead of the first submission; does not wait for them."""
        self._ready()

    def grade(self, job: Job) -> Execution:
        """Grade one submission. Raises GradingProcessDied, or what the grading itself raised.

        Where the process was ended because it got stuck in a hidden test (see `Watchdog`), the submission is graded
        again, first to learn which one that is, and then without it.
        """
        others, until = 0, time.monotonic() + PATIENCE * (job.limits.notebook + SLACK)
        while others < ATTEMPTS:
            result = self._attempt(job)
            if isinstance(result, Exception):
                raise result
            if isinstance(result, Execution):
                return result
            if result.stuck and job.stuck is None:
                job = replace(job, stuck=())
            elif result.stuck and result.test is not None:
                found = _left_out(job.stuck or (), result.test) if time.monotonic() < until else EVERY_TEST
                job = replace(job, stuck=(*(job.stuck or ()), found))
            else:
                others += 1
        raise GradingProcessDied("the process that graded this submission ended twice")

    def _attempt(self, job: Job) -> Execution | Exception | _Ended:
        """What the process answers, or how it ended."""
        test: tuple[str, str] | None = None
        try:
            connection = self._ready()
            connection.send(job)
            until = time.monotonic() + job.limits.notebook + SLACK
            while connection.poll(max(0.0, until - time.monotonic())):
                done, answer = connection.recv()
                if done:
                    result: Execution | Exception = answer
                    return result
                test = answer
        except (EOFError, OSError):
            pass
        except BaseException:  # Ctrl-C, say: what is still to come would be taken for the answer to the next job
            self.close()
            raise
        process = self._process
        self.close()
        return _Ended(STUCK is not None and process is not None and process.exitcode == -STUCK, test)

    def close(self) -> None:
        """End the process and everything it started."""
        process, connection = self._process, self._connection
        self._process = self._connection = None
        if connection is not None:
            connection.close()
        if process is not None:
            process.join(5)
            if process.is_alive():
                process.kill()
                process.join()

    def _ready(self) -> Connection:
        if self._connection is None:
            self._process, self._connection = self._launch(self.level)
        return self._connection


_started: queue.SimpleQueue[tuple[threading.Thread, Grader]] = queue.SimpleQueue()


def start_graders(level: sandbox.Level, count: int) -> None:
    """Start grading processes for `grader_for`, and do not wait for them."""
    for _ in range(count):
        grader = Grader(level)
        thread = threading.Thread(target=_start, args=(grader,), name="starting", daemon=True)
        thread.start()
        _started.put((thread, grader))


def grader_for(level: sandbox.Level) -> Grader:
    """One that was started ahead, or a new one that starts when needed."""
    try:
        thread, grader = _started.get_nowait()
    except queue.Empty:
        return Grader(level)
    thread.join()
    if grader.level is not level:
        grader.close()
        return Grader(level)
    return grader


def _left_out(stuck: tuple[str, ...], test: tuple[str, str]) -> str:
    """What is not run again: this test, or all of its exercise when it is not the first one there."""
    exercise, name = test
    return exercise if any(each.startswith(f"{exercise}.") for each in stuck) else f"{exercise}.{name}"


def _start(grader: Grader) -> None:
    with contextlib.suppress(Exception):  # the first submission tries again and says what is wrong
        grader.start()


def _fork(level: sandbox.Level) -> tuple[Process, Connection]:
    context = start_context()
    ours, theirs = context.Pipe()
    process = context.Process(target=serve, args=(theirs, level), daemon=True)
    with one_thread():
        process.start()
    theirs.close()
    return process, ours


def serve(connection: Any, level: sandbox.Level) -> None:
    """Grade what arrives until the main process hangs up, or has died: then the submission at hand is not finished."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the main process's to handle
    signal.signal(signal.SIGTERM, lambda *_: _leave(level))
    if os.name == "posix":
        threading.Thread(target=_end_with, args=(connection.fileno(),), daemon=True).start()
    _limit_memory()
    if STUCK is not None:
        signal.signal(STUCK, signal.SIG_DFL)
        Watchdog.ends_process = True
    try:
        with contextlib.suppress(WorkerFailed):  # the first submission tries again and says what is wrong
            start_worker(level)
        with contextlib.suppress(EOFError, OSError):
            while True:
                job = connection.recv()
                try:
                    answer: Execution | Exception = grade_submission(job, lambda *test: connection.send((False, test)))
                except Exception as error:
                    answer = error
                connection.send((True, answer))
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # what is left is clearing up
        close_worker(level)


def _end_with(descriptor: int) -> None:
    """End this process once the other end has hung up: what is being graded is then graded again elsewhere."""
    poll = select.poll()
    poll.register(descriptor, 0)  # hanging up is always told
    poll.poll()
    time.sleep(IDLE_SECONDS)  # one that has nothing to do ends by itself
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(ENDING_SECONDS)
    os._exit(1)


def _leave(level: sandbox.Level) -> NoReturn:
    """Clear up and end, whatever was going on: an exception might be taken for one of the code being graded."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        close_worker(level)
    finally:
        os._exit(1)


def _limit_memory() -> None:
    """A hidden test that student code brought to compute on huge arrays fails, and takes nobody else's memory."""
    with contextlib.suppress(ImportError, ValueError, OSError):  # Windows has no such limit; another may be lower
        import resource

        hard = resource.getrlimit(resource.RLIMIT_AS)[1]
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, hard))
