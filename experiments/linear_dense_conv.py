"""Accuracy of a linear classifier, a dense net and a convolutional net, by number of images; also with shuffled pixels.

The dense net has one hidden layer of 100 units, the convolutional net two stages of 16 and 32 kernels of 3 × 3 and 64
hidden units. Eight epochs in batches of 50 with momentum and a rate that falls by a cosine. Shuffled: the pixels of all
images change places by one and the same permutation.
"""

import numpy as np

from course_utils import nn
from course_utils.data import load_dataset
from course_utils.nn.convnets import ConvNet, channels_first

SEEDS = 5
SIZES = (1000, 3000, 10_000)
SHUFFLED_SIZE = 3000
RATES = {"linear": 0.001, "dense": 0.01, "convolution": 0.05}


def rows(seed: int) -> list[dict[str, float | str]]:
    """Accuracy on training and 2,000 test images of each net, for each number of images."""
    data = load_dataset("garments")
    y, y_test = data.train_labels, data.test_labels
    X, X_test = channels_first(data.train_images, data.test_images)
    measured: list[dict[str, float | str]] = []
    for name in RATES:
        for size, shuffled in [*((size, False) for size in SIZES), (SHUFFLED_SIZE, True)]:
            chosen = np.random.default_rng([seed, size]).permutation(len(X))[:size]
            order = np.random.default_rng(seed).permutation(32 * 32) if shuffled else np.arange(32 * 32)
            net = make(name, seed)
            solver = nn.Solver(
                net,
                rearranged(X[chosen], order),
                y[chosen],
                optim_config={"learning_rate": RATES[name]},
                schedule=("cosine", {}),
                num_epochs=8,
                batch_size=50,
                rng=seed,
                progress=False,
            )
            history = solver.train()
            measured.append(
                {
                    "net": name,
                    "images": size,
                    "shuffled": shuffled,
                    "train_accuracy": history["train_accuracy"][-1],
                    "test_accuracy": net.accuracy(rearranged(X_test, order), y_test),
                }
            )
    return measured


def make(name: str, seed: int) -> nn.FullyConnectedNet | ConvNet:
    """A new net of one of the three kinds."""
    if name == "convolution":
        return ConvNet((3, 32, 32), filters=(16, 32), filter_size=3, hidden=64, rng=seed)
    return nn.FullyConnectedNet((3072, 10) if name == "linear" else (3072, 100, 10), rng=seed)


def rearranged(X: np.ndarray, order: np.ndarray) -> np.ndarray:
    """The pixels of all images (N, C, 32, 32) put into another order, the same for all images and channels."""
    return X.reshape(len(X), 3, -1)[:, :, order].reshape(X.shape)
