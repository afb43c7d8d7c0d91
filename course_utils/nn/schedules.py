"""Learning rates that change during training."""

import math
from collections.abc import Callable, Sequence
from typing import Any


def learning_rate(schedule: str, t: int, total: int, base: float, warmup: int = 0, **options: Any) -> float:
    """The learning rate of step t = 0, 1, ..., total − 1. The answer to `learning_rate` in notebook 06.

    | schedule       | learning rate                                  | options                                        |
    | -------------- | ---------------------------------------------- | ---------------------------------------------- |
    | "constant"     | base                                           |                                                |
    | "step"         | base·factor^⌊t/every⌋                          | every: steps; factor (0.5)                     |
    | "milestones"   | base·factor^(number of milestones ≤ t)         | milestones: steps; factor (0.1)                |
    | "exponential"  | base·exp(−decay·t)                             | decay: per step                                |
    | "inverse_time" | base/(1 + decay·t)                             | decay: per step                                |
    | "cosine"       | base·(1 + cos(π·t/total))/2                    | (Loshchilov and Hutter, 2017, without restarts)|
    | "linear"       | base·(1 − t/total)                             |                                                |
    | "inverse_sqrt" | base/√max(t, 1)                                |                                                |

    `warmup` = k, with any of them: base·(t + 1)/k while t < k; then the schedule starts, with t − k for t and
    total − k for total. Raises ValueError for an unknown schedule, options it does not have or lacks, and a t that is
    not between 0 and total.
    """
    if schedule not in SHAPES:
        raise ValueError(f"learning_rate: schedule is {schedule!r}; it is one of {', '.join(map(repr, SHAPES))}")
    if not 0 <= t <= total:
        raise ValueError(f"learning_rate: t is {t}; steps go from 0 to total = {total}")
    if warmup < 0:
        raise ValueError(f"learning_rate: warmup is {warmup}; it is a number of steps, 0 for none")
    shape, needed, possible = SHAPES[schedule]
    if missing := needed - options.keys():
        raise ValueError(f"learning_rate: {schedule!r} needs the option {_listed(missing)}")
    if unknown := options.keys() - needed - possible:
        has = _listed({*needed, *possible, "warmup"})
        raise ValueError(f"learning_rate: {schedule!r} has no option {_listed(unknown)}; it has {has}")
    if t < warmup:
        return float(base * (t + 1) / warmup)
    return float(base * shape(t - warmup, max(total - warmup, 1), **options))


def _step(t: int, total: int, every: int, factor: float = 0.5) -> float:
    if every < 1:
        raise ValueError(f"learning_rate: every is {every}; it is a number of steps, at least 1")
    return factor ** (t // every)


def _milestones(t: int, total: int, milestones: Sequence[int], factor: float = 0.1) -> float:
    return factor ** sum(t >= milestone for milestone in milestones)


SHAPES: dict[str, tuple[Callable[..., float], set[str], set[str]]] = {
    "constant": (lambda t, total: 1.0, set(), set()),
    "step": (_step, {"every"}, {"factor"}),
    "milestones": (_milestones, {"milestones"}, {"factor"}),
    "exponential": (lambda t, total, decay: math.exp(-decay * t), {"decay"}, set()),
    "inverse_time": (lambda t, total, decay: 1 / (1 + decay * t), {"decay"}, set()),
    "cosine": (lambda t, total: (1 + math.cos(math.pi * t / total)) / 2, set(), set()),
    "linear": (lambda t, total: 1 - t / total, set(), set()),
    "inverse_sqrt": (lambda t, total: 1 / math.sqrt(max(t, 1)), set(), set()),
}


def _listed(names: set[str]) -> str:
    return ", ".join(map(repr, sorted(names)))
