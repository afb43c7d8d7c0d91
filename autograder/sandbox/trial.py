"""Tries each kernel feature in a short-lived process. `features` runs it in a process of its own.

Each trial is a fork that ends at once, so that no trial changes what the next one finds. One line of JSON a trial on
standard output: name, whether it worked, and the kernel's answer or a detail.
"""

import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from autograder.sandbox import kernel, landlock, mounts, privileges, seccomp
from autograder.sandbox.plan import STUDENT, THROWAWAY
from autograder.sandbox.submission import NAMESPACES
from autograder.sandbox.syscalls import this_machine
from autograder.sandbox.worker import NAMESPACES as WORKER_NAMESPACES
from autograder.sandbox.worker import write_id_maps

STANDARD_LIBRARY = Path(os.__file__).parent


def user_namespaces(root: str) -> str:
    """A user namespace in which a file system can be mounted: some systems allow the one and then deny the other."""
    _enter_namespaces()
    mounts.mount("none", "/", None, mounts.MS_REC | mounts.MS_PRIVATE)
    mounts.mount("tmpfs", root, "tmpfs", mounts.MS_NOSUID | mounts.MS_NODEV, "size=64k")
    return ""


def mount_api(root: str) -> str:
    """A read-only view of a folder with all that is mounted below it, which the student can read."""
    user_namespaces(root)
    mounts.bind(str(STANDARD_LIBRARY), root)
    try:
        Path(root, "written-by-a-trial").touch()
    except OSError:
        privileges.become(STUDENT)
        list(Path(root).iterdir())
        return ""
    raise OSError("a folder that was bound read-only could be written to")


def submission_namespaces(root: str) -> str:
    """Uts and network namespaces beside the user namespace; pid, mount and ipc namespaces inside it."""
    _enter_namespaces(WORKER_NAMESPACES)
    privileges.become(STUDENT, keep_capabilities=True)
    child = kernel.fork(NAMESPACES)
    if child == 0:
        os._exit(0 if os.getpid() == 1 else 1)
    if os.waitpid(child, 0)[1] != 0:
        raise OSError("the first process of a new pid namespace does not have the process id 1")
    return ""


def landlock_rules(root: str) -> str:
    """A ruleset that lets a folder be read and nothing else."""
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
    used = landlock.restrict([root], [])
    list(Path(root).iterdir())
    try:
        list(Path("/").iterdir())
    except PermissionError:
        return f"version {used}"
    raise OSError("a folder outside the rules could still be read")


def call_filter(root: str) -> str:
    """The filter itself, and that it refuses what it should."""
    machine = this_machine()
    if machine is None:
        raise OSError(f"no table of system call numbers for {os.uname().machine}")
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
    seccomp.install(seccomp.students_filter(machine, os.getpid(), False))
    try:
        os.fork()
    except PermissionError:
        return machine
    raise OSError("a call that the filter refuses went through")


def pidfd(root: str) -> str:
    """A handle of a process, by which the grader kills that process and no other that got its number."""
    signal.pidfd_send_signal(os.pidfd_open(os.getpid()), 0)
    return ""


def throwaway_user(root: str) -> str:
    """For a grader that is root: another user, who can still read this Python."""
    if os.geteuid() != 0:
        return "not needed: the grader is not root"
    privileges.become(THROWAWAY)
    for path in (STANDARD_LIBRARY, Path(__file__).resolve().parent):
        try:
            list(path.iterdir())
        except PermissionError as error:
            raise OSError(f"an ordinary user cannot read {path}: a folder above it is closed to others") from error
    return ""


TRIALS: dict[str, Callable[[str], str]] = {
    "user namespaces": user_namespaces,
    "mount API": mount_api,
    "submission namespaces": submission_namespaces,
    "Landlock": landlock_rules,
    "system call filter": call_filter,
    "pidfd": pidfd,
    "throwaway user": throwaway_user,
}


def _enter_namespaces(namespaces: int = kernel.CLONE_NEWUSER | kernel.CLONE_NEWNS) -> None:
    """A helper fork outside plays the grader: it writes the id maps."""
    me = os.getpid()
    ready, go = os.pipe(), os.pipe()
    grader = os.fork()
    if grader == 0:
        os.close(ready[1])
        if os.read(ready[0], 1):
            _report(go[1], write_id_maps, me)
        os._exit(0)
    kernel.unshare(namespaces, "namespaces")
    os.write(ready[1], b"u")
    os.close(go[1])
    worked, answer = json.loads(_read_all(go[0]))
    os.waitpid(grader, 0)
    if not worked:
        raise OSError(f"id maps: {answer}")


def _report(pipe: int, attempt: Callable[..., object], *arguments: object) -> None:
    try:
        outcome = [True, attempt(*arguments) or ""]
    except Exception as error:  # whatever a kernel makes of it is an answer, and this process ends with it
        outcome = [False, str(error) or type(error).__name__]
    os.write(pipe, json.dumps(outcome).encode())


def _read_all(pipe: int) -> bytes:
    parts = []
    while part := os.read(pipe, 65536):
        parts.append(part)
    return b"".join(parts)


def _try(trial: Callable[[str], str], root: str) -> tuple[bool, str]:
    there, mine = os.pipe()
    child = os.fork()
    if child == 0:
        _report(mine, trial, root)
        os._exit(0)
    os.close(mine)
    said = _read_all(there)
    os.close(there)
    status = os.waitpid(child, 0)[1]
    if not said:
        return False, f"the process that tried it ended with status {os.waitstatus_to_exitcode(status)}"
    worked, answer = json.loads(said)
    return bool(worked), str(answer)


def main() -> None:
    """Run the trials named on the command line's second argument and after, with its first as an empty folder."""
    for name in sys.argv[2:]:
        print(json.dumps([name, *_try(TRIALS[name], sys.argv[1])]), flush=True)


if __name__ == "__main__":
    main()
