"""Which hidden tests, mutants and alternatives belong to which exercise.

Files register themselves when they are imported: `autograder/hidden/TOPIC.py` and `autograder/mutants/TOPIC.py`, or
packages of these names. The topic is the file's or the package's name, so a new notebook needs no list to be edited.
"""

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from autograder.byvalue import Student
from autograder.byvalue.peer import MEASURING
from autograder.topics import topic_of_module

TestFunction = Callable[[Student, np.random.Generator], None]


@dataclass(frozen=True)
class HiddenTest:
    """A hidden test: what it is called in feedback, what it weighs among its exercise's tests, and the function."""

    exercise: str
    name: str
    title: str
    weight: float
    run: TestFunction
    trains: bool = False

    @property
    def measures(self) -> bool:
        """Whether it counts the student's steps or memory, as far as its own code says so."""
        return not set(MEASURING).isdisjoint(self.run.__code__.co_names)


@dataclass(frozen=True)
class Mutant:
    """A mistake students really make, and the sentence for who made it."""

    exercise: str
    name: str
    sentence: str
    replaces: str
    work: Any


@dataclass(frozen=True)
class Alternative:
    """Another correct solution, which must earn every point."""

    exercise: str
    name: str
    description: str
    replaces: str
    work: Any


_hidden: dict[str, list[HiddenTest]] = {}
_mutants: dict[str, list[Mutant]] = {}
_alternatives: dict[str, list[Alternative]] = {}
_topic: dict[str, str] = {}
_banned: dict[str, tuple[str, ...]] = {}
_ask_once: set[str] = set()


def hidden(exercise: str, weight: float = 1, trains: bool = False) -> Callable[[TestFunction], TestFunction]:
    """Register a hidden test. The docstring's first line is its title in feedback: it must not give the answer away.

    `trains` says that the test trains something, which is slow: `course verify` then runs its exercise on fewer seeds.
    """
    if weight <= 0:
        raise ValueError(f"{exercise}: a hidden test's weight must be positive, not {weight}")

    def register(function: TestFunction) -> TestFunction:
        name = function.__name__
        title = (function.__doc__ or name.replace("_", " ")).strip().splitlines()[0]
        _add(_hidden, HiddenTest(exercise, name, title, weight, function, trains))
        topic = topic_of_module(function.__module__)
        if _topic.setdefault(exercise, topic) != topic:
            raise ValueError(f"{exercise} has hidden tests for {_topic[exercise]} and for {topic}: rename one")
        return function

    return register


def ban(exercise: str, *names: str) -> None:
    """Say what the exercise's code must not call: `scipy`, `np.gradient`, `course_utils.nn`, another of its functions.

    Its docstring lists the same names, which `course verify` and `course build --check` compare; see `Fence` for what a
    name can be. A hidden test in which the student's code calls one of them fails and says so.
    """
    if exercise in _banned or not names:
        raise ValueError(f"{exercise}: list all banned calls at once, and at least one")
    _banned[exercise] = names


def ask_once(*exercises: str) -> None:
    """Say that every hidden test of these exercises asks the student's work one question at most (`Student.several` is
    one). Such tests are put to it together: each is written as if it ran alone, but leaves nothing of the process's own
    changed while it asks (a `warnings.catch_warnings` around the question, for one).

    `course verify` finds a test that asks more; when graded, it would be begun anew and its first question asked twice.
    """
    _ask_once.update(exercises)


def asks_once(exercise: str) -> bool:
    """Whether every hidden test of an exercise asks one question at most."""
    _load("hidden")
    return exercise in _ask_once


def mutant(exercise: str, sentence: str, replaces: str | None = None) -> Callable[[Any], Any]:
    """Register a wrong solution of `exercise` (a function or class) that stands in for the name `replaces`."""

    def register(work: Any) -> Any:
        _add(_mutants, Mutant(exercise, work.__name__, sentence, replaces or exercise, work))
        return work

    return register


def alternative(exercise: str, description: str, replaces: str | None = None) -> Callable[[Any], Any]:
    """Register another correct solution of `exercise`."""

    def register(work: Any) -> Any:
        _add(_alternatives, Alternative(exercise, work.__name__, description, replaces or exercise, work))
        return work

    return register


def hidden_tests_of(exercise: str) -> list[HiddenTest]:
    """The hidden tests of an exercise, in file order. Raises `KeyError` with the names there are."""
    _load("hidden")
    if exercise not in _hidden:
        raise KeyError(f"no hidden tests for {exercise!r}; there are tests for: {', '.join(sorted(_hidden))}")
    return list(_hidden[exercise])


def banned_calls(exercise: str) -> tuple[str, ...]:
    """What the code of an exercise must not call."""
    _load("hidden")
    return _banned.get(exercise, ())


def mutants_of(exercise: str) -> list[Mutant]:
    """The mutants of an exercise, in file order."""
    _load("mutants")
    return list(_mutants.get(exercise, []))


def alternatives_of(exercise: str) -> list[Alternative]:
    """The alternative solutions of an exercise, in file order."""
    _load("mutants")
    return list(_alternatives.get(exercise, []))


def mutant_namespace(wrong: Mutant) -> dict[str, Any]:
    """What a student who made this mistake, and no other, would have defined for the exercise."""
    namespace: dict[str, Any] = {}
    for right in alternatives_of(wrong.exercise):
        namespace.setdefault(right.replaces, right.work)
    namespace[wrong.replaces] = wrong.work
    return namespace


def topic_of(exercise: str) -> str:
    """The topic, that is the name of the file or package in hidden/, oracles/ and mutants/, of an exercise."""
    hidden_tests_of(exercise)
    return _topic[exercise]


def topics() -> dict[str, list[str]]:
    """Every topic with its exercises, in file order."""
    _load("hidden")
    found: dict[str, list[str]] = {}
    for exercise, topic in _topic.items():
        found.setdefault(topic, []).append(exercise)
    return found


def _add(table: dict[str, list[Any]], entry: Any) -> None:
    entries = table.setdefault(entry.exercise, [])
    if any(other.name == entry.name for other in entries):
        raise ValueError(
            f"{entry.exercise} has two {type(entry).__name__.lower()} entries named {entry.name}: rename one of them"
        )
    entries.append(entry)


@cache
def _load(package: str) -> None:
    folder = importlib.import_module(f"autograder.{package}")
    for module in pkgutil.walk_packages(folder.__path__, f"autograder.{package}."):
        importlib.import_module(module.name)
