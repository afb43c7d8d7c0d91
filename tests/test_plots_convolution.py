"""Figures of notebook 08: drawn without warnings, named, and refusing what they cannot draw."""

import numpy as np
import pytest
from plot_marks import NO_WARNINGS

from course_utils import plots

plt = pytest.importorskip("matplotlib.pyplot")
plt.switch_backend("agg")
pytestmark = NO_WARNINGS

rng = np.random.default_rng(3)
IMAGE, KERNEL = rng.random((8, 9)), np.array([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])
GRID = np.arange(20).reshape(4, 5)
COLS = np.lib.stride_tricks.sliding_window_view(GRID, (3, 3)).reshape(6, 9)

FIGURES = {
    "kernel_responses": lambda title: plots.kernel_responses(
        IMAGE, {"Sobel": KERNEL, "blur": np.full((3, 3), 1 / 9)}, {"Sobel": IMAGE - 0.5, "blur": IMAGE}, title=title
    ),
    "kernel_responses, flat": lambda title: plots.kernel_responses(
        np.zeros((3, 3)), {"one": np.ones((1, 1))}, {"one": np.zeros((3, 3))}, title=title
    ),
    "windows_as_rows": lambda title: plots.windows_as_rows(GRID, 3, 3, COLS, chosen=(0, 5), title=title),
    "filter_images": lambda title: plots.filter_images(rng.normal(size=(10, 3, 5, 5)), columns=4, title=title),
    "filter_images of grey zeros": lambda title: plots.filter_images(np.zeros((2, 1, 3, 3)), title=title),
    "picture_table": lambda title: plots.picture_table(
        {"image": [rng.random((4, 4, 3))] * 2, "map": [IMAGE, -IMAGE], "flat": [np.zeros((2, 2))] * 2},
        ["here", "shifted\nby 2"],
        title=title,
    ),
}


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_is_drawn_and_says_its_finding(name):
    figure = FIGURES[name]("the finding")
    figure.canvas.draw()
    assert "the finding" in figure.get_suptitle()
    plt.close(figure)


def test_windows_and_their_rows_are_framed_alike():
    figure = plots.windows_as_rows(GRID, 3, 3, COLS, chosen=(0, 4))
    left, right = figure.axes
    assert len(left.patches) == len(right.patches) == 2
    for window, row in zip(left.patches, right.patches, strict=True):
        assert window.get_edgecolor() == row.get_edgecolor() and window.get_linestyle() == row.get_linestyle()
    assert [round(row.get_y() + row.get_height() / 2) for row in right.patches] == [0, 4]
    assert [round(left.patches[1].get_x()), round(left.patches[1].get_y())] == [1, 1]  # place 4 is row 1, column 1
    plt.close(figure)


def test_zero_is_middle_grey_where_both_signs_occur():
    figure = plots.picture_table({"map": [np.array([[-1.0, 3.0]])]}, ["one"])
    assert figure.axes[0].images[0].get_clim() == (-3, 3)
    plt.close(figure)


@pytest.mark.parametrize(
    ("draw", "says"),
    [
        (lambda: plots.kernel_responses(IMAGE, {"a": KERNEL}, {"b": IMAGE}), "responses"),
        (lambda: plots.kernel_responses(IMAGE[0], {"a": KERNEL}, {"a": IMAGE}), "image"),
        (lambda: plots.kernel_responses(IMAGE, {}, {}), "nothing to draw"),
        (lambda: plots.windows_as_rows(GRID, 3, 3, COLS[:5]), r"\(6, 9\)"),
        (lambda: plots.windows_as_rows(GRID, 5, 3, COLS), "do not fit"),
        (lambda: plots.windows_as_rows(GRID, 3, 3, COLS, chosen=(6,)), "0 to 5"),
        (lambda: plots.filter_images(np.zeros((4, 16, 3, 3))), "filter_images"),
        (lambda: plots.picture_table({"a": [IMAGE]}, ["one", "two"]), "1 pictures for 2"),
        (lambda: plots.picture_table({"a": [np.zeros((2, 2, 4))]}, ["one"]), "shape"),
    ],
)
def test_what_cannot_be_drawn_is_refused_with_a_reason(draw, says):
    with pytest.raises(ValueError, match=says):
        draw()


def test_a_kernel_of_one_sign_is_drawn_light_with_zero_in_middle_grey():
    figure = plots.kernel_responses(IMAGE, {"blur": np.full((3, 3), 1 / 9)}, {"blur": IMAGE})
    (picture,) = (ax.images[0] for ax in figure.axes if ax.get_title() == "blur")
    low, high = picture.get_clim()
    assert low == -high and 1 / 9 < high < 2 / 9
    plt.close(figure)
