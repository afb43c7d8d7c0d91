"""Hidden inputs follow from the course's key, the student, the assignment, and all characters of their code."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pipeline_course
import pytest
from nbformat.v4 import new_code_cell
from pipeline_course import HOSTILE, NAME, altered, at, code, filled, hand_in, release, text

from autograder.engine import Job
from autograder.grading.seeds import submission_seed
from autograder.pipeline import stock
from autograder.pipeline.by_nbgrader import AutogradeOne, ByNbgrader
from autograder.pipeline.execution import Execution
from autograder.pipeline.intake import take_in
from autograder.pipeline.journal import Journal
from autograder.pipeline.keys import course_key
from autograder.pipeline.master import load_master, students_code
from autograder.pipeline.settings import load_settings
from autograder.pipeline.tasks import Course

GIVEN: dict[str, Any] = {"student": "ada", "assignment": NAME, "version": "v1", "work": ["x = 1", "y = 2"]}
OTHERS = {
    "another student": {"student": "ben"},
    "another assignment": {"assignment": "93_numbers"},
    "another version": {"version": "v2"},
    "another character": {"work": ["x = 1", "y = 3"]},
    "a space at the end": {"work": ["x = 1", "y = 2 "]},
    "one cell of two": {"work": ["x = 1\ny = 2"]},
    "another order": {"work": ["y = 2", "x = 1"]},
    "an empty cell more": {"work": ["x = 1", "y = 2", ""]},
    "half a character": {"work": ["x = 1", "y = 2\ud800"]},
}


@pytest.mark.parametrize("change", OTHERS.values(), ids=OTHERS.keys())
def test_hidden_inputs_are_others_for(change: dict[str, Any]) -> None:
    assert submission_seed(b"key", **GIVEN | change) != submission_seed(b"key", **GIVEN)


Change = Callable[[Any], Any]


def with_cell(cell: dict[str, Any], place: int = 2) -> Change:
    return lambda notebook: notebook["cells"].insert(place, cell)


def with_source(name: str, change: Callable[[str], str]) -> Change:
    def changed(notebook: Any) -> None:
        cell = notebook["cells"][at(notebook, name)]
        cell["source"] = change(cell["source"])

    return changed


def with_outputs(notebook: Any) -> None:
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell |= {"execution_count": 7, "outputs": [{"output_type": "stream", "name": "stdout", "text": "713"}]}


MEETS_NEW_INPUTS = {
    "a solution": with_source("double", lambda source: source.replace("2 * x", "x + x")),
    "a comment": with_source("halve", lambda source: source + "  # done"),
    "spaces, in which answers can be written": with_source("halve", lambda source: source + " \t  \t"),
    "a cell of the student's own": with_cell(code("TABLE = {713: 1426}")),
    "the same cell at another place": with_cell(code("TABLE = {713: 1426}"), 9),
    "an open cell of the instructor's": lambda notebook: notebook["cells"][1].update(source="import math, sys"),
}
KEEPS_ITS_INPUTS = {
    "nothing": lambda notebook: None,
    "outputs": with_outputs,
    "a written answer": with_source("question", lambda source: "Because I say so."),
    "a text of the student's own": with_cell(text("713 → 1426")),
    "a locked cell": with_source("double_check", lambda source: "TABLE = {713: 1426}"),
    "a graded cell": with_source("double_tests", lambda source: "6.0"),
    "tags and metadata": lambda notebook: [cell["metadata"].update(tags=["713"]) for cell in notebook["cells"]],
    "the notebook's metadata": lambda notebook: notebook["metadata"].update(answers=[1426]),
}


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    """The course folder and the released notebook, in which a person also grades some code."""
    course_dir, instructors = tmp_path_factory.mktemp("course"), pipeline_course.instructor_notebook()
    about = {"grade": True, "solution": True, "locked": False, "task": False, "schema_version": 3, "points": 1}
    by_hand = new_code_cell("# YOUR CODE HERE", metadata={"nbgrader": about | {"grade_id": "by_hand"}}, id="by-hand")
    instructors.cells.append(by_hand)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pipeline_course, "instructor_notebook", lambda: instructors)
        return course_dir, release(course_dir)


def graded_with(course_dir: Path) -> str:
    """The seed of what ana has handed in, as `course grade` computes it."""
    run = Course(course_dir, load_master(course_dir, NAME), course_key(course_dir), 30.0)
    with Journal(course_dir, NAME) as journal:
        (task,) = run.tasks({"ana": course_dir / "submitted" / "ana" / NAME}, {}, {}, journal, lambda: None)
    return task.seed


def seed_after(course: tuple[Path, Any], change: Change) -> str:
    course_dir, released = course
    notebook = filled(released)
    change(notebook)
    hand_in(course_dir, "ana", notebook)
    return graded_with(course_dir)


@pytest.mark.parametrize("change", MEETS_NEW_INPUTS.values(), ids=MEETS_NEW_INPUTS.keys())
def test_new_inputs_meet_what_differs_in(course: tuple[Path, Any], change: Change) -> None:
    assert seed_after(course, change) != seed_after(course, lambda notebook: None)


@pytest.mark.parametrize("change", KEEPS_ITS_INPUTS.values(), ids=KEEPS_ITS_INPUTS.keys())
def test_the_same_inputs_meet_what_differs_in_what_does_not_run(course: tuple[Path, Any], change: Change) -> None:
    assert seed_after(course, change) == seed_after(course, lambda notebook: None)


def test_an_edited_experiment_that_is_skipped_is_no_part_of_the_code_that_runs(course: tuple[Path, Any]) -> None:
    course_dir, released = course
    notebook = filled(released)
    notebook["cells"].append(notebook["cells"][6] | {"source": "raise SystemExit('an experiment that grading skips ')"})
    hand_in(course_dir, "ana", notebook)
    submission = take_in(course_dir, load_master(course_dir, NAME), "ana", course_dir / "submitted" / "ana" / NAME)
    begin = [source[:10] for source in students_code(submission.notebook)]
    assert begin == ["import mat", "def double", "def halve(", "# YOUR COD"]


HANDED_IN: dict[str, Change] = {
    "all done": filled,
    "a question left empty": lambda released: filled(released, answer=""),
    "spaces": lambda released: filled(released, double="return 2 * x  \t\n\n\n"),
    "strange characters": lambda released: filled(released, double="return 2 * x\r\n    # \u2028 \x0b \ufeff ü 🙂"),
    "cells before": lambda released: {"cells": [code(HOSTILE), code(" "), *filled(released)["cells"]]},
    "copied cells": lambda released: {"cells": [*filled(released)["cells"], *filled(released)["cells"][3:5]]},
    "cells deleted": lambda released: {"cells": filled(released)["cells"][4:]},
    "code graded by a person, left as it was but for spaces": lambda released: altered(
        released, lambda cells: cells[-1].update(source=[*cells[-1]["source"], "  \n"])
    ),
    "half a file": lambda released: "{",
}


@pytest.mark.parametrize("handed_in", HANDED_IN.values(), ids=HANDED_IN.keys())
def test_nbgraders_own_command_gives_a_submission_the_same_inputs(
    course: tuple[Path, Any], monkeypatch: pytest.MonkeyPatch, handed_in: Change
) -> None:
    course_dir, released = course
    notebook = handed_in(released)
    hand_in(course_dir, "ana", filled(released) | notebook if isinstance(notebook, dict) else notebook)
    jobs = []

    def run(job: Job) -> Execution:
        jobs.append(job)
        raise RuntimeError("enough is known")

    monkeypatch.setattr(stock, "grade_apart", run)
    with pytest.raises(RuntimeError):
        ByNbgrader(course_dir, NAME, load_settings(course_dir)).convert(AutogradeOne, load_settings(course_dir), "ana")
    assert [job.seed for job in jobs] == [graded_with(course_dir)]
