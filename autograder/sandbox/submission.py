"""A submission's isolation: its process begins in new namespaces, and then gives up everything else."""

import os
import select
import sys

from autograder.sandbox import kernel, landlock, limits, privileges, seccomp
from autograder.sandbox.mounts import DEVICES, mount_private_folders
from autograder.sandbox.paths import readable
from autograder.sandbox.plan import SCRATCH, SHARED_MEMORY, WORK, Level, Plan
from autograder.sandbox.syscalls import this_machine

NAMESPACES = kernel.CLONE_NEWPID | kernel.CLONE_NEWNS | kernel.CLONE_NEWIPC
HIGHEST_DESCRIPTOR = 1 << (20 if sys.platform == "linux" else 12)  # elsewhere every number costs a call

_worker: list[int] = []  # a pipe whose writing end only the worker keeps: when it ends the reading end hangs up


def fork_submission(plan: Plan) -> int:
    """In the worker: fork the process of a submission, at level full as process 1 of new namespaces.

    Returns its id, and 0 in that process, which must call `confine`.
    """
    if not _worker:
        _worker[:] = os.pipe()
    return kernel.fork(NAMESPACES if plan.level is Level.FULL else 0)


def confine(plan: Plan, channel: int, work: str = WORK) -> None:
    """Make this process, which has a single thread, a student's: it gives up everything but what it needs to compute.

    `channel` is the only descriptor that stays open beside 0, 1 and 2, which become /dev/null: a connected Unix stream
    socket. `work` becomes the working directory: at level full the private `WORK`, at level reduced a folder of
    this process's user. Raises OSError with the call that failed, and RuntimeError when this process is root's; it must
    then end.
    """
    if plan.level is not Level.NONE and os.getuid() == 0:
        raise RuntimeError("student code never runs as root: isolate_worker with the same plan comes first")
    if kernel.available():
        privileges.die_with_parent()
    _end_if_worker_has()
    _close_all_but(channel)
    os.umask(0o077)
    if plan.level is Level.FULL:
        mount_private_folders(plan)
        work = WORK
    os.chdir(work)
    if plan.level is Level.NONE:
        return
    write = [WORK, SCRATCH, SHARED_MEMORY] if plan.level is Level.FULL else [work]
    read = ["/"] if plan.level is Level.FULL else readable(plan.read, plan.hide, plan.keep)
    limits.set_limits(plan)
    privileges.drop_capabilities()
    privileges.leave_no_core()
    _restrict_files(plan.level, [*read, *DEVICES], [*write, "/dev/null"])
    _restrict_calls(plan)


def _end_if_worker_has() -> None:
    """The signal only comes for a parent that ends later, and process 1 of a namespace cannot ask who its parent is."""
    if not _worker:
        return
    reading, writing = _worker
    os.close(writing)
    if select.select([reading], [], [], 0)[0]:
        raise OSError("the worker has ended already")


def _close_all_but(channel: int) -> None:
    null = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        if standard != channel:
            os.dup2(null, standard)
    os.closerange(3, max(channel, 3))
    os.closerange(max(channel, 2) + 1, HIGHEST_DESCRIPTOR)


def _restrict_files(level: Level, read: list[str], write: list[str]) -> None:
    try:
        landlock.version()
    except OSError:
        if level is Level.FULL:
            return  # the private root alone keeps files apart; Landlock is the second lock where the kernel has it
        raise
    landlock.restrict(read, write)


def _restrict_calls(plan: Plan) -> None:
    machine = this_machine()
    if machine is None:
        raise OSError(f"no system call filter is known for this processor ({os.uname().machine})")
    owns_only_its_work = plan.level is Level.FULL or os.getuid() == plan.uid
    seccomp.install(seccomp.students_filter(machine, os.getpid(), owns_only_its_work))
