"""The grader's own code is stopped in time, once, and never while it clears up."""

import signal
import time

import pytest

from autograder.byvalue import LimitError
from autograder.engine.watchdog import Watchdog

pytestmark = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="this system has no alarms")


def test_a_block_that_takes_too_long_ends_with_a_limit_error_after_the_clean_up():
    done = []
    with pytest.raises(LimitError, match="time was up"), Watchdog(0.05, lambda: done.append("cleared up")):
        time.sleep(30)
    assert done == ["cleared up"]


def test_a_block_in_time_is_left_alone_and_no_alarm_is_left_behind():
    with Watchdog(30, pytest.fail):
        pass
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_an_error_in_the_block_is_the_blocks_own():
    with pytest.raises(KeyError), Watchdog(30, pytest.fail):
        raise KeyError("x")


def test_code_that_swallows_the_alarm_is_not_hit_by_a_second_one():
    with Watchdog(0.05, pytest.fail):
        try:
            time.sleep(30)
        except BaseException:
            time.sleep(0.3)


def test_nothing_is_raised_after_it_was_disarmed():
    with Watchdog(0.05, pytest.fail) as watchdog:
        watchdog.disarm()
        time.sleep(0.3)
