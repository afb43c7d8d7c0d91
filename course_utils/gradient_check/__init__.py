"""Gradients by finite differences, and a check that says in words what is wrong with an analytic one.

>>> import numpy as np
>>> report = check_gradient(lambda w: float((w**2).sum()), np.array([1.0, 2.0]), analytic=np.array([1.0, 2.0]))
>>> report.ok, report.cause
(False, 'factor')
"""

from course_utils.gradient_check.check import check_gradient
from course_utils.gradient_check.errors import relative_error
from course_utils.gradient_check.numerical import complex_step_gradient, forward_difference, numerical_gradient
from course_utils.gradient_check.report import GradientReport

__all__ = [
    "GradientReport",
    "check_gradient",
    "complex_step_gradient",
    "forward_difference",
    "numerical_gradient",
    "relative_error",
]
