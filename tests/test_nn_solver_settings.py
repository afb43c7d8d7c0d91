"""What a Solver refuses, and how it says so."""

import numpy as np
import pytest
from small_nets import Y_VAL, LabelledOnly, TwoLayerNet, X, Y, solver


class NoPredict:
    def __init__(self):
        self.params = {"W1": np.ones(3)}

    def loss(self, X, y=None):
        return X


class Forgetful(TwoLayerNet):
    def loss(self, X, y=None):
        result = super().loss(X, y)
        if y is not None:
            del result[1]["b1"]
        return result


class Misshapen(TwoLayerNet):
    def loss(self, X, y=None):
        result = super().loss(X, y)
        if y is not None:
            result[1]["b1"] = result[1]["b1"][None]
        return result


class Whole(TwoLayerNet):
    def __init__(self):
        super().__init__()
        self.params["b1"] = np.zeros(8, int)


class OneScore(TwoLayerNet):
    def loss(self, X, y=None):
        return np.zeros(len(X)) if y is None else super().loss(X, y)


BAD = [
    ({"model": object()}, "object needs an attribute `params`"),
    ({"model": NoPredict()}, "NoPredict needs a method `predict`"),
    ({"model": Whole()}, r"params\['b1'\] is int64"),
    ({"model": OneScore()}, r"wanted scores \(1, C\)"),
    ({"X": X[:, 0]}, r"X has shape \(120,\)"),
    ({"X": X[:0], "y": Y[:0]}, "at least one row"),
    ({"X": X[:, :3]}, r"takes \(N, 4\)"),
    ({"y": Y[:-1]}, r"X has 120 rows but y has shape \(119,\)"),
    ({"y": Y + 1}, r"Solver \(y\): labels go from 0 to 2; these go from 1 to 3"),
    ({"y": Y - 1}, "these go from -1 to 1"),
    ({"y": Y.astype(float)}, "labels are integers"),
    ({"y": Y[:, None]}, r"not \(120, 1\)"),
    ({"y": np.ones((120, 3))}, "does not sum to 1"),
    ({"model": LabelledOnly(), "y": Y - 1}, "labels go from 0"),
    ({"y_val": Y_VAL[:-1]}, "X_val has 90 rows but y_val"),
    ({"y_val": Y_VAL + 1}, r"Solver \(y_val\)"),
    ({"y_val": None}, "X_val and y_val belong together"),
    ({"X_val": None, "y_val": None, "patience": 3}, "patience needs X_val and y_val"),
    ({"update_rule": "momentum"}, "'momentum'; it is a function or one of 'sgd', 'sgd_momentum'"),
    ({"optim_config": {"lr": 0.1}}, r"optim_config has \['lr'\]; sgd_momentum knows learning_rate, momentum"),
    ({"optim_config": {"learning_rate": 0.0}}, "learning rate is 0.0"),
    ({"optim_config": {"learning_rate": np.inf}}, "learning rate is inf"),
    ({"optim_config": {"learning_rate": None}}, "learning rate is None"),
    ({"optim_config": {"learning_rate": "0.1"}}, "learning rate is '0.1'"),
    ({"optim_config": 0.1}, "optim_config is 0.1; wanted a dict"),
    ({"update_rule": ["sgd"]}, r"update_rule is \['sgd'\]"),
    ({"update_rule": lambda w, dw, config: w - dw}, r"must return the pair \(next_w, config\)"),
    ({"update_rule": lambda w, dw, config: (w - dw, None)}, r"must return the pair \(next_w, config\)"),
    ({"update_rule": lambda w, dw, config: (w.sum(), config)}, "an array of the shape of w"),
    ({"update_rule": lambda w, dw, config: (w, config)}, 'optim_config needs "learning_rate"'),
    ({"update_rule": lambda w, dw, config: (w - config["lr"] * dw, config)}, "optim_config needs 'lr'"),
    ({"schedule": "cosine"}, "schedule is 'cosine'"),
    ({"schedule": ("cosin", {})}, "'cosin'; it is one of"),
    ({"schedule": ("step", {})}, "needs the option 'every'"),
    ({"num_epochs": 0}, "num_epochs is 0"),
    ({"num_epochs": 2.5}, "num_epochs is 2.5"),
    ({"batch_size": 0}, "batch_size is 0"),
    ({"patience": 0}, "patience is 0"),
    ({"stop_factor": 1.0}, "stop_factor is 1.0"),
    ({"stop_factor": "3"}, "stop_factor is '3'"),
    ({"y": np.full((120, 3), np.nan)}, "does not sum to 1"),
]


@pytest.mark.parametrize(("options", "said"), BAD)
def test_settings_that_do_not_fit_are_refused_before_training(options, said):
    with pytest.raises(ValueError, match=said):
        solver(**options)


@pytest.mark.parametrize(
    ("model", "said"),
    [(Forgetful(), "no gradient for b1"), (Misshapen(), r"b1 has shape \(1, 8\), the parameter \(8,\)")],
)
def test_gradients_that_do_not_fit_are_refused(model, said):
    with pytest.raises(ValueError, match=said):
        solver(model).train()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"schedule": lambda t, total: None}, "gave the learning rate None for t = 0 of 16"),
        ({"schedule": lambda t, total: 0.1 if t < 3 else np.nan}, "nan for t = 3 of 16"),
        ({"schedule": lambda t, total: -0.1}, "at least 0"),
        ({"augment": lambda X, y, rng: X}, "augment must return .X_batch, y_batch."),
        ({"augment": lambda X, y, rng: None}, "augment must return"),
        ({"augment": lambda X, y, rng: (X[1:], y)}, "as many rows"),
    ],
)
def test_what_schedules_and_augmentations_give_is_checked_in_training(options, said):
    with pytest.raises(ValueError, match=said):
        solver(**options).train()
