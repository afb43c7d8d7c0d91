"""Runs pieces of code as a student's process in the sandbox: the least grader that can be, for the sandbox's tests.

Run as a script this file is the worker. Requests and replies are JSON; a submission's socket travels as a descriptor.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import traceback
from dataclasses import dataclass, replace
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
NUMPY = find_spec("numpy")
PACKAGES = str(Path(NUMPY.origin).parents[1]) if NUMPY and NUMPY.origin else ""
SECONDS = 60.0
ORDINARY_USER = 61999  # stands for a person without privileges when the tests run as root

if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))

from autograder.sandbox import THROWAWAY, Level, Plan, python_paths, write_id_maps  # noqa: E402


@cache
def public_python() -> list[str]:
    """An interpreter that every user can read, with this environment's packages; [] if there is none."""
    for python in (sys.executable, f"/usr/bin/python3.{sys.version_info.minor}"):
        code = f"import sys; sys.path.insert(0, {PACKAGES!r}); import numpy"
        try:
            done = subprocess.run([python, "-S", "-c", code], capture_output=True, cwd="/", **as_user(ORDINARY_USER))
        except OSError:
            continue
        if done.returncode == 0:
            return [python]
    return []


def as_user(uid: int | None) -> dict[str, Any]:
    """Arguments for subprocess; None and a process that is that user already: no change."""
    if uid is None or os.geteuid() != 0:
        return {}
    return {"user": uid, "group": uid, "extra_groups": []}


def as_root_with_a_group() -> dict[str, Any]:
    """Arguments for subprocess: root in one more group, so that a group which stays would be seen."""
    return {"extra_groups": [ORDINARY_USER]} if os.geteuid() == 0 else {}


@dataclass
class Outcome:
    """What became of a piece of code: its `result`, or the exception's name and number, and how the process ended."""

    result: Any = None
    error: str = ""
    number: int | None = None
    ended: int | None = None
    pid: int = 0


class Worker:
    """A worker at a level, started by `uid` (None: whoever runs the tests), in a house of its own.

    The house: `course/` may be read except `course/hidden/` and `course/secret.txt`, of which `course/hidden/kept/` may
    be read again; `other/` may not.
    """

    def __init__(
        self, level: Level, uid: int | None = None, deny: dict[str, int] | None = None, newest_landlock: int = 99
    ) -> None:
        self.uid = uid
        self.python = [sys.executable] if level is not Level.REDUCED and uid is None else public_python()
        self.house = Path(tempfile.mkdtemp(prefix="sandbox-", dir="/tmp"))
        self.house.chmod(0o755)
        furnish(self.house)
        student = THROWAWAY if os.geteuid() == 0 and uid is None else uid or os.geteuid()
        hand_over(self.house / "work", student)
        if uid is not None:
            for folder in ("root", "course", "other"):
                hand_over(self.house / folder, uid)
        self.plan = Plan(
            level=level,
            read=(*python_paths(), PACKAGES, str(self.house / "course")),
            hide=(str(self.house / "course/hidden"), str(self.house / "course/secret.txt")),
            keep=(str(self.house / "course/hidden/kept"),),
            root=str(self.house / "root"),
        )
        self.neighbours = Neighbours(self.house)
        self.control, theirs = socket.socketpair()
        self.control.settimeout(SECONDS)
        with theirs:
            self.process = self._launch(theirs)
        try:
            self._isolate({"deny": deny or {}, "newest_landlock": newest_landlock, "work": str(self.house / "work")})
        except BaseException:
            self.close()
            raise

    def _launch(self, theirs: socket.socket) -> "subprocess.Popen[bytes]":
        scratch = "/vtmp" if self.plan.level is Level.FULL else str(self.house / "work")
        environment = {
            "OPENBLAS_NUM_THREADS": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
            "MPLBACKEND": "Agg",
            "MPLCONFIGDIR": scratch,
            "TMPDIR": scratch,
        }
        command = [*self.python, "-S", str(Path(__file__).resolve()), str(theirs.fileno()), PACKAGES]
        user = as_user(self.uid) or as_root_with_a_group()
        return subprocess.Popen(
            command, pass_fds=[theirs.fileno()], env=environment, cwd="/", stdin=subprocess.DEVNULL, **user
        )

    def _isolate(self, start: dict[str, Any]) -> None:
        self._say({"plan": self.plan.to_json(), **start})
        if self.plan.level is Level.FULL:
            assert self._hear() == "unshared"
            self._write_id_maps()
            self._say("mapped")
        assert self._hear() == "ready"

    def _write_id_maps(self) -> None:
        if self.uid is None:
            write_id_maps(self.process.pid, self.plan.uid)
            return
        code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from autograder.sandbox import write_id_maps as w; w("
        subprocess.run([*self.python, "-S", "-c", f"{code}{self.process.pid})"], check=True, **as_user(self.uid))

    def _say(self, value: Any, descriptors: list[int] | None = None) -> None:
        socket.send_fds(self.control, [json.dumps(value).encode() + b"\n"], descriptors or [])

    def _hear(self) -> Any:
        return hear(self.control)

    def open(self, **limits: Any) -> tuple[socket.socket, int]:
        """A submission: the socket to its process, and that process's id."""
        mine, theirs = socket.socketpair()
        mine.settimeout(SECONDS)
        self._say(replace(self.plan, **limits).to_json(), [theirs.fileno()])
        theirs.close()
        return mine, self._hear()

    def run(self, code: str, **limits: Any) -> Outcome:
        """Run code in a submission of its own; what it assigns to `result` comes back.

        `HOUSE` is the house's path; on `PORT` of this machine, on the Unix socket `HOUSE/course/socket` and on the
        abstract one called HOUSE somebody listens.
        """
        student, pid = self.open(**limits)
        with student:
            student.sendall(
                json.dumps(f"HOUSE, PORT = {str(self.house)!r}, {self.neighbours.port}\n{code}").encode() + b"\n"
            )
            said = hear(student)
        outcome = Outcome(**said) if said else Outcome()
        outcome.pid, outcome.ended = pid, self.ended()
        return outcome

    def ended(self) -> int:
        """How the submission's process ended: exit code, or minus a signal's number."""
        return int(self._hear())

    def close(self) -> None:
        self.neighbours.close()
        self.control.close()
        try:
            self.process.wait(SECONDS)
        finally:
            self.process.kill()
            shutil.rmtree(self.house, ignore_errors=True)


class Neighbours:
    """Sockets that listen on this machine, for a student's process to find."""

    def __init__(self, house: Path) -> None:
        self.tcp = socket.create_server(("127.0.0.1", 0))
        self.port = int(self.tcp.getsockname()[1])
        self.unix = [socket.socket(socket.AF_UNIX) for _ in range(2)]
        for one, name in zip(self.unix, (f"{house}/course/socket", f"\0{house}"), strict=True):
            one.bind(name)
            one.listen()
        (house / "course/socket").chmod(0o777)

    def close(self) -> None:
        for one in (self.tcp, *self.unix):
            one.close()


def furnish(house: Path) -> None:
    """Make everything in the house as it is to be; where it is so, nothing."""
    for folder in ("root", "work", "other", "course/hidden/kept"):
        (house / folder).mkdir(parents=True, exist_ok=True)
    for name in ("other/private.txt", "course/open.txt", "course/secret.txt", "course/hidden/a.txt"):
        (house / name).write_text(f"this is {name}")
    (house / "course/hidden/kept/b.txt").write_text("this is course/hidden/kept/b.txt")
    for name, target in (("link.txt", "hidden/a.txt"), ("way_out", house / "other")):
        if not (house / "course" / name).is_symlink():
            (house / "course" / name).symlink_to(target)


def hand_over(folder: Path, uid: int) -> None:
    if os.geteuid() == 0:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, uid, uid, follow_symlinks=False)


def hear(connection: socket.socket) -> Any:
    """One line of JSON, byte by byte so that nothing of the next line is taken; None when the other end is gone."""
    line = b""
    while not line.endswith(b"\n"):
        byte = connection.recv(1)
        if not byte:
            return None
        line += byte
    return json.loads(line)


def worker_main(control: socket.socket, packages: str) -> None:
    from autograder import sandbox
    from autograder.sandbox import landlock

    def say(value: Any) -> None:
        control.sendall(json.dumps(value).encode() + b"\n")

    def handshake() -> None:
        say("unshared")
        assert hear(control) == "mapped"

    start = hear(control)
    plan = Plan.from_json(start["plan"])
    deny_calls(start["deny"])
    landlock.NEWEST = min(landlock.NEWEST, start["newest_landlock"])
    sandbox.isolate_worker(plan, handshake)
    sys.path.append(packages)
    import numpy  # noqa: F401 - what a worker preloads

    say("ready")
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, 1 << 16, 1)
        if not message:
            return
        plan = Plan.from_json(json.loads(message))
        student = sandbox.fork_submission(plan)
        if student == 0:
            try:
                sandbox.confine(plan, descriptors[0], start["work"] if plan.level is not Level.FULL else sandbox.WORK)
                study(socket.socket(fileno=descriptors[0]))
                os._exit(0)
            except BaseException:
                traceback.print_exc()
                os._exit(1)
        os.close(descriptors[0])
        say(student)
        say(os.waitstatus_to_exitcode(os.waitpid(student, 0)[1]))


def study(connection: socket.socket) -> None:
    code, said = hear(connection), {}
    namespace: dict[str, Any] = {"__name__": "__main__", "CHANNEL": connection.fileno()}
    try:
        exec(code, namespace)
        said = {"result": namespace.get("result")}
    except BaseException as error:
        said = {"error": type(error).__name__, "number": getattr(error, "errno", None), "result": str(error)[:300]}
    connection.sendall(json.dumps(said).encode() + b"\n")


def deny_calls(calls: dict[str, int]) -> None:
    """Make system calls fail with an error number from here on, as a container or an older kernel would."""
    from autograder.sandbox import kernel, seccomp

    if not calls:
        return
    lines = [seccomp.Instruction(seccomp.LOAD, 0, 0, seccomp.NUMBER)]
    for name, answer in calls.items():
        lines.append(seccomp.Instruction(seccomp.IF_EQUAL, 0, 1, kernel.number(name)))
        lines.append(seccomp.Instruction(seccomp.RETURN, 0, 0, seccomp.FAIL | answer))
    lines.append(seccomp.Instruction(seccomp.RETURN, 0, 0, seccomp.ALLOW))
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
    seccomp.install(seccomp.encoded(lines))


if __name__ == "__main__":
    worker_main(socket.socket(fileno=int(sys.argv[1])), sys.argv[2])
