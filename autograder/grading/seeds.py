"""Where hidden inputs come from: a seed that differs for each student, cannot be guessed, and stays on a regrade."""

import hashlib
import hmac
import json
from collections.abc import Sequence

import numpy as np

SEED_VARIABLE = "COURSE_SEED"
PRACTICE_SEED = "practice"


def submission_seed(course_key: bytes, student: str, assignment: str, version: str, work: Sequence[str]) -> str:
    """HMAC-SHA256 of all that is given under the course's secret key, as 64 hexadecimal digits.

    `work` is the student's code, cell by cell, every character of it: code that was changed meets new inputs, so that
    answers to inputs seen in earlier feedback are of no use, wherever in the code they stand.
    """
    if not course_key:
        raise ValueError("the course key is empty: every student's hidden inputs could be guessed")
    message = json.dumps([student, assignment, version, list(work)]).encode()
    return hmac.new(course_key, message, hashlib.sha256).hexdigest()


def generator_for(seed: str, exercise: str, test: str) -> np.random.Generator:
    """The generator that a hidden test draws its inputs from."""
    digest = hashlib.sha256("\0".join((seed, exercise, test)).encode()).digest()
    return np.random.default_rng(np.frombuffer(digest, "<u4"))
