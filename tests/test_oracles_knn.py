"""Notebook 01: its oracles against SciPy and the worked numbers of the text, its mutants against what students type."""

import numpy as np
import pytest
from scipy import stats
from scipy.spatial.distance import cdist

from autograder.grading.exercise import TestResult, run_exercise
from autograder.oracles import knn as oracles

KINDS = [np.float64, np.float32, np.uint8, np.int64]


def rows(rng, n, d, dtype):
    return rng.integers(0, 256, size=(n, d)).astype(dtype)


@pytest.mark.parametrize("dtype", KINDS)
@pytest.mark.parametrize(("n", "m", "d"), [(4, 7, 5), (7, 4, 5), (3, 3, 3), (1, 6, 2), (6, 1, 2), (1, 1, 1)])
def test_distances_are_those_of_scipy(dtype, n, m, d):
    rng = np.random.default_rng(n + 10 * m)
    X, X_train = rows(rng, n, d, dtype), rows(rng, m, d, dtype)
    np.testing.assert_allclose(oracles.distances(X, X_train), cdist(X.astype(float), X_train.astype(float)))


@pytest.mark.parametrize("dtype", KINDS)
def test_the_l1_distance_is_that_of_scipy(dtype):
    rng = np.random.default_rng(1)
    a, b = rows(rng, 3, 8, dtype), rows(rng, 3, 8, dtype)
    expected = np.diag(cdist(a.astype(float), b.astype(float), metric="cityblock")).sum()
    assert oracles.l1(a, b) == pytest.approx(expected)


def test_the_l1_distance_of_the_text_is_456():
    a = np.array([[56, 32, 10, 18], [90, 23, 128, 133], [24, 26, 178, 200], [2, 0, 255, 220]], dtype=np.uint8)
    b = np.array([[10, 20, 24, 17], [8, 10, 89, 100], [12, 16, 178, 170], [4, 32, 233, 112]], dtype=np.uint8)
    assert oracles.l1(a, b) == 456


@pytest.mark.parametrize("names", [False, True])
def test_the_nearest_label_is_that_of_the_smallest_cityblock_distance(names):
    rng = np.random.default_rng(2)
    X_train, X = rng.normal(size=(20, 4)), rng.normal(size=(9, 4))
    y_train = rng.permutation(20).astype("<U7" if names else np.int8)
    found = oracles.nearest_labels(X_train, y_train, X)
    np.testing.assert_array_equal(found, y_train[cdist(X, X_train, metric="cityblock").argmin(axis=1)])
    assert found.dtype.kind == y_train.dtype.kind


@pytest.mark.parametrize("k", [1, 2, 3, 8, 15])
@pytest.mark.parametrize("lowest", [0, -7, 100])
def test_votes_are_counted_as_scipy_finds_the_mode(k, lowest):
    rng = np.random.default_rng(k)
    dists, y_train = rng.random((30, 15)), (lowest + rng.integers(0, 4, size=15)).astype(np.int32)
    voters = y_train[np.argsort(dists, axis=1)[:, :k]]
    found = oracles.labels(dists, y_train, k)
    np.testing.assert_array_equal(found, stats.mode(voters, axis=1).mode)  # SciPy, too, answers with the smallest mode
    assert found.dtype == y_train.dtype


@pytest.mark.parametrize(
    ("votes", "winner"),
    [([8], 8), ([8, 2], 2), ([8, 2, 5], 2), ([8, 2, 5, 2], 2), ([9, 5, 5, 9, 1], 5), ([-1, -3], -3)],
)
def test_ties_go_to_the_smallest_label(votes, winner):
    assert oracles.vote(votes) == winner


@pytest.mark.parametrize("count", [10, 11, 12, 29])
@pytest.mark.parametrize("num_folds", [2, 3, 5, 10])
def test_folds_are_those_of_array_split(count, num_folds):
    expected = [(part[0], part[-1] + 1) for part in np.array_split(np.arange(count), num_folds)]
    assert oracles.fold_bounds(count, num_folds) == expected


def test_accuracies_of_the_worked_example():
    X, y = np.array([[0.0], [1.0], [5.0], [6.0]]), np.array([0, 0, 1, 0])
    assert oracles.accuracies(X, y, [1], 2) == {1: [0.0, 0.5]}


def test_accuracies_agree_with_a_direct_computation():
    rng = np.random.default_rng(3)
    X, y = rng.normal(size=(23, 3)), rng.integers(0, 3, size=23)
    expected = {}
    for k in (1, 4):
        expected[k] = []
        for fold in np.array_split(np.arange(23), 5):
            rest = np.delete(np.arange(23), fold)
            order = np.argsort(cdist(X[fold], X[rest]), axis=1)[:, :k]
            expected[k].append(float(np.mean(stats.mode(y[rest][order], axis=1).mode == y[fold])))
    assert oracles.accuracies(X, y, [1, 4], 5) == expected


FUNCTIONS = {
    "l1_distance": "a, b",
    "distances_two_loops": "X, X_train",
    "distances_one_loop": "X, X_train",
    "distances_no_loops": "X, X_train",
    "predict_labels": "dists, y_train, k=1",
    "cross_validate": "X, y, ks, num_folds=5",
}
HELPERS = {
    "l1_distance": oracles.l1,
    "distances_two_loops": oracles.distances,
    "distances_one_loop": oracles.distances,
    "distances_no_loops": oracles.distances,
    "predict_labels": oracles.labels,
}


def graded(exercise: str, source: str, seed: str = "a seed") -> list[TestResult]:
    namespace = {"__name__": "__main__", "np": np, **HELPERS}
    exec(source, namespace)
    return run_exercise(exercise, namespace, seed)


def function(name: str, *lines: str) -> str:
    return "\n    ".join([f"def {name}({FUNCTIONS[name]}):", *lines])


@pytest.mark.parametrize("body", ["pass", "return 0", "return 0.0", "return []", "return {}", "raise ValueError"])
@pytest.mark.parametrize("exercise", FUNCTIONS)
def test_a_function_that_does_nothing_earns_nothing(exercise, body):
    assert [result.name for result in graded(exercise, function(exercise, body)) if result.passed] == []


@pytest.mark.parametrize("exercise", ["distances_two_loops", "distances_one_loop", "distances_no_loops"])
def test_distances_left_at_zero_earn_nothing(exercise):
    results = graded(exercise, function(exercise, "return np.zeros((len(X), len(X_train)))"))
    assert [result.name for result in results if result.passed] == []


@pytest.mark.parametrize("body", ["pass", "return 0", "return X[:, 0]", "return np.zeros(len(X), dtype=int)"])
def test_a_class_that_does_nothing_earns_nothing(body):
    source = f"class NearestNeighbor:\n    def train(self, X, y): pass\n    def predict(self, X): {body}"
    assert [result.name for result in graded("NearestNeighbor", source) if result.passed] == []


ROWS = """class NearestNeighbor:
    def train(self, X, y):
        self.X_train, self.y_train = X, y

    def predict(self, X):
        answers = []
        for row in X:
            answers.append(self.y_train[{position}])
        return np.array(answers)
"""
SORTED = (
    "answers = []",
    "for d in {dists}:",
    "    labels, counts = np.unique(y_train[{nearest}], return_counts=True)",
    "    answers.append(labels[counts.argmax()])",
    "return np.array(answers)",
)


def two_loops(name: str, entry: str) -> str:
    return function(
        name,
        "dists = np.zeros((len(X), len(X_train)))",
        "for i in range(len(X)):",
        "    for j in range(len(X_train)):",
        f"        dists[i, j] = {entry}",
        "return dists",
    )


def one_loop(name: str, row: str) -> str:
    return function(
        name,
        "dists = np.zeros((len(X), len(X_train)))",
        "for i in range(len(X)):",
        f"    dists[i] = {row}",
        "return dists",
    )


def by_sorting(dists: str, nearest: str) -> str:
    return function("predict_labels", *[line.format(dists=dists, nearest=nearest) for line in SORTED])


AS_TYPED = [
    ("l1_distance", function("l1_distance", "return np.abs(a - b).sum()"), "wraps"),
    ("l1_distance", function("l1_distance", "return np.sum(np.absolute(b - a))"), "wraps_the_other_way"),
    ("NearestNeighbor", ROWS.format(position="np.abs(row - self.X_train).sum(axis=1).argmin()"), "Wraps"),
    ("NearestNeighbor", ROWS.format(position="np.abs(self.X_train - row).sum(axis=1).argmin()"), "WrapsTheOtherWay"),
    *[
        (name, make(name, entry.format(*rows)), mutant)
        for name, make, rows, axis in (
            ("distances_two_loops", two_loops, ("X[i]", "X_train[j]"), ""),
            ("distances_one_loop", one_loop, ("X[i]", "X_train"), ", axis=1"),
        )
        for entry, mutant in (
            ("np.sqrt((({0} - {1}) ** 2).sum(axis=-1))", "wraps_around"),
            ("np.sqrt(np.sum(np.square({1} - {0}), axis=-1))", "wraps_around"),
            (f"np.linalg.norm({{0}} - {{1}}{axis})", "wraps_before_norm"),
            (f"np.linalg.norm({{1}} - {{0}}{axis})", "wraps_before_norm_the_other_way"),
        )
    ],
    *[
        (name, two_loops(name, entry), mutant)
        for name, mutant in (("distances_one_loop", "second_loop"), ("distances_no_loops", "two_loops_left"))
        for entry in (
            "np.linalg.norm(X[i].astype(float) - X_train[j])",
            "np.sqrt(((X[i].astype(float) - X_train[j]) ** 2).sum())",
            "np.sqrt(np.sum((np.float64(X[i]) - np.float64(X_train[j])) ** 2))",
            "sum((float(p) - float(q)) ** 2 for p, q in zip(X[i], X_train[j])) ** 0.5",
        )
    ],
    (
        "distances_no_loops",
        one_loop("distances_no_loops", "np.sqrt(((X_train.astype(float) - X[i]) ** 2).sum(axis=1))"),
        "one_loop_left",
    ),
    ("predict_labels", by_sorting("dists.astype(np.int64)", "np.argsort(d)[:k]"), "sorts_whole_numbers"),
    ("predict_labels", by_sorting("dists", "np.argsort(d.astype(int))[:k]"), "sorts_whole_numbers"),
    (
        "predict_labels",
        by_sorting("dists.astype(np.int64)", 'np.argsort(d, kind="stable")[:k]'),
        "sorts_whole_numbers_stably",
    ),
    (
        "predict_labels",
        function(
            "predict_labels",
            "idx = np.argsort(dists, axis=1)[:, :k]",
            "return np.array([np.bincount(y_train[i]).argmax() for i in idx])",
        ),
        "bincount_positions",
    ),
    (
        "predict_labels",
        function(
            "predict_labels",
            "answers = np.zeros(len(dists))",
            "for i, d in enumerate(dists):",
            "    answers[i] = np.argmax(np.bincount(y_train[np.argsort(d)[:k]]))",
            "return answers",
        ),
        "bincount_into_floats",
    ),
]


@pytest.mark.parametrize(("exercise", "source", "mutant"), AS_TYPED)
@pytest.mark.parametrize("seed", ["one", "two"])
def test_a_mistake_is_recognised_as_a_student_would_type_it(exercise, source, mutant, seed):
    results = graded(exercise, source, seed)
    assert mutant in {result.mutant for result in results}, [(r.name, r.sentence) for r in results if not r.passed]
    assert all(result.mutant for result in results if not result.passed and "shape" not in result.title)
