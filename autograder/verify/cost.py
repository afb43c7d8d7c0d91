"""What grading a right submission costs: the notebook's own cells, and its hidden tests, in seconds of CPU."""

import contextlib
import io
import os
import time
from dataclasses import dataclass
from typing import Any

from autograder.grading.run import run_tests
from autograder.source import SourceNotebook

BUDGET = 1.5  # measured and printed
HANG = 3  # times the budget are too much


@dataclass(frozen=True)
class GradingCost:
    """Seconds of CPU for one right submission, in a process that has loaded everything already."""

    cells: float
    tests: float

    @property
    def total(self) -> float:
        return self.cells + self.tests

    def __str__(self) -> str:
        return f"grading a right submission costs {self.cells:.2f} s CPU in its cells, {self.tests:.2f} s in the tests"


def grading_cost(notebook: SourceNotebook, repeats: int = 2) -> GradingCost:
    """The cheapest of `repeats` runs, after one that loads what is imported."""
    os.environ.setdefault("MPLBACKEND", "Agg")
    runs = [_one(notebook, f"cost-{number}") for number in range(repeats + 1)][1:]
    return min(runs, key=lambda cost: cost.total)


def _one(notebook: SourceNotebook, seed: str) -> GradingCost:
    namespace: dict[str, Any] = {"__name__": "__main__"}
    codes = [
        compile(cell.source, f"{notebook.name}, cell at line {cell.line}", "exec")
        for cell in notebook.cells
        if cell.kind == "code" and not (cell.skipped or cell.is_graded)
    ]
    start = time.process_time()
    with contextlib.redirect_stdout(io.StringIO()):
        for code in codes:
            exec(code, namespace)
    ran = time.process_time()
    for exercise in notebook.exercises:
        run_tests(exercise.name, namespace, seed)
    return GradingCost(ran - start, time.process_time() - ran)
