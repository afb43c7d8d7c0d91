"""Preprocessor: other right ways, and mistakes. Each class says where it differs from the right one."""

import numpy as np

from autograder.testing import alternative, mutant

EPS = 1e-5


class Right:
    """A right preprocessor in small steps; mutants replace one of them."""

    def __init__(self, kind):
        self.kind = kind

    def fit(self, X):
        X = self.as_floats(X)
        self.mean = self.means(X)
        centred = X - self.mean
        if self.kind == "standardize":
            self.scale = self.scales(centred)
        if self.kind in ("decorrelate", "whiten"):
            self.variances, self.directions = np.linalg.eigh(self.covariance(X, centred))

    def transform(self, X):
        centred = self.as_floats(X) - self.mean
        if self.kind == "standardize":
            return centred / self.scale
        if self.kind in ("decorrelate", "whiten"):
            turned = self.turn(centred)
            return self.whiten(turned) if self.kind == "whiten" else turned
        return centred

    def as_floats(self, X):
        return np.array(X, dtype=np.float64)

    def means(self, X):
        return X.mean(axis=tuple(range(X.ndim - 1))) if self.kind == "channel_mean" else X.mean(axis=0)

    def scales(self, centred):
        deviation = np.sqrt(np.mean(centred**2, axis=0))
        return np.where(deviation == 0, 1, deviation)

    def covariance(self, X, centred):
        return centred.T @ centred / len(centred)

    def turn(self, centred):
        return centred @ self.directions

    def whiten(self, turned):
        return turned / np.sqrt(self.variances + EPS)


@alternative("Preprocessor", "axes in descending order and with other signs, from a singular value decomposition")
class SingularVectors(Right):
    def fit(self, X):
        super().fit(X)
        if self.kind in ("decorrelate", "whiten"):
            U, self.variances, _ = np.linalg.svd(self.covariance(None, self.as_floats(X) - self.mean))
            self.directions = -U
        return self


@alternative("Preprocessor", "whitens by ZCA, and adds a tiny number to deviations")
class Zca(Right):
    def scales(self, centred):
        return centred.std(axis=0) + 1e-8

    def whiten(self, turned):
        return turned / np.sqrt(self.variances + EPS) @ self.directions.T


@alternative("Preprocessor", "in single precision")
class SinglePrecision(Right):
    def as_floats(self, X):
        return np.array(X, dtype=np.float32)


@mutant(
    "Preprocessor",
    "transform takes the statistics from the data it is given: only fit may learn, from the training set.",
)
class StatisticsOfTheTestSet(Right):
    def transform(self, X):
        self.fit(X)
        return super().transform(X)


@mutant("Preprocessor", "Whitening lacks the small constant: where there is no variance, rounding errors are blown up.")
class WhiteningWithoutEps(Right):
    def whiten(self, turned):
        with np.errstate(all="ignore"):
            return turned / np.sqrt(np.maximum(self.variances, 0))


@mutant("Preprocessor", "Whitening adds the small constant outside the root; it belongs to the variance, inside.")
class EpsOutside(Right):
    def whiten(self, turned):
        return turned / (np.sqrt(np.maximum(self.variances, 0)) + EPS)


@mutant("Preprocessor", "Whitening divides by the variances; divide by their roots.")
class NoRoot(Right):
    def whiten(self, turned):
        return turned / (self.variances + EPS)


@mutant("Preprocessor", "Whitening multiplies by the roots of the variances: divide by them.")
class Multiplied(Right):
    def whiten(self, turned):
        return turned * np.sqrt(self.variances + EPS)


@mutant(
    "Preprocessor",
    "Whitening scales the old axes: turn the data first, then divide each new axis by its own deviation.",
)
class ScaledBeforeTurning(Right):
    def transform(self, X):
        if self.kind != "whiten":
            return super().transform(X)
        return self.turn(self.whiten(self.as_floats(X) - self.mean))


@mutant("Preprocessor", "Standardising divides by the variance: divide by the standard deviation.")
class DividedByVariance(Right):
    def scales(self, centred):
        return super().scales(centred) ** 2


@mutant("Preprocessor", "The standard deviation is divided by N - 1 (ddof=1); here it is divided by N.")
class SampleDeviation(Right):
    def scales(self, centred):
        return super().scales(centred) * np.sqrt(len(centred) / (len(centred) - 1))


@mutant("Preprocessor", "Standardising divides by zero where a feature is constant in the training set.")
class NoGuard(Right):
    def scales(self, centred):
        return np.sqrt(np.mean(centred**2, axis=0))

    def transform(self, X):
        with np.errstate(all="ignore"):
            return super().transform(X)


@mutant("Preprocessor", "Standardising uses one deviation for all features: each has its own.")
class OneDeviation(Right):
    def scales(self, centred):
        return np.sqrt(np.mean(centred**2))


@mutant("Preprocessor", "Standardising does not subtract the mean.")
class NotCentred(Right):
    def transform(self, X):
        return self.as_floats(X) / self.scale if self.kind == "standardize" else super().transform(X)


@mutant("Preprocessor", "The mean is one number for the whole data set: each feature (or pixel) has its own.")
class OneMean(Right):
    def means(self, X):
        return super().means(X) if self.kind == "channel_mean" else X.mean()


@mutant("Preprocessor", "Means are taken of every row: they belong to features, over the examples.")
class MeansOfRows(Right):
    def transform(self, X):
        X = self.as_floats(X)
        return X - X.mean(axis=1, keepdims=True) if self.kind == "center" else super().transform(X)


@mutant("Preprocessor", "channel_mean subtracts the mean image; it subtracts one number a channel.")
class MeanImage(Right):
    def means(self, X):
        return X.mean(axis=0)


@mutant("Preprocessor", "channel_mean has a mean for every column of pixels: average over all positions.")
class MeansOfColumns(Right):
    def means(self, X):
        return X.mean(axis=(0, 1)) if self.kind == "channel_mean" else super().means(X)


@mutant("Preprocessor", "channel_mean subtracts one number for all channels: each has its own.")
class OneChannelMean(Right):
    def means(self, X):
        return np.full(X.shape[-1], X.mean()) if self.kind == "channel_mean" else super().means(X)


@mutant("Preprocessor", "channel_mean subtracts each image's own means; the three numbers belong to the training set.")
class OwnChannelMeans(Right):
    def transform(self, X):
        if self.kind != "channel_mean":
            return super().transform(X)
        return X - X.mean(axis=(1, 2), keepdims=True)


@mutant("Preprocessor", "Means are rounded to the dtype of the pixels, and differences wrap: convert to floats first.")
class RoundedToBytes(Right):
    def transform(self, X):
        if X.dtype == np.uint8:
            return (X - self.mean.astype(np.uint8)).astype(float)
        return super().transform(X)


@mutant("Preprocessor", "The covariance is computed from data that was not centred.")
class CovarianceNotCentred(Right):
    def covariance(self, X, centred):
        return X.T @ X / len(X)


@mutant("Preprocessor", "The covariance is not divided by N.")
class CovarianceNotDivided(Right):
    def covariance(self, X, centred):
        return centred.T @ centred


@mutant("Preprocessor", "The covariance is divided by N - 1, as np.cov does; here it is divided by N.")
class SampleCovariance(Right):
    def covariance(self, X, centred):
        return centred.T @ centred / (len(centred) - 1)


@mutant("Preprocessor", "The matrix of eigenvectors is transposed: its columns are the directions, not its rows.")
class TransposedDirections(Right):
    def turn(self, centred):
        return centred @ self.directions.T


@mutant("Preprocessor", "The third result of np.linalg.svd holds the directions as rows: transpose it.")
class RowsOfVt(Right):
    def fit(self, X):
        super().fit(X)
        if self.kind in ("decorrelate", "whiten"):
            _, sizes, self.directions = np.linalg.svd(self.as_floats(X) - self.mean)
            self.variances = np.zeros(X.shape[1])
            self.variances[: len(sizes)] = sizes**2 / len(X)


@mutant(
    "Preprocessor",
    "Where there are fewer examples than features, the result has too few columns: all D directions are needed.",
)
class OnlyNDirections(Right):
    def fit(self, X):
        super().fit(X)
        if self.kind in ("decorrelate", "whiten"):
            keep = slice(-min(X.shape), None)
            self.variances, self.directions = self.variances[keep], self.directions[:, keep]


@mutant("Preprocessor", "The data is turned but not centred.")
class TurnedNotCentred(Right):
    def transform(self, X):
        if self.kind not in ("decorrelate", "whiten"):
            return super().transform(X)
        turned = self.turn(self.as_floats(X))
        return self.whiten(turned) if self.kind == "whiten" else turned


@mutant("Preprocessor", "The result is right, but X itself was changed: subtract into a new array.")
class ChangesX(Right):
    def transform(self, X):
        result = super().transform(X)
        if X.dtype == np.float64:
            X -= X.mean(axis=0)
        return result


@mutant("Preprocessor", "fit changes the training set itself: subtract into a new array.")
class FitChangesX(Right):
    def fit(self, X):
        super().fit(X)
        if X.dtype == np.float64:
            X -= self.mean
