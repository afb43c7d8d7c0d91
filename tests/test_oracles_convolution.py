"""Notebook 08's oracles agree with SciPy, with automatic differentiation, and with results worked by hand."""

import autograd
import autograd.numpy as anp
import numpy as np
import pytest
from autograd.scipy.signal import convolve as ag_convolve
from scipy.ndimage import maximum_filter, uniform_filter
from scipy.signal import convolve2d, correlate2d

from autograder.oracles import convolution as oracles
from course_utils.nn.layers import batchnorm_backward, batchnorm_forward

rng = np.random.default_rng(8)
# x (N, C, H, W), w (F, C, HH, WW), stride, pad
LAYERS = [
    ((2, 3, 5, 5), (4, 3, 3, 3), 1, 0),
    ((1, 2, 4, 6), (3, 2, 2, 4), 2, 1),
    ((2, 1, 3, 5), (2, 1, 1, 3), 1, 2),
    ((1, 2, 5, 7), (3, 2, 3, 3), 2, 0),
]


@pytest.mark.parametrize(("image", "kernel"), [((5, 5), (3, 3)), ((4, 7), (2, 3)), ((3, 2), (3, 1)), ((1, 4), (1, 1))])
def test_correlation_and_convolution_agree_with_scipy(image, kernel):
    image, kernel = rng.normal(size=image), rng.normal(size=kernel)
    np.testing.assert_allclose(oracles.correlation(image, kernel), correlate2d(image, kernel, "valid"), atol=1e-12)
    np.testing.assert_allclose(oracles.convolution(image, kernel), convolve2d(image, kernel, "valid"), atol=1e-12)


@pytest.mark.parametrize(
    ("size", "window", "stride", "pad", "places"),
    [
        (7, 3, 1, 0, 5),
        (7, 3, 2, 0, 3),
        (7, 3, 3, 0, None),
        (32, 5, 1, 2, 32),
        (3, 5, 1, 0, None),
        (3, 5, 2, 0, None),
        (3, 5, 1, 1, 1),
        (4, 4, 9, 0, 1),
    ],
)
def test_places_counted_by_walking(size, window, stride, pad, places):
    assert oracles.output_size(size, window, stride, pad) == places


def strided_layer(x, w, b, stride, pad):
    """The layer by autograd's convolution."""
    padded = anp.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)), mode="constant")
    out = ag_convolve(padded, w[:, :, ::-1, ::-1], axes=([2, 3], [2, 3]), dot_axes=([1], [1]), mode="valid")
    return out[:, :, ::stride, ::stride] + anp.reshape(b, (1, -1, 1, 1))


@pytest.mark.parametrize(("x", "w", "stride", "pad"), LAYERS)
def test_the_convolution_layer_agrees_with_automatic_differentiation(x, w, stride, pad):
    x, w, b = rng.normal(size=x), rng.normal(size=w), rng.normal(size=w[0])
    out = strided_layer(x, w, b, stride, pad)
    np.testing.assert_allclose(oracles.conv(x, w, b, stride, pad), out, atol=1e-12)
    dout = rng.normal(size=out.shape)

    def total(x, w, b):
        return anp.sum(dout * strided_layer(x, w, b, stride, pad))

    for position, gradient in enumerate(oracles.conv_slopes(dout, x, w, stride, pad)):
        np.testing.assert_allclose(gradient, autograd.grad(total, position)(x, w, b), atol=1e-11)


def test_windows_stand_in_the_rows_in_the_order_of_the_text():
    x = np.arange(1.0, 10.0).reshape(1, 1, 3, 3)
    assert oracles.columns(x, (2, 2, 1, 0)).tolist() == [[1, 2, 4, 5], [2, 3, 5, 6], [4, 5, 7, 8], [5, 6, 8, 9]]
    x = rng.normal(size=(2, 3, 4, 5))
    cols = oracles.columns(x, (2, 3, 1, 1))
    padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
    for row, (n, r, t) in enumerate(np.ndindex(2, 5, 5)):
        np.testing.assert_array_equal(cols[row], padded[n, :, r : r + 2, t : t + 3].ravel())


@pytest.mark.parametrize(("x", "w", "stride", "pad"), LAYERS)
def test_putting_windows_back_is_the_transpose(x, w, stride, pad):
    layer = (*w[2:], stride, pad)
    x = rng.normal(size=x)
    cols = oracles.columns(x, layer)
    Y = rng.normal(size=cols.shape)
    assert np.sum(cols * Y) == pytest.approx(np.sum(x * oracles.images(Y, x.shape, layer)))


def test_pooling_side_by_side_agrees_with_scipy():
    x = rng.normal(size=(1, 1, 6, 9))
    largest, mean = maximum_filter(x[0, 0], 3)[1::3, 1::3], uniform_filter(x[0, 0], 3)[1::3, 1::3]
    np.testing.assert_allclose(oracles.max_pool(x, (3, 3, 3, 0))[0, 0], largest)
    np.testing.assert_allclose(oracles.avg_pool(x, (3, 3, 3, 0))[0, 0], mean)


@pytest.mark.parametrize("layer", [(2, 2, 2, 0), (3, 3, 2, 0), (3, 2, 1, 0), (1, 3, 2, 0)])
def test_pooling_agrees_with_automatic_differentiation(layer):
    height, width, stride, _ = layer
    x = rng.normal(size=(2, 2, 2 * 3 + height, 2 * 2 + width))
    rows, columns = range(0, 7, stride), range(0, 5, stride)

    def pooled(x, function):
        return anp.array(
            [[function(x[:, :, r : r + height, t : t + width], axis=(2, 3)) for t in columns] for r in rows]
        )

    dout = rng.normal(size=(2, 2, len(rows), len(columns)))
    moved = dout.transpose(2, 3, 0, 1)
    for function, value, slopes in (
        (anp.max, oracles.max_pool, oracles.max_pool_slopes(dout, x, layer)),
        (anp.mean, oracles.avg_pool, oracles.avg_pool_slopes(dout, x.shape, layer)),
    ):
        np.testing.assert_allclose(value(x, layer), pooled(x, function).transpose(2, 3, 0, 1))
        gradient = autograd.grad(lambda x, f=function: anp.sum(moved * pooled(x, f)))(x)
        np.testing.assert_allclose(slopes, gradient, atol=1e-12)


@pytest.mark.parametrize(
    ("layers", "pixels"),
    [([], 1), ([(3, 1)] * 3, 7), ([(3, 1), (2, 2), (3, 1)], 8), ([(3, 1), (3, 2), (3, 1), (3, 1), (3, 1)], 17)],
)
def test_receptive_fields_of_the_text(layers, pixels):
    assert oracles.seen_pixels(layers) == pixels


@pytest.mark.parametrize(
    ("layer", "count"),
    [
        (("conv", 3, 10, 5, 5), 760),
        (("local", 3, 10, 5, 5, 32, 32), 778_240),
        (("dense", 3072, 100), 307_300),
        (("pool", 2, 2), 0),
        (("batchnorm", 16), 32),
        (("conv", 3, 20, 7, 7), 2960),
    ],
)
def test_parameters_of_the_text(layer, count):
    assert oracles.parameters([layer]) == count


def test_normalised_images_agree_with_normalised_rows():
    x, gamma, beta = rng.normal(size=(2, 3, 2, 4)), rng.uniform(1, 2, 3), rng.normal(size=3)
    dout, rows = rng.normal(size=x.shape), x.transpose(0, 2, 3, 1).reshape(-1, 3)
    out, cache = batchnorm_forward(rows, gamma, beta, {"mode": "train"})
    found = oracles.normalized(x, *oracles.channel_statistics(x), gamma, beta)
    np.testing.assert_allclose(found.transpose(0, 2, 3, 1).reshape(-1, 3), out)
    wanted = batchnorm_backward(dout.transpose(0, 2, 3, 1).reshape(-1, 3), cache)
    dx, dgamma, dbeta = oracles.normalized_slopes(dout, x, gamma)
    np.testing.assert_allclose(dx.transpose(0, 2, 3, 1).reshape(-1, 3), wanted[0], atol=1e-12)
    np.testing.assert_allclose([dgamma, dbeta], wanted[1:])


def test_the_nets_gradients_agree_with_finite_differences():
    draws = np.random.default_rng(0)
    shapes = {"W1": (3, 2, 3, 3), "b1": (3,), "W2": (18, 4), "b2": (4,), "W3": (4, 3), "b3": (3,)}
    params = {name: 0.5 * draws.normal(size=shape) for name, shape in shapes.items()}
    X, y = draws.normal(size=(3, 2, 4, 6)), np.array([0, 2, 2])
    assert oracles.clear_of_kinks(params, X)
    _, grads = oracles.net_loss(params, X, y, 0.4)
    for name, value in params.items():
        direction = draws.normal(size=value.shape)
        above, below = (
            oracles.net_loss({**params, name: value + step * direction}, X, y, 0.4)[0] for step in (1e-6, -1e-6)
        )
        assert np.sum(grads[name] * direction) == pytest.approx((above - below) / 2e-6, rel=1e-6)
