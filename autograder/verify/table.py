"""The verification as a table for people and as JSON for programs."""

import json
from dataclasses import asdict

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from autograder.verify.exercise import ExerciseReport
from autograder.verify.notebook import NotebookReport


def report_table(report: NotebookReport) -> RenderableType:
    """A table of a notebook's exercises, and under it what is wrong, if anything."""
    verdict = "all holds" if report.ok else "problems below"
    counts = sorted({exercise.seeds for exercise in report.exercises}, reverse=True)
    seeds = f"{counts[0] if counts else 0} seeds" + (
        f" ({counts[-1]} where something is trained)" if counts[1:] else ""
    )
    title = f"{report.name}: {verdict} over {seeds}, {report.seconds:.0f} s"
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("exercise", no_wrap=True)
    for heading in ("solved", "gap", "others right", "mutants caught", "pass check", "own sentence"):
        table.add_column(heading, justify="right")
    for exercise in report.exercises:
        table.add_row(*_row(exercise), style="" if not exercise.problems else "bold red")
    problems = [f"{report.name}: {problem}" for problem in report.problems]
    problems += [f"{report.name}, {e.name}: {problem}" for e in report.exercises for problem in e.problems]
    cost = [Text(f"{report.cost}\n")] if report.cost else []
    return Group(table, *cost, *(Text(problem, style="red") for problem in problems))


def report_as_json(reports: list[NotebookReport]) -> str:
    """Every measurement, for programs."""
    return json.dumps([asdict(report) | {"ok": report.ok} for report in reports], indent=2)


def _row(report: ExerciseReport) -> list[str]:
    caught = sum(mutant.highest_share < 1 - 1e-9 for mutant in report.mutants)
    passing = sum(mutant.passes_check for mutant in report.mutants)
    full = sum(share > 1 - 1e-9 for share in report.alternatives.values())
    lowest = min((mutant.own_sentence for mutant in report.mutants), default=0.0)
    return [
        report.name,
        f"{report.solution:.0%}",
        f"{report.gap:.0%}",
        f"{full}/{len(report.alternatives)}",
        f"{caught}/{len(report.mutants)}",
        f"{passing}/{len(report.mutants)}",
        f"≥ {lowest:.0%}",
    ]
