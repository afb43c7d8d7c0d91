"""Accuracy and validation loss of a net trained with smoothed labels, by the amount taken off and who receives it.

Two hidden ReLU layers of 200 units on 5,000 garments, 40 epochs of SGD with momentum at a constant rate: long enough
for a net without smoothing to become far too sure of itself.
"""

import numpy as np

from course_utils import nn
from course_utils.data import load_dataset

SEEDS = 5
SETTINGS = (
    ("others alike", 0.0),
    ("others alike", 0.05),
    ("others alike", 0.1),
    ("others alike", 0.2),
    ("others alike", 0.4),
    ("all classes alike", 0.1),
    ("by likeness", 0.1),
)


def rows(seed: int) -> list[dict[str, float | str]]:
    """Accuracy, loss and mean confidence on 2,000 validation images, and training accuracy, for each setting.

    "others alike" gives epsilon in equal shares to the nine other classes, "all classes alike" to all ten, "by
    likeness" to the nine others in proportion to how probable a linear classifier finds them.
    """
    data = load_dataset("garments")
    X, X_val = nn.standardize(data.train_images[:5000], data.val_images)
    y, y_val = data.train_labels[:5000], data.val_labels
    shares = {
        "others alike": (1 - np.eye(10)) / 9,
        "all classes alike": np.full((10, 10), 0.1),
        "by likeness": likeness(X, y, seed),
    }
    measured: list[dict[str, float | str]] = []
    for variant, epsilon in SETTINGS:
        table = (1 - epsilon) * np.eye(10) + epsilon * shares[variant]
        net = nn.FullyConnectedNet((3072, 200, 200, 10), rng=seed)
        nn.Solver(
            net,
            X,
            table[y].astype(np.float32),
            optim_config={"learning_rate": 0.01},
            num_epochs=40,
            rng=seed,
            keep_best=False,
            stop_factor=None,
            progress=False,
        ).train()
        scores = net.loss(X_val)
        measured.append(
            {
                "variant": variant,
                "epsilon": epsilon,
                "train_accuracy": net.accuracy(X, y),
                "accuracy": net.accuracy(X_val, y_val),
                "val_loss": nn.softmax_loss(scores, y_val)[0],
                "confidence": float(nn.softmax(scores).max(axis=1).mean()),
            }
        )
    return measured


def likeness(X: np.ndarray, y: np.ndarray, seed: int) -> np.ndarray:
    """Mean probability (10, 10) that a linear classifier gives each other class; rows sum to 1, the diagonal is 0."""
    net = nn.FullyConnectedNet((X.shape[1], 10), init="zeros", reg=0.1, rng=seed)
    nn.Solver(
        net, X, y, optim_config={"learning_rate": 0.001}, num_epochs=5, rng=seed, keep_best=False, progress=False
    ).train()
    probabilities = nn.softmax(net.loss(X))
    means = np.array([probabilities[y == label].mean(axis=0) for label in range(10)], dtype=np.float64)
    np.fill_diagonal(means, 0.0)
    return means / means.sum(axis=1, keepdims=True)
