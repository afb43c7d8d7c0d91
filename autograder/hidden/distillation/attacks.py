"""Hidden tests of the attacks: one step, one step to a target, many steps."""

import numpy as np

from autograder.hidden.distillation.problems import (
    CLASSES,
    SHAPE,
    clear,
    expect_images,
    expect_net_unchanged,
    expect_same,
    net_of,
    parameters,
    problem,
    provide_slopes,
)
from autograder.oracles import distillation as oracles
from autograder.testing import expect, expect_close, expect_dtype, hidden, remembered

EPSILON = 0.06
OUTSIDE = "a pixel lies below 0 or above 1: the result is no image"


def attack_at(student, name, rng, low, high, n=3, epsilon=EPSILON, other_labels=False):
    """Attack images with pixels from low to high: (found, expected, X)."""
    params, net, X, y = problem(rng, n, low=low, high=high)
    if other_labels:
        y = (net.labels(X) + rng.integers(1, CLASSES, size=n)) % CLASSES
    provide_slopes(student, net)
    found = getattr(student, name)(net_of(student, params), X, y, epsilon)
    step = -epsilon if name == "targeted_fgsm" else epsilon
    return found, net.pushed(X, y, step, epsilon), X


@remembered
def edges(rng):
    """A problem of three images with pixels at 0 and at 1, and with pixels near them."""
    while True:
        params, net, X, y = problem(rng, 3)
        X = np.where(rng.random(X.shape) < 0.3, rng.choice([0.0, 1.0, 0.02, 0.97], size=X.shape), X)
        if clear(net.slopes(X, y)):
            return params, net, X, y


def check_edges(student, name, rng):
    """Images with pixels at 0 and at 1, and with pixels near them."""
    params, net, X, y = edges(rng)
    provide_slopes(student, net)
    found = getattr(student, name)(net_of(student, params), X, y, EPSILON)
    expect_images(found, X)
    expect(np.min(found) >= 0 and np.max(found) <= 1, OUTSIDE)
    step = -EPSILON if name == "targeted_fgsm" else EPSILON
    expect_close(found, net.pushed(X, y, step, EPSILON), what="the images")


def check_nothing_changes(student, name, rng, *more):
    """X and y are left as they are, float32 and a single image come back as such."""
    params, net, X, y = problem(rng, 1)
    X = X.astype(np.float32)
    provide_slopes(student, net)
    handle, kept, labels = net_of(student, params), student.keep(X), student.keep(y)
    found = getattr(student, name)(handle, kept, labels, EPSILON, *more)
    expect_images(found, X)
    expect_dtype(found, np.float32, "the images")
    expect(np.any(found != X), "the image has not changed at all")
    expect_same(student, kept, X)
    expect_same(student, labels, y, "y was changed in place")
    expect_net_unchanged(student, handle, params)


def check_dead_channel(student, name, rng):
    """Pixels of a channel that the net does not look at stay as they are."""
    while True:
        params = parameters(rng)
        params["W1"][:, 1] = 0
        net, X = oracles.Net(params, SHAPE), rng.uniform(0.3, 0.7, size=(2, *SHAPE))
        y = rng.integers(0, CLASSES, size=2)
        if clear(net.slopes(X, y)):
            break
    provide_slopes(student, net)
    found = getattr(student, name)(net_of(student, params), X, y, EPSILON)
    step = -EPSILON if name == "targeted_fgsm" else EPSILON
    expect_close(found, net.pushed(X, y, step, EPSILON), what="images with a channel that plays no part")
    expect_dtype(found, np.float64, "the images")


def check_test_mode(student, name, rng, *more):
    """With dropout in the net the images are those that the whole net leads to."""
    params, net, X, y, iterated = path(rng, step=0.025, times=3)
    provide_slopes(student, net)
    handle = net_of(student, params, dropout=0.5, rng=1)
    found = student.unrecorded(getattr(student, name), handle, X, y, EPSILON, *more)
    step = -EPSILON if name == "targeted_fgsm" else EPSILON
    wanted = iterated if more else net.pushed(X, y, step, EPSILON)
    right = bool(np.shape(found) == X.shape and np.allclose(found, wanted))
    student.record(right)
    expect(right, "with dropout in the net the images are not those of the whole net: is it in test mode?")


# One step --------------------------------------------------------------------------------------------------------------


@hidden("fgsm", weight=3)
def step_of_epsilon(student, rng):
    """images in the middle of the range, for two sizes of the step"""
    for epsilon in (0.01, 0.2):
        found, expected, _ = attack_at(student, "fgsm", rng, 0.3, 0.7, epsilon=epsilon)
        expect_close(found, expected, what="the images")


@hidden("fgsm", weight=2)
def step_with_other_labels(student, rng):
    """labels that are not the net's answers: their loss rises"""
    found, expected, _ = attack_at(student, "fgsm", rng, 0.3, 0.7, 4, other_labels=True)
    expect_close(found, expected, what="the images")


@hidden("fgsm", weight=2)
def step_at_the_edges(student, rng):
    """pixels at 0 and 1 and near them: the result is an image"""
    check_edges(student, "fgsm", rng)


@hidden("fgsm")
def step_without_a_gradient(student, rng):
    """pixels whose gradient is 0 stay; float64 images stay float64"""
    check_dead_channel(student, "fgsm", rng)


@hidden("fgsm")
def step_changes_nothing(student, rng):
    """X, y and the net are left as they are; a single float32 image stays float32"""
    check_nothing_changes(student, "fgsm", rng)


@hidden("fgsm")
def step_in_test_mode(student, rng):
    """test mode: with dropout in the net the step is that of the whole net"""
    check_test_mode(student, "fgsm", rng)


# One step to a target --------------------------------------------------------------------------------------------------


@hidden("targeted_fgsm", weight=3)
def step_to_targets(student, rng):
    """images in the middle of the range, towards classes that are not the net's answers"""
    for epsilon in (0.01, 0.2):
        found, expected, _ = attack_at(student, "targeted_fgsm", rng, 0.3, 0.7, 4, epsilon, other_labels=True)
        expect_close(found, expected, what="the images")


@hidden("targeted_fgsm", weight=2)
def targets_at_the_edges(student, rng):
    """pixels at 0 and 1 and near them: the result is an image"""
    check_edges(student, "targeted_fgsm", rng)


@hidden("targeted_fgsm")
def targets_without_a_gradient(student, rng):
    """pixels whose gradient is 0 stay; float64 images stay float64"""
    check_dead_channel(student, "targeted_fgsm", rng)


@hidden("targeted_fgsm")
def targets_change_nothing(student, rng):
    """X, target and the net are left as they are; a single float32 image stays float32"""
    check_nothing_changes(student, "targeted_fgsm", rng)


@hidden("targeted_fgsm")
def targets_in_test_mode(student, rng):
    """test mode: with dropout in the net the step is that of the whole net"""
    check_test_mode(student, "targeted_fgsm", rng)


# Many steps ------------------------------------------------------------------------------------------------------------


def path(rng, n=3, low=0.3, high=0.7, epsilon=EPSILON, step=0.025, times=4, start=None):
    """A problem whose slopes are clear at every step, and where going on from there is not going straight."""
    while True:
        params, net, X, y = problem(rng, n, low=low, high=high)
        begin = None if start is None else np.clip(X + start(X), 0, 1)
        places = [net.pushed(X, y, step, epsilon, k, begin) for k in range(times + 1)]
        if all(clear(net.slopes(place, y)) for place in places[:-1]):
            straight = np.clip(X + epsilon * np.sign(net.slopes(X, y)), 0, 1)
            if start is not None or np.mean(np.abs(straight - places[-1]) > 1e-3) > 0.02:
                return params, net, X, y, places[-1]


@hidden("pgd", weight=3)
def several_steps(student, rng):
    """several steps, with as many as reach the limit and with fewer"""
    for step, times in ((0.025, 4), (0.01, 3)):
        params, net, X, y, expected = path(rng, step=step, times=times, epsilon=EPSILON if times == 4 else 0.5)
        provide_slopes(student, net)
        found = student.pgd(net_of(student, params), X, y, EPSILON if times == 4 else 0.5, step, times)
        expect_close(found, expected, what="the images")
        expect_dtype(found, np.float64, "the images")


@hidden("pgd", weight=3)
def never_too_far(student, rng):
    """steps that would lead too far: no pixel is further than epsilon from the original image"""
    for step, times in ((0.1, 3), (0.05, 5)):  # a step longer than epsilon first: it tells two mistakes apart
        params, net, X, y, expected = path(rng, step=step, times=times)
        provide_slopes(student, net)
        found = student.pgd(net_of(student, params), X, y, EPSILON, step, times)
        expect_images(found, X)
        expect(np.max(np.abs(found - X)) <= EPSILON + 1e-9, "a pixel is further than epsilon from the original image")
        expect_close(found, expected, what="the images")


@hidden("pgd", weight=2)
def steps_at_the_edges(student, rng):
    """pixels near 0 and 1: the result is an image"""
    params, net, X, y, expected = path(rng, low=0.0, high=1.0, epsilon=0.3, step=0.1, times=4)
    provide_slopes(student, net)
    found = student.pgd(net_of(student, params), X, y, 0.3, 0.1, 4)
    expect_images(found, X)
    expect(np.min(found) >= 0 and np.max(found) <= 1, OUTSIDE)
    expect_close(found, expected, what="the images")


@hidden("pgd", weight=2)
def random_starts(student, rng):
    """with rng, the start is uniform in the cube around X, each pixel by itself; without, it is X"""
    shape = (3, 20, 20)
    params = parameters(rng, shape)
    net = oracles.Net(parameters(rng), SHAPE)
    student.provide("input_gradient", lambda _, X, y: np.zeros(np.shape(X)))
    X, y = rng.uniform(0.4, 0.6, size=(4, *shape)), np.zeros(4, int)
    handle = net_of(student, params, shape)
    drawn = []
    for seed in (1, 1, 2):
        found = student.unrecorded(student.pgd, handle, X, y, 0.2, 0.01, 0, student.generator(seed))
        expect_images(found, X)
        drawn.append((np.asarray(found, float) - X) / 0.2)
    first, again, other = drawn
    farthest, spread = float(np.abs(first).max()), float(first.std())
    alike = bool(np.allclose(first[0], first[1]) or np.allclose(first[:, 0], first[:, 1]))
    student.record([farthest > 1.0001, round(2 * spread), spread < 0.4, alike, bool(np.allclose(first, again))])
    expect(farthest <= 1 + 1e-6, "a random start is further than epsilon from X")
    expect(abs(spread - 0.577) < 0.05, "the random starts are not uniform between -epsilon and epsilon")
    expect(abs(float(first.mean())) < 0.1, "the random starts are not centred on X")
    expect(not alike, "images or channels share one random start; every pixel has its own")
    expect(np.allclose(first, again), "the same rng gave another start: draw from rng and from nothing else")
    expect(not np.allclose(first, other), "another rng gave the same start")
    small, at_edge = net_of(student, net.params), np.where(rng.random((2, *SHAPE)) < 0.5, 0.0, 1.0)
    found = student.unrecorded(student.pgd, small, at_edge, np.zeros(2, int), 0.2, 0.01, 0, student.generator(1))
    inside = bool(np.min(found) >= 0 and np.max(found) <= 1)
    student.record(inside)
    expect(inside, OUTSIDE)
    expect_close(student.pgd(small, at_edge, np.zeros(2, int), 0.2, 0.01, 0), at_edge, what="no step without rng")


@hidden("pgd", weight=2)
def steps_after_a_random_start(student, rng):
    """the steps go on from the random start, which is drawn once; the limit is still that around X"""
    params, net, X, y = problem(rng, 3, low=0.3, high=0.7)
    provide_slopes(student, net)
    handle, seed = net_of(student, params), int(rng.integers(1 << 30))
    start, found = (
        student.unrecorded(student.pgd, handle, X, y, EPSILON, 0.03, times, student.generator(seed)) for times in (0, 4)
    )
    expect_images(start, X)
    expect_images(found, X)
    inside = bool(np.max(np.abs(found - X)) <= EPSILON + 1e-9)
    uphill = bool(net.loss(found, y) > net.loss(X, y))
    at_limit = float(np.mean(np.abs(np.abs(found - X) - EPSILON) < 1e-9)) > 0.6
    goes_on = bool(np.allclose(found, net.pushed(X, y, 0.03, EPSILON, 4, start)))
    student.record([inside, uphill, at_limit, goes_on, bool(np.allclose(found, net.pushed(X, y, 0.03, EPSILON, 4)))])
    expect(inside, "a pixel is further than epsilon from the original image")
    expect(uphill, "the loss has not risen")
    expect(goes_on, "these are not the steps that lead on from the random start that comes back for num_steps = 0")


@hidden("pgd")
def steps_in_test_mode(student, rng):
    """test mode: with dropout in the net the steps are those of the whole net"""
    check_test_mode(student, "pgd", rng, 0.025, 3)


@hidden("pgd")
def steps_change_nothing(student, rng):
    """X, y and the net are left as they are; a single float32 image stays float32"""
    check_nothing_changes(student, "pgd", rng, 0.03, 3)
