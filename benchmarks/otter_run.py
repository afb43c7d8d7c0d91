"""01 as an assignment of Otter's, and its local run on the same submissions.

The autograder.zip has a test file for each exercise and in it a test case for each of our hidden tests, which runs in
the notebook's kernel, as Otter's tests do, with the exercise's points shared out by weight. A failed test tells what is
wrong, but recognises no mistakes: Otter has no counterpart of that, and the time for it is not asked of it.

Locally and without Docker, Otter grades one submission after the other: by its command `otter run`, a process for each,
or by `otter.api.grade_submission`, which does the same in a process that goes on. The second is faster and is
taken here.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
import zipfile
from pathlib import Path

from timing import timed

from autograder.grading.seeds import submission_seed
from autograder.pipeline.grades import open_gradebook
from autograder.pipeline.intake import take_in
from autograder.pipeline.keys import course_key
from autograder.pipeline.master import load_master, students_code
from autograder.source import Exercise, find_notebook

Scores = dict[str, dict[str, float]]  # student → exercise → points
ENVIRONMENT = """make an environment with Otter and the course, from the checkout's folder:
  python -m venv otter && otter/bin/pip install otter-grader -e '.[grading]' scipy
and name its interpreter: --otter otter/bin/python"""
TEST_FILE = '''"""The hidden tests of {exercise}."""

import os

from otter.test_files import test_case

from autograder.grading.run import in_process, run_test
from autograder.grading.seeds import SEED_VARIABLE
from autograder.testing.registry import hidden_tests_of

OK_FORMAT = False
name = "{exercise}"


def case(test, points):
    def run(env):
        outcome = run_test(test, in_process(name, env), os.environ[SEED_VARIABLE])
        assert outcome.passed, outcome.sentence

    return test_case(name=test.title, points=points, hidden=True)(run)


tests = hidden_tests_of(name)
share = {points} / sum(test.weight for test in tests)
globals().update({{f"case_{{number}}": case(test, share * test.weight) for number, test in enumerate(tests)}})
'''


def otter_version(python: str) -> str:
    """The version of Otter in the environment of `python`; ends the benchmark when it cannot grade there."""
    program = "import otter.api, autograder.hidden; print(otter.__version__)"
    with tempfile.TemporaryDirectory() as elsewhere:  # the course must be found wherever a kernel runs
        try:
            done = subprocess.run([python, "-c", program], cwd=elsewhere, capture_output=True, text=True)
        except OSError as error:
            raise SystemExit(f"--otter {python}: {error.strerror}; {ENVIRONMENT}") from error
    if done.returncode:
        reason = done.stderr.strip().rpartition("\n")[2]
        raise SystemExit(f"--otter {python}: cannot grade 01 with Otter ({reason}); {ENVIRONMENT}")
    return done.stdout.strip()


def write_autograder(path: Path, assignment: str) -> None:
    """Write the autograder.zip of an assignment."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("otter_config.json", "{}")
        for exercise in find_notebook(assignment).exercises:
            text = TEST_FILE.format(exercise=exercise.name, points=worth(exercise))
            archive.writestr(f"tests/{exercise.name}.py", text)


def worth(exercise: Exercise) -> float:
    """The exercise's points; 1 for an extension, which is tested too but worth none."""
    return float(exercise.points or 1)


def run_otter(python: str, course_dir: Path, assignment: str, names: list[str]) -> tuple[dict[str, float], Scores]:
    """Grade the students' submissions: seconds for all, and each one's points, exercise by exercise.

    The hidden inputs are those of `course grade` in this course folder.
    """
    master, key = load_master(course_dir, assignment), course_key(course_dir)
    seeds = {}
    for name in names:
        folder = course_dir / "submitted" / name / assignment
        work = students_code(take_in(course_dir, master, name, folder).notebook)
        path = folder / f"{assignment}.ipynb"
        seeds[str(path)] = submission_seed(key, name, assignment, master.version, work)
    with tempfile.TemporaryDirectory(prefix="course-otter-") as folder_name:
        folder = Path(folder_name)
        archive, seed_file, scores = folder / "autograder.zip", folder / "seeds.json", folder / "scores.json"
        write_autograder(archive, assignment)
        seed_file.write_text(json.dumps(seeds), encoding="utf-8")
        batch = Path(__file__).with_name("otter_batch.py")
        seconds = timed([python, str(batch), str(archive), str(seed_file), str(scores)], folder)
        found = json.loads(scores.read_text(encoding="utf-8"))
    return seconds, {name: found[path] for name, path in zip(names, seeds, strict=True)}


def other_shares(course_dir: Path, assignment: str, theirs: Scores) -> list[str]:
    """Where the share of an exercise's points that Otter gave is not that in the course's gradebook."""
    exercises = [exercise for exercise in find_notebook(assignment).exercises if not exercise.extension]
    found = []
    with open_gradebook(course_dir) as gradebook:
        for name, scores in theirs.items():
            (graded,) = gradebook.find_submission(assignment, name).notebooks
            ours = {grade.name: grade.auto_score for grade in graded.grades}
            for exercise in exercises:
                mine, other = (
                    ours[exercise.tests.grade_id] / exercise.points,
                    scores[exercise.name] / worth(exercise),
                )
                if abs(mine - other) > 1e-6:
                    found.append(f"{name}, {exercise.name}: {mine:.0%} and {other:.0%}")
    return found
