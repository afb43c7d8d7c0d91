"""Numerical gradients and the relative error."""

import numpy as np
import pytest

from course_utils.gradient_check import (
    complex_step_gradient,
    forward_difference,
    numerical_gradient,
    relative_error,
)

POINT = np.array([0.5, -1.5, 2.0])


def cubes(x):
    return (x**3).sum()


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [(0, 0, 0.0), (1, 3, 0.5), (1, -1, 1.0), (1e-9, 0, 0.1), ([1, 2], [1, 6], 0.5), ([], [], 0.0)],
)
def test_relative_error_follows_its_formula(a, b, expected):
    assert relative_error(a, b) == pytest.approx(expected)


def test_relative_error_keeps_a_nan_and_refuses_two_shapes():
    assert np.isnan(relative_error([np.nan, 1], [1, 1]))
    with pytest.raises(ValueError, match="one shape"):
        relative_error([1, 2], [[1, 2]])


@pytest.mark.parametrize(
    ("gradient_of", "error"), [(numerical_gradient, 1e-8), (forward_difference, 1e-3), (complex_step_gradient, 1e-15)]
)
def test_each_method_has_the_accuracy_it_claims(gradient_of, error):
    assert relative_error(gradient_of(cubes, POINT), 3 * POINT**2) <= error


def test_the_centred_difference_is_better_than_the_forward_one():
    right = 3 * POINT**2
    centred, forward = numerical_gradient(cubes, POINT, h=1e-4), forward_difference(cubes, POINT, h=1e-4)
    assert relative_error(centred, right) < relative_error(forward, right) / 100


@pytest.mark.parametrize("gradient_of", [numerical_gradient, forward_difference, complex_step_gradient])
def test_gradients_are_made_like_x(gradient_of):
    assert gradient_of(lambda x: x * x, 3.0) == pytest.approx(6.0, rel=1e-5)
    whole = gradient_of(lambda p: (p["a"] ** 2).sum() + p["b"] * 5, {"a": np.ones((2, 3)), "b": 2})
    assert whole["a"].shape == (2, 3) and whole["b"] == pytest.approx(5.0)
    assert gradient_of(lambda x: (x**2).sum(), np.ones(2, np.float32)).dtype == np.float64


def test_bad_steps_and_functions_that_lose_the_imaginary_part_are_refused():
    for gradient_of in (numerical_gradient, forward_difference, complex_step_gradient):
        with pytest.raises(ValueError, match="positive"):
            gradient_of(cubes, POINT, h=0)
    with pytest.raises(TypeError, match="imaginary"):
        complex_step_gradient(lambda x: np.abs(x).sum(), POINT)
    with pytest.raises(ValueError, match="one number"):
        complex_step_gradient(lambda x: x**2, POINT)
