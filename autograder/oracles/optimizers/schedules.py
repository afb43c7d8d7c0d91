"""The learning rate of a schedule, from the picture of each one rather than from its formula."""

import cmath
import math


def _step(t, total, every, factor=0.5):
    return math.prod([factor] * len(range(every, t + 1, every)))


def _milestones(t, total, milestones, factor=0.1):
    return math.prod(factor if t >= drop else 1.0 for drop in milestones)


def _exponential(t, total, decay):
    return math.exp(-decay) ** t


def _inverse_time(t, total, decay):
    return 1.0 / math.fsum([1.0, *([decay] * t)])


def _cosine(t, total):
    """The height of a point that goes half around a circle of radius one half."""
    return (0.5 + 0.5 * cmath.rect(1.0, math.pi * t / total)).real


def _linear(t, total):
    return (total - t) / total


def _inverse_sqrt(t, total):
    return 1.0 if t == 0 else math.pow(t, -0.5)


SHAPES = {
    "constant": lambda t, total: 1.0,
    "step": _step,
    "milestones": _milestones,
    "exponential": _exponential,
    "inverse_time": _inverse_time,
    "cosine": _cosine,
    "linear": _linear,
    "inverse_sqrt": _inverse_sqrt,
}


def rate(schedule, t, total, base, warmup=0, **options):
    """The rate of step t out of total; a climb of `warmup` equal stairs to base comes before the schedule."""
    if t < warmup:
        return math.fsum([base / warmup] * (t + 1))
    return base * SHAPES[schedule](t - warmup, total - warmup, **options)
