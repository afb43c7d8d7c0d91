"""The figures of notebook 09 draw what they were given, and refuse what does not fit."""

import matplotlib as mpl
import numpy as np
import pytest

from course_utils import plots

mpl.use("Agg")
import matplotlib.pyplot as plt

rng = np.random.default_rng(0)
IMAGE = rng.integers(0, 256, size=(8, 10, 3), dtype=np.uint8)


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def test_a_contact_sheet_names_its_strips_and_leads_with_the_original():
    strips = {
        "flip": np.stack([IMAGE[:, ::-1]] * 3),
        "invert": np.stack([255 - IMAGE] * 3),
        "same": np.stack([IMAGE] * 3),
    }
    figure = plots.contact_sheet(strips, IMAGE, columns=2, title="All of them")
    named = [ax for ax in figure.axes if ax.get_title(loc="left")]
    named = [named[0], named[2], named[1]]  # strips run down the first column, then the second
    assert [ax.get_title(loc="left") for ax in named] == list(strips)
    for ax, strip in zip(named, strips.values(), strict=True):
        drawn = ax.images[0].get_array()
        np.testing.assert_array_equal(drawn[:, :10], IMAGE)
        np.testing.assert_array_equal(drawn[:, -10:], strip[-1])


def test_warps_show_where_pixels_come_from():
    move = np.array([[1.0, 0, 3], [0, 1, 0]])
    figure = plots.warp_pages(IMAGE, {"moved": (move, IMAGE)}, every=4)
    points = figure.axes[0].collections[0].get_offsets()
    assert points[:, 0].min() == pytest.approx(2 - 3)  # the first column followed is 2
    assert points[:, 1].min() == pytest.approx(2)
    assert figure.axes[0].get_title() == "moved"


def test_recipes_are_drawn_with_their_means_and_seeds():
    values = np.array([[0.7, 0.8], [0.72, 0.84]])
    figure = plots.recipe_points(["none", "flip"], {"test": values, "shifted": values - 0.2}, title="Flips help")
    ax = figure.axes[0]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["none", "flip"]
    means = [container.lines[0].get_xdata() for container in ax.containers]
    np.testing.assert_allclose(means, [[0.71, 0.82], [0.51, 0.62]])
    assert ax.get_ylim()[0] > ax.get_ylim()[1]  # the first recipe on top


@pytest.mark.parametrize(
    ("draw", "words"),
    [
        (lambda: plots.contact_sheet({}, IMAGE), "nothing to draw"),
        (lambda: plots.contact_sheet({"a": np.stack([IMAGE]), "b": np.stack([IMAGE] * 2)}, IMAGE), "one shape"),
        (lambda: plots.contact_sheet({"a": np.stack([IMAGE])}, IMAGE[1:]), "original has shape"),
        (lambda: plots.warp_pages(IMAGE, {"a": (np.eye(3), IMAGE)}), "a matrix"),
        (lambda: plots.warp_pages(IMAGE, {"a": (np.eye(2, 3), IMAGE[1:])}), "a result of the image's shape"),
        (lambda: plots.recipe_points(["none"], {"test": np.zeros((3, 2))}), "must be"),
        (lambda: plots.recipe_points(["none"], {}), "nothing to draw"),
    ],
)
def test_what_does_not_fit_is_refused_in_words(draw, words):
    with pytest.raises(ValueError, match=words):
        draw()
