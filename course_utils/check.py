"""Visible checks: each prints `ok  label`, or says in words what is wrong with an answer and where to look.

A failed check raises `CheckFailed`; a notebook shows its sentences without a traceback.
"""

from collections.abc import Callable
from typing import Any, NoReturn

import numpy as np

from course_utils.differences import NOTHING, describe_difference, same_values

KINDS = {"float": "f", "int": "iu", "bool": "b", "complex": "c", "text": "U"}


class CheckFailed(AssertionError):
    """A visible check's verdict; its message is written for the student."""

    def _render_traceback_(self) -> list[str]:
        return [str(self)]


def close(actual: Any, expected: Any, label: str, atol: float = 1e-7, rtol: float = 1e-7) -> None:
    """`actual` has the shape of `expected` and its values, up to `atol + rtol·|expected|`.

    Where `expected` is an array, `actual` must be one too; where it is a list, a list will do.
    """
    difference = describe_difference(actual, expected, rtol=rtol, atol=atol, values=True)
    _verdict(difference is None, label, difference.sentence if difference else "")


def equal(actual: Any, expected: Any, label: str) -> None:
    """`actual` equals `expected` exactly: whole numbers, text, labels, lists or dicts of them."""
    problem = _inequality(actual, expected)
    _verdict(problem is None, label, problem or "")


def shape(actual: Any, expected: tuple[int, ...], label: str) -> None:
    """`actual` is an array (or a number, or lists of numbers) of shape `expected`."""
    found, wanted = _array(actual, label).shape, tuple(expected)
    swapped = ": rows and columns are exchanged" if len(found) == 2 and found == wanted[::-1] else ""
    _verdict(found == wanted, label, f"the shape is {found} but should be {wanted}{swapped}")


def dtype(actual: Any, expected: Any, label: str) -> None:
    """The dtype of `actual` is `expected`, or of the kind "float", "int", "bool", "complex" or "text"."""
    found = _array(actual, label).dtype
    if isinstance(expected, str) and expected in KINDS:
        right, wanted = found.kind in KINDS[expected], f"of the kind {expected}"
    else:
        right, wanted = found == np.dtype(expected), str(np.dtype(expected))
    _verdict(right, label, f"the dtype is {found} but should be {wanted}")


def true(condition: Any, label: str, otherwise: str) -> None:
    """`condition` holds (everywhere, if it is an array); `otherwise` is what to say when it does not."""
    _verdict(bool(np.all(condition)), label, otherwise)


def between(value: Any, low: float, high: float, label: str) -> None:
    """`low ≤ value ≤ high`, for a single number."""
    number = _array(value, label)
    if number.size != 1 or number.dtype.kind not in "biuf":
        _fail(label, f"a single number between {low:g} and {high:g} belongs here, got {_short(value)}")
    found = float(number.ravel()[0])
    _verdict(low <= found <= high, label, f"got {found:.6g}, expected between {low:g} and {high:g}")


def raises(kind: type[BaseException], call: Callable[[], Any], label: str) -> None:
    """`call()` raises `kind`. A gap that is still open stays a NotImplementedError."""
    try:
        call()
    except NotImplementedError:
        raise
    except kind:
        _verdict(True, label, "")
    except Exception as error:
        said = f"should raise {kind.__name__}, but raised {type(error).__name__}: {error}"
        raise CheckFailed(f"{label}: {said}") from error
    else:
        _fail(label, f"should raise {kind.__name__}, but raised nothing")


def unchanged(function: Callable[..., Any], *arrays: np.ndarray, label: str) -> None:
    """Calling `function(*copies)` leaves the copies of `arrays` as they were."""
    copies = [np.array(array) for array in arrays]
    function(*copies)
    for number, (copy, array) in enumerate(zip(copies, arrays, strict=True), start=1):
        same = np.array_equal(copy, array, equal_nan=copy.dtype.kind in "fc")
        if not same:
            where = f"argument {number} was changed" if len(arrays) > 1 else "the argument was changed"
            _fail(label, f"{where}: work on a copy")
    _verdict(True, label, "")


def gradient(f: Callable[[Any], float], x: Any, analytic: Any, label: str, **options: Any) -> None:
    """`analytic` is the gradient of `f` at `x`, judged by `course_utils.gradient_check.check_gradient`."""
    from course_utils.gradient_check import check_gradient

    if analytic is None:
        _fail(label, "the gradient is None; is it returned?")
    report = check_gradient(f, x, analytic, **options)
    _verdict(report.ok, label, report.message)


def _verdict(right: bool, label: str, otherwise: str) -> None:
    if not right:
        _fail(label, otherwise)
    print(f"ok  {label}")


def _fail(label: str, sentence: str) -> NoReturn:
    raise CheckFailed(f"{label}: {sentence}")


def _array(value: Any, label: str) -> np.ndarray:
    if value is None:
        _fail(label, NOTHING)
    try:
        return np.asarray(value)
    except ValueError:
        _fail(label, f"an array belongs here, got a {type(value).__name__} of rows of different lengths")


def _inequality(actual: Any, expected: Any) -> str | None:
    """What keeps `actual` from being equal to `expected`, or None."""
    if actual is None and expected is not None:
        return NOTHING
    if isinstance(expected, dict) and isinstance(actual, dict) and actual.keys() != expected.keys():
        missing, extra = expected.keys() - actual.keys(), actual.keys() - expected.keys()
        parts = [f"{_listed(missing)} missing"] if missing else []
        parts += [f"{_listed(extra)} should not be there"] if extra else []
        return "keys: " + ", ".join(parts)
    if isinstance(expected, np.ndarray):
        return _array_inequality(actual, expected)
    return None if same_values(actual, expected) else f"got {_short(actual)}, should be {_short(expected)}"


def _array_inequality(actual: Any, expected: np.ndarray) -> str | None:
    if isinstance(actual, (list, tuple, dict)) or (expected.ndim and not isinstance(actual, np.ndarray)):
        return f"a {type(actual).__name__} came back where a NumPy array belongs"
    found = np.asarray(actual)
    if found.shape != expected.shape:
        return f"the shape is {found.shape} but should be {expected.shape}"
    wrong = np.atleast_1d(np.broadcast_to(found != expected, expected.shape))
    if not wrong.any():
        return None
    if expected.ndim == 0 or expected.size <= 12:
        return f"got {_short(found.tolist())}, should be {_short(expected.tolist())}"
    first = tuple(map(int, np.argwhere(wrong)[0]))
    first_pair = f"{_short(found[first].item())}, should be {_short(expected[first].item())}"
    return f"{wrong.sum()} of {wrong.size} entries are wrong, the first at {list(first)}: got {first_pair}"


def _listed(keys: Any) -> str:
    return _short(sorted(keys, key=repr))[1:-1]


def _short(value: Any) -> str:
    text = repr(_plain(value))
    return text if len(text) <= 120 else text[:117] + "..."


def _plain(value: Any) -> Any:
    """NumPy's numbers as Python's: students read 3 more easily than np.int64(3)."""
    if isinstance(value, np.generic):
        return value.item()
    if type(value) in (list, tuple):
        return type(value)(map(_plain, value))
    if type(value) is dict:
        return {_plain(key): _plain(entry) for key, entry in value.items()}
    return value
