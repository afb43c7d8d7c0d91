"""`ThreeLayerConvNet`: other correct solutions, of which mistakes replace a method."""

import numpy as np

from autograder.testing import alternative
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


@alternative("ThreeLayerConvNet", "ReLU before pooling, einsums for the first affine layer")
class ReluFirst(PooledFirst):
    def run(self, X):
        p, caches = self.params, {}
        out, caches["conv"] = conv_forward(np.asarray(X, dtype=p["W1"].dtype), p["W1"], p["b1"], self.conv_param())
        out, caches["relu1"] = relu_forward(out)
        out, caches["pool"] = max_pool_forward(out, POOL)
        weights = p["W2"].reshape(*out.shape[1:], -1)
        caches["pooled"] = out
        out, caches["relu2"] = relu_forward(np.einsum("nchw,chwd->nd", out, weights) + p["b2"])
        out, caches["affine3"] = affine_forward(out, p["W3"], p["b3"])
        return self.last(out), caches

    def back(self, dscores, caches):
        grads, pooled = {}, caches["pooled"]
        dout, grads["W3"], grads["b3"] = affine_backward(dscores, caches["affine3"])
        dout = self.through_relu2(dout, caches)
        grads["W2"] = np.einsum("nchw,nd->chwd", pooled, dout).reshape(self.params["W2"].shape)
        grads["b2"] = dout.sum(axis=0)
        dout = max_pool_backward((dout @ self.params["W2"].T).reshape(pooled.shape), caches["pool"])
        _, grads["W1"], grads["b1"] = conv_backward(self.through_relu1(dout, caches), caches["conv"])
        return grads
