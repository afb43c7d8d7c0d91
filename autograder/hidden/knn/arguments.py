"""What the tests of notebook 01 hand to students' functions, and that it is not changed."""

import numpy as np

from autograder.testing import expect_equal

ALLOWED = 1e-4  # absolute error of a distance: expanding the square costs some digits
CHANGED = "the function changed an array that it was given; work on a copy"


def leaves_alone(student, function, arrays, *others):
    """The answer of `function(*arrays, *others)`, which must leave its arrays as they are.

    The test goes on to compare the answer: a function that does nothing changes nothing either.
    """
    kept = [student.keep(array) for array in arrays]
    answer, now = student.several(function, (*kept, *others), then=kept)
    expect_unchanged(now, arrays)
    return answer


def expect_unchanged(now, arrays):
    """What is `now` where `arrays` were passed to a function is equal to them."""
    for each, array in zip(now, arrays, strict=True):
        expect_equal(each, array, what=CHANGED)


def pixels(rng, *shape):
    return rng.integers(0, 256, size=shape, dtype=np.uint8)
