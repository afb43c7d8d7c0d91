"""Mistakes in plain descent, in momentum and in Nesterov's momentum."""

import numpy as np

from autograder.mutants.optimizers.right_rules import filled, momentum_from_a_number, sgd_new_config
from autograder.testing import mutant


@mutant("sgd", "The default learning rate is not the one that the docstring names.")
def another_default(w, dw, config=None):
    return sgd_new_config(w, dw, {"learning_rate": 1e-3, **(config or {})})


@mutant("sgd", "The length of the gradient is divided out: here the step is learning_rate * dw, no more.")
def unit_steps(w, dw, config=None):
    return sgd_new_config(w, dw / (np.linalg.norm(dw) + 1e-12), config)


@mutant("sgd", "Only the sign of the gradient is used; its size matters, too.")
def sign_only(w, dw, config=None):
    return sgd_new_config(w, np.sign(dw), config)


def _velocity(rule, config, w, rule_of_v):
    """The config with its velocity renewed by rule_of_v(v, momentum, rate), and the velocity before."""
    config = filled(rule, config, w, velocity=None)
    before = config["velocity"]
    config["velocity"] = rule_of_v(before, config["momentum"], config["learning_rate"])
    return config, before


def _with_velocity(rule, rule_of_v, place):
    """An update rule: v by rule_of_v(v, mu, rate, dw), w by place(w, v, v before, mu, rate, dw)."""

    def work(w, dw, config=None):
        config, before = _velocity(rule, config, w, lambda v, mu, rate: rule_of_v(v, mu, rate, dw))
        return place(w, config["velocity"], before, config["momentum"], config["learning_rate"], dw), config

    return work


def _right_velocity(v, mu, rate, dw):
    return mu * v - rate * dw


def _moved(w, v, before, mu, rate, dw):
    return w + v


def _looked_ahead(w, v, before, mu, rate, dw):
    return w - mu * before + (1 + mu) * v


def _fault(rule, name, sentence, rule_of_v=_right_velocity, place=None):
    place = place or (_moved if rule == "sgd_momentum" else _looked_ahead)
    work = _with_velocity(rule, rule_of_v, place)
    work.__name__ = name
    mutant(rule, sentence)(work)


for _rule in ("sgd_momentum", "nesterov"):
    _fault(
        _rule,
        "averaged_gradient",
        "The gradient is weighed with 1 - momentum: here the velocity is momentum * v - learning_rate * dw.",
        lambda v, mu, rate, dw: mu * v - (1 - mu) * rate * dw,
    )
    _fault(
        _rule,
        "settings_swapped",
        "momentum and learning_rate are exchanged in the velocity.",
        lambda v, mu, rate, dw: rate * v - mu * dw,
    )
    _fault(
        _rule,
        "momentum_on_everything",
        "momentum multiplies the new gradient's part, too: only the old velocity fades.",
        lambda v, mu, rate, dw: mu * (v - rate * dw),
    )

    _fault(
        _rule,
        "velocity_of_the_other_sign",
        "The path is right, but the velocity in config has the other sign: it is momentum * v - learning_rate * dw.",
        lambda v, mu, rate, dw: mu * v + rate * dw,
        (lambda w, v, before, mu, rate, dw: w - v)
        if _rule == "sgd_momentum"
        else (lambda w, v, before, mu, rate, dw: w + mu * before - (1 + mu) * v),
    )

_fault(
    "sgd_momentum",
    "rate_at_the_end",
    "The velocity sums plain gradients, and the learning rate multiplies the sum: that is the other form. It agrees until "
    "the rate changes; here each step keeps the rate it was made with.",
    lambda v, mu, rate, dw: mu * v + dw,
    lambda w, v, before, mu, rate, dw: w - rate * v,
)
_fault(
    "sgd_momentum",
    "turns_round",
    "The old velocity is taken away where it is to be added, so that the ball turns round at each step.",
    lambda v, mu, rate, dw: -mu * v - rate * dw,
)
_fault(
    "sgd_momentum",
    "velocity_of_before",
    "w moves by the velocity of the step before: renew the velocity first, then move by it.",
    place=lambda w, v, before, mu, rate, dw: w + before,
)
_fault(
    "sgd_momentum",
    "gradient_twice",
    "The gradient enters twice: it is in the velocity already, so w moves by the velocity only.",
    place=lambda w, v, before, mu, rate, dw: w + v - rate * dw,
)
_fault(
    "sgd_momentum",
    "looks_ahead",
    "This is Nesterov's rule: here w moves by the new velocity, no more.",
    place=_looked_ahead,
)


@mutant("sgd_momentum", "The velocity is kept under another name than 'velocity'.")
def velocity_under_another_name(w, dw, config=None):
    config = dict(config or {})
    if "v" in config:
        config["velocity"] = config.pop("v")
    next_w, config = momentum_from_a_number(w, dw, config)
    config["v"] = config.pop("velocity")
    return next_w, config


_fault(
    "nesterov",
    "plain_momentum",
    "This is plain momentum: the formula needs the velocity from before the step beside the new one. Was the old one "
    "overwritten too early?",
    place=_moved,
)
_fault(
    "nesterov",
    "old_velocity_added",
    "The old velocity is added where it is to be taken away: check its sign.",
    place=lambda w, v, before, mu, rate, dw: w + mu * before + (1 + mu) * v,
)
_fault(
    "nesterov",
    "nothing_taken_back",
    "The last look ahead is not taken back: the term with the old velocity is missing.",
    place=lambda w, v, before, mu, rate, dw: w + (1 + mu) * v,
)
_fault(
    "nesterov",
    "momentum_without_the_one",
    "The new velocity is multiplied by momentum; its factor is 1 + momentum.",
    place=lambda w, v, before, mu, rate, dw: w - mu * before + mu * v,
)
_fault(
    "nesterov",
    "old_velocity_whole",
    "The old velocity is taken away as a whole: its factor is momentum.",
    place=lambda w, v, before, mu, rate, dw: w - before + (1 + mu) * v,
)
_fault(
    "nesterov",
    "rate_at_the_end",
    "The velocity sums plain gradients, and the learning rate multiplies it at the end: this agrees only until the rate "
    "changes.",
    lambda v, mu, rate, dw: mu * v + dw,
    lambda w, v, before, mu, rate, dw: w - rate * ((1 + mu) * v - mu * before),
)


@mutant(
    "nesterov",
    "The velocity in config is the whole way that w moved: keep the new velocity, which is only a part of it.",
)
def displacement_kept(w, dw, config=None):
    config = filled("nesterov", config, w, velocity=None)
    v, mu = config["velocity"], config["momentum"]
    moved = -mu * v + (1 + mu) * (mu * v - config["learning_rate"] * dw)
    return w + moved, {**config, "velocity": moved}
