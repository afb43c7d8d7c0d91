"""`conv_naive` as students write it, window by window: mistakes that show what they do only when one writes them so."""

import numpy as np

from autograder.mutants.convolution import right_layers as right
from autograder.testing import mutant


def both_sizes(x, w, stride, pad):
    return right.places(x.shape[2], w.shape[2], stride, pad), right.places(x.shape[3], w.shape[3], stride, pad)


def strided_window(r, t, stride, w):
    return slice(r * stride, r * stride + w.shape[2]), slice(t * stride, t * stride + w.shape[3])


def weighted_sum(seen, w, b):
    return (seen * w).sum(axis=(2, 3, 4)) + b


def forward(x, w, b, conv_param, padded, sizes, window, output):
    """The forward pass, from its steps: the loops over examples and filters are NumPy's here."""
    stride, pad = right.settings(conv_param)
    images, (rows, columns) = padded(x, pad)[: len(x)], sizes(x, w, stride, pad)
    out = np.zeros((len(x), len(w), rows, columns))
    for r, t in np.ndindex(rows, columns):
        here = (slice(None), np.newaxis, slice(None), *window(r, t, stride, w))
        out[:, :, r, t] = output(images[here], w, b)
    return out


def forward_fault(
    name, sentence, padded=right.with_zeros, sizes=both_sizes, window=strided_window, output=weighted_sum
):
    """A forward pass of which one step is wrong."""

    def work(x, w, b, conv_param):
        return forward(x, w, b, conv_param, padded, sizes, window, output), (x, w, b, conv_param)

    work.__name__ = name
    mutant("conv_naive", f"conv_forward_naive: {sentence}", replaces="conv_forward_naive")(work)


forward_fault(
    "padded_on_all_axes",
    "the padding is put on all four axes, on examples and channels as well: only height and width are padded.",
    padded=lambda x, pad: np.pad(x, pad),
)
forward_fault(
    "channels_padded",
    "the padding is put on the channels as well: only height and width are padded.",
    padded=lambda x, pad: np.pad(x, ((0, 0), (pad, pad), (pad, pad), (pad, pad))),
)
forward_fault(
    "padded_in_height_only",
    "windows do not have the kernel's size at the edge: pad height and width, at both ends, and cut windows from the padded images.",
    padded=lambda x, pad: np.pad(x, ((0, 0), (0, 0), (pad, pad), (0, 0))),
)
forward_fault(
    "columns_from_height",
    "the number of columns is worked out from height and window height: width may differ.",
    sizes=lambda x, w, stride, pad: (both_sizes(x, w, stride, pad)[0],) * 2,
)
forward_fault(
    "columns_from_the_windows_height",
    "the number of columns is worked out with the kernel's height: use its width.",
    sizes=lambda x, w, stride, pad: tuple(right.places(side, w.shape[2], stride, pad) for side in x.shape[2:]),
)
forward_fault(
    "places_exchanged",
    "the numbers of rows and columns of the output are exchanged.",
    sizes=lambda x, w, stride, pad: both_sizes(x, w, stride, pad)[::-1],
)
forward_fault(
    "columns_not_strided",
    "windows begin at row r times the stride, but at column t: the stride holds for columns as well.",
    window=lambda r, t, stride, w: (strided_window(r, t, stride, w)[0], slice(t, t + w.shape[3])),
)
forward_fault(
    "rows_not_strided",
    "windows begin at column t times the stride, but at row r: the stride holds for rows as well.",
    window=lambda r, t, stride, w: (slice(r, r + w.shape[2]), strided_window(r, t, stride, w)[1]),
)
forward_fault(
    "windows_end_too_early",
    "windows begin at r times the stride but end at r plus their height: they end at r times the stride plus their height.",
    window=lambda r, t, stride, w: (slice(r * stride, r + w.shape[2]), slice(t * stride, t + w.shape[3])),
)
forward_fault(
    "mean_for_sum",
    "the mean of the products is taken; their sum is asked for.",
    output=lambda seen, w, b: (seen * w).mean(axis=(2, 3, 4)) + b,
)
forward_fault("bias_forgotten", "the bias is not added.", output=lambda seen, w, b: weighted_sum(seen, w, 0))
forward_fault(
    "last_channel_only",
    "channels overwrite one another, so that the last one alone counts: add them up.",
    output=lambda seen, w, b: weighted_sum(seen[:, :, -1:], w[:, -1:], b),
)
forward_fault(
    "bias_for_each_channel",
    "the bias is added once for each channel; it is added once to each output.",
    output=lambda seen, w, b: weighted_sum(seen, w, b * w.shape[1]),
)


@mutant("conv_naive", "conv_forward_naive: the output is float32 whatever comes in; for float64 images it should be as precise as they are.",
        replaces="conv_forward_naive")  # fmt: skip
def output_in_float32(x, w, b, conv_param):
    return right.forward(x, w, b, conv_param).astype(np.float32), (x, w, b, conv_param)


@mutant("conv_naive", "conv_forward_naive: the padded images stand in the cache where x belongs, and so dx and dw are those of larger images.",
        replaces="conv_forward_naive")  # fmt: skip
def padded_images_cached(x, w, b, conv_param):
    return right.forward(x, w, b, conv_param), (right.with_zeros(x, conv_param["pad"]), w, b, conv_param)


@mutant("conv_naive", "conv_forward_naive: only the first image of the batch is treated, the others' outputs stay zero.",
        replaces="conv_forward_naive")  # fmt: skip
def first_example_only(x, w, b, conv_param):
    out = right.forward(x, w, b, conv_param)
    out[1:] = 0
    return out, (x, w, b, conv_param)


# Backwards -----------------------------------------------------------------------------------------------------------


def backward_fault(name, sentence, padded=right.with_zeros, sizes=np.shape, cut=None):
    """A backward pass, window by window. padded: images for dw; sizes: of dout; cut: of dx."""

    def work(dout, cache):
        x, w, _, conv_param = cache
        stride, pad = right.settings(conv_param)
        images, dpadded = padded(x, pad), 0 * right.with_zeros(x, pad)
        dw = np.zeros(w.shape)
        for r, t in np.ndindex(sizes(dout)[2:]):
            here = (slice(None, len(x)), slice(None), *strided_window(r, t, stride, w))
            dw += np.tensordot(dout[:, :, r, t].T, images[here], axes=1)
            dpadded[here] += np.tensordot(dout[:, :, r, t], w, axes=1)
        db = dout.sum(axis=(0, 2, 3))
        (height, width) = x.shape[2:] if cut is None else cut(x)
        return dpadded[:, :, pad : pad + height, pad : pad + width], dw, db

    work.__name__ = name
    mutant("conv_naive", f"conv_backward_naive: {sentence}", replaces="conv_backward_naive")(work)


backward_fault(
    "dw_of_bare_images",
    "windows do not have the kernel's size at the edge: pad height and width of the images for dw, and add dx up in an array of the padded size.",
    padded=lambda x, pad: x,
)
backward_fault(
    "places_of_dout_exchanged",
    "the numbers of rows and columns of dout are exchanged.",
    sizes=lambda dout: (*dout.shape[:2], dout.shape[3], dout.shape[2]),
)
backward_fault(
    "dx_cut_to_a_square",
    "dx is cut to a square: its width is that of x.",
    cut=lambda x: (x.shape[2], x.shape[2]),
)
