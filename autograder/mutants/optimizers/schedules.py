"""Mistakes in the learning rate's schedules."""

import math

import numpy as np

from autograder.testing import alternative, mutant


@alternative("learning_rate", "a table of functions")
def table_of_functions(schedule, t, total, base, **options):
    warmup = options.get("warmup", 0)

    shapes = {
        "constant": lambda t, total: 1.0,
        "step": lambda t, total: options.get("factor", 0.5) ** (t // options["every"]),
        "milestones": lambda t, total: (
            options.get("factor", 0.1) ** np.searchsorted(sorted(options["milestones"]), t, side="right")
        ),
        "exponential": lambda t, total: np.exp(-options["decay"] * t),
        "inverse_time": lambda t, total: 1 / (1 + options["decay"] * t),
        "cosine": lambda t, total: np.cos(0.5 * np.pi * t / total) ** 2,
        "linear": lambda t, total: (total - t) / total,
        "inverse_sqrt": lambda t, total: 1 / np.sqrt(t if t > 1 else 1),
    }
    if schedule not in shapes:
        raise ValueError(f"no schedule {schedule}")
    return base * (t + 1) / warmup if t < warmup else base * shapes[schedule](t - warmup, total - warmup)


@alternative("learning_rate", "calls itself after the warm-up")
def calls_itself(schedule, t, total, base, **options):
    names = "constant step milestones exponential inverse_time cosine linear inverse_sqrt"
    if not schedule or schedule not in names.split():
        raise ValueError(schedule)
    warmup = options.pop("warmup", 0)
    if warmup > t:
        return np.float64(base) * (t + 1.0) / warmup
    if warmup:
        return calls_itself(schedule, t - warmup, total - warmup, base, **options)
    return _rate(schedule, t, total, base, options)


def _rate(schedule, t, total, base, options, **faults):
    """The schedule without a warm-up; `faults` replaces the formula of some schedules."""
    if schedule in faults:
        return faults[schedule](t, total, base, options)
    if schedule == "milestones":
        return base * options.get("factor", 0.1) ** sum(t >= milestone for milestone in options["milestones"])
    if schedule == "step":
        return base * options.get("factor", 0.5) ** (t // options["every"])
    if schedule == "exponential":
        return base * math.exp(-options["decay"] * t)
    if schedule == "inverse_time":
        return base / (1 + options["decay"] * t)
    if schedule == "cosine":
        return base * (1 + math.cos(math.pi * t / total)) / 2
    if schedule == "linear":
        return base * (1 - t / total)
    if schedule == "inverse_sqrt":
        return base / math.sqrt(max(t, 1))
    return base


NAMES = ("constant", "step", "milestones", "exponential", "inverse_time", "cosine", "linear", "inverse_sqrt")


def _with(climb=None, start=None, refuses=ValueError, one_more=0, **faults):
    """learning_rate with another climb(t, warmup, base), another start(t, total, warmup), or other formulas.

    refuses: what an unknown name raises, None for nothing, "late" for ValueError after the warm-up only.
    one_more: so many stairs too many.
    """
    climb = climb or (lambda t, warmup, base: base * (t + 1) / warmup)
    start = start or (lambda t, total, warmup: (t - warmup, total - warmup))

    def work(schedule, t, total, base, **options):
        unknown = schedule not in NAMES
        if unknown and refuses not in (None, "late"):
            raise refuses(schedule)
        warmup = options.pop("warmup", 0)
        if warmup and t < warmup + one_more:
            return climb(t, warmup, base)
        if unknown and refuses == "late":
            raise ValueError(schedule)
        t, total = start(t, total, warmup)
        return _rate(schedule, t, total, base, options, **faults)

    return work


def _fault(name, sentence, **replaced):
    work = _with(**replaced)
    work.__name__ = name
    mutant("learning_rate", sentence)(work)


def _drops(formula):
    """Faults in both schedules that drop: formula(number of drops so far, factor)."""
    return {
        "step": lambda t, total, base, options: base * formula(t // options["every"], options.get("factor", 0.5)),
        "milestones": lambda t, total, base, options: (
            base * formula(sum(t >= milestone for milestone in options["milestones"]), options.get("factor", 0.1))
        ),
    }


_fault(
    "cosine_in_degrees",
    "The cosine gets degrees: math.cos and np.cos take radians, and the half turn is pi.",
    cosine=lambda t, total, base, options: base * (1 + math.cos(180 * t / total)) / 2,
)
_fault(
    "cosine_of_a_full_turn",
    "The cosine runs through a full turn, so that the rate comes back up: half a turn ends at zero.",
    cosine=lambda t, total, base, options: base * (1 + math.cos(2 * math.pi * t / total)) / 2,
)
_fault(
    "cosine_not_lifted",
    "The cosine itself is used, which is negative in the second half: add 1 and halve.",
    cosine=lambda t, total, base, options: base * math.cos(math.pi * t / total),
)
_fault(
    "cosine_not_halved",
    "The cosine schedule starts at twice the base: 1 + cos is 2 at first.",
    cosine=lambda t, total, base, options: base * (1 + math.cos(math.pi * t / total)),
)
_fault(
    "warmup_from_zero",
    "The warm-up is one step late: at t = 0 it already gives base / warmup, and at t = warmup - 1 it has reached base.",
    climb=lambda t, warmup, base: base * t / warmup,
)
_fault(
    "warmup_never_arrives",
    "The warm-up divides by warmup + 1, so that it ends below base.",
    climb=lambda t, warmup, base: base * (t + 1) / (warmup + 1),
)
_fault(
    "warmup_without_base",
    "The warm-up climbs to 1: it should climb to base.",
    climb=lambda t, warmup, base: (t + 1) / warmup,
)
_fault(
    "one_stair_too_many",
    "The warm-up has one stair too many, above base: at t = warmup the schedule starts.",
    one_more=1,
)
_fault(
    "schedule_during_warmup",
    "The schedule runs during the warm-up, so that it is some way down when the warm-up ends: it starts afterwards, at its "
    "own t = 0.",
    start=lambda t, total, warmup: (t, total),
)
_fault(
    "total_with_warmup",
    "After the warm-up t starts anew, but total still counts the steps of the warm-up: fewer are left.",
    start=lambda t, total, warmup: (t - warmup, total),
)
_fault(
    "drops_a_step_late",
    "The drop at a milestone comes one step late: it holds from t = milestone on.",
    milestones=lambda t, total, base, options: (
        base * options.get("factor", 0.1) ** sum(t > milestone for milestone in options["milestones"])
    ),
)
_fault(
    "equal_drops_a_step_late",
    "The drops of 'step' come one step late: the first holds from t = every on.",
    step=lambda t, total, base, options: base * options.get("factor", 0.5) ** (max(t - 1, 0) // options["every"]),
)
_fault(
    "last_step_at_zero",
    "The rate is zero already at the last step, t = total - 1: the formulas divide by total.",
    cosine=lambda t, total, base, options: base * (1 + math.cos(math.pi * t / (total - 1))) / 2,
    linear=lambda t, total, base, options: base * (1 - t / (total - 1)),
)
_fault(
    "drops_gradually",
    "The rate falls between the drops, too: the number of drops is a whole number.",
    step=lambda t, total, base, options: base * options.get("factor", 0.5) ** (t / options["every"]),
)
_fault(
    "one_drop_only",
    "All drops together multiply by factor once: each drop multiplies again.",
    **_drops(lambda drops, factor: factor if drops else 1.0),
)
_fault(
    "drops_added",
    "The drops are multiplied by their number: each one multiplies by factor again, so the number is an exponent.",
    **_drops(lambda drops, factor: factor * drops if drops else 1.0),
)
_fault(
    "one_factor_for_both",
    "Without a factor, milestones drop the rate to a tenth and step halves it: one default is used for both.",
    milestones=lambda t, total, base, options: _rate("milestones", t, total, base, {"factor": 0.5, **options}),
)
_fault(
    "tenths_for_both",
    "Without a factor, step halves the rate and milestones drop it to a tenth: one default is used for both.",
    step=lambda t, total, base, options: _rate("step", t, total, base, {"factor": 0.1, **options}),
)
_fault(
    "exponential_growth",
    "The exponential grows: its exponent is negative.",
    exponential=lambda t, total, base, options: base * math.exp(options["decay"] * t),
)
_fault(
    "power_of_the_decay",
    "The exponential takes decay for the factor of each step: the factor is e to the power -decay.",
    exponential=lambda t, total, base, options: base * options["decay"] ** t,
)
_fault(
    "inverse_time_without_one",
    "The 1 in the denominator of inverse time is missing, and at t = 0 that is a division by zero.",
    inverse_time=lambda t, total, base, options: base / (options["decay"] * t) if t else math.inf,
)
_fault(
    "linear_from_below",
    "The linear schedule rises from 0 to base: it should fall.",
    linear=lambda t, total, base, options: base * t / total,
)
_fault(
    "root_shifted",
    "The inverse square root counts from t + 1: the formula has max(t, 1).",
    inverse_sqrt=lambda t, total, base, options: base / math.sqrt(t + 1),
)
_fault(
    "inverse_without_root",
    "The inverse square root lacks its root.",
    inverse_sqrt=lambda t, total, base, options: base / max(t, 1),
)
_fault(
    "any_name_goes", "An unknown name gives the constant rate: a typing mistake should raise ValueError.", refuses=None
)
_fault(
    "refused_late",
    "An unknown name gets through during the warm-up: refuse it before anything else.",
    refuses="late",
)
_fault(
    "refused_with_another_error",
    "An unknown name raises an error, but not a ValueError: look the name up before it is used as a key, say.",
    refuses=KeyError,
)


@mutant(
    "learning_rate",
    "After a warm-up the milestones are compared with t itself: the schedule has its own t = 0 where the warm-up ends.",
)
def milestones_of_the_whole_training(schedule, t, total, base, **options):
    warmup = options.pop("warmup", 0)
    if t < warmup:
        return calls_itself(schedule, t, total, base, warmup=warmup, **options)
    if schedule == "milestones":
        return _rate(schedule, t, total, base, options)
    return calls_itself(schedule, t - warmup, total - warmup, base, **options)


@mutant(
    "learning_rate",
    "During the warm-up the climb is multiplied by the schedule: until t = warmup there is only the climb, then only the "
    "schedule.",
)
def climb_times_schedule(schedule, t, total, base, **options):
    warmup = options.pop("warmup", 0)
    rate = calls_itself(schedule, t, total, base, **options)
    return rate * min(1.0, (t + 1) / warmup) if warmup else rate
