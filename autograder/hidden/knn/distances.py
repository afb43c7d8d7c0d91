"""Hidden tests of all distances at once: by two loops, by one, by none."""

import numpy as np

from autograder.hidden.knn.arguments import ALLOWED, leaves_alone, pixels
from autograder.oracles import knn as oracles
from autograder.testing import ask_once, ban, expect, expect_close, expect_dtype, expect_shape, hidden

ban("distances_two_loops", "scipy", "sklearn")
ban("distances_one_loop", "scipy", "sklearn", "distances_two_loops")
ban("distances_no_loops", "scipy", "sklearn", "distances_two_loops", "distances_one_loop")
ask_once("distances_two_loops", "distances_one_loop", "distances_no_loops")


def _register_distance_tests(exercise):
    """The tests that all three ways of computing distances have in common."""

    def compare(student, *problems):
        answers = student.several(getattr(student, exercise), *problems)
        for dists, problem in zip(answers, problems, strict=True):
            expect_close(dists, oracles.distances(*problem), atol=ALLOWED)

    @hidden(exercise, weight=3)
    def agrees_with_the_definition(student, rng):
        """agrees with the definition, with more training rows than queries and with fewer"""
        compare(student, *((rng.normal(size=(n, 5)), rng.normal(size=(m, 5))) for n, m in ((4, 7), (6, 3))))

    @hidden(exercise, weight=2)
    def square_but_not_symmetric(student, rng):
        """entry (i, j) belongs to row i of X and row j of X_train, also when there are equally many"""
        compare(student, (rng.normal(size=(5, 5)), 1 + rng.normal(size=(5, 5))))

    @hidden(exercise, weight=2)
    def pixels_do_not_wrap(student, rng):
        """pixels (uint8) do not wrap around"""
        compare(student, (pixels(rng, 4, 12), pixels(rng, 6, 12)))

    @hidden(exercise)
    def single_rows(student, rng):
        """a single query, a single training row, and one number a row"""
        sizes = ((1, 6, 4), (6, 1, 4), (1, 1, 3), (3, 4, 1))
        compare(student, *((rng.normal(size=(n, d)), rng.normal(size=(m, d))) for n, m, d in sizes))

    @hidden(exercise)
    def float64_comes_back(student, rng):
        """the distances are float64 and exact enough for whatever comes in"""
        X = (100 + rng.normal(size=(5, 20))).astype(np.float32)
        X_train = np.vstack([X[:2] + np.float32(0.01), 100 + rng.normal(size=(4, 20))]).astype(np.float32)
        dists = getattr(student, exercise)(X, X_train)
        expect_dtype(dists, np.float64, "the distances")
        expect_close(dists, oracles.distances(X, X_train), atol=ALLOWED)

    @hidden(exercise)
    def rows_stay_as_they_are(student, rng):
        """its inputs stay as they are"""
        X, X_train = rng.normal(size=(3, 4)), rng.normal(size=(5, 4))
        dists = leaves_alone(student, getattr(student, exercise), (X, X_train))
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
    X, X_train = rng.normal(size=(150, 3)), rng.normal(size=(40, 3))
    dists, calls = student.count_calls(student.distances_no_loops, X, X_train)
    expect_shape(dists, (150, 40), "the distances")
    expect_close(dists[::30], oracles.distances(X[::30], X_train), atol=ALLOWED)
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
    X, X_train = rng.normal(size=(24, 100)), rng.normal(size=(20, 100))
    dists, peak = student.peak_memory(student.distances_no_loops, X, X_train)
    expect_shape(dists, (24, 20), "the distances")
    expect_close(dists[::10], oracles.distances(X[::10], X_train), atol=ALLOWED)
    sentence = "the function holds several times the memory it needs: is there an array of shape (N, M, D)?"
    expect(peak < 4 * (X.nbytes + X_train.nbytes + dists.nbytes), sentence)
