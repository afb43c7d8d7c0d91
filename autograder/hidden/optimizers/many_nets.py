"""Hidden tests of averaged weights and of ensembles."""

import numpy as np

from autograder.oracles import optimizers as oracles
from autograder.testing import expect, expect_close, expect_dtype, expect_equal, expect_shape, hidden


def nets(rng, count, dtype=np.float64):
    """Parameters of several nets of one shape."""
    shapes = {"W1": (3, 4), "b1": (4,), "W2": (4, 2)}
    return [{name: rng.normal(size=shape).astype(dtype) for name, shape in shapes.items()} for _ in range(count)]


def expect_mean(found, list_of_params, **tolerances):
    expect(isinstance(found, dict), "a dict of arrays should come back")
    expected = oracles.mean_weights(list_of_params)
    expect(found.keys() == expected.keys(), "the keys are not those of the dicts passed in")
    for name, value in expected.items():
        expect_close(found[name], value, what="an averaged parameter", **tolerances)


@hidden("average_weights", weight=2)
def three_nets(student, rng):
    """three sets of parameters"""
    several = nets(rng, 3)
    expect_mean(student.average_weights(several), several)


@hidden("average_weights")
def one_net_and_many(student, rng):
    """a single set, and many"""
    for count in (1, 2, 7):
        several = nets(rng, count)
        expect_mean(student.average_weights(several), several)


@hidden("average_weights")
def parameters_are_left_alone(student, rng):
    """the arrays passed in are left as they are; the result is new"""
    several = nets(rng, 3, np.float32)
    kept = student.keep(several)
    expect_mean(student.average_weights(kept), several, rtol=1e-4, atol=1e-5)
    for now, before in zip(student.value(kept), several, strict=True):
        same = now.keys() == before.keys() and all(np.array_equal(now[name], before[name]) for name in before)
        expect(same, "the parameters passed in were changed; work on copies")


@hidden("average_weights")
def other_parameters(student, rng):
    """other names and shapes"""
    several = [{"gain": rng.normal(size=(2, 1, 3)), "shift": rng.normal(size=1)} for _ in range(4)]
    expect_mean(student.average_weights(several), several)


def probabilities(rng, models, n, classes):
    """Class probabilities of several models, (n, classes) each."""
    return [rng.dirichlet(np.full(classes, 0.7), size=n) for _ in range(models)]


def expect_labels(student, prob_list):
    found = student.ensemble_predict(prob_list)
    expect_shape(found, (len(prob_list[0]),), "the labels")
    expect_dtype(found, "int", "the labels")
    expect_equal(np.asarray(found), oracles.ensemble_labels(prob_list), what="the labels")


@hidden("ensemble_predict", weight=2)
def largest_mean_probability(student, rng):
    """the class with the largest mean probability"""
    expect_labels(student, probabilities(rng, 5, 40, 4))


@hidden("ensemble_predict", weight=2)
def a_sure_model_outweighs_two_unsure_ones(student, rng):
    """one model that is sure against two that are not, and no impossible class is ruled out by one model alone"""
    order = rng.permutation(3)
    votes = [np.array([[0.52, 0.48, 0.0]]), np.array([[0.52, 0.48, 0.0]]), np.array([[0.03, 0.95, 0.02]])]
    expect_labels(student, [probs[:, order] for probs in votes])
    vetoed = [np.array([[0.0, 0.6, 0.4]]), np.array([[0.9, 0.06, 0.04]]), np.array([[0.9, 0.06, 0.04]])]
    expect_labels(student, [probs[:, order] for probs in vetoed])


@hidden("ensemble_predict")
def sizes_that_coincide(student, rng):
    """as many examples as classes and models; one model; one example; two classes"""
    for models, n, classes in ((3, 3, 3), (1, 5, 3), (4, 1, 3), (3, 12, 2), (2, 30, 2)):
        expect_labels(student, probabilities(rng, models, n, classes))


@hidden("ensemble_predict")
def probabilities_are_left_alone(student, rng):
    """float32, left as it is"""
    prob_list = [probs.astype(np.float32) for probs in probabilities(rng, 3, 25, 4)]
    kept = student.keep(prob_list)
    found = student.ensemble_predict(kept)
    expect_equal(np.asarray(found), oracles.ensemble_labels(prob_list), what="the labels")
    for now, before in zip(student.value(kept), prob_list, strict=True):
        expect(np.array_equal(now, before), "the probabilities passed in were changed; work on copies")
