"""`ThreeLayerConvNet`: mistakes, each a right net of which a piece is another."""

import numpy as np

from autograder.mutants.convolution.right_nets import POOL, PooledFirst, ReluFirst
from autograder.testing import mutant
from course_utils.nn import affine_backward, affine_forward, relu_backward, relu_forward
from course_utils.nn.layers.convolution import conv_backward, conv_forward
from course_utils.nn.layers.pooling import max_pool_forward


def slip(name, sentence, net=PooledFirst, **methods):
    """A mistake: a right net with other methods."""
    work = type(name, (net,), methods)
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


def _without_relu(which):
    """The forward pass without the first or the second ReLU."""

    def run(self, X):
        p, caches = self.params, {"relu1": 1.0, "relu2": 1.0}
        out, caches["conv"] = conv_forward(np.asarray(X, dtype=p["W1"].dtype), p["W1"], p["b1"], self.conv_param())
        out, caches["pool"] = max_pool_forward(out, POOL)
        if which != 1:
            out, caches["relu1"] = relu_forward(out)
        out, caches["affine2"] = affine_forward(out, p["W2"], p["b2"])
        if which != 2:
            out, caches["relu2"] = relu_forward(out)
        out, caches["affine3"] = affine_forward(out, p["W3"], p["b3"])
        return out, caches

    return run


def _without_conv_bias(self, X):
    kept = self.params["b1"]
    self.params["b1"] = np.zeros_like(kept)
    try:
        return PooledFirst.run(self, X)
    finally:
        self.params["b1"] = kept


slip("first_relu_missing", "There is no ReLU after the convolution.", run=_without_relu(1))
slip(
    "second_relu_missing",
    "There is no ReLU after the first affine layer: two affine layers in a row are one.",
    run=_without_relu(2),
)
slip("conv_bias_missing", "The bias b1 is not used in the convolution.", run=_without_conv_bias)

# Loss and gradients --------------------------------------------------------------------------------------------------


def _penalty(loss_factor=0.5, grad_factor=1.0, names=("W1", "W2", "W3"), divided=False):
    """A penalty of another strength, in the loss and in the gradients, or on other parameters."""

    def penalise(self, loss, grads):
        reg = self.reg / (self.images if divided else 1)
        for name in names:
            loss += loss_factor * reg * np.sum(self.params[name] ** 2)
            grads[name] = grads[name] + grad_factor * reg * self.params[name]
        return loss, grads

    return penalise


def _counting_images(self, X):
    self.images = len(X)
    return PooledFirst.run(self, X)


def _penalty_in_place(self, loss, grads):
    for name in ("W1", "W2", "W3"):
        loss += 0.5 * self.reg * np.sum(self.params[name] ** 2)
        self.params[name] *= self.reg
        grads[name] = grads[name] + self.params[name]
    return loss, grads


slip(
    "no_penalty",
    "The penalty is missing from the loss and from the gradients.",
    penalise=lambda self, loss, grads: (loss, grads),
)
slip(
    "full_penalty",
    "The penalty is reg · ΣW²: here it is half of that, so its gradient is reg · W.",
    penalise=_penalty(1.0, 2.0),
)
slip(
    "penalty_on_everything",
    "The biases are penalised as well: the penalty is over W1, W2 and W3 only.",
    penalise=_penalty(names=("W1", "W2", "W3", "b1", "b2", "b3")),
)
slip(
    "no_penalty_on_kernels",
    "W1 is left out of the penalty: kernels are weights, too.",
    penalise=_penalty(names=("W2", "W3")),
)
slip(
    "penalty_without_gradient",
    "The penalty is in the loss but not in the gradients.",
    penalise=_penalty(grad_factor=0.0),
)
slip(
    "penalty_without_loss",
    "The penalty is in the gradients but not in the loss.",
    penalise=_penalty(loss_factor=0.0),
)
slip(
    "gradient_of_the_full_penalty",
    "The penalty's gradient is twice what belongs to the loss: that of half of reg · ΣW² is reg · W.",
    penalise=_penalty(grad_factor=2.0),
)
slip(
    "loss_of_the_full_penalty",
    "The penalty in the loss lacks its factor of one half; the gradient reg · W has it already.",
    penalise=_penalty(loss_factor=1.0),
)
slip(
    "penalty_on_kernels_only",
    "Only W1 is penalised: W2 and W3 are weights, too.",
    penalise=_penalty(names=("W1",)),
)
slip(
    "penalty_divided",
    "The penalty is divided by the number of images: only the data's part of the loss is a mean.",
    run=_counting_images,
    penalise=_penalty(divided=True),
)
slip(
    "relu1_skipped_backwards",
    "The backward pass leaves out the first ReLU.",
    through_relu1=lambda self, dout, caches: dout,
)
slip(
    "relu1_skipped_before_pooling",
    "The backward pass leaves out the first ReLU.",
    net=ReluFirst,
    through_relu1=lambda self, dout, caches: dout,
)
slip(
    "gradients_averaged",
    "The gradients are divided by the number of images once more; softmax_loss has done that already.",
    back=lambda self, dscores, caches: {
        name: grad / len(dscores) for name, grad in PooledFirst.back(self, dscores, caches).items()
    },
)
slip(
    "parameters_changed_by_the_penalty",
    "Computing the loss changes the parameters: the gradient of the penalty is a new array.",
    penalise=_penalty_in_place,
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
