"""How an answer differs from the right one, in words. Shared by visible checks and by the feedback of hidden tests."""

from dataclasses import dataclass
from typing import Any

import numpy as np

FACTORS = {2.0: "twice", 0.5: "half", 4.0: "four times", 0.25: "a quarter of"}
NOTHING = "None came back; is there a return statement?"


@dataclass(frozen=True)
class Difference:
    """The kind of difference (a stable word), a sentence, and the index of the worst entry where there is one."""

    kind: str
    sentence: str
    index: tuple[int, ...] | None = None


def describe_difference(
    actual: Any, expected: Any, rtol: float = 1e-7, atol: float = 1e-7, values: bool = True
) -> Difference | None:
    """None if `actual` agrees with `expected`, else what kind of difference it is.

    With `values=False` no number, shape or entry of either side is mentioned: hidden tests must not give them away.
    A NaN agrees with a NaN. Lists of numbers will do unless `expected` is an array of at least one dimension.
    """
    problem = _not_numbers(actual, expected, values)
    if problem is not None:
        return problem
    got, want = np.asarray(actual), np.asarray(expected)
    if got.shape != want.shape:
        return _shape_difference(got, want, rtol, atol, values)
    if _all_close(got, want, rtol, atol):
        return None
    if got.dtype.kind == "c" and want.dtype.kind != "c":
        return Difference("complex", "complex numbers came back where real ones belong")
    whole = got.dtype if got.dtype.kind in "biu" else None
    common = complex if want.dtype.kind == "c" else float
    with np.errstate(all="ignore"):  # the values may be infinite, NaN or huge: that is what there is to say
        return _value_difference(got.astype(common), want.astype(common), whole, rtol, atol, values)


def same_values(actual: Any, expected: Any) -> bool:
    """Whether `actual` equals `expected` exactly: numbers, text, arrays, and lists, tuples and dicts of them.

    A list may stand for a tuple or an array for a list, but nothing else for an array.
    """
    if isinstance(expected, dict):
        same_keys = isinstance(actual, dict) and actual.keys() == expected.keys()
        return same_keys and all(same_values(actual[key], expected[key]) for key in expected)
    if isinstance(expected, (list, tuple)):
        listed = isinstance(actual, (list, tuple)) or (isinstance(actual, np.ndarray) and actual.ndim > 0)
        return listed and len(actual) == len(expected) and all(map(same_values, actual, expected))
    if isinstance(expected, np.ndarray):
        array = isinstance(actual, np.ndarray) or (expected.ndim == 0 and not isinstance(actual, (list, tuple, dict)))
        return array and np.shape(actual) == expected.shape and bool(np.all(actual == expected))
    return not isinstance(actual, (list, tuple, dict)) and np.shape(actual) == () and bool(actual == expected)


def _not_numbers(actual: Any, expected: Any, values: bool) -> Difference | None:
    if actual is None:
        return Difference("none", NOTHING)
    name = type(actual).__name__
    if not isinstance(actual, (bool, int, float, complex, np.generic, np.ndarray, list, tuple)):
        article = "an" if name[0] in "aeiouAEIOU" else "a"
        return Difference("type", f"{article} {name} came back where an array or a number belongs")
    try:
        got = np.asarray(actual)
    except ValueError:
        if isinstance(actual, tuple):
            return Difference("type", "a tuple of several results came back where one array or number belongs")
        return Difference("type", "rows of different lengths came back where an array belongs")
    if got.dtype.kind not in "biufc":
        held = f" (dtype {got.dtype})" if values else ""
        what = "text" if got.dtype.kind in "US" else "values that are not numbers"
        return Difference("type", f"{what}{held} came back where numbers belong")
    if isinstance(actual, (list, tuple)) and isinstance(expected, np.ndarray) and expected.ndim:
        return Difference("list", f"a {name} came back where a NumPy array belongs")
    return None


def _all_close(got: np.ndarray, want: np.ndarray, rtol: float, atol: float) -> bool:
    """`np.allclose`, NaN equal to NaN; for finite numbers in less than half its time: tests look often."""
    if got.dtype == want.dtype == np.float64 and np.isfinite(got).all() and np.isfinite(want).all():
        return bool((np.abs(got - want) <= atol + rtol * np.abs(want)).all())
    return bool(np.allclose(got, want, rtol=rtol, atol=atol, equal_nan=True))


def _shape_difference(got: np.ndarray, want: np.ndarray, rtol: float, atol: float, values: bool) -> Difference:
    def close(a: np.ndarray, b: np.ndarray) -> bool:
        return _all_close(a, b, rtol, atol)

    shapes = f"the shape is {got.shape} but should be {want.shape}"
    if got.ndim == 2 and got.T.shape == want.shape:
        if close(got.T, want):
            shapes = f" ({shapes})" if values else ""
            return Difference("transposed", f"the result is transposed: rows and columns are exchanged{shapes}")
        if values:
            return Difference("shape", f"{shapes}: rows and columns are exchanged")
    right = "the values are right, but " if got.size == want.size and close(got.ravel(), want.ravel()) else ""
    if not want.shape:
        found = f" of shape {got.shape}" if values else ""
        return Difference("shape", f"{right}an array{found} came back where a single number belongs")
    if values:
        if not got.shape:
            return Difference("shape", f"a single number came back where an array of shape {want.shape} belongs")
        return Difference("shape", right + shapes)
    if got.ndim != want.ndim:
        few = "few" if got.ndim < want.ndim else "many"
        return Difference("shape", f"{right}the shape is wrong: the result has too {few} dimensions")
    return Difference("shape", f"{right}the shape is wrong: some axis has the wrong length")


def _value_difference(
    got: np.ndarray, want: np.ndarray, whole: np.dtype | None, rtol: float, atol: float, values: bool
) -> Difference:
    """What is wrong with values of the right shape. whole: the dtype of `got` before it was converted, if integers."""

    def close(a: Any, b: Any) -> bool:
        return bool(np.allclose(a, b, rtol=max(rtol, 1e-6), atol=atol, equal_nan=True))

    wrong = ~np.isclose(got, want, rtol=rtol, atol=atol, equal_nan=True)
    gap = np.where(wrong, np.abs(got - want), -1.0)
    worst = tuple(map(int, np.unravel_index(np.argmax(gap), got.shape)))
    example = _example(got, want, worst) if values else ""
    every = "every value is" if got.ndim else "the value is"

    if (np.isnan(got) & ~np.isnan(want)).any():
        looking = "look for zero by zero, the root or logarithm of a negative number, infinity minus infinity"
        return Difference("nan", f"{'there are NaN values' if got.ndim else 'it is NaN'}: {looking}{example}", worst)
    if (np.isinf(got) & ~np.isinf(want)).any():
        said = "there are infinite values" if got.ndim else "it is infinite"
        return Difference("inf", f"{said}: look for a division by zero or an overflow{example}", worst)
    if np.allclose(got, want, rtol=1e-9, atol=1e-5 * float(np.abs(want[np.isfinite(want)]).max(initial=0.0))):
        said = "nearly right, but not to the precision asked for: is a number rounded, or a small term left out?"
        return Difference("nearly", f"{'the values are' if got.ndim else 'the value is'} {said}{example}", worst)
    if not got.any():
        return Difference("zeros", f"{'everything' if got.ndim else 'it'} is zero{example}", worst)
    if close(got, -want):
        return Difference("sign", f"the sign is wrong: {every} the negative of what it should be{example}", worst)
    if got.ndim == 2 and got.shape[0] == got.shape[1] and close(got.T, want):
        return Difference("transposed", f"the result is transposed: rows and columns are exchanged{example}", worst)
    if whole is not None and (close(got, np.trunc(want.real)) or close(got, np.round(want.real))):
        kind = f" (dtype {whole})" if values else ""
        return Difference(
            "whole", f"whole numbers{kind} came back where fractions belong: the fractions were cut off{example}", worst
        )
    if whole == np.uint8 and close(got, np.round(want.real) % 256):
        said = "the arithmetic was done in whole bytes, which start again from zero: convert pixels to floats first"
        return Difference("wrapped", said + example, worst)
    factor = _constant_factor(got, want, rtol)
    squared = close(got, want**2)
    if factor is not None and not (squared and _known(factor) is None):  # 25 for 5, everywhere: a square, not 5 times
        return Difference("factor", f"{every} {_in_words(factor, values)}{example}", worst)
    if squared:
        return Difference("square", f"{every} the square of what it should be: is a root missing?{example}", worst)
    if close(np.abs(got), np.abs(want)):
        return Difference("signs", f"the sizes are right, but some signs are wrong{example}", worst)
    if got.size > 2 and close(got - want, np.mean(got - want)):
        return Difference("offset", f"every value is off by the same amount{example}", worst)
    if got.size > 2 and close(np.sort(got, axis=None), np.sort(want, axis=None)):
        return Difference("order", f"the values are the right ones, but in the wrong places{example}", worst)
    return _where_wrong(wrong, example, worst)


def _where_wrong(wrong: np.ndarray, example: str, worst: tuple[int, ...]) -> Difference:
    if wrong.ndim == 0:
        return Difference("values", f"the value is wrong{example}", worst)
    if wrong.sum() == 1 and wrong.size > 2:
        return Difference("one_entry", f"a single value is wrong{example}", worst)
    entry = "row" if wrong.ndim > 1 else "entry"
    for axis, name in ((0, entry), (1, "column"))[: wrong.ndim]:
        others = tuple(other for other in range(wrong.ndim) if other != axis)
        lines = np.flatnonzero(wrong.any(axis=others))
        count = wrong.shape[axis]
        if count > 2 and set(lines.tolist()) <= {0, count - 1}:
            return Difference("border", f"only the first or last {name} is wrong{example}", worst)
        if len(lines) < count:
            many = "entries" if name == "entry" else f"{name}s"
            return Difference(f"some_{many}", f"some {many} are right and some are wrong{example}", worst)
    return Difference("values", f"the values are wrong{example}", worst)


def _example(got: np.ndarray, want: np.ndarray, worst: tuple[int, ...]) -> str:
    digits = next((n for n in (6, 9, 12) if f"{got[worst]:.{n}g}" != f"{want[worst]:.{n}g}"), 17)
    at = f"worst at {list(worst)}: " if worst else ""
    return f" ({at}{got[worst]:.{digits}g}, should be {want[worst]:.{digits}g})"


def _constant_factor(got: np.ndarray, want: np.ndarray, rtol: float) -> float | None:
    """The c of got = c · want. For a single number, only such a c as a forgotten or extra N or 2 would explain."""
    nonzero = np.abs(want) > 1e-12 * max(1.0, float(np.abs(want).max(initial=0.0)))
    if not nonzero.any() or np.iscomplexobj(got):
        return None
    ratio = got[nonzero] / want[nonzero]
    factor = float(np.median(ratio))
    same = np.allclose(ratio, factor, rtol=max(rtol, 1e-5)) and np.allclose(got, factor * want, atol=1e-9, rtol=1e-5)
    if not same or factor == 0:
        return None
    if nonzero.sum() == 1:
        fractions = not (float(got[nonzero][0]).is_integer() and float(want[nonzero][0]).is_integer())
        return factor if _known(factor) or (fractions and _whole(factor)) else None
    return factor


def _known(factor: float) -> str | None:
    return next((words for known, words in FACTORS.items() if np.isclose(factor, known, rtol=1e-5)), None)


def _whole(factor: float) -> tuple[str, int] | None:
    """("times", n) for a factor n, ("part", n) for 1/n, of a whole n > 1 up to a million."""
    for word, value in (("times", factor), ("part", 1 / factor)):
        if 1.5 < value < 1e6 and np.isclose(value, round(value), rtol=1e-6, atol=0):
            return word, round(value)
    return None


def _in_words(factor: float, values: bool) -> str:
    """What a factor is, and what is likely to have caused it."""
    words = _known(abs(factor))
    if words is not None:
        return f"{words} what it should be" + (", and of the wrong sign" if factor < 0 else "")
    if factor < 0:
        return f"{factor:.6g} times what it should be" if values else "a negative multiple of what it should be"
    word, n = _whole(factor) or ("", 0)
    if not values:
        guess = {"times": ": was a mean forgotten?", "part": ": was it divided once too often?"}.get(word, "")
        return f"the same multiple of what it should be{guess}"
    if not word:
        return f"{factor:.6g} times what it should be"
    if word == "times":
        return f"{n} times what it should be: is a division missing, by the number of examples for one?"
    return f"1/{n} of what it should be: is it divided once too often, by the number of examples for one?"
