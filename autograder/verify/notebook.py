"""Verification of whole notebooks, on all cores."""

import os
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from autograder.source import SourceNotebook, read_notebook
from autograder.testing.registry import hidden_tests_of
from autograder.verify.cost import BUDGET, HANG, GradingCost, grading_cost
from autograder.verify.exercise import ExerciseReport, verify_exercise
from autograder.verify.structure import TOO_ALIKE, most_alike
from autograder.verify.workbench import Workbench

MUTANTS_AN_EXERCISE = 8
ALTERNATIVES_AN_EXERCISE = 2
POINTS = 100
SEEDS_OF_TRAINING = 5


@dataclass
class NotebookReport:
    """The reports of a notebook's exercises, what is wrong with the notebook as a whole, and how long it took."""

    name: str
    exercises: list[ExerciseReport]
    problems: list[str] = field(default_factory=list)
    seconds: float = 0.0
    cost: GradingCost | None = None

    @property
    def ok(self) -> bool:
        return not self.problems and not any(exercise.problems for exercise in self.exercises)


def verify_notebooks(
    notebooks: list[SourceNotebook],
    seeds: int,
    workers: int | None = None,
    progress: Callable[[str], None] = lambda exercise: None,
) -> list[NotebookReport]:
    """Verify notebooks, an exercise at a time over `workers` processes; `progress` is told of each finished one."""
    start = time.perf_counter()
    with ProcessPoolExecutor(workers or os.cpu_count() or 1) as pool:
        pending = {
            notebook.name: [pool.submit(_verify_one, notebook.path, e.name, seeds) for e in notebook.exercises]
            for notebook in notebooks
        }
        for futures in pending.values():
            for future in futures:
                future.add_done_callback(lambda done: None if done.exception() else progress(done.result().name))
        costs = {notebook.name: pool.submit(_cost_of, notebook.path) for notebook in notebooks}
        reports = []
        for notebook in notebooks:
            exercises = [future.result() for future in pending[notebook.name]]
            report = NotebookReport(notebook.name, exercises)
            report.cost, report.seconds = costs[notebook.name].result(), time.perf_counter() - start
            _judge(report, notebook)
            reports.append(report)
    return reports


def verify_notebook(notebook: SourceNotebook, seeds: int) -> NotebookReport:
    """Verify one notebook in this process."""
    start = time.perf_counter()
    solved, unsolved = Workbench(notebook), Workbench(notebook, solution=False)
    report = NotebookReport(
        notebook.name,
        [verify_exercise(each, solved, unsolved, _seeds(each.name, seeds)) for each in notebook.exercises],
    )
    report.cost = grading_cost(notebook)
    _judge(report, notebook)
    report.seconds = time.perf_counter() - start
    return report


def _verify_one(path: Path, exercise: str, seeds: int) -> ExerciseReport:
    notebook = read_notebook(path)
    solved, unsolved = Workbench(notebook), Workbench(notebook, solution=False)
    report = verify_exercise(notebook.exercise(exercise), solved, unsolved, _seeds(exercise, seeds))
    said = solved.check_failure(notebook.exercise(exercise).check)
    if said:
        report.problems.append(f"the solution fails its own visible check: {said}")
    if not unsolved.check_failure(notebook.exercise(exercise).check):
        report.problems.append("the empty gap passes the visible check")
    return report


def _cost_of(path: Path) -> GradingCost:
    return grading_cost(read_notebook(path))


def _seeds(exercise: str, most: int) -> list[str]:
    """The seeds to verify an exercise with: fewer when it trains something."""
    trains = any(test.trains for test in hidden_tests_of(exercise))
    return [f"verify-{number}" for number in range(min(most, SEEDS_OF_TRAINING) if trains else most)]


def _judge(report: NotebookReport, notebook: SourceNotebook) -> None:
    say = report.problems.append
    count = len(report.exercises)
    mutants = sum(len(exercise.mutants) for exercise in report.exercises)
    alternatives = sum(len(exercise.alternatives) for exercise in report.exercises)
    if mutants < MUTANTS_AN_EXERCISE * count:
        say(f"{mutants} mutants for {count} exercises: at least {MUTANTS_AN_EXERCISE} an exercise on average are due")
    if alternatives < ALTERNATIVES_AN_EXERCISE * count:
        say(f"{alternatives} alternatives for {count} exercises: at least {ALTERNATIVES_AN_EXERCISE} each are due")
    if notebook.points != POINTS:
        say(f"the notebook's points add up to {notebook.points:g}, not {POINTS}")
    if report.cost is not None and report.cost.total > HANG * BUDGET:
        say(f"{report.cost}: more than {HANG} times the budget of {BUDGET} s")
    for likeness in most_alike(notebook):
        if likeness.ratio >= TOO_ALIKE:
            say(f"oracle {likeness.oracle} has the structure of {likeness.solution} ({likeness.ratio:.0%} alike)")
