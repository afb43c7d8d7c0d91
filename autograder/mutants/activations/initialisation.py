"""First weights and statistics of layers: other right ways, and mistakes."""

import math

import numpy as np

from autograder.testing import alternative, mutant

# First weights -----------------------------------------------------------------------------------------------------------


def _deviation(kind, fan_in):
    known = {"zeros": 0.0, "small": 0.01, "large": 1.0, "xavier": fan_in**-0.5, "he": (2 / fan_in) ** 0.5}
    if kind not in known:
        raise ValueError(kind)
    return known[kind]


def _draw(kind, fan_in, fan_out, rng, **changed):
    """Right weights, but for the standard deviations given."""
    return changed.get(kind, _deviation(kind, fan_in)) * rng.normal(size=(fan_in, fan_out))


@alternative("init_weights", "one case after another, standard_normal")
def one_case_after_another(kind, fan_in, fan_out, rng):
    W = rng.standard_normal((fan_in, fan_out))
    if kind == "zeros":
        return np.zeros((fan_in, fan_out))
    if kind == "small":
        return W * 0.01
    if kind == "large":
        return W
    if kind == "xavier":
        return W / math.sqrt(fan_in)
    if kind == "he":
        return W / math.sqrt(fan_in / 2)
    raise ValueError("what is " + kind + "?")


@alternative("init_weights", "the scale as an argument of the draw, in single precision")
def scale_as_an_argument(kind, fan_in, fan_out, rng):
    return rng.normal(0.0, _deviation(kind, fan_in), size=(fan_in, fan_out)).astype(np.float32)


@mutant("init_weights", "xavier divides by the root of fan_out, the number of columns; it counts the inputs of a unit.")
def xavier_by_fan_out(kind, fan_in, fan_out, rng):
    return _draw(kind, fan_in, fan_out, rng, xavier=fan_out**-0.5)


@mutant("init_weights", "xavier uses Glorot's own formula, 2 / (fan_in + fan_out); here it is 1 / sqrt(fan_in).")
def glorots_own(kind, fan_in, fan_out, rng):
    return _draw(kind, fan_in, fan_out, rng, xavier=(2 / (fan_in + fan_out)) ** 0.5)


@mutant("init_weights", "xavier lacks the root: 1 / fan_in is the variance, the standard deviation is its root.")
def xavier_without_root(kind, fan_in, fan_out, rng):
    return _draw(kind, fan_in, fan_out, rng, xavier=1 / fan_in)


@mutant("init_weights", "he lacks the 2: this is xavier's scale, and ReLU halves the mean square.")
def he_without_two(kind, fan_in, fan_out, rng):
    return _draw(kind, fan_in, fan_out, rng, he=fan_in**-0.5)


@mutant("init_weights", "he has the 2 outside the root.")
def two_outside(kind, fan_in, fan_out, rng):
    return _draw(kind, fan_in, fan_out, rng, he=2 * fan_in**-0.5)


@mutant("init_weights", "he lacks the root: 2 / fan_in is the variance.")
def he_without_root(kind, fan_in, fan_out, rng):
    return _draw(kind, fan_in, fan_out, rng, he=2 / fan_in)


@mutant("init_weights", "he takes the root of the 2 only: fan_in stands under the root as well.")
def root_of_two_only(kind, fan_in, fan_out, rng):
    return _draw(kind, fan_in, fan_out, rng, he=2**0.5 / fan_in)


@mutant("init_weights", "he divides by fan_in + fan_out, as Glorot's formula does; it counts the inputs only.")
def he_by_both(kind, fan_in, fan_out, rng):
    return _draw(kind, fan_in, fan_out, rng, he=(2 / (fan_in + fan_out)) ** 0.5)


@mutant("init_weights", "he divides by fan_out, the number of columns; it counts the inputs of a unit.")
def he_by_fan_out(kind, fan_in, fan_out, rng):
    return _draw(kind, fan_in, fan_out, rng, he=(2 / fan_out) ** 0.5)


@mutant("init_weights", "xavier and he both divide by fan_out; they count the inputs of a unit, the rows.")
def both_by_fan_out(kind, fan_in, fan_out, rng):
    return _draw(kind, fan_in, fan_out, rng, xavier=fan_out**-0.5, he=(2 / fan_out) ** 0.5)


@mutant("init_weights", "small has another scale than 0.01.")
def smaller_still(kind, fan_in, fan_out, rng):
    return _draw(kind, fan_in, fan_out, rng, small=1e-4)


@mutant("init_weights", "The shape is (fan_out, fan_in): rows are inputs, columns are outputs.")
def transposed(kind, fan_in, fan_out, rng):
    return _draw(kind, fan_in, fan_out, rng).T


@mutant("init_weights", "The numbers are uniformly distributed; normal ones were asked for.")
def uniform(kind, fan_in, fan_out, rng):
    return math.sqrt(3) * _deviation(kind, fan_in) * rng.uniform(-1, 1, size=(fan_in, fan_out))


@mutant("init_weights", "rng.random draws from 0 to 1: all weights are positive.")
def all_positive(kind, fan_in, fan_out, rng):
    return _deviation(kind, fan_in) * rng.random(size=(fan_in, fan_out))


@mutant("init_weights", "The weights come from np.random's global generator: draw from the rng that is passed in.")
def global_generator(kind, fan_in, fan_out, rng):
    return _deviation(kind, fan_in) * np.random.randn(fan_in, fan_out)  # noqa: NPY002


@mutant("init_weights", "A new generator with a fixed seed is made in every call: draw from the rng that is passed in.")
def own_generator(kind, fan_in, fan_out, rng):
    return _draw(kind, fan_in, fan_out, np.random.default_rng(0))


@mutant("init_weights", "An unknown kind is treated as he: it must raise ValueError.")
def unknown_is_he(kind, fan_in, fan_out, rng):
    known = kind in ("zeros", "small", "large", "xavier")
    return _draw(kind if known else "he", fan_in, fan_out, rng)


@mutant("init_weights", "zeros gives whole numbers (an integer dtype); weights are floats.")
def integer_zeros(kind, fan_in, fan_out, rng):
    return np.zeros((fan_in, fan_out), dtype=int) if kind == "zeros" else _draw(kind, fan_in, fan_out, rng)


# Statistics ----------------------------------------------------------------------------------------------------------------


@alternative("activation_statistics", "all outputs first, then lists of plain numbers as arrays")
def outputs_first(X, weights, activation):
    outputs = [X]
    for W in weights:
        outputs.append(activation(np.dot(outputs[-1], W)))
    return np.array([float(h.mean()) for h in outputs[1:]]), np.array([float(h.std()) for h in outputs[1:]])


@alternative("activation_statistics", "the deviation by the definition, in columns of a table")
def by_the_definition(X, weights, activation):
    table = np.zeros((len(weights), 2))
    h = X
    for layer, W in enumerate(weights):
        h = activation(np.matmul(h, W))
        mean = np.sum(h) / np.size(h)
        table[layer] = mean, np.sqrt(np.sum((h - mean) ** 2) / np.size(h))
    return table[:, 0], table[:, 1]


def _statistics(X, weights, activation, mean=np.mean, std=np.std):
    """Right, but for the two measurements given."""
    measured, h = [], X
    for W in weights:
        h = activation(h @ W)
        measured.append((mean(h), std(h)))
    return np.array([m for m, _ in measured]), np.array([s for _, s in measured])


@alternative("activation_statistics", "one array, means and deviations as its rows")
def two_rows(X, weights, activation):
    return np.array(_statistics(X, weights, activation))


@mutant("activation_statistics", "The sums are measured before the activation function: measure its outputs.")
def before_the_activation(X, weights, activation):
    means, stds, h = [], [], X
    for W in weights:
        a = h @ W
        means.append(a.mean())
        stds.append(a.std())
        h = activation(a)
    return np.array(means), np.array(stds)


@mutant("activation_statistics", "Every layer receives X: it must receive the outputs of the layer before.")
def always_the_inputs(X, weights, activation):
    outputs = [activation(X @ W) for W in weights]
    return np.array([h.mean() for h in outputs]), np.array([h.std() for h in outputs])


@mutant("activation_statistics", "The next layer receives the sums, not the outputs of the activation function.")
def sums_passed_on(X, weights, activation):
    means, stds, a = [], [], X
    for W in weights:
        a = a @ W
        means.append(activation(a).mean())
        stds.append(activation(a).std())
    return np.array(means), np.array(stds)


@mutant("activation_statistics", "The last layer is measured without the activation function: it has one, too.")
def last_without_activation(X, weights, activation):
    means, stds, h = [], [], X
    for number, W in enumerate(weights, 1):
        h = h @ W if number == len(weights) else activation(h @ W)
        means.append(h.mean())
        stds.append(h.std())
    return np.array(means), np.array(stds)


@mutant("activation_statistics", "The inputs are counted as a layer: the first entry must belong to the first weights.")
def inputs_as_a_layer(X, weights, activation):
    means, stds = _statistics(X, weights, activation)
    return np.insert(means, 0, np.mean(X)), np.insert(stds, 0, np.std(X))


@mutant("activation_statistics", "These are variances: the standard deviation is their root.")
def variances(X, weights, activation):
    return _statistics(X, weights, activation, std=np.var)


@mutant("activation_statistics", "The standard deviation is divided by the number less one (ddof=1).")
def sample_deviation(X, weights, activation):
    with np.errstate(all="ignore"):
        return _statistics(X, weights, activation, std=lambda h: np.std(h, ddof=min(1, h.size - 1)))


@mutant(
    "activation_statistics", "This is the mean of the units' own deviations: take one over all entries of the layer."
)
def deviation_of_each_unit(X, weights, activation):
    return _statistics(X, weights, activation, std=lambda h: np.std(h, axis=0).mean())


@mutant(
    "activation_statistics",
    "This is the mean of the examples' own deviations: take one over all entries of the layer.",
)
def deviation_of_each_example(X, weights, activation):
    return _statistics(X, weights, activation, std=lambda h: np.std(h, axis=1).mean())


@mutant("activation_statistics", "This is the root of the mean square: the mean must be subtracted before squaring.")
def about_zero(X, weights, activation):
    return _statistics(X, weights, activation, std=lambda h: np.sqrt(np.mean(h**2)))


@mutant("activation_statistics", "The means are those of the sizes (absolute values) of the outputs.")
def mean_size(X, weights, activation):
    return _statistics(X, weights, activation, mean=lambda h: np.mean(np.abs(h)))


@mutant("activation_statistics", "The two results are exchanged: means come first.")
def exchanged(X, weights, activation):
    return _statistics(X, weights, activation)[::-1]


@mutant("activation_statistics", "The layers are listed in reverse: the first entry belongs to the first layer.")
def in_reverse(X, weights, activation):
    means, stds = _statistics(X, weights, activation)
    return means[::-1], stds[::-1]


@mutant("activation_statistics", "Only the last layer's statistics come back: collect those of all layers.")
def last_only(X, weights, activation):
    means, stds = _statistics(X, weights, activation)
    return means[-1:], stds[-1:]


@mutant("activation_statistics", "The matrices are transposed; where layers are square, nothing complains.")
def transposed_weights(X, weights, activation):
    return _statistics(X, [W.T if W.shape[0] == W.shape[1] else W for W in weights], activation)


@mutant(
    "activation_statistics",
    "X itself is changed: an in-place operation such as *= or [...] = reaches the caller's array.",
)
def changes_the_inputs(X, weights, activation):
    result = _statistics(X, weights, activation)
    X[...] = 0
    return result
