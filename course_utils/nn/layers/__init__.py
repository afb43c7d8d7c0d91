"""Layers as pairs of functions: `forward` returns (out, cache), `backward(dout, cache)` gradients in argument order.

They keep the dtype of their inputs (float32 stays float32), take N = 1, and change nothing in place except the running
statistics in `bn_param`. Signatures are those of Stanford's CS231n.
"""

from course_utils.nn.layers.activations import (
    ACTIVATIONS,
    elu_backward,
    elu_forward,
    leaky_relu_backward,
    leaky_relu_forward,
    relu_backward,
    relu_forward,
    sigmoid_backward,
    sigmoid_forward,
    tanh_backward,
    tanh_forward,
)
from course_utils.nn.layers.affine import affine_backward, affine_forward
from course_utils.nn.layers.convolution import conv_backward, conv_forward
from course_utils.nn.layers.dropout import dropout_backward, dropout_forward
from course_utils.nn.layers.normalization import (
    batchnorm_backward,
    batchnorm_forward,
    layernorm_backward,
    layernorm_forward,
)
from course_utils.nn.layers.pooling import avg_pool_backward, avg_pool_forward, max_pool_backward, max_pool_forward
from course_utils.nn.layers.spatial_normalization import spatial_batchnorm_backward, spatial_batchnorm_forward

__all__ = [
    "ACTIVATIONS",
    "affine_backward",
    "affine_forward",
    "avg_pool_backward",
    "avg_pool_forward",
    "batchnorm_backward",
    "batchnorm_forward",
    "conv_backward",
    "conv_forward",
    "dropout_backward",
    "dropout_forward",
    "elu_backward",
    "elu_forward",
    "layernorm_backward",
    "layernorm_forward",
    "leaky_relu_backward",
    "leaky_relu_forward",
    "max_pool_backward",
    "max_pool_forward",
    "relu_backward",
    "relu_forward",
    "sigmoid_backward",
    "sigmoid_forward",
    "spatial_batchnorm_backward",
    "spatial_batchnorm_forward",
    "tanh_backward",
    "tanh_forward",
]
