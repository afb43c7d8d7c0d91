"""The process in which a student's notebook runs: `python -m course_utils.selfcheck.child ORDER.json`.

It writes one JSON line per event: a step begins, an exercise's visible result, its hidden tests, done.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from course_utils.selfcheck.limits import TimeIsUp, time_limit
from course_utils.selfcheck.plan import Step
from course_utils.selfcheck.results import ExerciseResult, Hidden
from course_utils.selfcheck.shell import FirstPart, QuietShell, notebook_shell, run_cell
from course_utils.selfcheck.words import FailedCell, Trouble, explain

GROUP = "course.selfcheck"
Event = dict[str, Any]
Practice = Callable[[str, dict[str, Any], float], dict[str, Any]]


class Run:
    """One run through a plan's steps.

    ``deadline`` is a time.time(); no step may take more than ``limit`` seconds, nor more than half of what is left, so
    that several endless loops still leave time for the exercises after them.
    """

    def __init__(
        self, shell: QuietShell, emit: Callable[[Event], None], practice: Practice | None, limit: float, deadline: float
    ) -> None:
        self.shell, self.emit, self.practice = shell, emit, practice
        self.limit, self.deadline = limit, deadline
        self.failed_cells: list[FailedCell] = []
        self.failed_gaps: dict[str, ExerciseResult] = {}

    def step(self, index: int, step: Step) -> None:
        """Run one cell, or the check that ends an exercise; say what came out."""
        if step.is_check and step.exercise:
            self._check(index, step, step.exercise)
            return
        trouble, output = self._run(index, step)
        if trouble is None:
            return
        self.failed_cells.append(FailedCell(step.label, step.source, trouble))
        if step.exercise:
            result = ExerciseResult(step.exercise, trouble.status, trouble.message, trouble.where, output)
            self.failed_gaps.setdefault(step.exercise, result)

    def _check(self, index: int, step: Step, exercise: str) -> None:
        result = self.failed_gaps.get(exercise)
        if result is None:
            trouble, output = self._run(index, step)
            result = ExerciseResult(exercise, "ok", output=output)
            if trouble:
                result.status, result.message, result.where = trouble.status, trouble.message, trouble.where
        result.points = step.points
        self.emit({"event": "result", "result": asdict(result)})
        if self.practice and result.status in ("ok", "wrong", "error") and exercise not in self.failed_gaps:
            hidden = self._hidden(self.practice, index, exercise, step.points)
            self.emit({"event": "hidden", "exercise": exercise, "hidden": asdict(hidden)})

    def _run(self, index: int, step: Step) -> tuple[Trouble | None, str]:
        seconds = self._begin(index)
        output = FirstPart()
        error = run_cell(self.shell, step.label, step.source, seconds, output)
        if error is None:
            return None, output.text()
        trouble = explain(error, step.label, step.exercise, self.failed_cells)
        if trouble.status == "time":
            trouble = Trouble("time", f"stopped after {seconds:.1f} s: {trouble.message}", trouble.where)
        return trouble, output.text()

    def _hidden(self, practice: Practice, index: int, exercise: str, points: float) -> Hidden:
        seconds = self._begin(index)
        ignored = FirstPart()
        try:
            with contextlib.redirect_stdout(ignored), contextlib.redirect_stderr(ignored), time_limit(seconds):
                earned = practice(exercise, self.shell.user_ns, points)
                return Hidden(float(earned["score"]), float(earned["points"]), list(map(str, earned["lines"])))
        except TimeIsUp:
            said = f"stopped after {seconds:.1f} s: the hidden tests give larger inputs than the check above"
        except (Exception, SystemExit) as error:  # whatever the grader raises must reach the student as a sentence
            said = f"the hidden tests did not run: {type(error).__name__}: {error}"
        return Hidden(0.0, points, [said])

    def _begin(self, index: int) -> float:
        seconds = min(self.limit, max(0.1, (self.deadline - time.time()) / 2))
        self.emit({"event": "step", "index": index, "seconds": seconds})
        return seconds


def load_practice() -> Practice | None:
    """What runs hidden tests where it is installed; None in a student's install, which has no such package.

    Raises ImportError when it is installed but broken.
    """
    for entry in entry_points(group=GROUP):
        try:
            practice: Practice = entry.load()
        except ModuleNotFoundError as error:
            if error.name == entry.module.partition(".")[0]:
                continue
            raise
        return practice
    return None


def run_order(order: dict[str, Any], emit: Callable[[Event], None]) -> None:
    """Run the steps of an order (see runner.py, which writes it) in the notebook's folder."""
    practice = None
    if order["hidden"]:
        try:
            practice = load_practice()
        except Exception as error:  # said in words; the visible checks still run
            emit({"event": "note", "text": f"the hidden tests could not be loaded: {type(error).__name__}: {error}"})
    os.chdir(order["folder"])
    with notebook_shell(Path(order["scratch"])) as shell:
        run = Run(shell, emit, practice, order["limit"], order["deadline"])
        for index, raw in enumerate(order["steps"]):
            if index not in order["skip"]:
                run.step(index, Step(**raw))
    emit({"event": "done"})


def main() -> None:
    """Read the order, keep the pipe for events, and give the student's code a process without input or output."""
    pipe = os.dup(1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    order = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    sys.path[0] = order["folder"]
    log = os.dup(2)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)

    def emit(event: Event) -> None:
        os.write(pipe, (json.dumps(event) + "\n").encode())

    try:
        run_order(order, emit)
    except Exception as error:  # the parent shows this line when nothing could be run
        os.write(log, f"{type(error).__name__}: {error}\n".encode())
        os._exit(1)
    os._exit(0)  # threads and exit handlers the student's code left behind must not hold up the answer


if __name__ == "__main__":
    main()
