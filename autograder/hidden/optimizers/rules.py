"""Hidden tests of the seven update rules: the same for each, on its own exercise."""

import functools

import numpy as np

from autograder.byvalue import StudentError
from autograder.hidden.optimizers.walking import (
    SETTINGS,
    STATE,
    adam_of_the_grader,
    away_from_zero,
    documented,
    expect_path,
    other_settings,
    step,
)
from autograder.oracles import optimizers as oracles
from autograder.testing import ban, expect, expect_close, expect_shape, hidden

ban("sgd", "course_utils.nn", "torch")
ban("sgd_momentum", "course_utils.nn", "torch")
ban("nesterov", "course_utils.nn", "torch")
ban("adagrad", "course_utils.nn", "torch")
ban("rmsprop", "course_utils.nn", "torch")
ban("adam", "course_utils.nn", "torch")
ban("adamw", "course_utils.nn", "torch")

REMEMBERS = (
    "called again without a config, the rule does not start afresh: it remembers an earlier call. A dict that is the "
    "default value of an argument is made only once"
)
WITH_EPSILON = ("adagrad", "rmsprop", "adam", "adamw")


def rule_tests(rule):
    """Register the tests of one update rule."""

    def gradients(rng, steps, shape):
        return [away_from_zero(rng, shape) for _ in range(steps)]

    def one_step_with_the_defaults(student, rng):
        w, dw = away_from_zero(rng, (2, 3)), away_from_zero(rng, (2, 3))
        expected = oracles.path(rule, w, [dw], SETTINGS[rule]["learning_rate"])[0]
        first, second = (_without_a_config(student, rule, w, dw) for _ in range(2))
        expect(np.allclose(first, second, equal_nan=True), REMEMBERS)
        expect_close(first, expected, what="the weights after the first step")

    def several_steps(student, rng):
        w, config = away_from_zero(rng, (3, 2)), {"learning_rate": float(rng.uniform(0.05, 0.2))}
        expect_path(student, rule, w, gradients(rng, 6, (3, 2)), {**SETTINGS[rule], **config})

    def settings_that_differ(student, rng):
        w = away_from_zero(rng, (3, 2))
        expect_path(student, rule, w, gradients(rng, 5, (3, 2)), other_settings(rule, rng))

    def a_rate_that_changes(student, rng):
        w, rates = away_from_zero(rng, 4), [0.2, 0.1, 0.1, 0.01, 0.01]
        expect_path(student, rule, w, gradients(rng, 5, 4), {**SETTINGS[rule], "learning_rate": 0.2}, rates)

    def missing_keys_are_filled_in(student, rng):
        w, dw = away_from_zero(rng, 3), away_from_zero(rng, 3)
        for start in ({}, {"learning_rate": 0.1}):
            next_w, config = step(student, rule, w, dw, start)
            rate = start.get("learning_rate", SETTINGS[rule]["learning_rate"])
            expect_close(next_w, oracles.path(rule, w, [dw], rate)[0], what="the weights after the first step")
            documented(student, rule, config)
            _expect_keys(config, {**SETTINGS[rule], **start}, rule, w)

    def the_memory_is_what_it_is_called(student, rng):
        w, settings = away_from_zero(rng, 3), other_settings(rule, rng)
        met, config = [], settings
        for dw in gradients(rng, 3, 3):
            met.append(dw)
            w, config = step(student, rule, w, dw, config)
            told = documented(student, rule, config)
            for name, value in oracles.memory(rule, met, **settings).items():
                expect(name in told, f"the config that came back has no key '{name}'")
                expect_close(told[name], value, what=f"'{name}' in the config that came back")

    def shapes_and_precisions(student, rng):
        for shape in ((1,), (1, 4), (2, 3, 2)):
            w = away_from_zero(rng, shape)
            expect_path(student, rule, w, gradients(rng, 2, shape), dict(SETTINGS[rule]))
        wide = away_from_zero(rng, (3, 4))
        expect_path(student, rule, wide.T[::2], gradients(rng, 2, (2, 3)), dict(SETTINGS[rule]))
        w = away_from_zero(rng, (2, 3)).astype(np.float32)
        single = [dw.astype(np.float32) for dw in gradients(rng, 2, (2, 3))]
        expect_path(student, rule, w, single, dict(SETTINGS[rule]), rtol=1e-4, atol=1e-4)

    def the_gradient_is_left_alone(student, rng):
        w, config, steps = away_from_zero(rng, 3), dict(SETTINGS[rule]), gradients(rng, 2, 3)
        expected = oracles.path(rule, w, steps, config["learning_rate"])
        for dw, right in zip(steps, expected, strict=True):
            kept = student.keep(dw)
            w, config = step(student, rule, w, kept, config)
            expect(np.array_equal(student.value(kept), dw), "dw was changed; the rule must leave it as it is")
            expect_close(w, right, what="the weights after the step")

    def gradients_of_zero(student, rng):
        w, zero = away_from_zero(rng, 3), np.zeros(3)
        mixed = [np.array([0.0, 1.0, 0.0]) * g for g in gradients(rng, 2, 3)]
        for steps in ([zero, zero], [*mixed, zero]):
            expect_path(student, rule, w, steps, dict(SETTINGS[rule]))

    tests = [
        (one_step_with_the_defaults, "a first step without a config: every setting has its default", 1),
        (several_steps, "several steps in a row", 2),
        (settings_that_differ, "several steps with other settings than the defaults", 2),
        (a_rate_that_changes, "a learning rate that changes on the way", 1),
        (
            missing_keys_are_filled_in,
            "missing settings are filled in, and config has the keys that the docstring names",
            1,
        ),
        (shapes_and_precisions, "weights of one, two and three dimensions, float32, another memory order", 1),
        (the_gradient_is_left_alone, "dw is left as it is", 1),
    ]
    if STATE[rule]:
        tests.append((the_memory_is_what_it_is_called, "what config remembers, under the names of the docstring", 1))
    if rule in WITH_EPSILON:
        tests.append((gradients_of_zero, "weights whose gradient is zero", 1))
    for test, title, weight in tests:
        test.__doc__ = title
        hidden(rule, weight=weight)(_with_the_graders_adam(test) if rule == "adamw" else test)


def _with_the_graders_adam(test):
    """The test, with a right adam for the student's adamw to call."""

    @functools.wraps(test)
    def run(student, rng):
        student.provide("adam", adam_of_the_grader)
        test(student, rng)

    return run


def _without_a_config(student, rule, w, dw):
    """The weights after a step for which no config is given. Arrays kept from an earlier call may not fit these."""
    try:
        return step(student, rule, w, dw)[0]
    except StudentError as error:
        if STATE[rule] and "ValueError" in error.kinds:
            step(student, rule, w, dw, {})
            expect(False, REMEMBERS)
        raise


def _expect_keys(config, settings, rule, w):
    """The config that came back holds each setting with its value, and the rule's memory under its name."""
    for name, value in settings.items():
        expect(name in config, f"the config that came back has no key '{name}'")
        expect(config[name] == value, f"'{name}' in the config that came back is not what it should be")
    for name in STATE[rule]:
        expect(name in config, f"the config that came back has no key '{name}'")
        if name != "t":
            expect_shape(config[name], w.shape, f"'{name}' in the config")


for _rule in SETTINGS:
    rule_tests(_rule)
