"""`sample_log_uniform`: other correct solutions, and mistakes."""

import math

import numpy as np

from autograder.testing import alternative, mutant


def checked(low, high):
    """Refuse an impossible range."""
    if not 0 < low <= high:
        raise ValueError(f"impossible range from {low} to {high}")


def draw(low, high, size, rng):
    """A right sample."""
    checked(low, high)
    return np.exp(rng.uniform(math.log(low), math.log(high), size))


@alternative("sample_log_uniform", "natural logarithm and exp")
def natural(low, high, size, rng):
    return draw(low, high, size, rng)


@alternative("sample_log_uniform", "low times a power of the ratio, one number at a time")
def power_of_the_ratio(low, high, size, rng):
    if low <= 0 or high < low:
        raise ValueError("low must be positive and not above high")
    shape = (size,) if isinstance(size, int) else tuple(size)
    return np.array([low * (high / low) ** rng.random() for _ in range(math.prod(shape))]).reshape(shape)


@mutant("sample_log_uniform", "The numbers are spread evenly themselves; it is their logarithms that should be.")
def evenly_in_the_number(low, high, size, rng):
    checked(low, high)
    return rng.uniform(low, high, size)


@mutant("sample_log_uniform", "These are the exponents: raise 10 to them.")
def exponents(low, high, size, rng):
    checked(low, high)
    return rng.uniform(np.log10(low), np.log10(high), size)


@mutant("sample_log_uniform", "The logarithm is to base 10 but the power is to base e: use one base for both.")
def mixed_bases(low, high, size, rng):
    checked(low, high)
    return np.exp(rng.uniform(np.log10(low), np.log10(high), size))


@mutant("sample_log_uniform", "The logarithm is natural but the power is to base 10: use one base for both.")
def mixed_bases_the_other_way(low, high, size, rng):
    checked(low, high)
    return 10 ** rng.uniform(np.log(low), np.log(high), size)


@mutant("sample_log_uniform", "Only whole powers of ten are drawn: the exponent is a real number.")
def whole_exponents(low, high, size, rng):
    checked(low, high)
    first, last = math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9)
    return low * 10.0 ** rng.integers(0, max(last - first, 0) + 1, size)


@mutant("sample_log_uniform", "The numbers are a fixed grid from low to high; draw them.")
def a_grid(low, high, size, rng):
    checked(low, high)
    return np.geomspace(low, high, int(np.prod(size))).reshape(size)


@mutant("sample_log_uniform", "The numbers are a grid in a random order; draw each of them.")
def a_shuffled_grid(low, high, size, rng):
    checked(low, high)
    return rng.permutation(np.geomspace(low, high, int(np.prod(size)))).reshape(size)


@mutant("sample_log_uniform", "The drawn numbers come sorted; return them as they were drawn.")
def in_order(low, high, size, rng):
    return np.sort(draw(low, high, size, rng), axis=None).reshape(size)


@mutant("sample_log_uniform", "The exponents are normally distributed around the middle; they should be uniform.")
def normal_exponents(low, high, size, rng):
    checked(low, high)
    middle, width = (np.log(low) + np.log(high)) / 2, np.log(high) - np.log(low)
    return np.exp(np.clip(rng.normal(middle, width / 6, size), np.log(low), np.log(high)))


@mutant("sample_log_uniform", "The numbers do not come from rng: draw with the generator passed in.")
def own_generator(low, high, size, rng):
    return draw(low, high, size, np.random.default_rng(0))


@mutant("sample_log_uniform", "A single number comes back whatever size says.")
def a_single_number(low, high, size, rng):
    return draw(low, high, None, rng)


@mutant("sample_log_uniform", "size may be a shape such as (3, 4); here only a whole number works.")
def whole_size_only(low, high, size, rng):
    checked(low, high)
    return np.array([draw(low, high, None, rng) for _ in range(size)])


@mutant("sample_log_uniform", "One number is drawn and repeated; draw as many as size asks for.")
def one_repeated(low, high, size, rng):
    return np.full(size, draw(low, high, None, rng))


@mutant(
    "sample_log_uniform", "A range that is not positive, or ends before it begins, is not refused: raise ValueError."
)
def nothing_refused(low, high, size, rng):
    with np.errstate(all="ignore"):
        a, b = np.log(low), np.log(high)
        return np.exp(a + (b - a) * rng.random(size))


@mutant("sample_log_uniform", "A range that ends before it begins is not refused: raise ValueError.")
def reversed_range_taken(low, high, size, rng):
    if low <= 0 or high <= 0:
        raise ValueError("positive numbers only")
    return np.exp(np.log(low) + (np.log(high) - np.log(low)) * rng.random(size))


@mutant("sample_log_uniform", "A range of a single number, low equal to high, is possible; do not refuse it.")
def single_number_refused(low, high, size, rng):
    if not 0 < low < high:
        raise ValueError("an empty range")
    return draw(low, high, size, rng)
