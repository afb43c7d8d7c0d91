"""Hidden tests of the penalties: prices and their gradients, soft thresholding."""

import numpy as np

from autograder.hidden.regularization.draws import away_from_zero
from autograder.oracles import regularization as oracles
from autograder.testing import expect, expect_close, expect_shape, hidden

# Prices ----------------------------------------------------------------------------------------------------------------


def a_net(rng):
    """Parameters of a small net with batch norm, none of them near zero."""
    shapes = {
        "W1": (3, 4),
        "b1": (4,),
        "gamma1": (4,),
        "beta1": (4,),
        "W2": (4, 2),
        "b2": (2,),
        "W3": (2, 3),
        "W12": (2, 2),
        "beta_of_W1": (3,),
    }
    return {name: away_from_zero(rng, shape) for name, shape in shapes.items()}


def strengths(rng):
    return rng.uniform(0.2, 0.9, size=2).tolist()


def asked(student, *arguments):
    reply = student.penalty(*arguments)
    expect(isinstance(reply, (tuple, list)) and len(reply) == 2, "penalty must return two things: (price, grads)")
    expect(isinstance(reply[1], dict), "the gradients are not a dict")
    return reply


def expect_slopes(grads, params, l1, l2):
    for name, value in params.items():
        if name.startswith("W"):
            expect(name in grads, "the gradient of a weight array is missing")
            expect_close(grads[name], oracles.penalty_slopes(value, l1, l2), what="the gradient of a weight array")
        else:
            expect(not np.any(grads.get(name, 0.0)), "biases, gains and shifts have no price and no gradient")


@hidden("penalty", weight=2)
def l2_alone(student, rng):
    """the L2 price and its gradient"""
    params, (l2, _) = a_net(rng), strengths(rng)
    price, grads = asked(student, params, 0.0, l2)
    expect_close(price, oracles.penalty_price(params, 0.0, l2), what="the L2 price")
    expect_slopes(grads, params, 0.0, l2)


@hidden("penalty", weight=2)
def l1_alone(student, rng):
    """the L1 price and its gradient"""
    params, (l1, _) = a_net(rng), strengths(rng)
    price, grads = asked(student, params, l1, 0.0)
    expect_close(price, oracles.penalty_price(params, l1, 0.0), what="the L1 price")
    expect_slopes(grads, params, l1, 0.0)


@hidden("penalty", weight=2)
def both_together(student, rng):
    """both prices at once, for several weight arrays of different sizes"""
    params, (l1, l2) = a_net(rng), strengths(rng)
    params["Wout"] = away_from_zero(rng, (1, 5))
    price, grads = asked(student, params, l1, l2)
    expect_close(price, oracles.penalty_price(params, l1, l2), what="the price")
    expect_slopes(grads, params, l1, l2)


@hidden("penalty")
def entries_at_zero(student, rng):
    """weights that are exactly zero"""
    params, (l1, l2) = a_net(rng), strengths(rng)
    params["W1"][rng.random((3, 4)) < 0.5] = 0.0
    params["W1"][0, 0], params["W2"] = 0.0, np.zeros((4, 2))
    price, grads = asked(student, params, l1, l2)
    expect(np.isfinite(price), "the price is not finite where weights are zero")
    expect_slopes(grads, params, l1, l2)


@hidden("penalty")
def params_left_alone(student, rng):
    """params is left as it is"""
    params, (l1, l2) = a_net(rng), strengths(rng)
    kept = student.keep(params)
    price, grads = asked(student, kept, l1, l2)
    after = student.value(kept)
    same = after.keys() == params.keys() and all(np.array_equal(after[name], params[name]) for name in params)
    expect(same, "params was changed; work on copies")
    expect_close(price, oracles.penalty_price(params, l1, l2), what="the price")
    expect_slopes(grads, params, l1, l2)


# Soft thresholding -----------------------------------------------------------------------------------------------------


@hidden("soft_threshold", weight=2)
def positive_entries(student, rng):
    """positive entries on both sides of the threshold"""
    t = float(rng.uniform(0.6, 1.4))
    w = np.concatenate([rng.uniform(0.05, 0.9, size=6) * t, t + rng.uniform(0.1, 2, size=6)])
    expect_close(student.soft_threshold(w, t), oracles.soft_threshold(w, t))


@hidden("soft_threshold", weight=2)
def entries_of_either_sign(student, rng):
    """entries of either sign, in a matrix"""
    t = float(rng.uniform(0.6, 1.4))
    sizes = np.concatenate([rng.uniform(0.05, 0.9, size=10) * t, t + rng.uniform(0.1, 2, size=10)])
    w = (sizes * rng.permutation([-1.0, 1.0] * 10)).reshape(4, 5)
    expect_close(student.soft_threshold(w, t), oracles.soft_threshold(w, t))


@hidden("soft_threshold")
def zeros_are_exact(student, rng):
    """entries within the threshold become exactly zero, others do not"""
    t = float(rng.uniform(0.3, 0.8))
    inside, outside = rng.uniform(-t, t, size=20), away_from_zero(rng, 20, 1.0, 2.0)
    found = student.soft_threshold(np.concatenate([inside, outside, [t, -t]]), t)
    expect_shape(found, (42,))
    expect(not np.any(found[:20]) and not np.any(found[40:]), "entries within the threshold are not exactly zero")
    expect(np.all(found[20:40]), "entries beyond the threshold became zero")


@hidden("soft_threshold")
def no_threshold_and_other_kinds(student, rng):
    """a threshold of zero, weights of zero, float32, three dimensions; w is left as it is"""
    w = away_from_zero(rng, (2, 3, 2))
    kept = student.keep(w)
    expect_close(student.soft_threshold(kept, 0.7), oracles.soft_threshold(w, 0.7))
    expect(np.array_equal(student.value(kept), w), "w was changed in place; return a new array")
    expect_close(student.soft_threshold(w, 0.0), w)
    with_zero = np.append(w.ravel(), 0.0)
    for t in (0.0, 0.6):
        expect_close(
            student.soft_threshold(with_zero, t), oracles.soft_threshold(with_zero, t), what="with a zero in w"
        )
    single = away_from_zero(rng, 5).astype(np.float32)
    expect_close(student.soft_threshold(single, 0.25), oracles.soft_threshold(single, 0.25))
