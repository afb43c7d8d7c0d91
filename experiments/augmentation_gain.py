"""Accuracy of a small convolutional net with and without data augmentation, trained on 2,000 images.

The net has two stages of 8 and 16 kernels of 3 × 3 and 64 hidden units; batches of 50, momentum, a rate that falls by a
cosine, 40 epochs. The recipes that begin with "both" add one thing each to flips and crops. Test images are looked at
as they are, and changed in three ways: shifted by up to 3 pixels, recoloured, and with a grey square laid over them.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from course_utils import nn
from course_utils.data import load_dataset
from course_utils.nn.convnets import ConvNet
from course_utils.nn.pixels import PixelNet

SEEDS = 5
TOLERANCE = 0.05
SIZE, EPOCHS = 2000, 40
PAD = 3
SQUARE, COVER = 8, 10

Images = NDArray[np.uint8]
Change = Callable[[Images, np.random.Generator], Images]


def rows(seed: int) -> list[dict[str, float | str]]:
    """Accuracy of every recipe on training images and on 2,000 test images, as they are and changed."""
    return measure(seed, SIZE, EPOCHS)


def measure(seed: int, size: int, epochs: int) -> list[dict[str, float | str]]:
    """The rows of one seed for `size` training images."""
    data = load_dataset("garments")
    chosen = np.random.default_rng([seed, size]).permutation(len(data.train_images))[:size]
    X, y = data.train_images[chosen], data.train_labels[chosen]
    tests = {name: change(data.test_images, np.random.default_rng(9)) for name, change in TESTS.items()}
    measured: list[dict[str, float | str]] = []
    for name, changes in RECIPES.items():
        net = PixelNet(ConvNet(filters=(8, 16), hidden=64, rng=seed), X)
        solver = nn.Solver(
            net,
            X,
            y,
            optim_config={"learning_rate": 0.05},
            schedule=("cosine", {}),
            num_epochs=epochs,
            batch_size=50,
            rng=seed,
            augment=augmentation(changes, mixed="mixup" in name),
            progress=False,
        )
        history = solver.train()
        measured.append(
            {
                "recipe": name,
                "train_accuracy": history["train_accuracy"][-1],
                **{column: net.accuracy(images, data.test_labels) for column, images in tests.items()},
                "ten_crop_accuracy": ten_crop_accuracy(net, data.test_images, data.test_labels),
            }
        )
    return measured


def augmentation(changes: tuple[Change, ...], mixed: bool) -> nn.solver.Augment:
    """What a `Solver` calls for each batch."""

    def augment(images: Images, labels: np.ndarray, rng: np.random.Generator) -> tuple[Images, np.ndarray]:
        for change in changes:
            images = change(images, rng)
        return blended(images, labels, rng) if mixed else (images, labels)

    return augment


def mirrored(images: Images, rng: np.random.Generator) -> Images:
    """Half of the images, left and right exchanged."""
    return np.where(coins(images, rng), images[:, :, ::-1], images)


def upside_down(images: Images, rng: np.random.Generator) -> Images:
    """Half of the images, top and bottom exchanged."""
    return np.where(coins(images, rng), images[:, ::-1], images)


def coins(images: Images, rng: np.random.Generator) -> NDArray[np.bool_]:
    """A fair coin for each image, in a shape that goes with the images."""
    return (rng.random(len(images)) < 0.5).reshape(-1, 1, 1, 1)


def moved(images: Images, rng: np.random.Generator) -> Images:
    """Each image shifted by up to PAD pixels each way; the edge is repeated."""
    n, height, width, _ = images.shape
    down, right = rng.integers(-PAD, PAD + 1, size=(2, n, 1, 1))
    rows = np.clip(np.arange(height)[:, np.newaxis] + down, 0, height - 1)
    columns = np.clip(np.arange(width) + right, 0, width - 1)
    return images[np.arange(n).reshape(-1, 1, 1), rows, columns]


def recoloured(images: Images, rng: np.random.Generator) -> Images:
    """Contrast times 0.6 to 1.4, brightness changed by up to 0.15 of the full scale."""
    contrast, brightness = rng.uniform(-0.4, 0.4, len(images)), rng.uniform(-0.15, 0.15, len(images))
    middle = images.mean(axis=(1, 2, 3), keepdims=True)
    values = middle + (images - middle) * (1 + contrast.reshape(middle.shape)) + 255 * brightness.reshape(middle.shape)
    return np.rint(values.clip(0, 255)).astype(np.uint8)


def covered(images: Images, rng: np.random.Generator, side: int = SQUARE) -> Images:
    """A grey square somewhere on each image, cut off where it leaves the image."""
    n, height, width, _ = images.shape
    far = [np.abs(np.arange(size) - rng.integers(size, size=(n, 1)) + 0.5) for size in (height, width)]
    hole = (far[0] <= side / 2)[:, :, np.newaxis] & (far[1] <= side / 2)[:, np.newaxis]
    return np.where(hole[..., np.newaxis], np.uint8(128), images)


def blended(
    images: Images, labels: np.ndarray, rng: np.random.Generator, alpha: float = 0.2
) -> tuple[Images, np.ndarray]:
    """Each image blended with another of the batch by a share from Beta(alpha, alpha), and its label likewise."""
    partner, share = rng.permutation(len(images)), rng.beta(alpha, alpha, len(images))
    pixels, targets = images.astype(np.float32), np.eye(10)[labels]
    by_image = share.reshape(-1, 1, 1, 1).astype(np.float32)
    pixels += (1 - by_image) * (pixels[partner] - pixels)
    targets = targets + (1 - share[:, np.newaxis]) * (targets[partner] - targets)
    return np.rint(pixels).astype(np.uint8), targets


def ten_crop_accuracy(net: PixelNet, images: Images, labels: np.ndarray, pad: int = 2) -> float:
    """Accuracy of the mean of the probabilities of ten crops of images enlarged by `pad` repeated pixels each side."""
    size = images.shape[1]
    large = np.pad(images, ((0, 0), (pad, pad), (pad, pad), (0, 0)), mode="edge")
    total = np.zeros((len(images), 10))
    for top, left in ((0, 0), (0, 2 * pad), (2 * pad, 0), (2 * pad, 2 * pad), (pad, pad)):
        crop = large[:, top : top + size, left : left + size]
        total += nn.softmax(net.loss(crop)) + nn.softmax(net.loss(crop[:, :, ::-1]))
    return float((total.argmax(axis=1) == labels).mean())


RECIPES: dict[str, tuple[Change, ...]] = {
    "none": (),
    "flip": (mirrored,),
    "crop": (moved,),
    "flip + crop": (mirrored, moved),
    "both + colour": (mirrored, moved, recoloured),
    "both + cutout": (mirrored, moved, covered),
    "both + mixup": (mirrored, moved),
    "upside down": (upside_down,),
}
TESTS: dict[str, Change] = {
    "test_accuracy": lambda images, rng: images,
    "shifted_accuracy": moved,
    "recoloured_accuracy": recoloured,
    "covered_accuracy": lambda images, rng: covered(images, rng, side=COVER),
}
