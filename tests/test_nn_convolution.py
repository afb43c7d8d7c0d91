"""The convolution layer of course_utils.nn: SciPy's correlation, loops over numbers, finite differences, its memory."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.signal import correlate

from course_utils.gradient_check import numerical_gradient
from course_utils.nn.layers import convolution
from course_utils.nn.layers.convolution import WORKSPACE, conv_backward, conv_forward

# N, C, (H, W), F, (HH, WW), stride, pad
SHAPES = {
    "the usual": (2, 3, (6, 6), 4, (3, 3), 1, 1),
    "one example": (1, 2, (5, 5), 3, (3, 3), 1, 1),
    "one channel, one kernel": (2, 1, (4, 4), 1, (2, 2), 1, 0),
    "wider than high": (2, 2, (4, 7), 3, (3, 3), 1, 1),
    "higher than wide": (2, 2, (7, 4), 3, (3, 3), 1, 1),
    "a wide kernel": (2, 2, (5, 6), 3, (1, 4), 1, 0),
    "a high kernel": (2, 2, (6, 5), 3, (4, 1), 1, 0),
    "a wide kernel with padding": (2, 2, (5, 6), 3, (2, 5), 1, 2),
    "no padding": (2, 3, (5, 6), 2, (3, 3), 1, 0),
    "much padding": (2, 2, (3, 3), 2, (3, 3), 1, 4),
    "stride 2": (2, 2, (5, 7), 3, (3, 3), 2, 0),
    "stride 2 with padding": (2, 2, (6, 4), 3, (4, 2), 2, 1),
    "stride 3": (2, 2, (7, 10), 2, (4, 1), 3, 0),
    "pixels that no kernel meets": (2, 2, (7, 7), 2, (1, 1), 3, 0),
    "1 by 1": (2, 3, (4, 5), 2, (1, 1), 1, 0),
    "a kernel as large as the image": (2, 2, (4, 3), 5, (4, 3), 1, 0),
    "kernel elements that meet only padding": (2, 1, (1, 1), 2, (5, 5), 2, 4),
    "a kernel larger than the image": (2, 1, (3, 2), 2, (7, 6), 1, 2),
}


def made(shape, dtype=np.float64, seed=0):
    """x, w, b, conv_param and a dout for a shape of the table."""
    N, C, (H, W), F, (HH, WW), stride, pad = shape
    rng = np.random.default_rng(seed)
    OH, OW = (H + 2 * pad - HH) // stride + 1, (W + 2 * pad - WW) // stride + 1
    sizes = [(N, C, H, W), (F, C, HH, WW), (F,), (N, F, OH, OW)]
    x, w, b, dout = (rng.normal(size=size).astype(dtype) for size in sizes)
    return x, w, b, {"stride": stride, "pad": pad}, dout


def by_loops(x, w, b, conv_param, dout):
    """out, dx, dw and db a number at a time, in float64."""
    x, w, b, dout = (a.astype(np.float64) for a in (x, w, b, dout))
    stride, pad = conv_param["stride"], conv_param["pad"]
    (N, F, OH, OW), (HH, WW) = dout.shape, w.shape[2:]
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    out, dpadded, dw, db = np.zeros(dout.shape), np.zeros(padded.shape), np.zeros(w.shape), np.zeros(F)
    for n, f, r, t in np.ndindex(N, F, OH, OW):
        window = np.s_[n, :, r * stride : r * stride + HH, t * stride : t * stride + WW]
        out[n, f, r, t] = (padded[window] * w[f]).sum() + b[f]
        dpadded[window] += dout[n, f, r, t] * w[f]
        dw[f] += dout[n, f, r, t] * padded[window]
        db[f] += dout[n, f, r, t]
    H, W = x.shape[2:]
    return out, dpadded[:, :, pad : pad + H, pad : pad + W], dw, db


def computed(x, w, b, conv_param, dout):
    out, cache = conv_forward(x, w, b, conv_param)
    return (out, *conv_backward(dout, cache))


def assert_agree(actual, wanted, tolerance=1e-12):
    for name, a, b in zip(("out", "dx", "dw", "db"), actual, wanted, strict=True):
        assert a.shape == b.shape, name
        assert np.allclose(a, b, rtol=tolerance, atol=tolerance * max(1, np.abs(b).max(initial=0))), name


@pytest.mark.parametrize("shape", SHAPES.values(), ids=list(SHAPES))
def test_the_layer_is_a_correlation_of_each_channel(shape):
    x, w, b, conv_param, dout = made(shape)
    stride, pad = conv_param["stride"], conv_param["pad"]
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    out, _ = conv_forward(x, w, b, conv_param)
    assert out.shape == dout.shape
    for n, f in np.ndindex(*out.shape[:2]):
        whole = sum(correlate(padded[n, c], w[f, c], mode="valid", method="direct") for c in range(x.shape[1]))
        assert np.allclose(out[n, f], whole[::stride, ::stride] + b[f], rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("shape", SHAPES.values(), ids=list(SHAPES))
def test_gradients_agree_with_finite_differences(shape):
    x, w, b, conv_param, dout = made(shape)

    def weighted(x, w, b):
        return float((conv_forward(x, w, b, conv_param)[0] * dout).sum())

    dx, dw, db = conv_backward(dout, conv_forward(x, w, b, conv_param)[1])
    # The layer is linear in each argument, so the step may be large: there is only rounding error.
    for analytic, numerical in (
        (dx, numerical_gradient(lambda v: weighted(v, w, b), x, h=1.0)),
        (dw, numerical_gradient(lambda v: weighted(x, v, b), w, h=1.0)),
        (db, numerical_gradient(lambda v: weighted(x, w, v), b, h=1.0)),
    ):
        assert analytic.shape == numerical.shape
        assert np.allclose(analytic, numerical, rtol=1e-9, atol=1e-9)


def small(low, high):
    return st.integers(low, high)


@st.composite
def shapes(draw):
    stride, pad = draw(small(1, 3)), draw(small(0, 3))
    HH, WW, OH, OW = (draw(small(1, 5)) for _ in range(4))
    H, W = (OH - 1) * stride + HH - 2 * pad, (OW - 1) * stride + WW - 2 * pad
    assume(H > 0 and W > 0)
    return draw(small(1, 5)), draw(small(1, 3)), (H, W), draw(small(1, 3)), (HH, WW), stride, pad


@settings(max_examples=60, deadline=None)
@given(shape=shapes(), dtype=st.sampled_from([np.float32, np.float64]), workspace=st.sampled_from([1, 3000, WORKSPACE]))
def test_any_shape_agrees_with_the_loops(shape, dtype, workspace):
    case = made(shape, dtype)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(convolution, "WORKSPACE", workspace)
        actual = computed(*case)
    assert all(a.dtype == dtype for a in actual)
    assert_agree(actual, by_loops(*case), 1e-12 if dtype == np.float64 else 1e-5)


@pytest.mark.parametrize("images_at_once", [1, 2, 3, 7])
def test_a_batch_worked_on_in_pieces_gives_the_same(images_at_once, monkeypatch):
    case = made((7, 2, (6, 5), 3, (3, 2), 1, 1))
    pieces = []
    monkeypatch.setattr(
        convolution._Geometry, "images_at_once", lambda *_: pieces.append(images_at_once) or images_at_once
    )
    assert_agree(computed(*case), by_loops(*case))
    assert len(pieces) == 2


NOT_CONTIGUOUS = {
    "channels last": lambda a: np.ascontiguousarray(a.transpose(0, 2, 3, 1)).transpose(0, 3, 1, 2),
    "every second column": lambda a: np.repeat(a, 2, axis=3)[..., ::2],
    "turned around": lambda a: np.ascontiguousarray(a[..., ::-1])[..., ::-1],
    "column-major": np.asfortranarray,
    "the same images again": lambda a: np.broadcast_to(a[:1], a.shape),
}


@pytest.mark.parametrize("rearranged", NOT_CONTIGUOUS.values(), ids=list(NOT_CONTIGUOUS))
def test_memory_order_of_the_inputs_does_not_matter(rearranged):
    x, w, b, conv_param, dout = made((3, 2, (6, 5), 4, (3, 2), 1, 1), np.float32)
    case = rearranged(x), rearranged(w), b, conv_param, rearranged(dout)
    assert not case[0].flags.c_contiguous
    assert_agree(computed(*case), by_loops(*case), 1e-5)


def test_inputs_may_be_read_only_and_are_not_changed():
    *arrays, conv_param, dout = made(SHAPES["the usual"])
    before = [a.copy() for a in (*arrays, dout)]
    for a in (*arrays, dout):
        a.flags.writeable = False
    computed(*arrays, conv_param, dout)
    assert all(np.array_equal(a, b) for a, b in zip((*arrays, dout), before, strict=True))


def test_results_are_new_arrays():
    x, w, b, conv_param, dout = made((2, 1, (3, 3), 1, (1, 1), 1, 0))
    for result in computed(x, w, b, conv_param, dout):
        assert result.flags.writeable
        assert not any(np.shares_memory(result, a) for a in (x, w, b, dout))


@pytest.mark.parametrize(
    ("x_type", "w_type", "wanted"),
    [
        (np.float32, np.float32, np.float32),
        (np.float64, np.float64, np.float64),
        (np.float32, np.float64, np.float64),
        (np.uint8, np.float32, np.float32),
        (np.int64, np.int64, np.float64),
    ],
)
def test_results_are_floats_of_the_wider_type(x_type, w_type, wanted):
    x, w, b, conv_param, dout = made(SHAPES["the usual"])
    case = (10 * np.abs(x)).astype(x_type), (10 * w).astype(w_type), b.astype(w_type), conv_param, dout.astype(wanted)
    actual = computed(*case)
    assert [a.dtype for a in actual] == [wanted] * 4
    assert_agree(actual, by_loops(*case), 1e-12 if wanted == np.float64 else 1e-5)


def test_no_images_give_no_outputs():
    out, dx, dw, db = computed(*made((0, 2, (4, 4), 3, (3, 3), 1, 1)))
    assert out.shape == (0, 3, 4, 4) and dx.shape == (0, 2, 4, 4)
    assert not dw.any() and not db.any()


def peak(call, *args):
    """Bytes that were taken at the same time during a call, and its result."""
    tracemalloc.start()
    try:
        result = call(*args)
        return tracemalloc.get_traced_memory()[1], result
    finally:
        tracemalloc.stop()


# A batch whose whole im2col takes 38 MB in float32, and one image of which it is larger than the workspace.
LARGE = {"a batch": (256, 4, (32, 32), 4, (3, 3), 1, 1), "an image": (2, 16, (64, 96), 8, (5, 5), 1, 2)}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", LARGE.values(), ids=list(LARGE))
def test_memory_stays_within_the_stated_bound(shape, dtype):
    x, w, b, conv_param, dout = made(shape, dtype)
    _, C, (H, _), F, (HH, WW), _, _ = shape
    OH, OW = dout.shape[2:]
    slack = 4 * w.nbytes + 2**18  # rearranged weights, NumPy's own buffers

    used, (out, cache) = peak(conv_forward, x, w, b, conv_param)
    one_image = (WW * C * OW * (H + HH * OH) + F * OH * OW) * x.itemsize
    assert used < out.nbytes + max(WORKSPACE, one_image) + slack

    used, gradients = peak(conv_backward, dout, cache)
    one_image = H * OW * (HH * F + 2 * WW * C) * x.itemsize
    assert used < sum(g.nbytes for g in gradients) + max(WORKSPACE, one_image) + slack


UNFIT = {
    "channels": ((2, 3, 5, 5), (4, 2, 3, 3), (4,), {"stride": 1, "pad": 1}, "has 3 channels, w of shape .* 2"),
    "biases": ((2, 3, 5, 5), (4, 3, 3, 3), (3,), {"stride": 1, "pad": 1}, "needs 4 biases"),
    "an image without batch": (
        (3, 5, 5),
        (4, 3, 3, 3),
        (4,),
        {"stride": 1, "pad": 1},
        r"x \(N, C, H, W\) .* are needed",
    ),
    "an empty kernel": ((2, 3, 5, 5), (4, 3, 0, 3), (4,), {"stride": 1, "pad": 1}, "are needed"),
    "stride along the height": ((2, 3, 6, 5), (4, 3, 3, 3), (4,), {"stride": 2, "pad": 0}, "height 6: .* whole number"),
    "stride along the width": ((2, 3, 5, 8), (4, 3, 3, 3), (4,), {"stride": 2, "pad": 1}, "width 8 with 1 of padding"),
    "a kernel too large": (
        (2, 3, 5, 2),
        (4, 3, 3, 5),
        (4,),
        {"stride": 1, "pad": 1},
        "width 5 does not fit into width 2",
    ),
    "no stride": ((2, 3, 5, 5), (4, 3, 3, 3), (4,), {"pad": 1}, '"stride" is missing'),
    "stride 0": ((2, 3, 5, 5), (4, 3, 3, 3), (4,), {"stride": 0, "pad": 1}, '"stride" is 0'),
    "half a stride": ((2, 3, 5, 5), (4, 3, 3, 3), (4,), {"stride": 0.5, "pad": 1}, '"stride" is 0.5'),
    "negative padding": ((2, 3, 5, 5), (4, 3, 3, 3), (4,), {"stride": 1, "pad": -1}, '"pad" is -1'),
}


@pytest.mark.parametrize(("x", "w", "b", "conv_param", "sentence"), UNFIT.values(), ids=list(UNFIT))
def test_what_does_not_fit_is_refused(x, w, b, conv_param, sentence):
    with pytest.raises(ValueError, match=f"^conv_forward: .*{sentence}"):
        conv_forward(np.zeros(x), np.zeros(w), np.zeros(b), conv_param)


def test_a_dout_of_another_shape_is_refused():
    x, w, b, conv_param, dout = made(SHAPES["wider than high"])
    cache = conv_forward(x, w, b, conv_param)[1]
    with pytest.raises(ValueError, match=r"^conv_backward: dout has shape \(2, 3, 7, 4\); out has \(2, 3, 4, 7\)"):
        conv_backward(dout.transpose(0, 1, 3, 2), cache)
