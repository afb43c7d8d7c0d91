"""Run a rebuilt notebook in a fresh kernel of this interpreter, within limits of time and output."""

from __future__ import annotations

import asyncio
import logging
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from autograder.engine.calls import grade_call
from autograder.forking import ONE_THREAD
from autograder.grading.seeds import SEED_VARIABLE
from autograder.inside.files import Files, place
from autograder.pipeline.execution import Execution
from autograder.pipeline.master import SKIP_TAG, is_test
from autograder.pipeline.outcomes import Finding, Outcome
from autograder.pipeline.outputs import TIME_UP, count_own_tests, settle

NOTEBOOK_FACTOR = 10  # a whole notebook may take this many times the limit of a cell
MAX_MESSAGES = 2_000  # output messages kept a cell
MAX_CHARACTERS = 4_000_000  # of output kept a cell
STARTUP_SECONDS = 60
START = "start"


def execute_notebook(notebook: NotebookNode, *, seed: str, timeout: float = 30.0, files: Files = ()) -> Execution:
    """Run `notebook` (changed in place) from top to bottom, with copies of `files` in its folder; errors in a cell do
    not stop it.

    `seed` reaches the hidden tests as COURSE_SEED; `timeout` is the limit of a cell in seconds: it is interrupted, and
    when that does not help the kernel is killed. What was earned before a kernel died counts; graded cells that did not
    run count 0. Raises RuntimeError when no kernel can be started, which is no student's fault.
    """
    started = time.monotonic()
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    findings: list[Finding] = []
    reason = None
    client = _client(notebook, timeout, findings)
    try:
        _run(client, seed, files)
    except DeadKernelError as error:
        if client.running == START:
            raise RuntimeError("no kernel could be started") from error
        reason = "the kernel died before this cell had run"
        findings.append(Finding(Outcome.KERNEL_DIED, f"the kernel died in {client.running}"))
    except CellTimeoutError:
        reason = "time was up before this cell had run"
        findings.append(Finding(Outcome.TIME_UP, f"time was up and the kernel had to be stopped in {client.running}"))
    findings += settle(notebook, reason)
    return Execution(notebook, tuple(findings), time.monotonic() - started)


class OwnKernel(AsyncKernelManager):
    """A kernel of the running interpreter, whatever kernels are installed on the machine under the same name."""

    def __init__(self, **kwargs: Any) -> None:
        # Sockets in the private folder where the system has them: no port is open, and none can be taken twice.
        super().__init__(transport="tcp" if sys.platform == "win32" else "ipc", **kwargs)

    @property
    def kernel_spec(self) -> KernelSpec:
        argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}", "--HistoryManager.enabled=False"]
        return KernelSpec(argv=argv, display_name="Python 3", language="python", interrupt_mode="signal")


class LimitedClient(NotebookClient):
    """nbclient with a limit on output and on the whole notebook's time."""

    deadline: float = float("inf")
    messages: int = 0
    characters: int = 0
    running: str = START

    def begin_cell(self, cell: NotebookNode, cell_index: int) -> None:
        self.running = f"cell {cell.metadata.get('nbgrader', {}).get('grade_id') or f'number {cell_index + 1}'}"
        self.messages = self.characters = 0
        if time.monotonic() > self.deadline:
            raise CellTimeoutError.error_from_timeout_and_cell("The notebook took too long", 0, cell)

    def output(
        self, outs: list[NotebookNode], msg: dict[str, Any], display_id: str | None, cell_index: int
    ) -> NotebookNode | None:
        self.messages += 1
        self.characters += _size(msg["content"])
        # A cell's result is always kept: it holds the score of a graded cell, and there is one a cell.
        flooded = self.messages > MAX_MESSAGES or self.characters > MAX_CHARACTERS
        if flooded and msg["msg_type"] not in ("execute_result", "error"):
            return None
        return super().output(outs, msg, None, cell_index)


def _client(notebook: NotebookNode, timeout: float, findings: list[Finding]) -> LimitedClient:
    client = LimitedClient(
        notebook,
        kernel_manager_class=OwnKernel,
        timeout_func=lambda cell: timeout,
        interrupt_on_timeout=True,
        error_on_timeout={"ename": TIME_UP, "evalue": "", "traceback": []},
        raise_on_iopub_timeout=True,
        allow_errors=True,
        shutdown_kernel="immediate",
        startup_timeout=STARTUP_SECONDS,
        skip_cells_with_tag=SKIP_TAG,
        store_widget_state=False,
    )
    client.log = logging.getLogger("course.kernel")
    client.log.setLevel(logging.CRITICAL)
    client.deadline = time.monotonic() + NOTEBOOK_FACTOR * timeout

    def note_time(execute_reply: dict[str, Any], **_: Any) -> None:
        if execute_reply["content"].get("ename") == TIME_UP:
            findings.append(Finding(Outcome.TIME_UP, f"{client.running} was stopped after {timeout:g} s"))

    def count(cell: NotebookNode, execute_reply: dict[str, Any], **_: Any) -> None:
        if execute_reply["content"]["status"] == "ok" and is_test(cell) and grade_call(cell.source) is None:
            count_own_tests(cell, [output.output_type for output in cell.outputs])

    client.on_cell_start = client.begin_cell
    client.on_cell_executed = count
    client.on_cell_error = note_time
    return client


def _run(client: LimitedClient, seed: str, files: Files) -> None:
    with tempfile.TemporaryDirectory(prefix="course-", ignore_cleanup_errors=True) as private:
        work = Path(private) / "work"
        work.mkdir()
        place(work, files)
        environment = {
            **os.environ,
            **ONE_THREAD,
            SEED_VARIABLE: seed,
            "IPYTHONDIR": str(Path(private) / "ipython"),  # not the instructor's start-up files
            "NBGRADER_EXECUTION": "autograde",
        }
        client.create_kernel_manager().connection_file = str(Path(private) / "kernel.json")
        # What the kernel process itself prints is not a cell's output.
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        asyncio.run(client.async_execute(env=environment, cwd=str(work), **quiet))


def _size(content: object) -> int:
    """Characters of text in a message's content."""
    if isinstance(content, str):
        return len(content)
    if isinstance(content, dict):
        return sum(map(_size, content.values()))
    if isinstance(content, list):
        return sum(map(_size, content))
    return 0
