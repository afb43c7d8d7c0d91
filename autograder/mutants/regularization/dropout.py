"""Vanilla and inverted dropout: other right ways, and mistakes."""

import numpy as np

from autograder.testing import alternative, mutant


def _named(name, function):
    function.__name__ = name
    return function


# Vanilla dropout -------------------------------------------------------------------------------------------------------


@alternative("vanilla_dropout", "by a binomial draw", replaces="vanilla_dropout_forward")
def binomial(x, p, rng):
    return x * rng.binomial(1, p, size=x.shape)


@alternative("vanilla_dropout", "zeros written into a copy", replaces="vanilla_dropout_forward")
def written_zeros(x, p, rng):
    out = np.array(x)
    out[rng.uniform(size=x.shape) >= p] = 0
    return out


@alternative("vanilla_dropout", "the factor behind", replaces="vanilla_dropout_predict")
def factor_behind(x, p):
    return np.asarray(x) * p


def _vanilla(name, sentence, forward):
    mutant("vanilla_dropout", sentence, replaces="vanilla_dropout_forward")(_named(name, forward))


_vanilla(
    "mask_above_p",
    "The mask keeps an entry with probability 1 - p: a uniform number is below p with probability p, not above.",
    lambda x, p, rng: x * (rng.random(x.shape) > p),
)
_vanilla(
    "normal_mask",
    "The mask is drawn from normal numbers, which are below p too often: draw uniform ones.",
    lambda x, p, rng: x * (rng.normal(size=x.shape) < p),
)
_vanilla(
    "always_half",
    "Half of the entries are kept whatever p is.",
    lambda x, p, rng: x * (rng.random(x.shape) < 0.5),
)
_vanilla(
    "scaled_in_training",
    "What is kept is divided by p: that is inverted dropout. Vanilla dropout leaves it as it is.",
    lambda x, p, rng: x * (rng.random(x.shape) < p) / p,
)
_vanilla(
    "scaled_down_in_training",
    "What is kept is multiplied by p in training; that belongs to the prediction.",
    lambda x, p, rng: x * (rng.random(x.shape) < p) * p,
)
_vanilla(
    "a_mask_for_columns",
    "All rows have the same mask: draw a number for every entry.",
    lambda x, p, rng: x * (rng.random(x.shape[1:] if x.ndim > 1 else x.shape) < p),
)
_vanilla(
    "a_mask_for_rows",
    "All entries of a row have the same draw: draw a number for every entry.",
    lambda x, p, rng: x * (rng.random((len(x),) + (1,) * (x.ndim - 1)) < p),
)
_vanilla(
    "same_mask_always",
    "Every call draws the same mask: use the generator passed in, do not make a new one.",
    lambda x, p, rng: x * (np.random.default_rng(0).random(x.shape) < p),
)


_vanilla(
    "global_numbers",
    "The numbers do not come from rng: np.random has a generator of its own, which nobody can set here.",
    lambda x, p, rng: x * (np.random.default_rng().random(x.shape) < p),
)
_vanilla(
    "fixed_number_kept",
    "Every call keeps the same number of entries: p is a probability, and each entry has a draw of its own.",
    lambda x, p, rng: x * (rng.permutation(x.size) < round(p * x.size)).reshape(x.shape),
)
_vanilla(
    "one_number_for_all",
    "One draw decides for the whole array: draw a number for every entry.",
    lambda x, p, rng: x * (rng.random() < p),
)
_vanilla(
    "as_many_as_rows",
    "The mask has one number for each row of x: it needs the whole shape.",
    lambda x, p, rng: x * (rng.random(len(x)) < p),
)
_vanilla(
    "shape_taken_apart",
    "rng.random takes the shape as one tuple, without a star (np.random.rand is the one that wants it taken apart).",
    lambda x, p, rng: x * (rng.random(*x.shape) < p),
)


@mutant(
    "vanilla_dropout",
    "x.shape is unpacked into two numbers: x may have one dimension, or three.",
    replaces="vanilla_dropout_forward",
)
def two_dimensions_only(x, p, rng):
    rows, columns = x.shape
    return x * (rng.random((rows, columns)) < p)


@mutant("vanilla_dropout", "x is changed in place: return a new array.", replaces="vanilla_dropout_forward")
def vanilla_in_place(x, p, rng):
    x *= rng.random(x.shape) < p
    return x


def _predict(name, sentence, predict):
    mutant("vanilla_dropout", sentence, replaces="vanilla_dropout_predict")(_named(name, predict))


_predict("not_scaled", "The prediction is x as it is: training gives p times x on average.", lambda x, p: x * 1.0)
_predict(
    "divided", "The prediction divides by p; what training gives on average is smaller than x.", lambda x, p: x / p
)
_predict(
    "chance_of_dropping", "The prediction multiplies by 1 - p, the probability of dropping.", lambda x, p: (1 - p) * x
)
_predict(
    "dropped_at_random",
    "The prediction draws a mask: nothing is random in it, every value is there.",
    lambda x, p: x * (np.random.default_rng().random(np.shape(x)) < p),
)
_predict("scaled_by_half", "The prediction multiplies by a half whatever p is.", lambda x, p: 0.5 * x)


# Inverted dropout ------------------------------------------------------------------------------------------------------


def _draws(param):
    return np.random.default_rng(param["seed"]) if "seed" in param else param["rng"]


@alternative("dropout", "the mask of zeros and ones and p in the cache", replaces="dropout_forward")
def mask_and_p(x, dropout_param):
    if dropout_param["mode"] == "test":
        return np.array(x), None
    kept = _draws(dropout_param).binomial(1, dropout_param["p"], size=x.shape)
    return np.divide(x * kept, dropout_param["p"]), kept / dropout_param["p"]


@alternative("dropout", "as the well-known course has it, from the global generator", replaces="dropout_forward")
def global_generator(x, dropout_param):
    if "seed" in dropout_param:
        np.random.seed(dropout_param["seed"])  # noqa: NPY002
    if dropout_param["mode"] == "train":
        mask = (np.random.rand(*x.shape) < dropout_param["p"]) / dropout_param["p"]  # noqa: NPY002
        return x * mask, mask
    return x, None


@alternative("dropout", "through np.where", replaces="dropout_backward")
def through_where(dout, cache):
    return np.array(dout) if cache is None else np.where(cache > 0, dout * np.max(cache), 0.0)


def _forward(name, sentence, mask=None, test=lambda x, p: x, replaces="dropout_forward"):
    """A forward pass with another mask: a function of (draws, x, p); or another output in test mode."""
    mask = mask or (lambda draws, x, p: (draws.random(x.shape) < p) / p)

    def dropout_forward(x, dropout_param):
        p = dropout_param["p"]
        if dropout_param["mode"] == "test":
            return test(x, p), None
        drawn = mask(_draws(dropout_param), x, p)
        return x * drawn, np.broadcast_to(drawn, x.shape)

    mutant("dropout", sentence, replaces=replaces)(_named(name, dropout_forward))


_forward(
    "keeps_the_rest",
    "The mask keeps an entry with probability 1 - p: a uniform number is below p with probability p, not above.",
    lambda draws, x, p: (draws.random(x.shape) > p) / p,
)
_forward(
    "drops_with_p",
    "p is taken as the probability of dropping, in the mask and in the factor; it is that of keeping.",
    lambda draws, x, p: (draws.random(x.shape) < 1 - p) / max(1 - p, 1e-12),
)
_forward(
    "normal_numbers",
    "The mask is drawn from normal numbers, which are below p too often: draw uniform ones.",
    lambda draws, x, p: (draws.normal(size=x.shape) < p) / p,
)
_forward(
    "kept_unscaled",
    "What is kept is not divided by p: then the expectation is p times x.",
    lambda draws, x, p: (draws.random(x.shape) < p) * 1.0,
)
_forward(
    "multiplied_by_p",
    "What is kept is multiplied by p; inverted dropout divides by it.",
    lambda draws, x, p: (draws.random(x.shape) < p) * p,
)
_forward(
    "divided_by_the_rest",
    "What is kept is divided by 1 - p; dividing by p makes the expectation right.",
    lambda draws, x, p: (draws.random(x.shape) < p) / max(1 - p, 1e-12),
)
_forward(
    "one_mask_for_all_rows",
    "All rows have the same mask: draw a number for every entry.",
    lambda draws, x, p: (draws.random(x.shape[-1:]) < p) / p,
)
_forward(
    "one_draw_for_a_row",
    "All entries of a row have the same draw: draw a number for every entry.",
    lambda draws, x, p: (draws.random((*x.shape[:-1], 1)) < p) / p if x.ndim > 1 else (draws.random(x.shape) < p) / p,
)
_forward(
    "scaled_at_both_times",
    "The output is scaled in training and again in test mode: scale at one time only.",
    test=lambda x, p: p * x,
)
_forward(
    "divided_in_test_mode",
    "In test mode the output is divided by p: there it is x as it is.",
    test=lambda x, p: x / p,
)


_forward(
    "fixed_number",
    "Every call keeps the same number of entries: p is a probability, and each entry has a draw of its own.",
    lambda draws, x, p: (draws.permutation(x.size) < round(p * x.size)).reshape(x.shape) / p,
)
_forward(
    "whole_number_mask",
    "The scaled mask was cut down to whole numbers: 1 / p is not one.",
    lambda draws, x, p: ((draws.random(x.shape) < p) / p).astype(int),
)


class _LatestMask:
    """What a global name does: whoever asks for the mask gets that of the latest forward pass."""

    mask = np.ones(())

    def __array__(self, dtype=None, copy=None):
        return self.mask

    def __gt__(self, number):
        return self.mask > number

    def max(self, *arguments, **named):
        return self.mask.max()


_latest = _LatestMask()


@mutant(
    "dropout",
    "The mask is kept in one place for all calls, so a later forward pass writes over it: hand it over in the cache.",
    replaces="dropout_forward",
)
def one_place_for_all(x, dropout_param):
    if dropout_param["mode"] == "test":
        return x, None
    _latest.mask = (_draws(dropout_param).random(x.shape) < dropout_param["p"]) / dropout_param["p"]
    return x * _latest.mask, _latest


@mutant(
    "dropout",
    "The mask is written into dropout_param, which is one dict for all calls: hand it over in the cache.",
    replaces="dropout_forward",
)
def settings_filled(x, dropout_param):
    if dropout_param["mode"] == "test":
        return x, None
    mask = (_draws(dropout_param).random(x.shape) < dropout_param["p"]) / dropout_param["p"]
    dropout_param["mask"] = mask
    return x * mask, mask


@mutant(
    "dropout",
    "The mask is read off the output: where x itself is zero, after a ReLU for instance, a kept entry is taken for a "
    "dropped one.",
    replaces="dropout_forward",
)
def mask_from_output(x, dropout_param):
    if dropout_param["mode"] == "test":
        return x, None
    p = dropout_param["p"]
    out = x * ((_draws(dropout_param).random(x.shape) < p) / p)
    return out, (out != 0) / p


@mutant(
    "dropout",
    "In test mode there is no mask, and the backward pass fails: there dx is dout.",
    replaces="dropout_backward",
)
def fails_in_test_mode(dout, cache):
    return dout * cache


@mutant("dropout", "Entries are still dropped in test mode: there the output is x.", replaces="dropout_forward")
def always_on(x, dropout_param):
    mask = (_draws(dropout_param).random(x.shape) < dropout_param["p"]) / dropout_param["p"]
    return x * mask, mask


@mutant("dropout", "Nothing is dropped in training: are the two modes exchanged?", replaces="dropout_forward")
def modes_exchanged(x, dropout_param):
    if dropout_param["mode"] == "train":
        return x, None
    mask = (_draws(dropout_param).random(x.shape) < dropout_param["p"]) / dropout_param["p"]
    return x * mask, mask


@mutant(
    "dropout",
    "Every call gives the same mask: draw from generator_of(dropout_param), not from a generator of your own.",
    replaces="dropout_forward",
)
def own_generator(x, dropout_param):
    if dropout_param["mode"] == "test":
        return x, None
    mask = (np.random.default_rng(0).random(x.shape) < dropout_param["p"]) / dropout_param["p"]
    return x * mask, mask


@mutant("dropout", "x is changed in place: the output is a new array.", replaces="dropout_forward")
def dropped_in_place(x, dropout_param):
    if dropout_param["mode"] == "test":
        return x, None
    mask = ((_draws(dropout_param).random(x.shape) < dropout_param["p"]) / dropout_param["p"]).astype(x.dtype)
    x *= mask
    return x, mask


def _backward(name, sentence, backward):
    mutant("dropout", sentence, replaces="dropout_backward")(_named(name, backward))


_backward(
    "redrawn",
    "The backward pass draws a new mask: it must use the mask of the forward pass.",
    lambda dout, cache: (
        dout
        if cache is None
        else dout * np.max(cache) * (np.random.default_rng(1).random(dout.shape) < 1 / np.max(cache))
    ),
)
_backward(
    "gradient_unscaled",
    "The gradient lacks the division by p where the entry was kept.",
    lambda dout, cache: dout if cache is None else dout * (cache > 0),
)
_backward("gradient_to_all", "The gradient passes where entries were dropped, too.", lambda dout, cache: dout * 1.0)
_backward(
    "scaled_to_all",
    "The gradient is divided by p everywhere: where entries were dropped it is zero.",
    lambda dout, cache: dout if cache is None else dout * np.max(cache),
)
_backward(
    "scaled_twice",
    "The gradient is divided by p twice: is the factor in the mask already?",
    lambda dout, cache: dout if cache is None else dout * cache * np.max(cache),
)
