"""Hidden tests of Newton's step and of L-BFGS's direction."""

import numpy as np

from autograder.oracles import optimizers as oracles
from autograder.testing import ban, expect, expect_close, expect_shape, hidden

ban("lbfgs_direction", "scipy")


def curved(rng, size, signs=None):
    """A symmetric matrix with eigenvalues between 0.5 and 3, or of the signs given, and none of its own axes."""
    Q = np.linalg.qr(rng.normal(size=(size, size)))[0]
    curvatures = rng.uniform(0.5, 3.0, size=size) * (1.0 if signs is None else signs)
    return Q @ np.diag(curvatures) @ Q.T


@hidden("newton_step", weight=2)
def reaches_the_lowest_point_of_a_bowl(student, rng):
    """from anywhere on a quadratic bowl, one step to the bottom"""
    H, bottom, start = curved(rng, 4), rng.normal(size=4), rng.normal(size=4)
    step = student.newton_step(H @ (start - bottom), H)
    expect_shape(step, (4,), "the step")
    expect_close(start + step, bottom, what="the place after the step")


@hidden("newton_step", weight=2)
def agrees_along_every_direction(student, rng):
    """bowls of other sizes, one dimension among them"""
    for size in (1, 2, 3, 6):
        H, g = curved(rng, size), rng.normal(size=size)
        expect_close(student.newton_step(g, H), oracles.newton_target(g, H), what="the step")


@hidden("newton_step")
def follows_the_formula_at_a_saddle(student, rng):
    """a saddle: the formula is used as it stands"""
    H, g = curved(rng, 4, np.array([1.0, -1.0, 1.0, -1.0])), rng.normal(size=4)
    expect_close(student.newton_step(g, H), oracles.newton_target(g, H), what="the step")


@hidden("newton_step")
def units_do_not_matter(student, rng):
    """a loss in another unit: the same step"""
    H, g, unit = curved(rng, 3), rng.normal(size=3), float(rng.uniform(50, 100))
    expect_close(student.newton_step(unit * g, unit * H), oracles.newton_target(g, H), what="the step")


@hidden("newton_step")
def arguments_are_left_alone(student, rng):
    """float32 arguments, left as they are"""
    H, g = curved(rng, 3).astype(np.float32), rng.normal(size=3).astype(np.float32)
    kept_g, kept_h = student.keep(g), student.keep(H)
    found = student.newton_step(kept_g, kept_h)
    expect_close(found, oracles.newton_target(g, H), 1e-3, 1e-3, what="the step")
    expect(np.array_equal(student.value(kept_g), g), "grad was changed; the function must leave it as it is")
    expect(np.array_equal(student.value(kept_h), H), "hessian was changed; the function must leave it as it is")


def pairs(rng, size, count):
    """Steps with the changes of gradient that a bowl gives them, so that each product of the two is positive."""
    s_list = [rng.normal(size=size) for _ in range(count)]
    H = curved(rng, size)
    return s_list, [H @ s for s in s_list]


def expect_direction(student, rng, size, count, dtype=np.float64, **tolerances):
    g = rng.normal(size=size).astype(dtype)
    s_list, y_list = ([each.astype(dtype) for each in part] for part in pairs(rng, size, count))
    expected = -oracles.bfgs_inverse(size, s_list, y_list) @ g
    expect_close(student.lbfgs_direction(g, s_list, y_list), expected, what="the direction", **tolerances)


@hidden("lbfgs_direction", weight=2)
def one_pair(student, rng):
    """one pair of step and change of gradient"""
    expect_direction(student, rng, 4, 1)


@hidden("lbfgs_direction", weight=3)
def several_pairs(student, rng):
    """several pairs, oldest first"""
    expect_direction(student, rng, 5, 3)
    expect_direction(student, rng, 3, 6)


@hidden("lbfgs_direction")
def no_pair_yet(student, rng):
    """without any pair: straight downhill"""
    g = rng.normal(size=4)
    expect_close(student.lbfgs_direction(g, [], []), -g, what="the direction without a pair")


@hidden("lbfgs_direction")
def the_newest_pair_is_obeyed(student, rng):
    """a gradient equal to the newest change of gradient gives back the newest step"""
    s_list, y_list = pairs(rng, 5, 3)
    found = student.lbfgs_direction(y_list[-1], s_list, y_list)
    expect_close(found, -s_list[-1], what="the direction for the newest change of gradient")


@hidden("lbfgs_direction")
def pairs_are_left_alone(student, rng):
    """the gradient and the lists are left as they are; float32"""
    g, (s_list, y_list) = rng.normal(size=4), pairs(rng, 4, 3)
    kept = student.keep(g), student.keep(s_list), student.keep(y_list)
    expected = -oracles.bfgs_inverse(4, s_list, y_list) @ g
    expect_close(student.lbfgs_direction(*kept), expected, what="the direction")
    for name, handle, before in zip(("grad", "s_list", "y_list"), kept, (g, s_list, y_list), strict=True):
        now = student.value(handle)
        same = len(now) == len(before) and all(np.array_equal(a, b) for a, b in zip(now, before, strict=True))
        expect(same, f"{name} was changed; the function must leave it as it is")
    expect_direction(student, rng, 4, 2, np.float32, rtol=2e-3, atol=2e-3)


@hidden("lbfgs_direction")
def no_matrix_is_built(student, rng):
    """many dimensions, without a matrix of that size"""
    size, few = 300, 7
    g, (s_list, y_list) = rng.normal(size=few), pairs(rng, few, 3)
    expected = -oracles.bfgs_inverse(few, s_list, y_list) @ g
    Q = np.linalg.qr(rng.normal(size=(size, few)))[0]  # a turn of all vectors turns the direction, and nothing else
    wide = [[Q @ each for each in part] for part in (s_list, y_list)]
    found, peak = student.peak_memory(student.lbfgs_direction, Q @ g, *wide)
    expect_close(found, Q @ expected, what="the direction")
    expect(peak < 4 * size * size, "too much memory is used at once: is a (D, D) matrix built?")
