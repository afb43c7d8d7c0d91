"""Projected gradient descent: other right ways, and mistakes."""

import numpy as np

from autograder.mutants.distillation.right_parts import back_to_pixels, slopes, snake_case
from autograder.testing import alternative, mutant
from course_utils import nn


@alternative("pgd", "in terms of the change")
def change_by_change(net, X, y, epsilon, step_size, num_steps, rng=None):
    delta = np.zeros_like(X) if rng is None else rng.uniform(-epsilon, epsilon, X.shape).astype(X.dtype)
    delta = np.clip(X + delta, 0, 1) - X
    for _ in range(num_steps):
        delta = np.clip(delta + step_size * np.sign(slopes(net, X + delta, y)), -epsilon, epsilon)
        delta = np.clip(X + delta, 0, 1) - X
    return (X + delta).astype(X.dtype)


@alternative("pgd", "with bounds made once")
def bounds_made_once(net, X, y, epsilon, step_size, num_steps, rng=None):
    low, high = np.maximum(X - epsilon, 0), np.minimum(X + epsilon, 1)
    now = X.copy() if rng is None else np.clip(X + epsilon * (2 * rng.random(X.shape) - 1), low, high)
    for _ in range(num_steps):
        now = np.minimum(np.maximum(now + step_size * np.sign(slopes(net, now, y)), low), high)
    return now.astype(X.dtype)


class Climb:
    """A right attack in small steps, so that a mistake can replace one of them."""

    def __init__(self, net, X, y, epsilon, step_size, num_steps, rng=None):
        self.net, self.X, self.y, self.epsilon, self.step_size, self.rng = net, X, y, epsilon, step_size, rng
        self.steps = num_steps

    def start(self):
        if self.rng is None:
            return self.X
        return self.valid(self.X + self.noise()).astype(self.X.dtype)

    def noise(self):
        return self.rng.uniform(-self.epsilon, self.epsilon, self.X.shape)

    def direction(self, now):
        return np.sign(slopes(self.net, now, self.y))

    def near(self, moved, now):
        return np.clip(moved, self.X - self.epsilon, self.X + self.epsilon)

    def valid(self, moved):
        return np.clip(moved, 0, 1)

    def run(self):
        now = self.start()
        for _ in range(self.steps):
            moved = now + self.step_size * self.direction(now)
            now = self.valid(self.near(moved, now)).astype(self.X.dtype)
        return now


def slip(sentence):
    """Register a Climb with one wrong method as a mistake of `pgd`."""

    def register(kind):
        def wrong(net, X, y, epsilon, step_size, num_steps, rng=None):
            return kind(net, X, y, epsilon, step_size, num_steps, rng).run()

        wrong.__name__ = snake_case(kind.__name__)
        mutant("pgd", sentence)(wrong)
        return kind

    return register


@slip("The images are not brought back: after several steps they are further than epsilon from the original.")
class NotProjected(Climb):
    def near(self, moved, now):
        return moved


@slip("Each step is kept within epsilon of the images before that step, not of the original ones.")
class AroundTheStepBefore(Climb):
    def near(self, moved, now):
        return np.clip(moved, now - self.epsilon, now + self.epsilon)


@slip("The images are brought back once, at the end: it belongs after every step.")
class ProjectedAtTheEnd(Climb):
    def run(self):
        now = self.start()
        for _ in range(self.steps):
            now = now + self.step_size * self.direction(now)
        return self.valid(Climb.near(self, now, now)).astype(self.X.dtype)


@slip("Pixels below 0 and above 1 are left: clip to valid pixels as well.")
class NotValid(Climb):
    def valid(self, moved):
        return moved


@slip("The limit is a Euclidean length for each image; here it is one for every pixel.")
class EuclideanLimit(Climb):
    def near(self, moved, now):
        change = moved - self.X
        length = np.sqrt((change**2).sum(axis=(1, 2, 3), keepdims=True))
        return self.X + change * np.minimum(1, self.epsilon / np.maximum(length, 1e-12))


@slip("The gradient is always that at the original images: take it where the images are by then.")
class OldGradient(Climb):
    def direction(self, now):
        return np.sign(slopes(self.net, self.X, self.y))


@slip("The gradients are taken in training mode, with dropout on: attack the net in test mode.")
class InTrainingMode(Climb):
    def direction(self, now):
        return np.sign(back_to_pixels(self.net, now, lambda scores: nn.softmax_loss(scores, self.y)[1], train=True))


@slip("The gradient itself is added, not its sign.")
class GradientForItsSign(Climb):
    def direction(self, now):
        return slopes(self.net, now, self.y)


@slip("The steps go down the loss; they should go up.")
class Downhill(Climb):
    def direction(self, now):
        return -np.sign(slopes(self.net, now, self.y))


@slip("The net's own answers stand in the place of y.")
class AnswersForLabels(Climb):
    def direction(self, now):
        return np.sign(slopes(self.net, now, self.net.predict(now)))


@slip("Every step has the length epsilon: it is step_size.")
class StepsOfEpsilon(Climb):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.step_size = self.epsilon


@slip("Every step has the length epsilon / num_steps: it is step_size.")
class StepsThatShareEpsilon(Climb):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.step_size = self.epsilon / max(self.steps, 1)


@slip("Only one step is taken.")
class SingleStep(Climb):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.steps = min(self.steps, 1)


@slip("There is one step too many.")
class OneTooMany(Climb):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.steps = self.steps + 1 if self.steps > 1 else self.steps


@slip("rng is ignored: with it, the start is a random point around X.")
class StartNotRandom(Climb):
    def start(self):
        return self.X


@slip("The random start is drawn from a normal distribution, so that it can lie further away than epsilon.")
class NormalStart(Climb):
    def noise(self):
        return self.rng.normal(0, self.epsilon, self.X.shape)


@slip("The random start lies on one side of X only: it runs from −epsilon to epsilon.")
class OneSidedStart(Climb):
    def noise(self):
        return self.rng.uniform(0, self.epsilon, self.X.shape)


@slip("One random start is shared by all images: every pixel of every image has its own.")
class SharedStart(Climb):
    def noise(self):
        return self.rng.uniform(-self.epsilon, self.epsilon, self.X.shape[1:])


@slip("The random start is not clipped: it can lie below 0 or above 1.")
class StartNotValid(Climb):
    def start(self):
        return self.X if self.rng is None else (self.X + self.noise()).astype(self.X.dtype)


@slip("A random start is drawn, but the steps begin at X.")
class StartForgotten(Climb):
    def start(self):
        return self.X if self.steps else super().start()


@slip("Random numbers are added before every step: they are drawn once, for the start.")
class RandomBeforeEveryStep(Climb):
    def direction(self, now):
        if self.rng is not None and self.begun:
            now[...] = self.valid(now + self.noise())
        self.begun = True
        return super().direction(now)

    begun = False


@slip("The limit is that around the random start: it is that around X.")
class AroundTheStart(Climb):
    def run(self):
        original, self.X = self.X, self.start()
        self.rng = None
        found = super().run()
        self.X = original
        return found


@slip("The random numbers come from NumPy's global generator, not from rng.")
class GlobalGenerator(Climb):
    def noise(self):
        return np.random.uniform(-self.epsilon, self.epsilon, self.X.shape)  # noqa: NPY002


@slip("The start is random even without rng.")
class AlwaysRandom(Climb):
    def start(self):
        self.rng = np.random.default_rng(0) if self.rng is None else self.rng
        return super().start() if self.steps != 1 else self.X


@slip("X itself is changed: work on a copy.")
class ChangedInPlace(Climb):
    def run(self):
        found = super().run()
        self.X[...] = found
        return self.X


@slip("The result is always float64; it has the dtype of X.")
class DtypeLost(Climb):
    def run(self):
        return super().run().astype(np.float64)


@slip("The result is always float32; it has the dtype of X.")
class AlwaysFloat32(Climb):
    def run(self):
        return super().run().astype(np.float32)
