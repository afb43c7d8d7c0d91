"""Problems that are drawn once and remembered are those that would have been drawn."""

import numpy as np
import pytest

from autograder.testing import remembered


def rng_of(seed):
    return np.random.default_rng(seed)


@pytest.fixture
def counted():
    """A draw, and the list of settings with which it really ran."""
    ran = []

    @remembered
    def draw(rng, n=3, low=0.0):
        ran.append((n, low))
        return {"X": rng.uniform(low, 1.0, size=n)}, [rng.integers(0, 9, size=n)]

    return draw, ran


def test_the_second_time_gives_the_same_and_leaves_the_generator_where_the_first_did(counted):
    draw, ran = counted
    first, again = rng_of(1), rng_of(1)
    one, two = draw(first, 4), draw(again, 4)
    assert one is two
    assert ran == [(4, 0.0)]
    assert first.random() == again.random()


def test_another_seed_another_setting_and_another_place_in_the_stream_are_drawn_anew(counted):
    draw, ran = counted
    rng = rng_of(1)
    drawn = [draw(rng), draw(rng), draw(rng_of(2)), draw(rng_of(1), 3, low=0.5)]
    assert len(ran) == 4
    assert len({tuple(each[0]["X"]) for each in drawn}) == 4


def test_a_test_cannot_change_what_the_next_one_gets(counted):
    problem, labels = counted[0](rng_of(1))
    with pytest.raises(ValueError, match="read-only"):
        problem["X"][0] = 1
    with pytest.raises(ValueError, match="read-only"):
        labels[0][0] = 1
