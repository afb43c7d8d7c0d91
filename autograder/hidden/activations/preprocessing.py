"""Hidden tests of Preprocessor. Axes and signs after decorrelating are open: only what they leave unchanged is tested."""

import numpy as np

from autograder.hidden.activations.passes import expect_kept
from autograder.oracles import activations as oracles
from autograder.testing import ban, expect, expect_close, expect_shape, hidden

ban("Preprocessor", "sklearn")

KINDS = ("center", "standardize", "decorrelate", "whiten")


def fitted(student, kind, X):
    """A preprocessor that has seen X. What fit returns is open."""
    preprocessor = student.Preprocessor(kind)
    student.unrecorded(preprocessor.fit, X)
    return preprocessor


def turned(student, preprocessor, X):
    """Transformed X; the record holds what no choice of axes and signs changes."""
    Z = student.unrecorded(preprocessor.transform, X)
    if not isinstance(Z, np.ndarray) or Z.shape != X.shape:
        student.record(Z)
    else:
        with np.errstate(all="ignore"):
            covariance = Z.T @ Z / len(Z)
            summary = [Z.shape, Z @ Z.T, np.sort(np.diag(covariance)), np.linalg.norm(covariance)]
        student.record(summary)
    expect_shape(Z, X.shape, "the transformed data")
    return Z


def slack(Z):
    """The factor by which a result in single precision may miss by more."""
    return 1.0 if Z.dtype.itemsize >= 8 else 1e3


def expect_uncorrelated(Z, tolerance):
    """No two features vary together."""
    covariance = Z.T @ Z / len(Z)
    expect(
        np.allclose(covariance, np.diag(np.diag(covariance)), atol=tolerance * covariance.max()),
        "features of the training set are still correlated: is each direction a column of the matrix that turns them?",
    )


def expect_transformed(Z, kind, X, data):
    """What a kind that was fitted to X makes of data; of examples that were turned, their inner products."""
    expect_shape(Z, data.shape, "the transformed data")
    if kind == "center":
        expect_close(Z, oracles.shifted(X, data), what="the centred data")
    elif kind == "standardize":
        expect_close(Z, oracles.standardized(X, data), 1e-4, 1e-4, what="the standardised data")
    else:
        expected, near = oracles.inner_products(X, data, whiten=kind == "whiten"), 1e-6 * slack(Z)
        expect_close(Z @ Z.T, expected, near, near, what=f"{kind}: inner products of the examples")


def clouds(rng, n=40, d=4, m=7):
    """A training set with correlated features of different spread, and other data of another mean."""
    mix = rng.uniform(0.5, 3, size=(d, 1)) * np.linalg.qr(rng.normal(size=(d, d)))[0]  # no direction without spread
    shift = rng.uniform(-5, 5, size=d)
    return rng.normal(size=(n, d)) @ mix + shift, 2 * rng.normal(size=(m, d)) @ mix + shift + 1


def pictures(rng, n, bright=0):
    """uint8 images whose channels and pixels differ in their means."""
    levels = rng.integers(0, 120, size=(4, 5, 3)) + np.array([0, 30, 60])
    return (levels + bright + rng.integers(0, 60, size=(n, 4, 5, 3))).astype(np.uint8)


@hidden("Preprocessor", weight=2)
def centred_by_the_training_set(student, rng):
    """center: the training set and other data"""
    X, other = clouds(rng)
    center = fitted(student, "center", X)
    for data in (X, other):
        expect_close(center.transform(data), oracles.shifted(X, data), what="the centred data")


@hidden("Preprocessor", weight=2)
def standardized_by_the_training_set(student, rng):
    """standardize: the training set and other data"""
    X, other = clouds(rng)
    standardize = fitted(student, "standardize", X)
    for data in (X, other):
        expected = oracles.standardized(X, data)
        expect_close(standardize.transform(data), expected, 1e-4, 1e-4, what="the standardised data")


@hidden("Preprocessor", weight=2)
def channel_means_of_images(student, rng):
    """channel_mean: one number a channel, on uint8 images"""
    X, other = pictures(rng, 6), pictures(rng, 3, bright=15)
    channel_mean = fitted(student, "channel_mean", X)
    for images in (X, other):
        found = channel_mean.transform(images)
        expect_close(found, oracles.shifted(X, images, per_channel=True), what="the images without channel means")


@hidden("Preprocessor")
def mean_image_of_images(student, rng):
    """center: one number a pixel, on uint8 images"""
    X, other = pictures(rng, 6), pictures(rng, 3, bright=15)
    center = fitted(student, "center", X)
    for images in (X, other):
        expect_close(center.transform(images), oracles.shifted(X, images), what="the images without the mean image")


@hidden("Preprocessor")
def constant_features(student, rng):
    """standardize: features that are constant in the training set"""
    X, _ = clouds(rng)
    X = np.hstack([X, np.full((len(X), 1), 3.0), np.zeros((len(X), 1))])
    found = fitted(student, "standardize", X).transform(X)
    expect(np.all(np.isfinite(found)), "a feature that is constant gives values that are not finite")
    expect_close(found, oracles.standardized(X, X), 1e-4, 1e-4, what="the standardised data")


@hidden("Preprocessor", weight=2)
def uncorrelated_features(student, rng):
    """decorrelate: no correlation left, and distances as they were"""
    X, other = clouds(rng)
    decorrelate = fitted(student, "decorrelate", X)
    Z = turned(student, decorrelate, X)
    near = 1e-7 * slack(Z)
    expect_close(Z.mean(axis=0), np.zeros(X.shape[1]), near, near, what="the means of the decorrelated training set")
    expect_uncorrelated(Z, near)
    for data, found in ((X, Z), (other, turned(student, decorrelate, other))):
        expected = oracles.inner_products(X, data, whiten=False)
        near = 1e-6 * slack(found)
        expect_close(found @ found.T, expected, near, near, what="inner products of the decorrelated examples")


@hidden("Preprocessor", weight=2)
def white_data(student, rng):
    """whiten: the training set's covariance becomes the identity, other data moves along"""
    X, other = clouds(rng)
    whiten = fitted(student, "whiten", X)
    Z = turned(student, whiten, X)
    expect_uncorrelated(Z, 1e-3)
    expect_close(
        Z.T @ Z / len(Z), np.identity(X.shape[1]), 1e-3, 1e-3, what="the covariance of the whitened training set"
    )
    for data, found in ((X, Z), (other, turned(student, whiten, other))):
        expected = oracles.inner_products(X, data, whiten=True)
        near = 1e-6 * slack(found)
        expect_close(found @ found.T, expected, near, near, what="inner products of the whitened examples")


@hidden("Preprocessor", weight=2)
def directions_without_variance(student, rng):
    """whiten: directions in which the training set hardly varies, or not at all"""
    X, _ = clouds(rng)
    faint = np.hstack([X, 4e-3 * rng.normal(size=(len(X), 1)), np.full((len(X), 1), 7.0)])
    few, _ = clouds(rng, n=5, d=8)
    for data in (faint, few):
        Z = turned(student, fitted(student, "whiten", data), data)
        expect(np.all(np.isfinite(Z)), "whitening gives values that are not finite where there is no variance")
        expected = oracles.inner_products(data, data, whiten=True)
        expect_close(Z @ Z.T, expected, 1e-4, 1e-4, what="inner products of the whitened examples")


@hidden("Preprocessor", weight=2)
def a_single_example(student, rng):
    """one example alone comes out as it does among others"""
    X, other = clouds(rng)
    for kind in KINDS:
        preprocessor = fitted(student, kind, X)
        together, alone = turned(student, preprocessor, other), turned(student, preprocessor, other[2:3])
        near = 1e-8 * slack(together)
        expect_close(alone, together[2:3], near, near, what=f"{kind}: an example alone")
        expect_transformed(together, kind, X, other)


@hidden("Preprocessor")
def data_is_left_alone(student, rng):
    """X is left as it is by fit and by transform"""
    X, other = clouds(rng)
    for kind in KINDS:
        kept_X, kept_other = student.keep(X), student.keep(other)
        Z = turned_kept(student, fitted(student, kind, kept_X), kept_other)
        expect_kept(student, "the X given to fit", kept_X, X)
        expect_kept(student, "the X given to transform", kept_other, other)
        expect_transformed(Z, kind, X, other)


def turned_kept(student, preprocessor, handle):
    """Transform data that stays on the student's side."""
    return student.unrecorded(preprocessor.transform, handle)
