"""How the tests of this notebook call forward and backward passes."""

import numpy as np

from autograder.testing import expect, expect_close, expect_shape


def backward(student, name, dout, cache, shapes):
    """Call a backward pass that returns one gradient for each of the shapes; a vector may come as a single row."""
    gradients = getattr(student, name)(dout, cache)
    expect(isinstance(gradients, (tuple, list)), f"{name} must return {len(shapes)} gradients")
    expect(len(gradients) == len(shapes), f"{name} must return {len(shapes)} gradients")
    return [
        as_vector(gradient, *shape) if len(shape) == 1 else gradient
        for gradient, shape in zip(gradients, shapes, strict=True)
    ]


def as_vector(values, size):
    """(1, size) as (size,); anything else as it is."""
    is_row = isinstance(values, np.ndarray) and values.shape == (1, size)
    return values[0] if is_row else values


def expect_kept(student, name, handle, before):
    """The array behind a handle holds what it held before."""
    same = np.array_equal(student.value(handle), before)
    expect(same, f"{name} was changed in place; the function must leave it as it is")


def away_from_zero(rng, shape, low=0.3, high=2.0):
    """Numbers of either sign, none of them near a kink at zero."""
    return rng.choice([-1.0, 1.0], size=shape) * rng.uniform(low, high, size=shape)


def odd_layouts(rng, shape):
    """The same kind of numbers in float32, as every second column of a larger array, and laid out column by column."""
    wide = away_from_zero(rng, (shape[0], 2 * shape[1]))
    return away_from_zero(rng, shape).astype(np.float32), wide[:, ::2], np.asfortranarray(away_from_zero(rng, shape))


def input_gradient(run, x, dout, step=1e-5):
    """Gradient of sum(dout * run(x)) by x, by centred differences."""
    gradient = np.empty(x.shape)
    for index in np.ndindex(x.shape):
        shift = np.zeros(x.shape)
        shift[index] = step
        gradient[index] = np.sum(dout * (run(x + shift) - run(x - shift))) / (2 * step)
    return gradient


def expect_gradients(gradients, expected, names, rtol=1e-6, atol=1e-7):
    """Each gradient has the shape and the values expected."""
    for gradient, right, name in zip(gradients, expected, names, strict=True):
        expect_shape(gradient, np.shape(right), name)
        expect_close(gradient, right, rtol, atol, what=name)
