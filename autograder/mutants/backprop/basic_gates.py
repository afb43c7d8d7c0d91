"""Sum, product and maximum: mistakes, and other correct solutions."""

import numpy as np

from autograder.mutants.backprop.gates import (
    BASIC,
    Multiply,
    fault,
    first_inputs_only,
    ignores_dout,
    memory_of_the_class,
    spoils_its_memory,
)
from autograder.testing import alternative


@alternative(BASIC, "a derivative of 1 for the first at a tie, with np.maximum", replaces="MaxGate")
class MaximumOfNumPy:
    def forward(self, x, y):
        self.cache = x, y
        return np.maximum(x, y)

    def backward(self, dout):
        x, y = self.cache
        return dout * (x >= y), dout * (y > x)


@alternative(BASIC, "a list comes back from backward", replaces="MultiplyGate")
class ListOfGradients:
    def forward(self, x, y):
        self.inputs = [x, y]
        return x * y

    def backward(self, dout):
        return [dout * other for other in self.inputs[::-1]]


@alternative(BASIC, "an array comes back from backward", replaces="AddGate")
class ArrayOfGradients:
    def forward(self, x, y):
        return y + x

    def backward(self, dout):
        return np.full(2, dout)


# The sum -----------------------------------------------------------------------------------------------------------

fault(
    "AddGate",
    "add_ignores_dout",
    "AddGate.backward returns ones; the upstream gradient dout has to be handed on.",
    hand_back=ignores_dout,
)
fault(
    "AddGate",
    "add_splits",
    "AddGate.backward splits the gradient between the inputs; each of them receives all of it.",
    hand_back=lambda self, dout: (dout / 2, dout / 2),
)
fault(
    "AddGate",
    "add_bare_number",
    "AddGate.backward returns one number; it should return a gradient for each of the two inputs.",
    hand_back=lambda self, dout: dout,
)
fault(
    "AddGate",
    "add_swaps",
    "AddGate.backward multiplies by the inputs; that is the pattern of a product. The slopes of a sum are 1.",
    slopes=lambda self, x, y: (y, x),
)

# The product ---------------------------------------------------------------------------------------------------------

fault(
    "MultiplyGate",
    "multiply_does_not_swap",
    "MultiplyGate.backward gives each input its own value as slope; it is the other factor's value that belongs there.",
    slopes=lambda self, x, y: (x, y),
)
fault(
    "MultiplyGate",
    "multiply_ignores_dout",
    "MultiplyGate.backward returns local gradients only; multiply each by the upstream gradient dout.",
    hand_back=ignores_dout,
)
fault(
    "MultiplyGate",
    "multiply_adds_dout",
    "MultiplyGate.backward adds the upstream gradient to the local one; the chain rule multiplies them.",
    hand_back=lambda self, dout: tuple(dout + slope for slope in self.local),
)
fault(
    "MultiplyGate",
    "multiply_shares_memory",
    "MultiplyGate keeps its inputs on the class, so that all product gates overwrite each other's: use self.",
    forward=memory_of_the_class(Multiply),
)
fault(
    "MultiplyGate",
    "multiply_first_inputs",
    "MultiplyGate keeps the inputs of its first forward for ever; backward needs the latest ones.",
    forward=first_inputs_only,
)
fault(
    "MultiplyGate",
    "multiply_spoils_its_memory",
    "MultiplyGate.backward changes what forward kept, so that asking it twice gives two answers.",
    hand_back=spoils_its_memory,
)

# The maximum -------------------------------------------------------------------------------------------------------

fault(
    "MaxGate",
    "max_gives_to_both",
    "MaxGate.backward hands the gradient to both inputs; the smaller one does not influence the output and gets 0.",
    slopes=lambda self, x, y: (1.0, 1.0),
)
fault(
    "MaxGate",
    "max_gives_to_the_smaller",
    "MaxGate.backward hands the gradient to the smaller input; it belongs to the larger.",
    slopes=lambda self, x, y: (float(x < y), float(x >= y)),
)
fault(
    "MaxGate",
    "max_ignores_dout",
    "MaxGate.backward returns ones and zeros; the larger input receives the upstream gradient dout.",
    hand_back=ignores_dout,
)
fault(
    "MaxGate",
    "max_by_size",
    "MaxGate compares sizes: of -3 and 2 the larger number is 2.",
    value=lambda self, x, y: max(x, y, key=abs),
    slopes=lambda self, x, y: (float(abs(x) >= abs(y)), float(abs(x) < abs(y))),
)
fault(
    "MaxGate",
    "max_multiplies_by_the_value",
    "MaxGate.backward multiplies the gradient by the larger input; the slope of max in the larger input is 1.",
    slopes=lambda self, x, y: (x, 0.0) if x >= y else (0.0, y),
)
fault(
    "MaxGate",
    "max_rectifies",
    "MaxGate compares with 0 as a ReLU does; it should return the larger of its two inputs, negative ones too.",
    value=lambda self, x, y: max(0.0, x, y),
    slopes=lambda self, x, y: (float(x >= max(0.0, y)), float(y > max(0.0, x))),
)
fault(
    "MaxGate",
    "max_gives_to_both_at_a_tie",
    "MaxGate.backward hands dout to both inputs when they are equal: one of them is to receive it, not both.",
    slopes=lambda self, x, y: (float(x >= y), float(y >= x)),
)
fault(
    "MaxGate",
    "max_gives_to_neither_at_a_tie",
    "MaxGate.backward hands dout to neither input when they are equal: one of them is to receive it.",
    slopes=lambda self, x, y: (float(x > y), float(y > x)),
)


def remembers_that_the_first_won(self, x, y):
    self.first_won = getattr(self, "first_won", False) or x > y
    self.local = (1.0, 0.0) if self.first_won else (0.0, 1.0)
    return max(x, y)


fault(
    "MaxGate",
    "max_never_forgets",
    "MaxGate remembers for ever that its first input was larger once: forward has to set its memory anew each time.",
    forward=remembers_that_the_first_won,
)
