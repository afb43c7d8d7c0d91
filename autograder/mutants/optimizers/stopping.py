"""Mistakes in early stopping."""

import copy
import math

from autograder.testing import alternative, mutant


@alternative("EarlyStopping", "a list of all values, deep copies")
class ListOfValues:
    def __init__(self, patience, min_delta=0.0, mode="min"):
        self.patience, self.min_delta, self.sign = patience, min_delta, 1 if mode == "min" else -1
        self.values, self.best_at = [], -1
        self.best, self.best_value = None, None

    def update(self, value, state):
        self.values.append(value)
        better = self.best_value is None or self.sign * (self.best_value - value) > self.min_delta
        if better and not math.isnan(value):
            self.best_at, self.best_value, self.best = len(self.values) - 1, value, copy.deepcopy(state)
        return len(self.values) - 1 - self.best_at >= self.patience


@alternative("EarlyStopping", "counts patience down, copies array by array")
class CountsDown:
    def __init__(self, patience, min_delta=0.0, mode="min"):
        self.patience = self.left = patience
        self.bar = float("inf") if mode == "min" else float("-inf")
        self.best_value = self.bar
        self.min_delta, self.mode, self.best = min_delta, mode, None

    def update(self, value, state):
        if value < self.bar - self.min_delta if self.mode == "min" else value > self.bar + self.min_delta:
            self.bar = self.best_value = value
            self.best = {name: array.copy() for name, array in state.items()}
            self.left = self.patience
            return False
        self.left -= 1
        return self.left <= 0


class _Stopper:
    """The right stopper in parts, for a mistake to replace one."""

    def __init__(self, patience, min_delta=0.0, mode="min"):
        self.patience, self.min_delta, self.mode = patience, min_delta, mode
        self.best, self.best_value, self.bad = None, math.inf if mode == "min" else -math.inf, 0

    def gain(self, value):
        return self.best_value - value if self.mode == "min" else value - self.best_value

    def better(self, value):
        return self.gain(value) > self.min_delta

    def keep(self, value, state):
        self.best_value, self.best = value, copy.deepcopy(state)

    def update(self, value, state):
        if self.better(value):
            self.keep(value, state)
            self.bad = 0
        else:
            self.bad += 1
        return self.bad >= self.patience


@mutant("EarlyStopping", "best is the last state, not the best: keep the state only when the value is better.")
class KeepsTheLast(_Stopper):
    def update(self, value, state):
        stop = super().update(value, state)
        self.best = copy.deepcopy(state)
        return stop


@mutant("EarlyStopping", "The state is not copied: training goes on in the same arrays and changes best as well.")
class KeepsAReference(_Stopper):
    def keep(self, value, state):
        self.best_value, self.best = value, state


@mutant(
    "EarlyStopping", "The dict is copied, but the arrays in it are the ones that training goes on to change: copy each."
)
class CopiesTheDictOnly(_Stopper):
    def keep(self, value, state):
        self.best_value, self.best = value, dict(state)


@mutant("EarlyStopping", "The count of updates without a gain is not set back after a gain.")
class NeverForgives(_Stopper):
    def update(self, value, state):
        if self.better(value):
            self.keep(value, state)
        else:
            self.bad += 1
        return self.bad >= self.patience


@mutant("EarlyStopping", "It stops one update too late: patience updates without a gain are enough.")
class OneTooLate(_Stopper):
    def update(self, value, state):
        super().update(value, state)
        return self.bad > self.patience


@mutant("EarlyStopping", "It stops one update too early: patience updates without a gain are allowed for.")
class OneTooEarly(_Stopper):
    def update(self, value, state):
        super().update(value, state)
        return self.bad >= max(self.patience - 1, 1)


@mutant("EarlyStopping", "It stops at the first update without a gain: patience is not used.")
class Impatient(_Stopper):
    def update(self, value, state):
        super().update(value, state)
        return self.bad > 0


@mutant("EarlyStopping", "Each value is compared with the one before: compare it with the best so far.")
class ComparesWithTheLast(_Stopper):
    last = None

    def better(self, value):
        before, self.last = self.last, value
        if before is None:
            return True
        return (before - value if self.mode == "min" else value - before) > self.min_delta

    def keep(self, value, state):
        lower = self.gain(value) > 0
        if lower:
            super().keep(value, state)


@mutant("EarlyStopping", "mode is not used: 'max' must look for larger values.")
class AlwaysMin(_Stopper):
    def __init__(self, patience, min_delta=0.0, mode="min"):
        super().__init__(patience, min_delta, "min")


@mutant(
    "EarlyStopping", "In mode 'max' best_value has the wrong sign: if values are negated, negate the best one back."
)
class NegatedInMax(_Stopper):
    def __init__(self, patience, min_delta=0.0, mode="min"):
        super().__init__(patience, min_delta, "min")
        self.sign = -1.0 if mode == "max" else 1.0

    def update(self, value, state):
        return super().update(self.sign * value, state)


@mutant("EarlyStopping", "min_delta is not used: a gain no larger than min_delta does not count.")
class NoMinDelta(_Stopper):
    def better(self, value):
        return self.gain(value) > 0


@mutant("EarlyStopping", "min_delta has the wrong sign: values a little worse than the best count as better.")
class GenerousDelta(_Stopper):
    def better(self, value):
        return self.gain(value) > -self.min_delta


@mutant(
    "EarlyStopping",
    "In mode 'max' min_delta has the wrong sign: the value must exceed the best by more than min_delta.",
)
class MinDeltaInMin(_Stopper):
    def better(self, value):
        return self.gain(value) > (self.min_delta if self.mode == "min" else -self.min_delta)


@mutant("EarlyStopping", "A value equal to the best counts as better: it must be better by more than min_delta.")
class EqualIsBetter(_Stopper):
    def better(self, value):
        return self.gain(value) >= self.min_delta


@mutant(
    "EarlyStopping", "NaN counts as better: every comparison with NaN is false, so ask whether the value is better."
)
class NanIsBetter(_Stopper):
    def better(self, value):
        return not self.gain(value) <= self.min_delta


@mutant(
    "EarlyStopping",
    "Small gains do not reset the count, but they move the best value: with min_delta both go together.",
)
class BestMovesWithSmallGains(_Stopper):
    def update(self, value, state):
        enough = self.better(value)
        if self.gain(value) > 0:
            self.keep(value, state)
        self.bad = 0 if enough else self.bad + 1
        return self.bad >= self.patience


@mutant("EarlyStopping", "best_value is not kept up to date beside best.")
class ForgetsTheValue(_Stopper):
    def __init__(self, patience, min_delta=0.0, mode="min"):
        super().__init__(patience, min_delta, mode)
        self.inner = _Stopper(patience, min_delta, mode)

    def update(self, value, state):
        first = self.best is None
        stop = self.inner.update(value, state)
        self.best = self.inner.best
        self.best_value = value if first else self.best_value
        return stop
