"""Hidden tests of smoothed labels and of the cross-entropy with soft targets."""

import numpy as np

from autograder.byvalue import StudentError
from autograder.oracles import regularization as oracles
from autograder.testing import ban, expect, expect_close, expect_shape, hidden

ban("soft_cross_entropy", "nn.softmax_loss", "torch")

# Labels ----------------------------------------------------------------------------------------------------------------


@hidden("smooth_labels", weight=2)
def several_classes(student, rng):
    """the share of the label and of the other classes, for several numbers of classes"""
    for classes in (3, 4, 7):
        y, eps = rng.integers(0, classes, size=9), float(rng.uniform(0.1, 0.5))
        expect_close(student.smooth_labels(y, classes, eps), oracles.smooth_labels(y, classes, eps), what="the targets")


@hidden("smooth_labels", weight=2)
def rows_sum_to_one(student, rng):
    """every row sums to 1"""
    y, eps = rng.integers(0, 5, size=6), float(rng.uniform(0.2, 0.6))
    found = student.smooth_labels(y, 5, eps)
    expect_shape(found, (6, 5), "the targets")
    expect_close(np.sum(found, axis=1), np.ones(6), what="the sums of the rows")


@hidden("smooth_labels")
def two_classes_and_absent_labels(student, rng):
    """two classes, classes that no label names, a single example, as many examples as classes"""
    for y, classes in (([0, 1, 1], 2), ([1, 0, 1], 6), ([2], 4), ([3, 1, 0, 2], 4)):
        labels, eps = np.array(y), float(rng.uniform(0.1, 0.4))
        expect_close(
            student.smooth_labels(labels, classes, eps), oracles.smooth_labels(y, classes, eps), what="the targets"
        )


@hidden("smooth_labels")
def none_and_all(student, rng):
    """eps = 0 gives one-hot rows, eps = 1 nothing to the label; labels of other integer types"""
    y = rng.integers(0, 6, size=5)
    for eps, kind in ((0.0, np.int32), (1.0, np.uint8), (0.25, np.int64)):
        found = student.smooth_labels(y.astype(kind), 6, eps)
        expect_close(found, oracles.smooth_labels(y, 6, eps), what="the targets")


# The loss --------------------------------------------------------------------------------------------------------------


def problem(rng, n=6, c=5, scale=2.0):
    """Scores, and targets whose rows sum to 1 with no entry near zero."""
    weights = rng.uniform(0.2, 1.5, size=(n, c))
    return scale * rng.normal(size=(n, c)), weights / weights.sum(axis=1, keepdims=True)


def asked(student, scores, targets):
    reply = student.soft_cross_entropy(scores, targets)
    expect(isinstance(reply, (tuple, list)) and len(reply) == 2, "two things must come back: (loss, dscores)")
    return reply


def expect_written_out(student, scores, targets):
    """nn.softmax_loss is not called: for one call the grader's function stands in its place."""
    try:
        library, whole, called = student.nn, student.box(student.nn, "softmax_loss"), []
    except StudentError:
        return  # known mistakes are run without the notebook's imports
    library.softmax_loss = lambda *arguments, **named: called.append(True)
    try:
        student.unrecorded(student.soft_cross_entropy, scores, targets)
    finally:
        library.softmax_loss = whole
        expect(not called, "nn.softmax_loss was called: that is the whole answer, which is to be written here")


def expect_right(student, scores, targets, rtol=1e-6, atol=1e-7):
    loss, dscores = asked(student, scores, targets)
    expect(np.all(np.isfinite(loss)) and np.all(np.isfinite(dscores)), "the loss or its gradient is not finite")
    expect_close(loss, oracles.soft_cross_entropy(scores, targets), rtol, atol, what="the loss")
    expect_close(dscores, oracles.soft_cross_entropy_slopes(scores, targets), rtol, atol, what="dscores")


@hidden("soft_cross_entropy", weight=2)
def the_loss(student, rng):
    """the loss of a batch with targets of every size"""
    scores, targets = problem(rng)
    expect_close(asked(student, scores, targets)[0], oracles.soft_cross_entropy(scores, targets), 1e-6, what="the loss")
    expect_written_out(student, scores, targets)


@hidden("soft_cross_entropy", weight=2)
def its_gradient(student, rng):
    """the gradient of a batch with targets of every size"""
    scores, targets = problem(rng)
    expect_close(
        asked(student, scores, targets)[1], oracles.soft_cross_entropy_slopes(scores, targets), 1e-6, what="dscores"
    )
    expect_written_out(student, scores, targets)


@hidden("soft_cross_entropy", weight=2)
def large_scores(student, rng):
    """scores in the thousands, of either sign"""
    scores, targets = problem(rng)
    expect_right(student, scores + 2000, targets, 1e-5, 1e-5)
    expect_right(student, scores - 2000, targets, 1e-5, 1e-5)


@hidden("soft_cross_entropy")
def rows_far_apart(student, rng):
    """rows whose scores are thousands apart from each other"""
    scores, targets = problem(rng)
    expect_right(student, scores + np.linspace(-1500, 1500, 6)[:, np.newaxis], targets, 1e-5, 1e-5)


@hidden("soft_cross_entropy")
def scores_far_apart_within_a_row(student, rng):
    """a score that is hundreds below the best of its row, with some probability as its target"""
    scores, targets = problem(rng)
    scores[:, 0] -= 900
    loss, _ = asked(student, scores, targets)
    expect(np.all(np.isfinite(loss)), "the loss is not finite where a probability is nearly 0")
    if np.ndim(loss) == 0 and 0 < loss < 0.9 * oracles.soft_cross_entropy(scores, targets):
        expect(False, "the loss is too small where a probability is nearly 0: no small number may be added or put in")
    expect_right(student, scores, targets, 1e-6, 1e-5)


@hidden("soft_cross_entropy")
def one_hot_targets(student, rng):
    """one-hot targets: the softmax loss of labels"""
    scores, _ = problem(rng, 7, 4)
    targets = np.eye(4)[rng.integers(0, 4, size=7)]
    expect_right(student, scores, targets)
    expect_written_out(student, scores, targets)


@hidden("soft_cross_entropy")
def other_sizes(student, rng):
    """one example, two classes, as many examples as classes, float32; nothing is changed"""
    for n, c in ((1, 4), (5, 2), (3, 3)):
        expect_right(student, *problem(rng, n, c))
    scores, targets = problem(rng)
    expect_right(student, scores.astype(np.float32), targets.astype(np.float32), 1e-4, 1e-4)
    kept = student.keep(scores), student.keep(targets)
    asked(student, *kept)
    expect(np.array_equal(student.value(kept[0]), scores), "scores was changed in place")
    expect(np.array_equal(student.value(kept[1]), targets), "targets was changed in place")
