"""Mistakes with the two losses, each in its naive and its vectorized version."""

import numpy as np

from autograder.mutants.linear.faulty_losses import assemble, softmax_with, svm_with
from autograder.testing import mutant

SVM = ("svm_loss_naive", "svm_loss_vectorized")
SOFTMAX = ("softmax_loss_naive", "softmax_loss_vectorized")

BOTH_LOSSES = {
    "loss_not_averaged": (
        "The loss is a sum over the batch; it should be divided by the number of examples.",
        {"loss_mean": False},
    ),
    "gradient_not_averaged": (
        "The loss is a mean, but its gradient is a sum: divide dW by the number of examples as well.",
        {"gradient_mean": False},
    ),
    "neither_averaged": (
        "Loss and gradient are sums over the batch: both should be divided by the number of examples.",
        {"loss_mean": False, "gradient_mean": False},
    ),
    "no_penalty": (
        "reg has no effect: the penalty is missing in the loss and in the gradient.",
        {"loss_penalty": 0.0, "gradient_penalty": 0.0},
    ),
    "last_row_spared": (
        "The penalty leaves out the last row of W; here every row counts, that of the bias included.",
        {"spares_last_row": True},
    ),
    "penalty_missing_in_gradient": (
        "The penalty is in the loss but not in the gradient.",
        {"gradient_penalty": 0.0},
    ),
    "penalty_missing_in_loss": ("The penalty is in the gradient but not in the loss.", {"loss_penalty": 0.0}),
    "gradient_of_half_a_penalty": (
        "The gradient of the penalty is reg * W; with reg * sum(W**2) in the loss it carries a factor 2.",
        {"gradient_penalty": 1.0},
    ),
    "half_a_penalty": (
        "The penalty is 0.5 * reg * sum(W**2); in this notebook it has no factor 0.5.",
        {"loss_penalty": 0.5, "gradient_penalty": 1.0},
    ),
    "penalty_divided_by_n": (
        "The penalty is divided by the number of examples: add it after the mean is taken.",
        {"penalty_mean": True},
    ),
    "wrong_sign": ("The gradient has the wrong sign: it points downhill.", {"sign": -1}),
    "changes_the_weights": (
        "W itself is changed: an in-place operation such as += or *= reaches the caller's array.",
        {"changes_W": True},
    ),
}

SVM_ONLY = {
    "own_margin_counted": (
        "The loss is 1 too large: the true class is not among the classes summed over.",
        {"own_margin": True},
    ),
    "true_column_once": (
        "The true class's column gets -x once an example; it should get it once for every violated margin.",
        {"true_column": "once"},
    ),
    "true_column_missing": (
        "The true class's column of the gradient stays empty: a violated margin also pulls at the true class.",
        {"true_column": "none"},
    ),
    "squared_hinge": ("The violated margins are squared in the loss.", {"squared": True}),
    "no_margin": ("The margin of 1 is missing: being ahead by less than 1 should cost something.", {"delta": 0.0}),
    "reversed_lead": (
        "The difference of scores is the wrong way round: the charge is for a rival's score above the true one.",
        {"reversed": True},
    ),
}

SVM_MATRIX = {
    "own_margin_in_both": (
        "The margin of the true class, which is 1, stays among the others: it makes the loss 1 too large and takes one x "
        "too many from the true column.",
        {"own_margin": True, "true_column": "with_own"},
    ),
    "sum_of_margins_for_their_count": (
        "The true column of the gradient uses the sum of the margins; it should be the count of those violated.",
        {"true_column": "margins"},
    ),
    "no_margin_mask": (
        "The gradient counts every class: only violated margins have a slope.",
        {"no_mask": True},
    ),
    "margins_for_the_mask": (
        "The gradient is weighted with the margins themselves; a violated margin counts 1, however large.",
        {"margins_for_mask": True},
    ),
    "margins_not_clipped": (
        "Margins that are met are added to the loss with a negative sign: clip them at zero.",
        {"no_clip": True},
    ),
}

MATRIX = {
    "mean_over_classes": (
        "Loss and gradient are divided by the number of classes too; the mean is over examples only.",
        {"over_classes": "both"},
    ),
    "loss_mean_over_classes": (
        "The loss is a mean over examples and classes: add up over the classes, then take the mean over the examples.",
        {"over_classes": "loss"},
    ),
}

SOFTMAX_ONLY = {
    "no_shift": (
        "Large scores overflow in the exponential: subtract each row's largest score first.",
        {"shift": "none"},
    ),
    "shift_of_the_whole_batch": (
        "One maximum for the whole batch is subtracted: a row with much smaller scores underflows. Each row needs its own.",
        {"shift": "all"},
    ),
    "one_not_subtracted": (
        "The gradient is missing the -1 in the true class: it uses the probabilities as they are.",
        {"true_less": 0.0},
    ),
    "true_column_only": (
        "Only the true class's column of the gradient is filled: every class has a slope here.",
        {"true_only": True},
    ),
    "logarithm_of_base_ten": ("The logarithm has base 10; the loss is in nats.", {"charge": lambda p: -np.log10(p)}),
    "logarithm_missing": ("The loss is 1 - p; it should be the negative logarithm of p.", {"charge": lambda p: 1 - p}),
}


def _named(name, loss, faults):
    def work(W, X, y, reg):
        return loss(W, X, y, reg, **faults)

    work.__name__ = name
    return work


for _exercise in SVM + SOFTMAX:
    _loss = svm_with if _exercise in SVM else softmax_with
    _bank = dict(BOTH_LOSSES)
    _bank.update(SVM_ONLY if _exercise in SVM else SOFTMAX_ONLY)
    _bank.update(MATRIX if _exercise.endswith("vectorized") else {})
    _bank.update(SVM_MATRIX if _exercise == "svm_loss_vectorized" else {})
    for _name, (_sentence, _faults) in _bank.items():
        mutant(_exercise, _sentence)(_named(_name, _loss, _faults))


def _for_square_inputs(loss):
    def as_many_classes_as_features(W, X, y, reg):
        _, dW = loss(W, X, y, reg)
        return loss(W, X, y, reg)[0], dW.reshape(W.shape[0], W.shape[0])

    return as_many_classes_as_features


for _exercise, _loss in (("svm_loss_naive", svm_with), ("softmax_loss_naive", softmax_with)):
    mutant(_exercise, "dW is made with as many columns as rows: it has the shape of W, which need not be square.")(
        _for_square_inputs(_loss)
    )


@mutant("svm_loss_vectorized", "With a single example the axes change: squeeze removes the axis of the batch, too.")
def squeezes_one_example(W, X, y, reg):
    S = np.squeeze(X @ W)
    S[np.arange(len(y)), y]
    return svm_with(W, X, y, reg)


@mutant("svm_loss_vectorized", "Without its own axis the true score is taken from a column, not from its row.")
def true_scores_along_the_row(W, X, y, reg):
    S = X @ W
    rows = np.arange(len(y))
    margins = np.maximum(0, S - S[rows, y] + 1)
    margins[rows, y] = 0
    G = (margins > 0).astype(float)
    G[rows, y] = -G.sum(axis=1)
    return assemble(W, margins.sum(), X.T @ G, len(y), reg, {})


@mutant(
    "softmax_loss_vectorized", "The exponentials are summed over the examples: the classes of one row share one sum."
)
def normalised_over_the_batch(W, X, y, reg):
    return softmax_with(W, X, y, reg, sum_axis=0)


@mutant("softmax_loss_vectorized", "With a single example the axes change: squeeze removes the axis of the batch, too.")
def squeezes_one_row(W, X, y, reg):
    S = np.squeeze(X @ W)
    S[np.arange(len(y)), y]
    return softmax_with(W, X, y, reg)
