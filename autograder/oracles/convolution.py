"""Reference answers of notebook 08, in float64.

`choices(size, window, stride, pad)` is a table of zeros and ones, A[r, i, h] = 1 where element i of the window, at its
place r, lies on pixel h; there are no pixels of padding. With one table for the rows and one for the columns, windows
are a sum of products over all indices that they do not have themselves, and so is what is summed back from windows to
pixels: the same sum with other letters kept.
"""

import itertools
import math
from typing import Any

import numpy as np

Layer = tuple[int, int, int, int]  # window's height and width, stride, pad


def output_size(size: int, window: int, stride: int, pad: int) -> int | None:
    """How many places a window has along an axis, found by walking; None where the last place is not at the end."""
    places, end = 0, window - pad
    while end <= size + pad:
        places, end = places + 1, end + stride
    return places if places and end - stride == size + pad else None


def correlation(image: Any, kernel: Any) -> np.ndarray:
    """'valid' cross-correlation of two-dimensional arrays, as a double sum."""
    pixels, weights = np.asarray(image, dtype=np.float64), np.asarray(kernel, dtype=np.float64)
    rows, across = choices(pixels.shape[0], weights.shape[0]), choices(pixels.shape[1], weights.shape[1])
    return np.einsum("riv,tjv,ij->rt", rows @ pixels, across, weights)


def convolution(image: Any, kernel: Any) -> np.ndarray:
    """'valid' convolution: element (i, j) of the kernel meets the pixel i rows above and j columns left of the window's
    last one.
    """
    pixels, weights = np.asarray(image, dtype=np.float64), np.asarray(kernel, dtype=np.float64)
    (height, width), (rows, columns) = pixels.shape, weights.shape
    out = np.zeros((height - rows + 1, width - columns + 1))
    for (i, j), weight in np.ndenumerate(weights):
        top, left = rows - 1 - i, columns - 1 - j
        out += weight * pixels[top : top + out.shape[0], left : left + out.shape[1]]
    return out


def choices(size: int, window: int, stride: int = 1, pad: int = 0) -> np.ndarray:
    """A (places, window, size): 1 where an element of the window at a place lies on a pixel."""
    places = output_size(size, window, stride, pad)
    if places is None:
        raise ValueError("a hidden test asked for a window that does not fit")
    place, element, pixel = np.ogrid[:places, :window, :size]
    return (stride * place + element - pad == pixel).astype(np.float64)


def _tables(x: np.ndarray, layer: Layer) -> tuple[np.ndarray, np.ndarray]:
    height, width, stride, pad = layer
    return choices(x.shape[2], height, stride, pad), choices(x.shape[3], width, stride, pad)


def _contract(letters: str, *operands: Any) -> np.ndarray:
    return np.einsum(letters, *(np.asarray(each, dtype=np.float64) for each in operands))


def windows(x: Any, layer: Layer) -> np.ndarray:
    """All windows, (N, OH, OW, C, height, width); zeros where they lie on padding."""
    rows, across = _tables(x, layer)
    return _contract("tjv,nrciv->nrtcij", across, _contract("rih,nchv->nrciv", rows, x))


def images(cols: Any, shape: tuple[int, ...], layer: Layer) -> np.ndarray:
    """col2im: each pixel's sum over the rows of `cols` in which it stands, (N, C, H, W)."""
    rows, across = _tables(np.empty(shape), layer)
    size = (shape[0], len(rows), len(across), shape[1], *layer[:2])
    return _contract("rih,nrciv->nchv", rows, _contract("tjv,nrtcij->nrciv", across, np.reshape(cols, size)))


def columns(x: Any, layer: Layer) -> np.ndarray:
    """im2col: a window a row, (N·OH·OW, C·height·width)."""
    found = windows(x, layer)
    return found.reshape(math.prod(found.shape[:3]), -1)


def _layer(w: Any, stride: int, pad: int) -> Layer:
    return (*np.shape(w)[2:], stride, pad)


def conv(x: Any, w: Any, b: Any, stride: int, pad: int) -> np.ndarray:
    """The output of a convolution layer, (N, F, OH, OW)."""
    sums = _contract("nrtcij,fcij->nfrt", windows(x, _layer(w, stride, pad)), w)
    return sums + np.asarray(b, dtype=np.float64)[None, :, None, None]


def conv_slopes(dout: Any, x: Any, w: Any, stride: int, pad: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The gradients of sum(dout · out) by x, w and b."""
    layer = _layer(w, stride, pad)
    dx = images(_contract("nfrt,fcij->nrtcij", dout, w), np.shape(x), layer)
    dw = _contract("nfrt,nrtcij->fcij", dout, windows(x, layer))
    return dx, dw, _contract("nfrt->f", dout)


def max_pool(x: Any, layer: Layer) -> np.ndarray:
    """The largest pixel of each window, (N, C, OH, OW)."""
    return windows(x, layer).max(axis=(4, 5)).transpose(0, 3, 1, 2)


def max_pool_slopes(dout: Any, x: Any, layer: Layer) -> np.ndarray:
    """The gradient of sum(dout · out) by x, where no window has two largest pixels."""
    found = windows(x, layer)
    largest = found == found.max(axis=(4, 5), keepdims=True)
    return images(_contract("nrtcij,ncrt->nrtcij", largest, dout), np.shape(x), layer)


def avg_pool(x: Any, layer: Layer) -> np.ndarray:
    """The mean of each window, (N, C, OH, OW)."""
    return _contract("nrtcij->ncrt", windows(x, layer)) / (layer[0] * layer[1])


def avg_pool_slopes(dout: Any, shape: tuple[int, ...], layer: Layer) -> np.ndarray:
    """The gradient of sum(dout · out) by x."""
    share = np.full(layer[:2], 1 / (layer[0] * layer[1]))
    return images(_contract("ncrt,ij->nrtcij", dout, share), shape, layer)


def seen_pixels(layers: list[tuple[int, int]]) -> int:
    """The receptive field: how many pixels the outputs in one place depend on, by following them back to the input."""
    needed = {0}
    for window, stride in reversed(layers):
        needed = {place * stride + element for place in needed for element in range(window)}
    return max(needed) - min(needed) + 1


def parameters(layers: list[tuple[Any, ...]]) -> int:
    """The number of parameters, one output's share at a time."""
    total = 0
    for kind, *sizes in layers:
        if kind == "dense":
            total += sum(sizes[0] + 1 for _ in range(sizes[1]))
        elif kind == "conv":
            channels, filters, height, width = sizes
            total += sum(1 + sum(height * width for _ in range(channels)) for _ in range(filters))
        elif kind == "local":
            channels, filters, height, width, rows, across = sizes
            each = 1 + len(list(itertools.product(range(channels), range(height), range(width))))
            total += sum(each for _ in itertools.product(range(rows), range(across), range(filters)))
        elif kind == "batchnorm":
            total += sizes[0] + sizes[0]
    return total


# Batch normalisation of images ---------------------------------------------------------------------------------------


def channel_statistics(x: Any) -> tuple[np.ndarray, np.ndarray]:
    """Mean and biased variance of each channel, over examples and pixels."""
    values = [np.asarray(x, dtype=np.float64)[:, c].ravel().tolist() for c in range(np.shape(x)[1])]
    means = [math.fsum(each) / len(each) for each in values]
    variances = [math.fsum((v - m) ** 2 for v in each) / len(each) for each, m in zip(values, means, strict=True)]
    return np.array(means), np.array(variances)


def normalized(x: Any, mean: Any, variance: Any, gamma: Any, beta: Any, eps: float = 1e-5) -> np.ndarray:
    """gamma·(x − mean)/√(variance + eps) + beta, a channel at a time."""
    out = np.empty(np.shape(x))
    for c in range(out.shape[1]):
        out[:, c] = gamma[c] * (np.asarray(x)[:, c] - mean[c]) / math.sqrt(variance[c] + eps) + beta[c]
    return out


def normalized_slopes(dout: Any, x: Any, gamma: Any, eps: float = 1e-5) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The gradients of sum(dout · out) in training, by the whole Jacobian of a channel's values."""
    dx, dgamma, dbeta = np.empty(np.shape(x)), np.empty(np.shape(gamma)), np.empty(np.shape(gamma))
    for c in range(len(dgamma)):
        values, upstream = np.asarray(x, dtype=np.float64)[:, c].ravel(), np.asarray(dout)[:, c].ravel()
        count, centred = len(values), values - values.mean()
        deviation = math.sqrt(np.mean(centred**2) + eps)
        jacobian = (np.eye(count) - 1 / count) / deviation - np.outer(centred, centred) / (count * deviation**3)
        dx[:, c] = gamma[c] * (jacobian.T @ upstream).reshape(dx[:, c].shape)
        dgamma[c], dbeta[c] = np.sum(upstream * centred / deviation), np.sum(upstream)
    return dx, dgamma, dbeta


# The net -------------------------------------------------------------------------------------------------------------

POOL = (2, 2, 2, 0)


def _steps(params: dict[str, np.ndarray], X: Any) -> dict[str, np.ndarray]:
    """What each layer of conv – ReLU – pool – affine – ReLU – affine gives out."""
    at = {"conv": conv(X, params["W1"], params["b1"], 1, params["W1"].shape[2] // 2)}
    at["map"] = np.where(at["conv"] > 0, at["conv"], 0.0)
    at["pooled"] = max_pool(at["map"], POOL)
    at["flat"] = at["pooled"].reshape(len(at["pooled"]), -1)
    at["unit"] = _contract("nd,dh->nh", at["flat"], params["W2"]) + params["b2"]
    at["hidden"] = np.where(at["unit"] > 0, at["unit"], 0.0)
    at["scores"] = _contract("nh,hc->nc", at["hidden"], params["W3"]) + params["b3"]
    return at


def net_scores(params: dict[str, np.ndarray], X: Any) -> np.ndarray:
    """Scores (N, classes)."""
    return _steps(params, X)["scores"]


def net_loss(params: dict[str, np.ndarray], X: Any, y: Any, reg: float = 0.0) -> tuple[float, dict[str, np.ndarray]]:
    """Softmax cross-entropy plus 0.5·reg·ΣW², and its gradients."""
    at, labels = _steps(params, X), np.asarray(y)
    wanted = np.eye(at["scores"].shape[1])[labels]
    odds = np.exp(at["scores"]) / np.exp(at["scores"]).sum(axis=1, keepdims=True)
    loss = -float(np.log((odds * wanted).sum(axis=1)).mean())
    grads: dict[str, np.ndarray] = {}
    back = (odds - wanted) / len(labels)
    grads["W3"], grads["b3"] = _contract("nh,nc->hc", at["hidden"], back), _contract("nc->c", back)
    back = _contract("nc,hc->nh", back, params["W3"]) * (at["unit"] > 0)
    grads["W2"], grads["b2"] = _contract("nd,nh->dh", at["flat"], back), _contract("nh->h", back)
    back = _contract("nh,dh->nd", back, params["W2"]).reshape(at["pooled"].shape)
    back = max_pool_slopes(back, at["map"], POOL) * (at["conv"] > 0)
    pad = params["W1"].shape[2] // 2
    _, grads["W1"], grads["b1"] = conv_slopes(back, X, params["W1"], 1, pad)
    for name in ("W1", "W2", "W3"):
        loss += 0.5 * reg * math.fsum((params[name] ** 2).ravel().tolist())
        grads[name] = grads[name] + reg * params[name]
    return loss, grads


def clear_of_kinks(params: dict[str, np.ndarray], X: Any, distance: float = 1e-3) -> bool:
    """Whether no unit is near its kink, and no window that passes anything on has two pixels nearly as large."""
    at = _steps(params, X)
    found = windows(at["conv"], POOL)
    top = np.sort(found.reshape(*found.shape[:4], -1), axis=-1)
    ties = np.any((top[..., -1] - top[..., -2] < distance) & (top[..., -1] > 0))
    return not ties and min(np.abs(at["conv"]).min(), np.abs(at["unit"]).min()) > distance
