"""The two losses of scores: mistakes, and other correct solutions."""

import math

import numpy as np

from autograder.testing import alternative, mutant


@alternative("svm_loss", "loops over rows and classes")
def svm_with_loops(x, y):
    n, c = x.shape
    loss, dx = 0.0, np.zeros((n, c))
    for i in range(n):
        for j in range(c):
            margin = float(x[i, j]) - float(x[i, y[i]]) + 1.0
            if j != y[i] and margin >= 0:
                loss += margin / n
                dx[i, j] += 1 / n
                dx[i, y[i]] -= 1 / n
    return loss, dx


@alternative("svm_loss", "sums over all classes, less what the true ones add")
def svm_with_mask(x, y):
    mine = np.eye(x.shape[1], dtype=bool)[y]
    margins = x - x[mine].reshape(-1, 1) + 1
    active = (margins > 0) & ~mine
    dx = (active - mine * active.sum(axis=1, keepdims=True)) / len(x)
    return np.where(active, margins, 0).sum(axis=1).mean(), dx


@alternative("softmax_loss", "a tiny number inside the logarithm")
def softmax_with_epsilon(x, y):
    e = np.exp(x - np.max(x, axis=1, keepdims=True))
    p = e / np.sum(e, axis=1, keepdims=True)
    loss = -np.sum(np.log(p[np.arange(len(y)), y] + 1e-8)) / len(y)
    one_hot = np.zeros_like(p)
    one_hot[np.arange(len(y)), y] = 1
    return loss, (p - one_hot) / len(y)


@alternative("softmax_loss", "loops over the rows")
def softmax_with_loops(x, y):
    dx, loss = np.zeros(x.shape), 0.0
    for i, true in enumerate(y.tolist()):
        row = x[i].astype(float)
        log_sum = row.max() + math.log(np.exp(row - row.max()).sum())
        loss += log_sum - row[true]
        dx[i] = np.exp(row - log_sum)
        dx[i, true] -= 1.0
    return loss / len(y), dx / len(y)


def _svm(x, y, delta=1.0, own=False, clip=True, true_column="count", no_mask=False, squared=False, reverse=False):
    """Sums of loss and gradient over the rows, with faults."""
    rows = np.arange(len(y))
    margins = x - x[rows, y][:, None] + delta
    if reverse:
        margins = x[rows, y][:, None] - x + delta
    if not own:
        margins[rows, y] = 0
    active = margins > 0
    if clip:
        margins = np.where(active, margins, 0)
    dx = np.ones(x.shape) if no_mask else active.astype(float)
    dx[rows, y] = 0
    count = dx.sum(axis=1)
    dx[rows, y] = -{
        "count": count,
        "once": (count > 0) * 1.0,
        "always": np.ones(len(y)),
        "none": 0.0 * count,
        "sum": margins.sum(axis=1),
    }[true_column]
    if own:
        dx[rows, y] += 1.0
    return np.sum(margins**2) if squared else np.sum(margins), dx


def _softmax(x, y, shift="row", true_less=1.0, true_only=False, axis=1, all_columns=False, logs=False, pairs=False):
    """Sums of loss and gradient over the rows, with faults."""
    rows = np.arange(len(y))
    with np.errstate(all="ignore"):
        top = {"row": x.max(axis=1, keepdims=True), "column": x.max(axis=0), "none": 0.0, "all": x.max()}[shift]
        e = np.exp(x - top)
        p = e / e.sum(axis=axis, keepdims=True)
        loss = np.sum(-np.log(p[:, y] if pairs else p[rows, y]))
        dx = np.log(p) if logs else p.copy()
    dx[slice(None) if all_columns else rows, y] -= true_less
    if true_only:
        dx = np.where(np.eye(x.shape[1], dtype=bool)[y], dx, 0.0)
    return loss, dx


SUMS = {"svm_loss": _svm, "softmax_loss": _softmax}


def _fault(exercise, name, sentence, loss=lambda total, n, c: total / n, gradient=lambda dx, n, c: dx / n, **faults):
    def work(x, y):
        total, dx = SUMS[exercise](x, y, **faults)
        n, c = x.shape
        return loss(total, n, c), gradient(dx, n, c)

    work.__name__ = name
    mutant(exercise, sentence)(work)


for _exercise in SUMS:
    _fault(
        _exercise,
        "loss_not_averaged",
        "The loss is a sum over the batch; it should be divided by the number of examples.",
        loss=lambda total, n, c: total,
    )
    _fault(
        _exercise,
        "gradient_not_averaged",
        "The loss is a mean, but its gradient is a sum: divide dx by the number of examples as well.",
        gradient=lambda dx, n, c: dx,
    )
    _fault(
        _exercise,
        "neither_averaged",
        "Loss and gradient are sums over the batch: both should be divided by the number of examples.",
        loss=lambda total, n, c: total,
        gradient=lambda dx, n, c: dx,
    )
    _fault(
        _exercise,
        "averaged_over_classes",
        "The loss is divided by the number of classes as well; the mean is over the examples only.",
        loss=lambda total, n, c: total / (n * c),
    )
    _fault(
        _exercise,
        "gradient_averaged_twice",
        "The gradient is divided by the number of examples twice.",
        gradient=lambda dx, n, c: dx / n**2,
    )
    _fault(
        _exercise, "wrong_sign", "The gradient has the wrong sign: it points downhill.",
        gradient=lambda dx, n, c: -dx / n,
    )  # fmt: skip

_fault(
    "svm_loss",
    "true_class_charged",
    "The true class is charged its margin of 1 as well: leave it out of the sum.",
    own=True,
)
_fault("svm_loss", "no_margin", "The margin is 0: a true class has to lead by 1.", delta=0.0)
_fault("svm_loss", "not_clipped", "Negative margins lower the loss: each counts as at least 0.", clip=False)
_fault("svm_loss", "squared", "The margins are squared; this loss adds them as they are.", squared=True)
_fault(
    "svm_loss", "reversed", "The difference is the wrong way round: the true score is to be subtracted.", reverse=True
)
_fault(
    "svm_loss",
    "true_column_once",
    "The true column gets -1 for any number of violated margins; it should get minus their number: branches sum.",
    true_column="once",
)
_fault(
    "svm_loss",
    "true_column_always_minus_one",
    "The true column gets -1 in every row, even where no margin is violated; it should get minus their number.",
    true_column="always",
)
_fault(
    "svm_loss",
    "true_column_empty",
    "The gradient of the true class is missing: its score is subtracted in every margin.",
    true_column="none",
)
_fault(
    "svm_loss",
    "true_column_sums_margins",
    "The true column gets minus the sum of the margins; it should get minus their number.",
    true_column="sum",
)
_fault(
    "svm_loss",
    "met_margins_too",
    "Margins that are met pass on a gradient as well; only positive ones should.",
    no_mask=True,
)

_fault(
    "softmax_loss",
    "true_class_not_subtracted",
    "The gradient is the probabilities alone: 1 is to be subtracted in the true column.",
    true_less=0.0,
)
_fault(
    "softmax_loss",
    "true_class_added",
    "The gradient adds 1 in the true column; it is to be subtracted.",
    true_less=-1.0,
)
_fault(
    "softmax_loss",
    "true_column_only",
    "Only the true column has a gradient; the others receive their probability.",
    true_only=True,
)
_fault(
    "softmax_loss",
    "overflows",
    "The exponentials overflow for large scores: subtract the largest score of each row first.",
    shift="none",
)
_fault(
    "softmax_loss",
    "one_maximum_for_all",
    "One maximum is taken over the whole batch: rows far below it underflow. Each row has its own.",
    shift="all",
)
_fault(
    "softmax_loss",
    "sums_down_the_columns",
    "The exponentials are divided by sums over the examples; a row's probabilities should add up to 1.",
    axis=0,
)


_fault(
    "softmax_loss",
    "one_sum_for_all",
    "The exponentials are divided by the sum over the whole batch: each row has a sum of its own.",
    axis=None,
)
_fault(
    "softmax_loss",
    "one_maximum_a_column",
    "The maximum is taken down each column, which shifts the classes of a row differently; each row has its own.",
    shift="column",
)
_fault(
    "softmax_loss",
    "every_true_column",
    "The gradient subtracts 1 in the column of each label, in every row; a row has one true class.",
    all_columns=True,
)
_fault(
    "softmax_loss",
    "every_label_in_every_row",
    "The loss takes the probability of each label in every row, as p[:, y] does; a row has one true class.",
    pairs=True,
)
_fault(
    "softmax_loss",
    "gradient_of_logarithms",
    "The gradient is made of the logarithms of the probabilities; the probabilities belong there.",
    logs=True,
)


@mutant("softmax_loss", "The logarithm has base 2: these are bits, and nats are asked for.")
def bits(x, y):
    loss, dx = softmax_with_loops(x, y)
    return loss / math.log(2), dx


@mutant("softmax_loss", "The loss is minus the mean probability: its logarithm is missing.")
def no_logarithm(x, y):
    dx = softmax_with_loops(x, y)[1]
    p = len(y) * dx[np.arange(len(y)), y] + 1
    return -p.mean(), dx


@mutant("softmax_loss", "The logarithm is taken of the mean probability; take it row by row, then the mean.")
def log_of_the_mean(x, y):
    dx = softmax_with_loops(x, y)[1]
    p = len(y) * dx[np.arange(len(y)), y] + 1
    return -np.log(p.mean()), dx


@mutant(
    "softmax_loss", "The scores themselves are changed: an in-place operation such as -= reaches the caller's array."
)
def changes_the_scores(x, y):
    loss, dx = softmax_with_loops(x, y)
    x -= x.max(axis=1, keepdims=True)
    return loss, dx


@mutant("svm_loss", "The scores themselves are changed: an in-place operation such as -= reaches the caller's array.")
def svm_changes_the_scores(x, y):
    loss, dx = svm_with_loops(x, y)
    x -= x[np.arange(len(y)), y][:, None]
    return loss, dx


@mutant("svm_loss", "Each example is charged its worst margin only; every violated margin counts.")
def worst_rival_only(x, y):
    rows = np.arange(len(y))
    margins = x - x[rows, y][:, None] + 1
    margins[rows, y] = 0
    worst = margins.argmax(axis=1)
    dx = np.zeros(x.shape)
    dx[rows, worst] = 1.0 * (margins[rows, worst] > 0)
    dx[rows, y] -= margins[rows, worst] > 0
    return np.maximum(0, margins[rows, worst]).mean(), dx / len(y)
