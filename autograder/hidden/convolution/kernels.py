"""Hidden tests of the sliding kernel: `correlate2d` with `convolve2d`, and `conv_output_size`."""

import numpy as np

from autograder.oracles import convolution as oracles
from autograder.testing import expect, expect_close, expect_dtype, expect_equal, expect_raises, expect_shape, hidden


@hidden("correlate2d", weight=2)
def correlation_of_squares(student, rng):
    """correlate2d: square images and kernels"""
    for size, window in ((5, 3), (4, 2), (3, 3)):
        image, kernel = rng.normal(size=(size, size)), rng.normal(size=(window, window))
        expect_close(student.correlate2d(image, kernel), oracles.correlation(image, kernel), what="correlate2d")


@hidden("correlate2d", weight=2)
def correlation_of_oblongs(student, rng):
    """correlate2d: images and kernels whose height and width differ"""
    for size, window in (((4, 6), (2, 3)), ((7, 3), (2, 3)), ((5, 4), (3, 1)), ((1, 5), (1, 2))):
        image, kernel = rng.normal(size=size), rng.normal(size=window)
        expect_close(student.correlate2d(image, kernel), oracles.correlation(image, kernel), what="correlate2d")


@hidden("correlate2d", weight=2)
def convolution_of_squares(student, rng):
    """convolve2d: square images and kernels"""
    for size, window in ((5, 3), (4, 2), (4, 4)):
        image, kernel = rng.normal(size=(size, size)), rng.normal(size=(window, window))
        expect_close(student.convolve2d(image, kernel), oracles.convolution(image, kernel), what="convolve2d")


@hidden("correlate2d", weight=2)
def convolution_of_oblongs(student, rng):
    """convolve2d: images and kernels whose height and width differ"""
    for size, window in (((4, 6), (2, 3)), ((7, 4), (3, 2)), ((6, 3), (4, 1)), ((2, 5), (1, 3))):
        image, kernel = rng.normal(size=size), rng.normal(size=window)
        expect_close(student.convolve2d(image, kernel), oracles.convolution(image, kernel), what="convolve2d")


@hidden("correlate2d")
def pixels_are_not_wrapped(student, rng):
    """pixels and kernels that arrive as uint8: sums beyond 255"""
    image = rng.integers(100, 256, size=(4, 5)).astype(np.uint8)
    kernel = rng.integers(2, 9, size=(2, 3)).astype(np.uint8)
    found = student.correlate2d(image, kernel)
    expect_close(found, oracles.correlation(image, kernel), what="correlate2d of uint8")
    expect_dtype(found, "float", what="correlate2d of uint8")
    expect_close(student.convolve2d(image, kernel), oracles.convolution(image, kernel), what="convolve2d of uint8")


@hidden("correlate2d")
def images_are_left_alone(student, rng):
    """image and kernel are left as they are, in any memory order"""
    image, kernel = np.asfortranarray(rng.normal(size=(4, 5))), rng.normal(size=(4, 6))[::2, ::3]
    kept = student.keep(image), student.keep(kernel)
    for function, expected in (
        (student.correlate2d, oracles.correlation(image, kernel)),
        (student.convolve2d, oracles.convolution(image, kernel)),
    ):
        found = function(*kept)
        expect_shape(found, expected.shape)
        for name, handle, before in zip(("image", "kernel"), kept, (image, kernel), strict=True):
            expect(np.array_equal(student.value(handle), before), f"{name} was changed")


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


@hidden("conv_output_size", weight=2)
def strides_that_do_not_fit(student, rng):
    """strides that leave pixels over at the end"""
    for size, window, stride, pad in ((7, 3, 3, 0), (32, 5, 2, 0), (10, 4, 4, 0), (8, 3, 2, 1), (20, 3, 3, 1)):
        expect_raises(
            ValueError,
            student.conv_output_size,
            size,
            window,
            stride,
            pad,
            otherwise="a stride that leaves pixels over should raise ValueError",
        )


@hidden("conv_output_size")
def windows_larger_than_the_image(student, rng):
    """windows larger than the padded image, also where the stride would divide the difference"""
    for size, window, stride, pad in ((3, 5, 1, 0), (3, 5, 2, 0), (2, 9, 1, 1), (4, 6, 1, 0), (1, 7, 3, 0)):
        expect_raises(
            ValueError,
            student.conv_output_size,
            size,
            window,
            stride,
            pad,
            otherwise="a window that is larger than the padded image should raise ValueError",
        )


@hidden("conv_output_size")
def a_whole_number(student, rng):
    """the size is an int, with which an array can be made"""
    for size, window, stride, pad in FITTING[:4]:
        found = student.conv_output_size(size, window, stride, pad)
        expect_dtype(found, "int", what="the size")
        expect_shape(found, (), "the size")
