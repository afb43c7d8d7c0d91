"""A small made-up notebook, and the other three files that belong to it, for tests of the road from source to grade."""

from pathlib import Path

NAME = "91_moons"

SOURCE = '''# ---
# jupyter:
#   course:
#     title: Counting moons
#     builds: two small functions about moons
#     needs: lists and arrays
#     minutes: 10
#     budget_seconds: 20
# ---

# %% [markdown]
# # Counting moons
# Each planet has a number of moons. Both exercises count them.

# %%
import numpy as np

from course_utils import check

# %% [markdown]
# ## The sum of all moons
# The total is $\\\\sum_i m_i$.

# %% [markdown] hints="total_moons"
# 1. What does the definition ask for?
# 2. One number comes out, whatever the length.
# 3. Look for an array method that adds
#    all entries.

# %% nbgrader={"grade_id": "total_moons", "solution": true}
def total_moons(moons):
    """The number of all moons.  moons: (N,) ints → int."""
    ### BEGIN SOLUTION: add up the moons of all planets
    counted_so_far = np.asarray(moons)
    return int(counted_so_far.sum())
    ### END SOLUTION


# %% nbgrader={"grade_id": "total_moons_check", "locked": true}
check.equal(total_moons(np.array([1, 2])), 3, "Earth and Mars")

# %% nbgrader={"grade_id": "total_moons_tests", "grade": true, "points": 60}
# Graded, 60 points: hidden tests of total_moons run here.
### BEGIN HIDDEN TESTS
from autograder import grade
grade("total_moons", globals())
### END HIDDEN TESTS

# %% tags=["skip-execution"]
print("an experiment which grading leaves out")

# %% [markdown] hints="mean_moons"
# 1. How does a mean follow from a sum?
# 2. Count the planets as well.
# 3. Divide the one by the other.

# %% nbgrader={"grade_id": "mean_moons", "solution": true}
def mean_moons(moons):
    """Moons per planet.  moons: (N,) ints → float."""
    ### BEGIN SOLUTION: divide the sum of all moons by the number of planets
    planets_in_total = len(moons)
    return total_moons(moons) / planets_in_total
    ### END SOLUTION


# %% nbgrader={"grade_id": "mean_moons_2", "solution": true}
def planets(moons):
    """How many planets there are.  moons: (N,) → int."""
    ### BEGIN SOLUTION: return how many entries moons has
    return len(moons)
    ### END SOLUTION


# %% nbgrader={"grade_id": "mean_moons_check", "locked": true}
check.close(mean_moons(np.array([1, 2])), 1.5, "Earth and Mars")
check.equal(planets(np.array([1, 2])), 2, "two planets")

# %% nbgrader={"grade_id": "mean_moons_tests", "grade": true, "points": 30}
# Graded, 30 points: hidden tests of mean_moons run here.
### BEGIN HIDDEN TESTS
from autograder import grade
grade("mean_moons", globals())
### END HIDDEN TESTS

# %% [markdown]
# Why do small planets have few moons?

# %% [markdown] nbgrader={"grade_id": "question_small_planets", "grade": true, "solution": true, "points": 5}
# ### BEGIN SOLUTION
# Their gravity dominates only a small neighbourhood against the pull of the Sun.
# ### END SOLUTION
# ### BEGIN MARK SCHEME
# - two marks for naming the Hill sphere
# - three marks for comparing it with the distance
# ### END MARK SCHEME

# %% [markdown]
# What would you measure next?

# %% [markdown] nbgrader={"grade_id": "question_next", "grade": true, "solution": true, "points": 5}
# ### BEGIN SOLUTION
# Anything that could turn out otherwise, for instance orbits against densities.
# ### END SOLUTION
#
# ### BEGIN MARK SCHEME
# - five marks for a measurement with a predicted outcome
# ### END MARK SCHEME
'''.replace("\\\\", "\\")

HIDDEN = '''"""Hidden tests of the made-up notebook."""

from autograder.oracles import moons as oracles
from autograder.testing import expect_close, expect_equal, hidden


@hidden("total_moons")
def counts_random_planets(student, rng):
    """counts random planets"""
    invisible_planets = rng.integers(0, 99, size=7)
    expect_equal(student.total_moons(invisible_planets), oracles.slow_total(invisible_planets))


@hidden("mean_moons")
def averages_random_planets(student, rng):
    """averages random planets"""
    unseen_planets = rng.integers(0, 99, size=5)
    expect_close(student.mean_moons(unseen_planets), oracles.slow_total(unseen_planets) / 5)
'''

ORACLES = '''"""Oracles of the made-up notebook."""


def slow_total(moons):
    tally_of_moons = 0
    for moons_of_one in moons:
        tally_of_moons += int(moons_of_one)
    return tally_of_moons
'''

MUTANTS = '''"""Mistakes in the made-up notebook."""

from autograder.testing import alternative, mutant


@alternative("total_moons", "with the built-in sum")
def built_in(moons):
    return int(sum(moons.tolist()))


@mutant("total_moons", "The last planet is left out.")
def all_but_last(moons):
    return int(moons[:-1].astype(int).sum())


@alternative("mean_moons", "with the array's own mean")
def own_mean(moons):
    return float(moons.mean(axis=0))


@alternative("mean_moons", "by shape", replaces="planets")
def by_shape(moons):
    return moons.shape[0]


@mutant("mean_moons", "The sum is divided by one planet too many.")
def one_too_many(moons):
    return float(moons.sum() / (moons.size + 1))
'''


def write_made_up_notebook(root: Path, source: str = SOURCE, name: str = NAME) -> Path:
    """Writes ROOT/NAME/NAME.py and returns its path; `root` is a solutions/ folder, made if missing."""
    path = Path(root) / name / f"{name}.py"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(source, encoding="utf-8")
    return path


def write_made_up_grading(autograder: Path) -> None:
    """Writes the other three files of the made-up notebook into a folder laid out as autograder/ is."""
    for folder, text in {"hidden": HIDDEN, "oracles": ORACLES, "mutants": MUTANTS}.items():
        path = Path(autograder) / folder / "moons.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
