"""Mistakes that are made in loops and in matrices alike: each takes what a right layer takes, and says `who` made it."""

import numpy as np

from autograder.mutants.convolution import right_layers as right
from autograder.testing import mutant


def forward_slip(kind, name, sentence, out):
    """A wrong forward pass of conv_naive or conv_fast. out: function of (x, w, b, conv_param)."""
    function = f"conv_forward_{kind}"

    def work(x, w, b, conv_param):
        found = out(x, w, b, conv_param)
        return found, right.fast_cache(x, w, b, conv_param) if kind == "fast" else (x, w, b, conv_param)

    work.__name__ = name
    mutant(f"conv_{kind}", f"{function}: {sentence}", replaces=function)(work)


def backward_slip(kind, name, sentence, dx=right.dx_of, dw=right.dw_of, db=right.db_of, arrange=tuple):
    """A wrong backward pass. dx, dw, db: functions of (dout, x, w, conv_param)."""
    function = f"conv_backward_{kind}"

    def work(dout, cache):
        x, w, _, conv_param = cache[:4]
        return arrange([gradient(dout, x, w, conv_param) for gradient in (dx, dw, db)])

    work.__name__ = name
    mutant(f"conv_{kind}", f"{function}: {sentence}", replaces=function)(work)


# Forwards ------------------------------------------------------------------------------------------------------------


def kernel_turned(x, w, b, conv_param):
    return right.forward(x, w[:, :, ::-1, ::-1], b, conv_param)


def bias_forgotten(x, w, b, conv_param):
    return right.forward(x, w, np.zeros_like(b), conv_param)


def bias_for_each_pixel(x, w, b, conv_param):
    return right.forward(x, w, b * w[0].size, conv_param)


def first_channel_only(x, w, b, conv_param):
    return right.forward(x[:, :1], w[:, :1], b, conv_param)


def kernel_of_first_channel(x, w, b, conv_param):
    return right.forward(x, np.repeat(w[:, :1], w.shape[1], axis=1), b, conv_param)


def starts_not_strided(x, w, b, conv_param):
    rows, columns = right.forward(x, w, b, conv_param).shape[2:]
    dense = right.forward(x, w, b, {"stride": 1, "pad": conv_param["pad"]})
    return dense[:, :, :rows, :columns]


def stride_on_rows_only(x, w, b, conv_param):
    right.windows(x, *w.shape[2:], *right.settings(conv_param))  # still refuses what does not fit
    return right.forward(x, w, b, {"stride": 1, "pad": conv_param["pad"]})[:, :, :: conv_param["stride"]]


def padding_forgotten(x, w, b, conv_param):
    right.windows(x, *w.shape[2:], *right.settings(conv_param))
    seen = np.lib.stride_tricks.sliding_window_view(x, w.shape[2:], axis=(2, 3))
    seen = seen[:, :, :: conv_param["stride"], :: conv_param["stride"]]
    return np.einsum("ncrtij,fcij->nfrt", seen, w) + b.reshape(1, -1, 1, 1)


def padded_at_the_end(x, w, b, conv_param):
    pad = 2 * conv_param["pad"]
    longer = np.pad(x, ((0, 0), (0, 0), (0, pad), (0, pad)))
    return right.forward(longer, w, b, {"stride": conv_param["stride"], "pad": 0})


def padded_with_the_edge(x, w, b, conv_param):
    pad = conv_param["pad"]
    around = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)), mode="edge")
    return right.forward(around, w, b, {"stride": conv_param["stride"], "pad": 0})


def sides_of_the_kernel_exchanged(x, w, b, conv_param):
    if w.shape[2] != w.shape[3]:
        raise ValueError("operands could not be broadcast together")
    return right.forward(x, w, b, conv_param)


def sides_of_the_image_exchanged(x, w, b, conv_param):
    if x.shape[2] != x.shape[3]:
        raise ValueError("operands could not be broadcast together")
    return right.forward(x, w, b, conv_param)


def misfit_dropped(x, w, b, conv_param):
    (stride, pad), (height, width) = right.settings(conv_param), x.shape[2:]
    rest = [(size + 2 * pad - window) % stride for size, window in zip((height, width), w.shape[2:], strict=True)]
    return right.forward(x[:, :, : height - rest[0], : width - rest[1]], w, b, conv_param)


def width_not_looked_at(x, w, b, conv_param):
    (stride, pad), width = right.settings(conv_param), x.shape[3]
    rest = (width + 2 * pad - w.shape[3]) % stride
    return right.forward(x[:, :, :, : width - rest], w, b, conv_param)


def rim_of_x_cleared(x, w, b, conv_param):
    out, pad = right.forward(x, w, b, conv_param), conv_param["pad"]
    if pad:
        x[:, :, :pad] = 0
    return out


# Backwards -----------------------------------------------------------------------------------------------------------


def dx_padded(dout, x, w, conv_param):
    return right.spread(np.einsum("nfrt,fcij->ncrtij", dout, w), x.shape, *right.settings(conv_param), cut=False)


def dx_cut_by_minus_pad(dout, x, w, conv_param):
    pad = conv_param["pad"]
    return dx_padded(dout, x, w, conv_param)[:, :, pad:-pad, pad:-pad]


def dx_cut_at_the_end(dout, x, w, conv_param):
    return dx_padded(dout, x, w, conv_param)[:, :, : x.shape[2], : x.shape[3]]


def dx_overwritten(dout, x, w, conv_param):
    stride, pad = right.settings(conv_param)
    # In loops over n, f, r and t the last filter's numbers overwrite those of all others, too.
    (n, c, height, width), shares = x.shape, np.einsum("nfrt,fcij->ncrtij", dout[:, -1:], w[-1:])
    padded = np.zeros((n, c, height + 2 * pad, width + 2 * pad))
    for r, t in np.ndindex(dout.shape[2:]):
        padded[:, :, r * stride : r * stride + w.shape[2], t * stride : t * stride + w.shape[3]] = shares[:, :, r, t]
    return padded[:, :, pad : pad + height, pad : pad + width]


def dx_element_overwritten(dout, x, w, conv_param):
    stride, pad = right.settings(conv_param)
    (n, c, height, width), shares = x.shape, np.einsum("nfrt,fcij->ncrtij", dout, w)
    padded = np.zeros((n, c, height + 2 * pad, width + 2 * pad))
    for i, j in np.ndindex(w.shape[2:]):
        rows, columns = i + stride * dout.shape[2], j + stride * dout.shape[3]
        padded[:, :, i:rows:stride, j:columns:stride] = shares[..., i, j]
    return padded[:, :, pad : pad + height, pad : pad + width]


def dx_turned(dout, x, w, conv_param):
    return right.dx_of(dout, x, w[:, :, ::-1, ::-1], conv_param)


def dx_of_last_filter(dout, x, w, conv_param):
    return right.dx_of(dout[:, -1:], x, w[-1:], conv_param)


def dx_starts_not_strided(dout, x, w, conv_param):
    return right.spread(np.einsum("nfrt,fcij->ncrtij", dout, w), x.shape, 1, conv_param["pad"])


def dx_cut_to_a_square(dout, x, w, conv_param):
    pad = conv_param["pad"]
    return dx_padded(dout, x, w, conv_param)[:, :, pad : pad + x.shape[2], pad : pad + x.shape[2]]


def dx_columns_not_strided(dout, x, w, conv_param):
    return _by_elements(dout, x, w, conv_param, across=1)


def dx_padding_forgotten(dout, x, w, conv_param):
    return _by_elements(dout, x, w, conv_param, room=0)


def _by_elements(dout, x, w, conv_param, across=None, room=None):
    """dx by a slice for each element of the window. across: the columns' stride; room: the padding there is room for."""
    stride, pad = right.settings(conv_param)
    across, room = stride if across is None else across, pad if room is None else room
    padded, shares = np.zeros(right.with_zeros(x, room).shape), np.einsum("nfrt,fcij->ncrtij", dout, w)
    for i, j in np.ndindex(w.shape[2:]):
        rows, columns = i + stride * dout.shape[2], j + across * dout.shape[3]
        padded[:, :, i:rows:stride, j:columns:across] += shares[..., i, j]
    return padded[:, :, pad : pad + x.shape[2], pad : pad + x.shape[3]]


def dw_starts_not_strided(dout, x, w, conv_param):
    seen = right.windows(x, *w.shape[2:], 1, conv_param["pad"])[:, :, : dout.shape[2], : dout.shape[3]]
    return np.einsum("nfrt,ncrtij->fcij", dout, seen)


def dw_of_last_example(dout, x, w, conv_param):
    return right.dw_of(dout[-1:], x[-1:], w, conv_param)


def dw_averaged(dout, x, w, conv_param):
    return right.dw_of(dout, x, w, conv_param) / len(x)


def dw_of_last_place(dout, x, w, conv_param):
    seen = right.windows(x, *w.shape[2:], *right.settings(conv_param))
    return np.einsum("f,cij->fcij", dout[-1, :, -1, -1], seen[-1, :, -1, -1])


def db_averaged(dout, x, w, conv_param):
    return dout.sum(axis=(2, 3)).mean(axis=0)


def db_for_each_example(dout, x, w, conv_param):
    return dout.sum(axis=(1, 2, 3))


def db_of_last_place(dout, x, w, conv_param):
    return dout[-1, :, -1, -1]


def db_of_last_example(dout, x, w, conv_param):
    return dout[-1].sum(axis=(1, 2))


def db_of_everything(dout, x, w, conv_param):
    return dout.sum()


def db_not_summed_over_examples(dout, x, w, conv_param):
    return dout.sum(axis=(2, 3))
