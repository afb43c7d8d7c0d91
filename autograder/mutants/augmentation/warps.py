"""Looking up and affine warps: other right ways, and mistakes."""

import numpy as np

from autograder.mutants.augmentation.moves import IN_PLACE, named
from autograder.testing import alternative, mutant


def tents(images, x, y, clip=True):
    """Bilinear lookup with the weights of all pixels as matrices, before rounding."""
    height, width = images.shape[1:3]
    if clip:
        x, y = np.clip(x, 0, width - 1), np.clip(y, 0, height - 1)
    across = np.maximum(0, 1 - np.abs(np.asarray(x)[..., None] - np.arange(width)))
    down = np.maximum(0, 1 - np.abs(np.asarray(y)[..., None] - np.arange(height)))
    rows = np.einsum("nabi,nijc->nabjc", down, images.astype(float), optimize=True)
    return np.einsum("nabj,nabjc->nabc", across, rows)


def pixels(values):
    """Rounded, clipped, uint8."""
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


@alternative("affine_warp", "weights of all pixels", replaces="sample_bilinear")
def all_weights(images, x, y):
    return pixels(tents(images, x, y))


@alternative("affine_warp", "the four corners summed one after the other", replaces="sample_bilinear")
def corner_by_corner(images, x, y):
    height, width = images.shape[1:3]
    x, y = np.minimum(np.maximum(x, 0), width - 1), np.minimum(np.maximum(y, 0), height - 1)
    total, n = 0.0, np.arange(len(images)).reshape(-1, 1, 1)
    for i in (0, 1):
        for j in (0, 1):
            row, column = np.floor(y).astype(int) + i, np.floor(x).astype(int) + j
            weight = np.abs(1 - i - (y % 1)) * np.abs(1 - j - (x % 1))
            total = total + weight[..., None] * images[n, np.minimum(row, height - 1), np.minimum(column, width - 1)]
    return np.floor(total + 0.5).astype(np.uint8)


def right_places(images, matrices, middle=lambda size: (size - 1) / 2, inverse=np.linalg.inv, order=None):
    """Columns and rows that the pixels of a warp come from; the settings are where mistakes are made."""
    _n, height, width, _ = images.shape
    centre = middle(width), middle(height)
    x, y = np.meshgrid(np.arange(width) - centre[0], np.arange(height) - centre[1])
    matrices = np.asarray(matrices, dtype=float)
    A, t = matrices[:, :, :2], matrices[:, :, 2]
    back = inverse(A)
    if order == "t last":
        source = np.einsum("nij,jab->niab", back, np.stack([x, y])) - t[:, :, None, None]
    else:
        source = np.einsum("nij,njab->niab", back, np.stack([x, y]) - t[:, :, None, None])
    return source[:, 0] + centre[0], source[:, 1] + centre[1]


@alternative("affine_warp", "with einsum and a mesh grid", replaces="affine_warp")
def mesh_grid(images, matrices):
    return pixels(tents(images, *right_places(images, matrices)))


@alternative("affine_warp", "image by image, with 3 × 3 matrices in pixel indices", replaces="affine_warp")
def homogeneous(images, matrices):
    out = []
    for image, matrix in zip(images, matrices, strict=True):
        height, width, _ = image.shape
        to_centre = np.array([[1, 0, -(width - 1) / 2], [0, 1, -(height - 1) / 2], [0, 0, 1.0]])
        whole = np.linalg.inv(to_centre) @ np.vstack([matrix, [0, 0, 1]]) @ to_centre
        rows, columns = np.indices((height, width))
        places = np.stack([columns, rows, np.ones_like(rows)]).reshape(3, -1)
        x, y, _ = np.linalg.solve(whole, places)
        out.append(tents(image[None], x.reshape(1, height, width), y.reshape(1, height, width))[0])
    return np.floor(np.array(out) + 0.5).astype(np.uint8)


# Mistakes in looking up -----------------------------------------------------------------------------------------------


def _sample(name, sentence, values, finish=pixels):
    mutant("affine_warp", sentence, replaces="sample_bilinear")(
        named(name, lambda images, x, y: finish(values(images, np.asarray(x, float), np.asarray(y, float))))
    )


def _inside(images, x, y):
    return np.clip(x, 0, images.shape[2] - 1), np.clip(y, 0, images.shape[1] - 1)


def _black_outside(images, x, y):
    near = (x >= 0) & (x <= images.shape[2] - 1) & (y >= 0) & (y <= images.shape[1] - 1)
    return tents(images, x, y) * near[..., None]


def _round_the_other_side(images, x, y):
    height, width = images.shape[1:3]
    n, left, above = np.arange(len(images)).reshape(-1, 1, 1), np.floor(x).astype(int), np.floor(y).astype(int)
    f, g = (x - left)[..., None], (y - above)[..., None]

    def at(row, column):
        return images[n, row % height, column % width].astype(float)

    upper = (1 - f) * at(above, left) + f * at(above, left + 1)
    return (1 - g) * upper + g * ((1 - f) * at(above + 1, left) + f * at(above + 1, left + 1))


def _clipped_too_late(images, x, y):
    """Indices are clipped, the shares of the way are not taken anew."""
    height, width = images.shape[1:3]
    n = np.arange(len(images)).reshape(-1, 1, 1)
    left, above = (np.clip(np.floor(each).astype(int), 0, max(size - 2, 0)) for each, size in ((x, width), (y, height)))
    f, g = (x - left)[..., None], (y - above)[..., None]
    right, below = np.minimum(left + 1, width - 1), np.minimum(above + 1, height - 1)
    upper = (1 - f) * images[n, above, left] + f * images[n, above, right]
    return (1 - g) * upper + g * ((1 - f) * images[n, below, left] + f * images[n, below, right])


def _exchanged(images, x, y):
    return tents(images.transpose(0, 2, 1, 3), x, y)


_sample(
    "nearest",
    "The nearest pixel is taken: blend the four around the place.",
    lambda im, x, y: tents(im, *map(np.rint, _inside(im, x, y))),
)
_sample(
    "upper_left",
    "The pixel above and to the left is taken: blend the four around the place.",
    lambda im, x, y: tents(im, *map(np.floor, _inside(im, x, y))),
)
_sample(
    "weights_exchanged",
    "The weights are exchanged: the nearer pixel has the larger one.",
    lambda im, x, y: tents(
        im, *(np.floor(each) + (np.floor(each) < each) * (1 - each % 1) for each in _inside(im, x, y))
    ),
)
_sample("x_as_row", "x and y are exchanged: x counts columns, the third axis, and y counts rows.", _exchanged)
_sample(
    "only_across",
    "Only columns are blended, rows are cut off: blend both ways.",
    lambda im, x, y: tents(im, _inside(im, x, y)[0], np.floor(_inside(im, x, y)[1])),
)
_sample(
    "black_outside",
    "Places outside of the image become black: they take the nearest pixel of the edge.",
    _black_outside,
)
_sample(
    "round_the_other_side",
    "Places outside come back at the other side of the image: they take the nearest pixel of the edge.",
    _round_the_other_side,
)
_sample(
    "clipped_too_late",
    "Indices are clipped but the weights are not: move x and y into the image before anything else.",
    _clipped_too_late,
)
_sample(
    "sample_cut_off",
    "The conversion to uint8 cuts numbers off: round before.",
    tents,
    lambda v: (v + 1e-9).astype(np.uint8),
)
_sample(
    "first_image_for_all",
    "All places are looked up in the first image: each image has its own.",
    lambda im, x, y: tents(np.repeat(im[:1], len(im), axis=0), x, y),
)
_sample(
    "first_places_for_all",
    "All images are looked up at the first one's places: each image has places of its own.",
    lambda im, x, y: tents(im, np.repeat(x[:1], len(im), axis=0), np.repeat(y[:1], len(im), axis=0)),
)
_sample(
    "last_column_lost",
    "Places are moved into the image too far: the last column is W - 1, the last row H - 1.",
    lambda im, x, y: tents(im, np.clip(x, 0, max(im.shape[2] - 2, 0)), np.clip(y, 0, max(im.shape[1] - 2, 0))),
)
_sample("sampled_floats", "The result is an array of floats: pixels stay uint8.", tents, np.rint)

# Mistakes in the warp -------------------------------------------------------------------------------------------------


def _warp(name, sentence, places):
    mutant("affine_warp", sentence, replaces="affine_warp")(
        named(name, lambda images, matrices: pixels(tents(images, *places(images, np.asarray(matrices, float)))))
    )


def _forward(images, matrices):
    _n, height, width, _ = images.shape
    x, y = np.meshgrid(np.arange(width) - (width - 1) / 2, np.arange(height) - (height - 1) / 2)
    place = np.einsum("nij,jab->niab", matrices[:, :, :2], np.stack([x, y])) + matrices[:, :, 2, None, None]
    return place[:, 0] + (width - 1) / 2, place[:, 1] + (height - 1) / 2


def _swapped(matrices):
    """The same map with x and y exchanged."""
    return matrices[:, ::-1][:, :, [1, 0, 2]]


def _crossed_centre(images, matrices):
    x, y = right_places(images, matrices)
    _n, height, width, _ = images.shape
    return x + (height - width) / 2, y + (width - height) / 2


_warp(
    "forward_matrix",
    "The matrix is used forwards: for each pixel of the result ask where it comes from, with the inverse.",
    _forward,
)
_warp(
    "t_after_the_inverse",
    "The translation is subtracted after the inverse was applied: subtract it first.",
    lambda im, m: right_places(im, m, order="t last"),
)
_warp(
    "t_added",
    "The translation is added: on the way back it is subtracted.",
    lambda im, m: right_places(im, m * np.array([1, 1, -1])),
)
_warp(
    "transposed",
    "The matrix is transposed, not inverted: that is the same for rotations only.",
    lambda im, m: right_places(im, m, inverse=lambda A: A.transpose(0, 2, 1)),
)
_warp(
    "x_and_y_exchanged",
    "x and y are exchanged: x goes to the right, along columns.",
    lambda im, m: right_places(im, _swapped(m)),
)
_warp(
    "half_a_pixel_off",
    "The centre is half a pixel off: it lies at (W - 1) / 2, not at W / 2.",
    lambda im, m: right_places(im, m, middle=lambda size: size / 2),
)
_warp(
    "sides_of_the_centre_exchanged",
    "Height and width are exchanged when the centre is added: that shows where images are not square.",
    _crossed_centre,
)
_warp(
    "centre_cut_off",
    "The centre is cut off to a whole number: of an even number of columns it lies between two pixels.",
    lambda im, m: right_places(im, m, middle=lambda size: (size - 1) // 2),
)
_warp(
    "whole_places",
    "The places are rounded before they are looked up: look up between the pixels.",
    lambda im, m: tuple(np.rint(places) for places in right_places(im, m)),
)
_warp(
    "first_matrix_for_all",
    "All images are warped by the first matrix: each has its own.",
    lambda im, m: right_places(im, np.repeat(m[:1], len(m), axis=0)),
)


@mutant(
    "affine_warp",
    "The map is taken about the top left corner: x and y are measured from the centre.",
    replaces="affine_warp",
)
def about_the_corner(images, matrices):
    _n, height, width, _ = images.shape
    x, y = np.meshgrid(np.arange(width), np.arange(height))
    m = np.asarray(matrices, float)
    place = np.einsum("nij,njab->niab", np.linalg.inv(m[:, :, :2]), np.stack([x, y]) - m[:, :, 2, None, None])
    return pixels(tents(images, place[:, 0], place[:, 1]))


@mutant("affine_warp", IN_PLACE, replaces="affine_warp")
def warped_in_place(images, matrices):
    images[...] = pixels(tents(images, *right_places(images, matrices)))
    return images
