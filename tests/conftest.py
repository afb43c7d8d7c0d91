"""Fixtures that several test files share."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from late_course import make_late_class
from local_server import Server
from pipeline_course import NAME, hand_in, release

from autograder.pipeline.intake import Submission, intake
from autograder.pipeline.master import Master, load_master

settings.register_profile("quick", deadline=None)
settings.register_profile("nightly", deadline=None, max_examples=10_000, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Master]:
    course_dir = tmp_path_factory.mktemp("course")
    release(course_dir)
    return course_dir, load_master(course_dir, NAME)


@pytest.fixture(scope="session")
def late_class(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_late_class(tmp_path_factory.mktemp("courses") / "graded")


@pytest.fixture
def take(course: tuple[Path, Master], tmp_path: Path) -> Any:
    """A function that hands in a notebook as student ana and takes it in."""
    _, master = course

    def take_one(notebook: Any, name: str = f"{NAME}.ipynb") -> Submission:
        hand_in(tmp_path, "ana", notebook, name)
        (submission,) = intake(tmp_path, master)
        return submission

    return take_one


@pytest.fixture
def download_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that downloads go to, empty; there is no mirror."""
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("COURSE_MIRROR", raising=False)
    return tmp_path / "cache" / "downloads"


@pytest.fixture
def server(download_cache: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A web server on this machine that serves what a test puts there."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    made = Server()
    yield made
    made.http.shutdown()
    made.http.server_close()


@pytest.fixture
def ctrl_c_is_heard():
    """Also where the tests run in the background, whose jobs ignore Ctrl-C from the start."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
