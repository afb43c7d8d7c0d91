"""Notebook 08's hidden tests: answers that a reader found to pass or to fail where they should not."""

from pathlib import Path

import numpy as np
import pytest

from autograder.grading.exercise import earned_share, run_exercise
from autograder.source import read_notebook
from autograder.verify.workbench import Workbench


@pytest.fixture(scope="module")
def solved():
    source = Path(__file__).resolve().parents[1] / "solutions" / "08_convolution" / "08_convolution.py"
    return Workbench(read_notebook(source)).namespace


def graded(solved, exercise, **work):
    """The share earned, and the mistakes recognised, with these names in the place of the solution's."""
    results = run_exercise(exercise, solved | work, "5eed")
    return earned_share(results), {result.mutant for result in results if not result.passed}


def over_filters(solved):
    """conv_forward_fast with a loop over filters, and the solution's cache."""

    def forward(x, w, b, conv_param):
        _, cache = solved["conv_forward_fast"](x, w, b, conv_param)
        outs = [solved["conv_forward_fast"](x, w[f : f + 1], b[f : f + 1], conv_param)[0] for f in range(len(w))]
        return np.concatenate(outs, axis=1), cache

    return forward


def first_of_two(function, change):
    """A forward pass whose output is changed."""

    def forward(*arguments):
        out, cache = function(*arguments)
        return change(out), cache

    return forward


def single(array):
    return array.astype(np.float32)


def used_up(count):
    def work(layers):
        found = count(list(layers))
        layers.clear()
        return found

    return work


WRONG = {
    "correlate2d in float32": ("correlate2d", "correlate2d", lambda s: lambda *a: single(s["correlate2d"](*a))),
    "convolve2d in float32": ("correlate2d", "convolve2d", lambda s: lambda *a: single(s["convolve2d"](*a))),
    "a float count": ("count_parameters",) * 2 + (lambda s: lambda layers: float(s["count_parameters"](layers)),),
    "layers used up": ("count_parameters", "count_parameters", lambda s: used_up(s["count_parameters"])),
    "a loop over filters": ("conv_fast", "conv_forward_fast", over_filters),
    "naive in float32": ("conv_naive", "conv_forward_naive", lambda s: first_of_two(s["conv_forward_naive"], single)),
    "fast in float32": ("conv_fast", "conv_forward_fast", lambda s: first_of_two(s["conv_forward_fast"], single)),
    "max in float32": ("max_pool", "max_pool_forward", lambda s: first_of_two(s["max_pool_forward"], single)),
    "mean in float32": ("avg_pool", "avg_pool_forward", lambda s: first_of_two(s["avg_pool_forward"], single)),
    "col2im in float32": ("col2im", "col2im", lambda s: lambda *a: single(s["col2im"](*a))),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_what_once_earned_every_point_is_recognised(solved, case):
    exercise, name, make = WRONG[case]
    share, mistakes = graded(solved, exercise, **{name: make(solved)})
    assert share < 1 and mistakes != {None}


def test_a_mistake_in_correlate2d_is_not_paid_for_in_convolve2d(solved):
    def wrong(image, kernel):
        window = np.shape(kernel)[0]  # for the width as well
        return np.array(
            [
                [np.sum(image[r : r + window, t : t + window] * kernel) for t in range(np.shape(image)[1] - window + 1)]
                for r in range(np.shape(image)[0] - window + 1)
            ]
        )

    def convolve2d(image, kernel):
        return namespace["correlate2d"](np.asarray(image, float), np.asarray(kernel, float)[::-1, ::-1])

    namespace = solved | {"correlate2d": wrong, "convolve2d": convolve2d}
    results = {result.name: result.passed for result in run_exercise("correlate2d", namespace, "5eed")}
    assert not results["correlation_of_oblongs"] and results["convolution_of_oblongs"]


def pooled_by_reshaping(x, pool_param):
    """Max pooling of windows side by side without a loop; others place by place."""
    height, width, stride = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    steps = (x.shape[2] - height, x.shape[3] - width)
    if min(steps) < 0 or any(step % stride for step in steps):
        raise ValueError("does not fit")
    rows, columns = (step // stride + 1 for step in steps)
    if height == width == stride:
        out = x.reshape(*x.shape[:2], rows, height, columns, width).max(axis=(3, 5))
    else:
        view = np.lib.stride_tricks.sliding_window_view(x, (height, width), axis=(2, 3))
        out = view[:, :, ::stride, ::stride].max(axis=(4, 5))
    return out, (x, out, pool_param)


RIGHT = {
    "a kernel reversed as a flat array": (
        "correlate2d",
        "convolve2d",
        lambda s: lambda image, k: s["correlate2d"](image, np.ravel(k)[::-1].reshape(np.shape(k))),
    ),
    "a NumPy integer": (
        "conv_output_size",
        "conv_output_size",
        lambda s: lambda *a: np.int64(s["conv_output_size"](*a)),
    ),
    "double precision throughout": (
        "conv_naive",
        "conv_forward_naive",
        lambda s: first_of_two(s["conv_forward_naive"], lambda out: out.astype(np.float64)),
    ),
    "pooling by reshaping": ("max_pool", "max_pool_forward", lambda s: pooled_by_reshaping),
}


@pytest.mark.parametrize("case", RIGHT)
def test_other_right_answers_earn_every_point(solved, case):
    exercise, name, make = RIGHT[case]
    assert graded(solved, exercise, **{name: make(solved)}) == (1, set())
