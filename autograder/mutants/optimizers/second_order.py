"""Mistakes in Newton's step and in L-BFGS's direction."""

import numpy as np

from autograder.testing import alternative, mutant


@alternative("newton_step", "with the inverse")
def with_the_inverse(grad, hessian):
    return -np.linalg.inv(hessian) @ grad


@alternative("newton_step", "by Gauss and Jordan's elimination")
def elimination(grad, hessian):
    table = np.column_stack([hessian, -grad]).astype(np.float64)
    for i in range(len(grad)):
        pivot = i + int(np.argmax(np.abs(table[i:, i])))
        table[[i, pivot]] = table[[pivot, i]]
        table[i] /= table[i, i]
        for j in range(len(grad)):
            if j != i:
                table[j] -= table[j, i] * table[i]
    return table[:, -1]


@mutant("newton_step", "The step goes uphill: the minus sign is missing.")
def uphill(grad, hessian):
    return np.linalg.solve(hessian, grad)


@mutant("newton_step", "The gradient is multiplied by the Hessian; it is the inverse that belongs there.")
def multiplied(grad, hessian):
    return -hessian @ grad


@mutant("newton_step", "1 / hessian inverts each entry by itself; the inverse of the matrix is meant.")
def entries_inverted(grad, hessian):
    with np.errstate(all="ignore"):
        return -(1.0 / hessian) @ grad


@mutant("newton_step", "Only the diagonal of the Hessian is used: that ignores how the directions hang together.")
def diagonal_only(grad, hessian):
    return -grad / np.diag(hessian)


@mutant(
    "newton_step", "The gradient is multiplied entry by entry with the rows of the inverse: this is a matrix product."
)
def entrywise_product(grad, hessian):
    return -np.sum(np.linalg.inv(hessian) * grad[:, np.newaxis], axis=1)


@mutant("newton_step", "A learning rate is in the step: Newton's step has none.")
def with_a_rate(grad, hessian):
    return -0.1 * np.linalg.solve(hessian, grad)


@mutant("newton_step", "The gradient is divided by the size of the Hessian, one number for all directions.")
def one_curvature(grad, hessian):
    return -grad / np.linalg.norm(hessian, 2)


@mutant(
    "newton_step",
    "The curvatures are taken by their sizes: at a saddle that is another method. Use -H^-1 g as it stands.",
)
def positive_curvatures(grad, hessian):
    curvatures, directions = np.linalg.eigh(hessian)
    return -directions @ ((directions.T @ grad) / np.abs(curvatures))


@mutant("newton_step", "Only one triangle of the Hessian is used: it is symmetric, but both halves count.")
def one_triangle(grad, hessian):
    return -np.linalg.solve(np.tril(hessian), grad)


@mutant("newton_step", "grad is changed: an in-place operation reaches the caller's array.")
def gradient_changed(grad, hessian):
    step = -np.linalg.solve(hessian, grad)
    grad *= -1
    return step


# L-BFGS ------------------------------------------------------------------------------------------------------------------


@alternative("lbfgs_direction", "the loops by index, in float64")
def by_index(grad, s_list, y_list):
    k = len(s_list)
    r, alpha, products = np.array(grad, dtype=float), np.zeros(k), [np.vdot(s_list[i], y_list[i]) for i in range(k)]
    for i in reversed(range(k)):
        alpha[i] = np.vdot(s_list[i], r) / products[i]
        r -= alpha[i] * y_list[i]
    if k:
        r *= products[-1] / np.sum(y_list[-1] ** 2)
    for i in range(k):
        r += s_list[i] * (alpha[i] - np.vdot(y_list[i], r) / products[i])
    return np.negative(r)


@mutant(
    "lbfgs_direction",
    "A (D, D) matrix is built: with a million parameters it would take terabytes. The two loops need vectors only.",
)
def whole_matrix(grad, s_list, y_list):
    H = np.eye(len(grad))
    if len(s_list):
        H *= np.dot(s_list[-1], y_list[-1]) / np.dot(y_list[-1], y_list[-1])
    for s, y in zip(s_list, y_list, strict=True):
        rho = 1 / np.dot(s, y)
        left = np.eye(len(grad)) - rho * np.outer(s, y)
        H = left @ H @ left.T + rho * np.outer(s, s)
    return -(H @ grad)


@alternative("lbfgs_direction", "calls itself, newest pair first")
def calls_itself(grad, s_list, y_list):
    gamma = np.vdot(s_list[-1], y_list[-1]) / np.vdot(y_list[-1], y_list[-1]) if len(s_list) else 1.0

    def inverse_times(q, k):
        if k < 0:
            return gamma * q
        s, y = s_list[k], y_list[k]
        a = np.vdot(s, q) / np.vdot(s, y)
        r = inverse_times(q - a * y, k - 1)
        return r + (a - np.vdot(y, r) / np.vdot(s, y)) * s

    return -1.0 * inverse_times(grad, len(s_list) - 1)


def _two_loops(grad, s_list, y_list, **faults):
    """The two loops with one thing replaced."""
    pairs = [(s, y, 1 / np.dot(s, y)) for s, y in zip(s_list, y_list, strict=True)]
    if "rho" in faults:
        pairs = [(s, y, faults["rho"](s, y)) for s, y in zip(s_list, y_list, strict=True)]
    q = np.array(grad)
    alphas = []
    first, second = (pairs, pairs[::-1]) if faults.get("order") == "both" else (pairs[::-1], pairs)
    if faults.get("order") == "second":
        second = pairs[::-1]
    for s, y, rho in first:
        alpha = rho * np.dot(s, q)
        alphas.append(alpha)
        q = q + alpha * y if faults.get("first_sign") else q - alpha * y
    before_scaling = q
    if pairs and not faults.get("unscaled"):
        s, y = (s_list[0], y_list[0]) if faults.get("oldest") else (s_list[-1], y_list[-1])
        q = q * faults.get("gamma", lambda s, y: np.dot(s, y) / np.dot(y, y))(s, y)
    matched = alphas if faults.get("order") == "second" or faults.get("alphas_in_order") else alphas[::-1]
    for (s, y, rho), alpha in zip(second, matched, strict=True):
        beta = rho * np.dot(y, before_scaling if faults.get("beta_of_q") else q)
        q = q + s * (beta - alpha if faults.get("second_sign") else alpha - beta)
    return q if faults.get("uphill") else -q


def _fault(name, sentence, **faults):
    def work(grad, s_list, y_list):
        return _two_loops(grad, s_list, y_list, **faults)

    work.__name__ = name
    mutant("lbfgs_direction", sentence)(work)


_fault("uphill", "The direction goes uphill: the minus sign at the end is missing.", uphill=True)
_fault(
    "loops_in_the_wrong_order",
    "The loops run the wrong way round: the first goes from the newest pair to the oldest, the second back.",
    order="both",
)
_fault(
    "both_loops_backwards",
    "Both loops run from the newest pair to the oldest: the second goes the other way.",
    order="second",
)
_fault(
    "alphas_not_reversed",
    "The second loop takes the alphas in the order in which they were made: each belongs to its own pair.",
    alphas_in_order=True,
)
_fault(
    "beta_of_q",
    "beta is taken of q: it is taken of r, which each pair of the second loop changes.",
    beta_of_q=True,
)
_fault("no_scaling", "Between the loops the vector is not multiplied by gamma.", unscaled=True)
_fault("scaled_by_the_oldest", "gamma comes from the oldest pair: the newest says most about here.", oldest=True)
_fault(
    "gamma_upside_down",
    "gamma is upside down: it is s.y over y.y, a step for a change of gradient.",
    gamma=lambda s, y: np.dot(y, y) / np.dot(s, y),
)
_fault(
    "gamma_from_the_steps",
    "gamma has s.s where y.y belongs.",
    gamma=lambda s, y: np.dot(s, s) / np.dot(s, y),
)
_fault("rho_from_the_changes", "rho is 1 over y.s; here it is 1 over y.y.", rho=lambda s, y: 1 / np.dot(y, y))
_fault("first_loop_adds", "The first loop adds alpha * y: it takes it away.", first_sign=True)
_fault("second_loop_reversed", "The second loop adds s times beta - alpha: it is alpha - beta.", second_sign=True)


@mutant("lbfgs_direction", "grad is changed: q starts as a copy of it.")
def caller_gradient_changed(grad, s_list, y_list):
    direction = calls_itself(grad, s_list, y_list)
    grad *= 0.5
    return direction


@mutant("lbfgs_direction", "Without any pair there is no direction: then it is minus the gradient.")
def needs_a_pair(grad, s_list, y_list):
    return calls_itself(grad, s_list, y_list) * (1.0 if len(s_list) else 0.0)
