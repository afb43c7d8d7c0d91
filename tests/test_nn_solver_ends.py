"""How a training ends: with the best parameters; early, for want of progress; diverging; at Ctrl-C."""

import re
import signal

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient
from small_nets import X_VAL, Y_VAL, TwoLayerNet, X, net, solver

from course_utils import nn


def too_fast(rule="sgd", **options):
    """A training that gets worse at the end: the learning rate jumps."""
    options |= {"update_rule": rule, "optim_config": {"learning_rate": 0.1}, "num_epochs": 8, "stop_factor": None}
    return solver(schedule=lambda t, total: 0.1 if t < 20 else 3.0, **options)


@pytest.mark.parametrize("normalization", [None, "batchnorm"])
def test_the_best_parameters_and_statistics_are_restored(normalization):
    model = net(normalization=normalization)
    history = too_fast(model=model).train()
    assert history["val_accuracy"][-1] < max(history["val_accuracy"])
    assert model.accuracy(X_VAL, Y_VAL) == max(history["val_accuracy"])
    assert np.isclose(nn.softmax_loss(model.loss(X_VAL), Y_VAL)[0], history["val_loss"][history.best_epoch - 1])


def test_the_last_parameters_stay_when_asked():
    model = net()
    history = too_fast(model=model, keep_best=False).train()
    assert model.accuracy(X_VAL, Y_VAL) == history["val_accuracy"][-1] < max(history["val_accuracy"])


def test_the_best_parameters_are_copies_that_later_steps_do_not_touch():
    def in_place(w, dw, config):
        w -= config["learning_rate"] * dw
        return w, config

    model = net()
    history = too_fast(model=model, rule=in_place).train()
    assert model.accuracy(X_VAL, Y_VAL) == max(history["val_accuracy"]) > history["val_accuracy"][-1]


def test_of_equal_epochs_the_first_is_the_best():
    history = solver(X_val=X_VAL[:1], y_val=Y_VAL[:1], num_epochs=10).train()
    assert history["val_accuracy"][-2:] == [1, 1]
    assert history.best_epoch == 1 + history["val_accuracy"].index(1)


def test_patience_counts_epochs_without_a_better_validation_accuracy():
    history = solver(num_epochs=100, patience=3, optim_config={"learning_rate": 0.1}).train()
    assert history.epochs == history.best_epoch + 3 < 100
    assert history.stopped == f"validation accuracy has not risen for 3 epochs (best: epoch {history.best_epoch})"


def test_a_diverging_run_stops_and_says_what_to_try():
    history = solver(optim_config={"learning_rate": 1e6}).train()
    assert history.stopped.startswith("diverging: the loss")
    assert "Try a learning rate ten times smaller" in history.stopped
    assert len(history["loss"]) < 12


def test_a_loss_that_is_not_finite_stops_without_a_stop_factor_too():
    with np.errstate(all="raise", under="ignore"):  # the Solver keeps its own warnings to itself
        history = solver(TwoLayerNet(), optim_config={"learning_rate": 1e200}, stop_factor=None).train()
    assert history.stopped.startswith("diverging: the loss is ")
    history = solver(X=np.full_like(X, np.nan)).train()
    assert history.stopped.startswith("the first loss is not finite: look for NaN in X")
    assert len(history["loss"]) == 1


def test_scores_that_are_not_numbers_are_never_right():
    model = net()
    history = solver(model, X_val=np.full_like(X_VAL, np.nan), y_val=np.zeros_like(Y_VAL)).train()
    assert set(history["val_accuracy"]) == {0.0} and np.isnan(history["val_loss"]).all()


def test_parameters_that_became_nan_are_not_taken_for_the_best():
    def breaks(w, dw, config):
        config["steps"] = config.get("steps", 0) + 1
        return w - 0.5 * dw if config["steps"] < 8 else w * np.nan, config

    wrong = (nn.FullyConnectedNet((4, 8, 3), rng=1).predict(X_VAL) + 1) % 3  # worse than chance at first
    model = net()
    history = solver(
        model, update_rule=breaks, y_val=wrong, optim_config={"learning_rate": 1e-9}, stop_factor=None
    ).train()
    assert history.best_epoch == 1 and history.epochs == 2
    assert np.isfinite(model.params["W1"]).all()


def test_a_hard_batch_or_a_small_start_is_not_divergence():
    model = TwoLayerNet()
    solver(model, optim_config={"learning_rate": 0.1}, num_epochs=20).train()
    again = solver(model, batch_size=1, optim_config={"learning_rate": 1e-3}).train()
    assert again["loss"][0] < 0.1 < max(again["loss"])
    assert again.stopped == ""


@pytest.mark.usefixtures("ctrl_c_is_heard")
def test_ctrl_c_ends_a_training_in_an_orderly_way(capsys):
    calls = []

    def press(X, y, rng):
        calls.append(1)
        if len(calls) == 11:
            signal.raise_signal(signal.SIGINT)
        return X, y

    model = net()
    history = solver(model, augment=press, optim_config={"learning_rate": 0.05}, progress=True).train()
    assert history.stopped == "interrupted from the keyboard in epoch 3, after 10 iterations"
    assert history.epochs == 2 and len(history["loss"]) == 10
    assert model.accuracy(X_VAL, Y_VAL) == max(history["val_accuracy"])
    assert capsys.readouterr().out == history.stopped + "\n"


def test_the_bar_is_one_line_or_nothing(capsys):
    solver().train()
    assert capsys.readouterr() == ("", "")
    solver(progress=True).train()
    out, err = capsys.readouterr()
    assert out == "" and err.count("\n") == 1
    assert "16/16" in err and "epoch 4" in err and "val 0." in err


def test_in_a_notebook_the_bar_is_one_output_that_stays_as_it_ended():
    source = (
        "import numpy as np\nfrom course_utils import nn\n"
        "net, X, y = nn.FullyConnectedNet((4, 3)), np.ones((20, 4)), np.zeros(20, int)\n"
        "nn.Solver(net, X, y, num_epochs=3, batch_size=5).train();"
    )
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
    NotebookClient(notebook, timeout=60).execute()
    [output] = notebook.cells[0].outputs
    assert list(output.data) == ["text/plain"]
    assert re.fullmatch(r"100%\|█+\| 12/12 \[.*, epoch 3, loss .*, train 1.000\]", output.data["text/plain"])


def test_a_second_training_needs_a_new_solver():
    model = net()
    first = solver(model)
    first.train()
    with pytest.raises(ValueError, match="A new Solver for the same net goes on from its parameters"):
        first.train()
    assert solver(model, optim_config={"learning_rate": 0.05}).train().epochs == 4
