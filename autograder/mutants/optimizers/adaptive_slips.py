"""Mistakes in AdaGrad and RMSProp."""

import numpy as np

from autograder.mutants.optimizers.right_rules import adagrad_own_rates, filled, rmsprop_part_of_the_way
from autograder.testing import mutant


def _sum(cache, dw, config):
    return cache + dw**2


def _running_mean(cache, dw, config):
    return config["decay_rate"] * cache + (1 - config["decay_rate"]) * dw**2


def _root_then_epsilon(before, cache, config):
    return np.sqrt(cache) + config["epsilon"]


def _fault(rule, name, sentence, renew=None, divisor=_root_then_epsilon, step=None):
    """Register a rule whose cache is renewed by renew(cache, dw, config), its step divided by divisor(...).

    step: what is taken from w, in the place of rate * dw / divisor, by step(dw, cache, config).
    """
    renew = renew or (_sum if rule == "adagrad" else _running_mean)

    def work(w, dw, config=None):
        config = filled(rule, config, w, cache=None)
        before = config["cache"]
        config["cache"] = renew(before, dw, config)
        if step is not None:
            return w - step(dw, config["cache"], config), config
        return w - config["learning_rate"] * dw / divisor(before, config["cache"], config), config

    work.__name__ = name
    mutant(rule, sentence)(work)


for _rule in ("adagrad", "rmsprop"):
    _fault(
        _rule,
        "without_the_root",
        "The step is divided by the cache itself: its square root is missing.",
        divisor=lambda before, cache, config: cache + config["epsilon"],
    )
    _fault(
        _rule,
        "epsilon_under_the_root",
        "epsilon stands under the root: it is to be added to the root.",
        divisor=lambda before, cache, config: np.sqrt(cache + config["epsilon"]),
    )
    _fault(
        _rule,
        "epsilon_left_out",
        "epsilon is left out, so that a weight whose gradient was never anything but zero becomes NaN.",
        divisor=lambda before, cache, config: np.sqrt(cache),
    )
    _fault(
        _rule,
        "cache_of_before",
        "The step is divided by the cache from before this gradient: renew the cache first.",
        divisor=lambda before, cache, config: np.sqrt(before) + config["epsilon"],
    )

    _fault(
        _rule,
        "epsilon_beside_the_quotient",
        "epsilon is added to the weights: without parentheses around root and epsilon the division comes first.",
        step=lambda dw, cache, config: config["learning_rate"] * dw / np.sqrt(cache) - config["epsilon"],
    )

_fault(
    "adagrad",
    "not_accumulated",
    "The cache holds the newest square only: the squares of all gradients are to be added up.",
    lambda cache, dw, config: dw**2,
)
_fault(
    "adagrad",
    "forgets",
    "The cache forgets old gradients, as in RMSProp: in AdaGrad it is a plain sum.",
    lambda cache, dw, config: 0.99 * cache + 0.01 * dw**2,
)
_fault(
    "adagrad",
    "sizes_for_squares",
    "The cache adds up the sizes of the gradients: it should add up their squares.",
    lambda cache, dw, config: cache + np.abs(dw),
)
_fault(
    "adagrad",
    "one_cache_for_all",
    "One sum is kept for all weights together: each weight has an entry of its own in the cache.",
    lambda cache, dw, config: np.max(cache) + np.zeros_like(dw) + np.sum(dw**2),
)
_fault(
    "rmsprop",
    "shares_swapped",
    "The two shares are exchanged: decay_rate belongs to the old cache, 1 - decay_rate to the new square.",
    lambda cache, dw, config: (1 - config["decay_rate"]) * cache + config["decay_rate"] * dw**2,
)
_fault(
    "rmsprop",
    "whole_square_added",
    "The new square is added whole: its share is 1 - decay_rate.",
    lambda cache, dw, config: config["decay_rate"] * cache + dw**2,
)
_fault(
    "rmsprop",
    "never_forgets",
    "The cache is never multiplied by decay_rate, so that it only grows, as in AdaGrad.",
    lambda cache, dw, config: cache + (1 - config["decay_rate"]) * dw**2,
)
_fault(
    "rmsprop",
    "mean_before_square",
    "The running mean of the gradient is taken and then squared: square each gradient first.",
    lambda cache, dw, config: (config["decay_rate"] * np.sqrt(cache) + (1 - config["decay_rate"]) * np.abs(dw)) ** 2,
)


@mutant("adagrad", "The memory is kept under another name than 'cache'.")
def cache_under_another_name(w, dw, config=None):
    config = dict(config or {})
    if "G" in config:
        config["cache"] = config.pop("G")
    next_w, config = adagrad_own_rates(w, dw, config)
    config["G"] = config.pop("cache")
    return next_w, config


@mutant("rmsprop", "The default of decay_rate is not the one that the docstring names.")
def decay_of_nine_tenths(w, dw, config=None):
    return rmsprop_part_of_the_way(w, dw, {"decay_rate": 0.9, **(config or {})})
