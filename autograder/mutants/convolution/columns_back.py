"""`col2im`: mistakes, and other correct solutions."""

import numpy as np

from autograder.mutants.convolution import right_layers as right
from autograder.mutants.convolution.columns import laid_out, view_of_windows
from autograder.testing import alternative, mutant


def _shares(cols, shape, height, width, stride, pad):
    """cols as (N, C, OH, OW, height, width)."""
    rows, columns = right.places(shape[2], height, stride, pad), right.places(shape[3], width, stride, pad)
    return cols.reshape(shape[0], rows, columns, shape[1], height, width).transpose(0, 3, 1, 2, 4, 5)


def _collect(cols, shape, height, width, stride, pad, add=True, cut=True, swap=False, turned=False):
    shares = _shares(cols, shape, height, width, stride, pad)
    if swap:
        shares = shares.swapaxes(2, 3).reshape(shares.shape)
    if turned:
        shares = shares[..., ::-1, ::-1]
    padded = np.zeros((*shape[:2], shape[2] + 2 * pad, shape[3] + 2 * pad), dtype=cols.dtype)
    for element in range(height * width):
        i, j = divmod(element, width)
        here = np.s_[:, :, i : i + stride * shares.shape[2] : stride, j : j + stride * shares.shape[3] : stride]
        padded[here] = padded[here] + shares[..., i, j] if add else shares[..., i, j]
    return padded[:, :, pad : pad + shape[2], pad : pad + shape[3]] if cut else padded


@alternative("col2im", "np.bincount of the pixels' numbers")
def bincount(cols, shape, height, width, stride=1, pad=0):
    numbers = np.arange(1, int(np.prod(shape)) + 1).reshape(shape)
    owners = laid_out(view_of_windows(numbers, height, width, stride, pad))
    sums = np.bincount(owners.ravel(), weights=cols.ravel(), minlength=numbers.size + 1)
    return sums[1:].reshape(shape)


@alternative("col2im", "a slice for each element of the window")
def slices(cols, shape, height, width, stride=1, pad=0):
    return _collect(cols, shape, height, width, stride, pad)


def _back_slip(name, sentence, work):
    work.__name__ = name
    mutant("col2im", sentence)(work)


_back_slip(
    "overwritten",
    "Pixels that stand in several rows keep the last number only: add with +=.",
    lambda cols, shape, h, w, stride=1, pad=0: _collect(cols, shape, h, w, stride, pad, add=False),
)
_back_slip(
    "padding_kept",
    "The result still has the padding: its shape should be that of the images.",
    lambda cols, shape, h, w, stride=1, pad=0: _collect(cols, shape, h, w, stride, pad, cut=False),
)
_back_slip(
    "cut_by_minus_pad",
    "The padding is cut off with a slice that ends at -pad: where pad is 0 that slice is empty.",
    lambda cols, shape, h, w, stride=1, pad=0: _collect(cols, shape, h, w, stride, pad, cut=False)[
        :, :, pad:-pad, pad:-pad
    ],
)
_back_slip(
    "cut_at_the_end",
    "The padding is cut off at one end only: leave out the first pad rows and columns.",
    lambda cols, shape, h, w, stride=1, pad=0: _collect(cols, shape, h, w, stride, pad, cut=False)[
        :, :, : shape[2], : shape[3]
    ],
)
_back_slip(
    "windows_turned",
    "The numbers of a window are put back in reversed order.",
    lambda cols, shape, h, w, stride=1, pad=0: _collect(cols, shape, h, w, stride, pad, turned=True),
)
_back_slip(
    "columns_before_rows",
    "The rows of cols are read as if windows went down the columns first; they go along a row first.",
    lambda cols, shape, h, w, stride=1, pad=0: _collect(cols, shape, h, w, stride, pad, swap=True),
)


@mutant("col2im", "The axes of the windows are not moved: rows are (image, place) and hold (channel, row, column).")
def axes_not_moved(cols, shape, height, width, stride=1, pad=0):
    moved = _shares(cols, shape, height, width, stride, pad)
    mixed = cols.reshape(moved.shape).transpose(0, 2, 3, 1, 4, 5).reshape(cols.shape)
    return _collect(mixed, shape, height, width, stride, pad)


@mutant("col2im", "The sums are divided by the number of windows: col2im is the transpose of im2col, not its inverse.")
def averaged(cols, shape, height, width, stride=1, pad=0):
    counts = _collect(np.ones_like(cols), shape, height, width, stride, pad)
    return _collect(cols, shape, height, width, stride, pad) / np.maximum(counts, 1)


@mutant("col2im", "The numbers are put back as if the stride were 1.")
def starts_not_strided(cols, shape, height, width, stride=1, pad=0):
    shares = _shares(cols, shape, height, width, stride, pad)
    return right.spread(shares, shape, 1, pad)


@mutant(
    "col2im", "The images are right, but it takes Python a step for each window: loop over the elements of the window."
)
def row_by_row(cols, shape, height, width, stride=1, pad=0):
    return right.spread(_shares(cols, shape, height, width, stride, pad), shape, stride, pad)


@mutant("col2im", "cols is changed; leave it as it is.")
def cols_changed(cols, shape, height, width, stride=1, pad=0):
    images = _collect(cols.copy(), shape, height, width, stride, pad)
    cols[:] = 0
    return images


_back_slip(
    "cut_to_a_square",
    "The images are cut to squares: their width is that of shape.",
    lambda cols, shape, h, w, stride=1, pad=0: _collect(cols, shape, h, w, stride, pad, cut=False)[
        :, :, pad : pad + shape[2], pad : pad + shape[2]
    ],
)
_back_slip(
    "images_after_places",
    "The rows of cols are read in the order (place, image); all windows of the first image come first.",
    lambda cols, shape, h, w, stride=1, pad=0: _collect(
        np.moveaxis(cols.reshape(-1, shape[0], cols.shape[1]), 1, 0).reshape(cols.shape), shape, h, w, stride, pad
    ),
)
_back_slip(
    "channels_last",
    "The numbers of a row are read with channels last; they stand in the order channel, row, column.",
    lambda cols, shape, h, w, stride=1, pad=0: _collect(
        np.moveaxis(cols.reshape(-1, h, w, shape[1]), 3, 1).reshape(cols.shape), shape, h, w, stride, pad
    ),
)
_back_slip(
    "in_float32",
    "The sums are float32 whatever comes in: add up in the dtype of cols.",
    lambda cols, shape, h, w, stride=1, pad=0: _collect(cols, shape, h, w, stride, pad).astype(np.float32),
)


@mutant("col2im", "The stride is missing from the slice of columns: every stride-th pixel is met there, too.")
def columns_not_strided(cols, shape, height, width, stride=1, pad=0):
    return _by_elements(cols, shape, height, width, stride, pad, across=1)


@mutant(
    "col2im",
    "The sums are collected in an array without room for the padding: use the padded size, and cut it at the end.",
)
def no_room_for_the_padding(cols, shape, height, width, stride=1, pad=0):
    return _by_elements(cols, shape, height, width, stride, pad, room=0)


@mutant(
    "col2im",
    "Rows and columns of the window are exchanged: within a row of cols its numbers stand along the window's rows.",
)
def window_columns_first(cols, shape, height, width, stride=1, pad=0):
    return _by_elements(cols, shape, height, width, stride, pad, exchange=True)


def _by_elements(cols, shape, height, width, stride, pad, across=None, room=None, exchange=False):
    """A slice for each element (i, j) of the window. across: the columns' stride; room: the padding there is room for."""
    shares, room = _shares(cols, shape, height, width, stride, pad), pad if room is None else room
    across = stride if across is None else across
    padded = np.zeros((*shape[:2], shape[2] + 2 * room, shape[3] + 2 * room))
    for i, j in np.ndindex(height, width):
        rows = slice(i, i + stride * shares.shape[2], stride)
        padded[:, :, rows, j : j + across * shares.shape[3] : across] += (
            shares[..., j, i] if exchange else shares[..., i, j]
        )
    return padded[:, :, pad : pad + shape[2], pad : pad + shape[3]]


@mutant("col2im", "Rows and columns of the places are worked out from the height alone: width may differ.")
def columns_from_height(cols, shape, height, width, stride=1, pad=0):
    rows = right.places(shape[2], height, stride, pad)
    return _collect(
        cols.reshape(shape[0], rows, rows, shape[1], height, width).reshape(cols.shape),
        shape,
        height,
        width,
        stride,
        pad,
    )
