"""What to run, in which order: the student's own cells, and the checks as they were released."""

from __future__ import annotations

from dataclasses import dataclass

from course_utils.selfcheck.notebook import Cell, Exercise, Notebook, exercises
from course_utils.shelf import CourseError, closest


@dataclass(frozen=True)
class Step:
    """One cell to run.  ``exercise`` is set for gaps and checks; ``is_check`` for the step that ends an exercise."""

    label: str
    source: str
    exercise: str | None = None
    is_check: bool = False
    points: float = 0.0


@dataclass(frozen=True)
class Plan:
    """Steps in the order of the student's notebook, and the exercises that cannot be checked with the reason why."""

    steps: list[Step]
    missing: dict[str, str]
    points: dict[str, float]


def make_plan(student: Notebook, released: Notebook, only: str | None = None) -> Plan:
    """Put the released checks after the student's gaps.

    A check comes where the student has it, but never before the last gap of its exercise, so that moved and deleted
    check cells change nothing.  With ``only``, other exercises' gaps still run, as they may be needed;
    their checks do not.
    Raises CourseError when ``only`` is no exercise of this notebook.
    """
    every = exercises(released)
    if only is not None and only not in {exercise.name for exercise in every}:
        names = [exercise.name for exercise in every]
        raise CourseError(f"{released.path.stem} has no exercise {only!r}; {closest(only, names)}")
    official = released.by_id()
    present = student.by_id()
    owner = {gap: exercise.name for exercise in every for gap in exercise.gaps}
    missing: dict[str, str] = {}
    checks: dict[int, list[Step]] = {}
    for exercise in every:
        if only not in (None, exercise.name):
            continue
        problem = _missing_gap(exercise, present)
        if problem:
            missing[exercise.name] = problem
            continue
        checks.setdefault(_check_position(exercise, student, present), []).append(_check_step(exercise))

    steps: list[Step] = []
    for cell in student.cells:
        step = _cell_step(cell, official, owner)
        if step is not None:
            steps.append(step)
        steps.extend(checks.get(cell.position, ()))
    points = {exercise.name: exercise.points for exercise in every if only in (None, exercise.name)}
    return Plan(steps, missing, points)


def _cell_step(cell: Cell, official: dict[str, Cell], owner: dict[str, str]) -> Step | None:
    if cell.kind != "code":
        return None
    known = official.get(cell.grade_id or "")
    if known is None:
        return None if cell.skipped else Step(cell.label, cell.source)
    if known.is_gap:
        return Step(known.label, cell.source, owner.get(known.label))
    if known.is_check or known.graded:
        return None
    return Step(known.label, known.source)


def _check_step(exercise: Exercise) -> Step:
    label = f"{exercise.name}_check"
    source = exercise.check.source if exercise.check else ""
    return Step(label, source, exercise.name, is_check=True, points=exercise.points)


def _check_position(exercise: Exercise, student: Notebook, present: dict[str, Cell]) -> int:
    ids = [*exercise.gaps, f"{exercise.name}_check"]
    found = [present[grade_id].position for grade_id in ids if grade_id in present]
    return max(found, default=student.cells[-1].position if student.cells else 0)


def _missing_gap(exercise: Exercise, present: dict[str, Cell]) -> str:
    for gap in exercise.gaps:
        if gap not in present:
            return (
                f"the cell {gap} is missing from your notebook; nothing was changed; "
                "copy the whole cell, not only its text, from a fresh copy of the notebook"
            )
        if present[gap].kind != "code":
            return f"the cell {gap} is no longer a code cell; set its type back to Code in JupyterLab"
    return ""
