"""A Dask scheduler and workers as programs of their own on this machine, for the tests of grading on a cluster."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psutil
from distributed import Client

HANG = 120  # seconds
ENDING = 10
PROGRAM = "autograder.engine.program"
# A notebook that says "deadly" ends the Dask worker that is given it, as one for which memory runs out does.
DEADLY = """import os
def dask_setup(worker):
    from autograder.engine import remote
    grade = remote.Grader.grade
    def deadly(self, job):
        if "deadly" in job.notebook:
            os._exit(1)
        return grade(self, job)
    remote.Grader.grade = deadly
"""
UNSAFE = """def dask_setup(worker):
    from autograder import sandbox
    sandbox.probe = lambda: sandbox.Features((), "x86_64")
"""


class DaskPrograms:
    """`dask scheduler`, to be joined by `add_worker`. A context manager: all have ended with the block."""

    def __init__(self, folder: Path, allowed_failures: int = 1) -> None:
        self.folder = folder
        self._started: list[subprocess.Popen[bytes]] = []
        file = folder / "scheduler.json"
        settings = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": str(allowed_failures)}
        arguments = ["--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(file)]
        self.scheduler = self._start("scheduler", arguments, settings)
        until = time.monotonic() + HANG
        while not file.exists() or not file.read_text():
            assert self.scheduler.poll() is None and time.monotonic() < until, self.said("scheduler")
            time.sleep(0.05)
        self.address = json.loads(file.read_text())["address"]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        for process in reversed(self._started):
            process.terminate()
        for process in reversed(self._started):
            try:
                process.wait(ENDING)
            except subprocess.TimeoutExpired:  # one that was still starting
                process.kill()
                process.wait()

    def add_worker(self, name: str, preload: str = "", nanny: bool = True, **settings: str) -> subprocess.Popen[bytes]:
        """Start a worker of one thread, which runs `preload` first, in an environment with `settings`."""
        arguments = [self.address, "--host", "127.0.0.1", "--nthreads", "1", "--name", name, "--memory-limit", "0"]
        if not nanny:
            arguments.append("--no-nanny")
        if preload:
            path = self.folder / f"preload_{name}.py"
            path.write_text(preload)
            arguments += ["--preload", str(path)]
        return self._start("worker", [*arguments, "--local-directory", str(self.folder)], settings, name)

    def client(self) -> Any:
        return Client(self.address, set_as_default=False, timeout=HANG)

    def wait_for(self, count: int) -> dict[str, int]:
        """Address → process id of the workers, once there are exactly `count`."""
        until = time.monotonic() + HANG
        with self.client() as client:
            while len(client.nthreads()) != count:
                assert time.monotonic() < until, [self.said(path.stem) for path in self.folder.glob("*.log")]
                time.sleep(0.05)
            return dict(client.run(os.getpid))

    def said(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(errors="replace")

    def _start(self, verb: str, arguments: list[str], settings: dict[str, str], name: str = "") -> Any:
        with (self.folder / f"{name or verb}.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "dask", verb, "--no-dashboard", *arguments],
                env=os.environ | settings,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self._started.append(process)
        return process


def grading_programs(pid: int | None = None) -> list[psutil.Process]:
    """The grading processes below a process (this one), which are programs."""
    found = []
    for process in psutil.Process(pid).children(recursive=True):
        try:
            if PROGRAM in process.cmdline():
                found.append(process)
        except psutil.Error:  # it ended in the meantime
            continue
    return found


def all_end(processes: list[psutil.Process]) -> bool:
    """Whether they end soon by themselves."""
    return not psutil.wait_procs(processes, timeout=HANG)[1]
