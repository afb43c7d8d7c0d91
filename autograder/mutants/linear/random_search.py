"""Mistakes with random search, and other correct solutions."""

import numpy as np

from autograder.testing import alternative, mutant


@alternative("random_search", "keeps all and sorts out afterwards")
def keeps_all(loss_fn, shape, num_tries, rng):
    tries = [rng.normal(0, 1e-4, size=shape) for _ in range(num_tries)]
    losses = np.array([loss_fn(W) for W in tries])
    return tries[int(losses.argmin())], np.minimum.accumulate(losses)


@alternative("random_search", "starts from the first try, history as a list")
def from_the_first(loss_fn, shape, num_tries, rng):
    best = rng.standard_normal(shape) * 1e-4
    history = [loss_fn(best)]
    for _ in range(num_tries - 1):
        W = rng.standard_normal(shape) * 1e-4
        loss = loss_fn(W)
        if loss <= history[-1]:
            best = W
        history.append(min(loss, history[-1]))
    return best, np.array(history)


def _normal(rng, shape):
    return 1e-4 * rng.normal(size=shape)


def _search(loss_fn, shape, num_tries, rng, draw=_normal, start=np.inf, sign=1):
    """Random search with another way of drawing, or another first value to beat."""
    best_W, best, history = None, start, []
    for _ in range(num_tries):
        W = draw(rng, shape)
        loss = loss_fn(W)
        if sign * loss < sign * best:
            best_W, best = W, loss
        history.append(best)
    return best_W, np.array(history)


@mutant("random_search", "The weights with the highest loss are kept.")
def keeps_the_worst(loss_fn, shape, num_tries, rng):
    return _search(loss_fn, shape, num_tries, rng, start=-np.inf, sign=-1)


@mutant("random_search", "The weights of the last try are returned, not those of the best.")
def returns_the_last(loss_fn, shape, num_tries, rng):
    drawn = [_normal(rng, shape) for _ in range(num_tries)]
    return drawn[-1], np.minimum.accumulate([loss_fn(W) for W in drawn])


@mutant("random_search", "history holds the loss of each try; it should hold the lowest so far, which never rises.")
def history_of_every_try(loss_fn, shape, num_tries, rng):
    drawn = [_normal(rng, shape) for _ in range(num_tries)]
    losses = np.array([loss_fn(W) for W in drawn])
    return drawn[int(losses.argmin())], losses


@mutant("random_search", "A try is compared with the one before it, not with the best so far.")
def compares_with_the_previous(loss_fn, shape, num_tries, rng):
    best_W, previous, history = None, np.inf, []
    for _ in range(num_tries):
        W = _normal(rng, shape)
        loss = loss_fn(W)
        if loss < previous:
            best_W = W
        previous = loss
        history.append(min([loss, *history[-1:]]))
    return best_W, np.array(history)


@mutant("random_search", "The draws are not small: the factor 1e-4 is missing.")
def not_scaled(loss_fn, shape, num_tries, rng):
    return _search(loss_fn, shape, num_tries, rng, draw=lambda rng, shape: rng.normal(size=shape))


@mutant("random_search", "1e-4 was taken as the variance; it is the standard deviation.")
def scaled_by_the_root(loss_fn, shape, num_tries, rng):
    return _search(loss_fn, shape, num_tries, rng, draw=lambda rng, shape: 1e-2 * rng.normal(size=shape))


@mutant("random_search", "The draws are uniform; they should be normally distributed.")
def uniform_draws(loss_fn, shape, num_tries, rng):
    return _search(loss_fn, shape, num_tries, rng, draw=lambda rng, shape: 1e-4 * rng.uniform(-1.732, 1.732, shape))


@mutant("random_search", "The draws lie between 0 and 1e-4, so that no weight is ever negative: draw from a normal.")
def positive_draws(loss_fn, shape, num_tries, rng):
    return _search(loss_fn, shape, num_tries, rng, draw=lambda rng, shape: 1e-4 * rng.random(shape))


@mutant("random_search", "The weights are drawn once, before the loop: each try needs its own.")
def one_draw(loss_fn, shape, num_tries, rng):
    W = _normal(rng, shape)
    return _search(loss_fn, shape, num_tries, rng, draw=lambda rng, shape: W)


@mutant("random_search", "Each try is added to the one before: this is a random walk. Draw each afresh.")
def random_walk(loss_fn, shape, num_tries, rng):
    place = np.zeros(shape)

    def draw(rng, shape):
        nonlocal place
        place = place + _normal(rng, shape)
        return place

    return _search(loss_fn, shape, num_tries, rng, draw=draw)


@mutant("random_search", "The generator passed in is not used: another one, with a seed of its own, makes the draws.")
def generator_of_its_own(loss_fn, shape, num_tries, rng):
    return _search(loss_fn, shape, num_tries, np.random.default_rng(0))


@mutant(
    "random_search", "The loss to beat starts at a finite number, so that larger losses never count: start at infinity."
)
def starts_at_a_hundredth(loss_fn, shape, num_tries, rng):
    return _search(loss_fn, shape, num_tries, rng, start=1e-2)


@mutant("random_search", "history has an entry only where the loss improved; it needs one for every try.")
def history_of_improvements(loss_fn, shape, num_tries, rng):
    best_W, history = _search(loss_fn, shape, num_tries, rng)
    return best_W, np.unique(history)[::-1]
