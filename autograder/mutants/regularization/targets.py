"""Smoothed labels and soft cross-entropy: other right ways, and mistakes."""

import numpy as np

from autograder.testing import alternative, mutant

# Smoothed labels -------------------------------------------------------------------------------------------------------


@alternative("smooth_labels", "rows of the identity, mixed")
def mixed_rows(y, num_classes, eps):
    onehot = np.eye(num_classes)[y]
    return onehot * (1 - eps) + (1 - onehot) * eps / (num_classes - 1)


@alternative("smooth_labels", "the other formula, with its own epsilon")
def uniform_over_all(y, num_classes, eps):
    other = eps * num_classes / (num_classes - 1)
    return (1 - other) * (np.arange(num_classes) == y[:, None]) + other / num_classes


@alternative("smooth_labels", "an example at a time")
def one_by_one(y, num_classes, eps):
    rows = np.zeros((len(y), num_classes))
    for row, label in zip(rows, y, strict=True):
        row[:] = eps / (num_classes - 1)
        row[label] = 1.0 - eps
    return rows


@mutant(
    "smooth_labels", "The other classes get eps / k, so that rows do not sum to 1: eps is shared among k - 1 classes."
)
def shared_among_all(y, num_classes, eps):
    return np.where(np.eye(num_classes)[y] == 1, 1 - eps, eps / num_classes)


@mutant(
    "smooth_labels",
    "eps is spread over all classes, so the label keeps a part of it: here the label gets 1 - eps exactly.",
)
def mixed_with_uniform(y, num_classes, eps):
    return (1 - eps) * np.eye(num_classes)[y] + eps / num_classes


@mutant("smooth_labels", "The label gets 1, so that rows sum to more than 1: take eps off the label.")
def label_untouched(y, num_classes, eps):
    return np.where(np.eye(num_classes)[y] == 1, 1.0, eps / (num_classes - 1))


@mutant("smooth_labels", "These are one-hot rows, whatever eps is.")
def not_smoothed(y, num_classes, eps):
    return np.eye(num_classes)[y]


@mutant("smooth_labels", "Every other class gets the whole of eps: they share it.")
def eps_for_each(y, num_classes, eps):
    return np.where(np.eye(num_classes)[y] == 1, 1 - eps, eps)


@mutant("smooth_labels", "The other classes get nothing, so that rows sum to 1 - eps.")
def others_forgotten(y, num_classes, eps):
    return (1 - eps) * np.eye(num_classes)[y]


@mutant(
    "smooth_labels", "The number of columns follows from the labels; it is num_classes, even where no label is last."
)
def columns_from_labels(y, num_classes, eps):
    columns = int(np.max(y)) + 1
    return np.where(np.eye(columns)[y] == 1, 1 - eps, eps / max(num_classes - 1, 1))


@mutant("smooth_labels", "The share of the others is added to the label as well, so that rows sum to more than 1.")
def added_everywhere(y, num_classes, eps):
    return (1 - eps) * np.eye(num_classes)[y] + eps / (num_classes - 1)


@mutant(
    "smooth_labels",
    "Every row has 1 - eps at the labels of all examples: each row gets it at its own label only.",
)
def label_in_every_row(y, num_classes, eps):
    rows = np.full((len(y), num_classes), eps / (num_classes - 1))
    rows[:, y] = 1 - eps
    return rows


@mutant("smooth_labels", "The array is transposed: a row belongs to an example.")
def transposed(y, num_classes, eps):
    return np.where(np.eye(num_classes)[y] == 1, 1 - eps, eps / (num_classes - 1)).T


@mutant("smooth_labels", "The array holds whole numbers, so that every share was cut down to 0: make it one of floats.")
def whole_numbers(y, num_classes, eps):
    return np.where(np.eye(num_classes)[y] == 1, 1 - eps, eps / (num_classes - 1)).astype(int)


@mutant(
    "smooth_labels", "The others' share follows from the number of examples; it follows from the number of classes."
)
def shared_by_examples(y, num_classes, eps):
    return np.where(np.eye(num_classes)[y] == 1, 1 - eps, eps / max(len(y) - 1, 1))


@mutant("smooth_labels", "Rows get their label in a loop over the classes; the loop has to run over the examples.")
def loop_over_classes(y, num_classes, eps):
    rows = np.full((len(y), num_classes), eps / (num_classes - 1))
    for n in range(min(num_classes, len(y))):
        rows[n, y[n]] = 1 - eps
    return rows


@mutant("smooth_labels", "The share follows from how many classes are among the labels; it follows from num_classes.")
def classes_present(y, num_classes, eps):
    return np.where(np.eye(num_classes)[y] == 1, 1 - eps, eps / max(len(np.unique(y)) - 1, 1))


@mutant("smooth_labels", "The array has as many columns as there are examples: it has num_classes.")
def square_by_examples(y, num_classes, eps):
    size = max(len(y), int(np.max(y)) + 1)
    return np.where(np.eye(size)[y] == 1, 1 - eps, eps / max(num_classes - 1, 1))


@mutant("smooth_labels", "The others get half of eps each: that is right for three classes only.")
def half_of_eps(y, num_classes, eps):
    return np.where(np.eye(num_classes)[y] == 1, 1 - eps, eps / 2)


@mutant("smooth_labels", "eps is divided by the largest label: labels need not reach num_classes - 1.")
def by_largest_label(y, num_classes, eps):
    return np.where(np.eye(num_classes)[y] == 1, 1 - eps, eps / max(int(np.max(y)), 1))


@mutant("smooth_labels", "The last example's label is left out: does the loop end one too early?")
def last_row_forgotten(y, num_classes, eps):
    rows = np.where(np.eye(num_classes)[y] == 1, 1 - eps, eps / (num_classes - 1))
    rows[-1] = eps / (num_classes - 1)
    return rows


@mutant("smooth_labels", "Every row has the label of the first example.")
def first_label_for_all(y, num_classes, eps):
    return np.where(np.eye(num_classes)[np.full(len(y), y[0])] == 1, 1 - eps, eps / (num_classes - 1))


# Soft cross-entropy ----------------------------------------------------------------------------------------------------


def _log_softmax(scores, shift=None):
    shifted = scores - (scores.max(axis=1, keepdims=True) if shift is None else shift)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


def _made(name, loss=None, dscores=None, log_softmax=_log_softmax, work_on=lambda scores, targets: (scores, targets)):
    """A loss whose parts are exchanged; loss and dscores are functions of (log_p, targets, N)."""

    def soft_cross_entropy(scores, targets):
        with np.errstate(all="ignore"):
            scores, targets = work_on(scores, targets)
            log_p, N = log_softmax(scores), len(scores)
            value = -np.sum(targets * log_p) / N if loss is None else loss(log_p, targets, N)
            return value, (np.exp(log_p) - targets) / N if dscores is None else dscores(log_p, targets, N)

    soft_cross_entropy.__name__ = name
    return soft_cross_entropy


def _mutant(name, sentence, **parts):
    mutant("soft_cross_entropy", sentence)(_made(name, **parts))


@alternative("soft_cross_entropy", "log-sum-exp minus the expected score")
def expected_score(scores, targets):
    top = scores.max(axis=1)
    log_sum = top + np.log(np.exp(scores - top[:, None]).sum(axis=1))
    p = np.exp(scores - log_sum[:, None])
    return np.mean(log_sum - (targets * scores).sum(axis=1)), (p - targets) / scores.shape[0]


@alternative("soft_cross_entropy", "an example at a time")
def row_by_row(scores, targets):
    loss, dscores = 0.0, np.zeros(scores.shape)
    for n, (s, t) in enumerate(zip(scores, targets, strict=True)):
        s = s - max(s)
        log_p = s - np.log(sum(np.exp(s)))
        loss -= np.dot(t, log_p) / len(scores)
        dscores[n] = (np.exp(log_p) - t) / len(scores)
    return loss, dscores


_mutant(
    "loss_not_a_mean",
    "The loss is a sum over the batch; it is a mean.",
    loss=lambda log_p, t, N: -np.sum(t * log_p),
)
_mutant(
    "gradient_not_a_mean",
    "The gradient lacks the division by N: the loss is a mean over the batch.",
    dscores=lambda log_p, t, N: np.exp(log_p) - t,
)
_mutant(
    "divided_by_classes_too",
    "Loss and gradient are divided by N times C: it is a sum over classes, a mean over examples.",
    loss=lambda log_p, t, N: -np.mean(t * log_p),
    dscores=lambda log_p, t, N: (np.exp(log_p) - t) / t.size,
)
_mutant("loss_sign", "The sign of the loss is wrong.", loss=lambda log_p, t, N: np.sum(t * log_p) / N)
_mutant("gradient_sign", "The sign of the gradient is wrong.", dscores=lambda log_p, t, N: (t - np.exp(log_p)) / N)
_mutant(
    "arguments_swapped",
    "Targets and probabilities have changed places in the loss: the logarithm is of the probabilities.",
    loss=lambda log_p, t, N: -np.sum(np.exp(log_p) * np.log(np.maximum(t, 1e-300))) / N,
)
_mutant(
    "likeliest_class_only",
    "Only the class with the largest target counts: every class counts, by its target.",
    work_on=lambda scores, targets: (scores, np.eye(scores.shape[1])[targets.argmax(axis=1)]),
)
_mutant(
    "loss_of_the_likeliest",
    "The loss counts only the class with the largest target, though the gradient counts all.",
    loss=lambda log_p, t, N: -np.mean(log_p[np.arange(N), t.argmax(axis=1)]),
)
_mutant(
    "no_shift",
    "Large scores overflow: subtract each row's largest score before taking exponentials.",
    log_softmax=lambda scores: _log_softmax(scores, 0.0),
)
_mutant(
    "one_shift_for_all",
    "One largest score is subtracted from all rows: rows far below it underflow. Take the largest of each row.",
    log_softmax=lambda scores: _log_softmax(scores, scores.max()),
)
_mutant(
    "divergence",
    "This is the Kullback-Leibler divergence: the entropy of the targets was subtracted from the cross-entropy.",
    loss=lambda log_p, t, N: np.sum(t * (np.log(np.maximum(t, 1e-300)) - log_p)) / N,
)
_mutant(
    "base_two",
    "The logarithm has base 2; the loss uses the natural one.",
    loss=lambda log_p, t, N: -np.sum(t * log_p) / N / np.log(2),
)
_mutant(
    "through_the_probability",
    "The logarithm is taken of probabilities that have become 0: work with logarithms from the start.",
    loss=lambda log_p, t, N: -np.sum(t * np.log(np.exp(log_p))) / N,
)
_mutant(
    "weighted_gradient",
    "The gradient multiplies the targets into the probabilities; it is the plain difference of the two.",
    dscores=lambda log_p, t, N: (t * np.exp(log_p) - t) / N,
)
_mutant(
    "softmax_over_examples",
    "The probabilities sum to 1 over the examples: the softmax runs over the classes of each row.",
    log_softmax=lambda scores: _log_softmax(scores.T).T,
)


_mutant(
    "small_number_added",
    "A small number is added to the probabilities before the logarithm, so a loss cannot become as large as it is: work "
    "with logarithms from the start.",
    loss=lambda log_p, t, N: -np.sum(t * np.log(np.exp(log_p) + 1e-12)) / N,
)
_mutant(
    "every_class_by_itself",
    "The loss has a term (1 - t) log(1 - p) as well: that is for classes that do not exclude each other.",
    loss=lambda log_p, t, N: -np.sum(t * log_p + (1 - t) * np.log(1 - np.exp(log_p) + 1e-12)) / N,
)
_mutant(
    "largest_of_columns",
    "The largest score of each column is subtracted: subtract the largest of each row.",
    log_softmax=lambda scores: (
        scores - scores.max(axis=0) - np.log(np.exp(scores - scores.max(axis=0)).sum(1, keepdims=True))
    ),
)
_mutant(
    "largest_in_size",
    "The largest absolute value is subtracted: of scores far below zero that leaves nothing. Subtract the largest score.",
    log_softmax=lambda scores: _log_softmax(scores, np.abs(scores).max(axis=1, keepdims=True)),
)
_mutant(
    "one_taken_off_all",
    "The gradient takes 1 off every probability: take off its target.",
    dscores=lambda log_p, t, N: (np.exp(log_p) - 1) / N,
)


@mutant("soft_cross_entropy", "The scores passed in are changed: subtract the largest into a new array.")
def scores_in_place(scores, targets):
    scores -= scores.max(axis=1, keepdims=True)
    log_p = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
    return -np.sum(targets * log_p) / len(scores), (np.exp(log_p) - targets) / len(scores)


@mutant("soft_cross_entropy", "The targets passed in are changed: take them off the probabilities in a new array.")
def targets_in_place(scores, targets):
    log_p = _log_softmax(scores)
    loss = -np.sum(targets * log_p) / len(scores)
    targets -= np.exp(log_p)
    return loss, -targets / len(scores)
