"""Reads solutions/*/*.py (jupytext's percent format) and says by file and line what is wrong in them."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from autograder.source.grouping import Report, group_cells
from autograder.source.model import SourceCell, SourceError, SourceNotebook

SOLUTIONS = Path(__file__).resolve().parents[2] / "solutions"

_NAME = re.compile(r"^\d\d_[a-z][a-z0-9_]*$")
_MARKER = re.compile(r"^# %%(?=\s|$)")
_HEADER: dict[str, type | tuple[type, ...]] = {
    "title": str,
    "builds": str,
    "needs": str,
    "minutes": int,
    "budget_seconds": (int, float),
}
_NBGRADER_KEYS: dict[str, type | tuple[type, ...]] = {
    "grade_id": str,
    "solution": bool,
    "locked": bool,
    "grade": bool,
    "points": (int, float),
}


class UnknownNotebookError(KeyError):
    """No notebook has the name asked for; the message lists those there are."""


def find_notebooks(root: Path | None = None) -> list[SourceNotebook]:
    """Every notebook under `root` (default: the checkout's solutions/), by name. Raises `SourceError`."""
    folder = Path(root or SOLUTIONS)
    notebooks = [read_notebook(path) for path in _sources(folder)]
    owners: dict[str, str] = {}
    for notebook in notebooks:
        for exercise in notebook.exercises:
            owner = owners.setdefault(exercise.name, notebook.name)
            if owner != notebook.name:
                where = f"{_shown(notebook.path)}:{exercise.gaps[0].line}"
                raise SourceError(f"{where}: exercise {exercise.name} exists in {owner} too; rename one of the two")
    return notebooks


def find_notebook(name: str, root: Path | None = None) -> SourceNotebook:
    """The notebook called `name`: "01_knn", "01", "1" or "knn". Raises `UnknownNotebookError`, which lists them."""
    return read_notebook(find_source(name, root))


def find_source(name: str, root: Path | None = None) -> Path:
    """The source file of the notebook called `name`, unread. Raises `UnknownNotebookError`."""
    paths = _sources(Path(root or SOLUTIONS))
    for path in paths:
        number, _, topic = path.stem.partition("_")
        if name in (path.stem, number, topic) or (name.isdigit() and int(name) == int(number)):
            return path
    raise UnknownNotebookError(f"no notebook {name!r}; there are: {', '.join(path.stem for path in paths) or 'none'}")


def read_notebook(path: Path) -> SourceNotebook:
    """Reads one source file. Raises `SourceError` with all its mistakes, one `file:line: ...` a line."""
    path = Path(path)
    report = Report(_shown(path))
    text = path.read_text(encoding="utf-8")
    cells, header = _parse(text, report)
    course = _course_header(header, report)
    report.raise_if_any()
    exercises, questions = group_cells(cells, report)
    report.raise_if_any()
    return SourceNotebook(name=path.stem, path=path, cells=cells, exercises=exercises, questions=questions, **course)


def _sources(folder: Path) -> list[Path]:
    """The source files under `folder`; a folder or file with a wrong name is an error, not a notebook that vanishes."""
    paths = []
    for entry in sorted(folder.iterdir()):
        if not entry.is_dir() or entry.name.startswith((".", "__")) or not any(entry.iterdir()):
            continue  # an empty folder is a notebook that nobody has begun
        path = entry / f"{entry.name}.py"
        if not _NAME.match(entry.name):
            raise SourceError(f"{_shown(entry)}: a notebook's folder is named NN_topic, as in 01_knn; rename it")
        if not path.is_file():
            others = ", ".join(other.name for other in sorted(entry.glob("*.py"))) or "no .py file"
            raise SourceError(f"{_shown(entry)}: holds {others}; its notebook must be called {path.name}")
        paths.append(path)
    return paths


def _shown(path: Path) -> str:
    """solutions/01_knn/01_knn.py: enough to find the file, without the machine's folders."""
    parts = path.resolve().parts
    return "/".join(parts[-3:] if path.suffix else parts[-2:])


def _parse(text: str, report: Report) -> tuple[list[SourceCell], dict[str, Any]]:
    import jupytext

    notebook = jupytext.reads(text, fmt="py:percent")
    lines = [number for number, line in enumerate(text.splitlines(), 1) if _MARKER.match(line)]
    if len(lines) != len(notebook.cells):
        report.add(1, "text before the first '# %%' line, or a '# %%' line inside a string: every cell starts with one")
        report.raise_if_any()
    cells = [_cell(cell, line, report) for cell, line in zip(notebook.cells, lines, strict=True)]
    return _with_exercises(cells), notebook.metadata


def _with_exercises(cells: list[SourceCell]) -> list[SourceCell]:
    """Notes on gaps and graded cells their exercise: the name of the first gap since the last graded cell."""
    exercise: str | None = None
    noted = []
    for cell in cells:
        if cell.is_gap:
            exercise = exercise or cell.grade_id
            cell = replace(cell, exercise=exercise)
        elif cell.is_graded:
            cell, exercise = replace(cell, exercise=exercise), None
        noted.append(cell)
    return noted


def _cell(cell: Any, line: int, report: Report) -> SourceCell:
    metadata = {key: value for key, value in cell.metadata.items() if not key.startswith("lines_to_")}
    unknown = set(metadata) - {"nbgrader", "tags", "hints"}
    if unknown or cell.cell_type not in ("code", "markdown"):
        what = ", ".join(sorted(unknown)) or cell.cell_type
        report.add(line, f"unknown in a '# %%' line: {what}; allowed are [markdown], nbgrader, tags and hints")
    nbgrader = dict(metadata.get("nbgrader", {}))
    for key, value in nbgrader.items():
        if key not in _NBGRADER_KEYS:
            report.add(line, f"unknown nbgrader key {key!r}; allowed are {', '.join(_NBGRADER_KEYS)}")
        elif not isinstance(value, _NBGRADER_KEYS[key]):
            report.add(line, f"nbgrader {key} has the wrong type: {value!r}")
    if nbgrader and not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,63}", str(nbgrader.get("grade_id", ""))):
        report.add(line, "an nbgrader cell needs a grade_id of at most 64 letters, digits and _")
    return SourceCell(
        kind="markdown" if cell.cell_type == "markdown" else "code",
        source=cell.source,
        line=line,
        nbgrader=nbgrader,
        tags=tuple(metadata.get("tags", ())),
        hints_for=metadata.get("hints"),
    )


def _course_header(metadata: dict[str, Any], report: Report) -> dict[str, Any]:
    course = dict(metadata.get("course", {}))
    if not course:
        report.add(1, "no 'course:' under 'jupyter:' in the header (is it valid YAML? quote values that hold a colon)")
        return {}
    for key, kind in _HEADER.items():
        if not isinstance(course.get(key), kind):
            report.add(1, f"the header's course needs '{key}', got {course.get(key)!r}")
    for key in course.keys() - _HEADER:
        report.add(1, f"unknown key in the header's course: {key!r}")
    return course
