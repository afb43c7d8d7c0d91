"""Values cross as copies or not at all."""

import hypothesis.extra.numpy as hnp
import msgpack
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.byvalue import wire
from autograder.byvalue.wire import Frame, WireError

scalars = st.none() | st.booleans() | st.integers(-(2**80), 2**80) | st.floats(allow_nan=False) | st.text(max_size=20)
arrays = hnp.arrays(
    st.sampled_from(["?", "u1", "i4", "i8", "f4", "f8", "c16", "<U5"]),
    hnp.array_shapes(min_dims=0, max_dims=4, max_side=4),
)
values = st.recursive(
    scalars | st.binary(max_size=10) | st.complex_numbers(allow_nan=False),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text(max_size=5) | st.integers() | st.tuples(st.integers()), inner, max_size=4)
    ),
    max_leaves=12,
)


def crossed(value):
    return wire.decode(wire.encode(value))


@given(values)
def test_plain_values_arrive_equal_and_of_the_same_type(value):
    arrived = crossed(value)
    assert arrived == value
    assert type(arrived) is type(value)


@given(arrays)
def test_arrays_arrive_with_dtype_shape_and_values_as_writable_copies(array):
    arrived = crossed(array)
    assert arrived.dtype == array.dtype
    assert arrived.shape == array.shape
    np.testing.assert_array_equal(arrived, array)
    assert arrived.flags.writeable
    assert not np.shares_memory(arrived, array)


@pytest.mark.parametrize("view", [np.arange(12.0).reshape(3, 4).T, np.arange(10)[::3], np.broadcast_to(1.5, (2, 3))])
def test_views_cross_like_contiguous_arrays(view):
    np.testing.assert_array_equal(crossed(view), view)


@pytest.mark.parametrize("value", [np.float32(1.5), np.int64(-3), np.bool_(True), np.str_("ab")])
def test_numpy_scalars_keep_their_dtype(value):
    arrived = crossed(value)
    assert type(arrived) is type(value) and arrived == value


def test_a_transposed_array_arrives_transposed():
    array = np.arange(12.0).reshape(3, 4).T
    arrived = crossed(array)
    assert arrived.flags.f_contiguous and not arrived.flags.c_contiguous
    np.testing.assert_array_equal(arrived, array)


def test_slices_cross():
    assert crossed(slice(1, None, 2)) == slice(1, None, 2)


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (object(), "cannot cross"),
        (np.array([object()]), "dtype object"),
        (np.array(["2020-01-01"], "datetime64[D]"), "cannot cross"),
        (np.zeros(1, [("a", "f8")]), "cannot cross"),
        pytest.param(10**5000, "integer is too large", id="a huge integer"),
        ([0] * 60_000, "too many parts"),
        (np.zeros((1,) * 9), "too many dimensions"),
        (np.broadcast_to(np.uint8(0), (65 << 20,)), "too large"),
        ("x" * (3 << 20), "too large"),
    ],
)
def test_what_may_not_cross_is_refused_with_its_reason(value, says):
    with pytest.raises(WireError, match=says):
        wire.encode(value)


def test_a_dtype_that_cannot_even_be_hashed_is_refused():
    with pytest.raises(WireError, match="cannot cross"):
        wire.encode(np.array(["a"], dtype=np.dtypes.StringDType(na_object=[])))


def test_a_value_that_contains_itself_is_refused():
    loop = []
    loop.append(loop)
    with pytest.raises(WireError, match="nested too deeply"):
        wire.encode(loop)


ARRAY = wire.ARRAY
MALFORMED = {
    "not msgpack": b"\xc1",
    "a map": msgpack.packb({"a": 1}),
    "no tag": msgpack.packb([]),
    "a tag that is text": msgpack.packb(["x", 1]),
    "an unknown tag": msgpack.packb([99, 1]),
    "an odd dict": msgpack.packb([wire.DICT, 1]),
    "an unhashable key": msgpack.packb([wire.DICT, [wire.LIST], 1]),
    "object dtype": msgpack.packb([ARRAY, "|O", [1], "C", 0]),
    "a dtype that is code": msgpack.packb([ARRAY, "f8,f8", [1], "C", 0]),
    "a dtype that does not exist": msgpack.packb([ARRAY, "<f3", [1], "C", 0]),
    "a negative side": msgpack.packb([ARRAY, "<f8", [-1], "C", 0]),
    "a buffer that is not there": msgpack.packb([ARRAY, "<f8", [1], "C", 5]),
    "a size that does not fit": msgpack.packb([ARRAY, "<f8", [2], "C", 0]),
    "an order that is none": msgpack.packb([ARRAY, "<f8", [1], "K", 0]),
    "one buffer used twice": msgpack.packb([wire.LIST, [ARRAY, "<f8", [1], "C", 0], [ARRAY, "<f8", [1], "C", 0]]),
    "a scalar of the wrong size": msgpack.packb([wire.SCALAR, "<f8", b"12"]),
    "a complex of text": msgpack.packb([wire.COMPLEX, "1", "2"]),
    "a reference where none is allowed": msgpack.packb([wire.REF, 1, "object"]),
    "an extension type": msgpack.packb(msgpack.ExtType(5, b"x")),
    "a huge header": b"\x00" * (3 << 20),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_frame_is_refused(name):
    with pytest.raises(WireError):
        wire.decode(Frame(MALFORMED[name], [b"\0" * 8]))


@given(st.binary(max_size=200))
def test_random_bytes_decode_to_plain_values_or_are_refused(header):
    try:
        value = wire.decode(Frame(header, []))
    except WireError:
        return
    assert type(value) in (type(None), bool, int, float, str, bytes, list, tuple, dict, complex, slice) or isinstance(
        value, (np.ndarray, np.generic)
    )


tags = st.integers(-1, 11)
dtypes = st.sampled_from(["<f8", "|u1", "<U1", "<U0", "|O", "<M8[s]", "f8", "", "<f3", "<c16", "|b1", "V8", "<U9999"])
sides = st.sampled_from([0, 1, 2, 3, -1, 2**31, 2**40, 2**62, 2**63, 2**70]) | st.integers()
leaves = scalars | st.binary(max_size=20) | dtypes | st.lists(sides, max_size=9) | st.dictionaries(st.text(), st.none())
trees = st.recursive(
    leaves,
    lambda inner: (
        st.builds(lambda tag, body: [tag, *body], tags, st.lists(inner, max_size=5))
        | st.builds(
            lambda dtype, shape, order, index: [wire.ARRAY, dtype, shape, order, index],
            dtypes,
            st.lists(sides, max_size=4),
            st.sampled_from(["C", "F", "K", 1]),
            st.integers(-1, 3),
        )
        | st.builds(lambda dtype, raw: [wire.SCALAR, dtype, raw], dtypes, st.binary(max_size=40))
    ),
    max_leaves=20,
)


def packed(tree):
    def plain(value):
        if isinstance(value, int) and not -(2**63) <= value < 2**64:
            return 2**63 if value > 0 else -1
        return [plain(part) for part in value] if isinstance(value, list) else value

    return msgpack.packb(plain(tree), default=lambda value: None)


@given(trees, st.lists(st.binary(max_size=32), max_size=4))
def test_whatever_a_peer_sends_is_a_value_or_a_wire_error(tree, buffers):
    for header in (packed(tree), packed(tree)[:-1], b"".join(buffers)):
        try:
            arrived = wire.decode(Frame(header, buffers), lambda reference: reference)
        except WireError:
            continue
        assert longest_side(arrived) <= wire.MAX_EMPTY_SIDE


def longest_side(value):
    """The longest side of an array in `value`; the buffers here are too small for a long one that has elements."""
    if isinstance(value, np.ndarray):
        return max(value.shape, default=0)
    parts = [*value.keys(), *value.values()] if isinstance(value, dict) else value
    return max(map(longest_side, parts), default=0) if isinstance(parts, (list, tuple)) else 0


def test_a_dict_with_many_keys_does_not_cross():
    many = dict.fromkeys(range(wire.MAX_KEYS + 1))
    with pytest.raises(WireError, match="keys"):
        wire.encode(many)
    tree = [wire.DICT, *(part for key in many for part in (key * (2**61 - 1) % 2**63, None))]
    with pytest.raises(WireError, match="keys"):
        wire.decode(Frame(msgpack.packb(tree), []))
