"""Fixtures that several test files share."""

from pathlib import Path
from typing import Any

import pytest
from pipeline_course import NAME, hand_in, release

from autograder.pipeline.intake import Submission, intake
from autograder.pipeline.master import Master, load_master


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Master]:
    course_dir = tmp_path_factory.mktemp("course")
    release(course_dir)
    return course_dir, load_master(course_dir, NAME)


@pytest.fixture
def take(course: tuple[Path, Master], tmp_path: Path) -> Any:
    """A function that hands in a notebook as student ana and takes it in."""
    _, master = course

    def take_one(notebook: Any, name: str = f"{NAME}.ipynb") -> Submission:
        hand_in(tmp_path, "ana", notebook, name)
        (submission,) = intake(tmp_path, master)
        return submission

    return take_one
