"""Layer normalisation: other right ways, and mistakes. Caches are those of the notebook's solution."""

import numpy as np

from autograder.testing import alternative, mutant


def forward(x, gamma, beta, ln_param, axis=1, variance=np.var, root=lambda var, eps: np.sqrt(var + eps)):
    """The right forward pass in steps, each of which a mutant may replace. The cache is always the right one."""
    eps = ln_param.get("eps", 1e-5)
    std = np.sqrt(np.var(x, axis=1, keepdims=True) + eps)
    cache = (x - x.mean(axis=1, keepdims=True)) / std, gamma, std
    x_hat = (x - x.mean(axis=axis, keepdims=True)) / root(variance(x, axis=axis, keepdims=True), eps)
    return gamma * x_hat + beta, cache


def backward(dout, cache, mean=1.0, along=1.0, gain_first=True):
    """The right backward pass, its paths with a factor each."""
    x_hat, gamma, std = cache
    inside, outside = (dout * gamma, 1.0) if gain_first else (dout, gamma)
    means = mean * inside.mean(axis=1, keepdims=True)
    part = along * x_hat * (inside * x_hat).mean(axis=1, keepdims=True)
    return outside * (inside - means - part) / std, (dout * x_hat).sum(axis=0), dout.sum(axis=0)


@alternative("layernorm", "on the transposed array", replaces="layernorm_forward")
def transposed(x, gamma, beta, ln_param):
    columns = x.T
    centred = columns - columns.mean(axis=0)
    std = (np.mean(centred**2, axis=0) + ln_param.get("eps", 1e-5)) ** 0.5
    x_hat = (centred / std).T
    return x_hat * gamma + beta, (x_hat, gamma, std[:, np.newaxis])


@alternative("layernorm", "example by example", replaces="layernorm_forward")
def example_by_example(x, gamma, beta, ln_param):
    eps = ln_param.get("eps", 1e-5)
    x_hat, std = np.zeros_like(x), np.zeros((len(x), 1))
    for n, row in enumerate(x):
        std[n] = np.sqrt(row.var() + eps)
        x_hat[n] = (row - row.mean()) / std[n]
    return gamma * x_hat + beta, (x_hat, gamma, std)


@alternative("layernorm", "the short form with D in front", replaces="layernorm_backward")
def short_form(dout, cache):
    x_hat, gamma, std = cache
    D = dout.shape[1]
    g = gamma * dout
    dx = (D * g - g.sum(1, keepdims=True) - x_hat * (g * x_hat).sum(1, keepdims=True)) / (D * std)
    return dx, np.sum(dout * x_hat, axis=0), np.sum(dout, axis=0)


@alternative("layernorm", "the three paths, gain and shift as rows", replaces="layernorm_backward")
def three_paths(dout, cache):
    x_hat, gamma, std = cache
    D, g = dout.shape[1], gamma * dout
    dvar = np.sum(g * x_hat * std, axis=1, keepdims=True) * -0.5 * std**-3
    dmean = -np.sum(g / std, axis=1, keepdims=True)
    dx = g / std + dvar * 2 * x_hat * std / D + dmean / D
    return dx, np.sum(dout * x_hat, axis=0, keepdims=True), np.sum(dout, axis=0, keepdims=True)


@mutant(
    "layernorm",
    "Columns are standardised (axis 0), as in batch normalisation: statistics belong to rows.",
    "layernorm_forward",
)
def wrong_axis(x, gamma, beta, ln_param):
    return forward(x, gamma, beta, ln_param, axis=0)


@mutant(
    "layernorm", "One mean and one variance are taken of the whole array: every row has its own.", "layernorm_forward"
)
def one_for_all(x, gamma, beta, ln_param):
    return forward(x, gamma, beta, ln_param, axis=None)


@mutant("layernorm", "The variance is divided by D - 1 (ddof=1): here it is divided by D.", "layernorm_forward")
def sample_variance(x, gamma, beta, ln_param):
    return forward(x, gamma, beta, ln_param, variance=lambda x, **options: np.var(x, ddof=1, **options))


@mutant("layernorm", "eps is added outside the root: it belongs to the variance, inside.", "layernorm_forward")
def eps_outside(x, gamma, beta, ln_param):
    return forward(x, gamma, beta, ln_param, root=lambda var, eps: np.sqrt(var) + eps)


@mutant("layernorm", "eps is always 1e-5: the caller's, in ln_param, is ignored.", "layernorm_forward")
def eps_fixed(x, gamma, beta, ln_param):
    return forward(x, gamma, beta, ln_param, root=lambda var, eps: np.sqrt(var + 1e-5))


@mutant("layernorm", "The square root is missing: x is divided by the variance.", "layernorm_forward")
def no_root(x, gamma, beta, ln_param):
    return forward(x, gamma, beta, ln_param, root=lambda var, eps: var + eps)


@mutant("layernorm", "Gain and shift are missing in the output.", "layernorm_forward")
def no_gain_or_shift(x, gamma, beta, ln_param):
    _, cache = forward(x, gamma, beta, ln_param)
    return cache[0].copy(), cache


@mutant(
    "layernorm",
    "x itself is changed: x -= mean reaches the caller's array. Subtract into a new one.",
    "layernorm_forward",
)
def changes_x(x, gamma, beta, ln_param):
    result = forward(x, gamma, beta, ln_param)
    x -= x.mean(axis=1, keepdims=True)
    return result


@mutant("layernorm", "dx treats mean and variance as constants: both depend on x.", "layernorm_backward")
def constants(dout, cache):
    return backward(dout, cache, mean=0, along=0)


@mutant("layernorm", "The path through the mean is missing in dx.", "layernorm_backward")
def no_mean_path(dout, cache):
    return backward(dout, cache, mean=0)


@mutant("layernorm", "The path through the variance is missing in dx.", "layernorm_backward")
def no_variance_path(dout, cache):
    return backward(dout, cache, along=0)


@mutant(
    "layernorm",
    "The gain is multiplied in after the sums over the features: it differs along them, so it must come first.",
    "layernorm_backward",
)
def gain_after_the_sums(dout, cache):
    return backward(dout, cache, gain_first=False)


@mutant("layernorm", "The gain is missing in dx.", "layernorm_backward")
def no_gain_in_dx(dout, cache):
    x_hat, gamma, std = cache
    return backward(dout, (x_hat, np.ones_like(gamma), std))


@mutant(
    "layernorm",
    "dx sums over the examples, as in batch normalisation: its sums run over the features of a row.",
    "layernorm_backward",
)
def sums_over_examples(dout, cache):
    x_hat, gamma, std = cache
    g = dout * gamma
    dx = (g - g.mean(axis=0) - x_hat * (g * x_hat).mean(axis=0)) / std
    return dx, *backward(dout, cache)[1:]


@mutant("layernorm", "dgamma and dbeta are means over the batch; they are sums.", "layernorm_backward")
def means(dout, cache):
    dx, dgamma, dbeta = backward(dout, cache)
    return dx, dgamma / len(dout), dbeta / len(dout)


@mutant("layernorm", "dgamma and dbeta are exchanged: the order is dx, dgamma, dbeta.", "layernorm_backward")
def exchanged(dout, cache):
    dx, dgamma, dbeta = backward(dout, cache)
    return dx, dbeta, dgamma


@mutant("layernorm", "dgamma lacks the standardised values: it is the sum of dout times them.", "layernorm_backward")
def gain_without_x_hat(dout, cache):
    dx, _, dbeta = backward(dout, cache)
    return dx, dbeta.copy(), dbeta


@mutant("layernorm", "The results are right, but dout was changed in place: work on a new array.", "layernorm_backward")
def changes_dout(dout, cache):
    result = backward(dout, cache)
    dout *= cache[1]
    return result
