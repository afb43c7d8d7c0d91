"""A graded course in which some more have handed in, for the tests of runs that stop and go on."""

import json
import shutil
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
from pipeline_course import NAME, altered, code, grade, graded_class, hand_in
from writing_course import run_by_hand

from autograder.engine import Job
from autograder.engine.processes import Grader
from autograder.pipeline import grades, stops
from autograder.pipeline.execution import Execution
from autograder.pipeline.stops import GradingStoppedError

NEW = ("lea", "max", "nia", "ole", "pia")


def run(_: Grader, job: Job) -> Execution:
    """In the place of a grading process."""
    notebook = nbformat.from_dict(json.loads(job.notebook))
    return Execution(run_by_hand(SimpleNamespace(notebook=notebook, usable=True)), (), 0.5)


def prepared(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the graded course, to be changed: nobody is patient there, and no grading process is needed."""
    course_dir = folder / "course"
    shutil.copytree(graded_class()[0], course_dir)
    released = nbformat.read(course_dir / "release" / NAME / f"{NAME}.ipynb", as_version=4)
    for student in NEW:
        hand_in(course_dir, student, altered(released, lambda cells: [*cells, code("1")]))
    monkeypatch.setattr(Grader, "grade", run)
    for module in (stops, grades):
        monkeypatch.setattr(module, "PATIENCE", 0.1)
    return course_dir


def stopped(course_dir: Path, words: str) -> None:
    with pytest.raises(GradingStoppedError) as raised:
        grade(course_dir, NAME, workers=1, progress=False)
    message = str(raised.value)
    assert words in message and "\n" not in message
