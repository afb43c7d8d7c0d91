"""Mistakes that are made in any update rule: the right rule, with one thing wrong around it."""

import numpy as np

from autograder.mutants.optimizers.right_rules import DEFAULTS, RIGHT
from autograder.testing import mutant

SLIPS: dict[str, tuple] = {}  # name → (sentence, work)


def slip(sentence):
    """Register `work(rule, right, w, dw, config)` as a mistake in every rule."""

    def register(work):
        SLIPS[work.__name__] = (sentence, work)
        return work

    return register


@slip("The step goes along the gradient, uphill: check the sign of the step.")
def uphill(rule, right, w, dw, config):
    next_w, config = right(w, dw, config)
    return w - (next_w - w), config


@slip("The step came back where the next weights belong: the step is to be added to w.")
def step_returned(rule, right, w, dw, config):
    next_w, config = right(w, dw, config)
    return next_w - w, config


@slip("Settings that are given are overwritten by the defaults: fill in only the keys that are missing.")
def settings_overwritten(rule, right, w, dw, config):
    return right(w, dw, {**(config or {}), **DEFAULTS[rule]})


@slip("A config that lacks some keys raises KeyError: the defaults are filled in only where there is no config at all.")
def only_a_missing_config_is_filled(rule, right, w, dw, config):
    if config is not None:
        for name in DEFAULTS[rule]:
            config[name]
    return right(w, dw, config)


@slip("dw is changed: an operation such as *= reaches the caller's array. Only w and config may change.")
def gradient_changed(rule, right, w, dw, config):
    next_w, config = right(w, np.array(dw), config)
    dw *= config["learning_rate"]
    return next_w, config


@slip("The entries are visited with a single index, so that only vectors work: NumPy handles any shape at once.")
def vectors_only(rule, right, w, dw, config):
    next_w, config = right(w, dw, config)
    out = np.zeros_like(next_w)
    for i in range(w.size):
        out[i] = next_w[i]
    return out, config


@slip("The memory is not written back into config, so that every step is a first step.")
def memory_lost(rule, right, w, dw, config):
    next_w, after = right(w, dw, config)
    return next_w, {name: after[name] * 0 if name not in DEFAULTS[rule] else after[name] for name in after}


def _register():
    for rule, right in RIGHT.items():
        for name, (sentence, slipped) in SLIPS.items():
            if rule == "sgd" and name == "memory_lost":
                continue

            def work(w, dw, config=None, rule=rule, right=right, slipped=slipped):
                return slipped(rule, right, w, dw, config)

            work.__name__ = name
            mutant(rule, sentence)(work)


_register()
