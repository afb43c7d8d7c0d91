"""`search_net`: other correct solutions, and mistakes."""

import math

import numpy as np

from autograder.mutants.two_layer_net.sampling import draw
from autograder.testing import alternative, mutant


def _values(ranges, rng, t):
    return {name: float(draw(low, high, None, rng)) for name, (low, high) in ranges.items()}


def _last(history):
    return 0.0 if history["stopped"] else float(history["val_accuracy"][-1])


def _place(value, low, high):
    return math.log(value / low) / math.log(high / low)


def _near_an_end(place):
    return place < 0.1 or place > 0.9


def _edges(best, ranges, near=_near_an_end, place=_place):
    return [name for name in ranges if near(place(best[name], *ranges[name]))]


def _search(train_fn, ranges, num_tries, rng, values=_values, score=_last, best_of=max, edges=_edges, empty=(None, [])):
    """A right search in which one part can be replaced."""
    results, exploded = [], []
    for t in range(num_tries):
        drawn = values(ranges, rng, t)
        history = train_fn(**drawn)
        results.append((drawn, score(history)))
        exploded.append(bool(history["stopped"]))
    if all(exploded):
        return empty[0], results, empty[1]
    best = best_of(results, key=lambda entry: entry[1])[0]
    return best, results, edges(best, ranges)


@alternative("search_net", "in parts")
def in_parts(train_fn, ranges, num_tries, rng):
    return _search(train_fn, ranges, num_tries, rng)


@alternative("search_net", "all values drawn beforehand, the best kept while going")
def drawn_beforehand(train_fn, ranges, num_tries, rng):
    table = {n: 10 ** rng.uniform(np.log10(a), np.log10(b), num_tries) for n, (a, b) in ranges.items()}
    best, best_score, results = None, -1.0, []
    for t in range(num_tries):
        values = {name: column[t] for name, column in table.items()}
        history = train_fn(**values)
        exploded = history.get("stopped", False)
        results.append((values, 0.0 if exploded else history["val_accuracy"][-1]))
        if not exploded and results[-1][1] > best_score:
            best, best_score = values, results[-1][1]
    at_edge = set()
    for name, (a, b) in ranges.items():
        tenth = (b / a) ** 0.1
        if best is not None and not a * tenth <= best[name] <= b / tenth:
            at_edge.add(name)
    return best, results, sorted(at_edge)


@mutant("search_net", "Values are drawn once and used in every try; draw them anew.")
def drawn_once(train_fn, ranges, num_tries, rng):
    once = _values(ranges, rng, 0)
    return _search(train_fn, ranges, num_tries, rng, values=lambda ranges, rng, t: dict(once))


@mutant("search_net", "All values rise and fall together: draw a number of its own for each.")
def drawn_together(train_fn, ranges, num_tries, rng):
    def values(ranges, rng, t):
        place = rng.random()
        return {name: float(low * (high / low) ** place) for name, (low, high) in ranges.items()}

    return _search(train_fn, ranges, num_tries, rng, values=values)


@mutant("search_net", "Values are spread evenly themselves; it is their logarithms that should be.")
def evenly_in_the_number_itself(train_fn, ranges, num_tries, rng):
    def values(ranges, rng, t):
        return {name: float(rng.uniform(low, high)) for name, (low, high) in ranges.items()}

    return _search(train_fn, ranges, num_tries, rng, values=values)


@mutant("search_net", "The values are a grid, the same in every search; draw them at random.")
def a_grid_of_values(train_fn, ranges, num_tries, rng):
    def values(ranges, rng, t):
        place = (t + 0.5) / num_tries
        return {name: float(low * (high / low) ** place) for name, (low, high) in ranges.items()}

    return _search(train_fn, ranges, num_tries, rng, values=values)


@mutant("search_net", "The values do not come from rng: draw with the generator passed in.")
def search_with_own_generator(train_fn, ranges, num_tries, rng):
    return _search(train_fn, ranges, num_tries, np.random.default_rng(0))


@mutant("search_net", "The lowest accuracy wins; the highest should.")
def lowest_wins(train_fn, ranges, num_tries, rng):
    return _search(train_fn, ranges, num_tries, rng, best_of=min)


@mutant("search_net", "The run tried last wins; the one with the highest score should.")
def last_try_wins(train_fn, ranges, num_tries, rng):
    return _search(train_fn, ranges, num_tries, rng, best_of=lambda results, key: results[-1])


@mutant("search_net", "Runs are judged by training accuracy; judge them on the validation rows.")
def judged_by_training(train_fn, ranges, num_tries, rng):
    def score(history):
        return 0.0 if history["stopped"] else float(history["train_accuracy"][-1])

    return _search(train_fn, ranges, num_tries, rng, score=score)


@mutant("search_net", "A run's score is its highest accuracy on the way; here it is the last.")
def highest_on_the_way(train_fn, ranges, num_tries, rng):
    def score(history):
        return 0.0 if history["stopped"] else float(max(history["val_accuracy"]))

    return _search(train_fn, ranges, num_tries, rng, score=score)


@mutant("search_net", "A run's score is its first accuracy; it should be the last.")
def first_accuracy(train_fn, ranges, num_tries, rng):
    def score(history):
        return 0.0 if history["stopped"] else float(history["val_accuracy"][0])

    return _search(train_fn, ranges, num_tries, rng, score=score)


@mutant("search_net", "A run that exploded keeps the accuracy it had before; its score is zero.")
def exploded_runs_count(train_fn, ranges, num_tries, rng):
    def score(history):
        return float(history["val_accuracy"][-1]) if len(history["val_accuracy"]) else 0.0

    return _search(train_fn, ranges, num_tries, rng, score=score)


@mutant("search_net", "Runs that exploded are missing from results; keep them with a score of zero.")
def exploded_runs_left_out(train_fn, ranges, num_tries, rng):
    stopped = []

    def listening(**values):
        history = train_fn(**values)
        stopped.append(bool(history["stopped"]))
        return history

    best, results, at_edge = _search(listening, ranges, num_tries, rng)
    return best, [entry for entry, out in zip(results, stopped, strict=True) if not out], at_edge


@mutant("search_net", "The search ends at the first run that explodes; go on with the next try.")
def ends_at_an_explosion(train_fn, ranges, num_tries, rng):
    results, best = [], None
    for t in range(num_tries):
        drawn = _values(ranges, rng, t)
        history = train_fn(**drawn)
        if history["stopped"]:
            break
        results.append((drawn, _last(history)))
        best = max(results, key=lambda entry: entry[1])[0]
    return best, results, [] if best is None else _edges(best, ranges)


@mutant("search_net", "A run that exploded is called best when all did; then best is None and at_edge is empty.")
def best_of_the_exploded(train_fn, ranges, num_tries, rng):
    best, results, at_edge = _search(train_fn, ranges, num_tries, rng)
    return (results[0][0], results, _edges(results[0][0], ranges)) if best is None else (best, results, at_edge)


@mutant("search_net", "A score of 0 never becomes best; only runs that were stopped are ruled out.")
def zero_is_no_score(train_fn, ranges, num_tries, rng):
    best, results, at_edge = _search(train_fn, ranges, num_tries, rng)
    return (best, results, at_edge) if any(score > 0 for _, score in results) else (None, results, [])


@mutant("search_net", "All tries share one dict, so that each new try overwrites the values of those before it.")
def one_dict_for_all(train_fn, ranges, num_tries, rng):
    shared = {}

    def values(ranges, rng, t):
        shared.update(_values(ranges, rng, t))
        return shared

    return _search(train_fn, ranges, num_tries, rng, values=values)


@mutant("search_net", "results holds scores only; each entry is a pair of values and score.")
def scores_only(train_fn, ranges, num_tries, rng):
    best, results, at_edge = _search(train_fn, ranges, num_tries, rng)
    return best, [score for _, score in results], at_edge


@mutant("search_net", "results is sorted by score; leave it in the order of the tries.")
def sorted_results(train_fn, ranges, num_tries, rng):
    best, results, at_edge = _search(train_fn, ranges, num_tries, rng)
    return best, sorted(results, key=lambda entry: -entry[1]), at_edge


@mutant("search_net", "The first result is the best score; the best values are asked for.")
def best_score_for_values(train_fn, ranges, num_tries, rng):
    best, results, at_edge = _search(train_fn, ranges, num_tries, rng)
    return None if best is None else max(score for _, score in results), results, at_edge


@mutant("search_net", "at_edge is always empty: say which of the best values lie near an end of their range.")
def edges_not_noticed(train_fn, ranges, num_tries, rng):
    return _search(train_fn, ranges, num_tries, rng, edges=lambda best, ranges: [])


@mutant("search_net", "at_edge looks at the upper end of a range only.")
def upper_edge_only(train_fn, ranges, num_tries, rng):
    return _search(
        train_fn, ranges, num_tries, rng, edges=lambda best, ranges: _edges(best, ranges, lambda place: place > 0.9)
    )


@mutant("search_net", "at_edge looks at the lower end of a range only.")
def lower_edge_only(train_fn, ranges, num_tries, rng):
    return _search(
        train_fn, ranges, num_tries, rng, edges=lambda best, ranges: _edges(best, ranges, lambda place: place < 0.1)
    )


@mutant(
    "search_net", "at_edge measures the range itself, so that nearly every value lies at its lower end: use logarithms."
)
def edges_in_the_number(train_fn, ranges, num_tries, rng):
    def place(value, low, high):
        return (value - low) / (high - low)

    return _search(train_fn, ranges, num_tries, rng, edges=lambda best, ranges: _edges(best, ranges, place=place))


@mutant("search_net", "at_edge looks at the values tried last; look at the best ones.")
def edges_of_the_last_try(train_fn, ranges, num_tries, rng):
    best, results, _ = _search(train_fn, ranges, num_tries, rng)
    return best, results, [] if best is None else _edges(results[-1][0], ranges)


@mutant("search_net", "at_edge counts a whole decade at either end; how long a tenth is depends on the range.")
def a_decade_at_either_end(train_fn, ranges, num_tries, rng):
    def place(value, low, high):
        return 0.5 if min(value / low, high / value) > 10 else 0.0

    return _search(train_fn, ranges, num_tries, rng, edges=lambda best, ranges: _edges(best, ranges, place=place))


@mutant("search_net", "at_edge warns in the outer twentieth at either end; the outer tenth is asked for.")
def outer_twentieth(train_fn, ranges, num_tries, rng):
    return _search(
        train_fn, ranges, num_tries, rng, edges=lambda best, ranges: _edges(best, ranges, lambda p: not 0.05 < p < 0.95)
    )


@mutant("search_net", "at_edge names every value as soon as one lies at an edge; name only those that do.")
def all_names_at_once(train_fn, ranges, num_tries, rng):
    return _search(
        train_fn, ranges, num_tries, rng, edges=lambda best, ranges: list(ranges) if _edges(best, ranges) else []
    )
