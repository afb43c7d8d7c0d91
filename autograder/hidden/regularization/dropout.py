"""Hidden tests of dropout: the exact expectation, vanilla and inverted, the Monte Carlo vote."""

import numpy as np

from autograder.hidden.regularization.draws import (
    away_from_zero,
    drawn,
    expect_each_by_itself,
    expect_levels,
    expect_share,
    levels,
    note,
    seed,
    settings,
)
from autograder.oracles import regularization as oracles
from autograder.testing import expect, expect_close, expect_dtype, expect_shape, hidden

TOO_MANY_KINDS = "an entry is neither dropped nor kept with the factor that the docstring gives"
WRONG_SHARE = "the share of entries that are kept is not p"
SHARED = "whole rows or columns share one draw; every entry has its own"
SAME_AGAIN = "two calls gave the same mask; draw anew at each call"

# The exact expectation -------------------------------------------------------------------------------------------------


def neuron(rng, inputs):
    return away_from_zero(rng, inputs), away_from_zero(rng, inputs)


@hidden("exact_dropout_expectation", weight=2)
def linear_neurons(student, rng):
    """without an activation, for several p"""
    for inputs in (2, 5):
        (w, x), p = neuron(rng, inputs), float(rng.uniform(0.55, 0.9))
        expect_close(student.exact_dropout_expectation(w, x, p), p * float(w @ x), what="the expectation")


@hidden("exact_dropout_expectation", weight=3)
def with_an_activation(student, rng):
    """with an activation that is not linear"""
    for f in (lambda s: s**2, lambda s: s * (s > 0) + 0.5):
        (w, x), p = neuron(rng, 4), float(rng.uniform(0.6, 0.9))
        expected = oracles.expectation(list(w * x), p, f)
        expect_close(student.exact_dropout_expectation(w, x, p, f), expected, what="the expectation")


@hidden("exact_dropout_expectation")
def an_activation_that_is_never_zero(student, rng):
    """the mask that drops every input counts as well"""
    (w, x), p = neuron(rng, 3), float(rng.uniform(0.2, 0.4))
    expected = oracles.expectation(list(w * x), p, lambda s: np.exp(-(s**2)))
    expect_close(
        student.exact_dropout_expectation(w, x, p, lambda s: np.exp(-(s**2))), expected, what="the expectation"
    )


@hidden("exact_dropout_expectation")
def one_input_and_the_ends_of_p(student, rng):
    """a single input, and p = 0 and p = 1; w and x are left as they are"""

    def f(s):
        return np.cos(s)

    w, x = neuron(rng, 1)
    expect_close(
        student.exact_dropout_expectation(w, x, 0.3, f), oracles.expectation(list(w * x), 0.3, f), what="one input"
    )
    w, x = neuron(rng, 4)
    kept = student.keep(w), student.keep(x)
    for p in (0.0, 1.0):
        found = student.exact_dropout_expectation(*kept, p, f)
        expect_shape(found, (), "the expectation")
        expect_close(found, f(p * float(w @ x)), what="the expectation at an end of p")
    same = np.array_equal(student.value(kept[0]), w) and np.array_equal(student.value(kept[1]), x)
    expect(same, "w or x was changed in place")


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
        factors = vanilla(student, rng, away_from_zero(rng, (60, 50)), p)
        note(student, factors, p)
        expect_share(factors != 0, p, WRONG_SHARE)


@hidden("vanilla_dropout")
def a_draw_for_every_entry(student, rng):
    """training: every entry has its own draw, and every call new ones"""
    x, generator = away_from_zero(rng, (40, 30)), student.generator(seed(rng))
    first, second = (vanilla(student, rng, x, 0.6, generator) for _ in range(2))
    note(student, first, 0.6)
    student.record(bool(np.array_equal(first, second)))
    expect_each_by_itself(first != 0, SHARED)
    expect(not np.array_equal(first, second), SAME_AGAIN)


@hidden("vanilla_dropout", weight=2)
def prediction(student, rng):
    """prediction: for any shape and p, with nothing random in it; x is left as it is"""
    for shape, p in (((4, 3), 0.3), ((5,), 0.8), ((2, 3, 2), 1.0)):
        x = away_from_zero(rng, shape)
        kept = student.keep(x)
        expect_close(student.vanilla_dropout_predict(kept, p), p * x, what="the prediction")
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
        factors, _ = forward(student, away_from_zero(rng, (60, 50)), settings(student, rng, p))
        note(student, factors, p)
        expect_share(factors != 0, p, WRONG_SHARE)


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


# The Monte Carlo vote --------------------------------------------------------------------------------------------------


class ScriptedNet:
    """Scores of the grader's for each pass, and a record of what was asked for."""

    def __init__(self, rng, samples, n, c, scale=2.0):
        self.passes = scale * rng.normal(size=(samples, n, c))
        self.asked = []

    def forward(self, X):
        """The scores of the next pass; after the last one, of the first again."""
        self.asked.append(np.array(X))
        return self.passes[(len(self.asked) - 1) % len(self.passes)]


def vote(student, net, X, samples):
    reply = student.mc_dropout_predict(net.forward, X, samples)
    expect(isinstance(reply, (tuple, list)) and len(reply) == 2, "two things must come back: (mean, std)")
    return reply


@hidden("mc_dropout_predict", weight=3)
def mean_probabilities(student, rng):
    """the mean of the probabilities over the passes"""
    for samples, n, c in ((4, 3, 5), (7, 4, 2)):
        net = ScriptedNet(rng, samples, n, c)
        mean, _ = vote(student, net, rng.normal(size=(n, 3)), samples)
        expect_close(mean, oracles.vote(net.passes)[0], 1e-6, what="mean")


@hidden("mc_dropout_predict", weight=2)
def their_spread(student, rng):
    """the standard deviation of the probabilities over the passes"""
    for samples, n, c in ((4, 3, 5), (7, 4, 2)):
        net = ScriptedNet(rng, samples, n, c)
        _, std = vote(student, net, rng.normal(size=(n, 3)), samples)
        expect_close(std, oracles.vote(net.passes)[1], 1e-6, 1e-7, what="std")


@hidden("mc_dropout_predict")
def how_it_asks(student, rng):
    """forward is called once a pass, each time with the whole of X"""
    net, X = ScriptedNet(rng, 6, 4, 3), rng.normal(size=(4, 3))
    mean, _ = vote(student, net, X, 6)
    expect_shape(mean, (4, 3), "mean")
    student.record(len(net.asked))
    expect(len(net.asked) == 6, "forward was not called as often as samples says")
    expect(all(np.array_equal(asked, X) for asked in net.asked), "a pass did not get X as it is")


@hidden("mc_dropout_predict")
def a_single_pass(student, rng):
    """one pass: its probabilities, and no spread; a single example; scores in the thousands"""
    for n, shift in ((5, 0.0), (1, 2000.0)):
        net = ScriptedNet(rng, 1, n, 4)
        net.passes += shift
        mean, std = vote(student, net, rng.normal(size=(n, 3)), 1)
        expect_close(mean, oracles.vote(net.passes)[0], 1e-6, what="mean")
        expect_close(std, np.zeros((n, 4)), what="std of a single pass")
