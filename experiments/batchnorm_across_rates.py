"""Accuracy of a deep net without normalisation, with batch and with layer normalisation, by rate and first weights.

Five hidden ReLU layers of 100 units, plain SGD, five epochs on 2,000 garments in batches of 100; every pair of a
learning rate and a standard deviation of the first weights. A training whose loss is not finite ends there, and counts
with the accuracy of the weights it had.
"""

from course_utils import nn
from course_utils.data import load_dataset

SEEDS = 5
RATES = (0.001, 0.01, 0.1, 1.0)
SCALES = (0.001, 0.01, 0.03, 0.1, 0.3, 1.0)
NORMALIZATIONS = {"none": None, "batch norm": "batchnorm", "layer norm": "layernorm"}


def rows(seed: int) -> list[dict[str, float | str]]:
    """Accuracy on 1,000 validation images for each normalisation, learning rate and standard deviation."""
    data = load_dataset("garments")
    X, X_val = nn.standardize(data.train_images[:2000], data.val_images[:1000])
    y, y_val = data.train_labels[:2000], data.val_labels[:1000]
    measured: list[dict[str, float | str]] = []
    for name, normalization in NORMALIZATIONS.items():
        for rate in RATES:
            for scale in SCALES:
                net = nn.FullyConnectedNet((3072, *[100] * 5, 10), init=scale, normalization=normalization, rng=seed)
                solver = nn.Solver(
                    net,
                    X,
                    y,
                    update_rule="sgd",
                    optim_config={"learning_rate": rate},
                    num_epochs=5,
                    rng=seed,
                    keep_best=False,
                    stop_factor=None,
                    progress=False,
                )
                history = solver.train()
                measured.append(
                    {
                        "normalization": name,
                        "learning_rate": rate,
                        "weight_scale": scale,
                        "accuracy": net.accuracy(X_val, y_val),
                        "diverged": bool(history.stopped),
                    }
                )
    return measured
