"""`course pack`: a notebook that can be graded, in one file to hand in."""

from __future__ import annotations

import zipfile
from collections import Counter
from pathlib import Path

import typer

from course_utils import shelf
from course_utils.cli.console import WORK, WorkOption, console
from course_utils.cli.files import replacing
from course_utils.selfcheck.notebook import Cell, Notebook, read_notebook

LARGEST = 20_000_000  # bytes
LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the earliest time a zip file can hold; the same work gives the same bytes


def commands(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("pack")(pack)


def pack(assignment: str = typer.Argument(help="For example 01, or 01_knn."), work: WorkOption = WORK) -> None:
    """Make sure a notebook can be graded, and write the file to hand in.

    Example: [bold]course pack 01[/bold]
    """
    found = shelf.find_assignment(assignment)
    folder = shelf.work_folder(work)
    path = shelf.student_notebook(found, folder)
    student, released = read_notebook(path), read_notebook(found.notebook)
    out = console()
    problems = find_problems(student, released)
    if path.stat().st_size > LARGEST:
        size = path.stat().st_size / 1e6
        problems.append(
            f"the file has {size:.0f} MB, more than {LARGEST / 1e6:.0f}: clear its outputs in JupyterLab and save"
        )
    if problems:
        out.print(f"{path} was not packed; nothing was changed:")
        for problem in problems:
            out.print(f"  - {problem}")
        raise typer.Exit(1)
    for warning in find_warnings(student, released):
        out.print(f"note: {warning}")
    target = folder / f"{found.name}.zip"
    write_zip(path, target, found.name)
    out.print(f"hand in this file: {target} ({target.stat().st_size / 1000:,.0f} kB)", soft_wrap=True)


def find_problems(student: Notebook, released: Notebook) -> list[str]:
    """What would stop the notebook from being graded as meant."""
    problems = []
    present = student.by_id()
    for name, official in released.by_id().items():
        if name not in present:
            problems.append(f"the cell {name} is missing: copy the whole cell from a fresh copy of the notebook")
        elif present[name].kind != official.kind:
            problems.append(
                f"the cell {name} is now of type {present[name].kind or 'unknown'}: set it to {official.kind}"
            )
    counts = Counter(cell.grade_id for cell in student.cells if cell.grade_id)
    problems += [f"{count} cells are called {name}: keep one" for name, count in counts.items() if count > 1]
    for cell in student.cells:
        if cell.kind == "code":
            problems += syntax_problem(cell)
    return problems


def syntax_problem(cell: Cell) -> list[str]:
    """A sentence when the cell's code cannot be read; magics and a top-level await can."""
    import ast

    from IPython.core.inputtransformer2 import TransformerManager

    if cell.source.lstrip().startswith("%%"):
        return []
    try:
        code = TransformerManager().transform_cell(cell.source)
        compile(code, "cell", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    except (SyntaxError, ValueError) as error:
        what = f"line {error.lineno}: {error.msg}" if isinstance(error, SyntaxError) else str(error)
        return [f"the cell {cell.label} has a syntax error, {what}: put # before the lines you cannot mend"]
    return []


def find_warnings(student: Notebook, released: Notebook) -> list[str]:
    """What the student may want to know, but may hand in."""
    official = released.by_id()
    present = student.by_id()
    empty = [cell.label for cell in present.values() if cell.label in official and cell.is_empty]
    altered = [
        name
        for name, cell in official.items()
        if not cell.solution and present[name].source.strip() != cell.source.strip()
    ]
    warnings = []
    if empty:
        warnings.append(f"still empty: {', '.join(empty)}")
    if altered:
        warnings.append(f"grading uses the released cells in place of the ones you changed: {', '.join(altered)}")
    return warnings


def write_zip(notebook: Path, target: Path, name: str) -> None:
    """Write ``NAME/NAME.ipynb`` into a zip file whose bytes depend on the notebook alone."""
    entry = zipfile.ZipInfo(f"{name}/{name}.ipynb", date_time=LONG_AGO)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    entry.create_system = 3  # Unix, also when made elsewhere
    content = notebook.read_bytes()
    with replacing(target) as fresh, zipfile.ZipFile(fresh, "w") as archive:
        archive.writestr(entry, content)
