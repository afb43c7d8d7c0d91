"""Time, memory, threads, processes, disk and output without end."""

import pytest
from hostile import WIRETAP, cases, function
from lab import ATTACKED, PATIENT, POINTS, Attack, Lab

from autograder.engine import Limits
from autograder.testing.registry import hidden_tests_of

IMPORTS = "import os, re, sys, threading, time\nfrom pathlib import Path\n"

ENDLESS = cases(
    """
## a loop
while True: pass
## a sleep
time.sleep(1e6)
## a wait for a lock
lock = threading.Lock()
lock.acquire()
lock.acquire()
## a read of a pipe
os.read(os.pipe()[0], 1)
## a regular expression
return re.match('(a+)+$', 'a' * 60 + 'b')
## matrix products
A = np.ones((3000, 3000))
for _ in range(10**6): A = A @ A
## a whole number that grows
return 7 ** (10 ** 9)
## a sort in C
return sorted(range(10**9), key=lambda n: -n)
## recursion
return distances_two_loops(X, X_train)
## recursion without a limit
sys.setrecursionlimit(10**9); return distances_two_loops(X, X_train)
## recursion in C
held = []
for _ in range(10**6): held = [held]
return repr(held)
## threads
while True: threading.Thread(target=time.sleep, args=(60,)).start()
## processes
while True: os.fork()
## processes of multiprocessing
import multiprocessing
while True: multiprocessing.Process(target=time.sleep, args=(60,)).start()
## programs
import subprocess
while True: subprocess.Popen([sys.executable, '-c', 'while True: pass'])
## a shell's bomb
os.system(':(){ :|:& };:'); return 0.0
## a daemon
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        while True: time.sleep(1)
    os._exit(0)
os._exit(0)
## open files
held = []
while True: held.append(open('/dev/null'))
## pipes, filled
while True: os.write(os.pipe()[1], bytes(60_000))
## output
while True: print('x' * 10_000)
## output of errors
while True: sys.stderr.write('x' * 10_000)
## warnings
import warnings
while True: warnings.warn(str(time.time()))
## a huge answer
return np.zeros(2**28)
## an answer just too large
return np.zeros((8 << 20) + 1)
## an answer just small enough
return np.zeros(8 << 20)
## an answer of many parts
return [[0.0] * 1000] * 1000
## an answer of many small arrays
return [np.zeros(1)] * 10_000
## a long text
return 'x' * (1 << 30)
## many objects
return [object() for _ in range(10**6)]
## objects without end
class Tree:
    def __getattr__(self, name): return Tree()
    def __iter__(self): return iter([Tree()] * 9000)
return Tree()
"""
)

# With time enough to reach the limit of memory.
MEMORY = cases(
    """
## memory, fast
held = []
while True: held.append(np.ones(2**24))
## memory, slow
held = []
while True: held.append(bytes(2**20)); time.sleep(0.001)
## memory at once
return np.ones(2**40)
## memory for a text
return 'x' * 2**40
## memory in small parts
held = {}
while True: held[len(held)] = [0] * 100
## shared memory
from multiprocessing.shared_memory import SharedMemory
held = []
while True: held.append(SharedMemory(create=True, size=2**26))
## mapped memory
import mmap
held = []
while True: held.append(mmap.mmap(-1, 2**30)); held[-1].write(bytes(2**26))
"""
)

# Each writes what it could; the folder is a small private file system at level full, files are limited in size.
DISK = cases(
    """
## one large file
with open('x', 'wb') as file:
    while True: file.write(bytes(2**20))
## one sparse file
with open('x', 'wb') as file: file.truncate(2**50)
## many small files
for n in range(10**9): Path(str(n)).touch()
## many folders
for n in range(10**9): os.mkdir(str(n))
## folders in folders
while True: os.mkdir('d'); os.chdir('d')
## folders that forbid to be looked into
for n in range(100):
    os.mkdir(str(n), 0o300)
    os.mkdir(f'{n}/inner', 0)
os.umask(0o777)
while True: Path(f'{n}/inner{time.time()}').touch()
## many links
Path('x').touch()
for n in range(10**9): os.symlink('x', str(n))
## temporary files
import tempfile
held = []
while True: held.append(tempfile.NamedTemporaryFile()); held[-1].write(bytes(2**20))
## files deleted while open
held = []
while True: held.append(open('x', 'wb')); os.unlink('x'); held[-1].write(bytes(2**24))
## memory of the system
while True:
    with open(f'/dev/shm/{time.time()}', 'wb') as file: file.write(bytes(2**24))
"""
)


@pytest.mark.parametrize("body", ENDLESS.values(), ids=ENDLESS.keys())
def test_what_has_no_end_is_ended_and_earns_nothing(lab: Lab, body: str) -> None:
    lab.resists(Attack(function(body, IMPORTS)))


def test_threads_that_go_on_working_leave_the_students_other_exercises_what_time_they_need(lab: Lab) -> None:
    """They slow down what else runs in that process, the student's own, and nothing more: the usual limit is enough."""
    body = "while True: threading.Thread(target=lambda: [None for _ in iter(int, 1)]).start()"
    lab.resists(Attack(function(body, IMPORTS)), Limits(cell=10.0, test=Limits.test, notebook=120.0))


@pytest.mark.parametrize("body", MEMORY.values(), ids=MEMORY.keys())
def test_the_limit_of_memory_ends_what_time_would_not(lab: Lab, body: str) -> None:
    lab.resists(Attack(function(body, IMPORTS)), Limits(cell=2.0, test=3.0, notebook=60.0))


# A little more with each call, never too much at once: what counts is what the process holds.
SLOWLY = cases(
    """
## arrays
HELD.append(np.zeros(2**24))
## small parts
HELD.append([bytearray(1000) for _ in range(100_000)])
## files
HELD.append(open(f'kept{len(HELD)}', 'wb')); HELD[-1].write(bytes(2**25))
## threads
HELD.append(threading.Thread(target=time.sleep, args=(60,), daemon=True)); HELD[-1].start()
"""
)


@pytest.mark.parametrize("body", SLOWLY.values(), ids=SLOWLY.keys())
def test_what_grows_with_each_call_and_each_cell_is_ended_and_earns_nothing(lab: Lab, body: str) -> None:
    every_test = tuple(test.name for test in hidden_tests_of(ATTACKED))
    forever = f"def once_more():\n    {body}\nfor _ in range(25): once_more()"
    gap = function(f"{body}\nreturn np.zeros((len(X), len(X_train)))", IMPORTS + "HELD = []\n")
    lab.resists(Attack(gap, after=forever, tests=every_test), Limits(cell=5.0, test=3.0, notebook=60.0))


def test_answers_of_one_hidden_test_are_bounded_together(lab: Lab) -> None:
    """Each is within the bounds, and all are looked at when the last has come: a test may ask sixty times."""
    gap = (
        "import numpy as np\nHELD = np.zeros(2**20)\nclass NearestNeighbor:\n"
        "    def train(self, X, y): pass\n    def predict(self, X): return HELD\n"
    )
    tests = tuple(test.name for test in hidden_tests_of("NearestNeighbor"))
    graded = lab.resists(Attack(gap, exercise="NearestNeighbor", tests=tests), PATIENT)
    assert "the arrays are too large" in graded.text


@pytest.mark.parametrize("body", DISK.values(), ids=DISK.keys())
def test_a_full_disk_is_the_students_alone(lab: Lab, body: str) -> None:
    lab.resists(Attack(function(body, IMPORTS)))


def test_cells_that_never_end_cost_their_own_time_and_no_more(lab: Lab) -> None:
    graded = lab.grade(Attack(before="while True: pass", after="import re; re.match('(a+)+$', 'a' * 60 + 'b')"))
    assert graded.attacked == POINTS[ATTACKED]
    assert [finding.outcome.value for finding in graded.execution.findings] == ["time_up", "time_up"]
    lab.is_unharmed(graded)


def test_running_cells_again_after_each_death_does_not_outlast_the_notebook(lab: Lab) -> None:
    limits = Limits(cell=2.0, test=0.4, notebook=5.0)
    every_test = tuple(test.name for test in hidden_tests_of(ATTACKED))
    attack = Attack(function("os._exit(0)", IMPORTS), before="import time\ntime.sleep(1.5)", tests=every_test)
    graded = lab.grade(attack, limits)
    assert graded.attacked == 0
    assert graded.seconds < 3 * limits.notebook
    assert lab.all_gone()


def test_output_of_many_cells_stays_within_bounds(lab: Lab) -> None:
    forged = (
        WIRETAP
        + "from autograder.inside import serving, cells\nimport gc\n"
        + "service = next(each for each in gc.get_objects() if type(each) is serving.Serving)\n"
        + "picture = {'output_type': 'display_data', 'data': {'image/png': 'A' * 1_900_000}}\n"
        + "service.run_cell = lambda *arguments: [picture]"
    )
    graded = lab.grade(Attack(before=forged, after="'another picture'"))
    assert len(graded.text) < 25_000_000
    lab.is_unharmed(graded, spared=("l1_distance",))  # no cell has run since


def test_a_cell_too_long_to_be_sent_costs_only_itself(lab: Lab) -> None:
    graded = lab.grade(Attack(after="x = '" + "y" * 3_000_000 + "'"))
    assert graded.attacked == POINTS[ATTACKED]
    assert "CellTooLong" in graded.shown("after")
    lab.is_unharmed(graded)
