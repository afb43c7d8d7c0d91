"""What an instructor has put beside the notebook in source/ASSIGNMENT, for student code to read: data, helper modules.

What students hand in beside theirs is not given to their code: there is nothing of theirs but the notebook to grade.
"""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from nbgrader.coursedir import CourseDirectory

from autograder.inside.files import Files
from autograder.pipeline.folders import files_beside

MAX_BYTES = 32 << 20  # of all: half of what a submission's folder holds
MAX_FILES = 500
CACHE = "__pycache__"


class BesideError(ValueError):
    """The files beside a notebook are too many, too large or cannot be read. The message says what to do."""


def files_for_students(course: CourseDirectory, assignment: str) -> Files:
    """The files beside the notebook in the source folder of `assignment`, but for those that nbgrader is told to ignore
    and hidden ones. Raises BesideError.
    """
    source = Path(course.format_path(course.source_directory, ".", assignment))
    found = {
        name: path
        for name, path in sorted(files_beside(source, course.ignore).items())
        if path.is_file() and not any(part.startswith(".") or part == CACHE for part in PurePosixPath(name).parts)
    }
    for name in found:
        if not _is_text(name):
            raise BesideError(f"{source}: the name of the file {name!r} is not UTF-8: rename it, or move it elsewhere")
    try:
        size = sum(path.stat().st_size for path in found.values())
        if size > MAX_BYTES or len(found) > MAX_FILES:
            raise BesideError(
                f"{source}: {len(found):,} files of {size / (1 << 20):.1f} MiB beside the notebook; student code gets "
                f"copies of at most {MAX_FILES} files and {MAX_BYTES >> 20} MiB: move what it does not read elsewhere"
            )
        return tuple((name, path.read_bytes()) for name, path in found.items())
    except OSError as error:
        raise BesideError(
            f"{error.filename or source}: cannot be read ({error.strerror or type(error).__name__}), and student code "
            "may need it: it stands beside the notebook"
        ) from error


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
