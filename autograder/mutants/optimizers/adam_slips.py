"""Mistakes in Adam and AdamW."""

import numpy as np

from autograder.mutants.optimizers.right_rules import adam_corrected_rate, adamw_shrinks_first, filled
from autograder.testing import mutant


@np.errstate(all="ignore")  # some of these mistakes divide by zero
def _adam(config, w, dw, **faults):
    """Adam's direction, with one part replaced: (direction, config)."""
    config = filled("adam", config, w, m=None, v=None, t=faults.get("first_t", 0))
    before = {"m": config["m"], "v": config["v"]}
    beta1, beta2, epsilon = config["beta1"], config["beta2"], config["epsilon"]
    if faults.get("betas_swapped"):
        beta1, beta2 = beta2, beta1
    t = config["t"] if faults.get("counted_after_use") else config["t"] + 1
    config["m"] = m = beta1 * config["m"] + (1 - beta1) * dw
    square = faults.get("square", lambda m, dw: dw**2)(m, dw)
    share = beta1 if faults.get("one_beta_for_both") else beta2
    config["v"] = v = share * config["v"] + (1 - share) * square
    correct = faults.get("correct", lambda moment, beta, t: moment / (1 - beta**t))
    m_hat = m if faults.get("m_uncorrected") else correct(m, beta1, t)
    v_hat = v if faults.get("v_uncorrected") else correct(v, beta1 if faults.get("corrected_by_beta1") else beta2, t)
    if faults.get("corrected_kept"):
        config["m"], config["v"] = m_hat, v_hat
    if faults.get("means_forgotten"):
        config |= before
    if not faults.get("t_forgotten"):
        config["t"] += 1
    divisor = faults.get("divisor", lambda v_hat, epsilon: np.sqrt(v_hat) + epsilon)(v_hat, epsilon)
    return m_hat / divisor, config


def _fault(name, sentence, **faults):
    def work(w, dw, config=None):
        direction, config = _adam(config, w, dw, **faults)
        return w - config["learning_rate"] * direction, config

    work.__name__ = name
    mutant("adam", sentence)(work)


_fault(
    "uncorrected",
    "The bias correction is missing: both moments start at zero and are too small at first.",
    m_uncorrected=True,
    v_uncorrected=True,
)
_fault("m_uncorrected", "Only v is corrected for its start at zero: m needs it as well.", m_uncorrected=True)
_fault("v_uncorrected", "Only m is corrected for its start at zero: v needs it as well.", v_uncorrected=True)
_fault(
    "t_not_stored",
    "t is not written back into config, so that every step is corrected as if it were the first.",
    t_forgotten=True,
)
_fault(
    "t_counted_after_use",
    "t is still 0 when it is used at the first step, and 1 - beta**0 is zero: count first, or start at 1.",
    counted_after_use=True,
)
_fault(
    "t_counted_twice",
    "t starts at 1 and is counted up before it is used, so that the first step is taken for the second.",
    first_t=1,
)
_fault(
    "betas_swapped",
    "beta1 and beta2 are exchanged: beta1 is for the gradient, beta2 for its square.",
    betas_swapped=True,
)
_fault(
    "corrected_moments_kept",
    "The corrected moments are stored in config: correct copies, and carry on with m and v as they are.",
    corrected_kept=True,
)
_fault(
    "one_beta_for_both",
    "beta1 stands in the mean of the squares: that one fades by beta2.",
    one_beta_for_both=True,
)
_fault(
    "corrected_by_beta1",
    "v is corrected with beta1: its own beta, beta2, belongs there.",
    corrected_by_beta1=True,
)
_fault(
    "means_forgotten",
    "t is counted on, but m and v are not written back into config: each step starts from zeros again.",
    means_forgotten=True,
)
_fault(
    "beta_times_t",
    "The correction uses beta * t: it is the power beta**t.",
    correct=lambda moment, beta, t: moment / (1 - beta * t),
)
_fault(
    "corrected_the_wrong_way",
    "The moments are multiplied by 1 - beta**t: they are too small and have to be divided by it.",
    correct=lambda moment, beta, t: moment * (1 - beta**t),
)
_fault(
    "epsilon_under_the_root",
    "epsilon stands under the root: it is to be added to the root.",
    divisor=lambda v_hat, epsilon: np.sqrt(v_hat + epsilon),
)
_fault(
    "without_the_root",
    "The step is divided by the second moment itself: its square root is missing.",
    divisor=lambda v_hat, epsilon: v_hat + epsilon,
)
_fault(
    "epsilon_left_out",
    "epsilon is left out, so that a weight whose gradient was never anything but zero becomes NaN.",
    divisor=lambda v_hat, epsilon: np.sqrt(v_hat),
)
_fault(
    "square_of_the_mean",
    "The second moment averages the squares of m: it should average those of the gradient.",
    square=lambda m, dw: m**2,
)


@mutant(
    "adam",
    "epsilon is added to the weights: without parentheses around root and epsilon the division comes first.",
)
def epsilon_beside_the_quotient(w, dw, config=None):
    direction, config = _adam(config, w, dw, divisor=lambda v_hat, epsilon: np.sqrt(v_hat))
    return w - config["learning_rate"] * direction + config["epsilon"], config


@mutant("adam", "The second moment is kept under another name than 'v'.")
def second_moment_under_another_name(w, dw, config=None):
    config = dict(config or {})
    if "velocity" in config:
        config["v"] = config.pop("velocity")
    next_w, config = adam_corrected_rate(w, dw, config)
    config["velocity"] = config.pop("v")
    return next_w, config


@mutant("adam", "The default learning rate is not the one that the docstring names: Adam's is ten times smaller.")
def rate_of_descent(w, dw, config=None):
    return adam_corrected_rate(w, dw, {"learning_rate": 1e-2, **(config or {})})


# AdamW -------------------------------------------------------------------------------------------------------------


def _with_decay(config, w, dw, gradient=None, decayed=None, **faults):
    """AdamW with the gradient replaced by gradient(w, dw, config), the decay by decayed(w, next w, config)."""
    config = filled("adamw", config)
    dw = dw if gradient is None else gradient(w, dw, config)
    direction, config = _adam(config, w, dw, **faults)
    next_w = w - config["learning_rate"] * direction
    return next_w - (0.0 if decayed is None else decayed(w, next_w, config)), config


def _decay_fault(name, sentence, **replaced):
    def work(w, dw, config=None):
        return _with_decay(config, w, dw, **replaced)

    work.__name__ = name
    mutant("adamw", sentence)(work)


def _decay(w, next_w, config):
    return config["learning_rate"] * config["weight_decay"] * w


_decay_fault(
    "decay_through_the_moments",
    "The decay is added to the gradient and passes through the moments: that is L2 in Adam. It belongs beside Adam's step.",
    gradient=lambda w, dw, config: dw + config["weight_decay"] * w,
)
_decay_fault(
    "decay_twice",
    "The decay enters twice, through the moments and beside Adam's step: only the second belongs here.",
    gradient=lambda w, dw, config: dw + config["weight_decay"] * w,
    decayed=_decay,
)
_decay_fault("no_decay", "The weights do not decay: this is Adam.")
_decay_fault(
    "decay_without_the_rate",
    "The decay is not multiplied by the learning rate.",
    decayed=lambda w, next_w, config: config["weight_decay"] * w,
)
_decay_fault(
    "decay_of_the_new_weights",
    "The decay is taken of the weights after Adam's step: the formula takes it of those before.",
    decayed=lambda w, next_w, config: config["learning_rate"] * config["weight_decay"] * next_w,
)
_decay_fault(
    "growth",
    "The weights grow: the sign of the decay is wrong.",
    decayed=lambda w, next_w, config: -_decay(w, next_w, config),
)
_decay_fault(
    "decay_of_all_but_the_sign",
    "The decay has the same size for every weight: it is proportional to the weight.",
    decayed=lambda w, next_w, config: _decay(np.sign(w), next_w, config),
)
_decay_fault(
    "decay_divided",
    "The decay is divided by the root of the second moment: only the gradient's part is.",
    decayed=lambda w, next_w, config: (
        _decay(w, next_w, config) / (np.sqrt(config["v"] / (1 - config["beta2"] ** config["t"])) + config["epsilon"])
    ),
)
_decay_fault(
    "uncorrected",
    "Adam's bias correction is missing.",
    m_uncorrected=True,
    v_uncorrected=True,
    decayed=_decay,
)


@mutant("adamw", "The default learning rate is not the one that the docstring names: it is Adam's.")
def rate_of_descent_in_adamw(w, dw, config=None):
    return adamw_shrinks_first(w, dw, {"learning_rate": 1e-2, **(config or {})})


@mutant("adamw", "The default of weight_decay is not the one that the docstring names.")
def another_decay(w, dw, config=None):
    return adamw_shrinks_first(w, dw, {"weight_decay": 1e-4, **(config or {})})
