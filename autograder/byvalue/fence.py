"""What an exercise rules out is not there while its hidden tests run: any use of it fails as a missing module does.

It stands wherever the student's code runs. Functions written in Python, ours and NumPy's among them, lose their code,
so that it does not matter under which name, from which cell or by what detour they are called. Other libraries can
besides not be imported, and names in the notebook that stand for something of theirs stand for nothing. The error is a
`ModuleNotFoundError` whose `name` says what was ruled out.
"""

import contextlib
import importlib
import inspect
import itertools
import sys
from collections.abc import Iterable, Iterator, Sequence
from types import CodeType, FunctionType, ModuleType
from typing import Any, NamedTuple, NoReturn

import numpy as np

from autograder.byvalue import tracked

SHORT = {"np": "numpy", "nn": "course_utils.nn"}
OURS = ("numpy", "course_utils")  # of these a single function or class may be ruled out, of others the whole package
MAX_WRAPPERS = 10  # around a function
PLAIN = {int, float, bool, str, list, tuple, dict, set, type(None), np.ndarray}  # values that belong to no library


class Emptied(NamedTuple):
    """A function, its own code, and the code that says `name` is ruled out."""

    function: FunctionType
    code: CodeType
    instead: CodeType
    name: str


class Fence:
    """What `names` rule out for the code in `namespace`: `up` takes it away, `down` gives it back.

    A name is that of a package or module (`scipy`, `course_utils.nn`), of a function or class of NumPy or of the
    course's library (`np.gradient`), or of another function of the notebook. What is loaded later is not found.
    """

    def __init__(self, names: Sequence[str] = (), namespace: dict[str, Any] | None = None) -> None:
        self.names = tuple(names)
        self.is_up = False
        self._namespace = {} if namespace is None else namespace
        self._emptied: dict[int, Emptied] = {}  # id of the function → what is done to it
        self._instead: dict[tuple[Any, ...], CodeType] = {}  # kinds of functions → the code they get
        self._modules: dict[str, ModuleType | None] = {}  # name in sys.modules → what is there
        self._bound: dict[str, tuple[Any, Absent]] = {}  # name in the notebook → what it stands for, what then
        libraries = {}
        for name in self.names:
            full = full_name(name)
            part = _part(full)
            if part is None:
                libraries[full] = name
            else:
                self._empty(name, _functions(part, full.partition(".")[0]))
        if libraries or self._emptied:
            made = tracked.functions(self._namespace)
            if libraries:
                self._rule_out_libraries(libraries, made)
            self._find_copies(made)
        for name in self.names:
            own = self._namespace.get(name)
            if type(own) is FunctionType:
                self._empty(name, [own])

    def __enter__(self) -> None:
        self.up()

    def __exit__(self, *_: object) -> None:
        self.down()

    @contextlib.contextmanager
    def lifted(self) -> Iterator[None]:
        """Down for a while, and up again."""
        self.down()
        try:
            yield
        finally:
            self.up()

    def up(self) -> None:
        """Take away what is ruled out."""
        self.is_up = True
        for function, _, instead, _ in self._emptied.values():
            function.__code__ = instead
        for name in self._modules:
            sys.modules[name] = None  # type: ignore[assignment]  # Python's own way to forbid an import
        for name, (value, absent) in self._bound.items():
            if self._namespace.get(name) is value:
                self._namespace[name] = absent

    def down(self) -> None:
        """Give it back; when it was not taken, nothing happens."""
        if not self.is_up:
            return
        for function, code, instead, _ in self._emptied.values():
            if function.__code__ is instead:
                function.__code__ = code
        for name, module in self._modules.items():
            if module is not None:
                sys.modules[name] = module
            elif sys.modules.get(name) is None:
                sys.modules.pop(name, None)
        for name, (value, absent) in self._bound.items():
            if self._namespace.get(name) is absent:
                self._namespace[name] = value
        self.is_up = False

    def _rule_out_libraries(self, libraries: dict[str, str], made: list[FunctionType]) -> None:
        """`libraries`: the full names of modules and packages → how the list of banned calls names them; `made`: the
        functions that the student's code has made or loaded.
        """
        near = tuple(libraries)
        loaded = {place: sys.modules[place] for place in loaded_modules.of(near) if place.startswith(near)}
        loaded = {place: module for place, module in loaded.items() if module and _library(place, libraries)}
        self._modules = {**dict.fromkeys(libraries), **loaded}
        for module in loaded.values():
            for value in list(vars(module).values()):
                if full := _library(_home(value), libraries):
                    self._empty(libraries[full], _functions(value, full))
        for function in made:
            if full := _library(function.__globals__.get("__name__"), libraries):
                self._empty(libraries[full], [function])
        for bound, value in list(self._namespace.items()):
            if type(value) is FunctionType:
                continue
            if full := _library(_home(value), libraries) or _library_of_ufunc(value, loaded, libraries):
                self._bound[bound] = value, Absent(libraries[full])

    def _empty(self, name: str, functions: Iterable[FunctionType]) -> None:
        for function in functions:
            code = function.__code__
            shape = name, code.co_freevars, code.co_flags & inspect.CO_GENERATOR
            if shape not in self._instead:
                self._instead[shape] = _code_instead(code, name)
            self._emptied.setdefault(id(function), Emptied(function, code, self._instead[shape], name))

    def _find_copies(self, made: list[FunctionType]) -> None:
        """Functions that were made of the code of those ruled out are found by where it was written."""
        codes = {(each.code.co_filename, each.code.co_firstlineno): each.name for each in self._emptied.values()}
        for function in made:
            name = codes.get((function.__code__.co_filename, function.__code__.co_firstlineno))
            if name and not function.__code__.co_filename.startswith("<"):  # as generated code is
                self._empty(name, [function])


class LoadedModules:
    """What is in sys.modules, without a look at each of a thousand names: in a fork of a worker that copies the pages
    they lie on, which takes as long as running the notebook's first cells.
    """

    def __init__(self) -> None:
        self._count, self._last = 0, ""
        self._of_package: dict[str, list[str]] = {}

    def remember(self) -> None:
        """What is loaded now need not be looked at again."""
        names = list(sys.modules)
        self._count, self._last = len(names), names[-1]
        self._of_package = {}
        for name in names:
            self._of_package.setdefault(name.partition(".")[0], []).append(name)

    def of(self, libraries: Iterable[str]) -> list[str]:
        """The names of all modules of these libraries, and of others."""
        packages = {name.partition(".")[0] for name in libraries}
        try:
            later = list(itertools.takewhile(lambda name: name != self._last, reversed(sys.modules)))
        except RuntimeError:  # a thread is importing
            return list(sys.modules)
        taken_out = self._count + len(later) != len(sys.modules)
        if taken_out or any(name in sys.modules and name not in self._of_package for name in packages):
            return list(sys.modules)
        return later + [name for package in packages for name in self._of_package.get(package, ())]


loaded_modules = LoadedModules()


class Absent:
    """Stands for something of a library that is ruled out: it can be neither called nor asked for anything."""

    def __init__(self, name: str) -> None:
        self.__dict__["absent"] = name

    def __call__(self, *arguments: Any, **keywords: Any) -> NoReturn:
        raise ModuleNotFoundError("the exercise rules this out", name=self.__dict__["absent"])

    def __getattr__(self, attribute: str) -> NoReturn:
        self()


def _refuse(*arguments: Any, **keywords: Any) -> NoReturn:
    raise ModuleNotFoundError("the exercise rules this out", name="<what is ruled out>")


def _refuse_in_turn(*arguments: Any, **keywords: Any) -> Iterator[Any]:
    raise ModuleNotFoundError("the exercise rules this out", name="<what is ruled out>")
    yield  # a generator's code gives way to a generator's


def _code_instead(code: CodeType, name: str) -> CodeType:
    """The code of `_refuse`, saying `name`, for a function that has `code`."""
    refusal = (_refuse_in_turn if code.co_flags & inspect.CO_GENERATOR else _refuse).__code__
    constants = tuple(name if constant == "<what is ruled out>" else constant for constant in refusal.co_consts)
    return refusal.replace(co_consts=constants, co_freevars=code.co_freevars)


def full_name(name: str) -> str:
    """The name of a banned call with its library's name written out."""
    first, dot, rest = name.partition(".")
    return SHORT.get(first, first) + dot + rest


def _below(name: Any, prefix: str) -> bool:
    """Whether a dotted name is `prefix` or stands below it."""
    return type(name) is str and (name == prefix or name.startswith(prefix + "."))


def _part(full: str) -> Any:
    """The function or class of that name in NumPy or our library; None if it is a module, or somebody else's."""
    parent, _, last = full.rpartition(".")
    if not parent or full.partition(".")[0] not in OURS:
        return None
    part = getattr(importlib.import_module(parent), last, None)
    return None if isinstance(part, ModuleType) else part


def _library(name: Any, libraries: Iterable[str]) -> str:
    """The one of the libraries that a dotted name belongs to; empty if it belongs to none."""
    for full in libraries:
        if _below(name, full):
            return full
    return ""


def _home(value: Any) -> Any:
    """The dotted name of the module that something comes from, as far as it says so."""
    kind = type(value)
    if kind in PLAIN:
        return None
    if issubclass(kind, ModuleType):
        return vars(value).get("__name__")
    if kind.__module__ == "__main__":  # an object of the student's own is not asked: it may answer anything
        return None
    return getattr(value, "__module__", None) or kind.__module__


def _library_of_ufunc(value: Any, loaded: dict[str, ModuleType], libraries: Iterable[str]) -> str:
    """The library that made a universal function: these do not say where they come from."""
    if type(value) is not np.ufunc or getattr(np, value.__name__, None) is value:
        return ""
    places = (place for place, module in loaded.items() if vars(module).get(value.__name__) is value)
    return _library(next(places, None), libraries)


def _functions(thing: Any, library: str) -> Iterator[FunctionType]:
    """The functions in Python that a call of `thing` comes to: itself and what it wraps, or the methods of a class.

    Only those written in the library: `Enum.__new__`, say, is a method of many a class.
    """
    if isinstance(thing, type):
        for member in list(vars(thing).values()):
            yield from _functions(member.fget if isinstance(member, property) else member, library)
        return
    for _ in range(MAX_WRAPPERS):
        if type(thing) is FunctionType and _below(thing.__globals__.get("__name__"), library):
            yield thing
        if type(thing).__module__ == "__main__":
            return
        thing = getattr(thing, "__wrapped__", None)
        if thing is None:
            return
