"""Newton's step by eigenvectors, and the BFGS matrix written out in full."""

import numpy as np


def newton_target(gradient, hessian):
    """Newton's step: along each eigenvector, the slope there divided by the curvature there."""
    curvatures, directions = np.linalg.eigh(np.asarray(hessian, dtype=np.float64))
    slopes = [float(np.dot(v, gradient)) for v in directions.T]
    return sum(-(slope / curvature) * v for slope, curvature, v in zip(slopes, curvatures, directions.T, strict=True))


def bfgs_inverse(size, s_list, y_list):
    """The matrix H that L-BFGS multiplies by: BFGS updates, oldest pair first, from a multiple of the unit matrix."""
    eye = np.eye(size)
    if not s_list:
        return eye
    newest_s, newest_y = np.asarray(s_list[-1], float), np.asarray(y_list[-1], float)
    H = eye * (newest_s @ newest_y) / (newest_y @ newest_y)
    for s, y in zip(s_list, y_list, strict=True):
        s, y = np.asarray(s, float), np.asarray(y, float)
        V = eye - np.outer(y, s) / (y @ s)
        H = V.T @ H @ V + np.outer(s, s) / (y @ s)
    return H
