"""`course check`: what is right, and what is wrong in words."""

from __future__ import annotations

import time

import typer
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from course_utils import shelf
from course_utils.cli import memory
from course_utils.cli.console import JSON, WORK, WorkOption, console, number, write_json
from course_utils.selfcheck import ExerciseResult, check_notebook
from course_utils.selfcheck.results import Status

# The word beside each exercise, and its colour; the word alone must be enough.
WORDS: dict[Status, tuple[str, str]] = {
    "ok": ("ok", "green"),
    "wrong": ("not right", "red"),
    "error": ("error", "red"),
    "gap": ("to write", "yellow"),
    "time": ("too slow", "red"),
    "missing": ("missing", "red"),
    "not reached": ("not reached", "yellow"),
}


def commands(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("check")(check)


def check(
    assignment: str = typer.Argument(help="For example 01, or 01_knn."),
    exercise: str | None = typer.Argument(None, help="One exercise only.", show_default=False),
    work: WorkOption = WORK,
    hidden: bool = typer.Option(True, "--hidden/--no-hidden", help="Run hidden tests too, where they are installed."),
    as_json: bool = JSON,
) -> None:
    """Run the checks of a notebook and say in words what is wrong.  Takes less than five seconds.

    Examples: [bold]course check 01[/bold], [bold]course check 01 distances_two_loops[/bold]
    """
    found = shelf.find_assignment(assignment)
    folder = shelf.work_folder(work)
    notebook = shelf.student_notebook(found, folder)
    out = console()
    notes: list[str] = []
    began = time.monotonic()
    with out.status(f"checking {notebook} …", spinner="line"):
        results = check_notebook(
            notebook,
            exercise,
            hidden,
            released=found.notebook,
            on_result=None if as_json else lambda result: show(out, result),
            on_note=notes.append,
        )
    seconds = time.monotonic() - began
    notes += filter(None, [memory.remember_check(folder, found.name, results)])
    done = sum(result.ok for result in results)
    if as_json:
        answer = {"assignment": found.name, "notebook": str(notebook), "seconds": round(seconds, 2)}
        write_json({**answer, "ok": done == len(results), "notes": notes, "exercises": [r.as_json() for r in results]})
    else:
        for note in notes:
            out.print(f"note: {note}")
        out.print(f"{done} of {len(results)} exercises done, in {seconds:.1f} s")
        stuck = next((result.exercise for result in results if not result.ok), None)
        if stuck:
            out.print(f"a hint: course hint {stuck}")
    raise typer.Exit(0 if done == len(results) else 1)


def show(out: Console, result: ExerciseResult) -> None:
    """Print one exercise: a word, its name, and under it what is wrong and where."""
    word, colour = WORDS[result.status] if result.ok or result.status != "ok" else ("partly", "yellow")
    line = Text.assemble((f"{word:<12}", f"bold {colour}"), (result.exercise, "bold"))
    if result.hidden:
        line.append(f"  hidden tests: {number(result.hidden.score)} of {number(result.hidden.points)} points")
    out.print(line)
    details = [result.message, str(result.where) if result.where else ""]
    if result.status not in ("ok", "gap"):
        details.append(f"it printed: {result.output.strip()}" if result.output.strip() else "")
    if result.hidden:
        details += result.hidden.failed or ([] if result.ok else result.hidden.lines)
    for detail in filter(None, details):
        out.print(Padding(Text(detail), (0, 0, 0, 12)))
