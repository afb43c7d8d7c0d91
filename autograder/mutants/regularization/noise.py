"""The extensions Gaussian noise and DropConnect: other right ways, and mistakes."""

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


_gaussian(
    "noise_from_elsewhere",
    "The noise does not come from the generator in noise_param.",
    n=lambda d, x: np.random.default_rng().normal(size=x.shape),
)
_gaussian("one_noise_for_all", "One number shakes the whole array: draw a number for every entry.",
          n=lambda d, x: d.normal() * np.ones(x.shape))  # fmt: skip
_gaussian(
    "noise_cached_for_add",
    "For added noise the gradient is multiplied by the noise: there the slope of out by x is 1.",
    noisy=lambda x, param, n: (_noisy(x, param, n)[0], param["sigma"] * n + (param["kind"] == "multiply")),
)


@mutant("gaussian_noise", "x is changed in place: return a new array.", replaces="gaussian_noise_forward")
def noise_in_place(x, noise_param):
    if noise_param["mode"] == "test":
        return x, None
    out, cache = _noisy(x, noise_param, _draws(noise_param).normal(size=x.shape))
    x[...] = out
    return x, cache


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


_dropconnect(
    "weights_from_elsewhere",
    "The mask does not come from the generator in dropconnect_param.",
    lambda d, w, p: (np.random.default_rng().random(w.shape) < p) / p,
)
_dropconnect(
    "outputs_dropped",
    "The outputs are masked, not the weights: that is dropout.",
    output=lambda x, used, b, m: (
        (x @ np.divide(used, m, out=np.zeros(m.shape), where=m > 0)) * m[np.arange(len(x)) % len(m)] + b
    ),
)


@mutant(
    "dropconnect",
    "Every example has a mask of its own: here one mask of the shape of w serves the whole batch.",
    replaces="dropconnect_forward",
)
def a_mask_for_each_example(x, w, b, dropconnect_param):
    p = dropconnect_param["p"]
    if dropconnect_param["mode"] == "test":
        return x @ w + b, (x, w, None)
    m = (_draws(dropconnect_param).random((len(x), *w.shape)) < p) / p
    return np.einsum("nd,ndm->nm", x, m * w) + b, (x, m[0] * w, m[0])


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
