"""Dead units and Maxout: other right ways, and mistakes. Caches are those of the notebook's solution."""

import numpy as np

from autograder.testing import alternative, mutant

# Dead units --------------------------------------------------------------------------------------------------------------


@alternative("dead_fraction", "a loop over the units")
def unit_by_unit(activations):
    dead = 0
    for h in range(activations.shape[1]):
        dead += not np.any(activations[:, h])
    return dead / activations.shape[1]


@alternative("dead_fraction", "counts entries other than zero")
def counts_nonzero(activations):
    return 1 - np.count_nonzero(np.count_nonzero(activations, axis=0)) / activations.shape[1]


@alternative("dead_fraction", "the largest size in each column")
def largest_size(activations):
    return (np.abs(activations).max(axis=0) == 0).mean()


@mutant("dead_fraction", "This is the share of zeros among all outputs; count units that are zero on every row.")
def share_of_zeros(activations):
    return np.mean(activations == 0)


@mutant("dead_fraction", "This is the share of rows that are zero everywhere: units are columns.")
def dead_rows(activations):
    return np.mean(np.all(activations == 0, axis=1))


@mutant("dead_fraction", "A unit that is zero on a single row is counted: it must be zero on all of them.")
def ever_zero(activations):
    return np.mean(np.any(activations == 0, axis=0))


@mutant("dead_fraction", "This is the share of living units, one minus what was asked for.")
def living(activations):
    return np.mean(np.any(activations != 0, axis=0))


@mutant("dead_fraction", "This is the number of dead units: divide by the number of all units.")
def number(activations):
    return np.sum(np.all(activations == 0, axis=0))


@mutant("dead_fraction", "The sum of a column is tested; positive and negative outputs can cancel in it.")
def sum_is_zero(activations):
    return np.mean(activations.sum(axis=0) == 0)


@mutant("dead_fraction", "A unit that is always negative is counted as dead; its outputs are not zero.")
def never_positive(activations):
    return np.mean(activations.max(axis=0) <= 0)


@mutant("dead_fraction", "The largest output of a unit is tested; where that is 0, others may still be negative.")
def largest_is_zero(activations):
    return np.mean(activations.max(axis=0) == 0)


@mutant("dead_fraction", "The number of dead units is divided by the number of rows, not by that of units.")
def divided_by_rows(activations):
    return np.sum(np.all(activations == 0, axis=0)) / len(activations)


@mutant("dead_fraction", "Small outputs are taken for zeros: a unit is dead only if it is exactly zero.")
def nearly_zero(activations):
    return np.mean(np.all(np.abs(activations) < 1e-4, axis=0))


@mutant("dead_fraction", "Only the first row is looked at; a unit is dead if it is zero on every row.")
def first_row(activations):
    return np.mean(activations[0] == 0)


@mutant("dead_fraction", "Only the last row is looked at; a unit is dead if it is zero on every row.")
def last_row(activations):
    return np.mean(activations[-1] == 0)


@mutant("dead_fraction", "The result is rounded down to a whole number by an integer division.")
def integer_division(activations):
    return int(np.sum(np.all(activations == 0, axis=0))) // activations.shape[1]


# Maxout ------------------------------------------------------------------------------------------------------------------


@alternative("maxout", "where, with ties to the second", replaces="maxout_forward")
def ties_to_the_second(x, w1, b1, w2, b2):
    one, other = x @ w1 + b1, x @ w2 + b2
    return np.where(one > other, one, other), (x, w1, w2, one > other)


@alternative("maxout", "by products with the mask", replaces="maxout_backward")
def products_with_the_mask(dout, cache):
    x, w1, w2, mask = cache
    one, other = dout * mask, dout * (1 - mask)
    return one.dot(w1.T) + other.dot(w2.T), x.T.dot(one), np.sum(one, axis=0), x.T.dot(other), np.sum(other, axis=0)


@alternative("maxout", "with a loop over the examples, biases in rows", replaces="maxout_backward")
def example_by_example(dout, cache):
    x, w1, w2, mask = cache
    dx, dw1, dw2 = np.zeros_like(x), np.zeros_like(w1), np.zeros_like(w2)
    db1, db2 = np.zeros((1, w1.shape[1])), np.zeros((1, w1.shape[1]))
    for n in range(len(x)):
        one, other = np.where(mask[n], dout[n], 0), np.where(mask[n], 0, dout[n])
        dx[n] = w1 @ one + w2 @ other
        dw1, dw2 = dw1 + np.outer(x[n], one), dw2 + np.outer(x[n], other)
        db1, db2 = db1 + one, db2 + other
    return dx, dw1, db1, dw2, db2


def _forward(x, w1, b1, w2, b2, choose):
    one, other = x @ w1 + b1, x @ w2 + b2
    return choose(one, other), (x, w1, w2, one >= other)


def _backward(one, other, cache):
    x, w1, w2, _ = cache
    return one @ w1.T + other @ w2.T, x.T @ one, one.sum(axis=0), x.T @ other, other.sum(axis=0)


@mutant("maxout", "The smaller of the two pieces is taken.", replaces="maxout_forward")
def the_smaller(x, w1, b1, w2, b2):
    return _forward(x, w1, b1, w2, b2, np.minimum)


@mutant("maxout", "The two pieces are added; the larger of them is the output.", replaces="maxout_forward")
def added(x, w1, b1, w2, b2):
    return _forward(x, w1, b1, w2, b2, np.add)


@mutant(
    "maxout",
    "The output is cut off at zero: Maxout takes the larger piece even if both are negative.",
    replaces="maxout_forward",
)
def cut_off_at_zero(x, w1, b1, w2, b2):
    return _forward(x, w1, b1, w2, b2, lambda one, other: np.maximum(0, np.maximum(one, other)))


@mutant("maxout", "b1 is added to both pieces: the second has its own bias, b2.", replaces="maxout_forward")
def one_bias_for_both(x, w1, b1, w2, b2):
    out, _ = _forward(x, w1, b1, w2, b1, np.maximum)
    return out, _forward(x, w1, b1, w2, b2, np.maximum)[1]


@mutant(
    "maxout",
    "The gradient flows into both pieces: only the one that won an entry receives it.",
    replaces="maxout_backward",
)
def to_both_pieces(dout, cache):
    return _backward(dout, dout, cache)


@mutant(
    "maxout", "The gradient is split half and half: the piece that won receives all of it.", replaces="maxout_backward"
)
def half_and_half(dout, cache):
    return _backward(dout / 2, dout / 2, cache)


@mutant("maxout", "The gradient flows into the piece that lost.", replaces="maxout_backward")
def to_the_loser(dout, cache):
    return _backward(np.where(cache[3], 0, dout), np.where(cache[3], dout, 0), cache)


def _right(dout, cache):
    return _backward(np.where(cache[3], dout, 0), np.where(cache[3], 0, dout), cache)


@mutant(
    "maxout",
    "dx holds the first piece's contribution only: that of the second must be added.",
    replaces="maxout_backward",
)
def dx_of_the_first(dout, cache):
    return np.where(cache[3], dout, 0) @ cache[1].T, *_right(dout, cache)[1:]


@mutant(
    "maxout",
    "dx goes through the first matrix everywhere, also where the second piece won.",
    replaces="maxout_backward",
)
def dx_through_the_first(dout, cache):
    return dout @ cache[1].T, *_right(dout, cache)[1:]


@mutant("maxout", "The gradients of the biases are means over the examples; they are sums.", replaces="maxout_backward")
def mean_for_the_biases(dout, cache):
    dx, dw1, db1, dw2, db2 = _right(dout, cache)
    return dx, dw1, db1 / len(dout), dw2, db2 / len(dout)


@mutant(
    "maxout", "Both biases receive the sum of the whole dout: split it between the pieces.", replaces="maxout_backward"
)
def biases_not_split(dout, cache):
    dx, dw1, _, dw2, _ = _right(dout, cache)
    return dx, dw1, dout.sum(axis=0), dw2, dout.sum(axis=0)


@mutant(
    "maxout",
    "The gradients are returned in another order: x, w1, b1, w2, b2 was asked for.",
    replaces="maxout_backward",
)
def another_order(dout, cache):
    dx, dw1, db1, dw2, db2 = _right(dout, cache)
    return dx, dw1, dw2, db1, db2


@mutant(
    "maxout",
    "The winner is decided by the sign of dout; it is decided by which piece was larger.",
    replaces="maxout_backward",
)
def winner_from_dout(dout, cache):
    return _backward(np.where(dout > 0, dout, 0), np.where(dout > 0, 0, dout), cache)


@mutant(
    "maxout",
    "The two halves are the same array: setting entries to zero in the one empties the other, and dout with them.",
    replaces="maxout_backward",
)
def one_array_for_both(dout, cache):
    one, other = dout, dout
    one[~cache[3]] = 0
    other[cache[3]] = 0
    return _backward(one, other, cache)


@mutant("maxout", "The gradients are right, but dout was changed in place: mask a copy.", replaces="maxout_backward")
def changes_dout(dout, cache):
    other = np.where(cache[3], 0, dout)
    dout[~cache[3]] = 0
    return _backward(dout, other, cache)
