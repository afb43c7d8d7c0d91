"""Hidden tests of the activation functions: tanh, Leaky ReLU, ELU, Maxout, and of the count of dead units."""

import numpy as np

from autograder.hidden.activations.passes import (
    away_from_zero,
    backward,
    expect_gradients,
    expect_kept,
    odd_layouts,
)
from autograder.oracles import activations as oracles
from autograder.testing import ban, expect, expect_close, expect_shape, forward_pass, hidden

ban("tanh", "course_utils.nn", "torch")
ban("leaky_relu", "course_utils.nn", "torch")
ban("elu", "course_utils.nn", "torch")
ban("maxout", "torch")

# The three gates share their tests -----------------------------------------------------------------------------------


def gate_tests(gate, function, option=None, between=None, saturates=False):
    """Register the tests of a gate. function(v, option): one float to one float; the option's name and its range."""

    def run(student, x, *more):
        return forward_pass(student, f"{gate}_forward", x, *more)

    def go_back(student, dout, cache):
        return getattr(student, f"{gate}_backward")(dout, cache)

    def values(x, *more):
        return oracles.entrywise(lambda v: function(v, *more), x)

    def slopes(x, *more):
        return oracles.entrywise(oracles.slope(lambda v: function(v, *more)), x)

    def outputs(student, rng):
        x = np.concatenate([away_from_zero(rng, (4, 3)), np.zeros((1, 3))])
        expect_close(run(student, x)[0], values(x), what="out")

    def gradients(student, rng):
        x, dout = away_from_zero(rng, (4, 5)), away_from_zero(rng, (4, 5))
        dx = go_back(student, dout, run(student, x)[1])
        expect_close(dx, dout * slopes(x), 1e-6, 1e-7, what="dx")

    def outputs_with_option(student, rng):
        for chosen in rng.uniform(*between, size=2).tolist():
            x = away_from_zero(rng, (3, 4))
            expect_close(run(student, x, chosen)[0], values(x, chosen), what="out")

    def gradients_with_option(student, rng):
        for chosen in rng.uniform(*between, size=2).tolist():
            x, dout = away_from_zero(rng, (3, 4)), away_from_zero(rng, (3, 4))
            dx = go_back(student, dout, run(student, x, chosen)[1])
            expect_close(dx, dout * slopes(x, chosen), 1e-6, 1e-7, what="dx")

    def large_entries(student, rng):
        x = np.concatenate([rng.uniform(20, 90, size=3), rng.uniform(800, 3000, size=3)])
        x = np.concatenate([x, -x, away_from_zero(rng, 3)])
        dout = away_from_zero(rng, x.shape)
        out, cache = run(student, x)
        expect(np.all(np.isfinite(out)), "out is not finite where x is large")
        expect_close(out, values(x), what="out")
        dx = go_back(student, dout, cache)
        expect(np.all(np.isfinite(dx)), "dx is not finite where x is large")
        expect_close(
            dx, dout * np.where(np.abs(x) > 19, x > 0 if gate == "elu" else 0.0, slopes(x)), 1e-6, 1e-7, what="dx"
        )

    def shapes_and_layouts(student, rng):
        for x in (
            away_from_zero(rng, 5),
            away_from_zero(rng, (2, 3, 2)),
            away_from_zero(rng, (1, 1)),
            *odd_layouts(rng, (3, 4)),
        ):
            dout = away_from_zero(rng, x.shape).astype(x.dtype)
            out, cache = run(student, x)
            expect_close(out, values(x), 1e-5, 1e-5, what="out")
            expect_close(go_back(student, dout, cache), dout * slopes(x), 1e-5, 1e-5, what="dx")

    def arguments_left_alone(student, rng):
        x, dout = away_from_zero(rng, (3, 4)), away_from_zero(rng, (3, 4))
        kept_x, kept_dout = student.keep(x), student.keep(dout)
        out, cache = run(student, kept_x)
        expect_kept(student, "x", kept_x, x)
        dx = go_back(student, kept_dout, cache)
        expect_kept(student, "dout", kept_dout, dout)
        expect_close(out, values(x), what="out")
        expect_close(dx, dout * slopes(x), 1e-6, 1e-7, what="dx")

    table = [
        (outputs, "the outputs, for entries of either sign and zero", 2),
        (gradients, "the gradient, for upstream gradients of either sign", 2),
    ]
    if option is not None:
        table += [
            (outputs_with_option, f"the outputs with another {option}", 1),
            (gradients_with_option, f"the gradient with another {option}", 1),
        ]
    if saturates:
        table += [(large_entries, "large entries: outputs and gradients stay finite and right", 1)]
    table += [
        (shapes_and_layouts, "one and three dimensions, float32, other memory layouts", 1),
        (arguments_left_alone, "x and dout are left as they are", 1),
    ]
    for test, title, weight in table:
        test.__doc__ = title
        hidden(gate, weight=weight)(test)


gate_tests("tanh", oracles.tanh, saturates=True)
gate_tests("leaky_relu", oracles.leaky_relu, "slope", (0.1, 0.6))
gate_tests("elu", oracles.elu, "alpha", (0.4, 2.5), saturates=True)


@hidden("leaky_relu")
def plain_relu(student, rng):
    """a slope of 0: the plain ReLU, outputs and gradient"""
    x, dout = away_from_zero(rng, (4, 5)), away_from_zero(rng, (4, 5))
    x[rng.integers(0, 4), rng.integers(0, 5)] = 0.0
    out, cache = forward_pass(student, "leaky_relu_forward", x, 0.0)
    expect_close(out, oracles.entrywise(lambda v: oracles.leaky_relu(v, 0.0), x), what="out")
    dx = student.leaky_relu_backward(dout, cache)
    expect_shape(dx, x.shape, "dx")
    expect(np.all(np.isfinite(dx)), "dx is not finite where x is 0")
    expect_close(np.where(x == 0, 0, dx), np.where(x > 0, dout, 0), what="dx")


# Dead units ------------------------------------------------------------------------------------------------------------


def relu_outputs(rng, n, dead, alive):
    """Outputs of ReLUs: `dead` columns of zeros, others on for some rows and off for some; one row is all zeros."""
    live = np.maximum(0.0, rng.normal(size=(n, alive)))
    live[[0, -1], 0] = 0.0
    live[1] = 0.0
    live[2] = rng.uniform(0.5, 1, size=alive)
    return np.hstack([np.zeros((n, dead)), live])[:, rng.permutation(dead + alive)]


@hidden("dead_fraction", weight=2)
def outputs_of_relus(student, rng):
    """outputs of ReLUs, some of them dead"""
    for n, dead, alive in ((9, 2, 5), (5, 3, 8), (12, 1, 3)):
        activations = relu_outputs(rng, n, dead, alive)
        expect_close(student.dead_fraction(activations), oracles.dead_fraction(activations), what="the share")


@hidden("dead_fraction", weight=2)
def outputs_of_either_sign(student, rng):
    """units that are never positive but sometimes or always negative, and units whose outputs cancel"""
    for dead in (1, 2):
        whole = rng.integers(1, 9, size=(3, 2)).astype(float)
        cancelling = np.vstack([whole, -whole])
        negative = -rng.uniform(0.1, 1, size=(6, 3))
        sometimes = -relu_outputs(rng, 6, 0, 1)
        activations = np.hstack([cancelling, negative, sometimes, relu_outputs(rng, 6, dead, 2)])
        expect_close(student.dead_fraction(activations), dead / (8 + dead), what="the share")


@hidden("dead_fraction")
def rarely_on_and_hardly_on(student, rng):
    """units that are on for a single row, and by very little"""
    activations = np.zeros((7, 9))
    rows = rng.integers(1, 7, size=4)
    activations[rows, np.arange(4)] = 10.0 ** rng.uniform(-12, -9, size=4)  # below any usual tolerance
    expect_close(student.dead_fraction(activations), 5 / 9, what="the share")


@hidden("dead_fraction")
def one_row_and_squares(student, rng):
    """a single row, as many rows as units, all dead, none dead, float32"""
    square = relu_outputs(rng, 6, 2, 4)
    square[4] = 0.0
    for activations, share in (
        (np.array([[0.0, 1.0, 0.0, 2.0, 0.0]]), 0.6),
        (square, 1 / 3),
        (np.zeros((3, 4)), 1.0),
        (rng.uniform(1, 2, size=(4, 3)).astype(np.float32), 0.0),
    ):
        found = student.dead_fraction(activations)
        expect_shape(found, (), "the share")
        expect_close(found, share, what="the share")


# Extension: Maxout -----------------------------------------------------------------------------------------------------

MAXOUT_NAMES = ("dx", "dw1", "db1", "dw2", "db2")


def maxout_problem(rng, n=5, d=4, h=3):
    """Arguments with no near tie between the pieces, each of which wins at least once."""
    while True:
        x, w1, w2 = rng.normal(size=(n, d)), rng.normal(size=(d, h)), rng.normal(size=(d, h))
        b1, b2 = rng.normal(size=h), rng.normal(size=h)
        lead = x @ (w1 - w2) + b1 - b2
        if np.min(np.abs(lead)) > 0.05 and (n * h == 1 or (np.any(lead > 0) and np.any(lead < 0))):
            return x, w1, b1, w2, b2


def maxout_shapes(x, w1):
    (n, d), h = x.shape, w1.shape[1]
    return (n, d), (d, h), (h,), (d, h), (h,)


def maxout_back(student, dout, arguments):
    _, cache = forward_pass(student, "maxout_forward", *arguments)
    return backward(student, "maxout_backward", dout, cache, maxout_shapes(*arguments[:2]))


@hidden("maxout", weight=2)
def the_larger_of_two_maps(student, rng):
    """the outputs, with biases"""
    for n, d, h in ((5, 4, 3), (1, 3, 2), (3, 3, 3)):
        arguments = maxout_problem(rng, n, d, h)
        expect_close(forward_pass(student, "maxout_forward", *arguments)[0], oracles.maxout(*arguments), what="out")


@hidden("maxout", weight=2)
def gradient_by_x(student, rng):
    """the gradient of x"""
    arguments, dout = maxout_problem(rng), away_from_zero(rng, (5, 3))
    found = maxout_back(student, dout, arguments)
    expect_gradients(found[:1], oracles.maxout_gradients(dout, *arguments)[:1], ["dx"])


@hidden("maxout", weight=2)
def gradients_by_the_weights(student, rng):
    """the gradients of both matrices and both biases"""
    arguments, dout = maxout_problem(rng), away_from_zero(rng, (5, 3))
    found = maxout_back(student, dout, arguments)
    expect_gradients(found[1:], oracles.maxout_gradients(dout, *arguments)[1:], MAXOUT_NAMES[1:])


@hidden("maxout")
def other_sizes(student, rng):
    """a single example, a single unit, equal sizes, float32"""
    for n, d, h in ((1, 3, 2), (4, 2, 1), (3, 3, 3)):
        arguments, dout = maxout_problem(rng, n, d, h), away_from_zero(rng, (n, h))
        expect_gradients(
            maxout_back(student, dout, arguments), oracles.maxout_gradients(dout, *arguments), MAXOUT_NAMES
        )
    single = [argument.astype(np.float32) for argument in maxout_problem(rng)]
    dout = away_from_zero(rng, (5, 3)).astype(np.float32)
    expected = oracles.maxout_gradients(dout, *single)
    expect_gradients(maxout_back(student, dout, single), expected, MAXOUT_NAMES, 1e-4, 1e-4)


@hidden("maxout")
def nothing_is_changed(student, rng):
    """arguments and the upstream gradient are left as they are"""
    arguments, dout = maxout_problem(rng), away_from_zero(rng, (5, 3))
    kept, kept_dout = [student.keep(argument) for argument in arguments], student.keep(dout)
    out, cache = forward_pass(student, "maxout_forward", *kept)
    gradients = backward(student, "maxout_backward", kept_dout, cache, maxout_shapes(*arguments[:2]))
    names = ("x", "w1", "b1", "w2", "b2", "dout")
    for name, handle, before in zip(names, [*kept, kept_dout], [*arguments, dout], strict=True):
        expect_kept(student, name, handle, before)
    expect_close(out, oracles.maxout(*arguments), what="out")
    expect_gradients(gradients, oracles.maxout_gradients(dout, *arguments), MAXOUT_NAMES)
