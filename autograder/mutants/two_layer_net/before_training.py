"""`check_initial_loss` and `overfit_tiny`: other correct solutions, and mistakes."""

import math

import numpy as np

from autograder.mutants.two_layer_net.right_net import small_net
from autograder.testing import alternative, mutant

small_net("check_initial_loss")
small_net("overfit_tiny")

# The first loss ------------------------------------------------------------------------------------------------------------


def _squares(net, names=("W1", "W2")):
    return sum(float(np.sum(net.params[name] ** 2)) for name in names)


def _classes(net):
    return net.params["W2"].shape[1]


def _answer(net, X, y, data=None, penalty=None):
    expected = (np.log(_classes(net)) if data is None else data) + (
        0.5 * net.reg * _squares(net) if penalty is None else penalty
    )
    return float(net.loss(X, y)[0]), float(expected)


@alternative("check_initial_loss", "in parts")
def in_parts(net, X, y):
    return _answer(net, X, y)


@alternative("check_initial_loss", "classes counted in the scores, minus the logarithm of one over them")
def from_the_scores(net, X, y):
    loss, _ = net.loss(X, y)
    classes = len(net.loss(X[:1])[0])
    penalty = net.reg * (np.linalg.norm(net.params["W1"]) ** 2 + np.linalg.norm(net.params["W2"]) ** 2) / 2
    return loss, penalty - math.log(1.0 / classes)


@mutant("check_initial_loss", "The expected loss leaves out the penalty, which the net's own loss contains.")
def without_penalty(net, X, y):
    return _answer(net, X, y, penalty=0.0)


@mutant("check_initial_loss", "The penalty in the expected loss lacks the factor one half.")
def penalty_not_halved(net, X, y):
    return _answer(net, X, y, penalty=net.reg * _squares(net))


@mutant("check_initial_loss", "The biases are in the expected penalty; it is for the weights only.")
def biases_penalised(net, X, y):
    return _answer(net, X, y, penalty=0.5 * net.reg * _squares(net, ("W1", "b1", "W2", "b2")))


@mutant("check_initial_loss", "The expected penalty counts W1 only.")
def w1_only(net, X, y):
    return _answer(net, X, y, penalty=0.5 * net.reg * _squares(net, ("W1",)))


@mutant("check_initial_loss", "The penalty itself is added without its strength: multiply the squares by net.reg.")
def strength_forgotten(net, X, y):
    return _answer(net, X, y, penalty=0.5 * _squares(net) if net.reg else 0.0)


@mutant("check_initial_loss", "The logarithm is to base 10; the loss is measured with the natural one.")
def base_ten(net, X, y):
    return _answer(net, X, y, data=np.log10(_classes(net)))


@mutant("check_initial_loss", "The logarithm is to base 2; the loss is measured with the natural one.")
def base_two(net, X, y):
    return _answer(net, X, y, data=np.log2(_classes(net)))


@mutant(
    "check_initial_loss", "Classes are counted in y; a batch need not show all of them. The net has one score for each."
)
def classes_in_the_batch(net, X, y):
    return _answer(net, X, y, data=np.log(len(np.unique(y))))


@mutant("check_initial_loss", "Ten classes are taken for granted; count those of the net.")
def always_ten(net, X, y):
    return _answer(net, X, y, data=np.log(10))


@mutant("check_initial_loss", "The expected loss is the SVM's, C - 1; equal scores cost log C with softmax.")
def svm_start(net, X, y):
    return _answer(net, X, y, data=_classes(net) - 1.0)


@mutant("check_initial_loss", "The expected loss is negative: it is minus the logarithm of 1/C, which is positive.")
def negative_logarithm(net, X, y):
    return _answer(net, X, y, data=-np.log(_classes(net)))


@mutant("check_initial_loss", "The number of inputs was taken for the number of classes.")
def inputs_for_classes(net, X, y):
    return _answer(net, X, y, data=np.log(net.params["W1"].shape[0]))


@mutant("check_initial_loss", "The two results are in the wrong order: first the loss, then what to expect.")
def swapped(net, X, y):
    return _answer(net, X, y)[::-1]


@mutant("check_initial_loss", "The first result holds the gradients as well; it should be the loss alone.")
def with_gradients(net, X, y):
    return net.loss(X, y), _answer(net, X, y)[1]


@mutant("check_initial_loss", "The loss is taken on the first example only; take it on all of X.")
def first_example_only(net, X, y):
    return _answer(net, X[:1], y[:1])


@mutant("check_initial_loss", "net.reg is zero after the call: put back what you change, or do not change it.")
def penalty_switched_off(net, X, y):
    answer = _answer(net, X, y)
    net.reg = 0.0
    return answer


# Twenty examples -------------------------------------------------------------------------------------------------------------


def _step(net, grads, rate):
    for name in grads:
        net.params[name] = net.params[name] - rate * grads[name]


def _run(net, X, y, rate, num_steps, seen=None, step=_step, penalty=0.0, judged=None):
    history = {"loss": [], "train_accuracy": []}
    judged = (X, y) if judged is None else judged
    kept, net.reg = net.reg, penalty
    for t in range(num_steps):
        rows = np.arange(len(X)) if seen is None else seen(t)
        loss, grads = net.loss(X[rows], y[rows])
        step(net, grads, rate)
        history["loss"].append(float(loss))
        history["train_accuracy"].append(float(np.mean(np.argmax(net.loss(judged[0]), axis=1) == judged[1])))
    net.reg = kept
    return history


@alternative("overfit_tiny", "in parts, accuracy from the scores")
def a_loop_of_steps(net, X, y, num_examples=20, learning_rate=1e-3, num_steps=200):
    return _run(net, X[:num_examples], y[:num_examples], learning_rate, num_steps)


@alternative("overfit_tiny", "updates in place, rows in another order, arrays in the history")
def in_place(net, X, y, num_examples=20, learning_rate=1e-3, num_steps=200):
    few, labels = X[:num_examples][::-1], y[:num_examples][::-1]
    losses, right = np.zeros(num_steps), np.zeros(num_steps)
    reg = net.reg
    try:
        net.reg = 0
        for t in range(num_steps):
            losses[t], grads = net.loss(few, labels)
            for name, grad in grads.items():
                net.params[name] -= learning_rate * grad
            right[t] = np.mean(net.predict(few) == labels)
    finally:
        net.reg = reg
    return {"loss": losses, "train_accuracy": right}


@mutant("overfit_tiny", "The net trains on all of X; take the first num_examples rows.")
def all_rows(net, X, y, num_examples=20, learning_rate=1e-3, num_steps=200):
    return _run(net, X, y, learning_rate, num_steps)


@mutant("overfit_tiny", "The net trains on the last rows; take the first num_examples.")
def last_rows(net, X, y, num_examples=20, learning_rate=1e-3, num_steps=200):
    return _run(net, X[-num_examples:], y[-num_examples:], learning_rate, num_steps)


@mutant("overfit_tiny", "num_examples is ignored: the net always trains on twenty rows.")
def always_twenty(net, X, y, num_examples=20, learning_rate=1e-3, num_steps=200):
    return _run(net, X[:20], y[:20], learning_rate, num_steps)


@mutant("overfit_tiny", "Each step sees another single example; all of the few rows take part in every step.")
def one_example_a_step(net, X, y, num_examples=20, learning_rate=1e-3, num_steps=200):
    few, labels = X[:num_examples], y[:num_examples]
    return _run(net, few, labels, learning_rate, num_steps, seen=lambda t: np.array([t % len(few)]))


@mutant("overfit_tiny", "The labels do not belong to the rows: cut X and y in the same place.")
def labels_of_other_rows(net, X, y, num_examples=20, learning_rate=1e-3, num_steps=200):
    return _run(net, X[:num_examples], y[-num_examples:], learning_rate, num_steps)


@mutant("overfit_tiny", "The penalty stays on: it holds the net back from learning the few examples by heart.")
def penalty_left_on(net, X, y, num_examples=20, learning_rate=1e-3, num_steps=200):
    return _run(net, X[:num_examples], y[:num_examples], learning_rate, num_steps, penalty=net.reg)


@mutant("overfit_tiny", "net.reg is zero after the call: put back the penalty that it had.")
def penalty_not_put_back(net, X, y, num_examples=20, learning_rate=1e-3, num_steps=200):
    history = _run(net, X[:num_examples], y[:num_examples], learning_rate, num_steps)
    net.reg = 0.0
    return history


def _only(names):
    def step(net, grads, rate):
        for name in names:
            net.params[name] = net.params[name] - rate * grads[name]

    return step


@mutant("overfit_tiny", "The biases are never updated.")
def biases_never_updated(net, X, y, num_examples=20, learning_rate=1e-3, num_steps=200):
    few, labels = X[:num_examples], y[:num_examples]
    return _run(net, few, labels, learning_rate, num_steps, step=_only(("W1", "W2")))


@mutant("overfit_tiny", "Only the second layer is updated.")
def second_layer_only(net, X, y, num_examples=20, learning_rate=1e-3, num_steps=200):
    few, labels = X[:num_examples], y[:num_examples]
    return _run(net, few, labels, learning_rate, num_steps, step=_only(("W2", "b2")))


@mutant("overfit_tiny", "The steps go along the gradient, uphill: subtract.")
def uphill(net, X, y, num_examples=20, learning_rate=1e-3, num_steps=200):
    return _run(net, X[:num_examples], y[:num_examples], -learning_rate, num_steps)


@mutant("overfit_tiny", "The learning rate passed in is ignored.")
def rate_ignored(net, X, y, num_examples=20, learning_rate=1e-3, num_steps=200):
    return _run(net, X[:num_examples], y[:num_examples], 1e-3, num_steps)


@mutant("overfit_tiny", "The accuracy is that of all rows of X; take it on the few that the net trains on.")
def accuracy_of_all_rows(net, X, y, num_examples=20, learning_rate=1e-3, num_steps=200):
    return _run(net, X[:num_examples], y[:num_examples], learning_rate, num_steps, judged=(X, y))


@mutant("overfit_tiny", "The accuracies are taken before the steps; take each after its step.")
def accuracy_before_the_step(net, X, y, num_examples=20, learning_rate=1e-3, num_steps=200):
    few, labels = X[:num_examples], y[:num_examples]
    first = float(np.mean(net.predict(few) == labels))
    history = _run(net, few, labels, learning_rate, num_steps)
    return history | {"train_accuracy": [first, *history["train_accuracy"][:-1]]}


@mutant("overfit_tiny", "history holds the last loss and accuracy only; it should have an entry for every step.")
def last_entries_only(net, X, y, num_examples=20, learning_rate=1e-3, num_steps=200):
    history = _run(net, X[:num_examples], y[:num_examples], learning_rate, num_steps)
    return {key: values[-1:] for key, values in history.items()}


@mutant(
    "overfit_tiny",
    "Training ends at the first step with every example right; go on for num_steps: the loss shall fall.",
)
def ends_when_right(net, X, y, num_examples=20, learning_rate=1e-3, num_steps=200):
    few, labels = X[:num_examples], y[:num_examples]
    history = {"loss": [], "train_accuracy": []}
    for _ in range(num_steps):
        for key, values in _run(net, few, labels, learning_rate, 1).items():
            history[key] += values
        if history["train_accuracy"][-1] == 1:
            break
    return history
