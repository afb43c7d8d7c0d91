"""Hidden tests of notebook 01, nearest neighbours."""

import numpy as np

from autograder.oracles import knn as oracles
from autograder.testing import expect, expect_close, expect_dtype, expect_equal, expect_raises, expect_shape, hidden

ALLOWED = 1e-4  # absolute error of a distance: expanding the square costs some digits
CHANGED = "the function changed an array that it was given; work on a copy"


def _leaves_alone(student, call, *arrays):
    """The answer of `call(*arrays)`, which must leave its arrays as they are.

    The test goes on to compare the answer: a function that does nothing changes nothing either.
    """
    kept = [student.keep(array) for array in arrays]
    answer = call(*kept)
    for held, array in zip(kept, arrays, strict=True):
        expect_equal(student.value(held), array, what=CHANGED)
    return answer


def _pixels(rng, *shape):
    return rng.integers(0, 256, size=shape, dtype=np.uint8)


# ---- l1_distance


@hidden("l1_distance", weight=2)
def adds_up_absolute_differences(student, rng):
    """adds up the absolute differences of two arrays of fractions"""
    a, b = rng.normal(size=(3, 4)), rng.normal(size=(3, 4))
    expect_close(student.l1_distance(a, b), oracles.l1(a, b), what="the distance")
    expect_close(student.l1_distance(b, a), oracles.l1(a, b), what="the distance from the other side")


@hidden("l1_distance", weight=2)
def pixels_do_not_wrap(student, rng):
    """pixels (uint8) do not wrap around"""
    a, b = _pixels(rng, 5, 6), _pixels(rng, 5, 6)
    expect_close(student.l1_distance(a, b), oracles.l1(a, b), what="the distance of two grey pictures")


@hidden("l1_distance")
def colour_pictures(student, rng):
    """pictures with colour (three axes) and long rows (one axis) give one number"""
    for shape in ((4, 5, 3), (40,)):
        a, b = _pixels(rng, *shape).astype(np.float64), _pixels(rng, *shape).astype(np.float64)
        expect_close(student.l1_distance(a, b), oracles.l1(a, b), what="the distance")


@hidden("l1_distance")
def large_whole_numbers(student, rng):
    """large whole numbers do not overflow"""
    a, b = rng.integers(10**6, 10**9, size=(2, 3, 4))
    expect_close(student.l1_distance(a, -b), oracles.l1(a, -b), what="the distance")


@hidden("l1_distance")
def different_shapes_are_refused(student, rng):
    """different shapes raise ValueError, also those that would broadcast"""
    a, b = rng.normal(size=(2, 3, 4))
    expect_close(student.l1_distance(a, b), oracles.l1(a, b), what="the distance of arrays of one shape")
    sentence = "arrays of different shapes must raise ValueError, even where broadcasting could stretch one of them"
    for other in (rng.normal(size=(2, 4)), rng.normal(size=4), rng.normal(size=(3, 1))):
        expect_raises(ValueError, student.l1_distance, a, other, otherwise=sentence)


@hidden("l1_distance")
def pictures_stay_as_they_are(student, rng):
    """its inputs stay as they are"""
    a, b = rng.normal(size=(2, 3, 4))
    expect_close(_leaves_alone(student, student.l1_distance, a, b), oracles.l1(a, b), what="the distance")


# ---- NearestNeighbor


def _answers(student, X_train, y_train, X):
    student.provide("l1_distance", oracles.l1)
    nn = student.NearestNeighbor()
    nn.train(X_train, y_train)
    return nn.predict(X)


def _spiky(rng, *shape):
    """Numbers of very different sizes, so that L1, L2 and the largest difference name different neighbours."""
    return rng.normal(size=shape) ** 3


@hidden("NearestNeighbor", weight=3)
def answers_with_the_nearest(student, rng):
    """answers with the label of the nearest row in L1 distance"""
    X_train, X, y_train = _spiky(rng, 40, 12), _spiky(rng, 15, 12), 3 + rng.permutation(40)
    expect_equal(_answers(student, X_train, y_train, X), oracles.nearest_labels(X_train, y_train, X), "the labels")


@hidden("NearestNeighbor", weight=2)
def handles_pixels(student, rng):
    """remembers and compares pixels (uint8)"""
    X_train, X, y_train = _pixels(rng, 20, 10), _pixels(rng, 12, 10), rng.permutation(20)
    expect_equal(_answers(student, X_train, y_train, X), oracles.nearest_labels(X_train, y_train, X), "the labels")


@hidden("NearestNeighbor")
def one_query(student, rng):
    """a single query gives an array with one label"""
    X_train, X, y_train = _spiky(rng, 9, 4), _spiky(rng, 1, 4), rng.permutation(9)
    answers = _answers(student, X_train, y_train, X)
    expect_shape(answers, (1,), "the labels of a single query")
    expect_equal(answers, oracles.nearest_labels(X_train, y_train, X), "the label")


@hidden("NearestNeighbor")
def the_dtype_of_labels_is_kept(student, rng):
    """whole-number labels come back with the dtype they had"""
    X_train, X = _spiky(rng, 9, 4), _spiky(rng, 6, 4)
    for dtype in (np.int8, np.int32, np.int64):
        y_train = rng.permutation(9).astype(dtype)
        answers = _answers(student, X_train, y_train, X)
        expect_dtype(answers, dtype, "the labels")
        expect_equal(answers, oracles.nearest_labels(X_train, y_train, X), "the labels")


@hidden("NearestNeighbor")
def labels_may_be_names(student, rng):
    """labels may be names (strings)"""
    X_train, X = _spiky(rng, 8, 4), _spiky(rng, 6, 4)
    names = rng.permutation(["a", "coat", "dress", "sneaker", "ankle boot", "bag", "shirt", "b"])
    answers = _answers(student, X_train, names, X)
    expect_dtype(answers, "text", "the labels")
    expect_equal(answers, oracles.nearest_labels(X_train, names, X), "the names")


@hidden("NearestNeighbor")
def training_again_forgets(student, rng):
    """training a second time forgets the first training set"""
    nn = student.NearestNeighbor()
    X_first = _spiky(rng, 7, 4)
    student.provide("l1_distance", oracles.l1)
    nn.train(X_first, rng.permutation(7))
    X_second, y_second = 5 + _spiky(rng, 6, 4), 10 + rng.permutation(6)
    nn.train(X_second, y_second)
    expect_equal(nn.predict(X_first), oracles.nearest_labels(X_second, y_second, X_first), "the labels")


@hidden("NearestNeighbor")
def nothing_given_is_changed(student, rng):
    """neither the training set nor the queries are changed"""
    X_train, X, y_train = _spiky(rng, 8, 4), _spiky(rng, 5, 4), rng.permutation(8)
    answers = _leaves_alone(student, lambda *arrays: _answers(student, *arrays), X_train, y_train, X)
    expect_equal(answers, oracles.nearest_labels(X_train, y_train, X), "the labels")


# ---- the three functions of distances


def _register_distance_tests(exercise):
    """The tests that all three ways of computing distances have in common."""

    def distances(student, X, X_train):
        return getattr(student, exercise)(X, X_train)

    @hidden(exercise, weight=3)
    def agrees_with_the_definition(student, rng):
        """agrees with the definition, with more training rows than queries and with fewer"""
        for n, m in ((4, 7), (6, 3)):
            X, X_train = rng.normal(size=(n, 5)), rng.normal(size=(m, 5))
            expect_close(distances(student, X, X_train), oracles.distances(X, X_train), atol=ALLOWED)

    @hidden(exercise, weight=2)
    def square_but_not_symmetric(student, rng):
        """entry (i, j) belongs to row i of X and row j of X_train, also when there are equally many"""
        X, X_train = rng.normal(size=(5, 5)), 1 + rng.normal(size=(5, 5))
        expect_close(distances(student, X, X_train), oracles.distances(X, X_train), atol=ALLOWED)

    @hidden(exercise, weight=2)
    def pixels_do_not_wrap(student, rng):
        """pixels (uint8) do not wrap around"""
        X, X_train = _pixels(rng, 4, 12), _pixels(rng, 6, 12)
        expect_close(distances(student, X, X_train), oracles.distances(X, X_train), atol=ALLOWED)

    @hidden(exercise)
    def single_rows(student, rng):
        """a single query, a single training row, and one number a row"""
        for n, m, d in ((1, 6, 4), (6, 1, 4), (1, 1, 3), (3, 4, 1)):
            X, X_train = rng.normal(size=(n, d)), rng.normal(size=(m, d))
            expect_close(distances(student, X, X_train), oracles.distances(X, X_train), atol=ALLOWED)

    @hidden(exercise)
    def float64_comes_back(student, rng):
        """the distances are float64 and exact enough for whatever comes in"""
        X = (100 + rng.normal(size=(5, 20))).astype(np.float32)
        X_train = np.vstack([X[:2] + np.float32(0.01), 100 + rng.normal(size=(4, 20))]).astype(np.float32)
        dists = distances(student, X, X_train)
        expect_dtype(dists, np.float64, "the distances")
        expect_close(dists, oracles.distances(X, X_train), atol=ALLOWED)

    @hidden(exercise)
    def rows_stay_as_they_are(student, rng):
        """its inputs stay as they are"""
        X, X_train = rng.normal(size=(3, 4)), rng.normal(size=(5, 4))
        dists = _leaves_alone(student, getattr(student, exercise), X, X_train)
        expect_close(dists, oracles.distances(X, X_train), atol=ALLOWED)


for _exercise in ("distances_two_loops", "distances_one_loop", "distances_no_loops"):
    _register_distance_tests(_exercise)


# A loop in Python gives itself away by the calls it makes; array code makes a number that does not grow with the rows.
PAIRS_IN_PYTHON = "the function makes one pass over all pairs in Python: {instead}"


@hidden("distances_one_loop", weight=4)
def loops_over_the_queries_only(student, rng):
    """loops over the rows of X only: few queries and many training rows need few turns"""
    X, X_train = rng.normal(size=(4, 3)), rng.normal(size=(300, 3))
    dists, calls = student.count_calls(student.distances_one_loop, X, X_train)
    expect_close(dists, oracles.distances(X, X_train), atol=ALLOWED)
    expect(calls <= 200 + 60 * len(X), PAIRS_IN_PYTHON.format(instead="let NumPy do the loop over the rows of X_train"))


@hidden("distances_no_loops", weight=4)
def makes_no_loop(student, rng):
    """has no loop in Python, neither over pairs nor over rows"""
    X, X_train = rng.normal(size=(150, 3)), rng.normal(size=(120, 3))
    dists, calls = student.count_calls(student.distances_no_loops, X, X_train)
    expect_close(dists, oracles.distances(X, X_train), atol=ALLOWED)
    expect(calls < len(X) * len(X_train), PAIRS_IN_PYTHON.format(instead="no loop belongs there"))
    expect(calls <= 300, "the function makes one pass over all rows in Python: no loop belongs there")


@hidden("distances_no_loops", weight=2)
def equal_rows_give_no_nan(student, rng):
    """equal rows of large numbers are at a distance near 0, not nan"""
    X = 100 * rng.normal(size=(40, 12))
    dists = student.distances_no_loops(X, X.copy())
    expect_shape(dists, (40, 40), "the distances")
    sentence = "some distances are nan: rounding made a squared distance negative, and it has no root"
    expect(not np.isnan(dists).any(), sentence)
    expect_close(dists, oracles.distances(X, X), atol=ALLOWED)


@hidden("distances_no_loops", weight=2)
def memory_stays_small(student, rng):
    """makes no array of shape (N, M, D)"""
    X, X_train = rng.normal(size=(50, 600)), rng.normal(size=(40, 600))
    dists, peak = student.peak_memory(student.distances_no_loops, X, X_train)
    expect_close(dists, oracles.distances(X, X_train), atol=ALLOWED)
    sentence = "the function holds several times the memory it needs: is there an array of shape (N, M, D)?"
    expect(peak < 4 * (X.nbytes + X_train.nbytes + dists.nbytes), sentence)


# ---- predict_labels


def _distances_in_order(rng, label_rows, y_train):
    """Distances (N, M), without equal ones, by which each row's nearest labels are the given ones in their order."""
    rows = []
    for wanted in label_rows:
        left = list(rng.permutation(len(y_train)))
        order = [left.pop(next(i for i, j in enumerate(left) if y_train[j] == label)) for label in wanted]
        row = np.empty(len(y_train))
        row[order + left] = 1 + np.cumsum(rng.uniform(0.5, 1.5, size=len(y_train)))
        rows.append(row)
    return np.array(rows)


@hidden("predict_labels")
def one_neighbour_unless_told(student, rng):
    """k is 1 unless given: the label of the nearest row"""
    dists, y_train = 10 * rng.random((8, 11)), rng.permutation(11)
    expect_equal(student.predict_labels(dists, y_train), oracles.labels(dists, y_train), "the labels")


@hidden("predict_labels", weight=3)
def most_votes_win(student, rng):
    """the label with most votes among the k nearest wins"""
    y_train = np.repeat([4, 1, 7, 2], 4)
    a, b, c = rng.permutation([4, 1, 7, 2])[:3]
    for k, votes in ((3, [[a, b, b], [b, a, b], [c, a, a]]), (5, [[a, b, c, b, c], [c, a, b, a, a], [a, b, b, c, b]])):
        if k == 5:
            votes[0] = [a, b, c, b, b]
        dists = _distances_in_order(rng, votes, y_train)
        expect_equal(student.predict_labels(dists, y_train, k), oracles.labels(dists, y_train, k), "the labels")


@hidden("predict_labels", weight=3)
def ties_go_to_the_smallest_label(student, rng):
    """equally many votes: the smallest of those labels wins"""
    y_train = np.repeat([2, 5, 7, 9], 4)
    small, middle, large, other = 2, 5, 7, 9
    votes = [
        [middle, small, large, small, large],
        [other, large, middle, middle, large],
        [small, large, middle, large, middle],
        [other, middle, large, large, middle],
    ]
    dists = _distances_in_order(rng, [votes[i] for i in rng.permutation(4)], y_train)
    expect_equal(student.predict_labels(dists, y_train, k=5), oracles.labels(dists, y_train, 5), "the labels")
    expect_equal(student.predict_labels(dists, y_train, k=2), oracles.labels(dists, y_train, 2), "the labels")


@hidden("predict_labels", weight=2)
def labels_of_any_value(student, rng):
    """labels may be negative and need not start at 0"""
    y_train = rng.permutation(np.repeat([-40, -3, 6, 1000], 4))
    dists = 10 * rng.random((12, 16))
    dists[0, y_train == -3] = 0.01 * rng.random(4)  # whatever the draw, one row has a negative answer
    for k in (1, 3):
        expect_equal(student.predict_labels(dists, y_train, k), oracles.labels(dists, y_train, k), "the labels")


@hidden("predict_labels", weight=2)
def small_differences_count(student, rng):
    """distances that differ by fractions are told apart"""
    dists = rng.integers(5, 8, size=(9, 40)) + 0.9 * rng.random((9, 40))  # many share their whole part
    y_train = rng.integers(0, 12, size=40)
    for k in (1, 3):
        expect_equal(student.predict_labels(dists, y_train, k), oracles.labels(dists, y_train, k), "the labels")


@hidden("predict_labels")
def votes_keep_their_dtype(student, rng):
    """labels come back with the dtype of y_train"""
    dists = 10 * rng.random((5, 9))
    for dtype in (np.int8, np.int32, np.int64):
        y_train = rng.integers(0, 4, size=9).astype(dtype)
        answers = student.predict_labels(dists, y_train, k=3)
        expect_dtype(answers, dtype, "the labels")
        expect_equal(answers, oracles.labels(dists, y_train, 3), "the labels")


@hidden("predict_labels")
def distances_stay_as_they_are(student, rng):
    """its inputs stay as they are"""
    dists, y_train = 10 * rng.random((5, 9)), rng.integers(1, 5, size=9)
    answers = _leaves_alone(student, student.predict_labels, dists, y_train)
    expect_equal(answers, oracles.labels(dists, y_train), "the labels")


# ---- cross_validate


def _accuracies(student, X, y, ks, *num_folds):
    """The student's answer, with right helpers in the place of the student's own."""
    for name in ("distances_two_loops", "distances_one_loop", "distances_no_loops"):
        student.provide(name, oracles.distances)
    student.provide("predict_labels", oracles.labels)
    return student.cross_validate(X, y, ks, *num_folds)


def _compare(accuracies, expected):
    expect(isinstance(accuracies, dict), "a dict {k: accuracies} belongs here")
    expect(set(accuracies) == set(expected), "the keys of the dict are not the values of k that were asked for")
    for k, values in expected.items():
        expect(np.ndim(accuracies[k]) == 1, "for each k there must be a list of accuracies, one for each fold")
        expect(len(accuracies[k]) == len(values), "for each k there must be as many accuracies as folds")
        expect_close(np.asarray(accuracies[k]), np.asarray(values), what="the accuracies")


def _problem(rng, count):
    """Labels that neighbours share often but not always, so that accuracies are neither 0 nor 1."""
    X = rng.normal(size=(count, 3))
    return X, 2 + (X[:, 0] > 0) + 3 * (rng.random(count) < 0.35)


@hidden("cross_validate", weight=3)
def each_fold_takes_a_turn(student, rng):
    """each fold takes a turn, for each k"""
    X, y = _problem(rng, 30)
    ks = [3, 1, 6]
    _compare(_accuracies(student, X, y, ks, 3), oracles.accuracies(X, y, ks, 3))


@hidden("cross_validate", weight=3)
def nothing_is_dropped(student, rng):
    """every example is used when N is not divisible by the number of folds; five folds unless told"""
    X, y = _problem(rng, 29)
    ks = [1, 4]
    _compare(_accuracies(student, X, y, ks), oracles.accuracies(X, y, ks, 5))


@hidden("cross_validate", weight=2)
def the_order_is_kept(student, rng):
    """folds are cut in the given order: a set sorted by class shows it"""
    X = rng.normal(size=(16, 2))
    y = np.repeat(rng.permutation(4), 4)
    _compare(_accuracies(student, X, y, [1, 3], 4), oracles.accuracies(X, y, [1, 3], 4))


@hidden("cross_validate")
def as_many_folds_as_examples(student, rng):
    """as many folds as examples: each is predicted from all the others"""
    X, y = _problem(rng, 11)
    _compare(_accuracies(student, X, y, [1, 5], 11), oracles.accuracies(X, y, [1, 5], 11))


@hidden("cross_validate")
def examples_stay_as_they_are(student, rng):
    """its inputs stay as they are"""
    X, y = _problem(rng, 12)
    answer = _leaves_alone(student, lambda *arrays: _accuracies(student, *arrays, [1], 3), X, y)
    _compare(answer, oracles.accuracies(X, y, [1], 3))
