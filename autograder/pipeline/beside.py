"""What an instructor has put beside the notebook in source/ASSIGNMENT, for student code to read: data, helper modules.

What students hand in beside theirs is not given to their code: there is nothing of theirs but the notebook to grade.
"""

from __future__ import annotations

from pathlib import Path

from autograder.inside.files import Files
from autograder.pipeline.folders import files_beside

MAX_BYTES = 32 << 20  # of all: half of what a submission's folder holds
MAX_FILES = 500


class BesideError(ValueError):
    """The files beside a notebook are too many, too large or cannot be read. The message says what to do."""


def files_for_students(course_dir: Path, assignment: str) -> Files:
    """The files beside the notebook in DIR/source/ASSIGNMENT that nbgrader would copy. Raises BesideError."""
    source = course_dir / "source" / assignment
    found = sorted(files_beside(source).items())
    try:
        size = sum(path.stat().st_size for _, path in found)
        if size > MAX_BYTES or len(found) > MAX_FILES:
            raise BesideError(
                f"{source}: {len(found):,} files of {size / (1 << 20):.1f} MiB beside the notebook; student code gets "
                f"copies of at most {MAX_FILES} files and {MAX_BYTES >> 20} MiB: move what it does not read elsewhere"
            )
        return tuple((name, path.read_bytes()) for name, path in found)
    except OSError as error:
        raise BesideError(
            f"{error.filename or source}: cannot be read ({error.strerror or type(error).__name__}), and student code "
            "may need it: it stands beside the notebook"
        ) from error
