"""The instructor's verbs of the `course` command."""

import contextlib
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

console = Console()

CourseDir = Annotated[Path, typer.Option("--course-dir", help="The folder that holds submitted/ and gradebook.db.")]
Assignment = Annotated[str, typer.Argument(help="The assignment, as in 01 or 01_knn.")]
Workers = Annotated[int | None, typer.Option("--workers", min=1, help="Processes at once (default: all cores).")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for a program.")]


def commands(app: typer.Typer) -> None:
    """Add the instructor's verbs to the student's `course` command."""
    if _grades_here(sys.argv[1:]):
        from autograder.forking import start_fork_server

        with contextlib.suppress(Exception):  # the run tries again, and says what is wrong
            start_fork_server()  # it loads while the command line is read, which takes a tenth of a second
    for verb in (build, verify, bundle, grade, report, export, demo):
        app.command(rich_help_panel="Instructors")(verb)


def _grades_here(arguments: Sequence[str]) -> bool:
    """Whether this is the command line of a grading run on this machine, as far as can be told without reading it."""
    others = "--help", "--explain-sandbox", "--cluster"
    return arguments[:1] == ["grade"] and not any(each.startswith(others) for each in arguments)


def build(
    check: Annotated[bool, typer.Option("--check", help="Change nothing; fail on drift or leaks.")] = False,
) -> None:
    """Make assignments/ from solutions/.

    Example: course build --check
    """
    from autograder.build.bundle import CHECKOUT
    from autograder.build.check import check_build
    from autograder.build.release import build_assignments

    with _mistakes_in_words():
        if not check:
            for path in build_assignments(CHECKOUT / "assignments"):
                console.print(f"built {path}", soft_wrap=True, highlight=False)
            return
        problems = check_build()
    for problem in problems:
        console.print(problem, style="red", soft_wrap=True, highlight=False, markup=False)
    if problems:
        raise typer.Exit(1)
    console.print("assignments/ is what solutions/ gives, and nothing leaks")


def verify(
    notebook: Annotated[str, typer.Argument(help="A notebook, as in 01 (default: all).")] = "",
    seeds: Annotated[int, typer.Option("--seeds", min=1, help="Seeds to run every test with.")] = 25,
    workers: Workers = None,
    as_json: Json = False,
) -> None:
    """Show that the hidden tests catch known mistakes and let right work pass.

    Example: course verify 01 --seeds 5
    """
    from autograder.source import find_notebook, find_notebooks
    from autograder.verify import report_as_json, report_table, verify_notebooks

    with _mistakes_in_words():
        notebooks = [find_notebook(notebook)] if notebook else find_notebooks()
        total = sum(len(each.exercises) for each in notebooks)
        with _progress("verify", total, quiet=as_json) as advance:
            reports = verify_notebooks(notebooks, seeds, workers, advance)
    if as_json:
        print(report_as_json(reports))
    else:
        for each in reports:
            console.print(report_table(each))
    if not all(each.ok for each in reports):
        raise typer.Exit(1)


def bundle(out: Annotated[Path, typer.Option("--out", help="Where to write the folder and the zip.")]) -> None:
    """Make what students get: assignments, library and data, without solutions and hidden tests.

    Example: course bundle --out for-students
    """
    from autograder.build.bundle import make_bundle

    with _mistakes_in_words():
        console.print(f"students get {make_bundle(out)}", soft_wrap=True, highlight=False)


def grade(
    assignment: Annotated[str, typer.Argument(help="The assignment, as in 01 or 01_knn.")] = "",
    course_dir: CourseDir = Path(),
    workers: Workers = None,
    cluster: Annotated[
        str,
        typer.Option("--cluster", metavar="URL", help="Grade on a Dask cluster: its scheduler, as tcp://host:8786."),
    ] = "",
    timeout: Annotated[float, typer.Option("--timeout", min=1, help="Seconds a cell may take.")] = 30.0,
    seed: Annotated[str, typer.Option("--seed", help="The course's secret key (default: one made on first use).")] = "",
    feedback: Annotated[
        bool,
        typer.Option("--feedback/--no-feedback", help="Write pages of feedback now, or leave them to a later run."),
    ] = True,
    allow_unsandboxed: Annotated[
        bool, typer.Option("--allow-unsandboxed", help="Run student code although this machine cannot isolate it.")
    ] = False,
    explain_sandbox: Annotated[
        bool, typer.Option("--explain-sandbox", help="Say how well this machine isolates student code, and stop.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Grade every submission: gradebook, feedback, grades.csv. Run it again to continue; done work is not repeated.

    Example: course grade 01_knn --course-dir my-course
    """
    import json
    from dataclasses import asdict

    if explain_sandbox:
        from autograder import sandbox

        for line in sandbox.probe().explain():
            console.print(line, soft_wrap=True, highlight=False, markup=False)
        return
    if not assignment:
        raise typer.BadParameter("name an assignment, as in: course grade 01_knn", param_hint="ASSIGNMENT")

    if cluster and workers:
        raise typer.BadParameter("a cluster has as many as its workers have threads", param_hint="--workers")
    with _mistakes_in_words():
        from autograder.garbage import leave_to_the_system, loading

        leave_to_the_system()
        with loading(thorough=False):
            from autograder.imports import import_for_grading
            from autograder.pipeline.ahead import start_ahead

            name = _full_name(assignment, course_dir)
            if not cluster:
                start_ahead(course_dir, name, workers, allow_unsandboxed)
            import_for_grading()
            from autograder.pipeline.gradebook import grade as grade_course
            from autograder.pipeline.gradebook import summary_table

        summary = grade_course(
            course_dir,
            name,
            workers=workers,
            timeout=timeout,
            seed=seed or None,
            progress=not as_json,
            allow_unsandboxed=allow_unsandboxed,
            cluster=cluster,
            feedback=feedback,
        )
    if as_json:
        print(json.dumps(asdict(summary), indent=2, default=str))
    else:
        console.print(summary_table(summary))


def report(
    assignment: Assignment,
    course_dir: CourseDir = Path(),
) -> None:
    """Write the report on a graded assignment: one page that opens in any browser.

    Example: course report 01_knn --course-dir my-course
    """
    from autograder.report import write_report

    with _mistakes_in_words():
        console.print(
            f"report in {write_report(course_dir, _full_name(assignment, course_dir))}", soft_wrap=True, highlight=False
        )


def export(
    to: Annotated[str, typer.Option("--to", help="csv, canvas or moodle.")] = "csv",
    out: Annotated[Path | None, typer.Option("--out", help="The file to write.")] = None,
    course_dir: CourseDir = Path(),
) -> None:
    """Write the grades in the form that another system imports.

    Example: course export --to canvas --course-dir my-course
    """
    from autograder.pipeline.export import export as export_grades

    with _mistakes_in_words():
        console.print(f"grades in {export_grades(course_dir, to=to, out=out)}", soft_wrap=True, highlight=False)


def demo(
    out: Annotated[Path, typer.Option("--out", help="The folder to make.")] = Path("demo"),
    students: Annotated[int, typer.Option("--students", min=1, help="How many students the class has.")] = 24,
    assignment: Annotated[list[str] | None, typer.Option("--assignment", help="As in 01_knn; may be repeated.")] = None,
    workers: Workers = None,
) -> None:
    """Grade a made-up class from release to report.

    Example: course demo --out demo
    """
    from autograder.demo import run_demo

    with _mistakes_in_words():
        run_demo(out, students, assignment or (), workers, console)


def _full_name(assignment: str, course_dir: Path) -> str:
    """The assignment's name from its number or topic; an instructor's own is known by its release in the course."""
    from autograder.source import UnknownNotebookError, find_source

    try:
        return find_source(assignment).stem
    except UnknownNotebookError:
        released = Path(assignment).name == assignment and (course_dir / "release" / assignment).is_dir()
        if not released:
            raise
        return assignment


@contextlib.contextmanager
def _mistakes_in_words() -> Iterator[None]:
    """A mistake in a call or a file is one clear line and exit status 2; anything else is a bug and keeps its trace."""
    try:
        yield
    except BaseException as mistake:
        if not isinstance(mistake, _mistakes()):
            raise
        from autograder.pipeline.stops import GradingInterrupted
        from autograder.source import UnknownNotebookError

        said = mistake.args[0] if isinstance(mistake, UnknownNotebookError) else str(mistake)
        Console(stderr=True).print(f"course: {said}", style="red", soft_wrap=True, highlight=False, markup=False)
        raise typer.Exit(130 if isinstance(mistake, GradingInterrupted) else 2) from None


def _mistakes() -> tuple[type[BaseException], ...]:
    """The kinds of errors whose message says all; imported when there is one."""
    from autograder.build.bundle import BundleError
    from autograder.build.nbgrader_run import ReleaseError
    from autograder.engine import UnsandboxedError, WorkerFailed
    from autograder.pipeline.beside import BesideError
    from autograder.pipeline.export import UnknownFormatError
    from autograder.pipeline.grades import GradebookError
    from autograder.pipeline.journal import JournalError
    from autograder.pipeline.keys import CourseKeyError, CourseLockedError
    from autograder.pipeline.stops import ClusterError, GradingInterrupted, GradingStoppedError
    from autograder.source import SourceError, UnknownNotebookError
    from course_utils.data import DataError

    files = FileExistsError, FileNotFoundError, IsADirectoryError, NotADirectoryError, PermissionError
    sandboxes = UnsandboxedError, WorkerFailed
    course = CourseKeyError, CourseLockedError, DataError, GradebookError
    sources = BesideError, BundleError, ReleaseError, SourceError
    names = UnknownFormatError, UnknownNotebookError
    stops = ClusterError, GradingInterrupted, GradingStoppedError, JournalError
    return *files, *sandboxes, *course, *sources, *names, *stops


@contextlib.contextmanager
def _progress(what: str, total: int, quiet: bool) -> Iterator[Callable[[str], None]]:
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with Progress(*columns, console=Console(stderr=True), disable=quiet) as bar:
        task = bar.add_task(what, total=total)
        yield lambda name: bar.update(task, advance=1, description=f"{what} {name}")
