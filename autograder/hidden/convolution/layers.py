"""Hidden tests of the convolution layer: `conv_naive` and `conv_fast`, which owe the same results."""

import numpy as np

from autograder.hidden.convolution import problems
from autograder.hidden.convolution.problems import conv_problem, expect_gradients, expect_same, provide_sizes
from autograder.oracles import convolution as oracles
from autograder.testing import ban, expect, expect_close, expect_raises, forward_pass, hidden

ban("conv_naive", "course_utils.nn", "scipy", "torch")
ban("conv_fast", "course_utils.nn", "scipy", "torch")

GRADIENTS = ("dx", "dw", "db")


def provide_windows(student):
    """The grader's conv_output_size and im2col, so that mistakes there are not paid for again."""
    provide_sizes(student)
    student.provide("im2col", im2col)


def im2col(x, height, width, stride=1, pad=0):
    cols = oracles.columns(x, (height, width, stride, pad))
    return cols.astype(np.asarray(x).dtype)


def layer_tests(exercise, kind, prepare):
    """Register the tests that both kinds share. kind: "naive" or "fast"."""
    forward, backward = f"conv_forward_{kind}", f"conv_backward_{kind}"

    def forward_test(name, title, sizes, weight=1):
        def test(student, rng):
            prepare(student)
            for each in sizes:
                x, w, b, conv_param, _ = conv_problem(rng, each)
                out, _ = forward_pass(student, forward, x, w, b, conv_param)
                expect_close(out, oracles.conv(x, w, b, **conv_param), 1e-9, 1e-9, what="the output")

        add(test, name, f"{forward}: {title}", weight)

    def gradient_test(position, title, sizes, name, weight=1):
        def test(student, rng):
            prepare(student)
            for each in sizes:
                x, w, b, conv_param, dout = conv_problem(rng, each)
                _, cache = forward_pass(student, forward, x, w, b, conv_param)
                gradients = getattr(student, backward)(dout, cache)
                expected = [None, None, None]
                expected[position] = oracles.conv_slopes(dout, x, w, **conv_param)[position]
                expect_gradients(gradients, expected, GRADIENTS, backward)

        add(test, name, f"{backward}: {title}", weight)

    def add(test, name, title, weight):
        test.__name__, test.__doc__ = f"{kind}_{name}", title
        hidden(exercise, weight=weight)(test)

    forward_test("forward_square", "square images and kernels", [problems.SQUARE, problems.ONE_BY_ONE], 2)
    forward_test("forward_oblong", "height and width that differ", [problems.OBLONG, problems.WIDE])
    forward_test("forward_padded", "padding", [problems.PADDED, problems.WIDE])
    forward_test("forward_strided", "strides, with padding and without", [problems.STRIDED, problems.BOTH], 2)
    gradient_test(0, "dx without padding", [problems.SQUARE, problems.OBLONG, problems.ONE_BY_ONE], "dx", 2)
    gradient_test(0, "dx with strides and padding", [problems.PADDED, problems.STRIDED, problems.BOTH], "dx_general")
    gradient_test(1, "dw at stride 1", [problems.SQUARE, problems.OBLONG, problems.PADDED], "dw", 2)
    gradient_test(1, "dw at stride 2", [problems.STRIDED, problems.BOTH], "dw_strided")
    gradient_test(2, "db", [problems.SQUARE, problems.OBLONG, problems.STRIDED], "db")

    def precision_and_memory_order(student, rng):
        prepare(student)
        x, w, b, conv_param, dout = conv_problem(rng, problems.BOTH)
        for change in (lambda a: a.astype(np.float32), np.asfortranarray):
            out, cache = forward_pass(student, forward, change(x), change(w), change(b), conv_param)
            expect_close(out, oracles.conv(x, w, b, **conv_param), 1e-4, 1e-4, what="the output")
            expected = oracles.conv_slopes(dout, x, w, **conv_param)
            expect_gradients(getattr(student, backward)(change(dout), cache), expected, GRADIENTS, backward, 1e-3, 1e-4)

    def arguments_left_alone(student, rng):
        prepare(student)
        for sizes in (problems.SQUARE, problems.BOTH):
            x, w, b, conv_param, dout = conv_problem(rng, sizes)
            named = {"x": x, "w": w, "b": b, "dout": dout}
            kept = {name: (student.keep(each), each) for name, each in named.items()}
            out, cache = forward_pass(student, forward, *(kept[name][0] for name in "xwb"), conv_param)
            gradients = getattr(student, backward)(kept["dout"][0], cache)
            expect_same(student, kept)
            expect_close(out, oracles.conv(x, w, b, **conv_param), 1e-9, 1e-9, what="the output")
            expect_gradients(gradients, oracles.conv_slopes(dout, x, w, **conv_param), GRADIENTS, backward)

    def what_does_not_fit(student, rng):
        for h, w, hh, ww, stride, pad in (
            (6, 5, 3, 3, 2, 0),
            (5, 6, 3, 3, 2, 0),
            (4, 4, 5, 3, 1, 0),
            (4, 4, 3, 7, 1, 1),
        ):
            x, weights = rng.normal(size=(1, 2, h, w)), rng.normal(size=(3, 2, hh, ww))
            expect_raises(
                ValueError,
                getattr(student, forward),
                x,
                weights,
                rng.normal(size=3),
                {"stride": stride, "pad": pad},
                otherwise="kernels that do not fit the image, in height or in width, should raise ValueError",
            )
        prepare(student)  # only from here on: above, the student's own refuse
        x, w, b, conv_param, _ = conv_problem(rng, problems.SQUARE)
        out, _ = forward_pass(student, forward, x, w, b, conv_param)
        expect_close(out, oracles.conv(x, w, b, **conv_param), 1e-9, 1e-9, what="the output where the kernels fit")

    add(precision_and_memory_order, "precision", "float32, and arrays laid out in another order", 1)
    add(arguments_left_alone, "arguments_left_alone", "x, w, b and dout are left as they are", 1)
    add(what_does_not_fit, "misfit", f"{forward}: kernels that do not fit", 1)


layer_tests("conv_naive", "naive", provide_sizes)
layer_tests("conv_fast", "fast", provide_windows)

SMALL, LARGE = (1, 2, 4, 5, 2, 3, 3, 1, 1), (4, 2, 9, 8, 40, 3, 3, 1, 1)
MORE = 1.2, 30


def expect_no_growth(steps, more, where):
    """Larger images, more of them, and more filters took about as many steps of Python."""
    expect(
        more <= MORE[0] * steps + MORE[1],
        f"{where} takes more steps of Python the more and the larger images and the more filters there are: "
        "loop over the elements of the window only, not over images, filters or places",
    )


@hidden("conv_fast", weight=3)
def fast_forward_in_few_steps(student, rng):
    """conv_forward_fast: as many steps of Python for large images as for small ones, with right results"""
    found = []
    for sizes in (SMALL, LARGE):
        x, w, b, conv_param, _ = conv_problem(rng, sizes)
        out, _ = forward_pass(student, "conv_forward_fast", x, w, b, conv_param)
        expect_close(out, oracles.conv(x, w, b, **conv_param), what="the output")
        # What stands in the cache is the student's affair: no part of what diagnosis compares.
        found.append(student.steps(student.conv_forward_fast, x, w, b, conv_param))
    expect_no_growth(*found, "conv_forward_fast")


@hidden("conv_fast", weight=3)
def fast_backward_in_few_steps(student, rng):
    """conv_backward_fast: as many steps of Python for large images as for small ones, with right results"""
    found = []
    for sizes in (SMALL, LARGE):
        x, w, b, conv_param, dout = conv_problem(rng, sizes)
        _, cache = forward_pass(student, "conv_forward_fast", x, w, b, conv_param)
        gradients, steps = student.count_calls(student.conv_backward_fast, dout, cache)
        expected = oracles.conv_slopes(dout, x, w, **conv_param)
        expect_gradients(gradients, expected, GRADIENTS, "conv_backward_fast")
        found.append(steps)
    expect_no_growth(*found, "conv_backward_fast")
