"""Checking a student's notebook in a process of its own, within seconds, whatever the code in it does."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

from course_utils.selfcheck.notebook import read_notebook
from course_utils.selfcheck.plan import Plan, make_plan
from course_utils.selfcheck.results import ExerciseResult, Hidden, Status, Where
from course_utils.shelf import find_assignment

LIMIT = 2.0  # seconds a cell may take
OVERALL = 4.5  # seconds all may take together, starting Python included
GRACE = 0.4  # seconds between a cell's limit and the end of its process, for code that cannot be interrupted

OnResult = Callable[[ExerciseResult], None]


def check_notebook(
    path: Path,
    exercise: str | None = None,
    hidden: bool = True,
    *,
    released: Path | None = None,
    limit: float = LIMIT,
    overall: float = OVERALL,
    on_result: OnResult | None = None,
    on_note: Callable[[str], None] | None = None,
) -> list[ExerciseResult]:
    """Check every exercise of a student's notebook, or one.

    The student's cells run in order in a subprocess; the checks are those of the released notebook (``released``, by
    default the assignment with the file's name), never the student's copy.  ``hidden`` also runs hidden tests where
    they are installed.  Results are given to ``on_result`` as they come and returned in the order of the assignment.
    The notebook is only read.

    Raises CourseError when the notebook or the exercise cannot be found or read.
    """
    deadline = time.time() + overall
    student = read_notebook(path)
    official = read_notebook(released or find_assignment(path.stem).notebook)
    plan = make_plan(student, official, exercise)
    session = _Session(plan, on_result or (lambda result: None), on_note or (lambda text: None))
    for name, why in plan.missing.items():
        session.finish(ExerciseResult(name, "missing", why))
    with tempfile.TemporaryDirectory(prefix="course-check-", ignore_cleanup_errors=True) as scratch:
        order = {
            "folder": str(path.resolve().parent),
            "scratch": scratch,
            "hidden": hidden,
            "limit": limit,
            "deadline": deadline,
            "steps": [asdict(step) for step in plan.steps],
        }
        while session.open_exercises() and time.time() < deadline:
            order_file = Path(scratch) / "order.json"
            order_file.write_text(json.dumps({**order, "skip": session.skip()}), encoding="utf-8")
            if not session.follow(order_file, deadline):
                break
    for name in session.open_exercises():
        session.finish(ExerciseResult(name, "not reached", f"no time was left in {overall:g} s; check it alone"))
    return [session.results[name] for name in plan.points]


class _Session:
    """The answers so far.  A cell that ends its process is left out when the rest is tried again."""

    def __init__(self, plan: Plan, on_result: OnResult, on_note: Callable[[str], None]) -> None:
        self.plan, self.on_result, self.on_note = plan, on_result, on_note
        self.results: dict[str, ExerciseResult] = {}
        self.waiting: ExerciseResult | None = None  # its hidden tests may still come
        self.fatal_steps: set[int] = set()

    def open_exercises(self) -> list[str]:
        """Exercises without an answer."""
        return [name for name in self.plan.points if name not in self.results]

    def skip(self) -> list[int]:
        """Steps that need not run again, or must not."""
        answered = {i for i, step in enumerate(self.plan.steps) if step.is_check and step.exercise in self.results}
        return sorted(self.fatal_steps | answered)

    def finish(self, result: ExerciseResult) -> None:
        """Keep an answer and show it."""
        result.points = self.plan.points[result.exercise]
        self.results[result.exercise] = result
        self.on_result(result)

    def follow(self, order_file: Path, deadline: float) -> bool:
        """Run one process to its end.  False when trying again would lead nowhere."""
        log = order_file.with_name("stderr.txt")
        with log.open("wb") as stderr, _child(order_file, stderr) as child:
            events = _events(child)
            current, until, seconds = -1, deadline, 0.0
            done = ended = False
            while not (done or ended):
                try:
                    event = events.get(timeout=max(0.0, min(until, deadline) - time.time()))
                except queue.Empty:
                    break
                if event is None:
                    ended = True
                elif event["event"] == "done":
                    done = True
                elif event["event"] == "step":
                    current, seconds = event["index"], event["seconds"]
                    until = time.time() + seconds + GRACE
                    if self.waiting and self.plan.steps[current].exercise != self.waiting.exercise:
                        self._close()
                else:
                    self._take(event)
            if ended:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    child.wait(timeout=GRACE)  # for its own exit status, not that of the kill that follows
        if done:
            self._close()
        elif current >= 0:
            died = f"Python itself ended here (exit status {child.returncode})"
            slow = f"stopped after {seconds:.1f} s: it took too long and could not be interrupted"
            self._blame(current, died if ended else slow, "error" if ended else "time")
        elif ended:
            self._failed_to_start(log)
        return current >= 0 and not done

    def _take(self, event: dict[str, Any]) -> None:
        if event["event"] == "note":
            self.on_note(event["text"])
        elif event["event"] == "result":
            self._close()
            raw = event["result"]
            where = Where(**raw.pop("where")) if raw["where"] else raw.pop("where")
            self.waiting = ExerciseResult(**raw, where=where)
        elif self.waiting:
            self.waiting.hidden = Hidden(**event["hidden"])
            self._close()

    def _close(self) -> None:
        if self.waiting:
            self.finish(self.waiting)
            self.waiting = None

    def _blame(self, index: int, how: str, status: Status) -> None:
        step = self.plan.steps[index]
        self.fatal_steps.add(index)
        if self.waiting and self.waiting.exercise == step.exercise:
            self.waiting.hidden = Hidden(0.0, self.waiting.points, [f"hidden tests: {how}"])
            self._close()
        elif step.exercise:
            self.finish(ExerciseResult(step.exercise, status, f"{how}, in cell {step.label}"))
        else:
            self.on_note(f"your cell {step.label} was left out: {how}")

    def _failed_to_start(self, log: Path) -> None:
        lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        why = lines[-1] if lines else "it gave no reason"
        for name in self.open_exercises():
            self.finish(ExerciseResult(name, "not reached", f"Python could not be started for the check: {why}"))


@contextlib.contextmanager
def _child(order_file: Path, stderr: IO[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "course_utils.selfcheck.child", str(order_file)]
    environment = {**os.environ, "MPLBACKEND": "agg", "PYTHONIOENCODING": "utf-8"}
    child = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=stderr,
        env=environment,
        start_new_session=True,  # Ctrl-C reaches this process alone, and killing the group leaves nothing behind
    )
    try:
        yield child
    finally:
        if hasattr(os, "killpg"):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(child.pid, signal.SIGKILL)
        child.kill()
        child.wait()


def _events(child: subprocess.Popen[bytes]) -> queue.SimpleQueue[dict[str, Any] | None]:
    """The child's events; None at the end.  Read in a thread, because not every system can wait for a pipe."""
    events: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()

    def read() -> None:
        assert child.stdout is not None
        with child.stdout:
            for line in child.stdout:
                events.put(json.loads(line))
        events.put(None)

    threading.Thread(target=read, daemon=True).start()
    return events
