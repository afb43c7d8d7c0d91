"""What the tests of all seven update rules share: their settings, made-up gradients, and walks with the student's rule."""

import numpy as np

from autograder.oracles import optimizers as oracles
from autograder.testing import expect, expect_close, expect_shape

SETTINGS = {
    "sgd": {"learning_rate": 1e-2},
    "sgd_momentum": {"learning_rate": 1e-2, "momentum": 0.9},
    "nesterov": {"learning_rate": 1e-2, "momentum": 0.9},
    "adagrad": {"learning_rate": 1e-2, "epsilon": 1e-8},
    "rmsprop": {"learning_rate": 1e-2, "decay_rate": 0.99, "epsilon": 1e-8},
    "adam": {"learning_rate": 1e-3, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8},
    "adamw": {"learning_rate": 1e-3, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, "weight_decay": 1e-2},
}
STATE = {
    "sgd": (),
    "sgd_momentum": ("velocity",),
    "nesterov": ("velocity",),
    "adagrad": ("cache",),
    "rmsprop": ("cache",),
    "adam": ("m", "v", "t"),
    "adamw": ("m", "v", "t"),
}


def away_from_zero(rng, shape):
    """Numbers of either sign, none of them small."""
    return rng.choice([-1.0, 1.0], size=shape) * rng.uniform(0.3, 2.0, size=shape)


def other_settings(rule, rng):
    """A full config in which no setting has its default."""
    drawn = {
        "learning_rate": rng.uniform(0.02, 0.2),
        "momentum": rng.uniform(0.4, 0.8),
        "epsilon": rng.uniform(0.05, 0.2),
        "decay_rate": rng.uniform(0.6, 0.9),
        "beta1": rng.uniform(0.4, 0.6),
        "beta2": rng.uniform(0.75, 0.9),
        "weight_decay": rng.uniform(0.5, 1.5),
    }
    return {name: float(drawn[name]) for name in SETTINGS[rule]}


def adam_of_the_grader(w, dw, config=None):
    """Stands in for the student's adam while adamw is tested, so that a mistake in adam is not paid for twice."""
    config = {**SETTINGS["adam"], "m": np.zeros_like(w), "v": np.zeros_like(w), "t": 0, **(config or {})}
    config["t"] += 1
    for name, beta, target in (("m", config["beta1"], dw), ("v", config["beta2"], dw * dw)):
        config[name] = target + beta * (config[name] - target)
    mean = config["m"] / -np.expm1(config["t"] * np.log(config["beta1"]))
    square = config["v"] / -np.expm1(config["t"] * np.log(config["beta2"]))
    return w - config["learning_rate"] * mean / (np.sqrt(square) + config["epsilon"]), config


def step(student, rule, w, dw, *config):
    """One step of the student's rule: the next weights, and the config that came back.

    Diagnosis compares the weights only: how t is counted, and what else is kept in config, is the student's affair.
    """
    answer = student.unrecorded(getattr(student, rule), w, dw, *config)
    two = isinstance(answer, (tuple, list)) and len(answer) == 2 and isinstance(answer[1], dict)
    student.record(answer[0] if two else answer)
    expect(two, "two things should come back: the next weights and the config, a dict")
    expect_shape(answer[0], np.shape(w), "the next weights")
    return answer[0], answer[1]


def documented(student, rule, config):
    """What a config holds under the names of the docstring, put on record for diagnosis; t in whatever way it counts."""
    told = {name: config[name] for name in (*SETTINGS[rule], *STATE[rule]) if name in config and name != "t"}
    student.record({**told, "counts its steps": "t" in config})
    return told


def walk(student, rule, w, gradients, config, rates=None):
    """The weights after each step; each step gets the config that the one before returned, with its rate if given."""
    places = []
    for number, dw in enumerate(gradients):
        if rates is not None:
            config["learning_rate"] = rates[number]
        w, config = step(student, rule, w, dw, config)
        places.append(w)
    return places


def expect_path(student, rule, w, gradients, config, rates=None, **tolerances):
    """The student's rule leads along the oracle's path."""
    settings = dict(SETTINGS[rule], **config)
    rate = settings.pop("learning_rate")
    expected = oracles.path(rule, w, gradients, rate if rates is None else rates, **settings)
    places = walk(student, rule, w, gradients, dict(config), rates)
    for number, (found, wanted) in enumerate(zip(places, expected, strict=True)):
        expect_close(found, wanted, what="the weights after " + _ordinal(number), **tolerances)


def _ordinal(number):
    return "the first step" if number == 0 else "the second step" if number == 1 else "several steps"
