"""Workers from one zygote: the process that has loaded what they all need, started once for all that share it."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
from typing import IO

from autograder import sandbox
from autograder.engine.places import environment, filled_cache

POLL_SECONDS = 0.01  # between two looks at a process, where the system has no descriptors of processes


class Zygote:
    """The process, at the other end of a socket: it ends when all that hold this end have ended or let it go."""

    def __init__(self) -> None:
        self._requests, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._said = tempfile.TemporaryFile()  # noqa: SIM115  # until `close`
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-s", "-m", "autograder.inside.zygote", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                env=environment(sandbox.WORK, sandbox.SCRATCH, filled_cache()),
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._said,
                start_new_session=True,  # Ctrl-C is the main process's to handle
            )

    def fork(self, control: socket.socket, said: IO[bytes]) -> None:
        """Let it fork a worker with these two, as soon as it has loaded. Raises OSError when it has ended."""
        socket.send_fds(self._requests, [b"fork"], [control.fileno(), said.fileno()])

    def said(self) -> str:
        """What it has written to its standard error: nothing, unless it failed."""
        size = os.fstat(self._said.fileno()).st_size
        return os.pread(self._said.fileno(), size, 0).decode("utf-8", "replace").strip()

    def close(self) -> None:
        """Let it go."""
        self._requests.close()
        self._said.close()


_shared: list[Zygote] = []


def shared_zygote() -> Zygote:
    """The zygote of this process and of those forked from it since it was started; started if there is none."""
    if not _shared:
        _shared.append(Zygote())
    return _shared[0]


def drop_zygote(zygote: Zygote) -> None:
    """Let one go that has failed: the next worker comes of a new one."""
    if zygote in _shared:
        _shared.remove(zygote)
    zygote.close()


class Handle:
    """A process that is not our child, to be killed and waited for: by its descriptor where the system has them."""

    def __init__(self, pid: int, descriptor: int | None) -> None:
        self.pid, self._descriptor = pid, descriptor

    @property
    def is_exact(self) -> bool:
        """Whether no other process can be meant, whatever becomes of the number."""
        return self._descriptor is not None

    def kill(self) -> None:
        """Kill it; nothing when it has ended."""
        with contextlib.suppress(ProcessLookupError):
            if self._descriptor is None:
                os.kill(self.pid, signal.SIGKILL)
            else:
                signal.pidfd_send_signal(self._descriptor, signal.SIGKILL)

    def wait(self, seconds: float) -> bool:
        """Wait for its end, so long at most; whether it came."""
        if self._descriptor is not None:
            poll = select.poll()
            poll.register(self._descriptor, select.POLLIN)
            return bool(poll.poll(seconds * 1000))
        until = time.monotonic() + seconds
        while _is_there(self.pid):
            if time.monotonic() > until:
                return False
            time.sleep(POLL_SECONDS)
        return True

    def close(self) -> None:
        """Let it go."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def _is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # it is another user's
        pass
    return True
