"""The figure of a computational graph: columns, rows, numbers on its lines, lines that do not cross."""

import numpy as np
import pytest
from plot_marks import NO_WARNINGS

from course_utils import plots
from course_utils.plots.graph_layout import crossings, layered

plt = pytest.importorskip("matplotlib.pyplot")
plt.switch_backend("agg")
pytestmark = NO_WARNINGS

NEURON = [
    ("p", "×", ["w0", "x0"]),
    ("q", "×", ["w1", "x1"]),
    ("r", "+", ["p", "q"]),
    ("s", "+", ["r", "w2"]),
    ("minus", "× −1", ["s"]),
    ("e", "exp", ["minus"]),
    ("d", "+ 1", ["e"]),
    ("out", "1/x", ["d"]),
]
USED_TWICE = [
    ("sum", "+", ["x", "y"]),
    ("square", "×", ["x", "x"]),
    ("larger", "max", ["sum", "z"]),
    ("product", "×", ["larger", "square"]),
    ("exp", "exp", ["y"]),
    ("out", "+", ["product", "exp"]),
]
TANGLED = [("b", "+", ["y", "v"]), ("a", "+", ["u", "x"]), ("d", "+", ["b", "w"]), ("f", "+", ["d", "a"])]
LONE = [("c", "1", [])]
GRAPHS = {"neuron": NEURON, "used twice": USED_TWICE, "tangled": TANGLED, "lone": LONE}


@pytest.fixture(autouse=True)
def no_figure_is_left_over():
    yield
    plt.close("all")


def in_columns(layout):
    order = {}
    for vertex in sorted(layout.row, key=lambda vertex: -layout.row[vertex]):
        order.setdefault(vertex[1], []).append(vertex)
    return [order[column] for column in sorted(order)]


def texts(figure):
    return {text.get_text(): text for text in figure.axes[0].texts}


@pytest.mark.parametrize("name", GRAPHS)
def test_no_lines_cross_and_nothing_stands_on_another(name):
    layout = layered(GRAPHS[name])
    order = in_columns(layout)
    assert crossings(order, layout.links) == 0
    for column in order:
        heights = np.array([layout.row[vertex] for vertex in column])
        assert (-np.diff(heights) >= 0.75 - 1e-9).all()


@pytest.mark.parametrize("name", GRAPHS)
@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_the_nodes_changes_neither_columns_nor_crossings(name, seed):
    nodes = GRAPHS[name]
    shuffled = layered([nodes[number] for number in np.random.default_rng(seed).permutation(len(nodes))])
    assert shuffled.column == layered(nodes).column
    assert crossings(in_columns(shuffled), shuffled.links) == 0


def test_a_gate_stands_after_all_its_inputs_and_an_input_just_before_its_first_gate():
    column = layered(USED_TWICE).column
    assert column == {"x": 0, "y": 0, "z": 1, "sum": 1, "square": 1, "exp": 1, "larger": 2, "product": 3, "out": 4}


def test_a_chain_of_gates_is_level():
    row = layered(NEURON).row
    chain = [row[name, column] for column, name in enumerate(["s", "minus", "e", "d", "out"], 3)]
    assert np.ptp(chain) < 1e-3


def test_a_gate_that_takes_a_value_twice_gets_two_lines():
    layout = layered(USED_TWICE)
    assert layout.links.count((("x", 0), ("square", 1))) == 2
    figure = plots.computational_graph(USED_TWICE, {})
    arrows = [line for line in figure.axes[0].lines if line.get_marker() == ">"]
    assert len(arrows) == sum(len(sources) for *_, sources in USED_TWICE) + 1  # and the result's


def test_a_line_past_several_columns_is_shared_by_its_gates():
    nodes = [("a", "+", ["x", "y"]), ("b", "+", ["a", "x"]), ("c", "+", ["b", "x"])]
    layout = layered(nodes)
    assert sorted(vertex for vertex in layout.row if vertex[0] == "x") == [("x", 0), ("x", 1), ("x", 2)]
    assert len(layout.links) == 6 + 2  # into the gates, and from column to column


def test_a_value_is_written_above_its_line_and_the_gradient_below():
    figure = plots.computational_graph(
        [("q", "+", ["x", "y"]), ("f", "×", ["q", "z"])],
        {"x": -2, "y": 5, "z": -4, "q": 3, "f": -12},
        {"x": -4.5, "f": 1},
    )
    written = texts(figure)
    assert set("xyzqf+×") | {"−2", "5", "−4", "3", "−12", "−4.50", "1"} <= set(written)
    assert written["−2"].get_position()[1] > written["x"].get_position()[1] > written["−4.50"].get_position()[1]
    assert written["−12"].get_position()[1] > written["×"].get_position()[1] > written["1"].get_position()[1]
    assert {"above a line: value", "below a line: gradient"} <= set(written)


def test_without_gradients_none_are_announced():
    assert "below a line: gradient" not in texts(plots.computational_graph(NEURON, {"x0": 1}))


def test_letters_of_a_graph_do_not_overlap():
    names = {name for name, *_ in NEURON} | {source for *_, sources in NEURON for source in sources}
    figure = plots.computational_graph(NEURON, dict.fromkeys(names, -123.456), dict.fromkeys(names, -0.001234))
    figure.canvas.draw()
    boxes = [text.get_window_extent() for text in figure.axes[0].texts]
    pairs = [(a, b) for number, a in enumerate(boxes) for b in boxes[:number]]
    assert not any(a.overlaps(b) for a, b in pairs)


NUMBERS = {
    -0.0: "0",
    7: "7",
    -12.0: "−12",
    0.7311: "0.73",
    -0.19661: "−0.20",
    0.001234: "1.2e−3",
    -54321.5: "−5.4e4",
    1e20: "1.0e20",
    np.inf: "inf",
    np.float32(np.nan): "nan",
}


@pytest.mark.parametrize("number", NUMBERS)
def test_numbers_are_short(number):
    assert NUMBERS[number] in texts(plots.computational_graph([("a", "f", ["x"])], {"x": number}))
