"""Hidden tests of the relative error and of the gradient check made of it."""

import numpy as np

from autograder.oracles import backprop as oracles
from autograder.testing import ban, expect, expect_close, hidden

ban("relative_error", "course_utils.gradient_check")


def of_either_sign(rng, shape):
    return rng.choice([-1.0, 1.0], size=shape) * rng.uniform(0.5, 2.0, size=shape)


@hidden("relative_error", weight=2)
def the_worst_entry_counts(student, rng):
    """relative_error: arrays of either sign"""
    for shape in ((5,), (3, 4)):
        a = of_either_sign(rng, shape)
        b = a * rng.uniform(0.6, 1.5, size=shape)
        a.flat[0] *= 40  # the largest difference is not the largest relative one
        b.flat[0] = a.flat[0] * 1.05
        for one, other in ((a, b), (b, a)):
            expect_close(student.relative_error(one, other), oracles.worst_relative_error(a, b))


@hidden("relative_error")
def signs_matter(student, rng):
    """relative_error: entries that differ in sign"""
    a = of_either_sign(rng, (4,))
    b = a * rng.uniform(0.9, 1.1, size=4)
    expect_close(student.relative_error(a, b), oracles.worst_relative_error(a, b), what="the error where signs agree")
    b[1] = -0.3 * a[1]
    expect_close(student.relative_error(a, b), oracles.worst_relative_error(a, b), what="the error where signs differ")


@hidden("relative_error")
def tiny_entries_and_zeros(student, rng):
    """relative_error: entries that are zero, or smaller than the smallest divisor"""
    a = np.array([0.0, 1.0, 0.0])
    expect_close(student.relative_error(a, a * 1.25), oracles.worst_relative_error(a, a * 1.25), what="with zeros")
    tiny = rng.uniform(1e-9, 2e-9, size=3)
    expect_close(
        student.relative_error(tiny, 2 * tiny), oracles.worst_relative_error(tiny, 2 * tiny), what="tiny entries"
    )
    small = rng.uniform(1e-8, 2e-8, size=3)
    expected = oracles.worst_relative_error(small, 1.5 * small)
    expect_close(student.relative_error(small, 1.5 * small), expected, what="small entries")


@hidden("relative_error")
def plain_numbers_give_a_number(student, rng):
    """relative_error: two plain numbers, two matrices; one number comes back"""
    a = float(rng.uniform(1, 2))
    found = student.relative_error(a, 1.5 * a)
    expect(np.ndim(found) == 0, "the error of two numbers is not a single number")
    expect_close(found, oracles.worst_relative_error(a, 1.5 * a), what="the error of two numbers")
    matrix = of_either_sign(rng, (2, 3))
    found = student.relative_error(matrix, matrix * 1.1)
    expect(np.ndim(found) == 0, "the error of two matrices is not a single number")
    expect_close(found, 0.1 / 2.1, what="the error of two matrices")


def coupled(rng, shape):
    """A function whose entries depend on each other, with its exact centred difference of any step."""
    A = rng.uniform(0.5, 1.5, size=shape)

    def f(x):
        x = np.asarray(x, dtype=np.float64)
        return float(np.sum(A * x) ** 2 + np.sum(x**3))

    def slope(x, h):
        return 2 * np.sum(A * x) * A + 3 * x**2 + h**2

    return f, slope


def with_a_right_error(student):
    """From here on the student's `relative_error` is the grader's, so that a slip there is not paid for twice."""
    student.provide("relative_error", lambda a, b: oracles.worst_relative_error(a, b))


@hidden("relative_error", weight=2)
def the_check_accepts_and_refuses(student, rng):
    """gradient_error: near zero for the right gradient, the relative error of a wrong one"""
    with_a_right_error(student)
    for shape in ((4,), (2, 3), (2, 1, 2)):
        f, slope = coupled(rng, shape)
        x = rng.uniform(0.5, 1.5, size=shape)
        right = slope(x, 0.0)
        expect(student.gradient_error(f, x, right) < 1e-7, "the right gradient is given too large an error")
        wrong = right.copy()
        wrong.flat[-1] *= 1.5
        expect_close(
            student.gradient_error(f, x, wrong), 0.2, 1e-5, 1e-5, what="the error of a gradient wrong in one entry"
        )


@hidden("relative_error")
def memory_in_another_order(student, rng):
    """gradient_error: x laid out in memory in another order"""
    with_a_right_error(student)
    f, slope = coupled(rng, (2, 3))
    x = np.asfortranarray(rng.uniform(0.5, 1.5, size=(2, 3)))
    expect_close(
        student.gradient_error(f, x, slope(x, 0.0) * 1.5),
        0.2,
        1e-5,
        1e-5,
        what="the error of a gradient 1.5 times too large",
    )


@hidden("relative_error", weight=2)
def the_difference_is_centred(student, rng):
    """gradient_error: a large step, where only the centred difference has the right error"""
    with_a_right_error(student)
    f, slope = coupled(rng, (2, 2))
    x, h = rng.uniform(0.5, 1.5, size=(2, 2)), float(rng.uniform(0.1, 0.3))
    expected = oracles.worst_relative_error(slope(x, 0.0), slope(x, h))
    expect_close(
        student.gradient_error(f, x, slope(x, 0.0), h), expected, 1e-6, 1e-9, what="the error with a large step"
    )


@hidden("relative_error")
def x_holds_what_it_held(student, rng):
    """gradient_error: x after the call"""
    with_a_right_error(student)
    f, slope = coupled(rng, (3,))
    x = rng.uniform(0.5, 1.5, size=3)
    kept = student.keep(x)
    error = student.gradient_error(f, kept, slope(x, 0.0) * 1.5)
    expect_close(error, 0.2, 1e-2, 1e-2, what="the error of a gradient 1.5 times too large")
    expect(np.allclose(student.value(kept), x, rtol=0, atol=1e-12), "x does not hold what it held before the call")
