"""The numbers notebook 03 states, from its own solution: worked examples, and ranges over several seeds."""

import math
from pathlib import Path

import numpy as np
import pytest

from autograder.source import read_notebook
from autograder.verify.workbench import Workbench
from course_utils.gradient_check import check_gradient, forward_difference


@pytest.fixture(scope="module")
def notebook():
    return read_notebook(Path(__file__).resolve().parents[1] / "solutions" / "03_backprop" / "03_backprop.py")


@pytest.fixture(scope="module")
def solved(notebook):
    return Workbench(notebook).namespace


def run_cell(notebook, namespace, opening, until=None):
    """Run the experiment cell that defines or assigns `opening`, up to the line that begins with `until`."""
    (source,) = (cell.source for cell in notebook.cells if cell.kind == "code" and f"\n{opening}" in "\n" + cell.source)
    exec(source.split(f"\n{until}")[0] if until else source, namespace)


def graph_of_the_neuron(solved, sigmoid):
    add, multiply = solved["AddGate"], solved["MultiplyGate"]
    return solved["ComputationalGraph"](
        [
            *sigmoid,
            ("s", add(), ["r", "w2"]),
            ("r", add(), ["p", "q"]),
            ("p", multiply(), ["w0", "x0"]),
            ("q", multiply(), ["w1", "x1"]),
        ]
    )


NEURON = {"w0": 2.0, "w1": -3.0, "w2": -3.0, "x0": -1.0, "x1": -2.0}
SLOPES = {"w0": -0.20, "w1": -0.39, "w2": 0.20, "x0": 0.39, "x1": -0.59}


def test_the_first_graph_has_the_value_and_slopes_of_the_text(solved):
    nodes = [("f", solved["MultiplyGate"](), ["q", "z"]), ("q", solved["AddGate"](), ["x", "y"])]
    graph = solved["ComputationalGraph"](nodes)
    assert graph.forward({"x": -2, "y": 5, "z": -4}) == -12
    assert graph.backward() == {"x": -4, "y": -4, "z": 3}
    assert graph.forward({"x": -2, "y": 5.1, "z": -4}) == pytest.approx(-12.4)


def test_a_neuron_has_the_same_slopes_with_one_sigmoid_gate_and_with_four(solved):
    whole = graph_of_the_neuron(solved, [("out", solved["SigmoidGate"](), ["s"])])
    parts = graph_of_the_neuron(
        solved,
        [
            ("out", solved["ReciprocalGate"](), ["u3"]),
            ("u3", solved["AddGate"](), ["u2", "one"]),
            ("u2", solved["ExpGate"](), ["u1"]),
            ("u1", solved["MultiplyGate"](), ["minus one", "s"]),
        ],
    )
    for graph, inputs in ((whole, NEURON), (parts, NEURON | {"one": 1.0, "minus one": -1.0})):
        assert graph.forward(inputs) == pytest.approx(0.73, abs=5e-3)
        slopes = graph.backward()
        assert {name: slopes[name] for name in SLOPES} == pytest.approx(SLOPES, abs=5e-3)
    assert [parts.values[name] for name in ("u1", "u2", "u3")] == pytest.approx([-1, 0.368, 1.368], abs=1e-3)
    assert [parts.gradients[name] for name in ("u3", "u2", "u1")] == pytest.approx([-0.534, -0.534, -0.197], abs=1e-3)


def test_branches_sum_as_worked_in_the_text(solved):
    nodes = [
        ("f", solved["AddGate"](), ["m", "p"]),
        ("m", solved["MaxGate"](), ["x", "y"]),
        ("p", solved["MultiplyGate"](), ["x", "y"]),
    ]
    graph = solved["ComputationalGraph"](nodes)
    assert graph.forward({"x": 2.0, "y": 3.0}) == 9
    assert graph.backward() == {"x": 3, "y": 3}


@pytest.mark.parametrize(
    ("a", "b", "error"), [([1, 2], [1, 3], 0.2), (1.0001, 1.0, 0.00005), ([2.0, 4.0], [2.0, 4.0], 0.0)]
)
def test_relative_errors_worked_in_the_text(solved, a, b, error):
    assert solved["relative_error"](np.array(a), np.array(b)) == pytest.approx(error, rel=1e-3)


def test_the_step_size_has_its_v(solved):
    """Centred: best near 1e-5 and below 1e-9; forward: best near 1e-8 and hundreds of times worse."""
    steps = np.logspace(-14, -1, 66)
    for seed in range(5):
        rng = np.random.default_rng(seed)
        x, w = rng.normal(size=3), rng.normal(size=3)

        def neuron(w, x=x):
            return 1 / (1 + np.exp(-np.sum(w * x)))

        slope = neuron(w) * (1 - neuron(w)) * x
        centred = np.array([solved["gradient_error"](neuron, w, slope, h) for h in steps])
        forward = np.array([solved["relative_error"](slope, forward_difference(neuron, w, h)) for h in steps])
        assert centred.min() < 1e-9 < forward.min()
        assert 50 < forward.min() / centred.min() < 5000
        assert 1e-7 < steps[centred.argmin()] < 1e-3
        assert 1e-10 < steps[forward.argmin()] < 1e-6
        assert min(centred[0], forward[0]) > 1e-5  # the left arm
        assert min(centred[-1], forward[-1]) > 1e-5  # the right arm


def test_the_affine_layer_gives_the_matrices_of_the_text(solved):
    x, w = np.array([[1.0, 2], [3, -1]]), np.array([[1.0, 0, 2], [-1, 1, 0]])
    out, cache = solved["affine_forward"](x, w, np.zeros(3))
    dx, dw, db = solved["affine_backward"](np.array([[1.0, 0, -1], [2, 1, 0]]), cache)
    assert out.tolist() == [[-1, 2, 2], [4, -1, 6]]
    assert dx.tolist() == [[-1, -1], [2, -1]]
    assert dw.tolist() == [[7, 3, -1], [0, -1, -2]]
    assert db.tolist() == [3, 1, -1]


def test_the_losses_of_the_text(solved):
    scores, y = np.array([[3.2, 5.1, -1.7], [2.2, 2.5, -3.1]]), np.array([0, 2])
    loss, dx = solved["svm_loss"](scores, y)
    assert loss == pytest.approx(7.9)
    assert dx.tolist() == [[-0.5, 0.5, 0], [0.5, 0.5, -1]]
    loss, dx = solved["softmax_loss"](scores[:1], y[:1])
    assert loss == pytest.approx(2.04, abs=5e-3)
    assert dx[0] == pytest.approx([-0.87, 0.87, 0.0], abs=5e-3)
    assert solved["softmax_loss"](np.zeros((5, 10)), np.arange(5))[0] == pytest.approx(math.log(10))


def test_beside_a_kink_the_plain_difference_is_wrong_and_the_checker_is_not(solved):
    x, weights = np.array([0.8, 1e-6, -0.4]), np.array([1.0, 3.0, 0.5])

    def f(x):
        return float(np.sum(weights * solved["relu_forward"](x)[0]))

    right = solved["relu_backward"](weights, solved["relu_forward"](x)[1])
    assert solved["gradient_error"](f, x, right, 1e-5) == pytest.approx(0.45 / 1.55, rel=1e-3)  # it measures 0.55
    assert solved["gradient_error"](f, x, right, 1e-7) < 1e-7
    report = check_gradient(f, x, right)
    assert report.ok and report.kinks == [(1,)]


def test_jacobians_are_as_large_as_the_text_says():
    images, outputs = 64 * 3072, 64 * 100
    assert round(8 * images**2 / 1e9) == 309
    assert round(8 * outputs * images / 1e9) == 10
    assert round(100 * images / images**2, 4) == 0.0005  # percent of its entries are on the diagonal


def test_the_network_on_images_has_its_accuracy_and_its_gradient_its_power_for_several_seeds(notebook, solved):
    namespace = dict(solved)
    run_cell(notebook, namespace, "def network_loss")
    run_cell(notebook, namespace, "data = load_dataset()", until="thumbnails")
    run_cell(notebook, namespace, "mean_image = ", until="params = ")
    run_cell(notebook, namespace, "def train_network", until="params, history")
    run_cell(notebook, namespace, "def move_pixels", until="found = ")
    X_val, y_val = namespace["X_val"], namespace["y_val"]
    for seed in range(3):
        params, history = namespace["train_network"](seed)
        assert np.mean(history[-10:]) < 0.6 < 2 < np.mean(history[:10])
        assert 0.62 <= np.mean(namespace["network_predict"](X_val, params) == y_val) <= 0.71
        found = namespace["move_pixels"](params, X_val[:500], y_val[:500], seed)
        assert abs(found["at random"][0] - found["as they are"][0]) <= 0.03
        assert 0.75 <= 1 - found["along dX"][0] / found["as they are"][0] <= 0.95
        assert 0.7 <= found["as they are"][1] <= 1.2 and 4 < found["along dX"][1] <= 5.5
        assert found["against dX"][0] >= 0.95


def test_values_tell_two_moons_apart_for_another_seed(notebook, solved):
    namespace = dict(solved)
    run_cell(notebook, namespace, "def two_moons", until="net, points")
    net, _, _, right = namespace["train_on_moons"](5)  # the notebook runs seed 0; of 0 to 5 this did worst, at .967
    assert right >= 0.93
    assert 3 * len(net["hidden"]) + len(net["out"]) + 1 == 33


def test_a_step_on_the_moons_makes_about_1600_values(notebook, solved, monkeypatch):
    namespace = dict(solved)
    run_cell(notebook, namespace, "def two_moons", until="net, points")
    made, init = [], namespace["Value"].__init__
    monkeypatch.setattr(namespace["Value"], "__init__", lambda self, *a: (made.append(1), init(self, *a))[1])
    counts = []
    for steps in (1, 2):
        made.clear()
        namespace["train_on_moons"](0, steps=steps)
        counts.append(len(made))
    assert counts[1] - counts[0] == pytest.approx(1600, rel=0.02)
