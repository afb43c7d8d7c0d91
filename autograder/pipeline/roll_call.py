"""Reaching a Dask cluster, and seeing that every one of its workers may grade, before anything is sent there."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from autograder.engine.remote import Machine, describe
from autograder.engine.versions import difference, version
from autograder.pipeline.stops import ClusterError
from autograder.sandbox import Level

CONNECT_SECONDS = 10.0
WORKER_SECONDS = 20.0  # to wait for a first worker
ANSWER_SECONDS = 60.0  # to wait for workers to say what they are: each loads the grader for it
MOST_NAMED = 4
WEAKEST_FIRST = (Level.NONE, Level.REDUCED, Level.FULL)
LOGGERS = ("distributed", "distributed.client")  # those whose levels Dask sets
INSTALL = "pip install -c constraints.txt -e '.[grading,cluster]'"


@contextlib.contextmanager
def reach(address: str) -> Iterator[Any]:
    """A Dask client of the scheduler at `address`, with TLS as Dask's configuration says. Raises ClusterError."""
    try:
        import dask
        from distributed import Client
    except ModuleNotFoundError as error:
        raise ClusterError(f"grading on a cluster needs dask.distributed ({error}); install it: {INSTALL}") from None
    levels = {name: logging.getLogger(name).level for name in LOGGERS}
    for name in LOGGERS:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)  # what goes wrong is said by us, in a line
    try:
        _check(address)
        # One notebook may be large; there is no better way to send it than to send it.
        with (
            dask.config.set({"distributed.admin.large-graph-warning-threshold": "1GB"}),
            Client(address, timeout=CONNECT_SECONDS, set_as_default=False, name="course-grade") as client,
        ):
            yield client
    finally:
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)


def agreed_level(client: Any, address: str, allow_unsandboxed: bool) -> Level:
    """The weakest sandbox level among the workers. Raises ClusterError unless there are some and all may grade."""
    try:
        client.wait_for_workers(1, timeout=WORKER_SECONDS)
        answers = client.run(describe, allow_unsandboxed, on_error="return", callback_timeout=ANSWER_SECONDS)
    except TimeoutError:
        workers = client.nthreads()
        if workers:
            raise ClusterError(
                f"{address}: not all of the {len(workers)} workers answered within {ANSWER_SECONDS:.0f} s; restart them"
            ) from None
        raise ClusterError(f"{address}: the cluster has no workers; start some with: dask worker {address}") from None
    unfit = {worker: why for worker, answer in sorted(answers.items()) if (why := _why_unfit(answer))}
    if unfit:
        said = [f"{worker} {why}" for worker, why in list(unfit.items())[:MOST_NAMED]]
        more = [f"and {len(unfit) - MOST_NAMED} more"] if len(unfit) > MOST_NAMED else []
        raise ClusterError(
            f"{address}: {len(unfit)} of {len(answers)} workers cannot grade: {'; '.join([*said, *more])}. Give every "
            f"machine this version of the course ({INSTALL}) and a sandbox, and restart its workers, or take them out "
            "of the cluster"
        )
    return min((answer.level for answer in answers.values()), key=WEAKEST_FIRST.index)


def _why_unfit(answer: Any) -> str:
    if not isinstance(answer, Machine):
        return f"cannot load the grader ({type(answer).__name__}: {answer})"
    differs = difference(answer.version, version())
    if differs:
        return f"({answer.host}) has {differs}"
    return f"({answer.host}): {answer.unsafe}" if answer.unsafe else ""


def _check(address: str) -> None:
    """See that a Dask scheduler answers there: Dask's client would wait for ever for something else to speak first."""
    try:
        with ThreadPoolExecutor(1) as thread:  # in this one somebody's event loop may be running
            thread.submit(asyncio.run, _greet(address)).result()
    except Exception as error:  # whatever came back, it is no scheduler that this machine can talk to
        why = str(error).partition("\n")[0] or f"no answer within {CONNECT_SECONDS:.0f} s"
        raise ClusterError(
            f"{address}: no Dask scheduler can be reached there ({why}); start one with: dask scheduler, give the "
            "address that it prints, as in --cluster tcp://host:8786, and see docs/cluster.md for tls://"
        ) from error


async def _greet(address: str) -> None:
    from distributed.comm import connect
    from distributed.security import Security

    arguments = Security().get_connection_args("client")
    comm = await asyncio.wait_for(connect(address, timeout=CONNECT_SECONDS / 2, **arguments), CONNECT_SECONDS)
    comm.abort()
