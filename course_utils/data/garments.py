"""`garments`: Fashion-MNIST clothes, tinted and laid over crops of photographs. Composited images, not photographs.

The files in data/ hold the grey clothes and the photographs; this module puts them together at first use. All of it is
whole-number arithmetic on draws from `RandomState`, whose stream NumPy has promised never to change: the same bytes
come out on every machine, and their SHA-256 is written below.
"""

import hashlib
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course_utils.data.cache import cached_array
from course_utils.data.dataset import SPLITS, Dataset
from course_utils.data.errors import DataError
from course_utils.data.shipped import read_arrays, shipped_file

Integers = NDArray[np.integer[Any]]

CLASS_NAMES = ("T-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot")
SIZES = {"train": 10_000, "val": 2_000, "test": 2_000}
SEEDS = {"train": 1001, "val": 1002, "test": 1003}
IMAGES_SHA256 = "adf77a1268ba15f64fac215f0dfeba7a14d6f01ef7b6c28e02a379aca32bf0a1"
LABELS_SHA256 = "4899b39ebee7e7e22a84b22502ffdf28f6ad87d9fcac467d16f7ee20c1f065a9"

SIDE, GARMENT, MARGIN = 32, 28, 2
CHUNK = 250  # images at a time: the working arrays of a chunk fit in a processor's cache
CHANNEL_ORDERS = np.array([[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]])

# Half-open ranges of what is drawn for each image; 256 stands for 1 in gains and strengths.
CONTRAST = (128, 256)  # of the background about its mean
BACKGROUND_LEVEL = (40, 216)  # mean grey value of the background
TINT_STRENGTH = (26, 128)  # 0 would be white cloth, 256 the pure hue
LIGHT = (230, 308)  # brightness of the garment
OPACITY = 6  # a garment pixel of 43 or more hides the background


def load() -> Dataset:
    """The `garments` data set: 10,000 train, 2,000 val and 2,000 test images of ten classes of clothes.

    Takes about two seconds the first time and hundredths of a second after that (see `course_utils.data.cache`).
    Raises DataError when the shipped files are missing or not those of this release.
    """
    path = shipped_file("garments.npz")
    labels = np.concatenate(read_arrays(path, *(f"{which}_labels" for which in SPLITS)))
    if hashlib.sha256(labels.tobytes()).hexdigest() != LABELS_SHA256:
        raise DataError(f"{path}: its labels are not those of this release. Install the course again to get them back.")
    images = cached_array(
        f"garments-{IMAGES_SHA256[:12]}.raw", (sum(SIZES.values()), SIDE, SIDE, 3), IMAGES_SHA256, _make_images
    )
    edges = np.cumsum([SIZES[which] for which in SPLITS])[:-1]
    parts: dict[str, Any] = {}
    for which, some_images, some_labels in zip(
        SPLITS, np.split(images, edges), np.split(labels.astype(np.int64), edges), strict=True
    ):
        parts[f"{which}_images"], parts[f"{which}_labels"] = some_images, some_labels
    return Dataset(
        **parts,
        class_names=CLASS_NAMES,
        name="garments",
        how_it_was_made=(
            "Composited images, not photographs: grey 28×28 clothes from Fashion-MNIST (Zalando SE, MIT licence), "
            "each mirrored at random, tinted and laid over a random crop of one of eight public-domain photographs "
            "whose colours, contrast and brightness are changed at random. Whole-number arithmetic from fixed seeds."
        ),
    )


def colour(
    gray: NDArray[np.uint8],
    photos: NDArray[np.uint8],
    seed: int,
    advance: Callable[[int], object] = lambda count: None,
) -> NDArray[np.uint8]:
    """Lay (N, 28, 28) grey garments over (P, S, S, 3) photographs: (N, 32, 32, 3), the same for the same seed.

    `advance` is called with a number of images each time that many are done.
    """
    rng = np.random.RandomState(seed)  # its stream is fixed for ever; that of a Generator may change
    count, side = len(gray), photos.shape[1]

    # Every draw is made before any image, so that the result does not depend on the size of a chunk.
    photo, top, left = rng.randint(0, len(photos), count), *rng.randint(0, side - SIDE + 1, (2, count))
    channels = CHANNEL_ORDERS[rng.randint(0, len(CHANNEL_ORDERS), count)]
    photo_mirrored, garment_mirrored = rng.randint(0, 2, (2, count)) == 1
    contrast, level = rng.randint(*CONTRAST, count), rng.randint(*BACKGROUND_LEVEL, count)
    hue, strength = rng.randint(0, 256, (count, 3)), rng.randint(*TINT_STRENGTH, count)
    light = rng.randint(*LIGHT, count)

    images = np.empty((count, SIDE, SIDE, 3), np.uint8)
    for rows in _chunks(count):
        crops = _crops(photos, photo[rows], top[rows], left[rows], channels[rows])
        backgrounds = _relit(_mirror(crops, photo_mirrored[rows]), contrast[rows], level[rows])
        garments = np.zeros((len(crops), SIDE, SIDE), np.int32)
        inside = slice(MARGIN, MARGIN + GARMENT)
        garments[:, inside, inside] = _mirror(gray[rows], garment_mirrored[rows])
        images[rows] = _blend(backgrounds, garments, _cloth(hue[rows], strength[rows]), light[rows])
        advance(len(crops))
    return images


def _crops(photos: NDArray[np.uint8], photo: Integers, top: Integers, left: Integers, channels: Integers) -> Integers:
    """One 32×32 crop per image, (n, 32, 32, 3), its colour channels in the given order."""
    span = np.arange(SIDE)
    rows, columns = (top[:, None] + span)[:, :, None, None], (left[:, None] + span)[:, None, :, None]
    return photos[photo[:, None, None, None], rows, columns, channels[:, None, None, :]]


def _mirror(pictures: Integers, mirrored: NDArray[np.bool_]) -> Integers:
    """Left and right exchanged in the pictures (n, height, width, ...) that are marked."""
    pictures = pictures.copy()
    pictures[mirrored] = pictures[mirrored][:, :, ::-1]
    return pictures


def _relit(crops: Integers, contrast: Integers, level: Integers) -> Integers:
    """The crops with their contrast about the mean changed and their mean moved to `level`, cut off at 0 and 255."""
    n = len(crops)
    mean = crops.reshape(n, -1).sum(axis=1, dtype=np.int32) // (SIDE * SIDE * 3)
    deviation = crops.astype(np.int32) - _per_image(mean)
    return np.clip(((deviation * _per_image(contrast)) >> 8) + _per_image(level), 0, 255)


def _cloth(hue: Integers, strength: Integers) -> Integers:
    """(n, 3) colours: each hue at full brightness, mixed with white."""
    pure = hue * 255 // np.maximum(hue.max(axis=1, keepdims=True), 1)
    return 255 - (((255 - pure) * strength[:, None]) >> 8)


def _blend(backgrounds: Integers, garments: Integers, cloth: Integers, light: Integers) -> NDArray[np.uint8]:
    """Lit, tinted garments (n, 32, 32) over backgrounds (n, 32, 32, 3); black in a garment lets the background show."""
    # Colour and light are combined first, in 1/65280ths, so that a pixel is multiplied once.
    dye = (cloth * light[:, None]).astype(np.int32)[:, None, None, :]
    front = np.minimum(255, (garments[..., None] * dye) // (255 << 8))
    opacity = np.minimum(255, garments * OPACITY)[..., None]
    return ((backgrounds * 255 + (front - backgrounds) * opacity + 127) // 255).astype(np.uint8)


def _per_image(values: Integers) -> Integers:
    return values.astype(np.int32)[:, None, None, None]


def _chunks(count: int) -> Iterator[slice]:
    return (slice(start, start + CHUNK) for start in range(0, count, CHUNK))


def _make_images() -> NDArray[np.uint8]:
    """All splits, one after the other, from the shipped files."""
    from tqdm import tqdm

    grays = read_arrays(shipped_file("garments.npz"), *(f"{which}_images" for which in SPLITS))
    (photos,) = read_arrays(shipped_file("photos.npz"), "photos")
    total = sum(len(gray) for gray in grays)
    with tqdm(total=total, desc="Colouring garments (first use only)", unit=" images", delay=0.5) as bar:
        return np.concatenate(
            [colour(gray, photos, SEEDS[which], bar.update) for which, gray in zip(SPLITS, grays, strict=True)]
        )
