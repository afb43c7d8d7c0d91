"""What hidden tests say of the student's answers.

A failed expectation raises `FailedExpectation` with a sentence for the student. It names the kind of difference, never
the hidden input, the expected value, or the text of an exception.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.byvalue import Handle, StudentError
from course_utils.differences import describe_difference, same_values

NUMBERS = (bool, int, float, complex, np.generic, np.ndarray)


class FailedExpectation(AssertionError):
    """A hidden test's verdict: the answer is wrong, and in what way."""


def expect(condition: Any, sentence: str) -> None:
    """Fail with `sentence` unless `condition` is true."""
    if not condition:
        raise FailedExpectation(sentence)


def expect_close(
    actual: Any, expected: Any, rtol: float | None = None, atol: float | None = None, what: str = "the result"
) -> None:
    """The answer's shape and values agree with `expected`. Tolerances fit the less precise of the two dtypes."""
    if isinstance(actual, Handle):
        raise FailedExpectation(f"{what}: this is an object where an array or a number belongs")
    tolerance = _tolerance(actual, expected)
    difference = describe_difference(
        actual,
        expected,
        rtol=tolerance if rtol is None else rtol,
        atol=tolerance if atol is None else atol,
        values=False,
    )
    if difference is not None:
        raise FailedExpectation(f"{what}: {difference.sentence}")


def expect_equal(actual: Any, expected: Any, what: str = "the result") -> None:
    """The answer equals `expected` exactly: whole numbers, text, labels, keys, lists of them."""
    if isinstance(actual, Handle):
        raise FailedExpectation(f"{what}: this is an object where a plain value belongs")
    if actual is None and expected is not None:
        raise FailedExpectation(f"{what}: None came back; is there a return statement?")
    if isinstance(expected, np.ndarray):
        if not isinstance(actual, np.ndarray):
            raise FailedExpectation(f"{what}: an array belongs here, not a {type(actual).__name__}")
        if actual.shape != expected.shape:
            raise FailedExpectation(f"{what}: the shape is wrong")
        if (actual.dtype.kind == "U") != (expected.dtype.kind == "U"):
            raise FailedExpectation(f"{what}: the kind of values is wrong (text or numbers)")
    if not same_values(actual, expected):
        raise FailedExpectation(f"{what}: some values are wrong")


def expect_shape(actual: Any, shape: tuple[int, ...], what: str = "the result") -> None:
    """The answer is an array (or number) of this shape."""
    if not isinstance(actual, NUMBERS):
        raise FailedExpectation(f"{what}: an array belongs here, not a {_type_name(actual)}")
    if np.shape(actual) != tuple(shape):
        raise FailedExpectation(f"{what}: the shape is wrong")


def expect_dtype(actual: Any, dtype: Any, what: str = "the result") -> None:
    """The answer's dtype is `dtype`, or of the kind "float", "int", "bool" or "text"."""
    kinds = {"float": "f", "int": "iu", "bool": "b", "text": "U"}
    if not isinstance(actual, NUMBERS):
        raise FailedExpectation(f"{what}: an array belongs here, not a {_type_name(actual)}")
    found = np.asarray(actual).dtype
    right = found.kind in kinds[dtype] if isinstance(dtype, str) and dtype in kinds else found == np.dtype(dtype)
    if not right:
        raise FailedExpectation(f"{what}: the dtype {found} is not what the docstring asks for")


def expect_raises(
    kind: type[BaseException], function: Callable[..., Any], *arguments: Any, otherwise: str, **keywords: Any
) -> None:
    """The student's `function` raises `kind`, or a subclass of it, when called so."""
    try:
        function(*arguments, **keywords)
    except StudentError as error:
        if kind.__name__ not in error.kinds:
            if {"NotImplementedError", "ModuleNotFoundError", "NameError"} & set(error.kinds):
                raise
            raise FailedExpectation(otherwise) from None
    else:
        raise FailedExpectation(otherwise)


def _tolerance(*values: Any) -> float:
    coarse = 1e-7
    for value in values:
        dtype = np.asarray(value).dtype if isinstance(value, NUMBERS) else None
        if dtype == np.float32:
            coarse = max(coarse, 1e-4)
        elif dtype == np.float16:
            coarse = max(coarse, 1e-2)
    return coarse


def _type_name(value: Any) -> str:
    return "object of yours" if isinstance(value, Handle) else type(value).__name__
