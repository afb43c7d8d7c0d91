"""`im2col` and `col2im`: mistakes, and other correct solutions."""

import numpy as np

from autograder.mutants.convolution import right_layers as right
from autograder.testing import alternative, mutant


def _view(x, height, width, stride, pad):
    """Windows in the order of the rows: (N, OH, OW, C, height, width)."""
    return right.windows(x, height, width, stride, pad).transpose(0, 2, 3, 1, 4, 5)


def _rows(windows):
    return windows.reshape(int(np.prod(windows.shape[:3])), -1)


@alternative("im2col", "a view of all windows, transposed and reshaped")
def windows_as_a_view(x, height, width, stride=1, pad=0):
    return _rows(_view(x, height, width, stride, pad))


@alternative("im2col", "index arrays for rows and columns")
def index_arrays(x, height, width, stride=1, pad=0):
    n, channels = x.shape[:2]
    rows, columns = right.places(x.shape[2], height, stride, pad), right.places(x.shape[3], width, stride, pad)
    top, left = np.divmod(np.arange(rows * columns), columns)
    c, i, j = np.unravel_index(np.arange(channels * height * width), (channels, height, width))
    padded = right.with_zeros(x, pad)
    found = padded[:, c, stride * top[:, None] + i, stride * left[:, None] + j]
    return found.reshape(n * rows * columns, -1)


@alternative("im2col", "the windows' elements stacked")
def stacked(x, height, width, stride=1, pad=0):
    rows, columns = right.places(x.shape[2], height, stride, pad), right.places(x.shape[3], width, stride, pad)
    padded = right.with_zeros(x, pad)
    parts = []
    for element in range(height * width):
        i, j = divmod(element, width)
        parts.append(
            padded[:, :, i : i + (rows - 1) * stride + 1 : stride, j : j + (columns - 1) * stride + 1 : stride]
        )
    return np.moveaxis(np.stack(parts, axis=2), (1, 2), (3, 4)).reshape(len(x) * rows * columns, -1)


def _slip(name, sentence, work):
    work.__name__ = name
    mutant("im2col", sentence)(work)


_slip(
    "places_before_images",
    "The rows come in the order place, image; all windows of the first image come first.",
    lambda x, h, w, stride=1, pad=0: _rows(_view(x, h, w, stride, pad).transpose(1, 2, 0, 3, 4, 5)),
)
_slip(
    "columns_before_rows",
    "The windows of an image go down the columns first; they go along a row first, as one reads.",
    lambda x, h, w, stride=1, pad=0: _rows(_view(x, h, w, stride, pad).transpose(0, 2, 1, 3, 4, 5)),
)
_slip(
    "channels_last",
    "Within a row channels come last; they come first, as in w.",
    lambda x, h, w, stride=1, pad=0: _rows(_view(x, h, w, stride, pad).transpose(0, 1, 2, 4, 5, 3)),
)
_slip(
    "window_columns_first",
    "Within a row the window is read down its columns; it is read along its rows.",
    lambda x, h, w, stride=1, pad=0: _rows(_view(x, h, w, stride, pad).transpose(0, 1, 2, 3, 5, 4)),
)
_slip(
    "windows_in_columns",
    "The windows stand in the columns: here each is a row.",
    lambda x, h, w, stride=1, pad=0: _rows(_view(x, h, w, stride, pad)).T,
)
_slip(
    "axes_not_moved",
    "The windows are reshaped without moving the channels behind the places: numbers of several windows are mixed.",
    lambda x, h, w, stride=1, pad=0: right.windows(x, h, w, stride, pad).reshape(
        _rows(_view(x, h, w, stride, pad)).shape
    ),
)
_slip(
    "padding_forgotten",
    "The padding is not used.",
    lambda x, h, w, stride=1, pad=0: _rows(_view(x, h, w, stride, 0)),
)
_slip(
    "padded_at_the_end",
    "All padding is put at the end; half of it belongs before the first row and column.",
    lambda x, h, w, stride=1, pad=0: _rows(
        _view(np.pad(x, ((0, 0), (0, 0), (0, 2 * pad), (0, 2 * pad))), h, w, stride, 0)
    ),
)
_slip(
    "padded_with_the_edge",
    "The padding repeats the pixels at the edge; it consists of zeros.",
    lambda x, h, w, stride=1, pad=0: _rows(
        _view(np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)), mode="edge"), h, w, stride, 0)
    ),
)


def _unstrided(x, h, w, stride, pad):
    rows, columns = right.places(x.shape[2], h, stride, pad), right.places(x.shape[3], w, stride, pad)
    return _view(x, h, w, 1, pad)[:, :rows, :columns]


_slip(
    "starts_not_strided",
    "Windows begin one pixel apart whatever the stride; there are as many as the stride allows, but at the wrong places.",
    lambda x, h, w, stride=1, pad=0: _rows(_unstrided(x, h, w, stride, pad)),
)
_slip(
    "stride_on_rows_only",
    "The stride is used for rows only; columns are to be skipped as well.",
    lambda x, h, w, stride=1, pad=0: (
        right.windows(x, h, w, stride, pad),
        _rows(_view(x, h, w, 1, pad)[:, ::stride]),
    )[1],
)
_slip(
    "misfit_dropped",
    "Windows that do not fit should raise ValueError; here pixels that are left over are dropped.",
    lambda x, h, w, stride=1, pad=0: _rows(
        _view(
            x[
                :,
                :,
                : x.shape[2] - (x.shape[2] + 2 * pad - h) % stride,
                : x.shape[3] - (x.shape[3] + 2 * pad - w) % stride,
            ],
            h,
            w,
            stride,
            pad,
        )
    ),
)


@mutant(
    "im2col",
    "The rows are right, but it takes Python a step for each image or window: loop over the elements of the window only.",
)
def window_by_window(x, height, width, stride=1, pad=0):
    windows = _view(x, height, width, stride, pad)
    rows = []
    for n in range(windows.shape[0]):
        for r in range(windows.shape[1]):
            for t in range(windows.shape[2]):
                rows.append(windows[n, r, t].reshape(-1))
    return np.array(rows)


@mutant("im2col", "The rows are float64 whatever comes in: make the array that you fill in the dtype of x.")
def always_float64(x, height, width, stride=1, pad=0):
    return _rows(_view(x, height, width, stride, pad)).astype(np.float64)


@mutant("im2col", "x is changed: pad a copy, not the images themselves.")
def x_changed(x, height, width, stride=1, pad=0):
    found = _rows(_view(x, height, width, stride, pad)).copy()
    x[:, :, 0] = 0
    return found


# Back again ----------------------------------------------------------------------------------------------------------


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
    owners = _rows(_view(numbers, height, width, stride, pad))
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
