"""Every figure of notebooks 03 to 06: drawn without warnings, named, and refusing what it cannot draw."""

import numpy as np
import pytest
from plot_marks import NO_WARNINGS

from course_utils import plots

plt = pytest.importorskip("matplotlib.pyplot")
plt.switch_backend("agg")
pytestmark = NO_WARNINGS

rng = np.random.default_rng(3)
POINTS, LABELS = rng.normal(size=(30, 2)), np.arange(30) % 2
NODES = [("f", "×", ["q", "z"]), ("q", "+", ["x", "y"])]
VALUES = {"x": -2, "y": 5, "z": -4.0, "q": np.float32(3), "f": np.array([-12.0])}
GRADIENTS = {"x": -4, "y": -4, "z": 3}
HEALTHY = {
    "loss": 1 + rng.random(40),
    "train_accuracy": [0.3, 0.5, 0.6],
    "val_accuracy": [0.3, 0.4, 0.5],
    "val_loss": [2.0, 1.5, 1.4],
    "learning_rate": [0.1] * 40,
}
DIVERGING = {"loss": [2.0, 60.0, 1e9, np.inf, np.nan], "train_accuracy": [0.1], "val_accuracy": [0.1]}
RUNS = {"a rate of 1e-3": HEALTHY, "a rate of 10": DIVERGING}
RATES, DECAYS = 10.0 ** rng.uniform(-5, 0, 20), 10.0 ** rng.uniform(-5, 5, 20)
SCORES = np.append(rng.random(19), np.nan)
SEEDS = {"with": rng.random((5, 4)), "without": rng.random((5, 4))}
PATH = np.array([[0.5, 0.5], [0.2, -0.1], [0.0, 0.0]])


def bowl(x, y):
    return x**2 + 3 * y**2


SURFACES = {
    "a bowl": (
        bowl,
        (-1, 1),
        (-1, 1),
        {"sgd": PATH, "too fast": np.array([[0.5, 0.5], [1e200, -np.inf], [np.nan, 0]])},
    ),
    "the same": (bowl, (-1, 1), (-2, 2), {"sgd": PATH, "broken": np.array([[0.5, 0.5], [np.nan, 0.0]])}),
}


def left(places):
    return (places[:, 0] < 0).astype(int)


FIGURES = {
    "computational_graph": lambda title: plots.computational_graph(NODES, VALUES, GRADIENTS, title=title),
    "computational_graph of values": lambda title: plots.computational_graph(NODES, VALUES, title=title),
    "boundary_panels": lambda title: plots.boundary_panels(
        dict.fromkeys("abcd", left), POINTS, LABELS, title=title, steps=20
    ),
    "learning_curves": lambda title: plots.learning_curves(HEALTHY, title=title, diagnosis="healthy"),
    "learning_curves of some": lambda title: plots.learning_curves(RUNS, title, {"a rate of 10": "diverging"}),
    "learning_curves, lost at once": lambda title: plots.learning_curves({**DIVERGING, "loss": [np.nan]}, title),
    "layer_histograms": lambda title: plots.layer_histograms(
        {"He": [rng.normal(size=(9, 9)), np.maximum(rng.normal(size=99), 0)], "zeros": [np.zeros(9), np.zeros(9)]},
        title=title,
    ),
    "layer_histograms, fewer": lambda title: plots.layer_histograms(
        {"a": [rng.normal(size=9)] * 6, "b": [[np.inf, 1.0], [np.nan, np.nan], [1e-9, -2e-9]]}, title=title
    ),
    "function_panels": lambda title: plots.function_panels(
        {name: (np.tanh, lambda x: 1 - np.tanh(x) ** 2) for name in ("tanh", "b", "c", "d")}, -3, 3, title=title
    ),
    "point_clouds": lambda title: plots.point_clouds({"raw": POINTS, "turned": POINTS[:, ::-1]}, LABELS, title=title),
    "point_clouds, apart": lambda title: plots.point_clouds({"raw": 90 * POINTS, "scaled": POINTS}, title=title),
    "trajectories": lambda title: plots.trajectories(
        SURFACES, {"a bowl": (0, 0), "the same": [(0, 0), (1, 1)]}, title=title
    ),
    "trajectories of one": lambda title: plots.trajectories({"a bowl": SURFACES["a bowl"]}, title=title),
    "search_scatter": lambda title: plots.search_scatter(RATES, DECAYS, SCORES, "learning rate", "decay", title),
    "search_scatter of equals": lambda title: plots.search_scatter(
        [1.0], [2.0], [0.5], "learning rate", "decay", title
    ),
    "spread_curves": lambda title: plots.spread_curves([1, 2, 4, 8], SEEDS, "x", "y", title),
    "spread_curves, lost": lambda title: plots.spread_curves(
        [1, 2], {"a": [[1, np.nan], [2, 3.0]], "b": [[np.inf, 1.0]]}, "x", "y", title, log_x=True, log_y=True
    ),
    "weight_images": lambda title: plots.weight_images(rng.normal(size=(48, 13)), (4, 4, 3), title=title),
    "weight_images, grey": lambda title: plots.weight_images(np.zeros((16, 3)), (4, 4), title=title),
}
NO_AXES = ("computational_graph", "weight_images")  # there is nothing to measure along a side


@pytest.fixture(autouse=True)
def no_figure_is_left_over():
    yield
    plt.close("all")


def heading(figure):
    return figure.get_suptitle() or figure.axes[0].get_title(loc="left")


@pytest.mark.parametrize("name", FIGURES)
@pytest.mark.parametrize("title", ["A title of usual length, which says what was found", ""])
def test_a_figure_has_its_title_and_labels_and_fits_the_notebook(name, title):
    figure = FIGURES[name](title)
    figure.canvas.draw()
    assert heading(figure) == title
    if not name.startswith(NO_AXES):
        assert figure.axes[0].get_ylabel()
        assert any(ax.get_xlabel() for ax in figure.axes) or figure.get_supxlabel()
    drawn, paper = figure.get_tightbbox(), figure.bbox_inches
    assert paper.width <= 9.01
    assert drawn.x0 > -0.01 and drawn.y0 > -0.01
    assert drawn.x1 < paper.x1 + 0.01 and drawn.y1 < paper.y1 + 0.01


def test_every_new_figure_is_drawn_above():
    new = {"animation", "clouds", "graphs", "layers", "training", "trajectories"}
    ours = {name for name in plots.__all__ if getattr(plots, name).__module__.rsplit(".", 1)[1] in new}
    assert ours - {"animate_trajectories"} == {name.split(",")[0].split(" ")[0] for name in FIGURES}


def graph(nodes=NODES, values=VALUES, gradients=None):
    return plots.computational_graph(nodes, values, gradients)


def paths(path, x_range=(-1, 1), minimum=None):
    return plots.trajectories({"a bowl": (bowl, x_range, (-1, 1), {"sgd": path})}, minimum)


BAD = {
    "no nodes": (lambda: graph([]), "nothing to draw"),
    "a node twice": (lambda: graph([*NODES, ("q", "+", ["x"])]), "two nodes are called 'q'"),
    "a cycle": (lambda: graph([("a", "+", ["b"]), ("b", "+", ["a"])], {}), "a cycle, a → b → a"),
    "a node of itself": (lambda: graph([("a", "+", ["a", "x"])], {}), "a cycle, a → a"),
    "inputs in one word": (
        lambda: graph([("q", "+", "xy")]),
        r"list of names of its inputs\), not \('q', '\+', 'xy'\)",
    ),
    "a node with a gate": (lambda: graph([("q", "+", len, ["x"])]), "a node is \\(name, label"),
    "an unknown value": (lambda: graph(values={"p": 1}), "values has 'p', but the graph has only"),
    "an unknown gradient": (lambda: graph(gradients={"dx": 1}), "gradients has 'dx', but"),
    "an array on a line": (
        lambda: graph(values={"x": np.ones(3)}),
        r"values\['x'\] must be one number, not shape \(3,",
    ),
    "no classifiers": (lambda: plots.boundary_panels({}, POINTS, LABELS), "nothing to draw"),
    "no prediction": (lambda: plots.boundary_panels({"a": len}, POINTS, LABELS), r"returned shape \(\)"),
    "a missing list": (lambda: plots.learning_curves({"loss": [1.0]}), "'loss', 'train_accuracy', 'val_accuracy' is"),
    "a run without accuracy": (
        lambda: plots.learning_curves({"a": HEALTHY, "b": {"loss": [1]}}),
        "learning_curves, 'b': a mapping",
    ),
    "a run of numbers": (lambda: plots.learning_curves({"a": [1.0, 2.0]}), "learning_curves, 'a': a mapping"),
    "no losses": (lambda: plots.learning_curves({**HEALTHY, "loss": []}), "'loss': there is nothing"),
    "a diagnosis of nothing": (lambda: plots.learning_curves(RUNS, diagnosis={"c": "healthy"}), "diagnosis of 'c'"),
    "a list of losses": (lambda: plots.learning_curves([1.0, 2.0]), "or label → history, not list"),
    "a diagnosis of which run": (lambda: plots.learning_curves(RUNS, diagnosis="healthy"), "without its label"),
    "layers without a label": (lambda: plots.layer_histograms([np.ones(3)]), r"label → \[array a layer\], is needed"),
    "no layers": (lambda: plots.layer_histograms({"He": []}), "'He': there is nothing"),
    "an empty layer": (lambda: plots.layer_histograms({"He": [np.ones(3), []]}), "'He', layer 2: there is nothing"),
    "no functions": (lambda: plots.function_panels({}, -1, 1), "nothing to draw"),
    "a range upside down": (
        lambda: plots.function_panels({"a": (np.tanh, np.tanh)}, 1, -1),
        "low must be below high, not 1 and -1",
    ),
    "a derivative of another shape": (
        lambda: plots.function_panels({"a": (np.tanh, np.sum)}, -1, 1),
        r"the derivative of 'a' got shape \(401,\) and returned \(\)",
    ),
    "a function alone": (lambda: plots.function_panels({"a": np.tanh}, -1, 1), "'a': a pair of functions"),
    "points without a label": (lambda: plots.point_clouds(POINTS), "label → .* is needed, not ndarray"),
    "points at infinity": (lambda: plots.point_clouds({"a": POINTS * np.inf}), "'a': no point is finite"),
    "labels in words": (lambda: plots.point_clouds({"a": POINTS}, ["cat"] * 30), "labels are integers from 0"),
    "points in space": (lambda: plots.point_clouds({"a": np.ones((3, 3))}), r"'a': .*\(N, 2\) is needed, not \(3, 3\)"),
    "labels of others": (lambda: plots.point_clouds({"a": POINTS}, [0, 1]), "labels of a.* has 2 values"),
    "an empty path": (lambda: paths(np.ones((0, 2))), r"'a bowl', 'sgd': .*\(T, 2\) is needed, not \(0, 2\)"),
    "a path sideways": (lambda: paths(PATH.T[:, :1]), r"\(T, 2\) is needed, not \(2, 1\)"),
    "a range of nothing": (lambda: paths(PATH, (1, 1)), "goes from low to high"),
    "a minimum elsewhere": (lambda: paths(PATH, minimum={"hill": (0, 0)}), r"\['hill'\], but the surfaces are"),
    "a minimum in space": (lambda: paths(PATH, minimum={"a bowl": (0, 0, 0)}), r"\(2,\) or \(M, 2\) is needed"),
    "a surface alone": (lambda: plots.trajectories({"a bowl": bowl}), "is needed, not function"),
    "a surface that is summed": (
        lambda: plots.trajectories({"a": (lambda x, y: np.sum(x + y), (0, 1), (0, 1), {"b": PATH})}),
        r"returned shape \(\)",
    ),
    "a surface without paths": (lambda: plots.trajectories({"a": (bowl, (0, 1), (0, 1))}), "not 3 things"),
    "an animated path sideways": (
        lambda: plots.animate_trajectories({"a": (bowl, (0, 1), (0, 1), {"sgd": PATH[0]})}),
        r"\(T, 2\) is needed",
    ),
    "a rate of zero": (lambda: plots.search_scatter([0.0], [1], [1], "x", "y"), "x must be above 0 .* 0 is not"),
    "scores missing": (lambda: plots.search_scatter([1, 2], [1, 2], [1], "x", "y"), "'x' has 2 values"),
    "no try": (lambda: plots.search_scatter([], [], [], "x", "y"), "nothing to draw"),
    "all exploded": (lambda: plots.search_scatter([1], [1], [np.nan], "x", "y"), "no score is finite"),
    "one seed as a row": (
        lambda: plots.spread_curves([1, 2], {"a": [1, 2]}, "x", "y"),
        r"shape \(seeds, 2\), not \(2,\)",
    ),
    "places missing": (lambda: plots.spread_curves([1], SEEDS, "x", "y"), r"shape \(seeds, 1\), not \(5, 4\)"),
    "weights with a bias": (lambda: plots.weight_images(np.ones((49, 3)), (4, 4, 3)), r"\(48, H\) .*not \(49, 3\)"),
    "channels first": (lambda: plots.weight_images(np.ones((48, 3)), (3, 4, 4)), r"\(H, W, 3\), not \(3, 4, 4\)"),
    "no hidden units": (lambda: plots.weight_images(np.ones((48, 0)), (4, 4, 3)), r"not \(48, 0\)"),
}


def unwritten(*_):
    raise NotImplementedError("the gap")


FAILING = {
    "boundary_panels": lambda: plots.boundary_panels({"a": left, "b": unwritten}, POINTS, LABELS, steps=5),
    "function_panels": lambda: plots.function_panels({"a": (np.tanh, unwritten)}, -1, 1),
    "trajectories": lambda: plots.trajectories({"a": (unwritten, (0, 1), (0, 1), {"sgd": PATH})}),
}


@pytest.mark.parametrize("name", FAILING)
def test_a_function_that_is_not_written_yet_leaves_no_half_drawn_figure(name):
    with pytest.raises(NotImplementedError, match="the gap"):
        FAILING[name]()
    assert not plt.get_fignums()


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_drawn_is_refused_in_words(name):
    call, said = BAD[name]
    with pytest.raises(ValueError, match=said):
        call()
    assert not plt.get_fignums()  # no half-drawn figure is left for the notebook to show
