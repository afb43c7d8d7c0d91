"""Hidden tests of the six gates."""

import numpy as np

from autograder.oracles import backprop as oracles
from autograder.testing import expect, expect_close, expect_shape, hidden

BASIC = ("AddGate", "MultiplyGate", "MaxGate")
SMOOTH = ("ExpGate", "ReciprocalGate", "SigmoidGate")


def inputs_of(rng, name):
    """Inputs of either sign, and for two of them no tie."""
    if name in SMOOTH:
        return [float(rng.choice([-1.0, 1.0]) * rng.uniform(0.4, 2.0))]
    x = float(rng.choice([-1.0, 1.0]) * rng.uniform(0.4, 2.0))
    return [x, x + float(rng.choice([-1.0, 1.0]) * rng.uniform(0.3, 2.0))]


def expect_gradients(returned, inputs, expected, name):
    expect(
        isinstance(returned, (tuple, list, np.ndarray)) and np.shape(returned) == (len(inputs),),
        f"{name}: backward should return a tuple with one gradient for each input",
    )
    for position, (found, right) in enumerate(zip(returned, expected, strict=True), start=1):
        expect_close(found, right, 1e-6, 1e-9, what=f"{name}, gradient of input {position}")


def gate_tests(exercise, names):
    """Register the tests that a group of gates shares, one of each kind for each gate."""

    def forward_values(student, rng):
        for name in names:
            for _ in range(4):
                inputs = inputs_of(rng, name)
                value = getattr(student, name)().forward(*inputs)
                expect_close(value, oracles.GATES[name](*inputs).real, what=f"the output of {name}")

    def local_times_upstream(name):
        def test(student, rng):
            for _ in range(4):
                inputs, dout = inputs_of(rng, name), float(rng.choice([-1.0, 1.0]) * rng.uniform(1.5, 3.0))
                gate = getattr(student, name)()
                value = gate.forward(*inputs)
                expect_gradients(gate.backward(dout), inputs, _scaled(name, inputs, dout), name)
                expect_shape(value, (), f"the output of {name}")

        test.__name__, test.__doc__ = f"{name}_backward", f"{name}: backward with any upstream gradient"
        hidden(exercise, weight=2)(test)

    forward_values.__doc__ = "what forward of the three gates returns"
    hidden(exercise, weight=2)(forward_values)
    for name in names:
        local_times_upstream(name)

    def two_gates_do_not_share_memory(student, rng):
        for name in names:
            first, second = getattr(student, name)(), getattr(student, name)()
            one, other = inputs_of(rng, name), inputs_of(rng, name)
            first.forward(*one)
            second.forward(*other)
            for gate, inputs in ((first, one), (second, other)):
                expect_gradients(gate.backward(1.7), inputs, _scaled(name, inputs, 1.7), name)

    def the_latest_inputs_count(student, rng):
        for name in names:
            gate = getattr(student, name)()
            first = inputs_of(rng, name)
            for inputs in (first, first[::-1], inputs_of(rng, name), first):  # of two inputs each is once the larger
                dout = float(rng.uniform(1.5, 3.0))
                gate.forward(*inputs)
                for _ in range(2):  # asking twice gives the same
                    expect_gradients(gate.backward(dout), inputs, _scaled(name, inputs, dout), name)

    for test, title in (
        (two_gates_do_not_share_memory, "two gates of one kind do not share their memory"),
        (the_latest_inputs_count, "a gate used again gives the gradient at its latest inputs"),
    ):
        test.__doc__ = title
        hidden(exercise)(test)


def _scaled(name, inputs, dout):
    return list(np.multiply(dout, oracles.slopes(oracles.GATES[name], inputs)))


gate_tests("basic_gates", BASIC)
gate_tests("smooth_gates", SMOOTH)


@hidden("basic_gates")
def max_at_a_tie(student, rng):
    """MaxGate: two equal inputs"""
    for x in (float(rng.uniform(0.5, 2.0)), -float(rng.uniform(0.5, 2.0))):
        dout = float(rng.uniform(1.5, 3.0))
        gate = student.MaxGate()
        expect_close(gate.forward(x, x), x, what="the output of MaxGate at a tie")
        shares = np.asarray(gate.backward(dout), dtype=float)
        expect(shares.shape == (2,), "MaxGate: backward should return a tuple with one gradient for each input")
        expect(
            np.all(shares >= 0) and np.isclose(shares.sum(), dout),
            "MaxGate: at a tie the two gradients do not add up to the upstream one; one input receives it, either will do",
        )
