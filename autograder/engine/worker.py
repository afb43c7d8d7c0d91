"""Starting a worker and opening submissions in it, from the grader's process."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import tempfile
from pathlib import Path
from types import TracebackType

from autograder import sandbox
from autograder.engine.folders import OwnFolder, remove, remove_left_over
from autograder.engine.line import Line
from autograder.engine.places import copied_cache, environment, filled_cache, visible_places
from autograder.engine.zygote import Handle, drop_zygote, shared_zygote

START_SECONDS = 60.0
OPEN_SECONDS = 20.0
GONE_SECONDS = 5.0
ENDING_TOGETHER = 0.1  # seconds in which the end of a worker follows that of the submissions it takes with it
MAX_MESSAGE = 1 << 16
MAX_SAID = 1 << 16
UIDS = 2_000  # throwaway user ids in use, so that workers side by side do not share the kernel's count of threads


class WorkerFailed(RuntimeError):
    """The worker could not be started, or died: no student's fault. The message holds what it said."""


class Worker:
    """One isolated, loaded process that forks for each submission. Use it from one thread, and as a context manager."""

    def __init__(self, level: sandbox.Level, also_visible: tuple[str, ...] = ()) -> None:
        self.level, self._also_visible = level, also_visible
        remove_left_over()
        self._own = OwnFolder()
        self._folder = self._own.path
        self._uid = sandbox.THROWAWAY + os.getpid() % UIDS
        self._opened = 0
        self._endings: list[_Ending] = []  # of submissions that were opened and whose end was not waited for yet
        self._control: socket.socket | None = None
        self._process: Handle | None = None
        self._said = tempfile.TemporaryFile()  # noqa: SIM115  # until `close`
        try:
            self._start()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    def open(self, plots: bool = False) -> Line:
        """A fresh fork for one submission, after the end of those that were closed. Raises WorkerFailed.

        `plots`: it will draw. It can in any case; the worker then loads what that takes, once for this and all others.
        """
        self._wait_for_endings()
        self._opened += 1
        work = self._work_folder()
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                socket.send_fds(
                    self._socket, [json.dumps({"work": str(work), "plots": plots}).encode()], [theirs.fileno()]
                )
            process = self._announced(START_SECONDS if plots else OPEN_SECONDS)
        except OSError as error:
            ours.close()
            raise self._failed(f"no submission could be opened ({error})") from None
        if process is None:
            ours.close()
            raise self._failed("it ended")
        ending = _Ending(process, work)
        self._endings.append(ending)
        return Line(ours, ending.begin)

    def require_alive(self) -> None:
        """Raises WorkerFailed when the worker has ended, and with it the submissions opened in it."""
        if self._process is None or self._process.wait(ENDING_TOGETHER):
            raise self._failed("it ended")

    def close(self) -> None:
        """End the worker and everything in it."""
        for ending in self._endings:
            ending.begin()
        self._wait_for_endings()
        if self._control is not None:
            self._control.close()
        if self._process is not None:
            if not self._process.wait(GONE_SECONDS):
                self._process.kill()
                self._process.wait(GONE_SECONDS)
            self._process.close()
        self._said.close()
        self._own.remove()

    def _start(self) -> None:
        root = self._folder / "root"
        root.mkdir()
        try:
            cache = self._cache()
        except Exception as error:
            why = f"the folder of images and fonts could not be filled ({type(error).__name__}: {error})"
            raise self._failed(why) from error
        read, hide, keep = visible_places(cache, self._also_visible)
        plan = sandbox.Plan(level=self.level, read=read, hide=hide, keep=keep, root=str(root), uid=self._uid)
        self._process = self._forked() or self._forked()
        if self._process is None:
            raise self._failed("it did not start")
        order = {"plan": plan.to_json(), "environment": environment(*self._writable(), cache)}
        self._socket.send(json.dumps(order).encode())
        answer = self._listen()
        if answer == b"unshared":
            sandbox.write_id_maps(self._process.pid, self._uid)
            self._socket.send(b"mapped")
            answer = self._listen()
        if answer != b"ready":
            raise self._failed("it did not start")

    def _forked(self) -> Handle | None:
        """The zygote's fork that is to be the worker, at the other end of the control socket; None if that ended."""
        if self._control is not None:
            self._control.close()
        try:
            zygote = shared_zygote()
        except Exception as error:
            raise self._failed(f"no zygote could be started ({type(error).__name__}: {error})") from error
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs, contextlib.suppress(OSError):
            zygote.fork(theirs, self._said)
        with contextlib.suppress(OSError):
            process = self._announced(START_SECONDS)
            if process is not None:
                return process
        self._said.write(zygote.said().encode())
        self._said.flush()
        drop_zygote(zygote)
        return None

    def _cache(self) -> Path:
        if self.level is not sandbox.Level.REDUCED or os.geteuid() != 0:
            return filled_cache()
        folder = self._own_folder("cache")  # the grader's own may lie in a home that the throwaway user cannot enter
        copied_cache(folder)
        return folder

    def _writable(self) -> tuple[str, str]:
        """The folders for the student's work and for what libraries keep, as the worker will see them."""
        if self.level is sandbox.Level.FULL:
            return sandbox.WORK, sandbox.SCRATCH
        scratch = str(self._own_folder("scratch"))
        return scratch, scratch

    @property
    def _socket(self) -> socket.socket:
        assert self._control is not None  # from the start to the end
        return self._control

    def _announced(self, seconds: float) -> Handle | None:
        """The process that the other end says has begun; None when that has ended. Raises OSError."""
        self._socket.settimeout(seconds)
        message, descriptors, _, _ = socket.recv_fds(self._socket, MAX_MESSAGE, 1)
        return Handle(json.loads(message)["pid"], descriptors[0] if descriptors else None) if message else None

    def _listen(self) -> bytes:
        try:
            return self._socket.recv(MAX_MESSAGE)
        except OSError as error:
            raise self._failed(f"it did not answer ({error})") from None

    def _work_folder(self) -> Path:
        """Where the student's code may write when there is no private file system to mount."""
        if self.level is sandbox.Level.FULL:
            return Path(sandbox.WORK)
        return self._own_folder(f"work-{self._opened}")

    def _own_folder(self, name: str) -> Path:
        """A new folder that belongs to the user whom student code runs as."""
        folder = self._folder / name
        folder.mkdir(mode=0o700)
        if self.level is sandbox.Level.REDUCED and os.geteuid() == 0:
            os.chown(folder, self._uid, self._uid)
        return folder

    def _wait_for_endings(self) -> None:
        begun = [ending for ending in self._endings if ending.begun]
        self._endings = [ending for ending in self._endings if not ending.begun]
        for ending in begun:
            ending.wait()

    def _failed(self, why: str) -> WorkerFailed:
        if self._process is not None:
            self._process.wait(1)
        said = os.pread(self._said.fileno(), MAX_SAID, 0).decode("utf-8", "replace").strip()
        return WorkerFailed(
            f"the worker of the sandbox (level {self.level.value}): {why}" + (f"\n{said}" if said else "")
        )


class _Ending:
    """The end of a submission's process: taking down its namespaces lasts, and the grader has other things to do."""

    def __init__(self, process: Handle, work: Path) -> None:
        self.process, self.work = process, work
        self.begun = False

    def begin(self) -> None:
        """Kill the process; a second time does nothing."""
        if not self.begun:
            self.begun = True
            self.process.kill()

    def wait(self) -> None:
        """Wait until the process and all it started are gone, and remove its folder."""
        if self.process.is_exact:  # by number a process that the worker has yet to take note of seems to be there
            self.process.wait(GONE_SECONDS)
        self.process.close()
        if self.work != Path(sandbox.WORK):
            remove(self.work)
