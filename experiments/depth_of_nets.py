"""Accuracy of dense nets of 0 to 16 hidden layers, and of convolutional nets of 1 to 3 stages, stopped early.

Dense layers have 100 units with ELU; stages have 16, 32 and 64 kernels of 3 × 3, then comes a hidden layer of 64 units.
5,000 garments in batches of 50, Adam at a rate of 0.001. A training ends when the accuracy on 1,000 validation images
has not risen for four epochs, or after 25 epochs; the weights of the best epoch are tested.
"""

from course_utils import nn
from course_utils.data import load_dataset
from course_utils.nn.convnets import ConvNet, channels_first

SEEDS = 5
HIDDEN_LAYERS = (0, 1, 2, 4, 8, 16)
FILTERS = {1: (16,), 2: (16, 32), 3: (16, 32, 64)}


def rows(seed: int) -> list[dict[str, float | str]]:
    """Best validation accuracy, accuracy on 2,000 test images, parameters and epochs of each net."""
    data = load_dataset("garments")
    X, X_val, X_test = channels_first(data.train_images[:5000], data.val_images[:1000], data.test_images)
    measured: list[dict[str, float | str]] = []
    for kind, depth in [*(("dense", depth) for depth in HIDDEN_LAYERS), *(("convolution", depth) for depth in FILTERS)]:
        net = make(kind, depth, seed)
        solver = nn.Solver(
            net,
            X,
            data.train_labels[:5000],
            X_val,
            data.val_labels[:1000],
            update_rule="adam",
            optim_config={"learning_rate": 0.001},
            num_epochs=25,
            batch_size=50,
            patience=4,
            rng=seed,
            progress=False,
        )
        history = solver.train()
        measured.append(
            {
                "kind": kind,
                "depth": depth,
                "val_accuracy": max(history["val_accuracy"]),
                "train_accuracy": history["train_accuracy"][(history.best_epoch or 1) - 1],
                "test_accuracy": net.accuracy(X_test, data.test_labels),
                "parameters": sum(value.size for value in net.params.values()),
                "best_epoch": history.best_epoch or 0,
            }
        )
    return measured


def make(kind: str, depth: int, seed: int) -> nn.FullyConnectedNet | ConvNet:
    """A new net: dense with `depth` hidden layers, or convolutional with `depth` stages."""
    if kind == "dense":
        return nn.FullyConnectedNet((3072, *[100] * depth, 10), activation="elu", rng=seed)
    return ConvNet((3, 32, 32), filters=FILTERS[depth], hidden=64, rng=seed)
