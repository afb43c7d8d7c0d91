"""`max_pool` and `avg_pool`: mistakes, and other correct solutions."""

import numpy as np

from autograder.mutants.convolution import right_layers as right
from autograder.testing import alternative, mutant


def _sizes(pool_param):
    return pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]


def _windows(x, pool_param):
    """(N, C, OH, OW, height, width)."""
    height, width, stride = _sizes(pool_param)
    return right.windows(x, height, width, stride, 0)


def _largest(x, pool_param):
    return _windows(x, pool_param).max(axis=(4, 5))


def _pixels_of(cache):
    """x and pool_param, whichever forward pass of the exercise filled the cache."""
    return cache[0], cache[-1]


def _routed(dout, cache, add=True, stride_of=lambda stride: stride):
    """dout at the largest pixel of each window."""
    x, pool_param = _pixels_of(cache)
    height, width, stride = _sizes(pool_param)
    stride, dx = stride_of(stride), np.zeros(x.shape, dout.dtype)
    windows = _windows(x, pool_param)
    for r, t in np.ndindex(dout.shape[2:]):
        flat = windows[:, :, r, t].reshape(*x.shape[:2], -1)
        mask = np.arange(height * width) == flat.argmax(axis=2)[..., None]
        share = (mask * dout[:, :, r, t, None]).reshape(*x.shape[:2], height, width)
        here = np.s_[:, :, r * stride : r * stride + height, t * stride : t * stride + width]
        dx[here] = dx[here] + share if add else share
    return dx


@alternative("max_pool", "windows as a view", replaces="max_pool_forward")
def windows_as_a_view(x, pool_param):
    out = _largest(x, pool_param)
    return out, (x, out, pool_param)


@alternative("max_pool", "four loops", replaces="max_pool_forward")
def four_loops(x, pool_param):
    height, width, stride = _sizes(pool_param)
    rows, columns = right.places(x.shape[2], height, stride, 0), right.places(x.shape[3], width, stride, 0)
    out = np.zeros((*x.shape[:2], rows, columns))
    for n, c, r, t in np.ndindex(out.shape):
        out[n, c, r, t] = np.max(x[n, c, r * stride : r * stride + height, t * stride : t * stride + width])
    return out, (x, out, pool_param)


@alternative("max_pool", "an argmax for each place", replaces="max_pool_backward")
def argmax_of_each_place(dout, cache):
    return _routed(dout, cache)


@alternative("max_pool", "a mask for each window; ties all get it", replaces="max_pool_backward")
def mask_of_each_window(dout, cache):
    x, pool_param = _pixels_of(cache)
    height, width, stride = _sizes(pool_param)
    dx = np.zeros_like(x)
    for n, c, r, t in np.ndindex(dout.shape):
        here = np.s_[n, c, r * stride : r * stride + height, t * stride : t * stride + width]
        dx[here] += (x[here] == x[here].max()) * dout[n, c, r, t]
    return dx


def _forward_slip(name, sentence, out, exercise="max_pool"):
    function = f"{exercise}_forward"

    def work(x, pool_param):
        found = out(x, pool_param)
        return found, (x, found, pool_param) if exercise == "max_pool" else (x.shape, pool_param)

    work.__name__ = name
    mutant(exercise, f"{function}: {sentence}", replaces=function)(work)


def _backward_slip(name, sentence, dx, exercise="max_pool"):
    function = f"{exercise}_backward"

    def work(dout, cache):
        return dx(dout, cache)

    work.__name__ = name
    mutant(exercise, f"{function}: {sentence}", replaces=function)(work)


def _changed(pool_param, **sizes):
    return {**pool_param, **sizes}


def _square_by_height(x, pool_param):
    height, width, stride = _sizes(pool_param)
    right.windows(x, height, width, stride, 0)
    return _cropped(x, {"pool_height": height, "pool_width": height, "stride": stride})


def _cropped(x, pool_param, of=lambda windows: windows.max(axis=(4, 5))):
    """Pooling that drops what is left over."""
    height, width, stride = _sizes(pool_param)
    view = np.lib.stride_tricks.sliding_window_view(x, (height, width), axis=(2, 3))
    return of(view[:, :, ::stride, ::stride])


def _side_by_side(x, pool_param):
    """Windows as if the stride were their own size, as many as there should be."""
    rows, columns = _windows(x, pool_param).shape[2:4]
    height, width, _ = _sizes(pool_param)
    right_size = np.pad(x, ((0, 0), (0, 0), (0, rows * height), (0, columns * width)), mode="edge")
    view = np.lib.stride_tricks.sliding_window_view(right_size, (height, width), axis=(2, 3))
    return view[:, :, ::height, ::width][:, :, :rows, :columns].max(axis=(4, 5))


def _exchanged(x, pool_param):
    height, width, stride = _sizes(pool_param)
    right.windows(x, height, width, stride, 0)
    return _cropped(x, {"pool_height": width, "pool_width": height, "stride": stride})


_forward_slip(
    "smallest",
    "the smallest number of each window is taken, not the largest.",
    lambda x, p: _windows(x, p).min(axis=(4, 5)),
)
_forward_slip(
    "zero_at_least",
    "where all numbers of a window are negative, 0 comes out: start from minus infinity, not from 0.",
    lambda x, p: np.maximum(_largest(x, p), 0),
)
_forward_slip(
    "largest_in_size",
    "the number largest in absolute value is taken: -3 is smaller than 1.",
    lambda x, p: np.where(
        -_windows(x, p).min(axis=(4, 5)) > _largest(x, p), _windows(x, p).min(axis=(4, 5)), _largest(x, p)
    ),
)
_forward_slip(
    "largest_of_all_channels",
    "the largest number is taken over all channels: each channel is pooled by itself.",
    lambda x, p: np.repeat(_largest(x, p).max(axis=1, keepdims=True), x.shape[1], axis=1),
)
_forward_slip(
    "largest_of_all_examples",
    "the largest number is taken over the examples of the batch: each is pooled by itself.",
    lambda x, p: np.repeat(_largest(x, p).max(axis=0, keepdims=True), len(x), axis=0),
)
_forward_slip("square_windows", "the windows' height is used for their width as well.", _square_by_height)
_forward_slip("sides_exchanged", "height and width of the windows are exchanged.", _exchanged)
_forward_slip(
    "windows_side_by_side",
    "windows are laid side by side whatever the stride: they begin at r times the stride, not at r times their height.",
    _side_by_side,
)
_forward_slip(
    "misfit_dropped",
    "windows that do not fit should raise ValueError; here pixels that are left over are dropped.",
    _cropped,
)
_forward_slip(
    "width_not_looked_at",
    "windows that do not fit in width should raise ValueError, as those that do not fit in height do.",
    lambda x, p: (right.places(x.shape[2], p["pool_height"], p["stride"], 0), _cropped(x, p))[1],
)
_backward_slip(
    "overwritten",
    "dx is overwritten where windows overlap: a pixel that is the largest of several windows gets the sum.",
    lambda dout, cache: _routed(dout, cache, add=False),
)


def _everywhere(dout, cache, scale=False):
    x, pool_param = _pixels_of(cache)
    height, width, stride = _sizes(pool_param)
    shares = np.broadcast_to(dout[..., None, None], (*dout.shape, height, width))
    return right.spread(shares / (height * width if scale else 1), x.shape, stride, 0)


_backward_slip(
    "to_all_pixels",
    "every pixel of a window gets the gradient: only the largest one is passed on, so only it gets any.",
    _everywhere,
)
_backward_slip(
    "shared_by_all_pixels",
    "the gradient is shared by all pixels of the window: that is average pooling.",
    lambda dout, cache: _everywhere(dout, cache, scale=True),
)
_backward_slip(
    "times_the_pixel",
    "the gradient is multiplied by the pixel: max passes it on as it is.",
    lambda dout, cache: _routed(dout, cache) * cache[0],
)
_backward_slip(
    "ones_for_dout",
    "dout is not used: it marks the largest pixels with 1.",
    lambda dout, cache: _routed(np.ones_like(dout), cache),
)
_backward_slip(
    "first_channel_decides",
    "the largest pixel is looked for in the first channel and used for all: each channel has its own.",
    lambda dout, cache: _routed(dout, (np.repeat(cache[0][:, :1], cache[0].shape[1], axis=1), cache[-1])),
)


def _where_the_largest_of_image(dout, cache):
    """Marks every pixel of the image that equals one of the outputs at its place in a smaller image."""
    x, pool_param = _pixels_of(cache)
    out = _largest(x, pool_param)
    dx = np.zeros(x.shape)
    dx[:, :, : out.shape[2], : out.shape[3]] = dout
    return dx


_backward_slip(
    "corner_filled",
    "dout is put into the first corner of dx: each number belongs to the largest pixel of its own window.",
    _where_the_largest_of_image,
)


@mutant("max_pool", "max_pool_backward: dout is changed; leave it as it is.", replaces="max_pool_backward")
def dout_used_up(dout, cache):
    dx = _routed(dout.copy(), cache)
    dout[:] = 0
    return dx


# The mean ------------------------------------------------------------------------------------------------------------


@alternative("avg_pool", "the mean of a view", replaces="avg_pool_forward")
def mean_of_a_view(x, pool_param):
    return _windows(x, pool_param).mean(axis=(4, 5)), (x.shape, pool_param)


@alternative("avg_pool", "shares added place by place", replaces="avg_pool_backward")
def place_by_place(dout, cache):
    shape, (height, width, stride) = cache[0], _sizes(cache[1])
    dx = np.zeros(shape)
    for r, t in np.ndindex(dout.shape[2:]):
        here = np.s_[:, :, r * stride : r * stride + height, t * stride : t * stride + width]
        dx[here] += dout[:, :, r : r + 1, t : t + 1] / height / width
    return dx


def _shares(dout, cache, count=None, add=True):
    shape, (height, width, stride) = cache[0], _sizes(cache[1])
    share = dout / (height * width if count is None else count(height, width, stride))
    dx = np.zeros(shape)
    for r, t in np.ndindex(dout.shape[2:]):
        here = np.s_[:, :, r * stride : r * stride + height, t * stride : t * stride + width]
        dx[here] = share[:, :, r : r + 1, t : t + 1] + (dx[here] if add else 0)
    return dx


for _name, _sentence, _wrong in (
    ("sum_for_mean", "the windows are summed; divide by their number of pixels.", lambda x, p: _windows(x, p).sum(axis=(4, 5))),
    ("largest_for_mean", "this is max pooling.", _largest),
    ("divided_by_stride", "the sum is divided by the square of the stride: divide by the number of pixels of a window.", lambda x, p: _windows(x, p).sum(axis=(4, 5)) / p["stride"] ** 2),
    ("divided_by_squared_height", "the sum is divided by the square of the height: windows need not be squares.", lambda x, p: _windows(x, p).sum(axis=(4, 5)) / p["pool_height"] ** 2),
    ("mean_of_all_channels", "the mean is taken over all channels: each is pooled by itself.", lambda x, p: np.repeat(_windows(x, p).mean(axis=(1, 4, 5))[:, None], x.shape[1], axis=1)),
    ("square_windows", "the windows' height is used for their width as well.", lambda x, p: (_windows(x, p), _cropped(x, _changed(p, pool_width=p["pool_height"]), lambda windows: windows.mean(axis=(4, 5))))[1]),
    ("misfit_dropped", "windows that do not fit should raise ValueError; here pixels that are left over are dropped.", lambda x, p: _cropped(x, p, lambda windows: windows.mean(axis=(4, 5)))),
    ("width_not_looked_at", "windows that do not fit in width should raise ValueError, as those that do not fit in height do.", lambda x, p: (right.places(x.shape[2], p["pool_height"], p["stride"], 0), _cropped(x, p, lambda windows: windows.mean(axis=(4, 5))))[1]),
):  # fmt: skip
    _forward_slip(_name, _sentence, _wrong, "avg_pool")

for _name, _sentence, _wrong in (
    ("not_divided", "the gradient is passed on undivided: each pixel has a share of one over the number of pixels.", lambda dout, cache: _shares(dout, cache, lambda h, w, s: 1)),
    ("shared_by_stride", "the gradient is divided by the square of the stride: divide by the number of pixels of a window.", lambda dout, cache: _shares(dout, cache, lambda h, w, s: s * s)),
    ("overwritten", "dx is overwritten where windows overlap: shares are added up.", lambda dout, cache: _shares(dout, cache, add=False)),
):  # fmt: skip
    _backward_slip(_name, _sentence, _wrong, "avg_pool")


@mutant("avg_pool", "avg_pool_backward: dout is divided in place; leave it as it is.", replaces="avg_pool_backward")
def dout_divided(dout, cache):
    dx = _shares(dout, cache)
    dout /= cache[1]["pool_height"] * cache[1]["pool_width"]
    return dx
