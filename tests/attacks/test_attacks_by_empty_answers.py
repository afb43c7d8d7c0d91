"""Functions that ignore the question, in every exercise of every notebook: no hidden test may be passed by one."""

import ast
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest

from autograder.byvalue import open_loopback
from autograder.grading.run import run_tests_on
from autograder.source import Exercise, find_notebook, find_notebooks

Answer = Callable[..., Any]


class Agreeing:
    """An object that agrees with everything; a class like this stands in for a class as well."""

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        pass

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        return Agreeing()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Agreeing()

    def __eq__(self, other: object) -> bool:
        return True

    __lt__ = __le__ = __gt__ = __ge__ = __eq__
    __hash__ = object.__hash__


def raising(kind: type[Exception]) -> Answer:
    def answer(*arguments: Any, **keywords: Any) -> Any:
        raise kind("no")

    return answer


def always(value: Any) -> Answer:
    return lambda *arguments, **keywords: value


def argument(position: int) -> Answer:
    """Gives back one of its arguments, None if there is no such one."""

    def answer(*arguments: Any, **keywords: Any) -> Any:
        return arguments[position] if -len(arguments) <= position < len(arguments) else None

    return answer


def filled(value: float) -> Answer:
    """An array of the first array's shape, a number if there is no array, all of one value."""

    def answer(*arguments: Any, **keywords: Any) -> Any:
        arrays = (each for each in arguments if isinstance(each, np.ndarray))
        first = next(arrays, None)
        return value if first is None else np.full(first.shape, value)

    return answer


def each_filled(value: float) -> Answer:
    """An array for every array that was given, all of one value."""

    def answer(*arguments: Any, **keywords: Any) -> Any:
        return tuple(np.full(each.shape, value) for each in arguments if isinstance(each, np.ndarray))

    return answer


def pair(first: Answer, second: Answer) -> Answer:
    """Two answers in a tuple: an output with a cache, a loss with a gradient."""
    return lambda *arguments, **keywords: (first(*arguments, **keywords), second(*arguments, **keywords))


def everything(*arguments: Any, **keywords: Any) -> Any:
    return arguments


SINGLE: dict[str, Answer] = {
    "NaN": always(np.nan),
    "NaN in the shape of an argument": filled(np.nan),
    "infinity in the shape of an argument": filled(np.inf),
    "ones in the shape of an argument": filled(1.0),
    "zeros in the shape of an argument": filled(0.0),
    "the first argument": argument(0),
    "the second argument": argument(1),
}
EMPTY: dict[str, Answer] = {
    **{f"always raises {kind.__name__}": raising(kind) for kind in (ValueError, TypeError, KeyError, RuntimeError)},
    **{f"returns {what}": answer for what, answer in SINGLE.items()},
    **{f"returns {what}, and an empty dict": pair(answer, always({})) for what, answer in SINGLE.items()},
    **{f"returns {what}, and all arguments": pair(answer, everything) for what, answer in SINGLE.items()},
    **{f"returns {what} twice": pair(answer, answer) for what, answer in SINGLE.items()},
    **{f"returns a number, and {what}": pair(always(0.5), answer) for what, answer in SINGLE.items()},
    "returns the last argument": argument(-1),
    "returns all arguments": everything,
    "returns NaN for every array": each_filled(np.nan),
    "returns ones for every array": each_filled(1.0),
    "returns None": always(None),
    "returns True": always(True),
    "returns False": always(False),
    "returns an integer": always(1),
    "returns an empty list": always([]),
    "returns an empty dict": always({}),
    "returns an empty array": always(np.zeros(0)),
    "returns objects that agree with everything": Agreeing,
}


def hollow(node: ast.ClassDef, answer: Answer) -> type:
    """A class with the methods of a solution's, each of which gives this answer, and so does every attribute."""

    def missing(self: Any, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return answer()

    def method(self: Any, *arguments: Any, **keywords: Any) -> Any:
        return answer(*arguments, **keywords)

    methods = {part.name: method for part in node.body if isinstance(part, ast.FunctionDef)}
    return type(node.name, (), {**methods, "__init__": lambda self, *_, **__: None, "__getattr__": missing})


def stand_ins(exercise: Exercise, answer: Answer) -> list[dict[str, Any]]:
    """The exercise's names bound to one answer; where there are classes, bound to classes whose methods give it too."""
    nodes = ast.parse(exercise.solution).body
    names = [node for node in nodes if isinstance(node, (ast.FunctionDef, ast.ClassDef))]
    plain = {node.name: answer for node in names}
    classes = {node.name: hollow(node, answer) for node in names if isinstance(node, ast.ClassDef)}
    return [plain, {**plain, **classes}] if classes else [plain]


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("number", [notebook.number for notebook in find_notebooks()])
def test_a_function_that_ignores_the_question_passes_no_hidden_test(number: str) -> None:
    passed = []
    for exercise in find_notebook(number).exercises:
        for what, answer in EMPTY.items():
            for namespace in stand_ins(exercise, answer):
                outcomes = run_tests_on(exercise.name, partial(open_loopback, namespace), "attacks")
                passed += [(exercise.name, what, outcome.test.name) for outcome in outcomes if outcome.passed]
    assert passed == []
