"""A fully connected net of any depth."""

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from course_utils.nn.initialization import init_weights
from course_utils.nn.layers import (
    ACTIVATIONS,
    affine_backward,
    affine_forward,
    batchnorm_backward,
    batchnorm_forward,
    dropout_backward,
    dropout_forward,
    layernorm_backward,
    layernorm_forward,
)
from course_utils.nn.losses import softmax_loss

Array = NDArray[Any]
NORMALIZATIONS = (None, "batchnorm", "layernorm")


class FullyConnectedNet:
    """Hidden layers of affine → normalisation → activation → dropout, then affine → softmax cross-entropy.

    `sizes` counts the numbers of an input, the units of each hidden layer, and the classes: (3072, 100, 10).
    activation: "relu", "tanh", "sigmoid", "leaky_relu", "elu". init: see `init_weights`; biases begin at 0.
    normalization: None, "batchnorm", "layernorm". dropout: the probability of keeping a hidden unit, None for no
    dropout. reg adds 0.5·reg·ΣW² over the weights, not over biases, gains and shifts. rng: a Generator or a seed (by
    default 0); it draws the weights, then the masks of dropout.

    `params` holds W1, b1, (gamma1, beta1,) W2, b2, ... in `dtype`; `bn_params` the running statistics of batch
    normalisation, a dict a hidden layer. The answer to `FullyConnectedNet` in notebook 07 and, with one hidden layer,
    to `TwoLayerNet` in notebook 04. Raises ValueError for settings it does not know.
    """

    def __init__(
        self,
        sizes: tuple[int, ...],
        activation: str = "relu",
        init: str | float = "he",
        normalization: str | None = None,
        dropout: float | None = None,
        reg: float = 0.0,
        dtype: DTypeLike = np.float32,
        rng: np.random.Generator | int | None = None,
    ) -> None:
        self.sizes, self.activation, self.normalization = _whole_numbers(sizes), activation, normalization
        self.dropout, self.reg, self.dtype = dropout, reg, np.dtype(dtype)
        self._check()
        self.reg = float(reg)  # a NumPy float64 would make the penalty's gradients in float64 first
        self.rng = np.random.default_rng(0 if rng is None else rng)
        self.depth = len(self.sizes) - 1  # layers with weights
        self.params: dict[str, Array] = {}
        self.bn_params: list[dict[str, Any]] = []
        for layer, (fan_in, fan_out) in enumerate(zip(self.sizes[:-1], self.sizes[1:], strict=True), start=1):
            self.params[f"W{layer}"] = init_weights(init, fan_in, fan_out, self.rng, self.dtype)
            self.params[f"b{layer}"] = np.zeros(fan_out, self.dtype)
            if normalization is not None and layer < self.depth:
                self.params[f"gamma{layer}"] = np.ones(fan_out, self.dtype)
                self.params[f"beta{layer}"] = np.zeros(fan_out, self.dtype)
            if normalization == "batchnorm" and layer < self.depth:
                # From 1, not 0: a net that has not been trained can be asked for scores as well.
                running = {"running_mean": np.zeros(fan_out, self.dtype), "running_var": np.ones(fan_out, self.dtype)}
                self.bn_params.append(running)

    def loss(self, X: ArrayLike, y: ArrayLike | None = None) -> Any:
        """Scores (N, C) in test mode; with y, the loss (a float) and its gradients {name: array} in training mode.

        X: (N, ...) numbers, read as rows; y: (N,) integer labels or (N, C) target probabilities.
        Raises ValueError when shapes or labels do not fit the net.
        """
        scores, caches = self.forward(X, train=y is not None)
        return scores if y is None else self._loss_and_gradients(scores, caches, np.asarray(y))

    def predict(self, X: ArrayLike) -> NDArray[np.int64]:
        """The class with the highest score for each row of X: (N,) integers."""
        return self.loss(X).argmax(axis=1)

    def accuracy(self, X: ArrayLike, y: ArrayLike) -> float:
        """The share of rows of X whose predicted label is the one in y: (N,)."""
        predicted, wanted = self.predict(X), np.asarray(y)
        if wanted.shape != predicted.shape:
            raise ValueError(
                f"accuracy: {len(predicted)} rows in X need y of shape {predicted.shape}, not {wanted.shape}"
            )
        if not len(wanted):
            raise ValueError("accuracy: X and y have no rows")
        return float((predicted == wanted).mean())

    def activations(self, X: ArrayLike) -> list[Array]:
        """What each hidden layer gives out, in test mode: a list of arrays (N, units), after the activation."""
        _, caches = self.forward(X)
        return [cache["out"] for cache in caches[:-1]]

    def forward(self, X: ArrayLike, train: bool = False) -> tuple[Array, list[dict[str, Any]]]:
        """Scores (N, C), and for each layer the dict of caches that `backward` needs."""
        out, mode = self._input(X), "train" if train else "test"
        caches: list[dict[str, Any]] = []
        activate = ACTIVATIONS[self.activation][0]
        for layer in range(1, self.depth + 1):
            cache: dict[str, Any] = {}
            out, cache["affine"] = affine_forward(out, self.params[f"W{layer}"], self.params[f"b{layer}"])
            if layer < self.depth:
                if self.normalization is not None:
                    out, cache["norm"] = self._normalize(out, layer, mode)
                out, cache["activation"] = activate(out)
                cache["out"] = out
                if self.dropout is not None:
                    out, cache["dropout"] = dropout_forward(out, {"p": self.dropout, "mode": mode, "rng": self.rng})
            caches.append(cache)
        return out, caches

    def backward(
        self, dscores: Array, caches: list[dict[str, Any]], input_gradient: bool = False
    ) -> tuple[Array | None, dict[str, Array]]:
        """From the gradient with respect to the scores, those of the inputs and of the parameters (without `reg`).

        The gradient of the inputs (N, D) is worked out where `input_gradient` asks for it, else None: it costs as much
        as that of the first layer's weights, and training does not need it.
        """
        grads: dict[str, Array] = {}
        dout = dscores
        for layer in range(self.depth, 0, -1):
            cache = caches[layer - 1]
            if "dropout" in cache:
                dout = dropout_backward(dout, cache["dropout"])
            if "activation" in cache:
                dout = ACTIVATIONS[self.activation][1](dout, cache["activation"])
            if "norm" in cache:
                norm_backward = batchnorm_backward if self.normalization == "batchnorm" else layernorm_backward
                dout, grads[f"gamma{layer}"], grads[f"beta{layer}"] = norm_backward(dout, cache["norm"])
            if layer == 1 and not input_gradient:
                grads["W1"], grads["b1"] = cache["affine"][0].T @ dout, dout.sum(axis=0)
                return None, grads
            dout, grads[f"W{layer}"], grads[f"b{layer}"] = affine_backward(dout, cache["affine"])
        return dout, grads

    def _loss_and_gradients(
        self, scores: Array, caches: list[dict[str, Any]], y: Array
    ) -> tuple[float, dict[str, Array]]:
        total, dscores = softmax_loss(scores, y)
        _, grads = self.backward(dscores, caches)
        if self.reg:
            for layer in range(1, self.depth + 1):
                weights = self.params[f"W{layer}"]
                total += 0.5 * self.reg * float(np.vdot(weights, weights))
                grads[f"W{layer}"] += self.reg * weights
        return total, grads

    def _normalize(self, out: Array, layer: int, mode: str) -> tuple[Array, Any]:
        gain, shift = self.params[f"gamma{layer}"], self.params[f"beta{layer}"]
        if self.normalization == "layernorm":
            return layernorm_forward(out, gain, shift, {})
        statistics = self.bn_params[layer - 1]
        statistics["mode"] = mode
        return batchnorm_forward(out, gain, shift, statistics)

    def _input(self, X: ArrayLike) -> Array:
        X = np.asarray(X)
        if X.ndim < 2 or math.prod(X.shape[1:]) != self.sizes[0]:
            raise ValueError(
                f"X has shape {X.shape}; this net takes (N, {self.sizes[0]}), or images of {self.sizes[0]} numbers each"
            )
        return X.reshape(len(X), self.sizes[0]).astype(self.dtype, copy=False)

    def _check(self) -> None:
        if not isinstance(self.activation, str) or self.activation not in ACTIVATIONS:
            raise ValueError(f"activation is {self.activation!r}; it is one of {', '.join(map(repr, ACTIVATIONS))}")
        if self.normalization not in NORMALIZATIONS:
            raise ValueError(f"normalization is {self.normalization!r}; it is None, 'batchnorm' or 'layernorm'")
        if self.dropout is not None and not (_is_number(self.dropout) and 0 < self.dropout <= 1):
            raise ValueError(f"dropout is {self.dropout!r}; the probability of keeping a unit is above 0 and at most 1")
        if not (_is_number(self.reg) and 0 <= self.reg < np.inf):
            raise ValueError(f"reg is {self.reg!r}; the strength of the penalty is a number of at least 0")
        if self.dtype not in (np.float32, np.float64):
            raise ValueError(f"dtype is {self.dtype}; it is float32 or float64")


def _whole_numbers(sizes: Any) -> tuple[int, ...]:
    whole = np.iterable(sizes) and all(
        _is_number(size) and isinstance(size, int | np.integer) and size >= 1 for size in sizes
    )
    if not whole or len(sizes) < 2:
        raise ValueError(f"sizes is {sizes}; wanted (inputs, hidden units, ..., classes), whole numbers of at least 1")
    return tuple(map(int, sizes))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | np.number) and not isinstance(value, bool)
