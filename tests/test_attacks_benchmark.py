"""benchmarks/attacks.py measures what it says, and docs/attacks.md shows what it measures."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
POINTS = re.compile(r"(no grade|[\d.]+ of 10)\Z")
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the benchmark limits memory and finds what is left")


def python(*arguments: str) -> str:
    command = [sys.executable, *arguments]
    return subprocess.run(
        command, cwd=ROOT / "benchmarks", capture_output=True, text=True, check=True, timeout=400
    ).stdout


@pytest.fixture(scope="module")
def cases() -> list[list[str]]:
    """Kind, name and description of every attack."""
    program = """
import json
from attack_lab import KINDS
print(json.dumps([[kind, case.name, case.what] for kind, cases in KINDS.items() for case in cases]))
"""
    found: list[list[str]] = json.loads(python("-c", program))
    return found


@pytest.fixture(scope="module")
def shown() -> list[list[str]]:
    """The rows of the tables in docs/attacks.md, each after the heading that it stands under."""
    rows, heading = [], ""
    for line in (ROOT / "docs" / "attacks.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            heading = line.removeprefix("## ")
        elif line.startswith("| ") and not line.startswith("| attack |"):
            rows.append([heading, *line.strip("| ").split(" | ")])
    return rows


def test_the_docs_show_every_attack_that_is_measured(cases: list[list[str]], shown: list[list[str]]) -> None:
    assert [row[:3] for row in shown] == cases
    assert len({name for _, name, _ in cases}) == len(cases) > 20


def test_the_docs_show_no_points_for_wrong_work_and_no_harm_with_course_grade(shown: list[list[str]]) -> None:
    assert all(POINTS.match(points) for row in shown for points in row[3:6])
    assert {row[5] for row in shown} == {"0 of 10"}
    assert {row[7] for row in shown} == {"none"}
    assert sum("10 of 10" in row[3:5] for row in shown) >= 5


def test_an_attack_is_measured() -> None:
    (found,) = json.loads(python("attacks.py", "--only", "tag", "--json"))["attacks"]
    assert {grader: (run["points"], run["others"], run["harm"]) for grader, run in found["runs"].items()} == {
        "stock, assertions": (10, [], []),
        "stock, our tests": (10, [], []),
        "course grade": (0, [], []),
    }
