"""Who a process is and what it may: user ids, capabilities, and dying with its parent."""

import ctypes
import os
import signal
import struct

from autograder.sandbox import kernel

CAPABILITY_VERSION_3 = 0x20080522  # _LINUX_CAPABILITY_VERSION_3 of linux/capability.h: two words for each set
HIGHEST_CAPABILITY = 63


def become(uid: int, *, keep_capabilities: bool = False) -> None:
    """Give up the present user, groups and, unless told otherwise, capabilities for `uid`, for good.

    A process that is `uid` already keeps its other groups: only root may give them up.
    """
    if os.getresuid() == (uid, uid, uid):
        return
    if keep_capabilities:
        kernel.prctl(kernel.PR_SET_KEEPCAPS, 1)
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    if keep_capabilities:
        _make_permitted_effective()


def _make_permitted_effective() -> None:
    header = struct.pack("II", CAPABILITY_VERSION_3, 0)
    sets = ctypes.create_string_buffer(24)  # effective, permitted, inheritable of capabilities 0–31, then of 32–63
    kernel.call("capget", header, sets)
    _, low, _, _, high, _ = struct.unpack("6I", sets.raw)
    kernel.call("capset", header, struct.pack("6I", low, low, 0, high, high, 0))


def empty_bounding_set() -> None:
    """No program that this process or its forks may run gains a capability; what they hold now stays."""
    for capability in range(HIGHEST_CAPABILITY + 1):
        try:
            kernel.prctl(kernel.PR_CAPBSET_DROP, capability)
        except OSError:
            break  # EINVAL: past the last one this kernel has; EPERM: an ordinary user, who has none to hand on


def drop_capabilities() -> None:
    """No capability is left and none can come back, not even by a set-user-id program."""
    kernel.prctl(kernel.PR_CAP_AMBIENT, kernel.PR_CAP_AMBIENT_CLEAR_ALL)
    kernel.call("capset", struct.pack("II", CAPABILITY_VERSION_3, 0), bytes(24))
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)


def leave_no_core() -> None:
    """No core dump, which a limit of 0 does not prevent where the system pipes them into a program; no debugger."""
    kernel.prctl(kernel.PR_SET_DUMPABLE, 0)


def die_with_parent() -> None:
    """SIGKILL when the parent's thread that started this process ends. A later change of user id would clear this."""
    kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
