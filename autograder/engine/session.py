"""A rebuilt notebook run in a worker: its cells in the student's process, its hidden tests in this one.

The student's process may die at any moment. It is then opened again, the cells so far are run again (without the one
that ended it), and grading goes on: a mistake costs the points of what it broke, not those of what follows.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from nbformat import NotebookNode

from autograder.byvalue import LimitError, Student
from autograder.engine.calls import GradeCall, grade_call
from autograder.engine.line import ENDED, Cell, Line
from autograder.engine.together import run_together
from autograder.engine.worker import Worker, WorkerFailed
from autograder.grading.exercise import TestResult, as_record, earned_share, run_exercise_on
from autograder.grading.kernel import MIME_TYPE, feedback_lines
from autograder.grading.run import Outcome as TestOutcome
from autograder.grading.run import run_test
from autograder.inside.files import Files
from autograder.pipeline.execution import Execution
from autograder.pipeline.master import is_answer, is_skipped, is_test
from autograder.pipeline.nodes import new_output
from autograder.pipeline.outcomes import Finding, Outcome
from autograder.pipeline.outputs import IMAGE_TYPES, TIME_UP, count_own_tests, settle
from autograder.testing.registry import asks_once, banned_calls, hidden_tests_of

MAX_REOPENED = 25
MAX_SOURCE = 500_000  # characters of a cell; more does not fit into a request
MAX_OUTPUTS = 200  # a cell
MAX_LINES = 1_000  # of a traceback
MAX_CHARACTERS = 2_000_000  # of one text or image
MAX_NOTEBOOK_OUTPUT = 20_000_000  # characters of all texts and images of a notebook
TOO_MUCH = "... output cut: the notebook shows too much ...\n"
SHOWN_TYPES = ("text/plain", *IMAGE_TYPES)
DRAWING = re.compile(r"matplotlib|pyplot|pylab|\bplots\b")
NOTEBOOK_FACTOR = 10  # a whole notebook may take this many times the limit of a cell
EVERY_TEST = "*"

# Where grading got stuck before: hidden tests ("exercise.test"), exercises, or EVERY_TEST. They earn nothing, and are
# not run again. None where it never did.
Stuck = tuple[str, ...] | None
Begin = Callable[[str, str], object]  # is told an exercise and one of its hidden tests


@dataclass(frozen=True)
class Limits:
    """Seconds a cell, a hidden test and a whole notebook may take."""

    cell: float = 30.0
    test: float = 10.0
    notebook: float = 300.0

    @classmethod
    def for_cells(cls, seconds: float) -> Limits:
        """The limits that follow from that of a cell."""
        return cls(seconds, min(seconds, cls.test), NOTEBOOK_FACTOR * seconds)


def run_notebook(
    worker: Worker,
    notebook: NotebookNode,
    *,
    seed: str,
    limits: Limits,
    files: Files = (),
    stuck: Stuck = None,
    begin: Begin | None = None,
) -> Execution:
    """Run `notebook` (changed in place): outputs into its cells, the hidden tests' results into its graded cells. Its
    code finds copies of `files` in its folder. When `stuck` says where it got stuck before, or that it did, `begin` is
    told of each hidden test before that runs.

    Raises WorkerFailed when the sandbox does not work, which is no student's fault.
    """
    return Session(worker, notebook, seed, limits, files, stuck, begin).run()


class Session:
    """One notebook being run."""

    def __init__(
        self,
        worker: Worker,
        notebook: NotebookNode,
        seed: str,
        limits: Limits,
        files: Files = (),
        stuck: Stuck = None,
        begin: Begin | None = None,
    ) -> None:
        self.worker, self.notebook, self.seed, self.limits, self.files = worker, notebook, seed, limits, files
        self.stuck, self.begin = stuck, begin
        self.findings: list[Finding] = []
        self.done: list[str] = []  # sources of the cells that ran, to be run again in a fresh process
        self.line: Line | None = None
        self.failure: WorkerFailed | None = None
        self.opened = 0
        self.room = MAX_NOTEBOOK_OUTPUT
        self.started = time.monotonic()

    def run(self) -> Execution:
        """Run every cell in order."""
        reason = None
        try:
            for position, cell in enumerate(self.notebook.cells):
                if cell.cell_type != "code":
                    continue
                cell.outputs, cell.execution_count = [], None
                if is_skipped(cell):
                    continue
                if reason is None and self._left() <= 0:
                    reason = "time was up before this cell had run"
                    self.findings.append(Finding(Outcome.TIME_UP, f"time was up before {_name(cell, position)}"))
                if reason is None:
                    self._run(cell, position)
            if self.failure is not None:
                raise self.failure
            if self.line is not None and self.line.broken == ENDED:
                self.worker.require_alive()  # else it was not the student who ended it
        finally:
            if self.line is not None:
                self.line.close()
        self.findings += settle(self.notebook, reason)
        return Execution(self.notebook, tuple(self.findings), time.monotonic() - self.started)

    def _run(self, cell: NotebookNode, position: int) -> None:
        call = grade_call(cell.source) if is_test(cell) else None
        if call is None:
            self._run_cell(cell, position)
        else:
            self._run_tests(cell, call)

    def _run_cell(self, cell: NotebookNode, position: int) -> None:
        if len(cell.source) > MAX_SOURCE:
            why = f"a cell of more than {MAX_SOURCE:,} characters is not run"
            cell.outputs = [new_output("error", ename="CellTooLong", evalue=why, traceback=[])]
            return
        line, to_run = self._open_line(), self._to_run(cell)
        outputs = line.run_cell(to_run, self._following(position)) if line else None
        if outputs is None:
            why = line.broken if line else self._not_opened()
            name = TIME_UP if why == "time was up" else "ProcessEnded"
            cell.outputs = [new_output("error", ename=name, evalue=why, traceback=[])]
            outcome = Outcome.TIME_UP if name == TIME_UP else Outcome.KERNEL_DIED
            self.findings.append(Finding(outcome, f"{why} in {_name(cell, position)}"))
            return
        # A graded cell is the instructor's: what a student's cells have shown takes no room from its result.
        graded = is_test(cell)
        cell.outputs = _kept(outputs, MAX_NOTEBOOK_OUTPUT if graded else self.room)
        if graded:  # by what came, not by what was kept
            count_own_tests(cell, (_text(output.get("output_type")) for output in outputs if type(output) is dict))
        else:
            self.room -= sum(map(_size, cell.outputs))
        if any(output.get("ename") == TIME_UP for output in cell.outputs):
            self.findings.append(
                Finding(Outcome.TIME_UP, f"{_name(cell, position)} was stopped after {to_run.seconds:g} s")
            )
        self.done.append(to_run.source)

    def _to_run(self, cell: NotebookNode) -> Cell:
        return Cell(str(cell.source), min(self.limits.cell, max(self._left(), 0.0)), is_answer(cell))

    def _following(self, position: int) -> Iterator[Cell]:
        """The cells to be run after that at `position`, as far as there is time for all of them, up to a graded one:
        what an instructor's own tests are is not said before they run.
        """
        left = self._left()
        for cell in self.notebook.cells[position + 1 :]:
            if is_test(cell):
                return
            if cell.cell_type == "code" and not is_skipped(cell):
                left -= self.limits.cell
                if left < self.limits.cell or len(cell.source) > MAX_SOURCE:
                    return
                yield self._to_run(cell)

    def _run_tests(self, cell: NotebookNode, call: GradeCall) -> None:
        banned = banned_calls(call.exercise)
        ask = self._asked_together if self.stuck is None else self._asked_with_care
        known = ask(call.exercise, banned)
        results = run_exercise_on(call.exercise, lambda: self._open_student(banned), self.seed, known)
        points = float(cell.metadata.nbgrader.points)
        cell.outputs = graded_outputs(call.exercise, points, results)

    def _asked_together(self, exercise: str, banned: tuple[str, ...]) -> dict[str, TestOutcome]:
        """The outcomes of those hidden tests that can be put to the work together; the others are run alone."""
        tests = hidden_tests_of(exercise)
        line = self._open_line() if asks_once(exercise) else None
        if line is None or self._left() < self.limits.test * (len(tests) + 1):
            return {}
        outcomes = run_together(tests, line, self.seed, self.limits.test, banned)
        if line.broken:  # by one that will break the next line too, when it is run alone: that one counts
            self.opened -= 1
        return outcomes

    def _asked_with_care(self, exercise: str, banned: tuple[str, ...]) -> dict[str, TestOutcome]:
        """The outcomes of all hidden tests, each told of and run alone, but for those that grading got stuck in."""
        outcomes = {}
        for test in hidden_tests_of(exercise):
            if {EVERY_TEST, exercise, f"{exercise}.{test.name}"}.isdisjoint(self.stuck or ()):
                if self.begin is not None:
                    self.begin(exercise, test.name)
                outcomes[test.name] = run_test(test, lambda: self._open_student(banned), self.seed)
            else:
                outcomes[test.name] = run_test(test, _out_of_time, self.seed)
        return outcomes

    def _open_student(self, banned: tuple[str, ...]) -> Student:
        """The student's work as it is now, for one hidden test. Raises LimitError when it cannot be had."""
        seconds = min(self.limits.test, self._left())
        if seconds <= 0:
            raise LimitError("time was up")
        line = self._open_line()
        if line is None:
            raise LimitError(self._not_opened())
        return line.open_student(seconds, banned)

    def _open_line(self) -> Line | None:
        """A connection that works, opened (again) where needed; None when that was needed too often."""
        while self.line is None or self.line.broken:
            if self.opened > MAX_REOPENED or self._left() <= 0:
                return None
            self.opened += 1
            self.line = self._new_line()
            self.line.sources = self.done
            for position, source in enumerate(self.done):
                # The notebook's time runs on: a cell may be slow only now that it runs again.
                if self.line.run_cell(Cell(source, min(self.limits.cell, max(self._left(), 0.0)))) is None:
                    del self.done[position]  # it ends the process now and then
                    break
        return self.line

    def _new_line(self) -> Line:
        """A fresh process with the files in its folder. Raises WorkerFailed, and from then on again: a hidden test that
        is being run takes any exception for a wrong answer.
        """
        if self.failure is not None:
            raise self.failure
        try:
            line = self.worker.open(plots=self._draws())
            problem = line.place_files(self.files) if self.files else ""
            if problem:
                line.close()
                raise WorkerFailed(f"the files beside the notebook could not be given to student code: {problem}")
        except WorkerFailed as failure:
            self.failure = failure
            raise
        return line

    def _draws(self) -> bool:
        """Whether a cell that will run speaks of figures: a guess, by which nothing changes but the time it takes."""
        to_run = (cell for cell in self.notebook.cells if cell.cell_type == "code" and not is_skipped(cell))
        return any(DRAWING.search(cell.source) for cell in to_run)

    def _not_opened(self) -> str:
        return "time was up" if self._left() <= 0 else "the process ended too often"

    def _left(self) -> float:
        return self.started + self.limits.notebook - time.monotonic()


def _out_of_time() -> Student:
    raise LimitError("time was up")


def graded_outputs(exercise: str, points: float, results: list[TestResult]) -> list[NotebookNode]:
    """What a graded cell shows: a line a test, and the score as the cell's result, from which nbgrader reads it."""
    score = min(points, points * earned_share(results))
    data = {"text/plain": repr(score), MIME_TYPE: as_record(exercise, points, results)}
    lines = "\n".join(feedback_lines(results, points)) + "\n"
    return [new_output("stream", name="stdout", text=lines), new_output("execute_result", data=data)]


def _kept(outputs: list[Any], room: int) -> list[NotebookNode]:
    """The outputs of a cell in nbformat's shape, as far as there is room (in characters); `settle` cleans them."""
    kept: list[NotebookNode] = []
    for output in map(_as_output, outputs[:MAX_OUTPUTS]):
        if output is None:
            continue
        room -= _size(output)
        if room < 0:
            return [*kept, new_output("stream", name="stdout", text=TOO_MUCH)]
        kept.append(output)
    return kept


def _as_output(output: Any) -> NotebookNode | None:
    """An output from the student's process in nbformat's shape, made of texts alone; None if it is nothing of the kind.

    Only an ordinary graded cell's record (of tests that an instructor wrote into the cell) is more than text.
    """
    if type(output) is not dict:
        return None
    kind = output.get("output_type")
    if type(kind) is not str:
        return None
    if kind == "stream":
        name = "stderr" if _text(output.get("name")) == "stderr" else "stdout"
        return new_output("stream", name=name, text=_text(output.get("text")))
    if kind == "error":
        lines = output.get("traceback")
        traceback = [_text(line) for line in lines[:MAX_LINES]] if type(lines) is list else []
        ename, evalue = _text(output.get("ename")), _text(output.get("evalue"))
        return new_output("error", ename=ename, evalue=evalue, traceback=traceback)
    data = output.get("data")
    if kind not in ("display_data", "execute_result") or type(data) is not dict:
        return None
    shown: dict[str, Any] = {key: data[key] for key in SHOWN_TYPES if type(data.get(key)) is str}
    if type(data.get(MIME_TYPE)) is dict:
        shown[MIME_TYPE] = data[MIME_TYPE]
    return new_output(kind, data=shown)


def _text(value: Any) -> str:
    return value[:MAX_CHARACTERS] if type(value) is str else ""


def _size(output: NotebookNode) -> int:
    texts = [output.get("text", ""), *output.get("traceback", []), *output.get("data", {}).values()]
    return sum(len(text) for text in texts if type(text) is str)


def _name(cell: NotebookNode, position: int) -> str:
    return f"cell {cell.metadata.get('nbgrader', {}).get('grade_id') or f'number {position + 1}'}"
