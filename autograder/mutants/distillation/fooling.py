"""Fooling images: other right ways, and mistakes."""

import numpy as np

from autograder.mutants.distillation.right_parts import log_softmax, onehot, snake_case
from autograder.testing import alternative, mutant


class Climb:
    """A right climb in small steps, so that a mistake can replace one of them."""

    train = False

    def __init__(self, net, image, target, step_size=0.5, max_steps=100, confidence=0.9):
        self.net, self.image, self.target = net, image, target
        self.step_size, self.steps, self.confidence = step_size, max_steps, confidence

    def start(self):
        return self.image[None].copy()

    def sure(self, scores):
        return np.exp(log_softmax(scores))[0, self.target] >= self.confidence

    def begin(self, scores):
        return onehot(np.array([self.target]), scores.shape[1])

    def step(self, gradient):
        length = np.sqrt((gradient**2).sum())
        return self.step_size * gradient / length if length > 0 else 0 * gradient

    def valid(self, moved):
        return np.clip(moved, 0, 1)

    def run(self):
        now = self.start()
        for _ in range(self.steps):
            scores, caches = self.net.forward(now, train=self.train)
            if self.sure(scores):
                break
            gradient = self.net.backward(self.begin(scores), caches, input_gradient=True)[0]
            now = self.valid(now + self.step(gradient)).astype(self.image.dtype)
        return now[0]


def slip(sentence):
    """Register a Climb with one wrong method as a mistake of `fooling_image`."""

    def register(kind):
        def wrong(net, image, target, step_size=0.5, max_steps=100, confidence=0.9):
            return kind(net, image, target, step_size, max_steps, confidence).run()

        wrong.__name__ = snake_case(kind.__name__)
        mutant("fooling_image", sentence)(wrong)
        return kind

    return register


@alternative("fooling_image", "in small parts")
def small_parts(net, image, target, step_size=0.5, max_steps=100, confidence=0.9):
    return Climb(net, image, target, step_size, max_steps, confidence).run()


@alternative("fooling_image", "with while and a count")
def while_not_sure(net, image, target, step_size=0.5, max_steps=100, confidence=0.9):
    now, made = np.array(image), 0
    while made < max_steps:
        scores, caches = net.forward(now[None])
        p = np.exp(scores[0] - scores[0].max())
        if p[target] / p.sum() >= confidence:
            return now
        gradient = net.backward(np.eye(len(p))[[target]], caches, input_gradient=True)[0][0]
        if not np.any(gradient):
            return now
        now = np.clip(now + step_size * gradient / np.linalg.norm(gradient.ravel()), 0, 1).astype(image.dtype)
        made += 1
    return now


@slip("The step follows the sign of the gradient: here its size counts, divided by its length.")
class AlongTheSign(Climb):
    def step(self, gradient):
        return self.step_size * np.sign(gradient)


@slip("The gradient is not divided by its length, so that steps are as long as it happens to be.")
class NotDivided(Climb):
    def step(self, gradient):
        return self.step_size * gradient


@slip("The gradient is divided by its square, not by its length.")
class DividedByTheSquare(Climb):
    def step(self, gradient):
        square = (gradient**2).sum()
        return self.step_size * gradient / square if square > 0 else 0 * gradient


@slip("The climb goes down: the target's score falls.")
class Downhill(Climb):
    def step(self, gradient):
        return -super().step(gradient)


@slip("The result is not clipped: pixels leave the range from 0 to 1.")
class NotClipped(Climb):
    def valid(self, moved):
        return moved


@slip("The gradient is that of the target's probability or of the loss, not of its score.")
class OfTheProbability(Climb):
    def begin(self, scores):
        p = np.exp(log_softmax(scores))
        return p[0, self.target] * (super().begin(scores) - p)


@slip("The score of the net's present answer is climbed, not that of the target.")
class AnswerClimbed(Climb):
    def begin(self, scores):
        return onehot(scores.argmax(axis=1), scores.shape[1])


@slip("The net is in training mode, with dropout on: ask it in test mode.")
class InTrainingMode(Climb):
    train = True


@slip("It goes on where the net is exactly as sure as asked: at least this confidence ends it.")
class StrictlyMore(Climb):
    def sure(self, scores):
        return np.exp(log_softmax(scores))[0, self.target] > self.confidence


@slip("It never stops early: it should, as soon as the net is sure enough.")
class NeverStops(Climb):
    def sure(self, scores):
        return False


@slip("It stops as soon as the target is the net's answer; it should go on until the confidence is reached.")
class StopsAtTheLabel(Climb):
    def sure(self, scores):
        return scores[0].argmax() == self.target


@slip("It stops where any class is sure enough: it is the target's probability that counts.")
class AnyClassWillDo(Climb):
    def sure(self, scores):
        return np.exp(log_softmax(scores)).max() >= self.confidence


@slip("It looks whether the net is sure only after a step: a step is made where none is needed.")
class LooksAfterwards(Climb):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.looked = 0

    def sure(self, scores):
        self.looked += 1
        return self.looked > 1 and super().sure(scores)


@slip("A gradient of 0 is divided by its length, 0: stop there.")
class ZeroDivided(Climb):
    def step(self, gradient):
        with np.errstate(all="ignore"):
            return self.step_size * gradient / np.sqrt((gradient**2).sum())


@slip("The image passed in is changed: work on a copy.")
class ChangedInPlace(Climb):
    def run(self):
        self.image[...] = super().run()
        return self.image


@slip("The result has an axis for the batch still: a single image is wanted.")
class BatchAxisLeft(Climb):
    def run(self):
        return super().run()[None]


@slip("The result is always float64; it has the dtype of image.")
class DtypeLost(Climb):
    def run(self):
        return super().run().astype(np.float64)
