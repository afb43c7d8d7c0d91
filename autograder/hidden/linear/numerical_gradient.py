"""Hidden tests of the gradient by centred differences."""

import numpy as np

from autograder.testing import ban, expect, expect_close, hidden

ban("numerical_gradient", "np.gradient", "scipy", "course_utils.gradient_check")


def coupled(rng, shape):
    """A function whose entries depend on each other, with its exact centred difference of any step."""
    A = rng.uniform(0.5, 1.5, size=shape)

    def f(x):
        x = np.asarray(x, dtype=np.float64)
        return float(np.sum(A * x) ** 2 + np.sum(x**3))

    def slope(x, h):
        return 2 * np.sum(A * x) * A + 3 * x**2 + h**2

    return f, slope


@hidden("numerical_gradient", weight=2)
def agrees_with_a_known_slope(student, rng):
    """a function whose slope is known, with the default step"""
    f, slope = coupled(rng, (2, 3))
    x = rng.uniform(0.5, 1.5, size=(2, 3))
    expect_close(student.numerical_gradient(f, x), slope(x, 0.0), rtol=1e-6, atol=1e-6, what="the gradient")


@hidden("numerical_gradient", weight=2)
def is_the_centred_difference(student, rng):
    """a large step, where only the centred difference has the right error"""
    f, slope = coupled(rng, (3, 2))
    x, h = rng.uniform(0.5, 1.5, size=(3, 2)), float(rng.uniform(0.05, 0.2))
    expect_close(
        student.numerical_gradient(f, x, h), slope(x, h), rtol=1e-7, atol=1e-7, what="the gradient with a large h"
    )


@hidden("numerical_gradient")
def any_number_of_dimensions(student, rng):
    """vectors, flat and tall matrices, three dimensions"""
    for shape in ((4,), (1, 3), (3, 1), (2, 1, 2)):
        f, slope = coupled(rng, shape)
        x = rng.uniform(0.5, 1.5, size=shape)
        expect_close(student.numerical_gradient(f, x), slope(x, 0.0), rtol=1e-6, atol=1e-6, what="the gradient")


@hidden("numerical_gradient")
def laid_out_column_by_column(student, rng):
    """arrays that lie in memory column by column, as a transposed matrix does"""
    for shape in ((2, 3), (2, 3, 2)):
        f, slope = coupled(rng, shape)
        x = np.asfortranarray(rng.uniform(0.5, 1.5, size=shape))
        expect_close(student.numerical_gradient(f, x), slope(x, 0.0), rtol=1e-6, atol=1e-6, what="the gradient")


@hidden("numerical_gradient")
def whole_numbers_and_float32(student, rng):
    """integer and float32 arrays: a small step must not get lost in them"""
    f, slope = coupled(rng, (3,))
    for x in (rng.integers(1, 5, size=3), rng.uniform(0.5, 1.5, size=3).astype(np.float32)):
        gradient = student.numerical_gradient(f, x)
        expect_close(gradient, slope(x.astype(np.float64), 0.0), rtol=1e-5, atol=1e-5, what="the gradient")


@hidden("numerical_gradient")
def x_holds_what_it_held(student, rng):
    """x after the call"""
    f, slope = coupled(rng, (2, 2))
    x = rng.uniform(0.5, 1.5, size=(2, 2))
    kept = student.keep(x)
    gradient = student.numerical_gradient(f, kept)
    expect(np.allclose(student.value(kept), x, rtol=0, atol=1e-12), "x does not hold what it held before the call")
    expect_close(gradient, slope(x, 0.0), rtol=1e-6, atol=1e-6, what="the gradient")
