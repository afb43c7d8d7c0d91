"""A topic's hidden tests, oracles and mutants are one file each, or a package where one file is too long."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from made_up import HIDDEN, MUTANTS, ORACLES, SOURCE, write_made_up_grading, write_made_up_notebook

from autograder.build.leaks import find_leaks
from autograder.source import read_notebook
from autograder.topics import FOLDERS, files_of_topic, topic_of_module, topics_in
from autograder.verify.structure import most_alike

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def notebook(tmp_path):
    return read_notebook(write_made_up_notebook(tmp_path / "solutions"))


@pytest.fixture
def packages(tmp_path):
    """autograder/ with the made-up notebook's three files as packages, split in two where they can be."""
    folder = tmp_path / "autograder"
    texts = {
        "hidden": HIDDEN.replace('@hidden("mean', 'CUT@hidden("mean').split("CUT"),
        "oracles": [ORACLES],
        "mutants": MUTANTS.replace('@alternative("mean', 'CUT@alternative("mean', 1).split("CUT"),
    }
    imports = "from autograder.oracles import moons as oracles\nfrom autograder.testing import *\n\n"
    for kind, parts in texts.items():
        home = folder / kind / "moons"
        home.mkdir(parents=True)
        (folder / kind / "__init__.py").write_text('"""."""\n')
        again = "from autograder.oracles.moons.part0 import slow_total\n" if kind == "oracles" else '"""."""\n'
        (home / "__init__.py").write_text(again)
        for number, part in enumerate(parts):
            (home / f"part{number}.py").write_text(part if number == 0 else imports + part)
    return folder


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_topic_is_a_file_or_a_package(folder, tmp_path, packages):
    write_made_up_grading(tmp_path / "flat")
    assert topics_in(folder, tmp_path / "flat") == topics_in(folder, packages) == {"moons"}
    assert [path.name for path in files_of_topic(folder, "moons", tmp_path / "flat")] == ["moons.py"]
    assert "part0.py" in [path.name for path in files_of_topic(folder, "moons", packages)]
    assert files_of_topic(folder, "suns", packages) == []


@pytest.mark.parametrize(
    ("module", "topic"),
    [
        ("autograder.hidden.knn", "knn"),
        ("autograder.hidden.linear.softmax", "linear"),
        ("autograder.mutants.linear.softmax", "linear"),
        ("test_verify", "test_verify"),
    ],
)
def test_the_topic_of_a_module(module, topic):
    assert topic_of_module(module) == topic


def test_a_line_of_a_packages_module_is_a_leak(notebook, packages):
    (leak,) = find_leaks("unseen_planets = rng.integers(0, 99, size=5)", [notebook], autograder=packages)
    assert leak.origin == "autograder/hidden/moons/part1.py"


def test_oracles_in_every_module_of_a_package_are_compared_with_the_solution(tmp_path, packages):
    line = "return [[planet + 1, planet * 2, planet - 3] for planet in moons if planet > 4]"
    source = SOURCE.replace("return int(counted_so_far.sum())", line)
    for number in (1, 2):
        (packages / "oracles" / "moons" / f"part{number}.py").write_text(f"def roomy{number}(moons):\n    {line}\n")
    notebook = read_notebook(write_made_up_notebook(tmp_path / "roomy", source))
    assert {likeness.oracle for likeness in most_alike(notebook, packages / "oracles")} == {"roomy1", "roomy2"}


def test_a_notebook_whose_files_are_packages_is_verified(notebook, packages):
    """In a process of its own: autograder's folders are extended by the made-up ones before anything is loaded."""
    code = f"""
import autograder.hidden, autograder.mutants, autograder.oracles
for package in (autograder.hidden, autograder.mutants, autograder.oracles):
    package.__path__[:] = [{str(packages)!r} + "/" + package.__name__.rpartition(".")[2]]
from pathlib import Path
from autograder.source import read_notebook
from autograder.testing.registry import topics
from autograder.verify import verify_notebook
report = verify_notebook(read_notebook(Path({str(notebook.path)!r})), seeds=2)
print(topics())
print([problem for exercise in report.exercises for problem in exercise.problems])
"""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, env=environment)
    assert done.returncode == 0, done.stderr
    topics, problems = done.stdout.strip().splitlines()
    assert topics == "{'moons': ['total_moons', 'mean_moons']}"
    assert "catches no mutant" not in problems
