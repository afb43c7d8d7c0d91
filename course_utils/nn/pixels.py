"""A net that takes images as they leave the loader, so that they can be augmented as pixels."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[Any]


class PixelNet:
    """A convolutional net behind a step that makes of uint8 images (N, H, W, C) what the net takes.

    net: any net on float32 images (N, C, H, W), such as `ConvNet`.  images_train: (N, H, W, C) uint8; their mean and
    deviation of each channel centre and scale all images, now and later. A `Solver` can then be given uint8 images, and
    its `augment` works on pixels from 0 to 255. Raises ValueError for images of another kind.
    """

    def __init__(self, net: Any, images_train: ArrayLike) -> None:
        self.net = net
        pixels = _pixels(images_train).reshape(-1, np.shape(images_train)[3])
        if not len(pixels):
            raise ValueError("PixelNet: images_train is empty; mean and deviation need at least one image")
        deviation = pixels.std(axis=0, dtype=np.float64)
        self.mean = pixels.mean(axis=0, dtype=np.float64).astype(np.float32)
        self.scale = (1 / np.where(deviation > 0, deviation, 1.0)).astype(np.float32)

    @property
    def params(self) -> dict[str, Array]:
        """The net's parameters."""
        return self.net.params

    @property
    def bn_params(self) -> list[dict[str, Any]]:
        """The net's running statistics."""
        return getattr(self.net, "bn_params", [])

    def ready(self, images: ArrayLike) -> NDArray[np.float32]:
        """Images (N, H, W, C) uint8 as the net takes them: float32 (N, C, H, W), centred and scaled."""
        images = _pixels(images)
        if images.shape[3] != len(self.mean):
            raise ValueError(f"PixelNet: images with {len(self.mean)} channels are needed, not {images.shape}")
        return np.ascontiguousarray(((images - self.mean) * self.scale).transpose(0, 3, 1, 2))

    def loss(self, images: ArrayLike, y: ArrayLike | None = None) -> Any:
        """Scores (N, classes); with labels or target probabilities y, the loss and the gradients of the parameters."""
        return self.net.loss(self.ready(images), y)

    def predict(self, images: ArrayLike) -> NDArray[np.int64]:
        """The class with the highest score for each image: (N,)."""
        return self.net.predict(self.ready(images))

    def accuracy(self, images: ArrayLike, y: ArrayLike) -> float:
        """The share of images whose predicted label is the one in y: (N,)."""
        return self.net.accuracy(self.ready(images), y)


def _pixels(images: ArrayLike) -> Array:
    images = np.asarray(images)
    if images.ndim != 4 or images.dtype != np.uint8:
        raise ValueError(f"PixelNet: uint8 images (N, H, W, C) are needed, not {images.dtype} of shape {images.shape}")
    return images
