"""The grader's own code is stopped in time, whatever it is doing, and never while it clears up."""

import contextlib
import signal
import sys
import time

import pytest

from autograder.byvalue import LimitError
from autograder.engine.watchdog import Watchdog
from course_utils.selfcheck import limits
from course_utils.selfcheck.limits import AGAIN, TimeIsUp, alarms_heard, time_limit

pytestmark = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="this system has no alarms")


HANG = 60  # seconds


def armed(on_time_up):
    watchdog = Watchdog(on_time_up)
    watchdog.arm(HANG)
    return watchdog


def let_time_run_out():
    """Said within the block, so that the alarm cannot come before it however slow the machine is."""
    signal.setitimer(signal.ITIMER_REAL, 0.05, AGAIN)
    time.sleep(HANG)


def test_a_block_that_takes_too_long_ends_with_a_limit_error_after_the_clean_up():
    done = []
    with pytest.raises(LimitError, match="time was up"), armed(lambda: done.append("cleared up")):
        let_time_run_out()
    assert done == ["cleared up"]


def test_the_alarm_comes_after_the_seconds_that_were_said():
    with armed(pytest.fail):
        assert 0 < signal.getitimer(signal.ITIMER_REAL)[0] <= HANG


def test_a_block_in_time_is_left_alone_and_no_alarm_is_left_behind():
    before = signal.getsignal(signal.SIGALRM)
    with armed(pytest.fail):
        pass
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    assert signal.getsignal(signal.SIGALRM) == before


def test_one_after_the_other_in_a_block_in_which_alarms_are_heard_each_has_its_own_time():
    before, done = signal.getsignal(signal.SIGALRM), []
    with alarms_heard():
        for count in (1, 2):
            with pytest.raises(LimitError), armed(lambda: done.append("cleared up")):
                let_time_run_out()
            assert done == ["cleared up"] * count
            with armed(pytest.fail):
                pass
        assert signal.getsignal(signal.SIGALRM) != before
    assert signal.getsignal(signal.SIGALRM) == before


def test_one_that_was_not_armed_lets_the_block_run():
    with Watchdog(pytest.fail):
        time.sleep(0.1)


def test_an_error_in_the_block_is_the_blocks_own():
    with pytest.raises(KeyError), armed(pytest.fail):
        raise KeyError("x")


def test_code_that_swallows_the_alarm_is_hit_by_the_next_one():
    done = []
    with pytest.raises(LimitError), armed(lambda: done.append("cleared up")):
        for _ in range(2):
            with contextlib.suppress(BaseException):
                let_time_run_out()
        time.sleep(HANG)
    assert done == ["cleared up"]


class FreedSlowly:
    """What is raised while it is freed is lost."""

    def __del__(self):
        let_time_run_out()


def test_an_alarm_that_is_lost_while_an_object_is_freed_is_followed_by_another(monkeypatch):
    lost = []
    monkeypatch.setattr(sys, "unraisablehook", lambda what: lost.append(what.exc_type))
    with pytest.raises(LimitError), armed(lambda: None):
        object_to_free = FreedSlowly()
        del object_to_free
        time.sleep(HANG)
    assert TimeIsUp in lost


@pytest.mark.parametrize("limit", [Watchdog(pytest.fail), time_limit(HANG)])
def test_an_alarm_that_comes_when_the_block_has_just_ended_interrupts_nothing(limit):
    """It comes at the first instruction of what ends the limit, which nobody would do then."""
    rung = []

    def ring(frame, event, argument):
        if event == "call" and frame.f_code is type(limit).__exit__.__code__ and not rung:
            rung.append(alarms_heard.on_alarm)
            limits._ring(signal.SIGALRM, frame)

    with alarms_heard(), limit:
        if isinstance(limit, Watchdog):
            limit.arm(HANG)
        sys.setprofile(ring)
    sys.setprofile(None)
    assert rung and rung[0] is not None
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    assert alarms_heard.on_alarm is None


def test_nothing_is_raised_after_it_was_disarmed():
    with alarms_heard(), armed(pytest.fail) as watchdog:
        watchdog.disarm()
        assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
        signal.raise_signal(signal.SIGALRM)  # as one that was on its way


def test_a_block_that_an_alarm_has_left_open_is_not_one_more_to_count():
    before = signal.getsignal(signal.SIGALRM)
    with alarms_heard():
        alarms_heard().__enter__()
    assert signal.getsignal(signal.SIGALRM) == before
    alarms_heard().__enter__()
    signal.signal(signal.SIGALRM, signal.SIG_IGN)  # as a student's code may
    alarms_heard.start_afresh()
    with pytest.raises(LimitError), armed(lambda: None):
        let_time_run_out()
    signal.signal(signal.SIGALRM, before)
