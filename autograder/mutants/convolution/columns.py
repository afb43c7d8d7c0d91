"""`im2col`: mistakes, and other correct solutions."""

import numpy as np

from autograder.mutants.convolution import right_layers as right
from autograder.testing import alternative, mutant


def view_of_windows(x, height, width, stride, pad):
    """Windows in the order of the rows: (N, OH, OW, C, height, width)."""
    return right.windows(x, height, width, stride, pad).transpose(0, 2, 3, 1, 4, 5)


def laid_out(windows):
    """A row for each window, from six axes."""
    return windows.reshape(int(np.prod(windows.shape[:3])), -1)


@alternative("im2col", "a view of all windows, transposed and reshaped")
def windows_as_aview_of_windows(x, height, width, stride=1, pad=0):
    return laid_out(view_of_windows(x, height, width, stride, pad))


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
    lambda x, h, w, stride=1, pad=0: laid_out(view_of_windows(x, h, w, stride, pad).transpose(1, 2, 0, 3, 4, 5)),
)
_slip(
    "columns_before_rows",
    "The windows of an image go down the columns first; they go along a row first, as one reads.",
    lambda x, h, w, stride=1, pad=0: laid_out(view_of_windows(x, h, w, stride, pad).transpose(0, 2, 1, 3, 4, 5)),
)
_slip(
    "channels_last",
    "Within a row channels come last; they come first, as in w.",
    lambda x, h, w, stride=1, pad=0: laid_out(view_of_windows(x, h, w, stride, pad).transpose(0, 1, 2, 4, 5, 3)),
)
_slip(
    "window_columns_first",
    "Within a row the window is read down its columns; it is read along its rows.",
    lambda x, h, w, stride=1, pad=0: laid_out(view_of_windows(x, h, w, stride, pad).transpose(0, 1, 2, 3, 5, 4)),
)
_slip(
    "windows_in_columns",
    "The windows stand in the columns: here each is a row.",
    lambda x, h, w, stride=1, pad=0: laid_out(view_of_windows(x, h, w, stride, pad)).T,
)
_slip(
    "axes_not_moved",
    "The windows are reshaped without moving the channels behind the places: numbers of several windows are mixed.",
    lambda x, h, w, stride=1, pad=0: right.windows(x, h, w, stride, pad).reshape(
        laid_out(view_of_windows(x, h, w, stride, pad)).shape
    ),
)
_slip(
    "padding_forgotten",
    "The padding is not used.",
    lambda x, h, w, stride=1, pad=0: laid_out(view_of_windows(x, h, w, stride, 0)),
)
_slip(
    "padded_at_the_end",
    "All padding is put at the end; half of it belongs before the first row and column.",
    lambda x, h, w, stride=1, pad=0: laid_out(
        view_of_windows(np.pad(x, ((0, 0), (0, 0), (0, 2 * pad), (0, 2 * pad))), h, w, stride, 0)
    ),
)
_slip(
    "padded_with_the_edge",
    "The padding repeats the pixels at the edge; it consists of zeros.",
    lambda x, h, w, stride=1, pad=0: laid_out(
        view_of_windows(np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)), mode="edge"), h, w, stride, 0)
    ),
)


def _unstrided(x, h, w, stride, pad):
    rows, columns = right.places(x.shape[2], h, stride, pad), right.places(x.shape[3], w, stride, pad)
    return view_of_windows(x, h, w, 1, pad)[:, :rows, :columns]


_slip(
    "starts_not_strided",
    "Windows begin one pixel apart whatever the stride; there are as many as the stride allows, but at the wrong places.",
    lambda x, h, w, stride=1, pad=0: laid_out(_unstrided(x, h, w, stride, pad)),
)
_slip(
    "stride_on_rows_only",
    "The stride is used for rows only; columns are to be skipped as well.",
    lambda x, h, w, stride=1, pad=0: (
        right.windows(x, h, w, stride, pad),
        laid_out(view_of_windows(x, h, w, 1, pad)[:, ::stride]),
    )[1],
)
_slip(
    "misfit_dropped",
    "Windows that do not fit should raise ValueError; here pixels that are left over are dropped.",
    lambda x, h, w, stride=1, pad=0: laid_out(
        view_of_windows(
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
    windows = view_of_windows(x, height, width, stride, pad)
    rows = []
    for n in range(windows.shape[0]):
        for r in range(windows.shape[1]):
            for t in range(windows.shape[2]):
                rows.append(windows[n, r, t].reshape(-1))
    return np.array(rows)


@mutant("im2col", "The rows are float64 whatever comes in: make the array that you fill in the dtype of x.")
def always_float64(x, height, width, stride=1, pad=0):
    return laid_out(view_of_windows(x, height, width, stride, pad)).astype(np.float64)


@mutant("im2col", "x is changed: pad a copy, not the images themselves.")
def x_changed(x, height, width, stride=1, pad=0):
    found = laid_out(view_of_windows(x, height, width, stride, pad)).copy()
    x[:, :, 0] = 0
    return found


# Element by element, as students write it ----------------------------------------------------------------------------


def _both_places(shape, height, width, stride, pad):
    return right.places(shape[2], height, stride, pad), right.places(shape[3], width, stride, pad)


def _along(first, count, stride):
    """Where element `first` of the window lies, at all places along an axis."""
    return slice(first, first + stride * count, stride)


def _element_slip(
    name,
    sentence,
    padded=right.with_zeros,
    places=_both_places,
    rows=_along,
    columns=_along,
    finish=laid_out,
    loops=None,
):
    """A loop over the elements of the window of which one step is wrong. loops: the ranges of i and j."""

    def work(x, height, width, stride=1, pad=0):
        images, (down, across) = padded(x, pad), places(x.shape, height, width, stride, pad)
        found = np.empty((len(x), down, across, x.shape[1], height, width), dtype=x.dtype)
        for i, j in np.ndindex((height, width) if loops is None else loops(height, width)):
            seen = images[:, :, rows(i, down, stride), columns(j, across, stride)]
            found[..., i, j] = seen.transpose(0, 2, 3, 1)
        return finish(found)

    work.__name__ = name
    mutant("im2col", sentence)(work)


_element_slip(
    "padded_on_all_axes",
    "The slices do not have the sizes of the result where there is padding: pad height and width, at both ends, no other axis, and cut the slices from the padded images.",
    padded=lambda x, pad: np.pad(x, pad),
)
_element_slip(
    "columns_from_height",
    "The number of columns is worked out from height and window height: width may differ.",
    places=lambda shape, *layer: (_both_places(shape, *layer)[0],) * 2,
)
_element_slip(
    "columns_from_the_windows_height",
    "The number of columns is worked out with the window's height: use its width.",
    places=lambda shape, height, width, *layer: _both_places(shape, height, height, *layer),
)
_element_slip(
    "sides_of_the_window_exchanged",
    "Height and width of the window are exchanged where the places are counted.",
    places=lambda shape, height, width, *layer: _both_places(shape, width, height, *layer),
)
_element_slip(
    "columns_not_strided",
    "The stride is missing from the slice of columns: every stride-th pixel is wanted there, too.",
    columns=lambda first, count, stride: slice(first, first + count),
)
_element_slip(
    "rows_not_strided",
    "The stride is missing from the slice of rows: every stride-th pixel is wanted there, too.",
    rows=lambda first, count, stride: slice(first, first + count),
)
_element_slip(
    "slices_end_too_early",
    "At strides above 1 the slices do not hold OH × OW pixels: for element (i, j) they begin at i and j, and end stride times OH and OW further.",
    rows=lambda first, count, stride: slice(first, first + count, stride),
    columns=lambda first, count, stride: slice(first, first + count, stride),
)
_element_slip(
    "loops_exchanged",
    "The loops over the window's elements are exchanged: i counts its rows, j its columns.",
    loops=lambda height, width: (width, height),
)
_element_slip(
    "window_turned",
    "The numbers of each window stand in reversed order: the first is that of its top left corner.",
    finish=lambda found: laid_out(found[..., ::-1, ::-1]),
)
_element_slip(
    "elements_before_places",
    "The numbers are reshaped from an array with the window's elements before the places: rows mix several windows. Move the axes first.",
    finish=lambda found: found.transpose(0, 3, 4, 5, 1, 2).reshape(laid_out(found).shape),
)
_element_slip(
    "a_row_for_each_image",
    "Each row holds all windows of an image: a row is one window.",
    finish=lambda found: found.reshape(len(found), -1),
)
_element_slip(
    "images_apart",
    "The result has three axes, images, places and elements; windows of all images belong below one another in two.",
    finish=lambda found: found.reshape(len(found), found.shape[1] * found.shape[2], -1),
)
_element_slip(
    "left_with_six_axes", "The result has six axes; join them to two, (N·OH·OW, C·height·width).", finish=np.array
)
_element_slip(
    "always_float32",
    "The rows are float32 whatever comes in: make the array that you fill in the dtype of x.",
    finish=lambda found: laid_out(found).astype(np.float32),
)


@mutant("im2col", "Only the first image is laid out: its windows stand in the rows of all images.")
def first_image_for_all(x, height, width, stride=1, pad=0):
    return laid_out(view_of_windows(np.repeat(x[:1], len(x), axis=0), height, width, stride, pad))


@mutant("im2col", "Windows that do not fit in width should raise ValueError, as those that do not fit in height do.")
def width_not_looked_at(x, height, width, stride=1, pad=0):
    rest = (x.shape[3] + 2 * pad - width) % stride
    return laid_out(view_of_windows(x[..., : x.shape[3] - rest], height, width, stride, pad))
