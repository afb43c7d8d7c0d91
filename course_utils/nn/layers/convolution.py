"""The convolution layer by im2col, a few images at a time: quick, and with bounded memory.

im2col makes the layer one product of matrices by copying a pixel once for each element (i, j) of the kernel that meets
it. Here that takes two steps: copies of the images shifted by columns, one for each j (runs of one image row), and of
these, copies shifted by rows, one for each i (stretches of many rows). The backward pass does without the second step:
it shifts dout by rows and x by columns, and finds dw and dx with one product each.
The copies of a few images are used while they are still in the processor's cache; in them, a channel's images lie side
by side, so that one product serves them all.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course_utils.nn.layers.windows import Meeting, count_places, meetings, whole_number

Array = NDArray[Any]
Cache = tuple[Array, Array, Array, Mapping[str, int]]

WORKSPACE = 4 * 2**20
"""Bytes a call takes for its copies; more only if a single image needs more."""


def conv_forward(x: Array, w: Array, b: Array, conv_param: Mapping[str, int]) -> tuple[Array, Cache]:
    """Cross-correlation of every image with F kernels, plus a bias. The answer to `conv_forward_fast` in notebook 08.

    x: (N, C, H, W); w: (F, C, HH, WW); b: (F,); conv_param: "stride" (1 or more) and "pad" (rows and columns of zeros
    at each edge). Returns out (N, F, OH, OW), OH = (H − HH + 2·pad)/stride + 1 and OW likewise, and a cache.
    Memory beside out: at most WORKSPACE bytes, or what one image needs, WW·C·OW·(H + HH·OH) + F·OH·OW numbers.
    Raises ValueError where shapes do not fit.
    """
    g = _geometry("conv_forward", x, w, b, conv_param)
    dtype = _float_type(x, w, b)
    kernels = w.transpose(0, 2, 3, 1).reshape(g.F, g.HH * g.WW * g.C).astype(dtype)
    bias = b.reshape(g.F, 1).astype(dtype)
    out = np.empty((g.N, g.F, g.OH * g.OW), dtype)

    some = g.images_at_once(g.WW * g.C * g.OW * (g.H + g.HH * g.OH) + g.F * g.OH * g.OW, dtype)
    by_column = np.zeros((g.WW, g.C, some, g.H, g.OW), dtype)
    by_both = np.zeros((g.HH, g.WW, g.C, some, g.OH, g.OW), dtype)
    product = np.empty((g.F, some, g.OH * g.OW), dtype)
    for images, n in g.chunks(some):
        for j, (places, pixels) in enumerate(g.columns):
            by_column[j, :, :n, :, places] = _channels_first(x[images, :, :, pixels])
        for i, (places, pixels) in enumerate(g.rows):
            by_both[i, :, :, :n, places] = by_column[:, :, :n, pixels]
        np.matmul(kernels, _matrix(by_both[:, :, :, :n], 3), out=_matrix(product[:, :n], 1))
        np.add(_channels_first(product[:, :n]), bias, out=out[images])
    return out.reshape(g.N, g.F, g.OH, g.OW), (x, w, b, conv_param)


def conv_backward(dout: Array, cache: Cache) -> tuple[Array, Array, Array]:
    """Gradients (dx, dw, db) in the shapes of x, w and b; dout: (N, F, OH, OW). `conv_backward_fast` of notebook 08.

    Memory beside the gradients: at most WORKSPACE bytes, or what one image needs, H·OW·(HH·F + 2·WW·C) numbers.
    Raises ValueError for a dout of another shape than out.
    """
    x, w, b, conv_param = cache
    g = _geometry("conv_backward", x, w, b, conv_param)
    if dout.shape != (g.N, g.F, g.OH, g.OW):
        raise ValueError(f"conv_backward: dout has shape {dout.shape}; out has {(g.N, g.F, g.OH, g.OW)}")
    dtype = _float_type(x, w, b, dout)
    kernels = w.transpose(3, 1, 2, 0).reshape(g.WW * g.C, g.HH * g.F).astype(dtype)
    dx, dkernels = np.zeros(x.shape, dtype), np.zeros(kernels.shape, dtype)

    # In copy i, row r of dout lies where kernel row i met x for it: in row stride·r + i − pad of x.
    some = g.images_at_once(g.H * g.OW * (g.HH * g.F + 2 * g.WW * g.C), dtype)
    dout_by_row = np.zeros((g.HH, g.F, some, g.H, g.OW), dtype)
    x_by_column = np.zeros((g.WW, g.C, some, g.H, g.OW), dtype)
    dx_by_column = np.empty_like(x_by_column)
    for images, n in g.chunks(some):
        for i, (places, pixels) in enumerate(g.rows):
            dout_by_row[i, :, :n, pixels] = _channels_first(dout[images, :, places])
        for j, (places, pixels) in enumerate(g.columns):
            x_by_column[j, :, :n, :, places] = _channels_first(x[images, :, :, pixels])
        douts = _matrix(dout_by_row[:, :, :n], 2)
        dkernels += _matrix(x_by_column[:, :, :n], 2) @ douts.T
        np.matmul(kernels, douts, out=_matrix(dx_by_column[:, :, :n], 2))
        for j, (places, pixels) in enumerate(g.columns):
            dx[images, :, :, pixels] += _channels_first(dx_by_column[j, :, :n, :, places])
    dw = dkernels.reshape(g.WW, g.C, g.HH, g.F).transpose(3, 1, 2, 0)
    return dx, np.ascontiguousarray(dw), dout.sum(axis=(0, 2, 3), dtype=dtype).reshape(b.shape)


@dataclass(frozen=True)
class _Geometry:
    """The sizes of a layer, and which pixels each kernel row and kernel column meets at which places."""

    N: int
    C: int
    H: int
    F: int
    HH: int
    WW: int
    OH: int
    OW: int
    rows: list[Meeting]
    columns: list[Meeting]

    def images_at_once(self, numbers: int, dtype: np.dtype[Any]) -> int:
        """How many images to work on together if each takes so many numbers of WORKSPACE."""
        return max(1, min(self.N, WORKSPACE // (numbers * dtype.itemsize)))

    def chunks(self, some: int) -> Iterator[tuple[slice, int]]:
        """The batch in pieces of `some` images, the last perhaps smaller: where each is, and its size."""
        for start in range(0, self.N, some):
            yield slice(start, start + some), min(some, self.N - start)


def _geometry(caller: str, x: Array, w: Array, b: Array, conv_param: Mapping[str, int]) -> _Geometry:
    if x.ndim != 4 or w.ndim != 4 or 0 in x.shape[1:] or 0 in w.shape:
        raise ValueError(f"{caller}: x (N, C, H, W) and w (F, C, HH, WW) are needed, not {x.shape} and {w.shape}")
    if x.shape[1] != w.shape[1]:
        raise ValueError(f"{caller}: x of shape {x.shape} has {x.shape[1]} channels, w of shape {w.shape} {w.shape[1]}")
    if b.size != len(w):
        raise ValueError(f"{caller}: w of shape {w.shape} needs {len(w)} biases, but b has shape {b.shape}")
    (N, C, H, W), (F, _, HH, WW) = x.shape, w.shape
    stride, pad = whole_number(caller, conv_param, "stride", 1), whole_number(caller, conv_param, "pad", 0)
    OH = count_places(caller, "height", H, HH, stride, pad)
    OW = count_places(caller, "width", W, WW, stride, pad)
    rows, columns = meetings(H, HH, stride, OH, pad), meetings(W, WW, stride, OW, pad)
    return _Geometry(N, C, H, F, HH, WW, OH, OW, rows, columns)


def _channels_first(images: Array) -> Array:
    """(N, C, ...) as (C, N, ...), and the other way round."""
    return images.swapaxes(0, 1)


def _matrix(array: Array, rows: int) -> Array:
    """The first `rows` axes as the rows of a matrix, the others as its columns: of the arrays above, a view."""
    return array.reshape(math.prod(array.shape[:rows]), math.prod(array.shape[rows:]))


def _float_type(*arrays: Array) -> np.dtype[Any]:
    dtype = np.result_type(*arrays)
    return dtype if dtype.kind == "f" else np.dtype(np.float64)
