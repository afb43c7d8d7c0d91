"""Hidden tests of the two losses of scores."""

import numpy as np

from autograder.oracles import backprop as oracles
from autograder.testing import ban, expect, expect_close, hidden

ban("svm_loss", "course_utils.nn", "torch")
ban("softmax_loss", "course_utils.nn", "scipy", "torch")

LOSS = (1e-6, 5e-5)  # relative, absolute: a tiny number added inside a logarithm, against log(0), is right as well


def scores_and_labels(rng, n=6, c=4):
    """Scores with no margin near its kink, and labels."""
    while True:
        x, y = 1.5 * rng.normal(size=(n, c)), rng.integers(0, c, size=n)
        if oracles.clear_of_kinks(x, y):
            return x, y


def loss_tests(exercise, example_loss):
    """Register the tests that both losses share."""

    def ask(student, x, y):
        return getattr(student, exercise)(x, y)

    def loss_of_a_batch(student, rng):
        x, y = scores_and_labels(rng)
        expect_close(ask(student, x, y)[0], oracles.mean_loss(example_loss, x, y)[0], *LOSS, what="the loss")

    def gradient_of_a_batch(student, rng):
        x, y = scores_and_labels(rng)
        expect_close(ask(student, x, y)[1], oracles.mean_loss(example_loss, x, y)[1], 1e-6, 1e-8, what="dx")

    def sizes_that_differ(student, rng):
        for n, c in ((1, 3), (3, 3), (2, 7), (9, 2)):
            x, y = scores_and_labels(rng, n, c)
            loss, dx = ask(student, x, y)
            expected = oracles.mean_loss(example_loss, x, y)
            expect(np.ndim(loss) == 0, "the loss is not a single number")
            expect_close(loss, expected[0], *LOSS, what="the loss")
            expect_close(dx, expected[1], 1e-6, 1e-8, what="dx")

    def arguments_left_alone(student, rng):
        x, y = scores_and_labels(rng)
        kept = student.keep(x), student.keep(y)
        loss, dx = ask(student, *kept)
        for name, handle, before in zip("xy", kept, (x, y), strict=True):
            expect(np.array_equal(student.value(handle), before), f"{name} was changed; leave it as it is")
        expected = oracles.mean_loss(example_loss, x, y)
        expect_close(loss, expected[0], *LOSS, what="the loss")
        expect_close(dx, expected[1], 1e-6, 1e-8, what="dx")

    def precision_and_memory_order(student, rng):
        x, y = scores_and_labels(rng)
        for scores in (x.astype(np.float32), np.asfortranarray(x), np.repeat(x, 2, axis=1)[:, ::2]):
            loss, dx = ask(student, scores, y)
            expected = oracles.mean_loss(example_loss, scores, y)
            expect_close(loss, expected[0], 1e-4, 1e-4, what="the loss")
            expect_close(dx, expected[1], 1e-4, 1e-4, what="dx")

    for test, title, weight in (
        (loss_of_a_batch, "the loss of a batch", 2),
        (gradient_of_a_batch, "the gradient of a batch", 3),
        (sizes_that_differ, "one example, two classes, as many examples as classes", 2),
        (arguments_left_alone, "x and y are left as they are", 1),
        (precision_and_memory_order, "float32, and scores laid out in another order", 1),
    ):
        test.__name__, test.__doc__ = test.__name__, title
        hidden(exercise, weight=weight)(test)


loss_tests("svm_loss", oracles.svm_example)
loss_tests("softmax_loss", oracles.softmax_example)


@hidden("svm_loss")
def met_margins_cost_nothing(student, rng):
    """scores that are right, and wrong, by a wide margin"""
    y = rng.integers(0, 4, size=5)
    right = 6 * np.eye(4)[y] + 0.2 * rng.normal(size=(5, 4))
    loss, dx = student.svm_loss(right, y)
    expect_close(loss, 0.0, what="the loss where every margin is met")
    expect_close(dx, np.zeros((5, 4)), what="dx where every margin is met")
    loss, dx = student.svm_loss(-right, y)
    expected = oracles.mean_loss(oracles.svm_example, -right, y)
    expect_close(loss, expected[0], what="the loss where no margin is met")
    expect_close(dx, expected[1], 1e-6, 1e-8, what="dx where no margin is met")


@hidden("softmax_loss", weight=2)
def large_scores(student, rng):
    """scores in the thousands, of either sign"""
    for offset in (2000.0, -2000.0):
        x, y = scores_and_labels(rng)
        loss, dx = student.softmax_loss(x + offset, y)
        expect(np.isfinite(loss), "the loss is not finite when scores are large")
        expected = oracles.mean_loss(oracles.softmax_example, x, y)
        expect_close(loss, expected[0], *LOSS, what="the loss with large scores")
        expect_close(dx, expected[1], 1e-6, 1e-8, what="dx with large scores")


@hidden("softmax_loss")
def rows_of_different_height(student, rng):
    """rows whose scores are thousands apart from each other"""
    x, y = scores_and_labels(rng)
    loss, dx = student.softmax_loss(x + np.linspace(-3000, 3000, len(x))[:, None], y)
    expect(np.isfinite(loss), "the loss is not finite when one row's scores are far above another's")
    expected = oracles.mean_loss(oracles.softmax_example, x, y)
    expect_close(loss, expected[0], *LOSS, what="the loss")
    expect_close(dx, expected[1], 1e-6, 1e-8, what="dx")
