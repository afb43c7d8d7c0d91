"""Whether an oracle was written apart from the solution: their syntax trees are compared, names left out."""

import ast
import difflib
from dataclasses import dataclass
from pathlib import Path

from autograder.source import SourceNotebook
from autograder.topics import AUTOGRADER, files_of_topic

TOO_ALIKE = 0.85
TOO_SMALL_TO_JUDGE = 16  # nodes: any two ways of writing a one-liner look alike


@dataclass(frozen=True)
class Likeness:
    """How alike an oracle and a function of the solution are, 0 to 1."""

    oracle: str
    solution: str
    ratio: float


def most_alike(notebook: SourceNotebook, oracles: Path | None = None) -> list[Likeness]:
    """For each oracle function big enough to judge, the solution's function whose structure is nearest to it."""
    written = _functions("\n\n".join(exercise.solution for exercise in notebook.exercises))
    found = []
    for path in files_of_topic(oracles or AUTOGRADER / "oracles", notebook.topic):
        for name, shape in _functions(path.read_text(encoding="utf-8")).items():
            rivals = [Likeness(name, other, _ratio(shape, theirs)) for other, theirs in written.items()]
            if rivals:
                found.append(max(rivals, key=lambda likeness: likeness.ratio))
    return found


def _ratio(one: list[str], other: list[str]) -> float:
    return difflib.SequenceMatcher(None, one, other, autojunk=False).ratio()


def _functions(source: str) -> dict[str, list[str]]:
    shapes = {
        node.name: _shape(node)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    }
    return {name: shape for name, shape in shapes.items() if len(shape) >= TOO_SMALL_TO_JUDGE}


def _shape(function: ast.FunctionDef | ast.AsyncFunctionDef) -> list[str]:
    """The function's body as a list of node types, attributes, constants and operators, without names and docstring."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    shape = []
    for statement in body:
        for node in ast.walk(statement):
            if isinstance(node, (ast.Load, ast.Store, ast.Name, ast.arg, ast.arguments)):
                continue
            detail = (
                node.attr
                if isinstance(node, ast.Attribute)
                else repr(node.value)
                if isinstance(node, ast.Constant)
                else ""
            )
            shape.append(f"{type(node).__name__}:{detail}")
    return shape
