"""Other correct update rules: in place or not, the config changed or new, t counted from 0 or from 1."""

import numpy as np

from autograder.testing import alternative

DEFAULTS = {
    "sgd": {"learning_rate": 1e-2},
    "sgd_momentum": {"learning_rate": 1e-2, "momentum": 0.9},
    "nesterov": {"learning_rate": 1e-2, "momentum": 0.9},
    "adagrad": {"learning_rate": 1e-2, "epsilon": 1e-8},
    "rmsprop": {"learning_rate": 1e-2, "decay_rate": 0.99, "epsilon": 1e-8},
    "adam": {"learning_rate": 1e-3, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8},
    "adamw": {"learning_rate": 1e-3, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, "weight_decay": 1e-2},
}


def filled(rule, config, w=None, **state):
    """A new config with every default; each name in `state` stands for an array of zeros, or for what is given."""
    start = {name: np.zeros_like(w) if value is None else value for name, value in state.items()}
    return {**DEFAULTS[rule], **start, **(config or {})}


@alternative("sgd", "in place, the config changed in place")
def sgd_in_place(w, dw, config=None):
    if config is None:
        config = {}
    config.setdefault("learning_rate", 1e-2)
    w -= config["learning_rate"] * dw
    return w, config


@alternative("sgd", "a new config")
def sgd_new_config(w, dw, config=None):
    config = filled("sgd", config)
    return np.subtract(w, np.multiply(config["learning_rate"], dw)), config


@alternative("sgd_momentum", "in place, the config changed in place")
def momentum_in_place(w, dw, config=None):
    config = {} if config is None else config
    config.setdefault("learning_rate", 1e-2)
    config.setdefault("momentum", 0.9)
    v = config.get("velocity", np.zeros_like(w))
    v *= config["momentum"]
    v -= config["learning_rate"] * dw
    w += v
    config["velocity"] = v
    return w, config


@alternative("sgd_momentum", "the velocity starts as the number 0")
def momentum_from_a_number(w, dw, config=None):
    config = filled("sgd_momentum", config, velocity=0.0)
    config["velocity"] = config["momentum"] * config["velocity"] - config["learning_rate"] * dw
    return w + config["velocity"], config


@alternative("nesterov", "gradient step and momentum of the new velocity, in place")
def nesterov_two_parts(w, dw, config=None):
    config = filled("nesterov", config, velocity=0.0)
    config["velocity"] = config["momentum"] * config["velocity"] - config["learning_rate"] * dw
    w -= config["learning_rate"] * dw
    w += config["momentum"] * config["velocity"]
    return w, config


@alternative("nesterov", "steps back from the look-ahead point, moves, looks ahead again")
def nesterov_back_and_forth(w, dw, config=None):
    config = filled("nesterov", config, w, velocity=None)
    ball = w - config["momentum"] * config["velocity"]
    config["velocity"] = config["momentum"] * config["velocity"] - config["learning_rate"] * dw
    return ball + config["velocity"] + config["momentum"] * config["velocity"], config


@alternative("adagrad", "in place, the config changed in place")
def adagrad_in_place(w, dw, config=None):
    config = {} if config is None else config
    config.setdefault("learning_rate", 1e-2)
    config.setdefault("epsilon", 1e-8)
    config.setdefault("cache", np.zeros_like(w))
    config["cache"] += dw**2
    w -= config["learning_rate"] * dw / (np.sqrt(config["cache"]) + config["epsilon"])
    return w, config


@alternative("adagrad", "a rate for each weight first")
def adagrad_own_rates(w, dw, config=None):
    config = filled("adagrad", config, cache=0.0)
    config["cache"] = config["cache"] + np.square(dw)
    own_rate = config["learning_rate"] / (config["cache"] ** 0.5 + config["epsilon"])
    return w - own_rate * dw, config


@alternative("rmsprop", "in place, the config changed in place")
def rmsprop_in_place(w, dw, config=None):
    config = {} if config is None else config
    config.setdefault("learning_rate", 1e-2)
    config.setdefault("decay_rate", 0.99)
    config.setdefault("epsilon", 1e-8)
    config.setdefault("cache", np.zeros_like(w))
    config["cache"] *= config["decay_rate"]
    config["cache"] += (1 - config["decay_rate"]) * dw**2
    w += -config["learning_rate"] * dw / (np.sqrt(config["cache"]) + config["epsilon"])
    return w, config


@alternative("rmsprop", "the cache moves a part of the way towards the new square")
def rmsprop_part_of_the_way(w, dw, config=None):
    config = filled("rmsprop", config, cache=0.0)
    config["cache"] = config["cache"] + (1 - config["decay_rate"]) * (dw * dw - config["cache"])
    return w - config["learning_rate"] * (dw / (config["cache"] ** 0.5 + config["epsilon"])), config


@alternative("adam", "t starts at 0 and is counted before use, in place")
def adam_from_zero(w, dw, config=None):
    config = {} if config is None else config
    for name, value in DEFAULTS["adam"].items():
        config.setdefault(name, value)
    config.setdefault("m", np.zeros_like(w))
    config.setdefault("v", np.zeros_like(w))
    config.setdefault("t", 0)
    config["t"] += 1
    config["m"] *= config["beta1"]
    config["m"] += (1 - config["beta1"]) * dw
    config["v"] *= config["beta2"]
    config["v"] += (1 - config["beta2"]) * dw**2
    m_hat = config["m"] / (1 - config["beta1"] ** config["t"])
    v_hat = config["v"] / (1 - config["beta2"] ** config["t"])
    w -= config["learning_rate"] * m_hat / (np.sqrt(v_hat) + config["epsilon"])
    return w, config


@alternative("adam", "t starts at 1 and is counted after use")
def adam_from_one(w, dw, config=None):
    config = filled("adam", config, m=0.0, v=0.0, t=1)
    beta1, beta2, t = config["beta1"], config["beta2"], config["t"]
    config["m"] = m = beta1 * config["m"] + (1 - beta1) * dw
    config["v"] = v = beta2 * config["v"] + (1 - beta2) * dw * dw
    step = (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + config["epsilon"])
    config["t"] = t + 1
    return w - config["learning_rate"] * step, config


@alternative("adam", "both corrections in the learning rate")
def adam_corrected_rate(w, dw, config=None):
    config = filled("adam", config, w, m=None, v=None, t=0)
    t = config["t"] = config["t"] + 1
    config["m"] = config["m"] + (1 - config["beta1"]) * (dw - config["m"])
    config["v"] = config["v"] + (1 - config["beta2"]) * (dw**2 - config["v"])
    root = np.sqrt(1 - config["beta2"] ** t)
    rate = config["learning_rate"] * root / (1 - config["beta1"] ** t)
    return w - rate * config["m"] / (np.sqrt(config["v"]) + root * config["epsilon"]), config


@alternative("adamw", "shrinks the weights, then adam's step, t from 1")
def adamw_shrinks_first(w, dw, config=None):
    config = filled("adamw", config, m=0.0, v=0.0, t=1)
    shrunk = (1 - config["learning_rate"] * config["weight_decay"]) * w
    next_w, config = adam_from_one(shrunk, dw, config)
    return next_w, config


@alternative("adamw", "adam's step, then the decay of the old weights, in place")
def adamw_decays_after(w, dw, config=None):
    config = {} if config is None else config
    for name, value in DEFAULTS["adamw"].items():
        config.setdefault(name, value)
    decay = config["learning_rate"] * config["weight_decay"] * w
    w, config = adam_from_zero(w, dw, config)
    w -= decay
    return w, config


RIGHT = {
    "sgd": sgd_new_config,
    "sgd_momentum": momentum_from_a_number,
    "nesterov": nesterov_back_and_forth,
    "adagrad": adagrad_own_rates,
    "rmsprop": rmsprop_part_of_the_way,
    "adam": adam_corrected_rate,
    "adamw": adamw_shrinks_first,
}
