"""The functions that a student's code has made or loaded, wherever it put them."""

import functools
import gc
from collections.abc import Iterator
from types import CellType, FunctionType, MethodType
from typing import Any

CONTAINERS = {list, tuple, dict, set, frozenset, CellType, MethodType, functools.partial, staticmethod, classmethod}
MOST = 100_000  # objects looked at, and parts of one

_first: list[list[None]] = []  # an object made when this process began; empty where nobody has said when that was


def begin() -> None:
    """Said in a fork of a worker before any code of the student's runs: what is made from now on is to be found."""
    _first[:] = [[]]


def functions(namespace: dict[str, Any]) -> list[FunctionType]:
    """All in Python that the garbage collector knows, where `begin` was called; else those to be reached from the names
    of `namespace` through collections, closures, objects and classes.

    In a fork of a worker what was there before lies in the collector's permanent generation, where nothing is looked
    for and no page is copied. Code that had the collector put more there has it take everything back.
    """
    if not _first:
        return list(_reachable(namespace))
    objects = gc.get_objects()
    if not any(each is _first[0] for each in objects):
        gc.unfreeze()
        objects = gc.get_objects()
    return [each for each in objects if type(each) is FunctionType]


def _reachable(namespace: dict[str, Any]) -> Iterator[FunctionType]:
    waiting: list[Any] = list(namespace.values())
    seen: set[int] = set()
    while waiting and len(seen) < MOST:  # what has no parts and is no function is not among the seen
        each = waiting.pop()
        kind = type(each)
        if id(each) in seen:
            continue
        if kind is FunctionType:
            yield each
            waiting += [each.__closure__, each.__defaults__, each.__kwdefaults__]
        elif kind in CONTAINERS or kind.__module__ == "__main__":
            parts = gc.get_referents(each)
            waiting += parts if len(parts) < MOST else []
        elif kind is type and each.__module__ == "__main__":
            waiting += vars(each).values()
        else:
            continue
        seen.add(id(each))
