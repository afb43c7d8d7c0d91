"""Cells copied, lost, moved, split or changed, and the notebook that is rebuilt from them."""

import json
import time
from pathlib import Path
from typing import Any

import nbformat
import pytest
from pipeline_course import ANSWER, altered, at, code, filled, outcomes, source, text

from autograder.pipeline.master import Master
from autograder.pipeline.outcomes import Outcome

RIGHT = "def double(x):\n    return 2 * x"


def released(course: tuple[Path, Master]) -> Any:
    return course[1].notebook


def move(cells: list[Any], name: str, to: int) -> list[Any]:
    cells.insert(to, cells.pop(at({"cells": cells}, name)))
    return cells


def without(cells: list[Any], *names: str) -> list[Any]:
    return [cell for cell in cells if cell["metadata"].get("nbgrader", {}).get("grade_id") not in names]


def retype(cells: list[Any], name: str, kind: str) -> None:
    cell = cells[at({"cells": cells}, name)]
    cell["cell_type"] = kind
    for key in ("outputs", "execution_count"):
        cell.pop(key, None)


def change(cells: list[Any], name: str, **fields: Any) -> None:
    cells[at({"cells": cells}, name)] |= fields


def strip_ids(cells: list[Any]) -> list[Any]:
    return [{k: v for k, v in cell.items() if k != "id"} | {"metadata": {}} for cell in cells]


def split(cells: list[Any], name: str, at_line: int) -> list[Any]:
    place = at({"cells": cells}, name)
    lines = cells[place]["source"].split("\n")
    cells[place]["source"] = "\n".join(lines[:at_line])
    return [*cells[: place + 1], code("\n".join(lines[at_line:])), *cells[place + 1 :]]


def merge_halve_into_double(cells: list[Any]) -> list[Any]:
    change(cells, "double", source=RIGHT + "\n\n\ndef halve(x):\n    return x / 2")
    return without(cells, "halve")


LOST = [Outcome.RECOVERED, Outcome.CHANGED_SETTINGS]
CHANGED_CELLS = [
    ("copied", lambda cells: [*cells, cells[at({"cells": cells}, "double")]], [Outcome.COPIED]),
    ("deleted check", lambda cells: without(cells, "double_check"), [Outcome.DELETED]),
    ("deleted graded cell", lambda cells: without(cells, "double_tests"), [Outcome.DELETED]),
    ("changed graded cell", lambda cells: change(cells, "double_tests", source="6"), [Outcome.RESTORED]),
    ("retyped", lambda cells: retype(cells, "double", "markdown"), [Outcome.RETYPED]),
    ("retyped to raw", lambda cells: retype(cells, "double", "raw"), [Outcome.RETYPED]),
    ("reordered", lambda cells: move(cells, "halve", 0), [Outcome.REORDERED]),
    ("split", lambda cells: split(cells, "double", 1), [Outcome.SPLIT]),
    ("merged", merge_halve_into_double, [Outcome.MERGED]),
    ("all ids lost", strip_ids, [Outcome.RECOVERED, *LOST]),
    ("grade ids lost", lambda cells: [cell | {"metadata": {}} for cell in cells], LOST),
    ("metadata is not a dict", lambda cells: [cell | {"metadata": "no"} for cell in cells], LOST),
    ("cells that are no cells", lambda cells: ["text", {"source": 7}, *cells], []),
]  # fmt: skip


@pytest.mark.parametrize(
    ("alter", "expected"), [case[1:] for case in CHANGED_CELLS], ids=[case[0] for case in CHANGED_CELLS]
)
def test_cells_in_disorder_are_put_right_and_named(course: Any, take: Any, alter: Any, expected: list[Outcome]) -> None:
    submission = take(altered(released(course), alter))
    assert outcomes(submission) == expected
    assert [cell.get("id") for cell in submission.notebook.cells if not cell["id"].startswith("student-")] == [
        cell["id"] for cell in released(course).cells
    ]
    code_of = {}
    exec("\n".join(source(submission, name) for name in ("double", "halve")), code_of)  # the student's two functions
    assert (code_of["double"](4), code_of["halve"](4)) == (8, 2)
    assert source(submission, "question") == ANSWER


def test_a_deleted_gap_counts_as_left_empty(course: Any, take: Any) -> None:
    submission = take(altered(released(course), lambda cells: without(cells, "halve", "question")))
    assert "cells halve, question are not there; graded as left empty" in submission.note
    assert outcomes(submission) == [Outcome.DELETED]
    assert "NotImplementedError" in source(submission, "halve")
    assert source(submission, "question") == released(course).cells[-1].source


def test_an_untouched_copy_of_a_gap_does_not_displace_the_filled_one(course: Any, take: Any) -> None:
    gap = json.loads(nbformat.writes(released(course)))["cells"][at(released(course), "double")]
    for place in (0, 99):
        submission = take(altered(released(course), lambda cells, place=place: cells.insert(place, dict(gap))))
        assert source(submission, "double") == RIGHT
        assert not any(cell["id"].startswith("student-") for cell in submission.notebook.cells)


def test_a_second_filled_copy_runs_where_it_stands(course: Any, take: Any) -> None:
    copy = code("def double(x):\n    return 7") | {"metadata": {"nbgrader": {"grade_id": "double"}}}
    submission = take(altered(released(course), lambda cells: cells.insert(at({"cells": cells}, "double") + 1, copy)))
    sources = [cell.source for cell in submission.notebook.cells]
    assert sources.index(RIGHT) + 1 == sources.index("def double(x):\n    return 7")


def test_the_students_own_cells_follow_the_cell_they_followed(course: Any, take: Any) -> None:
    own = [code("helper = 1"), text("my thoughts"), code("  ")]
    submission = take(altered(released(course), lambda cells: [code("first = 1"), *cells[:3], *own, *cells[3:]]))
    sources = [cell.source for cell in submission.notebook.cells]
    assert sources[0] == "first = 1"
    assert sources[sources.index("Double a number.") + 1 :][:3] == ["helper = 1", "my thoughts", RIGHT]


def test_a_copy_of_an_experiment_is_kept_but_not_run(course: Any, take: Any) -> None:
    copied = code("raise SystemExit('my own version')") | {"metadata": {"tags": ["skip-execution"]}}
    submission = take(altered(released(course), lambda cells: [*cells, copied]))
    assert submission.notebook.cells[-1].source == copied["source"]
    assert submission.notebook.cells[-1].metadata == {"tags": ["skip-execution"]}


def test_an_import_added_to_one_of_our_open_cells_still_runs(course: Any, take: Any) -> None:
    submission = take(altered(released(course), lambda cells: cells[1].update(source="import math\nimport cmath")))
    sources = [cell.source for cell in submission.notebook.cells]
    assert sources[1:3] == ["import math", "import math\nimport cmath"]


def test_metadata_tags_and_points_of_the_student_count_for_nothing(course: Any, take: Any) -> None:
    notebook = filled(released(course))
    for cell in notebook["cells"]:
        cell["metadata"]["tags"] = ["skip-execution"]
        cell["metadata"].get("nbgrader", {}).update(points=1000, solution=True, locked=False)
    rebuilt = take(notebook).notebook
    assert [cell.metadata for cell in rebuilt.cells] == [cell.metadata for cell in released(course).cells]


def test_an_answer_written_below_its_cell_is_the_answer(course: Any, take: Any) -> None:
    notebook = filled(released(course), answer=released(course).cells[-1].source)
    notebook["cells"] += [text("It is so"), text("because.")]
    submission = take(notebook)
    assert (source(submission, "question"), outcomes(submission)) == ("It is so\n\nbecause.", [Outcome.RECOVERED])


def test_another_notebook_altogether_is_named(take: Any) -> None:
    submission = take({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [code("x = 1"), text("hello")]})
    assert (submission.usable, outcomes(submission)) == (True, [Outcome.OTHER_NOTEBOOK])


def test_an_empty_notebook_is_graded_as_left_empty(take: Any) -> None:
    submission = take({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": []})
    assert (submission.usable, outcomes(submission)) == (True, [Outcome.OTHER_NOTEBOOK])


def test_magics_do_not_hide_a_definition(course: Any, take: Any) -> None:
    lost = strip_ids(filled(released(course))["cells"])
    lost[at(released(course), "double")]["source"] = "%matplotlib inline\n!echo hi\n" + RIGHT
    submission = take(filled(released(course)) | {"cells": lost})
    assert source(submission, "double").endswith(RIGHT)


HEAVY_CELLS = {
    "600 shell lines": "!ls\n" * 600 + RIGHT,
    "600 questions": "x?\n" * 600 + RIGHT,
    "parentheses": "(" * 100_000 + ")" * 100_000,
    "signs": "-" * 49_000 + "1",
    "a long sum": "1+" * 24_000 + "1",
    "calls of calls": "f" + "()" * 24_000,
    "a text without end": "'''" + "x\n" * 24_000,
    "brackets, a line each": "[\n" * 24_000,
    "many lines": "x = 1\n" * 8_000 + RIGHT,
    "blanks": "x" + " " * 49_000,
}


@pytest.mark.parametrize("name", HEAVY_CELLS)
def test_a_cell_that_is_hard_to_read_costs_little(course: Any, take: Any, name: str) -> None:
    """In the place of a gap whose name is lost, before pieces to put together: all that is ever parsed."""
    heavy = HEAVY_CELLS[name]
    lost = strip_ids(filled(released(course))["cells"])
    lost[at(released(course), "double")]["source"] = heavy
    lost[at(released(course), "halve")]["source"] = "def halve(x):"
    lost += [code(heavy)] * 2
    pieces = [code(f"    {heavy}")] * 20
    place = at(released(course), "halve") + 1
    started = time.thread_time()
    submission = take(filled(released(course)) | {"cells": [*lost[:place], *pieces, *lost[place:]]})
    assert time.thread_time() - started < 10
    assert submission.usable
    assert ("NotImplementedError" not in source(submission, "double")) == (RIGHT in heavy)


def test_a_shell_line_does_not_hide_that_the_cell_is_python(course: Any, take: Any) -> None:
    """Stepped over a line at a time: what is found is the student's own text, with its decorators."""
    written = "@cache\ndef double(x):\n    files = !ls\n    %time pass\n    return 2 * x"
    lost = strip_ids(filled(released(course))["cells"])
    del lost[at(released(course), "double")]
    submission = take(
        filled(released(course)) | {"cells": [*lost, code(f"{written}\n\ndef halve(x):\n    return x / 2")]}
    )
    assert source(submission, "double").startswith(written)
