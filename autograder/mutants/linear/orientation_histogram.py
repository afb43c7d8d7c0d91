"""Mistakes with the histogram of orientations, and other correct solutions."""

import numpy as np

from autograder.testing import alternative, mutant


@alternative("orientation_histogram", "loops over the cells")
def cell_by_cell(images, cell=8, bins=9):
    grey = np.mean(np.asarray(images, dtype=float), axis=-1)
    n, height, width = grey.shape
    histogram = np.zeros((n, height // cell, width // cell, bins))
    for i in range(n):
        down, right = np.gradient(grey[i])
        angle, length = np.degrees(np.arctan2(down, right)) % 180, np.sqrt(down**2 + right**2)
        for r in range(height // cell):
            for c in range(width // cell):
                part = slice(r * cell, (r + 1) * cell), slice(c * cell, (c + 1) * cell)
                histogram[i, r, c] = np.histogram(angle[part], bins, (0, 180), weights=length[part])[0]
        norm = np.linalg.norm(histogram[i])
        histogram[i] /= norm if norm > 0 else 1
    return histogram


@alternative("orientation_histogram", "votes shared by the two nearest bins, no edges at the border")
def shared_votes(images, cell=8, bins=9):
    return _oriented(images, cell, bins, border=False, shared=True)


def _gradients(grey, border):
    down, right = np.zeros_like(grey), np.zeros_like(grey)
    down[:, 1:-1], right[:, :, 1:-1] = (grey[:, 2:] - grey[:, :-2]) / 2, (grey[:, :, 2:] - grey[:, :, :-2]) / 2
    return np.gradient(grey, axis=(1, 2)) if border else (down, right)


def _oriented(images, cell, bins, border=True, shared=False, **faults):
    grey = faults.get("grey", lambda images: np.asarray(images, dtype=float).mean(axis=3))(images)
    down, right = _gradients(grey, border)
    around = 2 * np.pi if faults.get("directed") else np.pi
    angle = np.arctan2(right, down) if faults.get("swapped") else np.arctan2(down, right)
    place = (angle % around) / around * bins
    length = np.ones_like(place) if faults.get("unweighted") else np.hypot(down, right)
    if shared:
        low = np.floor(place - 0.5).astype(int)
        part = place - 0.5 - low
        votes = np.stack(
            [length * ((low % bins == b) * (1 - part) + ((low + 1) % bins == b) * part) for b in range(bins)]
        )
    else:
        chosen = np.round(place) if faults.get("rounded") else np.floor(place)
        votes = np.stack([length * (chosen.astype(int) % bins == b) for b in range(bins)])
    n, height, width = grey.shape
    histogram = votes.reshape(bins, n, height // cell, cell, width // cell, cell).sum(axis=(3, 5))
    histogram = np.moveaxis(histogram, 0, -1)
    axes = {"image": (1, 2, 3), "cell": 3, "batch": None, "none": ()}[faults.get("norm", "image")]
    if axes == ():
        return histogram
    norm = np.sqrt(np.sum(histogram**2, axis=axes, keepdims=True))
    with np.errstate(all="ignore"):
        return histogram / (norm if faults.get("unguarded") else np.where(norm > 0, norm, 1))


def _wrapping_grey(images):
    images = np.asarray(images)
    return (images[..., 0] + images[..., 1] + images[..., 2]) / 3


def _fault(name, sentence, **faults):
    def work(images, cell=8, bins=9):
        return _oriented(images, cell, bins, **faults)

    work.__name__ = name
    mutant("orientation_histogram", sentence)(work)


_fault("directed_edges", "Angles run over a full turn: edges in opposite directions should share a bin.", directed=True)
_fault("swapped_axes", "The two gradients are swapped in the angle: growth along a row is 0 degrees.", swapped=True)
_fault(
    "rounded_bins",
    "Angles are rounded to the nearest bin number; a bin begins at its multiple of the width.",
    rounded=True,
)
_fault("unweighted_votes", "Every pixel votes with the same weight; a strong edge should count more.", unweighted=True)
_fault("not_normalised", "The histograms are not divided by their norm, so that contrast matters.", norm="none")
_fault("normalised_by_cell", "Each cell is divided by its own norm; one norm for the image belongs here.", norm="cell")
_fault("normalised_by_batch", "One norm is taken over the whole batch; every image has its own.", norm="batch")
_fault("division_by_zero", "An image without edges is divided by its norm, which is 0.", unguarded=True)
_fault("uint8_wraps", "Adding uint8 channels wraps at 256: turn the images to floats first.", grey=_wrapping_grey)
_fault(
    "first_channel",
    "Only one channel is used; grey is the mean of the three.",
    grey=lambda im: np.asarray(im, float)[..., 0],
)


@mutant("orientation_histogram", "The cells are cut in the wrong order: pixels far apart share a cell.")
def scattered_cells(images, cell=8, bins=9):
    images = np.asarray(images, dtype=float)
    histogram = _oriented(images, 1, bins)
    n, height, width, _ = histogram.shape
    histogram = histogram.reshape(n, cell, height // cell, cell, width // cell, bins).sum(axis=(1, 3))
    norm = np.sqrt(np.sum(histogram**2, axis=(1, 2, 3), keepdims=True))
    return histogram / np.where(norm > 0, norm, 1)
