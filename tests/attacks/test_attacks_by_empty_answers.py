"""Functions that ignore the question, in every exercise of every notebook: no hidden test may be passed by one."""

import ast
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograder.grading.run import run_tests
from autograder.source import Exercise, find_notebook, find_notebooks


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


def refuse(*arguments: Any, **keywords: Any) -> Any:
    raise ValueError("no")


def zeros(*arguments: Any, **keywords: Any) -> Any:
    return np.zeros_like(arguments[0]) if arguments and isinstance(arguments[0], np.ndarray) else 0.0


EMPTY: dict[str, Callable[..., Any]] = {
    "always raises ValueError": refuse,
    "returns None": lambda *arguments, **keywords: None,
    "returns True": lambda *arguments, **keywords: True,
    "returns NaN": lambda *arguments, **keywords: float("nan"),
    "returns what it was given": lambda *arguments, **keywords: arguments[0] if arguments else None,
    "returns zeros": zeros,
    "returns nothing in a list": lambda *arguments, **keywords: [],
    "returns objects that agree with everything": Agreeing,
}


def names_of(exercise: Exercise) -> list[str]:
    definitions = (ast.FunctionDef, ast.ClassDef)
    return [node.name for node in ast.parse(exercise.solution).body if isinstance(node, definitions)]


@pytest.mark.parametrize("number", [notebook.number for notebook in find_notebooks()])
def test_a_function_that_ignores_the_question_passes_no_hidden_test(number: str) -> None:
    passed = []
    for exercise in find_notebook(number).exercises:
        for what, answer in EMPTY.items():
            outcomes = run_tests(exercise.name, dict.fromkeys(names_of(exercise), answer), "attacks")
            passed += [(exercise.name, what, outcome.test.name) for outcome in outcomes if outcome.passed]
    assert passed == []
