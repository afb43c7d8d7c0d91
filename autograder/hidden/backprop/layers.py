"""Hidden tests of the affine, ReLU and sigmoid layers."""

import numpy as np

from autograder.oracles import backprop as oracles
from autograder.testing import ban, expect, expect_close, expect_shape, forward_pass, hidden

ban("affine", "course_utils.nn", "torch")
ban("relu", "course_utils.nn", "torch")
ban("sigmoid", "course_utils.nn", "scipy", "torch")

SIZES = (((3,), 4, 2), ((2, 3), 5, 4), ((2, 2, 2), 3, 3), ((4,), 1, 5), ((6,), 2, 1))


def affine_problem(rng, shape=(2, 3), n=4, m=5):
    """Arguments of an affine layer and an upstream gradient. shape: of one example."""
    d = int(np.prod(shape))
    return (
        rng.normal(size=(n, *shape)),
        rng.normal(size=(d, m)),
        rng.normal(size=m),
        rng.normal(size=(n, m)),
    )


def expect_same(student, named):
    """Nothing handed over was changed. named: name → (handle, value before)."""
    for name, (handle, before) in named.items():
        expect(
            np.array_equal(student.value(handle), before), f"{name} was changed; the function must leave it as it is"
        )


def expect_affine(gradients, arguments, dout, rtol=1e-7, atol=1e-8):
    expected = oracles.affine_slopes(dout, *arguments)
    expect(isinstance(gradients, (tuple, list)) and len(gradients) == 3, "affine_backward should return dx, dw and db")
    for name, found, right in zip(("dx", "dw", "db"), gradients, expected, strict=True):
        expect_close(found, right, rtol, atol, what=name)


@hidden("affine", weight=2)
def affine_forward_of_rows(student, rng):
    """affine_forward on rows: one example, several, one unit"""
    for shape, n, m in (((3,), 4, 2), ((4,), 1, 5), ((6,), 2, 1), ((3,), 3, 3)):
        x, w, b, _ = affine_problem(rng, shape, n, m)
        expect_close(forward_pass(student, "affine_forward", x, w, b)[0], oracles.affine(x, w, b), what="the output")


@hidden("affine", weight=2)
def affine_forward_of_images(student, rng):
    """affine_forward on examples of two and three dimensions"""
    for shape, n, m in (((2, 3), 5, 4), ((2, 2, 2), 3, 3), ((3, 1), 1, 2)):
        x, w, b, _ = affine_problem(rng, shape, n, m)
        expect_close(forward_pass(student, "affine_forward", x, w, b)[0], oracles.affine(x, w, b), what="the output")


def affine_gradient(position, name, title):
    def test(student, rng):
        for shape, n, m in SIZES:
            x, w, b, dout = affine_problem(rng, shape, n, m)
            gradients = student.affine_backward(dout, forward_pass(student, "affine_forward", x, w, b)[1])
            expect(
                isinstance(gradients, (tuple, list)) and len(gradients) == 3,
                "affine_backward should return dx, dw and db",
            )
            expect_close(gradients[position], oracles.affine_slopes(dout, x, w, b)[position], 1e-7, 1e-8, what=name)

    test.__name__, test.__doc__ = f"affine_{name}", title
    hidden("affine", weight=2)(test)


affine_gradient(0, "dx", "affine_backward: the gradient of x, in the shape of x")
affine_gradient(1, "dw", "affine_backward: the gradient of w")
affine_gradient(2, "db", "affine_backward: the gradient of b, also for a single example")


@hidden("affine")
def affine_precision_and_memory_order(student, rng):
    """affine: float32, and arrays laid out in another order"""
    x, w, b, dout = affine_problem(rng, (2, 3), 4, 5)
    wide = np.repeat(x, 2, axis=0)
    for change in (lambda a: a.astype(np.float32), np.asfortranarray):
        out, cache = forward_pass(student, "affine_forward", change(x), change(w), change(b))
        expect_close(out, oracles.affine(x, w, b), 1e-4, 1e-4, what="the output")
        expect_affine(student.affine_backward(change(dout), cache), (x, w, b), dout, 1e-4, 1e-4)
    out, _ = forward_pass(student, "affine_forward", wide[::2], w, b)
    expect_close(out, oracles.affine(x, w, b), what="the output")


@hidden("affine")
def affine_leaves_its_arguments(student, rng):
    """affine: x, w, b and dout are left as they are"""
    x, w, b, dout = affine_problem(rng)
    kept = {name: (student.keep(each), each) for name, each in (("x", x), ("w", w), ("b", b), ("dout", dout))}
    out, cache = forward_pass(student, "affine_forward", *(kept[name][0] for name in "xwb"))
    gradients = student.affine_backward(kept["dout"][0], cache)
    expect_same(student, kept)
    expect_close(out, oracles.affine(x, w, b), what="the output")
    expect_affine(gradients, (x, w, b), dout)


# ReLU and sigmoid: the same tests ------------------------------------------------------------------------------------


def away_from_zero(rng, shape):
    return rng.choice([-1.0, 1.0], size=shape) * rng.uniform(0.2, 2.5, size=shape)


def elementwise_tests(layer, value, slope):
    """Register the tests that both layers share. value, slope: functions of one number."""

    def ask(student, x, dout):
        out, cache = forward_pass(student, f"{layer}_forward", x)
        return out, getattr(student, f"{layer}_backward")(dout, cache)

    def values(student, rng):
        for shape in ((7,), (3, 4)):
            x = away_from_zero(rng, shape)
            out, _ = forward_pass(student, f"{layer}_forward", x)
            expect_close(out, oracles.each_entry(value, x), what="the output")

    def gradient(student, rng):
        for shape in ((9,), (4, 5)):
            x, dout = away_from_zero(rng, shape), away_from_zero(rng, shape)
            expect_close(ask(student, x, dout)[1], dout * oracles.each_entry(slope, x), 1e-6, 1e-8, what="dx")

    def any_shape_and_precision(student, rng):
        for x in (
            away_from_zero(rng, (2, 3, 2, 2)),
            away_from_zero(rng, (1, 4)),
            np.asfortranarray(away_from_zero(rng, (3, 4))),
            away_from_zero(rng, (3, 8))[:, ::2],
            away_from_zero(rng, (5, 2)).astype(np.float32),
        ):
            dout = away_from_zero(rng, x.shape).astype(x.dtype)
            tolerance = 1e-4 if x.dtype == np.float32 else 1e-6
            out, dx = ask(student, x, dout)
            expect_close(out, oracles.each_entry(value, x), tolerance, tolerance, what="the output")
            expect_close(dx, dout * oracles.each_entry(slope, x), tolerance, tolerance, what="dx")

    def left_alone(student, rng):
        x, dout = away_from_zero(rng, (3, 4)), away_from_zero(rng, (3, 4))
        kept = {"x": (student.keep(x), x), "dout": (student.keep(dout), dout)}
        out, dx = ask(student, kept["x"][0], kept["dout"][0])
        expect_same(student, kept)
        expect_close(out, oracles.each_entry(value, x), what="the output")
        expect_close(dx, dout * oracles.each_entry(slope, x), 1e-6, 1e-8, what="dx")

    for test, title, weight in (
        (values, f"{layer}_forward", 2),
        (gradient, f"{layer}_backward with any upstream gradient", 2),
        (any_shape_and_precision, "arrays of other shapes, memory orders and precision", 1),
        (left_alone, "x and dout are left as they are", 1),
    ):
        test.__name__, test.__doc__ = f"{layer}_{test.__name__}", title
        hidden(layer, weight=weight)(test)


elementwise_tests("relu", oracles.relu, oracles.relu_slope)
elementwise_tests("sigmoid", oracles.sigmoid, oracles.sigmoid_slope)


@hidden("relu")
def relu_at_the_kink(student, rng):
    """entries that are exactly 0: any slope from 0 to 1"""
    x, dout = away_from_zero(rng, (6,)), away_from_zero(rng, (6,))
    x[[1, 4]] = 0.0
    out, cache = forward_pass(student, "relu_forward", x)
    dx = student.relu_backward(dout, cache)
    expect_close(out, oracles.each_entry(oracles.relu, x), what="the output")
    expect_shape(dx, (6,), "dx")
    share = np.asarray(dx)[[1, 4]] / dout[[1, 4]]
    expect(np.all((share >= 0) & (share <= 1)), "at exactly 0 the slope is neither 0, nor 1, nor between them")
    others = [0, 2, 3, 5]
    expect_close(dx[others], dout[others] * oracles.each_entry(oracles.relu_slope, x[others]), 1e-6, 1e-8, what="dx")


@hidden("sigmoid", weight=2)
def sigmoid_far_out(student, rng):
    """entries of a thousand of either sign"""
    x = np.array([-1000.0, -800.0, rng.uniform(-2, 2), 800.0, 1000.0])
    dout = away_from_zero(rng, (5,))
    out, cache = forward_pass(student, "sigmoid_forward", x)
    dx = student.sigmoid_backward(dout, cache)
    expect(np.all(np.isfinite(np.asarray(out, dtype=float))), "the output is not finite for large entries")
    expect_close(out, oracles.each_entry(oracles.sigmoid, x), what="the output for large entries")
    expect(np.all(np.isfinite(np.asarray(dx, dtype=float))), "dx is not finite for large entries")
    expect_close(dx, dout * oracles.each_entry(oracles.sigmoid_slope, x), what="dx for large entries")
