"""One-step attacks: other right ways, and mistakes that both kinds share, or that one of them has."""

import numpy as np

from autograder.mutants.distillation.right_parts import back_to_pixels, slopes
from autograder.testing import alternative, mutant
from course_utils import nn


def clipped(moved, X):
    return np.clip(moved, 0, 1).astype(X.dtype)


@alternative("fgsm", "with where, minimum and maximum")
def where_it_rises(net, X, y, epsilon):
    g = slopes(net, X, y)
    moved = np.where(g > 0, X + epsilon, np.where(g < 0, X - epsilon, X))
    return np.maximum(np.minimum(moved, 1), 0).astype(X.dtype)


@alternative("fgsm", "the gradient divided by its size")
def divided_by_size(net, X, y, epsilon):
    g = slopes(net, X, y)
    size = np.abs(g)
    return clipped(X + epsilon * np.divide(g, size, out=np.zeros_like(g), where=size > 0), X)


@alternative("targeted_fgsm", "as an attack with a step of minus epsilon")
def minus_epsilon(net, X, target, epsilon):
    return clipped(X + (-epsilon) * np.sign(slopes(net, X, target)), X)


@alternative("targeted_fgsm", "with where")
def where_it_falls(net, X, target, epsilon):
    g = slopes(net, X, target)
    moved = np.array(X, dtype=float)
    moved[g > 0] -= epsilon
    moved[g < 0] += epsilon
    return clipped(moved, X)


# Mistakes of both: (name, sentence, what is done with X, the gradient, epsilon, and the direction 1 or -1) --------------

BOTH = {
    "gradient_for_its_sign": (
        "The gradient is added, not its sign: pixels move by far less than epsilon.",
        lambda X, g, epsilon, way: clipped(X + way * epsilon * g, X),
    ),
    "largest_is_epsilon": (
        "The gradient is scaled so that its largest entry moves by epsilon: every pixel should, along its sign.",
        lambda X, g, epsilon, way: clipped(X + way * epsilon * g / np.abs(g).max(), X),
    ),
    "wrong_way": (
        "The step goes the wrong way: check whether the loss in question is to rise or to fall.",
        lambda X, g, epsilon, way: clipped(X - way * epsilon * np.sign(g), X),
    ),
    "not_clipped": (
        "The result is not clipped: pixels below 0 and above 1 are no image.",
        lambda X, g, epsilon, way: (X + way * epsilon * np.sign(g)).astype(X.dtype),
    ),
    "clipped_to_bytes": (
        "The result is clipped to 0 to 255: these pixels run from 0 to 1.",
        lambda X, g, epsilon, way: np.clip(X + way * epsilon * np.sign(g), 0, 255).astype(X.dtype),
    ),
    "clipped_to_one_side": (
        "Pixels above 1 are cut off, but not those below 0.",
        lambda X, g, epsilon, way: np.minimum(X + way * epsilon * np.sign(g), 1).astype(X.dtype),
    ),
    "step_clipped": (
        "The step is clipped, and not the sum: it is the result that has to lie between 0 and 1.",
        lambda X, g, epsilon, way: (X + np.clip(way * epsilon * np.sign(g), 0, 1)).astype(X.dtype),
    ),
    "epsilon_in_bytes": (
        "epsilon is divided by 255: it is in the unit of the pixels already.",
        lambda X, g, epsilon, way: clipped(X + way * epsilon / 255 * np.sign(g), X),
    ),
    "zero_counts_as_rising": (
        "Pixels whose gradient is 0 are moved as well: the sign of 0 is 0.",
        lambda X, g, epsilon, way: clipped(X + way * epsilon * np.where(g >= 0, 1, -1), X),
    ),
    "first_for_all": (
        "All images are moved along the first one's gradient: each has its own.",
        lambda X, g, epsilon, way: clipped(X + way * epsilon * np.sign(g[:1]), X),
    ),
    "only_the_step": (
        "Only the change is returned: add it to the images.",
        lambda X, g, epsilon, way: (way * epsilon * np.sign(g)).astype(X.dtype),
    ),
    "dtype_lost": (
        "The result is always float64; it has the dtype of X.",
        lambda X, g, epsilon, way: np.clip(X.astype(float) + way * epsilon * np.sign(g), 0, 1),
    ),
}


def _changed_in_place(X, g, epsilon, way):
    X += way * epsilon * np.sign(g)
    return np.clip(X, 0, 1, out=X)


BOTH["changed_in_place"] = ("X itself is changed: work on a copy.", _changed_in_place)
BOTH["always_float32"] = (
    "The result is always float32; it has the dtype of X.",
    lambda X, g, epsilon, way: clipped(X + way * epsilon * np.sign(g), X).astype(np.float32),
)

for _exercise, _way in (("fgsm", 1), ("targeted_fgsm", -1)):
    for _name, (_sentence, _function) in BOTH.items():

        def _wrong(net, X, y, epsilon, function=_function, way=_way):
            return function(X, slopes(net, X, y), epsilon, way)

        _wrong.__name__ = _name
        mutant(_exercise, _sentence)(_wrong)

    def _training_mode(net, X, y, epsilon, way=_way):
        g = back_to_pixels(net, X, lambda scores: nn.softmax_loss(scores, y)[1], train=True)
        return clipped(X + way * epsilon * np.sign(g), X)

    _training_mode.__name__ = "in_training_mode"
    mutant(_exercise, "The gradient is taken in training mode, with dropout on: attack the net in test mode.")(
        _training_mode
    )


# Mistakes about the label ----------------------------------------------------------------------------------------------


@mutant("fgsm", "The loss of the net's own answers rises, not that of the labels y.")
def answers_for_labels(net, X, y, epsilon):
    return clipped(X + epsilon * np.sign(slopes(net, X, net.predict(X))), X)


@mutant("targeted_fgsm", "The step leads away from the net's answer; the target plays no part.")
def away_from_the_answer(net, X, target, epsilon):
    return clipped(X + epsilon * np.sign(slopes(net, X, net.predict(X))), X)


@mutant("targeted_fgsm", "The step leads towards the net's own answer, not towards the target.")
def towards_the_answer(net, X, target, epsilon):
    return clipped(X - epsilon * np.sign(slopes(net, X, net.predict(X))), X)
