"""A convolution layer in plain pieces, from which right and wrong solutions of both exercises are put together."""

import numpy as np

from autograder.testing import alternative


def places(size, window, stride, pad):
    """Places along an axis; ValueError where the window does not fit."""
    way = size - window + 2 * pad
    if way < 0 or way % stride:
        raise ValueError("does not fit")
    return way // stride + 1


def settings(conv_param):
    return conv_param["stride"], conv_param["pad"]


def with_zeros(x, pad):
    return np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))


def windows(x, height, width, stride, pad):
    """(N, C, OH, OW, height, width), a view of the padded images."""
    places(x.shape[2], height, stride, pad)
    places(x.shape[3], width, stride, pad)
    return _windows(x, height, width, stride, pad)


def _windows(x, height, width, stride, pad):
    view = np.lib.stride_tricks.sliding_window_view(with_zeros(x, pad), (height, width), axis=(2, 3))
    return view[:, :, ::stride, ::stride]


def forward(x, w, b, conv_param):
    """The output of the layer."""
    sums = np.einsum("ncrtij,fcij->nfrt", windows(x, *w.shape[2:], *settings(conv_param)), w)
    return sums + np.reshape(b, (1, -1, 1, 1))


def spread(dwindows, shape, stride, pad, cut=True):
    """dwindows (N, C, OH, OW, height, width), added onto the pixels of images of that shape."""
    n, c, h, w = shape
    padded = np.zeros((n, c, h + 2 * pad, w + 2 * pad), dtype=dwindows.dtype)
    for r, t in np.ndindex(dwindows.shape[2:4]):
        top, left = r * stride, t * stride
        padded[:, :, top : top + dwindows.shape[4], left : left + dwindows.shape[5]] += dwindows[:, :, r, t]
    return padded[:, :, pad : pad + h, pad : pad + w] if cut else padded


def dx_of(dout, x, w, conv_param):
    return spread(np.einsum("nfrt,fcij->ncrtij", dout, w), x.shape, *settings(conv_param))


def dw_of(dout, x, w, conv_param):
    return np.einsum("nfrt,ncrtij->fcij", dout, windows(x, *w.shape[2:], *settings(conv_param)))


def db_of(dout, x, w, conv_param):
    return dout.sum(axis=(0, 2, 3))


# Right, in the loops that a student may write ------------------------------------------------------------------------


@alternative("conv_naive", "windows as a view, and an einsum", replaces="conv_forward_naive")
def view_and_einsum(x, w, b, conv_param):
    return forward(x, w, b, conv_param), (x, w, b, conv_param)


@alternative("conv_naive", "seven loops over single numbers, padding by asking", replaces="conv_forward_naive")
def seven_loops(x, w, b, conv_param):
    (n, channels, height, width), (filters, _, rows, columns) = x.shape, w.shape
    stride, pad = settings(conv_param)
    out = np.zeros((n, filters, places(height, rows, stride, pad), places(width, columns, stride, pad)))
    for m, f, r, t in np.ndindex(out.shape):
        out[m, f, r, t] = b[f]
        for i in range(rows):
            for j in range(columns):
                y, z = r * stride + i - pad, t * stride + j - pad
                if 0 <= y < height and 0 <= z < width:
                    for c in range(channels):
                        out[m, f, r, t] += x[m, c, y, z] * w[f, c, i, j]
    return out, (x, w, b, conv_param)


@alternative("conv_naive", "examples and kernels at once, a loop over places", replaces="conv_forward_naive")
def place_by_place(x, w, b, conv_param):
    stride, pad = settings(conv_param)
    (n, _, height, width), (filters, _, rows, columns) = x.shape, w.shape
    padded = with_zeros(x, pad)
    out = np.zeros((n, filters, places(height, rows, stride, pad), places(width, columns, stride, pad)), x.dtype)
    for r in range(out.shape[2]):
        for t in range(out.shape[3]):
            top, left = r * stride, t * stride
            seen = padded[:, np.newaxis, :, top : top + rows, left : left + columns]
            out[:, :, r, t] = (seen * w).sum(axis=(2, 3, 4)) + b
    return out, (x, w, b, conv_param)


@alternative("conv_naive", "loops over places, the padding cut off from both ends", replaces="conv_backward_naive")
def cut_from_both_ends(dout, cache):
    x, w, b, conv_param = cache
    stride, pad = settings(conv_param)
    padded = with_zeros(x, pad)
    dpadded, dw = np.zeros(padded.shape), np.zeros(w.shape)
    for r in range(dout.shape[2]):
        for t in range(dout.shape[3]):
            here = np.s_[:, :, r * stride : r * stride + w.shape[2], t * stride : t * stride + w.shape[3]]
            dpadded[here] += np.tensordot(dout[:, :, r, t], w, axes=1)
            dw += np.tensordot(dout[:, :, r, t].T, padded[here], axes=1)
    kept = slice(pad, -pad) if pad else slice(None)
    return dpadded[:, :, kept, kept], dw, dout.sum(axis=(0, 2, 3)).reshape(b.shape)


@alternative("conv_naive", "einsums, and windows added back", replaces="conv_backward_naive")
def einsums_backwards(dout, cache):
    x, w, _, conv_param = cache
    return dx_of(dout, x, w, conv_param), dw_of(dout, x, w, conv_param), db_of(dout, x, w, conv_param)


# Right, and quick ----------------------------------------------------------------------------------------------------


def fast_cache(x, w, b, conv_param):
    """What a fast forward pass may keep, with the windows laid out in rows."""
    seen = _windows(x, *w.shape[2:], *settings(conv_param)).transpose(0, 2, 3, 1, 4, 5)
    return x, w, b, conv_param, seen.reshape(-1, w[0].size)


@alternative("conv_fast", "windows as a view, and one tensordot", replaces="conv_forward_fast")
def one_tensordot(x, w, b, conv_param):
    seen = windows(x, *w.shape[2:], *settings(conv_param))
    out = np.tensordot(w, seen, axes=((1, 2, 3), (1, 4, 5))).transpose(1, 0, 2, 3) + b[:, None, None]
    return out, fast_cache(x, w, b, conv_param)


@alternative("conv_fast", "a product for each element of the kernel", replaces="conv_forward_fast")
def product_by_element(x, w, b, conv_param):
    stride, pad = settings(conv_param)
    rows, columns = places(x.shape[2], w.shape[2], stride, pad), places(x.shape[3], w.shape[3], stride, pad)
    padded, out = with_zeros(x, pad), b.reshape(1, -1, 1, 1)
    for i, j in np.ndindex(w.shape[2:]):
        seen = padded[:, :, i : i + stride * rows : stride, j : j + stride * columns : stride]
        out = out + np.einsum("fc,nchw->nfhw", w[:, :, i, j], seen)
    return out, fast_cache(x, w, b, conv_param)


@alternative("conv_fast", "dx as a convolution of dout with turned kernels", replaces="conv_backward_fast")
def convolution_backwards(dout, cache):
    x, w, b, conv_param = cache[:4]
    stride, pad = settings(conv_param)
    (n, filters, rows, columns), (_, _, height, width) = dout.shape, w.shape
    apart = np.zeros((n, filters, (rows - 1) * stride + 2 * height - 1, (columns - 1) * stride + 2 * width - 1))
    apart[:, :, height - 1 : 1 - height or None : stride, width - 1 : 1 - width or None : stride] = dout
    turned = w[:, :, ::-1, ::-1].transpose(1, 0, 2, 3)
    dpadded = forward(apart, turned, np.zeros(w.shape[1]), {"stride": 1, "pad": 0})
    dx = dpadded[:, :, pad : pad + x.shape[2], pad : pad + x.shape[3]]
    return dx, dw_of(dout, x, w, conv_param), dout.sum(axis=(0, 2, 3)).reshape(b.shape)


@alternative("conv_fast", "np.add.at onto the pixels' numbers", replaces="conv_backward_fast")
def add_at(dout, cache):
    x, w, _, conv_param = cache[:4]
    stride, pad = settings(conv_param)
    numbers = np.arange(x.size).reshape(x.shape) + 1  # 0 for the padding
    seen = windows(numbers, *w.shape[2:], stride, pad)
    total = np.zeros(x.size + 1)
    np.add.at(total, seen, np.einsum("nfrt,fcij->ncrtij", dout, w))
    return total[1:].reshape(x.shape), dw_of(dout, x, w, conv_param), db_of(dout, x, w, conv_param)
