"""Batch normalisation's two backward passes: other right ways, and mistakes. Both forms share most of their mistakes.

Caches are those of the notebook's solution: (x_hat, gamma, root of variance plus eps).
"""

import numpy as np

from autograder.mutants.activations.normalisation import forward
from autograder.testing import alternative, mutant

BOTH = ("batchnorm_backward", "batchnorm_backward_alt")


def right(dout, cache):
    """(dx, dgamma, dbeta), with what it is made of: the upstream gradient loses its mean and its part along x_hat."""
    x_hat, gamma, std = cache
    dx_hat = dout * gamma
    dx = (dx_hat - dx_hat.mean(axis=0) - x_hat * (dx_hat * x_hat).mean(axis=0)) / std
    return dx, (dout * x_hat).sum(axis=0), dout.sum(axis=0)


def three_paths(dout, cache, variance=1.0, mean=1.0, power=-3.0, n=None):
    """Right with all factors 1: dx along three paths, two of them with a factor, and the power of the root in dvar."""
    x_hat, gamma, std = cache
    N = n or len(dout)
    dx_hat, centred = dout * gamma, x_hat * std
    dvar = -0.5 * np.sum(dx_hat * centred, axis=0) * std**power
    dmean = -np.sum(dx_hat, axis=0) / std
    dx = dx_hat / std + variance * 2 / N * centred * dvar + mean / N * dmean
    return dx, np.sum(dout * x_hat, axis=0), np.sum(dout, axis=0)


for _exercise in BOTH:
    alternative(_exercise, "the forward pass that caches for these backward passes", replaces="batchnorm_forward")(
        forward
    )


def for_both(sentence):
    """Register a mistake for both exercises."""

    def register(work):
        for exercise in BOTH:
            mutant(exercise, sentence, replaces=exercise)(work)
        return work

    return register


@alternative("batchnorm_backward", "the upstream gradient without its mean and its part along x_hat")
def projected(dout, cache):
    return right(dout, cache)


@alternative("batchnorm_backward", "feature by feature, gain and shift as rows")
def feature_by_feature(dout, cache):
    x_hat, gamma, std = cache
    N, D = dout.shape
    dx, dgamma, dbeta = np.zeros((N, D)), np.zeros((1, D)), np.zeros((1, D))
    for d in range(D):
        for n in range(N):
            dbeta[0, d] += dout[n, d]
            dgamma[0, d] += dout[n, d] * x_hat[n, d]
        for n in range(N):
            dx[n, d] = gamma[d] / std[d] * (dout[n, d] - dbeta[0, d] / N - x_hat[n, d] * dgamma[0, d] / N)
    return dx, dgamma, dbeta


@alternative("batchnorm_backward_alt", "with means")
def with_means(dout, cache):
    x_hat, gamma, std = cache
    dx = gamma / std * (dout - np.mean(dout, axis=0) - x_hat * np.mean(dout * x_hat, axis=0))
    return dx, np.sum(dout * x_hat, axis=0), np.sum(dout, axis=0)


@alternative("batchnorm_backward_alt", "as a product with the matrix of the projection")
def projection_matrix(dout, cache):
    x_hat, gamma, std = cache
    N = len(dout)
    dx = np.empty_like(x_hat)
    for d in range(x_hat.shape[1]):
        J = np.eye(N) - (1 + np.outer(x_hat[:, d], x_hat[:, d])) / N
        dx[:, d] = gamma[d] / std[d] * (J @ dout[:, d])
    return dx, np.einsum("nd,nd->d", dout, x_hat), np.einsum("nd->d", dout)


# Mistakes of both forms ----------------------------------------------------------------------------------------------------


@for_both("dx treats mean and variance as constants: both depend on x, and their paths must be added.")
def constants(dout, cache):
    return three_paths(dout, cache, variance=0, mean=0)


@for_both("The path through the variance is missing in dx.")
def no_variance_path(dout, cache):
    return three_paths(dout, cache, variance=0)


@for_both("The path through the mean is missing in dx.")
def no_mean_path(dout, cache):
    return three_paths(dout, cache, mean=0)


@for_both("The gain is missing in dx: the upstream gradient passes through it first.")
def no_gain(dout, cache):
    return right(dout, (cache[0], np.ones_like(cache[1]), cache[2]))


@for_both("The gain is multiplied in twice.")
def gain_twice(dout, cache):
    dx, dgamma, dbeta = right(dout, cache)
    return dx * cache[1], dgamma, dbeta


@for_both("dx is not divided by the root of the variance (plus eps).")
def no_root(dout, cache):
    dx, dgamma, dbeta = right(dout, cache)
    return dx * cache[2], dgamma, dbeta


@for_both("dgamma multiplies dout by x - mean: it is multiplied by the standardised values.")
def gain_by_centred(dout, cache):
    dx, dgamma, dbeta = right(dout, cache)
    return dx, dgamma * cache[2], dbeta


@for_both("dgamma contains the gain: it is the sum of dout times the standardised values, no more.")
def gain_of_the_gain(dout, cache):
    dx, dgamma, dbeta = right(dout, cache)
    return dx, dgamma * cache[1], dbeta


@for_both("dgamma and dbeta are means over the batch: every row uses gain and shift, so their gradients are sums.")
def means(dout, cache):
    dx, dgamma, dbeta = right(dout, cache)
    return dx, dgamma / len(dout), dbeta / len(dout)


@for_both("dbeta contains the gain: the shift is added after it.")
def shift_with_gain(dout, cache):
    dx, dgamma, dbeta = right(dout, cache)
    return dx, dgamma, dbeta * cache[1]


@for_both("dgamma and dbeta are exchanged: the order is dx, dgamma, dbeta.")
def exchanged(dout, cache):
    dx, dgamma, dbeta = right(dout, cache)
    return dx, dbeta, dgamma


@for_both("The sign of dx is wrong.")
def sign(dout, cache):
    dx, dgamma, dbeta = right(dout, cache)
    return -dx, dgamma, dbeta


@for_both("N is the number of features where it should be the number of examples.")
def features_for_examples(dout, cache):
    return three_paths(dout, cache, n=dout.shape[1])


@for_both("The results are right, but dout was changed in place: work on a new array.")
def changes_dout(dout, cache):
    result = right(dout, cache)
    dout *= cache[1]
    return result


# Mistakes of the step by step form -------------------------------------------------------------------------------------------


@mutant(
    "batchnorm_backward",
    "The factor 2 of (x - mean)**2 is missing in the path through the variance, or its 1/2 stands alone.",
)
def half_of_the_variance_path(dout, cache):
    return three_paths(dout, cache, variance=0.5)


@mutant(
    "batchnorm_backward", "The factor 1/2 of the square root's derivative is missing in the path through the variance."
)
def twice_the_variance_path(dout, cache):
    return three_paths(dout, cache, variance=2)


@mutant(
    "batchnorm_backward",
    "The path through the variance has the wrong sign: the power is negative, so its derivative is, too.",
)
def sign_of_the_variance_path(dout, cache):
    return three_paths(dout, cache, variance=-1)


@mutant("batchnorm_backward", "The path through the mean has the wrong sign: the mean is subtracted.")
def sign_of_the_mean_path(dout, cache):
    return three_paths(dout, cache, mean=-1)


@mutant(
    "batchnorm_backward", "The path through the mean is not divided by N: every example has a share of 1/N in the mean."
)
def mean_path_not_divided(dout, cache):
    return three_paths(dout, cache, mean=len(dout))


@mutant("batchnorm_backward", "The path through the variance is not divided by N: the variance is a mean of squares.")
def variance_path_not_divided(dout, cache):
    return three_paths(dout, cache, variance=len(dout))


@mutant(
    "batchnorm_backward",
    "The power -3/2 belongs to the variance plus eps; here it is taken of its root, where it would be -3.",
)
def power_of_the_root(dout, cache):
    return three_paths(dout, cache, power=-1.5)


@mutant(
    "batchnorm_backward",
    "The power in the path through the variance is -1/2, that of the function; its derivative has -3/2.",
)
def power_not_lowered(dout, cache):
    return three_paths(dout, cache, power=-1)


@mutant(
    "batchnorm_backward",
    "The path through the variance multiplies dout by the standardised values where x - mean belongs.",
)
def standardised_for_centred(dout, cache):
    return three_paths(dout, cache, power=-4)


# Mistakes of the short form ----------------------------------------------------------------------------------------------------


def short(dout, cache, times_n=True, over_n=True, shift_sign=1, gain_sign=1, along=None, swap=False):
    """Right as it stands: the short form with its parts open to change."""
    x_hat, gamma, std = cache
    N, dgamma, dbeta = len(dout), (dout * x_hat).sum(axis=0), dout.sum(axis=0)
    first, second = (dgamma, dbeta) if swap else (dbeta, dgamma)
    bracket = (
        (N if times_n else 1) * dout - shift_sign * first - gain_sign * (x_hat if along is None else along) * second
    )
    return gamma / ((N if over_n else 1) * std) * bracket, dgamma, dbeta


@mutant("batchnorm_backward_alt", "dout is not multiplied by N inside the bracket.")
def not_times_n(dout, cache):
    return short(dout, cache, times_n=False)


@mutant("batchnorm_backward_alt", "The division by N in front is missing.")
def not_over_n(dout, cache):
    return short(dout, cache, over_n=False)


@mutant("batchnorm_backward_alt", "The sum of dout has the wrong sign in the bracket.")
def plus_the_shift(dout, cache):
    return short(dout, cache, shift_sign=-1)


@mutant("batchnorm_backward_alt", "The term with dgamma has the wrong sign in the bracket.")
def plus_the_gain(dout, cache):
    return short(dout, cache, gain_sign=-1)


@mutant("batchnorm_backward_alt", "dgamma in the bracket is not multiplied by the standardised values.")
def not_along(dout, cache):
    return short(dout, cache, along=1)


@mutant(
    "batchnorm_backward_alt",
    "dgamma in the bracket is multiplied by x - mean: it is multiplied by the standardised values.",
)
def along_centred(dout, cache):
    return short(dout, cache, along=cache[0] * cache[2])


@mutant("batchnorm_backward_alt", "dgamma and dbeta are exchanged in the bracket.")
def swapped_in_the_bracket(dout, cache):
    return short(dout, cache, swap=True)
