"""Hidden tests of the first weights and of the statistics of a stack of layers."""

from itertools import pairwise

import numpy as np

from autograder.hidden.activations.passes import expect_kept
from autograder.oracles import activations as oracles
from autograder.testing import (
    ban,
    expect,
    expect_close,
    expect_dtype,
    expect_equal,
    expect_raises,
    expect_shape,
    hidden,
)

ban("init_weights", "course_utils.nn", "torch")

# First weights: random, so tested by statistics whose tolerance is 8 standard errors -----------------------------------

KINDS = ("small", "large", "xavier", "he")
SHAPES = ((240, 90), (80, 260))


def seed(rng):
    return int(rng.integers(1 << 30))


def drawn(student, rng, kind, shape):
    return student.init_weights(kind, *shape, student.generator(seed(rng)))


def deviation_tests(kinds, title, name, weight):
    """Register the test of the standard deviations of some kinds."""

    def deviations(student, rng):
        for shape in SHAPES:
            for kind in kinds:
                W = drawn(student, rng, kind, shape)
                expect_shape(W, shape, f"{kind}: the weights")
                error = 8 / np.sqrt(2 * W.size)
                expect_close(np.std(W) / oracles.deviation(kind, shape[0]), 1.0, error, 0.0, what=f"{kind}: the scale")

    deviations.__doc__, deviations.__name__ = title, name
    hidden("init_weights", weight=weight)(deviations)


deviation_tests(("small", "large"), "the scale of small and large", "fixed_scales", 1)
deviation_tests(("xavier",), "the scale of xavier, with more inputs than outputs and with fewer", "scale_of_xavier", 2)
deviation_tests(("he",), "the scale of he, with more inputs than outputs and with fewer", "scale_of_he", 2)


@hidden("init_weights", weight=2)
def normal_numbers_around_zero(student, rng):
    """normally distributed with mean 0"""
    for kind in KINDS:
        W = drawn(student, rng, kind, (160, 160))
        expect(np.std(W) > 0, "all weights are equal")
        z = W / np.std(W)
        expect(abs(np.mean(z)) < 8 / 160, f"{kind}: the mean is not near 0")
        beyond = np.mean(np.abs(z) > 2)  # 4.55 % of normal numbers
        expect(0.035 < beyond < 0.056, f"{kind}: the weights are not normally distributed")


@hidden("init_weights")
def zeros_and_shapes(student, rng):
    """zeros, and the shape for any number of inputs and outputs"""
    for shape in ((3, 5), (1, 4), (6, 1)):
        for kind in ("zeros", *KINDS):
            W = drawn(student, rng, kind, shape)
            expect_shape(W, shape, f"{kind}: the weights")
            expect_dtype(W, "float", f"{kind}: the weights")
            if kind == "zeros":
                expect_equal(W, np.zeros(shape), "zeros: the weights")
            else:
                expect(np.all(W != 0), f"{kind}: some weights are exactly zero")


@hidden("init_weights", weight=2)
def randomness_comes_from_rng(student, rng):
    """equal generators give equal weights, and a generator goes on from draw to draw"""
    first, second = seed(rng), seed(rng)
    for kind in ("small", "he"):

        def draw(generator, kind=kind):
            return student.unrecorded(student.init_weights, kind, 4, 3, generator)

        one, again, other = student.generator(first), student.generator(first), student.generator(second)
        a, b, c, d = draw(one), draw(again), draw(other), draw(one)
        facts = [np.array_equal(a, b), np.array_equal(a, c), np.array_equal(a, d)]
        student.record(facts)  # not the draws: those of another source differ in every run
        expect(facts[0], "two generators with the same seed give different weights: is rng the only source?")
        expect(not facts[1], "generators with different seeds give the same weights: is rng used?")
        expect(not facts[2], "a second draw from the same generator gives the same weights again")


@hidden("init_weights")
def an_unknown_kind_is_refused(student, rng):
    """an unknown kind raises ValueError"""
    expect_shape(drawn(student, rng, "he", (2, 2)), (2, 2), "the weights")
    for kind in ("Xavier ", "glorot", ""):
        generator = student.generator(seed(rng))
        said = "an unknown kind did not raise ValueError, but another error or none"
        expect_raises(ValueError, student.init_weights, kind, 3, 2, generator, otherwise=said)


# Statistics of a stack of layers -----------------------------------------------------------------------------------------


def stack(rng, sizes=(5, 4, 6, 3), n=8):
    return rng.normal(size=(n, sizes[0])), [
        1.2 * rng.normal(size=shape) / np.sqrt(shape[0]) for shape in pairwise(sizes)
    ]


def tanh(a):
    return np.tanh(a)


def relu_like(a):
    return np.where(a > 0, a, 0.1 * a) + 0.3


def measured(student, X, weights, activation):
    """The student's means and deviations; an array with both as its rows will do."""
    found = student.activation_statistics(X, weights, activation)
    two = isinstance(found, (tuple, list, np.ndarray)) and np.ndim(found) > 0 and len(found) == 2
    expect(two, "two arrays belong here: (means, stds)")
    return found


def statistics_test(name, title, pick, weight):
    """Register the test of the means, or of the standard deviations."""

    def statistics(student, rng):
        for activation in (tanh, relu_like):
            X, weights = stack(rng)
            found = measured(student, X, weights, activation)
            expected = oracles.layer_statistics(X, weights, activation)
            expect_close(found[pick], expected[pick], 1e-6, 1e-8, what=("the means", "the standard deviations")[pick])

    statistics.__doc__, statistics.__name__ = title, name
    hidden("activation_statistics", weight=weight)(statistics)


statistics_test("means_of_the_layers", "the means, for layers of different width", 0, 2)
statistics_test("deviations_of_the_layers", "the standard deviations, for layers of different width", 1, 2)


def expect_statistics(student, X, weights, activation, tolerance=1e-6, handle=None):
    """The statistics are right. handle: of X on the student's side, where it is looked at afterwards."""
    found = measured(student, X if handle is None else handle, weights, activation)
    expected = oracles.layer_statistics(X, weights, activation)
    for values, right, what in zip(found, expected, ("the means", "the standard deviations"), strict=True):
        expect_close(np.asarray(values), np.array(right), tolerance, tolerance, what=what)


@hidden("activation_statistics")
def square_layers(student, rng):
    """layers that all have the same width"""
    expect_statistics(student, *stack(rng, (4, 4, 4, 4, 4)), tanh)


@hidden("activation_statistics")
def one_layer_one_example(student, rng):
    """a single layer, a single example, a single unit"""
    for sizes, n in (((5, 3), 6), ((4, 3, 2), 1), ((3, 1, 2), 5)):
        expect_statistics(student, *stack(rng, sizes, n), relu_like)


@hidden("activation_statistics")
def single_precision(student, rng):
    """float32"""
    X, weights = stack(rng)
    expect_statistics(student, X.astype(np.float32), [W.astype(np.float32) for W in weights], tanh, 1e-4)


@hidden("activation_statistics")
def inputs_left_alone(student, rng):
    """X is left as it is"""
    X, weights = stack(rng)
    kept = student.keep(X)
    expect_statistics(student, X, weights, tanh, handle=kept)
    expect_kept(student, "X", kept, X)
