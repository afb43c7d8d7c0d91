"""Max and average pooling of course_utils.nn: loops over windows, finite differences, ties, overlapping windows."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils.gradient_check import numerical_gradient
from course_utils.nn.layers.pooling import avg_pool_backward, avg_pool_forward, max_pool_backward, max_pool_forward

LAYERS = {"max": (max_pool_forward, max_pool_backward), "avg": (avg_pool_forward, avg_pool_backward)}
# x's shape, (pool_height, pool_width), stride
SHAPES = {
    "the usual": ((2, 3, 6, 4), (2, 2), 2),
    "one example": ((1, 3, 4, 6), (2, 2), 2),
    "overlapping": ((2, 2, 5, 7), (3, 3), 2),
    "overlapping everywhere": ((2, 2, 4, 5), (3, 2), 1),
    "overlapping along the height": ((2, 2, 7, 6), (3, 2), 2),
    "pixels between the windows": ((2, 2, 8, 5), (2, 2), 3),
    "high windows": ((2, 2, 6, 4), (3, 1), 3),
    "wide windows": ((2, 2, 4, 8), (1, 4), 1),
    "windows of one pixel": ((2, 2, 3, 4), (1, 1), 1),
    "every second pixel": ((2, 2, 3, 5), (1, 1), 2),
    "the whole image": ((2, 3, 4, 5), (4, 5), 1),
}


def param(window, stride):
    return {"pool_height": window[0], "pool_width": window[1], "stride": stride}


def out_shape(shape, window, stride):
    return (*shape[:2], (shape[2] - window[0]) // stride + 1, (shape[3] - window[1]) // stride + 1)


def by_loops(kind, x, dout, window, stride):
    """out and dx a window at a time; the gradient of a maximum goes to the first of the largest pixels."""
    out, dx = np.zeros(dout.shape), np.zeros(x.shape)
    for n, c, r, t in np.ndindex(*dout.shape):
        place = np.s_[n, c, r * stride : r * stride + window[0], t * stride : t * stride + window[1]]
        pixels = x[place]
        if kind == "max":
            out[n, c, r, t] = pixels.max()
            dx[place][np.unravel_index(pixels.argmax(), pixels.shape)] += dout[n, c, r, t]
        else:
            out[n, c, r, t] = pixels.mean()
            dx[place] += dout[n, c, r, t] / pixels.size
    return out, dx


def computed(kind, x, dout, window, stride):
    forward, backward = LAYERS[kind]
    out, cache = forward(x, param(window, stride))
    return out, backward(dout, cache)


def assert_agree(actual, wanted, tolerance=1e-12):
    for name, a, b in zip(("out", "dx"), actual, wanted, strict=True):
        assert a.shape == b.shape, name
        assert np.allclose(a, b, rtol=tolerance, atol=tolerance), name


@pytest.mark.parametrize(("shape", "window", "stride"), SHAPES.values(), ids=list(SHAPES))
@pytest.mark.parametrize("kind", LAYERS)
def test_pooling_agrees_with_finite_differences(kind, shape, window, stride):
    rng = np.random.default_rng(1)
    x = rng.permutation(np.prod(shape)).reshape(shape).astype(float)  # all different: no ties, no kink within a step
    dout = rng.normal(size=out_shape(shape, window, stride))
    forward, backward = LAYERS[kind]
    out, cache = forward(x, param(window, stride))
    assert out.shape == dout.shape
    numerical = numerical_gradient(lambda v: float((forward(v, param(window, stride))[0] * dout).sum()), x, h=0.25)
    dx = backward(dout, cache)
    assert dx.shape == x.shape
    assert np.allclose(dx, numerical, rtol=1e-9, atol=1e-9)


small = st.integers(1, 4)


@settings(max_examples=60, deadline=None)
@given(
    kind=st.sampled_from(list(LAYERS)),
    images=st.tuples(small, small),
    places=st.tuples(small, small),
    window=st.tuples(small, small),
    stride=small,
    dtype=st.sampled_from([np.float32, np.float64]),
    levels=st.sampled_from([1, 2, 1000]),
)
def test_any_shape_agrees_with_the_loops(kind, images, places, window, stride, dtype, levels):
    sides = ((n - 1) * stride + w for n, w in zip(places, window, strict=True))
    rng = np.random.default_rng(2)
    x = rng.integers(levels, size=(*images, *sides)).astype(dtype)  # few levels: many ties
    dout = rng.normal(size=(*images, *places)).astype(dtype)
    actual = computed(kind, x, dout, window, stride)
    assert [a.dtype for a in actual] == [dtype, dtype]
    assert_agree(actual, by_loops(kind, x, dout, window, stride), 1e-12 if dtype == np.float64 else 1e-5)


def test_a_tied_maximum_gives_its_gradient_to_one_pixel():
    _, dx = computed("max", np.zeros((1, 1, 4, 4)), np.ones((1, 1, 2, 2)), (2, 2), 2)
    assert np.array_equal(dx[0, 0], [[1, 0, 1, 0], [0, 0, 0, 0], [1, 0, 1, 0], [0, 0, 0, 0]])


def test_a_pixel_that_wins_in_overlapping_windows_collects_from_all_of_them():
    x = np.zeros((1, 1, 3, 3))
    x[0, 0, 1, 1] = 1
    dout = np.array([[[[1.0, 20.0], [300.0, 4000.0]]]])
    out, dx = computed("max", x, dout, (2, 2), 1)
    assert (out == 1).all()
    assert dx[0, 0, 1, 1] == 4321 and dx.sum() == 4321


def test_windows_may_have_more_than_255_rows():
    x = np.zeros((1, 1, 600, 1), np.float32)
    x[0, 0, 300] = 1
    out, dx = computed("max", x, np.ones((1, 1, 1, 1), np.float32), (600, 1), 1)
    assert out.item() == 1
    assert np.flatnonzero(dx).tolist() == [300]


@pytest.mark.parametrize("kind", LAYERS)
def test_memory_order_does_not_matter_and_inputs_are_not_changed(kind):
    rng = np.random.default_rng(3)
    x = rng.normal(size=(2, 5, 7, 3)).transpose(0, 3, 1, 2)
    dout = rng.normal(size=(3, 2, 2, 3)).transpose(1, 0, 2, 3)[..., ::-1]
    kept = x.copy(), dout.copy()
    x.flags.writeable = dout.flags.writeable = False
    assert_agree(computed(kind, x, dout, (3, 3), 2), by_loops(kind, x, dout, (3, 3), 2))
    assert np.array_equal(x, kept[0]) and np.array_equal(dout, kept[1])


@pytest.mark.parametrize("kind", LAYERS)
def test_windows_of_one_pixel_give_copies(kind):
    x, dout = np.ones((1, 2, 3, 3)), np.ones((1, 2, 3, 3))
    out, dx = computed(kind, x, dout, (1, 1), 1)
    assert not np.shares_memory(out, x) and not np.shares_memory(dx, dout)


def test_pixels_of_whole_numbers_are_averaged_without_wrapping():
    out, _ = avg_pool_forward(np.full((1, 1, 2, 2), 255, np.uint8), param((2, 2), 2))
    assert out.dtype.kind == "f" and out.item() == 255
    assert max_pool_forward(np.full((1, 1, 2, 2), 255, np.uint8), param((2, 2), 2))[0].dtype == np.uint8


UNFIT = {
    "an image without batch": ((3, 4, 4), param((2, 2), 2), r"x of shape \(N, C, H, W\) is needed"),
    "height": ((1, 1, 5, 4), param((2, 2), 2), "windows of height 2 at stride 2 do not fit height 5"),
    "width": ((1, 1, 4, 5), param((2, 2), 2), "windows of width 2 at stride 2 do not fit width 5"),
    "too large": ((1, 1, 4, 4), param((2, 5), 1), "a window of width 5 does not fit into width 4"),
    "no window": ((1, 1, 4, 4), {"stride": 1, "pool_width": 2}, '"pool_height" is missing'),
    "stride 0": ((1, 1, 4, 4), param((2, 2), 0), '"stride" is 0'),
    "window 0": ((1, 1, 4, 4), param((0, 2), 1), '"pool_height" is 0'),
}


@pytest.mark.parametrize(("shape", "pool_param", "sentence"), UNFIT.values(), ids=list(UNFIT))
@pytest.mark.parametrize("kind", LAYERS)
def test_what_does_not_fit_is_refused(kind, shape, pool_param, sentence):
    with pytest.raises(ValueError, match=f"^{kind}_pool_forward: .*{sentence}"):
        LAYERS[kind][0](np.zeros(shape), pool_param)


@pytest.mark.parametrize("kind", LAYERS)
def test_a_dout_of_another_shape_is_refused(kind):
    with pytest.raises(
        ValueError, match=rf"^{kind}_pool_backward: dout has shape \(1, 1, 3, 2\); out has \(1, 1, 2, 3\)"
    ):
        computed(kind, np.zeros((1, 1, 4, 6)), np.zeros((1, 1, 3, 2)), (2, 2), 2)
