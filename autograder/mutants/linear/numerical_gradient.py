"""Mistakes with the gradient by centred differences, and other correct solutions."""

import numpy as np

from autograder.testing import alternative, mutant


@alternative("numerical_gradient", "one shifted copy a term")
def shifted_copies(f, x, h=1e-5):
    x = np.asarray(x, dtype=np.float64)
    shifts = h * np.eye(x.size).reshape(x.size, *x.shape)
    return np.array([(f(x + shift) - f(x - shift)) / (2 * h) for shift in shifts]).reshape(x.shape)


@alternative("numerical_gradient", "adds and takes away in place on a flat copy")
def flat_copy(f, x, h=1e-5):
    copy = np.array(x, dtype=np.float64, order="C")
    flat, gradient = copy.reshape(-1), np.empty(copy.size)
    for i in range(copy.size):
        flat[i] += h
        gradient[i] = f(copy)
        flat[i] -= 2 * h
        gradient[i] = (gradient[i] - f(copy)) / (2 * h)
        flat[i] += h
    return gradient.reshape(copy.shape)


def _differences(f, x, quotient):
    """A gradient whose entries are quotient(value of f at a shift of this entry)."""
    x = np.array(x, dtype=np.float64)
    gradient = np.zeros_like(x)
    for index in np.ndindex(x.shape):

        def at(shift, index=index):
            moved = x.copy()
            moved[index] += shift
            return f(moved)

        gradient[index] = quotient(at)
    return gradient


@mutant("numerical_gradient", "This is the forward difference, with f(x) in place of f(x - h): look both ways.")
def forward(f, x, h=1e-5):
    return _differences(f, x, lambda at: (at(h) - at(0.0)) / h)


@mutant("numerical_gradient", "This is the backward difference, with f(x) in place of f(x + h): look both ways.")
def backward(f, x, h=1e-5):
    return _differences(f, x, lambda at: (at(0.0) - at(-h)) / h)


@mutant("numerical_gradient", "The slope is twice too large: the two points are 2h apart.")
def divided_by_h(f, x, h=1e-5):
    return _differences(f, x, lambda at: (at(h) - at(-h)) / h)


@mutant("numerical_gradient", "The difference is divided by 2 and then multiplied by h: put 2 h in brackets.")
def multiplied_by_h(f, x, h=1e-5):
    return _differences(f, x, lambda at: (at(h) - at(-h)) / 2 * h)


@mutant(
    "numerical_gradient", "The gradient is zero everywhere: the array that is shifted is not the one f is asked about."
)
def shift_does_not_reach_f(f, x, h=1e-5):
    return _differences(f, x, lambda at: (at(0.0) - at(0.0)) / (2 * h))


@mutant(
    "numerical_gradient",
    "ravel makes a copy when an array lies in memory column by column, as a transposed one does: shifts in the copy do "
    "not reach f.",
)
def ravel_copies(f, x, h=1e-5):
    point = np.array(x, dtype=np.float64)
    flat, gradient = point.ravel(), np.empty(point.size)
    for i, kept in enumerate(flat.tolist()):
        flat[i] = kept + h
        above = f(point)
        flat[i] = kept - h
        gradient[i] = (above - f(point)) / (2 * h)
        flat[i] = kept
    return gradient.reshape(point.shape)


@mutant("numerical_gradient", "The sign is wrong: the value below is to be taken from the value above.")
def upside_down(f, x, h=1e-5):
    return _differences(f, x, lambda at: (at(-h) - at(h)) / (2 * h))


@mutant("numerical_gradient", "The argument h has no effect: the step is fixed in the code.")
def fixed_step(f, x, h=1e-5):
    return _differences(f, x, lambda at: (at(1e-5) - at(-1e-5)) / 2e-5)


@mutant("numerical_gradient", "The points are h/2 away on either side; they should be h away.")
def half_steps(f, x, h=1e-5):
    return _differences(f, x, lambda at: (at(h / 2) - at(-h / 2)) / h)


@mutant("numerical_gradient", "Entries stay shifted when their turn is over, so that later slopes are taken elsewhere.")
def not_put_back(f, x, h=1e-5):
    x = np.array(x, dtype=np.float64)
    gradient = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        x[index] += h
        above = f(x)
        x[index] -= 2 * h
        gradient[index] = (above - f(x)) / (2 * h)
    return gradient


@mutant("numerical_gradient", "After the call x is not what it was: its entries are shifted and not put back.")
def leaves_x_changed(f, x, h=1e-5):
    gradient = shifted_copies(f, x, h)
    if np.asarray(x).dtype.kind == "f":
        x -= h
    return gradient


@mutant("numerical_gradient", "The step gets lost in an integer or float32 array: work on a float64 copy of x.")
def dtype_of_x(f, x, h=1e-5):
    x = np.array(x)
    gradient = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        kept = x[index]
        x[index] = kept + h
        above = f(x)
        x[index] = kept - h
        gradient[index] = (above - f(x)) / (2 * h)
        x[index] = kept
    return gradient


@mutant("numerical_gradient", "Two nested loops visit rows and columns, so only matrices work; x may have any shape.")
def only_matrices(f, x, h=1e-5):
    rows, columns = np.shape(x)
    return shifted_copies(f, x, h).reshape(rows, columns)
