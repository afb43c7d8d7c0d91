"""The numbers notebook 08 states, from its own solution: worked examples, and ranges over seeds."""

from pathlib import Path

import numpy as np
import pytest

from autograder.source import read_notebook
from autograder.verify.workbench import Workbench
from course_utils import nn
from course_utils.data import load_dataset, load_results
from course_utils.nn.convnets import ConvNet, channels_first
from course_utils.nn.layers.convolution import conv_backward, conv_forward
from course_utils.nn.layers.pooling import max_pool_backward, max_pool_forward

IMAGE = np.array([[3, 3, 2, 1, 0], [0, 0, 1, 3, 1], [3, 1, 2, 2, 3], [2, 0, 0, 2, 2], [2, 0, 0, 0, 1]])
KERNEL = np.array([[0, 1, 2], [2, 2, 0], [0, 1, 2]])


@pytest.fixture(scope="module")
def notebook():
    return read_notebook(Path(__file__).resolve().parents[1] / "solutions" / "08_convolution" / "08_convolution.py")


@pytest.fixture(scope="module")
def solved(notebook):
    return Workbench(notebook).namespace


@pytest.fixture(scope="module")
def garments():
    """Images with channels first and labels: training, validation, test."""
    data = load_dataset("garments")
    images = channels_first(data.train_images, data.val_images, data.test_images)
    return data, dict(zip(("train", "val", "test"), images, strict=True))


def run_cell(notebook, namespace, opening, until=None):
    """Run the experiment cell that defines or assigns `opening`, up to the line that begins with `until`."""
    (source,) = (cell.source for cell in notebook.cells if cell.kind == "code" and f"\n{opening}" in "\n" + cell.source)
    exec(source.split(f"\n{until}")[0] if until else source, namespace)


def test_correlation_and_convolution_give_the_matrices_of_the_text(solved):
    assert solved["correlate2d"](IMAGE, KERNEL).tolist() == [[12, 12, 17], [10, 17, 19], [9, 6, 14]]
    assert solved["convolve2d"](IMAGE, KERNEL).tolist() == [[18, 20, 19], [10, 9, 17], [11, 8, 14]]


def test_the_blurred_pixel_and_the_sobel_response(notebook, solved):
    run_cell(notebook, solved, "patch = np.array(")
    patch = np.array([[180, 172, 168], [184, 176, 170], [188, 178, 168]])
    assert patch.sum() == 1584
    assert solved["correlate2d"](patch, solved["blur"]).item() == pytest.approx(176)
    assert solved["correlate2d"](patch, solved["sobel_x"]).item() == -60
    assert solved["sobel_x"].tolist() == [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]
    assert solved["sobel_y"].tolist() == [[-1, -2, -1], [0, 0, 0], [1, 2, 1]]


@pytest.mark.parametrize(
    ("arguments", "places"),
    [((7, 3, 1), 5), ((7, 3, 2), 3), ((32, 5, 1), 28), ((28, 5, 1), 24), ((32, 5, 1, 2), 32), ((64, 7, 3), 20)],
)
def test_output_sizes_of_the_text(solved, arguments, places):
    assert solved["conv_output_size"](*arguments) == places


@pytest.mark.parametrize("arguments", [(7, 3, 3, 0), (224, 7, 2, 3)])
def test_strides_that_the_text_calls_impossible(solved, arguments):
    with pytest.raises(ValueError, match="does not fit"):
        solved["conv_output_size"](*arguments)


@pytest.mark.parametrize("kind", ["naive", "fast"])
def test_the_layer_worked_by_hand(solved, kind):
    x, w = np.arange(1.0, 10.0).reshape(1, 1, 3, 3), np.array([[[[1.0, 0], [0, -1]]]])
    out, cache = solved[f"conv_forward_{kind}"](x, w, np.array([10.0]), {"stride": 1, "pad": 0})
    dx, dw, db = solved[f"conv_backward_{kind}"](np.array([[[[1.0, 2], [3, 4]]]]), cache)
    assert out[0, 0].tolist() == [[6, 6], [6, 6]]
    assert dw[0, 0].tolist() == [[37, 47], [67, 77]]
    assert dx[0, 0].tolist() == [[1, 2, 0], [3, 3, -2], [0, -3, -4]]
    assert db.tolist() == [10]


def test_six_kernels_make_six_maps_of_28(solved):
    x, w = np.zeros((1, 3, 32, 32)), np.zeros((6, 3, 5, 5))
    assert w[0].size == 75
    assert solved["conv_forward_fast"](x, w, np.zeros(6), {"stride": 1, "pad": 0})[0].shape == (1, 6, 28, 28)


@pytest.mark.parametrize("kind", ["max", "avg"])
def test_pooling_worked_by_hand(solved, kind):
    x = np.array([[1.0, 1, 2, 4], [5, 6, 7, 8], [3, 2, 1, 0], [1, 2, 3, 4]]).reshape(1, 1, 4, 4)
    out, _ = solved[f"{kind}_pool_forward"](x, {"pool_height": 2, "pool_width": 2, "stride": 2})
    assert out[0, 0].tolist() == {"max": [[6, 8], [3, 4]], "avg": [[3.25, 5.25], [2, 2]]}[kind]


@pytest.mark.parametrize(
    ("layers", "pixels"),
    [
        ([(3, 1), (3, 1)], 5),
        ([(3, 1)] * 3, 7),
        ([(3, 1), (2, 2)], 4),
        ([(3, 1), (2, 2), (3, 1)], 8),
        ([(3, 1), (3, 2), (3, 1), (3, 1), (3, 1)], 17),
        ([(3, 2)] * 3, 15),
    ],
)
def test_receptive_fields_of_the_text(solved, layers, pixels):
    assert solved["receptive_field"](layers) == pixels


def test_parameters_of_the_text(solved):
    count = solved["count_parameters"]
    assert count([("conv", 3, 10, 5, 5)]) == 760
    assert count([("local", 3, 10, 5, 5, 32, 32)]) == 778_240
    assert count([("dense", 3072, 10_240)]) == 31_467_520
    assert count([("dense", 200 * 200 * 3, 1000)]) == 120_001_000
    assert count([("conv", 3, 20, 7, 7)]) == 2960
    assert count([("conv", 64, 16, 1, 1)]) == 1040
    net = [("conv", 3, 16, 3, 3), ("pool", 2, 2), ("conv", 16, 32, 3, 3), ("pool", 2, 2)]
    assert count(net) / count([*net, ("dense", 2048, 64), ("dense", 64, 10)]) == pytest.approx(0.04, abs=0.005)
    assert count([*net, ("dense", 2048, 64), ("dense", 64, 10)]) == sum(p.size for p in ConvNet().params.values())


def test_the_notebooks_layers_agree_with_those_of_the_library(solved):
    rng = np.random.default_rng(0)
    x, w, b = rng.normal(size=(2, 3, 5, 7)), rng.normal(size=(4, 3, 3, 3)), rng.normal(size=4)
    param = {"stride": 2, "pad": 1}
    out, cache = solved["conv_forward_fast"](x, w, b, param)
    dout = rng.normal(size=out.shape)
    wanted, their_cache = conv_forward(x, w, b, param)
    np.testing.assert_allclose(out, wanted)
    for found, right in zip(solved["conv_backward_fast"](dout, cache), conv_backward(dout, their_cache), strict=True):
        np.testing.assert_allclose(found, right, atol=1e-12)
    pool = {"pool_height": 3, "pool_width": 3, "stride": 2}
    out, cache = solved["max_pool_forward"](x, pool)
    dout = rng.normal(size=out.shape)
    np.testing.assert_allclose(out, max_pool_forward(x, pool)[0])
    found, wanted = solved["max_pool_backward"](dout, cache), max_pool_backward(dout, max_pool_forward(x, pool)[1])
    np.testing.assert_allclose(found, wanted)


def test_paths_lead_to_the_middle_of_a_receptive_field(notebook, solved):
    namespace = dict(solved)
    run_cell(notebook, namespace, "def pixels_reached", until="reached = ")
    gradient = namespace["pixels_reached"](3, 1)
    assert gradient[8, 8] == gradient.max() == 49 and gradient[5, 5] == 1 and np.count_nonzero(gradient) == 49
    assert np.any(namespace["pixels_reached"](2, 2), axis=0).sum() == 7


@pytest.mark.parametrize("seed", [1, 2])
def test_kernels_move_by_about_a_third_of_their_size_in_a_small_training(notebook, solved, garments, seed):
    data, X = garments
    namespace = dict(solved) | {"nn": nn}
    run_cell(notebook, namespace, "def trained", until="live = ")
    net = ConvNet(filters=(16, 32), hidden=64, rng=seed)
    start = net.params["W1"].copy()
    namespace["trained"](net, X["train"][:1000], data.train_labels[:1000], 0.05, seed=seed)
    assert 0.2 <= np.linalg.norm(net.params["W1"] - start) / np.linalg.norm(start) <= 0.45
    assert 0.69 <= net.accuracy(X["test"], data.test_labels) <= 0.77


def test_im2col_of_a_large_layer_takes_as_much_memory_as_the_text_says():
    assert round(256 * 32 * 32 * 64 * 9 * 4 / 1e6, -2) == 600


def test_convolution_beats_dense_beats_linear_at_every_size_for_every_seed():
    table = load_results("linear_dense_conv")
    scores = {
        name: table.by_seed("images", "test_accuracy", where={"net": name, "shuffled": False})[1]
        for name in ("linear", "dense", "convolution")
    }
    assert np.all(scores["convolution"] > scores["dense"]) and np.all(scores["dense"] > scores["linear"])
    gain = scores["convolution"].mean(axis=0) - scores["dense"].mean(axis=0)
    assert np.all((gain > 0.10) & (gain < 0.20))
    assert -0.015 < scores["convolution"][:, 0].mean() - scores["dense"][:, -1].mean() < 0.04  # "as well as"


def test_shuffled_pixels_cost_convolution_its_lead_and_a_dense_net_nothing():
    table = load_results("linear_dense_conv")

    def mean(name, shuffled):
        return table["test_accuracy"][
            (table["net"] == name) & (table["shuffled"] == shuffled) & (table["images"] == 3000)
        ].mean()

    assert abs(mean("dense", True) - mean("dense", False)) < 0.02
    assert mean("convolution", True) < mean("dense", True) - 0.05
    assert 0.2 < mean("convolution", False) - mean("convolution", True) < 0.3


def test_depth_does_not_help_dense_nets_and_a_stage_of_convolution_does():
    table = load_results("depth_of_nets")
    _, dense = table.by_seed("depth", "test_accuracy", where={"kind": "dense"})
    _, conv = table.by_seed("depth", "test_accuracy", where={"kind": "convolution"})
    dense, conv = dense.mean(axis=0), conv.mean(axis=0)
    assert 0.09 < dense[1] - dense[0] < 0.14  # "a hidden layer helps by eleven points"
    assert abs(dense[2] - dense[1]) < 0.01 and 0.015 < dense[1] - dense[-1] < 0.04  # "two or three points worse"
    assert 0.11 < conv[0] - dense[1] < 0.15  # "one stage of convolution is worth thirteen points"
    assert 0 < conv[1] - conv[0] < 0.025 and conv[2] < conv[1] + 0.01  # two "may be a point better", a third nothing
    assert dense[1:].max() - dense[1:].min() < 0.06
    assert 0.08 < conv.min() - dense.max() < 0.2


def test_the_students_net_learns_for_other_seeds_as_well(solved, garments):
    data, X = garments
    for seed in (1, 2):
        net = solved["ThreeLayerConvNet"](rng=np.random.default_rng(seed))
        assert 2.3 < net.loss(X["train"][:100], data.train_labels[:100])[0] < 4.0
        history = nn.Solver(
            net,
            X["train"][:2000],
            data.train_labels[:2000],
            X["val"][:1000],
            data.val_labels[:1000],
            optim_config={"learning_rate": 0.02},
            schedule=("cosine", {}),
            num_epochs=4,
            batch_size=50,
            rng=seed,
            progress=False,
        ).train()
        assert 0.65 <= history["val_accuracy"][-1] <= 0.77


def test_learned_kernels_shifts_and_search_for_another_seed(notebook, solved, garments):
    data, X = garments
    namespace = dict(solved) | {"nn": nn, "ConvNet": ConvNet}
    run_cell(notebook, namespace, "def trained", until="live = ")
    run_cell(notebook, namespace, "def net_with_faint_kernels", until="start = ")
    run_cell(notebook, namespace, "def neighbours_agree", until="for name, W in")
    run_cell(notebook, namespace, "def shift_right", until="dense = ")
    run_cell(notebook, namespace, "def nearest", until="queries, ")
    y, y_test = data.train_labels, data.test_labels
    seen = namespace["trained"](namespace["net_with_faint_kernels"](1), X["train"][:5000], y[:5000], 0.03, 6, seed=1)
    assert 0.78 <= seen.accuracy(X["test"], y_test) <= 0.85
    assert namespace["channels_agree"](seen.params["W1"]) > 0.85
    assert 0.02 <= namespace["neighbours_agree"](seen.params["W1"]) <= 0.4
    dense = nn.FullyConnectedNet((3072, 100, 10), rng=1)
    namespace["trained"](dense, X["train"][:5000], y[:5000], 0.01, 6, seed=1)
    cost = {}
    for shift in (0, 1, 2, 4, 8):
        moved = channels_first(data.train_images, namespace["shift_right"](data.test_images[:1000], shift))[1]
        cost[shift] = [net.accuracy(moved, y_test[:1000]) for net in (seen, dense)]
    assert -0.01 <= cost[0][0] - cost[1][0] <= 0.06 <= cost[0][1] - cost[1][1] <= 0.16
    assert 0.6 <= cost[2][0] <= 0.76 and 0.32 <= cost[2][1] <= 0.48
    assert 0.08 <= cost[1][0] - cost[2][0] <= 0.2  # the second pixel
    assert 0.15 <= max(cost[4]) <= 0.4 and max(cost[8]) <= 0.3
    found = namespace["nearest"](seen.features(X["test"][:500]), seen.features(X["val"]))
    assert 0.65 <= np.mean(data.val_labels[found] == y_test[:500, np.newaxis]) <= 0.80
