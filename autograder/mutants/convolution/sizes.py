"""`conv_output_size`: mistakes, and other correct solutions."""

import math

from autograder.testing import alternative, mutant


@alternative("conv_output_size", "by divmod")
def by_divmod(size, filter_size, stride=1, pad=0):
    steps, left_over = divmod(size + 2 * pad - filter_size, stride)
    if left_over or steps < 0:
        raise ValueError("the window does not fit")
    return steps + 1


@alternative("conv_output_size", "in floats, made an int at the end")
def in_floats(size, filter_size, stride=1, pad=0):
    places = (size - filter_size + 2 * pad) / stride + 1
    if filter_size > size + 2 * pad or places != math.floor(places):
        raise ValueError(f"{places} places")
    return int(places)


@alternative("conv_output_size", "by counting where windows begin")
def by_counting(size, filter_size, stride=1, pad=0):
    starts = range(-pad, size + pad - filter_size + 1, stride)
    if len(starts) == 0 or starts[-1] + filter_size != size + pad:
        raise ValueError("the window does not end at the edge")
    return len(starts)


def _way(size, window, pad):
    return size - window + 2 * pad


def _fault(name, sentence, places, refuses=lambda way, stride: way < 0 or way % stride, way=None):
    """way: how far the window can go, where the mistake is made there and so in what is refused, too."""

    def work(size, filter_size, stride=1, pad=0):
        if refuses((way or _way)(size, filter_size, pad), stride):
            raise ValueError("does not fit")
        return places(size, filter_size, stride, pad)

    work.__name__ = name
    mutant("conv_output_size", sentence)(work)


_fault(
    "one_place_short",
    "One place is missing: the window's first place is not a step. Add 1 to the number of steps.",
    lambda size, window, stride, pad: (size - window + 2 * pad) // stride,
)
_fault(
    "one_place_added_before_dividing",
    "The 1 is added before dividing by the stride: it is no step, so it comes after.",
    lambda size, window, stride, pad: (size - window + 2 * pad + 1) // stride,
)
_fault(
    "padding_counted_once",
    "The padding is counted once: there are zeros at both ends.",
    lambda size, window, stride, pad: (size - window + pad) // stride + 1,
    way=lambda size, window, pad: size - window + pad,
)
_fault(
    "padding_forgotten",
    "The padding does not enter into the number of places.",
    lambda size, window, stride, pad: (size - window) // stride + 1,
    way=lambda size, window, pad: size - window,
)
_fault(
    "padding_subtracted",
    "The padding is taken away: it makes the axis longer.",
    lambda size, window, stride, pad: (size - window - 2 * pad) // stride + 1,
    way=lambda size, window, pad: size - window - 2 * pad,
)
_fault(
    "stride_forgotten",
    "The stride does not enter into the number of places.",
    lambda size, window, stride, pad: size - window + 2 * pad + 1,
)
_fault(
    "window_forgotten",
    "This is the size divided by the stride: the window has a size, too, and must not hang over the edge.",
    lambda size, window, stride, pad: (size + 2 * pad) // stride,
)
_fault(
    "rounded_down",
    "Pixels that are left over are dropped in silence; a stride that does not fit should raise ValueError.",
    lambda size, window, stride, pad: (size - window + 2 * pad) // stride + 1,
    refuses=lambda way, stride: way < 0,
)
_fault(
    "rounded_up",
    "The number of places is rounded up: the last window hangs over the edge. Raise ValueError where the stride does not fit.",
    lambda size, window, stride, pad: -(-(size - window + 2 * pad) // stride) + 1,
    refuses=lambda way, stride: way < 0,
)
_fault(
    "large_windows_pass",
    "A window that is larger than the padded axis should raise ValueError, also where the stride divides the difference.",
    lambda size, window, stride, pad: (size - window + 2 * pad) // stride + 1,
    refuses=lambda way, stride: way % stride,
)
_fault(
    "exact_fit_refused",
    "A window exactly as large as the padded axis fits, once: this raises an error.",
    lambda size, window, stride, pad: (size - window + 2 * pad) // stride + 1,
    refuses=lambda way, stride: way <= 0 or way % stride,
)
_fault(
    "a_float",
    "The number of places is a float: arrays need whole numbers for their shapes. Divide with //.",
    lambda size, window, stride, pad: (size - window + 2 * pad) / stride + 1,
)


@mutant("conv_output_size", "Where the window does not fit, None is returned; ValueError is to be raised.")
def none_for_an_error(size, filter_size, stride=1, pad=0):
    way = size - filter_size + 2 * pad
    return way // stride + 1 if way >= 0 and way % stride == 0 else None


def _error(name, sentence, refuse, misfit=lambda size, window, stride, pad: _way(size, window, pad) % stride):
    """A mistake in what is refused, or how."""

    def work(size, filter_size, stride=1, pad=0):
        way = _way(size, filter_size, pad)
        if way < 0 or misfit(size, filter_size, stride, pad):
            return refuse()
        return way // stride + 1

    work.__name__ = name
    mutant("conv_output_size", sentence)(work)


def _raise(error):
    raise error


_error(
    "assertion_for_an_error",
    "Where the window does not fit, an assertion fails; ValueError is to be raised.",
    lambda: _raise(AssertionError()),
)
_error(
    "error_returned",
    "Where the window does not fit, the error is returned as if it were a number: raise it.",
    lambda: ValueError("does not fit"),
)
_error(
    "size_divided_by_the_stride",
    "Whether a stride fits is asked of the size of the image; it is the way from the first to the last place that must be divisible.",
    lambda: _raise(ValueError("does not fit")),
    lambda size, window, stride, pad: size % stride,
)
_error(
    "window_against_the_bare_size",
    "The window is compared with the size without padding: it has to fit the padded axis.",
    lambda: _raise(ValueError("does not fit")),
    lambda size, window, stride, pad: window > size or _way(size, window, pad) % stride,
)
