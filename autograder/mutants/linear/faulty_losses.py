"""The two losses, with a fault where one is asked for."""

import numpy as np

REGULAR = {"loss_mean": True, "gradient_mean": True, "loss_penalty": 1.0, "gradient_penalty": 2.0}


def assemble(W, data_loss, data_gradient, n, reg, faults):
    """Mean and penalty, with the faults that concern them."""
    how = REGULAR | faults
    punished = W * np.array([1.0] * (len(W) - 1) + [0.0])[:, None] if how.get("spares_last_row") else W
    loss = data_loss / (n if how["loss_mean"] else 1) + how["loss_penalty"] * reg * np.sum(punished**2)
    gradient = data_gradient / (n if how["gradient_mean"] else 1) + how["gradient_penalty"] * reg * punished
    if how.get("penalty_mean"):
        loss = (data_loss + reg * np.sum(W * W)) / n
        gradient = (data_gradient + 2 * reg * W) / n
    if how.get("changes_W"):
        W *= 1 + reg
    return loss, how.get("sign", 1) * gradient


def svm_with(W, X, y, reg, **faults):
    """The SVM loss with faults."""
    rows, S = np.arange(len(y)), X @ W
    margins = S - S[rows, y][:, None] + faults.get("delta", 1.0)
    if faults.get("reversed"):
        margins = S[rows, y][:, None] - S + 1
    if not faults.get("own_margin"):
        margins[rows, y] = 0
    if not faults.get("no_clip"):
        margins = np.maximum(0, margins)
    loss = np.sum(margins**2) if faults.get("squared") else np.sum(margins)
    G = (margins > 0).astype(float)
    if faults.get("no_mask"):
        G = np.ones(S.shape)
    if faults.get("margins_for_mask"):
        G = margins.copy()
    G[rows, y] = 0
    count = G.sum(axis=1)
    true = {
        "count": count,
        "with_own": count + 1,
        "once": (count > 0) * 1.0,
        "none": 0.0,
        "margins": margins.sum(axis=1),
    }
    G[rows, y] = -true[faults.get("true_column", "count")]
    loss, data = _over_classes(loss, X.T @ G, W.shape[1], faults)
    return assemble(W, loss, data, len(y), reg, faults)


def _over_classes(loss, gradient, num_classes, faults):
    """Loss and gradient, divided by the number of classes where the fault says so: "loss" or "both"."""
    where = faults.get("over_classes")
    return loss / (num_classes if where else 1), gradient / (num_classes if where == "both" else 1)


def softmax_with(W, X, y, reg, **faults):
    """The softmax loss with faults."""
    rows, S = np.arange(len(y)), X @ W
    shift = {"row": S.max(axis=1, keepdims=True), "none": 0.0, "all": S.max(), "column": S.max(axis=0)}
    with np.errstate(all="ignore"):
        E = np.exp(S - shift[faults.get("shift", "row")])
        P = E / (E.sum(axis=0) if faults.get("sum_axis") == 0 else E.sum(axis=1, keepdims=True))
        loss = np.sum(faults.get("charge", lambda p: -np.log(p))(P[rows, y]))
    G = P.copy()
    G[rows, y] -= faults.get("true_less", 1.0)
    if faults.get("true_only"):
        G = np.where(np.arange(W.shape[1]) == np.asarray(y)[:, None], G, 0.0)
    loss, data = _over_classes(loss, X.T @ G, W.shape[1], faults)
    return assemble(W, loss, data, len(y), reg, faults)
