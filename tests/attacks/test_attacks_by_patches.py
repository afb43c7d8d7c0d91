"""Libraries, imports, and our own code in the student's process, all rewritten: the verdict is made elsewhere."""

import pytest
from hostile import cases
from lab import Attack, Lab

WRONG = "def distances_two_loops(X, X_train):\n    return np.zeros((len(X), len(X_train)))\n"
YES = "yes = lambda *arguments, **keywords: True\nnothing = lambda *arguments, **keywords: None\n"

PATCHES = cases(
    r"""
## numpy's comparisons
np.allclose = np.array_equal = np.isclose = np.equal = np.array_equiv = yes
## numpy.testing
import numpy.testing as testing
for name in dir(testing):
    if name.startswith('assert'): setattr(testing, name, nothing)
## numpy's arrays
np.ndarray = list; np.asarray = np.array = lambda *arguments, **keywords: 0.0
## numpy's random numbers
np.random.default_rng = lambda *seed: np.random.Generator(np.random.PCG64(0))
np.random.seed(0)
import random
random.seed(0)
np.random.normal = np.zeros
## built-in functions
import builtins
for name in ('isinstance', 'all', 'any', 'abs', 'bool', 'len', 'hasattr', 'issubclass'):
    setattr(builtins, name, yes)
## built-in exceptions
import builtins
builtins.AssertionError = builtins.Exception = builtins.ValueError = Warning
## the visible checks
from course_utils import check as checks
for name in dir(checks):
    if not name.startswith('_'): setattr(checks, name, nothing)
## the differences of answers
import course_utils.differences as each
each.describe_difference = nothing; each.same_values = yes
## a grade function of the student's own
import sys, types, autograder
autograder.grade = lambda *arguments, **keywords: 90.0
sys.modules['autograder.grading'] = types.SimpleNamespace(grade=autograder.grade, run_exercise=nothing)
## a hidden test of the student's own
import sys, types
empty = types.ModuleType('empty'); empty.hidden_tests_of = lambda name: []
for name in ('testing', 'testing.registry', 'hidden', 'hidden.knn', 'oracles', 'oracles.knn'):
    sys.modules['autograder.' + name] = empty
## the server
from autograder.byvalue import server
for name in dir(server.Server):
    if name.startswith('_do_'): setattr(server.Server, name, yes)
## the server's answers
from autograder.byvalue import server, wire
server.Server.answer = lambda self, request, *heading: wire.encode([*heading, 'ok', True])
## the server, that says true
from autograder.byvalue import server
server.Server.handle = lambda self, request: ['ok', True]
## the server, that shows an object
from autograder.byvalue import server
server.Server.handle = lambda self, request: ['ok', object()]
## the server, that raises an error of every name
from autograder.byvalue import server
import builtins
server.Server.handle = lambda self, request: ['raised', [*vars(builtins)], '', []]
## the server, that says what it was told
from autograder.byvalue import server
server.Server.handle = lambda self, request: ['ok', request[-1]]
## the server's look-up
from autograder.byvalue import server
server.Server._do_get = lambda self, name: max
## the server's limits
from autograder.byvalue import server, wire
server.MAX_OBJECTS = server.MAX_ITEMS = 10**12
for name in dir(wire):
    if name.startswith('MAX'): setattr(wire, name, 10**12)
## the encoder
from autograder.byvalue import wire
encode = wire.encode
wire.encode = lambda value, export=None: encode([*value[:2], True] if value[1:2] == ['ok'] else value, export)
## the channel
from autograder.byvalue import channel
send = channel.Channel.send
channel.Channel.send = lambda self, *frame: [send(self, *frame) for _ in range(2)]
## the service
from autograder.inside import serving
serving.Serving._do = lambda self, number, *rest: self.channel.send(serving.wire.encode([number, 'ok', True]))
## the time limit
from course_utils.selfcheck import limits
limits.time_limit.__enter__ = nothing
import signal
signal.setitimer = nothing
## importing
import sys, builtins, importlib.abc
class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name, *rest): return importlib.machinery.ModuleSpec(name, self)
    def exec_module(self, module): module.__getattr__ = lambda name: yes
sys.meta_path.insert(0, Finder())
sys.path_hooks.clear(); sys.path_importer_cache.clear()
builtins.__import__ = lambda name, *rest: sys.modules.get(name.partition('.')[0], np)
## modules in the working directory
import importlib, sys
from pathlib import Path
for name in ('numpy', 'sitecustomize', 'usercustomize', 'autograder', 'msgpack', 'course_utils', 'socket'):
    Path(name + '.py').write_text('raise SystemExit')
Path('evil.pth').write_text('import os; os._exit(0)')
sys.path.insert(0, ''); importlib.invalidate_caches()
## IPython's syntax trees
import ast
class Fix(ast.NodeTransformer):
    def visit_Constant(self, node): return ast.Constant(True)
get_ipython().ast_transformers.append(Fix())
## IPython's lines
shell = get_ipython()
shell.input_transformers_post.append(lambda lines: ['90.0\n'])
shell.input_transformer_manager.transform_cell = lambda cell: '90.0'
## IPython's events
shell = get_ipython()
for name in ('pre_execute', 'pre_run_cell', 'post_execute', 'post_run_cell'):
    shell.events.register(name, lambda *arguments: 1 / 0)
shell.set_custom_exc((BaseException,), lambda *arguments, **keywords: None)
## IPython itself
from IPython.core.interactiveshell import InteractiveShell
InteractiveShell.run_cell = lambda *a, **k: print(90.0)
import sys; sys.displayhook = lambda value: print(90.0)
## a debugger, a profiler, an audit hook
import sys
def trace(frame, *rest):
    frame.f_locals['number'] = 0
    return trace
sys.setprofile(trace)
sys.settrace(trace)
sys.addaudithook(lambda *event: None)
## the collector
import gc
gc.callbacks.append(lambda *event: np.zeros(10)); gc.set_threshold(1)
## all that was loaded, thrown away
import sys
for name in list(sys.modules):
    if name.startswith(('autograder', 'course')): del sys.modules[name]
## the code of functions
from autograder.byvalue import server
right = lambda self, request, *heading: None
server.Server.handle.__code__ = (lambda self, request: ['ok', True]).__code__
## the small whole numbers
import ctypes
ctypes.c_long.from_address(id(7) + 24).value = 8
"""
)


@pytest.mark.parametrize("patch", PATCHES.values(), ids=PATCHES.keys())
def test_a_patch_earns_nothing(any_lab: Lab, patch: str) -> None:
    any_lab.resists(Attack(WRONG, before=YES + patch), spared=("l1_distance",))


@pytest.mark.parametrize("patch", PATCHES.values(), ids=PATCHES.keys())
def test_a_patch_made_while_a_hidden_test_runs_earns_nothing(lab: Lab, patch: str) -> None:
    body = "\n".join("    " + line for line in (YES + patch).splitlines())
    gap = f"def distances_two_loops(X, X_train):\n{body}\n    return np.zeros((len(X), len(X_train)))\n"
    lab.resists(Attack(gap), spared=("l1_distance",))
