"""Guesses what kind of mistake made a gradient wrong, by trying the explanations in order of how plain they are.

name            the analytic gradient a against the measured n
--------------  ----------------------------------------------------------------------------
not_finite      a holds NaN or infinity
zeros           a is zero everywhere
sign            a = -n
transpose       a.T = n (a square array, or one of the transposed shape)
regularization  a - n = c times the penalty's gradient (given, or x itself for L2, sign(x) for L1)
factor          a = c n
offset          a - n is one number everywhere
one_parameter   only one entry of the dictionary is wrong (its own cause is named too)
parameters      some entries of the dictionary are wrong
one_entry       one number is wrong
rows, columns   only some rows (columns) are wrong
border          only entries at the border of the last two axes are wrong
unknown         none of these
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from course_utils.gradient_check.parameters import Layout
from course_utils.gradient_check.words import factor_in_words, listed, penalty_in_words


@dataclass(frozen=True)
class Cause:
    name: str
    sentence: str


@dataclass(frozen=True)
class Evidence:
    """What there is to judge one array by; all arrays have its shape. bad: where a and n disagree."""

    a: np.ndarray
    n: np.ndarray
    x: np.ndarray
    bad: np.ndarray
    slack: float
    penalty: np.ndarray | None = None

    def same(self, u: np.ndarray, v: np.ndarray) -> bool:
        """Equal up to what finite differences blur. Both zero proves nothing and is not asked."""
        scale = max(float(np.abs(self.n).max()), float(np.abs(self.a).max()))
        wrong = float(np.abs(self.a - self.n).max())
        return bool(np.abs(u - v).max() <= min(1e-5 * scale + 4 * self.slack, 0.05 * wrong))


def guess(layout: Layout, a: np.ndarray, n: np.ndarray, x: np.ndarray, bad: np.ndarray, slack: np.ndarray,
          penalty: np.ndarray | None) -> Cause:  # fmt: skip
    """The likeliest cause for vectors a, n, x (P,), wrong where bad (P,) is True."""
    every = [_piece(layout, number, a, n, x, bad, slack, penalty) for number in range(len(layout.shapes))]
    if layout.names is None:
        return guess_one(every[0])
    whole = Evidence(a, n, x, bad, float(slack.max()), penalty)
    wrong = [number for number, piece in enumerate(every) if piece.bad.any()]
    names = [repr(layout.names[number]) for number in wrong]
    if len(wrong) > 1:
        for explain in (_zeros, _sign, _regularization, _factor):
            if cause := explain(whole):
                return cause
    if len(wrong) == 1:
        inner = guess_one(every[wrong[0]])
        others = "it is the only parameter" if len(every) == 1 else "the other parameters agree"
        return Cause("one_parameter", f"Only {names[0]} is wrong; {others}. {inner.sentence}")
    details = " ".join(
        f"{name}: {guess_one(every[number]).sentence}" for name, number in zip(names, wrong, strict=True)
    )
    return Cause("parameters", f"Wrong in {listed(names)}. {details}")


def guess_one(piece: Evidence) -> Cause:
    """The likeliest cause for one array."""
    for explain in (_zeros, _one_entry, _sign, _transpose, _regularization, _factor, _offset, _place):
        if cause := explain(piece):
            return cause
    share = f"{int(piece.bad.sum())} of {piece.bad.size} entries are wrong"
    return Cause(
        "unknown", f"{share}, in no pattern known here. Check the formula on one example small enough for paper."
    )


def _piece(layout: Layout, number: int, a: np.ndarray, n: np.ndarray, x: np.ndarray, bad: np.ndarray,
           slack: np.ndarray, penalty: np.ndarray | None) -> Evidence:  # fmt: skip
    part, shape = layout.parts[number], layout.shapes[number]
    a, n, x, bad = (vector[part].reshape(shape) for vector in (a, n, x, bad))
    largest = float(slack[part].max(initial=0.0))
    return Evidence(a, n, x, bad, largest, None if penalty is None else penalty[part].reshape(shape))


def _zeros(piece: Evidence) -> Cause | None:
    if piece.a.any():
        return None
    return Cause("zeros", "Your gradient is zero everywhere, and the loss does change. Was it filled in, and returned?")


def _sign(piece: Evidence) -> Cause | None:
    if piece.same(piece.a, -piece.n):
        return Cause("sign", "It is the right gradient with the wrong sign: a minus is missing, or one is too many.")
    return None


def _transpose(piece: Evidence) -> Cause | None:
    if piece.a.ndim == 2 and piece.a.shape[0] == piece.a.shape[1] > 1 and piece.same(piece.a.T, piece.n):
        return Cause("transpose", "It is the transpose of the right gradient: look at the order of the matrix product.")
    return None


def _regularization(piece: Evidence) -> Cause | None:
    excess = piece.a - piece.n
    candidates = [("given", piece.penalty), ("L2", piece.x), ("L1", np.sign(piece.x))]
    for kind, direction in candidates:
        if direction is None or direction.size < 3 or not direction.any():
            continue
        c = float((excess * direction).sum() / (direction * direction).sum())
        # A penalty guessed from x alone has to be told from a plain factor, which is tried next.
        plain_factor = kind != "given" and _factor(piece) is not None
        if abs(c) > 0 and not plain_factor and _explains(excess, c * direction, piece.slack):
            return Cause("regularization", penalty_in_words(c, kind))
    return None


def _explains(excess: np.ndarray, model: np.ndarray, slack: float) -> bool:
    # However noisy the measurement, an explanation has to account for most of the disagreement.
    largest = float(np.abs(excess).max())
    return bool(np.abs(excess - model).max() <= min(1e-3 * largest + 4 * slack, 0.05 * largest))


def _factor(piece: Evidence) -> Cause | None:
    squares = float((piece.n**2).sum())
    c = float((piece.a * piece.n).sum()) / squares if squares else 0.0
    if piece.n.size > 1 and c and piece.same(piece.a, c * piece.n):
        return Cause("factor", factor_in_words(c))
    if piece.n.size == 1 and c:
        return Cause("factor", factor_in_words(c) + " (With a single number any mistake looks like a factor.)")
    return None


def _offset(piece: Evidence) -> Cause | None:
    excess = piece.a - piece.n
    c = float(excess.mean())
    if piece.n.size > 2 and piece.bad.all() and _explains(excess, np.full_like(excess, c), piece.slack):
        return Cause("offset", f"Every entry is off by the same {c:.6g}: something is added that is not in the loss.")
    return None


def _one_entry(piece: Evidence) -> Cause | None:
    if piece.bad.sum() == 1 and piece.bad.size > 2:
        return Cause("one_entry", f"Only one of {piece.bad.size} entries is wrong; the rest of the formula is right.")
    return None


def _place(piece: Evidence) -> Cause | None:
    bad = piece.bad
    if bad.ndim < 2 or bad.all():
        return None
    if bad.ndim == 2:
        for axis, (name, one) in enumerate((("rows", "row"), ("columns", "column"))):
            hit = bad.any(axis=1 - axis)
            if 2 * hit.sum() <= hit.size:
                numbers = [str(i) for i in np.flatnonzero(hit)]
                where = f"{one} {numbers[0]}" if len(numbers) == 1 else f"{name} {listed(numbers[:8])}"
                more = " and more" if len(numbers) > 8 else ""
                return Cause(name, f"Only {where}{more} of {hit.size} is wrong.".replace("s is wrong", "s are wrong"))
    if min(bad.shape[-2:]) > 2 and not bad[..., 1:-1, 1:-1].any():
        return Cause("border", "Only entries at the border of the last two axes are wrong: look at padding and bounds.")
    return None
