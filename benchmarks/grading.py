"""`course grade` against stock `nbgrader autograde` on the same submissions of 01, in the same run.

Run: python benchmarks/grading.py [--students 100] [--stock 10] [--workers 2] [--json]
Needs the course installed with its grading part, and no other package. Stock is nbgrader as it comes: its own
configuration, a kernel for each notebook, our hidden tests inside the kernel. It handles one notebook after the other,
so its time for the class is that of `--stock` submissions from all over it, multiplied; submissions that would stop its batch
(a copied cell, half a file) are left out for both sides. `course grade` also writes the feedback, which stock does in a
second command that is not counted here. Both sides are measured once as released, where the cells tagged
skip-execution are skipped by both, and once with those cells, so with every experiment.
Wall seconds, and CPU seconds of all processes. That both give the same scores is checked.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import json
import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import nbformat

from autograder.build.release import prepare_course
from autograder.demo.roster import PLANS, make_class
from autograder.engine import chosen_level
from autograder.pipeline.master import SKIP_TAG
from autograder.source import find_notebook

NAME = "01_knn"
STOCK_CONFIG = 'c = get_config()\nc.CourseDirectory.course_id = "deep-learning-from-scratch"\n'
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
Run = dict[str, Any]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--students", type=int, default=100)
    parser.add_argument("--stock", type=int, default=10, help="submissions that stock grades")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--skip-experiments-only", action="store_true", help="leave out the run with every experiment")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    report: dict[str, Any] = {
        "machine": f"{platform.machine()}, {os.cpu_count()} CPUs, Python {platform.python_version()}",
        "sandbox": chosen_level(allow_unsandboxed=True).value,
        "students": args.students,
        "runs": {"as released": compare(args.students, args.stock, args.workers, experiments=False)},
    }
    if not args.skip_experiments_only:
        report["runs"]["with every experiment"] = compare(args.students, args.stock, args.workers, experiments=True)
    print(json.dumps(report, indent=2) if args.json else as_text(report))


def compare(students: int, stock: int, workers: int, experiments: bool) -> Run:
    """Grade the class by both; seconds a submission, their ratios, and scores that differ."""
    with tempfile.TemporaryDirectory(prefix="course-benchmark-") as folder:
        ours, theirs = Path(folder) / "ours", Path(folder) / "stock"
        names = made_class(ours, students, experiments)
        shutil.copytree(ours, theirs)
        (theirs / "nbgrader_config.py").write_text(STOCK_CONFIG, encoding="utf-8")
        sample = names[:: max(1, students // stock)][:stock]  # from all over the class: right, wrong, half done
        for name in set(names) - set(sample):
            shutil.rmtree(theirs / "submitted" / name)
        course = [sys.executable, "-m", "course_utils.cli", "grade", NAME, "--course-dir", str(ours), "--json"]
        mine = timed([*course, "--workers", str(workers), "--timeout", "120", "--allow-unsandboxed"], ours)
        rival = timed(
            [sys.executable, "-m", "nbgrader", "autograde", NAME, "--ExecutePreprocessor.timeout=120"], theirs
        )
        mine = {key: seconds / students for key, seconds in mine.items()}
        rival = {key: seconds / len(sample) for key, seconds in rival.items()}
        return {
            "course grade": mine,
            "nbgrader autograde": rival,
            "times as fast": {key: rival[key] / mine[key] for key in mine},
            "scores that differ": differing(ours, theirs, sample),
        }


def made_class(course_dir: Path, students: int, experiments: bool) -> list[str]:
    """A class without accidents, in a new course folder; returns the students' names."""
    prepare_course(course_dir, [NAME])
    ordinary = sum(not plan.accident for plan in PLANS)
    names = make_class(course_dir, find_notebook(NAME), -(-students // ordinary) * len(PLANS))
    whole = []
    for name in names:
        folder = course_dir / "submitted" / name
        if len(whole) < students and is_ordinary(folder / NAME / f"{NAME}.ipynb", experiments):
            whole.append(name)
        else:
            shutil.rmtree(folder)
    if experiments:
        untag(course_dir / "release" / NAME / f"{NAME}.ipynb")
    return whole


def is_ordinary(path: Path, experiments: bool) -> bool:
    """Whether stock can grade this submission within its time; with `experiments`, its tags are taken off."""
    try:
        notebook = nbformat.read(path, as_version=4)
    except (FileNotFoundError, nbformat.reader.NotJSONError):
        return False
    ids = [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in notebook.cells]
    known = [name for name in ids if name]
    released = nbformat.read(path.parents[3] / "release" / NAME / f"{NAME}.ipynb", as_version=4)
    if len(known) != len(set(known)) or len(notebook.cells) != len(released.cells):
        return False
    if any("while True" in cell.source for cell in notebook.cells if cell.cell_type == "code"):
        return False
    if experiments:
        untag(path)
    return True


def untag(path: Path) -> None:
    """Take the tag off that lets both graders skip a cell."""
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        cell.metadata["tags"] = [tag for tag in cell.metadata.get("tags", []) if tag != SKIP_TAG]
    nbformat.write(notebook, path)


def timed(command: list[str], folder: Path) -> dict[str, float]:
    """Wall seconds and CPU seconds of a command with everything it starts."""
    adopt_orphans()
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(command, cwd=folder, env=os.environ | ONE_THREAD, capture_output=True, text=True)
    wall = time.perf_counter() - start
    wait_for_orphans()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}\n{done.stdout}\n{done.stderr}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"wall": wall, "CPU": cpu}


def adopt_orphans() -> None:
    """Make this process the parent of processes that outlive theirs, so that their CPU time is counted (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER, linux/prctl.h


def wait_for_orphans() -> None:
    """Wait for all of them."""
    with contextlib.suppress(ChildProcessError):
        while True:
            os.wait()


def differing(ours: Path, theirs: Path, names: list[str]) -> list[str]:
    """Students whose automatic points differ between the two gradebooks."""
    from autograder.pipeline.grades import open_gradebook

    with open_gradebook(ours) as mine, open_gradebook(theirs) as rival:
        pairs = {name: [book.find_submission(NAME, name).score for book in (mine, rival)] for name in names}
    return [f"{name}: {one:g} and {other:g}" for name, (one, other) in pairs.items() if abs(one - other) > 1e-6]


def as_text(report: dict[str, Any]) -> str:
    lines = [f"{report['students']} submissions of {NAME}; {report['machine']}; sandbox level {report['sandbox']}"]
    for name, run in report["runs"].items():
        lines.append(f"\n{name}, seconds a submission       wall      CPU")
        for side in ("nbgrader autograde", "course grade"):
            lines.append(f"  {side:38}{run[side]['wall']:8.3f} {run[side]['CPU']:8.3f}")
        lines.append(f"  {'times as fast':38}{run['times as fast']['wall']:8.1f} {run['times as fast']['CPU']:8.1f}")
        lines.append(f"  scores that differ: {', '.join(run['scores that differ']) or 'none'}")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
