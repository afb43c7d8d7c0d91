"""The penalty and soft thresholding: other right ways, and mistakes."""

import numpy as np

from autograder.testing import alternative, mutant

# The penalty -----------------------------------------------------------------------------------------------------------


def _penalty(price, slope, counts=lambda name: name.startswith("W")):
    """A penalty from a price and a slope of one array: functions of (W, l1, l2)."""

    def penalty(params, l1=0.0, l2=0.0):
        weights = {name: W for name, W in params.items() if counts(name)}
        with np.errstate(all="ignore"):
            return sum(price(W, l1, l2) for W in weights.values()), {n: slope(W, l1, l2) for n, W in weights.items()}

    return penalty


def _price(W, l1, l2):
    return l1 * np.abs(W).sum() + l2 * np.vdot(W, W) / 2


def _slope(W, l1, l2):
    return l1 * np.sign(W) + l2 * W


def _named(name, function):
    function.__name__ = name
    return function


@alternative("penalty", "entry by entry, zeros for all other parameters")
def with_loops(params, l1=0.0, l2=0.0):
    price, grads = 0.0, {name: np.zeros(np.shape(value)) for name, value in params.items()}
    for name in params:
        if not name.startswith("W"):
            continue
        for index, w in np.ndenumerate(params[name]):
            price += l1 * abs(w) + l2 * w * w / 2
            grads[name][index] = l2 * w + (l1 if w > 0 else -l1 if w < 0 else 0.0)
    return price, grads


alternative("penalty", "the norm from np.linalg")(
    _named(
        "by_norms",
        _penalty(lambda W, l1, l2: l1 * np.linalg.norm(W.ravel(), 1) + 0.5 * l2 * np.linalg.norm(W) ** 2, _slope),
    )
)


def _mutant(name, sentence, price=_price, slope=_slope, counts=lambda name: name.startswith("W")):
    mutant("penalty", sentence)(_named(name, _penalty(price, slope, counts)))


_mutant(
    "no_half",
    "The factor ½ of the L2 price is missing.",
    price=lambda W, l1, l2: l1 * np.abs(W).sum() + l2 * np.sum(W**2),
)
_mutant(
    "twice_the_l2_slope",
    "The L2 part of the gradient is twice too large: the price has a factor ½.",
    slope=lambda W, l1, l2: l1 * np.sign(W) + 2 * l2 * W,
)
_mutant("every_parameter_pays", "Biases, gains and shifts pay too: only names that start with W count.", counts=bool)
_mutant(
    "biases_pay",
    "The biases pay too: only names that start with W count.",
    counts=lambda name: name.startswith(("W", "b")) and not name.startswith("beta"),
)
_mutant(
    "strengths_swapped",
    "l1 and l2 are exchanged: l1 belongs to the absolute values, l2 to the squares.",
    price=lambda W, l1, l2: _price(W, l2, l1),
    slope=lambda W, l1, l2: _slope(W, l2, l1),
)
_mutant(
    "signed_sum",
    "The L1 price adds up the weights themselves, so that positive and negative ones cancel: take absolute values.",
    price=lambda W, l1, l2: l1 * np.sum(W) + 0.5 * l2 * np.sum(W**2),
)
_mutant(
    "l1_pulls_in_proportion",
    "The L1 part of the gradient is proportional to the weight; the slope of an absolute value is its sign.",
    slope=lambda W, l1, l2: l1 * W + l2 * W,
)
_mutant(
    "pushed_off_zero",
    "At a weight of 0 the L1 part of the gradient is not 0: the docstring takes the slope there as 0.",
    slope=lambda W, l1, l2: l1 * np.where(W >= 0, 1.0, -1.0) + l2 * W,
)
_mutant(
    "zero_by_zero",
    "At a weight of 0 the gradient is not a number: dividing a weight by its size fails there.",
    slope=lambda W, l1, l2: l1 * (W / np.abs(W)) + l2 * W,
)
_mutant(
    "l1_slope_forgotten",
    "The gradient lacks the L1 part: its price has a slope as well.",
    slope=lambda W, l1, l2: l2 * W,
)
_mutant(
    "l2_slope_forgotten",
    "The gradient lacks the L2 part: its price has a slope as well.",
    slope=lambda W, l1, l2: l1 * np.sign(W),
)
_mutant(
    "norm_for_its_square",
    "The L2 price uses the root of the sum of squares, not the sum of squares.",
    price=lambda W, l1, l2: l1 * np.abs(W).sum() + 0.5 * l2 * np.sqrt(np.sum(W**2)),
)
_mutant(
    "means_for_sums",
    "The price is a mean over the weights; it is their sum.",
    price=lambda W, l1, l2: l1 * np.mean(np.abs(W)) + 0.5 * l2 * np.mean(W**2),
)
_mutant(
    "two_layers_only",
    "Only W1 and W2 pay: every name that starts with W counts, however many layers there are.",
    counts=lambda name: name in ("W1", "W2"),
)
_mutant(
    "short_names_only",
    "Only names of two letters count: W12 and Wout are weights as well.",
    counts=lambda name: name.startswith("W") and len(name) == 2,
)


_mutant(
    "w_anywhere_in_the_name",
    "An array counts whose name has a W somewhere; the name has to start with it.",
    counts=lambda name: "W" in name,
)
_mutant(
    "half_of_both",
    "The factor ½ stands before both prices; it belongs to that of L2 alone.",
    price=lambda W, l1, l2: 0.5 * (l1 * np.abs(W).sum() + l2 * np.sum(W**2)),
)
_mutant(
    "square_of_the_sum",
    "The L2 price squares the sum of the weights: square each weight, then add up.",
    price=lambda W, l1, l2: l1 * np.abs(W).sum() + 0.5 * l2 * np.sum(W) ** 2,
)
_mutant(
    "norm_of_a_matrix",
    "np.linalg.norm(W, 1) of a matrix is its largest column sum, not the sum of all absolute values.",
    price=lambda W, l1, l2: l1 * np.linalg.norm(W, 1) + 0.5 * l2 * np.sum(W**2),
)
_mutant(
    "size_for_sign",
    "The L1 part of the gradient is the size of the weight; the slope of an absolute value is its sign.",
    slope=lambda W, l1, l2: l1 * np.abs(W) + l2 * W,
)


@mutant("penalty", "Only the last weight array's price comes back: add to the price, do not replace it.")
def last_price_only(params, l1=0.0, l2=0.0):
    price, grads = 0.0, {}
    for name, W in params.items():
        if name.startswith("W"):
            price, grads[name] = _price(W, l1, l2), _slope(W, l1, l2)
    return price, grads


@mutant("penalty", "The arrays in params are overwritten by their gradients: put the gradients into new arrays.")
def gradients_into_params(params, l1=0.0, l2=0.0):
    price = sum(_price(W, l1, l2) for name, W in params.items() if name.startswith("W"))
    for name, W in params.items():
        if name.startswith("W"):
            W[...] = _slope(W, l1, l2)
    return price, {name: W for name, W in params.items() if name.startswith("W")}


# Soft thresholding -----------------------------------------------------------------------------------------------------


@alternative("soft_threshold", "two one-sided parts")
def two_sides(w, t):
    return np.maximum(w - t, 0) - np.maximum(-w - t, 0)


@alternative("soft_threshold", "three cases")
def three_cases(w, t):
    return np.where(w > t, w - t, np.where(w < -t, w + t, 0.0))


@alternative("soft_threshold", "an entry at a time")
def one_at_a_time(w, t):
    out = np.zeros(w.shape, w.dtype)
    for index, value in np.ndenumerate(w):
        if abs(value) > t:
            out[index] = value - t if value > 0 else value + t
    return out


@mutant(
    "soft_threshold", "This is hard thresholding: entries beyond the threshold must move towards zero by t as well."
)
def hard(w, t):
    return np.where(np.abs(w) > t, w, 0.0)


@mutant("soft_threshold", "The sign is lost: negative entries must stay negative.")
def sign_lost(w, t):
    return np.maximum(np.abs(w) - t, 0)


@mutant("soft_threshold", "Negative entries become zero, however large: they move towards zero by t, too.")
def one_side_only(w, t):
    return np.maximum(w - t, 0)


@mutant("soft_threshold", "t is taken off every entry: negative ones move away from zero.")
def taken_off_all(w, t):
    return np.where(np.abs(w) > t, w - t, 0.0)


@mutant("soft_threshold", "Small entries cross zero and come out on the other side: they must stop at zero.")
def past_zero(w, t):
    return w - t * np.sign(w)


@mutant("soft_threshold", "This limits entries to the range from -t to t; that is the part to be taken away.")
def clipped(w, t):
    return np.clip(w, -t, t)


@mutant("soft_threshold", "Large entries move away from zero: t is to be taken off their size, not added.")
def grows(w, t):
    return np.where(np.abs(w) > t, w + t * np.sign(w), 0.0)


@mutant(
    "soft_threshold", "Entries are multiplied by a factor; every entry beyond the threshold loses the same amount t."
)
def by_a_factor(w, t):
    return np.where(np.abs(w) > t, w * (1 - t), 0.0)


@mutant("soft_threshold", "Small entries are left as they are; they must become exactly zero.")
def small_ones_stay(w, t):
    return np.where(np.abs(w) > t, w - t * np.sign(w), w)


@mutant(
    "soft_threshold",
    "Where a weight and the threshold are both zero the result is not a number: it comes from dividing by the size of w.",
)
def divided_by_size(w, t):
    with np.errstate(all="ignore"):
        return w * np.maximum(1 - t / np.abs(w), 0)


@mutant(
    "soft_threshold", "What is left of a small entry's size is negative, and its absolute value was taken: set it to 0."
)
def folded_back(w, t):
    return np.sign(w) * np.abs(np.abs(w) - t)


@mutant("soft_threshold", "Every entry that is not above t gets t added, small ones and positive ones, too.")
def two_cases(w, t):
    return np.where(w > t, w - t, w + t)


@mutant("soft_threshold", "Negative entries stay as they are; they move towards zero by t, too.")
def negative_ones_stay(w, t):
    return np.where(w > 0, np.maximum(w - t, 0), w)


@mutant("soft_threshold", "The loop treats one dimension only: w may be a matrix, or have three dimensions.")
def one_dimension_only(w, t):
    return np.array([max(v - t, 0.0) if v > 0 else min(v + t, 0.0) for v in w])


@mutant("soft_threshold", "w is changed in place: return a new array.")
def in_place(w, t):
    w -= np.clip(w, -t, t)
    return w


@mutant("soft_threshold", "The threshold and what is taken off are half of t.")
def half_of_t(w, t):
    return np.sign(w) * np.maximum(np.abs(w) - t / 2, 0)
