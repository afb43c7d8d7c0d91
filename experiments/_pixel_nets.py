"""Nets that take pixels between 0 and 1, and their training: what the experiments of notebook 10 share."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from course_utils import nn

Array = NDArray[Any]
Gradients = dict[str, Array]


class PixelNet(nn.ConvNet):
    """A convolutional net for pixels between 0 and 1, from which it takes 1/2 before anything else."""

    def forward(self, X: ArrayLike, train: bool = False) -> tuple[Array, list[dict[str, Any]]]:
        """Scores and caches, as in ConvNet."""
        return super().forward(np.asarray(X) - 0.5, train)


def pixels(images: Array) -> Array:
    """Images (N, H, W, C) uint8 as float32 (N, C, H, W) between 0 and 1."""
    return np.ascontiguousarray((images / np.float32(255)).transpose(0, 3, 1, 2))


def small_net(seed: int) -> PixelNet:
    """The student, and the net under attack: two stages of 8 and 16 kernels, 32 hidden units."""
    return PixelNet(filters=(8, 16), hidden=32, rng=seed)


def large_net(seed: int) -> PixelNet:
    """The teacher: two stages of 16 and 32 kernels, 64 hidden units."""
    return PixelNet(filters=(16, 32), hidden=64, rng=seed)


def train(
    net: PixelNet, gradients: Callable[[Array], Gradients], count: int, rate: float, epochs: int, seed: int
) -> None:
    """Momentum with a rate that falls by a cosine, batches of 50; gradients: rows of a batch → {name: array}."""
    rng, step = np.random.default_rng(seed), 0
    configs: dict[str, dict[str, Any]] = {name: {} for name in net.params}
    total = epochs * -(-count // 50)
    for _ in range(epochs):
        order = rng.permutation(count)
        for start in range(0, count, 50):
            grads = gradients(order[start : start + 50])
            now = nn.learning_rate("cosine", step, total, rate)
            for name, w in net.params.items():
                configs[name]["learning_rate"] = now
                net.params[name], configs[name] = nn.sgd_momentum(w, grads[name], configs[name])
            step += 1
