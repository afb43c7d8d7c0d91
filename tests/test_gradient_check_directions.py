"""The random-direction mode on a net of a hundred thousand parameters."""

import numpy as np
import pytest

from course_utils.gradient_check import check_gradient


class CountedNet:
    """A ReLU net with a softmax, 1e5 parameters; counts its evaluations."""

    def __init__(self):
        rng = np.random.default_rng(3)
        self.X, self.y, self.calls = rng.normal(size=(16, 900)), rng.integers(10, size=16), 0
        self.params = {
            "W1": rng.normal(size=(900, 110)) / 30,
            "b1": rng.normal(size=110) / 10,
            "W2": rng.normal(size=(110, 10)) / 10,
            "b2": rng.normal(size=10) / 10,
        }

    def loss(self, p):
        self.calls += 1
        return self.gradient(p)[0]

    def gradient(self, p):
        hidden = np.maximum(self.X @ p["W1"] + p["b1"], 0)
        scores = hidden @ p["W2"] + p["b2"]
        probabilities = np.exp(scores - scores.max(axis=1, keepdims=True))
        probabilities /= probabilities.sum(axis=1, keepdims=True)
        rows = np.arange(16)
        loss = -np.log(probabilities[rows, self.y]).mean()
        probabilities[rows, self.y] -= 1
        dscores = probabilities / 16
        dhidden = dscores @ p["W2"].T * (hidden > 0)
        return loss, {
            "W1": self.X.T @ dhidden,
            "b1": dhidden.sum(axis=0),
            "W2": hidden.T @ dscores,
            "b2": dscores.sum(axis=0),
        }


BIG = [
    ("right", lambda g: g, ""),
    ("twice", lambda g: {name: 2 * value for name, value in g.items()}, "factor"),
    ("one bias", lambda g: {**g, "b2": 16 * g["b2"]}, "one_parameter"),
    ("one lost", lambda g: {**g, "b1": 0 * g["b1"]}, "one_parameter"),
    ("noise on one layer", lambda g: {**g, "W1": g["W1"] + 1e-3 * np.cos(np.arange(900 * 110)).reshape(900, 110)},
     "one_parameter"),
]  # fmt: skip


@pytest.mark.parametrize("directions", [20, 25])
@pytest.mark.parametrize(("spoil", "cause"), [c[1:] for c in BIG], ids=[c[0] for c in BIG])
def test_a_hundred_thousand_parameters_are_checked_with_sixty_evaluations(spoil, cause, directions):
    net = CountedNet()
    assert sum(value.size for value in net.params.values()) >= 100_000
    report = check_gradient(net.loss, net.params, spoil(net.gradient(net.params)[1]), directions=directions)
    assert net.calls == report.evaluations <= 60
    assert report.ok == (cause == "")
    if directions == 20:
        assert report.cause == cause, report.message


def test_a_kink_along_a_direction_is_said():
    report = check_gradient(lambda x: np.abs(x).sum(), np.zeros(50), np.zeros(50), directions=8)
    assert report.ok and len(report.kinks) == 8 and "less strictly" in report.message


@pytest.mark.parametrize("size", [1.01, 1.05, 2.0])
def test_a_small_mistake_in_one_entry_is_not_explained_by_a_cause_that_does_not_fit(size):
    net = CountedNet()
    gradient = net.gradient(net.params)[1]
    gradient["b1"][np.abs(gradient["b1"]).argmax()] *= size
    penalty = {name: 1e-3 * net.params[name] for name in ("W1", "W2")}
    report = check_gradient(net.loss, net.params, gradient, directions=20, regularization=penalty)
    assert not report.ok and report.cause in {"unknown", "one_parameter"}
