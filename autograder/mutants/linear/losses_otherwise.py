"""Other correct ways to the two losses, and the same with a loop where none belongs."""

import numpy as np

from autograder.testing import alternative, mutant


def svm_with_sets(W, X, y, reg):
    loss, dW = 0.0, np.zeros(W.shape)
    for i in range(X.shape[0]):
        s = X[i].dot(W)
        for j in set(range(W.shape[1])) - {int(y[i])}:
            if s[j] - s[y[i]] > -1:
                loss += s[j] - s[y[i]] + 1
                dW[:, j] += X[i]
                dW[:, y[i]] -= X[i]
    loss /= X.shape[0]
    dW /= X.shape[0]
    return loss + reg * np.sum(W**2), dW + 2 * reg * W


def svm_with_one_hot(W, X, y, reg):
    N, C = X.shape[0], W.shape[1]
    Y = np.eye(C)[y]
    S = X @ W
    M = (S - np.sum(S * Y, axis=1, keepdims=True) + 1) * (1 - Y)
    M[M < 0] = 0
    V = (M != 0) * 1.0
    return M.sum() / N + reg * np.vdot(W, W), X.T @ (V - Y * V.sum(axis=1, keepdims=True)) / N + reg * (W + W)


def softmax_in_double(W, X, y, reg):
    W64, X64 = W.astype(np.float64), X.astype(np.float64)
    loss, dW = 0.0, np.zeros(W.shape)
    for i in range(X.shape[0]):
        s = X64[i] @ W64
        p = np.exp(s - max(s))
        p /= p.sum()
        loss -= np.log(p[y[i]])
        for c in range(W.shape[1]):
            dW[:, c] += X64[i] * p[c]
        dW[:, y[i]] -= X64[i]
    return loss / len(X) + reg * (W64**2).sum(), dW / len(X) + 2 * reg * W64


def softmax_with_one_hot(W, X, y, reg):
    N, C = X.shape[0], W.shape[1]
    S = X @ W
    Y = np.zeros((N, C))
    Y[np.arange(N), y] = 1
    E = np.exp(S - np.amax(S, axis=1).reshape(-1, 1))
    P = E / np.sum(E, axis=1).reshape(-1, 1)
    return -np.sum(Y * np.log(P + 1e-300)) / N + reg * np.sum(W * W), np.dot(X.T, P - Y) / N + 2 * reg * W


def svm_along_axes(W, X, y, reg):
    S = np.einsum("nd,dc->nc", X, W, optimize=True)
    own = np.expand_dims(y, 1)
    lacking = S - np.take_along_axis(S, own, axis=1) > -1
    np.put_along_axis(lacking, own, False, axis=1)
    G = lacking.astype(S.dtype)
    np.put_along_axis(G, own, -lacking.sum(axis=1, keepdims=True), axis=1)
    loss = np.mean(np.sum(G * S, axis=1) + lacking.sum(axis=1))
    return loss + reg * np.linalg.norm(W) ** 2, np.tensordot(X, G, (0, 0)) / len(X) + 2 * reg * W


def softmax_by_logaddexp(W, X, y, reg):
    S = np.matmul(X, W)
    log_P = S - np.logaddexp.reduce(S, axis=1)[:, None]
    slopes = (np.exp(log_P) - (np.arange(W.shape[1]) == y[:, None])) / X.shape[0]
    return reg * np.square(W).sum() - np.take_along_axis(log_P, y[:, None], 1).mean(), X.T.dot(slopes) + 2 * reg * W


def svm_row_by_row(W, X, y, reg):
    rows = [X[i : i + 1] for i in range(len(y))]
    losses, gradients = zip(*(svm_with_one_hot(W, x, y[i : i + 1], 0.0) for i, x in enumerate(rows)), strict=True)
    return np.mean(losses) + reg * np.sum(W * W), np.mean(gradients, axis=0) + 2 * reg * W


def softmax_row_by_row(W, X, y, reg):
    rows = [X[i : i + 1] for i in range(len(y))]
    losses, gradients = zip(*(softmax_by_logaddexp(W, x, y[i : i + 1], 0.0) for i, x in enumerate(rows)), strict=True)
    return np.mean(losses) + reg * np.sum(W * W), np.mean(gradients, axis=0) + 2 * reg * W


def svm_class_by_class(W, X, y, reg):
    loss, dW = svm_along_axes(W, X, y, reg)
    return loss, np.column_stack([np.array(dW[:, c]) for c in range(W.shape[1])])


def softmax_class_by_class(W, X, y, reg):
    loss, dW = softmax_by_logaddexp(W, X, y, reg)
    return loss, np.column_stack([np.array(dW[:, c]) for c in range(W.shape[1])])


OVER_EXAMPLES = (
    "The results are right, but a Python loop goes over the examples: treat all rows in one array operation."
)
OVER_CLASSES = (
    "The results are right, but a Python loop goes over the classes: treat all columns in one array operation."
)

alternative("svm_loss_naive", "loops, without the true class from the start")(svm_with_sets)
alternative("svm_loss_vectorized", "true scores taken along the axis")(svm_along_axes)
alternative("softmax_loss_naive", "loops, in float64 throughout")(softmax_in_double)
alternative("softmax_loss_vectorized", "logarithms added up by a ufunc")(softmax_by_logaddexp)
for _exercise in ("svm_loss_naive", "svm_loss_vectorized"):
    alternative(_exercise, "one-hot labels")(svm_with_one_hot)
for _exercise in ("softmax_loss_naive", "softmax_loss_vectorized"):
    alternative(_exercise, "one-hot labels")(softmax_with_one_hot)
mutant("svm_loss_vectorized", OVER_EXAMPLES)(svm_row_by_row)
mutant("svm_loss_vectorized", OVER_CLASSES)(svm_class_by_class)
mutant("softmax_loss_vectorized", OVER_EXAMPLES)(softmax_row_by_row)
mutant("softmax_loss_vectorized", OVER_CLASSES)(softmax_class_by_class)
