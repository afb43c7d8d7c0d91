"""Numbers, arrays and dictionaries of arrays, seen as one vector of float64 and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Layout:
    """Where each parameter lies in the vector. names is None for a number or one array."""

    names: tuple[Any, ...] | None
    shapes: tuple[tuple[int, ...], ...]

    @property
    def size(self) -> int:
        return sum(int(np.prod(shape)) for shape in self.shapes)

    @property
    def parts(self) -> list[slice]:
        """The piece of the vector that each parameter takes."""
        ends = np.cumsum([0, *(int(np.prod(shape)) for shape in self.shapes)])
        return [slice(int(start), int(end)) for start, end in pairwise(ends)]

    def unpack(self, vector: np.ndarray) -> Any:
        """A fresh float (or complex), array or dictionary that holds the vector's values."""
        arrays = [vector[part].reshape(shape).copy() for part, shape in zip(self.parts, self.shapes, strict=True)]
        if self.names is not None:
            return dict(zip(self.names, arrays, strict=True))
        return arrays[0].item() if self.shapes[0] == () else arrays[0]

    def index(self, position: int) -> Any:
        """The entry's index as one would write it: (2, 3), or ("W1", (2, 3)) in a dictionary."""
        for number, part in enumerate(self.parts):
            if part.start <= position < part.stop:
                inside = tuple(int(i) for i in np.unravel_index(position - part.start, self.shapes[number]))
                return inside if self.names is None else (self.names[number], inside)
        raise IndexError(f"position {position} is past the end of a vector of {self.size}")

    def place(self, position: int) -> str:
        """The entry in words: [2, 3], or 'W1'[2, 3]."""
        index = self.index(position)
        name, inside = ("", index) if self.names is None else (repr(index[0]), index[1])
        return name + ("[" + ", ".join(str(i) for i in inside) + "]" if inside else "") or "the only entry"


def pack(value: Any, called: str) -> tuple[Layout, np.ndarray, set[str]]:
    """The layout, a new float64 vector, and the names of the dtypes that came.

    Raises TypeError when something in value is not made of real numbers, ValueError when a dictionary is empty.
    """
    if isinstance(value, Mapping):
        if not value:
            raise ValueError(f"{called} is an empty dictionary: there is nothing to check.")
        named = {name: _numbers(array, f"{called}[{name!r}]") for name, array in value.items()}
        arrays = list(named.values())
        layout = Layout(tuple(named), tuple(array.shape for array in arrays))
    else:
        arrays = [_numbers(value, called)]
        layout = Layout(None, (arrays[0].shape,))
    vector = np.concatenate([array.astype(np.float64).ravel() for array in arrays])
    return layout, vector, {array.dtype.name for array in arrays}


def _numbers(value: Any, called: str) -> np.ndarray:
    if value is None:
        raise TypeError(f"{called} is None. Does the function that should make it end with a return?")
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise TypeError(f"{called} cannot be read as an array of numbers: {error}") from error
    if array.dtype.kind not in "fiub":
        raise TypeError(
            f"{called} should hold real numbers, and it is a {type(value).__name__} of dtype {array.dtype}. "
            "Give a number, an array, or a dictionary of arrays."
        )
    return array
