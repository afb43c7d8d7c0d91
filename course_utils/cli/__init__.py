"""The `course` command: the student's verbs, and the instructor's where the grader is installed."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, entry_points, version
from typing import Any

import typer

from course_utils.cli import check, hints, pack, start, status
from course_utils.cli.files import file_trouble
from course_utils.shelf import CourseError

GROUP = "course.commands"
USAGE = 2  # exit status of a usage error

# typer carries its own copy of click from some version on, so the class is reached through the one it exports.
_UsageError: type[Any] = typer.BadParameter.__mro__[1]


def build_app() -> typer.Typer:
    """The command with every verb that can be loaded; what cannot is said on stderr."""
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode="rich")
    app.callback(invoke_without_command=True)(_course)
    for module in (status, start, check, hints, pack):
        module.commands(app)
    for problem in load_plugins(app):
        typer.echo(f"course: {problem}", err=True)
    return app


def load_plugins(app: typer.Typer) -> list[str]:
    """Let every installed plug-in add its verbs.

    A plug-in whose own package is absent is skipped: a student's install has no grader.  Returns a sentence for each
    that is there but broken.
    """
    problems = []
    for entry in entry_points(group=GROUP):
        try:
            entry.load()(app)
        except ModuleNotFoundError as error:
            if error.name != entry.module.partition(".")[0]:
                problems.append(f"the verbs of {entry.value} are missing: they need the module {error.name}")
        except Exception as error:  # a broken plug-in must not take the student's verbs with it
            problems.append(f"the verbs of {entry.value} are missing: {type(error).__name__}: {error}")
    return problems


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.  Returns the exit status: 0 done, 1 something is not right yet, 2 a usage error."""
    app = build_app()
    try:
        outcome = app(args=None if arguments is None else list(arguments), prog_name="course", standalone_mode=False)
    except _UsageError as error:
        return _refuse(error.format_message())
    except CourseError as error:
        return _refuse(str(error))
    except OSError as error:
        trouble = file_trouble(error)
        if trouble is None:
            raise
        return _refuse(trouble)
    except (typer.Abort, KeyboardInterrupt):
        typer.echo("course: stopped", err=True)
        return 130
    return outcome if isinstance(outcome, int) else 0


def _refuse(message: str) -> int:
    line = " ".join(message.split())
    typer.echo(f"course: {line}", err=True)
    return USAGE


def _version(wanted: bool) -> None:
    if wanted:
        try:
            number = version("deep-learning-from-scratch-course")
        except PackageNotFoundError:
            number = "(not installed)"
        typer.echo(f"course {number}")
        raise typer.Exit


def _course(
    context: typer.Context,
    _show_version: bool = typer.Option(
        False, "--version", help="Show the version and stop.", callback=_version, is_eager=True
    ),
) -> None:
    """Build deep learning from NumPy up, one notebook at a time.

    Example: [bold]course start 01[/bold], write code, then [bold]course check 01[/bold].
    """
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
