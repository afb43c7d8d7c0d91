"""Values as frames: a capped msgpack header with the array buffers beside it.

Nothing here can run code: no pickle, no object arrays, plain types only. Every cap is checked before memory is taken.
Composite values travel as msgpack arrays that begin with a tag, so that a tuple stays a tuple, a dict may have any
key that can cross, and a peer that sends anything else is caught while decoding.
"""

import hashlib
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, NamedTuple

import msgpack
import numpy as np

MAX_HEADER_BYTES = 2 << 20
MAX_BUFFER_BYTES = 64 << 20
MAX_BUFFERS = 4096
MAX_DEPTH = 24
MAX_PARTS = 50_000
MAX_DIMENSIONS = 8
MAX_INTEGER_BYTES = 512
MAX_EMPTY_SIDE = 10_000  # of an array without elements: millions of empty rows weigh nothing until they are listed
MAX_KEYS = 2_000  # of a dict: keys made to have equal hashes cost time that grows with the square of their number

# Numbers, booleans and fixed-width text; never objects, records or dates.
CROSSING_KINDS = "biufcU"
CROSSING_DTYPE = re.compile(r"[<>|=]?(?:[biufc]\d{1,2}|U[1-9]\d{0,3})")

Kind = Literal["object", "type", "function"]


class WireError(Exception):
    """A value that may not cross, or a frame that breaks the format."""


@dataclass(frozen=True, slots=True)
class Ref:
    """Names a thing that stays on its own side; the other side holds a handle to it.

    A `number` that is text is what the student's notebook calls the thing, and crosses only towards it.
    """

    number: int | str
    kind: Kind


@dataclass(frozen=True, slots=True)
class CallbackRef:
    """Names a function of the grader's that the student's code may call."""

    number: int


class Frame(NamedTuple):
    """One message: the header, and the raw bytes of its arrays in order."""

    header: bytes | bytearray
    buffers: list[bytes | bytearray]


# What msgpack carries as it is. A leaf is dealt with where it is met: a call for each would double the work.
LEAVES = frozenset((type(None), bool, float, str, bytes))
ARRIVING_LEAVES = LEAVES | {int}
LIST, TUPLE, DICT, ARRAY, SCALAR, COMPLEX, INTEGER, REF, CALLBACK, SLICE = range(10)


def encode(value: Any, export: Callable[[Any], Any] | None = None) -> Frame:
    """Encode `value`. What cannot cross by value is offered to `export`, which returns something that can (a `Ref`, a
    plain value) or raises `WireError`.
    """
    encoder = _Encoder(export)
    header = msgpack.packb(value if type(value) in LEAVES else encoder.encode(value, 1))
    if len(header) > MAX_HEADER_BYTES:
        raise WireError("the value is too large")
    return Frame(header, encoder.buffers)


def decode(frame: Frame, resolve: Callable[[Ref | CallbackRef], Any] | None = None) -> Any:
    """Decode a frame from a side that is not trusted. `resolve` turns references into handles or objects."""
    if len(frame.header) > MAX_HEADER_BYTES or len(frame.buffers) > MAX_BUFFERS:
        raise WireError("the frame is too large")
    if sum(map(len, frame.buffers)) > MAX_BUFFER_BYTES:
        raise WireError("the arrays of the frame are too large")
    try:
        tree = msgpack.unpackb(frame.header, max_array_len=2 * MAX_PARTS, max_map_len=0, max_ext_len=0)
    except (ValueError, msgpack.UnpackException, RecursionError) as error:
        raise WireError(f"malformed frame ({type(error).__name__})") from None
    return tree if type(tree) in ARRIVING_LEAVES else _Decoder(frame.buffers, resolve).decode(tree, 1)


def key(value: Any, export: Callable[[Any], Any] | None = None) -> bytes:
    """Equal for values that are the same on the wire, down to the last bit. Raises as `encode` does."""
    frame = encode(value, export)
    digest = hashlib.blake2b(frame.header, digest_size=16)
    for buffer in frame.buffers:
        digest.update(buffer)
    return digest.digest()


class _Encoder:
    def __init__(self, export: Callable[[Any], Any] | None) -> None:
        self.export = export
        self.buffers: list[bytes | bytearray] = []
        self.total = 0
        self.parts = 0

    # A submission is some hundred messages: what most values are comes first, and a part that is a leaf takes no call.
    def encode(self, value: Any, depth: int) -> Any:
        """A value that is no leaf, as msgpack carries it."""
        kind = type(value)  # never isinstance: a class may lie about __class__
        if kind is np.ndarray:
            return self._array(value)
        if kind is list:
            return self._tagged(LIST, value, depth)
        if kind is tuple:
            return self._tagged(TUPLE, value, depth)
        if kind is int:
            return self._integer(value)
        if kind is dict:
            if len(value) > MAX_KEYS:
                raise WireError("the dict has too many keys")
            return self._tagged(DICT, [part for item in value.items() for part in item], depth)
        if issubclass(kind, np.generic) and (dtype := _name_of(value.dtype)):
            return [SCALAR, dtype, value.tobytes()]
        if kind is complex:
            return [COMPLEX, value.real, value.imag]
        if kind is slice:
            return self._tagged(SLICE, (value.start, value.stop, value.step), depth)
        if kind is Ref:
            return [REF, value.number, value.kind]
        if kind is CallbackRef:
            return [CALLBACK, value.number]
        if self.export is None:
            raise WireError(f"a {kind.__name__} cannot cross")
        exported = self.export(value)
        self._count(1)
        return exported if type(exported) in LEAVES else self.encode(exported, depth + 1)

    def _tagged(self, tag: int, parts: Collection[Any], depth: int) -> list[Any]:
        if depth > MAX_DEPTH and parts:
            raise WireError("the value is nested too deeply")
        self._count(len(parts))
        deeper = depth + 1
        return [tag] + [each if type(each) in LEAVES else self.encode(each, deeper) for each in parts]

    def _count(self, parts: int) -> None:
        self.parts += parts
        if self.parts > MAX_PARTS:
            raise WireError("the value has too many parts")

    def _integer(self, value: int) -> Any:
        if -(2**63) <= value < 2**64:
            return value
        if value.bit_length() > 8 * MAX_INTEGER_BYTES:
            raise WireError("the integer is too large")
        return [INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "little", signed=True)]

    def _array(self, value: np.ndarray) -> list[Any]:
        dtype = value.dtype
        name = _known_name(dtype) if dtype.kind in CROSSING_KINDS else ""  # as `_name_of`
        if not name:
            raise WireError(f"an array of dtype {dtype} cannot cross")
        if value.ndim > MAX_DIMENSIONS:
            raise WireError("the array has too many dimensions")
        self.total += value.nbytes
        if self.total > MAX_BUFFER_BYTES or len(self.buffers) >= MAX_BUFFERS:
            raise WireError("the arrays are too large")
        # A transposed array arrives transposed: code that is right for C order only should be seen.
        flags = value.flags
        order: Literal["C", "F"] = "C" if flags.c_contiguous or not flags.f_contiguous else "F"
        self.buffers.append(value.tobytes(order))
        return [ARRAY, name, list(value.shape), order, len(self.buffers) - 1]


class _Decoder:
    def __init__(self, buffers: list[bytes | bytearray], resolve: Callable[[Ref | CallbackRef], Any] | None) -> None:
        self.buffers = buffers
        self.used: set[int] = set()
        self.resolve = resolve
        self.parts = 0

    def decode(self, tree: Any, depth: int) -> Any:
        """A value that is no leaf, from what msgpack made of it."""
        if type(tree) is not list:
            raise WireError("malformed frame (type)")
        if not tree or type(tree[0]) is not int:
            raise WireError("malformed frame (no tag)")
        tag, count = tree[0], len(tree) - 1
        if tag == ARRAY and count == 4:
            return self._array(*tree[1:])
        if tag in (LIST, TUPLE, DICT) or (tag == SLICE and count == 3):
            self.parts += count
            if (count and depth > MAX_DEPTH) or self.parts > MAX_PARTS:
                raise WireError("the value is nested too deeply or has too many parts")
            deeper = depth + 1
            parts = [each if type(each) in ARRIVING_LEAVES else self.decode(each, deeper) for each in tree[1:]]
            return parts if tag == LIST else _container(tag, parts)
        body = tree[1:]
        if tag == SCALAR and count == 2:
            return self._scalar(*body)
        if tag == COMPLEX and [type(part) for part in body] == [float, float]:
            return complex(*body)
        if tag == INTEGER and count == 1 and type(body[0]) is bytes and len(body[0]) <= MAX_INTEGER_BYTES + 1:
            return int.from_bytes(body[0], "little", signed=True)
        if tag in (REF, CALLBACK):
            return self._reference(tag, body)
        raise WireError("malformed frame (unknown tag)")

    def _array(self, dtype: Any, shape: Any, order: Any, index: Any) -> np.ndarray:
        if type(shape) is not list or len(shape) > MAX_DIMENSIONS:
            raise WireError("malformed frame (shape)")
        size = 1
        for side in shape:
            if type(side) is not int or side < 0:
                raise WireError("malformed frame (shape)")
            size *= side
        if order not in ("C", "F"):
            raise WireError("malformed frame (order)")
        if type(index) is not int or not 0 <= index < len(self.buffers) or index in self.used:
            raise WireError("malformed frame (buffer)")
        checked, buffer = _checked_dtype(dtype), self.buffers[index]
        if size * checked.itemsize != len(buffer):
            raise WireError("malformed frame (array size)")
        if not size and max(shape) > MAX_EMPTY_SIDE:
            raise WireError("malformed frame (an empty array with a huge side)")
        self.used.add(index)
        writable = buffer if type(buffer) is bytearray else bytearray(buffer)
        try:
            return np.ndarray(shape, checked, writable, order=order)
        except (ValueError, TypeError):
            raise WireError("malformed frame (array)") from None

    @staticmethod
    def _scalar(dtype: Any, raw: Any) -> Any:
        checked = _checked_dtype(dtype)
        if type(raw) is not bytes or len(raw) != checked.itemsize:
            raise WireError("malformed frame (scalar)")
        try:
            return np.frombuffer(raw, checked)[0]
        except (ValueError, SystemError):  # text that is not Unicode
            raise WireError("malformed frame (scalar)") from None

    def _reference(self, tag: int, body: list[Any]) -> Any:
        if self.resolve is None:
            raise WireError("a reference cannot cross here")
        if tag == CALLBACK and len(body) == 1 and type(body[0]) is int:
            return self.resolve(CallbackRef(body[0]))
        if tag == REF and len(body) == 2 and type(body[0]) in (int, str) and body[1] in ("object", "type", "function"):
            return self.resolve(Ref(body[0], body[1]))
        raise WireError("malformed frame (reference)")


def _container(tag: int, items: list[Any]) -> Any:
    if tag == TUPLE:
        return tuple(items)
    if tag == SLICE:
        return slice(*items)
    if len(items) % 2 or len(items) > 2 * MAX_KEYS:
        raise WireError("malformed frame (a dict with a key without a value, or with too many keys)")
    try:
        return dict(zip(items[::2], items[1::2], strict=True))
    except TypeError:
        raise WireError("malformed frame (an unhashable key)") from None


def _name_of(dtype: np.dtype) -> str:
    """The name that a dtype has on the wire; empty if it cannot cross."""
    return _known_name(dtype) if dtype.kind in CROSSING_KINDS else ""  # others may not be hashable


@lru_cache(256)
def _known_name(dtype: np.dtype) -> str:
    return dtype.str if CROSSING_DTYPE.fullmatch(dtype.str) else ""


def _checked_dtype(name: Any) -> np.dtype:
    if type(name) is not str:
        raise WireError("malformed frame (dtype)")
    return _dtype(name)


@lru_cache(256)
def _dtype(name: str) -> np.dtype:
    if not CROSSING_DTYPE.fullmatch(name):
        raise WireError("malformed frame (dtype)")
    try:
        return np.dtype(name)
    except TypeError:
        raise WireError("malformed frame (dtype)") from None
