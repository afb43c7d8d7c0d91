"""Visible checks: each prints `ok  label`, or says in words what is wrong with an answer and where to look.

A failed check raises `CheckFailed`; a notebook shows its sentences without a traceback.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from course_utils.differences import describe_difference

KINDS = {"float": "f", "int": "iu", "bool": "b", "complex": "c", "text": "U"}


class CheckFailed(AssertionError):
    """A visible check's verdict; its message is written for the student."""

    def _render_traceback_(self) -> list[str]:
        return [str(self)]


def close(actual: Any, expected: Any, label: str, atol: float = 1e-7, rtol: float = 1e-7) -> None:
    """`actual` has the shape of `expected` and its values, up to `atol + rtol·|expected|`."""
    difference = describe_difference(actual, expected, rtol=rtol, atol=atol, values=True)
    _verdict(difference is None, label, difference.sentence if difference else "")


def equal(actual: Any, expected: Any, label: str) -> None:
    """`actual` equals `expected` exactly: whole numbers, text, labels, lists or dicts of them."""
    if actual is None and expected is not None:
        _verdict(False, label, "None came back; is there a return statement?")
    _verdict(_same(actual, expected), label, f"got {_short(actual)}, should be {_short(expected)}")


def shape(actual: Any, expected: tuple[int, ...], label: str) -> None:
    """`actual` is an array (or a number) of shape `expected`."""
    if actual is None:
        _verdict(False, label, "None came back; is there a return statement?")
    found = np.shape(actual)
    _verdict(found == tuple(expected), label, f"the shape is {found} but should be {tuple(expected)}")


def dtype(actual: Any, expected: Any, label: str) -> None:
    """The dtype of `actual` is `expected`, or of the kind "float", "int", "bool" or "text"."""
    found = np.asarray(actual).dtype
    right = found.kind in KINDS[expected] if expected in KINDS else found == np.dtype(expected)
    _verdict(right, label, f"the dtype is {found} but should be {expected}")


def true(condition: Any, label: str, otherwise: str) -> None:
    """`condition` holds; `otherwise` is what to say when it does not."""
    _verdict(bool(np.all(condition)), label, otherwise)


def between(value: float, low: float, high: float, label: str) -> None:
    """`low ≤ value ≤ high`."""
    if value is None:
        _verdict(False, label, "None came back; is there a return statement?")
    _verdict(low <= float(value) <= high, label, f"got {float(value):.4g}, expected between {low:g} and {high:g}")


def raises(kind: type[BaseException], call: Callable[[], Any], label: str) -> None:
    """`call()` raises `kind`. A gap that is still open stays a NotImplementedError."""
    try:
        call()
    except NotImplementedError:
        raise
    except kind:
        _verdict(True, label, "")
    except Exception as error:
        raise CheckFailed(
            f"{label}: should raise {kind.__name__}, but raised {type(error).__name__}: {error}"
        ) from error
    else:
        _verdict(False, label, f"should raise {kind.__name__}, but raised nothing")


def unchanged(function: Callable[..., Any], *arrays: np.ndarray, label: str) -> None:
    """Calling `function(*copies)` leaves the copies of `arrays` as they were."""
    copies = [np.array(array) for array in arrays]
    function(*copies)
    for number, (copy, array) in enumerate(zip(copies, arrays, strict=True), start=1):
        where = f"argument {number} was changed" if len(arrays) > 1 else "the argument was changed"
        _verdict(np.array_equal(copy, array), label, f"{where}: work on a copy", quiet=number < len(arrays))


def gradient(f: Callable[[Any], float], x: Any, analytic: Any, label: str, **options: Any) -> None:
    """`analytic` is the gradient of `f` at `x`, judged by `course_utils.gradient_check.check_gradient`."""
    from course_utils.gradient_check import check_gradient

    if analytic is None:
        _verdict(False, label, "the gradient is None; is it returned?")
    report = check_gradient(f, x, analytic, **options)
    _verdict(report.ok, label, report.message)


def _verdict(right: bool, label: str, otherwise: str, quiet: bool = False) -> None:
    if not right:
        raise CheckFailed(f"{label}: {otherwise}")
    if not quiet:
        print(f"ok  {label}")


def _same(actual: Any, expected: Any) -> bool:
    if isinstance(expected, dict):
        return (
            isinstance(actual, dict)
            and actual.keys() == expected.keys()
            and all(_same(actual[key], expected[key]) for key in expected)
        )
    if isinstance(expected, (list, tuple)):
        return (
            isinstance(actual, (list, tuple, np.ndarray))
            and len(actual) == len(expected)
            and all(map(_same, actual, expected))
        )
    return np.shape(actual) == np.shape(expected) and bool(np.all(np.asarray(actual) == np.asarray(expected)))


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 120 else text[:117] + "..."
