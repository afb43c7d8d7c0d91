"""Hidden tests of what is watched during training: `update_to_weight_ratio` and `diagnose`."""

import numpy as np

from autograder.oracles import two_layer_net as oracles
from autograder.testing import expect, expect_close, expect_equal, expect_shape, hidden

# Size of an update --------------------------------------------------------------------------------------------------------


@hidden("update_to_weight_ratio", weight=2)
def length_over_length(student, rng):
    """arrays with entries of either sign and of unlike sizes"""
    for shape in ((4, 3), (6,), (1, 1), (2, 3, 2)):
        param, update = rng.normal(size=shape) * rng.uniform(0.1, 3, size=shape), 1e-3 * rng.normal(size=shape)
        expect_close(
            student.update_to_weight_ratio(param, update), oracles.ratio(param, update), 1e-7, 0.0, what="the ratio"
        )


@hidden("update_to_weight_ratio")
def a_single_number_whatever_the_precision(student, rng):
    """float32 arrays in another memory order: a single number comes back, and they are left alone"""
    param, update = (np.asfortranarray(rng.normal(size=(5, 4)).astype(np.float32)) for _ in range(2))
    kept = student.keep(param), student.keep(update)
    ratio = student.update_to_weight_ratio(*kept)
    expect_shape(ratio, (), "the ratio")
    expect_close(ratio, oracles.ratio(param, update), 1e-5, 0.0, what="the ratio")
    unchanged = np.array_equal(student.value(kept[0]), param) and np.array_equal(student.value(kept[1]), update)
    expect(unchanged, "an argument was changed")


@hidden("update_to_weight_ratio")
def parameters_that_are_zero(student, rng):
    """a parameter of zeros, as a bias at the start"""
    update = rng.normal(size=4)
    expect_close(student.update_to_weight_ratio(rng.normal(size=4), np.zeros(4)), 0.0, what="an update of zeros")
    expect(student.update_to_weight_ratio(np.zeros(4), update) == np.inf, "a parameter of zeros should give infinity")
    expect(student.update_to_weight_ratio(np.zeros(4), np.zeros(4)) == 0, "zeros moved by zeros should give 0")


# Reading a history -----------------------------------------------------------------------------------------------------------


def falling(rng, start, end, steps=200, noise=0.02):
    """A loss curve that begins at start, falls quickly, and is near end over its last half."""
    t = np.linspace(0, 1, steps)
    curve = end + (start - end) * np.exp(-12 * t) + noise * start * rng.uniform(-1, 1, size=steps)
    curve[0] = start
    return curve


def a_run(loss, train=(0.3, 0.9), val=(0.3, 0.88), stopped=False):
    """A history whose accuracies have an early entry and a last one."""
    return {
        "loss": [float(entry) for entry in loss],
        "train_accuracy": list(train),
        "val_accuracy": list(val),
        "stopped": stopped,
    }


def expect_verdicts(student, cases):
    """cases: (what it is, history, right verdict). All are asked before any is judged."""
    answers = [student.diagnose(history) for _, history, _ in cases]
    for (what, _, right), answer in zip(cases, answers, strict=True):
        expect_equal(answer, right, what)


@hidden("diagnose", weight=2)
def losses_that_explode(student, rng):
    """losses that are not finite, that were once far above the start, or that end above it"""
    start, cases = float(rng.uniform(1, 3)), []
    for bad in (np.nan, np.inf):
        loss = falling(rng, start, 0.3 * start)
        loss[int(rng.integers(5, 150))] = bad
        cases.append(("a loss that is not finite", a_run(loss), "diverging"))
    high = falling(rng, start, 0.3 * start)
    high[int(rng.integers(5, 150))] = 7 * start
    rising = a_run(start * np.linspace(1, 1.8, 60), (0.1, 0.12), (0.1, 0.1))
    cut_short = a_run(np.append(falling(rng, start, 0.95 * start, 30), 8 * start), (), (), True)
    cases.append(("a loss far above the start, in the middle of the run", a_run(high), "diverging"))
    cases.append(("a loss that ends above its start", rising, "diverging"))
    cases.append(("a run that was stopped in its first epoch", cut_short, "diverging"))
    expect_verdicts(student, cases)


@hidden("diagnose", weight=2)
def losses_that_hardly_move(student, rng):
    """a loss that stays near its start, whatever its size and the accuracies"""
    cases = []
    for start in (0.02, 2.3, 40.0):
        flat = start * (1 - 0.03 * np.linspace(0, 1, 100))
        for train, val in (((0.3, 0.9), (0.3, 0.88)), ((0.1, 0.2), (0.1, 0.19)), ((0.1, 0.9), (0.1, 0.3))):
            cases.append(("a loss that hardly moves", a_run(flat, train, val), "learning rate too low"))
        cases.append(("a loss that fell by less than half", a_run(falling(rng, start, 0.6 * start)), "healthy"))
    expect_verdicts(student, cases)


@hidden("diagnose", weight=2)
def gaps_between_training_and_validation(student, rng):
    """training accuracy far above validation accuracy at the end"""
    loss, cases = falling(rng, 2.3, 0.2), []
    for train, val in (((0.3, 0.99), (0.3, 0.5)), ((0.2, 0.5), (0.2, 0.1)), ((0.9, 0.85), (0.85, 0.4))):
        cases.append(("a wide gap at the end", a_run(loss, train, val), "overfitting"))
    for train, val in (((0.9, 0.92), (0.3, 0.88)), ((0.3, 0.85), (0.3, 0.99))):
        cases.append(("no gap at the end", a_run(loss, train, val), "healthy"))
    expect_verdicts(student, cases)


@hidden("diagnose", weight=2)
def low_accuracies(student, rng):
    """a loss that fell, but a training accuracy that is low at the end"""
    loss, cases = falling(rng, 2.3, 1.4), []
    for train, val in (((0.1, 0.2), (0.1, 0.19)), ((0.9, 0.15), (0.85, 0.14)), ((0.1, 0.18), (0.1, 0.9))):
        cases.append(("a low training accuracy at the end", a_run(loss, train, val), "underfitting"))
    for train, val in (((0.1, 0.82), (0.1, 0.8)), ((0.3, 0.97), (0.3, 0.92))):
        cases.append(("a high training accuracy at the end", a_run(loss, train, val), "healthy"))
    expect_verdicts(student, cases)


@hidden("diagnose", weight=2)
def noisy_batches(student, rng):
    """single batches that are off, at the end and early on; short and long histories, and a plateau before a drop"""
    steady = 2.0 - 0.02 * np.linspace(0, 1, 200)
    steady[-1] = 0.8
    cases = [("a loss that hardly moves, with one low batch at the end", a_run(steady), "learning rate too low")]
    for off in (0.8, 3.2):
        good = falling(rng, 2.0, 0.5)
        good[3], good[-1] = 2.8, off
        cases.append(("a loss that falls, with two batches that are off", a_run(good), "healthy"))
    sudden = np.append(2.0, np.full(399, 0.5))
    bump = np.concatenate([np.linspace(2.0, 0.4, 100), np.full(290, 0.3), np.full(10, 2.0)])
    late = np.concatenate([[2.0], np.full(174, 2.1), np.linspace(2.1, 0.3, 5), np.full(20, 0.3)])
    cases.append(("a short history", a_run(np.linspace(2.3, 0.4, 10)), "healthy"))
    cases.append(("a long history that falls in a few steps", a_run(sudden), "healthy"))
    cases.append(("a long history with ten batches that are off", a_run(bump), "healthy"))
    cases.append(("a plateau and then a drop", a_run(late), "healthy"))
    expect_verdicts(student, cases)
