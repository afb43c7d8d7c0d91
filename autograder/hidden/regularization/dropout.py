"""Hidden tests of dropout, vanilla and inverted."""

import numpy as np

from autograder.hidden.regularization.draws import (
    away_from_zero,
    drawn,
    expect_counts_vary,
    expect_drawn_from_it,
    expect_each_by_itself,
    expect_levels,
    expect_share,
    levels,
    note,
    seed,
    settings,
)
from autograder.testing import ban, expect, expect_close, expect_dtype, expect_shape, hidden

ban("vanilla_dropout", "course_utils.nn", "torch")
ban("dropout", "course_utils.nn", "torch")

TOO_MANY_KINDS = "an entry is neither dropped nor kept with the factor that the docstring gives"
WRONG_SHARE = "the share of entries that are kept is not p"
SHARED = "whole rows or columns share one draw; every entry has its own"
SAME_AGAIN = "two calls gave the same mask; draw anew at each call"

# Vanilla dropout -------------------------------------------------------------------------------------------------------


def vanilla(student, rng, x, p, generator=None):
    generator = student.generator(seed(rng)) if generator is None else generator
    return drawn(student, x, student.vanilla_dropout_forward, x, p, generator, pair=False)[0]


@hidden("vanilla_dropout", weight=2)
def kept_as_they_are(student, rng):
    """training: entries are 0 or as they were"""
    x, p = away_from_zero(rng, (40, 30)), float(rng.choice([0.3, 0.8]))
    factors = vanilla(student, rng, x, p)
    note(student, factors, p)
    expect_levels(factors, (0.0, 1.0), TOO_MANY_KINDS)


@hidden("vanilla_dropout", weight=2)
def share_that_is_kept(student, rng):
    """training: the share that is kept, for p below and above a half"""
    for p in (0.2, 0.85):
        several = [vanilla(student, rng, away_from_zero(rng, (60, 50)), p) for _ in range(4)]
        note(student, several[0], p)
        expect_share(several[0] != 0, p, WRONG_SHARE)
        expect_counts_vary(student, [factors != 0 for factors in several])


@hidden("vanilla_dropout")
def a_draw_for_every_entry(student, rng):
    """training: every entry has its own draw, every call new ones, all from the generator passed in"""
    x, generator = away_from_zero(rng, (40, 30)), student.generator(seed(rng))
    first, second = (vanilla(student, rng, x, 0.6, generator) for _ in range(2))
    note(student, first, 0.6)
    student.record(bool(np.array_equal(first, second)))
    expect_each_by_itself(first != 0, SHARED)
    expect(not np.array_equal(first, second), SAME_AGAIN)
    expect_drawn_from_it(student, rng, lambda own: vanilla(student, rng, x, 0.6, own))


@hidden("vanilla_dropout", weight=2)
def prediction(student, rng):
    """prediction: for any shape and p, with nothing random in it; x is left as it is"""
    for shape, p in (((4, 3), 0.3), ((5,), 0.8), ((2, 3, 2), 1.0)):
        x = away_from_zero(rng, shape)
        kept = student.keep(x)
        first, second = (student.unrecorded(student.vanilla_dropout_predict, kept, p) for _ in range(2))
        unchanged = np.array_equal(student.value(kept), x)
        same = not unchanged or np.array_equal(first, second)
        student.record([bool(same), first if same else None])
        expect(same, "two predictions for the same x differ: nothing is drawn at prediction")
        if unchanged:
            expect_close(first, p * x, what="the prediction")
        expect(np.array_equal(student.value(kept), x), "x was changed in place")


@hidden("vanilla_dropout")
def input_left_alone(student, rng):
    """training leaves x as it is, in one and three dimensions too; p = 1 drops nothing"""
    for shape in ((600,), (10, 6, 10)):
        x = away_from_zero(rng, shape)
        kept = student.keep(x)
        generator = student.generator(seed(rng))
        factors = drawn(student, x, student.vanilla_dropout_forward, kept, 0.5, generator, pair=False)[0]
        note(student, factors, 0.5)
        expect(np.any(factors == 0), "nothing was dropped")
        expect(np.array_equal(student.value(kept), x), "x was changed in place")
        whole = vanilla(student, rng, x, 1.0)
        note(student, whole, 1.0)
        expect_levels(whole, (1.0,), "with p = 1 every entry stays as it is")


# Inverted dropout ------------------------------------------------------------------------------------------------------


def forward(student, x, param):
    return drawn(student, x, student.dropout_forward, x, param)


@hidden("dropout", weight=2)
def dropped_or_scaled(student, rng):
    """training: entries are dropped or scaled as they should be"""
    for p in (0.3, 0.8):
        factors, _ = forward(student, away_from_zero(rng, (40, 30)), settings(student, rng, p))
        note(student, factors, p)
        expect_levels(factors, (0.0, 1 / p), TOO_MANY_KINDS)


@hidden("dropout", weight=2)
def share_of_kept_entries(student, rng):
    """training: the share that is kept, for p below and above a half"""
    for p in (0.2, 0.85):
        several = [forward(student, away_from_zero(rng, (60, 50)), settings(student, rng, p))[0] for _ in range(4)]
        note(student, several[0], p)
        expect_share(several[0] != 0, p, WRONG_SHARE)
        expect_counts_vary(student, [factors != 0 for factors in several])


@hidden("dropout")
def every_entry_by_itself(student, rng):
    """training: every entry has its own draw, in images as well"""
    for shape in ((60, 20), (3, 4, 20, 20)):
        factors, _ = forward(student, away_from_zero(rng, shape), settings(student, rng, 0.6))
        flat = factors.reshape(-1, shape[-1] * (shape[-2] if len(shape) == 4 else 1))
        note(student, flat, 0.6)
        expect_each_by_itself(flat != 0, SHARED)


@hidden("dropout")
def new_masks_and_seeds(student, rng):
    """a generator gives new masks at each call, a seed the same one"""
    x, param = away_from_zero(rng, (20, 30)), settings(student, rng, 0.5)
    first, second = (forward(student, x, param)[0] for _ in range(2))
    seeded = {"p": 0.5, "mode": "train", "seed": int(rng.integers(1000))}
    one, again = (forward(student, x, seeded)[0] for _ in range(2))
    other, _ = forward(student, x, {**seeded, "seed": seeded["seed"] + 1})
    verdicts = [np.array_equal(first, second), np.array_equal(one, again), np.array_equal(one, other)]
    student.record([bool(verdict) for verdict in verdicts])
    note(student, first, 0.5)
    expect(not verdicts[0], SAME_AGAIN)
    expect(verdicts[1], 'the same "seed" gave two different masks')
    expect(not verdicts[2], "two different seeds gave the same mask")


@hidden("dropout", weight=2)
def test_mode(student, rng):
    """test mode, forward and backward, for any p"""
    for p in (0.3, 0.8):
        x, dout = away_from_zero(rng, (4, 5)), away_from_zero(rng, (4, 5))
        factors, cache = forward(student, x, settings(student, rng, p, "test"))
        note(student, factors, p)
        expect_levels(factors, (1.0,), "in test mode the output is not x")
        back = np.asarray(student.unrecorded(student.dropout_backward, dout, cache))
        expect_shape(back, (4, 5), "dx")
        student.record(levels(back / dout))
        expect_close(back, dout, what="dx in test mode")


@hidden("dropout", weight=3)
def backward_pass(student, rng):
    """the gradient passes where the entry was kept, scaled as the entry was"""
    for p in (0.3, 0.8):
        x, dout = away_from_zero(rng, (30, 20)), away_from_zero(rng, (30, 20))
        factors, cache = forward(student, x, settings(student, rng, p))
        back = np.asarray(student.unrecorded(student.dropout_backward, dout, cache))
        expect_shape(back, (30, 20), "dx")
        note(student, factors, p)
        student.record([levels(back / dout), bool(np.array_equal(back != 0, factors != 0))])
        expect(not np.any(back[factors == 0]), "dx is not zero where the entry was dropped")
        expect_close(back, dout * factors, what="dx")


@hidden("dropout", weight=2)
def each_call_has_its_own_cache(student, rng):
    """two forward passes before a backward pass: each cache holds the mask of its own pass"""
    x, param = away_from_zero(rng, (30, 20)), student.keep(settings(student, rng, 0.5))  # one dict for both calls
    (first, cache), _ = forward(student, x, param), forward(student, x, param)
    expect(
        len(param) == 3,
        "dropout_param was filled with something; leave it as it is, and hand the mask over in the cache",
    )
    dout = away_from_zero(rng, (30, 20))
    back = np.asarray(student.unrecorded(student.dropout_backward, dout, cache))
    expect_shape(back, (30, 20), "dx")
    right = bool(np.allclose(back, dout * first))
    student.record([levels(back / dout), right])
    expect(
        right,
        "the gradient does not belong to the forward pass whose cache was handed over, but perhaps to a later one",
    )


@hidden("dropout", weight=2)
def zeros_among_the_inputs(student, rng):
    """the gradient of entries of x that are zero, as after a ReLU"""
    whole, dout = away_from_zero(rng, (30, 20)), away_from_zero(rng, (30, 20))
    param = {"p": 0.6, "mode": "train", "seed": int(rng.integers(1000))}
    factors, _ = forward(student, whole, param)
    x = whole * (rng.random((30, 20)) < 0.5)
    _, cache = student.unrecorded(student.dropout_forward, x, param)
    back = np.asarray(student.unrecorded(student.dropout_backward, dout, cache))
    expect_shape(back, (30, 20), "dx")
    where_x_is_not_zero = bool(np.allclose(back[x != 0], (dout * factors)[x != 0]))
    student.record([levels(back / dout), where_x_is_not_zero])
    expect_close(back, dout * factors, what="dx where some entries of x are zero")


@hidden("dropout")
def other_kinds_of_input(student, rng):
    """p = 1, float32, one dimension, other memory layouts; x and dout are left as they are"""
    whole, _ = forward(student, away_from_zero(rng, (5, 4)), settings(student, rng, 1.0))
    note(student, whole, 1.0)
    expect_levels(whole, (1.0,), "with p = 1 the output is not x")
    for x in (
        away_from_zero(rng, 300).astype(np.float32),
        np.asfortranarray(away_from_zero(rng, (20, 15))),
        away_from_zero(rng, (20, 30))[:, ::2],
    ):
        kept, kept_dout = student.keep(x), student.keep(x + 5)
        factors, cache = drawn(student, x, student.dropout_forward, kept, settings(student, rng, 0.5))
        note(student, factors, 0.5)
        expect_levels(factors, (0.0, 2.0), TOO_MANY_KINDS)
        expect(np.array_equal(student.value(kept), x), "x was changed in place")
        back = np.asarray(student.unrecorded(student.dropout_backward, kept_dout, cache))
        student.record(levels(back / (x + 5)))
        expect_dtype(back, "float", "dx")
        expect(np.array_equal(student.value(kept_dout), x + 5), "dout was changed in place")
