"""Hidden tests run on a student's code: points, sentences, diagnosis, and what is never shown."""

import numpy as np
import pytest

from autograder.byvalue import open_loopback
from autograder.grading import grade, practice, run_exercise, submission_seed
from autograder.grading.run import NOT_WRITTEN, WRONG_KIND
from autograder.grading.sameness import same_value
from autograder.grading.seeds import generator_for
from autograder.testing import FailedExpectation, alternative, expect_close, expect_equal, forward_pass, hidden, mutant

EXERCISE = "made_up_row_means"


@hidden(EXERCISE, weight=3)
def agrees_on_random_rows(student, rng):
    """means of random rows"""
    X = rng.normal(size=(4, 6))
    expect_close(student.made_up_row_means(X), [row.sum() / 6 for row in X])


@hidden(EXERCISE)
def one_row_is_enough(student, rng):
    X = rng.normal(size=(1, 3))
    expect_close(student.made_up_row_means(X), [X[0].sum() / 3])


@hidden(EXERCISE)
def the_input_is_left_alone(student, rng):
    """X is not changed"""
    X = rng.normal(size=(2, 3))
    kept = student.keep(X)
    student.made_up_row_means(kept)
    expect_equal(student.value(kept), X, "X after the call")


@alternative(EXERCISE, "by a matrix product")
def by_product(X):
    return X @ np.full(X.shape[1], 1 / X.shape[1])


@mutant(EXERCISE, "These are the means of the columns: check the axis.")
def columns(X):
    return X.mean(axis=0)


@mutant(EXERCISE, "These are sums: the division by the number of columns is missing.")
def sums(X):
    return X.sum(axis=1)


@mutant(EXERCISE, "X itself is changed: work on a copy.")
def in_place(X):
    X /= X.shape[1]
    return X.sum(axis=1)


@mutant(EXERCISE, "This fails for a single row: squeeze drops more than you think.")
def squeezed(X):
    return X.mean(axis=1).squeeze()


def results(work, seed="s"):
    return run_exercise(EXERCISE, {EXERCISE: work} if work else {}, seed)


def test_right_work_passes_every_test():
    assert all(result.passed for result in results(lambda X: np.mean(X, 1)))


STUDENTS = {
    "sums": lambda X: np.array([sum(row) for row in X]),
    "columns": lambda X: np.add.reduce(X) / len(X),
    "in_place": lambda X: np.multiply(X, 1 / X.shape[1], out=X).sum(1),
}


@pytest.mark.parametrize("mistake", STUDENTS)
@pytest.mark.parametrize("seed", ["a", "b", "c"])
def test_a_mistake_written_in_another_way_gets_its_own_sentence(mistake, seed):
    failed = [result for result in results(STUDENTS[mistake], seed) if not result.passed]
    assert failed
    assert {result.mutant for result in failed} == {mistake}


def test_an_unknown_mistake_is_told_by_the_kind_of_difference():
    failed = [r for r in results(lambda X: -X.mean(axis=1)) if not r.passed]
    assert all(result.mutant is None for result in failed)
    assert "sign" in failed[0].sentence


def test_a_gap_is_called_unwritten_and_earns_nothing():
    def gap(X):
        raise NotImplementedError("made_up_row_means: write it")

    assert [(r.passed, r.sentence) for r in results(gap)] == [(False, NOT_WRITTEN)] * 3


def test_a_missing_function_is_named():
    assert "'made_up_row_means', which is not defined" in results(None)[0].sentence


def test_an_answer_of_the_wrong_kind_fails_without_showing_the_graders_exception():
    @hidden("made_up_pair")
    def unpacks(student, rng):
        _loss, _gradient = student.made_up_pair()

    (result,) = run_exercise("made_up_pair", {"made_up_pair": lambda: None}, "s")
    assert (result.passed, result.sentence) == (False, WRONG_KIND)


def test_no_sentence_holds_a_hidden_input_or_an_expected_value():
    def leaks(X):
        raise ValueError(f"{X!r}")

    said = " ".join(r.sentence for r in results(leaks) + results(lambda X: X) + results(lambda X: X.mean(1) + 1))
    X = generator_for("s", EXERCISE, "agrees_on_random_rows").normal(size=(4, 6))
    assert not any(f"{value:.3f}"[:5] in said for value in [*X.ravel(), *X.mean(axis=1)])


def test_names_made_of_hidden_input_are_not_repeated():
    def raises(X):
        raise type(f"Error{X.ravel()[0]}", (ValueError,), {})

    def misses(X):
        raise NameError("x", name=f"x{abs(int(X.ravel()[0] * 1e6))}")

    X = generator_for("s", EXERCISE, "agrees_on_random_rows").normal(size=(4, 6)).ravel()[0]
    assert results(raises)[0].sentence.startswith("your code raised ValueError")
    assert str(abs(int(X * 1e6)))[:4] not in results(misses)[0].sentence


def test_partial_credit_is_weighted_and_capped_and_printed(capsys):
    score = grade(EXERCISE, {EXERCISE: STUDENTS["in_place"]}, points=10)
    assert score == pytest.approx(8.0)  # weights 3, 1, 1: only the last test fails
    printed = capsys.readouterr().out
    assert "ok     6.0 of 6.0  means of random rows" in printed
    assert "FAIL   0.0 of 2.0  X is not changed" in printed
    assert "X itself is changed: work on a copy." in printed


def test_the_score_shows_as_a_plain_number_that_nbgrader_reads():
    score = grade(EXERCISE, {EXERCISE: by_product}, points=6)
    bundle = score._repr_mimebundle_()
    assert float(bundle["text/plain"]) == 6.0
    record = bundle["application/vnd.course.grade+json"]
    assert record["exercise"] == EXERCISE and len(record["tests"]) == 3


def test_practice_returns_the_same_results_as_grading():
    answer = practice(EXERCISE, {EXERCISE: STUDENTS["sums"]}, points=5)
    assert answer["score"] < 5
    assert any("sums" in line for line in answer["lines"])


def test_hidden_inputs_differ_between_students_and_stay_on_a_regrade():
    seeds = [submission_seed(b"key", student, "01_knn", "v1", []) for student in ("ada", "ben", "ada")]
    assert seeds[0] == seeds[2] != seeds[1]
    draws = [generator_for(seed, EXERCISE, "t").normal() for seed in seeds]
    assert draws[0] == draws[2] != draws[1]


def test_the_seed_depends_on_the_secret_key():
    assert submission_seed(b"one", "ada", "01_knn", "v", []) != submission_seed(b"two", "ada", "01_knn", "v", [])
    with pytest.raises(ValueError, match="course key is empty"):
        submission_seed(b"", "ada", "01_knn", "v", [])


def test_an_exercise_without_hidden_tests_is_named_with_those_there_are():
    with pytest.raises(KeyError, match="no hidden tests for 'nonsense'"):
        grade("nonsense", {})


def test_one_exercise_cannot_have_two_tests_of_one_name():
    def register():
        @hidden("made_up_twice")
        def same(student, rng): ...

    register()
    with pytest.raises(ValueError, match="two hiddentest entries named same"):
        register()


ALIKE = {
    "rounding in float64": (np.array([1.0, 1e3]), np.array([1.0 + 1e-9, 1e3 + 1e-5]), True),
    "more than rounding in float64": (np.array([1.0]), np.array([1.0 + 1e-5]), False),
    "rounding in float32": (np.array([1.0], np.float32), np.array([1.0 + 1e-5], np.float32), True),
    "more than rounding in float32": (np.array([1.0], np.float32), np.array([1.01], np.float32), False),
    "float32 against float64": (np.array([1.0], np.float32), np.array([1.0 + 1e-5]), True),
    "NaN and infinities": (np.array([np.nan, np.inf, -np.inf]), np.array([np.nan, np.inf, -np.inf]), True),
    "infinities of either sign": (np.array([np.inf]), np.array([-np.inf]), False),
    "NaN against a number": (np.array([np.nan]), np.array([0.0]), False),
    "bytes that would wrap": (np.array([0], np.uint8), np.array([255], np.uint8), False),
    "a truth value and a number": (True, 1, True),
    "other shapes": (np.zeros(2), np.zeros((2, 1)), False),
    "words": (np.array(["a"]), np.array(["a"]), True),
    "complex numbers": (1 + 1j, 1 + 1j + 1e-9, True),
    "a dict with a key more": ({"a": 1}, {"a": 1, "b": 2}, False),
}


@pytest.mark.parametrize(("one", "other", "alike"), ALIKE.values(), ids=ALIKE)
def test_answers_are_compared_up_to_rounding(one, other, alike):
    assert same_value(one, other) is alike
    assert same_value(other, one) is alike


def test_a_forward_pass_that_returns_one_thing_is_told_so():
    student = open_loopback({"layer_forward": lambda x: (x * 2, lambda: x)})
    out, _ = forward_pass(student, "layer_forward", np.ones(2))
    assert [status for status, _ in student._peer.trace.replies] == ["ok"]
    np.testing.assert_array_equal(out, [2, 2])
    with pytest.raises(FailedExpectation, match="two things"):
        forward_pass(open_loopback({"layer_forward": lambda x: x * 2}), "layer_forward", np.ones(2))
