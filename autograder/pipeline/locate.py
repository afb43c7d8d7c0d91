"""Choose the notebook file in what a student handed in. Reads names only; never opens a notebook, never writes."""

from __future__ import annotations

import os
from pathlib import Path

from autograder.pipeline.outcomes import Finding, Outcome, UnusableSubmissionError

SUFFIX = ".ipynb"


def submitted_folders(submitted: Path, assignment: str) -> dict[str, Path]:
    """Student id → what that student handed in for `assignment` (normally a folder), in order of student id.

    A folder whose name differs from the assignment's only in case counts as this assignment's.
    """
    found: dict[str, Path] = {}
    if not submitted.is_dir():
        return found
    for student in sorted(submitted.iterdir(), key=lambda path: path.name):
        if student.name.startswith(".") or not student.is_dir():
            continue
        entries = [entry for entry in student.iterdir() if entry.name.casefold() == assignment.casefold()]
        if entries:
            found[student.name] = min(entries, key=lambda entry: (entry.name != assignment, entry.name))
    return found


def choose_notebook(folder: Path, assignment: str) -> tuple[Path, list[Finding]]:
    """The notebook to grade in `folder`, and remarks on how it was chosen.

    Order of preference: the exact name; the name in another case; the newest of the rest; then the same in subfolders.
    Raises UnusableSubmissionError when there is nothing to grade.
    """
    if not folder.is_dir():
        raise UnusableSubmissionError(Outcome.MISSING, f"{folder.name} is a file where a folder should be; no notebook")
    wanted = assignment + SUFFIX
    exact = folder / wanted
    findings: list[Finding] = []
    notebooks = _notebooks(folder.iterdir())
    if not notebooks:
        notebooks = _notebooks(_below(folder))
        if notebooks:
            findings.append(Finding(Outcome.NESTED, "the notebook was in a folder inside the submitted folder; used"))
    if not notebooks:
        if exact.is_dir():
            raise UnusableSubmissionError(Outcome.DIRECTORY, f"{wanted} is a folder, not a notebook")
        raise UnusableSubmissionError(Outcome.MISSING, "no notebook was handed in")
    chosen = min(notebooks, key=lambda path: _preference(path, wanted))
    if chosen.name != wanted:
        findings.append(Finding(Outcome.RENAMED, f"the notebook is called {chosen.name!r} instead of {wanted!r}; used"))
    if len(notebooks) > 1:
        others = ", ".join(repr(path.name) for path in sorted(notebooks) if path != chosen)
        findings.append(Finding(Outcome.SEVERAL, f"{len(notebooks)} notebooks; {chosen.name!r} used, not {others}"))
    return chosen, findings


def refuse_links_out(path: Path, student_folder: Path, submitted: Path) -> None:
    """Raise UnusableSubmissionError when `path` leads, through a symbolic link, out of the student's own folder."""
    home = submitted.resolve() / student_folder.name
    try:
        target = path.resolve(strict=True)
    except (OSError, RuntimeError):
        raise UnusableSubmissionError(Outcome.LINK, "a link that leads nowhere; not followed") from None
    if not target.is_relative_to(home):
        raise UnusableSubmissionError(Outcome.LINK, "a link to a place outside the student's folder; not followed")


def _notebooks(entries: object) -> list[Path]:
    paths = [entry for entry in entries if isinstance(entry, Path)]  # type: ignore[attr-defined]
    return [
        path
        for path in paths
        if path.suffix.casefold() == SUFFIX and not path.name.startswith(".") and (path.is_file() or path.is_symlink())
    ]


def _below(folder: Path) -> list[Path]:
    found = []
    for directory, subdirectories, names in os.walk(folder, followlinks=False):
        subdirectories[:] = sorted(name for name in subdirectories if not name.startswith("."))
        found += [Path(directory) / name for name in sorted(names)]
    return found


def _preference(path: Path, wanted: str) -> tuple[bool, bool, float, str]:
    try:
        modified = path.lstat().st_mtime
    except OSError:
        modified = 0.0
    return (path.name != wanted, path.name.casefold() != wanted.casefold(), -modified, path.name)
