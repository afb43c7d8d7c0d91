"""What hidden tests say of an answer: the kind of difference, and never the numbers behind it."""

import re

import numpy as np
import pytest

from autograder.byvalue import StudentError, open_loopback
from autograder.testing import (
    FailedExpectation,
    expect,
    expect_close,
    expect_dtype,
    expect_equal,
    expect_raises,
    expect_shape,
)

X = np.array([[1.25, 2.5, 3.75], [4.5, 5.25, 6.125]])
HANDLE = open_loopback({"make": lambda: object()}).make()


def said(call) -> str:
    with pytest.raises(FailedExpectation) as caught:
        call()
    return str(caught.value)


RIGHT = {
    "equal arrays": lambda: expect_close(X.copy(), X),
    "rounding in float32": lambda: expect_close(X.astype(np.float32) * np.float32(1.00001), X),
    "rounding in float16": lambda: expect_close((X * 1.001).astype(np.float16), X),
    "a wider tolerance": lambda: expect_close(X + 0.01, X, atol=0.1),
    "a number": lambda: expect_close(2.0, np.float64(2.0)),
    "equal labels": lambda: expect_equal(np.array(["a", "b"]), np.array(["a", "b"])),
    "equal nested values": lambda: expect_equal({1: [0.5, (1, 2)]}, {1: [0.5, (1, 2)]}),
    "an array for a list": lambda: expect_equal(np.array([1, 2]), [1, 2]),
    "a shape": lambda: expect_shape(X, (2, 3)),
    "a kind of dtype": lambda: expect_dtype(X, "float"),
    "an exact dtype": lambda: expect_dtype(X.astype(np.float32), np.float32),
    "a true condition": lambda: expect(True, "never said"),
}


@pytest.mark.parametrize("name", RIGHT)
def test_right_answers_pass(name):
    RIGHT[name]()


WRONG = {
    "none": (lambda: expect_close(None, X), "None came back"),
    "an object": (lambda: expect_close(HANDLE, X), "an object where an array"),
    "text": (lambda: expect_close("x", X), "the result"),
    "the sign": (lambda: expect_close(-X, X, what="dW"), "dW: .*sign"),
    "the shape": (lambda: expect_close(X[:1], X), "shape"),
    "transposed": (lambda: expect_close(X.T.copy(), X), "transposed|exchanged"),
    "twice": (lambda: expect_close(2 * X, X), "twice|2|factor|double"),
    "NaN": (lambda: expect_close(X * np.nan, X), "NaN"),
    "no value": (lambda: expect_equal(None, 3), "None came back"),
    "an object for a value": (lambda: expect_equal(HANDLE, 3), "an object"),
    "a list for an array": (lambda: expect_equal([1, 2], np.array([1, 2])), "an array belongs here, not a list"),
    "labels of another shape": (lambda: expect_equal(np.array([1, 2, 3]), np.array([1, 2])), "shape"),
    "numbers for names": (lambda: expect_equal(np.array([1, 2]), np.array(["a", "b"])), "text or numbers"),
    "one other label": (lambda: expect_equal(np.array([1, 2]), np.array([1, 3])), "some values are wrong"),
    "other keys": (lambda: expect_equal({1: 2}, {2: 2}), "some values are wrong"),
    "a shape of a list": (lambda: expect_shape([1, 2], (2,)), "an array belongs here, not a list"),
    "a wrong shape": (lambda: expect_shape(X, (3, 2)), "shape is wrong"),
    "a dtype of an object": (lambda: expect_dtype(HANDLE, "float"), "not a object of yours|object of yours"),
    "a wrong dtype": (lambda: expect_dtype(X, "int"), "dtype float64 is not"),
    "a false condition": (lambda: expect(False, "the batches are all alike"), "the batches are all alike"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_answers_are_told_by_their_kind(name):
    call, pattern = WRONG[name]
    assert re.search(pattern, said(call))


def test_no_sentence_holds_a_number_of_either_side():
    for call, _ in WRONG.values():
        assert not re.search(r"\d\.\d", said(call))


def student(source):
    namespace = {"__name__": "__main__"}
    exec(source, namespace)
    return open_loopback(namespace)


def test_an_expected_exception_or_a_subclass_of_it_passes():
    work = student("class Mine(ValueError): pass\ndef f(x): raise Mine\ndef g(x): raise ValueError")
    expect_raises(ValueError, work.f, 1, otherwise="no")
    expect_raises(ValueError, work.g, x=1, otherwise="no")


@pytest.mark.parametrize("source", ["def f(x): return x", "def f(x): raise TypeError"])
def test_no_exception_or_another_one_is_told(source):
    work = student(source)
    assert said(lambda: expect_raises(ValueError, work.f, 1, otherwise="an unknown kind is accepted")) == (
        "an unknown kind is accepted"
    )


def test_a_gap_is_not_taken_for_the_expected_exception():
    work = student("def f(x): raise NotImplementedError('write it')")
    with pytest.raises(StudentError):
        expect_raises(ValueError, work.f, 1, otherwise="no")
