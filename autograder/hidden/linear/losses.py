"""Hidden tests of the four losses: the same tests, each on its own exercise."""

import numpy as np

from autograder.hidden.linear.arguments import expect_unchanged
from autograder.oracles import linear as oracles
from autograder.testing import ban, expect, expect_close, expect_shape, hidden

ban("svm_loss_naive", "course_utils.nn", "torch")
ban("svm_loss_vectorized", "np.vectorize", "course_utils.nn", "torch")
ban("softmax_loss_naive", "course_utils.nn", "scipy", "torch")
ban("softmax_loss_vectorized", "np.vectorize", "course_utils.nn", "scipy", "torch")

MORE_STEPS = 150  # array code takes as many steps for 400 rows as for 4; a loop over them takes at least 396 more


def problem(rng, n=6, d=5, c=4):
    """Weights, examples and labels with no margin near its kink, some margins violated and some not."""
    while True:
        W, X, y = rng.normal(size=(d, c)), rng.normal(size=(n, d)), rng.integers(0, c, size=n)
        if oracles.clear_of_kinks(W, X, y):
            return W, X, y


def loss_tests(exercise, example_loss, words):
    """Register the tests that the two versions of a loss share."""

    def expected(W, X, y, reg):
        return oracles.loss_and_gradient(example_loss, W, X, y, reg)

    def ask(student, *arguments):
        return getattr(student, exercise)(*arguments)

    def loss_of_the_data(student, rng):
        W, X, y = problem(rng)
        expect_close(ask(student, W, X, y, 0.0)[0], expected(W, X, y, 0.0)[0], what="the loss without a penalty")

    def gradient_of_the_data(student, rng):
        W, X, y = problem(rng)
        expect_close(
            ask(student, W, X, y, 0.0)[1], expected(W, X, y, 0.0)[1], 1e-6, 1e-7, what="the gradient without a penalty"
        )

    def loss_with_a_penalty(student, rng):
        (W, X, y), reg = problem(rng), float(rng.uniform(0.3, 0.9))
        expect_close(ask(student, W, X, y, reg)[0], expected(W, X, y, reg)[0], what="the loss with a penalty")

    def gradient_with_a_penalty(student, rng):
        (W, X, y), reg = problem(rng), float(rng.uniform(0.3, 0.9))
        expect_close(
            ask(student, W, X, y, reg)[1], expected(W, X, y, reg)[1], 1e-6, 1e-7, what="the gradient with a penalty"
        )

    def sizes_that_differ(student, rng):
        for n, d, c in ((3, 3, 3), (1, 4, 3), (2, 3, 6), (5, 2, 2), (7, 6, 3)):
            (W, X, y), reg = problem(rng, n, d, c), 0.1
            loss, dW = ask(student, W, X, y, reg)
            expected_loss, expected_dW = expected(W, X, y, reg)
            expect_close(loss, expected_loss, what="the loss")
            expect_close(dW, expected_dW, 1e-6, 1e-7, what="the gradient")

    def arguments_left_alone(student, rng):
        (W, X, y), reg = problem(rng), 0.2
        kept = student.keep(W), student.keep(X), student.keep(y)
        loss, dW = ask(student, *kept, reg)
        expect_unchanged(student, [("W", W), ("X", X), ("y", y)], *kept)
        expected_loss, expected_dW = expected(W, X, y, reg)
        expect_close(loss, expected_loss, what="the loss")
        expect_close(dW, expected_dW, 1e-6, 1e-7, what="the gradient")

    def precision_and_memory_order(student, rng):
        W, X, y = problem(rng)
        wide_W, wide_X = np.repeat(W, 2, axis=1), np.asfortranarray(np.repeat(X, 2, axis=0))
        for w, x in ((W.astype(np.float32), X.astype(np.float32)), (wide_W[:, ::2], wide_X[::2])):
            loss, dW = ask(student, w, x, y, 0.1)
            expected_loss, expected_dW = expected(w, x, y, 0.1)
            expect_close(loss, expected_loss, 1e-4, 1e-4, what="the loss")
            expect_close(dW, expected_dW, 1e-4, 1e-4, what="the gradient")

    for test, title, weight in (
        (loss_of_the_data, "the loss without a penalty", 2),
        (gradient_of_the_data, "the gradient without a penalty", 2),
        (loss_with_a_penalty, "the loss with a penalty", 1),
        (gradient_with_a_penalty, "the gradient with a penalty", 2),
        (sizes_that_differ, "one example, two classes, more classes than features", 2),
        (arguments_left_alone, "W, X and y are left as they are", 1),
        (precision_and_memory_order, "float32, and arrays laid out in another order", 1),
    ):
        test.__doc__ = title
        hidden(exercise, weight=weight)(test)

    if words == "softmax":

        def large_scores(student, rng):
            """scores in the thousands, of either sign"""
            for offset in (1500.0, -1500.0):
                W, X, y = problem(rng)
                X[:, -1], W[-1] = 1.0, W[-1] + offset
                loss, dW = ask(student, W, X, y, 0.0)
                expect(np.isfinite(loss), "the loss is not finite when scores are large")
                expected_loss, expected_dW = expected(W, X, y, 0.0)
                expect_close(loss, expected_loss, 1e-7, 1e-7, what="the loss with large scores")
                expect_close(dW, expected_dW, 1e-5, 1e-6, what="the gradient with large scores")

        def rows_of_different_height(student, rng):
            """rows whose scores are thousands apart from each other"""
            W, X, y = problem(rng)
            X[:, -1], W[-1] = np.linspace(-2, 2, len(X)), W[-1] + 1000.0
            loss, dW = ask(student, W, X, y, 0.0)
            expect(np.isfinite(loss), "the loss is not finite when one row's scores are far above another's")
            expected_loss, expected_dW = expected(W, X, y, 0.0)
            expect_close(loss, expected_loss, 1e-7, 1e-7, what="the loss")
            expect_close(dW, expected_dW, 1e-5, 1e-6, what="the gradient")

        hidden(exercise, weight=2)(large_scores)
        hidden(exercise, weight=1)(rows_of_different_height)
    else:

        def nothing_violated(student, rng):
            """examples that are right by a wide margin add nothing"""
            W, y = 5 * np.eye(4, 3) + 0.1 * rng.normal(size=(4, 3)), rng.integers(0, 3, size=5)
            X = np.eye(4)[y] + 0.05 * rng.normal(size=(5, 4))
            loss, dW = ask(student, W, X, y, 0.0)
            expect(abs(loss) < 1e-12, "every margin is met, so the loss should be zero")
            expect_close(dW, np.zeros((4, 3)), what="the gradient where every margin is met")
            loss, dW = ask(student, -W, X, y, 0.0)
            expect(loss != 0 and np.any(dW), "loss or gradient are zero for examples that are wrong by a wide margin")

        hidden(exercise, weight=1)(nothing_violated)

    if exercise.endswith("vectorized"):
        growth_tests(exercise, example_loss)


def growth_tests(exercise, example_loss):
    """Register the tests that the steps Python takes (calls and lines) grow with neither examples nor classes."""

    def steps(student, rng, n, c):
        W, X, y = rng.normal(size=(4, c)), rng.normal(size=(n, 4)), rng.integers(0, c, size=n)
        (loss, dW), count = student.count_calls(getattr(student, exercise), W, X, y, 0.0)
        expected = [example_loss(scores, true) for scores, true in zip((X @ W).tolist(), y.tolist(), strict=True)]
        expect_close(loss, np.mean(expected), what="the loss")
        expect_shape(dW, W.shape, "the gradient")
        return count

    def no_loop_over_the_examples(student, rng):
        few, many = (steps(student, rng, n, 3) for n in (4, 400))
        expect(many - few < MORE_STEPS, "the examples are treated one after another, in a Python loop")

    def no_loop_over_the_classes(student, rng):
        few, many = (steps(student, rng, 3, c) for c in (4, 400))
        expect(many - few < MORE_STEPS, "the classes are treated one after another, in a Python loop")

    for test, title, weight in (
        (no_loop_over_the_examples, "no Python loop over the examples", 2),
        (no_loop_over_the_classes, "no Python loop over the classes", 1),
    ):
        test.__doc__ = title
        hidden(exercise, weight=weight)(test)


loss_tests("svm_loss_naive", oracles.svm_example, "svm")
loss_tests("svm_loss_vectorized", oracles.svm_example, "svm")
loss_tests("softmax_loss_naive", oracles.softmax_example, "softmax")
loss_tests("softmax_loss_vectorized", oracles.softmax_example, "softmax")
