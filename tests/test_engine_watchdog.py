"""The grader's own code is stopped in time, once, and never while it clears up."""

import signal
import time

import pytest

from autograder.byvalue import LimitError
from autograder.engine.watchdog import Watchdog
from course_utils.selfcheck.limits import alarms_heard

pytestmark = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="this system has no alarms")


def armed(seconds, on_time_up):
    watchdog = Watchdog(on_time_up)
    watchdog.arm(seconds)
    return watchdog


def test_a_block_that_takes_too_long_ends_with_a_limit_error_after_the_clean_up():
    done = []
    with pytest.raises(LimitError, match="time was up"), armed(0.05, lambda: done.append("cleared up")):
        time.sleep(30)
    assert done == ["cleared up"]


def test_a_block_in_time_is_left_alone_and_no_alarm_is_left_behind():
    before = signal.getsignal(signal.SIGALRM)
    with armed(30, pytest.fail):
        pass
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    assert signal.getsignal(signal.SIGALRM) == before


def test_one_after_the_other_in_a_block_in_which_alarms_are_heard_each_has_its_own_time():
    before, done = signal.getsignal(signal.SIGALRM), []
    with alarms_heard():
        for count in (1, 2):
            with pytest.raises(LimitError), armed(0.05, lambda: done.append("cleared up")):
                time.sleep(30)
            assert done == ["cleared up"] * count
            with armed(30, pytest.fail):
                pass
        assert signal.getsignal(signal.SIGALRM) != before
    assert signal.getsignal(signal.SIGALRM) == before


def test_one_that_was_not_armed_lets_the_block_run():
    with Watchdog(pytest.fail):
        time.sleep(0.1)


def test_an_error_in_the_block_is_the_blocks_own():
    with pytest.raises(KeyError), armed(30, pytest.fail):
        raise KeyError("x")


def test_code_that_swallows_the_alarm_is_not_hit_by_a_second_one():
    with armed(0.05, pytest.fail):
        try:
            time.sleep(30)
        except BaseException:
            time.sleep(0.3)


def test_nothing_is_raised_after_it_was_disarmed():
    with armed(0.05, pytest.fail) as watchdog:
        watchdog.disarm()
        time.sleep(0.3)


def test_a_block_that_an_alarm_has_left_open_is_not_one_more_to_count():
    before = signal.getsignal(signal.SIGALRM)
    with alarms_heard():
        alarms_heard().__enter__()
    assert signal.getsignal(signal.SIGALRM) == before
    alarms_heard().__enter__()
    signal.signal(signal.SIGALRM, signal.SIG_IGN)  # as a student's code may
    alarms_heard.start_afresh()
    with pytest.raises(LimitError), armed(0.05, lambda: None):
        time.sleep(30)
    signal.signal(signal.SIGALRM, before)
