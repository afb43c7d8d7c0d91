"""The workers that attacks are made on, one a module and level: each attack meets what those before it left."""

from collections.abc import Iterator

import pytest
from lab import Lab, why_not

from autograder.sandbox import Level


@pytest.fixture(scope="module", params=[Level.FULL, Level.REDUCED], ids=lambda level: level.value)
def lab(request: pytest.FixtureRequest) -> Iterator[Lab]:
    """Graders at the levels that promise isolation. A module's attacks end with an honest submission."""
    yield from _lab(request.param)


@pytest.fixture(scope="module", params=list(Level)[::-1], ids=lambda level: level.value)
def any_lab(request: pytest.FixtureRequest) -> Iterator[Lab]:
    """Graders at every level: what the by-value contract alone promises holds at level none as well."""
    yield from _lab(request.param)


def _lab(level: Level) -> Iterator[Lab]:
    reason = why_not(level)
    if reason:
        pytest.skip(reason)
    with Lab(level) as made:
        yield made
        made.grades_the_whole_notebook()
