"""`course start`: a copy of an assignment to work in."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path

import typer

from course_utils import shelf
from course_utils.cli.console import WORK, WorkOption
from course_utils.cli.files import replacing

NOT_COPIED = "hints.json"


def commands(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("start")(start)


def start(
    assignment: str = typer.Argument(help="For example 01, or 01_knn."),
    no_open: bool = typer.Option(False, "--no-open", help="Copy only; do not open JupyterLab."),
    work: WorkOption = WORK,
) -> None:
    """Copy a notebook into your work folder and open it in JupyterLab.

    Your own copy is never overwritten.  Example: [bold]course start 01[/bold]
    """
    found = shelf.find_assignment(assignment)
    notebook = shelf.notebook_place(found, shelf.work_folder(work))
    if shelf.kind_of(notebook):
        typer.echo(f"{notebook} is there already; nothing was copied")
    else:
        copy_missing(found.folder, notebook.parent)
        typer.echo(f"{notebook} is your copy")
    if no_open:
        return
    if importlib.util.find_spec("jupyterlab") is None:
        raise shelf.CourseError(f"JupyterLab is not installed; pip install jupyterlab, or open {notebook} otherwise")
    typer.echo("opening JupyterLab; stop it with Ctrl-C in this window")
    code = subprocess.run([sys.executable, "-m", "jupyterlab", str(notebook)], check=False).returncode
    raise typer.Exit(code)


def copy_missing(source: Path, target: Path) -> None:
    """Copy a folder's files except the hints; what the target has already stays as it is."""
    for path in sorted(source.rglob("*")):
        copy = target / path.relative_to(source)
        if path.is_file() and path.name != NOT_COPIED and not copy.exists():
            copy.parent.mkdir(parents=True, exist_ok=True)
            with replacing(copy) as fresh:
                shutil.copyfile(path, fresh)
