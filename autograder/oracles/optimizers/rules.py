"""Where each update rule leads, as a sum over all gradients so far: nothing is carried from step to step.

Every function takes the weights, the list of gradients met in order and the learning rate of each step, and returns
the weights after each step, float64.
"""

import numpy as np


def faded(history, keep):
    """Sum of a history in which the newest entry counts 1 and each older one `keep` times the one after it."""
    return sum(keep ** (len(history) - 1 - k) * entry for k, entry in enumerate(history))


def weighted_mean(history, keep):
    """Mean of a history with the weights of `faded`, divided by their sum: never biased towards zero."""
    weights = keep ** np.arange(len(history) - 1, -1, -1.0)
    return np.average(np.stack(history), axis=0, weights=weights)


def partial_sums(w, steps):
    """The weights after each of the steps."""
    return list(w + np.cumsum(np.stack(steps), axis=0))


def plain(w, gradients, rates):
    """Stochastic gradient descent."""
    return partial_sums(w, [-eta * g for eta, g in zip(rates, gradients, strict=True)])


def pulls(gradients, rates, momentum):
    """The velocity after each step: all earlier steps of plain descent, each faded by momentum."""
    steps = [-eta * g for eta, g in zip(rates, gradients, strict=True)]
    return [faded(steps[: k + 1], momentum) for k in range(len(steps))]


def heavy_ball(w, gradients, rates, momentum=0.9):
    """Momentum."""
    return partial_sums(w, pulls(gradients, rates, momentum))


def look_ahead(w, gradients, rates, momentum=0.9):
    """Nesterov's momentum: where the ball of the look-ahead form will be if it only coasts from where it is."""
    velocities = pulls(gradients, rates, momentum)
    return [ball + momentum * v for ball, v in zip(partial_sums(w, velocities), velocities, strict=True)]


def root_of_sum(w, gradients, rates, epsilon=1e-8):
    """AdaGrad."""
    steps = []
    for k, (eta, g) in enumerate(zip(rates, gradients, strict=True)):
        length = np.linalg.norm(np.stack(gradients[: k + 1]), axis=0)
        steps.append(-eta * g / (length + epsilon))
    return partial_sums(w, steps)


def root_of_faded(w, gradients, rates, decay_rate=0.99, epsilon=1e-8):
    """RMSProp."""
    steps = []
    for k, (eta, g) in enumerate(zip(rates, gradients, strict=True)):
        squares = [(1 - decay_rate) * earlier**2 for earlier in gradients[: k + 1]]
        steps.append(-eta * g / (np.sqrt(faded(squares, decay_rate)) + epsilon))
    return partial_sums(w, steps)


def ratio_of_means(w, gradients, rates, beta1=0.9, beta2=0.999, epsilon=1e-8, weight_decay=0.0):
    """Adam with bias correction, and AdamW where weight_decay is not zero."""
    places = []
    for k, eta in enumerate(rates):
        mean = weighted_mean(gradients[: k + 1], beta1)
        spread = np.sqrt(weighted_mean([g**2 for g in gradients[: k + 1]], beta2))
        w = (1 - eta * weight_decay) * w - eta * mean / (spread + epsilon)
        places.append(w)
    return places


def ratio_of_means_with_decay(w, gradients, rates, weight_decay=1e-2, **settings):
    """AdamW."""
    return ratio_of_means(w, gradients, rates, weight_decay=weight_decay, **settings)


PATHS = {
    "sgd": plain,
    "sgd_momentum": heavy_ball,
    "nesterov": look_ahead,
    "adagrad": root_of_sum,
    "rmsprop": root_of_faded,
    "adam": ratio_of_means,
    "adamw": ratio_of_means_with_decay,
}


def path(rule, w, gradients, rates, **settings):
    """The weights after each step of the rule with this name. rates: one number, or one a step."""
    rates = np.broadcast_to(np.asarray(rates, dtype=np.float64), (len(gradients),)).tolist()
    gradients = [np.asarray(g, dtype=np.float64) for g in gradients]
    return PATHS[rule](np.asarray(w, dtype=np.float64), gradients, rates, **settings)


def memory(rule, gradients, learning_rate, momentum=0.9, decay_rate=0.99, beta1=0.9, beta2=0.999, **others):
    """What a rule's config remembers after these gradients, at one learning rate: name → array. t is left out."""
    squares = [g**2 for g in gradients]
    return {
        "sgd": lambda: {},
        "sgd_momentum": lambda: {"velocity": faded([-learning_rate * g for g in gradients], momentum)},
        "nesterov": lambda: {"velocity": faded([-learning_rate * g for g in gradients], momentum)},
        "adagrad": lambda: {"cache": faded(squares, 1.0)},
        "rmsprop": lambda: {"cache": (1 - decay_rate) * faded(squares, decay_rate)},
        "adam": lambda: {"m": (1 - beta1) * faded(gradients, beta1), "v": (1 - beta2) * faded(squares, beta2)},
        "adamw": lambda: {"m": (1 - beta1) * faded(gradients, beta1), "v": (1 - beta2) * faded(squares, beta2)},
    }[rule]()
