"""A gradient with one planted mistake of each kind, and the cause the check names."""

import numpy as np
import pytest

from course_utils.gradient_check import check_gradient

N, D, C, REG = 24, 6, 5, 0.3
rng = np.random.default_rng(5)
X = rng.normal(size=(N, D))
y = rng.integers(C, size=N)
W = rng.normal(size=(D, C))


def softmax_loss(W):
    scores = X @ W
    scores = scores - scores.max(axis=1, keepdims=True)
    log_p = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
    return float(-log_p[np.arange(N), y].mean() + REG * (W**2).sum())


def softmax_parts(W):
    """The gradients of the data loss and of the penalty."""
    scores = X @ W
    p = np.exp(scores - scores.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    p[np.arange(N), y] -= 1
    return X.T @ p / N, 2 * REG * W


DATA, PENALTY = softmax_parts(W)
RIGHT = DATA + PENALTY


def changed(index, amount):
    copy = RIGHT.copy()
    copy[index] += amount
    return copy


# (what was planted, the gradient given, the cause, a piece of the sentence)
PLANTED = [
    ("factor 2", 2 * RIGHT, "factor", "twice"),
    ("factor 1/2", RIGHT / 2, "factor", "half"),
    ("not divided by N", N * RIGHT, "factor", f"{N} times"),
    ("divided by N twice", RIGHT / N, "factor", f"1/{N}"),
    ("mean over classes", RIGHT / C, "factor", f"1/{C}"),
    ("an odd factor", 0.731 * RIGHT, "factor", "0.731 times"),
    ("wrong sign", -RIGHT, "sign", "wrong sign"),
    ("sign and factor", -3 * RIGHT, "factor", "sign is wrong"),
    ("transposed shape", RIGHT.T, "transpose", "transpose is the right"),
    ("penalty missing", DATA, "regularization", "missing"),
    ("penalty halved", DATA + PENALTY / 2, "regularization", "half of what"),
    ("penalty doubled", DATA + 2 * PENALTY, "regularization", "twice"),
    ("penalty's sign", DATA - PENALTY, "regularization", "wrong sign"),
    ("penalty times 7", DATA + 7 * PENALTY, "regularization", "7 times"),
    ("one entry", changed((2, 3), 0.1), "one_entry", "Only one of 30"),
    ("one row", changed((2,), 0.1 * np.arange(1, 6)), "rows", "row 2"),
    ("two columns", changed((slice(None), [0, 4]), rng.normal(size=(6, 2))), "columns", "columns 0 and 4"),
    (
        "border",
        changed(np.pad(np.zeros((4, 3), bool), 1, constant_values=True), rng.normal(size=18)),
        "border",
        "border",
    ),
    ("constant offset", RIGHT + 0.25, "offset", "the same 0.25"),
    ("zeros", np.zeros_like(RIGHT), "zeros", "zero everywhere"),
    ("NaN", changed((1, 1), np.nan), "not_finite", "NaN or infinity: 1 of 30"),
    ("infinity", changed((1, 1), np.inf), "not_finite", "[1, 1]"),
    ("the loss itself", softmax_loss(W), "shape", "loss in place"),
    ("no sum over examples", np.ones((N, D, C)), "shape", "sum over the examples"),
    ("summed once too often", RIGHT.sum(axis=0), "shape", "one axis too many"),
    ("flattened", RIGHT.ravel(), "shape", "(30,)"),
    ("None", None, "shape", "return"),
    ("a dictionary", {"W": RIGHT}, "shape", "made alike"),
    ("nonsense", rng.normal(size=(D, C)), "unknown", "30 of 30"),
]
IN_DIRECTIONS = {"factor", "sign", "regularization", "offset", "zeros", "not_finite", "shape", "unknown"}


@pytest.mark.parametrize(("gradient", "cause", "words"), [case[1:] for case in PLANTED], ids=[c[0] for c in PLANTED])
def test_the_cause_of_a_planted_mistake_is_named(gradient, cause, words):
    report = check_gradient(softmax_loss, W, gradient, regularization=PENALTY)
    assert not report
    assert report.cause == cause, report.message
    assert words in report.message


def test_at_least_twelve_kinds_of_mistake_are_told_apart():
    assert len({cause for _, _, cause, _ in PLANTED}) >= 12


@pytest.mark.parametrize(
    ("gradient", "cause", "words"),
    [case[1:] for case in PLANTED if case[2] in IN_DIRECTIONS],
    ids=[c[0] for c in PLANTED if c[2] in IN_DIRECTIONS],
)
def test_random_directions_name_the_cause_too(gradient, cause, words):
    report = check_gradient(softmax_loss, W, gradient, regularization=PENALTY, directions=20)
    assert not report
    assert report.cause == cause, report.message
    assert cause == "unknown" or words in report.message


@pytest.mark.parametrize("directions", [None, 20])
@pytest.mark.parametrize(
    ("gradient", "words"),
    [(DATA, "L2 penalty gives"), (DATA + 1.5 * PENALTY, "too strong")],
    ids=["missing", "too strong"],
)
def test_a_penalty_in_proportion_to_x_is_recognised_unasked(gradient, words, directions):
    report = check_gradient(softmax_loss, W, gradient, directions=directions)
    assert report.cause == "regularization"
    assert words in report.message


@pytest.mark.parametrize("directions", [None, 20])
def test_a_missing_l1_penalty_is_recognised_unasked(directions):
    def loss(W):
        return softmax_loss(W) + 0.1 * float(np.abs(W).sum())

    report = check_gradient(loss, W, RIGHT, directions=directions)
    assert report.cause == "regularization"
    assert "L1" in report.message


@pytest.mark.parametrize("directions", [None, 20])
def test_a_square_gradient_that_is_transposed_is_recognised(directions):
    A, x = rng.normal(size=(4, 4)), rng.normal(size=(4, 4))
    report = check_gradient(lambda x: float((A * x**2).sum()), x, (2 * A * x).T, directions=directions)
    assert report.cause == "transpose"


def test_a_transposed_shape_with_wrong_values_is_only_a_shape_error():
    assert check_gradient(softmax_loss, W, 2 * RIGHT.T).cause == "shape"
    assert check_gradient(softmax_loss, W, RIGHT.T, directions=10).cause == "shape"


PARAMS = {"W1": rng.normal(size=(4, 3)), "b1": rng.normal(size=3), "W2": rng.normal(size=(3, 2))}
INPUT = rng.normal(size=(7, 4))


def tanh_net(params):
    return float(((np.tanh(INPUT @ params["W1"] + params["b1"]) @ params["W2"]) ** 2).sum())


def tanh_gradients():
    hidden = np.tanh(INPUT @ PARAMS["W1"] + PARAMS["b1"])
    dout = 2 * hidden @ PARAMS["W2"]
    dpre = dout @ PARAMS["W2"].T * (1 - hidden**2)
    return {"W1": INPUT.T @ dpre, "b1": dpre.sum(axis=0), "W2": hidden.T @ dout}


DICTIONARIES = [
    ("right", lambda g: g, "", "agrees"),
    ("other order", lambda g: dict(reversed(g.items())), "", "agrees"),
    ("one factor", lambda g: {**g, "b1": g["b1"] / 7}, "one_parameter", "'b1'"),
    ("one sign", lambda g: {**g, "W2": -g["W2"]}, "one_parameter", "'W2'"),
    ("one zero", lambda g: {**g, "b1": 0 * g["b1"]}, "one_parameter", "'b1'"),
    ("two", lambda g: {**g, "W1": 3 * g["W1"], "b1": g["b1"] / 2}, "parameters", "'W1' and 'b1'"),
    ("two in no pattern", lambda g: {**g, "W1": g["W1"] ** 2, "b1": g["b1"] ** 2}, "parameters", "'W1'"),
    ("all by one factor", lambda g: {name: 2 * value for name, value in g.items()}, "factor", "twice"),
    ("all by sign", lambda g: {name: -value for name, value in g.items()}, "sign", "sign"),
    ("one lacks", lambda g: {"W1": g["W1"], "b1": g["b1"]}, "shape", "lacks 'W2'"),
    ("one too many", lambda g: {**g, "b2": g["b1"]}, "shape", "unknown 'b2'"),
    ("one transposed", lambda g: {**g, "W2": g["W2"].T}, "shape", "'W2'"),
    ("an array", lambda g: g["W1"], "shape", "made alike"),
]


@pytest.mark.parametrize("directions", [None, 20])
@pytest.mark.parametrize(("spoil", "cause", "words"), [c[1:] for c in DICTIONARIES], ids=[c[0] for c in DICTIONARIES])
def test_in_a_dictionary_the_wrong_parameter_is_named(spoil, cause, words, directions):
    report = check_gradient(tanh_net, PARAMS, spoil(tanh_gradients()), directions=directions)
    assert report.ok == (cause == "")
    assert report.cause == cause, report.message
    assert words in report.message


def test_a_penalty_on_the_weights_alone_needs_only_their_names():
    penalty = {"W1": PARAMS["W1"], "W2": PARAMS["W2"]}

    def loss(params):
        return tanh_net(params) + 0.5 * float(sum((params[name] ** 2).sum() for name in ("W1", "W2")))

    for directions in (None, 20):
        report = check_gradient(loss, PARAMS, tanh_gradients(), regularization=penalty, directions=directions)
        assert report.cause == "regularization"
        assert "missing" in report.message


def test_a_mistake_in_a_few_small_entries_is_not_called_a_factor():
    x = np.array([1e3, 2e3, 1.0, 2.0, 3.0])
    wrong = 2 * x
    wrong[2:4] += 0.01
    assert check_gradient(lambda x: (x**2).sum(), x, wrong).cause == "unknown"
