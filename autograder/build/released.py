"""A note of what was released from what: where neither has changed, the notebook need not be built again to compare."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from autograder.pipeline.keys import own_folder

MAKERS = ("build", "source")  # the packages that make a notebook of its source
LIBRARIES = ("jupytext", "nbformat", "nbgrader")


def origin_of(notebook: Path) -> str:
    """SHA-256 of all that decides what is made of a source file."""
    from autograder.build.release import visible_files

    code = Path(__file__).parents[1]
    digest = hashlib.sha256(" ".join(f"{name} {version(name)}" for name in LIBRARIES).encode())
    _add(digest, visible_files(notebook.parent), notebook.parent)
    for package in MAKERS:
        _add(digest, sorted((code / package).glob("*.py")), code)
    return digest.hexdigest()


def note_released(course_dir: Path, notebook: Path, origin: str, files: Mapping[str, bytes]) -> None:
    """Note in DIR/.course that `files` below DIR/source/NAME, just released, were made of the source file `notebook`
    when its `origin` was that: somebody may have saved it meanwhile.

    Without the note, or with one that does not fit, nothing is wrong but slower.
    """
    made = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    path = _path(course_dir, notebook)
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({"from": origin, "files": made}, indent=1) + "\n", encoding="utf-8")


def is_noted(course_dir: Path, notebook: Path) -> bool:
    """Whether the note is there, and source, what makes a notebook of it, and what was made are as they were."""
    try:
        noted: Any = json.loads(_path(course_dir, notebook).read_text(encoding="utf-8"))
        if noted["from"] != origin_of(notebook):
            return False
        folder = course_dir / "source" / notebook.stem
        return all(
            hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
            for name, digest in noted["files"].items()
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def _add(digest: Any, files: Iterable[Path], root: Path) -> None:
    for file in files:
        content = file.read_bytes()
        digest.update(f"{file.relative_to(root).as_posix()}\0{len(content)}\0".encode() + content)


def _path(course_dir: Path, notebook: Path) -> Path:
    return own_folder(course_dir) / "released" / f"{notebook.stem}.json"
