"""Hidden tests of what is done before a long training: `check_initial_loss` and `overfit_tiny`."""

import numpy as np

from autograder.hidden.two_layer_net.nets import NAMES, a_generator, net_with, numbered, params_of, random_params
from autograder.oracles import two_layer_net as oracles
from autograder.testing import ban, expect, expect_close, expect_shape, hidden

ban("overfit_tiny", "course_utils.nn")

# The first loss ---------------------------------------------------------------------------------------------------------


def started(student, rng, c, reg, loss=None, scale=0.3):
    """A net with these many classes and penalty whose loss on any batch is `loss` + its penalty."""
    params = random_params(rng, 4, 3, c, scale)
    net = net_with(student, params, reg)
    data_loss = float(rng.uniform(3, 4)) if loss is None else loss
    calls = []

    def answer(X, y=None):
        if y is None:
            return np.tile(np.arange(float(c)), (len(X), 1))
        calls.append((np.array(X), np.array(y)))
        return data_loss, {name: np.ones_like(value) for name, value in params.items()}

    net.loss = answer
    return net, params, data_loss, calls


@hidden("check_initial_loss", weight=2)
def expected_without_a_penalty(student, rng):
    """what to expect without a penalty, for several numbers of classes, some of which the batch does not show"""
    for c in (2, 7, 10, 100):
        net, params, _, _ = started(student, rng, c, 0.0)
        _, expected = student.check_initial_loss(net, rng.normal(size=(6, 4)), np.array([0, 1, 0, 1, 1, 0]))
        expect_close(expected, oracles.initial_loss(params, 0.0), what="the expected loss without a penalty")


@hidden("check_initial_loss", weight=2)
def expected_with_a_penalty(student, rng):
    """what to expect with a penalty, for weights and biases that are not zero"""
    for c in (3, 10):
        reg = float(rng.uniform(1, 5))
        net, params, _, _ = started(student, rng, c, reg)
        _, expected = student.check_initial_loss(net, rng.normal(size=(5, 4)), np.arange(5) % 2)
        expect_close(expected, oracles.initial_loss(params, reg), what="the expected loss with a penalty")


@hidden("check_initial_loss")
def the_loss_is_the_nets_own(student, rng):
    """the loss of the batch passed in, as the net gives it, comes first and is a single number"""
    net, _, loss, calls = started(student, rng, 4, 2.0)
    X, y = rng.normal(size=(5, 4)), rng.integers(0, 4, size=5)
    found, expected = student.check_initial_loss(net, X, y)
    expect_shape(found, (), "the loss")
    expect_shape(expected, (), "the expected loss")
    expect_close(found, loss, what="the loss")
    expect(len(calls) >= 1 and all(len(X_batch) == 5 for X_batch, _ in calls), "the net was not asked about all rows")


@hidden("check_initial_loss")
def a_real_net_agrees(student, rng):
    """for your own net with tiny weights the two numbers agree, and the net is left as it was"""
    net = student.TwoLayerNet(6, 5, 8, 1e-4, 3e6, a_generator(student, rng))
    before = params_of(student, net)
    loss, expected = student.check_initial_loss(net, rng.normal(size=(9, 6)), rng.integers(0, 8, size=9))
    expect_close(loss, expected, 1e-5, 1e-5, what="the loss of a net with tiny weights")
    expect(net.reg == 3e6, "net.reg was changed")
    for name in NAMES:
        expect(np.array_equal(params_of(student, net)[name], before[name]), f"params: {name} was changed")


# Twenty examples ---------------------------------------------------------------------------------------------------------


class FewSteps:
    """A net whose gradients the grader makes up; it remembers what it was asked about, and right on 2 rows more a step."""

    def __init__(self, student, rng, c=2):
        self.student, self.rng = student, rng
        self.start = random_params(rng, 3, 4, c)
        self.gradients, self.batches, self.losses = [], [], []
        self.net = net_with(student, self.start, 0.7)
        self.net.loss = self.loss
        self.net.predict = self.predict

    def loss(self, X, y=None):
        if y is None:
            return np.eye(2)[self.predict(X)]
        self.batches.append((np.array(X)[:, 0].astype(int), np.array(y)))
        self.before = self._b1()
        self.gradients.append({name: self.rng.normal(size=value.shape) for name, value in self.start.items()})
        self.losses.append(float(self.rng.uniform(1, 2)))
        return self.losses[-1], dict(self.gradients[-1])

    def predict(self, X):
        rows, steps = np.asarray(X)[:, 0].astype(int), len(self.batches)
        if steps and np.array_equal(self._b1(), self.before):  # asked between loss and step
            steps -= 1
        return np.where(rows < 2 * steps, rows % 2, 1 - rows % 2)

    def _b1(self):
        return params_of(self.student, self.net)["b1"].copy()


@hidden("overfit_tiny", weight=2)
def only_the_first_rows(student, rng):
    """every step sees the first rows, all of them, with their labels: twenty, or as many as asked for"""
    for options, count in (({}, 20), ({"num_examples": 7}, 7)):
        few = FewSteps(student, rng)
        student.overfit_tiny(few.net, *numbered(np.arange(30)), num_steps=4, **options)
        expect(len(few.batches) == 4, "the net was not asked for its loss once a step")
        for rows, y in few.batches:
            expect(sorted(rows.tolist()) == list(range(count)), "a step does not see exactly the first rows")
            expect(np.array_equal(rows % 2, y), "labels do not belong to their rows")


@hidden("overfit_tiny", weight=2)
def steps_against_the_gradient(student, rng):
    """each of the four arrays moves by the learning rate times its gradients"""
    few, rate = FewSteps(student, rng), float(rng.uniform(0.05, 0.3))
    student.overfit_tiny(few.net, *numbered(np.arange(25)), learning_rate=rate, num_steps=5)
    expect(len(few.batches) == 5, "the net was not asked for its loss once a step")
    found = params_of(student, few.net)
    for name, value in few.start.items():
        moved = value - rate * np.sum([gradients[name] for gradients in few.gradients], axis=0)
        expect_close(found[name], moved, what=f"{name} after the steps")


@hidden("overfit_tiny", weight=2)
def history_of_losses_and_accuracies(student, rng):
    """history holds the loss of each step, and the accuracy on the few rows after each step"""
    few = FewSteps(student, rng)
    history = student.overfit_tiny(few.net, *numbered(np.arange(30)), num_examples=10, num_steps=5)
    expect(isinstance(history, dict), "history is not a dict")
    for key in ("loss", "train_accuracy"):
        expect(key in history, f"history has no entry {key!r}")
    expect(len(few.batches) == 5, "the net was not asked for its loss once a step")
    expect_close(np.asarray(history["loss"]), np.array(few.losses), what="history['loss']")
    expect_close(np.asarray(history["train_accuracy"]), 0.2 * np.arange(1, 6), what="history['train_accuracy']")


# Over 200 seeds the solution is right on all twenty and its worst last loss is .007; asked for are all twenty and 0.3.
@hidden("overfit_tiny", weight=2, trains=True)
def labels_at_random_are_learned(student, rng):
    """twenty rows with labels drawn at random are learned, although the net has a strong penalty"""
    X, y = rng.normal(size=(40, 25)), rng.integers(0, 4, size=40)
    net = student.TwoLayerNet(25, 30, 4, 0.3, 5.0, a_generator(student, rng))
    history = student.overfit_tiny(net, X, y, learning_rate=0.3, num_steps=150)
    expect_shape(np.asarray(history["loss"]), (150,), "history['loss']")
    expect(np.mean(np.asarray(net.predict(X[:20])) == y[:20]) == 1, "not all twenty examples are right after training")
    expect(history["loss"][-1] < 0.3, "the loss on twenty examples is still far from zero after training")
    expect(net.reg == 5.0, "net.reg does not hold what it held before the call")
