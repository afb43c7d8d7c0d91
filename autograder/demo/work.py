"""What made-up students write into a gap: the solution, another correct solution, or a mistake from the mutant bank."""

import ast
import builtins
import inspect
import textwrap
from typing import Any

from autograder.source import Exercise, SourceCell, regions
from autograder.testing.registry import Alternative, Mutant

IMPORTED_BY_THE_NOTEBOOK = {"np"}


def solved(cell: SourceCell) -> str:
    """The gap cell with the solution, without the lines that mark it."""
    lines = cell.source.split("\n")
    marks = {line for region in regions(cell.source) for line in (region.start, region.end)}
    return "\n".join(line for number, line in enumerate(lines) if number not in marks)


def rewritten(exercise: Exercise, work: Mutant | Alternative) -> dict[str, str]:
    """The exercise's gap cells by grade_id, solved, with one definition exchanged for that of `work`."""
    texts = {cell.grade_id or "": solved(cell) for cell in exercise.gaps}
    for grade_id, text in texts.items():
        exchanged = _exchanged(text, work.replaces, source_of(work))
        if exchanged is not None:
            return texts | {grade_id: exchanged}
    raise ValueError(f"no gap of {exercise.name} defines {work.replaces}, which {work.name} replaces")


def stands_alone(work: Mutant | Alternative) -> bool:
    """Whether the definition uses nothing but NumPy as `np` and Python's own names, so that a student could have it."""
    tree = ast.parse(source_of(work))
    bound = {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    bound |= {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)}
    bound |= {node.name for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.ClassDef))}
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    return used <= bound | IMPORTED_BY_THE_NOTEBOOK | set(dir(builtins))


def source_of(work: Mutant | Alternative) -> str:
    """The definition's text under the name that it replaces, without its decorator."""
    text = textwrap.dedent(inspect.getsource(work.work))
    node: Any = ast.parse(text).body[0]
    lines = text.split("\n")[node.lineno - 1 :]
    keyword = "class" if isinstance(node, ast.ClassDef) else "def"
    lines[0] = lines[0].replace(f"{keyword} {node.name}", f"{keyword} {work.replaces}", 1)
    return "\n".join(lines).rstrip()


def _exchanged(text: str, name: str, definition: str) -> str | None:
    for node in ast.parse(text).body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and node.name == name:
            lines = text.split("\n")
            return "\n".join([*lines[: node.lineno - 1], definition, *lines[node.end_lineno :]])
    return None
