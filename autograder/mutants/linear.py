"""Mistakes students make in notebook 02, with what to say of each, and other correct solutions."""

import numpy as np

from autograder.testing import alternative, mutant

SVM = ("svm_loss_naive", "svm_loss_vectorized")
SOFTMAX = ("softmax_loss_naive", "softmax_loss_vectorized")

# Penalty ---------------------------------------------------------------------------------------------------------


@alternative("regularization", "loops over the entries")
def entry_by_entry(W, kind, beta=1.0):
    if kind not in ("l2", "l1", "elastic"):
        raise ValueError(kind)
    a, c = {"l2": (1, 0), "l1": (0, 1), "elastic": (beta, 1)}[kind]
    gradient = np.zeros(W.shape)
    total = 0.0
    for index in np.ndindex(W.shape):
        w = float(W[index])
        total += a * w * w + c * abs(w)
        gradient[index] = 2 * a * w + c * (1 if w > 0 else -1)
    return total, gradient


@alternative("regularization", "elastic net from the two others")
def from_parts(W, kind, beta=1.0):
    parts = {"l2": (np.vdot(W, W), W + W), "l1": (np.abs(W).sum(), np.where(W >= 0, 1.0, -1.0))}
    if kind == "elastic":
        return beta * parts["l2"][0] + parts["l1"][0], beta * parts["l2"][1] + parts["l1"][1]
    if kind not in parts:
        raise ValueError("no such kind")
    return parts[kind]


def _penalty(W, kind, beta, l2=None, l1=None, elastic=None):
    """The right penalty with one case replaced."""
    if kind == "l2" and l2 is not None:
        return l2
    if kind == "l1" and l1 is not None:
        return l1
    if kind == "elastic" and elastic is not None:
        return elastic
    return from_parts(W, kind, beta)


@mutant("regularization", "The L2 penalty is half as large as asked: here it is sum(W**2), without a factor 1/2.")
def half_squares(W, kind, beta=1.0):
    return _penalty(W, kind, beta, l2=(0.5 * np.sum(W**2), W))


@mutant("regularization", "The L2 gradient is W; the derivative of w**2 carries a factor 2.")
def gradient_without_two(W, kind, beta=1.0):
    return _penalty(W, kind, beta, l2=(np.sum(W**2), 1.0 * W))


@mutant("regularization", "The L1 penalty adds the weights with their signs: negative ones must count by their size.")
def signed_sum(W, kind, beta=1.0):
    return _penalty(W, kind, beta, l1=(np.sum(W), np.sign(W)))


@mutant("regularization", "The L1 gradient is 1 everywhere; where a weight is negative, the slope of its size is -1.")
def l1_gradient_of_ones(W, kind, beta=1.0):
    return _penalty(W, kind, beta, l1=(np.sum(np.abs(W)), np.ones_like(W)))


@mutant("regularization", "The L2 penalty is the length of W, a square root; the squares are to be summed, no more.")
def square_root(W, kind, beta=1.0):
    return _penalty(W, kind, beta, l2=(np.sqrt(np.sum(W**2)), 2 * W))


@mutant("regularization", "In the elastic net beta multiplies the L1 part; it belongs to the squares.")
def beta_on_the_wrong_part(W, kind, beta=1.0):
    return _penalty(W, kind, beta, elastic=(np.sum(W**2) + beta * np.sum(np.abs(W)), 2 * W + beta * np.sign(W)))


@mutant("regularization", "In the elastic net beta multiplies both parts; it belongs to the squares only.")
def beta_on_both_parts(W, kind, beta=1.0):
    penalty, gradient = from_parts(W, "elastic", 1.0)
    return _penalty(W, kind, beta, elastic=(beta * penalty, beta * gradient))


@mutant("regularization", "The elastic net ignores beta.")
def beta_ignored(W, kind, beta=1.0):
    return from_parts(W, kind, 1.0)


@mutant("regularization", "beta also scales the kind 'l2'; it is used by 'elastic' only.")
def beta_scales_l2(W, kind, beta=1.0):
    return _penalty(W, kind, beta, l2=(beta * np.sum(W**2), 2 * beta * W))


@mutant("regularization", "The elastic net's gradient has the squared part only: the slope of the L1 part is missing.")
def elastic_gradient_without_l1(W, kind, beta=1.0):
    return _penalty(W, kind, beta, elastic=(from_parts(W, "elastic", beta)[0], 2 * beta * W))


@mutant("regularization", "The elastic net's gradient leaves beta out; its penalty has it.")
def elastic_gradient_without_beta(W, kind, beta=1.0):
    return _penalty(W, kind, beta, elastic=(from_parts(W, "elastic", beta)[0], 2 * W + np.sign(W)))


@mutant("regularization", "An unknown kind is treated as the elastic net: the last case must name its kind, too.")
def unknown_is_elastic(W, kind, beta=1.0):
    return from_parts(W, kind if kind in ("l2", "l1") else "elastic", beta)


@mutant("regularization", "W itself is changed: an in-place operation such as *= reaches the caller's array.")
def changes_the_weights(W, kind, beta=1.0):
    value, gradient = from_parts(W, kind, beta)
    gradient = np.array(gradient)
    W *= 2
    return value, gradient


@mutant("regularization", "Rows and columns are looped over, so only matrices work; W may have any shape.")
def matrices_only(W, kind, beta=1.0):
    gradient = np.zeros(W.shape)
    total = 0.0
    for i in range(W.shape[0]):
        for j in range(W.shape[1]):
            value, gradient[i, j] = from_parts(W[i, j], kind, beta)
            total += value
    return total, gradient


# Numerical gradient ------------------------------------------------------------------------------------------------


@alternative("numerical_gradient", "one shifted copy a term")
def shifted_copies(f, x, h=1e-5):
    x = np.asarray(x, dtype=np.float64)
    shifts = h * np.eye(x.size).reshape(x.size, *x.shape)
    return np.array([(f(x + shift) - f(x - shift)) / (2 * h) for shift in shifts]).reshape(x.shape)


@alternative("numerical_gradient", "adds and takes away in place on a flat copy")
def flat_copy(f, x, h=1e-5):
    copy = np.array(x, dtype=np.float64, order="C")
    flat, gradient = copy.reshape(-1), np.empty(copy.size)
    for i in range(copy.size):
        flat[i] += h
        gradient[i] = f(copy)
        flat[i] -= 2 * h
        gradient[i] = (gradient[i] - f(copy)) / (2 * h)
        flat[i] += h
    return gradient.reshape(copy.shape)


def _differences(f, x, quotient):
    """A gradient whose entries are quotient(value of f at a shift of this entry)."""
    x = np.array(x, dtype=np.float64)
    gradient = np.zeros_like(x)
    for index in np.ndindex(x.shape):

        def at(shift, index=index):
            moved = x.copy()
            moved[index] += shift
            return f(moved)

        gradient[index] = quotient(at)
    return gradient


@mutant("numerical_gradient", "This is the forward difference, with f(x) in place of f(x - h): look both ways.")
def forward(f, x, h=1e-5):
    return _differences(f, x, lambda at: (at(h) - at(0.0)) / h)


@mutant("numerical_gradient", "This is the backward difference, with f(x) in place of f(x + h): look both ways.")
def backward(f, x, h=1e-5):
    return _differences(f, x, lambda at: (at(0.0) - at(-h)) / h)


@mutant("numerical_gradient", "The slope is twice too large: the two points are 2h apart.")
def divided_by_h(f, x, h=1e-5):
    return _differences(f, x, lambda at: (at(h) - at(-h)) / h)


@mutant("numerical_gradient", "The difference is divided by 2 and then multiplied by h: put 2 h in brackets.")
def multiplied_by_h(f, x, h=1e-5):
    return _differences(f, x, lambda at: (at(h) - at(-h)) / 2 * h)


@mutant(
    "numerical_gradient", "The gradient is zero everywhere: the array that is shifted is not the one f is asked about."
)
def shift_does_not_reach_f(f, x, h=1e-5):
    return _differences(f, x, lambda at: (at(0.0) - at(0.0)) / (2 * h))


@mutant(
    "numerical_gradient",
    "ravel makes a copy when an array lies in memory column by column, as a transposed one does: shifts in the copy do "
    "not reach f.",
)
def ravel_copies(f, x, h=1e-5):
    point = np.array(x, dtype=np.float64)
    flat, gradient = point.ravel(), np.empty(point.size)
    for i, kept in enumerate(flat.tolist()):
        flat[i] = kept + h
        above = f(point)
        flat[i] = kept - h
        gradient[i] = (above - f(point)) / (2 * h)
        flat[i] = kept
    return gradient.reshape(point.shape)


@mutant("numerical_gradient", "The sign is wrong: the value below is to be taken from the value above.")
def upside_down(f, x, h=1e-5):
    return _differences(f, x, lambda at: (at(-h) - at(h)) / (2 * h))


@mutant("numerical_gradient", "The argument h has no effect: the step is fixed in the code.")
def fixed_step(f, x, h=1e-5):
    return _differences(f, x, lambda at: (at(1e-5) - at(-1e-5)) / 2e-5)


@mutant("numerical_gradient", "The points are h/2 away on either side; they should be h away.")
def half_steps(f, x, h=1e-5):
    return _differences(f, x, lambda at: (at(h / 2) - at(-h / 2)) / h)


@mutant("numerical_gradient", "Entries stay shifted when their turn is over, so that later slopes are taken elsewhere.")
def not_put_back(f, x, h=1e-5):
    x = np.array(x, dtype=np.float64)
    gradient = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        x[index] += h
        above = f(x)
        x[index] -= 2 * h
        gradient[index] = (above - f(x)) / (2 * h)
    return gradient


@mutant("numerical_gradient", "After the call x is not what it was: its entries are shifted and not put back.")
def leaves_x_changed(f, x, h=1e-5):
    gradient = shifted_copies(f, x, h)
    if np.asarray(x).dtype.kind == "f":
        x -= h
    return gradient


@mutant("numerical_gradient", "The step gets lost in an integer or float32 array: work on a float64 copy of x.")
def dtype_of_x(f, x, h=1e-5):
    x = np.array(x)
    gradient = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        kept = x[index]
        x[index] = kept + h
        above = f(x)
        x[index] = kept - h
        gradient[index] = (above - f(x)) / (2 * h)
        x[index] = kept
    return gradient


@mutant("numerical_gradient", "Two nested loops visit rows and columns, so only matrices work; x may have any shape.")
def only_matrices(f, x, h=1e-5):
    rows, columns = np.shape(x)
    return shifted_copies(f, x, h).reshape(rows, columns)


# The two losses ------------------------------------------------------------------------------------------------------

REGULAR = {"loss_mean": True, "gradient_mean": True, "loss_penalty": 1.0, "gradient_penalty": 2.0}


def _assemble(W, data_loss, data_gradient, n, reg, faults):
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


def _svm(W, X, y, reg, **faults):
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
    return _assemble(W, loss, data, len(y), reg, faults)


def _over_classes(loss, gradient, num_classes, faults):
    """Loss and gradient, divided by the number of classes where the fault says so: "loss" or "both"."""
    where = faults.get("over_classes")
    return loss / (num_classes if where else 1), gradient / (num_classes if where == "both" else 1)


def _softmax(W, X, y, reg, **faults):
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
    return _assemble(W, loss, data, len(y), reg, faults)


def _named(name, loss, faults):
    def work(W, X, y, reg):
        return loss(W, X, y, reg, **faults)

    work.__name__ = name
    return work


BOTH_LOSSES = {
    "loss_not_averaged": (
        "The loss is a sum over the batch; it should be divided by the number of examples.",
        {"loss_mean": False},
    ),
    "gradient_not_averaged": (
        "The loss is a mean, but its gradient is a sum: divide dW by the number of examples as well.",
        {"gradient_mean": False},
    ),
    "neither_averaged": (
        "Loss and gradient are sums over the batch: both should be divided by the number of examples.",
        {"loss_mean": False, "gradient_mean": False},
    ),
    "no_penalty": (
        "reg has no effect: the penalty is missing in the loss and in the gradient.",
        {"loss_penalty": 0.0, "gradient_penalty": 0.0},
    ),
    "last_row_spared": (
        "The penalty leaves out the last row of W; here every row counts, that of the bias included.",
        {"spares_last_row": True},
    ),
    "penalty_missing_in_gradient": (
        "The penalty is in the loss but not in the gradient.",
        {"gradient_penalty": 0.0},
    ),
    "penalty_missing_in_loss": ("The penalty is in the gradient but not in the loss.", {"loss_penalty": 0.0}),
    "gradient_of_half_a_penalty": (
        "The gradient of the penalty is reg * W; with reg * sum(W**2) in the loss it carries a factor 2.",
        {"gradient_penalty": 1.0},
    ),
    "half_a_penalty": (
        "The penalty is 0.5 * reg * sum(W**2); in this notebook it has no factor 0.5.",
        {"loss_penalty": 0.5, "gradient_penalty": 1.0},
    ),
    "penalty_divided_by_n": (
        "The penalty is divided by the number of examples: add it after the mean is taken.",
        {"penalty_mean": True},
    ),
    "wrong_sign": ("The gradient has the wrong sign: it points downhill.", {"sign": -1}),
    "changes_the_weights": (
        "W itself is changed: an in-place operation such as += or *= reaches the caller's array.",
        {"changes_W": True},
    ),
}

SVM_ONLY = {
    "own_margin_counted": (
        "The loss is 1 too large: the true class is not among the classes summed over.",
        {"own_margin": True},
    ),
    "true_column_once": (
        "The true class's column gets -x once an example; it should get it once for every violated margin.",
        {"true_column": "once"},
    ),
    "true_column_missing": (
        "The true class's column of the gradient stays empty: a violated margin also pulls at the true class.",
        {"true_column": "none"},
    ),
    "squared_hinge": ("The violated margins are squared in the loss.", {"squared": True}),
    "no_margin": ("The margin of 1 is missing: being ahead by less than 1 should cost something.", {"delta": 0.0}),
    "reversed_lead": (
        "The difference of scores is the wrong way round: the charge is for a rival's score above the true one.",
        {"reversed": True},
    ),
}

SVM_MATRIX = {
    "own_margin_in_both": (
        "The margin of the true class, which is 1, stays among the others: it makes the loss 1 too large and takes one x "
        "too many from the true column.",
        {"own_margin": True, "true_column": "with_own"},
    ),
    "sum_of_margins_for_their_count": (
        "The true column of the gradient uses the sum of the margins; it should be the count of those violated.",
        {"true_column": "margins"},
    ),
    "no_margin_mask": (
        "The gradient counts every class: only violated margins have a slope.",
        {"no_mask": True},
    ),
    "margins_for_the_mask": (
        "The gradient is weighted with the margins themselves; a violated margin counts 1, however large.",
        {"margins_for_mask": True},
    ),
    "margins_not_clipped": (
        "Margins that are met are added to the loss with a negative sign: clip them at zero.",
        {"no_clip": True},
    ),
}

MATRIX = {
    "mean_over_classes": (
        "Loss and gradient are divided by the number of classes too; the mean is over examples only.",
        {"over_classes": "both"},
    ),
    "loss_mean_over_classes": (
        "The loss is a mean over examples and classes: add up over the classes, then take the mean over the examples.",
        {"over_classes": "loss"},
    ),
}

SOFTMAX_ONLY = {
    "no_shift": (
        "Large scores overflow in the exponential: subtract each row's largest score first.",
        {"shift": "none"},
    ),
    "shift_of_the_whole_batch": (
        "One maximum for the whole batch is subtracted: a row with much smaller scores underflows. Each row needs its own.",
        {"shift": "all"},
    ),
    "one_not_subtracted": (
        "The gradient is missing the -1 in the true class: it uses the probabilities as they are.",
        {"true_less": 0.0},
    ),
    "true_column_only": (
        "Only the true class's column of the gradient is filled: every class has a slope here.",
        {"true_only": True},
    ),
    "logarithm_of_base_ten": ("The logarithm has base 10; the loss is in nats.", {"charge": lambda p: -np.log10(p)}),
    "logarithm_missing": ("The loss is 1 - p; it should be the negative logarithm of p.", {"charge": lambda p: 1 - p}),
}

for _exercise in SVM + SOFTMAX:
    _loss = _svm if _exercise in SVM else _softmax
    _bank = dict(BOTH_LOSSES)
    _bank.update(SVM_ONLY if _exercise in SVM else SOFTMAX_ONLY)
    _bank.update(MATRIX if _exercise.endswith("vectorized") else {})
    _bank.update(SVM_MATRIX if _exercise == "svm_loss_vectorized" else {})
    for _name, (_sentence, _faults) in _bank.items():
        mutant(_exercise, _sentence)(_named(_name, _loss, _faults))


def _for_square_inputs(loss):
    def as_many_classes_as_features(W, X, y, reg):
        _, dW = loss(W, X, y, reg)
        return loss(W, X, y, reg)[0], dW.reshape(W.shape[0], W.shape[0])

    return as_many_classes_as_features


for _exercise, _loss in (("svm_loss_naive", _svm), ("softmax_loss_naive", _softmax)):
    mutant(_exercise, "dW is made with as many columns as rows: it has the shape of W, which need not be square.")(
        _for_square_inputs(_loss)
    )


@mutant("svm_loss_vectorized", "With a single example the axes change: squeeze removes the axis of the batch, too.")
def squeezes_one_example(W, X, y, reg):
    S = np.squeeze(X @ W)
    S[np.arange(len(y)), y]
    return _svm(W, X, y, reg)


@mutant("svm_loss_vectorized", "Without its own axis the true score is taken from a column, not from its row.")
def true_scores_along_the_row(W, X, y, reg):
    S = X @ W
    rows = np.arange(len(y))
    margins = np.maximum(0, S - S[rows, y] + 1)
    margins[rows, y] = 0
    G = (margins > 0).astype(float)
    G[rows, y] = -G.sum(axis=1)
    return _assemble(W, margins.sum(), X.T @ G, len(y), reg, {})


@mutant(
    "softmax_loss_vectorized", "The exponentials are summed over the examples: the classes of one row share one sum."
)
def normalised_over_the_batch(W, X, y, reg):
    return _softmax(W, X, y, reg, sum_axis=0)


@mutant("softmax_loss_vectorized", "With a single example the axes change: squeeze removes the axis of the batch, too.")
def squeezes_one_row(W, X, y, reg):
    S = np.squeeze(X @ W)
    S[np.arange(len(y)), y]
    return _softmax(W, X, y, reg)


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
for _exercise in SVM:
    alternative(_exercise, "one-hot labels")(svm_with_one_hot)
for _exercise in SOFTMAX:
    alternative(_exercise, "one-hot labels")(softmax_with_one_hot)
mutant("svm_loss_vectorized", OVER_EXAMPLES)(svm_row_by_row)
mutant("svm_loss_vectorized", OVER_CLASSES)(svm_class_by_class)
mutant("softmax_loss_vectorized", OVER_EXAMPLES)(softmax_row_by_row)
mutant("softmax_loss_vectorized", OVER_CLASSES)(softmax_class_by_class)

# Random search -----------------------------------------------------------------------------------------------------


@alternative("random_search", "keeps all and sorts out afterwards")
def keeps_all(loss_fn, shape, num_tries, rng):
    tries = [rng.normal(0, 1e-4, size=shape) for _ in range(num_tries)]
    losses = np.array([loss_fn(W) for W in tries])
    return tries[int(losses.argmin())], np.minimum.accumulate(losses)


@alternative("random_search", "starts from the first try, history as a list")
def from_the_first(loss_fn, shape, num_tries, rng):
    best = rng.standard_normal(shape) * 1e-4
    history = [loss_fn(best)]
    for _ in range(num_tries - 1):
        W = rng.standard_normal(shape) * 1e-4
        loss = loss_fn(W)
        if loss <= history[-1]:
            best = W
        history.append(min(loss, history[-1]))
    return best, np.array(history)


def _normal(rng, shape):
    return 1e-4 * rng.normal(size=shape)


def _search(loss_fn, shape, num_tries, rng, draw=_normal, start=np.inf, sign=1):
    """Random search with another way of drawing, or another first value to beat."""
    best_W, best, history = None, start, []
    for _ in range(num_tries):
        W = draw(rng, shape)
        loss = loss_fn(W)
        if sign * loss < sign * best:
            best_W, best = W, loss
        history.append(best)
    return best_W, np.array(history)


@mutant("random_search", "The weights with the highest loss are kept.")
def keeps_the_worst(loss_fn, shape, num_tries, rng):
    return _search(loss_fn, shape, num_tries, rng, start=-np.inf, sign=-1)


@mutant("random_search", "The weights of the last try are returned, not those of the best.")
def returns_the_last(loss_fn, shape, num_tries, rng):
    drawn = [_normal(rng, shape) for _ in range(num_tries)]
    return drawn[-1], np.minimum.accumulate([loss_fn(W) for W in drawn])


@mutant("random_search", "history holds the loss of each try; it should hold the lowest so far, which never rises.")
def history_of_every_try(loss_fn, shape, num_tries, rng):
    drawn = [_normal(rng, shape) for _ in range(num_tries)]
    losses = np.array([loss_fn(W) for W in drawn])
    return drawn[int(losses.argmin())], losses


@mutant("random_search", "A try is compared with the one before it, not with the best so far.")
def compares_with_the_previous(loss_fn, shape, num_tries, rng):
    best_W, previous, history = None, np.inf, []
    for _ in range(num_tries):
        W = _normal(rng, shape)
        loss = loss_fn(W)
        if loss < previous:
            best_W = W
        previous = loss
        history.append(min([loss, *history[-1:]]))
    return best_W, np.array(history)


@mutant("random_search", "The draws are not small: the factor 1e-4 is missing.")
def not_scaled(loss_fn, shape, num_tries, rng):
    return _search(loss_fn, shape, num_tries, rng, draw=lambda rng, shape: rng.normal(size=shape))


@mutant("random_search", "1e-4 was taken as the variance; it is the standard deviation.")
def scaled_by_the_root(loss_fn, shape, num_tries, rng):
    return _search(loss_fn, shape, num_tries, rng, draw=lambda rng, shape: 1e-2 * rng.normal(size=shape))


@mutant("random_search", "The draws are uniform; they should be normally distributed.")
def uniform_draws(loss_fn, shape, num_tries, rng):
    return _search(loss_fn, shape, num_tries, rng, draw=lambda rng, shape: 1e-4 * rng.uniform(-1.732, 1.732, shape))


@mutant("random_search", "The draws lie between 0 and 1e-4, so that no weight is ever negative: draw from a normal.")
def positive_draws(loss_fn, shape, num_tries, rng):
    return _search(loss_fn, shape, num_tries, rng, draw=lambda rng, shape: 1e-4 * rng.random(shape))


@mutant("random_search", "The weights are drawn once, before the loop: each try needs its own.")
def one_draw(loss_fn, shape, num_tries, rng):
    W = _normal(rng, shape)
    return _search(loss_fn, shape, num_tries, rng, draw=lambda rng, shape: W)


@mutant("random_search", "Each try is added to the one before: this is a random walk. Draw each afresh.")
def random_walk(loss_fn, shape, num_tries, rng):
    place = np.zeros(shape)

    def draw(rng, shape):
        nonlocal place
        place = place + _normal(rng, shape)
        return place

    return _search(loss_fn, shape, num_tries, rng, draw=draw)


@mutant("random_search", "The generator passed in is not used: another one, with a seed of its own, makes the draws.")
def generator_of_its_own(loss_fn, shape, num_tries, rng):
    return _search(loss_fn, shape, num_tries, np.random.default_rng(0))


@mutant(
    "random_search", "The loss to beat starts at a finite number, so that larger losses never count: start at infinity."
)
def starts_at_a_hundredth(loss_fn, shape, num_tries, rng):
    return _search(loss_fn, shape, num_tries, rng, start=1e-2)


@mutant("random_search", "history has an entry only where the loss improved; it needs one for every try.")
def history_of_improvements(loss_fn, shape, num_tries, rng):
    best_W, history = _search(loss_fn, shape, num_tries, rng)
    return best_W, np.unique(history)[::-1]


# SGD -----------------------------------------------------------------------------------------------------------------


@alternative("train_sgd", "choice with replacement, history as a list, a copy changed in place")
def with_choice(loss_fn, X, y, W, learning_rate, reg, num_iters, batch_size, rng):
    W, history = W.copy(), []
    for _ in range(num_iters):
        rows = rng.choice(X.shape[0], batch_size, replace=True)
        loss, dW = loss_fn(W, X[rows], y[rows], reg)
        W -= learning_rate * dW
        history.append(loss)
    return W, np.array(history)


@alternative("train_sgd", "all batches drawn before the loop")
def drawn_ahead(loss_fn, X, y, W, learning_rate, reg, num_iters, batch_size, rng):
    history = []
    for rows in (rng.random((num_iters, batch_size)) * len(y)).astype(int):
        loss, dW = loss_fn(W, np.take(X, rows, axis=0), np.take(y, rows), reg)
        W = W + (-learning_rate) * dW
        history.append(loss)
    return W, np.asarray(history, dtype=float)


@alternative("train_sgd", "sorts the scores", replaces="predict")
def predict_by_sorting(W, X):
    return np.argsort(-(X @ W), axis=1)[:, 0]


@alternative("train_sgd", "row by row", replaces="predict")
def predict_by_rows(W, X):
    return np.array([int(np.argmax(W.T @ x)) for x in X])


def _descend(loss_fn, X, y, W, rate, reg, num_iters, rows_of, step=None):
    """SGD with another way of drawing or of stepping; returns the weights before each step too."""
    W, path, history = W.copy(), [], []
    for t in range(num_iters):
        rows = rows_of(t)
        loss, dW = loss_fn(W, X[rows], y[rows], reg)
        path.append(W)
        history.append(loss)
        W = W - rate * dW if step is None else step(W, dW)
    return W, np.array(history), path


@mutant("train_sgd", "The steps go along the gradient, uphill: the sign of the update is wrong.")
def uphill(loss_fn, X, y, W, learning_rate, reg, num_iters, batch_size, rng):
    return _descend(loss_fn, X, y, W, -learning_rate, reg, num_iters, lambda t: rng.integers(0, len(X), batch_size))[:2]


@mutant("train_sgd", "The batch is drawn once, before the loop: every step sees the same examples.")
def one_batch(loss_fn, X, y, W, learning_rate, reg, num_iters, batch_size, rng):
    rows = rng.integers(0, len(X), batch_size)
    return _descend(loss_fn, X, y, W, learning_rate, reg, num_iters, lambda t: rows)[:2]


@mutant("train_sgd", "Examples are drawn without replacement, so that a batch cannot be larger than the training set.")
def without_replacement(loss_fn, X, y, W, learning_rate, reg, num_iters, batch_size, rng):
    def rows(t):
        return rng.permutation(len(X))[:batch_size]

    return _descend(loss_fn, X, y, W, learning_rate, reg, num_iters, rows)[:2]


@mutant("train_sgd", "The labels are drawn apart from their examples: use the same row numbers for X and y.")
def labels_drawn_apart(loss_fn, X, y, W, learning_rate, reg, num_iters, batch_size, rng):
    history = []
    for _ in range(num_iters):
        X_batch, y_batch = X[rng.integers(0, len(X), batch_size)], y[rng.integers(0, len(y), batch_size)]
        loss, dW = loss_fn(W, X_batch, y_batch, reg)
        W = W - learning_rate * dW
        history.append(loss)
    return W, np.array(history)


@mutant("train_sgd", "The caller's W is changed: W -= ... works in place. Begin with a copy, or write W = W - ...")
def changes_the_start(loss_fn, X, y, W, learning_rate, reg, num_iters, batch_size, rng):
    last, history = with_choice(loss_fn, X, y, W, learning_rate, reg, num_iters, batch_size, rng)
    W[...] = last
    return W, history


@mutant("train_sgd", "The last step is not in the weights returned.")
def one_step_short(loss_fn, X, y, W, learning_rate, reg, num_iters, batch_size, rng):
    _, history, path = _descend(
        loss_fn, X, y, W, learning_rate, reg, num_iters, lambda t: rng.integers(0, len(X), batch_size)
    )
    return path[-1], history


@mutant("train_sgd", "reg does not reach loss_fn: a zero is passed instead.")
def reg_dropped(loss_fn, X, y, W, learning_rate, reg, num_iters, batch_size, rng):
    return with_choice(loss_fn, X, y, W, learning_rate, 0.0, num_iters, batch_size, rng)


@mutant("train_sgd", "The penalty is applied a second time in the step: dW from loss_fn holds it already.")
def penalty_twice(loss_fn, X, y, W, learning_rate, reg, num_iters, batch_size, rng):
    def step(W, dW):
        return W - learning_rate * (dW + 2 * W)

    return _descend(loss_fn, X, y, W, 0, reg, num_iters, lambda t: rng.integers(0, len(X), batch_size), step)[:2]


@mutant("train_sgd", "The gradient is divided by the batch size once more: loss_fn returns that of the mean already.")
def averaged_twice(loss_fn, X, y, W, learning_rate, reg, num_iters, batch_size, rng):
    rate = learning_rate / batch_size
    return _descend(loss_fn, X, y, W, rate, reg, num_iters, lambda t: rng.integers(0, len(X), batch_size))[:2]


@mutant("train_sgd", "Batches are slices in the order of the data; they should be drawn at random.")
def in_order(loss_fn, X, y, W, learning_rate, reg, num_iters, batch_size, rng):
    def rows(t):
        return (t * batch_size + np.arange(batch_size)) % len(X)

    return _descend(loss_fn, X, y, W, learning_rate, reg, num_iters, rows)[:2]


@mutant("train_sgd", "The last example is never drawn: the upper end of rng.integers is not included already.")
def never_the_last_row(loss_fn, X, y, W, learning_rate, reg, num_iters, batch_size, rng):
    def rows(t):
        return rng.integers(0, len(X) - 1, batch_size)

    return _descend(loss_fn, X, y, W, learning_rate, reg, num_iters, rows)[:2]


@mutant("train_sgd", "The generator passed in is not used: another one, with a seed of its own, makes the draws.")
def batches_of_its_own(loss_fn, X, y, W, learning_rate, reg, num_iters, batch_size, rng):
    return with_choice(loss_fn, X, y, W, learning_rate, reg, num_iters, batch_size, np.random.default_rng(0))


@mutant("train_sgd", "history is the mean of all losses so far; it should hold each batch's own.")
def running_mean(loss_fn, X, y, W, learning_rate, reg, num_iters, batch_size, rng):
    W, history = with_choice(loss_fn, X, y, W, learning_rate, reg, num_iters, batch_size, rng)
    return W, np.cumsum(history) / (1 + np.arange(num_iters))


@mutant("train_sgd", "predict takes the largest score of each class over the examples: argmax runs along the wrong axis.",
        replaces="predict")  # fmt: skip
def predict_along_the_wrong_axis(W, X):
    return np.argmax(X @ W, axis=0)


@mutant("train_sgd", "predict returns the smallest score's class.", replaces="predict")
def predict_the_smallest(W, X):
    return np.argmin(X @ W, axis=1)


@mutant(
    "train_sgd", "predict compares the sizes of scores: a very negative score is not a large one.", replaces="predict"
)
def predict_by_size(W, X):
    return np.argmax(np.abs(X @ W), axis=1)


@mutant("train_sgd", "predict counts classes from 1; labels begin at 0.", replaces="predict")
def predict_from_one(W, X):
    return np.argmax(X @ W, axis=1) + 1


# Hyperparameters -------------------------------------------------------------------------------------------------------


@alternative("search_hyperparameters", "logspace, running best")
def running_best(train_fn, learning_rate_range, reg_range, num_values):
    best, results = None, {}
    for reg in np.logspace(*np.log10(reg_range), num_values):
        for rate in np.logspace(*np.log10(learning_rate_range), num_values):
            pair = float(rate), float(reg)
            results[pair] = float(train_fn(*pair))
            if best is None or results[pair] > results[best]:
                best = pair
    return best, results


@alternative("search_hyperparameters", "by the constant ratio")
def by_ratio(train_fn, learning_rate_range, reg_range, num_values):
    def values(low, high):
        return [float(low * (high / low) ** (i / (num_values - 1))) for i in range(num_values)]

    pairs = [(rate, reg) for rate in values(*learning_rate_range) for reg in values(*reg_range)]
    scores = [float(train_fn(*pair)) for pair in pairs]
    return pairs[int(np.argmax(scores))], dict(zip(pairs, scores, strict=True))


def _grid(train_fn, rates, regs, choose=max):
    results = {}
    for rate in map(float, rates):
        for reg in map(float, regs):
            results[rate, reg] = float(train_fn(rate, reg))
    return choose(results, key=results.get), results


@mutant("search_hyperparameters", "The values are spaced evenly, not by a constant ratio: space them in the logarithm.")
def linear_spacing(train_fn, learning_rate_range, reg_range, num_values):
    return _grid(train_fn, np.linspace(*learning_rate_range, num_values), np.linspace(*reg_range, num_values))


@mutant(
    "search_hyperparameters", "The penalty strengths are spaced evenly; they need log spacing like the learning rates."
)
def linear_regs(train_fn, learning_rate_range, reg_range, num_values):
    return _grid(train_fn, np.geomspace(*learning_rate_range, num_values), np.linspace(*reg_range, num_values))


@mutant("search_hyperparameters", "The ends of the ranges were used as exponents: np.logspace wants their logarithms.")
def ends_as_exponents(train_fn, learning_rate_range, reg_range, num_values):
    return _grid(train_fn, np.logspace(*learning_rate_range, num_values), np.logspace(*reg_range, num_values))


@mutant("search_hyperparameters", "The upper end of each range is left out; both ends belong to the grid.")
def upper_end_missing(train_fn, learning_rate_range, reg_range, num_values):
    ranges = [np.geomspace(*ends, num_values, endpoint=False) for ends in (learning_rate_range, reg_range)]
    return _grid(train_fn, *ranges)


@mutant("search_hyperparameters", "The pair with the lowest score is returned; a score is better when higher.")
def lowest_score(train_fn, learning_rate_range, reg_range, num_values):
    return _grid(
        train_fn, np.geomspace(*learning_rate_range, num_values), np.geomspace(*reg_range, num_values), choose=min
    )


@mutant("search_hyperparameters", "The pair tried last is returned, not the best.")
def last_pair(train_fn, learning_rate_range, reg_range, num_values):
    _, results = by_ratio(train_fn, learning_rate_range, reg_range, num_values)
    return list(results)[-1], results


@mutant("search_hyperparameters", "The score to beat starts at 0, so that negative scores never win.")
def starts_at_zero(train_fn, learning_rate_range, reg_range, num_values):
    best, results = by_ratio(train_fn, learning_rate_range, reg_range, num_values)
    return (best if results[best] > 0 else None), results


@mutant(
    "search_hyperparameters", "Only pairs with the same position in both lists are tried: every rate needs every reg."
)
def only_the_diagonal(train_fn, learning_rate_range, reg_range, num_values):
    pairs = zip(np.geomspace(*learning_rate_range, num_values), np.geomspace(*reg_range, num_values), strict=True)
    results = {(float(rate), float(reg)): float(train_fn(float(rate), float(reg))) for rate, reg in pairs}
    return max(results, key=results.get), results


@mutant("search_hyperparameters", "train_fn gets its arguments the wrong way round: the learning rate comes first.")
def arguments_swapped(train_fn, learning_rate_range, reg_range, num_values):
    return by_ratio(lambda rate, reg: train_fn(reg, rate), learning_rate_range, reg_range, num_values)


@mutant("search_hyperparameters", "Both lists are made from the range of the learning rates; reg has its own.")
def one_range_for_both(train_fn, learning_rate_range, reg_range, num_values):
    return by_ratio(train_fn, learning_rate_range, learning_rate_range, num_values)


@mutant("search_hyperparameters", "The best score is returned where the pair belongs.")
def score_for_the_pair(train_fn, learning_rate_range, reg_range, num_values):
    best, results = by_ratio(train_fn, learning_rate_range, reg_range, num_values)
    return results[best], results


@mutant(
    "search_hyperparameters", "results keeps one score for each learning rate: pairs with another reg overwrite it."
)
def keyed_by_rate(train_fn, learning_rate_range, reg_range, num_values):
    best, results = by_ratio(train_fn, learning_rate_range, reg_range, num_values)
    return best, {rate: score for (rate, _), score in results.items()}


# Extension: orientation histogram ----------------------------------------------------------------------------------------


@alternative("orientation_histogram", "loops over the cells")
def cell_by_cell(images, cell=8, bins=9):
    grey = np.mean(np.asarray(images, dtype=float), axis=-1)
    n, height, width = grey.shape
    histogram = np.zeros((n, height // cell, width // cell, bins))
    for i in range(n):
        down, right = np.gradient(grey[i])
        angle, length = np.degrees(np.arctan2(down, right)) % 180, np.sqrt(down**2 + right**2)
        for r in range(height // cell):
            for c in range(width // cell):
                part = slice(r * cell, (r + 1) * cell), slice(c * cell, (c + 1) * cell)
                histogram[i, r, c] = np.histogram(angle[part], bins, (0, 180), weights=length[part])[0]
        norm = np.linalg.norm(histogram[i])
        histogram[i] /= norm if norm > 0 else 1
    return histogram


@alternative("orientation_histogram", "votes shared by the two nearest bins, no edges at the border")
def shared_votes(images, cell=8, bins=9):
    return _oriented(images, cell, bins, border=False, shared=True)


def _gradients(grey, border):
    down, right = np.zeros_like(grey), np.zeros_like(grey)
    down[:, 1:-1], right[:, :, 1:-1] = (grey[:, 2:] - grey[:, :-2]) / 2, (grey[:, :, 2:] - grey[:, :, :-2]) / 2
    return np.gradient(grey, axis=(1, 2)) if border else (down, right)


def _oriented(images, cell, bins, border=True, shared=False, **faults):
    grey = faults.get("grey", lambda images: np.asarray(images, dtype=float).mean(axis=3))(images)
    down, right = _gradients(grey, border)
    around = 2 * np.pi if faults.get("directed") else np.pi
    angle = np.arctan2(right, down) if faults.get("swapped") else np.arctan2(down, right)
    place = (angle % around) / around * bins
    length = np.ones_like(place) if faults.get("unweighted") else np.hypot(down, right)
    if shared:
        low = np.floor(place - 0.5).astype(int)
        part = place - 0.5 - low
        votes = np.stack(
            [length * ((low % bins == b) * (1 - part) + ((low + 1) % bins == b) * part) for b in range(bins)]
        )
    else:
        chosen = np.round(place) if faults.get("rounded") else np.floor(place)
        votes = np.stack([length * (chosen.astype(int) % bins == b) for b in range(bins)])
    n, height, width = grey.shape
    histogram = votes.reshape(bins, n, height // cell, cell, width // cell, cell).sum(axis=(3, 5))
    histogram = np.moveaxis(histogram, 0, -1)
    axes = {"image": (1, 2, 3), "cell": 3, "batch": None, "none": ()}[faults.get("norm", "image")]
    if axes == ():
        return histogram
    norm = np.sqrt(np.sum(histogram**2, axis=axes, keepdims=True))
    with np.errstate(all="ignore"):
        return histogram / (norm if faults.get("unguarded") else np.where(norm > 0, norm, 1))


def _wrapping_grey(images):
    images = np.asarray(images)
    return (images[..., 0] + images[..., 1] + images[..., 2]) / 3


def _fault(name, sentence, **faults):
    def work(images, cell=8, bins=9):
        return _oriented(images, cell, bins, **faults)

    work.__name__ = name
    mutant("orientation_histogram", sentence)(work)


_fault("directed_edges", "Angles run over a full turn: edges in opposite directions should share a bin.", directed=True)
_fault("swapped_axes", "The two gradients are swapped in the angle: growth along a row is 0 degrees.", swapped=True)
_fault(
    "rounded_bins",
    "Angles are rounded to the nearest bin number; a bin begins at its multiple of the width.",
    rounded=True,
)
_fault("unweighted_votes", "Every pixel votes with the same weight; a strong edge should count more.", unweighted=True)
_fault("not_normalised", "The histograms are not divided by their norm, so that contrast matters.", norm="none")
_fault("normalised_by_cell", "Each cell is divided by its own norm; one norm for the image belongs here.", norm="cell")
_fault("normalised_by_batch", "One norm is taken over the whole batch; every image has its own.", norm="batch")
_fault("division_by_zero", "An image without edges is divided by its norm, which is 0.", unguarded=True)
_fault("uint8_wraps", "Adding uint8 channels wraps at 256: turn the images to floats first.", grey=_wrapping_grey)
_fault(
    "first_channel",
    "Only one channel is used; grey is the mean of the three.",
    grey=lambda im: np.asarray(im, float)[..., 0],
)


@mutant("orientation_histogram", "The cells are cut in the wrong order: pixels far apart share a cell.")
def scattered_cells(images, cell=8, bins=9):
    images = np.asarray(images, dtype=float)
    histogram = _oriented(images, 1, bins)
    n, height, width, _ = histogram.shape
    histogram = histogram.reshape(n, cell, height // cell, cell, width // cell, bins).sum(axis=(1, 3))
    norm = np.sqrt(np.sum(histogram**2, axis=(1, 2, 3), keepdims=True))
    return histogram / np.where(norm > 0, norm, 1)
