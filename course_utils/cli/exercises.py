"""Finding an exercise by its name alone: names are unique across notebooks."""

from __future__ import annotations

from course_utils import shelf
from course_utils.selfcheck.notebook import exercises, read_notebook


def assignment_of(exercise: str) -> shelf.Assignment:
    """The assignment that holds an exercise.

    Raises CourseError that names something close, or what there is.
    """
    names: list[str] = []
    for assignment in shelf.assignments():
        notebook = read_notebook(assignment.notebook)
        here = [item.name for item in exercises(notebook)]
        here += [cell.label for cell in notebook.cells if cell.is_question]
        if exercise in here:
            return assignment
        names += here
    raise shelf.CourseError(f"there is no exercise {exercise!r}; {shelf.closest(exercise, names)}")
