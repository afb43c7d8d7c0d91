"""Mistakes with the search for hyperparameters, and other correct solutions."""

import numpy as np

from autograder.testing import alternative, mutant


@alternative("search_hyperparameters", "logspace, running best")
def running_best(train_fn, learning_rate_range, reg_range, num_values):
    best, results = None, {}
    for reg in np.logspace(*np.log10(reg_range), num_values):
        for rate in np.logspace(*np.log10(learning_rate_range), num_values):
            pair = float(rate), float(reg)
            results[pair] = float(train_fn(*pair))
            if best is None or results[pair] > results[best]:
                best = pair
    return best, results


@alternative("search_hyperparameters", "by the constant ratio")
def by_ratio(train_fn, learning_rate_range, reg_range, num_values):
    def values(low, high):
        return [float(low * (high / low) ** (i / (num_values - 1))) for i in range(num_values)]

    pairs = [(rate, reg) for rate in values(*learning_rate_range) for reg in values(*reg_range)]
    scores = [float(train_fn(*pair)) for pair in pairs]
    return pairs[int(np.argmax(scores))], dict(zip(pairs, scores, strict=True))


def _grid(train_fn, rates, regs, choose=max):
    results = {}
    for rate in map(float, rates):
        for reg in map(float, regs):
            results[rate, reg] = float(train_fn(rate, reg))
    return choose(results, key=results.get), results


@mutant("search_hyperparameters", "The values are spaced evenly, not by a constant ratio: space them in the logarithm.")
def linear_spacing(train_fn, learning_rate_range, reg_range, num_values):
    return _grid(train_fn, np.linspace(*learning_rate_range, num_values), np.linspace(*reg_range, num_values))


@mutant(
    "search_hyperparameters", "The penalty strengths are spaced evenly; they need log spacing like the learning rates."
)
def linear_regs(train_fn, learning_rate_range, reg_range, num_values):
    return _grid(train_fn, np.geomspace(*learning_rate_range, num_values), np.linspace(*reg_range, num_values))


@mutant("search_hyperparameters", "The ends of the ranges were used as exponents: np.logspace wants their logarithms.")
def ends_as_exponents(train_fn, learning_rate_range, reg_range, num_values):
    return _grid(train_fn, np.logspace(*learning_rate_range, num_values), np.logspace(*reg_range, num_values))


@mutant("search_hyperparameters", "The upper end of each range is left out; both ends belong to the grid.")
def upper_end_missing(train_fn, learning_rate_range, reg_range, num_values):
    ranges = [np.geomspace(*ends, num_values, endpoint=False) for ends in (learning_rate_range, reg_range)]
    return _grid(train_fn, *ranges)


@mutant("search_hyperparameters", "The pair with the lowest score is returned; a score is better when higher.")
def lowest_score(train_fn, learning_rate_range, reg_range, num_values):
    return _grid(
        train_fn, np.geomspace(*learning_rate_range, num_values), np.geomspace(*reg_range, num_values), choose=min
    )


@mutant("search_hyperparameters", "The pair tried last is returned, not the best.")
def last_pair(train_fn, learning_rate_range, reg_range, num_values):
    _, results = by_ratio(train_fn, learning_rate_range, reg_range, num_values)
    return list(results)[-1], results


@mutant("search_hyperparameters", "The score to beat starts at 0, so that negative scores never win.")
def starts_at_zero(train_fn, learning_rate_range, reg_range, num_values):
    best, results = by_ratio(train_fn, learning_rate_range, reg_range, num_values)
    return (best if results[best] > 0 else None), results


@mutant(
    "search_hyperparameters", "Only pairs with the same position in both lists are tried: every rate needs every reg."
)
def only_the_diagonal(train_fn, learning_rate_range, reg_range, num_values):
    pairs = zip(np.geomspace(*learning_rate_range, num_values), np.geomspace(*reg_range, num_values), strict=True)
    results = {(float(rate), float(reg)): float(train_fn(float(rate), float(reg))) for rate, reg in pairs}
    return max(results, key=results.get), results


@mutant("search_hyperparameters", "train_fn gets its arguments the wrong way round: the learning rate comes first.")
def arguments_swapped(train_fn, learning_rate_range, reg_range, num_values):
    return by_ratio(lambda rate, reg: train_fn(reg, rate), learning_rate_range, reg_range, num_values)


@mutant("search_hyperparameters", "Both lists are made from the range of the learning rates; reg has its own.")
def one_range_for_both(train_fn, learning_rate_range, reg_range, num_values):
    return by_ratio(train_fn, learning_rate_range, learning_rate_range, num_values)


@mutant("search_hyperparameters", "The best score is returned where the pair belongs.")
def score_for_the_pair(train_fn, learning_rate_range, reg_range, num_values):
    best, results = by_ratio(train_fn, learning_rate_range, reg_range, num_values)
    return results[best], results


@mutant(
    "search_hyperparameters", "results keeps one score for each learning rate: pairs with another reg overwrite it."
)
def keyed_by_rate(train_fn, learning_rate_range, reg_range, num_values):
    best, results = by_ratio(train_fn, learning_rate_range, reg_range, num_values)
    return best, {rate: score for (rate, _), score in results.items()}
