"""`ThreeLayerConvNet`: mistakes, and other correct solutions, each a class of which a piece is another."""

import numpy as np

from autograder.testing import alternative, mutant
from course_utils.nn import affine_backward, affine_forward, relu_backward, relu_forward, softmax_loss
from course_utils.nn.layers.convolution import conv_backward, conv_forward
from course_utils.nn.layers.pooling import max_pool_backward, max_pool_forward

POOL = {"pool_height": 2, "pool_width": 2, "stride": 2}


@alternative("ThreeLayerConvNet", "pooling before ReLU, one method a step")
class PooledFirst:
    """A right net; mistakes below replace one of its methods."""

    def __init__(
        self,
        input_dim=(3, 32, 32),
        num_filters=8,
        filter_size=3,
        hidden_dim=64,
        num_classes=10,
        reg=0.0,
        rng=None,
        dtype="float32",
    ):
        self.reg, self.filter_size = reg, filter_size
        self.rng = rng if rng is not None else np.random.default_rng(1)
        channels, height, width = input_dim
        flat = num_filters * height * width // 4
        self.params = {
            "W1": self.draw((num_filters, channels, filter_size, filter_size), channels * filter_size**2),
            "b1": np.zeros(num_filters),
            "W2": self.draw((flat, hidden_dim), flat),
            "b2": np.zeros(hidden_dim),
            "W3": self.draw((hidden_dim, num_classes), hidden_dim),
            "b3": np.zeros(num_classes),
        }
        self.params = {name: np.asarray(value, dtype=dtype) for name, value in self.params.items()}

    def draw(self, shape, fan_in):
        return self.rng.normal(0, (2 / fan_in) ** 0.5, size=shape)

    def conv_param(self):
        return {"stride": 1, "pad": self.filter_size // 2}

    def last(self, hidden):
        return hidden

    def run(self, X):
        p, caches = self.params, {}
        X = np.asarray(X, dtype=p["W1"].dtype)
        out, caches["conv"] = conv_forward(X, p["W1"], p["b1"], self.conv_param())
        out, caches["pool"] = max_pool_forward(out, POOL)
        out, caches["relu1"] = relu_forward(out)
        out, caches["affine2"] = affine_forward(out, p["W2"], p["b2"])
        out, caches["relu2"] = relu_forward(out)
        out, caches["affine3"] = affine_forward(out, p["W3"], p["b3"])
        return self.last(out), caches

    def back(self, dscores, caches):
        grads = {}
        dout, grads["W3"], grads["b3"] = affine_backward(dscores, caches["affine3"])
        dout, grads["W2"], grads["b2"] = affine_backward(self.through_relu2(dout, caches), caches["affine2"])
        dout = max_pool_backward(self.through_relu1(dout, caches), caches["pool"])
        _, grads["W1"], grads["b1"] = conv_backward(dout, caches["conv"])
        return grads

    def through_relu1(self, dout, caches):
        return relu_backward(dout, caches["relu1"])

    def through_relu2(self, dout, caches):
        return relu_backward(dout, caches["relu2"])

    def penalise(self, loss, grads):
        for name in ("W1", "W2", "W3"):
            loss += 0.5 * self.reg * np.sum(self.params[name] ** 2)
            grads[name] = grads[name] + self.reg * self.params[name]
        return loss, grads

    def loss(self, X, y=None):
        scores, caches = self.run(X)
        if y is None:
            return scores
        loss, dscores = softmax_loss(scores, np.asarray(y))
        return self.penalise(loss, self.back(dscores, caches))

    def predict(self, X):
        return np.argmax(self.loss(X), axis=1)


@alternative("ThreeLayerConvNet", "with an einsum for the first affine layer, ReLU before pooling")
class ReluFirst(PooledFirst):
    def run(self, X):
        p, caches = self.params, {}
        out, caches["conv"] = conv_forward(np.asarray(X, dtype=p["W1"].dtype), p["W1"], p["b1"], self.conv_param())
        out, caches["relu1"] = relu_forward(out)
        out, caches["pool"] = max_pool_forward(out, POOL)
        weights = p["W2"].reshape(*out.shape[1:], -1)
        caches["pooled"] = out
        out, caches["relu2"] = relu_forward(np.einsum("nchw,chwd->nd", out, weights) + p["b2"])
        scores, caches["affine3"] = affine_forward(out, p["W3"], p["b3"])
        return scores, caches

    def back(self, dscores, caches):
        grads, pooled = {}, caches["pooled"]
        dout, grads["W3"], grads["b3"] = affine_backward(dscores, caches["affine3"])
        dout = relu_backward(dout, caches["relu2"])
        grads["W2"] = np.einsum("nchw,nd->chwd", pooled, dout).reshape(self.params["W2"].shape)
        grads["b2"] = dout.sum(axis=0)
        dout = max_pool_backward((dout @ self.params["W2"].T).reshape(pooled.shape), caches["pool"])
        _, grads["W1"], grads["b1"] = conv_backward(relu_backward(dout, caches["relu1"]), caches["conv"])
        return grads


def slip(name, sentence, **methods):
    """A mistake: PooledFirst with other methods."""
    work = type(name, (PooledFirst,), methods)
    mutant("ThreeLayerConvNet", sentence)(work)


# The start -----------------------------------------------------------------------------------------------------------

slip(
    "xavier_weights",
    "The weights have the standard deviation √(1 / fan_in): He's has a 2 for the half that ReLU takes away.",
    draw=lambda self, shape, fan_in: self.rng.normal(0, fan_in**-0.5, size=shape),
)
slip(
    "fan_in_of_one_channel",
    "The fan-in of a kernel counts one channel only: a neuron of the first layer has C · filter_size² inputs.",
    draw=lambda self, shape, fan_in: self.rng.normal(
        0, (2 / (shape[2] * shape[3] if len(shape) == 4 else fan_in)) ** 0.5, size=shape
    ),
)
slip(
    "fan_out_for_fan_in",
    "The weights are scaled by the number of outputs: fan_in is the number of a neuron's inputs.",
    draw=lambda self, shape, fan_in: self.rng.normal(0, (2 / shape[0 if len(shape) == 4 else 1]) ** 0.5, size=shape),
)
slip(
    "variance_for_deviation",
    "The weights are scaled by 2 / fan_in: that is He's variance, and the standard deviation is its root.",
    draw=lambda self, shape, fan_in: self.rng.normal(0, 2 / fan_in, size=shape),
)
slip(
    "uniform_weights",
    "The weights are drawn from a uniform distribution; normal numbers are asked for.",
    draw=lambda self, shape, fan_in: self.rng.uniform(-1, 1, size=shape) * (6 / fan_in) ** 0.5,
)
slip(
    "generator_ignored",
    "The weights are not drawn with rng: the generator passed in decides nothing.",
    draw=lambda self, shape, fan_in: np.random.default_rng(7).normal(0, (2 / fan_in) ** 0.5, size=shape),
)


@mutant("ThreeLayerConvNet", "W2 has rows for the maps before pooling: pooling leaves a quarter of the numbers.")
class PoolingNotCounted(PooledFirst):
    def __init__(
        self,
        input_dim=(3, 32, 32),
        num_filters=8,
        filter_size=3,
        hidden_dim=64,
        num_classes=10,
        reg=0.0,
        rng=None,
        dtype="float32",
    ):
        super().__init__(input_dim, num_filters, filter_size, hidden_dim, num_classes, reg, rng, dtype)
        flat = num_filters * input_dim[1] * input_dim[2]
        self.params["W2"] = self.draw((flat, hidden_dim), flat).astype(dtype)


@mutant("ThreeLayerConvNet", "Biases are drawn like weights: they start at zero.")
class RandomBiases(PooledFirst):
    def __init__(self, *sizes, **options):
        super().__init__(*sizes, **options)
        for name in ("b1", "b2", "b3"):
            self.params[name] = (0.1 + 0 * self.params[name]).astype(self.params[name].dtype)


# Forwards ------------------------------------------------------------------------------------------------------------

slip(
    "scores_rectified",
    "The scores pass through a ReLU: the last layer has none, scores may be negative.",
    last=lambda self, scores: np.maximum(scores, 0),
)
slip(
    "scores_as_probabilities",
    "loss(X) returns probabilities; the scores before the softmax are asked for.",
    last=lambda self, scores: np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True),
)


def _without_first_relu(self, X):
    p, caches = self.params, {}
    out, caches["conv"] = conv_forward(np.asarray(X, dtype=p["W1"].dtype), p["W1"], p["b1"], self.conv_param())
    out, caches["pool"] = max_pool_forward(out, POOL)
    caches["relu1"] = np.ones_like(out)
    out, caches["affine2"] = affine_forward(out, p["W2"], p["b2"])
    out, caches["relu2"] = relu_forward(out)
    out, caches["affine3"] = affine_forward(out, p["W3"], p["b3"])
    return out, caches


def _without_second_relu(self, X):
    p, caches = self.params, {}
    out, caches["conv"] = conv_forward(np.asarray(X, dtype=p["W1"].dtype), p["W1"], p["b1"], self.conv_param())
    out, caches["pool"] = max_pool_forward(out, POOL)
    out, caches["relu1"] = relu_forward(out)
    out, caches["affine2"] = affine_forward(out, p["W2"], p["b2"])
    caches["relu2"] = np.ones_like(out)
    out, caches["affine3"] = affine_forward(out, p["W3"], p["b3"])
    return out, caches


def _without_conv_bias(self, X):
    kept = self.params["b1"]
    self.params["b1"] = np.zeros_like(kept)
    try:
        return PooledFirst.run(self, X)
    finally:
        self.params["b1"] = kept


slip("first_relu_missing", "There is no ReLU after the convolution.", run=_without_first_relu)
slip(
    "second_relu_missing",
    "There is no ReLU after the first affine layer: two affine layers in a row are one.",
    run=_without_second_relu,
)
slip("conv_bias_missing", "The bias b1 is not used in the convolution.", run=_without_conv_bias)

# Loss and gradients --------------------------------------------------------------------------------------------------


def _full_penalty(self, loss, grads):
    for name in ("W1", "W2", "W3"):
        loss += self.reg * np.sum(self.params[name] ** 2)
        grads[name] = grads[name] + 2 * self.reg * self.params[name]
    return loss, grads


def _penalty_on_everything(self, loss, grads):
    for name, value in self.params.items():
        loss += 0.5 * self.reg * np.sum(value**2)
        grads[name] = grads[name] + self.reg * value
    return loss, grads


def _no_penalty_on_kernels(self, loss, grads):
    for name in ("W2", "W3"):
        loss += 0.5 * self.reg * np.sum(self.params[name] ** 2)
        grads[name] = grads[name] + self.reg * self.params[name]
    return loss, grads


def _penalty_without_gradient(self, loss, grads):
    return loss + sum(0.5 * self.reg * np.sum(self.params[name] ** 2) for name in ("W1", "W2", "W3")), grads


slip(
    "no_penalty",
    "The penalty is missing from the loss and from the gradients.",
    penalise=lambda self, loss, grads: (loss, grads),
)
slip(
    "full_penalty",
    "The penalty is reg · ΣW²: here it is half of that, so its gradient is reg · W.",
    penalise=_full_penalty,
)
slip(
    "penalty_on_everything",
    "The biases are penalised as well: the penalty is over W1, W2 and W3 only.",
    penalise=_penalty_on_everything,
)
slip(
    "no_penalty_on_kernels", "W1 is left out of the penalty: kernels are weights, too.", penalise=_no_penalty_on_kernels
)
slip(
    "penalty_without_gradient",
    "The penalty is in the loss but not in the gradients.",
    penalise=_penalty_without_gradient,
)
slip(
    "relu1_skipped_backwards",
    "The backward pass leaves out the first ReLU.",
    through_relu1=lambda self, dout, caches: dout,
)
slip(
    "relu2_skipped_backwards",
    "The backward pass leaves out the second ReLU.",
    through_relu2=lambda self, dout, caches: dout,
)


def _gradients_summed(self, dscores, caches):
    return PooledFirst.back(self, dscores * len(dscores), caches)


def _pool_skipped(self, dscores, caches):
    """The gradient of the pooled map, spread over all pixels of each window."""
    grads = PooledFirst.back(self, dscores, caches)
    dout, _, _ = affine_backward(dscores, caches["affine3"])
    dout, _, _ = affine_backward(relu_backward(dout, caches["relu2"]), caches["affine2"])
    dout = np.repeat(np.repeat(relu_backward(dout, caches["relu1"]), 2, axis=2), 2, axis=3)
    _, grads["W1"], grads["b1"] = conv_backward(dout, caches["conv"])
    return grads


slip(
    "gradients_summed",
    "The gradients are those of the summed loss; softmax_loss has divided by the number of images already.",
    back=_gradients_summed,
)
slip(
    "pooling_spread_backwards",
    "The backward pass gives each pixel of a pooling window the gradient: use max_pool_backward with its cache.",
    back=_pool_skipped,
)


@mutant("ThreeLayerConvNet", "The parameters are copied when the net is made: changes of params have no effect later.")
class CopiedParameters(PooledFirst):
    def __init__(self, *sizes, **options):
        super().__init__(*sizes, **options)
        self.first = dict(self.params)

    def run(self, X):
        kept, self.params = self.params, self.first
        try:
            return PooledFirst.run(self, X)
        finally:
            self.params = kept


slip(
    "predicts_the_smallest",
    "predict returns the class with the smallest score.",
    predict=lambda self, X: np.argmin(self.loss(X), axis=1),
)
