"""The ways in which a student's code may come to call a library, and notebooks that go them."""

import linecache
from collections.abc import Sequence
from typing import Any

import numpy as np

IN_PIECES = "getattr(__import__('{module}'[:3] + '{module}'[3:], fromlist=['x']), '{name}'[:2] + '{name}'[2:])"

COPY = (
    "import types, {module}\nf = {module}.{name}\n"
    "my_{name} = types.FunctionType(f.__code__, f.__globals__, 'mine', f.__defaults__, f.__closure__)\n"
    "my_{name}.__kwdefaults__ = f.__kwdefaults__\ndel f"
)

# Way → what stands in a cell before the gap, and the expression in the gap that gives the function; {module} and {name}
# are its own.
WAYS = {
    "a module": ("import {module}", "{module}.{name}"),
    "a module under another name": ("import {module} as m", "m.{name}"),
    "a function under another name": ("from {module} import {name} as my_{name}", "my_{name}"),
    "an import in the function": ("", "__import__('{module}', fromlist=['{name}']).{name}"),
    "a helper": ("import {module} as m\ndef my_{name}(*a): return m.{name}(*a)", "my_{name}"),
    "an import in a helper": (
        "def my_{name}(*a):\n    from {module} import {name}\n    return {name}(*a)",
        "my_{name}",
    ),
    "importlib": ("import importlib", "importlib.import_module('{module}').{name}"),
    "a name in pieces": ("", IN_PIECES),
    "a name in pieces, in another cell": ("my_{name} = " + IN_PIECES, "my_{name}"),
    "getattr": ("import {module} as m", "getattr(m, '{name}'[:2] + '{name}'[2:])"),
    "the module's dictionary": ("import {module} as m\nM = vars(m)", "M['{name}']"),
    "the table of modules": ("import sys, {module}", "sys.modules['{module}'].{name}"),
    "eval": ("", "eval('__import__(\"{module}\", fromlist=[\"x\"]).{name}')"),
    "pickle": ("import pickle", "pickle.loads(b'c{module}\\n{name}\\n.')"),
    "a partial": ("import functools, {module}\nmy_{name} = functools.partial({module}.{name})", "my_{name}"),
    "a default": ("import {module}\nmy_{name} = lambda *a, f={module}.{name}: f(*a)", "my_{name}"),
    "a list": ("import {module}\nbox_{name} = [{module}.{name}]", "box_{name}[0]"),
    "a closure": ("import {module}\nmy_{name} = (lambda f: lambda *a: f(*a))({module}.{name})", "my_{name}"),
    "a class": ("import {module}\nclass My_{name}:\n    f = staticmethod({module}.{name})", "My_{name}.f"),
    "a copy of the function": (COPY, "my_{name}"),
    "a copy of the function in a list": (COPY + "\nbox_{name} = [my_{name}]\ndel my_{name}", "box_{name}[0]"),
    "the collector": (
        "import gc, {module}",
        "next(f for f in gc.get_objects() if type(f).__name__ == 'function'"
        " and f.__name__ == '{name}' and '{module}'.startswith(f.__module__.partition('.')[0]))",
    ),
    "a thread": (
        "import concurrent.futures, {module} as m\n"
        "def my_{name}(*a):\n"
        "    with concurrent.futures.ThreadPoolExecutor(1) as pool:\n"
        "        return pool.submit(lambda: m.{name}(*a)).result()",
        "my_{name}",
    ),
}  # fmt: skip

# Found where the process is a fork of a worker, in which nothing but the student's code has made functions.
IN_FORKS = {
    "a copy of the function in a module": (
        COPY + "\nimport math\nmath.my_{name} = my_{name}\ndel my_{name}",
        "__import__('math').my_{name}",
    ),
    "a copy that the collector was made to forget": (COPY + "\nimport gc\ngc.freeze()", "my_{name}"),
    "a copy in a list that the collector was made to forget": (
        COPY + "\nbox_{name} = [my_{name}]\ndel my_{name}\nimport gc\ngc.freeze()",
        "box_{name}[0]",
    ),
}


def before(way: str, module: str, names: Sequence[str]) -> str:
    """The cell before the gap."""
    return "\n".join((WAYS | IN_FORKS)[way][0].format(module=module, name=name) for name in names)


def call(way: str, module: str, name: str) -> str:
    """The expression in the gap."""
    return f"({(WAYS | IN_FORKS)[way][1].format(module=module, name=name)})"


SCIPY = "scipy.spatial.distance"
NN = "course_utils.nn"


def distances_by_scipy(way: str) -> tuple[str, str]:
    """Exercise distances_two_loops of notebook 01 by SciPy: the cell before the gap, and the gap."""
    gap = f"def distances_two_loops(X, X_train):\n    return {call(way, SCIPY, 'cdist')}(X, X_train)\n"
    return before(way, SCIPY, ["cdist"]), gap


def relu_by_library(way: str) -> tuple[str, str]:
    """Exercise relu of notebook 03, both of its functions, by the course's own library."""
    gap = "".join(
        f"def {name}({arguments}):\n    return {call(way, NN, name)}({arguments})\n"
        for name, arguments in (("relu_forward", "x"), ("relu_backward", "dout, cache"))
    )
    return before(way, NN, ["relu_forward", "relu_backward"]), gap


COMPILED = {
    "a compiled class": (
        "from scipy.spatial import cKDTree as Tree",
        "Tree(X).sparse_distance_matrix(Tree(X_train), 1e9)",
    ),
    "a compiled class in its module": (
        "import scipy.spatial as s",
        "s.cKDTree(X).sparse_distance_matrix(s.cKDTree(X_train), 1e9)",
    ),
    "an object made before": (
        "from scipy.spatial import cKDTree\nTREE = cKDTree([[0.0]])",
        "type(TREE)(X).sparse_distance_matrix(TREE.__class__(X_train), 1e9)",
    ),
}


def distances_by_compiled(way: str) -> tuple[str, str]:
    """Exercise distances_two_loops by parts of SciPy that are not written in Python."""
    start, expression = COMPILED[way]
    return start, f"def distances_two_loops(X, X_train):\n    return {expression}.toarray()\n"


def namespace_of(code: tuple[str, str]) -> dict[str, Any]:
    """What a student's cells define, as a kernel would run them: errors can quote their lines."""
    namespace: dict[str, Any] = {"__name__": "__main__", "np": np}
    for cell in code:
        name = f"<cell {hash(cell)}>"
        linecache.cache[name] = len(cell), None, cell.splitlines(keepends=True), name
        exec(compile(cell, name, "exec"), namespace)
    return namespace
