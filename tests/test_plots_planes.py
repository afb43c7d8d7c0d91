"""Figures in the plane: clouds, regions side by side, paths over surfaces, the player."""

import re

import numpy as np
import pytest
from plot_marks import NO_WARNINGS

from course_utils import plots
from course_utils.plots.trajectories import visible

plt = pytest.importorskip("matplotlib.pyplot")
plt.switch_backend("agg")
pytestmark = NO_WARNINGS

rng = np.random.default_rng(5)
POINTS, LABELS = rng.normal(size=(30, 2)), np.arange(30) % 3
ACROSS, UP = (-1.0, 1.0), (-1.0, 1.0)
INSIDE = np.array([[0.5, 0.5], [0.2, -0.1], [0.0, 0.0]])
LEAVES = np.array([[0.0, 0.0], [0.5, 0.0], [2.0, 0.0]])
EXPLODES = np.array([[0.0, 0.0], [0.0, 0.5], [0.0, -1e200], [0.0, np.inf], [np.nan, np.nan]])


@pytest.fixture(autouse=True)
def no_figure_is_left_over():
    yield
    plt.close("all")


def bowl(x, y):
    return x**2 + 3 * y**2


def surfaces(**paths):
    return {"a bowl": (bowl, ACROSS, UP, paths)}


def named(figure):
    return [text.get_text() for legend in figure.legends for text in legend.get_texts()]


def test_clouds_share_the_picture_and_both_directions_have_one_scale():
    figure = plots.point_clouds({"raw": POINTS, "shifted": POINTS + np.array([3, 0])}, LABELS)
    a, b = figure.axes
    assert (a.get_xlim(), a.get_ylim(), a.get_aspect()) == (b.get_xlim(), b.get_ylim(), 1)
    assert sum(len(group.get_offsets()) for group in b.collections) == 30
    assert named(figure) == ["class 0", "class 1", "class 2"]


def test_clouds_of_other_sizes_get_their_own_pictures():
    a, b = plots.point_clouds({"raw": 100 * POINTS, "scaled": POINTS}).axes
    assert np.ptp(a.get_xlim()) > 50 * np.ptp(b.get_xlim())


def test_a_cloud_of_one_point_can_be_drawn():
    plots.point_clouds({"one": np.zeros((1, 2))}).canvas.draw()


def test_points_that_are_not_finite_are_left_out():
    lost = np.vstack([POINTS, [[np.inf, 0], [np.nan, 1]]])
    a, b = plots.point_clouds({"all": POINTS, "lost": lost}).axes
    assert a.get_xlim() == b.get_xlim()


def test_each_classifier_has_a_panel_with_the_same_examples():
    rules = {"none": lambda places: np.zeros(len(places), int), "some": lambda places: (places[:, 0] > 0).astype(int)}
    figure = plots.boundary_panels(rules, POINTS, LABELS, steps=20)
    assert [ax.get_title() for ax in figure.axes] == ["none", "some"]
    assert len({ax.get_xlim() for ax in figure.axes}) == 1
    assert named(figure) == ["class 0", "class 1", "class 2"]


@pytest.mark.parametrize(("count", "rows"), [(1, [1]), (3, [3]), (4, [2, 2]), (5, [3, 2]), (7, [3, 3, 1])])
def test_rows_of_panels_are_about_equally_full(count, rows):
    rules = {str(number): lambda places: np.zeros(len(places), int) for number in range(count)}
    figure = plots.boundary_panels(rules, POINTS, LABELS, columns=3, steps=5)
    heights = [ax.get_subplotspec().rowspan.start for ax in figure.axes]
    assert [heights.count(row) for row in range(len(rows))] == rows
    assert sum(bool(ax.get_ylabel()) for ax in figure.axes) == len(rows)


PATHS = {  # path → what is drawn, where it leaves, in which direction
    "inside": (INSIDE, INSIDE, None),
    "leaving": (LEAVES, [[0, 0], [0.5, 0], [1, 0]], ([1, 0], [1, 0])),
    "exploding": (EXPLODES, [[0, 0], [0, 0.5], [0, -1]], ([0, -1], [0, -1])),
    "out and back": ([[0, 0], [2, 0], [0, 0.5]], [[0, 0], [1, 0], [np.nan] * 2, [1, 0.25], [0, 0.5]], None),
    "straight through": ([[-2, 0], [2, 0]], [[-1, 0], [1, 0]], ([1, 0], [1, 0])),
    "never inside": ([[2, 0], [2, 2]], np.zeros((0, 2)), None),
    "broken inside": ([[0, 0], [0.5, 0.5], [np.nan, 0]], [[0, 0], [0.5, 0.5]], ([0.5, 0.5], [0, 0])),
    "one step": ([[0.5, 0.5]], [[0.5, 0.5]], None),
    "nothing known": ([[np.nan, np.nan]], np.zeros((0, 2)), None),
    "in from outside": ([[9, 0], [0, 0]], [[1, 0], [0, 0]], None),
    "almost parallel": (
        [[0.5, 0.5], [0.0, 0.5 + 1e-310], [-0.5, 1e-310], [-0.2, 0]],
        [[0.5, 0.5], [0, 0.5], [-0.5, 0], [-0.2, 0]],
        None,
    ),
    "almost parallel, outside": ([[-2, 2], [2, np.nextafter(2, 3)], [2, 5e-324], [3, 0]], np.zeros((0, 2)), None),
    "back from infinity": ([[np.inf, 0], [0, 0]], np.zeros((0, 2)), None),
}


@pytest.mark.parametrize("name", PATHS)
def test_a_path_is_cut_at_the_frame_and_where_it_leaves_is_known(name):
    path, drawn, leaves = PATHS[name]
    seen, left = visible(np.array(path, dtype=float), ACROSS, UP)
    assert np.allclose(seen, drawn, equal_nan=True)
    assert (left is None) == (leaves is None)
    if left is not None:
        assert np.allclose(left[0], leaves[0])
        assert np.allclose(np.sign(left[1]), leaves[1])


def test_every_path_can_be_drawn_and_moved():
    drawn = surfaces(**{name: np.array(path, dtype=float) for name, (path, *_) in PATHS.items()})
    plots.trajectories(drawn).canvas.draw()
    player = plots.animate_trajectories(drawn).data
    assert player.count("<polyline") == len(PATHS) - 1  # all but the one that is NaN from its first step


def test_the_key_names_each_optimizer_once_and_explains_the_marks():
    panels = {
        "a": (bowl, ACROSS, UP, {"sgd": INSIDE, "adam": LEAVES}),
        "b": (bowl, ACROSS, (-2, 2), {"adam": INSIDE, "momentum": np.array([[0, 0], [np.nan, 0]])}),
    }
    figure = plots.trajectories(panels, minimum={"a": (0, 0)})
    explained = ["start", "minimum", "leaves the picture", "not finite after this", "darker: lower"]
    assert named(figure) == ["sgd", "adam", "momentum", *explained]
    assert [ax.get_ylim() for ax in figure.axes] == [(-1, 1), (-2, 2)]
    assert named(plots.trajectories(surfaces(sgd=INSIDE))) == ["sgd", "start", "darker: lower"]


def test_an_optimizer_looks_alike_in_all_panels():
    panels = {"a": (bowl, ACROSS, UP, {"sgd": INSIDE, "adam": INSIDE}), "b": (bowl, ACROSS, UP, {"adam": INSIDE})}
    a, b = plots.trajectories(panels).axes
    assert a.lines[3].get_color() == b.lines[0].get_color() != a.lines[0].get_color()


def test_a_flat_surface_has_no_contours_but_is_drawn():
    figure = plots.trajectories({"flat": (lambda x, y: 0 * x, ACROSS, UP, {"sgd": INSIDE})})
    assert not figure.axes[0].collections


def test_contours_are_those_of_the_ranges_and_of_the_right_direction():
    figure = plots.trajectories({"rises to the right": (lambda x, y: x + 0 * y, (0, 1), (10, 20), {"sgd": INSIDE})})
    lines = figure.axes[0].collections[-1].get_paths()[7].vertices
    assert np.ptp(lines[:, 0]) < 1e-9 and 0 < lines[0, 0] < 1
    assert (lines[:, 1].min(), lines[:, 1].max()) == (10, 20)


def test_a_surface_that_is_nowhere_finite_is_drawn_without_contours():
    figure = plots.trajectories({"nothing": (lambda x, y: x * np.nan, ACROSS, UP, {"sgd": INSIDE})})
    assert not figure.axes[0].collections


def test_the_player_needs_no_network_and_leaves_no_figure():
    page = plots.animate_trajectories(surfaces(sgd=INSIDE, adam=LEAVES), title="In motion").data
    assert not plt.get_fignums()
    assert not re.search(r'(src|href)="(?!data:)|https?://', page)
    assert page.count("<polyline") == page.count("<g ") == 2
    assert all(len(re.findall(f"<{tag}[ >]", page)) == page.count(f"</{tag}>") for tag in ("svg", "g", "div", "script"))


def test_the_player_stays_small_with_long_paths():
    panels = {name: (bowl, ACROSS, UP, {f"{n}": rng.normal(size=(9000, 2)) for n in range(7)}) for name in "abc"}
    page = plots.animate_trajectories(panels).data
    assert len(page) < 1.5e6
    assert 'max="199"' in page and "step 8999" in page


def test_two_players_on_a_page_have_two_names():
    one, other = (plots.animate_trajectories(surfaces(sgd=INSIDE)).data for _ in range(2))
    assert re.search('id="([^"]*)"', one)[1] != re.search('id="([^"]*)"', other)[1]


def test_places_of_the_player_lie_where_the_picture_has_them():
    page = plots.animate_trajectories(surfaces(sgd=np.array([[-1.0, 1.0], [1.0, -1.0]]))).data
    x0, y0, x1, y1 = map(float, re.search('data-box="([^"]*)"', page)[1].split())
    first, last = (list(map(float, place.split(","))) for place in re.search('points="([^"]*)"', page)[1].split())
    assert np.allclose([*first, *last], [x0, y0, x1, y1], atol=0.1)
