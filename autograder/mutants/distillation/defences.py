"""Adversarial training: other right ways, and mistakes."""

import numpy as np

from autograder.mutants.distillation.right_parts import momentum_step, pushed
from autograder.testing import alternative, mutant
from course_utils import nn


@alternative("adversarial_training_step", "clean half first, one sum for each parameter")
def clean_half_first(net, X, y, epsilon, learning_rate, share=0.5):
    total = {name: np.zeros_like(w) for name, w in net.params.items()}
    loss = 0.0
    for weight, images in ((1 - share, X), (share, pushed(net, X, y, epsilon))):
        part, grads = net.loss(images, y)
        loss += weight * part
        for name, grad in grads.items():
            total[name] += weight * grad
    for name, grad in total.items():
        net.params[name] = net.params[name] - learning_rate * grad
    return loss


@alternative("adversarial_training_step", "parameters changed in place")
def parameters_in_place(net, X, y, epsilon, learning_rate, share=0.5):
    hard = pushed(net, X, y, epsilon)
    (clean_loss, clean), (hard_loss, steep) = net.loss(X, y), net.loss(hard, y)
    for name, w in net.params.items():
        w -= learning_rate * (clean[name] + share * (steep[name] - clean[name]))
    return clean_loss + share * (hard_loss - clean_loss)


def descend(net, grads, rate, names=None):
    for name in net.params if names is None else names:
        net.params[name] = net.params[name] - rate * grads[name]


def mixed(net, X, y, hard, share, labels=None):
    clean_loss, clean = net.loss(X, y)
    hard_loss, steep = net.loss(hard, y if labels is None else labels)
    grads = {name: (1 - share) * clean[name] + share * steep[name] for name in clean}
    return (1 - share) * clean_loss + share * hard_loss, grads


@mutant("adversarial_training_step", "The step trains on the clean images only.")
def clean_only(net, X, y, epsilon, learning_rate, share=0.5):
    loss, grads = net.loss(X, y)
    descend(net, grads, learning_rate)
    return loss


@mutant("adversarial_training_step", "The step trains on the attacked images only; share says how much they count.")
def attacked_only(net, X, y, epsilon, learning_rate, share=0.5):
    loss, grads = net.loss(pushed(net, X, y, epsilon), y)
    descend(net, grads, learning_rate)
    return loss


@mutant("adversarial_training_step", "The shares are exchanged: share belongs to the attacked images.")
def shares_exchanged(net, X, y, epsilon, learning_rate, share=0.5):
    loss, grads = mixed(net, X, y, pushed(net, X, y, epsilon), 1 - share)
    descend(net, grads, learning_rate)
    return loss


@mutant("adversarial_training_step", "Both halves count the same, whatever share is.")
def always_halves(net, X, y, epsilon, learning_rate, share=0.5):
    loss, grads = mixed(net, X, y, pushed(net, X, y, epsilon), 0.5)
    descend(net, grads, learning_rate)
    return loss


@mutant("adversarial_training_step", "The two losses and their gradients are added up without their shares.")
def added_up(net, X, y, epsilon, learning_rate, share=0.5):
    loss, grads = mixed(net, X, y, pushed(net, X, y, epsilon), 0.5)
    descend(net, grads, 2 * learning_rate)
    return 2 * loss


@mutant(
    "adversarial_training_step", "The gradients are mixed, but the loss that is returned is that of the clean images."
)
def clean_loss_returned(net, X, y, epsilon, learning_rate, share=0.5):
    first = net.loss(X, y)[0]
    descend(net, mixed(net, X, y, pushed(net, X, y, epsilon), share)[1], learning_rate)
    return first


@mutant("adversarial_training_step", "The loss that is returned is from after the step; that from before it is wanted.")
def loss_from_afterwards(net, X, y, epsilon, learning_rate, share=0.5):
    hard = pushed(net, X, y, epsilon)
    descend(net, mixed(net, X, y, hard, share)[1], learning_rate)
    return mixed(net, X, y, hard, share)[0]


@mutant(
    "adversarial_training_step",
    "There are two steps, a clean one and then one on images attacked afterwards: work out both gradients first.",
)
def two_steps(net, X, y, epsilon, learning_rate, share=0.5):
    clean_loss, clean = net.loss(X, y)
    descend(net, clean, (1 - share) * learning_rate)
    hard_loss, steep = net.loss(pushed(net, X, y, epsilon), y)
    descend(net, steep, share * learning_rate)
    return (1 - share) * clean_loss + share * hard_loss


@mutant("adversarial_training_step", "The attack always has the same size: pass epsilon on.")
def epsilon_ignored(net, X, y, epsilon, learning_rate, share=0.5):
    loss, grads = mixed(net, X, y, pushed(net, X, y, 0.05), share)
    descend(net, grads, learning_rate)
    return loss


@mutant("adversarial_training_step", "The step has momentum: plain gradient descent is asked for.")
def with_momentum(net, X, y, epsilon, learning_rate, share=0.5):
    loss, grads = mixed(net, X, y, pushed(net, X, y, epsilon), share)
    configs = net.__dict__.setdefault("configs", {})
    momentum_step(net, grads, configs, learning_rate)
    return loss


@mutant("adversarial_training_step", "Losses and gradients come from the net in test mode: this trains, with net.loss.")
def trained_in_test_mode(net, X, y, epsilon, learning_rate, share=0.5):
    loss, total = 0.0, {}
    for weight, images in ((1 - share, X), (share, pushed(net, X, y, epsilon))):
        scores, caches = net.forward(images)
        part, dscores = nn.softmax_loss(scores, y)
        loss += weight * part
        for name, grad in net.backward(dscores, caches)[1].items():
            total[name] = total.get(name, 0) + weight * grad
    descend(net, total, learning_rate)
    return loss


@mutant(
    "adversarial_training_step",
    "Only parameters called W and b are changed; gains and shifts of batch norm are parameters, too: go through net.params.",
)
def names_written_out(net, X, y, epsilon, learning_rate, share=0.5):
    loss, grads = mixed(net, X, y, pushed(net, X, y, epsilon), share)
    descend(net, grads, learning_rate, [name for name in net.params if name[0] in "Wb" and name[1:].isdigit()])
    return loss


@mutant("adversarial_training_step", "The step goes up the loss.")
def uphill(net, X, y, epsilon, learning_rate, share=0.5):
    loss, grads = mixed(net, X, y, pushed(net, X, y, epsilon), share)
    descend(net, grads, -learning_rate)
    return loss


@mutant("adversarial_training_step", "The attacked images lower the loss: the attack should raise it.")
def helpful_attack(net, X, y, epsilon, learning_rate, share=0.5):
    loss, grads = mixed(net, X, y, pushed(net, X, y, -epsilon), share)
    descend(net, grads, learning_rate)
    return loss


@mutant(
    "adversarial_training_step", "The attacked images get the net's answers as labels: the right labels y stay right."
)
def answers_as_labels(net, X, y, epsilon, learning_rate, share=0.5):
    hard = pushed(net, X, y, epsilon)
    loss, grads = mixed(net, X, y, hard, share, net.predict(hard))
    descend(net, grads, learning_rate)
    return loss


@mutant("adversarial_training_step", "The second half is random noise of the same size, not an attack.")
def noise_for_attack(net, X, y, epsilon, learning_rate, share=0.5):
    noise = np.random.default_rng(0).choice([-epsilon, epsilon], size=X.shape)
    loss, grads = mixed(net, X, y, np.clip(X + noise, 0, 1).astype(X.dtype), share)
    descend(net, grads, learning_rate)
    return loss


@mutant("adversarial_training_step", "Only weights are changed: biases are parameters, too.")
def weights_only(net, X, y, epsilon, learning_rate, share=0.5):
    loss, grads = mixed(net, X, y, pushed(net, X, y, epsilon), share)
    descend(net, grads, learning_rate, [name for name in net.params if name.startswith("W")])
    return loss


@mutant("adversarial_training_step", "The parameters do not change: assign the new values to net.params.")
def nothing_assigned(net, X, y, epsilon, learning_rate, share=0.5):
    return mixed(net, X, y, pushed(net, X, y, epsilon), share)[0]


@mutant("adversarial_training_step", "Nothing is returned: hand back the mixed loss.")
def nothing_returned(net, X, y, epsilon, learning_rate, share=0.5):
    descend(net, mixed(net, X, y, pushed(net, X, y, epsilon), share)[1], learning_rate)


@mutant("adversarial_training_step", "The images passed in become the attacked ones: X is changed in place.")
def images_changed(net, X, y, epsilon, learning_rate, share=0.5):
    hard = pushed(net, X, y, epsilon)
    loss, grads = mixed(net, X, y, hard, share)
    descend(net, grads, learning_rate)
    X[...] = hard
    return loss


@mutant("adversarial_training_step", "The parameters become float64; they keep their dtype.")
def parameters_float64(net, X, y, epsilon, learning_rate, share=0.5):
    loss, grads = mixed(net, X, y, pushed(net, X, y, epsilon), share)
    for name in net.params:
        net.params[name] = net.params[name].astype(np.float64) - learning_rate * grads[name]
    return loss
