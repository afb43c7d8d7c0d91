"""Hidden inputs shown in the feedback on one submission, and a next one that holds the answers to them."""

import ast
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hostile import cases, function
from lab import ATTACKED, PATIENT, POINTS, SEED, Attack, Graded, Lab, submission

from autograder.grading.seeds import submission_seed
from autograder.oracles import knn as oracles
from autograder.pipeline.master import students_code

# What it has no answer to it keeps, for the cell after it to show.
LOOK_UP = """
import ast
answer = ast.literal_eval(notes() or '{}').get(str(X.tolist()))
if answer is None:
    SEEN.append((X.tolist(), X_train.tolist()))
    return np.zeros((len(X), len(X_train)))
return np.array(answer)
"""
# Where the answers stand: TABLE as text, SPACES as spaces and tabs.
PLACES = cases(
    """
## a text in the cell
def notes(): return 'TABLE'
## a comment in the cell
#TABLE
def notes():
    import linecache
    lines = linecache.getlines(notes.__code__.co_filename)
    return next(line for line in lines if line.startswith('#'))[1:]
## nothing but spaces
WRITTEN = 'SPACES'
def notes():
    bits = ''.join('1' if each == chr(9) else '0' for each in WRITTEN)
    return bytes(int(bits[n:n + 8], 2) for n in range(0, len(bits), 8)).decode()
"""
)


def work(place: str, table: dict[str, Any]) -> Attack:
    """A submission that holds these answers at `place`."""
    text = repr(table).replace("'", '"')
    spaces = "".join("\t" if bit == "1" else " " for byte in text.encode() for bit in f"{byte:08b}")
    before = "SEEN = []\n" + PLACES[place].replace("TABLE", text).replace("SPACES", spaces)
    return Attack(function(LOOK_UP, before), after="print(SEEN)")


def seen(graded: Graded) -> list[tuple[list[Any], list[Any]]]:
    shown = graded.shown("after")
    found: list[tuple[list[Any], list[Any]]] = ast.literal_eval(shown[shown.index("[") : shown.rindex("]") + 1])
    return found


def points_of_three_submissions(lab: Lab, place: str, seed_of: Callable[[Attack], str]) -> list[float]:
    """Each is written with the right answers to all that those before it have shown."""
    table: dict[str, Any] = {}
    points = []
    for _ in range(3):
        attack = work(place, table)
        graded = lab.grade(attack, PATIENT, seed_of(attack))
        lab.is_unharmed(graded)
        points.append(graded.attacked)
        table |= {str(X): oracles.distances(np.array(X), np.array(X_train)).tolist() for X, X_train in seen(graded)}
    return points


def seed_in_the_course(attack: Attack) -> str:
    """As `course grade` computes it."""
    return submission_seed(b"key", "mallory", "01_knn", "v1", students_code(submission(attack)))


@pytest.mark.parametrize("place", PLACES)
def test_answers_to_inputs_that_an_earlier_submission_has_shown_earn_nothing(lab: Lab, place: str) -> None:
    assert points_of_three_submissions(lab, place, seed_in_the_course) == [0, 0, 0]


def test_they_would_earn_all_points_if_the_inputs_stayed_the_same(lab: Lab) -> None:
    """That the attack works on a grader without the defence: one submission sees all inputs."""
    for place in PLACES:
        assert points_of_three_submissions(lab, place, lambda attack: SEED) == [0, POINTS[ATTACKED], POINTS[ATTACKED]]
