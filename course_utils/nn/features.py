"""Hand-made features of images: histograms of edge directions and of colours."""

import numpy as np


def gradient_orientation_histogram(images: np.ndarray, cell: int = 8, bins: int = 9) -> np.ndarray:
    """Histograms of gradient directions, a cell at a time, each cell's vector scaled to length 1 (0 stays 0).

    images: (N, H, W, C) or (N, H, W), H and W multiples of `cell`; `bins` directions in [0, π), weighted by the
    gradient's length and shared between the two nearest bins; the middle of bin b is at (b + ½) π / bins. Returns
    (N, H/cell · W/cell · bins) float64: cell after cell, row by row. Raises ValueError for images of other shapes.
    Source: Dalal and Triggs, "Histograms of Oriented Gradients for Human Detection", 2005, without overlapping blocks.
    """
    gray = _gray(images)
    N, H, W = gray.shape
    if cell < 1 or H % cell or W % cell:
        raise ValueError(f"gradient_orientation_histogram: {H}×{W} pixels do not divide into cells of {cell}×{cell}")
    if bins < 1:
        raise ValueError(f"gradient_orientation_histogram: bins is {bins}; at least 1 is needed")
    dy, dx = np.gradient(gray, axis=(1, 2))
    length = np.hypot(dx, dy)
    position = (np.arctan2(dy, dx) % np.pi) * bins / np.pi - 0.5  # now the middle of bin b is at b
    lower = np.floor(position).astype(int)
    share = position - lower
    rows, columns = H // cell, W // cell
    place = (np.arange(H)[:, None] // cell) * columns + np.arange(W)[None, :] // cell
    cells = np.arange(N)[:, None, None] * (rows * columns) + place
    size = N * rows * columns * bins
    histogram = np.bincount((cells * bins + lower % bins).ravel(), ((1 - share) * length).ravel(), size)
    histogram += np.bincount((cells * bins + (lower + 1) % bins).ravel(), (share * length).ravel(), size)
    histogram = histogram.reshape(N, rows * columns, bins)
    norms = np.linalg.norm(histogram, axis=2, keepdims=True)
    return (histogram / np.where(norms > 1e-9, norms, 1.0)).reshape(N, -1)


def colour_histogram(images: np.ndarray, bins: int = 8) -> np.ndarray:
    """How often each hue occurs, weighted by how colourful the pixel is. images: (N, H, W, 3) → (N, bins).

    Rows sum to 1; an image without any colour gives zeros. Raises ValueError for images of other shapes.
    Source of the hue: A. R. Smith, "Color Gamut Transform Pairs", 1978 (the hexagonal one of HSV).
    """
    if images.ndim != 4 or images.shape[-1] != 3:
        raise ValueError(f"colour_histogram: colour images of shape (N, H, W, 3) are needed, not {images.shape}")
    if bins < 1:
        raise ValueError(f"colour_histogram: bins is {bins}; at least 1 is needed")
    pixels = images.astype(float)
    high, low = pixels.max(axis=-1), pixels.min(axis=-1)
    spread = high - low
    safe = np.where(spread > 0, spread, 1.0)
    r, g, b = (pixels[..., channel] for channel in range(3))
    hue = np.where(high == r, (g - b) / safe % 6, np.where(high == g, (b - r) / safe + 2, (r - g) / safe + 4)) / 6
    index = np.minimum((hue * bins).astype(int), bins - 1)
    N = len(images)
    flat = (np.arange(N)[:, None, None] * bins + index).ravel()
    histogram = np.bincount(flat, spread.ravel(), N * bins).reshape(N, bins)
    total = histogram.sum(axis=1, keepdims=True)
    return histogram / np.where(total > 0, total, 1.0)


def _gray(images: np.ndarray) -> np.ndarray:
    if images.ndim == 4:
        return images.mean(axis=-1, dtype=float)
    if images.ndim == 3:
        return images.astype(float)
    raise ValueError(
        f"gradient_orientation_histogram: images of shape (N, H, W, C) or (N, H, W) are needed, not {images.shape}"
    )
