"""Hidden tests of `max_pool` and its extension `avg_pool`."""

import numpy as np

from autograder.hidden.convolution.problems import expect_same, provide_sizes
from autograder.oracles import convolution as oracles
from autograder.testing import ban, expect_close, expect_raises, forward_pass, hidden

ban("max_pool", "course_utils.nn", "skimage", "torch")
ban("avg_pool", "course_utils.nn", "skimage", "torch")

# N, C, H, W, pool_height, pool_width, stride
SQUARE = (2, 3, 4, 4, 2, 2, 2)
OBLONG = (2, 3, 4, 6, 2, 2, 2)
TALL = (1, 2, 6, 4, 3, 1, 3)
UNEQUAL = (2, 2, 5, 4, 3, 2, 2)
OVERLAP = (2, 3, 5, 5, 3, 3, 2)
DENSE = (1, 2, 4, 5, 2, 3, 1)
APART = (1, 2, 5, 8, 2, 2, 3)


def distinct(rng, shape):
    """Numbers of either sign, no two of which are near one another."""
    values = rng.permutation(int(np.prod(shape))) + rng.uniform(0.1, 0.9)
    return (values - 0.7 * values.size).reshape(shape) / 7.0


def pool_problem(rng, sizes):
    n, c, h, w, height, width, stride = sizes
    layer = (height, width, stride, 0)
    x = distinct(rng, (n, c, h, w))
    pool_param = {"pool_height": height, "pool_width": width, "stride": stride}
    out = (n, c, oracles.output_size(h, height, stride, 0), oracles.output_size(w, width, stride, 0))
    return x, pool_param, rng.normal(size=out), layer


def pooling_tests(exercise, value, slopes):
    """Register the tests that both kinds of pooling share. value(x, layer), slopes(dout, x, layer): the oracles."""
    forward, backward = f"{exercise}_forward", f"{exercise}_backward"

    def add(test, name, title, weight=1):
        test.__name__, test.__doc__ = f"{exercise}_{name}", title
        hidden(exercise, weight=weight)(test)

    def forward_test(name, title, sizes, weight=1):
        def test(student, rng):
            provide_sizes(student)
            for each in sizes:
                x, pool_param, _, layer = pool_problem(rng, each)
                out, _ = forward_pass(student, forward, x, pool_param)
                expect_close(out, value(x, layer), 1e-9, 1e-9, what="the output")

        add(test, name, f"{forward}: {title}", weight)

    def gradient_test(name, title, sizes, weight=1):
        def test(student, rng):
            provide_sizes(student)
            for each in sizes:
                x, pool_param, dout, layer = pool_problem(rng, each)
                _, cache = forward_pass(student, forward, x, pool_param)
                dx = getattr(student, backward)(dout, cache)
                expect_close(dx, slopes(dout, x, layer), 1e-9, 1e-10, what="dx")

        add(test, name, f"{backward}: {title}", weight)

    forward_test("forward_apart", "windows side by side", [SQUARE, OBLONG], 2)
    forward_test("forward_unequal", "windows that are no squares", [TALL, UNEQUAL, DENSE])
    forward_test("forward_strided", "windows that overlap, or leave gaps", [OVERLAP, APART], 2)
    gradient_test("backward_apart", "windows side by side", [SQUARE, OBLONG], 2)
    gradient_test("backward_unequal", "windows that are no squares", [TALL, UNEQUAL])
    gradient_test("backward_overlap", "windows that overlap, or leave gaps", [OVERLAP, DENSE, APART], 2)

    def precision_and_order(student, rng):
        provide_sizes(student)
        x, pool_param, dout, layer = pool_problem(rng, UNEQUAL)
        for change in (lambda a: a.astype(np.float32), np.asfortranarray):
            out, cache = forward_pass(student, forward, change(x), pool_param)
            expect_close(out, value(x, layer), 1e-4, 1e-4, what="the output")
            dx = getattr(student, backward)(change(dout), cache)
            expect_close(dx, slopes(dout, x, layer), 1e-4, 1e-4, what="dx")

    def left_alone(student, rng):
        provide_sizes(student)
        for sizes in (SQUARE, OVERLAP):
            x, pool_param, dout, layer = pool_problem(rng, sizes)
            kept = {"x": (student.keep(x), x), "dout": (student.keep(dout), dout)}
            out, cache = forward_pass(student, forward, kept["x"][0], pool_param)
            dx = getattr(student, backward)(kept["dout"][0], cache)
            expect_same(student, kept)
            expect_close(out, value(x, layer), 1e-9, 1e-9, what="the output")
            expect_close(dx, slopes(dout, x, layer), 1e-9, 1e-10, what="dx")

    def misfit(student, rng):
        for h, w, height, width, stride in ((5, 4, 2, 2, 2), (4, 5, 2, 2, 2), (3, 4, 4, 2, 1), (6, 6, 3, 3, 2)):
            expect_raises(
                ValueError,
                getattr(student, forward),
                rng.normal(size=(1, 2, h, w)),
                {"pool_height": height, "pool_width": width, "stride": stride},
                otherwise="windows that do not fit the image, in height or in width, should raise ValueError",
            )
        provide_sizes(student)  # only from here on: above, the student's own refuses
        x, pool_param, _, layer = pool_problem(rng, SQUARE)
        out, _ = forward_pass(student, forward, x, pool_param)
        expect_close(out, value(x, layer), 1e-9, 1e-9, what="the output where the windows fit")

    add(precision_and_order, "precision", "float32, and arrays laid out in another order")
    add(left_alone, "left_alone", "x and dout are left as they are")
    add(misfit, "misfit", f"{forward}: windows that do not fit")


pooling_tests("max_pool", oracles.max_pool, oracles.max_pool_slopes)
pooling_tests("avg_pool", oracles.avg_pool, lambda dout, x, layer: oracles.avg_pool_slopes(dout, np.shape(x), layer))
