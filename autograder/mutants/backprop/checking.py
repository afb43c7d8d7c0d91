"""Relative error and gradient check: mistakes, and other correct solutions."""

import numpy as np

from autograder.testing import alternative, mutant

SMALLEST = 1e-8


# Relative error --------------------------------------------------------------------------------------------------


@alternative("relative_error", "a loop over the entries")
def entry_by_entry(a, b):
    worst = 0.0
    for x, y in zip(np.ravel(a), np.ravel(b), strict=True):
        worst = max(worst, abs(x - y) / max(1e-8, abs(x) + abs(y)))
    return worst


@alternative("relative_error", "with np.where and a maximum at the end")
def with_where(a, b):
    size = np.abs(a) + np.abs(b)
    return (np.abs(np.subtract(a, b)) / np.where(size < 1e-8, 1e-8, size)).max()


def _fault(name, sentence, error):
    def work(a, b):
        with np.errstate(all="ignore"):
            return error(np.asarray(a, dtype=float), np.asarray(b, dtype=float))

    work.__name__ = name
    mutant("relative_error", sentence)(work)


def _size(a, b):
    return np.maximum(SMALLEST, np.abs(a) + np.abs(b))


_fault(
    "mean_of_the_entries",
    "The mean over the entries is taken: one wrong entry then hides among many right ones. The worst one counts.",
    lambda a, b: np.mean(np.abs(a - b) / _size(a, b)),
)
_fault(
    "not_reduced",
    "An array of errors comes back, one for each entry; only the largest of them is asked for.",
    lambda a, b: np.abs(a - b) / _size(a, b),
)
_fault(
    "difference_with_its_sign",
    "The difference keeps its sign, so that an error in the other direction counts as negative: take its size.",
    lambda a, b: np.max((b - a) / _size(a, b)),
)
_fault(
    "size_of_the_sum",
    "The divisor is the size of a + b, which is near 0 where the signs differ: take both sizes first, then add.",
    lambda a, b: np.max(np.abs(a - b) / np.maximum(SMALLEST, np.abs(a + b))),
)
_fault(
    "no_smallest_divisor",
    "Where both entries are 0, this divides 0 by 0: the divisor should never be smaller than 1e-8.",
    lambda a, b: np.max(np.abs(a - b) / (np.abs(a) + np.abs(b))),
)
_fault(
    "smallest_divisor_added",
    "1e-8 is added to the divisor; it should replace divisors that are smaller, and change no other.",
    lambda a, b: np.max(np.abs(a - b) / (np.abs(a) + np.abs(b) + SMALLEST)),
)
_fault(
    "largest_of_everything",
    "The largest difference is divided by the largest size; each entry should be divided by its own size first.",
    lambda a, b: np.max(np.abs(a - b)) / np.max(_size(a, b)),
)
_fault(
    "relative_to_the_first",
    "The divisor is the size of a alone; the sizes of a and b should both be in it.",
    lambda a, b: np.max(np.abs(a - b) / np.maximum(SMALLEST, np.abs(a))),
)
_fault(
    "larger_of_the_two",
    "The divisor is the larger of |a| and |b|; their sum should be there.",
    lambda a, b: np.max(np.abs(a - b) / np.maximum(SMALLEST, np.maximum(np.abs(a), np.abs(b)))),
)
_fault(
    "ratio_of_norms",
    "Two norms are compared, so that one wrong entry is lost among the others: compare entry by entry.",
    lambda a, b: np.linalg.norm(a - b) / np.maximum(SMALLEST, np.linalg.norm(a) + np.linalg.norm(b)),
)


# Gradient check -----------------------------------------------------------------------------------------------------


@alternative("relative_error", "shifts x in place and puts it back", replaces="gradient_error")
def shifts_in_place(f, x, analytic, h=1e-5):
    numerical = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        kept = x[index]
        x[index] = kept + h
        above = f(x)
        x[index] = kept - h
        numerical[index] = (above - f(x)) / (2 * h)
        x[index] = kept
    return entry_by_entry(analytic, numerical)


@alternative("relative_error", "one unit shift a term", replaces="gradient_error")
def unit_shifts(f, x, analytic, h=1e-5):
    shifts = h * np.eye(x.size).reshape(x.size, *x.shape)
    numerical = [(f(x + shift) - f(x - shift)) / (2 * h) for shift in shifts]
    return with_where(np.asarray(analytic).ravel(), numerical)


def _differences(f, x, quotient):
    """A gradient whose entries are quotient(value of f at a shift of this entry)."""
    gradient = np.zeros(x.shape)
    for index in np.ndindex(x.shape):

        def at(shift, index=index):
            moved = np.array(x)
            moved[index] += shift
            return f(moved)

        gradient[index] = quotient(at)
    return gradient


def _check_fault(name, sentence, error):
    def work(f, x, analytic, h=1e-5):
        return error(f, x, np.asarray(analytic), h)

    work.__name__ = name
    mutant("relative_error", sentence, replaces="gradient_error")(work)


_check_fault(
    "forward_difference",
    "gradient_error uses the forward difference, with f(x) in place of f(x - h): look both ways.",
    lambda f, x, g, h: entry_by_entry(g, _differences(f, x, lambda at: (at(h) - at(0.0)) / h)),
)
_check_fault(
    "divided_by_h",
    "In gradient_error the two points are 2h apart, but their difference is divided by h.",
    lambda f, x, g, h: entry_by_entry(g, _differences(f, x, lambda at: (at(h) - at(-h)) / h)),
)
_check_fault(
    "brackets_missing",
    "In gradient_error the difference is divided by 2 and then multiplied by h: put 2 * h in brackets.",
    lambda f, x, g, h: entry_by_entry(g, _differences(f, x, lambda at: (at(h) - at(-h)) / 2 * h)),
)
_check_fault(
    "fixed_step",
    "gradient_error does not use its argument h: the step is fixed in the code.",
    lambda f, x, g, h: entry_by_entry(g, _differences(f, x, lambda at: (at(1e-5) - at(-1e-5)) / 2e-5)),
)
_check_fault(
    "absolute_difference",
    "gradient_error returns the largest difference, not the relative error.",
    lambda f, x, g, h: np.max(np.abs(g - _differences(f, x, lambda at: (at(h) - at(-h)) / (2 * h)))),
)


def _shifts_a_flattened_copy(f, x, g, h):
    flat, numerical = x.reshape(-1), np.zeros(x.size)  # a copy of x, unless its memory is in the usual order
    for i in range(x.size):
        kept = flat[i]
        flat[i] = kept + h
        above = f(x)
        flat[i] = kept - h
        numerical[i] = (above - f(x)) / (2 * h)
        flat[i] = kept
    return entry_by_entry(g.reshape(-1), numerical)


_check_fault(
    "shifts_a_flattened_copy",
    "gradient_error flattens x and shifts that: reshape and ravel make a copy when the memory of x is in another order.",
    _shifts_a_flattened_copy,
)
_check_fault(
    "step_fixed_in_the_divisor",
    "gradient_error shifts by h but divides by a step that is fixed in the code: divide by 2 * h.",
    lambda f, x, g, h: entry_by_entry(g, _differences(f, x, lambda at: (at(h) - at(-h)) / 2e-5)),
)
_check_fault(
    "first_entry_only",
    "gradient_error compares the first entry only: every entry of x needs its own difference.",
    lambda f, x, g, h: entry_by_entry(
        g.ravel()[:1], _differences(f, x, lambda at: (at(h) - at(-h)) / (2 * h)).ravel()[:1]
    ),
)


@mutant(
    "relative_error",
    "gradient_error leaves x shifted: put each entry back, or shift a copy. A check must not move what it checks.",
    replaces="gradient_error",
)
def leaves_x_changed(f, x, analytic, h=1e-5):
    error = unit_shifts(f, x, analytic, h)
    x -= h
    return error


@mutant(
    "relative_error",
    "In gradient_error entries stay shifted when their turn is over, so that later slopes are measured elsewhere.",
    replaces="gradient_error",
)
def not_put_back(f, x, analytic, h=1e-5):
    x = np.array(x)
    numerical = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        x[index] += h
        above = f(x)
        x[index] -= 2 * h
        numerical[index] = (above - f(x)) / (2 * h)
    return entry_by_entry(analytic, numerical)


@mutant(
    "relative_error",
    "gradient_error loops over a single axis and shifts whole rows of a matrix at once: visit every entry.",
    replaces="gradient_error",
)
def whole_rows(f, x, analytic, h=1e-5):
    x = np.array(x)
    numerical = np.zeros(x.shape)
    for i in range(len(x)):
        above, below = x.copy(), x.copy()
        above[i] += h
        below[i] -= h
        numerical[i] = (f(above) - f(below)) / (2 * h)
    return entry_by_entry(analytic, numerical)
