"""What keeps a notebook from being packed."""

import json

import pytest
from student_course import SOLUTIONS, notebook, write

from course_utils.cli.pack import find_problems
from course_utils.selfcheck.notebook import read_notebook


def _by_id(content):
    return {cell.metadata.get("nbgrader", {}).get("grade_id"): cell for cell in content.cells}


def _remove(content):
    content.cells.remove(_by_id(content)["double_tests"])


def _copy(content):
    content.cells.append(_by_id(content)["double"])


def _retype(content):
    cell = _by_id(content)["triple"]
    cell.cell_type = "raw"


def _break(content):
    _by_id(content)["later"].source = "def later(:"


REFUSED = [
    (_remove, "the cell double_tests is missing"),
    (_copy, "2 cells are called double: keep one"),
    (_retype, "the cell triple is now of type raw: set it to code"),
    (_break, "the cell later has a syntax error, line 1"),
]


@pytest.mark.parametrize(("damage", "said"), REFUSED)
def test_a_notebook_that_cannot_be_graded_is_refused_with_the_reason(tmp_path, damage, said):
    content = notebook(SOLUTIONS)
    damage(content)
    student = tmp_path / "student.ipynb"
    student.write_text(json.dumps(content))
    released = write(tmp_path / "released.ipynb", notebook())
    [problem] = find_problems(read_notebook(student), read_notebook(released))
    assert said in problem
