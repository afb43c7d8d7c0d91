"""Which experiments there are, and what they say of themselves."""

from __future__ import annotations

import ast
import importlib.util
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from course_utils.shelf import closest

Rows = Callable[[int], list[dict[str, Any]]]
DEFAULT_SEEDS = 5
# Another processor or library rounds differently, and training magnifies that.
DEFAULT_TOLERANCE = 0.02


class ExperimentError(Exception):
    """An experiment cannot be run or compared; the message says which, why and what to do."""


@dataclass(frozen=True)
class Experiment:
    """A file with `rows(seed)`: what it measures, how many seeds its table has, how near `--check` must come."""

    path: Path
    what: str
    seeds: int
    tolerance: float

    @property
    def name(self) -> str:
        return self.path.stem

    def load(self) -> Rows:
        """Its function `rows`. Raises ExperimentError when the file cannot be imported."""
        spec = importlib.util.spec_from_file_location(f"experiments.{self.name}", self.path)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = module  # where dataclasses look for their annotations
        try:
            spec.loader.exec_module(module)
        except Exception as error:
            raise ExperimentError(
                f"{shown(self.path)}: cannot be imported ({type(error).__name__}: {error})"
            ) from error
        rows: Rows = module.rows
        return rows


def find_experiments(folder: Path) -> list[Experiment]:
    """Every experiment of a folder, by name. Files are parsed, not run. Raises ExperimentError for a broken file."""
    paths = (path for path in sorted(folder.glob("*.py")) if not path.name.startswith("_"))
    return [found for path in paths if (found := _read(path)) is not None]


def choose(experiments: Iterable[Experiment], names: Iterable[str]) -> list[Experiment]:
    """Those named, or all when none is. Raises ExperimentError for a name there is not."""
    by_name = {experiment.name: experiment for experiment in experiments}
    wanted = [Path(name).name.removesuffix(".py") for name in names]
    for name in wanted:
        if name not in by_name:
            raise ExperimentError(f"there is no experiment called {name!r}; {closest(name, by_name)}")
    return [by_name[name] for name in dict.fromkeys(wanted or by_name)]


def shown(path: Path) -> str:
    """A path as messages name it, without the folders of this machine."""
    return f"{path.parent.name}/{path.name}"


def _read(path: Path) -> Experiment | None:
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"))
    except (SyntaxError, ValueError) as error:
        line = f" at line {error.lineno}" if isinstance(error, SyntaxError) else ""
        raise ExperimentError(f"{shown(path)}: not valid Python{line} ({error})") from error
    if not any(isinstance(node, ast.FunctionDef) and node.name == "rows" for node in tree.body):
        return None
    what = (ast.get_docstring(tree) or "").strip().partition("\n")[0]
    if not what:
        raise ExperimentError(f"{shown(path)}: needs a docstring whose first line says what it measures")
    seeds = _constant(tree, "SEEDS", DEFAULT_SEEDS)
    if not isinstance(seeds, int) or isinstance(seeds, bool) or seeds < 1:
        raise ExperimentError(f"{shown(path)}: SEEDS must be a whole number of at least 1, not {seeds!r}")
    tolerance = _constant(tree, "TOLERANCE", DEFAULT_TOLERANCE)
    if not isinstance(tolerance, int | float) or not tolerance >= 0:
        raise ExperimentError(f"{shown(path)}: TOLERANCE must be a number of at least 0, not {tolerance!r}")
    return Experiment(path, what, seeds, float(tolerance))


def _constant(tree: ast.Module, name: str, otherwise: Any) -> Any:
    """The value of a top-level `NAME = literal`."""
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if any(isinstance(target, ast.Name) and target.id == name for target in targets):
            try:
                return ast.literal_eval(node.value)  # type: ignore[attr-defined]
            except ValueError:
                return ast.unparse(node)
    return otherwise
