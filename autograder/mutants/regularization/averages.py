"""The mean over all masks, and the Monte Carlo vote: other right ways, and mistakes."""

import itertools

import numpy as np

from autograder.testing import alternative, mutant


def _named(name, function):
    function.__name__ = name
    return function


# The exact expectation -------------------------------------------------------------------------------------------------


def _over_masks(probability=None, output=None, mean=sum, masks=None):
    """An expectation whose parts are exchanged. probability: (mask, p); output: (mask, w, x, f)."""

    def exact_dropout_expectation(w, x, p, f=None):
        f = (lambda s: s) if f is None else f
        found = [np.array(mask, float) for mask in itertools.product((1, 0), repeat=len(w))]
        found = found if masks is None else masks(found)
        weigh = probability or (lambda mask, p: np.prod(np.where(mask == 1, p, 1 - p)))
        run = output or (lambda mask, w, x, f, p: f(float(np.dot(mask, w * x))))
        return mean([weigh(mask, p) * run(mask, w, x, f, p) for mask in found])

    return exact_dropout_expectation


alternative("exact_dropout_expectation", "masks from itertools, a product of probabilities")(
    _named("from_products", _over_masks())
)


@alternative("exact_dropout_expectation", "masks from the bits of a number")
def from_bits(w, x, p, f=None):
    total = 0.0
    for number in range(2 ** len(w)):
        s, probability = 0.0, 1.0
        for i in range(len(w)):
            kept = number >> i & 1
            s += w[i] * x[i] if kept else 0.0
            probability *= p if kept else 1 - p
        total += probability * (s if f is None else f(s))
    return total


def _exact(name, sentence, **parts):
    mutant("exact_dropout_expectation", sentence)(_named(name, _over_masks(**parts)))


_exact(
    "chance_of_dropping",
    "p is used as the probability of dropping an input; it is that of keeping it.",
    probability=lambda mask, p: np.prod(np.where(mask == 1, 1 - p, p)),
)
_exact(
    "all_masks_alike",
    "All masks count alike; that is right for p = 0.5 only. A mask's probability depends on how many inputs it keeps.",
    probability=lambda mask, p: 0.5 ** len(mask),
)
_exact(
    "kept_ones_only",
    "A mask's probability lacks the factors 1 - p of the inputs that are dropped.",
    probability=lambda mask, p: np.prod(np.where(mask == 1, p, 1.0)),
)
_exact(
    "dropped_ones_only",
    "A mask's probability lacks the factors p of the inputs that are kept.",
    probability=lambda mask, p: np.prod(np.where(mask == 1, 1.0, 1 - p)),
)
_exact(
    "inverted",
    "The kept inputs are divided by p: here they count as they are.",
    output=lambda mask, w, x, f, p: f(float(np.dot(mask, w * x)) / p) if p else f(0.0),
)
_exact(
    "without_the_empty_mask",
    "The mask that drops all inputs is missing: f(0) counts with its probability.",
    masks=lambda found: found[:-1],
)
_exact(
    "activation_of_parts",
    "The activation is applied to each product and then summed: it is applied to the sum.",
    output=lambda mask, w, x, f, p: sum(f(float(v)) for v in mask * w * x),
)
_exact("activation_forgotten", "The activation is not applied.", output=lambda mask, w, x, f, p: float(mask @ (w * x)))
_exact(
    "weights_dropped_before_f",
    "Only the weights are summed: each is multiplied by its input.",
    output=lambda mask, w, x, f, p: f(float(np.dot(mask, w))),
)


_exact(
    "averaged_once_more",
    "The sum over the masks is divided by their number as well; the probabilities are the weights of the mean already.",
    mean=lambda terms: sum(terms) / len(terms),
)
_exact(
    "one_power_for_both",
    "p and 1 - p have the same power: p counts the inputs that are kept, 1 - p those that are dropped.",
    probability=lambda mask, p: p ** mask.sum() * (1 - p) ** mask.sum(),
)
_exact(
    "inputs_without_weights",
    "Only the inputs are summed: each is multiplied by its weight.",
    output=lambda mask, w, x, f, p: f(float(np.dot(mask, x))),
)


@mutant(
    "exact_dropout_expectation", "Only the first two inputs are counted, as in the text: w and x may have any length."
)
def two_inputs_only(w, x, p, f=None):
    f, a, b = f or (lambda s: s), w[0] * x[0], w[1] * x[1]
    return p * p * f(a + b) + p * (1 - p) * (f(a) + f(b)) + (1 - p) ** 2 * f(0.0)


@mutant("exact_dropout_expectation", "f is called though it may be None: then the sum counts as it is.")
def none_is_called(w, x, p, f=None):
    return from_bits(w, x, p, lambda s: f(s))


@mutant(
    "exact_dropout_expectation",
    "This is the activation of the mean sum; the mean of the activations is asked for, which differs unless f is linear.",
)
def scaled_once(w, x, p, f=None):
    s = p * float(np.dot(w, x))
    return s if f is None else f(s)


@mutant("exact_dropout_expectation", "The mean activation is taken as p times the activation of the whole sum.")
def activation_then_p(w, x, p, f=None):
    s = float(np.dot(w, x))
    return p * (s if f is None else f(s))


# The Monte Carlo vote --------------------------------------------------------------------------------------------------


def _softmax(scores):
    with np.errstate(all="ignore"):
        exps = np.exp(scores - scores.max(axis=-1, keepdims=True))
        return exps / exps.sum(axis=-1, keepdims=True)


@alternative("mc_dropout_predict", "sums of probabilities and of their squares")
def running_sums(forward, X, samples):
    tables = [_softmax(np.asarray(forward(X))) for _ in range(samples)]
    mean = sum(tables) / samples
    return mean, np.sqrt(sum((table - mean) ** 2 for table in tables) / samples)


@alternative("mc_dropout_predict", "stacked along a last axis")
def stacked(forward, X, samples):
    tables = np.stack([_softmax(forward(X)) for _ in range(samples)], axis=-1)
    return tables.mean(-1), tables.std(-1)


def _vote(name, sentence, asked=None, result=None):
    asked = asked or (lambda forward, X, samples: [forward(X) for _ in range(samples)])
    result = result or (lambda scores: (_softmax(scores).mean(axis=0), _softmax(scores).std(axis=0)))

    def mc_dropout_predict(forward, X, samples):
        return result(np.array(asked(forward, X, samples)))

    mutant("mc_dropout_predict", sentence)(_named(name, mc_dropout_predict))


_vote(
    "mean_of_scores",
    "The scores are averaged before the softmax: average the probabilities.",
    result=lambda s: (_softmax(s.mean(axis=0)), _softmax(s).std(axis=0)),
)
_vote("no_softmax", "These are means of scores: turn the scores of each pass into probabilities.",
      result=lambda s: (s.mean(axis=0), s.std(axis=0)))  # fmt: skip
_vote(
    "spread_of_scores",
    "The standard deviation is that of the scores; it is asked for the probabilities.",
    result=lambda s: (_softmax(s).mean(axis=0), s.std(axis=0)),
)
_vote(
    "variance",
    "This is the variance: the root is missing.",
    result=lambda s: (_softmax(s).mean(axis=0), _softmax(s).var(axis=0)),
)
_vote(
    "one_less",
    "The standard deviation divides by samples - 1; the docstring asks for samples.",
    result=lambda s: (_softmax(s).mean(axis=0), np.sqrt(_softmax(s).var(axis=0) * len(s) / max(len(s) - 1, 1))),
)
_vote(
    "one_pass_repeated",
    "One pass is counted many times: call forward anew for each sample, so that the masks differ.",
    asked=lambda forward, X, samples: [forward(X)] * samples,
)
_vote(
    "one_pass_too_many",
    "forward is called once more than samples says.",
    asked=lambda forward, X, samples: [forward(X) for _ in range(samples + 1)],
)
_vote(
    "averaged_over_examples",
    "Mean and standard deviation run over the examples: they run over the passes.",
    result=lambda s: (_softmax(s).mean(axis=1), _softmax(s).std(axis=1)),
)
_vote(
    "votes_counted",
    "The mean counts which class won each pass; it is the mean of the probabilities.",
    result=lambda s: (np.eye(s.shape[-1])[s.argmax(axis=-1)].mean(axis=0), _softmax(s).std(axis=0)),
)
_vote(
    "sum_of_probabilities",
    "The probabilities are added up and not divided by the number of passes.",
    result=lambda s: (_softmax(s).sum(axis=0), _softmax(s).std(axis=0)),
)
_vote(
    "softmax_over_rows",
    "The softmax runs over the examples: it runs over the classes of each row.",
    result=lambda s: (
        _softmax(s.swapaxes(1, 2)).swapaxes(1, 2).mean(axis=0),
        _softmax(s.swapaxes(1, 2)).swapaxes(1, 2).std(axis=0),
    ),
)
_vote(
    "softmax_of_the_spread",
    "The spread of the scores went through a softmax: take the standard deviation of the probabilities.",
    result=lambda s: (_softmax(s).mean(axis=0), _softmax(s.std(axis=0))),
)


@mutant(
    "mc_dropout_predict",
    "forward is called twice as often as samples says: collect the passes once, and take mean and spread of them.",
)
def two_rounds(forward, X, samples):
    mean = np.mean([_softmax(forward(X)) for _ in range(samples)], axis=0)
    return mean, np.std([_softmax(forward(X)) for _ in range(samples)], axis=0)


@mutant(
    "mc_dropout_predict",
    "Where passes agree the spread is not a number: the mean of squares less the square of the mean fell below zero.",
)
def root_of_a_difference(forward, X, samples):
    total = squares = 0.0
    for _ in range(samples):
        table = _softmax(forward(X))
        total, squares = total + table, squares + table**2
    with np.errstate(all="ignore"):
        return total / samples, np.sqrt(squares / samples - (total / samples) ** 2)


@mutant("mc_dropout_predict", "Scores in the thousands overflow: nn.softmax takes care of them.")
def overflowing_softmax(forward, X, samples):
    with np.errstate(all="ignore"):
        exps = [np.exp(forward(X)) for _ in range(samples)]
        tables = np.array([each / each.sum(axis=1, keepdims=True) for each in exps])
    return tables.mean(axis=0), tables.std(axis=0)


_vote(
    "row_by_row",
    "forward is called for one example at a time: give it the whole of X at each pass.",
    asked=lambda forward, X, samples: [
        np.concatenate([np.asarray(forward(X[n : n + 1]))[:1] for n in range(len(X))]) for _ in range(samples)
    ],
)
_vote(
    "deviation_of_the_mean",
    "The standard deviation is divided by the root of samples: that is the error of the mean, not the spread.",
    result=lambda s: (_softmax(s).mean(axis=0), _softmax(s).std(axis=0) / np.sqrt(len(s))),
)
