"""`conv_naive`: the layer in loops, gone wrong."""

from autograder.mutants.convolution import layer_slips as slips
from autograder.mutants.convolution import right_layers as right
from autograder.mutants.convolution.layer_slips import backward_slip, forward_slip
from autograder.testing import mutant

for name, sentence in {
    "kernel_turned": "the kernel is turned by 180 degrees; the layer is a cross-correlation and lays it on as it is.",
    "bias_for_each_pixel": "the bias is added once for each number of the window; it is added once to each output.",
    "first_channel_only": "only the first channel of the images is seen: a window reaches through all channels.",
    "starts_not_strided": "windows begin at row r and column t; at stride S they begin at r times S and t times S.",
    "stride_on_rows_only": "the stride is used for rows only; columns are to be skipped as well.",
    "padding_forgotten": "the padding is not used: windows run over the bare images.",
    "padded_with_the_edge": "the padding repeats the pixels at the edge; it consists of zeros.",
    "sides_of_the_kernel_exchanged": "this works for square kernels only: height and width of the kernel are exchanged somewhere.",
    "sides_of_the_image_exchanged": "this works for square images only: height and width of the image are exchanged somewhere.",
    "misfit_dropped": "kernels that do not fit the image should raise ValueError; here the pixels left over are dropped.",
    "width_not_looked_at": "kernels that do not fit in width should raise ValueError, as those that do not fit in height do.",
}.items():
    forward_slip("naive", name, sentence, getattr(slips, name))

for name, sentence in {
    "dx_padded": "dx still has the padding: cut it off, so that dx has the shape of x.",
    "dx_cut_by_minus_pad": "the padding is cut off with a slice that ends at -pad: where pad is 0 that slice is empty.",
    "dx_cut_at_the_end": "the padding is cut off at one end only: dx is shifted. Leave out the first pad rows and columns.",
    "dx_overwritten": "dx is overwritten where windows overlap: a pixel's shares are added up.",
    "dx_turned": "dx uses turned kernels: a pixel gets the very weight it was multiplied by.",
    "dx_starts_not_strided": "dx puts its windows back as if the stride were 1: they begin at r times the stride, t times the stride.",
    "dx_of_last_filter": "dx holds the share of the last filter only: all filters have seen the pixel.",
}.items():
    backward_slip("naive", name, sentence, dx=getattr(slips, name))

for name, sentence in {
    "dw_starts_not_strided": "dw takes its windows as if the stride were 1: they begin at r times the stride, t times the stride.",
    "dw_of_last_example": "dw holds the share of the last example only: shares are added up.",
    "dw_averaged": "dw is divided by the number of examples: that division is the loss's and is in dout already.",
    "dw_of_last_place": "dw holds the share of the last place of the last example only: it is overwritten where it should be added to.",
}.items():
    backward_slip("naive", name, sentence, dw=getattr(slips, name))

for name, sentence in {
    "db_averaged": "db is averaged over the examples; the bias is used by each of them, and branches sum.",
    "db_for_each_example": "db is summed over the wrong axes: one number for each filter belongs there, not one for each example.",
    "db_of_last_place": "db holds the share of the last place of the last example only: it is overwritten where it should be added to.",
    "db_of_last_example": "db holds the share of the last example only: it is overwritten where it should be added to.",
    "db_of_everything": "db is a single number: sum over examples and places, not over filters.",
}.items():
    backward_slip("naive", name, sentence, db=getattr(slips, name))

backward_slip(
    "naive",
    "order_of_the_gradients",
    "the order is that of the forward pass's arguments: dx, dw, db.",
    arrange=lambda gradients: (gradients[1], gradients[0], gradients[2]),
)
backward_slip(
    "naive",
    "dx_comes_last",
    "the order is that of the forward pass's arguments: dx, dw, db.",
    arrange=lambda gradients: (gradients[1], gradients[2], gradients[0]),
)
backward_slip(
    "naive",
    "stride_forgotten",
    "the stride is not used: windows begin at r times the stride, t times the stride, for dx and for dw.",
    dx=slips.dx_starts_not_strided,
    dw=slips.dw_starts_not_strided,
)
backward_slip(
    "naive",
    "gradients_averaged",
    "all gradients are divided by the number of examples: that division is the loss's and is in dout already.",
    dx=lambda dout, x, w, conv_param: right.dx_of(dout, x, w, conv_param) / len(x),
    dw=slips.dw_averaged,
    db=slips.db_averaged,
)


@mutant("conv_naive", "conv_forward_naive: x itself is changed: pad a copy.", replaces="conv_forward_naive")
def x_changed(x, w, b, conv_param):
    return slips.rim_of_x_cleared(x, w, b, conv_param), (x.copy(), w, b, conv_param)


@mutant("conv_naive", "conv_backward_naive: dout is changed; leave it as it is.", replaces="conv_backward_naive")
def dout_used_up(dout, cache):
    x, w, _, conv_param = cache
    gradients = [gradient(dout.copy(), x, w, conv_param) for gradient in (right.dx_of, right.dw_of, right.db_of)]
    dout[:] = 0
    return tuple(gradients)
