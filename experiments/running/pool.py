"""Computes seeds in several processes, each with one thread of linear algebra: numbers do not depend on cores."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
import traceback
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass

from experiments.running.scripts import Experiment, ExperimentError, shown
from experiments.running.table import Row, plain_rows

_THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


@dataclass(frozen=True)
class Computed:
    """One seed of an experiment: its rows and seconds of CPU time, or what went wrong."""

    experiment: Experiment
    seed: int
    rows: list[Row]
    seconds: float
    mistake: str = ""


def compute_all(jobs: Iterable[tuple[Experiment, int]], workers: int) -> Iterator[Computed]:
    """Every job, in the order in which they finish. A failing job stops no other."""
    before, others = dict(os.environ), set(multiprocessing.active_children())
    os.environ.update(dict.fromkeys(_THREADS, "1"), TQDM_DISABLE="1")
    for switch in ("COURSE_DATASET", "COURSE_SMOKE"):
        os.environ.pop(switch, None)
    # Fresh processes read these settings before they load NumPy; forked ones would not.
    fresh = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, mp_context=fresh, initializer=_leave_interrupts_to_the_parent)
    try:
        futures = {pool.submit(compute, *job): job for job in jobs}
        for future in as_completed(futures):
            yield _result(future, *futures[future])
    except BaseException:  # an interrupt: the seeds under way are given up
        for process in set(multiprocessing.active_children()) - others:
            process.terminate()
        raise
    finally:
        pool.shutdown(cancel_futures=True)
        os.environ.clear()
        os.environ.update(before)


def compute(experiment: Experiment, seed: int) -> Computed:
    """Run one seed here; what goes wrong is told, not raised."""
    start = time.process_time()
    where = f"{shown(experiment.path)}, seed {seed}"
    try:
        rows = plain_rows(experiment.load()(seed), where)
    except ExperimentError as error:
        return Computed(experiment, seed, [], time.process_time() - start, str(error))
    except Exception as error:
        frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == str(experiment.path)]
        line = f", line {frames[-1].lineno}" if frames else ""
        said = f"{where}{line}: {type(error).__name__}: {error}"
        return Computed(experiment, seed, [], time.process_time() - start, said)
    return Computed(experiment, seed, rows, time.process_time() - start)


def _leave_interrupts_to_the_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _result(future: Future[Computed], experiment: Experiment, seed: int) -> Computed:
    try:
        return future.result()
    except BrokenProcessPool:
        said = "a process was ended from outside (out of memory?), and the seeds that were waiting with it"
        return Computed(experiment, seed, [], 0.0, said)
