"""Submissions being graded by the machines of a Dask cluster, in place of the processes of `running`.

The cluster is trusted as this machine is: whoever can talk to its scheduler can run code on its workers and, by what
these send back, here. Notebook, seed and limits travel by value; the gradebook and the course key stay here.
"""

from __future__ import annotations

import contextlib
import queue
import time
from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import Any, Self

from autograder.engine import Limits, UnsandboxedError
from autograder.engine.remote import Errand, grade_here
from autograder.engine.versions import OtherVersionError, version
from autograder.pipeline.nodes import CellKeys, to_be_run
from autograder.pipeline.roll_call import agreed_level, reach
from autograder.pipeline.running import AHEAD, Row, without_running
from autograder.pipeline.stops import KEPT, GradingStoppedError
from autograder.pipeline.tasks import Task

PAUSE = 1.0  # seconds between looks at the cluster while nothing comes back
REFRESH = 5.0  # seconds between looks while much does
MOST_BYTES = 1 << 30  # of files under way
PATIENCE = 60.0  # seconds without any worker after which grading stops
UNFIT = OtherVersionError, UnsandboxedError, ImportError, AttributeError  # the last two: what cannot even be loaded


class WorkersDied(RuntimeError):
    """Graded alone, this submission ended worker after worker of the cluster."""


class OnCluster:
    """Grades tasks on the cluster whose scheduler is at `address`. A context manager.

    Raises ClusterError when the cluster cannot be used; while grading, GradingStoppedError when it is lost.
    `level` is the weakest sandbox level among its workers; each result says its own.
    """

    def __init__(self, address: str, limits: Limits, allow_unsandboxed: bool = False) -> None:
        self.address, self.limits, self.allow_unsandboxed = address, limits, allow_unsandboxed
        self._finished: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._under_way: dict[str, tuple[Task, Any]] = {}  # key of the future → task, future
        self._suspects: list[Task] = []
        self._room, self._looked, self._seen = AHEAD, 0.0, time.monotonic()
        self._known = CellKeys()
        self._size = 0  # bytes of files that go with a submission
        with contextlib.ExitStack() as opened:
            self._client = opened.enter_context(reach(address))
            self.level = agreed_level(self._client, address, allow_unsandboxed)
            self._opened = opened.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self._opened.close()

    def start(self, count: int) -> None:
        """Nothing is started ahead: workers start their grading processes with the first job."""

    def graded(self, tasks: Iterable[Task], meanwhile: Callable[[], object]) -> Iterator[Row]:
        """Tasks with what became of them, as they finish. What is known already or cannot be used is not run.

        `meanwhile` is called before an outcome is waited for. Tasks are taken one by one: no more submissions are held
        than are under way, a few for each thread of the cluster. Dask blames a dead worker on everything that it had
        been given. What has been blamed too often is graded again at the end, one at a time: only a submission that
        ends workers when it is alone has failed.
        """
        for task in tasks:
            outcome = without_running(task)
            if outcome is not None:
                yield [(task, outcome)]
            else:
                self._hand_over(task)
            while len(self._under_way) >= self._room or not self._finished.empty():
                meanwhile()
                yield self._next()
        while self._under_way:
            meanwhile()
            yield self._next()
        suspects, self._suspects = self._suspects, []
        for task in suspects:
            self._hand_over(task)
            yield self._next()
            if self._suspects:
                error = WorkersDied(
                    f"graded alone on {self.address}, it ended one worker after another; their logs say how (often "
                    "their memory was used up)"
                )
                yield [(self._suspects.pop(), error)]

    def stop(self) -> Row:
        """Begin nothing more; returns what has finished and was not given out. What runs is left to end by itself."""
        finished = []
        try:
            while not self._finished.empty():
                finished += self._taken(self._finished.get())
        finally:
            self._client.cancel([future for _, future in self._under_way.values()])
        return finished

    def _hand_over(self, task: Task) -> None:
        self._size = sum(len(content) for _, content in task.files)
        notebook, here = to_be_run(task.submission.notebook, self._known), version()
        errand = Errand(notebook, task.seed, self.limits, here, self.allow_unsandboxed, task.files)
        with self._lost_in_words():
            future = self._client.submit(grade_here, errand, pure=False)
            self._under_way[future.key] = task, future
            future.add_done_callback(self._finished.put)

    def _next(self) -> Row:
        """The next to finish; none when it is one to be graded again."""
        while True:
            if time.monotonic() > self._looked + REFRESH:
                self._look()
            try:
                return self._taken(self._finished.get(timeout=PAUSE))
            except queue.Empty:
                self._look()

    def _taken(self, future: Any) -> Row:
        from distributed import KilledWorker

        task, _ = self._under_way.pop(future.key)
        with self._lost_in_words():
            if future.status != "error":
                return [(task, future.result())]  # raises when it was cancelled: the scheduler is lost
            error = future.exception()
        if isinstance(error, KilledWorker):
            self._suspects.append(task)
            return []
        if isinstance(error, UNFIT):
            raise GradingStoppedError(f"{self.address}: a worker cannot grade: {error}. {KEPT}")
        return [(task, error)]

    def _look(self) -> None:
        """See that there are workers, and how many submissions they take."""
        with self._lost_in_words():
            threads = sum(self._client.nthreads().values())
        self._looked = time.monotonic()
        if threads:
            # The scheduler holds what is handed over, each submission with the instructor's files.
            fitting = MOST_BYTES // self._size if self._size else AHEAD * threads
            self._room, self._seen = max(1, min(AHEAD * threads, fitting)), self._looked
        elif self._looked > self._seen + PATIENCE:
            raise GradingStoppedError(
                f"{self.address}: the cluster has had no worker for {PATIENCE:.0f} s; start some with: "
                f"dask worker {self.address}. {KEPT}"
            )

    @contextlib.contextmanager
    def _lost_in_words(self) -> Iterator[None]:
        """Whatever Dask raises where it only has to pass on what it holds means that it holds nothing any more."""
        try:
            yield
        except Exception as error:
            why = getattr(error, "reason", "") or str(error).partition("\n")[0] or type(error).__name__
            raise GradingStoppedError(
                f"{self.address}: the cluster's scheduler was lost, or dropped what it was to have graded ({why}); see "
                f"that it runs. {KEPT}"
            ) from error
