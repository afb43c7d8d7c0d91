"""Reading solutions/: what a correct source gives, and what is said about each mistake in one."""

import nbformat
import pytest
from made_up import NAME, SOURCE, write_made_up_notebook
from nbgrader.nbgraderformat import MetadataValidator

from autograder.source import SourceError, find_notebook, find_notebooks, read_notebook
from autograder.source.regions import RegionError, gap_of, regions


@pytest.fixture
def notebook(tmp_path):
    return read_notebook(write_made_up_notebook(tmp_path))


def test_a_notebook_says_what_it_is(notebook):
    assert (notebook.name, notebook.number, notebook.topic) == (NAME, "91", "moons")
    assert (notebook.title, notebook.minutes, notebook.budget_seconds) == ("Counting moons", 10, 20)
    assert notebook.builds and notebook.needs
    assert notebook.points == 100


def test_exercises_hold_their_gaps_check_tests_and_three_hints(notebook):
    total, mean = notebook.exercises
    assert [total.name, total.points, len(total.gaps)] == ["total_moons", 60, 1]
    assert [mean.name, mean.points, len(mean.gaps)] == ["mean_moons", 30, 2]
    assert (mean.check.grade_id, mean.tests.grade_id) == ("mean_moons_check", "mean_moons_tests")
    assert total.hints[2] == "Look for an array method that adds all entries."
    assert not total.extension
    assert notebook.exercise("mean_moons") is mean
    with pytest.raises(KeyError, match="it has: total_moons, mean_moons"):
        notebook.exercise("mean_suns")


def test_an_exercise_without_points_is_an_extension(tmp_path):
    source = SOURCE.replace('"points": 60', '"points": 0').replace("# Graded, 60 points", "# Extension, no points")
    assert read_notebook(write_made_up_notebook(tmp_path, source)).exercises[0].extension


def test_written_questions_have_prompt_answer_and_mark_scheme(notebook):
    question = notebook.questions[0]
    assert (question.name, question.points) == ("question_small_planets", 5)
    assert question.prompt.source == "Why do small planets have few moons?"
    assert question.model_answer.startswith("Their gravity dominates")
    assert question.mark_scheme.count("\n") == 1


def test_a_gap_fails_with_what_to_write_under_the_name_of_its_exercise(notebook):
    mean = notebook.exercises[1]
    assert "planets_in_total" in mean.solution and "planets_in_total" not in mean.gap
    namespace = {}
    exec(mean.gap, namespace)
    for name in ("mean_moons", "planets"):
        with pytest.raises(NotImplementedError, match=r"^mean_moons: (divide|return)"):
            namespace[name]([1])


def test_lines_around_a_solution_stay_in_the_gap():
    source = "def f(x):\n    y = 0\n    ### BEGIN SOLUTION: add\n    y += x\n    ### END SOLUTION\n    return y"
    gap = gap_of(source, "f")
    assert gap.split("\n")[1:] == [
        "    y = 0",
        "    # YOUR CODE HERE",
        '    raise NotImplementedError("f: add")',
        "    return y",
    ]


@pytest.mark.parametrize("solution", [True, False])
def test_the_notebook_is_valid_for_nbformat_and_nbgrader(notebook, solution):
    node = notebook.as_notebook(solution=solution)
    nbformat.validate(node)
    MetadataValidator().validate_nb(node)
    text = "\n".join(cell.source for cell in node.cells)
    for secret in ("planets_in_total", "from autograder import grade", "Hill sphere"):
        assert (secret in text) == solution
    assert "What does the definition ask for" not in text  # hints travel apart


def test_cell_ids_do_not_move_when_a_cell_is_inserted(tmp_path, notebook):
    source = SOURCE.replace("# %%\nimport", "# %% [markdown]\n# A new cell.\n\n# %%\nimport")
    longer = read_notebook(write_made_up_notebook(tmp_path / "longer", source))
    before = [cell.id for cell in notebook.as_notebook().cells]
    after = [cell.id for cell in longer.as_notebook().cells]
    assert len(after) == len(before) + 1
    assert set(before) < set(after)


def test_equal_cells_have_different_ids(tmp_path):
    source = SOURCE + "\n# %% [markdown]\n# Again.\n\n# %% [markdown]\n# Again.\n"
    ids = [cell.id for cell in read_notebook(write_made_up_notebook(tmp_path, source)).as_notebook().cells]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("name", ["91", "moons", NAME])
def test_a_notebook_is_found_by_number_topic_or_name(tmp_path, name):
    write_made_up_notebook(tmp_path)
    assert find_notebook(name, tmp_path).name == NAME


def test_an_unknown_notebook_is_answered_with_the_names_there_are(tmp_path):
    write_made_up_notebook(tmp_path)
    with pytest.raises(KeyError, match=NAME):
        find_notebook("92", tmp_path)


GAP = '# %% nbgrader={"grade_id": "total_moons", "solution": true}'
CHECK = '# %% nbgrader={"grade_id": "total_moons_check", "locked": true}'
SECOND_HINT = "# 2. One number comes out, whatever the length.\n"

MISTAKES = {
    "no header": ("#   course:", "#   curse:", 1, "no 'course:'"),
    "no minutes": ("#     minutes: 10\n", "", 1, "needs 'minutes'"),
    "minutes in words": ("minutes: 10", "minutes: ten", 1, "needs 'minutes', got 'ten'"),
    "unknown header key": ("minutes: 10", "minutes: 10\n#     level: 3", 1, "'level'"),
    "unknown cell key": ("# %%\nimport", '# %% colour="red"\nimport', 15, "unknown in a '# %%' line: colour"),
    "unknown nbgrader key": (GAP, GAP.replace('"solution": true', '"solution": true, "pts": 3'), 30, "'pts'"),
    "solution not a truth value": (GAP, GAP.replace("true", '"yes"'), 30, "nbgrader solution has the wrong type"),
    "no grade_id": (GAP, '# %% nbgrader={"solution": true}', 30, "needs a grade_id"),
    "duplicate grade_id": (
        '"grade_id": "question_next"',
        '"grade_id": "total_moons_check"',
        100,
        "used at line 39 too",
    ),
    "no role": (CHECK, CHECK.replace(', "locked": true', ""), 39, "this is none"),
    "no message": ("SOLUTION: add up the moons of all planets", "SOLUTION", 33, "needs ': what to write'"),
    "quotes in message": ("add up the moons", 'add up "the" moons', 33, "without double quotes"),
    "no region": (
        "    ### BEGIN SOLUTION: add up the moons of all planets\n",
        "",
        35,
        "END SOLUTION without its BEGIN",
    ),
    "no end": ("(counted_so_far.sum())\n    ### END SOLUTION", "(counted_so_far.sum())", 33, "without its END line"),
    "loose marker": ("### BEGIN SOLUTION: add", "# BEGIN SOLUTION: add", 33, "write the line as"),
    "region in a plain cell": (
        "import numpy as np",
        "### BEGIN SOLUTION: x\n### END SOLUTION",
        16,
        "not marked for it",
    ),
    "solution is no Python": ("return int(counted", "return int((counted", 35, "not valid Python"),
    "wrong function name": (
        "def total_moons(",
        "def sum_moons(",
        30,
        "which must be called total_moons",
    ),
    "wrong second gap": ('"mean_moons_2"', '"mean_suns"', 66, "call it mean_moons_2"),
    "no check": (CHECK, "# %%", 30, "total_moons has no visible check"),
    "check of another name": ('"total_moons_check"', '"sum_check"', 39, "must be called total_moons_check"),
    "tests of another name": ('"total_moons_tests"', '"sum_tests"', 42, "must be called total_moons_tests"),
    "points differ from the comment": ('"points": 60', '"points": 50', 43, "# Graded, 50 points"),
    "no points": (', "points": 60', "", 42, "needs points"),
    "grades another exercise": ('grade("total_moons"', 'grade("mean_moons"', 46, 'grade("total_moons", globals())'),
    "too much in a graded cell": (
        "### END HIDDEN TESTS\n\n# %% tags",
        "### END HIDDEN TESTS\n1\n\n# %% tags",
        48,
        "ends before this",
    ),
    "two hints": (SECOND_HINT, "", 24, "exactly three"),
    "hints of nothing": ('hints="total_moons"', 'hints="total_suns"', 24, "which is no exercise"),
    "no hints": ('hints="total_moons"', 'hints="mean_moons"', 30, "total_moons has no hints"),
    "no mark scheme": ("# ### BEGIN MARK SCHEME\n# - two", "# - two", 94, "END MARK SCHEME without its BEGIN"),
    "question without points": (
        ', "points": 5}\n# ### BEGIN SOLUTION\n# Their',
        "}\n# ### BEGIN SOLUTION\n# Their",
        0,
        '"points"',
    ),
    "text before the first cell": ("# %% [markdown]\n# # Counting", "# # Counting", 1, "every cell starts with"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_named_with_its_file_and_line(tmp_path, mistake):
    old, new, line, said = MISTAKES[mistake]
    assert old in SOURCE
    path = write_made_up_notebook(tmp_path / "solutions", SOURCE.replace(old, new, 1))
    with pytest.raises(SourceError) as caught:
        read_notebook(path)
    matching = [text for text in str(caught.value).splitlines() if said in text]
    assert matching, str(caught.value)
    where = f"solutions/{NAME}/{NAME}.py:" + (f"{line}:" if line else "")
    assert matching[0].startswith(where), str(caught.value)


def test_an_empty_line_in_a_graded_cell_does_not_matter(tmp_path):
    source = SOURCE.replace("import grade\n", "import grade\n\n")
    assert len(read_notebook(write_made_up_notebook(tmp_path, source)).exercises) == 2


def test_a_gap_without_a_graded_cell_is_named(tmp_path):
    cut = SOURCE.index('# %% nbgrader={"grade_id": "mean_moons_tests"')
    with pytest.raises(SourceError, match="gap mean_moons has no graded cell mean_moons_tests"):
        read_notebook(write_made_up_notebook(tmp_path, SOURCE[:cut]))


def test_all_mistakes_of_a_file_are_named_at_once(tmp_path):
    source = SOURCE.replace(SECOND_HINT, "").replace(", globals())", ")")
    with pytest.raises(SourceError) as caught:
        read_notebook(write_made_up_notebook(tmp_path, source))
    assert len(str(caught.value).splitlines()) == 3


def test_a_file_with_another_name_than_its_folder_is_refused(tmp_path):
    path = write_made_up_notebook(tmp_path)
    path.rename(path.with_name("moons.py"))
    with pytest.raises(SourceError, match=f"holds moons.py; its notebook must be called {NAME}.py"):
        find_notebooks(tmp_path)


def test_a_folder_with_a_wrong_name_is_refused(tmp_path):
    write_made_up_notebook(tmp_path, name="moons")
    with pytest.raises(SourceError, match="NN_topic"):
        find_notebooks(tmp_path)


def test_an_exercise_may_exist_only_once_in_the_course(tmp_path):
    write_made_up_notebook(tmp_path)
    write_made_up_notebook(tmp_path, name="92_again")
    with pytest.raises(SourceError, match=f"total_moons exists in {NAME} too"):
        find_notebooks(tmp_path)


@pytest.mark.parametrize(
    "source",
    ["### BEGIN SOLUTION\n### BEGIN HIDDEN TESTS", "### END SOLUTION", "### BEGIN SOLUTION\n### END HIDDEN TESTS"],
)
def test_regions_that_do_not_pair_up_are_refused(source):
    with pytest.raises(RegionError):
        regions(source)


def test_several_functions_may_share_an_exercise_with_a_name_of_its_own(tmp_path):
    source = SOURCE.replace('"mean_moons', '"moon_figures').replace('grade("mean_moons"', 'grade("moon_figures"')
    source = source.replace("hidden tests of mean_moons run", "hidden tests of moon_figures run")
    notebook = read_notebook(write_made_up_notebook(tmp_path, source))
    assert [exercise.name for exercise in notebook.exercises] == ["total_moons", "moon_figures"]
    assert "def mean_moons" in notebook.exercise("moon_figures").solution


def test_an_empty_folder_is_a_notebook_that_nobody_has_begun(tmp_path):
    write_made_up_notebook(tmp_path)
    (tmp_path / "92_stars").mkdir()
    assert [notebook.name for notebook in find_notebooks(tmp_path)] == [NAME]
