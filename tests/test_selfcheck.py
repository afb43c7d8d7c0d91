"""Checking a notebook in a process of its own: whatever the code does, an answer comes."""

import json

import pytest
import student_course
from student_course import SOLUTIONS, notebook, write

from course_utils.selfcheck import check_notebook, runner
from course_utils.shelf import CourseError


@pytest.fixture
def check(tmp_path):
    released = student_course.make_course(tmp_path) / "01_small" / "01_small.ipynb"

    def run(gaps=None, extra=None, *, content=None, **options):
        path = write(tmp_path / "work" / "01_small.ipynb", content or notebook(gaps, extra))
        before = path.read_bytes()
        options = {"hidden": False, "limit": 8.0, "overall": 30.0, **options}
        results = check_notebook(path, released=released, **options)
        assert path.read_bytes() == before
        return {result.exercise: result for result in results}

    return run


def test_a_finished_notebook_passes_with_magics_and_without_its_skipped_cells(check):
    results = check(SOLUTIONS)
    assert [r.status for r in results.values()] == ["ok"] * 3
    assert all(r.ok for r in results.values())
    assert results["double"].output.strip() == "ok  double"


def test_a_gap_says_what_is_to_be_written(check):
    results = check()
    assert {r.status for r in results.values()} == {"gap"}
    assert results["double"].message == "not written yet: give back the number"


# what is written into the gap, the status, what the message must hold, what the place must hold
MISTAKES = {
    "wrong": ("def double(x):\n    return 3 * x", "wrong", "double(2) should be 4", None),
    "nan": ("def double(x):\n    return float('nan')", "wrong", "double(2) should be 4", None),
    "raises": (
        "def double(x):\n    y = 1\n    return x / 0",
        "error",
        "ZeroDivisionError: division",
        "double, line 3: ret",
    ),
    "syntax": ("def double(x)\n    return 1", "error", "SyntaxError: expected ':'", "double, line 1: def double(x)"),
    "sys.exit": ("def double(x):\n    import sys\n    sys.exit()", "error", "calls exit", "double, line 3"),
    "exit at top": ("exit()", "error", "calls exit", None),
    "input": ("def double(x):\n    return input()", "error", "EOFError: the code waits for input", "line 2"),
    "recursion": ("def double(x):\n    return double(x)", "error", "calls itself without end", "line 2"),
    "crash": (
        "def double(x):\n    import os\n    os._exit(3)",
        "error",
        "Python itself ended here (exit status 3)",
        None,
    ),
    "crash at top": ("import os\nos._exit(4)", "error", "(exit status 4), in cell double", None),
    "no function": ("x = 1", "error", "NameError: name 'double' is not defined", None),
    "number in place of a list": (
        "def double(x):\n    return 3\ncheck_me = [*double(1)]",
        "error",
        "TypeError: Value after * must be an iterable, not int",
        "double, line 3",
    ),
    "waits": ("def double(x):\n    return triple(x)", "error", "name 'triple' is not defined", "line 2"),
}


@pytest.mark.parametrize(("source", "status", "said", "place"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_told_in_words_and_stops_nothing_else(check, source, status, said, place):
    results = check({**SOLUTIONS, "double": source})
    assert results["double"].status == status
    assert said in results["double"].message
    assert place is None or place in str(results["double"].where)
    assert [results[name].status for name in ("triple", "later")] == ["ok", "ok"]


ENDLESS = {
    "loop": "def double(x):\n    while True:\n        pass",
    "sleep": "def double(x):\n    import time\n    time.sleep(60)",
    "flood": "def double(x):\n    while True:\n        print('x' * 1000)",
    "at top": "while True:\n    pass",
    "cannot be interrupted": "def double(x):\n while True:\n  try:\n   while True: pass\n  except: pass",
}


@pytest.mark.parametrize("source", ENDLESS.values(), ids=ENDLESS)
def test_endless_code_is_stopped_and_the_rest_is_checked(check, source):
    results = check({**SOLUTIONS, "double": source}, limit=0.6)
    assert results["double"].status == "time"
    assert "stopped after 0.6 s" in results["double"].message
    assert len(results["double"].output) < 3000
    assert [results[name].status for name in ("triple", "later")] == ["ok", "ok"]


def test_when_all_time_is_used_finished_answers_remain(check):
    hang = "def later(x):\n    while True:\n        try:\n            while True: pass\n        except: pass"
    shown = []
    results = check({**SOLUTIONS, "later": hang}, limit=60.0, overall=3.0, on_result=shown.append)
    assert [r.exercise for r in shown] == ["double", "triple", "later"]
    assert [r.status for r in results.values()] == ["ok", "ok", "time"]


def test_without_any_time_every_exercise_is_not_reached(check):
    results = check(SOLUTIONS, overall=0.0)
    assert {r.status for r in results.values()} == {"not reached"}


def test_one_exercise_alone_runs_with_the_gaps_before_it(check):
    results = check({**SOLUTIONS, "triple": "def triple(x):\n    return double(x) + x"}, exercise="triple")
    assert {name: r.status for name, r in results.items()} == {"triple": "ok"}
    with pytest.raises(CourseError, match="did you mean triple"):
        check(SOLUTIONS, exercise="tripel")


def test_a_gap_that_needs_another_says_which(check):
    results = check({"later": "def later(x):\n    return double(x) / 2"})
    assert results["later"].message == "waits for double, which is not written yet"


def test_a_missing_name_leads_to_the_cell_that_stopped(check):
    results = check({**SOLUTIONS, "later": "def later(x):\n    return scale * x"}, ["scale = 1 / 0"])
    assert "the cell number 3 should make it, but it stopped (ZeroDivisionError" in results["later"].message


def test_a_cell_that_ends_python_is_left_out_with_a_note(check):
    notes = []
    results = check(SOLUTIONS, ["import os; os._exit(5)"], on_note=notes.append)
    assert all(r.ok for r in results.values())
    assert notes == ["your cell number 3 was left out: Python itself ended here (exit status 5)"]


def test_checks_the_student_altered_deleted_or_moved_are_the_released_ones(check):
    content = notebook({**SOLUTIONS, "double": "def double(x):\n    return 0"})
    by_id = {cell.metadata.get("nbgrader", {}).get("grade_id"): cell for cell in content.cells}
    by_id["double_check"].source = "pass"
    content.cells.remove(by_id["triple_check"])
    content.cells.remove(by_id["later_check"])
    content.cells.insert(0, by_id["later_check"])
    results = check(content=content)
    assert [r.status for r in results.values()] == ["wrong", "ok", "ok"]


def test_a_missing_gap_cell_and_a_retyped_one_are_named(check):
    content = notebook(SOLUTIONS)
    by_id = {cell.metadata.get("nbgrader", {}).get("grade_id"): cell for cell in content.cells}
    content.cells.remove(by_id["double"])
    by_id["triple"].cell_type = "markdown"
    for name in ("execution_count", "outputs"):
        del by_id["triple"][name]
    results = check(content=content)
    assert [r.status for r in results.values()] == ["missing", "missing", "ok"]
    assert "the cell double is missing" in results["double"].message
    assert "set its type back to Code" in results["triple"].message


BROKEN = {
    "missing": (None, "there is no such file"),
    "empty": (b"", "the file is empty"),
    "cut off": (b'{"cells": [\n{"cell', r"not valid JSON at line 2"),
    "not text": (b"\xff\xfe\x00", "not a notebook in UTF-8"),
    "a list": (b"[1, 2]", "not a notebook with a list of cells"),
    "old format": (b'{"worksheets": []}', "not a notebook with a list of cells"),
}


@pytest.mark.parametrize(("content", "said"), BROKEN.values(), ids=BROKEN)
def test_a_broken_file_is_told_apart_and_left_alone(tmp_path, content, said):
    path = tmp_path / "01_small.ipynb"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CourseError, match=said):
        check_notebook(path)
    assert not path.exists() or path.read_bytes() == content


def test_cells_of_the_wrong_shape_are_read_as_far_as_they_go(tmp_path, check):
    content = json.loads(json.dumps(notebook(SOLUTIONS)))
    content["cells"][:0] = [7, {"cell_type": "code", "metadata": None, "source": ["1 +", " 1"]}]
    path = tmp_path / "work" / "01_small.ipynb"
    path.parent.mkdir()
    path.write_text(json.dumps(content))
    results = check_notebook(path, hidden=False, released=tmp_path / "assignments/01_small/01_small.ipynb", overall=30)
    assert all(r.ok for r in results)


def test_a_process_that_cannot_start_is_told_with_its_last_line(check, monkeypatch):
    monkeypatch.setenv("PYTHONHOME", "/nowhere")
    results = check(SOLUTIONS)
    assert {r.status for r in results.values()} == {"not reached"}
    assert "Python could not be started" in results["double"].message


def test_the_default_limits_leave_room_in_five_seconds():
    assert runner.OVERALL + runner.GRACE < 5
