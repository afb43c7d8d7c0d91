"""The course's figures: drawn without warnings, labelled, and refusing what they cannot draw."""

import subprocess
import sys

import numpy as np
import pytest
from plot_marks import NO_WARNINGS

from course_utils import plots

plt = pytest.importorskip("matplotlib.pyplot")
plt.switch_backend("agg")
pytestmark = NO_WARNINGS

rng = np.random.default_rng(2)
PICTURES = rng.integers(0, 256, size=(6, 8, 8, 3), dtype=np.uint8)
NAMES = ("coat", "bag", "shirt")
POINTS, LABELS = rng.normal(size=(30, 2)), np.arange(30) % 3
LOSSES = {"a batch of 8, a small rate": 2 + rng.random(40), "batch 64": 2 + rng.random(40)}
CIRCLE = np.stack([np.cos(np.arange(20.0)), np.sin(np.arange(20.0))])


def three_regions(places):
    return np.digitize(places[:, 0], [-0.3, 0.3])


def always_one(places):
    return np.ones(len(places), dtype=int)


def page(**changes):
    arguments = {
        "queries": PICTURES[:2],
        "neighbours": PICTURES[[[2, 3, 4], [3, 4, 5]]],
        "query_labels": np.array([0, 1]),
        "neighbour_labels": np.array([[0, 1, 2], [1, 1, 0]]),
        "class_names": NAMES,
    }
    return plots.retrieval_page(**{**arguments, **changes})


AXES = {  # one pair of labelled axes
    "bars": lambda title: plots.bars({"a long label of a bar": 0.5, "b": -0.25}, ylabel="y", title=title, xlabel="x"),
    "timing_bars": lambda title: plots.timing_bars(
        {"loops": 2.0, "no loops": 3e-3, "C": 4e-6, "none": 5e-9}, title=title
    ),
    "histogram": lambda title: plots.histogram({"a": rng.random(50), "b": rng.random((9, 9))}, xlabel="x", title=title),
    "histogram of one set": lambda title: plots.histogram(rng.random(50), xlabel="x", title=title, bins=5),
    "heatmap": lambda title: plots.heatmap(rng.random((4, 9)), xlabel="x", ylabel="y", title=title, label="metres"),
    "heatmap with labels": lambda title: plots.heatmap(
        [[1, 2, 3], [4, 5, np.nan]], xlabel="x", ylabel="y", title=title, row_labels="ab", column_labels="cde"
    ),
    "decision_boundary": lambda title: plots.decision_boundary(three_regions, POINTS, LABELS, title=title, steps=20),
    "one region": lambda title: plots.decision_boundary(always_one, POINTS, LABELS, title=title, steps=20),
    "confusion_matrix": lambda title: plots.confusion_matrix(LABELS, LABELS[::-1], NAMES, title=title),
    "lines": lambda title: plots.lines([1, 2, 3], {"a": [1, 2, 3], "b": np.arange(3) > 1}, "x", "y", title=title),
    "lines, logarithmic": lambda title: plots.lines([1, 9], {"a": [1, 9]}, "x", "y", title, log_x=True, log_y=True),
    "loss_curves": lambda title: plots.loss_curves(LOSSES, title=title),
    "loss_curves, smooth": lambda title: plots.loss_curves({**LOSSES, "short": [1.0]}, title=title, smooth=5, log=True),
    "loss_curves, diverging": lambda title: plots.loss_curves({"a": [1.0, np.inf, np.nan]}, title=title),
    "error_bars_curve": lambda title: plots.error_bars_curve(
        {1: [0.4, 0.5], 3: [0.6], 50: [0.1, 0.2]}, "x", "y", title
    ),
    "error_bars_curve, near": lambda title: plots.error_bars_curve({2: [0.4], 1: [0.6]}, "x", "y", title),
    "scaling_curve": lambda title: plots.scaling_curve([1, 2], {"a": [1.0, 2.0], "b": [0, 0]}, xlabel="x", title=title),
    "closed_curves": lambda title: plots.closed_curves({"L2: x² + y² = 1": CIRCLE, "half": CIRCLE / 2}, title=title),
}
GRIDS = {  # pictures: how many, and what is written over them
    "image_grid": (lambda title: plots.image_grid(PICTURES, titles=list("abcdef"), columns=4, title=title), 6, "a"),
    "image_grid, grey": (lambda title: plots.image_grid(PICTURES[..., 0] / 255, title=title), 6, ""),
    "retrieval_page": (lambda title: page(title=title), 8, "coat"),
    "retrieval_page, distances": (lambda title: page(title=title, distances=np.full((2, 3), 1234.5)), 8, "1,23"),
    "templates": (lambda title: plots.templates(rng.normal(size=(48, 3)), NAMES, (4, 4, 3), title=title), 3, "bag"),
    "orientation_glyphs": (
        lambda title: plots.orientation_glyphs(PICTURES, rng.random((6, 2, 2, 9)), title=title),
        6,
        "",
    ),
}


@pytest.fixture(autouse=True)
def no_figure_is_left_over():
    yield
    plt.close("all")


@pytest.mark.parametrize("name", AXES)
def test_a_figure_has_labelled_axes_and_its_title_and_can_be_drawn(name):
    figure = AXES[name]("What it shows")
    figure.canvas.draw()
    ax = figure.axes[0]
    assert ax.get_title(loc="left") == "What it shows"
    assert ax.get_xlabel()
    assert ax.get_ylabel() or "timing" in name  # there the labels name the bars
    assert ax.has_data()


@pytest.mark.parametrize("name", GRIDS)
def test_a_grid_shows_all_pictures_under_their_names_and_its_title(name):
    draw, count, written = GRIDS[name]
    figure = draw("What it shows")
    figure.canvas.draw()
    assert figure.get_suptitle() == "What it shows"
    assert sum(bool(ax.images) for ax in figure.axes) == count
    assert any(written in ax.get_title() for ax in figure.axes)


@pytest.mark.parametrize("name", [*AXES, *GRIDS])
def test_no_word_of_a_figure_leaves_the_picture(name):
    figure = (AXES[name] if name in AXES else GRIDS[name][0])("A title of usual length, which says what was found")
    figure.canvas.draw()
    drawn, paper = figure.get_tightbbox(), figure.bbox_inches
    assert drawn.x0 > -0.01 and drawn.y0 > -0.01
    assert drawn.x1 < paper.x1 + 0.01 and drawn.y1 < paper.y1 + 0.01


def test_every_public_function_is_drawn_above():
    drawn = {name.split(",")[0].split(" ")[0] for name in [*AXES, *GRIDS]}
    older = {"bars", "classifiers", "curves", "images"}  # modules; the other figures have tests of their own
    ours = {name for name in plots.__all__ if getattr(plots, name).__module__.rsplit(".", 1)[1] in older}
    assert ours <= drawn


@pytest.mark.parametrize("name", [*AXES, *GRIDS])
def test_a_title_is_optional(name):
    figure = (AXES[name] if name in AXES else GRIDS[name][0])("")
    figure.canvas.draw()
    assert figure.get_suptitle() == figure.axes[0].get_title(loc="left") == ""


BAD = {
    "no pictures": (lambda: plots.image_grid(PICTURES[:0]), "there are no images to show"),
    "one picture": (lambda: plots.image_grid(PICTURES[0, 0]), r"\(N, H, W\) are needed, not \(8, 3\)"),
    "rows of pixels": (lambda: plots.image_grid(PICTURES.reshape(6, -1)), r"not \(6, 192\)"),
    "floats up to 255": (lambda: plots.image_grid(PICTURES.astype(float)), "divide pixels by 255"),
    "too few titles": (lambda: plots.image_grid(PICTURES, titles=["a"]), "6 images but 1 titles"),
    "flat neighbours": (lambda: page(neighbours=PICTURES), r"\(Q, K, H, W, 3\) are needed, not \(6, 8, 8, 3\)"),
    "labels of others": (lambda: page(query_labels=np.zeros(3, int)), r"query_labels has shape \(3,\).* wanted \(2,\)"),
    "distances of others": (
        lambda: page(distances=np.zeros((2, 9))),
        r"distances has shape \(2, 9\).* wanted \(2, 3\)",
    ),
    "flat histograms": (lambda: plots.orientation_glyphs(PICTURES, np.ones((6, 36))), r"not \(6, 36\)"),
    "templates with a bias": (lambda: plots.templates(np.ones((49, 3)), NAMES, (4, 4, 3)), "leave the bias out"),
    "templates without names": (lambda: plots.templates(np.ones((48, 4)), NAMES, (4, 4, 3)), "4 columns .* 3 class"),
    "answers missing": (lambda: plots.confusion_matrix(LABELS, LABELS[1:], NAMES), r"not \(30,\) and \(29,\)"),
    "an unnamed class": (lambda: plots.confusion_matrix(LABELS, LABELS + 1, NAMES), "y_pred runs from 1 to 3"),
    "points in space": (lambda: plots.decision_boundary(always_one, np.ones((3, 3)), LABELS[:3]), r"not \(3, 3\)"),
    "no prediction": (lambda: plots.decision_boundary(lambda places: None, POINTS, LABELS), r"returned shape \(\)"),
    "no bars": (lambda: plots.bars({}), "bars: there is nothing to draw"),
    "a time of zero": (lambda: plots.timing_bars({"a": 1.0, "b": 0.0}), r"above 0 s, these are not: \{'b': 0.0\}"),
    "no times": (lambda: plots.timing_bars({}), "nothing to draw"),
    "no values": (lambda: plots.histogram({"a": []}, "x"), "histogram, 'a': there is nothing"),
    "a row as table": (lambda: plots.heatmap(np.ones(3)), r"\(rows, columns\) is needed, not \(3,\)"),
    "labels of another table": (lambda: plots.heatmap(np.ones((2, 2)), row_labels="abc"), "'row_labels' has 3 values"),
    "no series": (lambda: plots.lines([1], {}, "x", "y"), "nothing to draw"),
    "a shorter series": (lambda: plots.lines([1, 2], {"a": [1]}, "x", "y"), "'a' has 1 values, but the axis has 2"),
    "no losses": (lambda: plots.loss_curves({"a": []}), "loss_curves, 'a': there is nothing"),
    "no measurements": (lambda: plots.error_bars_curve({1: []}, "x", "y"), "nothing to draw"),
    "sizes missing": (lambda: plots.scaling_curve([1], {"a": [1, 2]}, "x"), "'a' has 2 values, but the axis has 1"),
    "rows of points": (lambda: plots.closed_curves({"a": CIRCLE.T}), r"\(2, N\), x over y, not \(20, 2\)"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_drawn_is_refused_in_words(name):
    call, said = BAD[name]
    with pytest.raises(ValueError, match=said):
        call()
    assert not plt.get_fignums()  # no empty figure is left for the notebook to show


def test_regions_are_drawn_into_the_axes_given():
    figure, grid = plt.subplots(1, 2)
    assert plots.decision_boundary(three_regions, POINTS, LABELS, ax=grid[1], title="right") is figure
    assert (grid[0].has_data(), grid[1].has_data()) == (False, True)
    assert not figure.legends  # small panels share their meaning


def test_classes_differ_by_marker_as_well_as_colour():
    figure = plots.decision_boundary(three_regions, POINTS, LABELS, steps=20)
    shapes = {
        scatter.get_paths()[0].vertices.tobytes()
        for scatter in figure.axes[0].collections
        if scatter.get_label()[0] == "c"
    }
    assert len(shapes) == 3


def test_lines_differ_by_dash_as_well_as_colour():
    figure = plots.lines([1, 2], {name: [1, 2] for name in "abcdefgh"}, "x", "y")
    looks = {(line.get_color(), str(line._unscaled_dash_pattern)) for line in figure.axes[0].lines}
    assert len(looks) == len({dash for _, dash in looks}) == len({colour for colour, _ in looks}) == 8


def test_the_counts_of_a_confusion_matrix_are_written_in_the_row_of_the_true_class():
    figure = plots.confusion_matrix([0, 0, 1], [2, 2, 1], NAMES)
    written = {(text.get_position(), text.get_text()) for text in figure.axes[0].texts}
    assert written == {((2, 0), "2"), ((1, 1), "1")}


def test_neighbours_of_the_same_class_have_another_frame():
    figure = page()
    frames = [ax.patches[0].get_linestyle() for ax in figure.axes if ax.patches]
    assert frames == ["-", "--", "--", "-", "-", "--"]


def test_the_running_mean_is_the_mean_of_the_last_losses():
    figure = plots.loss_curves({"a": [1.0, 2.0, 3.0, 8.0]}, smooth=2)
    raw, mean = figure.axes[0].lines
    assert raw.get_ydata().tolist() == [1, 2, 3, 8]
    assert (mean.get_xdata().tolist(), mean.get_ydata().tolist()) == ([1, 2, 3], [1.5, 2.5, 5.5])


def test_times_are_written_in_readable_units_with_their_ratio():
    figure = plots.timing_bars({"loops": 2.0, "none": 4e-3, "C": 2e-6})
    assert [text.get_text() for text in figure.axes[0].texts] == [
        "2 s, 1,000,000 × the quickest",
        "4 ms, 2,000 × the quickest",
        "2 µs, the quickest",
    ]


def test_a_weight_of_zero_is_grey_in_a_template():
    figure = plots.templates(np.array([[0.0], [1.0], [-1.0], [0.5]]), ["a"], (2, 2))
    assert np.allclose(figure.axes[0].images[0].get_array(), [[0.5, 1.0], [0.0, 0.75]], atol=0.01)


def test_importing_the_figures_does_not_import_matplotlib():
    code = "import sys, course_utils.plots; print('matplotlib' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "False"
