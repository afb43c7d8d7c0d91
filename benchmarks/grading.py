"""`course grade` against stock `nbgrader autograde` and Otter's local run on the same submissions of 01, in one go.

Run: python benchmarks/grading.py [--students 100] [--stock N] [--workers 2] [--otter PYTHON] [--json]
     python benchmarks/grading.py --sizes 1,100,300,1000 [--plot FILE.png] [--workers 2] [--json]
Needs the course installed with its grading part, and for Otter an environment of its own that has both:
    python -m venv otter && otter/bin/pip install otter-grader -e '.[grading]' scipy
Its interpreter, otter/bin/python, is named with --otter; without it Otter is left out.

Stock is nbgrader as it comes: its own configuration, a kernel for each notebook, our hidden tests inside the kernel.
Otter is its local run without Docker, with the same tests inside its kernel (otter_run.py says how). Both handle one
notebook after the other, and take minutes. With `--stock` they grade only so many, from all over the class; their own
start, some seconds, then weighs more in a submission than that of `course grade` does. Submissions that would stop
stock's batch (a copied cell, half a file) are left out for all. `course grade` also writes the pages of feedback,
unless told not to; stock does that in a second command. So both have two rows, with pages and without, and like is
compared with like. Otter's local run writes no such pages.
All are measured once as released, where all skip the cells tagged skip-execution, and once with those cells, so with
every experiment. Wall seconds, and CPU seconds of all processes. That all give the same scores is checked: Otter's by
exercise, on the hidden inputs of `course grade`; stock's by submission, on others, as it has one seed for all: work
that is wrong passes a hidden test by luck now and then. Beside it stands what cells and tests of the same submissions
cost in one warm process (warm_process.py); fixed_cost.py measures what grading adds to that. With --sizes only `course
grade` is measured, on classes of these sizes as released: time, and the memory of the main process (Linux), which
collects what the others found and writes it; then one submission alone, for three of them, from the start of the
command to its end. --plot draws time against size and memory against submissions written.
"""

from __future__ import annotations

import argparse
import compileall
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import nbformat
from class_sizes import measure_alone, measure_sizes, plot_sizes, sizes_as_text
from otter_run import other_shares, otter_version, run_otter
from timing import ONE_THREAD, timed

import autograder
import course_utils
from autograder.build.release import prepare_course
from autograder.demo.roster import PLANS, Plan, make_class
from autograder.engine import chosen_level
from autograder.pipeline.grades import open_gradebook
from autograder.pipeline.master import SKIP_TAG
from autograder.source import find_notebook

NAME = "01_knn"
STOCK_CONFIG = 'c = get_config()\nc.CourseDirectory.course_id = "deep-learning-from-scratch"\n'
OURS, STOCK, OTTER = "course grade --no-feedback", "nbgrader autograde", "Otter's local run"
OURS_PAGES, STOCK_PAGES = "course grade", "nbgrader autograde, generate_feedback"
LIKE = {STOCK: OURS, OTTER: OURS, STOCK_PAGES: OURS_PAGES}  # which of ours does the same work
ORDINARY = [plan for plan in PLANS if not plan.accident]  # the students' plans, again and again
ALONE = {"all right": Plan(), "with six mistakes": Plan(mistakes=6), "half done": Plan(finished=0.5, mistakes=1)}
Run = dict[str, Any]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--students", type=int, default=100)
    parser.add_argument("--stock", type=int, help="submissions that stock and Otter grade (default: all)")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--otter", metavar="PYTHON", help="an interpreter whose environment has Otter and the course")
    parser.add_argument("--skip-experiments-only", action="store_true", help="leave out the run with every experiment")
    parser.add_argument("--sizes", type=sizes, help="sizes of class, as in 1,100,1000, to grade with `course grade`")
    parser.add_argument("--plot", type=Path, metavar="FILE.png", help="draw what --sizes measures")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    if args.plot and not args.sizes:
        parser.error("--plot draws what --sizes measures: name sizes too")
    compile_course()
    report: dict[str, Any] = {
        "machine": f"{platform.machine()}, {os.cpu_count()} CPUs, Python {platform.python_version()}",
        "sandbox": chosen_level(allow_unsandboxed=True).value,
        "workers": args.workers,
    }
    if args.sizes:
        report |= classes(args.sizes, args.workers)
        if args.plot:
            plot_sizes(report, args.plot)
    else:
        # Absolute, but not resolved: an environment's interpreter is a link to one that does not know it.
        otter = str(Path(args.otter).absolute()) if args.otter else None
        report |= {"students": args.students, "Otter": otter_version(otter) if otter else None, "runs": {}}
        stock = args.students if args.stock is None else args.stock
        kinds = {"as released": False} | ({} if args.skip_experiments_only else {"with every experiment": True})
        for kind, experiments in kinds.items():
            report["runs"][kind] = compare(args.students, stock, args.workers, experiments, otter)
    print(json.dumps(report, indent=2) if args.json else as_text(report))


def compile_course() -> None:
    """Compile the course's modules, as pip does on installing any package.

    From a checkout, under PYTHONDONTWRITEBYTECODE, every process of every grader would do so again.
    """
    for package in (autograder, course_utils):
        compileall.compile_dir(Path(package.__file__).parent, quiet=1)


def sizes(text: str) -> list[int]:
    """The numbers in `1,100,1000`, ascending."""
    found = sorted({int(number) for number in text.split(",")})
    if found[0] < 1:
        raise argparse.ArgumentTypeError("a class has at least one student")
    return found


def compare(students: int, stock: int, workers: int, experiments: bool, otter: str | None) -> Run:
    """Grade the class by all; seconds a submission, their ratios, and scores that differ."""
    with tempfile.TemporaryDirectory(prefix="course-benchmark-") as folder:
        ours, theirs, bare = (Path(folder) / name for name in ("ours", "stock", "without-pages"))
        names = made_class(ours, students, experiments)
        shutil.copytree(ours, theirs)
        shutil.copytree(ours, bare)
        (theirs / "nbgrader_config.py").write_text(STOCK_CONFIG, encoding="utf-8")
        sample = sample_of(names, stock)
        for name in set(names) - set(sample):
            shutil.rmtree(theirs / "submitted" / name)
        seconds = {OURS_PAGES: each(timed(grade_command(ours, workers), ours), students)}
        seconds[OURS] = each(timed([*grade_command(bare, workers), "--no-feedback"], bare), students)
        warm = warm_cpu(ours, names)
        differences = {}
        if stock:
            nbgrader = [sys.executable, "-m", "nbgrader"]
            first = timed([*nbgrader, "autograde", NAME, "--ExecutePreprocessor.timeout=120"], theirs)
            then = timed([*nbgrader, "generate_feedback", NAME], theirs)
            seconds[STOCK] = each(first, len(sample))
            seconds[STOCK_PAGES] = each({key: first[key] + then[key] for key in first}, len(sample))
            differences[STOCK] = differing(ours, theirs, sample)
        if stock and otter:
            spent, scores = run_otter(otter, ours, NAME, sample)
            seconds[OTTER] = each(spent, len(sample))
            differences[OTTER] = other_shares(ours, NAME, scores)
    faster = {
        side: {key: spent[key] / seconds[LIKE[side]][key] for key in spent}
        for side, spent in seconds.items()
        if side in LIKE
    }
    return {
        "seconds": seconds,
        "warm CPU": warm / students,
        "sample": len(sample),
        "times as fast": faster,
        "scores that differ": differences,
    }


def warm_cpu(course_dir: Path, names: list[str]) -> float:
    """CPU seconds of the cells and hidden tests of these students' submissions, in one warm process."""
    warm = [sys.executable, str(Path(__file__).with_name("warm_process.py")), str(course_dir), NAME, *names]
    said = subprocess.run(warm, env=os.environ | ONE_THREAD, stdout=subprocess.PIPE, check=True).stdout
    return float(json.loads(said)["CPU"])


def classes(wanted: list[int], workers: int) -> Run:
    """Grade classes of these sizes, and single submissions, by `course grade`."""
    with tempfile.TemporaryDirectory(prefix="course-benchmark-") as folder:
        course_dir = Path(folder) / "course"
        names = made_class(course_dir, max(*wanted, len(ORDINARY)), experiments=False)
        found = measure_sizes(course_dir, names, wanted, lambda copy: grade_command(copy, workers))
        chosen = {kind: names[ORDINARY.index(plan)] for kind, plan in ALONE.items()}
        return found | {"alone": measure_alone(course_dir, chosen, lambda copy: grade_command(copy, workers))}


def grade_command(course_dir: Path, workers: int) -> list[str]:
    course = [sys.executable, "-m", "course_utils.cli", "grade", NAME, "--course-dir", str(course_dir), "--json"]
    return [*course, "--workers", str(workers), "--timeout", "120", "--allow-unsandboxed"]


def each(seconds: dict[str, float], submissions: int) -> dict[str, float]:
    return {key: value / submissions for key, value in seconds.items()}


def sample_of(names: list[str], size: int) -> list[str]:
    """So many students from all over the class: right, wrong and half done in the proportion of the whole."""
    by_plan = sorted(range(len(names)), key=lambda place: (place % len(ORDINARY), place))
    size = min(size, len(names))
    return [names[by_plan[number * len(names) // size]] for number in range(size)]


def made_class(course_dir: Path, students: int, experiments: bool) -> list[str]:
    """A class without accidents, in a new course folder; returns the students' names."""
    prepare_course(course_dir, [NAME])
    names = make_class(course_dir, find_notebook(NAME), -(-students // len(ORDINARY)) * len(PLANS))
    released = course_dir / "release" / NAME / f"{NAME}.ipynb"
    cells = len(json.loads(released.read_text(encoding="utf-8"))["cells"])
    whole = []
    for name in names:
        folder = course_dir / "submitted" / name
        path = folder / NAME / f"{NAME}.ipynb"
        if len(whole) == students or not is_ordinary(path, cells):
            shutil.rmtree(folder)
            continue
        whole.append(name)
        if experiments:
            untag(path)
    if experiments:
        untag(released)
    return whole


def is_ordinary(path: Path, cells: int) -> bool:
    """Whether stock can grade this submission of a notebook with so many cells, within its time."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))["cells"]
    except (FileNotFoundError, json.JSONDecodeError):
        return False
    known = [name for cell in found if (name := cell["metadata"].get("nbgrader", {}).get("grade_id"))]
    endless = any("while True" in cell["source"] for cell in found if cell["cell_type"] == "code")
    return len(found) == cells and len(known) == len(set(known)) and not endless


def untag(path: Path) -> None:
    """Take the tag off that lets every grader skip a cell."""
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        cell.metadata["tags"] = [tag for tag in cell.metadata.get("tags", []) if tag != SKIP_TAG]
    nbformat.write(notebook, path)


def differing(ours: Path, theirs: Path, names: list[str]) -> list[str]:
    """Students whose automatic points differ between the two gradebooks."""
    with open_gradebook(ours) as mine, open_gradebook(theirs) as rival:
        pairs = {name: [book.find_submission(NAME, name).score for book in (mine, rival)] for name in names}
    return [f"{name}: {one:g} and {other:g}" for name, (one, other) in pairs.items() if abs(one - other) > 1e-6]


def as_text(report: dict[str, Any]) -> str:
    about = f"{report['machine']}; {report['workers']} workers; sandbox level {report['sandbox']}"
    if "sizes" in report:
        return "\n".join([f"`course grade` of {NAME} as released; {about}", *sizes_as_text(report)])
    lines = [f"{report['students']} submissions of {NAME}; {about}"]
    if report["Otter"]:
        lines.append(f"Otter {report['Otter']}: locally, one submission after the other, in one process")
    else:
        lines.append("Otter left out: it takes part with --otter PYTHON, see the head of this file")
    for name, run in report["runs"].items():
        lines.append(
            f"\n{name}, seconds a submission       wall      CPU     ours for the same work is faster by: wall, CPU"
        )
        for side, seconds in run["seconds"].items():
            faster = run["times as fast"].get(side)
            times = f"{faster['wall']:37.1f} × {faster['CPU']:6.1f} ×" if faster else ""
            lines.append(f"  {side:38}{seconds['wall']:8.3f} {seconds['CPU']:8.3f}{times}")
        lines.append(f"  {'the same cells and tests, warm':38}{'':8} {run['warm CPU']:8.3f}")
        for side, found in run["scores that differ"].items():
            lines.append(
                f"  scores of {run['sample']} that differ ({OURS_PAGES} and {side}): {', '.join(found) or 'none'}"
            )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
