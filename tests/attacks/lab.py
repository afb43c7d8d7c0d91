"""What an attack meets: notebook 01 with a student's code in it, a worker, and what must hold afterwards.

The attacked exercise is `distances_two_loops` unless said otherwise. An exercise before it and one after are right, and
must keep their points.
"""

from __future__ import annotations

import copy
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from autograder import engine
from autograder.engine import Limits, Worker, run_notebook
from autograder.grading import run
from autograder.pipeline.execution import Execution
from autograder.sandbox import Level
from autograder.source import find_notebook
from autograder.testing.registry import HiddenTest

ATTACKED = "distances_two_loops"
BYSTANDERS = ("l1_distance", "predict_labels")
POINTS = {exercise.name: exercise.points for exercise in find_notebook("01").exercises}
ALL_POINTS = 90.0
TESTS_RUN = {ATTACKED: 1, **dict.fromkeys(BYSTANDERS, 2)}  # each test of the attacked one may cost its time limit
LIMITS = Limits(cell=2.0, test=0.4, notebook=60.0)
PATIENT = Limits(cell=20.0, test=20.0, notebook=120.0)  # for honest work on a busy machine
HANGING = 60.0  # seconds: more than any attack may take, on a busy machine
GONE = 10.0
MEGABYTE = 1 << 20
PEAK = 500 * MEGABYTE  # the largest reply allowed is 64 MB, and is held a few times while it is taken apart
KEPT = 60 * MEGABYTE
RIGHT = {exercise.name: exercise.solution for exercise in find_notebook("01").exercises}
SEED = "attacks"


@dataclass(frozen=True)
class Attack:
    """A student's code: in the place of the attacked function, and in cells of the student's own before and after."""

    gap: str | None = None
    before: str = ""
    after: str = ""
    exercise: str = ATTACKED
    tests: tuple[str, ...] = ()  # names of the hidden tests of the attacked exercise to run; else the first


@dataclass(frozen=True)
class Graded:
    """What a submission got, and what the grader's process went through."""

    exercise: str
    points: dict[str, float]
    execution: Execution
    seconds: float
    peak: int
    kept: int

    @property
    def attacked(self) -> float:
        """Points of the attacked exercise."""
        return self.points[self.exercise]

    @property
    def text(self) -> str:
        """Everything the notebook shows after grading."""
        return "\n".join(
            str(dict(output)) for cell in self.execution.notebook.cells for output in cell.get("outputs", [])
        )

    def shown(self, name: str) -> str:
        """What the student's own cell `before` or `after` shows."""
        return "\n".join(
            str(dict(output)) for cell in self.execution.notebook.cells if cell.id == name for output in cell.outputs
        )


class Lab:
    """A worker of one level, and the grading of submissions in it."""

    def __init__(self, level: Level) -> None:
        self.level = level
        self.worker = Worker(level)
        self.grades_the_whole_notebook()  # from here on memory is compared with a process that has graded before
        self.processes = living_below(os.getpid())

    def __enter__(self) -> Lab:
        return self

    def __exit__(self, *_: object) -> None:
        self.worker.close()

    def grade(self, attack: Attack, limits: Limits = LIMITS, seed: str = SEED) -> Graded:
        """Grade a submission, with only a few hidden tests of each exercise."""
        notebook = submission(attack)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(run, "hidden_tests_of", _fewer_tests(run.hidden_tests_of, attack))
            before = memory("VmRSS")
            forget_peak()
            started = time.monotonic()
            execution = run_notebook(self.worker, notebook, seed=seed, limits=limits)
            seconds = time.monotonic() - started
            peak = memory("VmHWM") - before
        return Graded(attack.exercise, scores(notebook), execution, seconds, peak, memory("VmRSS") - before)

    def resists(
        self, attack: Attack, limits: Limits = LIMITS, spared: tuple[str, ...] = BYSTANDERS, peak: int = PEAK
    ) -> Graded:
        """Grade an attack; it must gain nothing, cost nobody else anything and leave nothing behind.

        `spared` are the exercises that keep their points: not one that follows a patch of what all of them use. `peak`
        is the memory that the grader may take meanwhile, in bytes.
        """
        graded = self.grade(attack, limits)
        assert graded.attacked == 0
        self.is_unharmed(graded, spared, peak)
        return graded

    def is_unharmed(self, graded: Graded, spared: tuple[str, ...] = BYSTANDERS, peak: int = PEAK) -> None:
        """Nothing is left of a submission. That the next one gets what it deserves, the next one's bystanders show."""
        assert {name: graded.points[name] for name in spared} == {name: POINTS[name] for name in spared}
        assert graded.seconds < HANGING
        assert graded.peak < peak
        assert graded.kept < KEPT
        assert self.all_gone()

    def all_gone(self) -> bool:
        """Whether no process of a submission is left, after a moment for the kernel to take the last ones down."""
        deadline = time.monotonic() + GONE
        while living_below(os.getpid()) > self.processes:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.01)
        return True

    def grades_the_whole_notebook(self) -> None:
        """All hidden tests of notebook 01, on its solutions."""
        notebook = find_notebook("01").as_notebook(solution=True)
        run_notebook(self.worker, notebook, seed=SEED, limits=PATIENT)
        assert sum(scores(notebook).values()) == ALL_POINTS


def why_not(level: Level) -> str:
    """Why this machine cannot give a level; empty when it can."""
    reason = engine.why_not(level)
    return f"level {level.value} is not to be had here: {reason}" if reason else ""


def submission(attack: Attack) -> NotebookNode:
    """Notebook 01 as it is graded, cut down to three exercises, with a student's code."""
    notebook = copy.deepcopy(_short_notebook(attack.exercise))
    position = next(place for place, cell in enumerate(notebook.cells) if cell.id == attack.exercise)
    if attack.gap is not None:
        notebook.cells[position].source = attack.gap
    if attack.after:
        after = next(place for place, cell in enumerate(notebook.cells) if cell.id == f"{attack.exercise}_tests") + 1
        notebook.cells.insert(after, new_code_cell(attack.after, id="after"))
    if attack.before:
        notebook.cells.insert(position, new_code_cell(attack.before, id="before"))
    return notebook


def scores(notebook: NotebookNode) -> dict[str, float]:
    """Points by exercise, read from the graded cells as nbgrader reads them."""
    found = {}
    for cell in notebook.cells:
        if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("grade"):
            (result,) = [output for output in cell.outputs if output.output_type == "execute_result"]
            found[cell.id.removesuffix("_tests")] = float(result.data["text/plain"])
    return found


def memory(field: str) -> int:
    """Bytes that this process holds (VmRSS), or has held at most since `forget_peak` (VmHWM)."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1]) * 1024
    raise LookupError(field)


def forget_peak() -> None:
    Path("/proc/self/clear_refs").write_text("5")


def living_below(process: int) -> int:
    """How many processes descend from one, those not counted that have ended and only wait for their parent to look."""
    parents: dict[int, list[int]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state, parent = (folder / "stat").read_text().rpartition(")")[2].split()[:2]
        except OSError:
            continue  # it ended while we looked
        if state != "Z":
            parents.setdefault(int(parent), []).append(int(folder.name))
    found, queue = 0, [process]
    while queue:
        children = parents.get(queue.pop(), [])
        found += len(children)
        queue += children
    return found


@cache
def _short_notebook(attacked: str) -> NotebookNode:
    notebook = find_notebook("01").as_notebook(solution=True)
    wanted = [name + part for name in (*BYSTANDERS, attacked) for part in ("", "_tests")]
    imports = next(cell for cell in notebook.cells if "from course_utils import check" in cell.source)
    notebook.cells = [imports, *(cell for cell in notebook.cells if cell.id in wanted)]
    return notebook


def _fewer_tests(tests_of: Callable[[str], list[HiddenTest]], attack: Attack) -> Callable[[str], list[HiddenTest]]:
    def few(exercise: str) -> list[HiddenTest]:
        if exercise == attack.exercise and attack.tests:
            return [test for test in tests_of(exercise) if test.name in attack.tests]
        return tests_of(exercise)[: TESTS_RUN.get(exercise, 1)]

    return few
