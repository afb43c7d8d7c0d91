"""Figures of training and of what is inside a net: what is drawn is what was measured."""

import itertools

import numpy as np
import pytest
from plot_marks import NO_WARNINGS

from course_utils import plots
from course_utils.nn import History

plt = pytest.importorskip("matplotlib.pyplot")
plt.switch_backend("agg")
pytestmark = NO_WARNINGS

rng = np.random.default_rng(4)
RUN = {"loss": [2.0, 1.0, 0.5, 0.4], "train_accuracy": [0.3, 0.9], "val_accuracy": [0.2, 0.4]}
EXPLODED = {"loss": [2.0, 60.0, np.nan, np.nan], "train_accuracy": [0.1], "val_accuracy": [0.1]}


@pytest.fixture(autouse=True)
def no_figure_is_left_over():
    yield
    plt.close("all")


def drawn(ax):
    return {line.get_label(): (list(line.get_xdata()), list(line.get_ydata())) for line in ax.lines}


def named(figure):
    return [text.get_text() for legend in figure.legends for text in legend.get_texts()]


def test_one_run_is_its_loss_and_its_accuracies_side_by_side():
    figure = plots.learning_curves({**RUN, "val_loss": [1.5, 1.2]}, diagnosis="overfitting")
    loss, accuracy = figure.axes
    assert drawn(loss)["loss of each batch"] == ([1, 2, 3, 4], RUN["loss"])
    assert drawn(loss)["validation loss"] == ([2, 4], [1.5, 1.2])  # at the end of each epoch
    assert drawn(accuracy)["training accuracy"] == ([1, 2], RUN["train_accuracy"])
    assert drawn(accuracy)["validation accuracy"] == ([1, 2], RUN["val_accuracy"])
    assert loss.get_title() == "→ overfitting"
    assert sorted(named(figure)) == sorted({**drawn(loss), **drawn(accuracy)})


def test_validation_losses_stand_where_their_epochs_ended_though_the_run_went_on():
    history = History()
    history.update({**RUN, "loss": [2.0, 1.0, 0.5, 0.4, 0.3], "val_loss": [1.5, 1.2]})
    history.iterations_per_epoch = 2
    assert drawn(plots.learning_curves(history).axes[0])["validation loss"] == ([2, 4], [1.5, 1.2])


def test_several_runs_are_columns_on_common_scales_with_their_diagnoses():
    higher = {**RUN, "loss": [4.0, 3.0]}
    figure = plots.learning_curves({"a": RUN, "b": higher}, diagnosis={"b": "underfitting"})
    assert [ax.get_title() for ax in figure.axes] == ["a", "b\n→ underfitting", "", ""]
    a, b, *accuracies = figure.axes
    assert a.get_ylim() == b.get_ylim() and b.get_ylim()[1] > 4
    assert len({ax.get_ylim() for ax in accuracies}) == 1
    assert len(named(figure)) == len(set(named(figure))) == 3


def test_a_loss_that_explodes_gets_its_own_logarithmic_axis_and_a_cross():
    figure = plots.learning_curves({"a": RUN, "b": EXPLODED})
    a, b = figure.axes[:2]
    assert (a.get_yscale(), b.get_yscale()) == ("linear", "log")
    assert a.get_ylim()[1] < 3
    assert drawn(b)["not finite after this"] == ([2], [60.0])
    assert "not finite after this" in named(figure)


def test_a_run_that_stopped_in_its_first_epoch_has_no_accuracies():
    figure = plots.learning_curves({"a": RUN, "b": {**EXPLODED, "train_accuracy": [], "val_accuracy": []}})
    assert [text.get_text() for text in figure.axes[3].texts] == ["no epoch ended"]
    figure.canvas.draw()


def test_iterations_and_epochs_are_counted_in_whole_numbers():
    figure = plots.learning_curves({"loss": [1.0, 0.9], "train_accuracy": [0.5], "val_accuracy": [0.5]})
    assert all((ax.get_xticks() % 1 == 0).all() for ax in figure.axes)


def test_a_run_without_validation_data_shows_the_training_accuracy():
    figure = plots.learning_curves({**RUN, "val_accuracy": [], "val_loss": []})
    assert list(drawn(figure.axes[1])) == ["training accuracy"]


def test_every_layer_has_its_standard_deviation_and_all_of_a_row_one_scale():
    layers = [rng.normal(size=(40, 5)) * scale for scale in (1.0, 0.1, 0.0)]
    figure = plots.layer_histograms({"small": layers, "none": layers[:1]})
    texts = [[text.get_text() for text in ax.texts] for ax in figure.axes]
    assert texts[:3] == [[f"std {layers[0].std():#.2g}"], [f"std {layers[1].std():#.2g}"], ["std 0\n100 % zeros"]]
    assert len(figure.axes) == 4
    assert len({ax.get_xlim() for ax in figure.axes[:3]}) == 1


def test_a_histogram_holds_every_output_but_the_many_zeros_of_a_relu():
    signal = rng.uniform(-1, 1, 1000)
    figure = plots.layer_histograms({"all": [signal], "ReLU": [np.maximum(signal, 0)]})
    all_of_them, positive = ([patch.get_data().values.sum() for patch in ax.patches] for ax in figure.axes)
    assert 990 <= all_of_them[0] <= 1000  # the outermost thousandths are left out
    assert abs(positive[0] - (signal > 0).sum()) <= 5
    assert f"{100 * (signal <= 0).mean():.0f} % zeros" in figure.axes[1].texts[0].get_text()
    assert figure.axes[1].get_xlim()[0] == 0


def test_a_layer_that_overflowed_says_so():
    figure = plots.layer_histograms({"large": [np.ones(3), np.array([1.0, np.inf])]})
    assert figure.axes[1].texts[0].get_text() == "not finite"


def test_a_panel_shows_a_function_and_its_derivative_over_the_range():
    figure = plots.function_panels({"square": (np.square, lambda x: 2 * x), "tanh": (np.tanh, np.cosh)}, -2, 3)
    curves = drawn(figure.axes[0])
    assert (curves["function"][0][0], curves["function"][0][-1]) == (-2, 3)
    assert (curves["function"][1][0], curves["derivative"][1][0]) == (4, -4)
    assert [ax.get_title() for ax in figure.axes] == ["square", "tanh"]
    assert named(figure) == ["function", "derivative"]


def test_a_function_that_writes_into_its_input_spoils_no_other():
    def in_place(x):
        x *= 0
        return x

    figure = plots.function_panels({"in place": (in_place, np.abs)}, -1, 1)
    assert drawn(figure.axes[0])["derivative"][1][0] == 1


def test_weights_are_grey_where_they_are_zero_and_a_picture_a_column():
    W = np.array([[0.0, 5.0], [1.0, 0.0], [-1.0, 0.0], [0.5, -5.0]])
    figure = plots.weight_images(W, (2, 2))
    assert np.allclose(figure.axes[0].images[0].get_array(), [[0.5, 1.0], [0.0, 0.75]], atol=0.01)
    assert np.allclose(figure.axes[1].images[0].get_array(), [[1.0, 0.5], [0.5, 0.0]], atol=0.01)


def test_the_best_try_is_ringed_and_exploded_ones_are_crosses():
    figure = plots.search_scatter([1e-3, 1e-2, 1e-1], [1, 10, 100], [0.4, 0.5, np.nan], "rate", "decay")
    assert named(figure) == ["exploded", "best: 0.5 at 0.01, 10"]
    curves = drawn(figure.axes[0])
    assert curves["exploded"] == ([1e-1], [100])
    assert curves["best: 0.5 at 0.01, 10"] == ([1e-2], [10])
    tries = figure.axes[0].collections[0]
    assert tries.get_offsets().tolist() == [[1e-3, 1], [1e-2, 10]]
    assert tries.get_sizes()[0] < tries.get_sizes()[1]
    assert (figure.axes[0].get_xscale(), figure.axes[0].get_yscale()) == ("log", "log")


@pytest.mark.parametrize("decades", [0.2, 0.5, 0.8, 1.0, 1.3, 1.7, 2.0, 3.0, 10.0])
def test_labels_of_a_search_do_not_run_into_each_other_over_any_number_of_decades(decades):
    x = 3e-4 * 10 ** np.linspace(0, decades, 9)
    ax = plots.search_scatter(x, x, np.arange(9.0), "rate", "decay").axes[0]
    ax.figure.draw_without_rendering()
    for axis, low, high in ((ax.xaxis, "x0", "x1"), (ax.yaxis, "y0", "y1")):
        ends = np.sort(axis.get_view_interval())
        ticks = [*axis.get_major_ticks(), *axis.get_minor_ticks()]
        boxes = [
            t.label1.get_window_extent() for t in ticks if t.label1.get_text() and ends[0] <= t.get_loc() <= ends[1]
        ]
        boxes.sort(key=lambda box: getattr(box, low))
        assert len(boxes) >= 2
        assert all(getattr(one, high) < getattr(other, low) for one, other in itertools.pairwise(boxes))


def test_a_curve_over_seeds_is_their_mean_in_a_band_from_least_to_most():
    figure = plots.spread_curves([1, 2], {"a": [[1.0, 4.0], [3.0, 5.0], [2.0, 9.0]]}, "x", "y")
    assert drawn(figure.axes[0])["a"] == ([1, 2], [2.0, 6.0])
    corners = figure.axes[0].collections[0].get_paths()[0].vertices
    assert (corners.min(axis=0).tolist(), corners.max(axis=0).tolist()) == ([1, 1], [2, 9])
    assert figure.legends[0].get_title().get_text() == "line: mean, band: all 3 seeds"


def test_a_seed_that_is_lost_is_marked_and_not_averaged():
    figure = plots.spread_curves([1, 2], {"a": [[1.0, 4.0], [3.0, np.nan]], "b": [[1.0, np.nan]] * 2}, "x", "y")
    assert drawn(figure.axes[0])["a"][1] == [2.0, 4.0]
    crosses = [line.get_xydata().tolist() for line in figure.axes[0].lines if line.get_marker() == "x"]
    assert crosses == [[[2, 4]], [], []]
    assert "some seeds not finite" in named(figure)


def test_one_seed_is_called_one():
    figure = plots.spread_curves(["low", "high"], {"a": [[1.0, 4.0]]}, "x", "y")
    assert figure.legends[0].get_title().get_text() == "one seed"
