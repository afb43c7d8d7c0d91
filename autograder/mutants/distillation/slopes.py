"""Gradients with respect to an image, saliency maps: other right ways, and mistakes."""

import numpy as np

from autograder.mutants.distillation.right_parts import back_to_pixels, onehot, slopes
from autograder.testing import alternative, mutant
from course_utils import nn

# The input gradient ----------------------------------------------------------------------------------------------------


@alternative("input_gradient", "with the softmax written out")
def softmax_written_out(net, X, y):
    def start(scores):
        exps = np.exp(scores - scores.max(axis=1, keepdims=True))
        return (exps / exps.sum(axis=1, keepdims=True) - onehot(y, scores.shape[1])) / len(y)

    return back_to_pixels(net, X, start)


@alternative("input_gradient", "an image at a time")
def image_by_image(net, X, y):
    return np.concatenate([slopes(net, X[i : i + 1], y[i : i + 1]) for i in range(len(X))]) / len(X)


@mutant(
    "input_gradient",
    "The forward pass is in training mode: dropout is on, and batch norm uses and changes its statistics.",
)
def training_mode(net, X, y):
    return back_to_pixels(net, X, lambda scores: nn.softmax_loss(scores, y)[1], train=True)


@mutant(
    "input_gradient", "This is the gradient with respect to the first layer's weights, not with respect to the input."
)
def gradient_of_weights(net, X, y):
    return net.loss(X, y)[1]["W1"]


@mutant("input_gradient", "This is the gradient of the sum of the losses: the loss is their mean, so 1 / N is missing.")
def gradient_of_the_sum(net, X, y):
    return len(X) * slopes(net, X, y)


@mutant("input_gradient", "1 / N is there twice: nn.softmax_loss gives the gradient of the mean already.")
def divided_twice(net, X, y):
    return slopes(net, X, y) / len(X)


@mutant("input_gradient", "The sign is wrong: this is the direction in which the loss falls.")
def downhill(net, X, y):
    return -slopes(net, X, y)


@mutant("input_gradient", "Only the sign is returned; the gradient itself is asked for.")
def signs(net, X, y):
    return np.sign(slopes(net, X, y))


@mutant("input_gradient", "The net's own answers stand in the place of y.")
def answers_for_labels(net, X, y):
    return slopes(net, X, net.predict(X))


@mutant("input_gradient", "This is the gradient of the label's score; that of the loss is wanted.")
def gradient_of_the_score(net, X, y):
    return back_to_pixels(net, X, lambda scores: onehot(y, scores.shape[1]))


@mutant("input_gradient", "The scores themselves are handed to backward; it takes the gradient with respect to them.")
def scores_handed_back(net, X, y):
    return back_to_pixels(net, X, lambda scores: scores)


@mutant("input_gradient", "The label's probability is differentiated, not minus its logarithm.")
def gradient_of_the_probability(net, X, y):
    def start(scores):
        p = np.exp(scores - scores.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        own = p[np.arange(len(y)), y][:, None]
        return -own * (p - onehot(y, p.shape[1])) / len(y)

    return back_to_pixels(net, X, start)


@mutant("input_gradient", "Every image gets the mean of all images' gradients: each has its own.")
def one_for_all(net, X, y):
    return np.broadcast_to(slopes(net, X, y).mean(axis=0), X.shape).copy()


@mutant("input_gradient", "The net is trained along the way: its parameters change.")
def net_trained(net, X, y):
    found = slopes(net, X, y)
    for name, grad in net.loss(X, y)[1].items():
        net.params[name] = net.params[name] - 1e-3 * grad
    return found


@mutant("input_gradient", "The gradient is made to have the length 1; it is wanted as it is.")
def made_unit(net, X, y):
    found = slopes(net, X, y)
    return found / np.linalg.norm(found)


# The saliency map ------------------------------------------------------------------------------------------------------


def score_slopes(net, X, y, **settings):
    return back_to_pixels(net, X, lambda scores: onehot(y, scores.shape[1]), **settings)


@alternative("saliency_map", "a channel at a time")
def channel_by_channel(net, X, y):
    found = score_slopes(net, X, y)
    most = np.zeros((len(X), *X.shape[2:]))
    for c in range(X.shape[1]):
        most = np.maximum(most, np.absolute(found[:, c]))
    return most


@alternative("saliency_map", "the largest and the smallest, compared")
def both_ends(net, X, y):
    found = score_slopes(net, X, y)
    return np.maximum(found.max(axis=1), -found.min(axis=1))


@mutant("saliency_map", "The signed gradients' largest is taken: take the absolute values first.")
def signed_largest(net, X, y):
    return score_slopes(net, X, y).max(axis=1)


@mutant("saliency_map", "The absolute value is taken after the largest over the channels; it comes first.")
def absolute_afterwards(net, X, y):
    return np.abs(score_slopes(net, X, y).max(axis=1))


@mutant("saliency_map", "The channels are averaged: the largest is wanted.")
def mean_of_channels(net, X, y):
    return np.abs(score_slopes(net, X, y)).mean(axis=1)


@mutant("saliency_map", "The channels are added up: the largest is wanted.")
def sum_of_channels(net, X, y):
    return np.abs(score_slopes(net, X, y)).sum(axis=1)


@mutant("saliency_map", "The length over the channels is taken (a root of squares): the largest is wanted.")
def length_of_channels(net, X, y):
    return np.sqrt((score_slopes(net, X, y) ** 2).sum(axis=1))


@mutant("saliency_map", "This is the gradient of the loss; that of the score of class y is wanted.")
def of_the_loss(net, X, y):
    return np.abs(slopes(net, X, y)).max(axis=1)


@mutant("saliency_map", "This is the gradient of the probability of y; the score before the softmax is wanted.")
def of_the_probability(net, X, y):
    def start(scores):
        p = np.exp(scores - scores.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        return p[np.arange(len(y)), y][:, None] * (onehot(y, p.shape[1]) - p)

    return np.abs(back_to_pixels(net, X, start)).max(axis=1)


@mutant("saliency_map", "The net's own answer stands in the place of the class y.")
def of_the_answer(net, X, y):
    return np.abs(score_slopes(net, X, net.predict(X))).max(axis=1)


@mutant("saliency_map", "The gradient of all scores' sum is taken: only the score of class y counts.")
def of_all_scores(net, X, y):
    return np.abs(back_to_pixels(net, X, np.ones_like)).max(axis=1)


@mutant("saliency_map", "The maps are divided by the number of images; no mean over the batch is taken here.")
def divided_by_the_batch(net, X, y):
    return np.abs(score_slopes(net, X, y)).max(axis=1) / len(X)


@mutant("saliency_map", "Each map is scaled to a largest value of 1; it is wanted as it is.")
def scaled(net, X, y):
    found = np.abs(score_slopes(net, X, y)).max(axis=1)
    return found / found.max(axis=(1, 2), keepdims=True)


@mutant("saliency_map", "The maps are squared: the size of the gradient is wanted.")
def squared(net, X, y):
    return (score_slopes(net, X, y) ** 2).max(axis=1)


@mutant("saliency_map", "The largest is taken over the columns of pixels, not over the channels: channels are axis 1.")
def over_the_last_axis(net, X, y):
    return np.abs(score_slopes(net, X, y)).max(axis=3)


@mutant("saliency_map", "The forward pass is in training mode, so that dropout is on.")
def map_in_training_mode(net, X, y):
    return np.abs(score_slopes(net, X, y, train=True)).max(axis=1)


@mutant("saliency_map", "The first image's class is used for all images: each has its own.")
def first_class_for_all(net, X, y):
    return np.abs(score_slopes(net, X, np.full(len(X), y[0]))).max(axis=1)


@mutant("saliency_map", "The first image's map is returned for all images.")
def first_map_for_all(net, X, y):
    found = np.abs(score_slopes(net, X, y)).max(axis=1)
    return np.broadcast_to(found[:1], found.shape).copy()
