"""Notebooks run in the sandbox, for the tests of the engine: one worker a process, at the best level there is here."""

import atexit
import functools
from typing import Any

from autograder.engine import Limits, Worker, chosen_level, run_notebook
from autograder.pipeline.execution import Execution
from autograder.pipeline.outputs import result_of
from autograder.source import find_notebook

QUICK = Limits(cell=3.0, test=0.8, notebook=60.0)


@functools.cache
def worker() -> Worker:
    started = Worker(chosen_level(allow_unsandboxed=True))
    atexit.register(started.close)
    return started


def solved(notebook: str = "01", cells: dict[str, str] | None = None, before: str = "") -> Any:
    """The notebook with its solutions, some gaps replaced by other text, and a cell of the student's own in front."""
    made = find_notebook(notebook).as_notebook(solution=True)
    for cell in made.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        if name in (cells or {}):
            cell.source = cells[name]
    if before:
        first = next(cell for cell in made.cells if cell.cell_type == "code")
        first.source = f"{before}\n{first.source}"
    return made


def run(notebook: Any, seed: str = "seed", limits: Limits = QUICK) -> Execution:
    return run_notebook(worker(), notebook, seed=seed, limits=limits)


def scores(execution: Execution) -> dict[str, float]:
    """Exercise → points earned."""
    records = [result_of(cell) for cell in execution.notebook.cells if cell.cell_type == "code"]
    return {record["exercise"]: record["score"] for record in records if record}


def sentences(execution: Execution, exercise: str) -> list[str]:
    """What is said of each failed hidden test of an exercise."""
    records = [result_of(cell) for cell in execution.notebook.cells if cell.cell_type == "code"]
    (record,) = [record for record in records if record and record["exercise"] == exercise]
    return [test["sentence"] for test in record["tests"] if not test["passed"]]


def outputs(execution: Execution, source_part: str) -> list[Any]:
    """The outputs of the one cell that holds this text."""
    (cell,) = [cell for cell in execution.notebook.cells if source_part in cell.source]
    return list(cell.outputs)
