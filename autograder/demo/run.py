"""`course demo`: release, a class hands in, grade, feedback, report."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from autograder.build.release import prepare_course
from autograder.demo.roster import make_class
from autograder.pipeline.gradebook import grade, summary_table
from autograder.report import write_report
from autograder.source import find_notebook, find_notebooks

MARK = ".made-by-course-demo"


def run_demo(
    out: Path,
    students: int = 24,
    assignments: Sequence[str] = (),
    workers: int | None = None,
    console: Console | None = None,
) -> list[Path]:
    """Make the class in `out`, grade it and write the reports; returns their paths.

    `assignments` as in "01_knn" (default: all). The whole class hands in the first of them, the third of it that is
    further on hands in the others too. Raises `FileExistsError` for a folder that holds something else.
    """
    console = console or Console()
    _clear(out)
    notebooks = [find_notebook(name) for name in assignments] or find_notebooks()
    names = [notebook.name for notebook in notebooks]
    console.print(f"[bold]1  Release[/bold]  {', '.join(names)} → {out}/release")
    prepare_course(out, names)
    further = -(-students // 3)
    others = f", {further} of it the other notebooks too" if names[1:] else ""
    console.print(f"[bold]2  A class of {students} hands in {names[0]}{others}[/bold]  {out}/submitted")
    for position, notebook in enumerate(notebooks):
        make_class(out, notebook, further if position else students)
    reports = []
    for name in names:
        console.print(f"[bold]3  Grade {name}[/bold]")
        summary = grade(out, name, workers=workers, timeout=5.0, allow_unsandboxed=True)
        console.print(summary_table(summary))
        reports.append(write_report(out, name))
    console.print("[bold]Where to look[/bold]")
    for what, where in (
        ("reports", ", ".join(str(out / "reports" / path.name) for path in reports)),
        ("grades", out / "grades.csv"),
        ("a student's feedback", out / "feedback" / "STUDENT" / names[0] / f"{names[0]}.html"),
        ("nbgrader's gradebook", f"{out / 'gradebook.db'} (cd {out} && jupyter lab, then Nbgrader → Formgrader)"),
    ):
        console.print(f"  {what:22}{where}", soft_wrap=True, highlight=False)
    return reports


def _clear(out: Path) -> None:
    """Begin afresh, but only in a folder that a demo made: nobody's course is removed."""
    if out.exists() and any(out.iterdir()) and not (out / MARK).exists():
        raise FileExistsError(f"{out} holds something that `course demo` did not make: name an empty folder with --out")
    if out.exists():
        shutil.rmtree(out)
    out.mkdir(parents=True)
    (out / MARK).write_text("Made by `course demo`; the next demo replaces this folder.\n", encoding="utf-8")
