"""Max and average pooling, along the width and then along the height: a window of h·w pixels costs w + h steps.

Each step is an operation on whole arrays, for one element of the window at all its places. Windows may overlap.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course_utils.nn.layers.windows import count_places, meetings, whole_number

Array = NDArray[Any]
MaxCache = tuple[tuple[int, ...], Array, Array, Mapping[str, int]]
AvgCache = tuple[tuple[int, ...], Mapping[str, int]]


def max_pool_forward(x: Array, pool_param: Mapping[str, int]) -> tuple[Array, MaxCache]:
    """The largest pixel of each window, a channel at a time. The answer to `max_pool_forward` in notebook 08.

    x: (N, C, H, W); pool_param: "pool_height", "pool_width" and "stride". Returns out (N, C, OH, OW) with
    OH = (H − pool_height)/stride + 1 and OW likewise, and a cache. Raises ValueError where sizes do not fit.
    """
    height, width = _axes("max_pool_forward", x.shape, pool_param)
    best, best_column = _largest(x, width)
    out, best_row = _largest(best, height)
    return out, (x.shape, best_column, best_row, pool_param)


def max_pool_backward(dout: Array, cache: MaxCache) -> Array:
    """dx (N, C, H, W): each dout goes to its window's largest pixel, with ties to the first, as np.argmax has it.

    The answer to `max_pool_backward` in notebook 08. Raises ValueError for a dout of another shape than out.
    """
    shape, best_column, best_row, pool_param = cache
    height, width = _axes("max_pool_backward", shape, pool_param, dout)
    return _sent_back(_sent_back(dout, height, best_row), width, best_column)


def avg_pool_forward(x: Array, pool_param: Mapping[str, int]) -> tuple[Array, AvgCache]:
    """The mean of each window; shapes and errors as in `max_pool_forward`. `avg_pool_forward` of notebook 08."""
    height, width = _axes("avg_pool_forward", x.shape, pool_param)
    out = _summed(_summed(x, width), height) / (height.window * width.window)
    return out, (x.shape, pool_param)


def avg_pool_backward(dout: Array, cache: AvgCache) -> Array:
    """dx (N, C, H, W): each dout is shared equally by its window's pixels. `avg_pool_backward` of notebook 08."""
    shape, pool_param = cache
    height, width = _axes("avg_pool_backward", shape, pool_param, dout)
    return _sent_back(_sent_back(dout / (height.window * width.window), height), width)


@dataclass(frozen=True)
class _Axis:
    """The windows along one axis of x."""

    number: int
    size: int
    window: int
    stride: int
    places: int

    def parts(self, x: Array) -> list[Array]:
        """For each element of the window, a view of the pixels that it meets at all its places."""
        slices = [pixels for _, pixels in meetings(self.size, self.window, self.stride, self.places)]
        return [x[(slice(None),) * self.number + (pixels,)] for pixels in slices]


def _axes(
    caller: str, shape: tuple[int, ...], pool_param: Mapping[str, int], dout: Array | None = None
) -> tuple[_Axis, _Axis]:
    """Height and width, after checking that windows (and dout) fit the x of that shape."""
    if len(shape) != 4:
        raise ValueError(f"{caller}: x of shape (N, C, H, W) is needed, not {shape}")
    stride = whole_number(caller, pool_param, "stride", 1)
    axes = []
    for number, name in ((2, "height"), (3, "width")):
        size, window = shape[number], whole_number(caller, pool_param, f"pool_{name}", 1)
        axes.append(_Axis(number, size, window, stride, count_places(caller, name, size, window, stride)))
    height, width = axes
    out_shape = (*shape[:2], height.places, width.places)
    if dout is not None and dout.shape != out_shape:
        raise ValueError(f"{caller}: dout has shape {dout.shape}; out has {out_shape}")
    return height, width


def _largest(x: Array, axis: _Axis) -> tuple[Array, Array]:
    """The largest number of each window along an axis, and which of the window's elements it is: the first, if tied."""
    first, *others = axis.parts(x)
    best, which = first.copy(), np.zeros(first.shape, np.min_scalar_type(axis.window))
    for element, candidate in enumerate(others, 1):
        larger = (candidate > best).view(np.uint8)
        np.maximum(which, larger * which.dtype.type(element), out=which)  # several times quicker than np.where
        np.maximum(best, candidate, out=best)
    return best, which


def _summed(x: Array, axis: _Axis) -> Array:
    """The sum of each window along an axis."""
    first, *others = axis.parts(x)
    total = first.astype(np.result_type(x, np.float32))
    for part in others:
        total += part
    return total


def _sent_back(dout: Array, axis: _Axis, to: Array | None = None) -> Array:
    """Each number of dout, added to all pixels of its window along an axis, or to the one that `to` names."""
    shape = list(dout.shape)
    shape[axis.number] = axis.size
    dx = np.empty(shape, dout.dtype) if axis.stride == axis.window else np.zeros(shape, dout.dtype)
    for element, part in enumerate(axis.parts(dx)):
        if axis.stride < axis.window:
            part += dout if to is None else dout * (to == element)
        elif axis.number == 3:  # no pixel lies in two windows; where stride and window are equal, each lies in one
            np.multiply(dout, 1 if to is None else to == element, out=part)
        else:
            _rows(part)[...] = _rows(np.ascontiguousarray(dout if to is None else dout * (to == element)))
    return dx


def _rows(x: Array) -> Array:
    """A view in which each row of pixels, which must lie in one piece, is one item: quicker to copy than numbers."""
    items: Array = x.view(np.dtype((np.void, x.itemsize * x.shape[-1])))[..., 0]
    return items
