"""Hidden tests of early stopping."""

import numpy as np

from autograder.oracles import optimizers as oracles
from autograder.testing import expect, expect_close, expect_equal, hidden


def follow(student, values, patience, min_delta=0.0, mode="min"):
    """Feed a stopper; compare what it says, its best value and its best state after each update with the oracle's."""
    stopper = student.EarlyStopping(patience, min_delta, mode)
    for number, (value, verdict) in enumerate(
        zip(values, oracles.verdicts(values, patience, min_delta, mode), strict=True)
    ):
        said = stopper.update(float(value), {"W": np.array([float(number)])})
        expect(said in (True, False) and np.ndim(said) == 0, "update should return True or False")
        expect(bool(said) == verdict.stop, _wrong_verdict(verdict.stop))
        if verdict.best is not None:
            expect_close(stopper.best_value, float(values[verdict.best]), what="best_value")
            best = stopper.best
            expect(isinstance(best, dict) and list(best) == ["W"], "best should be a state that was passed to update")
            expect_close(best["W"], np.array([float(verdict.best)]), what="the state in best")
        if verdict.stop:
            break


def _wrong_verdict(stop):
    return "update did not say stop when it should" if stop else "update said stop too early"


def falling_then_stuck(rng, patience):
    """Values that fall, then stay above the lowest for as long as patience lasts."""
    falling = np.sort(rng.uniform(0.4, 1.0, size=4))[::-1]
    return [*falling.tolist(), *rng.uniform(0.5, 1.0, size=patience + 1).tolist()]


@hidden("EarlyStopping", weight=2)
def stops_when_patience_is_used_up(student, rng):
    """says stop exactly when so many updates in a row were no better"""
    for patience in (1, 3):
        values = [1.0, 0.8, 0.5, *rng.uniform(0.6, 0.9, size=patience).tolist()]
        follow(student, values, patience)


@hidden("EarlyStopping", weight=2)
def keeps_the_best(student, rng):
    """best is the state of the best value, not of the last"""
    follow(student, [0.9, 0.7, 0.8, 0.75, 0.72], 5)
    follow(student, falling_then_stuck(rng, 3), 6)


@hidden("EarlyStopping", weight=2)
def patience_begins_anew(student, rng):
    """after an improvement the whole patience is there again"""
    up, low = rng.uniform(0.85, 0.95, size=8), rng.uniform(0.1, 0.2)
    follow(student, [0.8, up[0], up[1], 0.6, up[2], up[3], 0.4, up[4], low, up[5], up[6], up[7]], 3)


@hidden("EarlyStopping")
def small_gains_do_not_count(student, rng):
    """gains up to min_delta, one after the other and all together"""
    start = float(rng.uniform(2.0, 3.0))
    follow(student, [start, start - 0.08, start - 0.15, start - 0.09], 3, min_delta=0.2)
    follow(student, [start, start - 0.1, start - 0.3, start - 0.35, start - 0.7, start - 0.6, start - 0.65], 2, 0.2)


@hidden("EarlyStopping")
def small_gains_use_up_patience(student, rng):
    """when to stop, while values gain less than min_delta"""
    start, patience = float(rng.uniform(2.0, 3.0)), 3
    values = [start, start - 0.05, start - 0.1, start - 0.15]
    stopper = student.EarlyStopping(patience, 0.2)
    said = [bool(stopper.update(value, {"W": np.zeros(1)})) for value in values]
    expect(said == [verdict.stop for verdict in oracles.verdicts(values, patience, 0.2)], _wrong_verdict(not said[-1]))


@hidden("EarlyStopping")
def a_little_worse_is_worse(student, rng):
    """values that are worse by less than min_delta"""
    start = float(rng.uniform(2.0, 3.0))
    follow(student, [start, start + 0.1, start + 0.05], 2, min_delta=0.2)


@hidden("EarlyStopping")
def an_equal_value_is_no_gain(student, rng):
    """a value that stays the same"""
    follow(student, [0.5, 0.5, 0.5, 0.5], 3)


@hidden("EarlyStopping", weight=2)
def larger_is_better_in_max_mode(student, rng):
    """mode 'max', with and without min_delta"""
    values = [0.1, 0.4, 0.3, 0.6, *rng.uniform(0.2, 0.5, size=3).tolist()]
    follow(student, values, 3, mode="max")
    follow(student, [-0.9, -0.5, -0.45, -0.2, -0.15, -0.1], 2, min_delta=0.2, mode="max")


@hidden("EarlyStopping")
def the_arrays_are_copied(student, rng):
    """training goes on in the arrays that were passed in: best must not change with them"""
    stopper = student.EarlyStopping(3, 0.0)
    before = rng.normal(size=3)
    weights = student.keep(before)
    state = student.keep({"W": weights})
    stopper.update(1.0, state)
    weights[slice(None)] = 0.0
    stopper.update(2.0, state)
    expect_close(stopper.best["W"], before, what="the state in best after training went on")


@hidden("EarlyStopping")
def the_dict_is_copied(student, rng):
    """training goes on in the dict that was passed in: best must not change with it"""
    stopper = student.EarlyStopping(3, 0.0)
    before = rng.normal(size=3)
    state = student.keep({"W": before})
    stopper.update(1.0, state)
    state["W"] = np.ones(3)
    stopper.update(2.0, state)
    expect_close(stopper.best["W"], before, what="the state in best after training went on")


@hidden("EarlyStopping")
def not_a_number_is_no_gain(student, rng):
    """a loss that is NaN counts as no better, at the start too"""
    follow(student, [0.5, float("nan"), 0.4, float("nan"), 0.6], 2)
    follow(student, [float("nan"), 0.7, 0.9], 3)


@hidden("EarlyStopping")
def two_stoppers(student, rng):
    """two at once do not disturb each other"""
    low, high = student.EarlyStopping(2, 0.0), student.EarlyStopping(2, 0.0)
    low.update(0.1, {"W": np.array([1.0])})
    high.update(0.9, {"W": np.array([2.0])})
    expect_equal(
        [bool(high.update(0.8, {"W": np.array([3.0])})), bool(low.update(0.5, {"W": np.zeros(1)}))], [False] * 2
    )
    expect_close(high.best["W"], np.array([3.0]), what="the state in best of the second")
    expect_close(low.best["W"], np.array([1.0]), what="the state in best of the first")
