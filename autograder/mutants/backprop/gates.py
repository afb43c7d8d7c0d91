"""Right gates, and the means to make wrong ones of them; both groups of gates use them."""

import math

from autograder.testing import alternative, mutant

BASIC, SMOOTH = "basic_gates", "smooth_gates"


class Gate:
    """A gate whose local gradients are found in forward, by two rules: `value` and `slopes`, both of the inputs.

    Mutants change one of them, or `hand_back`.
    """

    def hand_back(self, dout):
        return tuple(dout * slope for slope in self.local)

    def forward(self, *inputs):
        self.local = self.slopes(*inputs)
        return self.value(*inputs)

    def backward(self, dout):
        return self.hand_back(dout)


class Add(Gate):
    def value(self, x, y):
        return x + y

    def slopes(self, x, y):
        return 1.0, 1.0


class Multiply(Gate):
    def value(self, x, y):
        return x * y

    def slopes(self, x, y):
        return y, x


class Max(Gate):
    def value(self, x, y):
        return max(x, y)

    def slopes(self, x, y):
        return float(x >= y), float(x < y)


class Exp(Gate):
    def value(self, x):
        return math.exp(x)

    def slopes(self, x):
        return (math.exp(x),)


class Reciprocal(Gate):
    def value(self, x):
        return 1 / x

    def slopes(self, x):
        return (-1 / (x * x),)


class Sigmoid(Gate):
    def value(self, x):
        return 1 / (1 + math.exp(-x))

    def slopes(self, x):
        e = math.exp(-x)
        return (e / (1 + e) ** 2,)


RIGHT = {
    "AddGate": Add,
    "MultiplyGate": Multiply,
    "MaxGate": Max,
    "ExpGate": Exp,
    "ReciprocalGate": Reciprocal,
    "SigmoidGate": Sigmoid,
}
GROUP = {name: BASIC if number < 3 else SMOOTH for number, name in enumerate(RIGHT)}

for _name, _right in RIGHT.items():
    alternative(GROUP[_name], "local gradients found in forward", replaces=_name)(
        type(f"{_name.lower()}_local_first", (_right,), {})
    )


def fault(gate, name, sentence, **rules):
    """A wrong gate: the right one with rules replaced. Each rule is a function of the gate and its arguments."""
    work = type(name, (RIGHT[gate],), rules)
    mutant(GROUP[gate], sentence, replaces=gate)(work)


def ignores_dout(self, dout):
    return tuple(1.0 * slope for slope in self.local)


def memory_of_the_class(right):
    def forward(self, *inputs):
        type(self).local = self.slopes(*inputs)
        return self.value(*inputs)

    return forward


def first_inputs_only(self, *inputs):
    if not hasattr(self, "local"):
        self.local = self.slopes(*inputs)
    return self.value(*inputs)


def spoils_its_memory(self, dout):
    self.local = tuple(dout * slope for slope in self.local)
    return self.local
