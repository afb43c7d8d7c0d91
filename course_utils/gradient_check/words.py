"""Sentences for factors and penalties."""

from __future__ import annotations

from collections.abc import Sequence


def listed(items: Sequence[str]) -> str:
    """a, b and c."""
    return items[0] if len(items) == 1 else ", ".join(items[:-1]) + " and " + items[-1]


def factor_in_words(c: float) -> str:
    """What a gradient that is c times the right one suggests."""
    if c < 0:
        return f"The sign is wrong, and apart from that: {factor_in_words(-c)}"
    if _is(c, 2):
        return "It is twice the right gradient: look for a 2 (from a square, or a ½ in the loss that cancels it)."
    if _is(c, 0.5):
        return "It is half the right gradient: a 2 is missing, such as the one from the derivative of a square."
    if c > 1 and _is(c, round(c)):
        k = round(c)
        return (
            f"It is {k} times the right gradient. If {k} is the number of examples, the division by N is missing; "
            f"if {k} is the number of classes or columns, a mean was taken for a sum or a sum for a mean."
        )
    if c < 1 and _is(1 / c, round(1 / c)):
        k = round(1 / c)
        return (
            f"It is 1/{k} of the right gradient. If {k} is the number of examples, it is divided by N once too often; "
            f"if {k} is the number of classes or columns, a mean was taken where the loss has a sum."
        )
    return f"It is {c:.6g} times the right gradient: the direction is right, a constant is not."


def penalty_in_words(c: float, kind: str) -> str:
    """What an excess of c times the penalty's gradient suggests. kind: "given", or "L2", "L1" when only guessed."""
    if kind == "given":
        known = {
            -1.0: "The regularization part is missing: the penalty is in the loss and not in the gradient.",
            1.0: "The regularization part counts twice, or it is in the gradient and not in the loss.",
            -0.5: "The regularization part is half of what it should be: a 2 from the square is missing.",
            -2.0: "The regularization part has the wrong sign.",
        }
        for value, sentence in known.items():
            if _is(c, value):
                return sentence
        return f"The regularization part is {1 + c:.6g} times what it should be; the rest is right."
    shape = {"L2": "x", "L1": "sign(x)"}[kind]
    side = "too small" if c < 0 else "too large"
    return (
        f"It is {side} by {abs(c):.6g} times {shape}, which is what an {kind} penalty gives: "
        "the regularization part is " + ("missing or too weak." if c < 0 else "too strong, or not in the loss at all.")
    )


def _is(c: float, value: float) -> bool:
    return abs(c - value) <= 1e-4 * abs(value)
