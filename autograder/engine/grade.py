"""One submission graded: a pure function of the rebuilt notebook, the seed and the limits, wherever it runs.

The process that calls it keeps one worker and starts another when that one has died.
"""

from __future__ import annotations

import atexit
import os
from dataclasses import dataclass

from autograder import sandbox
from autograder.engine.session import Begin, Limits, Stuck, run_notebook
from autograder.engine.worker import Worker, WorkerFailed
from autograder.inside.files import Files
from autograder.pipeline.execution import Execution
from autograder.pipeline.nodes import read_nodes


@dataclass(frozen=True)
class Job:
    """What is to be graded, as plain values that may go to another process or machine."""

    notebook: str  # the rebuilt notebook as JSON
    seed: str
    limits: Limits
    level: sandbox.Level
    files: Files = ()  # that its code finds in its folder
    stuck: Stuck = None


_workers: dict[sandbox.Level, Worker] = {}


def grade_submission(job: Job, begin: Begin | None = None) -> Execution:
    """Run the job's notebook in this process's worker. Raises WorkerFailed when the sandbox fails twice.

    `begin` is told of each hidden test before it runs when the job says where grading got stuck before.
    """
    try:
        return _run(job, begin)
    except WorkerFailed:
        close_worker(job.level)
        return _run(job, begin)


def start_worker(level: sandbox.Level) -> Worker:
    """This process's worker of a level, started if there is none."""
    if level not in _workers:
        _workers[level] = Worker(level)
    return _workers[level]


def close_worker(level: sandbox.Level) -> None:
    """End this process's worker of a level, if there is one."""
    worker = _workers.pop(level, None)
    if worker is not None:
        worker.close()


@atexit.register
def _close_all() -> None:
    for level in list(_workers):
        close_worker(level)


def _run(job: Job, begin: Begin | None) -> Execution:
    notebook = read_nodes(job.notebook)
    if not hasattr(os, "fork"):  # Windows: a kernel of its own for each submission, hidden tests inside
        from autograder.pipeline.execute import execute_notebook

        return execute_notebook(notebook, seed=job.seed, timeout=job.limits.cell, files=job.files)
    worker, stuck = start_worker(job.level), job.stuck
    return run_notebook(worker, notebook, seed=job.seed, limits=job.limits, files=job.files, stuck=stuck, begin=begin)
