"""What made-up students write into a gap: the solution, another correct solution, or a mistake from the mutant bank."""

import ast
import builtins
import inspect
import sys
import textwrap
from functools import cache
from typing import Any

from autograder.source import Exercise, SourceCell, regions
from autograder.testing.registry import Alternative, Mutant

IMPORTED_BY_THE_NOTEBOOK = {"np"}


class NoDefinitionError(ValueError):
    """A piece of work that no `def` or `class` statement of its own defines: code made it, as by type(...)."""


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


def can_be_handed_in(exercise: Exercise, work: Mutant | Alternative) -> bool:
    """Whether a student could have this work in a gap: a gap defines its name, and it needs nothing of the grader's."""
    defined = any(_exchanged(solved(cell), work.replaces, "") is not None for cell in exercise.gaps)
    return defined and stands_alone(work)


@cache
def stands_alone(work: Mutant | Alternative) -> bool:
    """Whether the work uses nothing but NumPy, Python's own names and functions beside it: a student could have it."""
    try:
        return not _foreign(ast.parse(source_of(work)))
    except NoDefinitionError:
        return False


@cache
def source_of(work: Mutant | Alternative) -> str:
    """The definition's text under the name that it replaces, after the functions of its module that it calls."""
    definition = _renamed(work.work, work.replaces)
    helpers: dict[str, str] = {}
    pending = [(name, work.work.__module__) for name in sorted(_foreign(ast.parse(definition)))]
    while pending:
        name, module = pending.pop()
        helper = getattr(sys.modules[module], name, None)
        text = _text_of(helper, name)
        if text and name not in helpers:
            helpers = {name: text} | helpers
            pending += [(called, helper.__module__) for called in sorted(_foreign(ast.parse(text)))]
    return "\n\n\n".join([*helpers.values(), definition])


def _text_of(helper: Any, name: str) -> str:
    """What brings a name of a mutants' module into a notebook: its definition, or an import from Python's library."""
    if inspect.ismodule(helper):
        return f"import {helper.__name__} as {name}" if helper.__name__ in sys.stdlib_module_names else ""
    home = str(getattr(helper, "__module__", ""))
    if home.startswith("autograder.mutants.") and (inspect.isfunction(helper) or inspect.isclass(helper)):
        return _renamed(helper, name)
    return f"from {home} import {name}" if home in sys.stdlib_module_names else ""


def _renamed(definition: Any, name: str) -> str:
    """A function's or class's text without its decorator, under another name."""
    try:
        text = textwrap.dedent(inspect.getsource(definition))
        node: Any = ast.parse(text).body[0]
    except (OSError, SyntaxError) as error:
        raise NoDefinitionError(name) from error
    if not isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        raise NoDefinitionError(name)
    lines = text.split("\n")[node.lineno - 1 :]
    keyword = "class" if isinstance(node, ast.ClassDef) else "def"
    lines[0] = lines[0].replace(f"{keyword} {node.name}", f"{keyword} {name}", 1)
    return "\n".join(lines).rstrip()


def _foreign(tree: ast.AST) -> set[str]:
    """Names that code uses and neither binds itself nor has from Python or the notebook's imports."""
    used: set[str] = set()
    bound = set(dir(builtins)) | IMPORTED_BY_THE_NOTEBOOK
    arguments: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.arg):
            arguments.add(node.arg)
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            bound.add(node.name)
        elif isinstance(node, ast.alias):
            bound.add(node.asname or node.name)
        elif isinstance(node, ast.Name):
            (used if isinstance(node.ctx, ast.Load) else bound).add(node.id)
    return (used - bound - arguments) | (_defaults(tree) - bound)


def _defaults(tree: ast.AST) -> set[str]:
    """Names in the default values of arguments, which are looked up outside the function: `def f(x, rule=rule)`."""
    functions = [node.args for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    values = [value for each in functions for value in (*each.defaults, *each.kw_defaults) if value is not None]
    return {node.id for value in values for node in ast.walk(value) if isinstance(node, ast.Name)}


def _exchanged(text: str, name: str, definition: str) -> str | None:
    for node in ast.parse(text).body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and node.name == name:
            lines = text.split("\n")
            return "\n".join([*lines[: node.lineno - 1], definition, *lines[node.end_lineno :]])
    return None
