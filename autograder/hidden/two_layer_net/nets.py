"""Nets to test with: parameters drawn by the test, and stand-ins whose loss the grader answers.

A stand-in is an object of the student's class `TwoLayerNet` whose parameters, `loss` and `predict` are the test's own, so
that a mistake in the class is not paid for again in the exercises that use a net.
"""

import numpy as np

NAMES = ("W1", "b1", "W2", "b2")


def random_params(rng, d, h, c, scale=1.0):
    """Weights and biases, none of them zero, of a net with d inputs, h hidden units and c classes."""
    return {
        "W1": scale * rng.normal(size=(d, h)),
        "b1": scale * rng.normal(size=h),
        "W2": scale * rng.normal(size=(h, c)),
        "b2": scale * rng.normal(size=c),
    }


def a_generator(student, rng):
    """A generator on the student's side."""
    return student.generator(int(rng.integers(1 << 30)))


def net_with(student, params, reg=0.0):
    """A net of the student's class with these parameters."""
    d, h = params["W1"].shape
    net = student.TwoLayerNet(d, h, len(params["b2"]), 1.0, reg)
    net.params = params
    return net


def params_of(student, net):
    """A copy of a net's parameters, as float64 arrays by name."""
    return {name: np.asarray(value) for name, value in student.value(student.box(net, "params")).items()}


class ScriptedNet:
    """The grader's answers for a stand-in: prescribed losses and gradients, and a record of the batches asked about.

    X is numbered: row i holds i in every column, validation rows start at 1000, and the label of row i is i % 2. `predict`
    is right on a share of the rows that grows with the number of steps made, or shrinks if the net is to get worse. The
    net has a penalty, which is part of the scripted losses and gradients as far as anybody can see.
    """

    def __init__(self, student, rng, losses, worse=False, d=3, h=4, c=2):
        self.rng = rng
        self.worse = worse
        self.start = random_params(rng, d, h, c)
        self.losses = losses
        self.gradients = []
        self.batches = []
        self.net = net_with(student, self.start, 0.7)
        self.net.loss = self.loss
        self.net.predict = self.predict

    def loss(self, X, y=None):
        """A scripted loss with random gradients, or scores that agree with `predict`."""
        if y is None:
            return np.eye(2)[self.predict(X)]
        self.batches.append((np.array(X)[:, 0].astype(int), np.array(y)))
        self.gradients.append({name: self.rng.normal(size=value.shape) for name, value in self.start.items()})
        return self.losses[min(len(self.batches), len(self.losses)) - 1], dict(self.gradients[-1])

    def predict(self, X):
        """Labels that are right where a row's number is small for the steps made so far."""
        rows = np.asarray(X)[:, 0].astype(int)
        right = (7 * rows) % 10 < self._level(len(self.batches))
        return np.where(right, rows % 2, 1 - rows % 2)

    def accuracy(self, rows, steps):
        """What `predict` is worth on these rows after so many steps."""
        return float(np.mean((7 * np.asarray(rows)) % 10 < self._level(steps)))

    def _level(self, steps):
        return 9 - min(steps, 9) if self.worse else min(steps, 9)

    def after(self, steps, rate):
        """The parameters after so many plain steps."""
        return {
            name: value - rate * np.sum([gradients[name] for gradients in self.gradients[:steps]], axis=0)
            for name, value in self.start.items()
        }


def numbered(rows, d=3):
    """Examples and labels by row number, as `ScriptedNet` knows them."""
    rows = np.asarray(rows)
    return rows[:, np.newaxis] * np.ones(d), rows % 2
