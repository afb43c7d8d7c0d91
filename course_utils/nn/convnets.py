"""A convolutional net for small images."""

import itertools
import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from course_utils.nn.initialization import init_weights
from course_utils.nn.layers import affine_backward, affine_forward, dropout_backward, dropout_forward
from course_utils.nn.layers.activations import relu_backward, relu_forward
from course_utils.nn.layers.convolution import conv_backward, conv_forward
from course_utils.nn.layers.pooling import max_pool_backward, max_pool_forward
from course_utils.nn.layers.spatial_normalization import spatial_batchnorm_backward, spatial_batchnorm_forward
from course_utils.nn.losses import softmax_loss

Array = NDArray[Any]
POOL = {"pool_height": 2, "pool_width": 2, "stride": 2}
ROWS = 250  # images at a time where no gradients are needed, so that memory stays bounded
LAST_LAYER = 0.1  # times He's deviation: scores start near 0 and the loss near log(classes)
SMALLEST_SPREAD = 0.01  # a channel that hardly varies is scaled as if it varied by this part of all pixels' spread


def channels_first(images_train: Array, *others: Array) -> Any:
    """Images (N, H, W, C) as float32 (N, C, H, W), each channel centred and scaled to deviation 1 on the training set.

    The statistics of `images_train` are used for all. Returns an array for each argument; for a single one the array
    itself, not a tuple. Raises ValueError for arrays of another number of axes or channels.
    """
    arrays = [np.asarray(images) for images in (images_train, *others)]
    for images in arrays:
        if images.ndim != 4 or images.shape[3] != arrays[0].shape[3] or len(arrays[0]) == 0:
            shapes = ", ".join(str(images.shape) for images in arrays)
            raise ValueError(f"channels_first: images of shape (N, H, W, C) with as many channels are needed: {shapes}")
    pixels = arrays[0].reshape(-1, arrays[0].shape[3])
    mean, std = pixels.mean(axis=0, dtype=np.float64), pixels.std(axis=0, dtype=np.float64)
    floor = SMALLEST_SPREAD * math.sqrt(float(np.mean(std**2)))
    scale = 1 / np.maximum(std, floor) if floor > 0 else np.ones_like(std)
    shift, factor = mean.astype(np.float32), scale.astype(np.float32)
    ready = [np.ascontiguousarray(((images - shift) * factor).transpose(0, 3, 1, 2)) for images in arrays]
    return ready[0] if len(ready) == 1 else tuple(ready)


class ConvNet:
    """Stages of convolution → normalisation → max pooling → ReLU, then affine → ReLU → dropout → affine → softmax.

    input_shape: (channels, height, width). filters: the number of kernels of each stage. Kernels are
    filter_size × filter_size (odd), stride 1, padded so that only the 2 × 2 pooling shrinks the image, to half.
    (ReLU and max pooling may change places without changing anything; on pooled maps ReLU is four times cheaper.)
    hidden: units of the hidden layer. normalization: None or "batchnorm" (a channel at a time). dropout: the
    probability of keeping a hidden unit, None for no dropout. reg adds 0.5·reg·ΣW² over weights, not biases, gains and
    shifts. rng: a Generator or a seed (by default 0); it draws the weights (He et al., 2015; those of the last layer
    ten times smaller, so that the loss starts near log(classes)), then the masks of dropout.

    `params` holds W1 (F, C, k, k), b1, (gamma1, beta1,) ... a stage each, then the two affine layers' in `dtype`;
    `bn_params` the running statistics. The answer to `ThreeLayerConvNet` in notebook 08, with any number of stages.
    Raises ValueError for settings it does not know, and where pooling does not fit.
    """

    def __init__(
        self,
        input_shape: tuple[int, int, int] = (3, 32, 32),
        filters: tuple[int, ...] = (16, 32),
        filter_size: int = 3,
        hidden: int = 64,
        num_classes: int = 10,
        normalization: str | None = None,
        dropout: float | None = None,
        reg: float = 0.0,
        dtype: DTypeLike = np.float32,
        rng: np.random.Generator | int | None = None,
    ) -> None:
        self.input_shape, self.filters = tuple(input_shape), tuple(filters)
        self.filter_size, self.hidden, self.num_classes = filter_size, hidden, num_classes
        self.normalization, self.dropout, self.reg, self.dtype = normalization, dropout, reg, np.dtype(dtype)
        self._check()
        self.reg = float(reg)  # a NumPy float64 would make the penalty's gradients in float64 first
        self.rng = np.random.default_rng(0 if rng is None else rng)
        self.stages = len(self.filters)
        self.depth = self.stages + 2  # layers with weights
        self.conv_param = {"stride": 1, "pad": filter_size // 2}
        self.params: dict[str, Array] = {}
        self.bn_params: list[dict[str, Any]] = []
        self._draw_params()

    def _draw_params(self) -> None:
        channels, height, width = self.input_shape
        for stage, count in enumerate(self.filters, start=1):
            fan_in = channels * self.filter_size**2
            W = init_weights("he", fan_in, count, self.rng, self.dtype)
            shape = (count, channels, self.filter_size, self.filter_size)
            self.params[f"W{stage}"] = np.ascontiguousarray(W.T).reshape(shape)
            self.params[f"b{stage}"] = np.zeros(count, self.dtype)
            if self.normalization == "batchnorm":
                self.params[f"gamma{stage}"] = np.ones(count, self.dtype)
                self.params[f"beta{stage}"] = np.zeros(count, self.dtype)
                # From 1, not 0: a net that has not been trained can be asked for scores as well.
                running = {"running_mean": np.zeros(count, self.dtype), "running_var": np.ones(count, self.dtype)}
                self.bn_params.append(running)
            channels, height, width = count, height // 2, width // 2
        sizes = (channels * height * width, self.hidden, self.num_classes)
        for layer, (fan_in, fan_out) in enumerate(itertools.pairwise(sizes), start=self.stages + 1):
            std = math.sqrt(2 / fan_in) * (LAST_LAYER if layer == self.depth else 1)
            self.params[f"W{layer}"] = init_weights(std, fan_in, fan_out, self.rng, self.dtype)
            self.params[f"b{layer}"] = np.zeros(fan_out, self.dtype)

    def loss(self, X: ArrayLike, y: ArrayLike | None = None) -> Any:
        """Scores (N, classes) in test mode; with y, the loss (a float) and gradients {name: array} in training mode.

        X: (N, C, H, W); y: (N,) integer labels or (N, classes) target probabilities.
        Raises ValueError when shapes or labels do not fit the net.
        """
        if y is None:
            return self._in_pieces(X, lambda piece: self.forward(piece)[0])
        scores, caches = self.forward(X, train=True)
        total, dscores = softmax_loss(scores, np.asarray(y))
        _, grads = self.backward(dscores, caches)
        if self.reg:
            for layer in range(1, self.depth + 1):
                weights, gradient = self.params[f"W{layer}"], grads[f"W{layer}"]
                total += 0.5 * self.reg * float(np.vdot(weights, weights))
                gradient += self.reg * weights
        return total, grads

    def predict(self, X: ArrayLike) -> NDArray[np.int64]:
        """The class with the highest score for each image of X: (N,) integers."""
        return self.loss(X).argmax(axis=1)

    def accuracy(self, X: ArrayLike, y: ArrayLike) -> float:
        """The share of images of X whose predicted label is the one in y: (N,)."""
        predicted, wanted = self.predict(X), np.asarray(y)
        if wanted.shape != predicted.shape or not len(wanted):
            raise ValueError(
                f"accuracy: {len(predicted)} images in X need y of shape {predicted.shape} and at least one of them, "
                f"not {wanted.shape}"
            )
        return float((predicted == wanted).mean())

    def features(self, X: ArrayLike) -> Array:
        """What the hidden layer gives out in test mode, (N, hidden): a description of each image."""
        return self._in_pieces(X, lambda piece: self.forward(piece)[1][-2]["out"])

    def activations(self, X: ArrayLike) -> list[Array]:
        """In test mode: the feature maps (N, F, H, W) after each stage, then the hidden layer's output (N, hidden)."""
        return [cache["out"] for cache in self.forward(X)[1][:-1]]

    def forward(self, X: ArrayLike, train: bool = False) -> tuple[Array, list[dict[str, Any]]]:
        """Scores (N, classes), and for each layer the dict of caches that `backward` needs."""
        out, mode = self._input(X), "train" if train else "test"
        layers: list[dict[str, Any]] = []
        for layer in range(1, self.depth + 1):
            W, b = self.params[f"W{layer}"], self.params[f"b{layer}"]
            cache: dict[str, Any] = {}
            if layer <= self.stages:
                out, cache["conv"] = conv_forward(out, W, b, self.conv_param)
                if self.normalization == "batchnorm":
                    statistics = self.bn_params[layer - 1]
                    statistics["mode"] = mode
                    gain, shift = self.params[f"gamma{layer}"], self.params[f"beta{layer}"]
                    out, cache["norm"] = spatial_batchnorm_forward(out, gain, shift, statistics)
                out, cache["pool"] = max_pool_forward(out, POOL)
            else:
                out, cache["affine"] = affine_forward(out, W, b)
            if layer < self.depth:
                out, cache["relu"] = relu_forward(out)
                cache["out"] = out
            if layer == self.depth - 1 and self.dropout is not None:
                out, cache["dropout"] = dropout_forward(out, {"p": self.dropout, "mode": mode, "rng": self.rng})
            layers.append(cache)
        return out, layers

    def backward(
        self, dscores: Array, caches: list[dict[str, Any]], input_gradient: bool = False
    ) -> tuple[Array | None, dict[str, Array]]:
        """From the gradient with respect to the scores, those of the images and of the parameters (without `reg`).

        The gradient of the images (N, C, H, W) is given where `input_gradient` asks for it, else None.
        """
        grads: dict[str, Array] = {}
        dout = dscores
        for layer in range(self.depth, 0, -1):
            cache, names = caches[layer - 1], (f"W{layer}", f"b{layer}")
            if "dropout" in cache:
                dout = dropout_backward(dout, cache["dropout"])
            if "relu" in cache:
                dout = relu_backward(dout, cache["relu"])
            if "affine" in cache:
                dout, grads[names[0]], grads[names[1]] = affine_backward(dout, cache["affine"])
                continue
            dout = max_pool_backward(dout, cache["pool"])
            if "norm" in cache:
                dout, grads[f"gamma{layer}"], grads[f"beta{layer}"] = spatial_batchnorm_backward(dout, cache["norm"])
            dout, grads[names[0]], grads[names[1]] = conv_backward(dout, cache["conv"])
        return (dout if input_gradient else None), grads

    def _in_pieces(self, X: ArrayLike, function: Any) -> Array:
        X = self._input(X)
        return np.concatenate([function(X[start : start + ROWS]) for start in range(0, max(len(X), 1), ROWS)])

    def _input(self, X: ArrayLike) -> Array:
        X = np.asarray(X)
        if X.ndim != 4 or X.shape[1:] != self.input_shape:
            channels, height, width = self.input_shape
            hint = ""
            if X.ndim == 4 and X.shape[1:] == (height, width, channels):
                hint = "; channels come first: X.transpose(0, 3, 1, 2)"
            raise ValueError(f"X has shape {X.shape}; this net takes (N, {channels}, {height}, {width}){hint}")
        return X.astype(self.dtype, copy=False)

    def _check(self) -> None:
        def whole(value: Any) -> bool:
            return isinstance(value, int | np.integer) and not isinstance(value, bool) and int(value) >= 1

        if len(self.input_shape) != 3 or not all(map(whole, self.input_shape)):
            raise ValueError(f"input_shape is {self.input_shape}; wanted (channels, height, width), whole numbers")
        if not self.filters or not all(map(whole, self.filters)):
            raise ValueError(f"filters is {self.filters}; wanted a tuple of whole numbers, the kernels of each stage")
        for name in ("filter_size", "hidden", "num_classes"):
            if not whole(getattr(self, name)):
                raise ValueError(f"{name} is {getattr(self, name)!r}; it is a whole number of at least 1")
        if self.filter_size % 2 == 0:
            raise ValueError(f"filter_size is {self.filter_size}; it is odd, so that padding keeps the image's size")
        shrink = 2 ** len(self.filters)
        if self.input_shape[1] % shrink or self.input_shape[2] % shrink:
            raise ValueError(
                f"{len(self.filters)} stages halve the image {len(self.filters)} times: height and width of "
                f"{self.input_shape} have to be multiples of {shrink}"
            )
        if self.normalization not in (None, "batchnorm"):
            raise ValueError(f"normalization is {self.normalization!r}; it is None or 'batchnorm'")
        for name, value, fits in (
            ("dropout", self.dropout, lambda p: p is None or 0 < p <= 1),
            ("reg", self.reg, lambda strength: 0 <= strength < math.inf),
        ):
            number = isinstance(value, int | float | np.number) and not isinstance(value, bool)
            if not (value is None and name == "dropout") and not (number and fits(value)):
                wanted = "above 0 and at most 1, or None" if name == "dropout" else "a number of at least 0"
                raise ValueError(f"{name} is {value!r}; it is {wanted}")
        if self.dtype not in (np.float32, np.float64):
            raise ValueError(f"dtype is {self.dtype}; it is float32 or float64")
