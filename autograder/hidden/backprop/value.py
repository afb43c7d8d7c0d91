"""Hidden tests of the extension: numbers that differentiate themselves."""

import cmath

from autograder.oracles import backprop as oracles
from autograder.testing import ban, expect_close, hidden

ban("Value", "autograd", "torch")


def differentiate(student, function, on_numbers, numbers, what):
    """`function` of Values agrees with `on_numbers` of complex numbers, in value and slopes."""
    values = [student.Value(number) for number in numbers]
    result = function(*values)
    expect_close(result.data, complex(on_numbers(*numbers)).real, what=f"the value of {what}")
    result.backward()
    for value, slope in zip(values, oracles.slopes(on_numbers, numbers), strict=True):
        expect_close(value.grad, slope, 1e-7, 1e-9, what=f"a slope of {what}")


def drawn(rng, count):
    return [float(rng.choice([-1.0, 1.0]) * rng.uniform(0.4, 1.6)) for _ in range(count)]


@hidden("Value", weight=2)
def a_product_of_values_and_numbers(student, rng):
    """products, with values and with plain numbers on either side"""
    a, b = drawn(rng, 2)
    differentiate(student, lambda x, y: x * y, lambda x, y: x * y, (a, b), "a product")
    differentiate(student, lambda x: 3.0 * x * -2, lambda x: -6.0 * x, (a,), "a product with numbers")
    differentiate(student, lambda x, y: x * (y * 2.0), lambda x, y: 2 * x * y, (a, b), "a product of a product")


@hidden("Value", weight=2)
def powers(student, rng):
    """powers: whole, negative and broken exponents, and quotients"""
    base = float(rng.uniform(0.5, 1.8))
    for exponent in (3, 2, -1, 0.5, -1.5):
        differentiate(
            student, lambda x, e=exponent: (x * 0.8) ** e, lambda x, e=exponent: (0.8 * x) ** e, (base,), "a power"
        )
    a, b = drawn(rng, 2)
    differentiate(student, lambda x, y: x / y - 2 / x, lambda x, y: x / y - 2 / x, (a, b), "a quotient")


@hidden("Value", weight=2)
def exp_and_tanh(student, rng):
    """the exponential and the hyperbolic tangent"""
    for a in drawn(rng, 2):
        differentiate(
            student, lambda x: (x * 0.7).exp() * 2.0, lambda x: 2 * cmath.exp(0.7 * x), (a,), "an exponential"
        )
        differentiate(
            student, lambda x: (x * 0.7).tanh() * 3.0, lambda x: 3 * cmath.tanh(0.7 * x), (a,), "a hyperbolic tangent"
        )


@hidden("Value")
def relu_on_either_side(student, rng):
    """relu of positive and negative values"""
    a = float(rng.uniform(0.4, 1.6))
    for x in (a, -a):
        for factor in (2.5, -2.5):
            value = student.Value(x)
            result = (value * 2.0).relu() * factor
            expect_close(result.data, 2 * factor * oracles.relu(x), what="the value of a relu")
            result.backward()
            expect_close(value.grad, 2 * factor * oracles.relu_slope(x), 1e-7, 1e-9, what="the slope of a relu")


@hidden("Value", weight=2)
def used_twice(student, rng):
    """values that are used more than once"""
    a, b = drawn(rng, 2)
    differentiate(student, lambda x: x * x, lambda x: x * x, (a,), "a square written as a product")
    differentiate(
        student, lambda x, y: x.exp() * x + x * y, lambda x, y: cmath.exp(x) * x + x * y, (a, b), "a sum of uses"
    )
    differentiate(
        student, lambda x: x.tanh() * x**2 + x.tanh(), lambda x: cmath.tanh(x) * (x**2 + 1), (a,), "three uses"
    )


@hidden("Value", weight=2)
def shared_in_the_middle(student, rng):
    """a value in the middle of the graph, used at different depths"""

    def on_values(x, y):
        a = x * y
        b = a.tanh()
        return b * a + (b * b) * a

    def on_numbers(x, y):
        a = x * y
        return cmath.tanh(a) * a + cmath.tanh(a) ** 2 * a

    def deep_first(x, y):
        a = x + y
        return (a.exp() * a).tanh() * (a + a * y)

    def deep_first_on_numbers(x, y):
        a = x + y
        return cmath.tanh(cmath.exp(a) * a) * (a + a * y)

    a, b = drawn(rng, 2)
    differentiate(student, on_values, on_numbers, (a, b), "a graph with shared values")
    differentiate(student, deep_first, deep_first_on_numbers, (a / 2, b / 2), "another graph with shared values")


@hidden("Value")
def gradients_are_added(student, rng):
    """backward adds to what grad holds already"""
    a, b = drawn(rng, 2)
    x = student.Value(a)
    (x * b).backward()
    (x**2).backward()
    expect_close(x.grad, b + 2 * a, what="the slope after backward of two results")
