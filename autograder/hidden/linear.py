"""Hidden tests of notebook 02, linear classifiers."""

import numpy as np

from autograder.oracles import linear as oracles
from autograder.testing import expect, expect_close, expect_equal, expect_raises, expect_shape, hidden

KINDS = ("l2", "l1", "elastic")


def away_from_zero(rng, shape):
    return rng.choice([-1.0, 1.0], size=shape) * rng.uniform(0.3, 2.0, size=shape)


def expect_unchanged(student, before, *kept):
    names = [name for name, _ in before]
    for name, handle, (_, value) in zip(names, kept, before, strict=True):
        expect(np.array_equal(student.value(handle), value), f"{name} was changed; the function must leave it as it is")


# Penalty ---------------------------------------------------------------------------------------------------------


@hidden("regularization", weight=2)
def penalties_follow_the_definition(student, rng):
    """the three penalties, on weights of either sign"""
    W = away_from_zero(rng, (4, 3))
    for kind in KINDS:
        expect_close(student.regularization(W, kind)[0], oracles.penalty(W, kind)[0], what=f"the {kind} penalty")


@hidden("regularization", weight=2)
def gradients_follow_the_definition(student, rng):
    """the three gradients"""
    W = away_from_zero(rng, (4, 3))
    for kind in KINDS:
        expect_close(student.regularization(W, kind)[1], oracles.penalty(W, kind)[1], what=f"the {kind} gradient")


@hidden("regularization", weight=2)
def beta_belongs_to_the_elastic_net(student, rng):
    """beta other than 1, for all three kinds"""
    W, beta = away_from_zero(rng, (3, 2)), float(rng.uniform(2, 4))
    for kind in KINDS:
        value, gradient = student.regularization(W, kind, beta)
        expected = oracles.penalty(W, kind, beta)
        expect_close(value, expected[0], what=f"the {kind} penalty with beta")
        expect_close(gradient, expected[1], what=f"the {kind} gradient with beta")


@hidden("regularization")
def any_shape_and_precision(student, rng):
    """arrays of one and three dimensions, and float32; the argument is left alone"""
    for W in (
        away_from_zero(rng, 5),
        away_from_zero(rng, (2, 3, 2)),
        away_from_zero(rng, (3, 4)).astype(np.float32),
        away_from_zero(rng, (4, 6))[:, ::2],
    ):
        kept = student.keep(W)
        for kind in KINDS:
            value, gradient = student.regularization(kept, kind)
            expected = oracles.penalty(W, kind)
            expect_close(value, expected[0], what=f"the {kind} penalty")
            expect_close(gradient, expected[1], what=f"the {kind} gradient")
            expect_unchanged(student, [("W", W)], kept)


@hidden("regularization")
def an_unknown_kind_is_refused(student, rng):
    """an unknown kind raises ValueError"""
    W = away_from_zero(rng, (2, 2))
    student.regularization(W, "l2")
    for kind in ("l3", "L2 ", ""):
        expect_raises(
            ValueError,
            student.regularization,
            W,
            kind,
            otherwise="an unknown kind did not raise ValueError, but another error or none",
        )


# Numerical gradient ------------------------------------------------------------------------------------------------


def coupled(rng, shape):
    """A function whose entries depend on each other, with its exact centred difference of any step."""
    A = rng.uniform(0.5, 1.5, size=shape)

    def f(x):
        x = np.asarray(x, dtype=np.float64)
        return float(np.sum(A * x) ** 2 + np.sum(x**3))

    def slope(x, h):
        return 2 * np.sum(A * x) * A + 3 * x**2 + h**2

    return f, slope


@hidden("numerical_gradient", weight=2)
def agrees_with_a_known_slope(student, rng):
    """a function whose slope is known, with the default step"""
    f, slope = coupled(rng, (2, 3))
    x = rng.uniform(0.5, 1.5, size=(2, 3))
    expect_close(student.numerical_gradient(f, x), slope(x, 0.0), rtol=1e-6, atol=1e-6, what="the gradient")


@hidden("numerical_gradient", weight=2)
def is_the_centred_difference(student, rng):
    """a large step, where only the centred difference has the right error"""
    f, slope = coupled(rng, (3, 2))
    x, h = rng.uniform(0.5, 1.5, size=(3, 2)), float(rng.uniform(0.05, 0.2))
    expect_close(
        student.numerical_gradient(f, x, h), slope(x, h), rtol=1e-7, atol=1e-7, what="the gradient with a large h"
    )


@hidden("numerical_gradient")
def any_number_of_dimensions(student, rng):
    """vectors, flat and tall matrices, three dimensions"""
    for shape in ((4,), (1, 3), (3, 1), (2, 1, 2)):
        f, slope = coupled(rng, shape)
        x = rng.uniform(0.5, 1.5, size=shape)
        expect_close(student.numerical_gradient(f, x), slope(x, 0.0), rtol=1e-6, atol=1e-6, what="the gradient")


@hidden("numerical_gradient")
def laid_out_column_by_column(student, rng):
    """arrays that lie in memory column by column, as a transposed matrix does"""
    for shape in ((2, 3), (2, 3, 2)):
        f, slope = coupled(rng, shape)
        x = np.asfortranarray(rng.uniform(0.5, 1.5, size=shape))
        expect_close(student.numerical_gradient(f, x), slope(x, 0.0), rtol=1e-6, atol=1e-6, what="the gradient")


@hidden("numerical_gradient")
def whole_numbers_and_float32(student, rng):
    """integer and float32 arrays: a small step must not get lost in them"""
    f, slope = coupled(rng, (3,))
    for x in (rng.integers(1, 5, size=3), rng.uniform(0.5, 1.5, size=3).astype(np.float32)):
        gradient = student.numerical_gradient(f, x)
        expect_close(gradient, slope(x.astype(np.float64), 0.0), rtol=1e-5, atol=1e-5, what="the gradient")


@hidden("numerical_gradient")
def x_holds_what_it_held(student, rng):
    """x after the call"""
    f, _ = coupled(rng, (2, 2))
    x = rng.uniform(0.5, 1.5, size=(2, 2))
    kept = student.keep(x)
    gradient = student.numerical_gradient(f, kept)
    expect_shape(gradient, (2, 2), "the gradient")
    expect(np.any(gradient), "the gradient is zero everywhere")
    expect(np.allclose(student.value(kept), x, rtol=0, atol=1e-12), "x does not hold what it held before the call")


# The four losses: the same tests, each on its own exercise ------------------------------------------------------------

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
        expect(np.ndim(loss) == 0 and np.isfinite(loss), "the loss is not a single finite number")
        expect_shape(dW, W.shape, "the gradient")
        expect(loss != 0 and np.any(dW), "the loss or the whole gradient is zero")
        expect_unchanged(student, [("W", W), ("X", X), ("y", y)], *kept)

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


# Random search -----------------------------------------------------------------------------------------------------


def recorded(losses=None):
    """A loss that keeps the weights it was asked about; its values are given, or depend on the weights."""
    seen = []

    def loss_fn(W):
        seen.append(np.array(W))
        return float(losses[len(seen) - 1]) if losses is not None else float(np.sum(W * 1e4))

    return loss_fn, seen


@hidden("random_search", weight=2)
def returns_the_best(student, rng):
    """the weights returned are those with the lowest loss"""
    for sign in (1.0, -1.0):
        losses = sign * rng.uniform(1, 9, size=12)
        losses[8:] = np.sort(losses[8:])[[3, 0, 1, 2]]  # the last fall is neither the best nor the last try
        losses[5] = losses.min() - 0.5
        loss_fn, seen = recorded(losses)
        best_W, _ = student.random_search(loss_fn, (3, 2), 12, student.generator(int(rng.integers(1 << 30))))
        expect(len(seen) == 12, "loss_fn was not called once a try")
        expect_close(best_W, seen[5], 1e-9, 1e-15, what="best_W")


@hidden("random_search", weight=2)
def records_the_lowest_so_far(student, rng):
    """history holds the lowest loss so far after each try"""
    for shift in (3.0, -30.0):
        losses = rng.normal(size=15) + shift
        loss_fn, _ = recorded(losses)
        _, history = student.random_search(loss_fn, (2, 2), 15, student.generator(int(rng.integers(1 << 30))))
        expect_close(history, oracles.falling_record(losses), what="history")


@hidden("random_search", weight=2)
def draws_are_normal_and_small(student, rng):
    """the draws: mean, spread, and share of large values of 1e-4 times a standard normal"""
    loss_fn, seen = recorded()
    best_W, _ = student.random_search(loss_fn, (50, 40), 4, student.generator(int(rng.integers(1 << 30))))
    expect_shape(best_W, (50, 40), "best_W")
    values = 1e4 * np.concatenate([np.ravel(W) for W in seen])
    expect(abs(values.mean()) < 0.1, "the mean of the draws is not zero")
    expect(0.9 < values.std() < 1.1, "the standard deviation of the draws is not 1e-4")
    expect(0.02 < np.mean(np.abs(values) > 2) < 0.08, "the draws do not look normally distributed")


@hidden("random_search")
def every_try_is_drawn_afresh(student, rng):
    """each try is drawn afresh and depends on the generator passed in only"""
    seed = int(rng.integers(1 << 30))
    loss_fn, seen = recorded(-np.arange(5.0))
    student.random_search(loss_fn, (30, 20), 5, student.generator(seed))
    expect(all(W.shape == (30, 20) for W in seen), "loss_fn was handed weights of another shape")
    flat = [W.ravel() * 1e4 for W in seen]
    expect(
        all(abs(np.mean(a * b)) < 0.25 for i, a in enumerate(flat) for b in flat[:i]),
        "the tries are not independent of each other",
    )
    again, seen_again = recorded(-np.arange(5.0))
    best_W, _ = student.random_search(again, (30, 20), 5, student.generator(seed))
    expect(np.array_equal(seen[-1], seen_again[-1]), "the same generator gave other draws: use rng for every draw")
    expect_close(best_W, seen[-1], 1e-9, 1e-15, what="best_W")
    other, seen_other = recorded(-np.arange(5.0))
    student.random_search(other, (30, 20), 5, student.generator(seed + 1))
    expect(
        not np.array_equal(seen[-1], seen_other[-1]), "another generator gave the same draws: use rng for every draw"
    )


@hidden("random_search")
def one_try_is_enough(student, rng):
    """a single try, and weights of one dimension"""
    loss_fn, seen = recorded(rng.uniform(1, 2, size=1))
    best_W, history = student.random_search(loss_fn, (6,), 1, student.generator(int(rng.integers(1 << 30))))
    expect_shape(history, (1,), "history")
    expect(best_W is not None, "no weights came back after a single try")
    expect_close(best_W, seen[0], 1e-9, 1e-15, what="best_W")


# SGD -----------------------------------------------------------------------------------------------------------------


def numbered_rows(n, d=3):
    """Rows and labels from which a batch can be recognised: row i holds i, and its label is 10 + i."""
    return np.arange(float(n))[:, np.newaxis] * np.ones(d), np.arange(n) + 10


def spy(gradients=None):
    """A loss that records its calls. It returns the call's number as a loss."""
    calls = []

    def loss_fn(W, X, y, reg):
        calls.append((np.array(W), np.array(X), np.array(y), reg))
        dW = np.ones_like(W) if gradients is None else gradients[len(calls) - 1]
        return 100.0 - len(calls), dW

    return loss_fn, calls


def a_generator(student, rng):
    return student.generator(int(rng.integers(1 << 30)))


@hidden("train_sgd", weight=2)
def steps_against_the_gradient(student, rng):
    """each step is the learning rate times the gradient, from the W before it; the last W comes back"""
    gradients = list(rng.normal(size=(5, 3, 2)))
    X, y = numbered_rows(8)
    W, rate = rng.normal(size=(3, 2)), float(rng.uniform(0.1, 0.5))
    loss_fn, calls = spy(gradients)
    last, _ = student.train_sgd(loss_fn, X, y, W, rate, 0.0, 5, 4, a_generator(student, rng))
    expect(len(calls) == 5, "loss_fn was not called once an iteration")
    expect_close(calls[0][0], W, what="the weights at the first call of loss_fn")
    expect_close(calls[1][0], W - rate * gradients[0], what="the weights after one step")
    expect_close(last, W - rate * np.sum(gradients, axis=0), what="the weights returned")


@hidden("train_sgd")
def history_of_batch_losses(student, rng):
    """history holds each batch's loss, in order"""
    X, y = numbered_rows(6)
    loss_fn, _ = spy()
    _, history = student.train_sgd(loss_fn, X, y, np.zeros((3, 2)), 0.1, 0.0, 7, 3, a_generator(student, rng))
    expect_close(history, 99.0 - np.arange(7), what="history")


@hidden("train_sgd", weight=2)
def batches_are_rows_with_their_labels(student, rng):
    """batches have the size asked for, hold rows of X with their own labels, and reg is passed on"""
    X, y = numbered_rows(9)
    reg = float(rng.uniform(0.1, 0.9))
    for batch_size in (1, 4, 25):
        loss_fn, calls = spy()
        student.train_sgd(loss_fn, X, y, np.zeros((3, 2)), 0.1, reg, 4, batch_size, a_generator(student, rng))
        expect(len(calls) == 4, "loss_fn was not called once an iteration")
        for _, X_batch, y_batch, passed in calls:
            expect_shape(X_batch, (batch_size, 3), "the batch handed to loss_fn")
            expect_shape(y_batch, (batch_size,), "the labels handed to loss_fn")
            expect(np.array_equal(X_batch[:, 0] + 10, y_batch), "the labels do not belong to the rows of the batch")
            expect(passed == reg, "reg did not reach loss_fn as it was given")


@hidden("train_sgd", weight=2)
def drawn_anew_with_replacement(student, rng):
    """every iteration draws anew, with replacement, from all rows, by the generator passed in"""
    X, y = numbered_rows(12)
    seed, batches = int(rng.integers(1 << 30)), []
    for _ in range(2):
        loss_fn, calls = spy()
        student.train_sgd(loss_fn, X, y, np.zeros((3, 2)), 0.1, 0.0, 40, 12, student.generator(seed))
        batches.append(np.array([call[2] for call in calls]) - 10)
    first, second = batches
    expect(np.array_equal(first, second), "the same generator gave other batches: use rng for every draw")
    loss_fn, calls = spy()
    student.train_sgd(loss_fn, X, y, np.zeros((3, 2)), 0.1, 0.0, 40, 12, student.generator(seed + 1))
    other = np.array([call[2] for call in calls]) - 10
    expect(not np.array_equal(first, other), "another generator gave the same batches: use rng for every draw")
    expect(len({tuple(batch) for batch in first}) > 30, "the same batch comes again and again: draw in every iteration")
    expect(any(len(set(batch)) < len(batch) for batch in first), "no batch has a row twice: draw with replacement")
    counts = np.bincount(first.ravel(), minlength=12)
    expect(counts.min() > 12, "some rows are hardly ever drawn")
    expect(counts.max() < 88, "some rows are drawn far too often")


@hidden("train_sgd")
def the_arguments_are_left_alone(student, rng):
    """X, y and the W passed in are left as they are"""
    X, y = numbered_rows(5)
    W = rng.normal(size=(3, 2))
    kept = student.keep(X), student.keep(y), student.keep(W)
    loss_fn, _ = spy()
    last, _ = student.train_sgd(loss_fn, *kept, 0.1, 0.0, 3, 2, a_generator(student, rng))
    expect_close(last, W - 0.3, what="the weights returned")
    expect_unchanged(student, [("X", X), ("y", y), ("W", W)], *kept)


@hidden("train_sgd")
def trains_a_classifier(student, rng):
    """three groups of points are told apart after training"""
    y = np.arange(90) % 3
    centres = 3 * np.array([[1.0, 0.0], [-0.5, 0.9], [-0.5, -0.9]])
    X = np.column_stack([centres[y] + 0.4 * rng.normal(size=(90, 2)), np.ones(90)])

    def loss_fn(W, X, y, reg):
        S = X @ W
        P = np.exp(S - S.max(axis=1, keepdims=True))
        P /= P.sum(axis=1, keepdims=True)
        picked = -np.log(P[np.arange(len(y)), y] + 1e-300).mean()
        P[np.arange(len(y)), y] -= 1
        return float(picked), X.T @ P / len(y)

    W, _ = student.train_sgd(loss_fn, X, y, np.zeros((3, 3)), 0.3, 0.0, 60, 15, a_generator(student, rng))
    expect_shape(W, (3, 3), "the weights returned")
    right = np.mean(np.array(oracles.labels(W, X)) == y)
    expect(right > 0.8, "after training, too many points of well separated groups are put into the wrong one")


@hidden("train_sgd", weight=2)
def predict_takes_the_largest_score(student, rng):
    """predict: the class with the largest score, for any numbers of examples and classes"""
    for n, d, c in ((25, 4, 3), (1, 3, 5), (4, 4, 4), (3, 2, 6)):
        W, X = rng.normal(size=(d, c)), rng.normal(size=(n, d)) - 0.5
        labels = student.predict(W, X)
        expect_shape(labels, (n,), "the labels")
        expect_equal(np.asarray(labels), np.array(oracles.labels(W, X)), "the labels")


# Hyperparameters -------------------------------------------------------------------------------------------------------


def scored(function):
    calls = []

    def train_fn(learning_rate, reg):
        calls.append((float(learning_rate), float(reg)))
        return function(float(learning_rate), float(reg), len(calls))

    return train_fn, calls


RANGES = ((1e-5, 1e-1), (1e-3, 10.0))


@hidden("search_hyperparameters", weight=2)
def the_grid_is_log_spaced(student, rng):
    """every pair of log-spaced values, both ends included, tried once"""
    low, high = 10.0 ** rng.uniform(-6, -4), 10.0 ** rng.uniform(-2, 0)
    count = int(rng.integers(4, 6))
    train_fn, calls = scored(lambda rate, reg, n: float(n))
    student.search_hyperparameters(train_fn, (low, high), (low * 7, high * 7), count)
    rates, regs = oracles.log_spaced(low, high, count), oracles.log_spaced(low * 7, high * 7, count)
    expect(len(calls) == count**2, "train_fn was not called once a pair")
    expected = sorted((rate, reg) for rate in rates for reg in regs)
    order = sorted(calls, key=lambda pair: (round(np.log(pair[0]), 6), round(np.log(pair[1]), 6)))
    expect_close(np.array(order), np.array(expected), 1e-6, 0.0, what="the pairs tried, in ascending order")


@hidden("search_hyperparameters", weight=2)
def the_best_pair_wins(student, rng):
    """the pair with the highest score, wherever in the grid it lies"""
    for _ in range(2):
        winner = int(rng.integers(2, 15))
        train_fn, calls = scored(lambda rate, reg, n, w=winner: 0.9 if n == w else 0.1 + 0.01 * n)
        best, _ = student.search_hyperparameters(train_fn, *RANGES, 4)
        expect_close(np.array(best), np.array(calls[winner - 1]), 1e-9, 0.0, what="the best pair (learning_rate, reg)")


@hidden("search_hyperparameters")
def scores_may_be_negative(student, rng):
    """scores below zero"""
    winner = int(rng.integers(2, 8))
    train_fn, calls = scored(lambda rate, reg, n: -1.0 if n == winner else -2.0 - n)
    best, _ = student.search_hyperparameters(train_fn, *RANGES, 3)
    expect(best is not None, "no pair came back when all scores are negative")
    expect_close(np.array(best), np.array(calls[winner - 1]), 1e-9, 0.0, what="the best pair (learning_rate, reg)")


@hidden("search_hyperparameters", weight=2)
def every_score_is_kept(student, rng):
    """results holds the score of every pair under its pair, as plain numbers"""
    train_fn, calls = scored(lambda rate, reg, n: 1.0 / n)
    _, results = student.search_hyperparameters(train_fn, *RANGES, 3)
    expect(isinstance(results, dict) and len(results) == 9, "results is not a dict with one entry a pair")
    expect(
        all(type(key) is tuple and len(key) == 2 and all(type(part) is float for part in key) for key in results),
        "a key of results is not a pair of plain floats",
    )
    by_pair = sorted(results.items())
    scores = {pair: 1.0 / (i + 1) for i, pair in enumerate(calls)}
    expect_close(
        np.array([pair for pair, _ in by_pair]), np.array(sorted(scores)), 1e-9, 0.0, what="the pairs in results"
    )
    expect_close(
        [score for _, score in by_pair], [scores[pair] for pair in sorted(scores)], what="the scores in results"
    )


# Extension: orientation histogram, by its properties ---------------------------------------------------------------------


def in_grey(images):
    return np.repeat(images[..., np.newaxis], 3, axis=3)


def ramp(angle, height=16, width=24):
    """Brightness that grows in the direction `angle` (radians, from right towards down)."""
    down, right = np.mgrid[:height, :width]
    return 3.0 * (np.cos(angle) * right + np.sin(angle) * down)


def expect_histogram(histogram, shape):
    """What holds for any images with edges: the tests by comparison would hold for zeros, too."""
    expect_shape(histogram, shape, "the histograms")
    expect(np.max(histogram) > 0.01, "images with edges give next to nothing")


@hidden("orientation_histogram")
def shape_and_length(student, rng):
    """the shape of the result, and length 1 for each image"""
    for (h, w), cell, bins in (((16, 24), 8, 9), ((12, 8), 4, 6)):
        histogram = student.orientation_histogram(rng.uniform(0, 255, size=(3, h, w, 3)), cell, bins)
        expect_shape(histogram, (3, h // cell, w // cell, bins), "the histograms")
        expect_close(
            np.sum(histogram**2, axis=(1, 2, 3)), np.ones(3), 1e-5, 1e-5, what="the sum of squares of an image"
        )
        expect(np.min(histogram) >= 0, "a histogram has a negative entry")


@hidden("orientation_histogram", weight=2)
def ramps_fall_into_their_bin(student, rng):
    """brightness that grows in one direction falls into the bin of that direction"""
    for bins in (6, 9):
        for which in range(bins):
            for turn in (0, np.pi):  # the opposite direction is the same orientation
                image = ramp((which + 0.5) * np.pi / bins + turn)
                histogram = student.orientation_histogram(in_grey(image[np.newaxis]), 8, bins)
                shares = np.sum(histogram, axis=(0, 1, 2)) / np.sum(histogram)
                expect(np.argmax(shares) == which and shares[which] > 0.7, "a ramp votes for the wrong bin")


@hidden("orientation_histogram")
def a_flat_image_is_zero(student, rng):
    """an image without edges gives zeros, also next to one with edges"""
    images = np.stack([np.full((16, 16, 3), 90.0), rng.uniform(0, 255, size=(16, 16, 3))])
    histogram = student.orientation_histogram(images)
    expect(np.all(np.isfinite(histogram)), "an image without edges gives values that are not finite")
    expect(np.all(np.abs(histogram[0]) < 1e-6), "an image without edges does not give zeros")
    expect(np.max(histogram[1]) > 0.01, "an image with edges gives next to nothing")


@hidden("orientation_histogram")
def contrast_and_brightness_do_not_matter(student, rng):
    """a brighter image and one of other contrast give the same histograms"""
    images = rng.uniform(0, 100, size=(2, 16, 16, 3))
    histogram = student.orientation_histogram(images)
    expect_histogram(histogram, (2, 2, 2, 9))
    expect_close(student.orientation_histogram(images + 50), histogram, 1e-4, 1e-4, what="a brighter image")
    expect_close(student.orientation_histogram(images * 2.5), histogram, 1e-4, 1e-4, what="an image of more contrast")


@hidden("orientation_histogram", weight=2)
def a_turned_image_moves_cells_and_bins(student, rng):
    """an image turned by 90 degrees: its cells turn, its bins move by half"""
    images = in_grey(rng.uniform(0, 255, size=(2, 16, 24)))
    histogram = student.orientation_histogram(images, 8, 8)
    expect_histogram(histogram, (2, 2, 3, 8))
    turned = student.orientation_histogram(np.rot90(images, axes=(1, 2)), 8, 8)
    expected = np.roll(np.rot90(histogram, axes=(1, 2)), 4, axis=3)
    expect_close(turned, expected, 1e-3, 1e-3, what="the turned image")


@hidden("orientation_histogram")
def strong_edges_count_more(student, rng):
    """each pixel votes with the strength of its edge"""
    weak, strong = ramp(0.25, 16, 16), 4 * ramp(0.25, 16, 16)
    image = np.hstack([weak, strong - strong.min() + weak.max()])
    histogram = student.orientation_histogram(in_grey(image[np.newaxis]), 4, 6)
    cells = np.sum(histogram[0, 1:3], axis=(0, 2))  # columns of cells, away from the upper and lower border
    expect(3.5 < cells[6] / cells[1] < 4.5, "an edge four times as strong does not weigh four times as much")


@hidden("orientation_histogram")
def whole_numbers_and_colours(student, rng):
    """uint8 images do not wrap, and colours count by the mean of their channels"""
    images = rng.integers(0, 256, size=(2, 16, 16, 3)).astype(np.uint8)
    kept = student.keep(images)
    histogram = student.orientation_histogram(kept)
    expect_histogram(histogram, (2, 2, 2, 9))
    grey = in_grey(images.astype(np.float64).mean(axis=3))
    expect_close(histogram, student.orientation_histogram(grey), 1e-3, 1e-3, what="a uint8 image")
    expect_unchanged(student, [("images", images)], kept)
