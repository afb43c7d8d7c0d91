"""What is known about graded submissions: DIR/.course/graded/ASSIGNMENT.json, and the journal of a run since."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from autograder.pipeline.journal import JOURNALS, journaled_assignments, written_in
from autograder.pipeline.keys import OWN, own_folder
from autograder.topics import FOLDERS, files_of_topic


@dataclass(frozen=True)
class Kept:
    """A graded submission: hash of all its grade depends on, status before manual grading, note, how it ran.

    `key` is a digest of the course key used; `manual` one of the scores and comments by a person that feedback shows;
    `level` is how well the student's code was isolated.
    """

    digest: str
    status: str
    note: str
    seconds: float = 0.0
    timeout: float = 0.0
    outcomes: tuple[str, ...] = ()
    key: str = ""
    manual: str = ""
    level: str = ""


def load_state(course_dir: Path, assignment: str) -> dict[str, Kept]:
    """Student id → what was kept, also by a run that did not end.

    Empty when nothing was graded or the file is damaged (all is then graded again). Raises JournalError.
    """
    try:
        content = json.loads(_path(course_dir, assignment).read_text(encoding="utf-8"))
        state = {student: _kept(entry) for student, entry in content.items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        state = {}
    return state | {student: _kept(entry) for student, entry in written_in(course_dir, assignment).items()}


def is_known(course_dir: Path, assignment: str) -> bool:
    """Whether anything of an assignment was graded here, perhaps in a run that did not end. Writes nothing."""
    files = f"graded/{assignment}.json", f"{JOURNALS}/{assignment}.jsonl"
    return any((course_dir / OWN / file).exists() for file in files)


def save_state(course_dir: Path, assignment: str, state: dict[str, Kept]) -> None:
    """Keep `state` for good: a journal of what is in it may go."""
    from autograder.pipeline.grades import write_text

    path = _path(course_dir, assignment)
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {student: asdict(kept) for student, kept in sorted(state.items())}
    write_text(path, json.dumps(content, indent=1, ensure_ascii=False) + "\n", durable=True)


def graded_assignments(course_dir: Path) -> list[str]:
    folder = own_folder(course_dir) / "graded"
    ended = {path.stem for path in folder.glob("*.json")} if folder.is_dir() else set()
    return sorted(ended | set(journaled_assignments(course_dir)))


@cache
def tests_version(assignment: str) -> str:
    """SHA-256 of the code that decides about `assignment`: hidden tests, oracles, mutants, and what runs them."""
    root = Path(__file__).parent.parent
    topic = assignment.partition("_")[2] or assignment
    files = [path for folder in FOLDERS for path in files_of_topic(folder, topic)]
    for folder in ("testing", "grading", "byvalue", "engine"):
        files += sorted((root / folder).glob("*.py"))
    files += [root / "pipeline" / name for name in ("execute.py", "outputs.py")]
    digest = hashlib.sha256()
    for path in files:
        if path.is_file():
            digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _kept(entry: dict[str, Any]) -> Kept:
    return Kept(**entry | {"outcomes": tuple(entry["outcomes"])})


def _path(course_dir: Path, assignment: str) -> Path:
    return own_folder(course_dir) / "graded" / f"{assignment}.json"
