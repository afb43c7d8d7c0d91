"""A broken submission: how one is handed in, and what is to become of it."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline_course import NAME, filled, hand_in

from autograder.pipeline.outcomes import Outcome

FULL = 10.0  # points of the solved notebook of the made-up course
MEMBER = f"{NAME}.ipynb"
Make = Callable[[Path, str, Any], None]  # course directory, student, released notebook


@dataclass(frozen=True)
class Broken:
    """A kind of broken submission: how to make one, what is found, what the student reads, what it still earns.

    `make` hands it in. `sentence` is the note without the file's path, `points` what is left of those of the solved
    notebook. `student` is given where the id is what is odd; `shown` is then the id in grades.csv.
    """

    kind: str
    make: Make
    outcomes: tuple[Outcome, ...]
    sentence: str
    points: float = FULL
    usable: bool = True
    student: str = ""
    shown: str = ""


def solved(released: Any, **work: str) -> Any:
    """The solved notebook, with each cell's source in one piece."""
    notebook = filled(released, **work)
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"])
    return notebook


def text_of(released: Any, **work: str) -> str:
    return json.dumps(filled(released, **work), indent=1, ensure_ascii=False)


def file(content: Callable[[Any], Any], name: str = MEMBER) -> Make:
    """The file `name` with this content in the place where it belongs."""
    return lambda course_dir, student, released: void(hand_in(course_dir, student, content(released), name))


def void(_: object) -> None:
    return None


def folder(course_dir: Path, student: str) -> Path:
    path = course_dir / "submitted" / student / NAME
    path.mkdir(parents=True, exist_ok=True)
    return path


def printed(text: str) -> str:
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in text)


def unusable(kind: str, make: Make, outcome: Outcome, sentence: str) -> Broken:
    return Broken(kind, make, (outcome,), sentence, 0.0, usable=False)
