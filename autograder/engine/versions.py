"""What grading depends on besides the submission: the course's own code, and the libraries that student code uses."""

from __future__ import annotations

import hashlib
import sys
from functools import cache
from importlib import metadata
from pathlib import Path

import autograder
import course_utils

LIBRARIES = ("NumPy", "Matplotlib", "IPython", "msgpack")
COURSE = "course"

Version = dict[str, str]


class OtherVersionError(RuntimeError):
    """Here is another version of the course, or of a library, than where the job comes from. The message says which."""


@cache
def version() -> Version:
    """What is installed here: a digest of the course's code, and the versions of Python and the libraries."""
    found = {COURSE: _digest(), "Python": f"{sys.version_info.major}.{sys.version_info.minor}"}
    return found | {name: metadata.version(name) for name in LIBRARIES}


def difference(there: Version, here: Version) -> str:
    """What another machine has other than this one, in words; empty when nothing."""
    names = [name for name in here if there.get(name) != here[name]]
    return ", ".join(
        "other code of the course" if name == COURSE else f"{name} {there.get(name)} in place of {here[name]}"
        for name in names
    )


def _digest() -> str:
    digest = hashlib.sha256()
    for package in (autograder, course_utils):
        root = Path(str(package.__file__)).parent
        for path in sorted(root.rglob("*.py")):
            digest.update(path.relative_to(root.parent).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()
