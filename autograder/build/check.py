"""`course build --check`: the committed assignments are what solutions/ gives, and nothing of it leaks."""

import json
from collections.abc import Sequence
from pathlib import Path

from autograder.build.bundle import CHECKOUT, bundle_files
from autograder.build.leaks import find_leaks
from autograder.build.nbgrader_run import ReleaseError
from autograder.build.release import release_files, visible_files
from autograder.source import SourceError, SourceNotebook, find_notebooks
from autograder.testing import hidden_tests_of, mutants_of
from autograder.verify.bans import ban_problems


def check_build(root: Path | None = None, feedback: Path | None = None) -> list[str]:
    """What is wrong, a sentence each; empty when all is well.

    `root` is a checkout (default: this one). `feedback` is a folder of feedback pages to look through for leaks as
    well; a page shows its student's own code, so give those of notebooks with unsolved gaps.
    """
    root = Path(root or CHECKOUT)
    try:
        notebooks = find_notebooks(root / "solutions")
        expected = release_files(notebooks)
    except (SourceError, ReleaseError) as error:
        return str(error).splitlines()
    problems = _drift(root / "assignments", expected)
    secret_files = root / "autograder"
    shown = {f"assignments/{name}": content for name, content in _contents(root / "assignments").items()}
    for name, content in expected.items():
        if shown.get(f"assignments/{name}") != content:
            shown[f"built from solutions/: {name}"] = content
    leaks = find_leaks(shown, notebooks, autograder=secret_files)
    bundle = {f"student bundle: {name}": content for name, content in bundle_files(root, expected).items()}
    leaks += find_leaks(
        {name: content for name, content in bundle.items() if ": assignments/" not in name},
        notebooks,
        autograder=secret_files,
    )
    if root == CHECKOUT:
        problems += [
            f"{notebook.name}: {exercise.name}: {problem}"
            for notebook in notebooks
            for exercise in notebook.exercises
            for problem in ban_problems(exercise)
        ]
        leaks += find_leaks("\n".join(_said_in_feedback(notebooks)), notebooks, autograder=secret_files)
    if feedback:
        leaks += find_leaks(feedback, notebooks, autograder=secret_files)
    return problems + [str(leak) for leak in leaks]


def _contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in visible_files(folder)}


def _drift(assignments: Path, expected: dict[str, bytes]) -> list[str]:
    problems = []
    present = _contents(assignments)
    for name, content in expected.items():
        if name not in present:
            problems.append(f"assignments/{name}: missing; run `course build`")
        elif present[name] != content:
            where = _first_difference(present[name], content) if name.endswith(".ipynb") else ""
            problems.append(f"assignments/{name}: not what solutions/ gives{where}; run `course build`")
    for name in sorted(present.keys() - expected.keys()):
        problems.append(f"assignments/{name}: nothing in solutions/ makes this file; remove it")
    return problems


def _first_difference(actual: bytes, expected: bytes) -> str:
    """Names the first cell in which two notebooks differ."""
    try:
        committed, built = json.loads(actual)["cells"], json.loads(expected)["cells"]
    except (ValueError, KeyError, TypeError):
        return " (not a readable notebook)"
    for number, cell in enumerate(built, 1):
        if number > len(committed):
            return f", first in cell {number} ({cell['id']}), which is missing"
        if committed[number - 1] != cell:
            return f", first in cell {number} ({cell['id']})"
    if len(committed) > len(built):
        return f", first in cell {len(built) + 1}, which is too much"
    return " (outside the cells)"


def _said_in_feedback(notebooks: Sequence[SourceNotebook]) -> list[str]:
    """The sentences that feedback can say about an exercise: titles of hidden tests, and what mutants say."""
    said = []
    for notebook in notebooks:
        for exercise in notebook.exercises:
            try:
                said += [test.title for test in hidden_tests_of(exercise.name)]
            except KeyError:
                continue  # `course verify` reports an exercise without hidden tests
            said += [mutant.sentence for mutant in mutants_of(exercise.name)]
    return said
