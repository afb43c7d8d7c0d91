"""The house: what stands where, and that imports point one way."""

import ast
import subprocess
import sys
import tomllib
from importlib.metadata import distributions
from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet

from autograder.topics import FOLDERS, topics_in

ROOT = Path(__file__).resolve().parents[1]
FIXED = ("pyproject.toml", "README.md", "assignments", "solutions", "course_utils", "autograder", "data")


@pytest.mark.parametrize("name", FIXED)
def test_the_seven_fixed_names_are_there(name):
    assert (ROOT / name).exists()


def imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    return names


LIBRARY = sorted(p.relative_to(ROOT).as_posix() for p in (ROOT / "course_utils").rglob("*.py"))


@pytest.mark.parametrize("path", LIBRARY)
def test_the_library_never_imports_the_grader(path):
    assert not imported(ROOT / path) & {"autograder", "nbgrader", "solutions", "tests"}


def test_importing_the_library_does_not_load_the_grader_or_heavy_packages():
    code = (
        "import sys, course_utils\n"
        "from course_utils import check, data, gradient_check, nn, plots\n"
        "heavy = {'autograder', 'nbgrader', 'matplotlib', 'pooch', 'scipy'}\n"
        "print(sorted({module.split('.')[0] for module in sys.modules} & heavy))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"


def test_every_topic_has_the_same_name_in_every_folder():
    topics = {path.name.partition("_")[2] for path in (ROOT / "solutions").iterdir() if path.is_dir()}
    assert topics
    for folder in FOLDERS:
        assert topics_in(folder) == topics


def test_no_text_file_names_a_folder_of_somebodys_machine():
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
    if tracked.returncode:
        pytest.skip("not a git checkout")
    for name in filter(None, tracked.stdout.split("\0")):
        if name.endswith((".py", ".md", ".toml", ".txt", "Makefile", ".ipynb", ".json")) and (ROOT / name).exists():
            text = (ROOT / name).read_text(encoding="utf-8")
            assert not any(f"/{folder}/" in text for folder in ("home", "root", "work/main")), name


def test_what_is_pinned_can_be_installed_on_the_oldest_python_that_is_promised():
    (least,) = SpecifierSet(tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"])
    pinned = {line.partition("==")[0] for line in (ROOT / "constraints.txt").read_text().lower().splitlines()}
    needs = {each.metadata["Name"].lower(): each.metadata.get("Requires-Python") or "" for each in distributions()}
    assert len(pinned & needs.keys()) > 50
    too_new = [name for name in sorted(pinned & needs.keys()) if f"{least.version}.0" not in SpecifierSet(needs[name])]
    assert not too_new
