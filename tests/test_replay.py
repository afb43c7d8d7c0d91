"""A hidden test's questions put to others tell who answers otherwise and who does the same, and no more than that."""

import numpy as np
import pytest

from autograder.byvalue import LimitError
from autograder.grading.replay import MAX_BYTES
from autograder.grading.run import in_process, run_test
from autograder.testing import expect
from autograder.testing.registry import HiddenTest, _topic


@pytest.fixture(autouse=True)
def made_up(monkeypatch):
    monkeypatch.setitem(_topic, "f", "made up")


def outcome_of(ask, work):
    """What a hidden test `ask` of an exercise f finds of `work`."""
    test = HiddenTest("f", ask.__name__, "made up", 1.0, ask)
    return run_test(test, in_process("f", {"f": work, "__name__": "__main__"}), "seed")


def told(ask, work, other):
    outcome = outcome_of(ask, work)
    assert not outcome.unexpected, outcome.unexpected
    return outcome.questions.compare({"f": other}, outcome.trace)


def twice(student, rng):
    for n in (2, 3):
        expect(student.f(rng.normal(size=n)).shape == (n,), "a row")


def test_the_same_answers_and_others_are_told_apart():
    assert told(twice, lambda x: x + 1, lambda x: 1 + x) is True
    assert told(twice, lambda x: x + 1, lambda x: x + 2) is False
    assert told(twice, lambda x: x + 1, lambda x: x[:1]) is False
    assert told(twice, lambda x: x + 1, lambda x: 1 / 0) is False


def test_answers_that_differ_by_rounding_or_type_are_left_to_the_test():
    assert told(twice, lambda x: x / 3, lambda x: x * (1 / 3) + 1e-13) is None
    assert told(twice, lambda x: x, lambda x: x.astype(np.float32)) is None
    assert told(twice, lambda x: np.ones((2, 2)), lambda x: np.asfortranarray(np.ones((2, 2)))) is None
    assert told(twice, lambda x: x / 3, lambda x: x * (1 / 3) + 1e-13 if len(x) == 2 else x) is None


def test_the_end_of_a_test_is_compared_too():
    short = lambda x: x[:1]  # noqa: E731 - the first answer ends the test
    assert told(twice, short, short) is True
    assert told(twice, short, lambda x: x[:1] if len(x) == 2 else 1 / 0) is True
    assert told(twice, lambda x: 1 / 0, lambda x: 1 / 0) is True
    assert told(twice, lambda x: 1 / 0, lambda x: {}["a"]) is False


def together(student, rng):
    first, second = student.several(student.f, (rng.normal(size=2),), (rng.normal(size=3),))
    expect(first.shape == (2,), "a row")
    expect(second.shape == (3,), "a row")


def test_questions_asked_together_are_compared_one_by_one():
    assert told(together, lambda x: x + 1, lambda x: 1 + x) is True
    assert told(together, lambda x: x + 1, lambda x: x + 2) is False
    assert told(together, lambda x: x + 1, lambda x: x + len(x) - 1) is False
    assert told(together, lambda x: 1 / (len(x) - 3) + x, lambda x: x - 1 if len(x) == 2 else 1 / 0) is True
    assert told(together, lambda x: x + 1, lambda x: x + 1 if len(x) == 2 else 1 / 0) is False
    assert told(together, lambda x: x / 3, lambda x: x * (1 / 3) + 1e-13) is None


def measures(student, rng):
    x = rng.normal(size=3)
    expect(student.count_calls(student.f, x)[1] < 100, "few steps")


def calls_back(student, rng):
    student.f(lambda x: x, 2)


def goes_on_with_what_no_trace_holds(student, rng):
    value = student.unrecorded(student.f, 1)
    student.f(value)


def adds_something_of_its_own(student, rng):
    student.record(student.unrecorded(student.f, 1) % 2)
    student.f(2)


def test_what_depends_on_more_than_the_answers_is_left_to_the_test():
    assert told(measures, lambda x: x, lambda x: x) is None
    assert told(measures, lambda x: x, lambda x: -x) is False
    assert told(calls_back, lambda f, x: f(x), lambda f, x: x) is None
    assert told(calls_back, lambda f, x: x, lambda f, x: f(x)) is None
    assert told(goes_on_with_what_no_trace_holds, lambda x: x + 1, lambda x: x + 2) is None
    assert told(adds_something_of_its_own, lambda x: x + 1, lambda x: x + 1) is None


def keeps(student, rng):
    kept = student.keep(rng.normal(size=3))
    student.f(kept)
    student.value(kept)


def test_what_is_kept_on_the_students_side_is_kept_again():
    def adds(x):
        x += 1

    def multiplies(x):
        x *= 2

    assert told(keeps, adds, adds) is True
    assert told(keeps, adds, multiplies) is False


def uses_an_object(student, rng):
    made = student.f()
    made.turn(2)
    expect(isinstance(made.angle, int), "whole")


class Turns:
    angle = 0

    def turn(self, angle):
        self.angle += angle


class TurnsBack(Turns):
    def turn(self, angle):
        self.angle -= angle


def test_objects_are_asked_as_well():
    assert told(uses_an_object, Turns, Turns) is True
    assert told(uses_an_object, Turns, TurnsBack) is False
    assert told(uses_an_object, Turns, lambda: 3) is not True


def sends_much(student, rng):
    student.f(1)
    student.f(np.zeros(MAX_BYTES // 8 + 1))
    student.f(2)


def test_large_questions_are_not_kept():
    outcome = outcome_of(sends_much, lambda x: np.sum(x))
    assert len(outcome.questions._asked) == 1
    assert outcome.questions.compare({"f": lambda x: np.sum(x)}, outcome.trace) is None
    assert outcome.questions.compare({"f": lambda x: 7}, outcome.trace) is False


def test_a_name_that_is_not_there_is_no_answer():
    outcome = outcome_of(twice, lambda x: x)
    assert outcome.questions.compare({}, outcome.trace) is False


def test_whole_numbers_of_any_size_are_compared():
    def one(student, rng):
        expect(student.f(1) < 0, "less than nothing")

    for big in (2**70, 10**300, -(2**64)):
        assert told(one, lambda x, big=big: big, lambda x, big=big: big) is True
        assert told(one, lambda x, big=big: big, lambda x: 1.5) is False
        assert told(one, lambda x, big=big: big, lambda x, big=big: big + 1) is False


def test_a_test_that_was_stopped_tells_of_nobody_that_he_does_the_same():
    def stopped():
        raise LimitError("time was up")

    test = HiddenTest("f", "stopped", "made up", 1.0, twice)
    outcome = run_test(test, stopped, "seed")
    assert outcome.questions.compare({"f": lambda x: x}, outcome.trace) is None

    def stops_later(student, rng):
        student.f(1)
        raise LimitError("time was up")

    assert told(stops_later, lambda x: x, lambda x: x) is None
