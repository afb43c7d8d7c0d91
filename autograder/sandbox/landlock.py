"""Landlock: which files a process may open, decided by the process itself and for good. Source: linux/landlock.h.

What it does not govern (changing a file's mode or times, looking whether a path exists) the system call filter must.
"""

import os
import stat
import struct

from autograder.sandbox import kernel

NEWEST = 10
"""The newest version of the interface whose rights are known here; a newer kernel still enforces these."""

CREATE_RULESET_VERSION = 1
RULE_PATH_BENEATH = 1

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
TRUNCATE, IOCTL_DEV = 1 << 14, 1 << 15
READ = READ_FILE | READ_DIR
OF_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV

# Version → highest bit number + 1 of the file rights it knows: REFER came with 2, TRUNCATE with 3, IOCTL_DEV with 5 and
# RESOLVE_UNIX (connecting to a socket by its path) with 9.
FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16, 6: 16, 7: 16, 8: 16, 9: 17, 10: 17}
TCP, UDP = 0b0011, 0b1100  # bind and connect; from versions 4 and 10
SIGNALS_AND_ABSTRACT_SOCKETS = 0b11  # scopes, from version 6


def version() -> int:
    """The interface's version in this kernel; raises OSError where Landlock is missing or switched off."""
    return kernel.call("landlock_create_ruleset", None, 0, CREATE_RULESET_VERSION, about="version")


def restrict(read: list[str], write: list[str]) -> int:
    """From now on this process opens only what is below `read` to read it, and below `write` for all but running it.

    No TCP or UDP port, no signal to other processes, no abstract or named Unix socket outside, where the kernel knows
    these rights. Returns the version used. Paths that do not exist are skipped. Needs no_new_privs.
    """
    rules, used, files = _ruleset(min(version(), NEWEST))
    for paths, rights in ((read, READ), (write, files & ~EXECUTE)):
        for path in paths:
            _allow(rules, path, rights & files)
    kernel.call("landlock_restrict_self", rules, 0)
    os.close(rules)
    return used


def _ruleset(newest: int) -> tuple[int, int, int]:
    """(descriptor, version, file rights). A kernel that refuses rights it should know gets an older version's."""
    for used in range(newest, 0, -1):
        files = (1 << FILE_RIGHTS[used]) - 1
        network = (TCP if used >= 4 else 0) | (UDP if used >= 10 else 0)
        scoped = SIGNALS_AND_ABSTRACT_SOCKETS if used >= 6 else 0
        attributes = struct.pack("QQQ", files, network, scoped)[: 24 if used >= 6 else 16 if used >= 4 else 8]
        try:
            rules = kernel.call("landlock_create_ruleset", attributes, len(attributes), 0, about=f"version {used}")
        except OSError:
            if used == 1:
                raise
        else:
            return rules, used, files
    raise ValueError(f"no version of Landlock below {newest + 1}")


def _allow(rules: int, path: str, rights: int) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return  # what this user cannot reach it could not open anyway
    try:
        mine = rights if stat.S_ISDIR(os.fstat(descriptor).st_mode) else rights & OF_FILES
        rule = struct.pack("=Qi", mine, descriptor)
        kernel.call("landlock_add_rule", rules, RULE_PATH_BENEATH, rule, 0, about=path)
    finally:
        os.close(descriptor)
