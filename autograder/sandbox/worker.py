"""A worker's isolation, once: the outer shell in which it forks for each submission."""

import os
import socket
from collections.abc import Callable
from pathlib import Path

from autograder.sandbox import kernel, privileges, seccomp
from autograder.sandbox.mounts import enter_private_root, mount_private_folders
from autograder.sandbox.paths import readable
from autograder.sandbox.plan import STUDENT, THROWAWAY, Level, Plan
from autograder.sandbox.syscalls import this_machine

NAMESPACES = kernel.CLONE_NEWUSER | kernel.CLONE_NEWNS | kernel.CLONE_NEWUTS | kernel.CLONE_NEWNET


def isolate_worker(plan: Plan, handshake: Callable[[], None]) -> None:
    """Isolate this process, one with a single thread, as far as `plan.level` says.

    Full: own user, mount, uts and network namespaces; the submissions of a worker share the last two, in which they can
    leave nothing behind. `handshake`, called at this level only, tells the parent that it may call `write_id_maps` and
    returns when it has; then comes the private root, and uid 1000 with capabilities in these namespaces alone.
    Reduced: the throwaway user where the grader is root. None: nothing but the end with the parent.
    Raises OSError with the call that failed; what was done by then is not undone, so the process must end.
    """
    if plan.level is Level.FULL:
        kernel.unshare(NAMESPACES, "user, mount, uts and network namespaces")
        handshake()
        socket.sethostname("student")
        enter_private_root(plan)
        mount_private_folders(plan)
        privileges.empty_bounding_set()
        privileges.become(STUDENT, keep_capabilities=True)
        if machine := this_machine():  # what each submission needs as process 1 of its namespace, made once
            seccomp.students_filter(machine, 1, True)
    elif plan.level is Level.REDUCED:
        readable(plan.read, plan.hide, plan.keep)  # remembered: no submission pays for it, or needs the right to list
        if os.geteuid() == 0:
            privileges.empty_bounding_set()
            privileges.become(plan.uid)
    if kernel.available():
        privileges.die_with_parent()


def write_id_maps(pid: int, uid: int = THROWAWAY) -> None:
    """By the grader, for a worker that has unshared: give its user namespace user and group ids.

    A grader that is root maps 0, to bind what only root can reach, and the throwaway `uid` as 1000; an ordinary user
    maps itself as 1000.
    """
    folder = Path(f"/proc/{pid}")
    if os.geteuid() == 0:
        user_map = group_map = f"0 0 1\n{STUDENT} {uid} 1\n"
    else:
        (folder / "setgroups").write_text("deny")  # the kernel's condition for a group map without privileges
        user_map, group_map = f"{STUDENT} {os.geteuid()} 1\n", f"{STUDENT} {os.getegid()} 1\n"
    (folder / "uid_map").write_text(user_map)
    (folder / "gid_map").write_text(group_map)
