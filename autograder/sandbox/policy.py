"""Which system calls a student's process may make: an allow-list, and for a few calls which arguments."""

import errno
from dataclasses import dataclass

from autograder.sandbox.syscalls import ALLOWED, CHECKED, MODES, REFUSED, TIMES, Machine, numbers

NEW_NAMESPACES = 0x7E020000  # every CLONE_NEW* flag of linux/sched.h that clone knows
CLONE_THREAD = 0x00010000
O_RDONLY, O_WRONLY, O_RDWR, O_ACCMODE, O_TRUNC = 0, 1, 2, 3, 0o1000  # asm-generic/fcntl.h, both machines
AF_UNIX, SOCK_STREAM, SOCK_TYPE_MASK = 1, 1, 0xF

# What a program asks of any descriptor (asm-generic/ioctls.h): TCGETS, TIOCGWINSZ, FIONREAD, FIONBIO, FIONCLEX, FIOCLEX
IOCTLS = (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)

# Duplicating, flags, locks, a pipe's size. Not F_SETOWN and F_SETSIG: they make the kernel signal other processes.
FCNTLS = (*range(8), 36, 37, 38, 1030, 1032)

# PR_SET_NAME, PR_GET_NAME and PR_SET_VMA (the C library names its memory). Not PR_SET_PDEATHSIG.
PRCTLS = (15, 16, 0x53564D41)


@dataclass(frozen=True)
class Check:
    """Holds when the low 32 bits of an argument, under `mask`, are one of `values`; the kernel reads no more of it."""

    argument: int
    values: tuple[int, ...]
    mask: int = 0xFFFFFFFF


@dataclass(frozen=True)
class Rule:
    """Allows a call when all checks hold; else it fails with `otherwise`, or for 0 reports success doing nothing."""

    checks: tuple[Check, ...] = ()
    otherwise: int = 0


NEVER = (Check(0, ()),)


def policy(machine: Machine, process: int, owns_only_its_work: bool) -> dict[int, Rule]:
    """Rules by system call number; a call without a rule fails with ENOSYS.

    `process` is the student's process id as it sees it: signals and limits are for itself alone. There is no socket but
    a pair of connected streams, no new process, no program to run. `owns_only_its_work`: whether no file that the
    student can reach belongs to its user, except its own.
    """
    # Truncating without writing, and the access mode 3, which is neither reading nor writing, are nothing to Landlock.
    opening = (O_RDONLY, O_WRONLY, O_RDWR, O_WRONLY | O_TRUNC, O_RDWR | O_TRUNC)
    checked = {
        "open": Rule((Check(1, opening, O_TRUNC | O_ACCMODE),), errno.EPERM),
        "openat": Rule((Check(2, opening, O_TRUNC | O_ACCMODE),), errno.EPERM),
        "clone": Rule((Check(0, (CLONE_THREAD,), CLONE_THREAD | NEW_NAMESPACES),), errno.EPERM),
        "fcntl": Rule((Check(1, FCNTLS),), errno.EPERM),
        "ioctl": Rule((Check(1, IOCTLS),), errno.ENOTTY),
        "prctl": Rule((Check(0, PRCTLS),), errno.EPERM),
        "prlimit64": Rule((Check(0, (0, process)),), errno.EPERM),
        "socketpair": Rule((Check(0, (AF_UNIX,)), Check(1, (SOCK_STREAM,), SOCK_TYPE_MASK)), errno.EPERM),
        "kill": Rule((Check(0, (process,)),), errno.EPERM),
        "tgkill": Rule((Check(0, (process,)),), errno.EPERM),
    }
    modes, times = Rule(NEVER, 0), Rule(NEVER, errno.EPERM)
    if owns_only_its_work:
        modes = times = Rule()
    return {
        **dict.fromkeys(numbers(ALLOWED, machine).values(), Rule()),
        **{number: checked[name] for name, number in numbers(CHECKED, machine).items()},
        **dict.fromkeys(numbers(MODES, machine).values(), modes),
        **dict.fromkeys(numbers(TIMES, machine).values(), times),
        **dict.fromkeys(numbers(REFUSED, machine).values(), Rule(NEVER, errno.EPERM)),
    }
