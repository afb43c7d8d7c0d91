"""Batch normalisation of images: mean and variance of a channel are taken over all examples and all pixels."""

from typing import Any

from numpy.typing import NDArray

from course_utils.nn.layers.normalization import Cache, channel_gradients, normalize_channels

Array = NDArray[Any]


def spatial_batchnorm_forward(x: Array, gamma: Array, beta: Array, bn_param: dict[str, Any]) -> tuple[Array, Cache]:
    """gamma·(x − mean)/√(var + eps) + beta, a channel at a time. The answer to `spatial_batchnorm_forward` in 08.

    x: (N, C, H, W); gamma, beta: (C,); bn_param as in `batchnorm_forward`. Returns out (N, C, H, W) and a cache.
    Raises ValueError for another mode or shape.
    Source: Ioffe and Szegedy, 2015, section 3.2.
    """
    if x.ndim != 4 or x.size == 0:
        raise ValueError(f"spatial_batchnorm_forward: x (N, C, H, W) with at least one pixel is needed, not {x.shape}")
    for name, value in (("gamma", gamma), ("beta", beta)):
        if value.size != x.shape[1]:
            raise ValueError(
                f"spatial_batchnorm_forward: {name} has shape {value.shape}, x has {x.shape[1]} channels: {x.shape}"
            )
    return normalize_channels("spatial_batchnorm_forward", x, gamma, beta, bn_param)


def spatial_batchnorm_backward(dout: Array, cache: Cache) -> tuple[Array, Array, Array]:
    """Gradients (dx, dgamma, dbeta); dout: (N, C, H, W). The answer to `spatial_batchnorm_backward` in notebook 08.

    In training the batch's mean and variance depend on x too; after a forward pass in test mode they are constants.
    """
    return channel_gradients("spatial_batchnorm_backward", dout, cache)
