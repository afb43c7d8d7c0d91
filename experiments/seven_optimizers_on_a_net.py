"""Accuracy of a two-layer net trained by each of seven update rules, by learning rate, constant or falling by a cosine.

100 hidden ReLU units on garments halved to 16 × 16 pixels; eight epochs on 10,000 images in batches of 100, all other
settings at their defaults. A training whose loss is not finite ends there, with the accuracy of its last weights.
"""

import numpy as np

from course_utils import nn
from course_utils.data import load_dataset

SEEDS = 5
RULES = ("sgd", "sgd_momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamw")
RATES = (0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3)


def rows(seed: int) -> list[dict[str, float | str]]:
    """Training loss over the last epoch and accuracy on 2,000 validation images for each rule, schedule and rate."""
    data = load_dataset("garments")
    X, X_val = nn.standardize(halved(data.train_images), halved(data.val_images))
    measured: list[dict[str, float | str]] = []
    for rule in RULES:
        for schedule in ("constant", "cosine"):
            for rate in RATES:
                net = nn.FullyConnectedNet((768, 100, 10), rng=seed)
                solver = nn.Solver(
                    net,
                    X,
                    data.train_labels,
                    update_rule=rule,
                    optim_config={"learning_rate": rate},
                    schedule=(schedule, {}),
                    num_epochs=8,
                    rng=seed,
                    keep_best=False,
                    stop_factor=None,  # adaptive rules may leap at first and recover
                    progress=False,
                )
                history = solver.train()
                measured.append(
                    {
                        "rule": rule,
                        "schedule": schedule,
                        "learning_rate": rate,
                        "loss": float(np.mean(history["loss"][-100:])),
                        "accuracy": net.accuracy(X_val, data.val_labels),
                        "diverged": bool(history.stopped),
                    }
                )
    return measured


def halved(images: np.ndarray) -> np.ndarray:
    """Every 2 × 2 block of pixels replaced by its mean: (N, 32, 32, 3) → (N, 16, 16, 3) float32."""
    return images.reshape(len(images), 16, 2, 16, 2, 3).mean(axis=(2, 4), dtype=np.float32)
