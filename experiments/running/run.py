"""Running experiments from beginning to end: compute what is missing, keep it, write or compare the tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from course_utils.data.errors import DataError
from course_utils.data.results import read_results
from experiments.running.compare import differences
from experiments.running.kept import Kept
from experiments.running.machine import machine
from experiments.running.pool import Computed, compute_all
from experiments.running.scripts import Experiment, ExperimentError, shown
from experiments.running.table import write_table

Advance = Callable[[str], None]


def run_experiments(
    experiments: Sequence[Experiment], out: Path, seeds: int | None, workers: int, advance: Advance
) -> tuple[list[Path], list[str]]:
    """Write the table of each experiment whose seeds all succeed, as soon as they have.

    `seeds` replaces each experiment's own number. Returns the tables written and what went wrong; finished seeds of an
    experiment that failed, or was interrupted, are kept and not computed again as long as its code does not change.
    """
    wanted = {each.name: range(seeds or each.seeds) for each in experiments}
    kept = {each.name: Kept(each) for each in experiments}
    finished: dict[str, dict[int, Computed]] = {name: kept[name].all() for name in wanted}
    written: list[Path] = []
    mistakes: list[str] = []

    def write_if_complete(experiment: Experiment) -> None:
        name = experiment.name
        if set(wanted[name]) <= set(finished[name]):
            try:
                written.append(_write(experiment, out, [finished[name][seed] for seed in wanted[name]]))
                kept[name].forget()
            except ExperimentError as error:
                mistakes.append(str(error))

    jobs = []
    for each in experiments:
        for seed in wanted[each.name]:
            if seed in finished[each.name]:
                advance(each.name)
            else:
                jobs.append((each, seed))
        write_if_complete(each)
    for done in compute_all(jobs, workers):
        name = done.experiment.name
        if done.mistake:
            mistakes += [done.mistake] * (done.mistake not in mistakes)
        else:
            kept[name].put(done)
            finished[name][done.seed] = done
            write_if_complete(done.experiment)
        advance(name)
    return written, mistakes


def check_experiments(experiments: Sequence[Experiment], out: Path, workers: int, advance: Advance) -> list[str]:
    """Compute the first seed of each again and compare with its table; returns what differs or is missing."""
    said, tables = [], {}
    for each in experiments:
        path = out / f"{each.name}.csv"
        try:
            tables[each.name] = read_results(path)
        except DataError:
            problem = "is damaged" if path.exists() else "is missing"
            said.append(f"{shown(path)} {problem}: `make experiments NAME={each.name}` computes it")
    found = [each for each in experiments if each.name in tables]
    for done in compute_all([(each, tables[each.name].seeds[0]) for each in found], workers):
        table = tables[done.experiment.name]
        said += [done.mistake] if done.mistake else differences(done.experiment, table, done.seed, done.rows)
        advance(done.experiment.name)
    return said


def _write(experiment: Experiment, out: Path, computed: Sequence[Computed]) -> Path:
    other = f" --seeds {len(computed)}" if len(computed) != experiment.seeds else ""
    facts = {
        "what": experiment.what,
        "command": f"python -m experiments {experiment.name}{other}",
        "seeds": " ".join(str(each.seed) for each in computed),
        "machine": machine(),
        "seconds": f"{sum(each.seconds for each in computed):.0f}",
    }
    path = out / f"{experiment.name}.csv"
    write_table(path, facts, {each.seed: each.rows for each in computed}, shown(experiment.path))
    return path
