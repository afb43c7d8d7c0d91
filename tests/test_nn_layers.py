"""Layers and losses of course_utils.nn: their values by loops over numbers, their gradients by finite differences."""

import math

import numpy as np
import pytest

from course_utils import nn
from course_utils.gradient_check import numerical_gradient
from course_utils.nn.layers import ACTIVATIONS

rng = np.random.default_rng(5)
FORMULAS = {
    "relu": lambda v: max(v, 0.0),
    "leaky_relu": lambda v: v if v > 0 else 0.01 * v,
    "elu": lambda v: v if v > 0 else math.exp(v) - 1,
    "tanh": lambda v: (math.exp(v) - math.exp(-v)) / (math.exp(v) + math.exp(-v)),
    "sigmoid": lambda v: 1 / (1 + math.exp(-v)),
}


def agree(analytic, f, x, tolerance=1e-7):
    """`analytic` is the gradient of Σ f(x)·(fixed weights) and has the shape of x."""
    assert analytic.shape == x.shape
    assert np.allclose(analytic, numerical_gradient(f, x), rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations_follow_their_formulas(name):
    x = np.array([[-30.0, -2.5, -0.1], [0.0, 0.7, 30.0]])
    wanted = [[FORMULAS[name](v) for v in row] for row in x.tolist()]
    assert np.allclose(ACTIVATIONS[name][0](x)[0], wanted, rtol=1e-12, atol=0)


@pytest.mark.parametrize("shape", [(4, 3), (1, 3), (2, 3, 2)])
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations_have_the_right_derivatives(name, shape):
    forward, backward = ACTIVATIONS[name]
    x, dout = 2 * rng.normal(size=shape), rng.normal(size=shape)
    agree(backward(dout, forward(x)[1]), lambda x: float((forward(x)[0] * dout).sum()), x)


@pytest.mark.parametrize(("name", "option"), [("leaky_relu", 0.3), ("elu", 0.5)])
def test_the_left_side_can_be_chosen(name, option):
    forward, backward = ACTIVATIONS[name]
    x, dout = rng.normal(size=(4, 3)), rng.normal(size=(4, 3))
    agree(backward(dout, forward(x, option)[1]), lambda x: float((forward(x, option)[0] * dout).sum()), x)
    assert np.allclose(forward(np.array([-1.0]), option)[0], -option if name == "leaky_relu" else option * np.expm1(-1))


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_large_inputs_give_no_overflow(name):
    forward, backward = ACTIVATIONS[name]
    for dtype in (np.float32, np.float64):
        x = np.array([[-1e4, 1e4]], dtype)
        with np.errstate(over="raise", invalid="raise", divide="raise"):
            out, cache = forward(x)
            dx = backward(np.ones_like(x), cache)
        assert np.isfinite(out).all() and np.isfinite(dx).all()
        assert (out.dtype, dx.dtype) == (dtype, dtype)


def test_an_affine_layer_reads_each_example_as_a_row():
    x, w, b = np.arange(12.0).reshape(1, 3, 2, 2), np.full((12, 2), 0.5), np.array([1.0, -1.0])
    out, _ = nn.affine_forward(x, w, b)
    assert np.array_equal(out, [[34.0, 32.0]])


@pytest.mark.parametrize("shape", [(4, 6), (1, 6), (3, 2, 3)])
def test_affine_gradients(shape):
    x, w, b = rng.normal(size=shape), rng.normal(size=(6, 3)), rng.normal(size=3)
    dout = rng.normal(size=(shape[0], 3))
    dx, dw, db = nn.affine_backward(dout, nn.affine_forward(x, w, b)[1])
    agree(dx, lambda x: float((nn.affine_forward(x, w, b)[0] * dout).sum()), x)
    agree(dw, lambda w: float((nn.affine_forward(x, w, b)[0] * dout).sum()), w)
    agree(db, lambda b: float((nn.affine_forward(x, w, b)[0] * dout).sum()), b)


def slow_normalize(rows, gamma, beta, eps=1e-5):
    """Each list of `rows` normalised for itself, a number at a time; gamma and beta have an entry for each number."""
    out = []
    for row, gains, shifts in zip(rows, gamma, beta, strict=True):
        mean = sum(row) / len(row)
        var = sum((v - mean) ** 2 for v in row) / len(row)
        normal = [(v - mean) / math.sqrt(var + eps) for v in row]
        out.append([g * v + s for v, g, s in zip(normal, gains, shifts, strict=True)])
    return np.array(out)


def test_batch_normalisation_is_over_examples_and_layer_normalisation_over_features():
    x, gamma, beta = rng.normal(size=(4, 3)), rng.normal(size=3), rng.normal(size=3)
    out, _ = nn.batchnorm_forward(x, gamma, beta, {"mode": "train"})
    per_feature = slow_normalize(x.T.tolist(), np.repeat(gamma[:, None], 4, 1), np.repeat(beta[:, None], 4, 1))
    assert np.allclose(out, per_feature.T)
    out, _ = nn.layernorm_forward(x, gamma, beta, {})
    assert np.allclose(out, slow_normalize(x.tolist(), [gamma] * 4, [beta] * 4))


def test_running_statistics_follow_the_batches_and_decide_at_test_time():
    bn_param, mean, var = {"mode": "train", "momentum": 0.8}, np.zeros(3), np.zeros(3)
    gamma, beta = np.array([1.0, 2.0, 3.0]), np.array([0.1, 0.2, 0.3])
    for _ in range(4):
        x = rng.normal(3, 2, size=(6, 3))
        nn.batchnorm_forward(x, gamma, beta, bn_param)
        mean, var = 0.8 * mean + 0.2 * x.mean(0), 0.8 * var + 0.2 * ((x - x.mean(0)) ** 2).sum(0) / 6
    assert np.allclose(bn_param["running_mean"], mean) and np.allclose(bn_param["running_var"], var)
    bn_param["mode"] = "test"
    out, _ = nn.batchnorm_forward(x, gamma, beta, bn_param)
    assert np.allclose(out, gamma * (x - mean) / np.sqrt(var + 1e-5) + beta)
    assert np.allclose(bn_param["running_mean"], mean)


BATCH = {"mode": "train"}
RUNNING = {"mode": "test", "running_mean": np.array([0.1, -0.2, 0.3]), "running_var": np.array([0.5, 1.0, 2.0])}


@pytest.mark.parametrize("rows", [1, 2, 6])
@pytest.mark.parametrize("gain_shape", [(3,), (1, 3)])
@pytest.mark.parametrize(
    ("forward", "backward", "options"),
    [
        (nn.batchnorm_forward, nn.batchnorm_backward, BATCH),
        (nn.batchnorm_forward, nn.batchnorm_backward, RUNNING),
        (nn.batchnorm_forward, nn.batchnorm_backward, {"mode": "train", "eps": 0.3}),
        (nn.layernorm_forward, nn.layernorm_backward, {}),
        (nn.layernorm_forward, nn.layernorm_backward, {"eps": 0.3}),
    ],
)
def test_normalisation_gradients(forward, backward, options, gain_shape, rows):
    x, dout = rng.normal(size=(rows, 3)), rng.normal(size=(rows, 3))
    gamma, beta = rng.normal(size=gain_shape), rng.normal(size=gain_shape)

    def f(x, gamma, beta):
        return float((forward(x, gamma, beta, dict(options))[0] * dout).sum())

    dx, dgamma, dbeta = backward(dout, forward(x, gamma, beta, dict(options))[1])
    agree(dx, lambda x: f(x, gamma, beta), x, tolerance=1e-6)
    agree(dgamma, lambda gamma: f(x, gamma, beta), gamma)
    agree(dbeta, lambda beta: f(x, gamma, beta), beta)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_layers_keep_the_dtype_and_their_inputs(dtype):
    x, gamma, beta = (rng.normal(size=shape).astype(dtype) for shape in ((5, 3), (3,), (3,)))
    w = rng.normal(size=(3, 2)).astype(dtype)
    before = [a.copy() for a in (x, gamma, beta, w)]
    norms = [
        (nn.batchnorm_forward(x, gamma, beta, {"mode": "train"}), nn.batchnorm_backward),
        (nn.layernorm_forward(x, gamma, beta, {}), nn.layernorm_backward),
    ]
    results = [nn.affine_backward(np.ones((5, 2), dtype), nn.affine_forward(x, w, beta[:2])[1])]
    results += [backward(out, cache) for (out, cache), backward in norms]
    results += [(nn.dropout_forward(x, {"mode": "train", "p": np.float64(0.5), "seed": 1})[0],)]
    results += [(nn.softmax_loss(x, np.zeros(5, int))[1], nn.svm_loss(x, np.zeros(5, int))[1], nn.softmax(x))]
    results += [(nn.softmax_loss(x, np.full((5, 3), 1 / 3))[1],)]
    assert {array.dtype for group in results for array in group} == {np.dtype(dtype)}
    assert all(np.array_equal(a, b) for a, b in zip(before, (x, gamma, beta, w), strict=True))


def test_views_with_gaps_give_what_copies_give():
    big = rng.normal(size=(10, 12))
    x, w, b = big[::2, ::2], big.T[:6, :3], big[0, :3]
    out, cache = nn.affine_forward(x, w, b)
    assert np.allclose(out, x.copy() @ w.copy() + b)
    assert np.allclose(nn.affine_backward(out, cache)[1], x.copy().T @ out)


def test_inverted_dropout_keeps_a_share_p_and_the_mean():
    x = np.ones((400, 500), np.float32)
    for p in (0.2, 0.75):
        out, cache = nn.dropout_forward(x, {"mode": "train", "p": p, "rng": np.random.default_rng(0)})
        assert set(np.unique(out)) == {0.0, np.float32(1 / p)}
        assert abs((out > 0).mean() - p) < 0.01
        assert np.array_equal(nn.dropout_backward(3 * x, cache), 3 * out)


def test_dropout_scales_whole_numbers_too():
    out, _ = nn.dropout_forward(np.full((9, 9), 7), {"mode": "train", "p": 0.7, "seed": 1})
    assert np.allclose(np.unique(out), [0, 10])


def test_dropout_does_nothing_at_test_time_and_repeats_with_a_seed():
    x, param = rng.normal(size=(20, 30)), {"p": 0.5, "seed": 3, "mode": "train"}
    assert np.array_equal(nn.dropout_forward(x, param)[0], nn.dropout_forward(x, param)[0])
    out, cache = nn.dropout_forward(x, {**param, "mode": "test"})
    assert np.array_equal(out, x) and np.array_equal(nn.dropout_backward(x, cache), x)
    flow = {"p": 0.5, "mode": "train", "rng": np.random.default_rng(0)}
    assert not np.array_equal(nn.dropout_forward(x, flow)[0], nn.dropout_forward(x, flow)[0])


def test_worked_losses():
    scores = np.array([[3.2, 5.1, -1.7], [1.3, 4.9, 2.0], [2.2, 2.5, -3.1]])
    assert abs(nn.svm_loss(scores, np.array([0, 1, 2]))[0] - (2.9 + 0 + 12.9) / 3) < 1e-9
    assert abs(nn.softmax_loss(scores[:1], np.array([0]))[0] - 2.04) < 0.005
    assert abs(nn.softmax_loss(np.zeros((4, 10)), np.arange(4))[0] - math.log(10)) < 1e-12


@pytest.mark.parametrize("rows", [1, 5])
def test_loss_gradients(rows):
    scores, labels = rng.normal(size=(rows, 4)), rng.integers(0, 4, rows)
    targets = rng.dirichlet(np.ones(4), rows)
    for y in (labels, targets):
        agree(nn.softmax_loss(scores, y)[1], lambda x, y=y: nn.softmax_loss(x, y)[0], scores)
    agree(nn.svm_loss(scores, labels)[1], lambda x: nn.svm_loss(x, labels)[0], scores)


def test_certain_targets_are_labels():
    scores, y = rng.normal(size=(6, 4)), rng.integers(0, 4, 6)
    by_label, by_target = nn.softmax_loss(scores, y), nn.softmax_loss(scores, np.eye(4)[y])
    assert np.isclose(by_label[0], by_target[0]) and np.allclose(by_label[1], by_target[1])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_huge_scores_give_a_finite_loss(dtype):
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        loss, dx = nn.softmax_loss(np.array([[1e6, 0, -1e6]], dtype), np.array([1]))
    assert loss == 1e6 and np.array_equal(dx, [[1, -1, 0]])
    assert isinstance(loss, float)


ONES = np.ones((3, 4))
LABELS = np.array([0, 1, 2])


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: nn.affine_forward(ONES, np.ones((5, 2)), np.ones(2)), "its first side must be 4"),
        (lambda: nn.affine_forward(ONES, np.ones((4, 2)), np.ones(3)), "needs 2 biases"),
        (lambda: nn.affine_forward(np.ones(4), np.ones((4, 2)), np.ones(2)), r"x\[np.newaxis\]"),
        (lambda: nn.batchnorm_forward(ONES, np.ones(4), np.ones(4), {"mode": "training"}), "'training'"),
        (lambda: nn.batchnorm_forward(ONES, np.ones(4), np.ones(4), {}), "None"),
        (lambda: nn.batchnorm_forward(ONES, np.ones(3), np.ones(4), BATCH), "gamma has shape"),
        (lambda: nn.layernorm_forward(ONES, np.ones(4), np.ones(3), {}), "beta has shape"),
        (lambda: nn.layernorm_forward(np.ones(4), np.ones(4), np.ones(4), {}), r"\(N, D\)"),
        (lambda: nn.batchnorm_forward(np.ones((0, 4)), np.ones(4), np.ones(4), BATCH), "at least one row"),
        (lambda: nn.dropout_forward(ONES, {"mode": "train", "p": 0, "seed": 1}), "p is 0"),
        (lambda: nn.dropout_forward(ONES, {"mode": "train", "p": 1.5, "seed": 1}), "p is 1.5"),
        (lambda: nn.dropout_forward(ONES, {"mode": "train", "seed": 1}), "p is None"),
        (lambda: nn.dropout_forward(ONES, {"p": 0.5, "seed": 1}), '"train" or "test"'),
        (lambda: nn.dropout_forward(ONES, {"mode": "train", "p": 0.5}), '"rng"'),
        (lambda: nn.softmax_loss(ONES, np.array([0, 1, 4])), "from 0 to 4"),
        (lambda: nn.softmax_loss(ONES, np.array([0, 1, -1])), "from -1 to 1"),
        (lambda: nn.softmax_loss(ONES, LABELS[:2]), r"need y of shape \(3,\) or \(3, 4\), not \(2,\)"),
        (lambda: nn.softmax_loss(ONES, LABELS[:, None]), r"not \(3, 1\)"),
        (lambda: nn.softmax_loss(ONES, LABELS.astype(float)), "labels are integers, these are float64"),
        (lambda: nn.softmax_loss(ONES, ONES), "does not sum to 1"),
        (lambda: nn.softmax_loss(ONES, np.full((3, 4), np.nan)), "does not sum to 1"),
        (lambda: nn.softmax_loss(np.ones(4), LABELS), r"\(N, C\)"),
        (lambda: nn.svm_loss(ONES, np.full((3, 4), 0.25)), r"y of shape \(N,\)"),
        (lambda: nn.init_weights("kaiming", 3, 4, rng), "'kaiming'"),
        (lambda: nn.init_weights(-0.1, 3, 4, rng), "-0.1"),
        (lambda: nn.standardize(np.ones((3, 4)), np.ones((3, 5))), "examples of one shape"),
        (lambda: nn.standardize(np.ones((0, 4))), r"\(0, 4\)"),
        (lambda: nn.standardize(np.ones(4)), r"\(4,\)"),
    ],
)
def test_what_does_not_fit_is_refused_in_words(call, said):
    with pytest.raises(ValueError, match=said):
        call()


@pytest.mark.parametrize(
    ("kind", "std"),
    [("he", math.sqrt(2 / 400)), ("xavier", 1 / 20), ("zeros", 0.0), (0.01, 0.01), (np.float64(3), 3.0)],
)
def test_initial_weights_have_the_spread_asked_for(kind, std):
    weights = nn.init_weights(kind, 400, 300, np.random.default_rng(1))
    assert (weights.shape, weights.dtype) == ((400, 300), np.float32)
    assert abs(weights.std() - std) <= 0.02 * std
    assert abs(weights.mean()) <= 0.02 * std


def test_standardised_pixels_have_mean_0_and_deviation_1_on_the_training_set_only():
    train, val = (
        rng.integers(0, 200, (50, 4, 4, 3), dtype=np.uint8),
        rng.integers(0, 256, (20, 4, 4, 3), dtype=np.uint8),
    )
    train[:, 0, 0, 0] = 7
    val[0, 0, 0, 0] = 7
    A, B = nn.standardize(train, val)
    assert (A.shape, A.dtype, B.shape, B.dtype) == ((50, 48), np.float32, (20, 48), np.float32)
    varying = A[:, 1:]
    assert np.allclose(varying.mean(axis=0), 0, atol=1e-5) and np.allclose(varying.std(axis=0), 1, atol=1e-4)
    flat = train.reshape(50, -1).astype(float)
    assert np.allclose(
        B[:, 1:], ((val.reshape(20, -1) - flat.mean(0)) / np.where(flat.std(0), flat.std(0), 1))[:, 1:], atol=1e-4
    )
    assert not A[:, 0].any() and B[0, 0] == 0 and np.isfinite(B).all()
    assert np.array_equal(nn.standardize(train), A)
    assert np.array_equal(nn.standardize(np.full((3, 2), 9)), np.zeros((3, 2)))


def test_a_pixel_that_hardly_varies_is_not_blown_up():
    train, val = rng.normal(100, 50, size=(200, 20)), rng.normal(100, 50, size=(50, 20))
    train[:, 3] = 7 + 1e-3 * rng.normal(size=200)
    A, B = nn.standardize(train, val)
    assert A[:, 3].std() < 0.01
    assert np.abs(B[:, 3]).max() < 500
