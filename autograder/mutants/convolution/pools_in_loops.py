"""`max_pool` and `avg_pool` as students write them, with a loop over the places: mistakes that both kinds share."""

import numpy as np

from autograder.mutants.convolution import right_layers as right
from autograder.testing import mutant


def sizes_of(pool_param):
    return pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]


def both_places(x, height, width, stride):
    return right.places(x.shape[2], height, stride, 0), right.places(x.shape[3], width, stride, 0)


def strided(r, t, height, width, stride):
    return slice(r * stride, r * stride + height), slice(t * stride, t * stride + width)


def largest(window):
    return window.max(axis=(2, 3))


def mean(window):
    return window.mean(axis=(2, 3))


def forward_fault(name, sentence, places=both_places, window=strided, take=None, finish=np.array, sizes=sizes_of):
    """A forward pass of which one step is wrong, for both kinds of pooling unless `take` says what is taken."""
    for exercise, usual in (("max_pool", largest), ("avg_pool", mean)) if take is None else (("max_pool", take),):

        def work(x, pool_param, exercise=exercise, usual=usual):
            out = np.zeros((*x.shape[:2], *places(x, *sizes(pool_param))))
            for r, t in np.ndindex(out.shape[2:]):
                out[:, :, r, t] = usual(x[(slice(None), slice(None), *window(r, t, *sizes(pool_param)))])
            out = finish(out)
            return out, (x, out, pool_param) if exercise == "max_pool" else (x.shape, pool_param)

        work.__name__ = name
        mutant(exercise, f"{exercise}_forward: {sentence}", replaces=f"{exercise}_forward")(work)


def exchanged(pool_param):
    height, width, stride = sizes_of(pool_param)
    return width, height, stride


forward_fault(
    "windows_exchanged",
    "height and width of the window are exchanged where it is cut out.",
    window=lambda r, t, height, width, stride: strided(r, t, width, height, stride),
)
forward_fault(
    "places_exchanged",
    "height and width of the window are exchanged where the places are counted.",
    places=lambda x, height, width, stride: both_places(x, width, height, stride),
)
forward_fault("both_exchanged", "pool_height and pool_width are exchanged.", sizes=exchanged)
forward_fault(
    "square_cut",
    "the window's height is used for its width as well where it is cut out.",
    window=lambda r, t, height, width, stride: strided(r, t, height, height, stride),
)
forward_fault(
    "columns_from_height",
    "the number of columns is worked out from height and window height: width may differ.",
    places=lambda x, height, width, stride: (both_places(x, height, width, stride)[0],) * 2,
)
forward_fault(
    "stride_forgotten",
    "windows begin one pixel apart whatever the stride.",
    window=lambda r, t, height, width, stride: strided(r, t, height, width, stride=1),
)
forward_fault(
    "columns_not_strided",
    "windows begin at row r times the stride, but at column t: the stride holds for columns as well.",
    window=lambda r, t, height, width, stride: (
        strided(r, t, height, width, stride)[0],
        slice(t, t + width),
    ),
)
forward_fault(
    "windows_of_the_strides_size",
    "windows are as large as the stride; their own height and width may differ from it.",
    window=lambda r, t, height, width, stride: strided(r, t, stride, stride, stride),
)
forward_fault(
    "places_side_by_side",
    "the number of places is that of windows side by side, the size divided by the window's: the stride may differ.",
    places=lambda x, height, width, stride: (x.shape[2] // height, x.shape[3] // width),
)
forward_fault(
    "places_by_stride",
    "the number of places is the size divided by the stride: the last windows hang over the edge, or end before it unnoticed.",
    places=lambda x, height, width, stride: (x.shape[2] // stride, x.shape[3] // stride),
)
forward_fault(
    "in_float32",
    "the output is float32 whatever comes in; for float64 images it should be as precise as they are.",
    finish=lambda out: out.astype(np.float32),
)
forward_fault("mean_for_largest", "this is average pooling.", take=mean)
forward_fault(
    "first_example_only",
    "only the first image of the batch is pooled.",
    take=lambda window: largest(window) * (np.arange(len(window)) == 0)[:, np.newaxis],
)


# Backwards -----------------------------------------------------------------------------------------------------------


def masked(window, share):
    return (window == window.max(axis=(2, 3), keepdims=True)) * share


def backward_fault(name, sentence, window=strided, route=None, sizes=sizes_of):
    """A backward pass of which one step is wrong; for both kinds, unless `route` says what a window's pixels get."""
    for exercise in ("max_pool", "avg_pool") if route is None else ("max_pool",):

        def work(dout, cache, exercise=exercise):
            height, width, stride = sizes(cache[-1])
            dx = np.zeros(np.shape(cache[0]) if exercise == "max_pool" else cache[0])
            for r, t in np.ndindex(dout.shape[2:]):
                here = (slice(None), slice(None), *window(r, t, height, width, stride))
                share = dout[:, :, r : r + 1, t : t + 1]
                dx[here] += (
                    (route or masked)(cache[0][here], share) if exercise == "max_pool" else share / (height * width)
                )
            return dx

        work.__name__ = name
        mutant(exercise, f"{exercise}_backward: {sentence}", replaces=f"{exercise}_backward")(work)


backward_fault("both_exchanged_backwards", "pool_height and pool_width are exchanged.", sizes=exchanged)
backward_fault(
    "starts_not_strided",
    "windows begin one pixel apart whatever the stride.",
    window=lambda r, t, height, width, stride: strided(r, t, height, width, 1),
)
backward_fault(
    "columns_not_strided_backwards",
    "windows begin at row r times the stride, but at column t: the stride holds for columns as well.",
    window=lambda r, t, height, width, stride: (
        strided(r, t, height, width, stride)[0],
        slice(t, t + width),
    ),
)
backward_fault(
    "side_by_side_backwards",
    "windows are taken side by side whatever the stride: they begin at r times the stride, not at r times their height.",
    window=lambda r, t, height, width, stride: (
        slice(r * height, (r + 1) * height),
        slice(t * width, (t + 1) * width),
    ),
)
backward_fault(
    "largest_of_the_batch",
    "a pixel gets the gradient only if it is the largest of all examples and channels: each has a largest of its own.",
    route=lambda window, share: (window == window.max()) * share,
)
backward_fault(
    "negative_pixels_left_out",
    "the largest pixel gets nothing where it is negative: that is ReLU's business, not that of pooling.",
    route=lambda window, share: masked(window, share) * (window > 0),
)
