"""Landlock's versions: each gives the rights it knows; a kernel that knows less than it says gets an older one's."""

import os
import struct
from collections.abc import Callable

import pytest

from autograder import sandbox
from autograder.sandbox import kernel, landlock


def in_a_fork(attempt: Callable[[], int]) -> int:
    """What `attempt` returns in a process of its own; its restrictions end there."""
    if not sandbox.probe().has("Landlock"):
        pytest.skip("this kernel has no Landlock")
    child = os.fork()
    if child == 0:
        code = 255
        try:
            code = attempt()
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def restricted(version: int, tmp_path: str) -> int:
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
    landlock.version = lambda: version
    used = landlock.restrict([], [tmp_path, f"{tmp_path}/nothing"])
    with open(f"{tmp_path}/new", "w") as file:  # noqa: PTH123 - no more code than needed runs in a fork
        file.write("x")
    try:
        os.listdir("/")  # noqa: PTH208
    except PermissionError:
        return used
    return 254


@pytest.mark.parametrize("version", range(1, landlock.NEWEST + 3))
def test_every_version_up_to_the_kernel_s_restricts(tmp_path, version: int) -> None:
    used = in_a_fork(lambda: restricted(version, str(tmp_path)))
    assert 1 <= used <= min(version, landlock.NEWEST)
    if version <= landlock.version():
        assert used == version  # a newer one than the kernel's may come out lower


@pytest.mark.parametrize("version", range(1, landlock.NEWEST + 1))
def test_the_rights_asked_for_are_those_of_the_version(monkeypatch: pytest.MonkeyPatch, version: int) -> None:
    asked: list[bytes] = []
    monkeypatch.setattr(kernel, "call", lambda name, attributes, size, flags, about="": asked.append(attributes) or 7)
    landlock._ruleset(version)
    words = struct.unpack(f"{len(asked[0]) // 8}Q", asked[0])
    assert len(words) == (1 if version < 4 else 2 if version < 6 else 3)
    known = {"TRUNCATE": 3, "IOCTL_DEV": 5}
    for name, since in known.items():
        assert bool(words[0] & getattr(landlock, name)) is (version >= since)
    assert words[0] & landlock.READ == landlock.READ
