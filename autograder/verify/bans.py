"""Whether the docstrings of an exercise list the calls that its hidden tests refuse, and whether these can be found."""

import ast
import importlib
import importlib.util
import re
from collections.abc import Container

from autograder.byvalue.fence import OURS, full_name
from autograder.source import Exercise
from autograder.testing.registry import banned_calls

LINE = re.compile(r"Not to be called: (?P<names>[\w.]+(?:, [\w.]+)*)\.(?:\s|$)")
LIBRARIES = {"PIL", "autograd", "cv2", "graphlib", "jax", "scipy", "skimage", "sklearn", "tensorflow", "torch"}


def ban_problems(exercise: Exercise, functions: Container[str] | None = None) -> list[str]:
    """What is wrong with the list of banned calls, a sentence each.

    `functions` are the names that the notebook defines; without them a name that may be one of these is not judged.
    """
    banned = banned_calls(exercise.name)
    problems = []
    lists = _lists(exercise.gap)
    if None in lists:
        problems.append("a docstring's list of banned calls is not of the form 'Not to be called: scipy, np.gradient.'")
    written = [names for names in lists if names is not None]
    wrong = [names for names in written if set(names) != set(banned)]
    if banned and not written:
        problems.append(f"its hidden tests ban {', '.join(banned)}, and no docstring says 'Not to be called: ...'")
    for names in wrong:
        ruled = f"ban {', '.join(banned)}" if banned else "ban nothing"
        problems.append(f"a docstring says 'Not to be called: {', '.join(names)}', but its hidden tests {ruled}")
    return problems + [problem for name in banned if (problem := _unknown(name, functions))]


def _lists(source: str) -> list[tuple[str, ...] | None]:
    """The lists in the docstrings of a piece of code; None for one that cannot be read."""
    found: list[tuple[str, ...] | None] = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.FunctionDef | ast.ClassDef):
            continue
        text = " ".join((ast.get_docstring(node) or "").split())
        lines = [tuple(match["names"].split(", ")) for match in LINE.finditer(text)]
        found += lines
        found += [None] * (text.lower().count("not to be called") - len(lines))
    return found


def _unknown(name: str, functions: Container[str] | None) -> str:
    """Why a banned name would stop nothing; empty when it is one of a library, or of the notebook."""
    first, _, rest = full_name(name).partition(".")
    if first in OURS:
        return "" if _exists(full_name(name)) else f"the banned call {name} does not exist"
    if rest:
        return f"the banned call {name} is a part of {first}: ban {first} as a whole"
    if first in LIBRARIES or functions is None or first in functions:
        return ""
    return f"the banned call {name} is neither defined in the notebook nor in LIBRARIES ({__name__}): is it misspelt?"


def _exists(full: str) -> bool:
    if importlib.util.find_spec(full.rpartition(".")[0] or full) is None:
        return False
    parent, _, last = full.rpartition(".")
    return not parent or hasattr(importlib.import_module(parent), last) or importlib.util.find_spec(full) is not None
