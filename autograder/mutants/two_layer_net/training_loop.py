"""A right training loop in which one part can be replaced by a mistake."""

import math

import numpy as np


def share_right(net, X, y):
    return float(np.mean(np.argmax(net.loss(X), axis=1) == y))


def new_order(rng, X, epoch):
    return rng.permutation(len(X))


def cut_up(order, batch_size):
    return [order[i : i + batch_size] for i in range(0, len(order), batch_size)]


def explodes(losses, factor):
    return not math.isfinite(losses[-1]) or losses[-1] > factor * losses[0]


def plain_step(net, grads, rate, epoch):
    for name in grads:
        net.params[name] = net.params[name] - rate * grads[name]


def run(
    arguments, stop_factor=3.0, order=new_order, cut=cut_up, too_large=explodes, step=plain_step, share=share_right
):
    """A right training loop in which one part can be replaced."""
    net, X, y, X_val, y_val, rate, num_epochs, batch_size, rng = arguments
    history = {"loss": [], "train_accuracy": [], "val_accuracy": [], "stopped": False}
    for epoch in range(num_epochs):
        for batch in cut(order(rng, X, epoch), batch_size):
            loss, grads = net.loss(X[batch], y[batch])
            history["loss"].append(float(loss))
            if too_large(history["loss"], stop_factor):
                history["stopped"] = True
                return history
            step(net, grads, rate, epoch)
        history["train_accuracy"].append(share(net, X, y))
        history["val_accuracy"].append(share(net, X_val, y_val))
    return history


def read(net, X, y, X_val, y_val, learning_rate, num_epochs, batch_size, rng, stop_factor=3.0):
    return (net, X, y, X_val, y_val, learning_rate, num_epochs, batch_size, rng), stop_factor
