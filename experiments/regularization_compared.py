"""Accuracy, gap and validation loss with no regularisation, L2, dropout, smoothing, or all three, by label noise.

Two hidden ReLU layers of 200 units on 2,000 garments, 30 epochs of SGD with momentum and a falling rate. A share of
the training labels is replaced by other classes; validation labels are right. Dropout keeps a unit with probability
0.5, "light dropout" with 0.8; "all" is L2, dropout and smoothing.
"""

from typing import Any

import numpy as np

from course_utils import nn
from course_utils.data import load_dataset

SEEDS = 5
NOISES = (0.0, 0.2, 0.4)
EPSILON = 0.1
METHODS: dict[str, dict[str, Any]] = {
    "none": {},
    "L2": {"reg": 0.03},
    "dropout": {"dropout": 0.5},
    "light dropout": {"dropout": 0.8},
    "smoothing": {"epsilon": EPSILON},
    "all": {"reg": 0.03, "dropout": 0.5, "epsilon": EPSILON},
}


def rows(seed: int) -> list[dict[str, float | str]]:
    """For each share of wrong labels and method: how it ends, and how it stood at its lowest validation loss.

    train_accuracy: on the labels that the net was given. accuracy, val_loss: on 2,000 validation images, after the
    last epoch; best_accuracy, best_val_loss, best_epoch: after the epoch with the lowest validation loss.
    """
    data = load_dataset("garments")
    X, X_val = nn.standardize(data.train_images[:2000], data.val_images)
    measured: list[dict[str, float | str]] = []
    for noise in NOISES:
        y = with_wrong_labels(data.train_labels[:2000], noise, seed)
        for method, settings in METHODS.items():
            options = dict(settings)
            targets = smoothed(y, options.pop("epsilon", 0.0))
            net = nn.FullyConnectedNet((3072, 200, 200, 10), rng=seed, **options)
            history = nn.Solver(
                net,
                X,
                targets,
                X_val,
                data.val_labels,
                optim_config={"learning_rate": 0.005},
                schedule=("cosine", {}),
                num_epochs=30,
                rng=seed,
                keep_best=False,
                stop_factor=None,
                progress=False,
            ).train()
            best = int(np.argmin(history["val_loss"]))
            measured.append(
                {
                    "noise": noise,
                    "method": method,
                    "train_accuracy": net.accuracy(X, y),
                    "accuracy": history["val_accuracy"][-1],
                    "val_loss": history["val_loss"][-1],
                    "best_accuracy": history["val_accuracy"][best],
                    "best_val_loss": history["val_loss"][best],
                    "best_epoch": best + 1,
                }
            )
    return measured


def with_wrong_labels(y: np.ndarray, share: float, seed: int) -> np.ndarray:
    """A copy of the labels in which each is, with this probability, another class than it was."""
    rng = np.random.default_rng(seed)
    wrong = rng.random(len(y)) < share
    return np.where(wrong, (y + rng.integers(1, 10, size=len(y))) % 10, y)


def smoothed(y: np.ndarray, epsilon: float) -> np.ndarray:
    """Target probabilities (N, 10): 1 − epsilon for the label, the rest in equal shares for the nine others."""
    return np.where(np.eye(10)[y] == 1, 1 - epsilon, epsilon / 9).astype(np.float32)
