"""A right net of any depth in small steps, so that a mistake can replace one of them."""

import numpy as np

from course_utils import nn


class RightNet:
    """A net whose every step is a method of its own."""

    def __init__(self, sizes, dropout=None, batchnorm=False, reg=0.0, rng=0, dtype="float32"):
        self.sizes, self.depth, self.dtype = tuple(sizes), len(sizes) - 1, dtype
        self.dropout, self.batchnorm, self.reg = dropout, batchnorm, reg
        self.given, self.rng = rng, np.random.default_rng(rng)
        self.params = {name: self.converted(name, value) for name, value in self.start().items()}
        self.bn_params = [{"running_mean": np.zeros(h, dtype), "running_var": np.ones(h, dtype)} for h in sizes[1:-1]]

    def start(self):
        params = {}
        for layer, (d, h) in enumerate(zip(self.sizes[:-1], self.sizes[1:], strict=True), 1):
            params[f"W{layer}"] = self.draw(self.spread(d, h), (d, h))
            params[f"b{layer}"] = np.zeros(h)
            if self.batchnorm and layer < self.depth:
                params[f"gamma{layer}"], params[f"beta{layer}"] = np.ones(h), np.zeros(h)
        return params

    def converted(self, name, value):
        return np.asarray(value, self.dtype)

    def draw(self, spread, shape):
        return self.rng.normal(0, spread, shape)

    def spread(self, d, h):
        return (2 / d) ** 0.5

    def bn_param(self, layer, mode):
        self.bn_params[layer - 1]["mode"] = mode
        return self.bn_params[layer - 1]

    def stations(self, layer):
        """The stations of a hidden layer in order."""
        return ["affine", *["batchnorm"] * self.batchnorm, "relu", *["dropout"] * (self.dropout is not None)]

    def forward_of(self, station, h, layer, mode):
        p = self.params
        if station == "affine":
            return nn.affine_forward(h, p[f"W{layer}"], p[f"b{layer}"])
        if station == "batchnorm":
            return nn.batchnorm_forward(h, p[f"gamma{layer}"], p[f"beta{layer}"], self.bn_param(layer, mode))
        if station == "relu":
            return nn.relu_forward(h)
        return self.drop(h, mode)

    def drop(self, h, mode):
        return nn.dropout_forward(h, {"p": self.dropout, "mode": mode, "rng": self.rng})

    def before(self, X):
        return np.asarray(X, self.dtype)

    def last_stations(self):
        return ["affine"]

    def all_stations(self):
        hidden = [(layer, station) for layer in range(1, self.depth) for station in self.stations(layer)]
        return hidden + [(self.depth, station) for station in self.last_stations()]

    def loss(self, X, y=None):
        h, caches = self.before(X), []
        for layer, station in self.all_stations():
            h, cache = self.forward_of(station, h, layer, "test" if y is None else "train")
            caches.append((layer, station, cache))
        if y is None:
            return h
        loss, dout = nn.softmax_loss(h, y)
        grads = {}
        for layer, station, cache in reversed(caches):
            dout = self.backward_of(station, dout, cache, layer, grads)
        return self.add_penalty(loss, grads)

    def backward_of(self, station, dout, cache, layer, grads):
        if station == "affine":
            dout, grads[f"W{layer}"], grads[f"b{layer}"] = nn.affine_backward(dout, cache)
        elif station == "batchnorm":
            dout, grads[f"gamma{layer}"], grads[f"beta{layer}"] = nn.batchnorm_backward(dout, cache)
        elif station == "relu":
            dout = nn.relu_backward(dout, cache)
        else:
            dout = self.undrop(dout, cache)
        return dout

    def undrop(self, dout, cache):
        return nn.dropout_backward(dout, cache)

    def add_penalty(self, loss, grads):
        for name in self.penalised():
            loss = loss + 0.5 * self.reg * np.sum(self.params[name] ** 2)
            grads[name] = grads[name] + self.reg * self.params[name]
        return loss, grads

    def penalised(self):
        return [name for name in self.params if name[0] == "W"]

    def predict(self, X):
        return self.loss(X).argmax(axis=1)
