"""Exponential, reciprocal and sigmoid: mistakes, and other correct solutions."""

import math

import numpy as np

from autograder.mutants.backprop.gates import (
    SMOOTH,
    Exp,
    Sigmoid,
    fault,
    first_inputs_only,
    ignores_dout,
    memory_of_the_class,
    spoils_its_memory,
)
from autograder.testing import alternative


@alternative(SMOOTH, "the sigmoid by the hyperbolic tangent, its input kept", replaces="SigmoidGate")
class SigmoidByTanh:
    def forward(self, x):
        self.x = x
        return 0.5 + 0.5 * np.tanh(x / 2)

    def backward(self, dout):
        return (dout / (4 * np.cosh(self.x / 2) ** 2),)


# Exponential, reciprocal, sigmoid ------------------------------------------------------------------------------------

fault(
    "ExpGate",
    "exp_ignores_dout",
    "ExpGate.backward returns the local gradient only; multiply it by the upstream gradient dout.",
    hand_back=ignores_dout,
)
fault(
    "ExpGate",
    "exp_slope_is_the_input",
    "ExpGate.backward multiplies by the input; the exponential's slope is the exponential, the gate's own output.",
    slopes=lambda self, x: (x,),
)
fault(
    "ExpGate",
    "exp_power_rule",
    "ExpGate.backward uses the power rule; here x is the exponent, and the slope of e**x is e**x.",
    slopes=lambda self, x: (x * math.exp(x - 1),),
)
fault(
    "ExpGate",
    "exp_bare_number",
    "ExpGate.backward returns a bare number; with one input, too, a tuple is asked for: mind the comma.",
    hand_back=lambda self, dout: dout * self.local[0],
)
fault(
    "ExpGate",
    "exp_shares_memory",
    "ExpGate keeps its output on the class, so that all its gates overwrite each other's: use self.",
    forward=memory_of_the_class(Exp),
)
fault(
    "ReciprocalGate",
    "reciprocal_ignores_dout",
    "ReciprocalGate.backward returns the local gradient only; multiply it by the upstream gradient dout.",
    hand_back=ignores_dout,
)
fault(
    "ReciprocalGate",
    "reciprocal_without_minus",
    "ReciprocalGate.backward has the wrong sign: 1/x falls as x grows.",
    slopes=lambda self, x: (1 / x**2,),
)
fault(
    "ReciprocalGate",
    "reciprocal_not_squared",
    "ReciprocalGate.backward uses -1/x; the slope of 1/x is minus one over the square of x.",
    slopes=lambda self, x: (-1 / x,),
)
fault(
    "ReciprocalGate",
    "reciprocal_square_of_the_input",
    "ReciprocalGate.backward multiplies by the square of the input; it is the square of the output that belongs there.",
    slopes=lambda self, x: (-(x**2),),
)
fault(
    "ReciprocalGate",
    "reciprocal_first_input",
    "ReciprocalGate keeps the input of its first forward for ever; backward needs the latest one.",
    forward=first_inputs_only,
)
fault(
    "SigmoidGate",
    "sigmoid_ignores_dout",
    "SigmoidGate.backward returns the local gradient only; multiply it by the upstream gradient dout.",
    hand_back=ignores_dout,
)
fault(
    "SigmoidGate",
    "sigmoid_of_minus_x",
    "SigmoidGate has the sign of x turned round: this falls where the sigmoid rises.",
    value=lambda self, x: 1 / (1 + math.exp(x)),
    slopes=lambda self, x: (-Sigmoid().slopes(x)[0],),
)
fault(
    "SigmoidGate",
    "sigmoid_slope_from_the_input",
    "SigmoidGate.backward puts the input into x (1 - x); the output of the gate belongs there.",
    slopes=lambda self, x: (x * (1 - x),),
)
fault(
    "SigmoidGate",
    "sigmoid_slope_of_tanh",
    "SigmoidGate.backward uses 1 - out**2, the slope of the hyperbolic tangent.",
    slopes=lambda self, x: (1 - Sigmoid().value(x) ** 2,),
)
fault(
    "SigmoidGate",
    "sigmoid_spoils_its_memory",
    "SigmoidGate.backward changes what forward kept, so that asking it twice gives two answers.",
    hand_back=spoils_its_memory,
)
