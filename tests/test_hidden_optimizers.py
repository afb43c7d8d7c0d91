"""Notebook 06's hidden tests take update rules whatever else they keep in config, and recognise mistakes in them."""

import numpy as np
import pytest

from autograder.grading.exercise import earned_share, run_exercise

SEEDS = ("a", "b", "c")


def prepared(config, w, *arrays, **defaults):
    """The config that was handed in, changed in place, with what is missing filled in."""
    config = {} if config is None else config
    for name, value in defaults.items():
        config.setdefault(name, value)
    for name in arrays:
        config.setdefault(name, np.zeros_like(w))
    return config


def plain(w, dw, config=None):
    config = prepared(config, w, learning_rate=1e-2)
    w -= config["learning_rate"] * dw
    return w, config


def ball(w, dw, config=None):
    config = prepared(config, w, "velocity", learning_rate=1e-2, momentum=0.9)
    v = config["velocity"]
    v = config["momentum"] * v - config["learning_rate"] * dw
    config["velocity"] = v
    return w + v, config


def root_mean_square(w, dw, config=None):
    config = prepared(config, w, "cache", learning_rate=1e-2, decay_rate=0.99, epsilon=1e-8)
    config["cache"] = config["decay_rate"] * config["cache"] + (1 - config["decay_rate"]) * dw**2
    w -= config["learning_rate"] * dw / (np.sqrt(config["cache"]) + config["epsilon"])
    return w, config


def two_moments(w, dw, config=None, first_t=0, under_the_root=False, corrected=True):
    """Adam; `first_t` 1 counts after use. The config keeps a note of its own beside what the docstring names."""
    config = prepared(config, w, "m", "v", learning_rate=1e-3, beta1=0.9, beta2=0.999, epsilon=1e-8, t=first_t)
    config["t"] += 1
    t = config["t"] - first_t
    config["m"] = config["beta1"] * config["m"] + (1 - config["beta1"]) * dw
    config["v"] = config["beta2"] * config["v"] + (1 - config["beta2"]) * dw**2
    m, v = config["m"], config["v"]
    if corrected:
        m, v = m / (1 - config["beta1"] ** t), v / (1 - config["beta2"] ** t)
    config["largest step so far"] = float(np.abs(m).max())
    divisor = np.sqrt(v + config["epsilon"]) if under_the_root else np.sqrt(v) + config["epsilon"]
    return w - config["learning_rate"] * m / divisor, config


RIGHT = {"sgd": plain, "sgd_momentum": ball, "rmsprop": root_mean_square, "adam": two_moments}


@pytest.mark.parametrize("rule", RIGHT)
def test_rules_that_change_their_config_in_place_earn_everything(rule):
    for seed in SEEDS:
        results = run_exercise(rule, {rule: RIGHT[rule]}, seed)
        assert earned_share(results) == 1, [(each.name, each.sentence) for each in results if not each.passed]


@pytest.mark.parametrize("first_t", [0, 1])
@pytest.mark.parametrize(
    ("fault", "mutant"), [({"under_the_root": True}, "epsilon_under_the_root"), ({"corrected": False}, "uncorrected")]
)
def test_a_mistake_in_adam_is_recognised_however_t_is_counted_and_whatever_else_is_kept(first_t, fault, mutant):
    def rule(w, dw, config=None):
        return two_moments(w, dw, config, first_t=first_t, **fault)

    for seed in SEEDS:
        failed = [each for each in run_exercise("adam", {"adam": rule}, seed) if not each.passed]
        assert {each.mutant for each in failed} == {mutant}


@pytest.mark.parametrize("shape_before", [None, (2,), (2, 3)])
def test_a_dict_as_default_value_is_noticed_whatever_it_remembers(shape_before):
    left_over = {}

    def rule(w, dw, config=left_over):
        return ball(w, dw, config)

    if shape_before is not None:
        rule(np.ones(shape_before), np.ones(shape_before))  # as a visible check does
    failed = [each for each in run_exercise("sgd_momentum", {"sgd_momentum": rule}, "a") if not each.passed]
    assert [each.name for each in failed] == ["one_step_with_the_defaults"]
    assert "made only once" in failed[0].sentence
