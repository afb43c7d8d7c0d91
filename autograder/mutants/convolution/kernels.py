"""`correlate2d` with `convolve2d`: mistakes, and other correct solutions."""

import numpy as np

from autograder.testing import alternative, mutant

WINDOWS = np.lib.stride_tricks.sliding_window_view


def _floats(image, kernel):
    return np.asarray(image, dtype=np.float64), np.asarray(kernel, dtype=np.float64)


def _correlate(image, kernel):
    image, kernel = _floats(image, kernel)
    return np.einsum("rtij,ij->rt", WINDOWS(image, kernel.shape), kernel)


@alternative("correlate2d", "windows as a view, and one einsum", replaces="correlate2d")
def windows_as_a_view(image, kernel):
    return _correlate(image, kernel)


@alternative("correlate2d", "a loop over the elements of the kernel", replaces="correlate2d")
def element_by_element(image, kernel):
    image, kernel = _floats(image, kernel)
    rows, columns = image.shape[0] - kernel.shape[0] + 1, image.shape[1] - kernel.shape[1] + 1
    total = np.zeros((rows, columns))
    for i in range(kernel.shape[0]):
        for j in range(kernel.shape[1]):
            total = total + kernel[i, j] * image[i : i + rows, j : j + columns]
    return total


@alternative("correlate2d", "four loops over numbers", replaces="correlate2d")
def four_loops(image, kernel):
    (height, width), (rows, columns) = image.shape, kernel.shape
    return np.array(
        [
            [
                sum(float(image[r + i, t + j]) * float(kernel[i, j]) for i in range(rows) for j in range(columns))
                for t in range(width - columns + 1)
            ]
            for r in range(height - rows + 1)
        ]
    )


@alternative("correlate2d", "the kernel turned twice by a quarter", replaces="convolve2d")
def turned_twice(image, kernel):
    return _correlate(image, np.rot90(kernel, 2))


@alternative("correlate2d", "by the formula of convolution", replaces="convolve2d")
def by_the_formula(image, kernel):
    image, kernel = _floats(image, kernel)
    rows, columns = kernel.shape
    out = np.zeros((image.shape[0] - rows + 1, image.shape[1] - columns + 1))
    for r, t in np.ndindex(out.shape):
        for i, j in np.ndindex(rows, columns):
            out[r, t] += image[r + rows - 1 - i, t + columns - 1 - j] * kernel[i, j]
    return out


def correlation_fault(name, sentence, work):
    work.__name__ = name
    mutant("correlate2d", sentence, replaces="correlate2d")(work)


def convolution_fault(name, sentence, work):
    work.__name__ = name
    mutant("correlate2d", sentence, replaces="convolve2d")(work)


correlation_fault(
    "kernel_turned",
    "correlate2d turns the kernel by 180 degrees: that is convolution. Cross-correlation lays the kernel on as it is.",
    lambda image, kernel: _correlate(image, kernel[::-1, ::-1]),
)
correlation_fault(
    "kernel_upside_down",
    "correlate2d uses the kernel upside down: its first row belongs on the window's first row.",
    lambda image, kernel: _correlate(image, kernel[::-1]),
)
correlation_fault(
    "kernel_mirrored",
    "correlate2d uses the kernel left to right reversed: its first column belongs on the window's first column.",
    lambda image, kernel: _correlate(image, kernel[:, ::-1]),
)
correlation_fault(
    "mean_for_sum",
    "correlate2d takes the mean of the products; their sum is asked for.",
    lambda image, kernel: _correlate(image, kernel) / np.size(kernel),
)
correlation_fault(
    "kernel_normalised",
    "correlate2d divides the kernel by its sum; it is to be used as it is.",
    lambda image, kernel: _correlate(image, kernel / np.abs(kernel).sum()),
)
correlation_fault(
    "absolute_value",
    "correlate2d returns absolute values: a negative response says that the window looks like the kernel's negative.",
    lambda image, kernel: np.abs(_correlate(image, kernel)),
)


@mutant("correlate2d", "correlate2d leaves out the last row and the last column of places: the kernel fits H - h + 1 times.",
        replaces="correlate2d")  # fmt: skip
def last_place_missing(image, kernel):
    return _correlate(image, kernel)[:-1, :-1]


@mutant("correlate2d", "correlate2d pads the image with zeros; only the valid part is asked for, where the kernel does not hang over.",
        replaces="correlate2d")  # fmt: skip
def padded(image, kernel):
    rows, columns = kernel.shape
    around = ((rows // 2, (rows - 1) // 2), (columns // 2, (columns - 1) // 2))
    return _correlate(np.pad(np.asarray(image, dtype=np.float64), around), kernel)


@mutant("correlate2d", "correlate2d exchanges the height and the width of the kernel when it works out the size of the result.",
        replaces="correlate2d")  # fmt: skip
def sides_of_the_kernel_exchanged(image, kernel):
    image, kernel = _floats(image, kernel)
    h, w = kernel.shape
    out = np.zeros((image.shape[0] - w + 1, image.shape[1] - h + 1))
    for r, t in np.ndindex(out.shape):
        window = image[r : r + h, t : t + w]
        out[r, t] = np.sum(window * kernel[: window.shape[0], : window.shape[1]])
    return out


@mutant("correlate2d", "correlate2d makes a square result with as many columns as rows: width and height may differ.",
        replaces="correlate2d")  # fmt: skip
def square_result(image, kernel):
    out = _correlate(image, kernel)
    side = out.shape[0]
    return np.pad(out, ((0, 0), (0, max(0, side - out.shape[1]))))[:, :side]


@mutant("correlate2d", "correlate2d computes in the type of the pixels: in uint8, products above 255 wrap around. Convert to float64 first.",
        replaces="correlate2d")  # fmt: skip
def wraps_around(image, kernel):
    out = np.zeros((image.shape[0] - kernel.shape[0] + 1, image.shape[1] - kernel.shape[1] + 1))
    for r, t in np.ndindex(out.shape):
        products = image[r : r + kernel.shape[0], t : t + kernel.shape[1]] * kernel
        out[r, t] = np.sum(products)  # NumPy adds small integers up in a larger type, but does not multiply in one
    return out


@mutant("correlate2d", "correlate2d returns an array in the type of the image: for uint8 pixels large sums are lost. Return float64.",
        replaces="correlate2d")  # fmt: skip
def result_in_the_type_of_pixels(image, kernel):
    return _correlate(image, kernel).astype(np.asarray(image).dtype)


correlation_fault(
    "full",
    "correlate2d lets the kernel hang over the edges; only the valid part is asked for, where it lies on the image entirely.",
    lambda image, kernel: _correlate(
        np.pad(image, [(side - 1, side - 1) for side in kernel.shape]).astype(np.float64), kernel
    ),
)
correlation_fault(
    "in_float32",
    "correlate2d computes or returns float32; results are float64 whatever comes in.",
    lambda image, kernel: _correlate(image, kernel).astype(np.float32),
)


def _in_loops(image, kernel, across=None, exchange=False, product=np.multiply):
    """Two loops over the places. across: the width of the window; exchange: the loops' ranges; product: of two arrays."""
    image, kernel = _floats(image, kernel)
    out = np.zeros((image.shape[0] - kernel.shape[0] + 1, image.shape[1] - kernel.shape[1] + 1))
    rows, columns = out.shape[::-1] if exchange else out.shape
    for r in range(rows):
        for t in range(columns):
            window = image[r : r + kernel.shape[0], t : t + (kernel.shape[1] if across is None else across(kernel))]
            out[r, t] = np.sum(product(window, kernel))
    return out


correlation_fault(
    "square_windows",
    "correlate2d uses the kernel's height for the width of the window as well: they may differ.",
    lambda image, kernel: _in_loops(image, kernel, across=len),
)
correlation_fault(
    "loops_exchanged",
    "correlate2d exchanges the numbers of rows and columns in its loops: r counts rows of the result, t columns.",
    lambda image, kernel: _in_loops(image, kernel, exchange=True),
)
correlation_fault(
    "matrix_product",
    "correlate2d multiplies window and kernel as matrices; here each number meets the one that it lies on, with *.",
    lambda image, kernel: _in_loops(image, kernel, product=np.matmul),
)


@mutant("correlate2d", "correlate2d changes the image: work on a copy.", replaces="correlate2d")
def image_changed(image, kernel):
    out = _correlate(image, kernel)
    image[: out.shape[0], : out.shape[1]] = out
    return out


convolution_fault(
    "not_turned",
    "convolve2d does not turn the kernel: this is cross-correlation.",
    lambda image, kernel: _correlate(image, kernel),
)
convolution_fault(
    "rows_turned_only",
    "convolve2d turns the kernel upside down only: reverse its columns as well.",
    lambda image, kernel: _correlate(image, kernel[::-1]),
)
convolution_fault(
    "columns_turned_only",
    "convolve2d reverses the columns of the kernel only: reverse its rows as well.",
    lambda image, kernel: _correlate(image, kernel[:, ::-1]),
)
convolution_fault(
    "transposed",
    "convolve2d transposes the kernel: turning it by 180 degrees reverses both axes and exchanges none.",
    lambda image, kernel: (
        _correlate(image, kernel.T) if kernel.shape[0] == kernel.shape[1] else _correlate(image, kernel)
    ),
)
convolution_fault(
    "image_turned",
    "convolve2d turns the image for the kernel: the result comes out turned by 180 degrees.",
    lambda image, kernel: _correlate(image[::-1, ::-1], kernel),
)
convolution_fault(
    "result_turned",
    "convolve2d turns the result of the cross-correlation: it is the kernel that has to be turned, before.",
    lambda image, kernel: _correlate(image, kernel)[::-1, ::-1],
)
convolution_fault(
    "quarter_turn",
    "convolve2d turns the kernel by 90 degrees: turn it by 180.",
    lambda image, kernel: (
        _correlate(image, np.rot90(kernel))
        if kernel.shape[0] == kernel.shape[1]
        else _correlate(image, kernel[::-1, ::-1])
    ),
)
convolution_fault(
    "turned_and_transposed",
    "convolve2d turns the kernel and transposes it: reversing both axes is all, rows stay rows.",
    lambda image, kernel: _correlate(image, kernel[::-1, ::-1].T),
)
convolution_fault(
    "result_in_float32",
    "convolve2d computes or returns float32; results are float64 whatever comes in.",
    lambda image, kernel: _correlate(image, kernel[::-1, ::-1]).astype(np.float32),
)


@mutant("correlate2d", "convolve2d turns the kernel in place: turn a view or a copy.", replaces="convolve2d")
def kernel_turned_in_place(image, kernel):
    kernel[:] = kernel[::-1, ::-1].copy()
    return _correlate(image, kernel)
