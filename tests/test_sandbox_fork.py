"""A fork straight into namespaces: what the child finds, and that one that fails leaves everything as it was."""

import subprocess
import sys
from pathlib import Path

import pytest

from autograder.sandbox import Level, probe
from autograder.sandbox.kernel import available

ROOT = Path(__file__).resolve().parents[1]

pytestmark = pytest.mark.skipif(not available(), reason="needs Linux on a processor whose calls are known")


def said_by(code: str) -> str:
    """What a fresh process of one thread prints that runs `code`."""
    command = [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{code}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


CHILD = """
import ctypes, os, random, threading
from autograder.sandbox import kernel

done = []
os.register_at_fork(before=lambda: done.append("before"), after_in_child=lambda: done.append("child"),
                    after_in_parent=lambda: done.append("parent"))
drawn = random.getstate()
child = kernel.fork(kernel.CLONE_NEWUSER | kernel.CLONE_NEWPID)
if child == 0:
    assert os.getpid() == threading.get_native_id() == 1
    assert done == ["before", "child"]
    assert random.getstate() != drawn, "Python's own hooks did not run"
    address = kernel._thread_number_address()
    assert not address or ctypes.c_int.from_address(address).value == 1
    numbers = []
    threads = [threading.Thread(target=lambda: numbers.append(threading.get_native_id())) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(numbers) == 3
    print("all is well", flush=True)
    os._exit(7)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
assert done == ["before", "parent"]
"""


def test_the_child_is_process_1_of_its_namespace_and_has_all_that_python_gives_a_fork():
    if probe().missing(Level.FULL):
        pytest.skip("this machine has no user namespaces")
    assert said_by(CHILD) == "all is well\n"


FAILING = """
import errno, os, threading
from autograder.sandbox import kernel

done = []
os.register_at_fork(before=lambda: done.append("before"), after_in_child=lambda: done.append("child"),
                    after_in_parent=lambda: done.append("parent"))
CLONE_FS = 0x200  # does not go with a mount namespace of one's own
try:
    kernel.fork(kernel.CLONE_NEWNS | CLONE_FS)
except OSError as error:
    assert error.errno == errno.EINVAL and "clone with new namespaces" in str(error), error
else:
    raise AssertionError("it did not fail")
assert done == ["before", "parent"]
thread = threading.Thread(target=lambda: __import__("colorsys"))  # needs the lock of imports, which a fork holds
thread.start()
thread.join(10)
assert not thread.is_alive()
child = os.fork()
if child == 0:
    os._exit(7)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def test_a_fork_that_fails_says_why_and_leaves_everything_as_it_was():
    assert said_by(FAILING) == "7\n"


def test_without_namespaces_it_is_a_plain_fork():
    code = "import os\nfrom autograder.sandbox import kernel\nchild = kernel.fork(0)\nif child == 0: os._exit(7)\n"
    assert said_by(code + "print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))") == "7\n"
