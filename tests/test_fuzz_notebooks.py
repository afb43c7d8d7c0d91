"""Notebooks damaged at random, in structure and in bytes: whatever comes of them, it is graded, named and fair."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from fuzzing import fuzz
from hypothesis import given
from hypothesis import strategies as st
from pipeline_course import ANSWER, at, code, filled, hand_in, text

from autograder.pipeline.cell_code import Code, definitions
from autograder.pipeline.intake import Submission, intake
from autograder.pipeline.master import Master, is_skipped, is_solution, is_test

NAMES = ("double", "double_check", "double_tests", "halve", "halve_tests", "question")
CHECKS = {"double": lambda double: double(713) == 1426, "halve": lambda halve: halve(816) == 408}

places = st.integers(0, 30)
scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(NAMES)
junk = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8) | st.sampled_from(NAMES), inner),
    max_leaves=6,
)
own_code = st.sampled_from(
    [
        "x = 1",
        "!ls",
        "%time 1",
        "%%bash\nls",
        "def helper(x):\n    return x",
        "raise ValueError",
        "(",
        "    y = 2",
        "\r",
        " ",
    ]
)
own_cells = st.builds(code, own_code | st.text(max_size=20)) | st.builds(text, st.text(max_size=20))
KEYS = ("cell_type", "source", "metadata", "id", "outputs", "execution_count")
NBGRADER = ("grade_id", "points", "grade", "solution", "locked", "task", "schema_version", "checksum", "cell_type")

Damage = tuple[Any, ...]  # a function of the list of cells, and its other arguments


def _drop(cells: list[Any], place: int) -> None:
    if cells:
        del cells[place % len(cells)]


def _duplicate(cells: list[Any], place: int, to: int) -> None:
    if cells:
        cells.insert(to % (len(cells) + 1), copy.deepcopy(cells[place % len(cells)]))


def _move(cells: list[Any], place: int, to: int) -> None:
    if cells:
        cell = cells.pop(place % len(cells))
        cells.insert(to % (len(cells) + 1), cell)


def _split(cells: list[Any], place: int, at_character: int) -> None:
    cell = cells[place % len(cells)] if cells else None
    if isinstance(cell, dict) and isinstance(cell.get("source"), str):
        cut = at_character % (len(cell["source"]) + 1)
        rest = copy.deepcopy(cell) | {"source": cell["source"][cut:], "metadata": {}}
        rest.pop("id", None)
        cell["source"] = cell["source"][:cut]
        cells.insert(cells.index(cell) + 1, rest)


def _merge(cells: list[Any], place: int) -> None:
    """A cell's text moves to the end of the one before it."""
    if len(cells) > 1:
        place = 1 + place % (len(cells) - 1)
        first, second = cells[place - 1], cells[place]
        if all(isinstance(each, dict) and isinstance(each.get("source"), str) for each in (first, second)):
            first["source"] += "\n\n" + second["source"]
            del cells[place]


def _set(cells: list[Any], place: int, key: str, value: Any) -> None:
    cell = cells[place % len(cells)] if cells else None
    if isinstance(cell, dict):
        cell[key] = value


def _lose(cells: list[Any], place: int, key: str) -> None:
    cell = cells[place % len(cells)] if cells else None
    if isinstance(cell, dict):
        cell.pop(key, None)


def _claim(cells: list[Any], place: int, key: str, value: Any) -> None:
    """Other nbgrader metadata."""
    cell = cells[place % len(cells)] if cells else None
    metadata = cell.get("metadata") if isinstance(cell, dict) else None
    if isinstance(metadata, dict):
        about = metadata.setdefault("nbgrader", {})
        if isinstance(about, dict):
            about[key] = value


def _insert(cells: list[Any], place: int, cell: Any) -> None:
    cells.insert(place % (len(cells) + 1), cell)


def _damage(function: Callable[..., None], *arguments: st.SearchStrategy[Any]) -> st.SearchStrategy[Damage]:
    return st.tuples(st.just(function), *arguments)


harmless = st.one_of(
    _damage(_duplicate, places, places),
    _damage(_move, places, places),
    _damage(_lose, places, st.sampled_from(["id", "outputs", "metadata", "cell_type"])),
    _damage(_claim, places, st.sampled_from(NBGRADER[1:]), junk),
    _damage(_set, places, st.just("cell_type"), st.sampled_from(["raw", "markdown", "code", "heading"])),
    _damage(_set, places, st.sampled_from(["id", "outputs", "execution_count", "attachments"]), junk),
    _damage(_insert, places, own_cells),
)
structural = st.one_of(harmless, _damage(_drop, places), _damage(_insert, places, junk))
any_damage = st.one_of(
    structural,
    _damage(_split, places, st.integers(0, 99)),
    _damage(_merge, places),
    _damage(_set, places, st.sampled_from(KEYS), junk),
    _damage(_lose, places, st.sampled_from(KEYS)),
    _damage(_claim, places, st.sampled_from(NBGRADER), junk),
)
RIGHT = {
    "double": ("return 2 * x", "y = 2\n    return x * y"),
    "halve": ("return x / 2", "import math\n    return x / 2"),
}
right_work = st.fixed_dictionaries({name: st.sampled_from(bodies) for name, bodies in RIGHT.items()})
work = st.fixed_dictionaries(
    {
        "double": st.sampled_from([*RIGHT["double"], "return 3 * x", "return 2 *", "pass"]),
        "halve": st.sampled_from([*RIGHT["halve"], "return x", "return", "raise ValueError"]),
        "answer": st.sampled_from([ANSWER, "YOUR ANSWER HERE", "", "x" * 99]),
    }
)
MEMBERS = ("nbformat", "nbformat_minor", "metadata", "cells", "worksheets")
around = st.dictionaries(st.sampled_from(MEMBERS), junk | st.integers(1, 6), max_size=1)


@pytest.fixture(scope="module")
def taker(course: tuple[Path, Master], tmp_path_factory: pytest.TempPathFactory) -> Callable[[Any], Submission]:
    """A function that hands a notebook in and takes it in: quicker than a folder for each example."""
    folder = tmp_path_factory.mktemp("fuzz")

    def take_in(notebook: Any) -> Submission:
        hand_in(folder, "ana", notebook)
        (submission,) = intake(folder, course[1])
        return submission

    return take_in


def damaged(master: Master, how: list[Damage], **done: str) -> dict[str, Any]:
    notebook: dict[str, Any] = filled(master.notebook, **done)
    for function, *arguments in how:
        function(notebook["cells"], *copy.deepcopy(arguments))
    return notebook


def is_whole(master: Master, submission: Submission) -> None:
    """All of the instructor's cells are there, once, in order, and none that a student may not write is changed."""
    cells = submission.notebook.cells
    ours = [cell for cell in cells if not cell.id.startswith("student-")]
    assert [cell.id for cell in ours] == [cell.id for cell in master.notebook.cells]
    for cell, original in zip(ours, master.notebook.cells, strict=True):
        assert (cell.metadata, cell.cell_type) == (original.metadata, original.cell_type)
        assert is_solution(original) or cell.source == master.cell_source(original)
    assert all("nbgrader" not in cell.metadata for cell in cells if cell.id.startswith("student-"))
    assert len({cell.id for cell in cells}) == len(cells)
    nbformat.validate(submission.notebook)
    nbformat.writes(submission.notebook).encode("utf-8")
    assert submission.note.isprintable()
    assert not submission.usable or not submission.findings or submission.note


def earned(submission: Submission) -> set[str]:
    """The exercises that are right when the cells run in order. Of random text only these two functions are run."""
    namespace: dict[str, Any] = {}
    for cell in submission.notebook.cells:
        if cell.cell_type == "code" and not is_test(cell) and not is_skipped(cell):
            for name, written in definitions(cell.source).items():
                if name in CHECKS:
                    exec(written, namespace)
    return {name for name, right in CHECKS.items() if _passes(right, namespace.get(name))}


def _passes(right: Callable[[Any], bool], function: Any) -> bool:
    try:
        return right(function)
    except Exception:  # whatever cut-up text raises
        return False


def contents(submission: Submission) -> list[Any]:
    return [(cell.id, cell.cell_type, cell.source, cell.metadata) for cell in submission.notebook.cells]


@fuzz
@given(how=st.lists(any_damage, max_size=6), done=work, members=around)
def test_a_damaged_notebook_is_rebuilt_whole_and_only_once(
    taker: Any, course: Any, how: Any, done: Any, members: Any
) -> None:
    master = course[1]
    submission = taker(damaged(master, how, **done) | members)
    is_whole(master, submission)
    assert earned(submission) <= {name for name, bodies in RIGHT.items() if done[name] in bodies}
    again = taker(json.loads(nbformat.writes(submission.notebook)))
    assert contents(again) == contents(submission)


@fuzz
@given(how=st.lists(structural, max_size=6), done=right_work)
def test_right_work_is_lost_only_with_a_remark(taker: Any, course: Any, how: Any, done: Any) -> None:
    submission = taker(damaged(course[1], how, **done))
    assert earned(submission) == set(RIGHT) or submission.findings


@fuzz
@given(how=st.lists(harmless, max_size=6), done=right_work)
def test_right_work_keeps_its_points_while_its_text_is_there(taker: Any, course: Any, how: Any, done: Any) -> None:
    assert earned(taker(damaged(course[1], how, **done))) == set(RIGHT)


@fuzz
@given(
    cuts=st.lists(st.tuples(st.integers(0, 6000), st.integers(0, 40), st.binary(max_size=12)), max_size=5),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "utf-32", "latin-1"]),
)
def test_a_file_with_random_bytes_is_read_or_refused_by_name(taker: Any, course: Any, cuts: Any, encoding: str) -> None:
    content = json.dumps(filled(course[1].notebook), indent=1).encode(encoding)
    for place, length, new in cuts:
        content = content[:place] + new + content[place + length :]
    submission = taker(content)
    is_whole(course[1], submission)
    assert submission.usable or submission.findings


@fuzz
@given(source=st.text(max_size=60) | st.lists(own_code | st.text(max_size=9)).map("\n".join))
def test_any_text_is_python_or_not(source: str) -> None:
    code_of = Code()
    found = code_of.definitions(source)
    assert code_of.is_python(source) or not found
    assert all(
        f"def {name}" in written or f"class {name}" in written for name, written in found.items() if name.isascii()
    )


def test_an_undamaged_notebook_loses_nothing(taker: Any, course: Any) -> None:
    notebook = filled(course[1].notebook)
    submission = taker(notebook)
    assert (submission.note, earned(submission)) == ("", set(RIGHT))
    gaps = {at(notebook, name) for name in ("double", "halve", "question")}
    for place in gaps:
        assert submission.notebook.cells[place].source == notebook["cells"][place]["source"]
