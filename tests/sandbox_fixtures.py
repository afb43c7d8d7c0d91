"""The `worker` fixture of the sandbox's tests: a worker at each level, started by each kind of user there is."""

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sandbox_runs import ORDINARY_USER, Worker, public_python

from autograder import sandbox
from autograder.sandbox import Level

KINDS = [(level, who) for level in (Level.FULL, Level.REDUCED) for who in ("whoever", "ordinary")]


@pytest.fixture(scope="module", params=KINDS, ids=lambda kind: f"{kind[0].value}-{kind[1]}")
def worker(request: pytest.FixtureRequest) -> Iterator[Worker]:
    """Of the person who runs the tests, and, where that is root, of an ordinary user as well."""
    started = start(*request.param)
    yield started
    started.close()


@pytest.fixture
def start_worker() -> Iterator[Callable[..., Worker]]:
    """A function that starts a worker as `start` does; all are closed after the test."""
    started: list[Worker] = []

    def start_one(*arguments: Any) -> Worker:
        started.append(start(*arguments))
        return started[-1]

    yield start_one
    for one in started:
        one.close()


def start(level: Level, who: str = "whoever", deny: dict[str, int] | None = None, newest_landlock: int = 99) -> Worker:
    """A worker, or a skipped test with the reason why there can be none here."""
    features = sandbox.probe()
    missing = [name for name in features.missing(level) if name != "throwaway user"]
    if missing:
        pytest.skip(f"level {level.value} cannot be reached here: no {', '.join(missing)}")
    if who == "ordinary" and os.geteuid() != 0:
        pytest.skip("the tests run as an ordinary user already; to be another one takes root")
    if os.geteuid() == 0 and (who == "ordinary" or level is Level.REDUCED) and not public_python():
        pytest.skip("no Python with this environment's packages that every user can read")
    return Worker(level, ORDINARY_USER if who == "ordinary" else None, deny, newest_landlock)
