"""`TwoLayerNet`: mistakes in its loss and gradients."""

import numpy as np

from autograder.mutants.two_layer_net.right_net import RightNet
from autograder.testing import mutant

# The loss ----------------------------------------------------------------------------------------------------------------


@mutant("TwoLayerNet", "The loss is the sum over the batch; it should be the mean.")
class summed_loss(RightNet):  # noqa: N801
    def data_loss(self, log_p, y):
        return len(y) * RightNet.data_loss(self, log_p, y)


@mutant(
    "TwoLayerNet", "The loss is also divided by the number of classes: one true class a row counts, so divide by N."
)
class mean_over_classes_too(RightNet):  # noqa: N801
    def data_loss(self, log_p, y):
        return RightNet.data_loss(self, log_p, y) / log_p.shape[1]


@mutant("TwoLayerNet", "The loss has the wrong sign: a logarithm of a probability is negative.")
class negative_loss(RightNet):  # noqa: N801
    def data_loss(self, log_p, y):
        return -RightNet.data_loss(self, log_p, y)


@mutant(
    "TwoLayerNet", "Scores are not shifted before the exponential: large ones overflow. Subtract each row's maximum."
)
class overflows(RightNet):  # noqa: N801
    def log_probabilities(self, scores):
        raised = np.exp(scores)
        return np.log(raised / raised.sum(axis=1, keepdims=True))


@mutant(
    "TwoLayerNet",
    "One maximum is subtracted for the whole batch: rows far below it underflow. Each row needs its own maximum.",
)
class one_maximum_for_all(RightNet):  # noqa: N801
    def log_probabilities(self, scores):
        raised = np.exp(scores - scores.max())
        return np.log(raised / raised.sum(axis=1, keepdims=True))


@mutant("TwoLayerNet", "The exponentials are summed down the columns; the probabilities of each row must add up to 1.")
class sums_the_columns(RightNet):  # noqa: N801
    def log_probabilities(self, scores):
        shifted = scores - scores.max(axis=1, keepdims=True)
        return shifted - np.log(np.exp(shifted).sum(axis=0, keepdims=True))


# The penalty ---------------------------------------------------------------------------------------------------------------


@mutant("TwoLayerNet", "The penalty in the loss is reg * sum(W**2); here networks use half of that.")
class penalty_not_halved(RightNet):  # noqa: N801
    def penalty(self):
        return 2 * RightNet.penalty(self)


@mutant("TwoLayerNet", "The penalty's gradient is 2 * reg * W; with the factor one half in the loss it is reg * W.")
class penalty_gradient_doubled(RightNet):  # noqa: N801
    def add_penalty(self, grads, X):
        return RightNet.add_penalty(self, RightNet.add_penalty(self, grads, X), X)


@mutant(
    "TwoLayerNet",
    "Loss and gradient carry the penalty of notebook 02, reg * sum(W**2) and 2 * reg * W; from here on it is half that.",
)
class penalty_of_notebook_02(penalty_gradient_doubled):  # noqa: N801
    def penalty(self):
        return 2 * RightNet.penalty(self)


@mutant("TwoLayerNet", "The penalty's gradient is half as large as it should be: the slope of w**2 / 2 is w.")
class penalty_gradient_halved(RightNet):  # noqa: N801
    def add_penalty(self, grads, X):
        for name in ("W1", "W2"):
            grads[name] = grads[name] + 0.5 * self.reg * self.params[name]
        return grads


@mutant("TwoLayerNet", "The penalty is in the loss but not in the gradients.")
class penalty_without_gradient(RightNet):  # noqa: N801
    def add_penalty(self, grads, X):
        return grads


@mutant("TwoLayerNet", "The penalty is in the gradients but not in the loss.")
class penalty_without_loss(RightNet):  # noqa: N801
    def penalty(self):
        return 0.0


@mutant(
    "TwoLayerNet", "There is no penalty, neither in the loss nor in the gradients; its strength is what self.reg holds."
)
class penalty_missing(RightNet):  # noqa: N801
    def penalty(self):
        return 0.0

    def add_penalty(self, grads, X):
        return grads


@mutant("TwoLayerNet", "The biases are in the penalty; it is for the weights only.")
class biases_in_the_penalty(RightNet):  # noqa: N801
    def penalty(self):
        return 0.5 * self.reg * sum(np.sum(value**2) for value in self.params.values())

    def add_penalty(self, grads, X):
        return {name: grad + self.reg * self.params[name] for name, grad in grads.items()}


@mutant("TwoLayerNet", "The biases' gradients hold a penalty that the loss does not have, and should not have.")
class bias_gradients_penalised(RightNet):  # noqa: N801
    def add_penalty(self, grads, X):
        return {name: grad + self.reg * self.params[name] for name, grad in grads.items()}


@mutant("TwoLayerNet", "Only W1 is in the penalty; W2 belongs there, too.")
class penalty_of_w1_only(RightNet):  # noqa: N801
    def penalty(self):
        return 0.5 * self.reg * np.sum(self.params["W1"] ** 2)

    def add_penalty(self, grads, X):
        return grads | {"W1": grads["W1"] + self.reg * self.params["W1"]}


@mutant("TwoLayerNet", "Only W2 is in the penalty; W1 belongs there, too.")
class penalty_of_w2_only(RightNet):  # noqa: N801
    def penalty(self):
        return 0.5 * self.reg * np.sum(self.params["W2"] ** 2)

    def add_penalty(self, grads, X):
        return grads | {"W2": grads["W2"] + self.reg * self.params["W2"]}


@mutant("TwoLayerNet", "The penalty is divided by the number of examples: only the data loss is a mean.")
class penalty_divided(RightNet):  # noqa: N801
    def loss(self, X, y=None):
        kept, self.reg = self.reg, self.reg / len(X)
        try:
            return RightNet.loss(self, X, y)
        finally:
            self.reg = kept


@mutant(
    "TwoLayerNet", "The penalty is the length of the weights, a square root; the squares are to be summed, no more."
)
class penalty_of_lengths(RightNet):  # noqa: N801
    def penalty(self):
        return 0.5 * self.reg * (np.linalg.norm(self.params["W1"]) + np.linalg.norm(self.params["W2"]))


# The gradients -------------------------------------------------------------------------------------------------------------


@mutant("TwoLayerNet", "The true class is not subtracted: the slope of its score is its probability minus 1.")
class true_class_not_subtracted(RightNet):  # noqa: N801
    def dscores(self, p, y):
        return p / len(y)


@mutant(
    "TwoLayerNet",
    "1 is subtracted in every row for each label of the batch; row n loses it in the column of its own label only.",
)
class true_classes_in_every_row(RightNet):  # noqa: N801
    def dscores(self, p, y):
        p[:, y] -= 1
        return p / len(y)


@mutant("TwoLayerNet", "The gradients are sums over the batch; the loss is a mean, so they are divided by N as well.")
class summed_gradients(RightNet):  # noqa: N801
    def dscores(self, p, y):
        return len(y) * RightNet.dscores(self, p, y)


@mutant("TwoLayerNet", "The gradients of the data have the wrong sign: they are slopes of the loss, not steps.")
class negative_gradients(RightNet):  # noqa: N801
    def dscores(self, p, y):
        return -RightNet.dscores(self, p, y)


@mutant("TwoLayerNet", "The gradient goes back through hidden units that were off: there the ReLU's slope is 0.")
class relu_not_in_the_backward(RightNet):  # noqa: N801
    def dbefore(self, dhidden, before):
        return dhidden


@mutant(
    "TwoLayerNet",
    "What came back was cut off at zero: the ReLU's slope depends on its input of the forward pass, not on the sign of "
    "the gradient.",
)
class relu_of_the_gradient(RightNet):  # noqa: N801
    def dbefore(self, dhidden, before):
        return np.maximum(0, dhidden)


@mutant("TwoLayerNet", "Whether a unit was on is judged without its bias: what counts is X W1 + b1.")
class on_without_the_bias(RightNet):  # noqa: N801
    def dbefore(self, dhidden, before):
        return dhidden * (before - self.params["b1"] > 0)


@mutant("TwoLayerNet", "The gradient was multiplied by the hidden layer's outputs; only whether a unit was on matters.")
class times_the_hidden_layer(RightNet):  # noqa: N801
    def dbefore(self, dhidden, before):
        return dhidden * np.maximum(0, before)


@mutant("TwoLayerNet", "W2's gradient uses the hidden layer before its ReLU; the scores were made from what came out.")
class gradient_from_before_the_relu(RightNet):  # noqa: N801
    def gradients(self, X, before, hidden, dscores):
        return RightNet.gradients(self, X, before, hidden, dscores) | {"W2": before.T @ dscores}


@mutant("TwoLayerNet", "The biases' gradients are means over the batch: 1/N is already in the scores' gradient.")
class bias_gradients_averaged_twice(RightNet):  # noqa: N801
    def gradients(self, X, before, hidden, dscores):
        grads = RightNet.gradients(self, X, before, hidden, dscores)
        return grads | {name: grads[name] / len(X) for name in ("b1", "b2")}


@mutant("TwoLayerNet", "The biases' gradients have an axis too many: b1 and b2 are vectors, so drop keepdims.")
class bias_gradients_with_an_axis(RightNet):  # noqa: N801
    def gradients(self, X, before, hidden, dscores):
        grads = RightNet.gradients(self, X, before, hidden, dscores)
        return grads | {name: grads[name][np.newaxis] for name in ("b1", "b2")}


@mutant("TwoLayerNet", "The gradient of b1 is missing: every parameter needs one.")
class b1_without_gradient(RightNet):  # noqa: N801
    def gradients(self, X, before, hidden, dscores):
        grads = RightNet.gradients(self, X, before, hidden, dscores)
        return {name: grads[name] for name in ("W1", "W2", "b2")}


@mutant("TwoLayerNet", "The gradient of b2 is zero: a bias adds to every score of its class, so it has a slope.")
class b2_gradient_zero(RightNet):  # noqa: N801
    def gradients(self, X, before, hidden, dscores):
        grads = RightNet.gradients(self, X, before, hidden, dscores)
        return grads | {"b2": np.zeros_like(grads["b2"])}


@mutant("TwoLayerNet", "loss takes a step by itself: it should only return gradients and leave params as it is.")
class steps_in_the_loss(RightNet):  # noqa: N801
    def loss(self, X, y=None):
        answer = RightNet.loss(self, X, y)
        if y is not None:
            self.params = {name: value - 1e-3 * answer[1][name] for name, value in self.params.items()}
        return answer


@mutant("TwoLayerNet", "X itself is changed: an in-place operation such as -= reaches the caller's array.")
class changes_X(RightNet):  # noqa: N801
    def loss(self, X, y=None):
        answer = RightNet.loss(self, X, y)
        if y is not None:
            X -= X.mean(axis=0)
        return answer
