"""Hidden tests of `im2col` and its extension `col2im`."""

import numpy as np

from autograder.hidden.convolution import problems
from autograder.hidden.convolution.layers import expect_no_growth
from autograder.hidden.convolution.problems import expect_same, provide_sizes
from autograder.oracles import convolution as oracles
from autograder.testing import ban, expect_close, expect_dtype, expect_raises, expect_shape, hidden

ban("im2col", "course_utils.nn", "torch")
ban("col2im", "course_utils.nn", "torch")

APART = [(1, 1, 4, 4, 0, 2, 2, 2, 0), (2, 3, 4, 6, 0, 2, 2, 2, 0), problems.ONE_BY_ONE]
ALONE = [(1, 1, 4, 4, 0, 2, 2, 1, 0), (1, 1, 3, 5, 0, 2, 3, 1, 0), (1, 1, 4, 4, 0, 3, 3, 1, 0)]


def rows_test(name, title, sizes):
    """A hidden test of im2col. sizes: as in problems.py, where the number of filters does not matter."""

    def test(student, rng):
        provide_sizes(student)
        for n, c, h, w, _, *layer in sizes:
            x = rng.normal(size=(n, c, h, w))
            expect_close(student.im2col(x, *layer), oracles.columns(x, tuple(layer)), what="the rows of windows")

    test.__name__, test.__doc__ = name, title
    hidden("im2col", weight=2)(test)


def images_test(name, title, sizes):
    """A hidden test of col2im."""

    def test(student, rng):
        provide_sizes(student)
        for *shape, _, height, width, stride, pad in sizes:
            layer = (height, width, stride, pad)
            cols = rng.normal(size=oracles.columns(np.zeros(shape), layer).shape)
            found, right = student.col2im(cols, tuple(shape), *layer), oracles.images(cols, tuple(shape), layer)
            expect_close(found, right, 1e-9, 1e-9, what="the images")

    test.__name__, test.__doc__ = name, title
    hidden("col2im", weight=2)(test)


rows_test("one_channel", "one image with one channel", ALONE)
rows_test(
    "many_images_and_channels",
    "several images, several channels",
    [problems.SQUARE, problems.OBLONG, problems.ONE_BY_ONE],
)
rows_test("with_padding", "padding: zeros where a window hangs over the edge", [problems.PADDED, problems.WIDE])
rows_test("with_strides", "strides of 2, with padding and without", [problems.STRIDED, problems.BOTH])


@hidden("im2col", weight=2)
def in_few_steps(student, rng):
    """as many steps of Python for many and large images as for few and small ones"""
    found = []
    for n, c, h, w in ((1, 2, 5, 6), (6, 4, 14, 12)):
        x = rng.normal(size=(n, c, h, w))
        cols, steps = student.count_calls(student.im2col, x, 3, 2, 1, 1)
        expect_close(cols, oracles.columns(x, (3, 2, 1, 1)), what="the rows of windows")
        found.append(steps)
    expect_no_growth(*found, "im2col")


@hidden("im2col")
def dtype_and_input_kept(student, rng):
    """float32 and uint8 images keep their dtype and their numbers, and x is left as it is"""
    provide_sizes(student)
    for x in (
        rng.normal(size=(2, 2, 4, 5)).astype(np.float32),
        rng.integers(0, 256, size=(1, 3, 4, 5)).astype(np.uint8),
    ):
        kept = student.keep(np.asfortranarray(x))
        cols = student.im2col(kept, 2, 3, 1, 1)
        expect_close(cols, oracles.columns(x, (2, 3, 1, 1)), what="the rows of windows")
        expect_dtype(cols, x.dtype, what="the rows of windows")
        expect_same(student, {"x": (kept, x)})


@hidden("im2col")
def windows_that_do_not_fit(student, rng):
    """windows that do not fit the image"""
    for h, w, height, width, stride, pad in ((6, 5, 3, 3, 2, 0), (5, 6, 3, 3, 2, 0), (3, 4, 5, 2, 1, 0)):
        expect_raises(
            ValueError,
            student.im2col,
            rng.normal(size=(1, 2, h, w)),
            height,
            width,
            stride,
            pad,
            otherwise="windows that do not fit the image, in height or in width, should raise ValueError",
        )
    provide_sizes(student)  # only from here on: above, the student's own refuses
    x = rng.normal(size=(1, 1, 4, 4))
    expect_close(student.im2col(x, 2, 2, 1, 0), oracles.columns(x, (2, 2, 1, 0)), what="the rows of windows that fit")


# Back again ----------------------------------------------------------------------------------------------------------

images_test("windows_apart", "windows that do not overlap", APART)
images_test(
    "windows_that_overlap", "windows that overlap, with sizes that all differ", [problems.SQUARE, problems.OBLONG]
)
images_test("overlap_with_padding", "padding: what fell on it is dropped", [problems.PADDED, problems.WIDE])
images_test("overlap_with_strides", "strides, with padding and without", [problems.STRIDED, problems.BOTH])


@hidden("col2im")
def transpose_of_im2col(student, rng):
    """the sum of im2col(x) · cols equals that of x · col2im(cols), in few steps of Python"""
    found = []
    for n, c, h, w in ((1, 2, 5, 6), (5, 3, 13, 12)):
        x, layer = rng.normal(size=(n, c, h, w)), (3, 3, 1, 1)
        cols = rng.normal(size=(n * h * w, c * 9))
        images, steps = student.count_calls(student.col2im, cols, x.shape, *layer)
        expect_shape(images, x.shape, "the images")
        expect_close(np.sum(x * images), np.sum(oracles.columns(x, layer) * cols), 1e-6, 1e-6, what="the sum")
        found.append(steps)
    expect_no_growth(*found, "col2im")


@hidden("col2im")
def rows_left_alone(student, rng):
    """the rows handed over are left as they are, in any memory order"""
    provide_sizes(student)
    cols = np.asfortranarray(rng.normal(size=(2 * 3 * 4, 2 * 4)))
    kept = student.keep(cols)
    images = student.col2im(kept, (2, 2, 4, 5), 2, 2, 1, 0)
    expect_close(images, oracles.images(cols, (2, 2, 4, 5), (2, 2, 1, 0)), what="the images")
    expect_same(student, {"cols": (kept, cols)})
