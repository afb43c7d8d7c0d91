"""Early stopping told in hindsight: from the whole list of values, what each update should have said."""

from typing import NamedTuple


class Verdict(NamedTuple):
    """After an update: whether to stop, and the number of the update that is the best so far (None: none yet)."""

    stop: bool
    best: int | None


def verdicts(values, patience, min_delta=0.0, mode="min"):
    """One verdict an update. NaN is never better than anything."""
    sign = -1.0 if mode == "max" else 1.0
    records = []  # numbers of the updates that were better
    told = []
    for number, value in enumerate(values):
        lowest = sign * values[records[-1]] if records else float("inf")
        if lowest - sign * value > min_delta:
            records.append(number)
        last = records[-1] if records else -1
        told.append(Verdict(number - last >= patience, records[-1] if records else None))
    return told
