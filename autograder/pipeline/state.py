"""What is known about graded submissions: DIR/.course/graded/ASSIGNMENT.json, and the journal of a run since."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from autograder.pipeline.journal import JOURNALS, journaled_assignments, written_in
from autograder.pipeline.keys import OWN, own_folder
from autograder.topics import FOLDERS, files_of_topic, topics_in

ROOT = Path(__file__).resolve().parents[2]  # where the packages are
_NO_VERDICTS = {f"autograder/{name}" for name in ("build", "cli.py", "demo", "report", "verify")} | {"course_utils/cli"}
_IMAGES = ("data", "course_utils/shipped/data")  # what students' cells load, in a checkout and in what is installed
_IMPORT = re.compile(rf"(?:from|import) +autograder(?:\.| +import +)({'|'.join(FOLDERS)})\b([^\n(]*(?:\([^)]*\))?)")
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Kept:
    """A graded submission: hash of all its grade depends on, status before manual grading, note, how it ran.

    `key` is a digest of the course key used; `manual` one of the scores and comments by a person that feedback shows;
    `level` is how well the student's code was isolated. `automatic` and `lateness` are digests of what the gradebook
    held when all was written.
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
    automatic: str = ""
    lateness: str = ""


def load_state(course_dir: Path, assignment: str) -> dict[str, Kept]:
    """Student id → what was kept, also by a run that did not end.

    Empty when nothing was graded or the file is damaged (all is then graded again). Raises JournalError.
    """
    try:
        content = json.loads(state_path(course_dir, assignment).read_text(encoding="utf-8"))
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

    path = state_path(course_dir, assignment)
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {student: asdict(kept) for student, kept in sorted(state.items())}
    write_text(path, json.dumps(content, indent=1, ensure_ascii=False) + "\n", durable=True)


def graded_assignments(course_dir: Path) -> list[str]:
    folder = own_folder(course_dir) / "graded"
    ended = {path.stem for path in folder.glob("*.json")} if folder.is_dir() else set()
    return sorted(ended | set(journaled_assignments(course_dir)))


@cache
def tests_version(assignment: str, root: Path = ROOT) -> str:
    """SHA-256 of the code and data of the course that can decide about `assignment`, in the packages below `root`."""
    topic = assignment.partition("_")[2] or assignment
    digest = hashlib.sha256()
    for path in _deciding_files(topic, root):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _deciding_files(topic: str, root: Path) -> list[Path]:
    """The images, and all modules but those in `_NO_VERDICTS` and other topics' hidden tests, oracles and mutants.

    These count too if the topic's own import them, or if it has none: its notebook may ask for anybody's.
    """
    own = _files_of(topic, root / "autograder")
    found = [path for place in _IMAGES for path in sorted((root / place).glob("*.npz"))]
    for path in sorted([*(root / "autograder").rglob("*.py"), *(root / "course_utils").rglob("*.py")]):
        package, *parts = path.relative_to(root).parts
        of_topics = package == "autograder" and parts[0] in FOLDERS
        counts = f"{package}/{parts[0]}" not in _NO_VERDICTS and (not of_topics or not own or path in own)
        if counts and path.is_file():  # an editor may keep a link to nothing beside a file
            found.append(path)
    return found


def _files_of(topic: str, autograder: Path) -> set[Path]:
    """The hidden tests, oracles and mutants of `topic`, with those of other topics that they import."""
    left = [path for folder in FOLDERS for path in files_of_topic(folder, topic, autograder)]
    found: set[Path] = set()
    while left:
        path = left.pop()
        if path not in found:
            found.add(path)
            for folder, words in _IMPORT.findall(path.read_text(encoding="utf-8")):
                topics = topics_in(folder, autograder)
                for each in topics.intersection(_WORD.findall(words)) or topics:
                    left += files_of_topic(folder, each, autograder)
    return found


def _kept(entry: dict[str, Any]) -> Kept:
    return Kept(**entry | {"outcomes": tuple(entry["outcomes"])})


def state_path(course_dir: Path, assignment: str) -> Path:
    return own_folder(course_dir) / "graded" / f"{assignment}.json"
