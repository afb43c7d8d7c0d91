"""What notebook 05's exercises should give, written apart from its solution: one number, or one feature, at a time.

Slopes of gates come from finite differences; batch norm's gradient from the Jacobian of one feature, written out.
"""

import math

import numpy as np

STEP = 1e-3


# Gates: functions of one number -----------------------------------------------------------------------------------


def tanh(v):
    """Hyperbolic tangent of a float, without overflow."""
    shrunk = math.exp(-2.0 * abs(v))
    return math.copysign((1.0 - shrunk) / (1.0 + shrunk), v)


def leaky_relu(v, slope=0.01):
    """Leaky ReLU of a float."""
    return v if v > 0 else slope * v


def elu(v, alpha=1.0):
    """ELU of a float."""
    return v if v > 0 else alpha * math.expm1(v)


def entrywise(f, x):
    """f of every entry of x, as float64."""
    x = np.asarray(x, dtype=np.float64)
    return np.array([f(v) for v in x.ravel().tolist()], dtype=np.float64).reshape(x.shape)


def slope(f):
    """The derivative of f by finite differences of fourth order; f must be smooth within 2e-3 of the place."""

    def derivative(v):
        near, far = f(v + STEP) - f(v - STEP), f(v + 2 * STEP) - f(v - 2 * STEP)
        return (8.0 * near - far) / (12.0 * STEP)

    return derivative


# Maxout, dead units -----------------------------------------------------------------------------------------------


def maxout_pieces(x, w, b):
    """One linear map as nested lists: x (N, D), w (D, H), b (H,)."""
    columns = np.asarray(w, dtype=np.float64).T.tolist()
    return [
        [
            math.fsum(p * q for p, q in zip(row, column, strict=True)) + bias
            for column, bias in zip(columns, b, strict=True)
        ]
        for row in np.asarray(x, dtype=np.float64).tolist()
    ]


def maxout(x, w1, b1, w2, b2):
    """The larger of two linear maps."""
    pairs = zip(maxout_pieces(x, w1, b1), maxout_pieces(x, w2, b2), strict=True)
    return np.array([[max(p, q) for p, q in zip(one, other, strict=True)] for one, other in pairs])


def maxout_gradients(dout, x, w1, b1, w2, b2):
    """Gradients by x, w1, b1, w2, b2: every entry of dout goes to the weights that made the larger number."""
    one, other = maxout_pieces(x, w1, b1), maxout_pieces(x, w2, b2)
    dx, dw, db = (
        np.zeros(np.shape(x)),
        [np.zeros(np.shape(w1)), np.zeros(np.shape(w2))],
        [np.zeros(len(b1)), np.zeros(len(b2))],
    )
    for n, h in np.ndindex(*np.shape(dout)):
        winner = 0 if one[n][h] > other[n][h] else 1
        for d in range(np.shape(x)[1]):
            dx[n, d] += (w1, w2)[winner][d, h] * dout[n, h]
            dw[winner][d, h] += x[n, d] * dout[n, h]
        db[winner][h] += dout[n, h]
    return dx, dw[0], db[0], dw[1], db[1]


def dead_fraction(activations):
    """Share of the columns without any entry other than zero."""
    columns = list(zip(*np.asarray(activations).tolist(), strict=True))
    return sum(not any(column) for column in columns) / len(columns)


# Preprocessing ----------------------------------------------------------------------------------------------------


def shifted(X_train, X, per_channel=False):
    """X less the training set's means, of every feature or of every channel (the last axis)."""
    train, X = np.asarray(X_train).astype(np.float64), np.asarray(X).astype(np.float64)
    groups = train.reshape(-1, train.shape[-1]) if per_channel else train.reshape(len(train), -1)
    means = np.array([math.fsum(values) / len(values) for values in groups.T.tolist()])
    return X - (means if per_channel else means.reshape(train.shape[1:]))


def standardized(X_train, X):
    """Shifted, then divided by the root of the training set's mean square deviation; constant features stay 0."""
    squares = np.add.reduce(np.square(shifted(X_train, X_train))) / len(X_train)
    return shifted(X_train, X) / np.sqrt(np.where(squares == 0, np.inf, squares))


def inner_products(X_train, X, whiten, eps=1e-5):
    """All inner products of rows of X, once centred and turned, or whitened: what no choice of axes changes."""
    train, rows = shifted(X_train, X_train), shifted(X_train, X)
    if not whiten:
        return np.einsum("id,jd->ij", rows, rows)
    regularised = np.einsum("nd,ne->de", train, train) / len(train) + eps * np.identity(train.shape[1])
    return np.einsum("id,dj->ij", rows, np.linalg.solve(regularised, rows.T))


# First weights ----------------------------------------------------------------------------------------------------


def deviation(kind, fan_in):
    """The standard deviation that a kind of first weights has."""
    return {"zeros": 0.0, "small": 1e-2, "large": 1.0, "xavier": fan_in**-0.5, "he": (fan_in / 2.0) ** -0.5}[kind]


def layer_statistics(X, weights, activation):
    """Means and standard deviations of each layer's outputs, summed number by number."""
    means, deviations, signal = [], [], np.asarray(X, dtype=np.float64)
    for matrix in weights:
        signal = np.asarray(activation(np.einsum("nd,dh->nh", signal, np.asarray(matrix, dtype=np.float64))))
        values = signal.ravel().tolist()
        mean = math.fsum(values) / len(values)
        means.append(mean)
        deviations.append(math.sqrt(math.fsum((value - mean) ** 2 for value in values) / len(values)))
    return means, deviations


# Batch and layer normalisation ------------------------------------------------------------------------------------


def moments(values):
    """Mean and (biased) variance of a list of floats."""
    mean = math.fsum(values) / len(values)
    return mean, math.fsum((value - mean) ** 2 for value in values) / len(values)


def standardized_column(column, mean, variance, gain, shift, eps):
    """One feature's outputs, given its statistics."""
    return [gain * (value - mean) / math.sqrt(variance + eps) + shift for value in column]


def batchnorm(x, gamma, beta, eps=1e-5, statistics=None):
    """Outputs of batch normalisation: with the batch's own statistics, or with a given (means, variances)."""
    columns = np.asarray(x, dtype=np.float64).T.tolist()
    pairs = [moments(column) for column in columns] if statistics is None else list(zip(*statistics, strict=True))
    made = [
        standardized_column(column, *pair, gain, shift, eps)
        for column, pair, gain, shift in zip(columns, pairs, gamma, beta, strict=True)
    ]
    return np.array(made).T


def running(x, old_mean, old_var, momentum=0.9):
    """Running means and variances after one more batch."""
    fresh = np.array([moments(column) for column in np.asarray(x, dtype=np.float64).T.tolist()])
    weights = np.array([momentum, 1.0 - momentum])
    return weights @ np.stack([old_mean, fresh[:, 0]]), weights @ np.stack([old_var, fresh[:, 1]])


def jacobian(values, eps):
    """Jacobian of standardising a list of n floats: (I - 1/n - z zᵀ/n) / root, z the standardised values."""
    mean, variance = moments(values)
    root = math.sqrt(variance + eps)
    z = (np.array(values) - mean) / root
    n = len(values)
    return (np.identity(n) - np.full((n, n), 1.0 / n) - np.outer(z, z) / n) / root, z


def batchnorm_gradients(dout, x, gamma, eps=1e-5):
    """(dx, dgamma, dbeta), feature by feature."""
    dx, dgamma, dbeta = np.empty(np.shape(x)), np.empty(len(gamma)), np.empty(len(gamma))
    for d, column in enumerate(np.asarray(x, dtype=np.float64).T.tolist()):
        J, z = jacobian(column, eps)
        upstream = np.asarray(dout, dtype=np.float64)[:, d]
        dx[:, d], dgamma[d], dbeta[d] = gamma[d] * (J @ upstream), z @ upstream, math.fsum(upstream.tolist())
    return dx, dgamma, dbeta


def layernorm(x, gamma, beta, eps=1e-5):
    """Outputs of layer normalisation, example by example."""
    made = []
    for row in np.asarray(x, dtype=np.float64).tolist():
        mean, variance = moments(row)
        whole = standardized_column(row, mean, variance, 1.0, 0.0, eps)
        made.append([g * value + s for value, g, s in zip(whole, gamma, beta, strict=True)])
    return np.array(made)


def layernorm_gradients(dout, x, gamma, eps=1e-5):
    """(dx, dgamma, dbeta), example by example."""
    dx, dgamma, dbeta = [], 0.0, 0.0
    for row, upstream in zip(np.asarray(x, dtype=np.float64).tolist(), np.asarray(dout, dtype=np.float64), strict=True):
        J, z = jacobian(row, eps)
        dx.append(J.T @ (upstream * gamma))
        dgamma, dbeta = dgamma + z * upstream, dbeta + upstream
    return np.array(dx), dgamma, dbeta
