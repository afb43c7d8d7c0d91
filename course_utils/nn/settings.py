"""What a Solver is given, checked before it costs time: every mistake is a ValueError that says what to do."""

import math
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course_utils import short_mode
from course_utils.nn.evaluation import gives_scores
from course_utils.nn.losses import check_labels, check_targets
from course_utils.nn.update_rules import RULES, Rule

Array = NDArray[Any]


def check_net(net: Any) -> None:
    """The net has what a Solver uses."""
    params = getattr(net, "params", None)
    if not isinstance(params, dict) or not params or not all(isinstance(w, np.ndarray) for w in params.values()):
        raise ValueError(
            f"Solver: {type(net).__name__} needs an attribute `params`, a dict of arrays like {{'W1': ..., 'b1': ...}}"
        )
    for name, value in params.items():
        if value.dtype.kind != "f":
            raise ValueError(f"Solver: params[{name!r}] is {value.dtype}; parameters are floating-point numbers")
    for method in ("loss", "predict"):
        if not callable(getattr(net, method, None)):
            raise ValueError(f"Solver: {type(net).__name__} needs a method `{method}`")


def check_counts(num_epochs: int, batch_size: int, patience: int | None, stop_factor: float | None) -> None:
    """Counts are whole numbers of at least 1."""
    for name, count in (("num_epochs", num_epochs), ("batch_size", batch_size), ("patience", patience)):
        whole = isinstance(count, int | np.integer) and not isinstance(count, bool) and count >= 1
        if not whole and not (name == "patience" and count is None):
            raise ValueError(f"Solver: {name} is {count!r}; wanted a whole number of at least 1")
    if stop_factor is not None and not (isinstance(stop_factor, int | float | np.number) and stop_factor > 1):
        raise ValueError(f"Solver: stop_factor is {stop_factor!r}; wanted a number above 1, or None for no limit")


def epochs_to_train(num_epochs: int, iterations_per_epoch: int) -> int:
    """`num_epochs`; in the short mode at most as many as fit into its STEPS, and at least one."""
    if not short_mode.short_mode():
        return num_epochs
    return min(num_epochs, max(1, short_mode.STEPS // iterations_per_epoch))


def check_rows(net: Any, X: Array, y: Array, X_name: str, y_name: str) -> int:
    """X and y fit together and the net; returns the number of classes, as far as it can be known."""
    if X.ndim < 2 or len(X) == 0:
        raise ValueError(f"Solver: {X_name} has shape {X.shape}; wanted (N, ...) with at least one row")
    if y.ndim not in (1, 2) or len(y) != len(X):
        raise ValueError(
            f"Solver: {X_name} has {len(X)} rows but {y_name} has shape {y.shape}; "
            f"wanted ({len(X)},) labels or ({len(X)}, C) probabilities"
        )
    if gives_scores(net):
        scores = np.asarray(net.loss(X[:1]))  # where shapes do not fit, the net's own error says so
        if scores.ndim != 2 or len(scores) != 1:
            raise ValueError(f"Solver: net.loss(X) on one row gave shape {scores.shape}; wanted scores (1, C)")
        check_targets(f"Solver ({y_name})", np.broadcast_to(scores, (len(X), scores.shape[1])), y)
        return scores.shape[1]
    if y.ndim == 1:
        check_labels(f"Solver ({y_name})", y)
        return int(y.max()) + 1
    return y.shape[1]


def check_rule(update_rule: str | Rule) -> Rule:
    """The rule itself, for a name."""
    if callable(update_rule):
        return update_rule
    if not isinstance(update_rule, str) or update_rule not in RULES:
        raise ValueError(
            f"Solver: update_rule is {update_rule!r}; it is a function or one of {', '.join(map(repr, RULES))}"
        )
    return RULES[update_rule]


def starting_config(rule: Rule, optim_config: dict[str, Any] | None) -> dict[str, Any]:
    """The config a parameter starts with: what was given, and the rule's own learning rate where none was.

    A rule fills in what is missing, so a step on a made-up parameter shows its keys and defaults.
    """
    if not isinstance(optim_config or {}, dict):
        raise ValueError(f'Solver: optim_config is {optim_config!r}; wanted a dict such as {{"learning_rate": 0.01}}')
    given = dict(optim_config or {})
    given |= {key: value.item() for key, value in given.items() if isinstance(value, np.generic)}
    ours = rule in RULES.values()
    try:
        with np.errstate(all="ignore"):  # 0/0 where a rule divides by the gradient's size
            answer = rule(np.zeros(1), np.zeros(1), {} if ours else dict(given))
    except KeyError as missing:
        raise ValueError(f"Solver: optim_config needs {missing}, for which the update rule has no default") from missing
    match answer:
        case (next_w, dict(filled)) if np.shape(next_w) == (1,):
            pass
        case _:
            raise ValueError(
                "Solver: the update rule must return the pair (next_w, config), an array of the shape of w and a dict; "
                f"it returned {answer!r}"
            )
    if ours and (unknown := given.keys() - filled.keys()):
        known = ", ".join(key for key, value in filled.items() if not isinstance(value, np.ndarray) and key != "t")
        raise ValueError(f"Solver: optim_config has {sorted(unknown)}; {rule.__name__} knows {known}")
    if "learning_rate" not in filled:
        raise ValueError('Solver: optim_config needs "learning_rate", as the update rule has none of its own')
    for key in filled.keys() & {"learning_rate", "weight_decay"}:
        given.setdefault(key, filled[key])
    rate = given["learning_rate"]
    if not isinstance(rate, int | float) or not 0 < rate < math.inf:
        raise ValueError(f"Solver: the learning rate is {rate!r}; wanted a finite number above 0")
    return given


def check_checkpoint(path: Path | None) -> None:
    """Nothing that is known to stand in the way of writing this file."""
    if path is not None and path.is_dir():
        raise ValueError(f"Solver: checkpoint is {path}, a folder; wanted a file, such as {path / 'training.npz'}")


def check_rate(rate: Any, t: int, total: int) -> float:
    """What a schedule gave for iteration t, as a float."""
    if not isinstance(rate, int | float | np.number) or not 0 <= rate < math.inf:
        raise ValueError(
            f"Solver: the schedule gave the learning rate {rate!r} for t = {t} of {total}; "
            "wanted a finite number of at least 0"
        )
    return float(rate)


def check_batch(batch: Any) -> tuple[Array, Array]:
    """What `augment` returned, as arrays."""
    if not isinstance(batch, tuple) or len(batch) != 2 or len(batch[0]) != len(batch[1]) or len(batch[0]) == 0:
        raise ValueError("Solver: augment must return (X_batch, y_batch), two arrays with as many rows as each other")
    return np.asarray(batch[0]), np.asarray(batch[1])


def check_gradients(params: dict[str, Array], grads: dict[str, Array]) -> None:
    """There is a gradient for each parameter, in its shape."""
    if missing := params.keys() - grads.keys():
        raise ValueError(f"Solver: net.loss(X, y) gave no gradient for {', '.join(sorted(missing))}")
    for name, w in params.items():
        if np.shape(grads[name]) != w.shape:
            raise ValueError(
                f"Solver: the gradient of {name} has shape {np.shape(grads[name])}, the parameter {w.shape}"
            )
