"""`course demo` takes a made-up class from release to report, and never removes what it did not make."""

import ast
import csv
import io

import pytest
from rich.console import Console

from autograder.demo import run_demo
from autograder.demo.roster import PLANS
from autograder.demo.work import can_be_handed_in, rewritten, source_of
from autograder.source import find_notebooks
from autograder.testing import alternatives_of, mutants_of


def test_the_class_has_right_wrong_half_done_empty_and_broken_work():
    assert len(PLANS) == 24
    assert {plan.accident for plan in PLANS} >= {"cut short", "renamed", "copied cell", "deleted cell", "endless loop"}
    assert any(plan.finished == 0 for plan in PLANS) and any(0 < plan.finished < 1 for plan in PLANS)


EXERCISES = [exercise for notebook in find_notebooks() for exercise in notebook.exercises]


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.name)
def test_work_written_into_a_gap_is_code_that_defines_the_exercise(exercise):
    for work in (*mutants_of(exercise.name), *alternatives_of(exercise.name)):
        if not can_be_handed_in(exercise, work):
            continue
        texts = rewritten(exercise, work)
        joined = "\n".join(texts.values())
        defined = {n.name for n in ast.parse(joined).body if isinstance(n, (ast.FunctionDef, ast.ClassDef))}
        assert work.replaces in defined and "BEGIN SOLUTION" not in joined
        assert f"{work.replaces}" in source_of(work)


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    out = tmp_path_factory.mktemp("course") / "demo"
    console = Console(record=True, width=160, file=io.StringIO())
    reports = run_demo(out, students=8, assignments=["01_knn", "03_backprop"], console=console)
    rows = list(csv.DictReader((out / "grades.csv").open(encoding="utf-8")))
    return out, reports, rows, console.export_text()


def test_every_student_gets_a_row_feedback_and_a_place_in_the_report(graded):
    out, reports, rows, printed = graded
    assert [row["assignment"] for row in rows].count("01_knn") == 8
    assert [row["assignment"] for row in rows].count("03_backprop") == 3  # a third of the class is further on
    pages = {report.stem: report.read_text(encoding="utf-8") for report in reports}
    for row in rows:
        name, student = row["assignment"], row["student_id"]
        assert row["status"] and student in pages[name] and student in printed
        assert (out / "feedback" / student / name / f"{name}.html").exists()
    assert max(float(row["score"]) for row in rows) == 90
    assert "grades.csv" in printed and all(report.name in printed for report in reports)


def test_mistakes_lose_points_and_are_told_in_words(graded):
    out, _, rows, _ = graded
    wrong = [row for row in rows if 0 < float(row["score"]) < 90]
    assert {row["assignment"] for row in wrong} == {"01_knn", "03_backprop"}
    sentences = {mutant.sentence for exercise in EXERCISES for mutant in mutants_of(exercise.name)}
    for row in wrong:
        path = out / "autograded" / row["student_id"] / row["assignment"] / f"{row['assignment']}.ipynb"
        notebook = path.read_text(encoding="utf-8")
        assert any(sentence[:40] in notebook for sentence in sentences) or "not written yet" in notebook


def test_a_second_demo_replaces_the_first_but_never_anything_else(graded, tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(FileExistsError, match="name an empty folder"):
        run_demo(tmp_path, students=1, assignments=["01_knn"])
    assert (tmp_path / "thesis.txt").read_text() == "years of work"
