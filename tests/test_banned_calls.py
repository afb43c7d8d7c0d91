"""Calls that an exercise rules out: they fail where the student's code runs, are listed in docstrings, and cost nobody
else anything.
"""

import dataclasses
import gc
import sys
import types
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import scipy.signal
import scipy.spatial
import scipy.special
from library_calls import COMPILED, WAYS, distances_by_compiled, distances_by_scipy, namespace_of, relu_by_library

from autograder.byvalue import Fence, StudentError, open_loopback
from autograder.byvalue.fence import LoadedModules
from autograder.grading import run
from autograder.grading.exercise import earned_share, results_of
from autograder.grading.run import run_tests
from autograder.source import Exercise, find_notebook, find_notebooks
from autograder.testing.registry import ban, banned_calls
from autograder.verify import bans
from autograder.verify.bans import ban_problems
from course_utils import nn

Code = tuple[str, str]
CASES: dict[str, tuple[str, Code]] = {
    **{f"SciPy, by {way}": ("distances_two_loops", distances_by_scipy(way)) for way in WAYS},
    **{f"SciPy, by {way}": ("distances_two_loops", distances_by_compiled(way)) for way in COMPILED},
    **{f"our library, by {way}": ("relu", relu_by_library(way)) for way in WAYS},
}


@pytest.fixture(autouse=True)
def everything_in_the_collectors_sight() -> None:
    """One way asks the collector, which tests that graded in this process may have made forget what was loaded."""
    gc.unfreeze()


def share(exercise: str, namespace: dict[str, Any]) -> float:
    return earned_share(results_of(run_tests(exercise, namespace, "seed"), {}))


def sentences(exercise: str, namespace: dict[str, Any]) -> set[str]:
    return {outcome.sentence for outcome in run_tests(exercise, namespace, "seed") if not outcome.passed}


@pytest.mark.parametrize(("exercise", "code"), CASES.values(), ids=CASES.keys())
def test_a_banned_call_earns_nothing_however_it_is_made(exercise: str, code: Code) -> None:
    assert share(exercise, namespace_of(code)) == 0


@pytest.mark.parametrize(("exercise", "code"), CASES.values(), ids=CASES.keys())
def test_it_is_the_ban_that_takes_the_points(exercise: str, code: Code, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "banned_calls", lambda exercise: ())
    assert share(exercise, namespace_of(code)) > 0.5  # a distance of 0 has no entry in a sparse matrix of SciPy's


def test_a_librarys_compiled_function_under_the_exercises_own_name_earns_nothing() -> None:
    pairs = {"distances_no_loops": scipy.spatial._distance_pybind.cdist_euclidean}
    assert share("distances_no_loops", pairs) == 0
    assert all("calls scipy" in said for said in sentences("distances_no_loops", pairs))


def test_feedback_names_the_call_the_line_and_the_docstring() -> None:
    said = sentences("distances_two_loops", namespace_of(distances_by_scipy("a function under another name")))
    assert said == {
        "distances_two_loops calls scipy in line 2 of its cell (return (my_cdist)(X, X_train)), "
        "which its docstring rules out: "
        "write it yourself, with NumPy"
    }


def test_a_library_that_is_not_installed_is_banned_in_the_same_words() -> None:
    code = "", "def relu_forward(x):\n    import torch\ndef relu_backward(dout, cache):\n    import torch.nn\n"
    (said,) = sentences("relu", namespace_of(code))
    assert said.startswith("relu calls torch in line ")


def test_what_is_not_listed_may_be_called() -> None:
    code = (
        "import scipy.stats\n",
        (
            "def predict_labels(dists, y_train, k=1):\n"
            "    nearest = np.argsort(dists, axis=1)[:, :k]\n"
            "    return scipy.stats.mode(y_train[nearest], axis=1).mode.astype(y_train.dtype)\n"
        ),
    )
    assert share("predict_labels", namespace_of(code)) == 1


def test_a_ban_of_one_function_leaves_the_others() -> None:
    before = "from course_utils import nn"
    code = """
def soft_cross_entropy(scores, targets):
    probabilities = nn.softmax(scores)
    shifted = scores - scores.max(axis=1, keepdims=True)
    logs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -(targets * logs).sum() / len(scores), (probabilities - targets) / len(scores)
"""
    assert share("soft_cross_entropy", namespace_of((before, code))) == 1
    whole = "def soft_cross_entropy(scores, targets):\n    return nn.softmax_loss(scores, targets)\n"
    assert share("soft_cross_entropy", namespace_of((before, whole))) == 0


def test_another_function_of_the_notebook_can_be_banned() -> None:
    solutions = [exercise.solution for exercise in find_notebook("01").exercises]
    namespace = namespace_of(("", "\n".join(solutions)))
    namespace |= {"two": namespace["distances_two_loops"]}
    exec("def distances_no_loops(X, X_train):\n    return two(X, X_train)\n", namespace)
    (said,) = sentences("distances_no_loops", namespace)
    assert said.startswith("distances_no_loops calls distances_two_loops in line 2")
    assert share("distances_two_loops", namespace) == 1


def test_a_decorator_around_a_banned_function_and_a_right_one_harms_neither() -> None:
    decorator = "def timed(f):\n    def inner(*a):\n        return f(*a)\n    return inner\n"
    solutions = [exercise.solution for exercise in find_notebook("01").exercises]
    again = "".join(f"{name} = timed({name})\n" for name in ("distances_two_loops", "distances_no_loops"))
    namespace = namespace_of(("", "\n".join([decorator, *solutions, again])))
    assert share("distances_no_loops", namespace) == 1


def test_an_answer_without_the_library_counts_where_the_call_failed() -> None:
    right = find_notebook("01").exercise("distances_two_loops").solution
    code = (
        right,
        (
            "own = distances_two_loops\n"
            "def distances_two_loops(X, X_train):\n"
            "    try:\n        from scipy.spatial.distance import cdist\n"
            "    except ImportError:\n        return own(X, X_train)\n"
            "    return cdist(X, X_train)\n"
        ),
    )
    assert share("distances_two_loops", namespace_of(code)) == 1


def test_text_copied_out_of_the_library_is_no_call() -> None:
    """As the docs say: that it is not the student's own, no machine can see."""
    code = (
        "from course_utils.nn.layers import activations",
        (
            "import inspect\n"
            "for function in activations.relu_forward, activations.relu_backward:\n"
            "    exec('from __future__ import annotations\\n' + inspect.getsource(function))\n"
        ),
    )
    assert share("relu", namespace_of(code)) == 1


# What a fence does.

NAMES: dict[str, tuple[str, Callable[[], Any]]] = {
    "a package": ("scipy", lambda: scipy.special.logsumexp([1.0])),
    "a package that is imported": ("scipy", lambda: __import__("scipy.signal")),
    "a module that nobody has loaded": ("turtledemo", lambda: __import__("turtledemo")),
    "a module of ours": ("course_utils.nn.losses", lambda: nn.softmax(np.ones((1, 2)))),
    "a class of ours": ("nn.FullyConnectedNet", lambda: nn.FullyConnectedNet((2, 2))),
    "a function of NumPy's": ("np.gradient", lambda: np.gradient(np.arange(4.0))),
    "a class of NumPy's": ("np.vectorize", lambda: np.vectorize(abs)([1])),
    "what another function of NumPy's calls": ("np.convolve", lambda: np.polymul([1, 2], [3, 4])),
}


@pytest.mark.parametrize(("name", "use"), NAMES.values(), ids=NAMES.keys())
def test_what_is_ruled_out_is_there_before_and_after_but_not_meanwhile(name: str, use: Callable[[], Any]) -> None:
    modules = dict(sys.modules)
    fence = Fence([name])
    with fence, pytest.raises(ModuleNotFoundError):
        use()
    with fence, fence.lifted():
        use()
    with fence, pytest.raises(ModuleNotFoundError):
        use()
    use()
    assert {place: sys.modules.get(place) for place in modules} == modules


def test_names_in_the_notebook_mean_what_they_meant_afterwards() -> None:
    tree = scipy.spatial.cKDTree([[0.0]])
    namespace = {"Tree": scipy.spatial.cKDTree, "tree": tree, "expit": scipy.special.expit, "exp": np.exp, "X": [1]}
    before = dict(namespace)
    with Fence(["scipy"], namespace):
        assert {name for name in namespace if namespace[name] is not before[name]} == {"Tree", "tree", "expit"}
        namespace["Tree"] = "bound again while the test ran"
    assert namespace == before | {"Tree": "bound again while the test ran"}


def test_a_function_handed_in_by_a_test_may_use_what_the_student_may_not() -> None:
    namespace: dict[str, Any] = {"twice": lambda f: f() + f(), "own": lambda: np.gradient(np.ones(3))}
    student = open_loopback(namespace, Fence(["np.gradient"], namespace))
    assert student.twice(lambda: float(np.gradient(np.arange(3.0))[0])) == 2
    with pytest.raises(StudentError):
        student.own()


def test_an_object_that_answers_anything_does_not_stop_the_fence() -> None:
    class Odd:
        def __getattr__(self, name: str) -> str:
            return "scipy"

    Odd.__module__ = "__main__"
    namespace = {"odd": Odd(), "Odd": Odd}
    with Fence(["scipy", "np.gradient", "nn.softmax"], namespace):
        assert type(namespace["odd"]) is Odd


# Where bans are written.


def exercise_with(line: str) -> Exercise:
    """distances_two_loops with a docstring whose only list is `line`."""
    exercise = find_notebook("01").exercise("distances_two_loops")
    (gap,) = exercise.gaps
    old = "Not to be called: scipy, sklearn."
    assert gap.source.count(old) == 1
    return dataclasses.replace(exercise, gaps=[dataclasses.replace(gap, source=gap.source.replace(old, line))])


LINES = {
    "Not to be called: scipy, sklearn.": ("scipy", "sklearn"),
    "Not to be called: sklearn,\n    scipy.": ("scipy", "sklearn"),
    "Not to be called: np.gradient, nn.relu_forward, course_utils.nn, distances_one_loop.": (
        *("np.gradient", "nn.relu_forward", "course_utils.nn", "distances_one_loop"),
    ),
    "": (),
}
WRONG_LINES = {
    ("", ("scipy",)): "its hidden tests ban scipy, and no docstring says",
    ("Not to be called: scipy.", ()): "but its hidden tests ban nothing",
    ("Not to be called: scipy.", ("scipy", "torch")): "but its hidden tests ban scipy, torch",
    ("Not to be called: scipy and torch.", ("scipy", "torch")): "is not of the form",
    ("not to be called: scipy.", ("scipy",)): "is not of the form",
    ("Not to be called: scipi.", ("scipi",)): "is it misspelt?",
    ("Not to be called: scipy.spatial.", ("scipy.spatial",)): "ban scipy as a whole",
    ("Not to be called: np.gradent.", ("np.gradent",)): "np.gradent does not exist",
    ("Not to be called: course_utils.n.relu.", ("course_utils.n.relu",)): "course_utils.n.relu does not exist",
}


@pytest.mark.parametrize(("line", "banned"), LINES.items())
def test_a_docstring_that_lists_the_banned_calls_is_accepted(
    line: str, banned: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bans, "banned_calls", lambda exercise: banned)
    assert ban_problems(exercise_with(line), {"distances_one_loop"}) == []


@pytest.mark.parametrize(("case", "problem"), WRONG_LINES.items())
def test_a_docstring_and_hidden_tests_that_disagree_are_reported(
    case: tuple[str, tuple[str, ...]], problem: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    line, banned = case
    monkeypatch.setattr(bans, "banned_calls", lambda exercise: banned)
    assert any(problem in each for each in ban_problems(exercise_with(line), set()))


def test_every_exercise_of_the_course_lists_what_its_hidden_tests_ban() -> None:
    exercises = [exercise for notebook in find_notebooks() for exercise in notebook.exercises]
    names = {exercise.name for exercise in exercises}
    problems = {exercise.name: ban_problems(exercise, names) for exercise in exercises}
    assert {name: found for name, found in problems.items() if found} == {}
    assert sum(bool(banned_calls(name)) for name in names) > 50


def test_bans_are_listed_once() -> None:
    with pytest.raises(ValueError, match="all banned calls at once"):
        ban("relu", "scipy")


@pytest.fixture
def modules(monkeypatch: pytest.MonkeyPatch) -> dict[str, types.ModuleType]:
    names = ("os", "numpy", "numpy.linalg", "library", "library.part", "last")
    loaded = {name: types.ModuleType(name) for name in names}
    monkeypatch.setattr(sys, "modules", loaded)
    return loaded


def test_modules_are_found_by_their_library_or_because_they_are_new(modules: dict[str, types.ModuleType]) -> None:
    known = LoadedModules()
    assert set(known.of(["library"])) == set(modules), "nothing was remembered: all are looked at"
    known.remember()
    assert known.of(["library"]) == ["library", "library.part"]
    assert known.of(["library.part", "absent"]) == ["library", "library.part"]
    modules["library.later"] = modules["absent.now"] = types.ModuleType("later")
    assert set(known.of(["library"])) == {"library", "library.part", "library.later", "absent.now"}


def take_one_out(modules: dict[str, types.ModuleType]) -> None:
    del modules["os"]


def move_the_last_behind_a_new_one(modules: dict[str, types.ModuleType]) -> None:
    modules["other.part"] = types.ModuleType("other.part")
    modules["last"] = modules.pop("last")


def take_one_out_and_hide_the_new_one_before_the_last(modules: dict[str, types.ModuleType]) -> None:
    modules["other"] = types.ModuleType("other")
    modules["last"] = modules.pop("last")
    del modules["os"]


@pytest.mark.parametrize(
    "change", [take_one_out, move_the_last_behind_a_new_one, take_one_out_and_hide_the_new_one_before_the_last]
)
def test_all_modules_are_looked_at_when_their_order_was_meddled_with(
    change: Callable[[dict[str, types.ModuleType]], None], modules: dict[str, types.ModuleType]
) -> None:
    known = LoadedModules()
    known.remember()
    change(modules)
    assert set(known.of(["other"])) == set(modules)
