"""The mutant bank grades the grader: `course verify` sees what is wrong with tests, mutants and oracles."""

import io
import json
import re

import numpy as np
import pytest
from made_up import SOURCE, write_made_up_notebook
from rich.console import Console

from autograder.source import read_notebook
from autograder.testing import alternative, ask_once, expect_close, expect_equal, hidden, mutant
from autograder.verify import report_as_json, report_table, verify_exercise, verify_notebook
from autograder.verify.structure import most_alike
from autograder.verify.workbench import Workbench


@hidden("total_moons")
def counts(student, rng):
    moons = rng.integers(1, 99, size=7)
    expect_equal(student.total_moons(moons), int(np.sum(moons)))


@hidden("total_moons")
def catches_nothing(student, rng):
    student.total_moons(np.ones(2, int))
    student.total_moons(np.ones(3, int))


ask_once("total_moons", "mean_moons")


@alternative("total_moons", "wrong, and called right")
def not_right(moons):
    return int(np.sum(moons)) + 1


@mutant("total_moons", "The last planet is left out.")
def all_but_last(moons):
    return int(moons[:-1].sum())


@mutant("total_moons", "Nothing is wrong here.")
def harmless(moons):
    return int(moons.sum())


@mutant("total_moons", "Another sentence for the same mistake.")
def all_but_last_again(moons):
    return int(sum(moons.tolist()[:-1]))


@mutant("total_moons", "A name that no cell defines.", replaces="comets")
def comets(moons):
    return 0


@hidden("mean_moons")
def averages(student, rng):
    moons = rng.integers(1, 99, size=5)
    expect_close(student.mean_moons(moons), float(np.sum(moons)) / 5)


@alternative("mean_moons", "the array's own")
def own_mean(moons):
    return float(moons.mean())


@mutant("mean_moons", "One planet too many.")
def one_too_many(moons):
    return float(moons.sum() / (len(moons) + 1))


@mutant("mean_moons", "The median for the mean.")
def median(moons):
    return float(np.median(moons))


@pytest.fixture(scope="module")
def notebook(tmp_path_factory):
    return read_notebook(write_made_up_notebook(tmp_path_factory.mktemp("solutions")))


@pytest.fixture(scope="module")
def reports(notebook):
    solved, unsolved = Workbench(notebook), Workbench(notebook, solution=False)
    seeds = ["a", "b", "c"]
    return {e.name: verify_exercise(e, solved, unsolved, seeds) for e in notebook.exercises}


def test_a_sound_exercise_has_no_problems(reports):
    report = reports["mean_moons"]
    assert report.problems == []
    assert (report.solution, report.gap, report.alternatives) == (1.0, 0.0, {"own_mean": 1.0})
    assert [m.own_sentence for m in report.mutants] == [1.0, 1.0]


SEEN = {
    "an alternative that fails": "alternative not_right fails counts",
    "a mutant that earns everything": "mutant harmless earns every point",
    "two mutants that cannot be told apart": "mutant all_but_last_again gets its own sentence in 0%",
    "a test that catches nothing": "hidden test catches_nothing catches no mutant",
    "a mutant of a name that is not there": "mutant comets replaces comets, which no cell defines",
    "a test that asks more than it is said to": "catches_nothing asks 2 questions of the solution",
    "a check that gives the tests away": "mutants pass the visible check",
}


@pytest.mark.parametrize("flaw", SEEN)
def test_verify_says(flaw, reports):
    assert any(SEEN[flaw] in problem for problem in reports["total_moons"].problems), reports["total_moons"].problems


def test_a_notebook_with_too_few_mutants_is_told(notebook):
    report = verify_notebook(notebook, seeds=1)
    assert any("mutants for 2 exercises" in problem for problem in report.problems)
    assert not report.ok


def test_a_notebook_that_costs_far_too_much_to_grade_is_told(notebook, monkeypatch):
    monkeypatch.setattr("autograder.verify.notebook.BUDGET", 1e-6)
    (problem,) = [problem for problem in verify_notebook(notebook, seeds=1).problems if "budget" in problem]
    assert re.fullmatch(
        r"grading a right submission costs \S+ s CPU .*: more than 3 times the budget of 1e-06 s", problem
    )


def test_the_report_reads_as_a_table_and_as_json(notebook):
    report = verify_notebook(notebook, seeds=1)
    console = Console(width=140, record=True, file=io.StringIO())
    console.print(report_table(report))
    text = console.export_text()
    assert "total_moons" in text and "harmless" in text
    (parsed,) = json.loads(report_as_json([report]))
    assert parsed["name"] == notebook.name and parsed["ok"] is False
    assert {e["name"] for e in parsed["exercises"]} == {"total_moons", "mean_moons"}


COPY = '''
def copied(numbers):
    """The same thing under other names."""
    result = np.asarray(numbers)
    total = 0
    for number in result:
        total += int(number) * 2 - int(number)
    return int(total)
'''


OTHER = """
def other(m):
    import math
    ups = math.fsum(x for x in m if x > 0)
    return ups - math.fsum(-x for x in m if x <= 0)
"""


def test_an_oracle_that_copies_the_solution_is_seen(tmp_path):
    body = COPY.split('"""')[2].replace("numbers", "moons")
    source = SOURCE.replace(
        "    counted_so_far = np.asarray(moons)\n    return int(counted_so_far.sum())\n", body.lstrip("\n")
    )
    notebook = read_notebook(write_made_up_notebook(tmp_path / "solutions", source))
    (tmp_path / "moons.py").write_text(COPY)
    (likeness,) = most_alike(notebook, tmp_path)
    assert likeness.ratio > 0.95
    (tmp_path / "moons.py").write_text(OTHER)
    assert all(each.ratio < 0.85 for each in most_alike(notebook, tmp_path))
