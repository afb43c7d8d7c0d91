"""Ending, stopping, and refusing to end: in a hidden test and in a cell of the student's own."""

import pytest
from hostile import cases, function
from lab import ATTACKED, POINTS, Attack, Lab

IMPORTS = """
import atexit, ctypes, faulthandler, os, signal, sys, threading, time
from course_utils.selfcheck.limits import TimeIsUp
"""

ENDINGS = cases(
    """
## os._exit(0)
os._exit(0)
## sys.exit()
sys.exit()
## sys.exit(0)
sys.exit(0)
## exit and quit
get_ipython().ask_exit()
## SystemExit of its own class
raise type('Passed', (SystemExit,), {'code': 0})()
## KeyboardInterrupt
raise KeyboardInterrupt
## GeneratorExit
raise GeneratorExit
## the grader's own TimeIsUp
raise TimeIsUp
## the server's own CallbackFailed
from autograder.byvalue.server import CallbackFailed
raise CallbackFailed
## StopIteration
raise StopIteration(np.zeros((4, 7)))
## a group of exceptions
raise BaseExceptionGroup('all', [SystemExit(), KeyboardInterrupt()])
## an exception that cannot be described
class Odd(BaseException):
    __str__ = __repr__ = lambda self: 1 / 0
    __traceback__ = property(lambda self: 1 / 0)
raise Odd
## an exception whose class cannot be named
class Meta(type):
    __name__ = property(lambda cls: os._exit(0))
    mro = lambda cls: [*type.mro(cls)]
class Odd(Exception, metaclass=Meta): pass
raise Odd
## an exception with a billion causes
error = ValueError()
for _ in range(50_000):
    new = ValueError()
    new.__cause__ = error
    error = new
raise error
## an assertion that passes on
raise AssertionError('ok   10.0 of 10.0')
## not implemented
raise NotImplementedError
## atexit
atexit.register(print, 'ok'); sys.exit(0)
## a crash
ctypes.string_at(0)
## an abort
os.abort()
## a crash, handled
faulthandler.enable(); faulthandler._sigsegv()
## a killing signal to itself
os.kill(os.getpid(), signal.SIGKILL)
signal.raise_signal(signal.SIGTERM)
time.sleep(9)
## a stopping signal to itself
os.kill(os.getpid(), signal.SIGSTOP)
signal.raise_signal(signal.SIGSTOP)
time.sleep(9)
## signals to parent, group and everybody
for who in (os.getppid(), 0, -1, 1, 2, -os.getpgrp() if hasattr(os, 'getpgrp') else 0):
    for which in (signal.SIGTERM, signal.SIGKILL, signal.SIGSTOP):
        try: os.kill(who, which)
        except OSError: pass
time.sleep(9)
## all signals ignored, then a loop
for which in signal.valid_signals():
    try: signal.signal(which, signal.SIG_IGN)
    except (OSError, ValueError): pass
while True: pass
## all signals blocked, then a sleep
signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
while True: time.sleep(9)
## the timer turned off
signal.setitimer(signal.ITIMER_REAL, 0)
while True: pass
## the timer every microsecond
signal.setitimer(signal.ITIMER_REAL, 1e-6, 1e-6)
while True: pass
## everything swallowed
while True:
    try:
        while True: pass
    except BaseException: pass
## everything swallowed, then an answer
try:
    while True: pass
except BaseException: pass
return np.zeros((4, 7))
## a thread that goes on
threading.Thread(target=lambda: [time.sleep(0.1) for _ in iter(int, 1)]).start()
return np.zeros((4, 7))
## a destructor that never ends
class Last:
    def __del__(self):
        while True: time.sleep(1)
Last(); return np.zeros((4, 7))
## the interpreter taken down
ctypes.pythonapi.Py_FinalizeEx()
## an asynchronous exception in all threads
for frame in sys._current_frames():
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(frame), ctypes.py_object(SystemExit))
while True: pass
"""
)


@pytest.mark.parametrize("body", ENDINGS.values(), ids=ENDINGS.keys())
def test_an_ending_in_a_hidden_test_earns_nothing(lab: Lab, body: str) -> None:
    lab.resists(Attack(function(body, IMPORTS)))


QUICK = [name for name, body in ENDINGS.items() if "while" not in body and "sleep" not in body and "return" not in body]


@pytest.mark.parametrize("name", QUICK)
def test_an_ending_in_a_cell_costs_only_that_cell(lab: Lab, name: str) -> None:
    graded = lab.grade(Attack(before=IMPORTS + ENDINGS[name]))
    assert graded.attacked == POINTS[ATTACKED]
    lab.is_unharmed(graded)


def test_a_student_whose_every_cell_ends_the_process_gets_a_grade(lab: Lab) -> None:
    graded = lab.resists(
        Attack("import os; os._exit(0)", before="import os; os.kill(os.getpid(), 9)", after="import os; os.abort()")
    )
    assert {finding.outcome.value for finding in graded.execution.findings} == {"kernel_died"}
