"""Visible checks: what they print, and what they say."""

import numpy as np
import pytest

from course_utils import check
from course_utils.check import CheckFailed

A = np.array([[1.0, 2.0], [3.0, 4.0]])
RIGHT = {
    "close": lambda: check.close(A + 1e-9, A, "label"),
    "close, lists": lambda: check.close([1, 2], [1.0, 2.0], "label"),
    "equal, labels": lambda: check.equal(np.array([1, 2]), np.array([1, 2]), "label"),
    "equal, array for a list": lambda: check.equal(np.array([1, 2]), [1, 2], "label"),
    "equal, tuple for a list": lambda: check.equal((1, 2), [1, 2], "label"),
    "equal, text": lambda: check.equal(np.array(["coat", "bag"]), np.array(["coat", "bag"]), "label"),
    "equal, dict": lambda: check.equal({"a": [1], "b": A}, {"b": A, "a": [1]}, "label"),
    "equal, None": lambda: check.equal(None, None, "label"),
    "equal, NumPy number": lambda: check.equal(np.int64(3), 3, "label"),
    "equal, number for an array": lambda: check.equal(np.int64(3), np.array(3), "label"),
    "shape": lambda: check.shape(A, (2, 2), "label"),
    "shape of a number": lambda: check.shape(3.0, (), "label"),
    "shape of lists": lambda: check.shape([[1, 2, 3]], [1, 3], "label"),
    "dtype": lambda: check.dtype(A, np.float64, "label"),
    "dtype, kind": lambda: check.dtype(A, "float", "label"),
    "dtype, unsigned": lambda: check.dtype(np.zeros(2, np.uint8), "int", "label"),
    "dtype, name": lambda: check.dtype(A.astype(np.float32), "float32", "label"),
    "true": lambda: check.true(A > 0, "label", "no"),
    "between": lambda: check.between(np.float64(0.5), 0.5, 1, "label"),
    "between, array of one": lambda: check.between(np.array([0.7]), 0.5, 1, "label"),
    "raises": lambda: check.raises(ValueError, lambda: int("x"), "label"),
    "raises, subclass": lambda: check.raises(LookupError, lambda: {}["x"], "label"),
    "unchanged": lambda: check.unchanged(np.sort, A, np.array(1), label="label"),
    "unchanged, NaN and text": lambda: check.unchanged(
        lambda *_: None, np.array([np.nan]), np.array(["a"]), label="label"
    ),
    "gradient": lambda: check.gradient(lambda x: float((x**2).sum()), A, 2 * A, "label"),
}


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_answer_prints_one_line(name, capsys):
    RIGHT[name]()
    assert capsys.readouterr().out == "ok  label\n"


def nothing(*_):
    return None


def add_one(x, y):
    y += 1


def long(change):
    values = np.arange(100)
    values[change] += 7
    return values


WRONG = {
    "close, None": (lambda: check.close(None, A, "l"), "l: None came back; is there a return statement?"),
    "close, list": (lambda: check.close([1, 2], np.array([1.0, 2.0]), "l"), "l: a list came back where a NumPy array"),
    "close, factor": (lambda: check.close(2 * A, A, "l"), "twice what it should be (worst at [1, 1]: 8, should be 4)"),
    "close, shape": (lambda: check.close(A, A[0], "l"), "the shape is (2, 2) but should be (2,)"),
    "equal, None": (lambda: check.equal(None, [1], "l"), "is there a return statement?"),
    "equal, list": (lambda: check.equal([7, 5], np.array([7, 5]), "l"), "a list came back where a NumPy array belongs"),
    "equal, ragged": (lambda: check.equal([[1], [1, 2]], np.array([7, 5]), "l"), "a list came back"),
    "equal, shape": (
        lambda: check.equal(np.array([[7, 5]]), np.array([7, 5]), "l"),
        "shape is (1, 2) but should be (2,)",
    ),
    "equal, few": (lambda: check.equal(np.array([7, 8]), np.array([7, 5]), "l"), "got [7, 8], should be [7, 5]"),
    "equal, many": (
        lambda: check.equal(long([3, 9]), long([]), "l"),
        "2 of 100 entries are wrong, the first at [3]: got 10, should be 3",
    ),
    "equal, text and numbers": (lambda: check.equal(np.array(["7"]), np.array([7]), "l"), "got ['7'], should be [7]"),
    "equal, number": (lambda: check.equal(np.int64(3), 4, "l"), "l: got 3, should be 4"),
    "equal, list for a number": (lambda: check.equal([3], 3, "l"), "got [3], should be 3"),
    "equal, array for a number": (lambda: check.equal(np.array([3]), 3, "l"), "should be 3"),
    "equal, longer": (lambda: check.equal([np.int64(1), 2], [1], "l"), "got [1, 2], should be [1]"),
    "equal, keys": (
        lambda: check.equal({1: 2, "z": 0}, {1: 2, 5: 3}, "l"),
        "l: keys: 5 missing, 'z' should not be there",
    ),
    "equal, missing key": (lambda: check.equal({}, {1: 2}, "l"), "l: keys: 1 missing"),
    "equal, entry": (lambda: check.equal({1: np.float64(2)}, {1: 3}, "l"), "got {1: 2.0}, should be {1: 3}"),
    "equal, array in a dict": (lambda: check.equal({1: [1]}, {1: np.array([1])}, "l"), "should be {1: array([1])}"),
    "equal, long": (lambda: check.equal("x" * 300, "y", "l"), "xxx..., should be 'y'"),
    "shape": (lambda: check.shape(A[0], (3,), "l"), "l: the shape is (2,) but should be (3,)"),
    "shape, swapped": (lambda: check.shape(np.ones((3, 2)), (2, 3), "l"), "(2, 3): rows and columns are exchanged"),
    "shape, None": (lambda: check.shape(None, (), "l"), "is there a return statement?"),
    "shape, ragged": (lambda: check.shape([[1], [1, 2]], (2, 2), "l"), "rows of different lengths"),
    "dtype": (lambda: check.dtype(A, "int", "l"), "the dtype is float64 but should be of the kind int"),
    "dtype, exact": (lambda: check.dtype(A, np.float32, "l"), "the dtype is float64 but should be float32"),
    "dtype, None": (lambda: check.dtype(None, "int", "l"), "is there a return statement?"),
    "true": (lambda: check.true(A > 1, "l", "an entry is not above 1"), "l: an entry is not above 1"),
    "between, low": (lambda: check.between(0.1, 0.5, 1, "l"), "l: got 0.1, expected between 0.5 and 1"),
    "between, high": (lambda: check.between(1.2, 0.5, 1, "l"), "got 1.2"),
    "between, NaN": (lambda: check.between(np.nan, 0.5, 1, "l"), "got nan"),
    "between, None": (lambda: check.between(None, 0.5, 1, "l"), "is there a return statement?"),
    "between, several": (
        lambda: check.between([1, 2], 0, 9, "l"),
        "a single number between 0 and 9 belongs here, got [1",
    ),
    "between, text": (lambda: check.between("1", 0, 9, "l"), "a single number between 0 and 9 belongs here, got '1'"),
    "raises nothing": (lambda: check.raises(ValueError, nothing, "l"), "should raise ValueError, but raised nothing"),
    "raises another": (
        lambda: check.raises(ValueError, lambda: 1 / 0, "l"),
        "should raise ValueError, but raised ZeroDivisionError: division by zero",
    ),
    "changed": (lambda: check.unchanged(add_one, A, A, label="l"), "l: argument 2 was changed: work on a copy"),
    "sorted in place": (lambda: check.unchanged(lambda x: x.sort(), -A, label="l"), "l: the argument was changed"),
    "no gradient": (lambda: check.gradient(lambda x: 0.0, A, None, "l"), "the gradient is None; is it returned?"),
    "gradient": (
        lambda: check.gradient(lambda x: float((x**2).sum()), A, -2 * A, "l"),
        "l: The gradient does not agree",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_answer_is_explained_and_prints_nothing(name, capsys):
    call, said = WRONG[name]
    with pytest.raises(CheckFailed) as caught:
        call()
    assert said in str(caught.value)
    assert capsys.readouterr().out == ""


def test_the_arrays_given_to_unchanged_are_never_touched():
    mine = A.copy()
    with pytest.raises(CheckFailed):
        check.unchanged(add_one, mine, mine, label="l")
    assert np.array_equal(mine, A)


def test_an_open_gap_is_not_mistaken_for_a_refusal():
    def gap():
        raise NotImplementedError("l1_distance: write it")

    with pytest.raises(NotImplementedError, match="l1_distance"):
        check.raises(RuntimeError, gap, "NotImplementedError is a RuntimeError")


def test_a_notebook_shows_the_sentence_without_a_traceback():
    assert CheckFailed("l: the sign is wrong")._render_traceback_() == ["l: the sign is wrong"]


def test_options_of_the_gradient_check_are_passed_on():
    wrong_by_a_percent = 2.02 * A
    check.gradient(lambda x: float((x**2).sum()), A, wrong_by_a_percent, "l", tolerance=0.1)
    with pytest.raises(CheckFailed):
        check.gradient(lambda x: float((x**2).sum()), A, wrong_by_a_percent, "l")
