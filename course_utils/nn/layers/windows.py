"""Where a window goes along an axis: how many places it has, and which pixel each of its elements meets there."""

from collections.abc import Mapping
from typing import Any

Meeting = tuple[slice, slice]


def count_places(caller: str, axis: str, size: int, window: int, stride: int, pad: int = 0) -> int:
    """(size − window + 2·pad)/stride + 1, the places of a window along an axis of `size` pixels.

    Raises ValueError where that is not a whole number, or below 1; `caller` and `axis` are named in the sentence.
    """
    room = size + 2 * pad - window
    pixels = f"{axis} {size}" + (f" with {pad} of padding at each end" if pad else "")
    if room < 0:
        raise ValueError(f"{caller}: a window of {axis} {window} does not fit into {pixels}")
    if room % stride:
        raise ValueError(
            f"{caller}: windows of {axis} {window} at stride {stride} do not fit {pixels}: "
            f"({size} − {window} + 2·{pad})/{stride} is not a whole number"
        )
    return room // stride + 1


def meetings(size: int, window: int, stride: int, count: int, pad: int = 0) -> list[Meeting]:
    """For each element of the window: at which of its `count` places it meets a pixel that is no padding, and which.

    Two slices of one length, into the places 0..count−1 and into the pixels 0..size−1.
    """
    return [_meeting(element - pad, stride, count, size) for element in range(window)]


def _meeting(offset: int, stride: int, count: int, size: int) -> Meeting:
    first = max(0, -(offset // stride))  # the first place t with offset + stride·t ≥ 0
    last = min(count, (size - 1 - offset) // stride + 1)
    if last <= first:
        return slice(0, 0), slice(0, 0)
    return slice(first, last), slice(offset + stride * first, offset + stride * (last - 1) + 1, stride)


def whole_number(caller: str, param: Mapping[str, Any], name: str, smallest: int) -> int:
    """param[name], a whole number of at least `smallest`; ValueError where it is missing or anything else."""
    if name not in param:
        raise ValueError(f'{caller}: "{name}" is missing; given were {sorted(param)}')
    value = param[name]
    if isinstance(value, bool) or not hasattr(value, "__index__") or value < smallest:
        raise ValueError(f'{caller}: "{name}" is {value!r}; it is a whole number of at least {smallest}')
    return int(value)
