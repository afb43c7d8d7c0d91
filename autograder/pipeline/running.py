"""Submissions being graded, a few at a time, by threads that each hold a grading process."""

from __future__ import annotations

import contextlib
import copy
import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from types import TracebackType

from autograder import sandbox
from autograder.engine import Job, Limits
from autograder.engine.processes import grader_for
from autograder.pipeline.execution import Execution
from autograder.pipeline.intake import Submission
from autograder.pipeline.nodes import CellKeys, to_be_run
from autograder.pipeline.outputs import settle
from autograder.pipeline.results import Result
from autograder.pipeline.tasks import Task

AHEAD = 16  # submissions handed over for each grading process: while one is written, none waits for another
TOGETHER = 8  # outcomes given out in a row: to write one, and wait, costs more CPU than to write the next at once
HOLD = 0.5  # seconds that one is kept for others to come

Outcome = Execution | Result | Exception
Row = list[tuple[Task, Outcome]]  # what has finished, with what became of it


class Running:
    """Grades tasks with `workers` grading processes, which are started when there is something to run, or by `start`.

    The threads end with the program: nobody waits for a student's endless loop after Ctrl-C.
    """

    def __init__(self, workers: int, limits: Limits, level: sandbox.Level) -> None:
        self.workers, self.limits, self.level = max(1, workers), limits, level
        self._work: queue.SimpleQueue[Task | None] = queue.SimpleQueue()
        self._done: queue.SimpleQueue[tuple[Task, Outcome]] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._under_way = 0
        self._finished: Row = []  # of these, to be given out next
        self._known = CellKeys()

    def __enter__(self) -> Running:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self._dismiss()

    def start(self, count: int) -> None:
        """Start grading processes for `count` submissions to come, ahead of them: they need a second."""
        while len(self._threads) < min(count, self.workers):
            self._add_thread()

    def graded(self, tasks: Iterable[Task], meanwhile: Callable[[], object]) -> Iterator[Row]:
        """Tasks with what became of them, a few in a row as they finish. What is known already or cannot be used is not
        run.

        `meanwhile` is called before outcomes are waited for. Tasks are taken one by one: no more submissions are held
        than are under way.
        """
        for task in tasks:
            outcome = without_running(task)
            if outcome is not None:
                yield [(task, outcome)]
            else:
                self._hand_over(task)
            # First work for all: the first page of feedback takes as long as grading ten submissions.
            lead = AHEAD * self.workers
            while self._under_way >= lead or (self._under_way >= lead // 2 and not self._done.empty()):
                meanwhile()
                yield self._next()
        while self._under_way:
            meanwhile()
            yield self._next()
        self._dismiss()
        for thread in self._threads:
            thread.join()

    def stop(self) -> Row:
        """Begin nothing more; returns what has finished and was not given out. What runs is left to end by itself."""
        while True:
            try:
                self._work.get_nowait()
            except queue.Empty:
                break
        self._dismiss()
        while not self._done.empty():
            self._finished.append(self._done.get())
        return self._finished

    def _hand_over(self, task: Task) -> None:
        if len(self._threads) < self.workers:
            self._add_thread()
        self._under_way += 1
        self._work.put(task)

    def _add_thread(self) -> None:
        thread = threading.Thread(target=self._grade, name="grading", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _next(self) -> Row:
        """What has finished; waits for it, and then a moment for others."""
        self._finished.append(self._done.get())
        until = time.monotonic() + HOLD
        with contextlib.suppress(queue.Empty):
            while len(self._finished) < min(TOGETHER, self._under_way):
                self._finished.append(self._done.get(timeout=max(0.0, until - time.monotonic())))
        finished, self._finished = self._finished, []
        self._under_way -= len(finished)
        return finished

    def _dismiss(self) -> None:
        for _ in self._threads:
            self._work.put(None)

    def _grade(self) -> None:
        with grader_for(self.level) as grader:
            with contextlib.suppress(Exception):  # the first submission tries again and says what is wrong
                grader.start()
            while (task := self._work.get()) is not None:
                try:
                    notebook = to_be_run(task.submission.notebook, self._known)
                    job = Job(notebook, task.seed, self.limits, self.level, task.files)
                    outcome: Outcome = grader.grade(job)
                except Exception as error:  # a failure of ours; what is made of it is for who gives out the tasks
                    outcome = error
                self._done.put((task, outcome))


def without_running(task: Task) -> Outcome | None:
    """The outcome of a task of which it is known, or that cannot be run; None for one to be run."""
    if task.result is not None or task.submission.usable:
        return task.result
    return _not_run(task.submission)


def _not_run(submission: Submission) -> Execution:
    notebook = copy.deepcopy(submission.notebook)
    settle(notebook, "the notebook could not be read")
    return Execution(notebook, (), 0.0)
