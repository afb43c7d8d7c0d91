"""Where assignments, hints, solutions and the student's own work are found."""

from __future__ import annotations

import difflib
import json
import os
import re
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
WORK_VARIABLE = "COURSE_WORK"


class CourseError(Exception):
    """What a person asked for cannot be done; the message says in one line what is wrong and what to do."""


@dataclass(frozen=True)
class Assignment:
    """One notebook as it was released, for example ``01_knn``.

    ``folder`` holds the notebook and its hints; ``solution`` is its source, None where solutions are not present.
    """

    name: str
    folder: Path
    solution: Path | None = None

    @property
    def number(self) -> str:
        """The two digits a student types: ``01``."""
        return self.name.partition("_")[0]

    @property
    def topic(self) -> str:
        """What the notebook is called in every other folder: ``knn``."""
        return self.name.partition("_")[2]

    @property
    def notebook(self) -> Path:
        """The released notebook."""
        return self.folder / f"{self.name}.ipynb"

    def hints(self) -> dict[str, list[str]]:
        """Hints by exercise, mildest first.  Empty when the assignment has none.

        Raises CourseError when the file cannot be read.
        """
        path = self.folder / "hints.json"
        if not path.exists():
            return {}
        try:
            hints: dict[str, list[str]] = json.loads(path.read_text(encoding="utf-8"))
        except ValueError as error:
            raise CourseError(f"{path}: not valid JSON ({error}); install the course again") from error
        return hints


def assignments_folder() -> Path:
    """The folder of released notebooks: inside the installed package, else beside it (checkout or student bundle).

    Raises CourseError when there is neither.
    """
    places = [PACKAGE / "shipped" / "assignments", PACKAGE.parent / "assignments"]
    for place in places:
        if place.is_dir():
            return place
    raise CourseError(f"no assignments found; looked in {places[0]} and {places[1]}; install the course again")


def assignments() -> list[Assignment]:
    """Every released assignment, in order of number."""
    folder = assignments_folder()
    found = []
    for notebook in sorted(folder.glob("[0-9]*_*/*.ipynb")):
        name = notebook.stem
        if notebook.parent.name == name:
            source = folder.parent / "solutions" / name / f"{name}.py"
            found.append(Assignment(name, notebook.parent, source if source.exists() else None))
    return found


def find_assignment(wanted: str) -> Assignment:
    """The assignment meant by ``01``, ``1``, ``01_knn`` or ``knn``.

    Raises CourseError that lists what there is.
    """
    shelf = assignments()
    key = wanted.strip().lower().removesuffix(".ipynb")
    for assignment in shelf:
        if key in (assignment.name.lower(), assignment.topic.lower()) or _same_number(key, assignment.number):
            return assignment
    names = ", ".join(assignment.name for assignment in shelf) or "none"
    raise CourseError(f"there is no assignment {wanted!r}; there are: {names}")


def _same_number(key: str, number: str) -> bool:
    return re.fullmatch(r"[0-9]+", key) is not None and int(key) == int(number)


def closest(wanted: str, names: Iterable[str]) -> str:
    """The end of an error message: "did you mean …" where something is close, else what there is."""
    names = list(names)
    near = difflib.get_close_matches(wanted, names, n=1, cutoff=0.6)
    return f"did you mean {near[0]}?" if near else f"there are: {', '.join(names) or 'none'}"


def work_folder(option: Path | None = None) -> Path:
    """Where the student's copies live: the option, else the environment's COURSE_WORK, else ``./work``."""
    return option or Path(os.environ.get(WORK_VARIABLE) or "work")


def kind_of(path: Path) -> str:
    """What is there: ``"file"``, ``"folder"``, ``"other"``, or ``""`` for nothing.

    Raises OSError where that cannot be told, which ``Path.exists`` answers differently from one Python to the next.
    """
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return ""
    if stat.S_ISDIR(mode):
        return "folder"
    return "file" if stat.S_ISREG(mode) else "other"


def notebook_place(assignment: Assignment, work: Path) -> Path:
    """Where the student's copy of an assignment's notebook is, or will be.

    Raises CourseError when a file stands where a folder belongs, or a folder where the notebook belongs.
    """
    notebook = work / assignment.name / f"{assignment.name}.ipynb"
    for folder in notebook.parents:
        if kind_of(folder) not in ("folder", ""):
            raise CourseError(
                f"{folder} is a file where a folder belongs; nothing was changed; "
                "rename it, or say where your work is: --work"
            )
    if kind_of(notebook) not in ("file", ""):
        what = "a folder" if kind_of(notebook) == "folder" else "something else"
        raise CourseError(
            f"{notebook} is {what}, not a notebook; nothing was changed; "
            f"rename it, then `course start {assignment.number}` for a fresh copy"
        )
    return notebook


def student_notebook(assignment: Assignment, work: Path) -> Path:
    """The student's copy of an assignment's notebook; it must exist.

    Raises CourseError that says how to start, or what stands in its place, or which file has the wrong name.
    """
    notebook = notebook_place(assignment, work)
    folder = notebook.parent
    if kind_of(notebook):
        return notebook
    others = sorted(path.name for path in folder.glob("*.ipynb") if not path.is_dir())
    if others:
        raise CourseError(
            f"{folder} holds {', '.join(others)} but no {notebook.name}; nothing was changed; "
            f"rename your notebook to {notebook.name}"
        )
    raise CourseError(
        f"{notebook} does not exist; begin with `course start {assignment.number}`, or say where your work is: --work"
    )
