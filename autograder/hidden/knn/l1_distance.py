"""Hidden tests of the L1 distance of two pictures."""

import numpy as np

from autograder.hidden.knn.arguments import leaves_alone, pixels
from autograder.oracles import knn as oracles
from autograder.testing import ask_once, ban, expect_close, expect_raises, hidden

ban("l1_distance", "scipy")
ask_once("l1_distance")


@hidden("l1_distance", weight=2)
def adds_up_absolute_differences(student, rng):
    """adds up the absolute differences of two arrays of fractions"""
    a, b = rng.normal(size=(3, 4)), rng.normal(size=(3, 4))
    there, back = student.several(student.l1_distance, (a, b), (b, a))
    expect_close(there, oracles.l1(a, b), what="the distance")
    expect_close(back, oracles.l1(a, b), what="the distance from the other side")


@hidden("l1_distance", weight=2)
def pixels_do_not_wrap(student, rng):
    """pixels (uint8) do not wrap around"""
    a, b = pixels(rng, 5, 6), pixels(rng, 5, 6)
    expect_close(student.l1_distance(a, b), oracles.l1(a, b), what="the distance of two grey pictures")


@hidden("l1_distance")
def colour_pictures(student, rng):
    """pictures with colour (three axes) and long rows (one axis) give one number"""
    pairs = [tuple(pixels(rng, *shape).astype(np.float64) for _ in range(2)) for shape in ((4, 5, 3), (40,))]
    for answer, pair in zip(student.several(student.l1_distance, *pairs), pairs, strict=True):
        expect_close(answer, oracles.l1(*pair), what="the distance")


@hidden("l1_distance")
def large_whole_numbers(student, rng):
    """large whole numbers do not overflow"""
    a, b = rng.integers(10**6, 10**9, size=(2, 3, 4))
    expect_close(student.l1_distance(a, -b), oracles.l1(a, -b), what="the distance")


@hidden("l1_distance")
def different_shapes_are_refused(student, rng):
    """different shapes raise ValueError, also those that would broadcast"""
    a, b = rng.normal(size=(2, 3, 4))
    others = (rng.normal(size=(2, 4)), rng.normal(size=4), rng.normal(size=(3, 1)))
    answers = student.several(student.l1_distance, (a, b), *((a, other) for other in others))
    expect_close(answers[0], oracles.l1(a, b), what="the distance of arrays of one shape")
    sentence = "arrays of different shapes must raise ValueError, even where broadcasting could stretch one of them"
    for place in range(1, len(answers)):
        expect_raises(ValueError, answers.__getitem__, place, otherwise=sentence)


@hidden("l1_distance")
def pictures_stay_as_they_are(student, rng):
    """its inputs stay as they are"""
    a, b = rng.normal(size=(2, 3, 4))
    expect_close(leaves_alone(student, student.l1_distance, (a, b)), oracles.l1(a, b), what="the distance")
