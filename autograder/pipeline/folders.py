"""The files of a submission in DIR/autograded and DIR/feedback, with the permissions nbgrader gives them."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from nbformat import NotebookNode
from nbformat.v4 import reads_json
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import find_all_files

from autograder.pipeline.grades import write_text
from autograder.pipeline.intake import Submission
from autograder.pipeline.master import grade_id, is_answer

READ_ONLY, OWN = 0o444, 0o644  # of autograded and of feedback files


def autograded_path(course_dir: Path, student: str, assignment: str) -> Path:
    return course_dir / "autograded" / student / assignment / f"{assignment}.ipynb"


def feedback_path(course_dir: Path, student: str, assignment: str) -> Path:
    return course_dir / "feedback" / student / assignment / f"{assignment}.html"


def read_autograded(course_dir: Path, student: str, assignment: str) -> NotebookNode:
    """What was written at the last grading."""
    return reads_json(autograded_path(course_dir, student, assignment).read_text(encoding="utf-8"))


def files_beside(folder: Path, ignored: Sequence[str] | None = None) -> dict[str, Path]:
    """Relative path → file, of what nbgrader copies along with the notebooks in `folder`.

    `ignored` are patterns of names that it leaves out: the course's, or else its own.
    """
    if not folder.is_dir():
        return {}
    found = find_all_files(
        str(folder), [*(CourseDirectory.ignore.default() if ignored is None else ignored), "*.ipynb"]
    )
    return {Path(path).relative_to(folder).as_posix(): Path(path) for path in found}


def write_folder(path: Path, text: str, beside: Mapping[str, Path | str], mode: int) -> None:
    """Write `text` to `path` and the files or texts `beside` it; whatever else is in its folder goes.

    The file at `path` is replaced in one step, and last: when it is there, all is.
    """
    folder = path.parent
    folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    wanted = {folder / name for name in beside} | {path}
    for old in sorted(folder.rglob("*"), reverse=True):
        if old.is_dir() and not old.is_symlink():
            if not any(each.is_relative_to(old) for each in wanted):
                shutil.rmtree(old)
        elif old in wanted and not old.is_symlink():
            old.chmod(OWN)
        else:
            old.unlink()
    for name, content in beside.items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, str):
            write_text(place, content)
        else:
            shutil.copy(content, place)
        place.chmod(mode)
    write_text(path, text)
    path.chmod(mode)


def unchanged_answers(course_dir: Path, submission: Submission) -> set[str]:
    """The written questions whose answers are those of the last grading, by grade_id."""
    if not autograded_path(course_dir, submission.student, submission.assignment).is_file():
        return set()
    before = {
        grade_id(cell): cell.source
        for cell in read_autograded(course_dir, submission.student, submission.assignment).cells
    }
    now = {grade_id(cell): cell.source for cell in submission.notebook.cells if is_answer(cell)}
    return {name for name, source in now.items() if name and before.get(name) == source}
