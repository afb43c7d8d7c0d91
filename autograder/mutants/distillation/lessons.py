"""The training of a student: other right ways, and mistakes."""

import numpy as np

from autograder.mutants.distillation.right_parts import momentum_step, snake_case, soft_and_hard
from autograder.testing import alternative, mutant
from course_utils import nn


@alternative("distill", "with the order split into batches")
def split_order(student, teacher, X, y, T, alpha, learning_rate, num_epochs, batch_size, rng):
    said, configs, losses = teacher.loss(X), {}, []
    per_epoch = int(np.ceil(len(X) / batch_size))
    for epoch in range(num_epochs):
        for number, rows in enumerate(np.split(rng.permutation(len(X)), range(batch_size, len(X), batch_size))):
            rate = nn.learning_rate("cosine", epoch * per_epoch + number, num_epochs * per_epoch, learning_rate)
            losses.append(one_step(student, said, X, y, rows, T, alpha, rate, configs))
    return losses


@alternative("distill", "the teacher asked for each batch, the order shuffled in place")
def asked_each_time(student, teacher, X, y, T, alpha, learning_rate, num_epochs, batch_size, rng):
    configs, losses, order = {}, [], np.arange(len(X))
    total = num_epochs * ((len(X) + batch_size - 1) // batch_size)
    for _ in range(num_epochs):
        rng.shuffle(order)
        for start in range(0, len(X), batch_size):
            rows = order[start : start + batch_size]
            scores, caches = student.forward(X[rows], train=True)
            loss, dscores = soft_and_hard(scores, teacher.forward(X[rows])[0], y[rows], T, alpha)
            rate = nn.learning_rate("cosine", len(losses), total, learning_rate)
            momentum_step(student, student.backward(dscores, caches)[1], configs, rate)
            losses.append(loss)
    return losses


def one_step(student, said, X, y, rows, T, alpha, rate, configs, loss_of=soft_and_hard, train=True, sign=1):
    scores, caches = student.forward(X[rows], train=train)
    loss, dscores = loss_of(scores, said[rows], y[rows], T, alpha)
    grads = student.backward(sign * dscores, caches)[1]
    momentum_step(student, grads, configs, rate)
    return loss


class Lesson:
    """Right training in small steps, so that a mistake can replace one of them."""

    def __init__(self, student, teacher, X, y, T, alpha, learning_rate, num_epochs, batch_size, rng):
        self.student, self.teacher, self.X, self.y, self.T, self.alpha = student, teacher, X, y, T, alpha
        self.rate, self.epochs, self.size, self.rng = learning_rate, num_epochs, batch_size, rng
        self.losses, self.configs = [], {}

    def said(self):
        return self.teacher.loss(self.X)

    def order(self):
        return self.rng.permutation(len(self.X))

    def starts(self):
        return range(0, len(self.X), self.size)

    def now(self):
        total = self.epochs * -(-len(self.X) // self.size)
        return nn.learning_rate("cosine", len(self.losses), total, self.rate)

    def step(self, rows):
        return one_step(
            self.student,
            self.scores,
            self.X,
            self.y,
            rows,
            self.T,
            self.alpha,
            self.now(),
            self.configs,
            **self.other(),
        )

    def other(self):
        return {}

    def run(self):
        self.scores = self.said()
        for _ in range(self.epochs):
            order = self.order()
            for start in self.starts():
                self.losses.append(self.step(order[start : start + self.size]))
        return self.losses


def slip(sentence):
    """Register a Lesson with one wrong method as a mistake of `distill`."""

    def register(kind):
        def wrong(*arguments):
            return kind(*arguments).run()

        wrong.__name__ = snake_case(kind.__name__)
        mutant("distill", sentence)(wrong)
        return kind

    return register


@slip("The teacher is in training mode: its dropout is on. Ask it in test mode.")
class TeacherInTrainingMode(Lesson):
    def said(self):
        return self.teacher.forward(self.X, train=True)[0]


@slip("The teacher is trained as well: its parameters change. Only the student learns.")
class TeacherTrained(Lesson):
    def step(self, rows):
        _, grads = self.teacher.loss(self.X[rows], self.y[rows])
        for name in grads:
            self.teacher.params[name] = self.teacher.params[name] - 0.1 * grads[name]
        return super().step(rows)


@slip("The teacher's scores are not those of the batch's images: take the same rows of them as of X and y.")
class ScoresOfOtherImages(Lesson):
    def step(self, rows):
        loss_of = soft_and_hard
        first = self.scores[: len(rows)]
        return one_step(
            self.student, self.scores, self.X, self.y, rows, self.T, self.alpha, self.now(), self.configs,
            lambda own, _, y, T, alpha: loss_of(own, first, y, T, alpha),
        )  # fmt: skip


@slip("The labels are not those of the batch's images: take the same rows of y as of X.")
class LabelsOfOtherImages(Lesson):
    def step(self, rows):
        first = self.y[: len(rows)]
        return one_step(
            self.student, self.scores, self.X, self.y, rows, self.T, self.alpha, self.now(), self.configs,
            lambda own, taught, _, T, alpha: soft_and_hard(own, taught, first, T, alpha),
        )  # fmt: skip


@slip("The images are never shuffled: every epoch has an order of its own, drawn from rng.")
class NeverShuffled(Lesson):
    def order(self):
        return np.arange(len(self.X))


@slip("The order is drawn once and used in every epoch: draw it anew.")
class OneOrder(Lesson):
    def order(self):
        if not hasattr(self, "kept"):
            self.kept = self.rng.permutation(len(self.X))
        return self.kept


@slip("The order comes from NumPy's global generator, not from rng: the same rng then gives different trainings.")
class GlobalGenerator(Lesson):
    def order(self):
        return np.random.permutation(len(self.X))  # noqa: NPY002


@slip("Images are drawn with replacement: in an epoch some come twice and some not at all.")
class WithReplacement(Lesson):
    def order(self):
        return self.rng.integers(0, len(self.X), size=len(self.X))


@slip("The last batch of an epoch is left out where it is smaller than the others.")
class LastBatchDropped(Lesson):
    def starts(self):
        return range(0, len(self.X) - self.size + 1, self.size)


@slip("The student is in test mode during training: forward needs train=True.")
class StudentInTestMode(Lesson):
    def other(self):
        return {"train": False}


@slip("The steps go up the loss: the gradient has the wrong sign when it is handed to the update.")
class Uphill(Lesson):
    def other(self):
        return {"sign": -1}


@slip("T does not reach the loss: the training goes on as with T = 1.")
class TemperatureOfOne(Lesson):
    def other(self):
        return {"loss_of": lambda own, taught, y, T, alpha: soft_and_hard(own, taught, y, 1.0, alpha)}


@slip("alpha does not reach the loss: labels and teacher count as halves, whatever alpha is.")
class AlphaOfAHalf(Lesson):
    def other(self):
        return {"loss_of": lambda own, taught, y, T, alpha: soft_and_hard(own, taught, y, T, 0.5)}


@slip("The student learns from the teacher's answers in the place of the labels y.")
class AnswersForLabels(Lesson):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.y = self.teacher.predict(self.X)


@slip("The rate stays as it was at the beginning: it falls by a cosine over all steps.")
class ConstantRate(Lesson):
    def now(self):
        return self.rate


@slip("The schedule counts epochs, not steps: step counts from 0 over all batches.")
class RateByEpoch(Lesson):
    def now(self):
        per_epoch = -(-len(self.X) // self.size)
        return nn.learning_rate("cosine", len(self.losses) // per_epoch + 1, self.epochs + 1, self.rate)


@slip("The dict for the momentum is made anew for every step, so there is no momentum: make it once.")
class MomentumForgotten(Lesson):
    def step(self, rows):
        self.configs = {}
        return super().step(rows)


@slip("The dict for the momentum is made anew in every epoch: make it once, before the loops.")
class MomentumForgottenBetweenEpochs(Lesson):
    def order(self):
        self.configs = {}
        return super().order()


@slip("The rate changes once an epoch: step counts batches, over all epochs.")
class RateOfTheEpoch(Lesson):
    def now(self):
        per_epoch = -(-len(self.X) // self.size)
        done = len(self.losses) // per_epoch * per_epoch
        return nn.learning_rate("cosine", done, self.epochs * per_epoch, self.rate)


@slip("The number of steps in all is rounded down; a smaller last batch is a step as well.")
class StepsRoundedDown(Lesson):
    def now(self):
        total = max(self.epochs * (len(self.X) // self.size), 1)
        return nn.learning_rate("cosine", min(len(self.losses), total - 1), total, self.rate)


@slip("A smaller last batch counts for less: whatever batch_size is, the gradient is that of the mean over the batch.")
class DividedByBatchSize(Lesson):
    def step(self, rows):
        size = self.size
        return one_step(
            self.student, self.scores, self.X, self.y, rows, self.T, self.alpha, self.now(), self.configs,
            sign=len(rows) / size,
        )  # fmt: skip


@slip("The losses are those of the student in test mode; they come from the pass that it is trained with.")
class LossesInTestMode(Lesson):
    def step(self, rows):
        loss = soft_and_hard(self.student.loss(self.X[rows]), self.scores[rows], self.y[rows], self.T, self.alpha)[0]
        super().step(rows)
        return loss


@slip("One loss an epoch is returned; the list has one entry for every batch.")
class MeansOfEpochs(Lesson):
    def run(self):
        losses = super().run()
        return np.mean(
            np.reshape(losses[: len(losses) // self.epochs * self.epochs], (self.epochs, -1)), axis=1
        ).tolist()


@slip("Nothing is returned: hand back the list of losses.")
class NothingReturned(Lesson):
    def run(self):
        super().run()


@slip("Only the first epoch is trained: repeat the batches num_epochs times.")
class OneEpoch(Lesson):
    def run(self):
        self.scores, order = self.said(), self.order()
        for start in self.starts():
            self.losses.append(self.step(order[start : start + self.size]))
        return self.losses


@slip("X and y are shuffled in place: draw an order and take rows in that order, and leave the arrays as they are.")
class ShuffledInPlace(Lesson):
    def order(self):
        order = self.rng.permutation(len(self.X))
        for array in (self.X, self.y, self.scores):
            array[...] = array[order]
        return np.arange(len(self.X))
