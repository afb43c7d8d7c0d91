"""The numbers that notebook 06 states, worked by hand or on bowls and valleys, with its own solutions."""

from pathlib import Path

import numpy as np
import pytest

from autograder.source import read_notebook
from autograder.verify.workbench import Workbench
from course_utils import nn

SOURCE = Path(__file__).resolve().parents[1] / "solutions" / "06_optimizers" / "06_optimizers.py"
RULES = ("sgd", "sgd_momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamw")


@pytest.fixture(scope="module")
def own():
    """The notebook's functions, with its solutions."""
    return Workbench(read_notebook(SOURCE)).namespace


def walk(rule, gradient, start, steps, **config):
    path = [np.array(start, dtype=float)]
    for _ in range(steps):
        w, config = rule(path[-1].copy(), gradient(path[-1]), config)
        path.append(np.array(w))
    return np.array(path)


# By hand ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "w", "gradients", "config", "places"),
    [
        ("sgd", [1, -2], [[0.6, -0.8]], {"learning_rate": 0.1}, [[0.94, -1.92]]),
        ("sgd_momentum", [1], [[1], [1], [1]], {"learning_rate": 0.1}, [[0.9], [0.71], [0.439]]),
        ("nesterov", [1], [[1], [0.81]], {"learning_rate": 0.1}, [[0.81], [0.5751]]),
        ("adagrad", [0], [[2], [2], [2]], {"learning_rate": 0.1}, [[-0.1], [-0.1707], [-0.2284]]),
        ("rmsprop", [0], [[2]], {"learning_rate": 0.1}, [[-1.0]]),
        ("rmsprop", [0], [[7]], {"learning_rate": 1.0, "decay_rate": 0.9}, [[-3.1623]]),
        ("adam", [1], [[2], [-1]], {"learning_rate": 0.1}, [[0.9], [0.8734]]),
        ("adamw", [2], [[0.5]], {"learning_rate": 0.1, "weight_decay": 0.1}, [[1.88]]),
    ],
)
def test_steps_worked_by_hand(own, rule, w, gradients, config, places):
    w = np.array(w, dtype=float)
    for dw, place in zip(gradients, places, strict=True):
        w, config = own[rule](w, np.array(dw, dtype=float), config)
        np.testing.assert_allclose(w, place, atol=6e-5)


def test_l2_in_adam_changes_nothing_at_the_first_step(own):
    w, _ = own["adam"](np.array([2.0]), np.array([0.5 + 0.1 * 2.0]), {"learning_rate": 0.1})
    assert w == pytest.approx([1.9])


@pytest.mark.parametrize(
    ("schedule", "options", "rates"),
    [
        ("cosine", {}, {25: 0.0854}),
        ("step", {"every": 30}, {29: 0.1, 30: 0.05, 60: 0.025}),
        ("constant", {"warmup": 5}, {0: 0.02, 1: 0.04, 2: 0.06, 3: 0.08, 4: 0.1, 5: 0.1}),
    ],
)
def test_learning_rates_worked_by_hand(own, schedule, options, rates):
    for t, rate in rates.items():
        assert own["learning_rate"](schedule, t, 100, 0.1, **options) == pytest.approx(rate, abs=5e-5)


def test_the_library_and_the_notebook_agree(own):
    rng = np.random.default_rng(0)
    for rule in RULES:
        mine, theirs = np.ones((2, 3)), np.ones((2, 3))
        config, other = {"learning_rate": 0.05}, {"learning_rate": 0.05}
        for _ in range(5):
            dw = rng.normal(size=(2, 3))
            mine, config = own[rule](mine, dw, config)
            theirs, other = getattr(nn, rule)(theirs, dw, other)
        np.testing.assert_allclose(mine, theirs, rtol=1e-12, err_msg=rule)
    for schedule, options in (
        ("constant", {}),
        ("step", {"every": 7}),
        ("milestones", {"milestones": [4, 30]}),
        ("exponential", {"decay": 0.1}),
        ("inverse_time", {"decay": 0.1}),
        ("cosine", {}),
        ("linear", {}),
        ("inverse_sqrt", {}),
    ):
        for t in range(41):
            mine = own["learning_rate"](schedule, t, 40, 0.3, warmup=3, **options)
            assert mine == pytest.approx(nn.learning_rate(schedule, t, 40, 0.3, warmup=3, **options), abs=1e-15)


def test_newton_and_early_stopping_by_hand(own):
    assert own["newton_step"](np.array([3.0, -200.0]), np.diag([1.0, 100.0])) == pytest.approx([-3.0, 2.0])
    assert own["newton_step"](np.array([1.0, -1.0]), np.diag([1.0, -1.0])) == pytest.approx([-1.0, -1.0])  # from (1, 1)
    stopper = own["EarlyStopping"](patience=3)
    told = [stopper.update(value, {"at": np.array(value)}) for value in (5, 4, 4.5, 4.2, 3.9, 4, 4.1, 4.3)]
    assert told.index(True) == 7
    assert stopper.best["at"] == 3.9


def test_a_sure_net_outweighs_two_in_doubt(own):
    assert own["ensemble_predict"]([np.array([p]) for p in ([0.52, 0.48], [0.52, 0.48], [0.05, 0.95])]) == [1]


# On bowls and valleys ---------------------------------------------------------------------------------------


def steps_to_a_millionth(rule, **config):
    bowl, w = np.array([1.0, 100.0]), np.ones(2)
    for t in range(5000):
        if np.linalg.norm(w) < 1e-6 * np.sqrt(2):
            return t
        w, config = rule(w, bowl * w, config)
    return 5000


def test_momentum_takes_the_square_root_of_the_condition_number(own):
    root = 9 / 11
    assert steps_to_a_millionth(own["sgd"], learning_rate=2 / 101) == 691
    best = {"learning_rate": (1 + root) ** 2 / 100, "momentum": root**2}
    assert steps_to_a_millionth(own["sgd_momentum"], **best) == 93
    assert 200 <= steps_to_a_millionth(own["sgd_momentum"], learning_rate=0.03, momentum=0.9) <= 330


def test_a_random_matrix_is_rarely_positive_definite():
    for seed in range(3):
        rng = np.random.default_rng(seed)
        for n, share, tolerance in (
            (2, (2 - np.sqrt(2)) / 4, 0.01),
            (3, (np.pi - 2 * np.sqrt(2)) / (4 * np.pi), 0.005),
        ):
            M = rng.normal(size=(20_000, n, n))
            assert np.mean(np.linalg.eigvalsh(M + M.transpose(0, 2, 1))[:, 0] > 0) == pytest.approx(
                share, abs=tolerance
            )


def test_noise_keeps_descent_at_the_distance_of_the_formula(own):
    for rate, distance in ((0.1, 0.229), (0.01, 0.0709)):
        rng, w = np.random.default_rng(0), np.zeros(20_000)
        for _ in range(int(30 / rate)):
            w, _ = own["sgd"](w, w + rng.standard_normal(len(w), dtype=np.float32), {"learning_rate": rate})
        assert w.std() == pytest.approx(distance, rel=0.03)
        assert np.sqrt(rate / (2 - rate)) == pytest.approx(distance, rel=0.01)


def test_the_two_forms_of_momentum_differ_when_the_rate_drops(own):
    w, config, u, steps = np.zeros(1), {"learning_rate": 0.1}, 0.0, []
    for t in range(100):
        config["learning_rate"] = 0.1 if t < 50 else 0.01
        next_w, config = own["sgd_momentum"](w.copy(), np.ones(1), config)
        u = 0.9 * u + 1.0
        steps.append((w[0] - next_w[0], config["learning_rate"] * u))
        w = next_w
    np.testing.assert_allclose(*np.array(steps[:50]).T, rtol=1e-12)
    assert steps[50] == pytest.approx((0.91, 0.10), abs=0.01)


def test_nesterovs_two_forms_are_the_same(own):
    def slope(w):
        return np.array([1.0, 30.0]) * w

    looks, ball, velocity = [], np.array([-4.0, 1.0]), np.zeros(2)
    for _ in range(40):
        looks.append(ball + 0.9 * velocity)
        velocity = 0.9 * velocity - 0.02 * slope(looks[-1])
        ball = ball + velocity
    np.testing.assert_allclose(walk(own["nesterov"], slope, (-4, 1), 39, learning_rate=0.02), looks, atol=1e-12)


def test_uncorrected_adam_steps_are_up_to_six_and_a_half_times_too_large():
    t = np.arange(1, 5001)
    sizes = (1 - 0.9**t) / np.sqrt(1 - 0.999**t)
    assert (sizes[0], sizes.max(), t[sizes.argmax()]) == pytest.approx((3.162, 6.57, 12), abs=0.005)


@pytest.mark.parametrize("seed", range(3))
def test_adamw_shrinks_all_weights_alike_and_l2_in_adam_does_not(own, seed):
    rng = np.random.default_rng(seed)
    l2, wd = np.ones((2, 300)), np.ones((2, 300))
    one, other = {"learning_rate": 1e-3}, {"learning_rate": 1e-3, "weight_decay": 0.5}
    for _ in range(2000):
        noise = np.array([[0.01], [10.0]]) * rng.normal(size=(2, 300))
        l2, one = own["adam"](l2, noise + 0.5 * l2, one)
        wd, other = own["adamw"](wd, noise, other)
    small, large = l2.mean(axis=1)
    assert small < 0.05 and 0.87 < large < 0.94
    assert wd.mean(axis=1) == pytest.approx([0.37, 0.37], abs=0.03)


def fewest_steps(rule, Q, most=200):
    H = Q @ np.diag([1.0, 30.0]) @ Q.T
    for rate in np.geomspace(0.003, 3, 40):
        with np.errstate(all="ignore"):
            x, y = (walk(rule, lambda w: H @ w, Q @ np.array([-4.0, 1.0]), most, learning_rate=rate) @ Q).T
            low = 0.5 * (x**2 + 30 * y**2) < 0.05
        most = int(np.argmax(low)) if low.any() else most
    return most


def test_turning_the_valley_takes_away_the_lead_of_a_rate_for_each_weight(own):
    turned = np.array([[1.0, -1.0], [1.0, 1.0]]) / np.sqrt(2)
    plain = fewest_steps(own["sgd"], turned)
    for rule in ("sgd", "sgd_momentum", "nesterov"):
        assert fewest_steps(own[rule], np.eye(2)) == fewest_steps(own[rule], turned)
    for rule in ("adagrad", "rmsprop"):
        assert fewest_steps(own[rule], np.eye(2)) < 10 < plain < fewest_steps(own[rule], turned)


def test_newton_takes_six_steps_over_the_banana(own):
    w, count = np.array([-1.2, 1.0]), 0
    while True:
        x, y = w
        g = np.array([-2 * (1 - x) - 400 * x * (y - x**2), 200 * (y - x**2)])
        if np.linalg.norm(g) <= 1e-8:
            break
        w, count = (
            w + own["newton_step"](g, np.array([[2 - 400 * (y - 3 * x**2), -400 * x], [-400 * x, 200.0]])),
            count + 1,
        )
    assert count == 6
    assert w == pytest.approx([1.0, 1.0])
