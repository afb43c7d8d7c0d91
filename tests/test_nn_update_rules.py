"""Update rules and schedules of course_utils.nn, against references for a single number."""

import copy
import math

import numpy as np
import pytest

from course_utils import nn
from course_utils.nn.update_rules import RULES

rng = np.random.default_rng(13)


def descent(lr=1e-2):
    w = yield
    while True:
        g = yield w
        w -= lr * g


def heavy_ball(lr=1e-2, mu=0.9):
    """Momentum without a velocity: the last displacement is repeated."""
    w = yield
    before = w
    while True:
        g = yield w
        w, before = w - lr * g + mu * (w - before), w


def look_ahead(lr=1e-2, mu=0.9):
    """Nesterov's form in two points: a plain step from the look-ahead point, then beyond it."""
    ahead = yield
    point = ahead
    while True:
        g = yield ahead
        stepped = ahead - lr * g
        ahead, point = stepped + mu * (stepped - point), stepped


def adagrad(lr=1e-2, eps=1e-8):
    w = yield
    seen = []
    while True:
        seen.append((yield w))
        w -= lr * seen[-1] / (math.sqrt(math.fsum(g * g for g in seen)) + eps)


def rmsprop(lr=1e-2, decay=0.99, eps=1e-8):
    w = yield
    seen = []
    while True:
        seen.insert(0, (yield w))
        mean = math.fsum((1 - decay) * decay**age * g * g for age, g in enumerate(seen))
        w -= lr * seen[0] / (math.sqrt(mean) + eps)


def adam(lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8, decay=0.0):
    """The corrected moments are weighted means of all gradients seen: the weights sum to 1."""
    w = yield
    seen = []
    while True:
        seen.insert(0, (yield w))
        m = math.fsum(beta1**age * g for age, g in enumerate(seen)) / math.fsum(beta1**age for age in range(len(seen)))
        v = math.fsum(beta2**age * g * g for age, g in enumerate(seen))
        v /= math.fsum(beta2**age for age in range(len(seen)))
        w -= lr * (m / (math.sqrt(v) + eps) + decay * w)


CASES = [
    (nn.sgd, descent, {}, {}),
    (nn.sgd, descent, {"learning_rate": 0.3}, {"lr": 0.3}),
    (nn.sgd_momentum, heavy_ball, {}, {}),
    (nn.sgd_momentum, heavy_ball, {"learning_rate": 0.2, "momentum": 0.5}, {"lr": 0.2, "mu": 0.5}),
    (nn.nesterov, look_ahead, {}, {}),
    (nn.nesterov, look_ahead, {"learning_rate": 0.2, "momentum": 0.5}, {"lr": 0.2, "mu": 0.5}),
    (nn.adagrad, adagrad, {}, {}),
    (nn.adagrad, adagrad, {"learning_rate": 0.2, "epsilon": 0.1}, {"lr": 0.2, "eps": 0.1}),
    (nn.rmsprop, rmsprop, {}, {}),
    (
        nn.rmsprop,
        rmsprop,
        {"learning_rate": 0.2, "decay_rate": 0.5, "epsilon": 0.1},
        {"lr": 0.2, "decay": 0.5, "eps": 0.1},
    ),
    (nn.adam, adam, {}, {}),
    (
        nn.adam,
        adam,
        {"learning_rate": 0.2, "beta1": 0.5, "beta2": 0.7, "epsilon": 0.1},
        {"lr": 0.2, "beta1": 0.5, "beta2": 0.7, "eps": 0.1},
    ),
    (nn.adamw, adam, {}, {"decay": 1e-2}),
    (nn.adamw, adam, {"learning_rate": 0.1, "weight_decay": 0.5}, {"lr": 0.1, "decay": 0.5}),
]


@pytest.mark.parametrize(("rule", "reference", "config", "options"), CASES)
def test_each_number_goes_the_way_of_its_reference(rule, reference, config, options):
    w, config = rng.normal(size=(2, 3)), dict(config)
    walks = [reference(**options) for _ in range(w.size)]
    for walk, value in zip(walks, w.ravel().tolist(), strict=True):
        next(walk)
        walk.send(value)
    for _ in range(6):
        dw = rng.normal(size=w.shape)
        w, config = rule(w, dw, config)
        wanted = [walk.send(g) for walk, g in zip(walks, dw.ravel().tolist(), strict=True)]
        assert np.allclose(w.ravel(), wanted, rtol=1e-12, atol=1e-12)


DEFAULTS = {
    "sgd": {"learning_rate": 1e-2},
    "sgd_momentum": {"learning_rate": 1e-2, "momentum": 0.9},
    "nesterov": {"learning_rate": 1e-2, "momentum": 0.9},
    "adagrad": {"learning_rate": 1e-2, "epsilon": 1e-8},
    "rmsprop": {"learning_rate": 1e-2, "decay_rate": 0.99, "epsilon": 1e-8},
    "adam": {"learning_rate": 1e-3, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8},
    "adamw": {"learning_rate": 1e-3, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, "weight_decay": 1e-2},
}
STATES = {
    "sgd": set(),
    "sgd_momentum": {"velocity"},
    "nesterov": {"velocity"},
    "adagrad": {"cache"},
    "rmsprop": {"cache"},
    "adam": {"m", "v", "t"},
    "adamw": {"m", "v", "t"},
}


@pytest.mark.parametrize("name", RULES)
def test_missing_keys_are_filled_in_and_the_state_is_kept_in_the_given_dict(name):
    config = {}
    _, returned = RULES[name](np.ones(3), np.ones(3), config)
    assert returned is config
    assert config.keys() == DEFAULTS[name].keys() | STATES[name]
    assert {key: config[key] for key in DEFAULTS[name]} == DEFAULTS[name]
    assert RULES[name](np.ones(3), np.ones(3))[1].keys() == config.keys()
    if "t" in config:
        assert config["t"] == 1


@pytest.mark.parametrize("name", RULES)
def test_the_parameter_its_gradient_and_an_earlier_state_are_not_changed(name):
    w, dw = rng.normal(size=(2, 3)), rng.normal(size=(2, 3))
    _, config = RULES[name](w, dw)
    kept = {key: value for key, value in config.items() if isinstance(value, np.ndarray)}
    before = copy.deepcopy((w, dw, kept))
    next_w, _ = RULES[name](w, dw, config)
    assert not np.shares_memory(next_w, w)
    assert np.array_equal(w, before[0]) and np.array_equal(dw, before[1])
    assert all(np.array_equal(kept[key], before[2][key]) for key in kept)


@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_dtype_is_kept_even_with_numpy_numbers_in_config(name, dtype):
    config = {key: np.float64(value) for key, value in DEFAULTS[name].items()}
    w, config = RULES[name](np.ones(3, dtype), np.ones(3, dtype), config)
    w, config = RULES[name](w, np.ones(3, dtype), config)
    assert w.dtype == dtype
    assert {config[key].dtype for key in STATES[name] - {"t"}} <= {np.dtype(dtype)}


@pytest.mark.parametrize("name", RULES)
def test_a_gradient_of_another_shape_is_refused(name):
    with pytest.raises(ValueError, match=r"shape \(2, 3\) but its gradient \(3,\)"):
        RULES[name](np.ones((2, 3)), np.ones(3))


@pytest.mark.parametrize("name", [name for name in RULES if STATES[name]])
def test_a_config_shared_by_two_parameters_is_refused(name):
    _, config = RULES[name](np.ones((2, 3)), np.ones((2, 3)))
    with pytest.raises(ValueError, match="a config of its own"):
        RULES[name](np.ones(3), np.ones(3), config)


def test_the_first_step_of_adam_has_the_size_of_the_learning_rate():
    w, _ = nn.adam(np.zeros(4), np.array([1e-3, -5.0, 100.0, -1e-4]))
    assert np.allclose(w, [-1e-3, 1e-3, -1e-3, 1e-3], rtol=1e-3)


SCHEDULED = [
    ("constant", {}, [0, 5, 100], [1, 1, 1]),
    ("step", {"every": 30}, [0, 29, 30, 59, 60, 100], [1, 1, 0.5, 0.5, 0.25, 0.125]),
    ("step", {"every": 50, "factor": 0.1}, [49, 50, 100], [1, 0.1, 0.01]),
    ("milestones", {"milestones": (30, 60, 90)}, [29, 30, 60, 89, 90], [1, 0.1, 0.01, 0.01, 0.001]),
    ("milestones", {"milestones": [10], "factor": 0.5}, [9, 10], [1, 0.5]),
    ("exponential", {"decay": 0.1}, [0, 10, 20], [1, 1 / math.e, 1 / math.e**2]),
    ("inverse_time", {"decay": 0.1}, [0, 10, 90], [1, 1 / 2, 1 / 10]),
    ("cosine", {}, [0, 50, 100], [1, 0.5, 0]),
    ("cosine", {}, [25], [(1 + math.sqrt(0.5)) / 2]),
    ("linear", {}, [0, 25, 100], [1, 0.75, 0]),
    ("inverse_sqrt", {}, [0, 1, 4, 100], [1, 1, 0.5, 0.1]),
    ("constant", {"warmup": 4}, [0, 1, 3, 4, 5], [0.25, 0.5, 1, 1, 1]),
    ("linear", {"warmup": 20}, [0, 19, 20, 60, 100], [0.05, 1, 1, 0.5, 0]),
    ("cosine", {"warmup": 20}, [9, 20, 60, 100], [0.5, 1, 0.5, 0]),
    ("inverse_sqrt", {"warmup": 10}, [10, 14], [1, 0.5]),
    ("linear", {"warmup": 100}, [50, 100], [0.51, 1]),
]


@pytest.mark.parametrize(("schedule", "options", "steps", "wanted"), SCHEDULED)
def test_schedules(schedule, options, steps, wanted):
    found = [nn.learning_rate(schedule, t, 100, 0.4, **options) for t in steps]
    assert np.allclose(found, 0.4 * np.array(wanted), atol=1e-15)
    assert all(type(rate) is float for rate in found)


@pytest.mark.parametrize(
    ("arguments", "options", "said"),
    [
        (("cosin", 0, 10, 1.0), {}, "'cosin'; it is one of 'constant', 'step'"),
        (("step", 0, 10, 1.0), {}, "'step' needs the option 'every'"),
        (("step", 0, 10, 1.0), {"every": 0}, "every is 0"),
        (("exponential", 0, 10, 1.0), {"rate": 1, "decay": 2}, "no option 'rate'; it has 'decay', 'warmup'"),
        (("cosine", 11, 10, 1.0), {}, "t is 11"),
        (("cosine", -1, 10, 1.0), {}, "t is -1"),
        (("cosine", 0, 10, 1.0), {"warmup": -1}, "warmup is -1"),
    ],
)
def test_schedules_refuse_what_they_do_not_know(arguments, options, said):
    with pytest.raises(ValueError, match=said):
        nn.learning_rate(*arguments, **options)
