"""Hidden tests of `sample_log_uniform` and `search_net`."""

import numpy as np

from autograder.hidden.two_layer_net.nets import a_generator
from autograder.oracles import two_layer_net as oracles
from autograder.testing import ban, expect, expect_close, expect_equal, expect_raises, expect_shape, hidden

ban("sample_log_uniform", "scipy")

# Numbers evenly in the logarithm -------------------------------------------------------------------------------------------


@hidden("sample_log_uniform", weight=2)
def evenly_in_the_logarithm(student, rng):
    """every order of magnitude gets its share, and the share of no stretch of a decade is too large"""
    for low, high in ((1e-6, 1e-2), (1e-5, 1e5), (0.02, 0.9)):
        sample = np.asarray(student.sample_log_uniform(low, high, 4000, a_generator(student, rng)))
        expect_shape(sample, (4000,), "the sample")
        expect(np.all((sample >= low * 0.999) & (sample <= high * 1.001)), "some numbers lie outside low and high")
        place = np.array([oracles.place_in_range(value, low, high) for value in sample.tolist()])
        shares = np.histogram(place, bins=10, range=(-0.01, 1.01))[0] / 4000
        expect(
            np.all(np.abs(shares - 0.1) < 0.035), "the logarithms are not spread evenly between those of low and high"
        )


@hidden("sample_log_uniform")
def all_numbers_differ(student, rng):
    """the numbers are drawn, not taken from a grid"""
    sample = np.asarray(student.sample_log_uniform(1e-3, 1e3, 300, a_generator(student, rng)))
    expect_shape(sample, (300,), "the sample")
    expect(np.all(sample > 0), "some numbers are not positive")
    expect(len(np.unique(sample)) > 290, "some numbers come again and again: draw the exponent as a real number")
    steps = np.diff(np.log(sample))
    expect(0.2 < np.mean(steps > 0) < 0.8, "the numbers come in ascending or descending order")
    gaps = np.diff(np.sort(np.log(sample)))
    expect(np.std(gaps) > 0.3 * np.mean(gaps), "the numbers are a grid in another order: draw each of them")


@hidden("sample_log_uniform")
def any_size(student, rng):
    """size may be a number or a shape"""
    for size, shape in ((1, (1,)), (5, (5,)), ((3, 4), (3, 4))):
        sample = student.sample_log_uniform(1e-4, 1e-1, size, a_generator(student, rng))
        expect_shape(sample, shape, "the sample")
        expect(np.all((sample > 0.99e-4) & (sample < 1.01e-1)), "some numbers lie outside low and high")


@hidden("sample_log_uniform")
def drawn_with_the_generator(student, rng):
    """the generator passed in decides the numbers"""
    seed = int(rng.integers(1 << 30))
    one, same, other = (
        np.asarray(student.sample_log_uniform(1e-4, 10.0, 6, student.generator(s))) for s in (seed, seed, seed + 1)
    )
    expect_shape(one, (6,), "the sample")
    expect(np.array_equal(one, same), "the same generator gave other numbers: use rng for every draw")
    expect(not np.array_equal(one, other), "another generator gave the same numbers: use rng for every draw")


@hidden("sample_log_uniform")
def impossible_ranges_are_refused(student, rng):
    """a range that is not positive, or ends before it begins, raises ValueError; one of a single number does not"""
    generator = a_generator(student, rng)
    expect_close(student.sample_log_uniform(0.5, 0.5, 2, generator), np.full(2, 0.5), what="a range of one number")
    for low, high in ((0.0, 1.0), (-1.0, 1.0), (1e-2, 1e-3), (-3.0, -1.0)):
        expect_raises(
            ValueError,
            student.sample_log_uniform,
            low,
            high,
            3,
            generator,
            otherwise="an impossible range did not raise ValueError, but another error or none",
        )


# Random search -----------------------------------------------------------------------------------------------------------


def a_history(score, stopped=False, trail=(0.3, 0.2)):
    """A history that ends with this validation accuracy."""
    val = [] if score is None else [*trail, float(score)]
    return {
        "loss": [2.3, float("nan") if stopped else 1.0],
        "train_accuracy": [0.99 - 0.5 * (score or 0)] * len(val),
        "val_accuracy": val,
        "stopped": stopped,
    }


def search(student, seed, ranges, histories, num_tries=None):
    """Run a search over scripted histories, seed being one or a generator; its three results and the values tried."""
    tried = []

    def train_fn(*unnamed, **values):
        expect(not unnamed, "train_fn did not get its values by name: call it as train_fn(**values)")
        expect(set(values) == set(ranges), "train_fn did not get a value for each name in ranges and no other")
        plain = all(isinstance(value, (float, np.floating)) for value in values.values())
        expect(plain, "train_fn should get a plain float for each name, not an array or something else")
        expect(len(tried) < len(histories), "train_fn was called more often than there are tries")
        tried.append(values)
        return histories[len(tried) - 1]

    count = len(histories) if num_tries is None else num_tries
    generator = student.generator(seed) if isinstance(seed, int) else seed
    answer = student.search_net(train_fn, ranges, count, generator)
    expect(isinstance(answer, (tuple, list)) and len(answer) == 3, "three results should come back")
    expect(len(tried) == count, "train_fn was not called once a try")
    expect(isinstance(answer[2], (list, tuple)), "at_edge is not a list of names")
    return (*answer, tried)


def expect_values(found, expected, what):
    expect(isinstance(found, dict) and set(found) == set(expected), f"{what}: not a dict with a value for each name")
    for name, value in expected.items():
        expect_close(found[name], value, 1e-9, 0.0, what=f"{what}: {name}")


@hidden("search_net", weight=2)
def values_are_drawn_evenly_in_the_logarithm(student, rng):
    """each try draws every value anew, evenly in the logarithm of its range"""
    ranges = {"learning_rate": (1e-6, 1e-2), "reg": (1e-3, 1e4), "weight_scale": (1e-5, 1.0)}
    *_, tried = search(student, int(rng.integers(1 << 30)), ranges, [a_history(0.5)] * 80)
    place = {}
    for name, (low, high) in ranges.items():
        place[name] = np.array([oracles.place_in_range(float(values[name]), low, high) for values in tried])
        expect(np.all((place[name] > -1e-6) & (place[name] < 1 + 1e-6)), f"{name} left its range")
        expect(len(np.unique(place[name])) > 60, f"{name} is the same in many tries: draw it anew in each")
        expect(16 < np.sum(place[name] < 0.5) < 64, f"{name} is not spread evenly in the logarithm")
    for one, other in (("learning_rate", "reg"), ("reg", "weight_scale"), ("learning_rate", "weight_scale")):
        together = np.corrcoef(place[one], place[other])[0, 1]
        expect(abs(together) < 0.6, "two values rise and fall together: draw each by itself")


@hidden("search_net", weight=2)
def every_try_is_kept(student, rng):
    """results holds the values and the score of each try, in order"""
    scores = rng.uniform(0.2, 0.9, size=6)
    ranges = {"learning_rate": (1e-4, 1e-1), "reg": (1e-3, 1e1)}
    _, results, _, tried = search(student, int(rng.integers(1 << 30)), ranges, [a_history(s) for s in scores])
    expect(isinstance(results, list) and len(results) == 6, "results is not a list with one entry a try")
    expect(all(isinstance(entry, (tuple, list)) and len(entry) == 2 for entry in results), "an entry is not a pair")
    for (values, _), asked in zip(results, tried, strict=True):
        expect_values(values, asked, "the values in results")
    expect_close(np.array([score for _, score in results], dtype=float), scores, what="the scores in results")


@hidden("search_net", weight=2)
def the_highest_score_wins(student, rng):
    """the run that ends with the highest validation accuracy is best, wherever it comes"""
    for winner in (0, int(rng.integers(1, 6)), 6):
        scores = 0.4 + 0.02 * rng.permutation(7)
        scores[winner] = 0.7
        trails = [(0.95, 0.1) if i != winner else (0.1, 0.2) for i in range(7)]
        histories = [a_history(s, trail=trail) for s, trail in zip(scores, trails, strict=True)]
        best, _, _, tried = search(student, int(rng.integers(1 << 30)), {"learning_rate": (1e-4, 1.0)}, histories)
        expect_values(best, tried[winner], "the best values")


@hidden("search_net", weight=2)
def runs_that_exploded_do_not_count(student, rng):
    """a run that was stopped scores zero, even if it had been good before or has no accuracy at all"""
    histories = [a_history(0.4), a_history(0.9, stopped=True), a_history(None, stopped=True), a_history(0.6)]
    best, results, _, tried = search(student, int(rng.integers(1 << 30)), {"learning_rate": (1e-4, 1.0)}, histories)
    expect_values(best, tried[3], "the best values")
    expect(isinstance(results, list) and len(results) == 4, "results is not a list with one entry a try")
    expect_close(np.array([score for _, score in results], dtype=float), np.array([0.4, 0, 0, 0.6]), what="the scores")
    histories = [a_history(None, stopped=True), a_history(0.0)]
    best, *_ = search(student, int(rng.integers(1 << 30)), {"learning_rate": (1e-4, 1.0)}, histories)
    expect(best is not None, "best is None although a run was not stopped, and ended with an accuracy of 0")


@hidden("search_net")
def when_every_run_explodes(student, rng):
    """when every run was stopped there is no best, and nothing lies at an edge"""
    histories = [a_history(0.9, stopped=True), a_history(None, stopped=True)]
    best, results, at_edge, _ = search(student, int(rng.integers(1 << 30)), {"reg": (1e-4, 1.0)}, histories)
    expect(best is None, "every run was stopped, so best should be None")
    expect(len(results) == 2, "results is not a list with one entry a try")
    expect_equal(list(at_edge), [], "at_edge when every run was stopped")


@hidden("search_net")
def values_come_from_the_generator(student, rng):
    """the generator passed in decides the values"""
    seed, ranges = int(rng.integers(1 << 30)), {"learning_rate": (1e-4, 1.0), "reg": (1e-3, 1e1)}
    one, same, other = (search(student, s, ranges, [a_history(0.5)] * 4)[3] for s in (seed, seed, seed + 1))
    expect(one == same, "the same generator gave other values: use rng for every draw")
    expect(one != other, "another generator gave the same values: use rng for every draw")


@hidden("search_net", weight=2)
def the_edge_of_a_range_is_noticed(student, rng):
    """names whose best value lies in the outer tenth of its range, in the logarithm, at either end"""
    ranges = {"learning_rate": (1e-6, 1e-2), "reg": (1e-3, 1e4)}
    ranges |= {"weight_scale": (1e-5, 1e-1), "noise": (0.01, 3.0), "temperature": (0.1, 500.0)}
    ranges |= {f"{name}_2": (low, 3 * high) for name, (low, high) in ranges.items()}
    answers, generator = [], a_generator(student, rng)
    for _ in range(11):
        histories = [a_history(0.6), a_history(0.5)]  # the first of two tries is the best one
        best, _, at_edge, (values, _) = search(student, generator, ranges, histories)
        answers.append((best, list(at_edge), values))
    for best, at_edge, values in answers:
        expect(
            isinstance(best, dict) and best == values, "the best values are not those of the try with the higher score"
        )
        expect(set(at_edge) <= set(ranges), "at_edge holds something other than names")
        for name, (low, high) in ranges.items():
            distance = abs(oracles.place_in_range(float(values[name]), low, high) - 0.5)
            expect(distance < 0.42 or name in at_edge, "at_edge leaves out a name whose best value is near an end")
            expect(distance > 0.37 or name not in at_edge, "at_edge holds a name whose best value is not near an end")
