"""Reference answers for penalties, dropout's expectation, smoothed labels, soft cross-entropy, and a whole net.

Written entry by entry or by recursion; the net's gradients come from complex steps, not from a backward pass.
"""

import math

import numpy as np

# Penalties ----------------------------------------------------------------------------------------------------------


def penalty_price(params, l1, l2):
    """Price of the weights, from one entry to the next."""
    weights = [float(w) for name in params if name[0] == "W" for w in np.ravel(params[name])]
    return math.fsum(l1 * abs(w) for w in weights) + math.fsum(l2 * w * w for w in weights) / 2


def penalty_slopes(W, l1, l2):
    """Gradient of the price by one array: a pull to the left of positive entries, to the right of negative ones."""
    return l2 * W + l1 * np.where(W > 0, 1.0, 0.0) - l1 * np.where(W < 0, 1.0, 0.0)


def soft_threshold(w, t):
    """What is left of w when its part within t of zero is taken away."""
    return w - np.clip(w, -t, t)


# Dropout ------------------------------------------------------------------------------------------------------------


def expectation(products, p, f, so_far=0.0):
    """Mean of f over all masks: the first product is there with probability p, else not; then the others."""
    if not len(products):
        return float(f(so_far))
    with_it = expectation(products[1:], p, f, so_far + products[0])
    return p * with_it + (1 - p) * expectation(products[1:], p, f, so_far)


def probabilities(row):
    """Softmax of one row of scores, each entry by the odds of the others against it."""
    return np.array([1 / sum(math.exp(min(other - score, 700.0)) for other in row) for score in row])


def vote(passes):
    """Mean and standard deviation of the probabilities over passes: (samples, N, C) scores → two (N, C) arrays."""
    tables = [[probabilities(row) for row in scores] for scores in passes]
    mean = sum(map(np.array, tables)) / len(tables)
    variance = sum((np.array(table) - mean) ** 2 for table in tables) / len(tables)
    return mean, variance**0.5


# Targets ------------------------------------------------------------------------------------------------------------


def smooth_labels(y, num_classes, eps):
    """Target probabilities, a list for each label."""
    share = eps / (num_classes - 1)
    return np.array([[1 - eps if c == label else share for c in range(num_classes)] for label in y])


def soft_cross_entropy(scores, targets):
    """Mean over the rows of log-sum-exp minus the score expected under the targets."""
    total = 0.0
    for row, target in zip(np.asarray(scores, float), np.asarray(targets, float), strict=True):
        top = max(row)
        total += top + math.log(math.fsum(math.exp(s - top) for s in row)) - float(np.dot(target, row))
    return total / len(scores)


def soft_cross_entropy_slopes(scores, targets):
    """Its gradient: how far the probabilities of each row are from their targets, shared among the rows."""
    gaps = [probabilities(row) - target for row, target in zip(np.asarray(scores, float), targets, strict=True)]
    return np.array(gaps) / len(gaps)


# A whole net --------------------------------------------------------------------------------------------------------
#
# Parameters may have leading axes: a net for each of many settings, all run at once.


def layers_of(params):
    """How many layers with weights there are."""
    return sum(name.startswith("W") for name in params)


def sums_before_relu(params, X, running=None):
    """What enters the ReLU of every hidden layer, and the scores; complex parameters are welcome.

    running: None for statistics of the batch, else (mean, variance) for every hidden layer.
    """
    h, entering = np.asarray(X), []
    for number in range(1, layers_of(params) + 1):
        a = np.einsum("...nd,...dm->...nm", h, params[f"W{number}"]) + params[f"b{number}"][..., np.newaxis, :]
        if f"gamma{number}" in params:
            center, spread = running[number - 1] if running else _statistics(a)
            gain, shift = params[f"gamma{number}"][..., np.newaxis, :], params[f"beta{number}"][..., np.newaxis, :]
            a = gain * (a - center) * (spread + 1e-5) ** -0.5 + shift
        entering.append(a)
        h = np.where(a.real > 0, a, 0)
    return entering[:-1], entering[-1]


def _statistics(a):
    """Mean and variance over the examples; not by np.var, which takes absolute values of complex numbers."""
    center = a.mean(axis=-2, keepdims=True)
    return center, ((a - center) ** 2).mean(axis=-2, keepdims=True)


def net_scores(params, X, running=None):
    """Scores of the net without dropout."""
    return sums_before_relu(params, X, running)[1]


def net_loss(params, X, targets, reg):
    """Loss in training mode without dropout; targets (N, C)."""
    s = net_scores(params, X)
    data = np.log(np.exp(s).sum(axis=-1)) - (targets * s).sum(axis=-1)
    weights = [params[f"W{number}"] ** 2 for number in range(1, layers_of(params) + 1)]
    return data.mean(axis=-1) + reg / 2 * sum(square.sum(axis=(-2, -1)) for square in weights)


def net_gradients(params, X, targets, reg):
    """Gradients of net_loss by complex steps, exact to rounding: one net for each number that is moved."""
    flat = np.concatenate([np.ravel(value) for value in params.values()])
    moved = flat + 1e-30j * np.eye(len(flat))
    ends = np.cumsum([value.size for value in params.values()])
    columns = np.split(moved, ends[:-1], axis=1)
    nets = {name: part.reshape(-1, *params[name].shape) for name, part in zip(params, columns, strict=True)}
    slopes = np.split(net_loss(nets, X, targets, reg).imag / 1e-30, ends[:-1])
    return {name: part.reshape(params[name].shape) for name, part in zip(params, slopes, strict=True)}
