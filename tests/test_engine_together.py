"""Hidden tests that ask one question each are put to a student's process together; verdicts are the same."""

import time
from collections import Counter

import numpy as np
import pytest
from engine_runs import outputs, run, scores, solved
from nbformat.v4 import new_code_cell

from autograder.engine import session, together
from autograder.engine.line import Line
from autograder.grading.run import run_test
from autograder.oracles import knn
from autograder.pipeline.outputs import result_of
from autograder.source import find_notebook
from autograder.testing import ask_once, expect_equal, hidden, hidden_tests_of


@hidden("once_or_twice")
def asks_one(student, rng):
    expect_equal(student.once_or_twice(1), 1)


@hidden("once_or_twice")
def asks_another(student, rng):
    expect_equal(student.once_or_twice(2), 2)
    expect_equal(student.once_or_twice(3), 3)


@hidden("once_or_twice")
def asks_nothing(student, rng):
    pass


@hidden("prepared")
def asks_nothing_but_prepares(student, rng):
    student.provide("helper", lambda x: 2 * x)


@hidden("prepared")
def asks_the_students_own(student, rng):
    expect_equal(student.prepared(3), 3)


@hidden("prepared")
def asks_what_was_provided(student, rng):
    student.provide("helper", lambda x: 5 * x)
    expect_equal(student.prepared(3), 15)


@hidden("prepared")
def asks_the_students_own_again(student, rng):
    expect_equal(student.prepared(4), 4)


ask_once("once_or_twice", "prepared")

RIGHT = """import numpy as np
def predict_labels(dists, y_train, k=1):
    {first}
    return np.array([np.bincount(y - y_train.min()).argmax() + y_train.min()
                     for y in y_train[np.argsort(dists, axis=1)[:, :k]]], dtype=y_train.dtype)
"""
WORK = {  # what predict_labels does before it answers rightly
    "answers rightly": "pass",
    "ends its process now and then": "if k == 1 and y_train.min() < 0: import os; os._exit(1)",
    "ends its process at first": "if k == 1: import os; os._exit(1)",
    "spins now and then": "if k == 5: sum(range(10**15))",
    "is slow": "import time; time.sleep(0.03)",
    "raises now and then": "if y_train.dtype == np.int8: raise KeyError",
    "answers at length": "if k == 5: return np.zeros(300_000)",
    "cannot be sent": "if k == 5: return {object()}",
    "forges a reply": "if k == 5: import gc; [c._connection.send(b'x' * 999) for c in gc.get_objects()"
    " if type(c).__name__ == 'Channel' and c.fileno() >= 0]",
}


def verdicts(execution):
    """Exercise → what is said of each of its tests."""
    records = [result_of(cell) for cell in execution.notebook.cells if cell.cell_type == "code"]
    return {record["exercise"]: [(t["passed"], t["sentence"]) for t in record["tests"]] for record in records if record}


def both_ways(monkeypatch, make):
    together = run(make())
    with monkeypatch.context() as patch:
        patch.setattr(session, "asks_once", lambda exercise: False)
        return together, run(make())


@pytest.mark.parametrize("name", WORK)
def test_verdicts_are_those_of_tests_run_one_by_one(name, monkeypatch):
    work = RIGHT.format(first=WORK[name])
    together, alone = both_ways(monkeypatch, lambda: solved(cells={"predict_labels": work}))
    assert verdicts(together) == verdicts(alone)
    passed = [passed for passed, _ in verdicts(together)["predict_labels"]]
    assert any(passed) and all(passed) == (name in ("answers rightly", "is slow"))
    assert [each.outcome for each in together.findings] == [each.outcome for each in alone.findings]


ENDS = "import os\ndef l1_distance(a, b):\n    os._exit(1) if a.ndim == 2 else None\n    return float(abs(a - b).sum())"
CALLS_BACK = """
import numpy as np
class NearestNeighbor:
    def train(self, X, y):
        self.X, self.y = X, y
    def predict(self, X):
        if self.X.dtype == np.uint8:
            {instead}
        return np.array([self.y[np.argmin([l1_distance(x, row) for row in self.X])] for x in X])
"""
INSTEAD = {  # of one hidden test's answer: what is done with the function that the test provides
    "a call that is given up when time is over": "while True: l1_distance(X[0], self.X[0])",
    "an argument that the function has to ask about": "return l1_distance(range(3), range(3))",
}


@pytest.mark.parametrize("name", INSTEAD)
def test_what_becomes_of_a_call_in_one_test_is_no_matter_for_the_next(name, monkeypatch):
    right = knn.l1

    def slow_with_pixels(a, b):
        """So that the time is up while the student's code waits."""
        if isinstance(a, np.ndarray) and a.dtype == np.uint8:
            time.sleep(0.02)
        return right(a, b)

    monkeypatch.setattr(knn, "l1", slow_with_pixels)
    work = CALLS_BACK.format(instead=INSTEAD[name])
    together, alone = both_ways(monkeypatch, lambda: solved(cells={"NearestNeighbor": work}))
    said = verdicts(together)["NearestNeighbor"]
    assert [passed for passed, _ in said].count(False) == 1
    assert said == verdicts(alone)["NearestNeighbor"]


def test_a_process_that_ends_while_tests_are_asked_together_is_not_one_more_that_ended(monkeypatch):
    monkeypatch.setattr(session, "MAX_REOPENED", 5)
    work = RIGHT.format(first=WORK["ends its process at first"])
    together, alone = both_ways(monkeypatch, lambda: solved(cells={"l1_distance": ENDS, "predict_labels": work}))
    assert verdicts(together) == verdicts(alone)


def test_student_code_is_called_as_often_and_in_the_same_order(monkeypatch):
    counting = "seen = globals().setdefault('seen', []); seen.append((k, dists.shape, str(y_train.dtype)))"

    def make():
        notebook = solved(cells={"predict_labels": RIGHT.format(first=counting)})
        notebook.cells.append(new_code_cell("print(len(seen), seen)"))
        return notebook

    together, alone = (outputs(each, "print(len(seen)")[0].text for each in both_ways(monkeypatch, make))
    assert together == alone and int(together.split()[0]) > 8


def test_what_a_test_puts_in_place_of_the_students_functions_is_gone_after_it():
    notebook = solved(before="def distances_no_loops(*_): raise KeyError('mine')")
    notebook.cells.append(new_code_cell("print(type(distances_no_loops).__name__, type(predict_labels).__name__)"))
    execution = run(notebook)
    assert outputs(execution, "type(distances_no_loops)")[0].text == "function function\n"
    assert all(scores(execution).values())


MEASURED = {"loops_over_the_queries_only", "makes_no_loop", "memory_stays_small"}  # whose answers are measured


def test_an_exercise_takes_one_turn_and_one_for_each_answer_that_is_measured(monkeypatch):
    turns = []
    send = Line._send

    def counted(self, frame, later=False):
        turns[-1] += not later and self._gathered is None
        send(self, frame, later)

    monkeypatch.setattr(Line, "_send", counted)
    for asked_together in (True, False):
        turns.append(0)
        monkeypatch.setattr(session, "asks_once", lambda exercise, answer=asked_together: answer)
        assert all(scores(run(solved())).values())
    exercises = find_notebook("01").exercises
    names = [test.name for exercise in exercises for test in hidden_tests_of(exercise.name)]
    assert {name for exercise in exercises for name in measured(exercise.name)} == MEASURED
    assert turns[1] - turns[0] == len(names) - len(exercises) - len(MEASURED.intersection(names))


def measured(exercise):
    return [test.name for test in hidden_tests_of(exercise) if test.measures]


def test_what_measures_is_begun_once(monkeypatch):
    """Its inputs take time to make."""
    begun = Counter()
    monkeypatch.setattr(together, "run_test", lambda test, *rest: begun.update([test.name]) or run_test(test, *rest))
    assert all(scores(run(solved())).values())
    assert begun and not MEASURED & begun.keys()


def test_what_a_test_prepares_is_its_own():
    notebook = solved()
    work = "def helper(x): return x\ndef prepared(x): return helper(x)"
    graded = new_code_cell("from autograder import grade\ngrade('prepared', 'prepared', 4)")
    graded.metadata["nbgrader"] = {"grade": True, "solution": False, "points": 4, "grade_id": "four", "locked": True}
    notebook.cells[:0] = [new_code_cell(work), graded, new_code_cell("print(helper(7))")]
    execution = run(notebook)
    assert scores(execution)["prepared"] == pytest.approx(4)
    assert outputs(execution, "print(helper(7))")[0].text == "7\n"


def test_a_test_that_asks_more_than_it_is_said_to_is_run_all_the_same():
    source = "from autograder import grade\ngrade('once_or_twice', 'once_or_twice', 3)"
    notebook = solved()
    calls = "calls = []\ndef once_or_twice(x):\n    calls.append(x)\n    return x"
    graded = new_code_cell(source)
    graded.metadata["nbgrader"] = {"grade": True, "solution": False, "points": 3, "grade_id": "more", "locked": True}
    notebook.cells[:0] = [new_code_cell(calls), graded, new_code_cell("print(calls)")]
    execution = run(notebook)
    assert scores(execution)["once_or_twice"] == pytest.approx(3)
    assert outputs(execution, "print(calls)")[0].text == "[1, 2, 2, 3]\n"
