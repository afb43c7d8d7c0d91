"""Choose the notebook file in what a student handed in. Reads names only; never opens a notebook, never writes."""

from __future__ import annotations

import itertools
import os
from collections.abc import Collection
from pathlib import Path

from autograder.pipeline.outcomes import Finding, Outcome, UnusableSubmissionError, listed, printable

SUFFIX = ".ipynb"
PACK_SUFFIX = ".zip"  # of what `course pack` writes
MOST_FOLDERS = 100  # of a student, that are looked into for an assignment
MOST_FILES = 10_000  # in folders of a submission


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
        name = printable(os.fsencode(student.name).decode("utf-8", errors="replace"))
        if name in found:  # two folders whose names differ in what cannot be shown
            name = next(each for count in itertools.count(2) if (each := f"{name} ({count})") not in found)
        try:
            entries = [entry for entry in _visible(student) if not _is_of(entry, elsewhere)]
            chosen = _of_assignment(entries, assignment)
            if chosen is None and not student.is_symlink():
                chosen = _one_below(entries, assignment)
            if chosen is None and not entries and any(_visible(student)):
                continue
        except OSError:
            chosen = None
        found[name] = chosen or student
    return found


def stray_files(submitted: Path) -> list[str]:
    """Names of what lies directly in DIR/submitted, in no student's folder: nobody can tell whose it is."""
    return sorted(path.name for path in submitted.iterdir() if not path.name.startswith(".") and not path.is_dir())


def refuse_nothing(student_folder: Path, assignment: str) -> None:
    """Raise UnusableSubmissionError that names what a student's folder holds instead of `assignment`."""
    entries = _visible(student_folder)
    there = _contents(entries) if entries else "the student's folder is empty"
    places = _places_below(entries, assignment)
    if len(places) > 1:
        where = listed([repr(place.parent.name) for place in places])
        raise UnusableSubmissionError(
            Outcome.SEVERAL_PLACES,
            f"{assignment} is there more than once, in {where}: which one counts, and whose is it?",
        )
    raise UnusableSubmissionError(Outcome.NOT_HANDED_IN, f"no {assignment} found; {there}")


def remarks_on_place(folder: Path, home: Path, assignment: str) -> list[Finding]:
    """What to say of an assignment that did not lie directly in the student's folder `home`."""
    if folder == home or folder.parent == home:
        return []
    between = folder.parent.relative_to(home).as_posix()
    return [Finding(Outcome.NESTED, f"{assignment} was in the folder {between!r} of the student's folder; used")]


def choose_notebook(folder: Path, assignment: str, siblings: Collection[str] = ()) -> tuple[Path, list[Finding]]:
    """The notebook to grade in `folder`, or the archive that holds it, and remarks on how it was chosen.

    `siblings` are the names of other notebooks of the same assignment, which are none of this one's business.

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
    entries = [entry for entry in folder.iterdir() if entry.stem not in siblings]
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
        raise UnusableSubmissionError(Outcome.MISSING, f"no notebook was handed in; {_contents(_visible(folder))}")
    chosen = min(notebooks, key=lambda path: _preference(path, wanted))
    if chosen.name != wanted:
        findings.append(Finding(Outcome.RENAMED, f"the notebook is called {chosen.name!r} instead of {wanted!r}; used"))
    if len(notebooks) > 1:
        others = listed([repr(path.name) for path in sorted(notebooks) if path != chosen])
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


def _is_of(entry: Path, assignments: Collection[str]) -> bool:
    return bool({entry.name.casefold(), entry.stem.casefold()} & set(assignments))


def _places_below(entries: list[Path], assignment: str) -> list[Path]:
    """The assignment in folders of a student's folder: so it looks for an id with a slash, or an unpacked archive."""
    found = []
    for entry in entries[:MOST_FOLDERS]:
        if entry.is_dir() and not entry.is_symlink():
            place = _of_assignment(_visible(entry), assignment)
            found += [] if place is None else [place]
    return found


def _one_below(entries: list[Path], assignment: str) -> Path | None:
    places = _places_below(entries, assignment)
    return places[0] if len(places) == 1 else None


def _contents(entries: list[Path]) -> str:
    return f"there is: {listed([repr(entry.name) for entry in entries])}" if entries else "its folder is empty"


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
        if len(found) > MOST_FILES:
            break
    return found


def _preference(path: Path, wanted: str) -> tuple[bool, bool, float, str]:
    try:
        modified = path.lstat().st_mtime
    except OSError:
        modified = 0.0
    return (path.name != wanted, path.name.casefold() != wanted.casefold(), -modified, path.name)
