"""`conv_fast`: the layer as a matrix product, gone wrong."""

import numpy as np

from autograder.mutants.convolution import layer_slips as slips
from autograder.mutants.convolution import right_layers as right
from autograder.mutants.convolution.layer_slips import backward_slip, forward_slip
from autograder.testing import mutant

# Axes that were reshaped and not moved -------------------------------------------------------------------------------


def rows_of(x, w, conv_param):
    """im2col: (N·OH·OW, C·height·width)."""
    seen = right.windows(x, *w.shape[2:], *right.settings(conv_param)).transpose(0, 2, 3, 1, 4, 5)
    return seen.reshape(-1, w[0].size)


def filters_not_moved(x, w, b, conv_param):
    shape = right.forward(x, w, b, conv_param).shape
    return (rows_of(x, w, conv_param) @ w.reshape(len(w), -1).T + b).reshape(shape)


def filters_left_last(x, w, b, conv_param):
    return right.forward(x, w, b, conv_param).transpose(0, 2, 3, 1)


def examples_and_places_mixed(x, w, b, conv_param):
    out = right.forward(x, w, b, conv_param)
    n, filters, rows, columns = out.shape
    flat = out.transpose(0, 2, 3, 1).reshape(-1, filters)
    return flat.reshape(rows, columns, n, filters).transpose(2, 3, 0, 1)


def kernels_read_backwards(x, w, b, conv_param):
    return right.forward(x, w.reshape(len(w), -1)[:, ::-1].reshape(w.shape), b, conv_param)


def kernels_channels_last(x, w, b, conv_param):
    flat = w.transpose(0, 2, 3, 1).reshape(len(w), -1)
    return right.forward(x, flat.reshape(w.shape), b, conv_param)


def places_not_moved(x, w, b, conv_param):
    shape = right.forward(x, w, b, conv_param).shape
    return (rows_of(x, w, conv_param) @ w.reshape(len(w), -1).T + b).T.reshape(shape)


def filters_first(x, w, b, conv_param):
    return right.forward(x, w, b, conv_param).transpose(1, 0, 2, 3)


def places_exchanged(x, w, b, conv_param):
    n, filters, rows, columns = right.forward(x, w, b, conv_param).shape
    product = rows_of(x, w, conv_param) @ w.reshape(len(w), -1).T + b
    return product.reshape(n, columns, rows, filters).transpose(0, 3, 1, 2)


def kernels_not_transposed(x, w, b, conv_param):
    return right.forward(x, w.reshape(-1, len(w)).T.reshape(w.shape), b, conv_param)


def output_in_float32(x, w, b, conv_param):
    return right.forward(x, w, b, conv_param).astype(np.float32)


def laid_out_by(x, w, b, conv_param, layer, places=None):
    """The product with rows that im2col made of other arguments. places: OH and OW, where they are wrong."""
    rows, columns = right.forward(x, w, b, conv_param).shape[2:] if places is None else places
    seen = right.windows(x, *layer).transpose(0, 2, 3, 1, 4, 5)
    product = seen.reshape(-1, x.shape[1] * layer[0] * layer[1]) @ w.reshape(len(w), -1).T + b
    return product.reshape(len(x), rows, columns, len(w)).transpose(0, 3, 1, 2)


def settings_not_passed_on(x, w, b, conv_param):
    return laid_out_by(x, w, b, conv_param, (*w.shape[2:], 1, 0))


def stride_not_passed_on(x, w, b, conv_param):
    return laid_out_by(x, w, b, conv_param, (*w.shape[2:], 1, conv_param["pad"]))


def columns_from_height(x, w, b, conv_param):
    rows = right.places(x.shape[2], w.shape[2], *right.settings(conv_param))
    return laid_out_by(x, w, b, conv_param, (*w.shape[2:], *right.settings(conv_param)), (rows, rows))


for name, sentence, wrong in (
    ("kernel_turned", "the kernels are turned by 180 degrees; the layer is a cross-correlation and lays them on as they are.", slips.kernel_turned),
    ("rows_and_columns_exchanged", "rows and columns of the output come out exchanged: its axes are (N, F, OH, OW).", lambda x, w, b, conv_param: right.forward(x, w, b, conv_param).swapaxes(2, 3)),
    ("places_not_moved", "the product is transposed and then reshaped to (N, F, OH, OW) at once; its axes are then F and (N, OH, OW): reshape to (F, N, OH, OW), then transpose.", places_not_moved),
    ("filters_first", "out has the filters first; its axes are (N, F, OH, OW).", filters_first),
    ("places_exchanged", "the rows of the product are reshaped to (N, OW, OH, F): rows come before columns.", places_exchanged),
    ("kernels_not_transposed", "the kernels are reshaped to (-1, F), which mixes their numbers: reshape to (F, -1), one kernel a row, and transpose.", kernels_not_transposed),
    ("settings_not_passed_on", "im2col is called without stride and padding.", settings_not_passed_on),
    ("stride_not_passed_on", "im2col is called with stride 1 whatever the stride is.", stride_not_passed_on),
    ("columns_from_height", "the number of columns is worked out from height and kernel height: width may differ.", columns_from_height),
    ("output_in_float32", "the output is float32 whatever comes in; for float64 images it should be as precise as they are.", output_in_float32),
    ("filters_not_moved", "the rows of the product are reshaped to (N, F, OH, OW) at once; filters are its last axis, so reshape to (N, OH, OW, F) and then transpose.", filters_not_moved),
    ("filters_left_last", "out has the filters last; its axes are (N, F, OH, OW).", filters_left_last),
    ("examples_and_places_mixed", "rows of the product are taken in the order (place, image); im2col has all places of the first image first.", examples_and_places_mixed),
    ("kernels_read_backwards", "the kernels are laid out backwards, which turns them: the order is that of the rows of im2col.", kernels_read_backwards),
    ("kernels_channels_last", "the kernels are laid out with channels last; im2col has them first in each row.", kernels_channels_last),
    ("bias_forgotten", "the bias is not added.", slips.bias_forgotten),
    ("bias_for_each_pixel", "the bias is added once for each number of the window; it is added once to each output.", slips.bias_for_each_pixel),
    ("kernel_of_first_channel", "the kernels' first channel is used for all channels: each channel has weights of its own.", slips.kernel_of_first_channel),
    ("sides_of_the_kernel_exchanged", "this works for square kernels only: height and width of the kernel are exchanged somewhere.", slips.sides_of_the_kernel_exchanged),
    ("sides_of_the_image_exchanged", "this works for square images only: height and width of the image are exchanged somewhere.", slips.sides_of_the_image_exchanged),
    ("starts_not_strided", "the stride is used for the number of places but not for where windows begin.", slips.starts_not_strided),
    ("padded_at_the_end", "all padding is put at the end; half of it belongs before the first row and column.", slips.padded_at_the_end),
    ("width_not_looked_at", "kernels that do not fit in width should raise ValueError, as those that do not fit in height do.", slips.width_not_looked_at),
):  # fmt: skip
    forward_slip("fast", name, sentence, wrong)


# Backwards -----------------------------------------------------------------------------------------------------------


def dout_not_moved(dout):
    """dout, as it looks to who reshapes it without moving its axes first."""
    n, filters, rows, columns = dout.shape
    return dout.reshape(n, rows, columns, filters).transpose(0, 3, 1, 2)


def dx_channels_not_moved(dout, x, w, conv_param):
    shares = np.einsum("nfrt,fcij->nrtcij", dout, w)
    n, rows, columns, channels = shares.shape[:4]
    mixed = shares.reshape(n, channels, rows, columns, *shares.shape[4:])
    return right.spread(mixed, x.shape, *right.settings(conv_param))


def dw_transposed(dout, x, w, conv_param):
    flat = right.dw_of(dout, x, w, conv_param).reshape(len(w), -1)
    return flat.T.reshape(w.shape)


@mutant("conv_fast", "conv_backward_fast: dout is reshaped to rows without moving the filters to the end first: transpose before you reshape.",
        replaces="conv_backward_fast")  # fmt: skip
def dout_rows_mixed(dout, cache):
    x, w, _, conv_param = cache[:4]
    mixed = dout_not_moved(dout)
    return (
        right.dx_of(mixed, x, w, conv_param),
        right.dw_of(mixed, x, w, conv_param),
        right.db_of(dout, x, w, conv_param),
    )


@mutant("conv_fast", "conv_backward_fast: dout is reshaped to rows without moving the filters to the end first, which mixes all three gradients: transpose before you reshape.",
        replaces="conv_backward_fast")  # fmt: skip
def dout_rows_mixed_for_all(dout, cache):
    x, w, _, conv_param = cache[:4]
    mixed = dout_not_moved(dout)
    return tuple(gradient(mixed, x, w, conv_param) for gradient in (right.dx_of, right.dw_of, right.db_of))


for name, sentence, wrong_dx in (
    ("dx_cut_at_the_end", "the padding is cut off at one end only: dx is shifted. Leave out the first pad rows and columns.", slips.dx_cut_at_the_end),
    ("dx_cut_to_a_square", "dx is cut to a square: its width is that of x.", slips.dx_cut_to_a_square),
    ("dx_columns_not_strided", "the stride is missing from the slice of columns onto which windows are put back.", slips.dx_columns_not_strided),
    ("dx_padding_forgotten", "windows are put back as if there were no padding: use the padded size, and cut it at the end.", slips.dx_padding_forgotten),
    ("dx_channels_not_moved", "the product for dx is reshaped to (N, C, OH, OW, HH, WW) at once; its axes are (N, OH, OW, C, HH, WW).", dx_channels_not_moved),
    ("dx_padded", "dx still has the padding: cut it off, so that dx has the shape of x.", slips.dx_padded),
    ("dx_cut_by_minus_pad", "the padding is cut off with a slice that ends at -pad: where pad is 0 that slice is empty.", slips.dx_cut_by_minus_pad),
    ("dx_element_overwritten", "windows are put back with = where they overlap: copies of one pixel are added up.", slips.dx_element_overwritten),
    ("dx_turned", "dx uses turned kernels: a pixel gets the very weight it was multiplied by.", slips.dx_turned),
    ("dx_starts_not_strided", "dx puts its windows back as if the stride were 1.", slips.dx_starts_not_strided),
):  # fmt: skip
    backward_slip("fast", name, sentence, dx=wrong_dx)

for name, sentence, wrong_dw in (
    ("dw_starts_not_strided", "dw takes its windows as if the stride were 1.", slips.dw_starts_not_strided),
    ("dw_of_last_example", "dw holds the share of the last example only: shares are added up.", slips.dw_of_last_example),
    ("dw_averaged", "dw is divided by the number of examples: that division is the loss's and is in dout already.", slips.dw_averaged),
    ("dw_transposed", "dw is reshaped from the transposed product: its rows are filters.", dw_transposed),
):  # fmt: skip
    backward_slip("fast", name, sentence, dw=wrong_dw)

for name, sentence, wrong_db in (
    ("db_averaged", "db is averaged over the examples; branches sum.", slips.db_averaged),
    ("db_for_each_example", "db is summed over the wrong axes: one number for each filter belongs there.", slips.db_for_each_example),
    ("db_not_summed_over_examples", "db has a row for each example: add them up.", slips.db_not_summed_over_examples),
):  # fmt: skip
    backward_slip("fast", name, sentence, db=wrong_db)


for name, arrange in (
    ("order_of_the_gradients", lambda gradients: (gradients[1], gradients[0], gradients[2])),
    ("dx_comes_last", lambda gradients: (gradients[1], gradients[2], gradients[0])),
):
    backward_slip("fast", name, "the order is that of the forward pass's arguments: dx, dw, db.", arrange=arrange)

backward_slip(
    "fast",
    "gradients_averaged",
    "all gradients are divided by the number of examples: that division is the loss's and is in dout already.",
    dx=lambda dout, x, w, conv_param: right.dx_of(dout, x, w, conv_param) / len(x),
    dw=slips.dw_averaged,
    db=slips.db_averaged,
)
backward_slip(
    "fast",
    "db_mean_of_rows",
    "db is the mean over examples and places; it is their sum.",
    db=lambda dout, x, w, conv_param: dout.mean(axis=(0, 2, 3)),
)


@mutant("conv_fast", "conv_backward_fast: dout is reshaped to (F, N·OH·OW) without moving the filters in front of the examples: transpose before you reshape.",
        replaces="conv_backward_fast")  # fmt: skip
def dout_filters_mixed(dout, cache):
    x, w, _, conv_param = cache[:4]
    n, filters, rows, columns = dout.shape
    mixed = dout.reshape(filters, n, rows, columns).transpose(1, 0, 2, 3)
    return tuple(gradient(mixed, x, w, conv_param) for gradient in (right.dx_of, right.dw_of, right.db_of))


@mutant("conv_fast", "conv_forward_fast: the result is right, but it takes Python a step for each image, filter or place: multiply matrices instead.",
        replaces="conv_forward_fast")  # fmt: skip
def loops_over_places(x, w, b, conv_param):
    seen = right.windows(x, *w.shape[2:], *right.settings(conv_param))
    out = np.empty((len(x), len(w), *seen.shape[2:4]), dtype=x.dtype)
    for r, t in np.ndindex(seen.shape[2:4]):
        out[:, :, r, t] = np.tensordot(seen[:, :, r, t], w, axes=((1, 2, 3), (1, 2, 3))) + b
    return out, right.fast_cache(x, w, b, conv_param)


@mutant("conv_fast", "conv_backward_fast: the gradients are right, but it takes Python a step for each image or place: loop over the elements of the window only.",
        replaces="conv_backward_fast")  # fmt: skip
def loops_over_places_backwards(dout, cache):
    x, w, _, conv_param = cache[:4]
    return right.dx_of(dout, x, w, conv_param), right.dw_of(dout, x, w, conv_param), right.db_of(dout, x, w, conv_param)


@mutant("conv_fast", "conv_backward_fast: dout is changed; leave it as it is.", replaces="conv_backward_fast")
def dout_used_up(dout, cache):
    x, w, _, conv_param = cache[:4]
    gradients = [gradient(dout.copy(), x, w, conv_param) for gradient in (right.dx_of, right.dw_of, right.db_of)]
    dout[:] = 0
    return tuple(gradients)
