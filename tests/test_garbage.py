"""What is loaded to stay is kept from the garbage collector. Each test in its own process: nothing is unfrozen."""

import subprocess
import sys

import pytest

CYCLE = """
import gc, weakref
from autograder.garbage import leave_to_the_system, loading

class Node:
    pass

def cycle():
    node = Node()
    node.itself = node
    return weakref.ref(node)

gc.collect()
"""


def run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", CYCLE + code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_nothing_is_collected_meanwhile_and_what_stays_is_never_looked_at_again():
    code = """
with loading():
    assert not gc.isenabled()
    kept = [Node() for _ in range(5000)]
assert gc.isenabled()
print(gc.get_freeze_count() > 5000, sum(isinstance(each, Node) for each in gc.get_objects()))
"""
    assert run(code) == "True 0"


@pytest.mark.parametrize(("thorough", "left"), [(True, "False"), (False, "True")])
def test_garbage_goes_where_that_was_asked_for(thorough, left):
    code = f"""
with loading(thorough={thorough}):
    gone = cycle()
print(gone() is not None)
"""
    assert run(code) == left


def test_later_garbage_is_collected_as_ever():
    code = """
with loading():
    pass
gone = cycle()
gc.collect()
print(gone() is None)
"""
    assert run(code) == "True"


def test_a_collector_that_was_off_stays_off_and_an_error_leaves_it_as_it_was():
    code = """
try:
    with loading():
        raise ImportError
except ImportError:
    assert gc.isenabled()
gc.disable()
with loading():
    pass
print(gc.isenabled())
"""
    assert run(code) == "False"


def test_at_the_end_of_the_program_nothing_is_looked_for():
    code = """
import atexit
class Loud:
    def __del__(self):
        print("found")
def last():
    print(gc.get_freeze_count() > 0)
atexit.register(last)
leave_to_the_system()
leave_to_the_system()
loud = Loud()
loud.itself = loud
del loud
"""
    assert run(code) == "True"
