"""Rows of an experiment: checked, rounded, and written as a CSV file that says how it was made."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from experiments.running.scripts import ExperimentError

Row = dict[str, int | float | bool | str]
DIGITS = 6


def plain_rows(rows: Any, where: str) -> list[Row]:
    """What `rows(seed)` returned, as plain Python values; floats rounded to six significant digits.

    Raises ExperimentError, beginning with `where`, when these are not dictionaries of equal keys and such values.
    """
    if not isinstance(rows, list | tuple) or not rows or not all(isinstance(row, Mapping) for row in rows):
        raise ExperimentError(f"{where}: rows(seed) must return a list of at least one dictionary")
    plain = []
    for number, row in enumerate(rows):
        refuse_other_columns(row, rows[0], f"{where}, row {number}", "row 0")
        plain.append({name: _plain(value, f"{where}, row {number}, {name!r}") for name, value in row.items()})
    if not plain[0] or not all(isinstance(name, str) and name.isprintable() and name for name in plain[0]):
        raise ExperimentError(f"{where}: columns must be named by printable texts, not {list(plain[0])}")
    if "seed" in plain[0]:
        raise ExperimentError(f"{where}: the column 'seed' is added by the runner; leave it out")
    return plain


def refuse_other_columns(row: Mapping[str, Any], first: Mapping[str, Any], where: str, other: str) -> None:
    """Raises ExperimentError when a row has not the columns of the first one."""
    if list(row) != list(first):
        missing, more = [name for name in first if name not in row], [name for name in row if name not in first]
        said = [f"lacks {', '.join(missing)}"] * bool(missing) + [f"has also {', '.join(map(str, more))}"] * bool(more)
        what = " and ".join(said) or f"has them in another order ({', '.join(row)})"
        raise ExperimentError(f"{where}: not the columns of {other} ({', '.join(map(str, first))}): it {what}")


def write_table(path: Path, facts: Mapping[str, str], rows_of: Mapping[int, Sequence[Row]], name: str) -> None:
    """Write the table of all seeds; a reader sees the old file or the new one, never half of one.

    Raises ExperimentError when seeds have unequal columns.
    """
    seeds = sorted(rows_of)
    first = rows_of[seeds[0]][0]
    text = io.StringIO()
    for key, fact in facts.items():
        text.write(f"# {key}: {fact}\n")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["seed", *first])
    for seed in seeds:
        refuse_other_columns(rows_of[seed][0], first, f"{name}, seed {seed}", f"seed {seeds[0]}")
        writer.writerows([seed, *row.values()] for row in rows_of[seed])
    write_whole(path, text.getvalue())


def write_whole(path: Path, text: str) -> None:
    """Write beside the final place, then move there, which is atomic."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.unfinished")
    try:
        unfinished.write_text(text, encoding="utf-8", newline="\n")
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def _plain(value: Any, where: str) -> int | float | bool | str:
    if isinstance(value, np.generic) or (isinstance(value, np.ndarray) and value.ndim == 0):
        value = value.item()
    if isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}")
    if isinstance(value, str) and value.isprintable():
        return value
    raise ExperimentError(f"{where}: {value!r} is not a number, a truth value or a text in one line")
