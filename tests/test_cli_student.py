"""The student's verbs, as typed."""

import json
import subprocess
import zipfile

import pytest
import student_course
from student_course import SOLUTIONS, notebook, write
from typer.testing import CliRunner

from course_utils import cli, shelf
from course_utils.cli import memory, pack, start
from course_utils.selfcheck import ExerciseResult, Hidden
from course_utils.selfcheck.results import Where


@pytest.fixture
def course(tmp_path, monkeypatch, capsys):
    """Type a command in an empty folder: gives exit status, output and errors."""
    return student_course.command_line(tmp_path, monkeypatch, capsys)


@pytest.fixture
def copy(tmp_path):
    return tmp_path / "work" / "01_small" / "01_small.ipynb"


def test_every_verb_shows_an_example(course):
    status, out, _ = course()
    assert status == 0
    for verb in ("status", "start", "check", "hint", "solution", "pack"):
        assert verb in out
        status, text, _ = course(verb, "--help")
        assert status == 0
        assert f"course {verb}" in text


def test_the_version_is_shown(course, monkeypatch):
    assert course("--version")[1].startswith("course 0.")

    def absent(name):
        raise cli.PackageNotFoundError

    monkeypatch.setattr(cli, "version", absent)
    assert "not installed" in course("--version")[1]


USAGE = [
    (("start", "77"), "there is no assignment '77'; there are: 01_small"),
    (("stat",), "stat"),
    (("start",), "ASSIGNMENT"),
    (("start", "01", "--wrong"), "--wrong"),
    (("check", "01"), "begin with `course start 01`"),
    (("hint", "doubel"), "did you mean double?"),
    (("hint", "triple"), "there are no hints for triple"),
    (("hint", "double", "--level", "4"), "past the last"),
    (("solution", "triple"), "has no exercise 'triple'"),
]


@pytest.mark.parametrize(("arguments", "said"), USAGE)
def test_a_usage_error_is_one_line_and_exit_status_2(course, arguments, said):
    status, _, err = course(*arguments)
    assert status == 2
    assert err.startswith("course: ")
    assert said.lower() in err.lower()
    assert err.count("\n") == 1


def test_start_copies_once_and_never_overwrites(course, copy):
    assert course("start", "01", "--no-open")[0] == 0
    assert (copy.parent / "figure.txt").exists()
    assert not (copy.parent / "hints.json").exists()
    copy.write_text("mine")
    (copy.parent / "figure.txt").unlink()
    assert "there already" in course("start", "01", "--no-open")[1]
    assert copy.read_text() == "mine"


def test_start_fills_in_beside_what_the_student_has(tmp_path):
    (tmp_path / "to").mkdir()
    for folder, text in (("from", "released"), ("to", "mine")):
        (tmp_path / folder).mkdir(exist_ok=True)
        (tmp_path / folder / "a.txt").write_text(text)
    start.copy_missing(tmp_path / "from", tmp_path / "to")
    assert (tmp_path / "to" / "a.txt").read_text() == "mine"


def test_start_opens_jupyterlab_or_says_that_it_is_not_there(course, monkeypatch):
    calls = []

    def run(command, check):
        calls.append(command[1:3])
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(start.subprocess, "run", run)
    assert course("start", "small")[0] == 0
    assert calls == [["-m", "jupyterlab"]]
    monkeypatch.setattr(start.importlib.util, "find_spec", lambda name: None)
    assert "JupyterLab is not installed" in course("start", "small")[2]


def test_check_says_what_is_wrong_and_status_remembers(course, copy):
    write(copy, notebook({"double": SOLUTIONS["double"], "triple": "def triple(x):\n    return 0"}))
    status, out, _ = course("check", "01", "--no-hidden")
    assert status == 1
    for words in ("triple(2) should be 6", "not written yet: give back", "1 of 3 exercises done", "course hint triple"):
        assert words in out
    status, out, _ = course("status", "--json")
    [row] = json.loads(out)["assignments"]
    assert (row["done"], row["gaps_left"], row["points_within_reach"], row["points"]) == (1, 1, 6.0, 18.0)
    assert (row["title"], row["started"]) == ("Small numbers", True)


def test_check_as_json_is_for_programs(course, copy):
    write(copy, notebook(SOLUTIONS, ["import os; os._exit(1)"]))
    status, out, _ = course("check", "01", "double", "--json", "--no-hidden")
    answer = json.loads(out)
    assert status == 0
    assert answer["ok"] is True
    assert [row["exercise"] for row in answer["exercises"]] == ["double"]
    assert "left out" in answer["notes"][0]
    assert "note: your cell number 3" in course("check", "01", "--no-hidden")[1]


def test_check_shows_points_and_place(course, copy, monkeypatch):
    write(copy, notebook())
    result = ExerciseResult(
        "double", "error", "bad", Where("double", 2, "x"), "noise", 6.0, Hidden(2.5, 6.0, ["a line"])
    )
    nan = ExerciseResult("triple", "ok", hidden=Hidden(float("nan"), 6.0))

    def check_notebook(*_, on_result, **__):
        for item in (result, nan):
            if on_result:
                on_result(item)
        return [result, nan]

    monkeypatch.setattr(cli.check, "check_notebook", check_notebook)
    out = course("check", "01")[1]
    for words in ("2.5 of 6 points", "in cell double, line 2: x", "it printed: noise", "a line"):
        assert words in out
    assert json.loads(course("check", "01", "--json")[1])["exercises"][1]["hidden"]["score"] is None


def test_status_is_a_table_that_survives_a_broken_notebook(course, copy):
    assert "18 to earn" in course("status")[1]
    copy.parent.mkdir(parents=True)
    copy.write_text("{")
    (copy.parents[1] / memory.FILE).write_text("[broken")
    status, out, _ = course("status")
    assert status == 0
    assert "not valid JSON at line 1" in out
    assert "0 of 18" in out


def test_status_counts_what_the_hidden_tests_gave(course, tmp_path, copy):
    write(copy, notebook(SOLUTIONS))
    result = ExerciseResult("double", "ok", hidden=Hidden(4.0, 6.0))
    memory.remember_check(tmp_path / "work", "01_small", [result])
    [row] = json.loads(course("status", "--json")[1])["assignments"]
    assert (row["done"], row["points_within_reach"]) == (0, 4.0)


def test_hints_come_one_at_a_time(course):
    shown = [course("hint", "double")[1] for _ in range(4)]
    for number, text in enumerate(["Add.", "Add it to itself.", "Two of them."]):
        assert text in shown[number]
        assert f"Hint {number + 1} of 3" in shown[number]
    assert "no hint is left for double" in shown[3]
    assert course("hint", "double", "--all")[1].count("Hint") == 3
    assert "Hint 2 of 3" in course("hint", "double", "--level", "2")[1]


def test_a_solution_is_shown_only_where_it_came_along(course, tmp_path):
    out = course("solution", "double")[1]
    assert "return 2 * x" in out
    assert "SOLUTION" not in out
    answer = course("solution", "question_size")[1]
    assert "It is small." in answer
    assert "five points" not in answer
    source = tmp_path / "solutions/01_small/01_small.py"
    source.write_text('# %% nbgrader={"grade_id": \n')
    assert "metadata that is not JSON" in course("solution", "double")[2]
    source.unlink()
    assert "no solutions came with this install" in course("solution", "double")[2]


def test_a_packed_notebook_is_the_same_bytes_each_time(course, copy, tmp_path):
    write(copy, notebook({"double": SOLUTIONS["double"]}, ["%timeit -n1 -r1 1\n!true", "%%bash\nif"]))
    status, out, _ = course("pack", "01")
    assert status == 0
    assert "still empty: triple, later, question_size" in out
    target = tmp_path / "work" / "01_small.zip"
    first = target.read_bytes()
    course("pack", "01")
    assert target.read_bytes() == first
    with zipfile.ZipFile(target) as archive:
        assert archive.namelist() == ["01_small/01_small.ipynb"]
        assert archive.read("01_small/01_small.ipynb") == copy.read_bytes()


def _by_id(content):
    return {cell.metadata.get("nbgrader", {}).get("grade_id"): cell for cell in content.cells}


def test_a_file_too_large_or_not_json_is_not_packed(course, copy, monkeypatch):
    write(copy, notebook(SOLUTIONS))
    monkeypatch.setattr(pack, "LARGEST", 10)
    status, out, _ = course("pack", "01")
    assert status == 1
    assert "clear its outputs" in out
    assert "nothing was changed" in out
    assert not (copy.parents[1] / "01_small.zip").exists()
    copy.write_text("{")
    status, _, err = course("pack", "01")
    assert status == 2
    assert "not valid JSON" in err


def test_a_changed_check_is_mentioned_when_packing(course, copy):
    content = notebook(SOLUTIONS)
    _by_id(content)["double_check"].source = "pass"
    write(copy, content)
    assert "in place of the ones you changed: double_check" in course("pack", "01")[1]


class Plugin:
    module, value = "grader.cli", "grader.cli:commands"

    def __init__(self, answer):
        self.answer = answer

    def load(self):
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def test_plugins_add_verbs_and_broken_ones_are_named(course, monkeypatch):
    def commands(app):
        app.command("grade")(lambda: print("graded"))

    plugins = [
        Plugin(commands),
        Plugin(ModuleNotFoundError(name="grader")),
        Plugin(ModuleNotFoundError(name="nbgrader")),
        Plugin(ValueError("bad")),
    ]
    monkeypatch.setattr(cli, "entry_points", lambda group: plugins)
    status, out, err = course("grade")
    assert (status, out) == (0, "graded\n")
    assert err.splitlines() == [
        "course: the verbs of grader.cli:commands are missing: they need the module nbgrader",
        "course: the verbs of grader.cli:commands are missing: ValueError: bad",
    ]
    assert CliRunner().invoke(cli.build_app(), ["grade"]).exit_code == 0


def test_ctrl_c_ends_quietly(course, monkeypatch):
    def interrupted():
        raise KeyboardInterrupt

    monkeypatch.setattr(shelf, "assignments", interrupted)
    assert course("status")[0] == 130


@pytest.mark.parametrize(("score", "points"), [(4.0, 6.0), (0.0, 0.0)])
def test_an_exercise_that_fails_a_hidden_test_is_partly_done_and_only_failures_are_shown(
    course, copy, monkeypatch, score, points
):
    write(copy, notebook())
    hidden = Hidden(score, points, ["ok    adds numbers", "FAIL   0.0 of 2.0  one row\n      → the axis is wrong"])
    result = ExerciseResult("double", "ok", hidden=hidden)
    monkeypatch.setattr(cli.check, "check_notebook", lambda *_, on_result, **__: on_result(result) or [result])
    status, out, _ = course("check", "01")
    assert status == 1
    assert "partly" in out and "the axis is wrong" in out and "adds numbers" not in out
    assert "0 of 1 exercises done" in out
