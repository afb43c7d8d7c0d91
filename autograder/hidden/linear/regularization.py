"""Hidden tests of the three penalties."""

import numpy as np

from autograder.hidden.linear.arguments import expect_unchanged
from autograder.oracles import linear as oracles
from autograder.testing import expect_close, expect_raises, hidden

KINDS = ("l2", "l1", "elastic")


def away_from_zero(rng, shape):
    return rng.choice([-1.0, 1.0], size=shape) * rng.uniform(0.3, 2.0, size=shape)


@hidden("regularization", weight=2)
def penalties_follow_the_definition(student, rng):
    """the three penalties, on weights of either sign"""
    W = away_from_zero(rng, (4, 3))
    for kind in KINDS:
        expect_close(student.regularization(W, kind)[0], oracles.penalty(W, kind)[0], what=f"the {kind} penalty")


@hidden("regularization", weight=2)
def gradients_follow_the_definition(student, rng):
    """the three gradients"""
    W = away_from_zero(rng, (4, 3))
    for kind in KINDS:
        expect_close(student.regularization(W, kind)[1], oracles.penalty(W, kind)[1], what=f"the {kind} gradient")


@hidden("regularization", weight=2)
def beta_belongs_to_the_elastic_net(student, rng):
    """beta other than 1, for all three kinds"""
    W, beta = away_from_zero(rng, (3, 2)), float(rng.uniform(2, 4))
    for kind in KINDS:
        value, gradient = student.regularization(W, kind, beta)
        expected = oracles.penalty(W, kind, beta)
        expect_close(value, expected[0], what=f"the {kind} penalty with beta")
        expect_close(gradient, expected[1], what=f"the {kind} gradient with beta")


@hidden("regularization")
def any_shape_and_precision(student, rng):
    """arrays of one and three dimensions, and float32; the argument is left alone"""
    for W in (
        away_from_zero(rng, 5),
        away_from_zero(rng, (2, 3, 2)),
        away_from_zero(rng, (3, 4)).astype(np.float32),
        away_from_zero(rng, (4, 6))[:, ::2],
    ):
        kept = student.keep(W)
        for kind in KINDS:
            value, gradient = student.regularization(kept, kind)
            expected = oracles.penalty(W, kind)
            expect_close(value, expected[0], what=f"the {kind} penalty")
            expect_close(gradient, expected[1], what=f"the {kind} gradient")
            expect_unchanged(student, [("W", W)], kept)


@hidden("regularization")
def an_unknown_kind_is_refused(student, rng):
    """an unknown kind raises ValueError"""
    W = away_from_zero(rng, (2, 2))
    student.regularization(W, "l2")
    for kind in ("l3", "L2 ", ""):
        expect_raises(
            ValueError,
            student.regularization,
            W,
            kind,
            otherwise="an unknown kind did not raise ValueError, but another error or none",
        )
