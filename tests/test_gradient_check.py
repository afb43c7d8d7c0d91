"""What `check_gradient` says besides the cause, and what it refuses."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils.gradient_check import check_gradient, numerical_gradient

POINT = np.array([0.5, -1.5, 2.0])


def cubes(x):
    return (x**3).sum()


BAD_FUNCTIONS = [
    (lambda x: x**2, ValueError, "shape"),
    (lambda x: (1.0, x), TypeError, r"f\(x\)\[0\]"),
    (lambda x: None, TypeError, "None"),
    (lambda x: "loss", TypeError, "str"),
    (lambda x: 1j, TypeError, "complex"),
    (3.0, TypeError, "function"),
]


@pytest.mark.parametrize(("f", "error", "words"), BAD_FUNCTIONS)
def test_an_f_that_gives_no_single_number_is_refused_in_words(f, error, words):
    for call in (lambda: numerical_gradient(f, POINT), lambda: check_gradient(f, POINT, POINT)):
        with pytest.raises(error, match=words):
            call()


@pytest.mark.parametrize(
    ("x", "error", "words"),
    [
        (None, TypeError, "x is None"),
        ("abc", TypeError, "real numbers"),
        ([[1, 2], [3]], TypeError, "array of numbers"),
        (np.array([1j]), TypeError, "complex"),
        ({}, ValueError, "empty"),
        (np.zeros((0, 3)), ValueError, "empty"),
    ],
)
def test_a_bad_x_is_refused_in_words(x, error, words):
    with pytest.raises(error, match=words):
        check_gradient(cubes, x, 1.0)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"tolerance": 0}, "tolerance"),
        ({"tolerance": np.nan}, "tolerance"),
        ({"directions": 2}, "at least 5"),
        ({"regularization": np.ones(4)}, "penalty"),
    ],
)
def test_bad_options_are_refused_in_words(options, words):
    with pytest.raises(ValueError, match=words):
        check_gradient(cubes, POINT, POINT, **options)


numbers = st.floats(-3, 3, allow_nan=False)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(numbers, numbers, numbers, numbers), min_size=1, max_size=6), st.sampled_from([None, 8]))
def test_the_right_gradient_of_a_polynomial_passes(rows, directions):
    a, b, c, x = np.array(rows).T
    kept = x.copy()
    report = check_gradient(
        lambda x: (a * x**3 + b * x**2 + c * x).sum(), x, 3 * a * x**2 + 2 * b * x + c, directions=directions
    )
    assert report.ok, report.message
    assert report.max_relative_error <= report.tolerance
    assert np.array_equal(x, kept)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 6), st.integers(1, 5), st.integers(2, 5), st.sampled_from([None, 10]))
def test_the_right_gradient_of_an_affine_softmax_passes_and_twice_it_fails(seed, n, d, c, directions):
    rng = np.random.default_rng(seed)
    X, y = rng.normal(size=(n, d)), rng.integers(c, size=n)
    params = {"W": rng.normal(size=(d, c)), "b": rng.normal(size=c)}

    def probabilities(p):
        scores = np.exp(X @ p["W"] + p["b"])
        return scores / scores.sum(axis=1, keepdims=True)

    def loss(p):
        return -np.log(probabilities(p)[np.arange(n), y]).mean()

    dscores = (probabilities(params) - np.eye(c)[y]) / n
    right = {"W": X.T @ dscores, "b": dscores.sum(axis=0)}
    report = check_gradient(loss, params, right, directions=directions)
    assert report.ok, report.message
    assert not check_gradient(loss, params, {name: 2 * g for name, g in right.items()}, directions=directions)


@pytest.mark.parametrize("directions", [None, 6])
def test_x_is_never_changed_even_by_an_f_that_changes_its_argument(directions):
    def spoiling(x):
        x *= x
        return x.sum()

    x = POINT.copy()
    report = check_gradient(spoiling, x, 2 * x, directions=directions)
    assert report.ok
    assert np.array_equal(x, POINT)
    assert "in place" in report.message
    emptied = check_gradient(lambda p: float(p.pop("w").sum()), {"w": x}, {"w": np.ones(3)})
    assert emptied.ok and "in place" in emptied.message


def test_an_f_that_draws_random_numbers_is_said_to():
    rng = np.random.default_rng(0)
    report = check_gradient(lambda x: x.sum() + rng.normal(), POINT, np.ones(3))
    assert report.cause == "stochastic"
    assert "for the same x" in report.message


def test_the_worst_entry_is_named_with_both_values():
    x = np.ones((2, 3))
    wrong = 2 * x
    wrong[1, 2] = 5
    report = check_gradient(lambda x: (x**2).sum(), x, wrong)
    assert report.worst_index == (1, 2)
    assert (report.analytic, report.numerical) == (5, pytest.approx(2))
    assert "[1, 2]: yours is 5, measured 2" in str(report)
    named = check_gradient(lambda p: (p["W"] ** 2).sum(), {"W": x}, {"W": wrong})
    assert named.worst_index == ("W", (1, 2))
    assert "'W'[1, 2]" in named.message
    assert "<b>" in report._repr_html_() and "[1, 2]" in report._repr_html_()


def test_zero_against_zero_is_right():
    report = check_gradient(lambda x: (x[0] ** 2) * 0 + 3.0, np.zeros(4), np.zeros(4))
    assert report.ok and report.max_relative_error == 0


def test_a_tiny_gradient_of_a_large_loss_is_not_failed_by_rounding():
    assert check_gradient(lambda x: 1e4 + 1e-6 * (x**2).sum(), POINT, 2e-6 * POINT).ok


def test_entries_that_rounding_hides_are_said_to_be_hidden():
    x = np.array([1e4, 2e4, 1.0])
    report = check_gradient(lambda x: (x**2).sum(), x, 2 * x + np.array([0, 0, 0.03]))
    assert report.ok and "rounding in f hides the true slope of 1 entries, first [2]" in report.message


def test_a_steep_function_is_measured_sharply_enough():
    assert check_gradient(lambda x: np.sin(800 * x).sum(), POINT, 800 * np.cos(800 * POINT)).ok


def test_a_single_number_can_be_checked():
    assert check_gradient(lambda x: x**2, 3, 6.0).ok
    assert check_gradient(lambda x: x**2, 3.0, 3.0).cause == "factor"


def test_float32_is_worked_on_in_float64_and_said_so():
    seen = set()

    def loss(x):
        seen.add(x.dtype.name)
        return (x**2).sum()

    x = POINT.astype(np.float32)
    report = check_gradient(loss, x, 2 * x)
    assert report.ok and seen == {"float64"}
    assert "x came as float32" in report.message and "gradient came as float32" in report.message
    assert "whole numbers" in check_gradient(loss, np.array([1, 2]), np.array([2.0, 4.0])).message


def in_float32(x):
    return (x.astype(np.float32) ** 2).mean()


SINGLE = [
    ("returns float32", in_float32),
    ("returns a float", lambda x: float(in_float32(x))),
    ("sums in float64", lambda x: float((np.tanh(x.astype(np.float32)) ** 2).astype(np.float64).sum())),
]


@pytest.mark.parametrize("f", [case[1] for case in SINGLE], ids=[case[0] for case in SINGLE])
def test_an_f_that_works_in_single_precision_is_found_out(f):
    x = np.linspace(0.3, 1.7, 12)
    report = check_gradient(f, x, x)
    assert "single precision" in report.message


@pytest.mark.parametrize("directions", [None, 20])
def test_single_precision_passes_a_right_gradient_and_fails_a_wrong_one(directions):
    x = np.linspace(0.3, 1.7, 12)
    report = check_gradient(in_float32, x, x / 6, directions=directions)
    assert report.ok, report.message
    assert not check_gradient(in_float32, x, x / 3, directions=directions).ok


@pytest.mark.parametrize("slope", [-1.0, 0.0, 1.0])
def test_a_fair_slope_at_a_kink_passes_and_the_kink_is_named(slope):
    x = np.array([0.7, 0.0, -0.4])
    report = check_gradient(lambda x: np.abs(x).sum(), x, np.array([1.0, slope, -1.0]))
    assert report.ok, report.message
    assert report.kinks == [(1,)]
    assert "kink at x" in report.message


def test_an_unfair_slope_at_a_kink_fails():
    report = check_gradient(lambda x: np.maximum(x, 0).sum(), np.array([0.0, 1.0]), np.array([1.5, 1.0]))
    assert not report.ok and report.kinks == [(0,)] and report.worst_index == (0,)


@pytest.mark.parametrize("distance", [1e-9, 3e-8, 4e-7, 3e-6, 9e-6])
@pytest.mark.parametrize("side", [-1, 1])
def test_a_kink_beside_x_does_not_fail_the_right_gradient(distance, side):
    x = np.array([side * distance, 1.0])
    report = check_gradient(lambda x: np.maximum(x, 0).sum() + (x**2).sum(), x, (x > 0) + 2 * x)
    assert report.ok, report.message
    assert report.kinks == [(0,)]


def test_curvature_is_not_taken_for_a_kink():
    report = check_gradient(
        lambda x: (500 * x**2).sum() + np.exp(6 * x).sum(), POINT, 1000 * POINT + 6 * np.exp(6 * POINT)
    )
    assert report.ok and report.kinks == []


def test_the_smooth_entries_are_still_judged_when_there_is_a_kink():
    report = check_gradient(lambda x: np.abs(x).sum(), np.array([0.0, 1.0, 2.0, 3.0]), np.array([0.0, 1.0, 1.0, -1.0]))
    assert not report.ok and report.worst_index == (3,) and report.cause == "one_entry"


def test_a_jump_is_said_to_have_no_gradient():
    report = check_gradient(lambda x: float((x >= 1).mean()), np.array([1.0, 3.0]), np.zeros(2))
    assert report.cause == "jump"


def test_an_f_that_ignores_its_argument_is_said_to():
    assert check_gradient(lambda x: 2.5, POINT, np.ones(3)).cause == "flat"


@pytest.mark.parametrize("directions", [None, 6])
def test_a_loss_that_is_not_finite_is_said_to_be_the_trouble(directions):
    assert check_gradient(lambda x: np.nan, POINT, POINT, directions=directions).cause == "not_finite_loss"
    beside = check_gradient(lambda x: 0.0 if np.array_equal(x, POINT) else np.inf, POINT, POINT, directions=directions)
    assert not beside.ok and beside.cause == "not_finite_loss"


def test_a_big_full_check_points_to_directions(monkeypatch):
    monkeypatch.setattr(sys.modules["course_utils.gradient_check.check"], "LARGE", 2)
    report = check_gradient(cubes, POINT, 3 * POINT**2)
    assert report.ok and "directions=20" in report.message


def test_the_import_needs_numpy_alone():
    code = (
        "import sys, course_utils.gradient_check; "
        "print({m.split('.')[0] for m in sys.modules} & {'scipy', 'matplotlib', 'pandas', 'IPython', 'rich'})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
