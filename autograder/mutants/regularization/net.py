"""`FullyConnectedNet`: other right ways, and mistakes in its parameters, its order of stations and its way back."""

import numpy as np

from autograder.mutants.regularization.right_net import RightNet
from autograder.testing import alternative, mutant
from course_utils import nn


@alternative("FullyConnectedNet", "each step a method of its own")
class in_small_steps(RightNet):  # noqa: N801
    pass


@alternative("FullyConnectedNet", "dropout written out, new dicts for batch norm's settings")
class written_out(RightNet):  # noqa: N801
    def drop(self, h, mode):
        if mode == "test":
            return h, np.ones(h.shape)
        mask = self.rng.binomial(1, self.dropout, h.shape) / self.dropout
        return h * mask, mask

    def undrop(self, dout, cache):
        return dout * cache

    def start(self):
        params = RightNet.start(self)
        for name in list(params):
            params[name] = np.array(params.pop(name))
        return params


# The start -------------------------------------------------------------------------------------------------------------


@mutant("FullyConnectedNet", "The spread of the weights is 1 / fan_in under the root: for ReLU it is 2 / fan_in.")
class xavier(RightNet):  # noqa: N801
    def spread(self, d, h):
        return (1 / d) ** 0.5


@mutant("FullyConnectedNet", "The weights' standard deviation is 2 / fan_in: the root is missing.")
class root_missing(RightNet):  # noqa: N801
    def spread(self, d, h):
        return 2 / d


@mutant("FullyConnectedNet", "The spread of the weights follows from fan_out, the units of the layer: it is fan_in.")
class by_fan_out(RightNet):  # noqa: N801
    def spread(self, d, h):
        return (2 / h) ** 0.5


@mutant("FullyConnectedNet", "The gains of batch norm start at zero: then every output of the layer is its shift.")
class gains_of_zero(RightNet):  # noqa: N801
    def start(self):
        return {name: value * (name[0] != "g") for name, value in RightNet.start(self).items()}


@mutant("FullyConnectedNet", "The last layer has a gain and a shift as well; batch norm belongs to hidden layers only.")
class gain_for_the_scores(RightNet):  # noqa: N801
    def start(self):
        params, classes = RightNet.start(self), self.sizes[-1]
        if self.batchnorm:
            params |= {f"gamma{self.depth}": np.ones(classes), f"beta{self.depth}": np.zeros(classes)}
        return params


@mutant("FullyConnectedNet", "There are gains and shifts though batchnorm is false.")
class gains_always(RightNet):  # noqa: N801
    def start(self):
        asked, self.batchnorm = self.batchnorm, True
        params = RightNet.start(self)
        self.batchnorm = asked
        return params


@mutant("FullyConnectedNet", "The parameters are float64 whatever dtype says: NumPy draws and makes zeros in float64.")
class dtype_forgotten(RightNet):  # noqa: N801
    def converted(self, name, value):
        return np.array(value)


@mutant("FullyConnectedNet", "The weights are float64 whatever dtype says: what self.rng draws has to be converted.")
class weights_not_converted(RightNet):  # noqa: N801
    def converted(self, name, value):
        return np.array(value) if name[0] == "W" else RightNet.converted(self, name, value)


@mutant(
    "FullyConnectedNet",
    "Biases, gains and shifts are float64 whatever dtype says: hand dtype on to np.zeros and np.ones.",
)
class vectors_not_converted(RightNet):  # noqa: N801
    def converted(self, name, value):
        return RightNet.converted(self, name, value) if name[0] == "W" else np.array(value)


@mutant("FullyConnectedNet", "The weights do not come from self.rng, so a seed does not give the same net again.")
class global_weights(RightNet):  # noqa: N801
    def draw(self, spread, shape):
        return np.random.default_rng().normal(0, spread, shape)


@mutant("FullyConnectedNet", "The weights come from a generator with a seed of its own, whatever rng is: use self.rng.")
class own_seed(RightNet):  # noqa: N801
    def draw(self, spread, shape):
        return np.random.default_rng(0).normal(0, spread, shape)


@mutant(
    "FullyConnectedNet",
    "Every layer makes a new generator from rng, so layers of equal size get equal weights: draw on from self.rng.",
)
class generator_anew_each_layer(RightNet):  # noqa: N801
    def draw(self, spread, shape):
        return np.random.default_rng(self.given).normal(0, spread, shape)


@mutant("FullyConnectedNet", "The weights are uniform numbers of the right spread; they should be normal.")
class uniform_weights(RightNet):  # noqa: N801
    def draw(self, spread, shape):
        return spread * np.sqrt(3) * self.rng.uniform(-1, 1, shape)


@mutant("FullyConnectedNet", "The weights' standard deviation is a fixed small number: it is the root of 2 / fan_in.")
class fixed_spread(RightNet):  # noqa: N801
    def spread(self, d, h):
        return 0.01


# The way up ------------------------------------------------------------------------------------------------------------


@mutant("FullyConnectedNet", "The ReLU is missing in the hidden layers.")
class no_relu(RightNet):  # noqa: N801
    def stations(self, layer):
        return [station for station in RightNet.stations(self, layer) if station != "relu"]


@mutant("FullyConnectedNet", "The scores pass through a ReLU: the last layer is affine alone.")
class relu_on_scores(RightNet):  # noqa: N801
    def last_stations(self):
        return ["affine", "relu"]


@mutant("FullyConnectedNet", "Batch norm comes after the ReLU: it stands between the affine map and the ReLU.")
class batchnorm_after_relu(RightNet):  # noqa: N801
    def stations(self, layer):
        return ["affine", "relu", *["batchnorm"] * self.batchnorm, *["dropout"] * (self.dropout is not None)]


@mutant("FullyConnectedNet", "Batch norm is not applied: its gains and shifts stay without effect.")
class batchnorm_forgotten(RightNet):  # noqa: N801
    def stations(self, layer):
        return [station for station in RightNet.stations(self, layer) if station != "batchnorm"]

    def loss(self, X, y=None):
        reply = RightNet.loss(self, X, y)
        if y is None:
            return reply
        loss, grads = reply
        return loss, {name: np.zeros(np.shape(value)) for name, value in self.params.items()} | grads


@mutant("FullyConnectedNet", "Batch norm works in training mode when scores are asked for: hand the mode on to it.")
class always_batch_statistics(RightNet):  # noqa: N801
    def bn_param(self, layer, mode):
        return RightNet.bn_param(self, layer, "train")


@mutant("FullyConnectedNet", "Batch norm's running statistics are not kept: use the dict in self.bn_params itself.")
class statistics_lost(RightNet):  # noqa: N801
    def bn_param(self, layer, mode):
        return dict(self.bn_params[layer - 1], mode=mode)


@mutant(
    "FullyConnectedNet", "The mode of batch norm stays what it was at the first call: set it in bn_param at every call."
)
class first_mode_stays(RightNet):  # noqa: N801
    def bn_param(self, layer, mode):
        self.bn_params[layer - 1].setdefault("mode", mode)
        return self.bn_params[layer - 1]


@mutant("FullyConnectedNet", "All layers use the same entry of self.bn_params: each layer has its own.")
class one_bn_param(RightNet):  # noqa: N801
    def bn_param(self, layer, mode):
        self.bn_params[0]["mode"] = mode
        return self.bn_params[0]


@mutant("FullyConnectedNet", "Hidden units are dropped when scores are asked for: hand the mode on to dropout.")
class dropout_always_on(RightNet):  # noqa: N801
    def drop(self, h, mode):
        return RightNet.drop(self, h, "train")


@mutant("FullyConnectedNet", "Nothing is dropped in training: is dropout in the way up, with the mode train?")
class dropout_never(RightNet):  # noqa: N801
    def drop(self, h, mode):
        return RightNet.drop(self, h, "test")


@mutant("FullyConnectedNet", "Units are kept with probability 1 - dropout: the number is the probability of keeping.")
class keeps_the_rest(RightNet):  # noqa: N801
    def drop(self, h, mode):
        param = {"p": max(1 - self.dropout, 1e-9), "mode": mode, "rng": self.rng}
        return nn.dropout_forward(h, param)


@mutant("FullyConnectedNet", "Only the first hidden layer has dropout: every hidden layer has.")
class first_layer_only(RightNet):  # noqa: N801
    def stations(self, layer):
        return [s for s in RightNet.stations(self, layer) if s != "dropout" or layer == 1]


@mutant("FullyConnectedNet", "The first hidden layer has no dropout: every hidden layer has.")
class not_in_the_first_layer(RightNet):  # noqa: N801
    def stations(self, layer):
        return [s for s in RightNet.stations(self, layer) if s != "dropout" or layer > 1]


@mutant("FullyConnectedNet", "Half of the units are kept whatever dropout is: it is the probability of keeping.")
class always_half(RightNet):  # noqa: N801
    def drop(self, h, mode):
        return nn.dropout_forward(h, {"p": 0.5, "mode": mode, "rng": self.rng})


@mutant("FullyConnectedNet", "The masks do not come from self.rng, so a seed does not give the same training again.")
class masks_from_elsewhere(RightNet):  # noqa: N801
    def drop(self, h, mode):
        return nn.dropout_forward(h, {"p": self.dropout, "mode": mode, "rng": np.random.default_rng()})


@mutant("FullyConnectedNet", "The scores are dropped as well: only hidden units are.")
class scores_dropped(RightNet):  # noqa: N801
    def last_stations(self):
        return ["affine", *["dropout"] * (self.dropout is not None)]


@mutant("FullyConnectedNet", "The inputs are dropped as well: only hidden units are.")
class inputs_dropped(RightNet):  # noqa: N801
    def all_stations(self):
        return [(0, "dropout")] * (self.dropout is not None) + RightNet.all_stations(self)


@mutant("FullyConnectedNet", "Every call drops the same units: the masks come from self.rng.")
class same_masks(RightNet):  # noqa: N801
    def drop(self, h, mode):
        return nn.dropout_forward(h, {"p": self.dropout, "mode": mode, "seed": 3})


# The way down ----------------------------------------------------------------------------------------------------------


@mutant("FullyConnectedNet", "The way down leaves dropout out: gradients reach units that were dropped.")
class dropout_not_undone(RightNet):  # noqa: N801
    def undrop(self, dout, cache):
        return dout


@mutant("FullyConnectedNet", "The way down leaves the ReLU out: where a unit is off, no gradient passes.")
class relu_not_undone(RightNet):  # noqa: N801
    def backward_of(self, station, dout, cache, layer, grads):
        return dout if station == "relu" else RightNet.backward_of(self, station, dout, cache, layer, grads)


@mutant(
    "FullyConnectedNet",
    "The gradient does not pass through batch norm on its way down, though gain and shift have theirs.",
)
class batchnorm_not_undone(RightNet):  # noqa: N801
    def backward_of(self, station, dout, cache, layer, grads):
        before = dout
        dout = RightNet.backward_of(self, station, dout, cache, layer, grads)
        return before if station == "batchnorm" else dout


@mutant("FullyConnectedNet", "The way down ends above the first hidden layer: W1 and b1 get no gradient.")
class ends_above_the_first(RightNet):  # noqa: N801
    def backward_of(self, station, dout, cache, layer, grads):
        return dout if layer == 1 else RightNet.backward_of(self, station, dout, cache, layer, grads)


@mutant("FullyConnectedNet", "The penalty lacks the factor ½.")
class no_half(RightNet):  # noqa: N801
    def add_penalty(self, loss, grads):
        loss, grads = RightNet.add_penalty(self, loss, grads)
        return loss + 0.5 * self.reg * sum(np.sum(self.params[name] ** 2) for name in self.penalised()), grads


@mutant("FullyConnectedNet", "The penalty is in the loss but not in the gradients.")
class penalty_without_gradient(RightNet):  # noqa: N801
    def add_penalty(self, loss, grads):
        return RightNet.add_penalty(self, loss, dict(grads))[0], grads


@mutant("FullyConnectedNet", "The gradients have the penalty, the loss does not.")
class gradient_without_penalty(RightNet):  # noqa: N801
    def add_penalty(self, loss, grads):
        return loss, RightNet.add_penalty(self, loss, grads)[1]


@mutant("FullyConnectedNet", "The gradient of the penalty is twice too large: half a square has the derivative W.")
class twice_the_gradient(RightNet):  # noqa: N801
    def add_penalty(self, loss, grads):
        loss, grads = RightNet.add_penalty(self, loss, grads)
        return loss, RightNet.add_penalty(self, 0.0, grads)[1]


@mutant("FullyConnectedNet", "Biases, gains and shifts pay the penalty as well; only weights do.")
class everything_pays(RightNet):  # noqa: N801
    def penalised(self):
        return list(self.params)


@mutant("FullyConnectedNet", "The last layer's weights do not pay the penalty: all weights do.")
class last_layer_free(RightNet):  # noqa: N801
    def penalised(self):
        return [f"W{layer}" for layer in range(1, self.depth)]


@mutant("FullyConnectedNet", "The first layer's weights do not pay the penalty: all weights do.")
class first_layer_free(RightNet):  # noqa: N801
    def penalised(self):
        return [f"W{layer}" for layer in range(2, self.depth + 1)]


@mutant("FullyConnectedNet", "The gradient of the penalty takes the place of the loss's own: it is added to it.")
class gradient_replaced(RightNet):  # noqa: N801
    def add_penalty(self, loss, grads):
        loss, grads = RightNet.add_penalty(self, loss, grads)
        return loss, grads | {name: self.reg * self.params[name] for name in self.penalised()}


@mutant("FullyConnectedNet", "On the way down batch norm comes before the ReLU: undo the stations in reverse order.")
class relu_and_batchnorm_exchanged(RightNet):  # noqa: N801
    def loss(self, X, y=None):
        if y is None or not self.batchnorm:
            return RightNet.loss(self, X, y)
        self.held = {}
        return RightNet.loss(self, X, y)

    def backward_of(self, station, dout, cache, layer, grads):
        if self.batchnorm and station == "relu":
            self.held[layer] = cache
            return dout
        dout = RightNet.backward_of(self, station, dout, cache, layer, grads)
        return nn.relu_backward(dout, self.held[layer]) if station == "batchnorm" else dout
