"""What is said of a wrong answer: a table of planted differences, and that hidden numbers stay hidden."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils.differences import _all_close, describe_difference

rng = np.random.default_rng(5)
W = rng.normal(size=(4, 6))
SQUARE = rng.normal(size=(5, 5))
V = rng.normal(size=7)
PIXELS = np.array([[300.0, 20.0], [513.0, 255.0]])


def changed(array, index, value):
    copy = np.array(array, dtype=float)
    copy[index] = value
    return copy


# name: actual, expected, kind, what is said with values, what is said without
PLANTED = {
    "no return": (None, W, "none", "is there a return statement?", "is there a return statement?"),
    "a text": ("4", 4.0, "type", "a str came back", "a str came back"),
    "an iterator": (iter([1]), W, "type", "a list_iterator came back", "a list_iterator came back"),
    "a dictionary": ({}, W, "type", "a dict came back where an array or a number belongs", "a dict came back"),
    "ragged rows": ([[1.0], [1.0, 2.0]], W, "type", "rows of different lengths", "rows of different lengths"),
    "two results": ((0.5, W), W, "type", "a tuple of several results", "a tuple of several results"),
    "labels as text": (np.array(["1", "2"]), V[:2], "type", r"text \(dtype <U1\)", "text came back where numbers"),
    "objects": ([None, 1.0], V[:2], "type", r"not numbers \(dtype object\)", "not numbers came back"),
    "a list for an array": (V.tolist(), V, "list", "a list came back where a NumPy array", "a list came back"),
    "a complex step": (V + 1j, V, "complex", "complex numbers came back", "complex numbers came back"),
    "transposed": (W.T, W, "transposed", r"exchanged \(the shape is \(6, 4\) but should be \(4, 6\)", "exchanged$"),
    "transposed square": (SQUARE.T, SQUARE, "transposed", "rows and columns are exchanged", "are exchanged$"),
    "transposed, wrong": (
        W.T + V[:4],
        W,
        "shape",
        r"\(4, 6\): rows and columns are exchanged",
        "some axis has the wrong",
    ),
    "flat": (W.ravel(), W, "shape", "the values are right, but the shape is", "are right.* too few dimensions"),
    "a column": (V[:, None], V, "shape", r"\(7, 1\) but should be \(7,\)", "are right.* too many dimensions"),
    "one row less": (W[1:], W, "shape", r"is \(3, 6\) but should be \(4, 6\)", "some axis has the wrong length"),
    "a sum of all": (W.sum(), W, "shape", r"a single number .* shape \(4, 6\) belongs", "too few dimensions"),
    "losses, not a loss": (V, 3.0, "shape", r"an array of shape \(7,\) .* single number", "where a single number"),
    "a loss in an array": (
        np.array([3.0]),
        3.0,
        "shape",
        "the values are right, but an array",
        "are right, but an array",
    ),
    "NaN": (changed(W, (1, 2), np.nan), W, "nan", r"NaN values.*\[1, 2\]", "zero by zero"),
    "NaN alone": (float("nan"), 3.0, "nan", "it is NaN", "it is NaN"),
    "infinite": (changed(W, (3, 0), np.inf), W, "inf", r"overflow.*\[3, 0\]", "division by zero or an overflow"),
    "infinite alone": (float("inf"), 3.0, "inf", "it is infinite", "it is infinite"),
    "float32": ((V * (1 + 3e-6)), V, "nearly", "nearly right", "nearly right"),
    "zeros": (np.zeros(7), V, "zeros", "everything is zero", "everything is zero$"),
    "zero": (0.0, 2.5, "zeros", r"it is zero \(0, should be 2.5\)", "it is zero$"),
    "sign": (-W, W, "sign", "the sign is wrong", "the sign is wrong"),
    "sign of one number": (-2.5, 2.5, "sign", "the value is the negative", "the value is the negative"),
    "whole numbers": (W.astype(int), W * 1.0, "whole", r"whole numbers \(dtype int64\)", "whole numbers came back"),
    "bytes": (PIXELS.astype(int).astype(np.uint8), PIXELS, "wrapped", "whole bytes", "convert pixels to floats first$"),
    "twice": (2 * W, W, "factor", "every value is twice what it should be", "twice what it should be$"),
    "half a loss": (1.15, 2.3, "factor", "the value is half what it should be", "half what it should be$"),
    "a sum for a mean": (50 * V, V, "factor", "50 times .* is a division missing", "was a mean forgotten"),
    "N once too often": (V / 50, V, "factor", "1/50 of .* divided once too often", "divided once too often"),
    "a loss not divided": (15.8, 15.8 / 3, "factor", "is 3 times what it should be", "was a mean forgotten"),
    "some factor": (1.7 * V, V, "factor", "1.7 times what it should be", "the same multiple of what it should be$"),
    "factor and sign": (-2 * V, V, "factor", "twice .* and of the wrong sign", "and of the wrong sign"),
    "a negative multiple": (-12 * V, V, "factor", "-12 times what it should be", "a negative multiple"),
    "no root": (W**2, W, "square", "is a root missing", "is a root missing"),
    "no root, one distance": ([[0, 25], [25, 0]], [[0, 5.0], [5.0, 0]], "square", "a root missing", "a root missing"),
    "twice, which is also the square": ([4, 4], [2.0, 2.0], "factor", "twice what it", "twice what it should be$"),
    "sign, of bytes": (np.array([-1, -2]), np.array([1, 2], np.uint8), "sign", "the sign is wrong", "sign is wrong"),
    "some signs": (np.abs(W), W, "signs", "some signs are wrong", "some signs are wrong"),
    "offset": (W + 0.7, W, "offset", "off by the same amount", "off by the same amount"),
    "reshaped wrongly": (W.T.reshape(4, 6), W, "order", "in the wrong places", "in the wrong places"),
    "one entry": (
        changed(W, (2, 5), 9.0),
        W,
        "one_entry",
        r"a single value .*\[2, 5\]: 9, should",
        "a single value is",
    ),
    "first and last row": (changed(W, [0, 3], 9.0), W, "border", "the first or last row", "the first or last row"),
    "last entries": (changed(V, [0, 6], 9.0), V, "border", "the first or last entry", "the first or last entry"),
    "middle rows": (changed(W, [1, 2], 9.0), W, "some_rows", "some rows are right", "some rows are right"),
    "middle entries": (changed(V, [1, 2], 9.0), V, "some_entries", "some entries are right", "some entries are"),
    "last column": (changed(W, np.s_[:, 5], 9.0), W, "border", "the first or last column", "the first or last column"),
    "two columns": (changed(W, np.s_[:, 2:4], 9.0), W, "some_columns", "some columns are right", "some columns are"),
    "everything": (W**3 + 1, W, "values", "the values are wrong", "the values are wrong$"),
    "another number": (3.1, 2.3, "values", r"the value is wrong \(3.1, should be 2.3\)", "the value is wrong$"),
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_difference_is_named(name):
    actual, expected, kind, said, _ = PLANTED[name]
    difference = describe_difference(actual, expected)
    assert difference.kind == kind
    assert re.search(said, difference.sentence), difference.sentence


@pytest.mark.parametrize("name", PLANTED)
def test_without_values_the_same_kind_is_named_and_no_number(name):
    actual, expected, kind, _, said = PLANTED[name]
    difference = describe_difference(actual, expected, values=False)
    assert difference.kind == kind
    assert re.search(said, difference.sentence), difference.sentence
    assert not re.search(r"\d", difference.sentence), difference.sentence


@pytest.mark.parametrize(
    ("actual", "expected"),
    [
        (W, W.copy()),
        (W + 1e-9, W),
        (V.tolist(), V.tolist()),
        ([[1, 2], [3, 4]], [[1.0, 2.0], [3.0, 4.0]]),
        (np.array([1, 2], np.uint8), np.array([1.0, 2.0])),
        (2.5, np.float64(2.5)),
        (True, 1),
        (np.float32(2.5), 2.5),
        (np.array([np.nan, np.inf, -np.inf]), np.array([np.nan, np.inf, -np.inf])),
        (np.zeros((0, 3)), np.zeros((0, 3))),
        (V + 0j, V),
    ],
)
def test_agreement_is_none(actual, expected):
    assert describe_difference(actual, expected) is None


def test_the_worst_entry_is_shown_with_both_values():
    answer = changed(changed(W, (1, 1), W[1, 1] + 1), (2, 4), 50.25)
    difference = describe_difference(answer, W)
    assert difference.index == (2, 4)
    assert f"(worst at [2, 4]: 50.25, should be {W[2, 4]:.6g})" in difference.sentence


def test_two_values_that_look_alike_are_shown_with_more_digits():
    difference = describe_difference(np.array([1.0, 2.00000123]), np.array([1.0, 2.0]))
    assert "2.00000123, should be 2" in difference.sentence


def test_a_missing_infinity_is_the_worst_entry():
    difference = describe_difference(np.array([9.0, 2.0, 3.0, 4.0]), np.array([1.0, np.inf, 3.0, 4.0]))
    assert difference.index == (1,)


def test_infinities_in_the_right_place_hide_no_other_difference():
    want = np.array([np.inf, 1.0, 2.0, 3.0, 4.0])
    difference = describe_difference(want + np.array([0, 0, 1, 2, 0]), want)
    assert (difference.kind, difference.index) == ("some_entries", (3,))


def test_a_single_number_is_not_called_a_multiple_by_chance():
    assert describe_difference(8, 1).kind == "values"
    assert describe_difference(2.3, 0.7).kind == "values"


def test_tolerances_are_those_asked_for():
    assert describe_difference(2.0403, 2.04034, atol=1e-4) is None
    assert describe_difference(2.0403, 2.04034, atol=1e-6, rtol=0) is not None


def test_complex_answers_are_compared_as_such():
    assert describe_difference(V + 2j, V + 1j).kind in {"values", "offset"}


numbers = st.sampled_from(
    [0.0, -0.0, 1.0, 1.0 + 1e-7, 1.0 + 3e-7, -1e-8, 1e300, float("nan"), float("inf"), -float("inf")]
)
pairs = st.lists(st.tuples(numbers | st.floats(-10, 10), numbers), max_size=4)


@given(pairs=pairs, rtol=st.sampled_from([0.0, 1e-7, 2e-7]), atol=st.sampled_from([0.0, 1e-8, 1e-7]))
def test_closeness_is_that_of_numpy(pairs, rtol, atol):
    got, want = np.array(pairs).reshape(-1, 2).T
    for dtype in (np.float64, np.float32):
        with np.errstate(over="ignore"):
            mine = got.astype(dtype), want
        assert _all_close(*mine, rtol, atol) == np.allclose(*mine, rtol=rtol, atol=atol, equal_nan=True)
