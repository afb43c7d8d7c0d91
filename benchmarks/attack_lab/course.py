"""The course that an attack meets: a folder, an instructor's home, a port, a class of three, and one of three graders.

mallory attacks; ana, whose work is right, is graded before, and zoe, who is wrong in the attacked exercise, after.
"""

from __future__ import annotations

import ast
import json
import os
import resource
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import psutil
from grading import STOCK_CONFIG
from timing import ONE_THREAD

from attack_lab.case import ATTACKED, MARK, WRONG, Case, code_cell, filled
from autograder.build.nbgrader_run import generate_assignment
from autograder.build.release import COURSE_CONFIG
from autograder.demo.work import solved
from autograder.pipeline.grades import open_gradebook
from autograder.source import find_notebook

NAME, OTHER = "distances", "l1_distance"
STOCK, STOCK_OURS, OURS = GRADERS = ("stock, assertions", "stock, our tests", "course grade")
DESERVED = {"ana": {OTHER: 8.0, ATTACKED: 10.0}, "zoe": {OTHER: 8.0, ATTACKED: 0.0}}
ASSERTIONS = {
    OTHER: "assert l1_distance(np.array([1.0, 3.0]), np.array([4.0, 1.0])) == 5",
    ATTACKED: """rng = np.random.default_rng(2026)
for rows in (4, 6):
    X, X_train = rng.normal(size=(rows, 5)), rng.normal(size=(7, 5))
    np.testing.assert_allclose(distances_two_loops(X, X_train), np.sqrt(((X[:, None] - X_train) ** 2).sum(axis=2)))""",
}
GRADED_CELL = """# Graded: hidden tests of {exercise} run here.
### BEGIN HIDDEN TESTS
{tests}
### END HIDDEN TESTS"""
FILE_SECRET, VARIABLE_SECRET = "a-secret-of-the-instructors-file", "a-secret-of-the-instructors-environment"
MEMORY = 4 << 30  # bytes a process
HANGING = 150.0  # seconds a run may take beyond three times the limit of a cell, on a busy machine
QUIET = 20.0  # seconds in which what a grader leaves by its own habits has ended, on a busy machine


class AttackedCourse:
    """A course with this case's submission in it, graded by `grade`; after that it says what has happened.

    `left` counts processes that outlived the grader; `hung` says that it had to be killed.
    """

    def __init__(self, case: Case, grader: str, folder: Path, listener: socket.socket, seconds: int) -> None:
        self.case, self.grader, self.listener, self.seconds = case, grader, listener, seconds
        self.course, self.home = folder / "course", folder / "home"
        self.home.mkdir()
        (self.home / "secret.txt").write_text(FILE_SECRET)
        self.known: dict[str, Any] = {}
        self.left, self.hung = 0, False
        self._release()
        (self.course / "nbgrader_config.py").write_text(COURSE_CONFIG if grader == OURS else STOCK_CONFIG)
        right = {name: solved(find_notebook("01").exercise(name).gaps[0]) for name in (OTHER, ATTACKED)}
        for student, work in (("ana", right), ("zoe", right | {ATTACKED: WRONG})):
            self._write(student, json.dumps(filled(self._released(), work)))
        self.hand_in()

    def hand_in(self) -> None:
        """mallory's submission, with the answers that are known by now."""
        case, gap = self.case, self.case.gap
        meant = {"COURSE": self.course, "HOME": self.home, "PORT": self.listener.getsockname()[1], "KNOWN": self.known}
        for word, value in meant.items():
            gap = gap.replace(word, str(value))
        right = solved(find_notebook("01").exercise(OTHER).gaps[0])
        notebook = filled(self._released(), {OTHER: right, ATTACKED: gap})
        if case.shows:
            notebook["cells"].append(code_cell(case.shows))
        if case.change is not None:
            case.change(notebook)
        text = json.dumps(notebook)
        self._write("mallory", case.spoil(text) if case.spoil else text)
        self._before = self._protected()

    def grade(self) -> None:
        """Autograded notebooks and grades; feedback where the attack is on its readers, by `course grade` always."""
        if self.grader == OURS:
            course = [sys.executable, "-m", "course_utils.cli", "grade", NAME, "--course-dir", str(self.course)]
            self._run([*course, "--workers", "1", "--timeout", str(self.seconds), "--allow-unsandboxed"])
            return
        nbgrader = [sys.executable, "-m", "nbgrader"]
        self._run([*nbgrader, "autograde", NAME, "--force", f"--ExecutePreprocessor.timeout={self.seconds}"])
        if self.case.page:
            self._run([*nbgrader, "generate_feedback", NAME, "--force"])

    def learn(self) -> bool:
        """Find the right answers to the questions that mallory's own cell has shown; whether there are new ones."""
        before = len(self.known)
        shown = self._shown()
        for cell in json.loads(shown)["cells"] if shown else []:
            text = "".join("".join(output.get("text", "")) for output in cell.get("outputs", []))
            for X, X_train in ast.literal_eval(text[5:]) if text.startswith("SEEN [") else []:
                answer = np.sqrt(((np.array(X)[:, None] - np.array(X_train)) ** 2).sum(axis=2))
                self.known[str((X, X_train))] = answer.tolist()
        return len(self.known) > before

    def points(self, student: str = "mallory", exercise: str = ATTACKED) -> float | None:
        """Points in the gradebook; None where the student has no graded notebook."""
        if not (self.course / "autograded" / student / NAME / f"{NAME}.ipynb").is_file():
            return None
        with open_gradebook(self.course) as gradebook:
            points = gradebook.find_grade(f"{exercise}_tests", NAME, NAME, student).score
            return None if points is None else float(points)

    def others(self) -> list[str]:
        """What is wrong with ana's and zoe's grades."""
        found = []
        for student, deserved in DESERVED.items():
            points = {exercise: self.points(student, exercise) for exercise in deserved}
            given = sum(each for each in points.values() if each is not None)
            if None in points.values():
                found.append(f"{student} is not graded")
            elif points != deserved:
                found.append(f"{student} has {given:g} points in place of {sum(deserved.values()):g}")
        return found

    def harm(self) -> list[str]:
        """What else has been done."""
        found = ["the run hangs"] if self.hung else []
        found += [f"{self.left} process{'es' * (self.left > 1)} left running"] if self.left else []
        changed = sorted(name for name, content in self._protected().items() if self._before.get(name) != content)
        found += [f"{name} written" for name in changed]
        found += ["reaches the network"] if self._heard() else []
        page = self.course / "feedback" / "mallory" / NAME / f"{NAME}.html"
        html = page.read_text(encoding="utf-8") if page.is_file() else ""
        found += ["the file is read"] if FILE_SECRET in self._shown() + html else []
        found += ["the environment is read"] if VARIABLE_SECRET in self._shown() + html else []
        return found + (["the script is in the page"] if MARK in html else [])

    def _run(self, command: list[str]) -> None:
        """Run to the end, or until it is clear that there is none; what it leaves behind is counted and killed."""
        secrets = {"HOME": str(self.home), "COURSE_TOKEN": VARIABLE_SECRET}
        with subprocess.Popen(
            command,
            cwd=self.course,
            env=os.environ | ONE_THREAD | secrets,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=_limit_memory,
        ) as process:
            try:
                process.wait(HANGING + 3 * self.seconds)
            except subprocess.TimeoutExpired:
                self.hung = True
                process.kill()
        _, alive = psutil.wait_procs(psutil.Process().children(recursive=True), QUIET)
        for left in alive:
            left.kill()
        psutil.wait_procs(alive, QUIET)
        self.left += 0 if self.hung else len(alive)

    def _release(self) -> None:
        """Two exercises of notebook 01, released with the hidden tests that this grader is given."""
        notebook = find_notebook("01").as_notebook(solution=True)
        wanted = [name + part for name in (OTHER, ATTACKED) for part in ("", "_tests")]
        imports = next(cell for cell in notebook.cells if "from course_utils import check" in cell.source)
        notebook.cells = [imports, *(cell for cell in notebook.cells if cell.id in wanted)]
        for cell in notebook.cells:
            exercise = cell.id.removesuffix("_tests")
            if self.grader == STOCK and exercise != cell.id:
                cell.source = GRADED_CELL.format(exercise=exercise, tests=ASSERTIONS[exercise])
        path = self.course / "source" / NAME / f"{NAME}.ipynb"
        path.parent.mkdir(parents=True)
        nbformat.write(notebook, path)
        generate_assignment(self.course, NAME)

    def _released(self) -> dict[str, Any]:
        path = self.course / "release" / NAME / f"{NAME}.ipynb"
        released: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return released

    def _write(self, student: str, notebook: str) -> None:
        path = self.course / "submitted" / student / NAME / f"{NAME}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(notebook, encoding="utf-8")

    def _protected(self) -> dict[str, bytes]:
        """Files that are no business of a student's work, and their content."""
        startup = self.home / ".ipython" / "profile_default" / "startup"
        files = [self.course / "nbgrader_config.py", self.home / "secret.txt", *startup.glob("*.py")]
        files += [path for name in ("source", "release", "submitted") for path in (self.course / name).rglob("*.ipynb")]
        return {path.relative_to(self.course.parent).as_posix(): path.read_bytes() for path in files}

    def _shown(self) -> str:
        path = self.course / "autograded" / "mallory" / NAME / f"{NAME}.ipynb"
        return path.read_text(encoding="utf-8") if path.is_file() else ""

    def _heard(self) -> bool:
        self.listener.settimeout(0.1)
        try:
            self.listener.accept()[0].close()
        except TimeoutError:
            return False
        return True


def _limit_memory() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
