"""A one-stage convolutional net as matrices, one image at a time.

For one image, convolution, pooling, ReLU and affine layers are a chain of matrices, some of which depend on the image
through which unit is on: their product is the Jacobian of the scores by the pixels, and every gradient of the notebook
with respect to the image is a row, or a weighted sum of rows, of it.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from course_utils import nn


class PixelNet(nn.ConvNet):
    """The net that the notebook gives: a ConvNet for pixels between 0 and 1."""

    def forward(self, X: ArrayLike, train: bool = False) -> tuple[NDArray[Any], list[dict[str, Any]]]:
        """Scores and caches for pixels from which 1/2 is taken first."""
        return super().forward(np.asarray(X) - 0.5, train)


class Net:
    """The net that `params` of a PixelNet with one stage describe: (C, H, W) pixels, from which 1/2 is taken."""

    def __init__(self, params: dict[str, Any], shape: tuple[int, int, int]) -> None:
        self.params = {name: np.asarray(value) for name, value in params.items()}
        self.shape = shape
        self.filters = len(self.params["b1"])
        self.matrix = self._matrix()
        self._known: dict[bytes, tuple[np.ndarray, np.ndarray]] = {}

    def _matrix(self) -> np.ndarray:
        """The convolution without its bias as a matrix, (filters · places, channels · pixels)."""
        _, height, width = self.shape
        W1 = self.params["W1"].reshape(self.filters, self.shape[0], -1)
        matrix = np.tensordot(W1, self._taps(), axes=([2], [0]))  # filters, channels, places, pixels
        return matrix.transpose(0, 2, 1, 3).reshape(self.filters * height * width, -1)

    def _taps(self) -> np.ndarray:
        """T[k, p, q] = 1 where tap k of a kernel, at place p, lies on pixel q; nothing where it lies on padding."""
        _, height, width = self.shape
        size = self.params["W1"].shape[-1]
        taps = np.zeros((size * size, height * width, height * width))
        for i in range(size):
            for j in range(size):
                for row in range(height):
                    for column in range(width):
                        r, c = row + i - size // 2, column + j - size // 2
                        if 0 <= r < height and 0 <= c < width:
                            taps[i * size + j, row * width + column, r * width + c] = 1
        return taps

    def one(self, x: Any) -> tuple[np.ndarray, np.ndarray]:
        """Scores (classes,) of an image (C, H, W), and their Jacobian by its pixels (classes, C·H·W); remembered."""
        pixels = np.asarray(x).reshape(-1)
        key = pixels.tobytes() + pixels.dtype.char.encode()
        if key not in self._known:
            self._known[key] = self._one(pixels)
        return self._known[key]

    def _one(self, pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        p, matrix, (_, height, width) = self.params, self.matrix, self.shape
        maps = (matrix @ (pixels - 0.5)).reshape(self.filters, height, width)
        maps = maps + p["b1"][:, None, None]
        rows = []
        for f in range(self.filters):
            for r in range(0, height, 2):
                for c in range(0, width, 2):
                    places = [(f, r + i, c + j) for i in (0, 1) for j in (0, 1)]
                    f, r_best, c_best = max(places, key=lambda place: maps[place])
                    rows.append((f * height + r_best) * width + c_best)
        pooled, jacobian = maps.reshape(-1)[rows], matrix[rows]
        on = pooled > 0
        hidden = (pooled * on) @ p["W2"] + p["b2"]
        jacobian = p["W2"].T @ (jacobian * on[:, None])
        on = hidden > 0
        return (hidden * on) @ p["W3"] + p["b3"], p["W3"].T @ (jacobian * on[:, None])

    def scores(self, X: Any) -> np.ndarray:
        """Scores (N, classes)."""
        return np.array([self.one(x)[0] for x in X])

    def probabilities(self, X: Any) -> np.ndarray:
        """Softmax of the scores."""
        return np.array([[1 / sum(np.exp(other - z) for other in row) for z in row] for row in self.scores(X)])

    def labels(self, X: Any) -> np.ndarray:
        """The classes of the largest scores."""
        return np.array([int(np.argmax(row)) for row in self.scores(X)])

    def loss(self, X: Any, y: Any) -> float:
        """Mean cross-entropy."""
        total = 0.0
        for row, label in zip(self.scores(X), y, strict=True):
            total = total + np.log(np.sum(np.exp(row - row[label])))
        return total / len(y)

    def slopes(self, X: Any, y: Any) -> np.ndarray:
        """Gradient of the mean cross-entropy by the pixels."""
        out = []
        for x, label in zip(np.asarray(X), y, strict=True):
            scores, jacobian = self.one(x)
            weights = np.exp(scores) / np.sum(np.exp(scores))
            out.append(((weights @ jacobian) - jacobian[label]).reshape(x.shape))
        return np.array(out) / len(out)

    def saliency(self, X: Any, y: Any) -> np.ndarray:
        """(N, H, W): for every pixel the largest size, over the channels, of the slope of the score of class y."""
        maps = []
        for x, label in zip(np.asarray(X), y, strict=True):
            slopes = self.one(x)[1][label].reshape(x.shape)
            maps.append(np.maximum(slopes, -slopes).max(axis=0))
        return np.array(maps)

    def pushed(self, X: Any, y: Any, step: float, epsilon: float, times: int = 1, start: Any = None) -> np.ndarray:
        """Steps along the sign of the slopes (against it for step < 0), at most epsilon from X, within [0, 1]."""
        now = np.array(X if start is None else start, dtype=float)
        low, high = np.maximum(np.asarray(X) - epsilon, 0), np.minimum(np.asarray(X) + epsilon, 1)
        for _ in range(times):
            slopes = self.slopes(now, y)
            now = np.where(slopes > 0, now + step, np.where(slopes < 0, now - step, now))
            now = np.minimum(np.maximum(now, low), high)
        return now

    def parameter_slopes(self, X: Any, dscores: Any) -> dict[str, np.ndarray]:
        """Gradient by every parameter, from that by the scores: by the library, since it is not the exercise."""
        hidden, classes = self.params["W3"].shape
        net = PixelNet(self.shape, (self.filters,), 3, hidden, classes, dtype=np.float64)
        net.params = {name: value.astype(np.float64) for name, value in self.params.items()}
        return net.backward(np.asarray(dscores, dtype=float), net.forward(X)[1])[1]

    def loss_slopes(self, X: Any, y: Any) -> dict[str, np.ndarray]:
        """Gradient of the mean cross-entropy by every parameter."""
        onehot = np.equal.outer(y, np.arange(len(self.params["b3"])))
        return self.parameter_slopes(X, (self.probabilities(X) - onehot) / len(X))

    def climbed(self, x: Any, target: int, step: float, times: int, confidence: float) -> tuple[np.ndarray, int]:
        """Steps of this length along the slope of the target's score, until sure enough; and how many there were."""
        now, made = np.asarray(x, dtype=float), 0
        while made < times and self.probabilities([now])[0, target] < confidence:
            slope = self.one(now)[1][target]
            length = math.sqrt(float(slope @ slope))
            if length == 0:
                break
            now = np.minimum(np.maximum(now + (step / length) * slope.reshape(now.shape), 0), 1)
            made += 1
        return now, made
