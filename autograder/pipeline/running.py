"""Submissions being graded, a few at a time, by threads that each hold a grading process."""

from __future__ import annotations

import copy
import json
import queue
import threading
from collections.abc import Iterable, Iterator

from autograder import sandbox
from autograder.engine import Grader, Job, Limits
from autograder.pipeline.execution import Execution
from autograder.pipeline.intake import Submission
from autograder.pipeline.outputs import settle
from autograder.pipeline.results import Result
from autograder.pipeline.tasks import Task

AHEAD = 2  # submissions handed over for each grading process: one runs, one waits

Outcome = Execution | Result | Exception


class Running:
    """Grades tasks with `workers` grading processes, which are started when there is something to run.

    The threads end with the program: nobody waits for a student's endless loop after Ctrl-C.
    """

    def __init__(self, workers: int, limits: Limits, level: sandbox.Level) -> None:
        self.workers, self.limits, self.level = max(1, workers), limits, level
        self._work: queue.SimpleQueue[Task | None] = queue.SimpleQueue()
        self._done: queue.SimpleQueue[tuple[Task, Outcome]] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._under_way = 0

    def graded(self, tasks: Iterable[Task]) -> Iterator[tuple[Task, Outcome]]:
        """Tasks with what became of them, as they finish. What is known already or cannot be used is not run.

        Tasks are taken one by one: no more submissions are held than are under way.
        """
        for task in tasks:
            if task.result is not None:
                yield task, task.result
            elif not task.submission.usable:
                yield task, _not_run(task.submission)
            else:
                self._hand_over(task)
            while self._under_way >= AHEAD * self.workers or not self._done.empty():
                yield self._next()
        while self._under_way:
            yield self._next()
        self._dismiss()
        for thread in self._threads:
            thread.join()

    def stop(self) -> list[tuple[Task, Outcome]]:
        """Begin nothing more; returns what has finished and was not given out. What runs is left to end by itself."""
        while True:
            try:
                self._work.get_nowait()
            except queue.Empty:
                break
        self._dismiss()
        finished = []
        while not self._done.empty():
            finished.append(self._next())
        return finished

    def _hand_over(self, task: Task) -> None:
        if len(self._threads) < self.workers:
            thread = threading.Thread(target=self._grade, name="grading", daemon=True)
            self._threads.append(thread)
            thread.start()
        self._under_way += 1
        self._work.put(task)

    def _next(self) -> tuple[Task, Outcome]:
        finished = self._done.get()
        self._under_way -= 1
        return finished

    def _dismiss(self) -> None:
        for _ in self._threads:
            self._work.put(None)

    def _grade(self) -> None:
        with Grader(self.level) as grader:
            while (task := self._work.get()) is not None:
                try:
                    # The rebuilt notebook is plain values: nbformat's own way would copy and check them first.
                    job = Job(json.dumps(task.submission.notebook), task.seed, self.limits, self.level)
                    outcome: Outcome = grader.grade(job)
                except Exception as error:  # a failure of ours; what is made of it is for who gives out the tasks
                    outcome = error
                self._done.put((task, outcome))


def _not_run(submission: Submission) -> Execution:
    notebook = copy.deepcopy(submission.notebook)
    settle(notebook, "the notebook could not be read")
    return Execution(notebook, (), 0.0)
