"""nbgrader's own tests of `nbgrader autograde`, from its wheel, with our way of running notebooks in place of its own.

Each is run twice: with our executor in the place of nbgrader's `Execute` and all else as in stock nbgrader, and with
everything that `autograder.plugins.configure` sets.
"""

import functools
import os
import re
import sys
from pathlib import Path

import pytest
from nbgrader import api
from nbgrader.tests.apps.conftest import course_dir, db, temp_cwd  # noqa: F401 — fixtures of these tests
from nbgrader.tests.apps.test_nbgrader_autograde import TestNbGraderAutograde as _Theirs

from course_utils.data.cache import cache_folder

EXECUTOR = """
from autograder.pipeline.stock import Execute
from nbgrader import preprocessors
from nbgrader.converters import Autograde
steps = Autograde.autograde_preprocessors.default()
c.Autograde.autograde_preprocessors = [Execute if step is preprocessors.Execute else step for step in steps]
"""
ALL = """
from autograder.plugins import configure
configure(c)
"""
# Tests that pass on stock nbgrader and are not to pass here. The same table with more words: docs/nbgrader.md.
DIFFERENT = {
    "test_side_effects": "files that a student's code writes stay in the sandbox and go with it",
    "test_no_execute": "outputs that a student stored are no results: with graded cells, --no-execute is refused",
}
DIFFERENT_WITH_ALL = DIFFERENT | {
    "test_handle_failure": "cells that the assignment does not have are no failure: the others are graded",
    "test_handle_failure_single_notebook": "the same",
    "test_missing_source_kernelspec": "the kernel that a student's notebook names counts for nothing",
}

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")  # of nbgrader's own making
new_version = functools.cache(api.get_alembic_version)  # nbgrader starts a program for it, for each new gradebook


class _Wired(_Theirs):
    lines: str
    different: dict[str, str]

    @pytest.fixture(autouse=True)
    def wiring(self, request: pytest.FixtureRequest, temp_cwd: str, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
        """Our lines in nbgrader_config.py, which these tests then add their own lines to."""
        monkeypatch.setattr(os, "environ", os.environ)  # put back: nbgrader's tests leave a plain dict there
        monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)
        monkeypatch.setenv("COURSE_CACHE", str(cache_folder()))
        monkeypatch.setenv("HOME", temp_cwd)
        monkeypatch.setattr(api, "get_alembic_version", new_version)
        with Path("nbgrader_config.py").open("a") as file:
            file.write(self.lines + "c.Execute.allow_unsandboxed = True\n")
        reason = self.different.get(request.function.__name__)
        if reason:
            request.applymarker(pytest.mark.xfail(reason=reason, strict=True))


class TestAutogradeWithOurExecutor(_Wired):
    lines, different = EXECUTOR, DIFFERENT


class TestAutogradeWithAllOurSettings(_Wired):
    lines, different = ALL, DIFFERENT_WITH_ALL


def test_the_documentation_lists_what_differs() -> None:
    page = (Path(__file__).resolve().parents[1] / "docs" / "nbgrader.md").read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| `test_")]
    listed = {name: row.split("|")[2].strip() == "fails" for row in rows for name in re.findall(r"`(test_\w+)`", row)}
    assert listed.keys() == DIFFERENT_WITH_ALL.keys() <= vars(_Theirs).keys()
    assert {name for name, with_the_executor in listed.items() if with_the_executor} == DIFFERENT.keys()
