"""Hidden tests of averages over masks: the exact expectation and the Monte Carlo vote."""

import numpy as np

from autograder.hidden.regularization.draws import away_from_zero
from autograder.oracles import regularization as oracles
from autograder.testing import expect, expect_close, expect_shape, hidden

# The exact expectation -------------------------------------------------------------------------------------------------


def neuron(rng, inputs):
    return away_from_zero(rng, inputs), away_from_zero(rng, inputs)


def expect_expectation(found, expected, what="the expectation"):
    off = abs(float(np.real(found)) - expected) / (abs(expected) + 1e-12) if np.ndim(found) == 0 else 1.0
    expect(
        not 1e-6 < off < 0.1, "the value is near but not exact; if masks are drawn at random, visit every mask instead"
    )
    expect_close(found, expected, what=what)


@hidden("exact_dropout_expectation", weight=2)
def linear_neurons(student, rng):
    """without an activation, for several p"""
    for inputs in (2, 5):
        (w, x), p = neuron(rng, inputs), float(rng.uniform(0.55, 0.9))
        expect_expectation(student.exact_dropout_expectation(w, x, p), p * float(w @ x))


@hidden("exact_dropout_expectation", weight=3)
def with_an_activation(student, rng):
    """with an activation that is not linear"""
    for f in (lambda s: s**2, lambda s: s * (s > 0) + 0.5):
        (w, x), p = neuron(rng, 4), float(rng.uniform(0.6, 0.9))
        expect_expectation(student.exact_dropout_expectation(w, x, p, f), oracles.expectation(list(w * x), p, f))


@hidden("exact_dropout_expectation")
def an_activation_that_is_never_zero(student, rng):
    """the mask that drops every input counts as well"""
    (w, x), p = neuron(rng, 3), float(rng.uniform(0.2, 0.4))
    expected = oracles.expectation(list(w * x), p, lambda s: np.exp(-(s**2)))
    expect_expectation(student.exact_dropout_expectation(w, x, p, lambda s: np.exp(-(s**2))), expected)


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
def passes_that_agree(student, rng):
    """passes that all give the same probabilities: no spread, and a number for it everywhere"""
    net = ScriptedNet(rng, 1, 8, 5)
    for samples in (3, 7):
        mean, std = vote(student, net, rng.normal(size=(8, 2)), samples)
        expect_close(mean, oracles.vote(net.passes)[0], 1e-6, what="mean")
        expect_shape(std, (8, 5), "std")
        expect(np.all(np.isfinite(std)), "std is not a number where the passes agree: is there a root of a difference?")
        expect_close(std, np.zeros((8, 5)), atol=1e-7, what="std of passes that agree")


@hidden("mc_dropout_predict")
def a_single_pass(student, rng):
    """one pass: its probabilities, and no spread; a single example; scores in the thousands"""
    for n, shift in ((5, 0.0), (1, 2000.0)):
        net = ScriptedNet(rng, 1, n, 4)
        net.passes += shift
        mean, std = vote(student, net, rng.normal(size=(n, 3)), 1)
        expect_close(mean, oracles.vote(net.passes)[0], 1e-6, what="mean")
        expect_close(std, np.zeros((n, 4)), what="std of a single pass")
