"""Accuracy under attack: other right ways, and mistakes."""

import numpy as np

from autograder.mutants.distillation.right_parts import pushed, slopes
from autograder.testing import alternative, mutant


@alternative("robust_accuracy", "one gradient for all sizes of the step")
def one_gradient(net, X, y, epsilons):
    direction = np.sign(slopes(net, X, y))
    accuracies = np.empty(len(epsilons))
    for i, epsilon in enumerate(epsilons):
        accuracies[i] = net.accuracy(np.clip(X + epsilon * direction, 0, 1), y)
    return accuracies


@alternative("robust_accuracy", "counting right answers")
def counted(net, X, y, epsilons):
    return [int((net.predict(pushed(net, X, y, float(e))) == y).sum()) / len(y) for e in epsilons]


@mutant("robust_accuracy", "The accuracy is that on clean images, whatever epsilon is: predict on the attacked ones.")
def on_clean_images(net, X, y, epsilons):
    return np.array([np.mean(net.predict(X) == y) for _ in epsilons])


@mutant(
    "robust_accuracy",
    "The images passed in play no part: this measures on others, such as the training set. X and y are to be used.",
)
def on_the_training_set(net, X, y, epsilons):
    rng = np.random.default_rng(0)  # stands for a global X_train, y_train
    images = rng.random((20, *X.shape[1:]))
    labels = net.predict(images)
    return np.array([np.mean(net.predict(pushed(net, images, labels, e)) == labels) for e in epsilons])


@mutant("robust_accuracy", "The answers are compared with the net's answers before the attack, not with the labels y.")
def against_own_answers(net, X, y, epsilons):
    return np.array([np.mean(net.predict(pushed(net, X, y, e)) == net.predict(X)) for e in epsilons])


@mutant(
    "robust_accuracy", "The attack is made with the net's answers as labels, so that it helps where the net was wrong."
)
def attack_on_answers(net, X, y, epsilons):
    return np.array([np.mean(net.predict(pushed(net, X, net.predict(X), e)) == y) for e in epsilons])


@mutant("robust_accuracy", "Labels and attack are both the net's own answers: y plays no part.")
def without_labels(net, X, y, epsilons):
    own = net.predict(X)
    return np.array([np.mean(net.predict(pushed(net, X, own, e)) == own) for e in epsilons])


@mutant("robust_accuracy", "Each attack goes on from the one before: every epsilon starts from the clean images.")
def attacks_add_up(net, X, y, epsilons):
    found = []
    for epsilon in epsilons:
        X = pushed(net, X, y, epsilon)
        found.append(np.mean(net.predict(X) == y))
    return np.array(found)


@mutant("robust_accuracy", "This is the share of wrong answers.")
def share_of_wrong(net, X, y, epsilons):
    return np.array([np.mean(net.predict(pushed(net, X, y, e)) != y) for e in epsilons])


@mutant("robust_accuracy", "These are numbers of right answers: divide by the number of images.")
def numbers_of_right(net, X, y, epsilons):
    return np.array([np.sum(net.predict(pushed(net, X, y, e)) == y) for e in epsilons])


@mutant("robust_accuracy", "The epsilons are sorted first: the accuracies are wanted in the order given.")
def sorted_first(net, X, y, epsilons):
    return np.array([np.mean(net.predict(pushed(net, X, y, e)) == y) for e in sorted(epsilons)])


@mutant("robust_accuracy", "The share is taken of the images that were right before, not of all N.")
def share_of_those_right_before(net, X, y, epsilons):
    right = net.predict(X) == y
    if not right.any():
        return np.zeros(len(epsilons))
    return np.array([np.mean(net.predict(pushed(net, X, y, e))[right] == y[right]) for e in epsilons])


@mutant("robust_accuracy", "One number comes back, the mean over the epsilons: one for each is wanted.")
def one_number(net, X, y, epsilons):
    return np.array([np.mean([np.mean(net.predict(pushed(net, X, y, e)) == y) for e in epsilons])])


@mutant("robust_accuracy", "The images passed in are changed by the attack: they stay as they are.")
def clean_images_changed(net, X, y, epsilons):
    found, clean = [], X.copy()
    for epsilon in epsilons:
        X[...] = pushed(net, clean, y, epsilon)
        found.append(np.mean(net.predict(X) == y))
    return np.array(found)


@mutant("robust_accuracy", "The answers come from the net in training mode, with dropout on: ask it in test mode.")
def asked_in_training_mode(net, X, y, epsilons):
    attacked = [pushed(net, X, y, epsilon) for epsilon in epsilons]
    return np.array([np.mean(net.forward(images, train=True)[0].argmax(axis=1) == y) for images in attacked])


@mutant(
    "robust_accuracy",
    "The accuracies take the type of the epsilons, so that whole numbers as epsilons cut them to 0 or 1: they are floats.",
)
def type_of_the_epsilons(net, X, y, epsilons):
    accuracies = np.zeros_like(epsilons)
    for i, epsilon in enumerate(epsilons):
        accuracies[i] = net.accuracy(pushed(net, X, y, epsilon), y)
    return accuracies
