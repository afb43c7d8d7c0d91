"""`update_to_weight_ratio` and `diagnose`: other correct solutions, and mistakes."""

import math

import numpy as np

from autograder.testing import alternative, mutant

# Size of an update -----------------------------------------------------------------------------------------------------------


def _ratio(param, update, size):
    """size(update) / size(param), with what is asked for where one is zero."""
    above, below = size(np.asarray(update, dtype=np.float64)), size(np.asarray(param, dtype=np.float64))
    if below == 0:
        return math.inf if above > 0 else 0.0
    return float(above / below)


@alternative("update_to_weight_ratio", "roots of sums of squares")
def by_squares(param, update):
    return _ratio(param, update, lambda array: np.sqrt(np.sum(array * array)))


@alternative("update_to_weight_ratio", "root mean squares")
def by_root_mean_squares(param, update):
    u, p = float(np.mean(np.square(update))), float(np.mean(np.square(param)))
    return 0.0 if u == 0 else math.inf if p == 0 else math.sqrt(u / p)


@mutant("update_to_weight_ratio", "The ratio is upside down: the update stands above.")
def upside_down(param, update):
    return _ratio(update, param, np.linalg.norm)


@mutant("update_to_weight_ratio", "This is the ratio of the sums of squares; take their roots.")
def without_roots(param, update):
    return _ratio(param, update, lambda array: np.sum(array**2))


@mutant("update_to_weight_ratio", "These are mean sizes of entries; the length is the root of the sum of squares.")
def mean_sizes(param, update):
    return _ratio(param, update, lambda array: np.mean(np.abs(array)))


@mutant(
    "update_to_weight_ratio", "These are standard deviations, which take the mean away first; lengths are asked for."
)
def standard_deviations(param, update):
    if not np.any(param) or not np.any(update):
        return _ratio(param, update, np.linalg.norm)
    with np.errstate(all="ignore"):
        return float(np.float64(np.std(update)) / np.std(param))


@mutant("update_to_weight_ratio", "Only the largest entries are compared; all entries belong to the length.")
def largest_entries(param, update):
    return _ratio(param, update, lambda array: np.max(np.abs(array)))


@mutant("update_to_weight_ratio", "Entries are added with their signs, so that they cancel; add their squares.")
def signed_sums(param, update):
    return _ratio(param, update, lambda array: abs(np.sum(array)))


@mutant(
    "update_to_weight_ratio",
    "This is the mean of the entries' ratios, which small weights dominate; divide the lengths.",
)
def mean_of_ratios(param, update):
    if not np.any(param) or not np.any(update):
        return _ratio(param, update, np.linalg.norm)
    return float(np.mean(np.abs(update / param)))


@mutant(
    "update_to_weight_ratio",
    "For matrices this is the largest stretch (norm of order 2), not the root of the sum of all squares.",
)
def spectral_norm(param, update):
    if np.ndim(param) != 2:
        return _ratio(param, update, lambda array: np.linalg.norm(array.ravel()))
    return _ratio(param, update, lambda array: np.linalg.norm(array, 2))


@mutant("update_to_weight_ratio", "A ratio comes back for each column; one number for the whole array is asked for.")
def column_by_column(param, update):
    with np.errstate(all="ignore"):
        return np.linalg.norm(update, axis=0) / np.linalg.norm(param, axis=0)


@mutant("update_to_weight_ratio", "The logarithm of the ratio comes back; the ratio itself is asked for.")
def order_of_magnitude(param, update):
    ratio = _ratio(param, update, np.linalg.norm)
    return math.log10(ratio) if 0 < ratio < math.inf else ratio


@mutant("update_to_weight_ratio", "For a parameter of zeros the result is not a number: zero by zero should give 0.")
def nan_for_zeros(param, update):
    with np.errstate(all="ignore"):
        return float(np.float64(np.linalg.norm(update)) / np.linalg.norm(param))


@mutant("update_to_weight_ratio", "A small number is added below, so that a parameter of zeros does not give infinity.")
def small_number_below(param, update):
    return float(np.linalg.norm(update) / (np.linalg.norm(param) + 1e-8))


@mutant("update_to_weight_ratio", "The update is compared with the parameter after it; compare with the one before.")
def after_the_update(param, update):
    return (
        _ratio(np.asarray(param) - update, update, np.linalg.norm) if np.any(param) else _ratio(param, update, np.sum)
    )


# Reading a history -----------------------------------------------------------------------------------------------------------


def _ends(loss):
    return loss[0], float(np.mean(loss[-max(1, len(loss) // 10) :]))


def _exploded(loss, start, end):
    return not np.all(np.isfinite(loss)) or np.max(loss) > 3 * start or end > 1.1 * start


def _stuck(loss, start, end):
    return end > 0.9 * start


def _wide(history):
    return history["train_accuracy"][-1] - history["val_accuracy"][-1] > 0.15


def _low(history):
    return history["train_accuracy"][-1] < 0.6


ORDER = ("diverging", "learning rate too low", "overfitting", "underfitting")


def _read(
    history, ends=_ends, exploded=_exploded, stuck=_stuck, wide=_wide, low=_low, order=ORDER, otherwise="healthy"
):
    """A right diagnosis in which one part can be replaced."""
    loss = np.asarray(history["loss"], dtype=float)
    start, end = ends(loss)
    holds = {
        "diverging": lambda: exploded(loss, start, end),
        "learning rate too low": lambda: stuck(loss, start, end),
        "overfitting": lambda: wide(history),
        "underfitting": lambda: low(history),
    }
    return next((name for name in order if holds[name]()), otherwise)


@alternative("diagnose", "in parts")
def in_parts(history):
    return _read(history)


@alternative("diagnose", "plain Python, other roundings of a tenth")
def plain_python(history):
    losses = [float(entry) for entry in history["loss"]]
    if any(math.isnan(entry) or math.isinf(entry) or entry > 3.0 * losses[0] for entry in losses):
        return "diverging"
    tail = losses[-math.ceil(len(losses) / 10) :]
    change = sum(tail) / len(tail) / losses[0]
    if change > 1.1:
        return "diverging"
    if change > 0.9:
        return "learning rate too low"
    train, val = history["train_accuracy"][-1], history["val_accuracy"][-1]
    if train - val > 0.15:
        return "overfitting"
    return "healthy" if train >= 0.6 else "underfitting"


@mutant(
    "diagnose",
    "Losses that are NaN go unnoticed: every comparison with NaN is false, so ask whether losses are finite.",
)
def nan_unnoticed(history):
    def exploded(loss, start, end):
        return bool(np.nanmax(loss) > 3 * start or end > 1.1 * start)

    return _read(history, exploded=exploded)


@mutant("diagnose", "Only losses that are not finite count as diverging; so do losses above three times the start.")
def finite_is_enough(history):
    return _read(history, exploded=lambda loss, start, end: not np.all(np.isfinite(loss)) or end > 1.1 * start)


@mutant(
    "diagnose", "Only the end is looked at for diverging; one loss far above the start is enough, wherever it stands."
)
def only_the_end_explodes(history):
    def exploded(loss, start, end):
        return not np.isfinite(loss[-1]) or loss[-1] > 3 * start or end > 1.1 * start

    return _read(history, exploded=exploded)


@mutant("diagnose", "A loss that ends above its start, by less than three times, is not called diverging.")
def rising_losses_pass(history):
    return _read(history, exploded=lambda loss, start, end: not np.all(np.isfinite(loss)) or np.max(loss) > 3 * start)


@mutant(
    "diagnose",
    "Any loss above the start counts as diverging; batches are noisy, so the limit is three times the start.",
)
def any_rise_explodes(history):
    return _read(history, exploded=lambda loss, start, end: not np.all(loss <= 1.001 * start))


@mutant(
    "diagnose", "The end is the last loss alone; take the mean of the last tenth, because single batches are noisy."
)
def last_loss_alone(history):
    return _read(history, ends=lambda loss: (loss[0], loss[-1]))


@mutant("diagnose", "The end is the mean of all losses; take that of the last tenth.")
def mean_of_all(history):
    return _read(history, ends=lambda loss: (loss[0], float(np.mean(loss))))


@mutant("diagnose", "The end is the mean of the last ten losses; take that of the last tenth, however many they are.")
def last_ten_losses(history):
    return _read(history, ends=lambda loss: (loss[0], float(np.mean(loss[-10:]))))


@mutant("diagnose", "The start is the mean of the first tenth; it is the first loss alone.")
def start_is_a_mean(history):
    return _read(history, ends=lambda loss: (float(np.mean(loss[: max(1, len(loss) // 10)])), _ends(loss)[1]))


@mutant("diagnose", "The end is the lowest loss of the run; take the mean of the last tenth.")
def lowest_loss(history):
    return _read(history, ends=lambda loss: (loss[0], float(np.min(loss))))


@mutant("diagnose", "A loss is called stuck unless it halves; it is when it ends above nine tenths of its start.")
def must_halve(history):
    return _read(history, stuck=lambda loss, start, end: end > 0.5 * start)


@mutant("diagnose", "The fall of the loss is judged in absolute units; judge it relative to the start.")
def absolute_fall(history):
    return _read(history, stuck=lambda loss, start, end: start - end < 0.1)


@mutant("diagnose", "A loss that hardly moves is never noticed.")
def stuck_unnoticed(history):
    return _read(history, stuck=lambda loss, start, end: False)


@mutant("diagnose", "Low accuracy decides whether the learning rate is too low; the loss should.")
def stuck_by_accuracy(history):
    return _read(history, stuck=lambda loss, start, end: end > 0.9 * start and history["train_accuracy"][-1] < 0.5)


@mutant("diagnose", "Accuracies are asked before the loss: a loss that hardly moves comes first.")
def accuracies_first(history):
    order = ("diverging", "overfitting", "underfitting", "learning rate too low")
    return _read(history, order=order)


@mutant("diagnose", "Underfitting is asked before overfitting; the order of the docstring decides when both apply.")
def underfitting_first(history):
    order = ("diverging", "learning rate too low", "underfitting", "overfitting")
    return _read(history, order=order)


@mutant("diagnose", "The gap is taken without its sign: validation above training is not overfitting.")
def gap_without_sign(history):
    return _read(history, wide=lambda h: abs(h["train_accuracy"][-1] - h["val_accuracy"][-1]) > 0.15)


@mutant("diagnose", "The gap has the wrong sign: overfitting is training accuracy above validation accuracy.")
def gap_upside_down(history):
    return _read(history, wide=lambda h: h["val_accuracy"][-1] - h["train_accuracy"][-1] > 0.15)


@mutant("diagnose", "The gap is taken between the best accuracies; take it between the last ones.")
def gap_of_the_best(history):
    return _read(history, wide=lambda h: max(h["train_accuracy"]) - max(h["val_accuracy"]) > 0.15)


@mutant("diagnose", "The gap is taken at the first epoch; take it at the last.")
def gap_at_the_first(history):
    return _read(history, wide=lambda h: h["train_accuracy"][0] - h["val_accuracy"][0] > 0.15)


@mutant("diagnose", "Overfitting is never noticed: look at training minus validation accuracy.")
def overfitting_unnoticed(history):
    return _read(history, wide=lambda h: False)


@mutant("diagnose", "Underfitting is judged by validation accuracy; training accuracy shows it.")
def underfitting_by_validation(history):
    return _read(history, low=lambda h: h["val_accuracy"][-1] < 0.6)


@mutant("diagnose", "Underfitting is judged by the best training accuracy; take the last.")
def underfitting_by_the_best(history):
    return _read(history, low=lambda h: max(h["train_accuracy"]) < 0.6)


@mutant("diagnose", "Underfitting is never noticed: look at the last training accuracy.")
def underfitting_unnoticed(history):
    return _read(history, low=lambda h: False)


@mutant("diagnose", "A healthy run gets another name than 'healthy'.")
def good_for_healthy(history):
    return _read(history, otherwise="good")


@mutant("diagnose", "Diagnoses carry capital letters; return them as the docstring writes them.")
def capital_letters(history):
    return _read(history).capitalize()
