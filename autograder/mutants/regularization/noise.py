"""The extensions Gaussian noise, DropConnect and stochastic depth: other right ways, and mistakes."""

import numpy as np

from autograder.testing import alternative, mutant


def _draws(param):
    return np.random.default_rng(param["seed"]) if "seed" in param else param["rng"]


def _named(name, function):
    function.__name__ = name
    return function


# Gaussian noise --------------------------------------------------------------------------------------------------------


def _noisy(x, param, n):
    noise = param["sigma"] * n
    if param["kind"] == "add":
        return x + noise, None
    return x * (1 + noise), 1 + noise


@alternative("gaussian_noise", "normal numbers of the right spread at once", replaces="gaussian_noise_forward")
def right_spread(x, noise_param):
    if noise_param["mode"] != "train":
        return np.array(x), None
    if noise_param["kind"] == "multiply":
        factor = _draws(noise_param).normal(1.0, noise_param["sigma"], x.shape)
        return factor * x, factor
    return x + _draws(noise_param).normal(0.0, noise_param["sigma"], x.shape), None


@alternative("gaussian_noise", "a copy of dout", replaces="gaussian_noise_backward")
def copied(dout, cache):
    return np.array(dout) * (1.0 if cache is None else cache)


def _gaussian(name, sentence, n=lambda d, x: d.normal(size=x.shape), noisy=_noisy, test=lambda x, param: x):
    def gaussian_noise_forward(x, noise_param):
        if noise_param["mode"] == "test":
            return test(x, noise_param), None
        return noisy(x, noise_param, n(_draws(noise_param), x))

    mutant("gaussian_noise", sentence, replaces="gaussian_noise_forward")(_named(name, gaussian_noise_forward))


_gaussian(
    "sigma_as_variance",
    "sigma is taken as the variance of the noise; it is its standard deviation.",
    noisy=lambda x, param, n: _noisy(x, {**param, "sigma": np.sqrt(param["sigma"])}, n),
)
_gaussian(
    "sigma_squared",
    "The noise is multiplied by the square of sigma; sigma is its standard deviation.",
    noisy=lambda x, param, n: _noisy(x, {**param, "sigma": param["sigma"] ** 2}, n),
)
_gaussian(
    "uniform_noise", "The noise is uniform; it should be normal.", n=lambda d, x: np.sqrt(3) * d.uniform(-1, 1, x.shape)
)
_gaussian("positive_noise", "The noise is never negative: uniform numbers from 0 to 1 are no standard normal numbers.",
          n=lambda d, x: d.random(x.shape))  # fmt: skip
_gaussian(
    "always_added",
    'The noise is added for "multiply" as well.',
    noisy=lambda x, param, n: (x + param["sigma"] * n, None),
)
_gaussian(
    "always_multiplied",
    'The noise is multiplied for "add" as well.',
    noisy=lambda x, param, n: (x * (1 + param["sigma"] * n), 1 + param["sigma"] * n),
)
_gaussian(
    "one_is_missing",
    "For the multiplied kind the factor is 1 plus noise; the 1 is missing, so the mean is 0.",
    noisy=lambda x, param, n: (
        _noisy(x, param, n) if param["kind"] == "add" else (x * param["sigma"] * n, param["sigma"] * n)
    ),
)
_gaussian(
    "noise_shared_by_rows",
    "All rows receive the same noise: draw a number for every entry.",
    n=lambda d, x: d.normal(size=x.shape[1:]) * np.ones(x.shape),
)
_gaussian(
    "same_noise_always",
    "Every call gives the same noise: draw from generator_of(noise_param).",
    n=lambda d, x: np.random.default_rng(0).normal(size=x.shape),
)


@mutant("gaussian_noise", "There is noise in test mode, too.", replaces="gaussian_noise_forward")
def noise_always(x, noise_param):
    return _noisy(x, noise_param, _draws(noise_param).normal(size=x.shape))


@mutant("gaussian_noise", "The gradient passes as it is for the multiplied kind, too: there out is x times a factor.",
        replaces="gaussian_noise_backward")  # fmt: skip
def factor_forgotten(dout, cache):
    return dout * 1.0


@mutant("gaussian_noise", "The backward pass draws new noise: it must use the factor of the forward pass.",
        replaces="gaussian_noise_backward")  # fmt: skip
def new_noise(dout, cache):
    return dout if cache is None else dout * (1 + np.std(cache) * np.random.default_rng(3).normal(size=dout.shape))


# DropConnect -----------------------------------------------------------------------------------------------------------


@alternative("dropconnect", "zeros written into a copy of the weights", replaces="dropconnect_forward")
def written_zeros(x, w, b, dropconnect_param):
    mask = np.ones(w.shape)
    if dropconnect_param["mode"] == "train":
        p = dropconnect_param["p"]
        mask = _draws(dropconnect_param).binomial(1, p, size=w.shape) / p
    return np.dot(x, w * mask) + b, (x, w * mask, mask)


@alternative("dropconnect", "sums by einsum", replaces="dropconnect_backward")
def by_einsum(dout, cache):
    x, used, mask = cache
    dw = np.einsum("nd,nm->dm", x, dout)
    return np.einsum("nm,dm->nd", dout, used), dw * (1.0 if mask is None else mask), np.einsum("nm->m", dout)


def _dropconnect(name, sentence, mask=None, test=lambda w, p: w, output=None):
    mask = mask or (lambda d, w, p: (d.random(w.shape) < p) / p)
    output = output or (lambda x, used, b, m: x @ used + b)

    def dropconnect_forward(x, w, b, dropconnect_param):
        p = dropconnect_param["p"]
        if dropconnect_param["mode"] == "test":
            used = test(w, p)
            return x @ used + b, (x, used, None)
        m = np.broadcast_to(mask(_draws(dropconnect_param), w, p), w.shape)
        return output(x, m * w, b, m), (x, m * w, m)

    mutant("dropconnect", sentence, replaces="dropconnect_forward")(_named(name, dropconnect_forward))


_dropconnect(
    "weights_above_p",
    "A weight is kept with probability 1 - p: a uniform number is below p with probability p, not above.",
    lambda d, w, p: (d.random(w.shape) > p) / p,
)
_dropconnect(
    "weights_unscaled", "The kept weights are not divided by p.", lambda d, w, p: (d.random(w.shape) < p) * 1.0
)
_dropconnect(
    "whole_rows",
    "Whole rows of the weights fall together: that is dropout of the inputs. Every weight has its own draw.",
    lambda d, w, p: (d.random((len(w), 1)) < p) / p,
)
_dropconnect(
    "whole_columns",
    "Whole columns of the weights fall together: that is dropout of the outputs. Every weight has its own draw.",
    lambda d, w, p: (d.random((1, w.shape[1])) < p) / p,
)
_dropconnect(
    "weights_scaled_twice", "The weights are scaled in test mode as well as in training.", test=lambda w, p: p * w
)
_dropconnect(
    "bias_dropped",
    "The bias is dropped and scaled as well; only weights are.",
    output=lambda x, used, b, m: x @ used + b * m[:1],
)
_dropconnect(
    "same_weights_always",
    "Every call drops the same weights: draw from generator_of(dropconnect_param).",
    lambda d, w, p: (np.random.default_rng(0).random(w.shape) < p) / p,
)


@mutant("dropconnect", "Weights are dropped in test mode, too.", replaces="dropconnect_forward")
def weights_always_dropped(x, w, b, dropconnect_param):
    m = (_draws(dropconnect_param).random(w.shape) < dropconnect_param["p"]) / dropconnect_param["p"]
    return x @ (m * w) + b, (x, m * w, m)


def _dropconnect_back(name, sentence, backward):
    mutant("dropconnect", sentence, replaces="dropconnect_backward")(_named(name, backward))


_dropconnect_back(
    "mask_missing_in_dw",
    "dw lacks the mask: a weight that was dropped has no gradient, one that was kept has it divided by p.",
    lambda dout, cache: (dout @ cache[1].T, cache[0].T @ dout, dout.sum(axis=0)),
)
_dropconnect_back(
    "dw_unscaled",
    "dw lacks the division by p for the weights that were kept.",
    lambda dout, cache: (
        dout @ cache[1].T,
        cache[0].T @ dout * (1.0 if cache[2] is None else cache[2] > 0),
        dout.sum(axis=0),
    ),
)
_dropconnect_back(
    "dx_unscaled",
    "dx lacks the division by p: it sees the weights that were used.",
    lambda dout, cache: (
        dout @ (cache[1] if cache[2] is None else cache[1] / np.max(cache[2])).T,
        cache[0].T @ dout * (1.0 if cache[2] is None else cache[2]),
        dout.sum(axis=0),
    ),
)
_dropconnect_back(
    "db_a_mean",
    "db is a mean over the examples; it is their sum.",
    lambda dout, cache: (
        dout @ cache[1].T,
        cache[0].T @ dout * (1.0 if cache[2] is None else cache[2]),
        dout.mean(axis=0),
    ),
)


# Stochastic depth ------------------------------------------------------------------------------------------------------


def _per_example(d, x, p):
    return (d.random((len(x),) + (1,) * (x.ndim - 1)) < p) * 1.0


@alternative("stochastic_depth", "an example at a time", replaces="stochastic_depth_forward")
def by_example(x, block, depth_param):
    p = depth_param["p"]
    if depth_param["mode"] == "test":
        return x + block * p, p
    kept = np.array([_draws_once < p for _draws_once in _draws(depth_param).random(len(x))], float)
    out = np.array([x[n] + block[n] if kept[n] else x[n] for n in range(len(x))])
    return out, kept.reshape((-1,) + (1,) * (x.ndim - 1))


@alternative("stochastic_depth", "copies of both gradients", replaces="stochastic_depth_backward")
def both_copied(dout, cache):
    return np.array(dout), np.multiply(dout, cache)


def _depth(name, sentence, kept=_per_example, test=lambda p: p, out=None):
    out = out or (lambda x, block, m: x + m * block)

    def stochastic_depth_forward(x, block, depth_param):
        p = depth_param["p"]
        if depth_param["mode"] == "test":
            return x + test(p) * block, test(p)
        m = kept(_draws(depth_param), x, p)
        return out(x, block, m), m

    mutant("stochastic_depth", sentence, replaces="stochastic_depth_forward")(_named(name, stochastic_depth_forward))


_depth("not_rescaled", "In test mode the block comes whole; in training it is there only with probability p.",
       test=lambda p: 1.0)  # fmt: skip
_depth("rescaled_by_the_rest", "In test mode the block is multiplied by 1 - p; p is the probability of keeping it.",
       test=lambda p: 1 - p)  # fmt: skip
_depth("divided_in_training", "The kept block is divided by p in training, and multiplied by p in test mode as well.",
       kept=lambda d, x, p: _per_example(d, x, p) / p)  # fmt: skip
_depth("blocks_above_p", "The block is kept with probability 1 - p: compare the other way round.",
       kept=lambda d, x, p: 1.0 - _per_example(d, x, p))  # fmt: skip
_depth("a_draw_an_entry", "Every entry has its own draw: a block is kept or dropped as a whole for an example.",
       kept=lambda d, x, p: (d.random(x.shape) < p) * 1.0)  # fmt: skip
_depth("a_draw_a_batch", "All examples share one draw: every example has its own.",
       kept=lambda d, x, p: (d.random() < p) * np.ones((len(x),) + (1,) * (x.ndim - 1)))  # fmt: skip
_depth("shortcut_dropped", "x is dropped together with the block: x always passes.",
       out=lambda x, block, m: m * (x + block))  # fmt: skip
_depth("same_depth_always", "Every call gives the same draws: draw from generator_of(depth_param).",
       kept=lambda d, x, p: _per_example(np.random.default_rng(0), x, p))  # fmt: skip


@mutant("stochastic_depth", "Blocks are dropped in test mode, too.", replaces="stochastic_depth_forward")
def depth_always_random(x, block, depth_param):
    m = _per_example(_draws(depth_param), x, depth_param["p"])
    return x + m * block, m


def _depth_back(name, sentence, backward):
    mutant("stochastic_depth", sentence, replaces="stochastic_depth_backward")(_named(name, backward))


_depth_back("block_gradient_whole", "The block receives the whole gradient, though it was dropped or scaled.",
            lambda dout, cache: (dout * 1.0, dout * 1.0))  # fmt: skip
_depth_back("x_gradient_dropped", "dx is dropped with the block: x always passes, and so does its gradient.",
            lambda dout, cache: (dout * cache, dout * cache))  # fmt: skip
_depth_back("gradients_exchanged", "The two gradients are exchanged: dx comes first.",
            lambda dout, cache: (dout * cache, dout * 1.0))  # fmt: skip
