"""How an answer differs from the right one, in words. Shared by visible checks and by the feedback of hidden tests."""

from dataclasses import dataclass
from typing import Any

import numpy as np

FACTORS = {2.0: "twice", 0.5: "half", 4.0: "four times", 0.25: "a quarter of"}


@dataclass(frozen=True)
class Difference:
    """The kind of difference (a stable word), a sentence, and the index of the worst entry where that says something."""

    kind: str
    sentence: str
    index: tuple[int, ...] | None = None


def describe_difference(
    actual: Any, expected: Any, rtol: float = 1e-7, atol: float = 1e-7, values: bool = True
) -> Difference | None:
    """None if `actual` agrees with `expected`, else what kind of difference it is.

    With `values=False` no number, shape or entry of either side is mentioned: hidden tests must not give them away.
    """
    if actual is None:
        return Difference("none", "None came back; is there a return statement?")
    if not isinstance(actual, (bool, int, float, complex, np.generic, np.ndarray, list, tuple)):
        return Difference("type", f"a {type(actual).__name__} came back where an array or a number belongs")
    try:
        got, want = np.asarray(actual), np.asarray(expected)
    except ValueError:
        return Difference("type", "rows of different lengths came back where an array belongs")
    if got.dtype.kind not in "biufc":
        return Difference("type", f"values of dtype {got.dtype} came back where numbers belong")
    if got.shape != want.shape:
        return _shape_difference(got, want, rtol, atol, values)
    if np.allclose(got, want, rtol=rtol, atol=atol, equal_nan=True):
        return None
    return _value_difference(
        got.astype(complex if "c" in (got.dtype.kind, want.dtype.kind) else float), want, rtol, atol, values
    )


def _shape_difference(got: np.ndarray, want: np.ndarray, rtol: float, atol: float, values: bool) -> Difference:
    if got.ndim == 2 and got.T.shape == want.shape and np.allclose(got.T, want, rtol=rtol, atol=atol):
        return Difference("transposed", "the result is transposed: rows and columns are exchanged")
    if values:
        return Difference("shape", f"the shape is {got.shape} but should be {want.shape}")
    if got.ndim != want.ndim:
        few = "few" if got.ndim < want.ndim else "many"
        return Difference("shape", f"the shape is wrong: the result has too {few} dimensions")
    return Difference("shape", "the shape is wrong: some axis has the wrong length")


def _value_difference(got: np.ndarray, want: np.ndarray, rtol: float, atol: float, values: bool) -> Difference:
    def close(a: Any, b: Any) -> bool:
        return bool(np.allclose(a, b, rtol=max(rtol, 1e-6), atol=atol))

    if np.isnan(got).any() and not np.isnan(want).any():
        return Difference(
            "nan", "there are NaN values: look for 0/0, the root or logarithm of a negative number, inf − inf"
        )
    if np.isinf(got).any() and not np.isinf(want).any():
        return Difference("inf", "there are infinite values: look for a division by 0 or an overflow")
    wrong = ~np.isclose(got, want, rtol=rtol, atol=atol)
    worst = tuple(int(i) for i in np.unravel_index(np.argmax(np.abs(got - want)), got.shape)) if got.shape else None
    at = f" at {list(worst)}" if worst is not None else ""
    example = f" (worst{at}: {got[worst]:.6g}, should be {want[worst]:.6g})" if values and worst is not None else ""
    if values and worst is None:
        example = f" ({got:.6g}, should be {want:.6g})"
    if not got.any():
        return Difference("zeros", f"everything is 0{example}", worst)
    if close(got, -want):
        return Difference(
            "sign", f"the sign is wrong: every value is the negative of what it should be{example}", worst
        )
    if got.ndim == 2 and got.shape[0] == got.shape[1] and close(got.T, want):
        return Difference("transposed", "the result is transposed: rows and columns are exchanged", worst)
    factor = _constant_factor(got, want, rtol)
    if factor is not None:
        return Difference("factor", f"every value is {_in_words(factor, values)} what it should be{example}", worst)
    if got.size > 2 and close(got - want, np.mean(got - want)):
        return Difference("offset", f"every value is off by the same amount{example}", worst)
    return _where_wrong(wrong, got, example, worst)


def _where_wrong(wrong: np.ndarray, got: np.ndarray, example: str, worst: tuple[int, ...] | None) -> Difference:
    if got.ndim >= 1 and got.shape[0] > 2:
        rows = np.flatnonzero(wrong.reshape(len(wrong), -1).any(axis=1))
        if set(rows) <= {0, len(wrong) - 1}:
            return Difference("border", f"only the first or last row is wrong{example}", worst)
        if wrong.sum() == 1:
            return Difference("one_entry", f"a single value is wrong{example}", worst)
        if len(rows) < len(wrong):
            return Difference("some_rows", f"some rows are right and some are wrong{example}", worst)
    return Difference("values", f"the values are wrong{example}", worst)


def _constant_factor(got: np.ndarray, want: np.ndarray, rtol: float) -> float | None:
    nonzero = np.abs(want) > 1e-12 * max(1.0, float(np.abs(want).max(initial=0.0)))
    if not nonzero.any() or np.iscomplexobj(got):
        return None
    ratio = got[nonzero] / want[nonzero]
    factor = float(np.median(ratio))
    same = np.allclose(ratio, factor, rtol=max(rtol, 1e-5)) and np.allclose(got, factor * want, atol=1e-9, rtol=1e-5)
    return factor if same and nonzero.sum() > 1 else None


def _in_words(factor: float, values: bool) -> str:
    for known, words in FACTORS.items():
        if np.isclose(factor, known, rtol=1e-5):
            return words
    return f"{factor:.6g} times" if values else "the same multiple of"
