"""Hidden tests of the extensions: Gaussian noise, DropConnect, stochastic depth."""

import numpy as np

from autograder.hidden.regularization.draws import (
    away_from_zero,
    drawn,
    expect_drawn_from_it,
    expect_each_by_itself,
    expect_levels,
    expect_share,
    levels,
    note,
    settings,
)
from autograder.testing import expect, expect_close, expect_shape, hidden

SAME_AGAIN = "two calls gave the same noise; draw anew at each call"

# Gaussian noise --------------------------------------------------------------------------------------------------------


def noise(student, rng, kind, x, sigma=0.5, mode="train", **more):
    """(out - x) / (sigma, times x for the multiplied kind), and the cache: standard normal numbers if all is right."""
    param = settings(student, rng, 0.5, mode, kind=kind, sigma=sigma, **more)
    ratio, cache = drawn(student, x, student.gaussian_noise_forward, x, param)
    return (ratio - 1) / sigma * (x if kind == "add" else 1), cache


def describe(student, z):
    """Record what is known of the noise, in steps so wide that 600 numbers drawn anew fall on the same one."""
    rows = np.asarray(z)
    words = "alike" if np.allclose(rows, rows[:1]) or np.allclose(rows, rows[:, :1]) else "each by itself"
    beyond = round(float(np.mean(np.abs(z) > z.std())) - 0.02, 1)  # 0.32 for normal numbers, 0.42 for uniform ones
    student.record([round(5 * float(z.mean()), 0), round(float(z.std()), 1), words, beyond])


def noise_test(kind, title):
    def size_and_shape(student, rng):
        for sigma in (0.2, 1.5):
            z, _ = noise(student, rng, kind, away_from_zero(rng, (60, 50)), sigma)
            describe(student, z)
            expect(abs(z.mean()) < 0.15, "the noise does not have the mean that it should have")
            expect(0.9 < z.std() < 1.1, "the noise does not have the standard deviation that it should have")
            expect(0.27 < np.mean(np.abs(z) > 1) < 0.365, "the noise is not normally distributed")

    size_and_shape.__name__, size_and_shape.__doc__ = f"{kind}_noise", title
    hidden("gaussian_noise", weight=2)(size_and_shape)


noise_test("add", "added noise: mean, spread and distribution")
noise_test("multiply", "multiplied noise: mean, spread and distribution")


@hidden("gaussian_noise")
def its_draws(student, rng):
    """every entry has its own draw, every call new ones, a seed the same, all from the generator; x is left as it is"""
    x = away_from_zero(rng, (30, 20))
    param = settings(student, rng, 0.5, kind="add", sigma=0.5)
    first, second = (drawn(student, x, student.gaussian_noise_forward, x, param)[0] for _ in range(2))
    seeded = {"kind": "add", "sigma": 0.5, "mode": "train", "seed": 3}
    one, again = (drawn(student, x, student.gaussian_noise_forward, x, seeded)[0] for _ in range(2))
    describe(student, (first - 1) * x)
    verdicts = [bool(np.array_equal(first, second)), bool(np.array_equal(one, again))]
    student.record(verdicts)
    expect_each_by_itself(np.round((first - 1) * x, 9), "rows or columns share their noise; every entry has its own")
    expect(not verdicts[0], SAME_AGAIN)
    expect(verdicts[1], 'the same "seed" gave two different draws')
    expect_drawn_from_it(
        student, rng, lambda own: drawn(student, x, student.gaussian_noise_forward, x, {**param, "rng": own})[0]
    )
    for kind in ("add", "multiply"):
        kept = student.keep(x)
        student.unrecorded(student.gaussian_noise_forward, kept, {**param, "kind": kind})
        expect(np.array_equal(student.value(kept), x), "x was changed in place: return a new array")


@hidden("gaussian_noise")
def silence_in_test_mode(student, rng):
    """test mode: x, and dout on the way back"""
    for kind in ("add", "multiply"):
        x, dout = away_from_zero(rng, (4, 5)), away_from_zero(rng, (4, 5))
        z, cache = noise(student, rng, kind, x, mode="test")
        student.record(bool(np.allclose(z, 0)))
        expect(np.allclose(z, 0), "in test mode the output is not x")
        back = np.asarray(student.unrecorded(student.gaussian_noise_backward, dout, cache))
        student.record(bool(np.allclose(back, dout)))
        expect_close(back, dout, what="dx in test mode")


@hidden("gaussian_noise", weight=2)
def the_way_back(student, rng):
    """the gradient for both kinds, with the noise of the forward pass"""
    for kind in ("add", "multiply"):
        x, dout = away_from_zero(rng, (30, 20)), away_from_zero(rng, (30, 20))
        z, cache = noise(student, rng, kind, x)
        kept = student.keep(dout)
        back = np.asarray(student.unrecorded(student.gaussian_noise_backward, kept, cache))
        expect_shape(back, x.shape, "dx")
        slopes = back / dout
        described = [round(float(slopes.mean()), 1), round(float(slopes.std()), 1)]
        student.record([*described, bool(np.allclose(slopes, 1 + 0.5 * z))])
        expect_close(back, dout * (1 if kind == "add" else 1 + 0.5 * z), 1e-6, what="dx")
        expect(np.array_equal(student.value(kept), dout), "dout was changed in place")


# DropConnect -----------------------------------------------------------------------------------------------------------

D, M = 40, 30


def weights_used(student, rng, p, mode="train", param=None):
    """(used / w, x, w, cache): x is the identity, so the output shows every weight that was used, plus the bias."""
    x, w, b = np.eye(D), away_from_zero(rng, (D, M)), away_from_zero(rng, M)
    param = settings(student, rng, p, mode) if param is None else param
    reply = student.unrecorded(student.dropconnect_forward, x, w, b, param)
    expect(isinstance(reply, (tuple, list)) and len(reply) == 2, "the forward pass must return (out, cache)")
    expect_shape(reply[0], (D, M), "out")
    factors = (np.asarray(reply[0]) - b) / w
    if levels(factors) == "many" and levels(np.asarray(reply[0]) / (w + b)) != "many":
        factors = 10 + np.asarray(reply[0]) / (w + b)  # the bias was masked as well: noted apart from other mistakes
    note(student, factors, p)
    return factors, w, b, reply[1]


@hidden("dropconnect", weight=2)
def weights_are_dropped_or_scaled(student, rng):
    """training: weights are dropped or scaled, the bias is not"""
    for p in (0.3, 0.8):
        factors, *_ = weights_used(student, rng, p)
        expect_levels(factors, (0.0, 1 / p), "a weight is neither dropped nor scaled as the docstring says")


@hidden("dropconnect")
def share_of_kept_weights(student, rng):
    """training: the share of weights that are kept, and a draw for each"""
    for p in (0.2, 0.85):
        factors, *_ = weights_used(student, rng, p)
        expect_share(factors != 0, p, "the share of weights that are kept is not p")
        expect_each_by_itself(factors != 0, "whole rows or columns share one draw; every weight has its own")


@hidden("dropconnect", weight=2)
def test_mode_of_weights(student, rng):
    """test mode: an affine layer, forward and backward"""
    for p in (0.3, 0.8):
        x, w, b = away_from_zero(rng, (5, 4)), away_from_zero(rng, (4, 3)), away_from_zero(rng, 3)
        dout = away_from_zero(rng, (5, 3))
        out, cache = drawn(student, x @ w + b, student.dropconnect_forward, x, w, b, settings(student, rng, p, "test"))
        student.record(np.round(out, 6))
        expect(np.allclose(out, 1), "in test mode the output is not that of the affine layer")
        gradients = student.dropconnect_backward(dout, cache)
        expect_gradients(gradients, (dout @ w.T, x.T @ dout, dout.sum(axis=0)))


@hidden("dropconnect", weight=3)
def gradients_of_all_three(student, rng):
    """training: dx, dw and db for the weights that were used"""
    for p in (0.3, 0.8):
        factors, w, _, cache = weights_used(student, rng, p)
        dout = away_from_zero(rng, (D, M))
        found = student.unrecorded(student.dropconnect_backward, dout, cache)
        right = dout @ (factors * w).T, dout * factors, dout.sum(axis=0)
        if isinstance(found, (tuple, list)) and len(found) == 3 and np.shape(found[1]) == (D, M):
            student.record(
                [bool(np.allclose(a, b)) for a, b in zip(found, right, strict=True) if np.shape(a) == b.shape]
            )
            student.record(levels(found[1] / dout))
            student.record(
                [bool(np.allclose(found[0], dout @ w.T)), bool(np.allclose(found[0], dout @ (factors != 0).T))]
            )
        expect_gradients(found, right)


@hidden("dropconnect", weight=2)
def one_mask_for_the_batch(student, rng):
    """training: all examples meet the same weights, forward and backward, for any number of examples"""
    x, w, b = np.vstack([np.eye(6), np.eye(6), away_from_zero(rng, (3, 6))]), away_from_zero(rng, (6, 4)), np.zeros(4)
    reply = student.unrecorded(student.dropconnect_forward, x, w, b, settings(student, rng, 0.5))
    expect(isinstance(reply, (tuple, list)) and len(reply) == 2, "the forward pass must return (out, cache)")
    out, dout = np.asarray(reply[0]), away_from_zero(rng, (15, 4))
    expect_shape(out, (15, 4), "out")
    used, shared = out[:6], bool(np.allclose(out[:6], out[6:12]))
    student.record(shared)
    expect(shared, "equal examples of one batch got different outputs: one mask serves the whole batch")
    found = student.unrecorded(student.dropconnect_backward, dout, reply[1])
    right = dout @ used.T, used / w * (x.T @ dout), dout.sum(axis=0)
    if isinstance(found, (tuple, list)) and len(found) == 3:
        alike = [np.shape(a) == b.shape and np.allclose(a, b) for a, b in zip(found, right, strict=True)]
        student.record([bool(np.allclose(out[12:], x[12:] @ used)), *map(bool, alike)])
    expect_close(out[12:], x[12:] @ used, 1e-6, 1e-7, what="out")
    expect_gradients(found, right)


@hidden("dropconnect")
def new_masks_of_weights(student, rng):
    """new masks at each call, the same for a seed, all from the generator; arguments are left as they are"""
    param = settings(student, rng, 0.5)
    masks = [weights_used(student, rng, 0.5, param=param)[0] != 0 for _ in range(2)]
    seeded = [weights_used(student, rng, 0.5, param={"p": 0.5, "mode": "train", "seed": 5})[0] != 0 for _ in range(2)]
    verdicts = [bool(np.array_equal(*masks)), bool(np.array_equal(*seeded))]
    student.record(verdicts)
    expect(not verdicts[0], "two calls gave the same mask; draw anew at each call")
    expect(verdicts[1], 'the same "seed" gave two different masks')
    expect_drawn_from_it(student, rng, lambda own: weights_used(student, rng, 0.5, param={**param, "rng": own})[0] != 0)
    x, w, b = away_from_zero(rng, (6, 4)), away_from_zero(rng, (4, 3)), away_from_zero(rng, 3)
    kept = [student.keep(each) for each in (x, w, b)]
    student.unrecorded(student.dropconnect_forward, *kept, settings(student, rng, 0.5))
    for name, handle, before in zip(("x", "w", "b"), kept, (x, w, b), strict=True):
        expect(np.array_equal(student.value(handle), before), f"{name} was changed in place")


def expect_gradients(found, right):
    expect(isinstance(found, (tuple, list)) and len(found) == 3, "three gradients must come back: (dx, dw, db)")
    for name, gradient, value in zip(("dx", "dw", "db"), found, right, strict=True):
        if name == "db" and np.shape(gradient) == (1, len(value)):
            gradient = gradient[0]
        expect_close(gradient, value, 1e-6, 1e-7, what=name)


# Stochastic depth ------------------------------------------------------------------------------------------------------


def depth(student, rng, p, shape, mode="train", param=None):
    """((out - x) / block, cache): the factor of the block, for every entry."""
    x, block = away_from_zero(rng, shape), away_from_zero(rng, shape)
    param = settings(student, rng, p, mode) if param is None else param
    reply = student.unrecorded(student.stochastic_depth_forward, x, block, param)
    expect(isinstance(reply, (tuple, list)) and len(reply) == 2, "the forward pass must return (out, cache)")
    expect_shape(reply[0], shape, "out")
    factors = (np.asarray(reply[0]) - x) / block
    student.record([levels(np.round(factors, 4)), "row" if _one_a_row(factors) else "entry"])
    return np.round(factors, 9), reply[1]


def _one_a_row(factors):
    rows = factors.reshape(len(factors), -1)
    return bool(np.allclose(rows, rows[:, :1]) and not np.allclose(rows, rows[:1]))


@hidden("stochastic_depth", weight=2)
def block_or_no_block(student, rng):
    """training: x with the whole block or without it"""
    for p in (0.3, 0.8):
        factors, _ = depth(student, rng, p, (120, 3))
        expect_levels(factors, (0.0, 1.0), "an example is neither x nor x plus the whole block")


@hidden("stochastic_depth", weight=2)
def share_of_blocks(student, rng):
    """training: the share of examples that keep the block; one draw an example, in images as well"""
    for p, shape in ((0.2, (1500, 2)), (0.85, (1500, 2)), (0.5, (60, 2, 3, 3))):
        factors, _ = depth(student, rng, p, shape)
        rows = factors.reshape(len(factors), -1)
        student.record("p" if abs(np.mean(rows != 0) - p) < 0.2 else "other")
        expect(np.all(rows == rows[:, :1]), "an example has more than one draw")
        expect(np.any(rows != rows[:1]), "all examples share one draw")
        expect_share(rows[:, 0] != 0, p, "the share of examples that keep the block is not p")


@hidden("stochastic_depth", weight=2)
def depth_at_test_time(student, rng):
    """test mode, forward and backward, for any p"""
    for p in (0.3, 0.8):
        factors, cache = depth(student, rng, p, (5, 4), "test")
        expect_levels(factors, (p,), "in test mode the block does not have the factor that it should have")
        dout = away_from_zero(rng, (5, 4))
        expect_both(student.stochastic_depth_backward(dout, cache), dout, p * dout)


@hidden("stochastic_depth", weight=2)
def both_gradients(student, rng):
    """training: the gradients by x and by the block, with the draws of the forward pass"""
    for p, shape in ((0.4, (30, 4)), (0.7, (20, 2, 3, 3))):
        factors, cache = depth(student, rng, p, shape)
        dout = away_from_zero(rng, shape)
        found = student.unrecorded(student.stochastic_depth_backward, dout, cache)
        if isinstance(found, (tuple, list)) and len(found) == 2 and np.shape(found[1]) == shape:
            ratio = np.asarray(found[1]) / dout
            student.record([levels(np.asarray(found[0]) / dout), levels(ratio), bool(np.allclose(ratio, factors))])
        expect_both(found, dout, factors * dout)


@hidden("stochastic_depth")
def new_depths(student, rng):
    """new draws at each call, the same for a seed, all from the generator; x and block are left as they are"""
    param = settings(student, rng, 0.5)
    draws = [depth(student, rng, 0.5, (80, 2), param=param)[0] for _ in range(2)]
    seeded = [depth(student, rng, 0.5, (80, 2), param={"p": 0.5, "mode": "train", "seed": 2})[0] for _ in range(2)]
    verdicts = [bool(np.array_equal(*draws)), bool(np.array_equal(*seeded))]
    student.record(verdicts)
    expect(not verdicts[0], "two calls gave the same draws; draw anew at each call")
    expect(verdicts[1], 'the same "seed" gave two different draws')
    expect_drawn_from_it(
        student, rng, lambda own: depth(student, rng, 0.5, (80, 2), param={**param, "rng": own})[0] != 0
    )
    x, block = away_from_zero(rng, (6, 3)), away_from_zero(rng, (6, 3))
    kept = student.keep(x), student.keep(block)
    student.unrecorded(student.stochastic_depth_forward, *kept, settings(student, rng, 0.9))
    same = np.array_equal(student.value(kept[0]), x) and np.array_equal(student.value(kept[1]), block)
    expect(same, "x or block was changed in place")


def expect_both(found, dx, dblock):
    expect(isinstance(found, (tuple, list)) and len(found) == 2, "two gradients must come back: (dx, dblock)")
    expect_close(found[0], dx, what="dx")
    expect_close(found[1], dblock, what="dblock")
