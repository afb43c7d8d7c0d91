"""Tables of experiments with several seeds, computed beforehand: `experiments/NAME.py` → `data/experiments/NAME.csv`.

A notebook replots such a table and runs one small seed live. Each file says in comment lines above its columns how it
was made: what it measures, the command, the seeds, the machine and the seconds of CPU time.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course_utils.data.errors import DataError
from course_utils.data.shipped import PLACES
from course_utils.shelf import closest

FOLDER = "experiments"
FACTS = ("what", "command", "seeds", "machine", "seconds")


class Results(Mapping[str, NDArray[Any]]):
    """A table of measurements, one row a measurement: `table["accuracy"]` is a column, (rows,), read-only.

    Columns are int64, float64, bool or text; `seed` is the first. Floats were rounded to six significant digits.
    """

    def __init__(self, name: str, columns: Mapping[str, NDArray[Any]], facts: Mapping[str, str]):
        self.name = name
        self.facts = dict(facts)
        self._columns = dict(columns)
        for column in self._columns.values():
            column.flags.writeable = False

    @property
    def seeds(self) -> tuple[int, ...]:
        """The seeds that were run, in order."""
        return tuple(int(seed) for seed in np.unique(self["seed"]))

    @property
    def what(self) -> str:
        """What the table measures, in a line."""
        return self.facts.get("what", "")

    @property
    def command(self) -> str:
        """The command that computes the table again."""
        return self.facts.get("command", "")

    @property
    def machine(self) -> str:
        """Processor, cores, system, and the versions of Python and NumPy it was computed with."""
        return self.facts.get("machine", "")

    def describe(self) -> str:
        """One line that says where the numbers come from, for under a figure."""
        count = len(self.seeds)
        return (
            f"{count} seed{'s' * (count != 1)}, {self.facts.get('seconds', '?')} s of CPU time, "
            f"by `{self.command}` on {self.machine}"
        )

    def by_seed(
        self, x: str, value: str, where: Mapping[str, Any] | None = None
    ) -> tuple[NDArray[Any], NDArray[np.float64]]:
        """The column `value` as a curve over the column `x`, one for each seed.

        `where` keeps the rows whose columns have the given values: `{"normalization": "batchnorm"}`.
        Returns (x values, (seeds, len(x)) array): numbers in increasing order, texts in the table's order.
        Raises ValueError when a seed has no row, or several, for some x.
        """
        keep = np.ones(len(self["seed"]), dtype=bool)
        for column, wanted in (where or {}).items():
            keep &= _equal(self[column], wanted)
            if not keep.any():
                there = ", ".join(str(each) for each in dict.fromkeys(self[column].tolist()))
                raise ValueError(f"{self.name}: no rows with {dict(where or {})}; {column!r} takes: {there}")
        positions = np.array(list(dict.fromkeys(self[x][keep].tolist())))
        if positions.dtype.kind != "U":
            positions = np.sort(positions)
        curves = np.empty((len(self.seeds), len(positions)))
        for row, seed in enumerate(self.seeds):
            for column_number, position in enumerate(positions):
                cell = self[value][keep & (self["seed"] == seed) & (self[x] == position)]
                if len(cell) != 1:
                    others = ", ".join(repr(name) for name in self if name not in ("seed", x, value, *(where or ())))
                    say = f"choose among {others} with `where`" if len(cell) and others else "it needs exactly one"
                    raise ValueError(f"{self.name}: seed {seed} has {len(cell)} rows with {x} = {position}; {say}")
                curves[row, column_number] = cell[0]
        return positions, curves

    def __getitem__(self, column: str) -> NDArray[Any]:
        if column not in self._columns:
            raise KeyError(f"{self.name} has no column {column!r}; {closest(column, self._columns)}")
        return self._columns[column]

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)

    def __repr__(self) -> str:
        return f"Results({self.name!r}: {len(self['seed'])} rows of {', '.join(self)}; {self.describe()})"


def load_results(name: str, places: tuple[Path, ...] = PLACES) -> Results:
    """The table of the experiment called `name`, as it came with the course.

    Raises DataError when there is no such table (it says which there are), or when its file is damaged.
    """
    for place in places:
        path = place / FOLDER / f"{name}.csv"
        if path.is_file():
            return read_results(path)
    known = sorted({path.stem for place in places for path in (place / FOLDER).glob("*.csv")})
    raise DataError(
        f"there is no table of results called {name!r}; {closest(name, known)} "
        f"(in a checkout, `make experiments NAME={name}` computes that of experiments/{name}.py)"
    )


def read_results(path: Path) -> Results:
    """The table in a CSV file with comment lines. Raises DataError when it is damaged."""
    facts: dict[str, str] = {}
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError) as damage:
        raise DataError(f"{path}: cannot be read ({damage}). Install the course again to get it back.") from damage
    while lines and lines[0].startswith("# "):
        key, _, fact = lines.pop(0)[2:].partition(": ")
        facts[key] = fact
    rows = list(csv.reader(lines))
    if len(rows) < 2 or "seed" not in rows[0] or len(set(rows[0])) != len(rows[0]):
        raise DataError(f"{path}: not a table of results with a column 'seed'. Install the course again.")
    for number, row in enumerate(rows[1:], len(facts) + 2):
        if len(row) != len(rows[0]):
            raise DataError(
                f"{path}: line {number} has {len(row)} values for {len(rows[0])} columns. Install the course again."
            )
    columns = {name: _typed(list(texts)) for name, *texts in zip(*rows, strict=True)}
    if columns["seed"].dtype != np.int64:
        raise DataError(f"{path}: the column 'seed' must hold whole numbers. Install the course again.")
    return Results(path.stem, columns, facts)


def _typed(texts: list[str]) -> NDArray[Any]:
    """int64 if every text is a whole number, else float64 if a number, else bool if True or False, else text."""
    for kind in (np.int64, np.float64):
        try:
            return np.array([kind(text) for text in texts], dtype=kind)
        except (ValueError, OverflowError):  # too large for int64
            continue
    if set(texts) <= {"True", "False"}:
        return np.array([text == "True" for text in texts])
    return np.array(texts)


def _equal(column: NDArray[Any], wanted: Any) -> NDArray[np.bool_]:
    """Floats are compared to the six digits that a table keeps."""
    if column.dtype == np.float64:
        return np.isclose(column, float(wanted), rtol=1e-5, atol=0.0)
    return np.asarray(column == wanted, dtype=bool)
