"""What students get, and the search for leaks in it."""

import json
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from made_up import HIDDEN, MUTANTS, NAME, ORACLES, SOURCE
from test_build import checkout, contents  # noqa: F401  (a fixture)

from autograder.build import clear_solutions, release
from autograder.build.bundle import CHECKOUT, BundleError, bundle_files, make_bundle
from autograder.build.check import check_build
from autograder.build.leaks import find_leaks
from autograder.source import find_notebooks

SECRETS = {
    "a solution": "counted_so_far = np.asarray(moons)",
    "a solution, spaced otherwise": "   counted_so_far   =  np.asarray(moons)  ",
    "a second gap's solution": "    return total_moons(moons) / planets_in_total",
    "a model answer": "Their gravity dominates only a small neighbourhood against the pull of the Sun.",
    "a mark scheme": "- two marks for naming the Hill sphere",
    "the call of the hidden tests": 'grade("total_moons", globals(), points=60)',
    "a hidden test": "    invisible_planets = rng.integers(0, 99, size=7)",
    "an oracle": "        tally_of_moons += int(moons_of_one)",
    "a mutant": "    return float(moons.sum() / (moons.size + 1))",
}


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("form", ["text", "notebook", "page", "archive", "broken notebook"])
def test_a_secret_line_is_found_in_every_form(checkout, secret, form):  # noqa: F811
    notebooks = find_notebooks(checkout / "solutions")
    line = SECRETS[secret]
    page = "".join(
        f"<span>{word}</span>" for word in re.split(r"(\s+)", line.replace("<", "&lt;").replace('"', "&quot;"))
    )
    shown = {
        "text": ("a.txt", f"before\n{line}\nafter"),
        "notebook": ("a.ipynb", json.dumps({"cells": [{"source": ["before\n", f"{line}\n"]}]})),
        "page": ("a.html", f"<html><pre>{page}</pre></html>"),
        "broken notebook": ("a.ipynb", '{"cells": ' + line),
        "archive": ("a.txt", line),
    }[form]
    files = {shown[0]: shown[1].encode()}
    if form == "archive":
        with zipfile.ZipFile(checkout / "a.zip", "w") as archive:
            archive.writestr(*shown)
        files = {"a.zip": (checkout / "a.zip").read_bytes()}
    [leak] = find_leaks(files, notebooks, autograder=checkout / "autograder")
    assert leak.secret in " ".join(line.split())
    assert shown[0] in leak.where


def test_what_students_may_see_is_no_leak(checkout):  # noqa: F811
    notebooks = find_notebooks(checkout / "solutions")
    innocent = "def total_moons(moons):\nimport numpy as np\nThe total is $\\sum_i m_i$.\nreturn moons"
    for shown in (innocent, checkout / "assignments", checkout / "assignments" / NAME / "hints.json"):
        assert find_leaks(shown, notebooks, autograder=checkout / "autograder") == []


def test_a_students_own_code_in_feedback_is_no_leak(checkout):  # noqa: F811
    notebooks = find_notebooks(checkout / "solutions")
    own = SECRETS["a solution"]
    assert find_leaks(own, notebooks)
    assert find_leaks(own, notebooks, allowed=[own]) == []


def test_a_secret_line_within_longer_words_is_no_leak(checkout):  # noqa: F811
    notebooks = find_notebooks(checkout / "solutions")
    for text, leaks in (
        ("return moons.shape[0]", True),
        ("we return moons.shape[0]!", True),
        ("treturn moons.shape[0]s", False),
    ):
        assert bool(find_leaks(text, notebooks, autograder=checkout / "autograder")) is leaks, text


def test_the_library_may_share_a_line_but_not_a_whole_solution(checkout):  # noqa: F811
    notebooks = find_notebooks(checkout / "solutions")

    def leaks_of(text):
        return find_leaks({"course_utils/moons.py": text.encode()}, notebooks, autograder=checkout / "autograder")

    assert leaks_of("counted_so_far = np.asarray(moons)") == []
    for whole in (HIDDEN, ORACLES, MUTANTS):
        assert leaks_of(whole)


def test_a_build_that_forgets_a_solution_is_reported(checkout, monkeypatch):  # noqa: F811
    monkeypatch.setattr(clear_solutions, "gap_of", lambda source, exercise: source.replace("### ", "# "))
    problems = check_build(checkout)
    assert any("holds a line of the solution of total_moons" in problem for problem in problems), problems


def test_a_hint_that_gives_the_solution_is_reported(checkout):  # noqa: F811
    path = checkout / "solutions" / NAME / f"{NAME}.py"
    given = "# 2. Write `planets_in_total = len(moons)`.\n"
    path.write_text(SOURCE.replace("# 2. Count the planets as well.\n", given), encoding="utf-8")
    release.build_assignments(checkout / "assignments", find_notebooks(checkout / "solutions"))
    [problem] = check_build(checkout)
    assert problem.startswith(f"assignments/{NAME}/hints.json: holds a line of the solution of mean_moons")


def test_feedback_that_shows_a_hidden_test_is_reported(checkout):  # noqa: F811
    (checkout / "feedback").mkdir()
    page = checkout / "feedback" / "ana.html"
    page.write_text("<p>Well done</p>", encoding="utf-8")
    assert check_build(checkout, checkout / "feedback") == []
    page.write_text(f"<p>{SECRETS['a hidden test']}</p>", encoding="utf-8")
    assert check_build(checkout, checkout / "feedback")


def test_the_bundle_holds_what_students_need_and_nothing_else(checkout):  # noqa: F811
    (checkout / "data" / "make_data.py").write_text("", encoding="utf-8")
    (checkout / "data" / "CREDITS.md").write_text("thanks", encoding="utf-8")
    out = make_bundle(checkout / "out" / "bundle", root=checkout)
    assert sorted(contents(out)) == [
        "CONTENTS.txt",
        "README.md",
        f"assignments/{NAME}/{NAME}.ipynb",
        f"assignments/{NAME}/hints.json",
        f"assignments/{NAME}/planets.csv",
        "course_utils/__init__.py",
        "data/CREDITS.md",
        "pyproject.toml",
    ]
    with zipfile.ZipFile(out.with_name("bundle.zip")) as archive:
        zipped = {name.removeprefix("bundle/"): archive.read(name) for name in archive.namelist()}
    assert zipped == contents(out)
    assert sorted(path.name for path in out.parent.iterdir()) == ["bundle", "bundle.zip"]


def test_the_bundles_project_file_knows_no_grader(checkout):  # noqa: F811
    text = bundle_files(checkout, {})["pyproject.toml"].decode()
    project = tomllib.loads(text)
    assert project["project"] == {
        key: value
        for key, value in tomllib.loads((checkout / "pyproject.toml").read_text(encoding="utf-8"))["project"].items()
        if key not in ("optional-dependencies", "entry-points")
    }
    assert "autograder.cli" not in text and "pytest" not in text and "mypy" not in text


def test_a_bundle_is_replaced_by_a_new_one_with_the_same_bytes(checkout):  # noqa: F811
    out = make_bundle(checkout / "bundle", root=checkout)
    first = out.with_name("bundle.zip").read_bytes()
    assert out.with_name("bundle.zip").read_bytes() == first
    make_bundle(out, root=checkout)
    assert out.with_name("bundle.zip").read_bytes() == first


@pytest.mark.parametrize(
    ("name", "said"),
    [("thesis.txt", "not empty and not a bundle"), (".git/HEAD", "hidden files"), ("README.md", "not a bundle")],
)
def test_a_folder_with_other_things_is_not_overwritten(checkout, name, said):  # noqa: F811
    path = checkout / "mine" / name
    path.parent.mkdir(parents=True)
    path.write_text("years of work", encoding="utf-8")
    with pytest.raises(BundleError, match=said):
        make_bundle(checkout / "mine", root=checkout)
    assert contents(checkout / "mine") == {name: b"years of work"}


def test_a_bundle_someone_worked_in_is_not_overwritten(checkout):  # noqa: F811
    out = make_bundle(checkout / "bundle", root=checkout)
    (out / "work").mkdir()
    (out / "work" / "mine.ipynb").write_text("{}", encoding="utf-8")
    with pytest.raises(BundleError, match=r"holds work/mine\.ipynb"):
        make_bundle(out, root=checkout)
    assert (out / "work" / "mine.ipynb").exists()


def test_a_bundle_that_leaks_is_not_written(checkout):  # noqa: F811
    (checkout / "course_utils" / "moons.py").write_text(HIDDEN, encoding="utf-8")
    with pytest.raises(BundleError, match=r"autograder/hidden/moons\.py"):
        make_bundle(checkout / "bundle", root=checkout)
    assert not (checkout / "bundle").exists() and not (checkout / "bundle.zip").exists()


def test_the_bundle_installs_as_a_wheel_without_the_grader(checkout):  # noqa: F811
    for name in ("course_utils", "LICENSE"):
        (checkout / name).exists() or (checkout / name).write_bytes((CHECKOUT / name).read_bytes())
    (checkout / "data" / "CREDITS.md").write_text("thanks", encoding="utf-8")
    out = make_bundle(checkout / "bundle", root=checkout)
    wheels = checkout / "wheels"
    command = ["pip", "wheel", "--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", str(wheels), str(out)]
    run = subprocess.run([sys.executable, "-m", *command], capture_output=True, text=True, timeout=120)
    [wheel] = wheels.glob("*.whl") or [Path(run.stderr)]
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        metadata = {
            name: archive.read(name).decode() for name in names if name.endswith(("entry_points.txt", "METADATA"))
        }
    assert f"course_utils/shipped/assignments/{NAME}/{NAME}.ipynb" in names
    assert "course_utils/shipped/data/CREDITS.md" in names
    assert not [name for name in names if "autograder" in name or "solutions" in name]
    assert not [text for text in metadata.values() if "autograder.cli" in text]
    assert find_leaks(wheel, find_notebooks(checkout / "solutions"), autograder=checkout / "autograder") == []
