"""Hidden tests of the learning rate's schedules."""

import numpy as np

from autograder.oracles import optimizers as oracles
from autograder.testing import ban, expect, expect_close, expect_raises, hidden

ban("learning_rate", "course_utils.nn", "torch")

SCHEDULES = ("constant", "step", "milestones", "exponential", "inverse_time", "cosine", "linear", "inverse_sqrt")


def options_of(schedule, rng):
    """The options that a schedule takes, drawn anew."""
    return {
        "step": {"every": int(rng.integers(3, 7)), "factor": float(rng.uniform(0.3, 0.45))},
        "milestones": {"milestones": [4, 9, 11], "factor": float(rng.uniform(0.3, 0.45))},
        "exponential": {"decay": float(rng.uniform(0.05, 0.3))},
        "inverse_time": {"decay": float(rng.uniform(0.05, 0.3))},
    }.get(schedule, {})


def expect_rates(student, schedule, times, total, rng, **options):
    """The student's rate agrees with the oracle's at each of these times."""
    base = float(rng.uniform(0.1, 0.9))
    for t in times:
        found = student.learning_rate(schedule, t, total, base, **options)
        expect(np.ndim(found) == 0, "a learning rate is a single number")
        expect_close(found, oracles.rate(schedule, t, total, base, **options), what=f"the rate of '{schedule}'")


def schedule_test(name, title, schedules, times, weight):
    """Register a test that compares the rates of some schedules at some times."""

    def test(student, rng):
        total = int(rng.integers(20, 30))
        for schedule in schedules:
            expect_rates(student, schedule, times, total, rng, **options_of(schedule, rng))

    test.__name__, test.__doc__ = name, title
    hidden("learning_rate", weight=weight)(test)


schedule_test("falling_smoothly", "exponential and inverse time", ("exponential", "inverse_time"), (0, 1, 2, 7, 19), 2)
schedule_test("arriving_at_zero", "cosine and linear", ("cosine", "linear"), (0, 1, 5, 10, 20), 2)
schedule_test(
    "inverse_root_and_constant", "inverse square root and constant", ("inverse_sqrt", "constant"), range(5), 1
)


schedule_test("steps_at_equal_distances", "step, on both sides of each drop", ("step",), range(15), 2)
schedule_test("steps_at_milestones", "milestones, on both sides of each drop", ("milestones",), range(14), 2)


@hidden("learning_rate", weight=2)
def warmup_climbs(student, rng):
    """the climb of the warm-up, before any schedule"""
    warmup = int(rng.integers(4, 8))
    for schedule in ("constant", "cosine", "inverse_sqrt"):
        expect_rates(student, schedule, range(warmup), 30, rng, warmup=warmup)


@hidden("learning_rate", weight=2)
def the_schedule_starts_after_the_warmup(student, rng):
    """what comes after the warm-up, for every schedule"""
    for schedule in SCHEDULES:
        times = (5, 6, 11, 24)
        expect_rates(student, schedule, times, 25, rng, warmup=5, **options_of(schedule, rng))


@hidden("learning_rate")
def factors_have_defaults(student, rng):
    """step and milestones without a factor"""
    expect_rates(student, "step", (0, 5, 10, 17), 20, rng, every=5)
    expect_rates(student, "milestones", (0, 5, 10, 17), 20, rng, milestones=(5, 15))


@hidden("learning_rate")
def an_unknown_schedule_is_refused(student, rng):
    """an unknown name raises ValueError, during the warm-up too"""
    student.learning_rate("constant", 1, 10, 0.1)
    for name, t, options in (("cosin", 3, {}), ("", 0, {}), ("Step", 1, {"warmup": 4})):
        expect_raises(
            ValueError,
            lambda name=name, t=t, options=options: student.learning_rate(name, t, 10, 0.1, **options),
            otherwise="an unknown schedule did not raise ValueError, but another error or none",
        )
