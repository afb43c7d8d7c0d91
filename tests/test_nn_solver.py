"""Solver: what it trains, and what it records."""

import re

import numpy as np
import pytest
from small_nets import X_VAL, Y_VAL, LabelledOnly, TwoLayerNet, X, Y, net, solver

from course_utils import nn
from course_utils.nn.update_rules import RULES


class Recorder(TwoLayerNet):
    """Remembers which rows it was trained on."""

    def __init__(self):
        super().__init__()
        self.batches = []

    def loss(self, X, y=None):
        if y is not None:
            self.batches.append(X[:, 0].tolist())
        return super().loss(X, y)


GOOD_RATES = {"sgd": 0.3, "adagrad": 0.1, "sgd_momentum": 0.05, "nesterov": 0.05}


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_learns_three_clouds(rule):
    history = solver(
        update_rule=rule, optim_config={"learning_rate": GOOD_RATES.get(rule, 0.02)}, num_epochs=15
    ).train()
    assert history["val_accuracy"][-1] > 0.85
    assert np.mean(history["loss"][-8:]) < 0.5 * history["loss"][0]


@pytest.mark.parametrize("model", [TwoLayerNet, LabelledOnly, net])
def test_a_net_needs_params_loss_and_predict_only(model):
    model = model()
    dtype = model.params["W1"].dtype
    history = solver(model, optim_config={"learning_rate": 0.05}, num_epochs=10).train()
    assert max(history["val_accuracy"]) > 0.85
    assert (model.predict(X_VAL) == Y_VAL).mean() == max(history["val_accuracy"])
    assert {w.dtype for w in model.params.values()} == {dtype}
    assert len(history["val_loss"]) == (0 if isinstance(model, LabelledOnly) else 10)


def test_history_has_an_entry_for_each_iteration_or_epoch():
    history = solver(batch_size=50).train()
    assert history.keys() == {"loss", "learning_rate", "train_accuracy", "val_accuracy", "val_loss"}
    assert len(history["loss"]) == len(history["learning_rate"]) == 4 * 3
    assert {len(history[key]) for key in ("train_accuracy", "val_accuracy", "val_loss")} == {4}
    assert history.iterations_per_epoch == 3
    assert history.stopped == "" and history.epochs == 4 and history.seconds > 0
    assert history.best_epoch == 1 + int(np.argmax(history["val_accuracy"]))
    assert set(history["learning_rate"]) == {1e-2}


def test_a_history_shows_itself_in_a_line():
    shown = repr(solver(num_epochs=100, patience=2, optim_config={"learning_rate": 0.1}).train())
    assert re.fullmatch(
        r"<History: \d+ epochs, \d+ iterations in \d+\.\d s; loss from [\d.]+ to [\d.]+; "
        r"best validation accuracy 0\.\d{3} in epoch \d+; validation accuracy has not risen for 2 epochs .*>",
        shown,
    )
    assert repr(nn.History()) == "<History: 0 epochs, 0 iterations in 0.0 s>"


def test_the_numbers_in_history_are_what_the_net_gives():
    model = net(reg=0.1)
    first_loss = model.loss(X, Y)[0]
    history = solver(model, batch_size=1000, num_epochs=3, keep_best=False).train()
    assert np.isclose(history["loss"][0], first_loss)
    assert history["train_accuracy"][-1] == model.accuracy(X, Y)
    assert history["val_accuracy"][-1] == model.accuracy(X_VAL, Y_VAL)
    assert np.isclose(history["val_loss"][-1], nn.softmax_loss(model.loss(X_VAL), Y_VAL)[0])


def test_without_validation_data_training_is_all_there_is():
    history = solver(X_val=None, y_val=None).train()
    assert history["val_accuracy"] == history["val_loss"] == [] and history.best_epoch is None
    assert history.epochs == 4


@pytest.mark.parametrize("batch_size", [1, 32, 120, 1000])
def test_an_epoch_visits_every_row_once_in_a_new_order(batch_size):
    model = Recorder()
    solver(model, batch_size=batch_size, num_epochs=2).train()
    rows = [value for batch in model.batches for value in batch]
    first, second = rows[:120], rows[120:]
    assert sorted(first) == sorted(second) == sorted(X[:, 0].tolist())
    assert first != second
    assert max(len(batch) for batch in model.batches) == min(batch_size, 120)


def test_the_same_seeds_give_the_same_training():
    runs = [solver(net(dropout=0.5), rng=7).train() for _ in range(2)]
    assert dict(runs[0]) == dict(runs[1])
    assert dict(runs[0]) != dict(solver(net(dropout=0.5), rng=8).train())


def test_the_data_stay_as_they_are():
    before = X.copy(), Y.copy()
    solver(augment=lambda X, y, rng: (X.__iadd__(1), y)).train()
    assert np.array_equal(X, before[0]) and np.array_equal(Y, before[1])


@pytest.mark.parametrize(
    "schedule",
    [("cosine", {"warmup": 4}), lambda t, total: nn.learning_rate("cosine", t, total, 0.05, warmup=4)],
)
def test_schedules_set_the_rate_of_every_iteration(schedule):
    history = solver(schedule=schedule, optim_config={"learning_rate": 0.05}).train()
    assert history["learning_rate"] == [nn.learning_rate("cosine", t, 16, 0.05, warmup=4) for t in range(16)]


def test_a_rule_sees_the_scheduled_rate_and_keeps_its_own_state():
    seen = []

    def rule(w, dw, config=None):
        config = {} if config is None else config
        config["count"] = config.get("count", 0) + 1
        seen.append((w.shape, config.get("learning_rate"), config["count"]))
        w -= 0.1 * dw  # in place, as a rule may
        return w, config

    model = TwoLayerNet()
    history = solver(
        model, update_rule=rule, optim_config={"learning_rate": np.float32(0.5)}, schedule=("linear", {})
    ).train()
    steps = [entry for entry in seen if entry[0] == (4, 8)]
    assert [rate for _, rate, _ in steps] == history["learning_rate"] == [0.5 * (1 - t / 16) for t in range(16)]
    assert [count for _, _, count in steps] == list(range(1, 17))
    assert max(history["val_accuracy"]) > 0.8


def test_a_rule_that_answers_in_float64_leaves_a_float32_net_as_it_is():
    model = net()
    rule_in_double = lambda w, dw, config: (w.astype(np.float64) - 0.1 * dw, config)  # noqa: E731
    solver(model, update_rule=rule_in_double, optim_config={"learning_rate": 0.1}).train()
    assert {w.dtype for w in model.params.values()} == {np.dtype(np.float32)}


def test_weights_decay_but_biases_do_not():
    class Still(TwoLayerNet):
        def loss(self, X, y=None):
            if y is None:
                return super().loss(X)
            return 1.0, {name: np.zeros_like(w) for name, w in self.params.items()}

    for config, shrunk in (({"learning_rate": 0.1, "weight_decay": 0.5}, 0.95**16), (None, (1 - 1e-3 * 1e-2) ** 16)):
        model = Still()
        model.params = {name: np.ones_like(w) for name, w in model.params.items()}
        solver(model, update_rule="adamw", optim_config=config, keep_best=False).train()
        assert np.allclose(model.params["W1"], shrunk, rtol=1e-9)
        assert np.array_equal(model.params["b1"], np.ones(8))


def test_augment_gets_each_batch_and_may_mix_labels():
    sizes = []

    def mixup(X, y, rng):
        sizes.append((X.shape, y.shape, isinstance(rng, np.random.Generator)))
        order, share = rng.permutation(len(X)), rng.beta(1, 1)
        targets = np.eye(3)[y]
        return share * X + (1 - share) * X[order], share * targets + (1 - share) * targets[order]

    history = solver(augment=mixup, num_epochs=10, batch_size=50, optim_config={"learning_rate": 0.05}).train()
    assert set(sizes) == {((50, 4), (50,), True), ((20, 4), (20,), True)}
    assert max(history["val_accuracy"]) > 0.85


def test_target_probabilities_are_learned_and_judged_by_the_likeliest():
    smooth = 0.9 * np.eye(3)[Y] + 0.1 / 3
    history = solver(y=smooth, y_val=np.eye(3)[Y_VAL], num_epochs=10, optim_config={"learning_rate": 0.05}).train()
    assert min(history["train_accuracy"][-1], max(history["val_accuracy"])) > 0.85
