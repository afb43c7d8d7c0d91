"""Code that remembers, counts, guesses and measures: what it saw in one hidden test is of no use in the next."""

import ast

import pytest
from hostile import cases, function
from lab import ATTACKED, PATIENT, POINTS, SEED, Attack, Lab

from autograder.engine import Limits
from autograder.grading.seeds import generator_for
from autograder.oracles import knn as oracles
from autograder.testing.registry import hidden_tests_of

EVERY_TEST = tuple(test.name for test in hidden_tests_of(ATTACKED))
SHARE = {test.name: test.weight for test in hidden_tests_of(ATTACKED)}
HELPER = "def right(X, X_train): return np.sqrt(((X[:, None].astype(float) - X_train) ** 2).sum(axis=2))\nSEEN = []\n"

REMEMBERING = cases(
    """
## the first answer, ever after
SEEN.append(right(X, X_train))
return SEEN[0]
## the last answer, always
SEEN.append(right(X, X_train))
return SEEN[-2] if SEEN[1:] else 0.0
## inputs emptied so that zero is right
X[...] = 0; X_train[...] = 0
return np.zeros((len(X), len(X_train)))
## inputs of earlier tests emptied
for earlier in SEEN: earlier[...] = 0
SEEN.extend((X, X_train))
return np.zeros((len(X), len(X_train)))
## the kept input answered
return X
## the server's objects answered
import gc
from autograder.byvalue.server import Server
servers = [each for each in gc.get_objects() if type(each) is Server]
return [value for server in servers for value in server.objects.values()]
"""
)


@pytest.mark.parametrize("body", REMEMBERING.values(), ids=REMEMBERING.keys())
def test_what_was_seen_before_earns_nothing(any_lab: Lab, body: str) -> None:
    any_lab.resists(Attack(function(body, HELPER), tests=EVERY_TEST))


@pytest.mark.parametrize("calls", [1, 2, 4])
def test_a_function_that_is_right_in_its_first_calls_earns_the_tests_that_made_them(any_lab: Lab, calls: int) -> None:
    """What holds: each test counts for itself, so being right so often and no more pays for just so much."""
    body = f"SEEN.append(1)\nreturn right(X, X_train) * (len(SEEN) <= {calls})"
    graded = any_lab.grade(Attack(function(body, HELPER), tests=EVERY_TEST), PATIENT)
    whole = {1: 0, 2: 1, 4: 3}[calls]  # the first test calls twice, the next two once
    earned = sum(SHARE[name] for name in EVERY_TEST[:whole]) / sum(SHARE.values())
    assert graded.attacked == pytest.approx(POINTS[ATTACKED] * earned)
    any_lab.is_unharmed(graded)


def test_the_inputs_and_answers_of_another_student_earn_nothing(any_lab: Lab) -> None:
    table = {}
    for test in hidden_tests_of(ATTACKED)[:2]:
        rng = generator_for("another student", ATTACKED, test.name)
        X, X_train = rng.normal(size=(4, 5)), rng.normal(size=(7, 5))
        table[X.tobytes()] = oracles.distances(X, X_train).tolist()
    body = f"return np.array({table!r}.get(X.tobytes(), [[0.0] * len(X_train)] * len(X)))"
    any_lab.resists(Attack(function(body)))


def test_inputs_are_the_same_on_a_regrade_and_others_for_another_seed(any_lab: Lab) -> None:
    def seen(seed: str) -> object:
        gap = function("SEEN.append(float(X.ravel()[0]))\nreturn right(X, X_train)", HELPER)
        shown = any_lab.grade(Attack(gap, after="print(SEEN)"), PATIENT, seed).shown("after")
        return ast.literal_eval(shown[shown.index("[") : shown.index("]") + 1])

    assert seen(SEED) == seen(SEED) != seen("another student")


BLIND = cases(
    """
## tracing turned off
import sys
sys.settrace = sys.setprofile = lambda function: None
## the count forged
from autograder.byvalue.server import Server
Server._do_count_calls = Server._do_peak_memory = lambda self, f, arguments, keywords: (f(*arguments), 0)
## the work done in a thread
import threading
slow = loops
def loops(X, X_train):
    found = []
    thread = threading.Thread(target=lambda: found.append(slow(X, X_train)))
    thread.start(); thread.join()
    return found[0]
"""
)
LOOPS = (
    "def loops(X, X_train):\n"
    "    return np.array([[np.sqrt(((a.astype(float) - b) ** 2).sum()) for b in X_train] for a in X])\n"
)
MEASURED = {"distances_one_loop": "loops_over_the_queries_only", "distances_no_loops": "makes_no_loop"}


@pytest.mark.xfail(strict=True, reason="steps are counted in the student's process, which can say any number")
@pytest.mark.parametrize("blinding", BLIND.values(), ids=BLIND.keys())
@pytest.mark.parametrize("exercise", MEASURED)
def test_a_loop_that_hides_from_the_count_of_steps_earns_nothing(lab: Lab, exercise: str, blinding: str) -> None:
    gap = f"{LOOPS}{blinding}\n{exercise} = lambda X, X_train: loops(X, X_train)"
    lab.resists(Attack(gap, exercise=exercise, tests=(MEASURED[exercise],)), PATIENT)


AHEAD = """import sys
from autograder.byvalue import wire
ANSWERS = {}
def look_ahead():
    frame = sys._getframe()
    while frame is not None:
        for waiting in frame.f_locals.get("frames", ()) if frame.f_code.co_name == "_together" else ():
            message = wire.decode(waiting, lambda reference: reference)
            if message[0] == "do" and message[3][1] in ("count_calls", "peak_memory"):
                ANSWERS[message[3][3][0].tobytes()] = loops(*message[3][3])
        frame = frame.f_back
"""


TOGETHER = Limits(cell=20.0, test=6.0, notebook=120.0)  # the notebook's time is enough for all tests of an exercise


@pytest.mark.parametrize("exercise", MEASURED)
def test_what_is_measured_cannot_be_worked_out_before(lab: Lab, exercise: str) -> None:
    """Questions are sent together: the first one answered must not show what a later one will measure."""
    body = (
        f"def {exercise}(X, X_train):\n    if not ANSWERS: look_ahead()\n"
        "    return ANSWERS[X.tobytes()] if X.tobytes() in ANSWERS else loops(X, X_train)"
    )
    tests = tuple(test.name for test in hidden_tests_of(exercise))
    attack = Attack(f"{LOOPS}{AHEAD}\n{body}", exercise=exercise, tests=tests, after="print('looked', len(ANSWERS))")
    graded = lab.grade(attack, TOGETHER)
    honest = lab.grade(Attack(f"{LOOPS}\n{exercise} = loops", exercise=exercise, tests=tests), TOGETHER)
    assert 0 < graded.attacked == honest.attacked < POINTS[exercise]
    assert "looked 0" in graded.shown("after")


@pytest.mark.xfail(strict=True, reason="whether its input was changed is asked of the student's process")
def test_a_changed_input_that_is_shown_unchanged_earns_nothing(lab: Lab) -> None:
    before = (
        HELPER
        + """
from autograder.byvalue.server import Server
keep, KEPT = Server._do_keep, {}
def kept(self, value):
    KEPT[id(value)] = value.copy()
    return keep(self, value)
Server._do_keep = kept
def shown(self, value):
    return [shown(self, one) for one in value] if type(value) is list else KEPT.get(id(value), value)
Server._do_value = shown
"""
    )
    body = "answer = right(X, X_train)\nX[...] = 0\nreturn answer"
    lab.resists(Attack(function(body, before), tests=("rows_stay_as_they_are",)), spared=("l1_distance",))
