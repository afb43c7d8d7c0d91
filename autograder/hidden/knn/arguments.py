"""What the tests of notebook 01 hand to students' functions, and that it is not changed."""

import numpy as np

from autograder.testing import expect_equal

ALLOWED = 1e-4  # absolute error of a distance: expanding the square costs some digits
CHANGED = "the function changed an array that it was given; work on a copy"


def leaves_alone(student, call, *arrays):
    """The answer of `call(*arrays)`, which must leave its arrays as they are.

    The test goes on to compare the answer: a function that does nothing changes nothing either.
    """
    kept = [student.keep(array) for array in arrays]
    answer = call(*kept)
    for now, array in zip(student.value(kept), arrays, strict=True):
        expect_equal(now, array, what=CHANGED)
    return answer


def pixels(rng, *shape):
    return rng.integers(0, 256, size=shape, dtype=np.uint8)
