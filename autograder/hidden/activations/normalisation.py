"""Hidden tests of batch normalisation and of layer normalisation."""

import numpy as np

from autograder.hidden.activations.passes import (
    as_vector,
    away_from_zero,
    backward,
    expect_gradients,
    expect_kept,
    input_gradient,
)
from autograder.oracles import activations as oracles
from autograder.testing import ban, expect, expect_close, expect_raises, forward_pass, hidden

ban("batchnorm_forward", "course_utils.nn", "torch")
ban("batchnorm_backward", "course_utils.nn", "torch")
ban("batchnorm_backward_alt", "batchnorm_backward", "course_utils.nn", "torch")
ban("layernorm", "course_utils.nn", "torch")

NAMES = ("dx", "dgamma", "dbeta")


def batch(rng, n=7, d=4):
    """Sums whose features differ in mean and spread, gains and shifts."""
    x = rng.normal(size=(n, d)) * rng.uniform(0.3, 3, size=d) + rng.uniform(-4, 4, size=d)
    return x, away_from_zero(rng, d), rng.normal(size=d)


def normalise(student, x, gamma, beta, bn_param):
    return forward_pass(student, "batchnorm_forward", x, gamma, beta, bn_param)


def trained(student, batches, gamma, beta, settings):
    """Run batches through one bn_param in training; it stays on the student's side."""
    kept = student.keep({"mode": "train", **settings})
    for x in batches:
        normalise(student, x, gamma, beta, kept)
    return kept


def averages(student, kept, size):
    """Running mean and variance in a kept bn_param; a single row will do for a vector."""
    found = student.value(kept)
    expect(
        isinstance(found, dict) and {"running_mean", "running_var"} <= found.keys(),
        "bn_param does not hold running_mean and running_var after a training batch",
    )
    return as_vector(found["running_mean"], size), as_vector(found["running_var"], size)


def expected_averages(batches, size, momentum=0.9, mean=None, var=None):
    mean, var = np.zeros(size) if mean is None else mean, np.zeros(size) if var is None else var
    for x in batches:
        mean, var = oracles.running(x, mean, var, momentum)
    return mean, var


# Forward -----------------------------------------------------------------------------------------------------------------


@hidden("batchnorm_forward", weight=2)
def standardised_in_training(student, rng):
    """training: outputs with gain and shift"""
    x, gamma, beta = batch(rng)
    out, _ = normalise(student, x, gamma, beta, {"mode": "train"})
    expect_close(out, oracles.batchnorm(x, gamma, beta), 1e-6, 1e-6, what="out")


@hidden("batchnorm_forward", weight=2)
def eps_of_the_caller(student, rng):
    """training: an eps of the caller's"""
    (x, gamma, beta), eps = batch(rng), float(rng.uniform(0.3, 1))
    out, _ = normalise(student, x, gamma, beta, {"mode": "train", "eps": eps})
    expect_close(out, oracles.batchnorm(x, gamma, beta, eps), 1e-6, 1e-6, what="out with a large eps")


@hidden("batchnorm_forward", weight=2)
def averages_of_the_means(student, rng):
    """training: the running mean over several batches"""
    _, gamma, beta = batch(rng)
    batches = [batch(rng)[0] for _ in range(3)]
    mean, _ = averages(student, trained(student, batches, gamma, beta, {}), 4)
    expect_close(mean, expected_averages(batches, 4)[0], 1e-6, 1e-8, what="running_mean")


@hidden("batchnorm_forward", weight=2)
def averages_of_the_variances(student, rng):
    """training: the running variance over several batches"""
    _, gamma, beta = batch(rng)
    batches = [batch(rng)[0] for _ in range(3)]
    _, var = averages(student, trained(student, batches, gamma, beta, {}), 4)
    expect_close(var, expected_averages(batches, 4)[1], 1e-6, 1e-8, what="running_var")


@hidden("batchnorm_forward")
def momentum_and_averages_of_the_caller(student, rng):
    """training: a momentum and running averages of the caller's"""
    x, gamma, beta = batch(rng)
    momentum, mean, var = float(rng.uniform(0.2, 0.7)), rng.normal(size=4), rng.uniform(1, 2, size=4)
    settings = {"momentum": momentum, "running_mean": mean, "running_var": var}
    found = averages(student, trained(student, [x], gamma, beta, settings), 4)
    expected = expected_averages([x], 4, momentum, mean, var)
    expect_close(found[0], expected[0], 1e-6, 1e-8, what="running_mean")
    expect_close(found[1], expected[1], 1e-6, 1e-8, what="running_var")


@hidden("batchnorm_forward", weight=2)
def averages_stand_in_at_test_time(student, rng):
    """test: outputs from the running averages, for several examples and for one"""
    x, gamma, beta = batch(rng)
    mean, var, eps = rng.normal(size=4), rng.uniform(0.3, 2, size=4), float(rng.uniform(0.1, 0.5))
    for rows, settings in ((x, {}), (x[:1], {}), (x, {"eps": eps})):
        bn_param = {"mode": "test", "running_mean": mean, "running_var": var, **settings}
        out, _ = normalise(student, rows, gamma, beta, bn_param)
        expected = oracles.batchnorm(rows, gamma, beta, settings.get("eps", 1e-5), (mean, var))
        expect_close(out, expected, 1e-6, 1e-6, what="out at test time")


@hidden("batchnorm_forward")
def testing_leaves_the_averages(student, rng):
    """test after training: the averages collected in training, left as they are"""
    (x, gamma, beta), batches = batch(rng), [batch(rng)[0] for _ in range(2)]
    kept = trained(student, batches, gamma, beta, {})
    before = averages(student, kept, 4)
    kept["mode"] = "test"
    out, _ = normalise(student, x, gamma, beta, kept)
    expect_close(out, oracles.batchnorm(x, gamma, beta, statistics=before), 1e-6, 1e-6, what="out at test time")
    for name, old, new in zip(("running_mean", "running_var"), before, averages(student, kept, 4), strict=True):
        expect(np.array_equal(old, new), f"{name} was changed in the mode 'test'")


@hidden("batchnorm_forward")
def constant_features_and_single_examples(student, rng):
    """training: a feature that is constant, a batch of one, as many examples as features"""
    x, gamma, beta = batch(rng)
    x[:, 1] = 2.0
    square, gain, shift = batch(rng, 4, 4)
    for rows, g, b in ((x, gamma, beta), (x[:1], gamma, beta), (square, gain, shift)):
        out, _ = normalise(student, rows, g, b, {"mode": "train"})
        expect(np.all(np.isfinite(out)), "out is not finite where a feature does not vary")
        expect_close(out, oracles.batchnorm(rows, g, b), 1e-6, 1e-6, what="out")


@hidden("batchnorm_forward")
def precision_and_layout(student, rng):
    """training: float32, and other memory layouts"""
    x, gamma, beta = batch(rng)
    for rows in (x.astype(np.float32), np.repeat(x, 2, axis=1)[:, ::2], np.asfortranarray(x)):
        gain, shift = gamma.astype(rows.dtype), beta.astype(rows.dtype)
        out, _ = normalise(student, rows, gain, shift, {"mode": "train"})
        expect_close(out, oracles.batchnorm(rows, gain, shift), 1e-4, 1e-4, what="out")


@hidden("batchnorm_forward")
def arguments_left_alone(student, rng):
    """x, gamma and beta are left as they are"""
    arrays = batch(rng)
    kept = [student.keep(array) for array in arrays]
    out, _ = normalise(student, *kept, {"mode": "train"})
    for name, handle, before in zip(("x", "gamma", "beta"), kept, arrays, strict=True):
        expect_kept(student, name, handle, before)
    expect_close(out, oracles.batchnorm(*arrays), 1e-6, 1e-6, what="out")


@hidden("batchnorm_forward")
def an_unknown_mode_is_refused(student, rng):
    """an unknown mode raises ValueError"""
    x, gamma, beta = batch(rng)
    normalise(student, x, gamma, beta, {"mode": "train"})
    for mode in ("Train", "eval", ""):
        settings = {"mode": mode, "running_mean": np.zeros(4), "running_var": np.ones(4)}
        said = "an unknown mode did not raise ValueError, but another error or none"
        expect_raises(ValueError, student.batchnorm_forward, x, gamma, beta, settings, otherwise=said)


# Backward: both forms have the same tests -----------------------------------------------------------------------------------


def back_tests(exercise):
    """Register the tests of a backward pass of batch normalisation."""

    def gradients(student, x, gamma, beta, dout, eps=1e-5, kept=None):
        """What the student's backward pass returns, and what it should; a wrong forward pass is not paid for twice.

        kept: dout on the student's side, where it is looked at afterwards.
        """
        settings = {"mode": "train", "eps": eps}
        out, cache = student.unrecorded(student.batchnorm_forward, x, gamma, beta, settings)
        upstream = dout if kept is None else kept
        found = backward(student, exercise, upstream, cache, (x.shape, gamma.shape, gamma.shape))
        if np.shape(out) == x.shape and np.allclose(out, oracles.batchnorm(x, gamma, beta, eps), 1e-4, 1e-4):
            return found, oracles.batchnorm_gradients(dout, x, gamma, eps)

        def run(x, gamma, beta):
            return student.unrecorded(student.batchnorm_forward, x, gamma, beta, dict(settings))[0]

        return found, (
            input_gradient(lambda x: run(x, gamma, beta), x, dout),
            input_gradient(lambda gamma: run(x, gamma, beta), gamma, dout),
            input_gradient(lambda beta: run(x, gamma, beta), beta, dout),
        )

    def by_the_input(student, rng):
        x, gamma, beta = batch(rng)
        found, expected = gradients(student, x, gamma, beta, away_from_zero(rng, x.shape))
        expect_gradients(found[:1], expected[:1], NAMES[:1], 1e-5, 1e-6)

    def by_the_gain(student, rng):
        x, gamma, beta = batch(rng)
        found, expected = gradients(student, x, gamma, beta, away_from_zero(rng, x.shape))
        expect_gradients(found[1:2], expected[1:2], NAMES[1:2], 1e-5, 1e-6)

    def by_the_shift(student, rng):
        x, gamma, beta = batch(rng)
        found, expected = gradients(student, x, gamma, beta, away_from_zero(rng, x.shape))
        expect_gradients(found[2:], expected[2:], NAMES[2:], 1e-5, 1e-6)

    def with_a_large_eps(student, rng):
        x, gamma, beta = batch(rng)
        x[:, 2] = 1.5
        found, expected = gradients(student, x, gamma, beta, away_from_zero(rng, x.shape), float(rng.uniform(0.3, 1)))
        expect_gradients(found, expected, NAMES, 1e-5, 1e-6)

    def other_sizes(student, rng):
        for n, d in ((1, 3), (2, 5), (4, 4), (6, 1)):
            x, gamma, beta = batch(rng, n, d)
            found, expected = gradients(student, x, gamma, beta, away_from_zero(rng, x.shape), 1e-2)
            expect_gradients(found, expected, NAMES, 1e-5, 1e-6)

    def single_precision(student, rng):
        arrays = [array.astype(np.float32) for array in batch(rng)]
        found, expected = gradients(student, *arrays, away_from_zero(rng, arrays[0].shape).astype(np.float32))
        expect_gradients(found, expected, NAMES, 1e-3, 1e-3)

    def upstream_left_alone(student, rng):
        x, gamma, beta = batch(rng)
        dout = away_from_zero(rng, x.shape)
        kept = student.keep(dout)
        found, expected = gradients(student, x, gamma, beta, dout, kept=kept)
        expect_kept(student, "dout", kept, dout)
        expect_gradients(found, expected, NAMES, 1e-5, 1e-6)

    for test, title, weight in (
        (by_the_input, "the gradient of the input", 3),
        (by_the_gain, "the gradient of the gain", 2),
        (by_the_shift, "the gradient of the shift", 1),
        (with_a_large_eps, "a large eps, and a feature that is constant", 1),
        (other_sizes, "one and two examples, one feature, as many examples as features", 1),
        (single_precision, "float32", 1),
        (upstream_left_alone, "dout is left as it is", 1),
    ):
        test.__doc__ = title
        hidden(exercise, weight=weight)(test)


back_tests("batchnorm_backward")
back_tests("batchnorm_backward_alt")


# Extension: layer normalisation ------------------------------------------------------------------------------------------


def by_layer(student, x, gamma, beta, dout, settings):
    out, cache = forward_pass(student, "layernorm_forward", x, gamma, beta, settings)
    return out, backward(student, "layernorm_backward", dout, cache, (x.shape, gamma.shape, gamma.shape))


@hidden("layernorm", weight=2)
def rows_are_standardised(student, rng):
    """the outputs, with gain and shift"""
    for n, d in ((7, 4), (3, 6), (1, 5)):
        x, gamma, beta = batch(rng, n, d)
        out, _ = forward_pass(student, "layernorm_forward", x, gamma, beta, {})
        expect_close(out, oracles.layernorm(x, gamma, beta), 1e-6, 1e-6, what="out")


@hidden("layernorm", weight=2)
def gradient_by_x(student, rng):
    """the gradient of the input"""
    (x, gamma, beta), dout = batch(rng, 6, 5), away_from_zero(rng, (6, 5))
    found = by_layer(student, x, gamma, beta, dout, {})[1]
    expect_gradients(found[:1], oracles.layernorm_gradients(dout, x, gamma)[:1], NAMES[:1], 1e-5, 1e-6)


@hidden("layernorm", weight=2)
def gradients_by_gain_and_shift(student, rng):
    """the gradients of gain and shift"""
    (x, gamma, beta), dout = batch(rng, 6, 5), away_from_zero(rng, (6, 5))
    found = by_layer(student, x, gamma, beta, dout, {})[1]
    expect_gradients(found[1:], oracles.layernorm_gradients(dout, x, gamma)[1:], NAMES[1:], 1e-5, 1e-6)


@hidden("layernorm")
def eps_and_constant_rows(student, rng):
    """an eps of the caller's, and an example whose features are all equal"""
    (x, gamma, beta), eps, dout = batch(rng, 5, 6), float(rng.uniform(0.3, 1)), away_from_zero(rng, (5, 6))
    x[2] = 1.5
    out, found = by_layer(student, x, gamma, beta, dout, {"eps": eps})
    expect_close(out, oracles.layernorm(x, gamma, beta, eps), 1e-6, 1e-6, what="out with a large eps")
    expect_gradients(found, oracles.layernorm_gradients(dout, x, gamma, eps), NAMES, 1e-5, 1e-6)


@hidden("layernorm")
def as_many_examples_as_features(student, rng):
    """as many examples as features, where a wrong axis has the right shape"""
    (x, gamma, beta), dout = batch(rng, 5, 5), away_from_zero(rng, (5, 5))
    out, found = by_layer(student, x, gamma, beta, dout, {})
    expect_close(out, oracles.layernorm(x, gamma, beta), 1e-6, 1e-6, what="out")
    expect_gradients(found, oracles.layernorm_gradients(dout, x, gamma), NAMES, 1e-5, 1e-6)


@hidden("layernorm")
def single_precision(student, rng):
    """float32"""
    x, gamma, beta, dout = (array.astype(np.float32) for array in (*batch(rng, 4, 6), away_from_zero(rng, (4, 6))))
    out, found = by_layer(student, x, gamma, beta, dout, {})
    expect_close(out, oracles.layernorm(x, gamma, beta), 1e-4, 1e-4, what="out")
    expect_gradients(found, oracles.layernorm_gradients(dout, x, gamma), NAMES, 1e-3, 1e-3)


@hidden("layernorm")
def nothing_is_changed(student, rng):
    """x, gamma, beta and dout are left as they are"""
    arrays = (*batch(rng, 4, 6), away_from_zero(rng, (4, 6)))
    kept = [student.keep(array) for array in arrays]
    out, cache = forward_pass(student, "layernorm_forward", *kept[:3], {})
    found = backward(student, "layernorm_backward", kept[3], cache, ((4, 6), (6,), (6,)))
    for name, handle, before in zip(("x", "gamma", "beta", "dout"), kept, arrays, strict=True):
        expect_kept(student, name, handle, before)
    x, gamma, beta, dout = arrays
    expect_close(out, oracles.layernorm(x, gamma, beta), 1e-6, 1e-6, what="out")
    expect_gradients(found, oracles.layernorm_gradients(dout, x, gamma), NAMES, 1e-5, 1e-6)
