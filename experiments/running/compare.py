"""`python -m experiments --check`: one seed computed again must agree with the table that is committed."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from course_utils.data import Results
from experiments.running.scripts import Experiment
from experiments.running.table import Row


def differences(experiment: Experiment, table: Results, seed: int, rows: Sequence[Row]) -> list[str]:
    """What differs from the table, in words; empty when all agrees.

    Texts, truth values and whole numbers must be equal. A float may differ by the experiment's tolerance times its own
    size or the median size of its column, whichever is larger.
    """
    where = f"{experiment.name}, seed {seed}"
    if list(table) != ["seed", *rows[0]]:
        return [f"{where}: columns are {', '.join(rows[0])}; the table has {', '.join(list(table)[1:])}"]
    mine = np.flatnonzero(table["seed"] == seed)
    if len(mine) != len(rows):
        return [f"{where}: {len(rows)} rows; the table has {len(mine)}"]
    said = []
    for column in rows[0]:
        kept = table[column]
        scale = float(np.median(np.abs(kept[np.isfinite(kept)]))) if _has_finite(kept) else 0.0
        wrong = []
        for number, (row, at) in enumerate(zip(rows, mine, strict=True)):
            if not _agree(row[column], kept[at].item(), experiment.tolerance, scale):
                wrong.append(f"row {number} gives {row[column]!r}, the table {kept[at].item()!r}")
        if wrong:
            said.append(f"{where}, {column!r}: {len(wrong)} of {len(rows)} differ; {wrong[0]}")
    return said


def _has_finite(kept: np.ndarray) -> bool:
    return kept.dtype == np.float64 and bool(np.isfinite(kept).any())


def _agree(new: int | float | bool | str, kept: int | float | bool | str, tolerance: float, scale: float) -> bool:
    if isinstance(new, float) and isinstance(kept, int | float):
        if not (math.isfinite(new) and math.isfinite(kept)):
            return repr(new) == repr(float(kept))
        return abs(new - kept) <= tolerance * max(abs(kept), scale)
    return new == kept
