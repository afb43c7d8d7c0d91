"""FullyConnectedNet: gradients of every combination, its settings, its modes; and that the package loads quickly."""

import subprocess
import sys

import numpy as np
import pytest
from small_nets import numerical, with_random_offsets

from course_utils import nn
from course_utils.gradient_check import numerical_gradient

rng = np.random.default_rng(8)
ACTIVATIONS = ["relu", "tanh", "sigmoid", "leaky_relu", "elu"]


def made(dtype=np.float64, **options):
    """A small net with random biases, gains and shifts, so that none of their gradients is trivial."""
    net = nn.FullyConnectedNet((6, 5, 4, 3), reg=0.3, dtype=dtype, rng=1, **options)
    return with_random_offsets(net)


@pytest.mark.parametrize("rows", [1, 5])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("normalization", [None, "batchnorm", "layernorm"])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_gradients_agree_with_finite_differences(activation, normalization, dtype, rows):
    options = {"activation": activation, "normalization": normalization}
    net, X, y = made(dtype, **options), rng.normal(size=(rows, 6)).astype(dtype), rng.integers(0, 3, rows)
    wanted = numerical(made(**options), net, X.astype(np.float64), y)
    loss, grads = net.loss(X, y)
    assert isinstance(loss, float) and grads.keys() == net.params.keys()
    tolerance = 1e-6 if dtype == np.float64 else 2e-3
    for name, gradient in grads.items():
        assert (gradient.shape, gradient.dtype) == (net.params[name].shape, dtype)
        assert np.allclose(gradient, wanted[name], rtol=tolerance, atol=tolerance * 0.1), name


@pytest.mark.parametrize("normalization", [None, "batchnorm", "layernorm"])
def test_gradients_with_dropout_and_soft_targets(normalization):
    options = {"dropout": 0.6, "normalization": normalization}
    net, X, y = made(**options), rng.normal(size=(5, 6)), rng.dirichlet(np.ones(3), 5)
    wanted = numerical(made(**options), net, X, y)
    net.rng = np.random.default_rng(77)
    grads = net.loss(X, y)[1]
    assert all(np.allclose(grads[name], wanted[name], rtol=1e-6, atol=1e-7) for name in wanted)


def test_the_gradient_of_the_inputs_is_there_for_the_asking():
    net, X, y = made(normalization="batchnorm"), rng.normal(size=(4, 6)), np.array([0, 1, 2, 0])
    for train in (False, True):
        scores, caches = net.forward(X, train=train)
        dX, _ = net.backward(nn.softmax_loss(scores, y)[1], caches, input_gradient=True)
        wanted = numerical_gradient(lambda X, t=train: nn.softmax_loss(net.forward(X, train=t)[0], y)[0], X)
        assert np.allclose(dX, wanted, rtol=1e-6, atol=1e-8)
    assert net.backward(scores, caches)[0] is None


def test_the_penalty_is_half_reg_times_the_squared_weights_and_nothing_else():
    X, y = rng.normal(size=(5, 6)), rng.integers(0, 3, 5)
    net = made(normalization="layernorm")
    with_penalty, grads = net.loss(X, y)
    net.reg = 0.0
    without, plain = net.loss(X, y)
    weights = sum(float((net.params[f"W{layer}"] ** 2).sum()) for layer in (1, 2, 3))
    assert np.isclose(with_penalty - without, 0.5 * 0.3 * weights)
    for name in grads:
        assert np.allclose(grads[name] - plain[name], 0.3 * net.params[name] if name.startswith("W") else 0)


def test_scores_by_hand():
    net = nn.FullyConnectedNet((2, 2, 2), dtype=np.float64)
    net.params.update(W1=np.array([[1.0, -1.0], [2.0, 0.5]]), b1=np.array([0.0, 1.0]))
    net.params.update(W2=np.array([[1.0, 0.0], [3.0, -2.0]]), b2=np.array([0.5, 0.0]))
    assert np.allclose(net.loss([[1.0, 1.0]]), [[3 + 3 * 0.5 + 0.5, -2 * 0.5]])
    assert np.allclose(net.activations([[1.0, 1.0], [-1.0, 0.0]])[0], [[3, 0.5], [0, 2]])
    assert np.array_equal(net.predict([[1.0, 1.0]]), [0])
    assert net.accuracy([[1.0, 1.0], [1.0, 1.0]], [0, 1]) == 0.5


def test_parameters_are_named_by_layer_and_layers_by_size():
    net = nn.FullyConnectedNet((8, 5, 4, 3), normalization="batchnorm")
    hidden = ["W1", "b1", "gamma1", "beta1", "W2", "b2", "gamma2", "beta2"]
    assert list(net.params) == [*hidden, "W3", "b3"]
    assert {value.dtype for value in net.params.values()} == {np.dtype(np.float32)}
    assert net.params["W2"].shape == (5, 4) and net.params["gamma2"].shape == (4,)
    assert [layer.shape for layer in net.activations(np.ones((2, 8)))] == [(2, 5), (2, 4)]
    assert list(nn.FullyConnectedNet((8, 3)).params) == ["W1", "b1"]
    assert nn.FullyConnectedNet((8, 3)).activations(np.ones((2, 8))) == []


def test_one_seed_means_the_same_weights_in_both_dtypes():
    single, double = (nn.FullyConnectedNet((5, 4, 3), rng=3, dtype=dtype) for dtype in (np.float32, np.float64))
    assert all(np.array_equal(single.params[name], double.params[name].astype(np.float32)) for name in single.params)
    other = nn.FullyConnectedNet((5, 4, 3), rng=4)
    assert not np.array_equal(single.params["W1"], other.params["W1"])


def test_images_are_read_as_rows():
    net, images = nn.FullyConnectedNet((3072, 10, 10)), rng.integers(0, 256, (4, 32, 32, 3), dtype=np.uint8)
    assert np.array_equal(net.loss(images), net.loss(images.reshape(4, -1).astype(np.float32)))


def test_a_numpy_number_as_reg_leaves_gradients_in_float32():
    net = nn.FullyConnectedNet((5, 4, 3), reg=np.float64(0.1), dropout=np.float64(0.5))
    assert {g.dtype for g in net.loss(np.ones((2, 5)), np.array([0, 1]))[1].values()} == {np.dtype(np.float32)}


def test_dropout_is_at_work_in_training_only():
    net, X, y = nn.FullyConnectedNet((6, 50, 3), dropout=0.5), rng.normal(size=(4, 6)), np.zeros(4, int)
    assert np.array_equal(net.loss(X), net.loss(X))
    assert net.loss(X, y)[0] != net.loss(X, y)[0]


def test_batch_norm_learns_its_statistics_from_batches_and_uses_them_for_scores():
    net = nn.FullyConnectedNet((6, 5, 3), normalization="batchnorm", dtype=np.float64)
    X = rng.normal(4, 3, size=(100, 6))
    assert np.isfinite(net.loss(X)).all()
    for _ in range(200):
        net.loss(X, np.zeros(100, int))
    assert np.allclose(net.loss(X), net.forward(X, train=True)[0], atol=1e-4)
    one_by_one = np.concatenate([net.loss(X[i : i + 1]) for i in range(5)])
    assert np.allclose(one_by_one, net.loss(X)[:5])


X, Y = np.ones((4, 6)), np.array([0, 1, 2, 0])


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: nn.FullyConnectedNet((6,)), r"sizes is \(6,\)"),
        (lambda: nn.FullyConnectedNet(6), "sizes is 6"),
        (lambda: nn.FullyConnectedNet((6, 0, 3)), "whole numbers of at least 1"),
        (lambda: nn.FullyConnectedNet((6, 2.5, 3)), "whole numbers"),
        (lambda: nn.FullyConnectedNet((6, [4, 4], 3)), "whole numbers"),
        (lambda: nn.FullyConnectedNet((6, 3), activation=["relu"]), r"activation is \['relu'\]"),
        (lambda: nn.FullyConnectedNet((6, 3), dropout="0.5"), "dropout is '0.5'"),
        (lambda: nn.FullyConnectedNet((6, 3), reg=None), "reg is None"),
        (lambda: nn.FullyConnectedNet((6, 3)).loss(np.ones((0, 5))), r"takes \(N, 6\)"),
        (lambda: nn.FullyConnectedNet((6, 3), activation="swish"), "'swish'; it is one of 'relu'"),
        (lambda: nn.FullyConnectedNet((6, 3), init="kaiming"), "'kaiming'; it is one of 'he'"),
        (lambda: nn.FullyConnectedNet((6, 3), normalization="batch"), "'batch'; it is None, 'batchnorm'"),
        (lambda: nn.FullyConnectedNet((6, 3), dropout=0.0), "dropout is 0.0"),
        (lambda: nn.FullyConnectedNet((6, 3), reg=-1), "reg is -1"),
        (lambda: nn.FullyConnectedNet((6, 3), dtype=int), "float32 or float64"),
        (lambda: nn.FullyConnectedNet((6, 3)).loss(np.ones((4, 5))), r"takes \(N, 6\)"),
        (lambda: nn.FullyConnectedNet((6, 3)).loss(np.ones(6)), r"X has shape \(6,\)"),
        (lambda: nn.FullyConnectedNet((6, 3)).loss(X, Y + 1), "from 0 to 2; these go from 1 to 3"),
        (lambda: nn.FullyConnectedNet((6, 3)).loss(X, Y[:3]), r"not \(3,\)"),
        (lambda: nn.FullyConnectedNet((6, 3)).accuracy(X, Y[:3]), "4 rows"),
        (lambda: nn.FullyConnectedNet((6, 3)).accuracy(X[:0], Y[:0]), "no rows"),
    ],
)
def test_what_does_not_fit_is_refused_in_words(call, said):
    with pytest.raises(ValueError, match=said):
        call()


def test_the_package_loads_without_what_it_may_not_need():
    heavy = ("matplotlib", "pooch", "scipy", "tqdm", "IPython")
    code = f"import sys, course_utils.nn; print([name for name in {heavy} if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
