"""That a function leaves its arguments as they are."""

import numpy as np

from autograder.testing import expect


def expect_unchanged(student, before, *kept):
    names = [name for name, _ in before]
    for name, handle, (_, value) in zip(names, kept, before, strict=True):
        expect(np.array_equal(student.value(handle), value), f"{name} was changed; the function must leave it as it is")
