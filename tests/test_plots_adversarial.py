"""Figures of notebook 10: drawn without warnings, named, and refusing what they cannot draw."""

import numpy as np
import pytest
from plot_marks import NO_WARNINGS

from course_utils import plots

plt = pytest.importorskip("matplotlib.pyplot")
plt.switch_backend("agg")
pytestmark = NO_WARNINGS

rng = np.random.default_rng(4)
IMAGES = rng.random((3, 8, 8, 3))
SHARES = np.full((3, 4), 0.25)
NAMES = ("boot", "coat", "shirt", "bag")

FIGURES = {
    "dark_knowledge": lambda title: plots.dark_knowledge(
        IMAGES, {"T = 1": SHARES, "T = 4": SHARES}, NAMES, labels=[0, 3, 1], title=title
    ),
    "dark_knowledge of bytes, without labels": lambda title: plots.dark_knowledge(
        (255 * IMAGES).astype(np.uint8), {"T = 1": SHARES}, NAMES, title=title
    ),
    "adversarial_triples": lambda title: plots.adversarial_triples(
        IMAGES, np.clip(IMAGES + 0.02, 0, 1), ["boot"] * 3, ["bag"] * 3, title=title
    ),
    "adversarial_triples of nothing added": lambda title: plots.adversarial_triples(
        IMAGES, IMAGES, ["a"] * 3, ["a"] * 3, title=title
    ),
    "saliency_maps": lambda title: plots.saliency_maps(
        IMAGES, {"plain": rng.random((3, 8, 8)), "flat": np.zeros((3, 8, 8))}, titles=["a", "b", "c"], title=title
    ),
    "accuracy_against_epsilon": lambda title: plots.accuracy_against_epsilon(
        [0, 0.01, 0.02], {"plain": rng.random((5, 3)), "one seed": [0.9, 0.8, 0.7]}, title=title, chance=0.1
    ),
    "grouped_error_bars": lambda title: plots.grouped_error_bars(
        {"here": {"a": [0.1, 0.2], "b": [0.3]}, "there, too": {"b": [0.2, 0.4]}}, "accuracy", title=title
    ),
}


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_is_drawn_and_says_its_finding(name):
    figure = FIGURES[name]("the finding")
    figure.canvas.draw()
    said = [figure.get_suptitle(), *(ax.get_title(loc="left") for ax in figure.axes)]
    assert "the finding" in said
    plt.close(figure)


def test_many_labels_stand_beside_the_curves():
    curves = {f"net {number}": [0.9, 0.5] for number in range(6)}
    figure = plots.accuracy_against_epsilon([0, 0.01], curves)
    figure.canvas.draw()
    [legend] = figure.legends
    assert len(legend.get_texts()) == 6
    assert legend.get_window_extent().x0 >= figure.axes[0].get_window_extent().x1
    plt.close(figure)


def test_the_bar_of_the_label_is_hatched():
    figure = plots.dark_knowledge(IMAGES, {"T = 1": SHARES}, NAMES, labels=[0, 3, 1])
    hatched = [[bar.get_hatch() is not None for bar in ax.patches] for ax in figure.axes[3:]]
    assert [row.index(True) for row in hatched] == [0, 3, 1] and all(sum(row) == 1 for row in hatched)
    plt.close(figure)


def test_nothing_added_is_middle_grey():
    figure = plots.adversarial_triples(IMAGES, IMAGES, ["a"] * 3, ["a"] * 3)
    np.testing.assert_array_equal(figure.axes[3].images[0].get_array(), np.full((8, 8, 3), 0.5))
    plt.close(figure)


def test_the_axis_counts_steps_of_an_8_bit_pixel():
    figure = plots.accuracy_against_epsilon(np.array([0, 4, 8]) / 255, {"net": [0.9, 0.5, 0.2]})
    assert [text.get_text() for text in figure.axes[0].get_xticklabels()] == ["0", "4", "8"]
    plt.close(figure)


@pytest.mark.parametrize(
    "call, said",
    [
        (lambda: plots.dark_knowledge(IMAGES, {"T = 1": SHARES[:, :3]}, NAMES), "4 class names"),
        (lambda: plots.dark_knowledge(IMAGES, {"T = 1": SHARES}, NAMES, labels=[1]), "labels of shape"),
        (lambda: plots.dark_knowledge(IMAGES, {}, NAMES), "nothing to draw"),
        (lambda: plots.dark_knowledge(IMAGES.transpose(0, 3, 1, 2), {"T": SHARES}, NAMES), "channels come last"),
        (lambda: plots.adversarial_triples(IMAGES, IMAGES[:2], ["a"] * 3, ["a"] * 3), "of that shape"),
        (lambda: plots.adversarial_triples(IMAGES, IMAGES + 1, ["a"] * 3, ["a"] * 3), "between 0 and 1"),
        (lambda: plots.saliency_maps(IMAGES, {"net": -np.ones((3, 8, 8))}), "no value below 0"),
        (lambda: plots.saliency_maps(IMAGES, {"net": np.ones((3, 8, 8))}, titles=["a"]), "one title an image"),
        (lambda: plots.accuracy_against_epsilon([0, 1], {"net": [0.5]}), "2 values of ε"),
        (lambda: plots.grouped_error_bars({"here": {"a": []}}, "accuracy"), "nothing to draw"),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_words(call, said):
    with pytest.raises(ValueError, match=said):
        call()
    plt.close("all")
