"""Mistakes with the classifier that only remembers, and other right solutions."""

import numpy as np

from autograder.mutants.knn.sentences import WRAPPED
from autograder.oracles import knn as oracles
from autograder.testing import alternative, mutant


class _Remembers:
    def train(self, X, y):
        self.X, self.y = X, y

    def l1(self, X):
        """All L1 distances, (M, N)."""
        return np.abs(X.astype(np.float64)[:, None] - self.X.astype(np.float64)[None]).sum(axis=2)


@alternative("NearestNeighbor", "all distances in one array by broadcasting")
class Broadcasts(_Remembers):
    def predict(self, X):
        return self.y[self.l1(X).argmin(axis=1)]


@alternative("NearestNeighbor", "a loop over pairs, labels collected in a list")
class LoopsOverPairs(_Remembers):
    def predict(self, X):
        found = []
        for row in X:
            best = min(range(len(self.X)), key=lambda j: oracles.l1(self.X[j], row))
            found.append(self.y[best])
        return np.array(found)


@mutant("NearestNeighbor", "The distance used is L2. This class compares by L1: the sum of absolute differences.")
class Euclidean(_Remembers):
    def predict(self, X):
        return self.y[oracles.distances(X, self.X).argmin(axis=1)]


@mutant("NearestNeighbor", "Only the largest difference of each pair of rows is compared. L1 adds up all differences.")
class LargestDifference(_Remembers):
    def predict(self, X):
        return self.y[np.abs(X.astype(float)[:, None] - self.X[None]).max(axis=2).argmin(axis=1)]


@mutant(
    "NearestNeighbor",
    "An attribute is called train, like the method: a second call of train finds an array there. Give it another name.",
)
class TrainIsAnAttribute(_Remembers):
    def train(self, X, y):
        super().train(X, y)
        self.train = X

    def predict(self, X):
        return self.y[self.l1(X).argmin(axis=1)]


@mutant("NearestNeighbor", WRAPPED)
class Wraps(_Remembers):
    def predict(self, X):
        return self.y[np.abs(X[:, None] - self.X[None]).sum(axis=2).argmin(axis=1)]


@mutant("NearestNeighbor", WRAPPED)
class WrapsTheOtherWay(_Remembers):
    def predict(self, X):
        return self.y[np.abs(self.X[None] - X[:, None]).sum(axis=2).argmin(axis=1)]


@mutant(
    "NearestNeighbor", "This answers with the farthest row's label: look for the smallest distance, not the largest."
)
class Farthest(_Remembers):
    def predict(self, X):
        return self.y[self.l1(X).argmax(axis=1)]


@mutant("NearestNeighbor", "These are positions of the nearest rows. The answer is the label stored at that position.")
class Positions(_Remembers):
    def predict(self, X):
        return self.l1(X).argmin(axis=1)


@mutant(
    "NearestNeighbor",
    "The absolute value is missing: the most negative sum of differences wins, not the smallest distance.",
)
class NoAbsoluteValue(_Remembers):
    def predict(self, X):
        return self.y[(self.X.astype(float)[None] - X.astype(float)[:, None]).sum(axis=2).argmin(axis=1)]


@mutant("NearestNeighbor", "Every query gets the answer of the first one: use the row of the loop, not X[0].")
class FirstQueryOnly(_Remembers):
    def predict(self, X):
        return np.repeat(self.y[self.l1(X[:1]).argmin(axis=1)], len(X))


@mutant(
    "NearestNeighbor",
    "The answers are put into an int64 array, whatever the labels are. Index the stored labels with the positions.",
)
class AlwaysInt64(_Remembers):
    def predict(self, X):
        answers = np.zeros(len(X), dtype=np.int64)
        for i, j in enumerate(self.l1(X).argmin(axis=1)):
            answers[i] = self.y[j]
        return answers


@mutant(
    "NearestNeighbor",
    "The answers are floats: np.zeros makes floats unless told. Index the stored labels with the positions.",
)
class AlwaysFloat(_Remembers):
    def predict(self, X):
        answers = np.zeros(len(X))
        for i, j in enumerate(self.l1(X).argmin(axis=1)):
            answers[i] = self.y[j]
        return answers


@mutant(
    "NearestNeighbor",
    "Names are cut to their first letter: an array of dtype str holds one character unless told more.",
)
class FirstLetters(_Remembers):
    def predict(self, X):
        answers = np.empty(len(X), dtype=str if self.y.dtype.kind == "U" else self.y.dtype)
        for i, j in enumerate(self.l1(X).argmin(axis=1)):
            answers[i] = self.y[j]
        return answers


@mutant("NearestNeighbor", "A second call of train adds to the first training set. It must replace it.")
class AddsUp(_Remembers):
    def train(self, X, y):
        seen = hasattr(self, "X")
        self.X = np.concatenate([self.X, X]) if seen else X
        self.y = np.concatenate([self.y, y]) if seen else y

    def predict(self, X):
        return self.y[self.l1(X).argmin(axis=1)]


@mutant("NearestNeighbor", "A single query gives a bare label. An array of shape (1,) belongs there.")
class BareLabel(_Remembers):
    def predict(self, X):
        return self.y[self.l1(X).argmin(axis=1).squeeze()]


@mutant(
    "NearestNeighbor", "The remembered rows are changed while the first query is answered: subtract into a new array."
)
class SubtractsInPlace(_Remembers):
    def predict(self, X):
        remembered, positions = np.asarray(self.X, dtype=np.float64), []
        for row in X:
            remembered -= row
            positions.append(np.abs(remembered).sum(axis=1).argmin())
        return self.y[positions]
