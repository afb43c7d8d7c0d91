"""Batch normalisation (over the examples) and layer normalisation (over the features of each example)."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Cache = tuple[Array, Array, Array, str]
RUNNING = ("running_mean", "running_var")


def batchnorm_forward(x: Array, gamma: Array, beta: Array, bn_param: dict[str, Any]) -> tuple[Array, Cache]:
    """gamma·(x − mean)/√(var + eps) + beta, a feature at a time. The answer to `batchnorm_forward` in notebook 05.

    x: (N, D); gamma, beta: (D,). bn_param: "mode" is "train" (mean and biased variance of this batch) or "test" (the
    running ones); "eps" (1e-5), "momentum" (0.9). In training `running_mean` and `running_var`, kept in `bn_param`
    and beginning at 0, become momentum·running + (1 − momentum)·batch. Returns out (N, D) and a cache.
    Raises ValueError for another mode or shape. Source: Ioffe and Szegedy, 2015, algorithm 1.
    """
    _check("batchnorm_forward", x, gamma, beta)
    return normalize_channels("batchnorm_forward", x, gamma, beta, bn_param)


def batchnorm_backward(dout: Array, cache: Cache) -> tuple[Array, Array, Array]:
    """Gradients (dx, dgamma, dbeta); dout: (N, D). The answer to `batchnorm_backward` in notebook 05.

    In training the batch's mean and variance depend on x too; after a forward pass in test mode they are constants.
    """
    return channel_gradients("batchnorm_backward", dout, cache)


def normalize_channels(name: str, x: Array, gamma: Array, beta: Array, bn_param: dict[str, Any]) -> tuple[Array, Cache]:
    """Batch normalisation of x (N, C, ...) with the statistics of each channel over all other axes."""
    mode = bn_param.get("mode")
    if mode not in ("train", "test"):
        raise ValueError(f'{name}: bn_param["mode"] is {mode!r}; it is "train" or "test"')
    rows = x.reshape(*x.shape[:2], -1)  # (N, C, P): P pixels of a channel, 1 for features
    running = [bn_param.get(key, np.zeros(x.shape[1], x.dtype)) for key in RUNNING]
    mean, var = running
    if mode == "train":
        mean = rows.mean(axis=(0, 2))
    normalized = rows - mean[:, None]
    if mode == "train":
        var = _channel_sums(normalized, normalized) / (x.size // x.shape[1])
        keep = float(bn_param.get("momentum", 0.9))
        for key, old, new in zip(RUNNING, running, (mean, var), strict=True):
            bn_param[key] = keep * old + (1 - keep) * new
    inverse = 1 / np.sqrt(var + float(bn_param.get("eps", 1e-5)))
    normalized *= inverse[:, None]
    out = gamma.reshape(-1, 1) * normalized + beta.reshape(-1, 1)
    return out.reshape(x.shape), (normalized.reshape(x.shape), gamma, inverse, mode)


def channel_gradients(name: str, dout: Array, cache: Cache) -> tuple[Array, Array, Array]:
    """(dx, dgamma, dbeta) of `normalize_channels`; dout: (N, C, ...), of the shape of its output."""
    normalized, gamma, inverse, mode = cache
    if dout.shape != normalized.shape:
        raise ValueError(f"{name}: dout has shape {dout.shape}; out has {normalized.shape}")
    rows, normalized = (each.reshape(*dout.shape[:2], -1) for each in (dout, normalized))
    dgamma, dbeta = _channel_sums(rows, normalized), rows.sum(axis=(0, 2))
    scale = gamma.reshape(-1) * inverse
    dx = rows * scale[:, None]
    if mode == "train":
        share = scale / (dout.size // dout.shape[1])
        dx -= normalized * (share * dgamma)[:, None]
        dx -= (share * dbeta)[:, None]
    return dx.reshape(dout.shape), dgamma.reshape(gamma.shape), dbeta.reshape(gamma.shape)


def _channel_sums(a: Array, b: Array) -> Array:
    return np.einsum("ncp,ncp->c", a, b)


def layernorm_forward(x: Array, gamma: Array, beta: Array, ln_param: dict[str, Any]) -> tuple[Array, Cache]:
    """gamma·(x − mean)/√(var + eps) + beta with mean and biased variance of each row, in training as in test.

    x: (N, D); gamma, beta: (D,); ln_param: "eps" (1e-5). Returns out (N, D) and a cache. Raises ValueError for other
    shapes. The answer to `layernorm_forward` in notebook 05. Source: Ba, Kiros and Hinton, 2016, equation 3.
    """
    _check("layernorm_forward", x, gamma, beta)
    inverse = 1 / np.sqrt(x.var(axis=1, keepdims=True) + float(ln_param.get("eps", 1e-5)))
    normalized = (x - x.mean(axis=1, keepdims=True)) * inverse
    return gamma * normalized + beta, (normalized, gamma, inverse, "layer")


def layernorm_backward(dout: Array, cache: Cache) -> tuple[Array, Array, Array]:
    """Gradients (dx, dgamma, dbeta); dout: (N, D). The answer to `layernorm_backward` in notebook 05."""
    normalized, gamma, inverse, _ = cache
    dnorm = dout * gamma
    mean = dnorm.mean(axis=1, keepdims=True)
    dx = inverse * (dnorm - mean - normalized * (dnorm * normalized).mean(axis=1, keepdims=True))
    return dx, (dout * normalized).sum(axis=0).reshape(gamma.shape), dout.sum(axis=0).reshape(gamma.shape)


def _check(function: str, x: Array, gamma: Array, beta: Array) -> None:
    if x.ndim != 2 or len(x) == 0:
        raise ValueError(f"{function}: x of shape (N, D) with at least one row is needed, not {x.shape}")
    for name, value in (("gamma", gamma), ("beta", beta)):
        if value.shape not in ((x.shape[1],), (1, x.shape[1])):
            raise ValueError(f"{function}: {name} has shape {value.shape}; x has {x.shape[1]} features")
