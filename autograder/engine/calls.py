"""Which exercise a graded cell grades, read from the instructor's own text and never run."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True)
class GradeCall:
    """A cell that holds nothing but the import of `grade` and a call of it."""

    exercise: str


@lru_cache(1024)
def grade_call(source: str) -> GradeCall | None:
    """The call in a graded cell as `course build` writes it; None for a cell that holds tests of its own."""
    try:
        body = ast.parse(source).body
    except SyntaxError:
        return None
    match body:
        case [
            ast.ImportFrom(module="autograder", names=[ast.alias(name="grade")]),
            ast.Expr(value=ast.Call(func=ast.Name(id="grade"), args=[ast.Constant(value=str(exercise)), *_])),
        ]:
            return GradeCall(exercise)
    return None
