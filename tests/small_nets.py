"""Three clouds of points, and small nets and solvers for them."""

import numpy as np

from course_utils import nn
from course_utils.gradient_check import numerical_gradient

CENTRES = 2.5 * np.array([[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]])


def blobs(n, seed=0):
    draws = np.random.default_rng(seed)
    y = draws.integers(0, 3, n)
    return CENTRES[y] + draws.normal(size=(n, 4)), y


X, Y = blobs(120)
X_VAL, Y_VAL = blobs(90, seed=1)


class TwoLayerNet:
    """As a student writes it in notebook 04: in float64, with lists of its own."""

    def __init__(self, seed=0):
        draws = np.random.default_rng(seed)
        self.params = {"W1": 0.3 * draws.normal(size=(4, 8)), "b1": np.zeros(8)}
        self.params |= {"W2": 0.3 * draws.normal(size=(8, 3)), "b2": np.zeros(3)}

    def loss(self, X, y=None):
        p = self.params
        hidden = np.maximum(X @ p["W1"] + p["b1"], 0)
        scores = hidden @ p["W2"] + p["b2"]
        if y is None:
            return scores
        odds = np.exp(scores - scores.max(axis=1, keepdims=True))
        odds /= odds.sum(axis=1, keepdims=True)
        loss = -np.log(odds[np.arange(len(y)), y]).mean()
        odds[np.arange(len(y)), y] -= 1
        odds /= len(y)
        dhidden = (odds @ p["W2"].T) * (hidden > 0)
        return loss, {"W1": X.T @ dhidden, "b1": dhidden.sum(0), "W2": hidden.T @ odds, "b2": odds.sum(0)}

    def predict(self, X):
        return self.loss(X).argmax(axis=1)


class LabelledOnly(TwoLayerNet):
    """A net that has no scores to show: its loss needs labels."""

    def loss(self, X, y):
        return super().loss(X, y)

    def predict(self, X):
        return TwoLayerNet.loss(self, X).argmax(axis=1)


def net(**options):
    return nn.FullyConnectedNet((4, 8, 3), rng=1, **options)


def solver(model=None, X=X, y=Y, X_val=X_VAL, y_val=Y_VAL, **options):
    options = {"num_epochs": 4, "batch_size": 30, "progress": False, "rng": 2, **options}
    return nn.Solver(net() if model is None else model, X, y, X_val, y_val, **options)


def with_random_offsets(net):
    """The net with random biases, gains and shifts, so that none of their gradients is trivial."""
    draws = np.random.default_rng(2)
    for name, value in net.params.items():
        if not name.startswith("W"):
            net.params[name] = (value + 0.5 * draws.normal(size=value.shape)).astype(value.dtype)
    return net


def numerical(twin, net, X, y):
    """The gradient of the net's training loss by finite differences of its float64 twin, with the masks held."""

    def loss(params):
        twin.params, twin.rng = params, np.random.default_rng(77)
        return twin.loss(X, y)[0]

    return numerical_gradient(loss, {name: value.astype(np.float64) for name, value in net.params.items()})
