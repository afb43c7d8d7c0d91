"""Hidden tests of adversarial training, and of accuracy under attack."""

import numpy as np

from autograder.hidden.distillation.problems import (
    SHAPE,
    clear,
    expect_net_unchanged,
    expect_same,
    net_of,
    params_of,
    problem,
)
from autograder.oracles import distillation as oracles
from autograder.testing import expect, expect_close, expect_dtype, expect_equal, expect_shape, hidden, remembered


def provide_attack(student, net):
    """The grader's `fgsm` of this net, and its gradient."""

    def attack(_, X, y, epsilon):
        return net.pushed(X, y, float(epsilon), float(epsilon)).astype(np.asarray(X).dtype)

    student.provide("fgsm", attack)
    student.provide("input_gradient", lambda _, X, y: net.slopes(X, y).astype(np.asarray(X).dtype))


def step_of(student, rng, share, epsilon=0.05, rate=0.2, n=5):
    """What a step returned, the mixed loss, the parameters after it and those that are wanted."""
    params, net, X, y = problem(rng, n)
    provide_attack(student, net)
    handle = net_of(student, params)
    arguments = (handle, X, y, epsilon, rate) if share is None else (handle, X, y, epsilon, rate, share)
    loss = student.adversarial_training_step(*arguments)
    share = 0.5 if share is None else share
    hard = net.pushed(X, y, epsilon, epsilon)
    mixed = (1 - share) * net.loss(X, y) + share * net.loss(hard, y)
    clean_slopes, hard_slopes = net.loss_slopes(X, y), net.loss_slopes(hard, y)
    wanted = {k: w - rate * ((1 - share) * clean_slopes[k] + share * hard_slopes[k]) for k, w in params.items()}
    return loss, mixed, params_of(student, handle), wanted


def expect_parameters(now, wanted):
    expect_equal(sorted(now), sorted(wanted), "the names of the parameters")
    for name, value in wanted.items():
        expect_close(now[name], value, 1e-6, 1e-9, what=f"{name} after the step")


@hidden("adversarial_training_step", weight=3, trains=True)
def a_mix_of_both(student, rng):
    """the parameters after a step, for shares that are not a half and two sizes of the attack"""
    for share, epsilon in ((0.2, 0.12), (0.7, 0.03)):
        _, _, now, wanted = step_of(student, rng, share, epsilon)
        expect_parameters(now, wanted)


@hidden("adversarial_training_step", weight=2, trains=True)
def loss_of_the_mix(student, rng):
    """the loss that is returned, for shares that are not a half, and with the share left out"""
    for share in (0.2, 0.7, None):
        loss, mixed, _, _ = step_of(student, rng, share)
        expect_shape(loss, (), "the loss")
        expect_close(loss, mixed, 1e-6, 1e-9, what="the loss")


@hidden("adversarial_training_step", weight=2, trains=True)
def one_half_only(student, rng):
    """a share of 0 is plain training, a share of 1 trains on attacked images only; the step's length"""
    for share, rate in ((0.0, 0.05), (1.0, 0.5)):
        loss, mixed, now, wanted = step_of(student, rng, share, rate=rate)
        expect_close(loss, mixed, 1e-6, 1e-9, what="the loss")
        expect_parameters(now, wanted)


@hidden("adversarial_training_step", trains=True)
def one_step_after_another(student, rng):
    """a second step starts from the parameters that the first has left, and from nothing else"""
    while True:
        params, net, X, y = problem(rng, 4)
        attacked = net.pushed(X, y, 0.05, 0.05)
        slopes = net.loss_slopes(X, y), net.loss_slopes(attacked, y)
        second = oracles.Net({k: w - 0.05 * (slopes[0][k] + slopes[1][k]) for k, w in params.items()}, SHAPE)
        if clear(second.slopes(X, y)):
            break
    attacked = second.pushed(X, y, 0.05, 0.05)
    slopes = second.loss_slopes(X, y), second.loss_slopes(attacked, y)
    handle = net_of(student, params)
    for now in (net, second):
        provide_attack(student, now)
        student.adversarial_training_step(handle, X, y, 0.05, 0.1)
    wanted = {k: w - 0.05 * (slopes[0][k] + slopes[1][k]) for k, w in second.params.items()}
    expect_parameters(params_of(student, handle), wanted)


@hidden("adversarial_training_step", trains=True)
def every_kind_of_parameter(student, rng):
    """a net with batch norm, an attack of size 0: losses in training mode, and every parameter takes part"""
    X, y = problem(rng, 4)[2:]
    student.provide("fgsm", lambda _, X, y, epsilon: np.array(X))
    student.provide("input_gradient", lambda _, X, y: np.zeros(np.shape(X)))
    net, twin = (student.PixelNet(SHAPE, (2,), 3, 5, 4, "batchnorm", dtype="float64", rng=1) for _ in range(2))
    loss, grads = student.unrecorded(twin.loss, X, y)
    wanted = {name: value - 0.1 * grads[name] for name, value in params_of(student, twin).items()}
    found = student.adversarial_training_step(net, X, y, 0.0, 0.1, 0.4)
    expect_close(found, loss, 1e-6, 1e-9, what="the loss, of a net in training mode")
    expect_parameters(params_of(student, net), wanted)


@hidden("adversarial_training_step", trains=True)
def what_a_step_leaves_alone(student, rng):
    """X and y are left as they are, and a net of float32 stays one"""
    params, net, X, y = problem(rng, 4)
    X = X.astype(np.float32)
    provide_attack(student, net)
    handle, kept, labels = net_of(student, params, dtype="float32"), student.keep(X), student.keep(y)
    student.unrecorded(student.adversarial_training_step, handle, kept, labels, 0.05, 0.1)
    now = params_of(student, handle)
    expect(any(np.any(now[k] != params[k].astype(np.float32)) for k in params), "no parameter has changed")
    for name, value in now.items():
        expect_dtype(value, np.float32, name)
    expect_same(student, kept, X)
    expect_same(student, labels, y, "y was changed in place")


# Accuracy under attack -------------------------------------------------------------------------------------------------

LEVELS = (0.02, 0.08, 0.2)


@remembered
def telling(rng, n=12):
    """A problem where accuracy falls with epsilon, where the labels are not all the answers; and the accuracies."""
    while True:
        params, net, X, y = problem(rng, n, low=0.1, high=0.9)
        answers = net.labels(X)
        y = np.where(rng.random(n) < 0.7, answers, y)
        if np.all(answers == y):
            continue
        found = [np.mean(net.labels(net.pushed(X, y, e, e)) == y) for e in (0.0, *LEVELS)]
        said = [net.labels(net.pushed(X, answers, e, e)) for e in LEVELS]  # an attack on answers in the place of labels
        mistaken = np.array([[np.mean(each == labels) for each in said] for labels in (answers, y)])
        if found[0] > found[1] > found[3] and np.all(np.any(np.abs(mistaken - found[1:]) > 1e-9, axis=1)):
            return params, net, X, y, np.array(found)


@hidden("robust_accuracy", weight=3)
def accuracies_in_order(student, rng):
    """an accuracy for each epsilon, of a net with dropout, in test mode"""
    params, net, X, y, wanted = telling(rng)
    provide_attack(student, net)
    found = student.robust_accuracy(net_of(student, params, dropout=0.5, rng=1), X, y, np.array([0.0, *LEVELS]))
    expect_shape(np.asarray(found), (4,), "the accuracies")
    expect_close(np.asarray(found), wanted, what="the accuracies")


@hidden("robust_accuracy", weight=2)
def any_order(student, rng):
    """epsilons in another order, as a list, of a net with dropout; epsilons that are whole numbers"""
    params, net, X, y, wanted = telling(rng)
    provide_attack(student, net)
    handle = net_of(student, params, dropout=0.5, rng=1)
    found = student.robust_accuracy(handle, X, y, [LEVELS[2], 0.0, LEVELS[0]])
    expect_close(np.asarray(found), wanted[[3, 0, 1]], what="the accuracies")
    found = student.robust_accuracy(net_of(student, params), X, y, np.array([0, 0]))
    expect_close(np.asarray(found), wanted[[0, 0]], what="the accuracies for epsilons that are whole numbers")


@hidden("robust_accuracy")
def a_single_epsilon(student, rng):
    """a single epsilon, for one image and for three"""
    params, net, X, y, _ = telling(rng)
    provide_attack(student, net)
    for count in (1, 3):
        found = student.robust_accuracy(net_of(student, params), X[:count], y[:count], [LEVELS[1]])
        wanted = np.mean(net.labels(net.pushed(X[:count], y[:count], LEVELS[1], LEVELS[1])) == y[:count])
        expect_shape(np.asarray(found), (1,), "the accuracies")
        expect_close(np.asarray(found), np.array([wanted]), what="the accuracies")


@hidden("robust_accuracy")
def accuracy_changes_nothing(student, rng):
    """X, y, the epsilons and the net are left as they are; the accuracies are floats"""
    params, net, X, y, _ = telling(rng)
    provide_attack(student, net)
    handle, levels = net_of(student, params), np.array(LEVELS)
    kept = student.keep(X), student.keep(y), student.keep(levels)
    found = student.robust_accuracy(handle, *kept)
    expect_dtype(np.asarray(found), "float", "the accuracies")
    for held, value, name in zip(kept, (X, y, levels), ("X", "y", "epsilons"), strict=True):
        expect_same(student, held, value, f"{name} was changed in place")
    expect_net_unchanged(student, handle, params)
