"""Batch normalisation's forward pass: other right ways, and mistakes. Caches are those of the notebook's solution."""

import numpy as np

from autograder.testing import alternative, mutant


def _settings(x, bn_param):
    D = x.shape[1]
    if bn_param["mode"] not in ("train", "test"):
        raise ValueError(bn_param["mode"])
    return (
        bn_param.get("eps", 1e-5),
        bn_param.get("momentum", 0.9),
        bn_param.get("running_mean", np.zeros(D, x.dtype)),
        bn_param.get("running_var", np.zeros(D, x.dtype)),
    )


def _standardised(x, mean, std, gamma, beta):
    x_hat = (x - mean) / std
    return gamma * x_hat + beta, (x_hat, gamma, std)


def forward(
    x,
    gamma,
    beta,
    bn_param,
    variance=lambda x: x.var(axis=0),
    root=lambda var, eps: np.sqrt(var + eps),
    to_average=lambda x: (x.mean(axis=0), x.var(axis=0)),
    standardised=_standardised,
):
    """The right forward pass in steps, each of which a mutant may replace."""
    eps, momentum, running_mean, running_var = _settings(x, bn_param)
    if bn_param["mode"] == "test":
        return _standardised(x, running_mean, root(running_var, eps), gamma, beta)
    mean, var = to_average(x)
    bn_param["running_mean"] = momentum * running_mean + (1 - momentum) * mean
    bn_param["running_var"] = momentum * running_var + (1 - momentum) * var
    return standardised(x, x.mean(axis=0), root(variance(x), eps), gamma, beta)


@alternative("batchnorm_forward", "gains, shifts and averages as rows of shape (1, D)")
def everything_in_rows(x, gamma, beta, bn_param):
    eps, momentum, running_mean, running_var = _settings(x, bn_param)
    gamma, beta = np.atleast_2d(gamma), np.atleast_2d(beta)
    mean, var = np.atleast_2d(running_mean), np.atleast_2d(running_var)
    if bn_param["mode"] == "train":
        mean = np.mean(x, axis=0, keepdims=True)
        var = np.mean(np.square(x - mean), axis=0, keepdims=True)
        bn_param["running_mean"] = momentum * np.atleast_2d(running_mean) + (1 - momentum) * mean
        bn_param["running_var"] = momentum * np.atleast_2d(running_var) + (1 - momentum) * var
    std = np.sqrt(var + eps)
    x_hat = (x - mean) / std
    return gamma * x_hat + beta, (x_hat, gamma[0], std[0])


@alternative("batchnorm_forward", "feature by feature, averages changed in place")
def feature_by_feature(x, gamma, beta, bn_param):
    N, D = x.shape
    mode, eps = bn_param["mode"], bn_param.get("eps", 1e-5)
    mean = bn_param.setdefault("running_mean", np.zeros(D))
    var = bn_param.setdefault("running_var", np.zeros(D))
    out, x_hat, std = np.zeros((N, D)), np.zeros((N, D)), np.zeros(D)
    for d in range(D):
        if mode == "train":
            m, momentum = sum(x[:, d]) / N, bn_param.get("momentum", 0.9)
            v = sum((value - m) ** 2 for value in x[:, d]) / N
            mean[d] += (1 - momentum) * (m - mean[d])
            var[d] += (1 - momentum) * (v - var[d])
        elif mode == "test":
            m, v = mean[d], var[d]
        else:
            raise ValueError(f"no mode {mode}")
        std[d] = (v + eps) ** 0.5
        x_hat[:, d] = (x[:, d] - m) / std[d]
        out[:, d] = gamma[d] * x_hat[:, d] + beta[d]
    return out, (x_hat, gamma, std)


@alternative("batchnorm_forward", "test time as one scale and one offset, without a cache")
def scale_and_offset(x, gamma, beta, bn_param):
    eps, _, mean, var = _settings(x, bn_param)
    if bn_param["mode"] == "train":
        return forward(x, gamma, beta, bn_param)
    scale = gamma / np.sqrt(var + eps)
    return x * scale + (beta - mean * scale), None


@mutant("batchnorm_forward", "The variance is divided by N - 1 (ddof=1): here it is divided by N.")
def sample_variance(x, gamma, beta, bn_param):
    def variance(x):
        return x.var(axis=0) * len(x) / max(1, len(x) - 1)

    return forward(x, gamma, beta, bn_param, variance, to_average=lambda x: (x.mean(axis=0), variance(x)))


@mutant("batchnorm_forward", "The running variance collects variances divided by N - 1; here they are divided by N.")
def sample_variance_in_the_average(x, gamma, beta, bn_param):
    def to_average(x):
        return x.mean(axis=0), x.var(axis=0) * len(x) / max(1, len(x) - 1)

    return forward(x, gamma, beta, bn_param, to_average=to_average)


@mutant("batchnorm_forward", "eps is added outside the root: it belongs to the variance, inside.")
def eps_outside(x, gamma, beta, bn_param):
    return forward(x, gamma, beta, bn_param, root=lambda var, eps: np.sqrt(var) + eps)


@mutant("batchnorm_forward", "eps is always 1e-5: the caller's, in bn_param, is ignored.")
def eps_fixed(x, gamma, beta, bn_param):
    return forward(x, gamma, beta, bn_param, root=lambda var, eps: np.sqrt(var + 1e-5))


@mutant("batchnorm_forward", "The square root is missing: x is divided by the variance.")
def no_root(x, gamma, beta, bn_param):
    return forward(x, gamma, beta, bn_param, root=lambda var, eps: var + eps)


@mutant("batchnorm_forward", "running_var collects standard deviations: it is to hold variances.")
def running_deviation(x, gamma, beta, bn_param):
    return forward(x, gamma, beta, bn_param, to_average=lambda x: (x.mean(axis=0), x.std(axis=0)))


@mutant("batchnorm_forward", "running_var collects the variance with eps added: eps belongs into the root only.")
def eps_in_the_average(x, gamma, beta, bn_param):
    eps = bn_param.get("eps", 1e-5)
    return forward(x, gamma, beta, bn_param, to_average=lambda x: (x.mean(axis=0), x.var(axis=0) + eps))


@mutant("batchnorm_forward", "The momentum multiplies the new batch: it must multiply the old running average.")
def momentum_swapped(x, gamma, beta, bn_param):
    return _with_momentum(x, gamma, beta, bn_param, 1 - bn_param.get("momentum", 0.9))


@mutant("batchnorm_forward", "The momentum is always 0.9: the caller's, in bn_param, is ignored.")
def momentum_fixed(x, gamma, beta, bn_param):
    return _with_momentum(x, gamma, beta, bn_param, 0.9)


def _with_momentum(x, gamma, beta, bn_param, momentum):
    changed = {**bn_param, "momentum": momentum}
    result = forward(x, gamma, beta, changed)
    bn_param.update({key: value for key, value in changed.items() if key.startswith("running")})
    return result


@mutant("batchnorm_forward", "Gain and shift are forgotten in the mode 'test': they apply there as well.")
def plain_at_test_time(x, gamma, beta, bn_param):
    if bn_param["mode"] == "test":
        return forward(x, np.ones_like(gamma), np.zeros_like(beta), bn_param)
    return forward(x, gamma, beta, bn_param)


@mutant("batchnorm_forward", "The brackets around (x - mean) are missing: only the mean is divided.")
def brackets_missing(x, gamma, beta, bn_param):
    def standardised(x, mean, std, gamma, beta):
        x_hat = x - mean / std
        return gamma * x_hat + beta, ((x - mean) / std, gamma, std)

    return forward(x, gamma, beta, bn_param, standardised=standardised)


@mutant("batchnorm_forward", "The gain is missing in training.")
def no_gain(x, gamma, beta, bn_param):
    out, cache = forward(x, gamma, beta, bn_param)
    return (cache[0] + beta if bn_param["mode"] == "train" else out), cache


@mutant("batchnorm_forward", "In the mode 'test' the batch's own statistics are used: take the running averages.")
def batch_statistics_at_test_time(x, gamma, beta, bn_param):
    return forward(x, gamma, beta, bn_param if bn_param["mode"] == "train" else {**bn_param, "mode": _train(bn_param)})


def _train(bn_param):
    if bn_param["mode"] != "test":
        raise ValueError(bn_param["mode"])
    return "train"


@mutant("batchnorm_forward", "The running averages are changed in the mode 'test', too.")
def averages_move_at_test_time(x, gamma, beta, bn_param):
    result = forward(x, gamma, beta, bn_param)
    if bn_param["mode"] == "test":
        forward(x, gamma, beta, moving := {**bn_param, "mode": "train"})
        bn_param.update(running_mean=moving["running_mean"], running_var=moving["running_var"])
    return result


@mutant("batchnorm_forward", "eps is forgotten in the mode 'test'.")
def no_eps_at_test_time(x, gamma, beta, bn_param):
    changed = {**bn_param, "eps": 0.0} if bn_param["mode"] == "test" else bn_param
    return forward(x, gamma, beta, changed)


@mutant("batchnorm_forward", "In the mode 'test' x is divided by the running variance: take its root.")
def no_root_at_test_time(x, gamma, beta, bn_param):
    if bn_param["mode"] == "test":
        return forward(x, gamma, beta, bn_param, root=lambda var, eps: var + eps)
    return forward(x, gamma, beta, bn_param)


@mutant("batchnorm_forward", "The running averages are not stored in bn_param: the next call cannot see them.")
def averages_not_stored(x, gamma, beta, bn_param):
    return forward(x, gamma, beta, dict(bn_param))


@mutant("batchnorm_forward", "bn_param holds the last batch's statistics only: no average is taken.")
def last_batch_only(x, gamma, beta, bn_param):
    return _with_momentum(x, gamma, beta, bn_param, 0.0)


@mutant("batchnorm_forward", "The running averages start with the first batch's statistics: they start at zero.")
def starts_with_the_first_batch(x, gamma, beta, bn_param):
    if bn_param["mode"] == "train":
        bn_param.setdefault("running_mean", x.mean(axis=0))
        bn_param.setdefault("running_var", x.var(axis=0))
    return forward(x, gamma, beta, bn_param)


@mutant(
    "batchnorm_forward",
    "Every call starts again from zero: read the running averages that bn_param already holds.",
)
def starts_again(x, gamma, beta, bn_param):
    for name in ("running_mean", "running_var"):
        bn_param[name] = np.zeros(x.shape[1])
    return forward(x, gamma, beta, bn_param)


@mutant(
    "batchnorm_forward",
    "In training the batch is standardised with the running averages: its own mean and variance belong there.",
)
def averages_in_training(x, gamma, beta, bn_param):
    out, cache = forward(x, gamma, beta, bn_param)
    if bn_param["mode"] == "train":
        out = forward(x, gamma, beta, {**bn_param, "mode": "test"})[0]
    return out, cache


@mutant("batchnorm_forward", "running_var starts at one: it starts at zero here.")
def variance_starts_at_one(x, gamma, beta, bn_param):
    bn_param.setdefault("running_var", np.ones(x.shape[1]))
    return forward(x, gamma, beta, bn_param)


@mutant(
    "batchnorm_forward", "Rows are standardised (axis 1), as in layer normalisation: statistics belong to features."
)
def rows(x, gamma, beta, bn_param):
    def standardised(x, mean, std, gamma, beta):
        eps = bn_param.get("eps", 1e-5)
        mean, std = x.mean(axis=1, keepdims=True), np.sqrt(x.var(axis=1, keepdims=True) + eps)
        return _standardised(x, mean, std, gamma, beta)

    return forward(x, gamma, beta, bn_param, standardised=standardised)


@mutant("batchnorm_forward", "One mean and one variance are taken of the whole batch: every feature has its own.")
def one_for_all(x, gamma, beta, bn_param):
    def standardised(x, mean, std, gamma, beta):
        return _standardised(x, x.mean(), np.sqrt(x.var() + bn_param.get("eps", 1e-5)), gamma, beta)

    return forward(x, gamma, beta, bn_param, standardised=standardised)


@mutant("batchnorm_forward", "x itself is changed: x -= mean reaches the caller's array. Subtract into a new one.")
def changes_x(x, gamma, beta, bn_param):
    result = forward(x, gamma, beta, bn_param)
    x -= x.mean(axis=0)
    return result


@mutant("batchnorm_forward", "An unknown mode is treated as 'test': it must raise ValueError.")
def unknown_is_test(x, gamma, beta, bn_param):
    if bn_param["mode"] not in ("train", "test"):
        return forward(x, gamma, beta, {**bn_param, "mode": "test"})
    return forward(x, gamma, beta, bn_param)
