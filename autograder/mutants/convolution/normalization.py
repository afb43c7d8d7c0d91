"""`spatial_batchnorm`: mistakes, and other correct solutions. Caches are those of batchnorm_forward on rows of pixels."""

import numpy as np

from autograder.testing import alternative, mutant
from course_utils.nn import batchnorm_backward, batchnorm_forward


def _rows(x):
    return np.moveaxis(x, 1, 3).reshape(-1, x.shape[1])


def _images(rows, shape):
    n, channels, height, width = shape
    return np.moveaxis(rows.reshape(n, height, width, channels), 3, 1)


@alternative("spatial_batchnorm", "moveaxis to rows", replaces="spatial_batchnorm_forward")
def moved_to_rows(x, gamma, beta, bn_param):
    out, cache = batchnorm_forward(_rows(x), gamma, beta, bn_param)
    return _images(out, x.shape), cache


@alternative(
    "spatial_batchnorm", "rows in the order of the pixels, formula by hand", replaces="spatial_batchnorm_forward"
)
def formula_by_hand(x, gamma, beta, bn_param):
    axes, mode = (0, 2, 3), bn_param["mode"]
    mean, variance = x.mean(axis=axes), x.var(axis=axes)
    if mode == "train":
        keep = bn_param.get("momentum", 0.9)
        for key, new in (("running_mean", mean), ("running_var", variance)):
            bn_param[key] = keep * bn_param.get(key, np.zeros_like(new)) + (1 - keep) * new
    else:
        mean, variance = bn_param["running_mean"], bn_param["running_var"]
    inverse = 1 / np.sqrt(variance + bn_param.get("eps", 1e-5))
    normalized = (x - mean[:, None, None]) * inverse[:, None, None]
    out = gamma[:, None, None] * normalized + beta[:, None, None]
    return out, (_rows(normalized), gamma, inverse, mode)


@alternative("spatial_batchnorm", "rows back and forth", replaces="spatial_batchnorm_backward")
def rows_backwards(dout, cache):
    dx, dgamma, dbeta = batchnorm_backward(_rows(dout), cache)
    return _images(dx, dout.shape), dgamma, dbeta


def _forward_slip(name, sentence, work):
    work.__name__ = name
    mutant("spatial_batchnorm", f"spatial_batchnorm_forward: {sentence}", replaces="spatial_batchnorm_forward")(work)


def _backward_slip(name, sentence, work):
    work.__name__ = name
    mutant("spatial_batchnorm", f"spatial_batchnorm_backward: {sentence}", replaces="spatial_batchnorm_backward")(work)


def _right(x, gamma, beta, bn_param):
    return moved_to_rows(x, gamma, beta, bn_param)


def _not_moved(x, gamma, beta, bn_param):
    out, cache = batchnorm_forward(x.reshape(-1, x.shape[1]), gamma, beta, bn_param)
    return out.reshape(x.shape), cache


def _by_hand(axes):
    """Statistics over the wrong axes, spread to channels for the running ones."""

    def work(x, gamma, beta, bn_param):
        statistics = dict(bn_param)
        _, cache = _right(x.copy(), gamma, beta, statistics)
        bn_param.update(statistics)
        if bn_param["mode"] == "test":
            return _right(x, gamma, beta, bn_param)
        mean, variance = x.mean(axis=axes, keepdims=True), x.var(axis=axes, keepdims=True)
        normalized = (x - mean) / np.sqrt(variance + bn_param.get("eps", 1e-5))
        return gamma[:, None, None] * normalized + beta[:, None, None], cache

    return work


_forward_slip(
    "axes_not_moved",
    "the images are reshaped to (N·H·W, C) without moving the channels to the end: numbers of several channels are mixed.",
    _not_moved,
)
_forward_slip(
    "over_examples_only",
    "mean and variance are taken over the examples only, for each pixel by itself: take them over height and width as well.",
    _by_hand((0,)),
)
_forward_slip(
    "for_each_image",
    "mean and variance are taken for each image by itself: take them over the whole batch.",
    _by_hand((2, 3)),
)
_forward_slip(
    "over_channels",
    "mean and variance are taken over the channels: each channel has its own.",
    _by_hand((1,)),
)
_forward_slip(
    "over_everything",
    "there is one mean and one variance for everything: each channel has its own.",
    _by_hand((0, 1, 2, 3)),
)


def _back_without_moving(x, gamma, beta, bn_param):
    out, cache = batchnorm_forward(_rows(x), gamma, beta, bn_param)
    return out.reshape(x.shape), cache


def _height_and_width_exchanged(x, gamma, beta, bn_param):
    out, cache = _right(x, gamma, beta, bn_param)
    return out.swapaxes(2, 3).reshape(x.shape), cache


def _without_shift(x, gamma, beta, bn_param):
    return _right(x, gamma, np.zeros_like(beta), bn_param)


def _copy_of_bn_param(x, gamma, beta, bn_param):
    return _right(x, gamma, beta, dict(bn_param))


def _always_training(x, gamma, beta, bn_param):
    if bn_param["mode"] == "train":
        return _right(x, gamma, beta, bn_param)
    return _right(x, gamma, beta, {"mode": "train"})


def _x_centred(x, gamma, beta, bn_param):
    out, cache = _right(x.copy(), gamma, beta, bn_param)
    x -= x.mean(axis=(0, 2, 3), keepdims=True)
    return out, cache


_forward_slip(
    "not_moved_back",
    "the rows are reshaped to (N, C, H, W) without moving the channels back: reshape to (N, H, W, C) first, then transpose.",
    _back_without_moving,
)
_forward_slip("height_and_width_exchanged", "height and width come back exchanged.", _height_and_width_exchanged)
_forward_slip("shift_forgotten", "the shift beta is not added.", _without_shift)
_forward_slip(
    "running_statistics_lost",
    "the running statistics are renewed in a copy of bn_param, which is thrown away.",
    _copy_of_bn_param,
)
_forward_slip(
    "always_training", "in test mode the statistics of the batch are used, not the running ones.", _always_training
)
_forward_slip("x_centred_in_place", "x is changed; leave it as it is.", _x_centred)


def _dout_not_moved(dout, cache):
    dx, dgamma, dbeta = batchnorm_backward(dout.reshape(-1, dout.shape[1]), cache)
    return dx.reshape(dout.shape), dgamma, dbeta


def _dx_not_moved_back(dout, cache):
    dx, dgamma, dbeta = batchnorm_backward(_rows(dout), cache)
    return dx.reshape(dout.shape), dgamma, dbeta


def _constants(dout, cache):
    normalized, gamma, inverse, _ = cache
    dx = _rows(dout) * gamma * inverse
    return _images(dx, dout.shape), (_rows(dout) * normalized).sum(axis=0), _rows(dout).sum(axis=0)


def _gains_averaged(dout, cache):
    dx, dgamma, dbeta = rows_backwards(dout, cache)
    return dx, dgamma / len(dout), dbeta / len(dout)


def _gains_exchanged(dout, cache):
    dx, dgamma, dbeta = rows_backwards(dout, cache)
    return dx, dbeta, dgamma


_backward_slip(
    "dout_not_moved",
    "dout is reshaped to (N·H·W, C) without moving the channels to the end.",
    _dout_not_moved,
)
_backward_slip(
    "dx_not_moved_back",
    "dx is reshaped to (N, C, H, W) without moving the channels back.",
    _dx_not_moved_back,
)
_backward_slip(
    "statistics_as_constants", "mean and variance are treated as constants: in training they depend on x.", _constants
)
_backward_slip("gradients_averaged", "dgamma and dbeta are divided by the number of images.", _gains_averaged)
_backward_slip("gradients_exchanged", "the order is dx, dgamma, dbeta.", _gains_exchanged)
