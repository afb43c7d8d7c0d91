"""What the cells and hidden tests of submissions cost by themselves: in one warm process, one after the other.

Run by grading.py: `python warm_process.py COURSE_DIR ASSIGNMENT STUDENT...` prints as JSON the CPU seconds of all of
them, and what each student earned. Nothing is isolated, sent, written or started: the same session runs the same cells
in a new namespace of the same shell, and the same tests call the student's functions in place, by value. The first few
are graded once before the clock starts.
"""

from __future__ import annotations

import copy
import json
import os
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NoReturn

from autograder.byvalue import Fence, LimitError, Student, open_loopback
from autograder.engine import Limits, run_notebook
from autograder.engine.line import Cell
from autograder.engine.places import filled_cache
from autograder.inside import FONTS
from autograder.inside.cells import Cells
from autograder.inside.preload import make_ready, preload
from autograder.pipeline.intake import take_in
from autograder.pipeline.master import load_master
from autograder.pipeline.outputs import result_of

LIMITS = Limits.for_cells(120.0)
WARMING = 5  # submissions that are graded without being counted


class WarmWorker:
    """Stands for a worker: a submission is opened in this process, with nothing in its notebook yet."""

    def __init__(self, cells: Cells) -> None:
        self.cells = cells
        self.at_first = dict(cells.namespace)

    def open(self, plots: bool = False) -> WarmLine:
        self.cells.namespace.clear()
        self.cells.namespace.update(self.at_first)
        return WarmLine(self.cells)


class WarmLine:
    """Stands for the connection to a submission."""

    broken = ""

    def __init__(self, cells: Cells) -> None:
        self.cells = cells
        self.sources: list[str] = []
        self.fence = Fence()

    def run_cell(self, cell: Cell, following: Iterable[Cell] = ()) -> list[dict[str, Any]]:
        return self.cells.run(*cell)

    def open_student(self, seconds: float, banned: tuple[str, ...]) -> Student:
        if self.fence.names != banned:
            self.fence = Fence(banned, self.cells.namespace)
        return open_loopback(self.cells.namespace, self.fence)

    def ask_together(self, seconds: float, banned: tuple[str, ...]) -> NoReturn:
        raise LimitError("there is nobody to be waited for: the tests run one by one")

    def close(self) -> None:
        pass


def main() -> None:
    course_dir, assignment, students = Path(sys.argv[1]), sys.argv[2], sys.argv[3:]
    os.environ["MPLCONFIGDIR"] = str(filled_cache() / FONTS)
    master = load_master(course_dir, assignment)
    notebooks = [
        take_in(course_dir, master, name, course_dir / "submitted" / name / assignment).notebook for name in students
    ]
    preload()
    worker: Any = WarmWorker(make_ready())
    spent, points = 0.0, {}
    for notebook in copy.deepcopy(notebooks[:WARMING]):
        run_notebook(worker, notebook, seed="the same", limits=LIMITS)
    for student, notebook in zip(students, copy.deepcopy(notebooks), strict=True):  # which share locked cells
        start = time.process_time()
        execution = run_notebook(worker, notebook, seed="the same", limits=LIMITS)
        spent += time.process_time() - start
        results = [result_of(cell) for cell in execution.notebook.cells if cell.cell_type == "code"]
        points[student] = sum(result["score"] for result in results if result)
    print(json.dumps({"CPU": spent, "points": points}))


if __name__ == "__main__":
    main()
