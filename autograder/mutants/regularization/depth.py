"""The extension stochastic depth: other right ways, and mistakes."""

import numpy as np

from autograder.testing import alternative, mutant


def _draws(param):
    return np.random.default_rng(param["seed"]) if "seed" in param else param["rng"]


def _named(name, function):
    function.__name__ = name
    return function


def _per_example(d, x, p):
    return (d.random((len(x),) + (1,) * (x.ndim - 1)) < p) * 1.0


@alternative("stochastic_depth", "an example at a time", replaces="stochastic_depth_forward")
def by_example(x, block, depth_param):
    p = depth_param["p"]
    if depth_param["mode"] == "test":
        return x + block * p, p
    kept = np.array([_draws_once < p for _draws_once in _draws(depth_param).random(len(x))], float)
    out = np.array([x[n] + block[n] if kept[n] else x[n] for n in range(len(x))])
    return out, kept.reshape((-1,) + (1,) * (x.ndim - 1))


@alternative("stochastic_depth", "copies of both gradients", replaces="stochastic_depth_backward")
def both_copied(dout, cache):
    return np.array(dout), np.multiply(dout, cache)


def _depth(name, sentence, kept=_per_example, test=lambda p: p, out=None):
    out = out or (lambda x, block, m: x + m * block)

    def stochastic_depth_forward(x, block, depth_param):
        p = depth_param["p"]
        if depth_param["mode"] == "test":
            return x + test(p) * block, test(p)
        m = kept(_draws(depth_param), x, p)
        return out(x, block, m), m

    mutant("stochastic_depth", sentence, replaces="stochastic_depth_forward")(_named(name, stochastic_depth_forward))


_depth("not_rescaled", "In test mode the block comes whole; in training it is there only with probability p.",
       test=lambda p: 1.0)  # fmt: skip
_depth("rescaled_by_the_rest", "In test mode the block is multiplied by 1 - p; p is the probability of keeping it.",
       test=lambda p: 1 - p)  # fmt: skip
_depth("divided_in_training", "The kept block is divided by p in training, and multiplied by p in test mode as well.",
       kept=lambda d, x, p: _per_example(d, x, p) / p)  # fmt: skip
_depth("blocks_above_p", "The block is kept with probability 1 - p: compare the other way round.",
       kept=lambda d, x, p: 1.0 - _per_example(d, x, p))  # fmt: skip
_depth("a_draw_an_entry", "Every entry has its own draw: a block is kept or dropped as a whole for an example.",
       kept=lambda d, x, p: (d.random(x.shape) < p) * 1.0)  # fmt: skip
_depth("a_draw_a_batch", "All examples share one draw: every example has its own.",
       kept=lambda d, x, p: (d.random() < p) * np.ones((len(x),) + (1,) * (x.ndim - 1)))  # fmt: skip
_depth("shortcut_dropped", "x is dropped together with the block: x always passes.",
       out=lambda x, block, m: m * (x + block))  # fmt: skip
_depth("same_depth_always", "Every call gives the same draws: draw from generator_of(depth_param).",
       kept=lambda d, x, p: _per_example(np.random.default_rng(0), x, p))  # fmt: skip


_depth("draws_from_elsewhere", "The draws do not come from the generator in depth_param.",
       kept=lambda d, x, p: _per_example(np.random.default_rng(), x, p))  # fmt: skip
_depth("rows_only", "The draws have the shape (N, 1), which fits rows only: images need (N, 1, 1, 1).",
       kept=lambda d, x, p: (d.random((len(x), 1)) < p) * 1.0)  # fmt: skip
_depth("draws_for_columns", "The draws are shared by all examples, one for each column: every example has its own.",
       kept=lambda d, x, p: (d.random(x.shape[1:]) < p) * np.ones(x.shape))  # fmt: skip


@mutant("stochastic_depth", "x is changed in place: return a new array.", replaces="stochastic_depth_forward")
def depth_in_place(x, block, depth_param):
    p = depth_param["p"]
    factor = _per_example(_draws(depth_param), x, p) if depth_param["mode"] == "train" else p
    x += factor * block
    return x, factor


@mutant("stochastic_depth", "Blocks are dropped in test mode, too.", replaces="stochastic_depth_forward")
def depth_always_random(x, block, depth_param):
    m = _per_example(_draws(depth_param), x, depth_param["p"])
    return x + m * block, m


def _depth_back(name, sentence, backward):
    mutant("stochastic_depth", sentence, replaces="stochastic_depth_backward")(_named(name, backward))


_depth_back("block_gradient_whole", "The block receives the whole gradient, though it was dropped or scaled.",
            lambda dout, cache: (dout * 1.0, dout * 1.0))  # fmt: skip
_depth_back("x_gradient_dropped", "dx is dropped with the block: x always passes, and so does its gradient.",
            lambda dout, cache: (dout * cache, dout * cache))  # fmt: skip
_depth_back("both_ways_in_dx", "dx holds the block's part as well: what reaches x through the block is added elsewhere.",
            lambda dout, cache: (dout * (1 + cache), dout * cache))  # fmt: skip
_depth_back("gradients_exchanged", "The two gradients are exchanged: dx comes first.",
            lambda dout, cache: (dout * cache, dout * 1.0))  # fmt: skip
