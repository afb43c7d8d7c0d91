"""Hidden tests of teaching: softmax with a temperature, the loss of distillation, the training of a student."""

import numpy as np

from autograder.hidden.distillation.problems import (
    SHAPE,
    expect_net_unchanged,
    expect_same,
    net_of,
    params_of,
    problem,
)
from autograder.oracles import distillation as oracles
from autograder.testing import expect, expect_close, expect_dtype, expect_equal, expect_raises, hidden

# Softmax with a temperature --------------------------------------------------------------------------------------------


@hidden("softmax_with_temperature", weight=3)
def several_rows_and_temperatures(student, rng):
    """several rows, at temperatures below and above 1"""
    for T in (0.5, 1.0, 3.0):
        scores = 3 * rng.normal(size=(3, 5))
        expect_close(student.softmax_with_temperature(scores, T), oracles.tempered(scores, T), what="probabilities")


@hidden("softmax_with_temperature")
def temperature_left_out(student, rng):
    """without a temperature it is softmax as usual"""
    scores = 2 * rng.normal(size=(4, 3))
    expect_close(student.softmax_with_temperature(scores), oracles.tempered(scores, 1.0), what="probabilities")


@hidden("softmax_with_temperature", weight=2)
def scores_of_any_size(student, rng):
    """scores in the thousands, rows far apart, and temperatures that do not save them, or that do"""
    for T, shift in ((40.0, 800.0), (0.7, 9000.0), (5.0, 9000.0)):
        scores = rng.normal(size=(3, 4)) + shift * np.array([[1.0], [-1.0], [0.0]])
        expect_close(student.softmax_with_temperature(scores, T), oracles.tempered(scores, T), what="probabilities")
    scores = 1000 * rng.permuted(np.array([[0.0, -2.0, -1.0, 0.5], [3.0, 0.0, 1.5, 1.0]]), axis=1)
    expect_close(student.softmax_with_temperature(scores, 900.0), oracles.tempered(scores, 900.0), what="probabilities")


@hidden("softmax_with_temperature", weight=2)
def temperatures_that_are_none(student, rng):
    """a temperature of 0 or below is refused with ValueError"""
    scores = rng.normal(size=(2, 3))
    expect_close(student.softmax_with_temperature(scores, 2.0), oracles.tempered(scores, 2.0), what="probabilities")
    for T in (-1.5, 0.0):
        expect_raises(
            ValueError, student.softmax_with_temperature, scores, T, otherwise="a T that is not above 0 was accepted"
        )


@hidden("softmax_with_temperature", weight=2)
def kinds_of_scores(student, rng):
    """a single row, float32, other memory layouts; the scores are left as they are"""
    for scores in (
        rng.normal(size=(1, 6)),
        rng.normal(size=(4, 3)).astype(np.float32),
        np.asfortranarray(rng.normal(size=(3, 5))),
    ):
        kept = student.keep(scores)
        found = student.softmax_with_temperature(kept, 2.0)
        expect_close(found, oracles.tempered(scores, 2.0), what="probabilities")
        expect_dtype(found, scores.dtype, "the probabilities")
        expect_same(student, kept, scores, "the scores were changed in place")


# The loss of distillation ----------------------------------------------------------------------------------------------


def loss_and_slopes(student, *arguments):
    reply = student.distillation_loss(*arguments)
    expect(isinstance(reply, (tuple, list)) and len(reply) == 2, "two things must come back: (loss, dstudent)")
    return reply


def both_scores(rng, n=5, classes=4, scale=2.0):
    """Scores of a student and a teacher, and labels that are not all what either says."""
    while True:
        own, taught = scale * rng.normal(size=(n, classes)), scale * rng.normal(size=(n, classes))
        y = rng.integers(0, classes, size=n)
        if np.any(own.argmax(1) != y) and np.any(taught.argmax(1) != y):
            return own, taught, y


@hidden("distillation_loss", weight=3)
def the_loss(student, rng):
    """the loss, for several temperatures and weights"""
    for T, alpha in ((3.0, 0.7), (1.5, 0.2), (6.0, 0.9)):
        own, taught, y = both_scores(rng)
        loss, _ = loss_and_slopes(student, own, taught, y, T, alpha)
        expect_close(loss, float(oracles.divergence_loss(own, taught, y, T, alpha)), what="the loss")


@hidden("distillation_loss", weight=3)
def the_gradient(student, rng):
    """the gradient with respect to the student's scores, for several temperatures and weights"""
    for T, alpha in ((3.0, 0.7), (0.5, 0.2)):
        own, taught, y = both_scores(rng, n=3)
        _, slopes = loss_and_slopes(student, own, taught, y, T, alpha)
        expect_close(slopes, oracles.divergence_slopes(own, taught, y, T, alpha), what="dstudent")


@hidden("distillation_loss", weight=2)
def one_part_alone(student, rng):
    """alpha = 1: the teacher only; alpha = 0: the labels only"""
    for T, alpha in ((4.0, 1.0), (4.0, 0.0)):
        own, taught, y = both_scores(rng, n=3)
        loss, slopes = loss_and_slopes(student, own, taught, y, T, alpha)
        expect_close(loss, float(oracles.divergence_loss(own, taught, y, T, alpha)), what="the loss")
        expect_close(slopes, oracles.divergence_slopes(own, taught, y, T, alpha), what="dstudent")


@hidden("distillation_loss", weight=2)
def large_scores(student, rng):
    """scores of 10,000 on either side give finite numbers, and the right ones"""
    own, taught, y = both_scores(rng, n=3, scale=1.0)
    shift = np.array([[10_000.0], [-10_000.0], [0.0]])
    for scores in ((own + shift, taught - shift), (1e4 * own, taught), (own, 1e4 * taught)):
        loss, slopes = loss_and_slopes(student, *scores, y, 2.0, 0.6)
        expect(np.all(np.isfinite(loss)) and np.all(np.isfinite(slopes)), "loss or gradient is not finite")
        expect_close(loss, float(oracles.divergence_loss(*scores, y, 2.0, 0.6)), what="the loss")


@hidden("distillation_loss")
def kinds_of_arguments(student, rng):
    """one example, float32, a teacher with scores of another dtype; the arguments are left as they are"""
    single, double = np.float32, np.float64
    for n, dtype, other in ((1, double, double), (4, single, single), (3, double, single), (3, single, double)):
        own, taught, y = both_scores(rng, n=n)
        arrays = own.astype(dtype), taught.astype(other), y
        kept = [student.keep(array) for array in arrays]
        loss, slopes = loss_and_slopes(student, *kept, 2.5, 0.3)
        expected = oracles.divergence_loss(arrays[0].astype(float), arrays[1].astype(float), y, 2.5, 0.3)
        expect_close(loss, float(expected), 1e-4, 1e-6, what="the loss")
        expect_dtype(slopes, dtype, "dstudent")
        for held, array in zip(kept, arrays, strict=True):
            expect_same(student, held, array, "an argument was changed in place")


# The training ----------------------------------------------------------------------------------------------------------


def provide_loss(student):
    def grader_loss(own, taught, y, T, alpha):
        found = float(oracles.divergence_loss(own, taught, y, T, alpha))
        return found, oracles.divergence_slopes(own, taught, y, T, alpha)

    student.provide("distillation_loss", grader_loss)


def lesson(student, rng, n=4, **teacher_settings):
    """A student and a teacher of the same shape, with the grader's own student and the teacher's scores."""
    provide_loss(student)
    params, net, X, y = problem(rng, n)
    teacher_params, teacher, _, _ = problem(rng, 1)
    handles = net_of(student, params), net_of(student, teacher_params, **teacher_settings)
    return handles, net, teacher, X, y


def expect_losses(losses, count):
    listed = isinstance(losses, (list, tuple, np.ndarray))
    expect(listed and len(losses) == count, "what comes back is no list with one loss for every batch")


@hidden("distill", weight=3, trains=True)
def whole_batches(student, rng):
    """batches that hold all images: the losses and the weights after each number of steps"""
    for epochs in (1, 3):
        (own, teacher), net, grader_teacher, X, y = lesson(student, rng)
        T, alpha, rate = float(rng.uniform(1.5, 4)), float(rng.uniform(0.2, 0.8)), 0.02
        found = student.distill(own, teacher, X, y, T, alpha, rate, epochs, len(X), student.generator(1))
        settings = {"T": T, "alpha": alpha}
        losses, params = oracles.distilled(net, grader_teacher.scores(X), X, y, settings, epochs, rate)
        expect_losses(found, epochs)
        expect_close(np.asarray(found), np.array(losses), 1e-5, 1e-7, what="the losses")
        now = params_of(student, own)
        for name, value in params.items():
            expect_close(now[name], value, 1e-5, 1e-7, what=f"{name} after training")


@hidden("distill", weight=3, trains=True)
def every_row_once(student, rng):
    """with small batches every image counts once in an epoch, with its own label and its own teacher's scores"""
    (own, teacher), net, grader_teacher, X, y = lesson(student, rng, n=7)
    found = student.unrecorded(student.distill, own, teacher, X, y, 2.0, 0.5, 1e-12, 2, 3, student.generator(5))
    expect_losses(found, 6)
    whole = float(oracles.divergence_loss(net.scores(X), grader_teacher.scores(X), y, 2.0, 0.5))
    sums = np.asarray(found, float).reshape(2, 3) @ [3, 3, 1] / 7
    student.record([float(value) for value in sums / whole])
    expect_close(
        sums, np.full(2, whole), 1e-5, 1e-7, what="the mean loss of the images in an epoch of steps of no length"
    )


@hidden("distill", weight=2, trains=True)
def small_batches(student, rng):
    """equal images in small batches, the last one smaller: the rate, the momentum and the weights after all steps"""
    (own, teacher), net, grader_teacher, X, y = lesson(student, rng, n=1)
    T, alpha, rate = float(rng.uniform(1.5, 4)), float(rng.uniform(0.2, 0.8)), 0.02
    equal = np.repeat(X, 7, axis=0), np.repeat(y, 7)
    found = student.distill(own, teacher, *equal, T, alpha, rate, 2, 3, student.generator(1))
    losses, params = oracles.distilled(net, grader_teacher.scores(X), X, y, {"T": T, "alpha": alpha}, 6, rate)
    expect_losses(found, 6)
    expect_close(np.asarray(found), np.array(losses), 1e-5, 1e-7, what="the losses")
    now = params_of(student, own)
    for name, value in params.items():
        expect_close(now[name], value, 1e-5, 1e-7, what=f"{name} after training")


@hidden("distill", weight=2, trains=True)
def drawn_orders(student, rng):
    """the order is drawn from rng, anew in every epoch"""
    (own, teacher), _, _, X, y = lesson(student, rng, n=6)
    runs, taught = [], params_of(student, teacher)
    for seed in (3, 3, 4):
        for name, value in taught.items():  # a teacher that was trained along the way is another test's business
            student.box(teacher, "params")[name] = value
        found = student.unrecorded(student.distill, own, teacher, X, y, 2.0, 0.5, 1e-12, 2, 1, student.generator(seed))
        expect_losses(found, 12)
        runs.append(np.asarray(found, float))
    first, again, other = runs
    verdicts = [np.allclose(first, again), np.allclose(first, other), np.allclose(first[:6], first[6:])]
    student.record([bool(verdict) for verdict in verdicts] if verdicts[0] else False)  # else chance decides the others
    expect(verdicts[0], "the same rng gave another order: draw from rng and from nothing else")
    expect(not verdicts[1], "another rng gave the same order")
    expect(not verdicts[2], "both epochs have the same order: draw it anew")


@hidden("distill", weight=2, trains=True)
def who_is_in_which_mode(student, rng):
    """the student is in training mode; the teacher is in test mode and stays as it was"""
    (own, teacher), _, grader_teacher, X, y = lesson(student, rng, dropout=0.5)
    before = params_of(student, teacher)
    first = student.distill(own, teacher, X, y, 3.0, 0.5, 1e-12, 1, len(X), student.generator(1))
    expect_losses(first, 1)
    scores = np.asarray(own.loss(X))
    expected = float(oracles.divergence_loss(scores, grader_teacher.scores(X), y, 3.0, 0.5))
    expect_close(float(first[0]), expected, 1e-5, 1e-7, what="the loss, with a teacher that has dropout")
    expect_net_unchanged(student, teacher, before)
    fresh, twin = (student.PixelNet(SHAPE, (2,), 3, 5, 4, "batchnorm", dtype="float64", rng=1) for _ in range(2))
    losses = student.distill(fresh, teacher, X, y, 3.0, 0.0, 0.01, 1, len(X), student.generator(1))
    statistics = student.value(student.box(fresh, "bn_params"))[0]["running_mean"]
    moved = bool(np.any(statistics))
    student.record(moved)
    expect(moved, "the student's running statistics did not move: it was not in training mode")
    expect_losses(losses, 1)
    in_training = float(student.unrecorded(twin.loss, X, y)[0])
    expect_close(float(losses[0]), in_training, 1e-5, 1e-7, what="the loss, of a student in training mode")


@hidden("distill", trains=True)
def what_is_left_alone(student, rng):
    """X and y are left as they are, and the student has the parameters that it had"""
    (own, teacher), _, _, X, y = lesson(student, rng, n=7)
    kept = student.keep(X), student.keep(y)
    student.unrecorded(student.distill, own, teacher, *kept, 2.0, 0.5, 1e-12, 1, 4, student.generator(2))
    expect_same(student, kept[0], X)
    expect_same(student, kept[1], y, "y was changed in place")
    expect_equal(sorted(params_of(student, own)), ["W1", "W2", "W3", "b1", "b2", "b3"], "the student's parameters")
