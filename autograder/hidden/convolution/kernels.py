"""Hidden tests of the sliding kernel: `correlate2d` with `convolve2d`, and `conv_output_size`."""

import numpy as np

from autograder.hidden.convolution.problems import expect_same
from autograder.oracles import convolution as oracles
from autograder.testing import ban, expect_close, expect_dtype, expect_equal, expect_raises, expect_shape, hidden

ban("correlate2d", "np.convolve", "np.correlate", "course_utils.nn", "scipy", "torch", "cv2")

SQUARES = (((5, 5), (3, 3)), ((4, 4), (2, 2)), ((3, 3), (3, 3)))
OBLONGS = (((4, 6), (2, 3)), ((7, 4), (3, 2)), ((6, 3), (4, 1)), ((1, 5), (1, 2)))
RIGHT = {"correlate2d": oracles.correlation, "convolve2d": oracles.convolution}


def call(student, function, image, kernel):
    """correlate2d or convolve2d; a convolve2d that calls correlate2d finds the grader's, so that mistakes cost once."""
    if function == "convolve2d":
        student.provide("correlate2d", oracles.correlation)
    return getattr(student, function)(image, kernel)


def kernel_test(function, name, title, sizes):
    """A hidden test of correlate2d or convolve2d on images and kernels of these sizes."""

    def test(student, rng):
        for size, window in sizes:
            image, kernel = rng.normal(size=size), rng.normal(size=window)
            found = call(student, function, image, kernel)
            expect_close(found, RIGHT[function](image, kernel), 1e-9, 1e-9, what=function)

    test.__name__, test.__doc__ = name, f"{function}: {title}"
    hidden("correlate2d", weight=2)(test)


kernel_test("correlate2d", "correlation_of_squares", "square images and kernels", SQUARES)
kernel_test("correlate2d", "correlation_of_oblongs", "images and kernels whose height and width differ", OBLONGS)
kernel_test("convolve2d", "convolution_of_squares", "square images and kernels", SQUARES)
kernel_test("convolve2d", "convolution_of_oblongs", "images and kernels whose height and width differ", OBLONGS)


@hidden("correlate2d")
def float64_whatever_comes_in(student, rng):
    """pixels and kernels that arrive as uint8 (sums beyond 255) and as float32: results in float64"""
    pixels, weights = rng.integers(100, 256, size=(4, 5)), rng.integers(2, 9, size=(2, 3))
    for function, right in RIGHT.items():
        for dtype in (np.uint8, np.float32):
            image, kernel = pixels.astype(dtype), weights.astype(dtype)
            found = call(student, function, image, kernel)
            expect_close(found, right(image, kernel), what=f"{function} of {np.dtype(dtype)}")
            expect_dtype(found, np.float64, what=f"{function} of {np.dtype(dtype)}")


@hidden("correlate2d")
def images_are_left_alone(student, rng):
    """image and kernel are left as they are, in any memory order"""
    image, kernel = np.asfortranarray(rng.normal(size=(4, 5))), rng.normal(size=(4, 6))[::2, ::3]
    kept = {"image": (student.keep(image), image), "kernel": (student.keep(kernel), kernel)}
    for function, right in RIGHT.items():
        found = call(student, function, kept["image"][0], kept["kernel"][0])
        expect_same(student, kept)
        expect_close(found, right(image, kernel), 1e-9, 1e-9, what=function)


FITTING = (
    (7, 3, 1, 0), (7, 3, 2, 0), (32, 5, 1, 2), (32, 5, 1, 0), (5, 5, 3, 0), (9, 1, 4, 0), (11, 4, 3, 1), (1, 3, 2, 1),
    (227, 11, 4, 0), (6, 2, 2, 3),
)  # fmt: skip


@hidden("conv_output_size", weight=2)
def sizes_without_padding(student, rng):
    """windows that fit, without padding"""
    for _ in range(6):
        window, stride, places = (int(rng.integers(1, high)) for high in (8, 5, 20))
        size = window + stride * (places - 1)
        expect_equal(student.conv_output_size(size, window, stride, 0), places, "the size")
    for size, window, stride, pad in FITTING:
        if pad == 0:
            found = student.conv_output_size(size, window, stride, pad)
            expect_equal(found, oracles.output_size(size, window, stride, pad), "the size")


@hidden("conv_output_size", weight=2)
def sizes_with_padding(student, rng):
    """windows that fit, with padding"""
    for _ in range(6):
        stride, pad, places = int(rng.integers(1, 4)), int(rng.integers(1, 4)), int(rng.integers(3, 12))
        size = 2 + stride * places  # a window of 2 + 2·pad then has places + 1 places
        expect_equal(student.conv_output_size(size, 2 + 2 * pad, stride, pad), places + 1, "the size with padding")
    for size, window, stride, pad in FITTING:
        if pad > 0:
            found = student.conv_output_size(size, window, stride, pad)
            expect_equal(found, oracles.output_size(size, window, stride, pad), "the size with padding")


LEFT_OVER = ((7, 3, 3, 0), (32, 5, 2, 0), (10, 4, 4, 0), (8, 3, 2, 1), (20, 3, 3, 1))
TOO_LARGE = ((3, 5, 1, 0), (3, 5, 2, 0), (2, 9, 1, 1), (4, 6, 1, 0), (1, 7, 3, 0))


def fitting(rng, strides):
    """Size, window, one of the strides, no padding; and the number of places."""
    window, stride, places = int(rng.integers(2, 6)), int(rng.choice(strides)), int(rng.integers(3, 9))
    return (window + stride * (places - 1), window, stride, 0), places


def refusal_test(name, title, cases, what, weight, strides):
    """A hidden test that conv_output_size raises ValueError, and only where it should. cases: its arguments; what:
    should have been refused; strides: of a window that fits.
    """

    def test(student, rng):
        for case in cases:
            sentence = f"{what} should raise ValueError"
            expect_raises(ValueError, student.conv_output_size, *case, otherwise=sentence)
        case, places = fitting(rng, strides)
        expect_equal(student.conv_output_size(*case), places, "the size where the window fits")

    test.__name__, test.__doc__ = name, title
    hidden("conv_output_size", weight=weight)(test)


refusal_test(
    "strides_that_do_not_fit", "strides that leave pixels over at the end", LEFT_OVER,
    "a stride that leaves pixels over", 2, (2, 3, 4),
)  # fmt: skip
refusal_test(
    "windows_larger_than_the_image", "windows larger than the padded image, also where the stride would divide the difference",
    TOO_LARGE, "a window that is larger than the padded image", 1, (1,),
)  # fmt: skip


@hidden("conv_output_size")
def a_whole_number(student, rng):
    """the size is an int, with which an array can be made"""
    case, places = fitting(rng, (1,))
    expect_equal(student.conv_output_size(*case), places, "the size")
    for size, window, stride, pad in FITTING[:4]:
        found = student.conv_output_size(size, window, stride, pad)
        expect_dtype(found, "int", what="the size")
        expect_shape(found, (), "the size")
