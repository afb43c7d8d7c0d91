"""ConvNet: gradients of every combination, its shapes, its settings and modes; and images with channels first."""

import numpy as np
import pytest
from small_nets import numerical, with_random_offsets

from course_utils import nn
from course_utils.gradient_check import numerical_gradient
from course_utils.nn.convnets import ConvNet, channels_first

rng = np.random.default_rng(8)
SMALL = {"input_shape": (2, 4, 8), "filters": (3, 2), "filter_size": 3, "hidden": 4, "num_classes": 3}


def made(dtype=np.float64, **options):
    """A small net with random biases, gains and shifts, so that none of their gradients is trivial."""
    net = ConvNet(**SMALL | {"reg": 0.3} | options, dtype=dtype, rng=1)
    return with_random_offsets(net)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    "options", [{}, {"normalization": "batchnorm"}, {"dropout": 0.6}, {"filters": (3,), "filter_size": 1}]
)
def test_gradients_agree_with_finite_differences(options, dtype):
    net, X, y = made(dtype, **options), rng.normal(size=(3, 2, 4, 8)).astype(dtype), rng.integers(0, 3, 3)
    wanted = numerical(made(**options), net, X.astype(np.float64), y)
    net.rng = np.random.default_rng(77)
    loss, grads = net.loss(X, y)
    assert isinstance(loss, float) and grads.keys() == net.params.keys()
    tolerance = 1e-5 if dtype == np.float64 else 5e-3
    for name, gradient in grads.items():
        assert (gradient.shape, gradient.dtype) == (net.params[name].shape, dtype), name
        assert np.allclose(gradient, wanted[name], rtol=tolerance, atol=tolerance * 0.1), name


def test_gradients_with_soft_targets():
    net, X, y = made(), rng.normal(size=(4, 2, 4, 8)), rng.dirichlet(np.ones(3), 4)
    wanted, (_, grads) = numerical(made(), net, X, y), net.loss(X, y)
    assert all(np.allclose(grads[name], wanted[name], rtol=1e-5, atol=1e-6) for name in wanted)


def test_the_gradient_of_the_images_is_there_for_the_asking():
    net, X, y = made(normalization="batchnorm"), rng.normal(size=(2, 2, 4, 8)), np.array([0, 2])
    for train in (False, True):
        scores, caches = net.forward(X, train=train)
        dX, _ = net.backward(nn.softmax_loss(scores, y)[1], caches, input_gradient=True)
        wanted = numerical_gradient(lambda X, t=train: nn.softmax_loss(net.forward(X, train=t)[0], y)[0], X)
        assert dX is not None and np.allclose(dX, wanted, rtol=1e-5, atol=1e-7)
    assert net.backward(scores, caches)[0] is None


def test_a_stage_is_convolution_then_relu_then_pooling_in_either_order():
    net, X = made(filters=(3,)), rng.normal(size=(2, 2, 4, 8))
    maps = np.maximum(nn.layers.convolution.conv_forward(X, net.params["W1"], net.params["b1"], net.conv_param)[0], 0)
    pooled = maps.reshape(2, 3, 2, 2, 4, 2).max(axis=(3, 5))
    assert np.allclose(net.activations(X)[0], pooled)
    hidden = np.maximum(pooled.reshape(2, -1) @ net.params["W2"] + net.params["b2"], 0)
    assert np.allclose(net.features(X), hidden)
    assert np.allclose(net.loss(X), hidden @ net.params["W3"] + net.params["b3"])


def test_the_loss_starts_near_the_log_of_the_number_of_classes():
    net = ConvNet(rng=0)
    loss, _ = net.loss(rng.normal(size=(20, 3, 32, 32)), np.arange(20) % 10)
    assert abs(loss - np.log(10)) < 0.3
    assert net.params["W1"].std() == pytest.approx(np.sqrt(2 / 27), rel=0.1)


def test_a_seed_decides_the_weights_and_both_dtypes_start_alike():
    one, same, other = (ConvNet(**SMALL, rng=seed).params["W2"] for seed in (3, 3, 4))
    assert np.array_equal(one, same) and not np.array_equal(one, other)
    assert np.allclose(one, ConvNet(**SMALL, rng=3, dtype=np.float64).params["W2"])


def test_images_are_scored_in_pieces_with_the_same_result():
    net, X = ConvNet(**SMALL, normalization="batchnorm"), rng.normal(size=(601, 2, 4, 8)).astype(np.float32)
    net.loss(X[:50], np.zeros(50, int))
    assert np.allclose(net.loss(X), net.forward(X)[0], atol=1e-5)
    assert net.features(X).shape == (601, 4) and net.predict(X).shape == (601,)
    assert ConvNet(**SMALL).loss(X[:0]).shape == (0, 3)


def test_running_statistics_are_kept_in_training_and_used_in_test():
    net, X = ConvNet(**SMALL, normalization="batchnorm"), 3 + rng.normal(size=(50, 2, 4, 8)).astype(np.float32)
    before = net.bn_params[0]["running_mean"].copy()
    net.loss(X)
    assert np.array_equal(net.bn_params[0]["running_mean"], before)
    for _ in range(60):
        net.loss(X, np.zeros(50, int))
    training, _ = net.forward(X, train=True)
    assert np.allclose(net.loss(X), training, atol=0.05)


def test_a_solver_trains_it_and_restores_the_best_epoch():
    draws = np.random.default_rng(0)
    y = draws.integers(0, 2, 160)
    X = 0.3 * draws.normal(size=(160, 1, 8, 8)).astype(np.float32)
    for image, label, place in zip(X, y, draws.integers(0, 8, 160), strict=True):
        (image[0, place] if label else image[0, :, place])[:] += 2  # a level or an upright bar, anywhere
    net = ConvNet((1, 8, 8), filters=(4,), hidden=8, num_classes=2, normalization="batchnorm", dropout=0.8, rng=0)
    history = nn.Solver(
        net,
        X[:120],
        y[:120],
        X[120:],
        y[120:],
        optim_config={"learning_rate": 0.05},
        num_epochs=8,
        batch_size=20,
        rng=0,
        progress=False,
    ).train()
    assert net.accuracy(X[120:], y[120:]) == max(history["val_accuracy"]) > 0.9


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"input_shape": (2, 4)}, "input_shape"),
        ({"filters": ()}, "filters"),
        ({"filters": (3, 0)}, "filters"),
        ({"filters": (3, 3, 3)}, "multiples of 8"),
        ({"filter_size": 4}, "odd"),
        ({"hidden": 0}, "hidden"),
        ({"normalization": "layernorm"}, "batchnorm"),
        ({"dropout": 0}, "dropout"),
        ({"dropout": True}, "dropout"),
        ({"reg": -1}, "reg"),
        ({"dtype": np.int64}, "float32 or float64"),
    ],
)
def test_settings_it_does_not_know_are_refused(options, says):
    with pytest.raises(ValueError, match=says):
        ConvNet(**SMALL | options)


def test_images_of_another_shape_are_refused_with_a_hint():
    net = ConvNet(**SMALL)
    with pytest.raises(ValueError, match="channels come first"):
        net.loss(np.zeros((5, 4, 8, 2)))
    with pytest.raises(ValueError, match=r"takes \(N, 2, 4, 8\)"):
        net.loss(np.zeros((5, 64)))
    with pytest.raises(ValueError, match="need y of shape"):
        net.accuracy(np.zeros((5, 2, 4, 8)), np.zeros(4, int))


def test_channels_come_first_centred_and_scaled_by_the_training_set():
    images, others = (rng.integers(0, 256, size=(n, 4, 6, 3)).astype(np.uint8) for n in (30, 5))
    images[..., 1] //= 4
    X, X_others = channels_first(images, others)
    assert X.shape == (30, 3, 4, 6) and X.dtype == np.float32
    assert np.allclose(X.mean(axis=(0, 2, 3)), 0, atol=1e-5) and np.allclose(X.std(axis=(0, 2, 3)), 1, atol=1e-4)
    pixel = (others[2, 1, 4, 2] - images[..., 2].mean()) / images[..., 2].std()
    assert X_others[2, 2, 1, 4] == pytest.approx(pixel, rel=1e-4)
    assert isinstance(channels_first(images), np.ndarray)
    assert np.all(np.isfinite(channels_first(np.full((2, 3, 3, 1), 7, np.uint8))))
    with pytest.raises(ValueError, match="as many channels"):
        channels_first(images, others[..., :1])
