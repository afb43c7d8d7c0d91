"""nbgrader's own commands in this process, as an instructor or a student types them, and a course to type them in."""

import contextlib
import os
import shutil
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbgrader.tests import run_nbgrader
from pipeline_course import NAME, filled, hand_in, release

from course_utils.data.cache import cache_folder

COURSE = "deep-learning-from-scratch"


def nbgrader(folder: Path, *arguments: str, status: int = 0) -> None:
    """Run `nbgrader ARGUMENTS` in `folder`, with a home of its own; it must end with this status."""
    home = folder.parent / f"{folder.name}-home"
    home.mkdir(exist_ok=True)
    with contextlib.chdir(folder), pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "environ", os.environ)  # put back: run_nbgrader leaves a plain dict there
        patch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)
        patch.setenv("COURSE_CACHE", str(cache_folder()))
        for name in ("HOME", "JUPYTER_DATA_DIR", "JUPYTER_CONFIG_DIR"):
            patch.setenv(name, str(home))
        run_nbgrader(list(arguments), retcode=status)


def new_course(folder: Path, settings: str = "") -> Any:
    """Make a course with the made-up assignment in it, and returns the release; `settings` are lines about `c`."""
    folder.mkdir()
    released = release(folder)
    with (folder / "nbgrader_config.py").open("a", encoding="utf-8") as file:
        file.write("c = get_config()\n" + settings)
    return released


def hand_in_at(course_dir: Path, student: str, notebook: Any, moment: str) -> None:
    """Hand in with the time that nbgrader's exchange would write."""
    path = hand_in(course_dir, student, notebook)
    (path.parent / "timestamp.txt").write_text(moment)


def copied(course_dir: Path, name: str) -> Path:
    return Path(shutil.copytree(course_dir, course_dir.parent / name))


def solve(path: Path, **work: str) -> None:
    """Fill in the made-up notebook at `path`."""
    nbformat.write(nbformat.from_dict(filled(nbformat.read(path, as_version=4), **work)), path)


__all__ = ["COURSE", "NAME", "copied", "hand_in_at", "nbgrader", "new_course", "solve"]
