"""Spatial batch normalisation of course_utils.nn: batch normalisation of the pixels as rows, finite differences."""

import numpy as np
import pytest

from course_utils import nn
from course_utils.gradient_check import numerical_gradient
from course_utils.nn.layers.spatial_normalization import spatial_batchnorm_backward, spatial_batchnorm_forward

SHAPES = [(2, 3, 4, 5), (1, 2, 3, 3), (4, 1, 1, 2), (1, 2, 1, 1)]


def made(shape, dtype=np.float64):
    rng = np.random.default_rng(4)
    x, dout = rng.normal(2, 3, size=shape).astype(dtype), rng.normal(size=shape).astype(dtype)
    return x, rng.normal(size=shape[1]).astype(dtype), rng.normal(size=shape[1]).astype(dtype), dout


def rows(x):
    """Every pixel as a row of its channels."""
    return x.transpose(0, 2, 3, 1).reshape(-1, x.shape[1])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("mode", ["train", "test"])
@pytest.mark.parametrize("shape", SHAPES)
def test_it_is_batch_normalisation_with_every_pixel_as_an_example(shape, mode, dtype):
    x, gamma, beta, dout = made(shape, dtype)
    running = {"running_mean": gamma + 1, "running_var": gamma**2 + 1}
    param, row_param = ({"mode": mode, "eps": 1e-3, "momentum": 0.8, **running} for _ in range(2))
    out, cache = spatial_batchnorm_forward(x, gamma, beta, param)
    row_out, row_cache = nn.batchnorm_forward(rows(x), gamma, beta, row_param)
    dx, *others = spatial_batchnorm_backward(dout, cache)
    row_dx, *row_others = nn.batchnorm_backward(rows(dout), row_cache)
    pairs = [(rows(out), row_out), (rows(dx), row_dx), *zip(others, row_others, strict=True)]
    pairs += [(param[key], row_param[key]) for key in running]
    tolerance = 1e-11 if dtype == np.float64 else 2e-4
    for actual, wanted in pairs:
        assert actual.dtype == dtype
        assert np.allclose(actual, wanted, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("mode", ["train", "test"])
@pytest.mark.parametrize("shape", SHAPES[:3])
def test_gradients_agree_with_finite_differences(shape, mode):
    x, gamma, beta, dout = made(shape)

    def weighted(x, gamma, beta):
        return float((spatial_batchnorm_forward(x, gamma, beta, {"mode": mode})[0] * dout).sum())

    gradients = spatial_batchnorm_backward(dout, spatial_batchnorm_forward(x, gamma, beta, {"mode": mode})[1])
    for analytic, f, at in zip(
        gradients,
        (lambda v: weighted(v, gamma, beta), lambda v: weighted(x, v, beta), lambda v: weighted(x, gamma, v)),
        (x, gamma, beta),
        strict=True,
    ):
        numerical = numerical_gradient(f, at)
        assert analytic.shape == numerical.shape
        assert np.allclose(analytic, numerical, rtol=1e-6, atol=1e-6)


def test_channels_come_out_with_mean_beta_and_deviation_gamma():
    x, _, _, _ = made((8, 3, 6, 6), np.float32)
    out, _ = spatial_batchnorm_forward(100 + 50 * x, np.array([1.0, 2, 3]), np.array([4.0, 5, 6]), {"mode": "train"})
    assert np.allclose(out.mean(axis=(0, 2, 3)), [4, 5, 6], atol=1e-4)
    assert np.allclose(out.std(axis=(0, 2, 3)), [1, 2, 3], atol=1e-4)


def test_running_statistics_begin_at_zero_and_follow_the_batches():
    x, gamma, beta, _ = made((4, 2, 3, 3))
    param = {"mode": "train"}
    for _ in range(2):
        spatial_batchnorm_forward(x, gamma, beta, param)
    assert np.allclose(param["running_mean"], (1 - 0.9**2) * x.mean(axis=(0, 2, 3)))
    assert np.allclose(param["running_var"], (1 - 0.9**2) * x.var(axis=(0, 2, 3)))


@pytest.mark.parametrize("mode", ["train", "test"])
def test_inputs_are_not_changed_and_may_have_any_memory_order(mode):
    x, gamma, beta, dout = made((2, 4, 5, 3))
    x, dout = x.transpose(0, 3, 1, 2), dout.transpose(0, 3, 1, 2)
    gamma, beta = gamma[:3], beta[:3]
    kept = [a.copy() for a in (x, gamma, beta, dout)]
    for a in (x, gamma, beta, dout):
        a.flags.writeable = False
    out, cache = spatial_batchnorm_forward(x, gamma, beta, {"mode": mode})
    gradients = spatial_batchnorm_backward(dout, cache)
    copy_out, copy_cache = spatial_batchnorm_forward(*kept[:3], {"mode": mode})
    copy_gradients = spatial_batchnorm_backward(kept[3], copy_cache)
    for a, b in zip((out, *gradients), (copy_out, *copy_gradients), strict=True):
        assert np.allclose(a, b, rtol=1e-12, atol=1e-12)


UNFIT = {
    "rows for images": ((4, 3), 3, {"mode": "train"}, r"x \(N, C, H, W\) with at least one pixel is needed"),
    "no images": ((0, 3, 2, 2), 3, {"mode": "train"}, "at least one pixel"),
    "as many gains as pixels": ((2, 3, 4, 4), 16, {"mode": "train"}, r"gamma has shape \(16,\), x has 3 channels"),
    "no mode": ((2, 3, 4, 4), 3, {}, '"mode"'),
}


@pytest.mark.parametrize(("shape", "size", "bn_param", "sentence"), UNFIT.values(), ids=list(UNFIT))
def test_what_does_not_fit_is_refused(shape, size, bn_param, sentence):
    with pytest.raises(ValueError, match=f"^spatial_batchnorm_forward: .*{sentence}"):
        spatial_batchnorm_forward(np.ones(shape), np.ones(size), np.ones(size), bn_param)


def test_a_dout_of_another_shape_is_refused():
    _, cache = spatial_batchnorm_forward(np.ones((2, 3, 4, 5)), np.ones(3), np.ones(3), {"mode": "train"})
    with pytest.raises(ValueError, match=r"^spatial_batchnorm_backward: dout has shape \(2, 3, 5, 4\)"):
        spatial_batchnorm_backward(np.ones((2, 3, 5, 4)), cache)
