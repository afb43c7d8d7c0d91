"""Hidden tests of the extension `spatial_batchnorm`."""

import numpy as np

from autograder.hidden.convolution.problems import expect_gradients, expect_same
from autograder.oracles import convolution as oracles
from autograder.testing import ban, expect, expect_close, forward_pass, hidden

ban("spatial_batchnorm", "nn.spatial_batchnorm_forward", "nn.spatial_batchnorm_backward", "torch")

SHAPES = ((2, 3, 2, 4), (3, 2, 2, 2), (1, 4, 3, 2))


def norm_problem(rng, shape):
    channels = shape[1]
    x = rng.normal(size=shape) * rng.uniform(0.5, 3, size=(channels, 1, 1)) + rng.normal(size=(channels, 1, 1))
    return x, rng.uniform(0.5, 2, size=channels), rng.normal(size=channels), rng.normal(size=shape)


@hidden("spatial_batchnorm", weight=2)
def normalizes_channels(student, rng):
    """forward in training: mean and deviation of each channel"""
    for shape in SHAPES:
        x, gamma, beta, _ = norm_problem(rng, shape)
        out, _ = forward_pass(student, "spatial_batchnorm_forward", x, gamma, beta, {"mode": "train"})
        mean, variance = oracles.channel_statistics(x)
        expect_close(out, oracles.normalized(x, mean, variance, gamma, beta), 1e-8, 1e-8, what="the output")


@hidden("spatial_batchnorm", weight=2)
def keeps_running_statistics(student, rng):
    """forward in training: one running mean and variance a channel, kept from batch to batch"""
    x, gamma, beta, _ = norm_problem(rng, SHAPES[0])
    running = {"running_mean": rng.normal(size=3), "running_var": rng.uniform(1, 2, size=3)}
    bn_param = student.keep({"mode": "train", "momentum": 0.8, **running})
    forward_pass(student, "spatial_batchnorm_forward", x, gamma, beta, bn_param)
    kept = student.value(bn_param)
    for key, new in zip(running, oracles.channel_statistics(x), strict=True):
        expect(key in kept, f"bn_param has no {key} after the call")
        expect_close(kept[key], 0.8 * running[key] + 0.2 * new, what=key)


@hidden("spatial_batchnorm", weight=2)
def uses_running_statistics(student, rng):
    """forward in test mode: the running mean and variance are used"""
    x, gamma, beta, _ = norm_problem(rng, SHAPES[0])
    mean, variance = rng.normal(size=3), rng.uniform(0.5, 2, size=3)
    bn_param = {"mode": "test", "running_mean": mean, "running_var": variance}
    out, _ = forward_pass(student, "spatial_batchnorm_forward", x, gamma, beta, bn_param)
    expect_close(out, oracles.normalized(x, mean, variance, gamma, beta), 1e-8, 1e-8, what="the output in test mode")


@hidden("spatial_batchnorm", weight=3)
def gradients_in_training(student, rng):
    """backward in training: dx, dgamma and dbeta"""
    for shape in SHAPES:
        x, gamma, beta, dout = norm_problem(rng, shape)
        _, cache = forward_pass(student, "spatial_batchnorm_forward", x, gamma, beta, {"mode": "train"})
        gradients = student.spatial_batchnorm_backward(dout, cache)
        expected = oracles.normalized_slopes(dout, x, gamma)
        expect_gradients(gradients, expected, ("dx", "dgamma", "dbeta"), "spatial_batchnorm_backward", 1e-6, 1e-7)


@hidden("spatial_batchnorm")
def images_left_alone(student, rng):
    """x and dout are left as they are, in any memory order"""
    x, gamma, beta, dout = norm_problem(rng, SHAPES[0])
    x = np.asfortranarray(x)
    kept = {"x": (student.keep(x), x), "dout": (student.keep(dout), dout)}
    out, cache = forward_pass(student, "spatial_batchnorm_forward", kept["x"][0], gamma, beta, {"mode": "train"})
    gradients = student.spatial_batchnorm_backward(kept["dout"][0], cache)
    expect_same(student, kept)
    expect_close(out, oracles.normalized(x, *oracles.channel_statistics(x), gamma, beta), 1e-8, 1e-8, what="the output")
    expected = oracles.normalized_slopes(dout, x, gamma)
    expect_gradients(gradients, expected, ("dx", "dgamma", "dbeta"), "spatial_batchnorm_backward", 1e-6, 1e-7)
