"""`TwoLayerNet`: other correct solutions, and mistakes in its start, scores and labels."""

import numpy as np

from autograder.mutants.two_layer_net.right_net import RightNet
from autograder.testing import alternative, mutant


@alternative("TwoLayerNet", "each step a method of its own")
class in_small_steps(RightNet):  # noqa: N801
    pass


@alternative("TwoLayerNet", "an example at a time, with loops")
class example_by_example(RightNet):  # noqa: N801
    def loss(self, X, y=None):
        W1, b1, W2, b2 = (self.params[name] for name in ("W1", "b1", "W2", "b2"))
        table = [[max(0.0, x @ W1[:, j] + b1[j]) for j in range(len(b1))] for x in X]
        scores = np.array([[np.dot(h, W2[:, c]) + b2[c] for c in range(len(b2))] for h in table])
        if y is None:
            return scores
        grads = {name: np.zeros(value.shape) for name, value in self.params.items()}
        loss = 0.0
        for x, h, s, true in zip(X, np.array(table), scores, y, strict=True):
            p = np.exp(s - s.max())
            p /= p.sum()
            loss -= (s - s.max() - np.log(np.sum(np.exp(s - s.max()))))[true] / len(X)
            d = (p - (np.arange(len(p)) == true)) / len(X)
            back = np.array([W2[j] @ d if h[j] > 0 else 0.0 for j in range(len(h))])
            grads["W1"] += np.outer(x, back)
            grads["b1"] += back
            grads["W2"] += np.outer(h, d)
            grads["b2"] += d
        for name in ("W1", "W2"):
            loss += np.sum(self.params[name] ** 2) * self.reg / 2
            grads[name] += self.reg * self.params[name]
        return loss, grads


def _affine_forward(x, w, b):
    return x.reshape(x.shape[0], -1).dot(w) + b, (x, w)


def _affine_backward(dout, cache):
    x, w = cache
    return dout.dot(w.T), x.T.dot(dout), np.sum(dout, axis=0)


@alternative("TwoLayerNet", "of forward and backward functions of layers, probabilities before their logarithm")
class of_layers(RightNet):  # noqa: N801
    def loss(self, X, y=None):
        out, first = _affine_forward(X, self.params["W1"], self.params["b1"])
        scores, second = _affine_forward(np.maximum(0, out), self.params["W2"], self.params["b2"])
        if y is None:
            return scores
        N, probs = X.shape[0], np.exp(scores - np.max(scores, axis=1, keepdims=True))
        probs /= np.sum(probs, axis=1, keepdims=True)
        loss, dscores, grads = np.sum(-np.log(probs[range(N), y])) / N, probs, {}
        dscores[range(N), y] -= 1
        dscores /= N
        dout, grads["W2"], grads["b2"] = _affine_backward(dscores, second)
        dout[out <= 0] = 0
        _, grads["W1"], grads["b1"] = _affine_backward(dout, first)
        for name in ("W1", "W2"):
            loss += 0.5 * self.reg * np.sum(self.params[name] * self.params[name])
            grads[name] += self.reg * self.params[name]
        return loss, grads


@alternative("TwoLayerNet", "a tiny number inside the logarithm, one-hot labels, slope 1 at the kink")
class with_epsilon(RightNet):  # noqa: N801
    def loss(self, X, y=None):
        p = self.params
        a = np.dot(X, p["W1"]) + p["b1"]
        h = a * (a >= 0)
        s = np.dot(h, p["W2"]) + p["b2"]
        if y is None:
            return s
        e = np.exp(s - np.max(s, axis=1).reshape(-1, 1))
        q = e / e.sum(axis=1)[:, None]
        Y = np.eye(s.shape[1])[y]
        loss = -np.sum(Y * np.log(q + 1e-12)) / X.shape[0]
        loss += 0.5 * self.reg * np.vdot(p["W1"], p["W1"]) + 0.5 * self.reg * np.vdot(p["W2"], p["W2"])
        d = (q - Y) / X.shape[0]
        g = {"b2": d.sum(0), "W2": h.T.dot(d) + self.reg * p["W2"]}
        d = d.dot(p["W2"].T)
        d[a < 0] = 0
        g["b1"], g["W1"] = d.sum(0), np.dot(X.T, d) + self.reg * p["W1"]
        return loss, g


# The start -------------------------------------------------------------------------------------------------------------


def _start(exchange):
    """A `start` whose right arrays have been changed by `exchange(params, scale, rng)`."""

    def start(self, d, h, c, scale, rng):
        return exchange(RightNet.start(self, d, h, c, scale, rng), scale, rng)

    return start


@mutant("TwoLayerNet", "The biases start as random numbers; only weights need that, biases start at zero.")
class random_biases(RightNet):  # noqa: N801
    start = _start(
        lambda p, scale, rng: p | {name: scale * rng.normal(size=p[name].shape) for name in ("b1", "b2")},
    )


@mutant("TwoLayerNet", "The biases start at one; they should start at zero.")
class biases_of_one(RightNet):  # noqa: N801
    start = _start(lambda p, scale, rng: p | {name: np.ones(p[name].shape) for name in ("b1", "b2")})


@mutant("TwoLayerNet", "weight_scale is the standard deviation of the weights, not their variance: no root is needed.")
class scale_as_variance(RightNet):  # noqa: N801
    start = _start(lambda p, scale, rng: p | {name: p[name] / np.sqrt(scale) for name in ("W1", "W2")})


@mutant("TwoLayerNet", "W2 is not multiplied by weight_scale; both weight matrices are.")
class second_not_scaled(RightNet):  # noqa: N801
    start = _start(lambda p, scale, rng: p | {"W2": p["W2"] / scale})


@mutant("TwoLayerNet", "weight_scale is ignored: the weights are standard normal numbers.")
class scale_ignored(RightNet):  # noqa: N801
    start = _start(lambda p, scale, rng: p | {name: p[name] / scale for name in ("W1", "W2")})


@mutant("TwoLayerNet", "The weights are drawn between 0 and weight_scale: rng.random is uniform and never negative.")
class uniform_weights(RightNet):  # noqa: N801
    start = _start(lambda p, scale, rng: p | {name: scale * rng.random(p[name].shape) for name in ("W1", "W2")})


@mutant("TwoLayerNet", "All weights start at zero: then all hidden units stay alike for ever. Draw normal numbers.")
class zero_weights(RightNet):  # noqa: N801
    start = _start(lambda p, scale, rng: {name: np.zeros(value.shape) for name, value in p.items()})


@mutant("TwoLayerNet", "The weights do not come from rng: draw with the generator passed in, not with np.random.")
class own_generator(RightNet):  # noqa: N801
    def start(self, d, h, c, scale, rng):
        return RightNet.start(self, d, h, c, scale, np.random.default_rng(0))


@mutant(
    "TwoLayerNet", "The weight matrices are transposed: W1 is (inputs, hidden units), W2 is (hidden units, classes)."
)
class transposed_start(RightNet):  # noqa: N801
    start = _start(lambda p, scale, rng: p | {name: p[name].T.copy() for name in ("W1", "W2")})


# Scores and labels -----------------------------------------------------------------------------------------------------


@mutant("TwoLayerNet", "The scores went through a ReLU, too: only the hidden layer does; scores may be negative.")
class relu_on_scores(RightNet):  # noqa: N801
    def scores(self, hidden):
        return np.maximum(0, RightNet.scores(self, hidden))


@mutant("TwoLayerNet", "There is no ReLU between the layers: two linear maps in a row are one linear map.")
class no_relu(RightNet):  # noqa: N801
    def fire(self, before):
        return before

    def dbefore(self, dhidden, before):
        return dhidden


@mutant("TwoLayerNet", "The hidden layer takes absolute values: the ReLU sets what is negative to zero.")
class absolute_value(RightNet):  # noqa: N801
    def fire(self, before):
        return np.abs(before)

    def dbefore(self, dhidden, before):
        return dhidden * np.sign(before)


@mutant("TwoLayerNet", "b1 is not added before the ReLU.")
class b1_not_added(RightNet):  # noqa: N801
    def before(self, X):
        return X @ self.params["W1"]


@mutant("TwoLayerNet", "b1 is added after the ReLU; it belongs inside.")
class b1_after_relu(RightNet):  # noqa: N801
    def before(self, X):
        return X @ self.params["W1"]

    def fire(self, before):
        return np.maximum(0, before) + self.params["b1"]


@mutant("TwoLayerNet", "b2 is not added to the scores.")
class b2_not_added(RightNet):  # noqa: N801
    def scores(self, hidden):
        return hidden @ self.params["W2"]


@mutant("TwoLayerNet", "Without labels loss returns probabilities; it should return the scores themselves.")
class probabilities_for_scores(RightNet):  # noqa: N801
    def loss(self, X, y=None):
        answer = RightNet.loss(self, X, y)
        return np.exp(self.log_probabilities(answer)) if y is None else answer


@mutant("TwoLayerNet", "predict gives the largest score of each row; its column is asked for.")
class predicts_the_score(RightNet):  # noqa: N801
    def predict(self, X):
        return np.max(self.loss(X), axis=1)


@mutant("TwoLayerNet", "predict looks along the wrong axis: each row of the scores belongs to one example.")
class predicts_along_the_batch(RightNet):  # noqa: N801
    def predict(self, X):
        return np.argmax(self.loss(X), axis=0)


@mutant("TwoLayerNet", "predict names the hidden unit that fires most; the largest score decides.")
class predicts_the_hidden_unit(RightNet):  # noqa: N801
    def predict(self, X):
        return np.argmax(self.fire(self.before(X)), axis=1)


@mutant("TwoLayerNet", "predict takes the smallest score; high scores speak for a class.")
class predicts_the_smallest(RightNet):  # noqa: N801
    def predict(self, X):
        return np.argmin(self.loss(X), axis=1)


@mutant(
    "TwoLayerNet",
    "The net goes on with the arrays that it was made with: read self.params in every call, since training changes it.",
)
class remembers_its_start(RightNet):  # noqa: N801
    def __init__(self, *arguments, **keywords):
        super().__init__(*arguments, **keywords)
        self.first = None

    def loss(self, X, y=None):
        current = self.params
        self.first = {name: np.array(value) for name, value in current.items()} if self.first is None else self.first
        self.params = self.first
        try:
            return RightNet.loss(self, X, y)
        finally:
            self.params = current
