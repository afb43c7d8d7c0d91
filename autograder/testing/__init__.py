"""What a file of hidden tests, or of mutants, imports."""

from autograder.testing.expect import (
    FailedExpectation,
    expect,
    expect_close,
    expect_dtype,
    expect_equal,
    expect_raises,
    expect_shape,
)
from autograder.testing.passes import forward_pass
from autograder.testing.registry import (
    Alternative,
    HiddenTest,
    Mutant,
    alternative,
    alternatives_of,
    ask_once,
    asks_once,
    ban,
    banned_calls,
    hidden,
    hidden_tests_of,
    mutant,
    mutants_of,
    topic_of,
    topics,
)
from autograder.testing.remembered import remembered

__all__ = [
    "Alternative",
    "FailedExpectation",
    "HiddenTest",
    "Mutant",
    "alternative",
    "alternatives_of",
    "ask_once",
    "asks_once",
    "ban",
    "banned_calls",
    "expect",
    "expect_close",
    "expect_dtype",
    "expect_equal",
    "expect_raises",
    "expect_shape",
    "forward_pass",
    "hidden",
    "hidden_tests_of",
    "mutant",
    "mutants_of",
    "remembered",
    "topic_of",
    "topics",
]
