"""`course grade` on classes of several sizes: whether time and the main process's memory grow as they should."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from timing import timed

from course_utils.plots.style import axes, look

POINTS = 200  # of a class's memory that are kept
GROWTH = 50  # MiB: the main process may not grow by more, however large the class
Grade = Callable[[Path], list[str]]  # course folder → the command that grades it


def measure_sizes(course_dir: Path, names: Sequence[str], sizes: Sequence[int], command: Grade) -> dict[str, Any]:
    """Grade the first so many of `names` for each size, each time in a new copy of the course folder."""
    rows = [graded(course_dir, list(names[:size]), command) for size in sizes]
    return {"sizes": rows, "line": line_through(rows)}


def measure_alone(course_dir: Path, chosen: dict[str, str], command: Grade) -> dict[str, dict[str, float]]:
    """Seconds for the submission of each kind (kind → student), the only one in its course: all is started for it."""
    rows = {kind: graded(course_dir, [name], command) for kind, name in chosen.items()}
    return {kind: {key: row[key] for key in ("wall", "CPU")} for kind, row in rows.items()}


def graded(course_dir: Path, names: list[str], command: Grade) -> dict[str, Any]:
    """Wall and CPU seconds for these submissions, and the memory of the main process in MiB (Linux; else empty).

    `memory` holds pairs: submissions written, memory then, from the first one written. `grown` is the peak minus the
    memory with the first.
    """
    with tempfile.TemporaryDirectory(prefix="course-benchmark-") as folder:
        copy = Path(folder) / "course"
        shutil.copytree(course_dir, copy, ignore=lambda path, _: ["submitted"] if Path(path) == course_dir else [])
        for name in names:
            shutil.copytree(course_dir / "submitted" / name, copy / "submitted" / name)
        watch = MemoryWatch(copy / "autograded")
        seconds = timed(command(copy), copy, watch if sys.platform == "linux" else None)
        written = watch.written()
    if written != len(names):
        raise SystemExit(f"{written} of {len(names)} submissions were graded: the benchmark's figures would be wrong")
    written_yet = [pair for pair in watch.seen if pair[0]] or [(0, watch.peak)]
    memory = {"peak": watch.peak, "grown": watch.peak - written_yet[0][1], "memory": thinned(written_yet)}
    return {"submissions": len(names), **seconds, **memory}


class MemoryWatch:
    """Notes the memory of a process, in MiB, whenever more submissions have been written than at the last look."""

    def __init__(self, autograded: Path) -> None:
        self.autograded = autograded
        self.seen: list[tuple[int, float]] = []
        self.peak = 0.0

    def __call__(self, process: int) -> None:
        sizes = memory_of(process)
        if sizes is None:
            return
        now, self.peak = sizes
        count = self.written()
        if not self.seen or count > self.seen[-1][0]:
            self.seen.append((count, now))

    def written(self) -> int:
        """Students who have an autograded notebook."""
        return sum(1 for _ in self.autograded.iterdir()) if self.autograded.is_dir() else 0


def memory_of(process: int) -> tuple[float, float] | None:
    """The resident memory of a process, in MiB: now and at its peak. None for a process that has ended."""
    try:
        status = Path(f"/proc/{process}/status").read_text(encoding="utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return None
    entries = dict(line.split(":", 1) for line in status.splitlines())
    if "VmRSS" not in entries:
        return None
    return int(entries["VmRSS"].split()[0]) / 1024, int(entries["VmHWM"].split()[0]) / 1024


def thinned(seen: list[tuple[int, float]]) -> list[tuple[int, float]]:
    """At most `POINTS` of these from end to end."""
    places = np.linspace(0, len(seen) - 1, min(len(seen), POINTS))
    return [seen[round(place)] for place in places]


def line_through(rows: list[dict[str, Any]]) -> dict[str, float]:
    """The straight line of wall seconds against submissions, and how far off it a class is, as a share of its time.

    Empty with fewer than three sizes: two points are always on a line.
    """
    sizes, walls = (np.array([row[key] for row in rows], dtype=float) for key in ("submissions", "wall"))
    if len(set(sizes)) < 3:
        return {}
    each, start = np.polyfit(sizes, walls, 1)
    off = np.abs(walls - (start + each * sizes)) / walls
    return {"each": float(each), "start": float(start), "off": float(off.max()), "off at": int(sizes[off.argmax()])}


def sizes_as_text(report: dict[str, Any]) -> list[str]:
    lines = [
        "",
        "submissions      wall       CPU   CPU each   main process: peak MiB   grown since the first was written",
    ]
    for row in report["sizes"]:
        start = f"{row['submissions']:11d} {row['wall']:9.2f} {row['CPU']:9.2f} {row['CPU'] / row['submissions']:10.3f}"
        lines.append(start + (f"{row['peak']:26.1f} {row['grown']:30.1f}" if row["peak"] else "   (Linux only)"))
    if report["line"]:
        line = report["line"]
        lines.append(f"line through the times: {line['start']:.2f} s + {line['each'] * 1000:.1f} ms a submission;")
        lines.append(f"  farthest off it: {line['off']:.0%} of its time, with {line['off at']} submissions")
    alone = ", ".join(f"{kind} {row['wall']:.2f} s (CPU {row['CPU']:.2f} s)" for kind, row in report["alone"].items())
    return [*lines, f"one submission alone, from the start of the command: {alone}"]


def plot_sizes(report: dict[str, Any], path: Path) -> None:
    """Draw wall seconds against the size of the class, and the main process's memory against submissions written."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10.4, 4.2), layout="constrained")
    FigureCanvasAgg(figure)
    left, right = figure.subplots(1, 2)
    _plot_time(left, report["sizes"], report["line"])
    largest = max(report["sizes"], key=lambda row: row["submissions"])
    if largest["peak"]:
        _plot_memory(right, largest)
    else:
        right.set_axis_off()
    figure.savefig(path, dpi=150)


def _plot_time(ax: Any, rows: list[dict[str, Any]], line: dict[str, float]) -> None:
    axes(title=f"A submission more costs {line['each'] * 1000:.0f} ms" if line else "Time for a class", ax=ax)
    if line:
        ends = np.array([0, max(row["submissions"] for row in rows)])
        label = f"line: {line['start']:.1f} s + {line['each'] * 1000:.1f} ms a submission"
        ax.plot(ends, line["start"] + line["each"] * ends, lw=1.4, label=label, **look(1))
    ax.plot(
        *zip(*[(row["submissions"], row["wall"]) for row in rows], strict=True), "o", color="black", label="measured"
    )
    highest = max(row["wall"] for row in rows)
    ax.set(xlabel="submissions in the class", ylabel="wall time (s)", xlim=(0, None), ylim=(0, 1.25 * highest))
    ax.legend(frameon=False, fontsize=9, loc="upper left")


def _plot_memory(ax: Any, row: dict[str, Any]) -> None:
    axes(title=f"{row['submissions']} submissions: the main process grows by {row['grown']:.0f} MiB", ax=ax)
    written, memory = zip(*row["memory"], strict=True)
    ax.plot(written, memory, lw=1.6, label=f"class of {row['submissions']}", **look(0))
    ax.axhline(memory[0] + GROWTH, lw=1.2, label=f"{GROWTH} MiB more than with the first one written", **look(1))
    top = 1.25 * max(row["peak"], memory[0] + GROWTH)
    ax.set(xlabel="submissions written", ylabel="memory of the main process (MiB)", xlim=(0, None), ylim=(0, top))
    ax.legend(frameon=False, fontsize=9, loc="lower right")
