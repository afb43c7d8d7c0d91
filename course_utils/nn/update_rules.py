"""Update rules: `rule(w, dw, config=None) -> (next_w, config)`.

A rule fills the missing keys of `config` with its defaults and keeps its state there, so every parameter needs a dict
of its own. `w` and `dw` stay as they are; results keep the dtype of `w`. The state is made of new arrays at each step.
Every rule raises ValueError when the shapes of w, dw and the state differ. They are the answers to the exercises of
the same names in notebook 06.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Config = dict[str, Any]
Rule = Callable[..., tuple[Array, Config]]


def sgd(w: Array, dw: Array, config: Config | None = None) -> tuple[Array, Config]:
    """w − lr·dw. config: learning_rate (1e-2)."""
    config = _config(config, w, dw, {"learning_rate": 1e-2})
    return w - float(config["learning_rate"]) * dw, config


def sgd_momentum(w: Array, dw: Array, config: Config | None = None) -> tuple[Array, Config]:
    """v = momentum·v − lr·dw, then w + v. config: learning_rate (1e-2), momentum (0.9), velocity (0).

    Source: Polyak, 1964; in this form Sutskever et al., 2013, equations 1 and 2.
    """
    config = _config(config, w, dw, {"learning_rate": 1e-2, "momentum": 0.9}, ("velocity",))
    config["velocity"] = float(config["momentum"]) * config["velocity"] - float(config["learning_rate"]) * dw
    return w + config["velocity"], config


def nesterov(w: Array, dw: Array, config: Config | None = None) -> tuple[Array, Config]:
    """v = momentum·v_before − lr·dw, then w − momentum·v_before + (1 + momentum)·v. Keys as in `sgd_momentum`.

    w is the look-ahead point, where the gradient is taken. Source: Bengio, Boulanger-Lewandowski and Pascanu, 2012,
    equation 7.
    """
    config = _config(config, w, dw, {"learning_rate": 1e-2, "momentum": 0.9}, ("velocity",))
    mu, before = float(config["momentum"]), config["velocity"]
    config["velocity"] = mu * before - float(config["learning_rate"]) * dw
    return w - mu * before + (1 + mu) * config["velocity"], config


def adagrad(w: Array, dw: Array, config: Config | None = None) -> tuple[Array, Config]:
    """cache = cache + dw², then w − lr·dw/(√cache + epsilon). config: learning_rate (1e-2), epsilon (1e-8), cache (0).

    Source: Duchi, Hazan and Singer, 2011.
    """
    config = _config(config, w, dw, {"learning_rate": 1e-2, "epsilon": 1e-8}, ("cache",))
    config["cache"] = config["cache"] + dw * dw
    return w - float(config["learning_rate"]) * dw / (np.sqrt(config["cache"]) + float(config["epsilon"])), config


def rmsprop(w: Array, dw: Array, config: Config | None = None) -> tuple[Array, Config]:
    """cache = decay_rate·cache + (1 − decay_rate)·dw², then w − lr·dw/(√cache + epsilon).

    config: learning_rate (1e-2), decay_rate (0.99), epsilon (1e-8), cache (0). Source: Tieleman and Hinton, 2012.
    """
    config = _config(config, w, dw, {"learning_rate": 1e-2, "decay_rate": 0.99, "epsilon": 1e-8}, ("cache",))
    decay = float(config["decay_rate"])
    config["cache"] = decay * config["cache"] + (1 - decay) * (dw * dw)
    return w - float(config["learning_rate"]) * dw / (np.sqrt(config["cache"]) + float(config["epsilon"])), config


def adam(w: Array, dw: Array, config: Config | None = None) -> tuple[Array, Config]:
    """t = t + 1; m and v are running means of dw and dw²; w − lr·m̂/(√v̂ + epsilon), m̂ = m/(1 − beta1^t), v̂ alike.

    config: learning_rate (1e-3), beta1 (0.9), beta2 (0.999), epsilon (1e-8), m (0), v (0), t (0).
    Source: Kingma and Ba, 2015, algorithm 1.
    """
    config = _config(config, w, dw, ADAM, ("m", "v"))
    return w - float(config["learning_rate"]) * _adam_direction(dw, config), config


def adamw(w: Array, dw: Array, config: Config | None = None) -> tuple[Array, Config]:
    """Adam, with the decay of the weights beside it: w − lr·(m̂/(√v̂ + epsilon) + weight_decay·w).

    config: as in `adam`, and weight_decay (1e-2). Source: Loshchilov and Hutter, 2019, algorithm 2.
    """
    config = _config(config, w, dw, {**ADAM, "weight_decay": 1e-2}, ("m", "v"))
    step = _adam_direction(dw, config) + float(config["weight_decay"]) * w
    return w - float(config["learning_rate"]) * step, config


ADAM = {"learning_rate": 1e-3, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, "t": 0}
RULES: dict[str, Rule] = {rule.__name__: rule for rule in (sgd, sgd_momentum, nesterov, adagrad, rmsprop, adam, adamw)}


def _adam_direction(dw: Array, config: Config) -> Array:
    beta1, beta2 = float(config["beta1"]), float(config["beta2"])
    steps = config["t"] + 1
    means = {"m": beta1 * config["m"] + (1 - beta1) * dw, "v": beta2 * config["v"] + (1 - beta2) * (dw * dw)}
    config |= {"t": steps, **means}
    root = np.sqrt(means["v"] / (1 - beta2**steps))
    return means["m"] / (1 - beta1**steps) / (root + float(config["epsilon"]))


def _config(
    config: Config | None, w: Array, dw: Array, defaults: dict[str, float], states: tuple[str, ...] = ()
) -> Config:
    """`config` with its missing keys filled in: numbers from `defaults`, arrays of zeros for `states`."""
    if np.shape(w) != np.shape(dw):
        raise ValueError(f"the parameter has shape {np.shape(w)} but its gradient {np.shape(dw)}")
    config = config if config is not None else {}
    for key, value in defaults.items():
        config.setdefault(key, value)
    for key in states:
        found = np.shape(config.setdefault(key, np.zeros_like(w)))
        if found != np.shape(w):
            raise ValueError(
                f"config[{key!r}] has shape {found} but the parameter {np.shape(w)}; "
                "give each parameter a config of its own"
            )
    return config
