"""Choose the notebook file in what a student handed in. Reads names only; never opens a notebook, never writes."""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path

from autograder.pipeline.outcomes import Finding, Outcome, UnusableSubmissionError

SUFFIX = ".ipynb"
PACK_SUFFIX = ".zip"  # of what `course pack` writes
MOST_NAMES = 5  # of what was found in the place of an assignment


def submitted_folders(submitted: Path, assignment: str, others: Collection[str] = ()) -> dict[str, Path]:
    """Student id → what that student handed in for `assignment`, in order of student id.

    That is the folder of this name (in any case); else a notebook or a `course pack` archive of this name beside it;
    else the student's folder itself. A student who handed in `others`, the course's other assignments, and nothing
    else, is left out.
    """
    found: dict[str, Path] = {}
    if not submitted.is_dir():
        return found
    elsewhere = {other.casefold() for other in others} - {assignment.casefold()}
    for student in sorted(submitted.iterdir(), key=lambda path: path.name):
        if student.name.startswith(".") or not student.is_dir():
            continue
        try:
            entries = _visible(student)
            chosen = _of_assignment(entries, assignment)
        except OSError:
            found[student.name] = student
            continue
        if chosen is not None:
            found[student.name] = chosen
        elif not entries or not all({entry.name.casefold(), entry.stem.casefold()} & elsewhere for entry in entries):
            found[student.name] = student
    return found


def stray_files(submitted: Path) -> list[str]:
    """Names of what lies directly in DIR/submitted, in no student's folder: nobody can tell whose it is."""
    return sorted(path.name for path in submitted.iterdir() if not path.name.startswith(".") and not path.is_dir())


def refuse_nothing(student_folder: Path, assignment: str) -> None:
    """Raise UnusableSubmissionError that names what a student's folder holds instead of `assignment`."""
    names = [repr(entry.name) for entry in _visible(student_folder)]
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    there = f"there is: {', '.join(names[:MOST_NAMES])}{more}" if names else "the student's folder is empty"
    raise UnusableSubmissionError(Outcome.NOT_HANDED_IN, f"no {assignment} found; {there}")


def choose_notebook(folder: Path, assignment: str) -> tuple[Path, list[Finding]]:
    """The notebook to grade in `folder`, or the archive that holds it, and remarks on how it was chosen.

    Order of preference: the exact name; the name in another case; the newest of the rest; then the same in subfolders;
    then an archive made by `course pack`. `folder` may be such a notebook or archive itself.
    Raises UnusableSubmissionError when there is nothing to grade, OSError when a folder cannot be read.
    """
    wanted = assignment + SUFFIX
    if not folder.is_dir():
        if folder.is_file() and _is_called(folder, assignment, SUFFIX):
            remark = f"the notebook was not in a folder {assignment}; used"
            return folder, [Finding(Outcome.LOOSE, remark)]
        if folder.is_file() and _is_called(folder, assignment, PACK_SUFFIX):
            return folder, [_packed(folder)]
        raise UnusableSubmissionError(Outcome.MISSING, f"{folder.name} is a file where a folder should be; no notebook")
    exact = folder / wanted
    findings: list[Finding] = []
    entries = list(folder.iterdir())
    notebooks = _notebooks(entries)
    if not notebooks:
        notebooks = _notebooks(_below(folder))
        if notebooks:
            findings.append(Finding(Outcome.NESTED, "the notebook was in a folder inside the submitted folder; used"))
    if not notebooks:
        if exact.is_dir():
            raise UnusableSubmissionError(Outcome.DIRECTORY, f"{wanted} is a folder, not a notebook")
        for entry in sorted(entries):
            if _is_called(entry, assignment, PACK_SUFFIX) and (entry.is_file() or entry.is_symlink()):
                return entry, [_packed(entry)]
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
    except PermissionError:
        raise
    except (OSError, RuntimeError):
        raise UnusableSubmissionError(Outcome.LINK, "a link that leads nowhere; not followed") from None
    if not target.is_relative_to(home):
        raise UnusableSubmissionError(Outcome.LINK, "a link to a place outside the student's folder; not followed")


def _visible(folder: Path) -> list[Path]:
    return sorted((entry for entry in folder.iterdir() if not entry.name.startswith(".")), key=lambda path: path.name)


def _of_assignment(entries: list[Path], assignment: str) -> Path | None:
    for suffix in ("", SUFFIX, PACK_SUFFIX):
        named = [entry for entry in entries if _is_called(entry, assignment, suffix)]
        if suffix:
            named = [entry for entry in named if entry.is_file() or entry.is_symlink()]
        if named:
            return min(named, key=lambda entry: (entry.name != assignment + suffix, entry.name))
    return None


def _is_called(path: Path, assignment: str, suffix: str) -> bool:
    return path.name.casefold() == (assignment + suffix).casefold()


def _packed(archive: Path) -> Finding:
    return Finding(Outcome.PACKED, f"handed in as the archive {archive.name!r}")


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
