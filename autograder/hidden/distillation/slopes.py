"""Hidden tests of gradients with respect to an image: of the loss, of a score, and a climb along it."""

import numpy as np

from autograder.hidden.distillation.problems import (
    SHAPE,
    expect_images,
    expect_net_unchanged,
    expect_same,
    net_of,
    problem,
)
from autograder.oracles import distillation as oracles
from autograder.testing import expect, expect_close, expect_dtype, expect_shape, hidden

# The input gradient ----------------------------------------------------------------------------------------------------


@hidden("input_gradient", weight=3)
def slopes_of_the_loss(student, rng):
    """the gradient of the loss of several images"""
    for n in (2, 5):
        params, net, X, y = problem(rng, n)
        found = student.input_gradient(net_of(student, params), X, y)
        expect_close(found, net.slopes(X, y), 1e-6, 1e-9, what="the gradient")


@hidden("input_gradient", weight=2)
def labels_that_are_not_the_answers(student, rng):
    """labels that the net does not agree with, and labels that it agrees with"""
    params, net, X, _ = problem(rng, 3)
    for shift in (0, 1):
        y = (net.labels(X) + shift) % 4
        found = student.input_gradient(net_of(student, params), X, y)
        expect_close(found, net.slopes(X, y), 1e-6, 1e-9, what="the gradient")


@hidden("input_gradient", weight=2)
def in_test_mode(student, rng):
    """test mode: dropout is off, batch norm uses its running statistics and leaves them as they are"""
    params, net, X, y = problem(rng, 3)
    found = student.unrecorded(student.input_gradient, net_of(student, params, dropout=0.5, rng=1), X, y)
    right = bool(np.shape(found) == X.shape and np.allclose(found, net.slopes(X, y)))
    student.record(right)
    expect(right, "with dropout in the net the gradient is not that of the whole net: is it in test mode?")
    normed = student.PixelNet(SHAPE, (2,), 3, 5, 4, "batchnorm", dtype="float64", rng=1)
    whole = student.input_gradient(normed, X, y)
    single = student.input_gradient(normed, X[:1], y[:1])
    expect_close(np.asarray(single)[0], 3 * np.asarray(whole)[0], 1e-6, 1e-9, what="the gradient of an image by itself")
    statistics = student.value(student.box(normed, "bn_params"))[0]["running_mean"]
    expect(not np.any(statistics), "the running statistics were changed: nothing is being trained here")


@hidden("input_gradient")
def one_image(student, rng):
    """a single image, of another shape"""
    params, net, X, y = problem(rng, 1, (1, 6, 4), 3)
    found = student.input_gradient(net_of(student, params, (1, 6, 4)), X, y)
    expect_close(found, net.slopes(X, y), 1e-6, 1e-9, what="the gradient")


@hidden("input_gradient")
def nothing_changes(student, rng):
    """X, y and the net are left as they are"""
    params, net, X, y = problem(rng, 3)
    handle, kept, labels = net_of(student, params), student.keep(X), student.keep(y)
    expect_close(student.input_gradient(handle, kept, labels), net.slopes(X, y), 1e-6, 1e-9, what="the gradient")
    expect_same(student, kept, X)
    expect_same(student, labels, y, "y was changed in place")
    expect_net_unchanged(student, handle, params)


# The saliency map ------------------------------------------------------------------------------------------------------


@hidden("saliency_map", weight=3)
def maps_of_several_images(student, rng):
    """the maps of several images"""
    for n in (2, 5):
        params, net, X, y = problem(rng, n)
        expect_close(
            student.saliency_map(net_of(student, params), X, y), net.saliency(X, y), 1e-6, 1e-9, what="the maps"
        )


@hidden("saliency_map", weight=2)
def classes_asked_for(student, rng):
    """the class asked for, whether or not it is the net's answer"""
    params, net, X, _ = problem(rng, 4)
    for shift in (0, 1, 2):
        y = (net.labels(X) + shift) % 4
        expect_close(
            student.saliency_map(net_of(student, params), X, y), net.saliency(X, y), 1e-6, 1e-9, what="the maps"
        )


@hidden("saliency_map", weight=2)
def grey_and_colour(student, rng):
    """one channel and four channels, images that are not square, a single image"""
    for shape in ((1, 4, 6), (4, 6, 4)):
        params, net, X, y = problem(rng, 1, shape, 3)
        found = student.saliency_map(net_of(student, params, shape), X, y)
        expect_shape(found, (1, *shape[1:]), "the map")
        expect_close(found, net.saliency(X, y), 1e-6, 1e-9, what="the map")


@hidden("saliency_map")
def map_in_test_mode(student, rng):
    """test mode: with dropout in the net the map is that of the whole net"""
    params, net, X, y = problem(rng, 3)
    found = student.unrecorded(student.saliency_map, net_of(student, params, dropout=0.5, rng=1), X, y)
    right = bool(np.shape(found) == (3, *SHAPE[1:]) and np.allclose(found, net.saliency(X, y)))
    student.record(right)
    expect(right, "with dropout in the net the map is not that of the whole net: is it in test mode?")


@hidden("saliency_map")
def map_changes_nothing(student, rng):
    """X, y and the net are left as they are"""
    params, net, X, y = problem(rng, 3)
    handle, kept, labels = net_of(student, params), student.keep(X), student.keep(y)
    expect_close(student.saliency_map(handle, kept, labels), net.saliency(X, y), 1e-6, 1e-9, what="the maps")
    expect_same(student, kept, X)
    expect_same(student, labels, y, "y was changed in place")
    expect_net_unchanged(student, handle, params)


# The fooling image -----------------------------------------------------------------------------------------------------


def provide_softmax(student):
    student.provide("softmax_with_temperature", lambda scores, T=1.0: oracles.tempered(scores, T))


def climb(rng, steps, step_size, confidence, low=0.25, high=0.75):
    """A net, an image and a target that is not its answer, whose climb makes a number of steps that `steps` allows."""
    while True:
        params, net, X, _ = problem(rng, 1, low=low, high=high)
        target = int((net.labels(X)[0] + 1) % 4)
        expected, made = net.climbed(X[0], target, step_size, 12, confidence)
        # Being sure of another class is no reason to stop, nor is it that the target has become the answer.
        another = net.probabilities(X)[0].max() >= confidence
        before, _ = net.climbed(X[0], target, step_size, max(made - 1, 0), confidence)
        telling = another and net.labels([before])[0] == target
        if made in steps and (telling or confidence > 0.9):
            return params, net, X[0], target, expected


@hidden("fooling_image", weight=3)
def one_and_more_steps(student, rng):
    """a given number of steps, each of the given length"""
    provide_softmax(student)
    params, net, image, target, _ = climb(rng, (12,), 0.05, 0.9999)
    for steps, step_size in ((1, 0.3), (3, 0.1)):
        found = student.fooling_image(net_of(student, params), image, target, step_size, steps, 0.9999)
        expected, _ = net.climbed(image, target, step_size, steps, 0.9999)
        expect_close(found, expected, 1e-6, 1e-8, what="the image")


@hidden("fooling_image", weight=2)
def stops_in_time(student, rng):
    """it stops as soon as the net is sure enough, and makes no step where it is sure already"""
    provide_softmax(student)
    params, net, image, target, expected = climb(rng, range(2, 12), 0.2, 0.6)
    found = student.fooling_image(net_of(student, params), image, target, 0.2, 12, 0.6)
    expect_close(found, expected, 1e-6, 1e-8, what="the image")
    answer = int(net.labels([image])[0])
    found = student.fooling_image(net_of(student, params), image, answer, 0.4, 12, 0.2)
    expect_close(found, image, what="an image that is sure from the beginning")
    certain = {**params, "b3": params["b3"] + 2000.0 * (np.arange(4) == target)}  # a probability of exactly 1
    found = student.fooling_image(net_of(student, certain), image, target, 0.4, 12, 1.0)
    expect_close(found, image, what="an image that is exactly as sure as asked")


@hidden("fooling_image", weight=2)
def stays_an_image(student, rng):
    """pixels stay between 0 and 1, with long steps too"""
    provide_softmax(student)
    params, net, image, target, _ = climb(rng, (12,), 0.05, 0.9999, 0.0, 1.0)
    found = student.fooling_image(net_of(student, params), image, target, 2.5, 2, 0.99999)
    expected, _ = net.climbed(image, target, 2.5, 2, 0.99999)
    expect_close(found, expected, 1e-6, 1e-8, what="the image")


@hidden("fooling_image")
def fooling_in_test_mode(student, rng):
    """test mode: with dropout in the net the climb is that of the whole net"""
    provide_softmax(student)
    params, net, image, target, _ = climb(rng, (12,), 0.05, 0.9999)
    handle = net_of(student, params, dropout=0.5, rng=1)
    found = student.unrecorded(student.fooling_image, handle, image, target, 0.1, 3, 0.9999)
    expected, _ = net.climbed(image, target, 0.1, 3, 0.9999)
    right = bool(np.shape(found) == np.shape(image) and np.allclose(found, expected))
    student.record(right)
    expect(right, "with dropout in the net the image is not that of the whole net: is it in test mode?")


@hidden("fooling_image")
def fooling_changes_nothing(student, rng):
    """the image passed in and the net are left as they are; float32 stays; a net without any slope ends the climb"""
    provide_softmax(student)
    params, _, image, target, _ = climb(rng, (12,), 0.05, 0.9999)
    handle, kept = net_of(student, params), student.keep(image.astype(np.float32))
    found = student.fooling_image(handle, kept, target, 0.1, 2, 0.9999)
    expect_images(found, image, "the image")
    expect_dtype(found, np.float32, "the image")
    expect_same(student, kept, image.astype(np.float32), "the image passed in was changed in place")
    expect_net_unchanged(student, handle, params)
    flat = {**params, "W3": np.zeros_like(params["W3"])}
    found = student.fooling_image(net_of(student, flat), image, target, 0.1, 3, 0.9999)
    expect_close(found, image, what="the image, where the gradient is 0 everywhere")
