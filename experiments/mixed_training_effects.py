"""What training on a mix with adversarial images changes: accuracy with few and many images, and where saliency lies.

Nets and training of `robust_training`, on 10,000 images for five epochs and on 2,000 for twenty. Accuracy on 2,000 test
images; under FGSM with ε = 4/255 on the first 500; and of the saliency maps of these, means over the maps: the share of
a map's sum that its strongest tenth of pixels holds, and that of the fifth of the pixels where brightness changes most.
"""

import numpy as np

from course_utils.data import load_dataset
from experiments._pixel_nets import Array, PixelNet, pixels
from experiments.robust_training import TRAINED_WITH, moved, sign, trained

SEEDS = 3
SETTINGS = ((2000, 20), (10_000, 5))  # images, epochs


def rows(seed: int) -> list[dict[str, float | str]]:
    """Accuracies and shares of a net trained plainly and of one trained on the mix, for few and many images."""
    data = load_dataset("garments")
    X, X_test, y_test = pixels(data.train_images), pixels(data.test_images), data.test_labels
    order = np.random.default_rng(seed).permutation(len(X))
    X, y = X[order], data.train_labels[order]
    some, labels = X_test[:500], y_test[:500]
    measured: list[dict[str, float | str]] = []
    for count, epochs in SETTINGS:
        for name in ("plain", "mixed"):
            net = trained(X[:count], y[:count], name == "mixed", epochs, seed)
            attacked = moved(some, some, sign(net, some, labels), TRAINED_WITH, TRAINED_WITH)
            maps = saliency(net, some, labels)
            found = {
                "accuracy": net.accuracy(X_test, y_test),
                "under_fgsm": net.accuracy(attacked, labels),
                "strongest_tenth": share(maps, maps >= np.quantile(maps, 0.9, axis=1, keepdims=True)),
                "on_edges": share(maps, on_edges(some)),
            }
            measured.append({"images": count, "training": name, **found})
    return measured


def saliency(net: PixelNet, X: Array, y: Array) -> Array:
    """For each image the largest over channels of the size of the gradient of its class's score: (N, pixels)."""
    scores, caches = net.forward(X)
    slopes = np.asarray(net.backward(np.eye(scores.shape[1], dtype=scores.dtype)[y], caches, input_gradient=True)[0])
    return np.maximum.reduce(np.abs(slopes), axis=1).reshape(len(X), -1)


def on_edges(X: Array) -> Array:
    """Whether a pixel is in the fifth of its image where brightness changes most: (N, pixels)."""
    down, across = np.gradient(X.mean(axis=1), axis=(1, 2))
    change = (np.abs(down) + np.abs(across)).reshape(len(X), -1)
    return change >= np.quantile(change, 0.8, axis=1, keepdims=True)


def share(maps: Array, chosen: Array) -> float:
    """The share of a map's sum that the chosen pixels hold, mean over the maps."""
    return float(((maps * chosen).sum(axis=1) / maps.sum(axis=1)).mean())
