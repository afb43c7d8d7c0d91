"""`course status`: how far the student is."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

import typer
from rich.table import Table

from course_utils import shelf
from course_utils.cli import memory
from course_utils.cli.console import JSON, WORK, WorkOption, console, number, write_json
from course_utils.cli.files import file_trouble
from course_utils.selfcheck.notebook import NotebookError, exercises, read_notebook


@dataclass(frozen=True)
class Progress:
    """One row: ``gaps_left`` is None where not started or not readable; points are the automatic ones.

    ``points_within_reach`` are those earned by the hidden tests of the last check, where they ran, else all points of
    the exercises whose visible check passed.
    """

    assignment: str
    title: str
    started: bool
    exercises: int
    done: int
    gaps_left: int | None
    points_within_reach: float
    points: float
    note: str = ""


def commands(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("status")(status)


def status(work: WorkOption = WORK, as_json: bool = JSON) -> None:
    """Show each notebook: exercises done by the last check, gaps left, points within reach.

    Example: [bold]course status[/bold]
    """
    folder = shelf.work_folder(work)
    if shelf.kind_of(folder) not in ("folder", ""):
        raise shelf.CourseError(f"{folder} is a file where a folder belongs; say where your work is: --work")
    rows = [progress(assignment, folder) for assignment in shelf.assignments()]
    if as_json:
        write_json({"work": str(folder), "assignments": [asdict(row) for row in rows]})
        return
    table = Table(title="Your notebooks")
    for heading in ("assignment", "title", "started", "done", "gaps left", "points within reach"):
        table.add_column(heading, justify="left" if heading in ("assignment", "title", "started") else "right")
    for row in rows:
        done, gaps, points = f"{row.done} of {row.exercises}", "", f"{number(row.points)} to earn"
        if row.started:
            gaps = "?" if row.gaps_left is None else str(row.gaps_left)
            points = f"{number(row.points_within_reach)} of {number(row.points)}"
        table.add_row(row.assignment, row.title, "yes" if row.started else "no", done, gaps, points)
    console().print(table)
    for row in rows:
        if row.note:
            console().print(row.note)


def progress(assignment: shelf.Assignment, work: Path) -> Progress:
    """How far the work on one assignment is: by its last check, and by the gaps in the student's copy."""
    released = read_notebook(assignment.notebook)
    every = exercises(released)
    checked = memory.last_check(work, assignment.name)
    done, within_reach = 0, 0.0
    for exercise in every:
        last = checked.get(exercise.name, {})
        done += bool(last.get("ok"))
        score = last.get("score")
        within_reach += score if isinstance(score, int | float) else exercise.points * (last.get("status") == "ok")
    copy = work / assignment.name / assignment.notebook.name
    gaps_left, note, started = None, "", True
    try:
        started = shelf.kind_of(copy) != ""
        if started:
            gaps_left = sum(cell.is_empty for cell in read_notebook(copy).cells if cell.is_gap)
    except NotebookError as error:
        note = str(error)
    except OSError as error:
        note = file_trouble(error) or f"{copy} cannot be read ({error})"
    return Progress(
        assignment=assignment.name,
        title=released.title,
        started=started,
        exercises=len(every),
        done=done,
        gaps_left=gaps_left,
        points_within_reach=within_reach,
        points=sum(exercise.points for exercise in every),
        note=note,
    )
