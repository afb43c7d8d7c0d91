"""`python -m experiments [NAME ...] [--seeds N] [--workers 2] [--list] [--check]`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from experiments.running.run import check_experiments, run_experiments
from experiments.running.scripts import Experiment, ExperimentError, choose, find_experiments, shown

HERE = Path(__file__).resolve().parent
TABLES = HERE.parent / "data" / "experiments"


def main(arguments: Sequence[str] | None = None, folder: Path = HERE, tables: Path = TABLES) -> int:
    """Run the command. Returns its exit status: 1 when a seed failed or a table differs, 2 for a mistake in words."""
    parser = argparse.ArgumentParser(prog="python -m experiments", description="Run experiments with several seeds.")
    parser.add_argument("names", metavar="NAME", nargs="*", help="an experiment (default: all)")
    parser.add_argument("--seeds", metavar="N", type=_at_least_one, help="seeds 0 … N−1 (default: each one's own)")
    parser.add_argument("--workers", metavar="N", type=_at_least_one, default=2, help="processes at once (default: 2)")
    parser.add_argument("--list", action="store_true", help="say which there are and run none")
    parser.add_argument("--check", action="store_true", help="compute one seed of each and compare with its table")
    options = parser.parse_args(arguments)
    console, errors = Console(highlight=False, markup=False), Console(stderr=True, highlight=False, markup=False)
    try:
        chosen = choose(find_experiments(folder), options.names)
    except ExperimentError as error:
        errors.print(f"experiments: {error}", style="red", soft_wrap=True)
        return 2
    if options.list:
        console.print(_listing(chosen, tables))
        return 0
    total = len(chosen) if options.check else sum(options.seeds or each.seeds for each in chosen)
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    try:
        with Progress(*columns, console=errors) as bar:
            task = bar.add_task("seeds", total=total)

            def advance(name: str) -> None:
                bar.update(task, advance=1, description=name)

            if options.check:
                said = check_experiments(chosen, tables, options.workers, advance)
            else:
                written, said = run_experiments(chosen, tables, options.seeds, options.workers, advance)
    except KeyboardInterrupt:
        errors.print("experiments: interrupted; run the same again for the seeds that are missing", soft_wrap=True)
        return 130
    for line in said:
        errors.print(f"experiments: {line}", style="red", soft_wrap=True)
    if options.check:
        console.print(f"{len(chosen)} experiment{'s' * (len(chosen) != 1)} checked, {len(said)} problems")
    else:
        for path in written:
            console.print(f"wrote {shown(path)}", soft_wrap=True)
        if said:
            errors.print("experiments: seeds that finished are kept; run the same again for the others", soft_wrap=True)
    return 1 if said else 0


def _listing(experiments: Sequence[Experiment], tables: Path) -> Table:
    table = Table("experiment", "seeds", "table", "what it measures", box=None, header_style="bold")
    for each in experiments:
        there = "yes" if (tables / f"{each.name}.csv").is_file() else "no"
        table.add_row(each.name, str(each.seeds), there, each.what)
    return table


def _at_least_one(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"must be a whole number of at least 1, not {text!r}")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
