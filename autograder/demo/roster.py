"""Who is in the made-up class, and what each hands in."""

import json
import random
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

from autograder.demo.work import can_be_handed_in, rewritten, solved
from autograder.source import Exercise, SourceNotebook
from autograder.testing.registry import alternatives_of, mutants_of

NAMES = (
    *("ada", "ben", "chidi", "dora", "emre", "fatima", "goran", "hana", "ines", "jonas", "keiko", "liam"),
    *("mei", "noor", "oleg", "priya", "quinn", "rosa", "sami", "tara", "uma", "viktor", "wanja", "yusuf"),
)
ANSWER = (
    "Two pictures of one thing can differ in nearly every pixel, so their distance says little about what they show."
)


@dataclass(frozen=True)
class Plan:
    """What a made-up student does: the share of exercises finished, how many wrongly, and what befalls the file."""

    finished: float = 1.0
    mistakes: int = 0
    accident: str = ""


# Twenty-four plans: five right, ten with mistakes, three half done, one empty, five with an accident.
PLANS = (
    [Plan()] * 5
    + [Plan(mistakes=count) for count in (1, 1, 2, 2, 3, 3, 4, 4, 5, 6)]
    + [Plan(finished=share, mistakes=1) for share in (0.7, 0.5, 0.3)]
    + [Plan(finished=0.0)]
    + [Plan(accident=name) for name in ("cut short", "renamed", "copied cell", "deleted cell", "endless loop")]
)


def make_class(course_dir: Path, notebook: SourceNotebook, students: int, seed: int = 0) -> list[str]:
    """Write `submitted/STUDENT/NOTEBOOK/` for a class; returns the students' names. Same arguments, same class."""
    names = [NAMES[i % len(NAMES)] + ("" if i < len(NAMES) else str(i // len(NAMES) + 1)) for i in range(students)]
    released = nbformat.read(course_dir / "release" / notebook.name / f"{notebook.name}.ipynb", as_version=4)
    for number, name in enumerate(names):
        plan = PLANS[number * len(PLANS) // students if students < len(PLANS) else number % len(PLANS)]
        rng = random.Random(f"{seed}/{notebook.name}/{name}")
        handed_in = _fill(deepcopy(released), notebook, plan, rng)
        _hand_in(course_dir / "submitted" / name / notebook.name, notebook.name, handed_in, plan.accident)
    return names


def _fill(released: Any, notebook: SourceNotebook, plan: Plan, rng: random.Random) -> Any:
    done = notebook.exercises[: round(plan.finished * len(notebook.exercises))]
    candidates = [
        e for e in done if not e.extension and any(can_be_handed_in(e, wrong) for wrong in mutants_of(e.name))
    ]
    wrong = {exercise.name for exercise in rng.sample(candidates, min(plan.mistakes, len(candidates)))}
    written: dict[str, str] = {}
    for exercise in done:
        written |= _work(exercise, exercise.name in wrong, rng)
    for cell in released.cells:
        options = cell.metadata.get("nbgrader", {})
        if options.get("grade_id") in written:
            cell.source = written[options["grade_id"]]
        elif cell.cell_type == "markdown" and options.get("solution") and plan.finished > 0.5:
            cell.source = ANSWER
    return released


def _work(exercise: Exercise, wrong: bool, rng: random.Random) -> dict[str, str]:
    bank: list[Any] = list(mutants_of(exercise.name) if wrong else alternatives_of(exercise.name))
    choices = [work for work in bank if can_be_handed_in(exercise, work)]
    if choices and (wrong or rng.random() < 0.3):
        return rewritten(exercise, rng.choice(choices))
    return {cell.grade_id or "": solved(cell) for cell in exercise.gaps}


def _hand_in(folder: Path, name: str, notebook: Any, accident: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    if accident in _ACCIDENTS:
        _ACCIDENTS[accident](notebook)
    # Plain JSON and not nbformat.write, which would refuse or mend what an accident did.
    text = json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"
    file = folder / (f"{name} (1).ipynb" if accident == "renamed" else f"{name}.ipynb")
    file.write_text(text[: len(text) // 2] if accident == "cut short" else text, encoding="utf-8")


def _copy_a_cell(notebook: Any) -> None:
    position = _gaps(notebook)[1]
    notebook.cells.insert(position + 1, deepcopy(notebook.cells[position]))


def _delete_a_cell(notebook: Any) -> None:
    del notebook.cells[_gaps(notebook)[-1]]


def _loop_for_ever(notebook: Any) -> None:
    cell = notebook.cells[_gaps(notebook)[0]]
    cell.source += "\n\nwhile True:\n    pass"


def _gaps(notebook: Any) -> list[int]:
    return [
        number
        for number, cell in enumerate(notebook.cells)
        if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("solution")
    ]


_ACCIDENTS: dict[str, Callable[[Any], None]] = {
    "copied cell": _copy_a_cell,
    "deleted cell": _delete_a_cell,
    "endless loop": _loop_for_ever,
}
