"""Hidden tests of the computational graph, on gates of the grader's: a slip in a gate is not paid for twice."""

import math

from autograder.oracles import backprop as oracles
from autograder.testing import ban, expect, expect_close, expect_equal, expect_raises, hidden

ban("ComputationalGraph", "graphlib")

ADD = (lambda x, y: x + y, lambda x, y: (1.0, 1.0))
MULTIPLY = (lambda x, y: x * y, lambda x, y: (y, x))
SUBTRACT = (lambda x, y: x - y, lambda x, y: (1.0, -1.0))
MIX = (lambda x, y, z: x * y - 2 * z, lambda x, y, z: (y, x, -2.0))
HALF_SQUARE = (lambda x: x * x / 2, lambda x: (x,))
NEGATE = (lambda x: -x, lambda x: (-1.0,))
SINE = (math.sin, lambda x: (math.cos(x),))


class Recorder:
    """Hands out gates and keeps the order in which they are asked."""

    def __init__(self, student):
        self.student = student
        self.forwards, self.backwards = [], []

    def nodes(self, listed):
        """(name, rule, sources) with each rule turned into a gate that lives on the student's side."""
        return [(name, self._gate(name, *rule), list(sources)) for name, rule, sources in listed]

    def _gate(self, name, function, slopes):
        memory = []

        def forward(*inputs):
            self.forwards.append(name)
            memory[:] = inputs
            return function(*inputs)

        def backward(dout):
            self.backwards.append(name)
            return tuple(dout * slope for slope in slopes(*memory))

        gate = self.student.keep(forward)  # anything that can carry two attributes
        gate.forward, gate.backward = forward, backward
        return gate


def run(student, listed, inputs, recorder=None):
    """A graph of the student's, after forward; its value and the graph."""
    graph = student.ComputationalGraph((recorder or Recorder(student)).nodes(listed))
    return graph.forward(inputs), graph


def expected_of(listed, output, inputs):
    plain = [(name, rule[0], sources) for name, rule, sources in listed]
    return oracles.graph_value(plain, output, inputs), oracles.graph_slopes(plain, output, inputs)


def expect_slopes(found, expected):
    expect(isinstance(found, dict), "backward should return a dict from input names to slopes")
    expect_equal(sorted(found), sorted(expected), what="the names that backward returns a slope for")
    for name, slope in expected.items():
        expect_close(found[name], slope, 1e-7, 1e-9, what="the slope in an input")


def numbers(rng, names):
    return {name: float(rng.choice([-1.0, 1.0]) * rng.uniform(0.5, 2.0)) for name in names}


CHAIN = [("p", MULTIPLY, ["x", "y"]), ("q", SUBTRACT, ["p", "z"]), ("r", HALF_SQUARE, ["q"])]
DIAMOND = [
    ("a", MULTIPLY, ["x", "y"]),
    ("b", HALF_SQUARE, ["a"]),
    ("c", MULTIPLY, ["b", "a"]),
    ("d", SUBTRACT, ["c", "b"]),
    ("e", MULTIPLY, ["d", "a"]),
]


@hidden("ComputationalGraph", weight=2)
def values_in_the_order_given(student, rng):
    """forward of a graph whose nodes are listed in order"""
    for listed, inputs in ((CHAIN, numbers(rng, "xyz")), (DIAMOND, numbers(rng, "xy"))):
        value, _ = run(student, listed, inputs)
        expect_close(value, expected_of(listed, listed[-1][0], inputs)[0], what="the value of the graph")


@hidden("ComputationalGraph", weight=2)
def slopes_of_a_chain(student, rng):
    """backward where each value is used once"""
    for _ in range(2):
        inputs = numbers(rng, "xyz")
        _, graph = run(student, CHAIN, inputs)
        expect_slopes(graph.backward(), expected_of(CHAIN, "r", inputs)[1])


@hidden("ComputationalGraph", weight=2)
def nodes_in_any_order(student, rng):
    """nodes listed in any order, forwards and backwards"""
    for listed in (
        CHAIN[::-1],
        DIAMOND[::-1],
        [DIAMOND[i] for i in rng.permutation(5)],
        [DIAMOND[i] for i in (2, 4, 0, 3, 1)],
        [DIAMOND[i] for i in (1, 4, 0, 3, 2)],
    ):
        output = "r" if len(listed) == 3 else "e"
        inputs = numbers(rng, "xyz" if len(listed) == 3 else "xy")
        value, graph = run(student, listed, inputs)
        expected = expected_of(listed, output, inputs)
        expect_close(value, expected[0], what="the value of the graph")
        expect_slopes(graph.backward(), expected[1])


@hidden("ComputationalGraph", weight=3)
def branches_sum(student, rng):
    """values that are used more than once, inputs and nodes"""
    shared = [
        ("s", ADD, ["x", "y"]),
        ("t", MULTIPLY, ["s", "x"]),
        ("u", SUBTRACT, ["t", "x"]),
        ("v", MULTIPLY, ["u", "s"]),
    ]
    for listed in (shared, DIAMOND):
        inputs = numbers(rng, "xy")
        _, graph = run(student, listed, inputs)
        expect_slopes(graph.backward(), expected_of(listed, listed[-1][0], inputs)[1])


@hidden("ComputationalGraph")
def twice_in_one_gate(student, rng):
    """a value that one gate takes twice"""
    for listed in ([("a", MULTIPLY, ["x", "x"])], [("a", ADD, ["x", "y"]), ("b", MIX, ["a", "a", "a"])]):
        inputs = numbers(rng, "x" if len(listed) == 1 else "xy")
        value, graph = run(student, listed, inputs)
        expected = expected_of(listed, listed[-1][0], inputs)
        expect_close(value, expected[0], what="the value of the graph")
        expect_slopes(graph.backward(), expected[1])


@hidden("ComputationalGraph", weight=2)
def every_gate_once_and_in_time(student, rng):
    """each gate runs once a pass, after all that it waits for"""
    listed = [DIAMOND[i] for i in rng.permutation(5)]
    recorder = Recorder(student)
    _, graph = run(student, listed, numbers(rng, "xy"), recorder)
    expect(sorted(recorder.forwards) == list("abcde"), "forward should ask every gate exactly once")
    graph.backward()
    expect(sorted(recorder.backwards) == list("abcde"), "backward should ask every gate exactly once")
    expect("".join(recorder.forwards) == "abcde", "forward runs a gate before its inputs are there")
    expect("".join(recorder.backwards) == "edcba", "backward runs a gate before all of its uses have reported")


@hidden("ComputationalGraph")
def gates_of_one_and_three_inputs(student, rng):
    """gates with one and with three inputs, values of zero"""
    listed = [("a", MIX, ["x", "y", "z"]), ("b", NEGATE, ["a"]), ("c", MIX, ["b", "x", "y"])]
    for zero in ("", "x", "z"):
        inputs = numbers(rng, "xyz") | ({zero: 0.0} if zero else {})
        value, graph = run(student, listed, inputs)
        expected = expected_of(listed, "c", inputs)
        expect_close(value, expected[0], what="the value of the graph")
        expect_slopes(graph.backward(), expected[1])
    _, graph = run(student, [("a", SINE, ["x"]), ("b", SINE, ["a"])], {"x": 0.5})
    expect_slopes(graph.backward(), {"x": math.cos(math.sin(0.5)) * math.cos(0.5)})


@hidden("ComputationalGraph", weight=2)
def used_again(student, rng):
    """a second forward with other inputs, and backward asked twice"""
    first, second = numbers(rng, "xy"), numbers(rng, "xy")
    _, graph = run(student, DIAMOND, first)
    for inputs in (first, second):
        value = graph.forward(inputs)
        expected = expected_of(DIAMOND, "e", inputs)
        expect_close(value, expected[0], what="the value of the graph, used again")
        for _ in range(2):
            expect_slopes(graph.backward(), expected[1])


@hidden("ComputationalGraph")
def values_and_gradients_are_kept(student, rng):
    """self.values after forward, self.gradients after backward"""
    inputs = numbers(rng, "xyz")
    _, graph = run(student, CHAIN, inputs)
    graph.backward()
    values, gradients = graph.values, graph.gradients
    for kept, what in ((values, "values"), (gradients, "gradients")):
        expect(isinstance(kept, dict), f"self.{what} should be a dictionary")
        expect(set("xyzpqr") <= set(kept), f"self.{what} lacks some of the graph's inputs and nodes")
    for name in "pqr":
        expect_close(values[name], expected_of(CHAIN, name, inputs)[0], what="a value kept in self.values")
    for name, slope in (expected_of(CHAIN, "r", inputs)[1] | {"r": 1.0}).items():
        expect_close(gradients[name], slope, 1e-7, 1e-9, what="a gradient kept in self.gradients")


@hidden("ComputationalGraph")
def the_inputs_are_left_alone(student, rng):
    """the dictionary handed to forward is left as it is"""
    inputs = numbers(rng, "xyz")
    kept = student.keep(inputs)
    value, graph = run(student, CHAIN, kept)
    expect_close(value, expected_of(CHAIN, "r", inputs)[0], what="the value of the graph")
    graph.backward()
    expect(student.value(kept) == inputs, "the dictionary of inputs was changed: keep values in one of your own")


@hidden("ComputationalGraph", weight=2)
def a_cycle_is_refused(student, rng):
    """nodes that wait for each other raise ValueError"""
    inputs = numbers(rng, "xy")
    run(student, DIAMOND, inputs)
    loops = (
        [("a", ADD, ["x", "b"]), ("b", NEGATE, ["a"])],
        [("a", MULTIPLY, ["x", "a"])],
        [
            ("p", ADD, ["x", "y"]),
            ("a", ADD, ["p", "c"]),
            ("b", NEGATE, ["a"]),
            ("c", NEGATE, ["b"]),
            ("d", ADD, ["c", "p"]),
        ],
    )
    for listed in loops:
        expect_raises(
            ValueError,
            lambda listed=listed: run(student, listed, inputs if len(listed) > 2 else {"x": inputs["x"]}),
            otherwise="a cycle did not raise ValueError, but another error or none",
        )


@hidden("ComputationalGraph")
def unknown_and_missing_names_are_refused(student, rng):
    """an input that is missing, and a name that is no input, raise ValueError"""
    inputs = numbers(rng, "xyz")
    _, graph = run(student, CHAIN, inputs)
    missing = {name: value for name, value in inputs.items() if name != "y"}
    for given in (missing, {}):
        expect_raises(ValueError, graph.forward, given, otherwise="a missing input did not raise ValueError")
    for given in (inputs | {"extra": 1.0}, missing | {"Y": 1.0}, inputs | {"p": 2.0}):
        expect_raises(
            ValueError, graph.forward, given, otherwise="a name that is no input of the graph did not raise ValueError"
        )
