"""`course hint` and `course solution`: help, in doses."""

from __future__ import annotations

import typer
from rich.padding import Padding
from rich.syntax import Syntax
from rich.text import Text

from course_utils import shelf
from course_utils.cli import memory
from course_utils.cli.console import WORK, WorkOption, console
from course_utils.cli.exercises import assignment_of
from course_utils.cli.solutions import solution_source


def commands(app: typer.Typer) -> None:
    """Add the verbs."""
    app.command("hint")(hint)
    app.command("solution")(solution)


def hint(
    exercise: str = typer.Argument(help="For example distances_two_loops."),
    every: bool = typer.Option(False, "--all", help="Show all hints."),
    level: int | None = typer.Option(None, "--level", min=1, help="Show this hint, 1 being the mildest."),
    work: WorkOption = WORK,
) -> None:
    """Show the next hint for an exercise; each says a little more, none gives the code.

    Example: [bold]course hint distances_two_loops[/bold]
    """
    hints = assignment_of(exercise).hints().get(exercise, [])
    if not hints:
        raise shelf.CourseError(f"there are no hints for {exercise}")
    if level is not None and level > len(hints):
        raise shelf.CourseError(f"{exercise} has {len(hints)} hints; --level {level} is past the last")
    folder = shelf.work_folder(work)
    seen = memory.shown_hints(folder, exercise)
    out = console()
    if every:
        wanted = list(range(1, len(hints) + 1))
    elif level is not None:
        wanted = [level]
    elif seen < len(hints):
        wanted = [seen + 1]
    else:
        out.print(f"no hint is left for {exercise}; see all {len(hints)} again with: course hint {exercise} --all")
        return
    for number in wanted:
        out.print(Text(f"Hint {number} of {len(hints)} for {exercise}", style="bold"))
        out.print(Padding(Text(hints[number - 1]), (0, 0, 0, 2)))
    note = memory.remember_hints(folder, exercise, max(seen, wanted[-1]))
    if note:
        out.print(f"note: {note}; choose a hint with --level, or see them --all", soft_wrap=True)


def solution(exercise: str = typer.Argument(help="For example distances_two_loops.")) -> None:
    """Show the solution of an exercise, where the course came with its solutions.

    Example: [bold]course solution distances_two_loops[/bold]
    """
    assignment = assignment_of(exercise)
    if assignment.solution is None:
        raise shelf.CourseError(f"no solutions came with this install; a hint instead: course hint {exercise}")
    source, language = solution_source(assignment.solution, exercise)
    out = console()
    out.print(Syntax(source, language, theme="ansi_light", background_color="default", word_wrap=True))
