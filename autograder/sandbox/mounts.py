"""Mounts of level full: a private root of read-only binds, and small writable folders for each submission."""

import os
import struct
from pathlib import Path

from autograder.sandbox import kernel
from autograder.sandbox.paths import below, kept, resolve
from autograder.sandbox.plan import FILES_A_FOLDER, SCRATCH, SCRATCH_MB, SHARED_MEMORY, STUDENT, WORK, Plan

# linux/mount.h
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC = 1, 2, 4, 8
MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 1 << 5, 1 << 12, 1 << 14, 1 << 18
MNT_DETACH = 2
OPEN_TREE_CLONE = 1
MOVE_MOUNT_F_EMPTY_PATH = 4
MOUNT_ATTR_RDONLY, MOUNT_ATTR_NOSUID, MOUNT_ATTR_NODEV = 1, 2, 4
# linux/fcntl.h
AT_FDCWD, AT_EMPTY_PATH, AT_RECURSIVE = -100, 0x1000, 0x8000

DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")

STUBS = {
    "etc/passwd": f"student:x:{STUDENT}:{STUDENT}::{WORK}:/bin/false\n",
    "etc/group": f"student:x:{STUDENT}:\n",
    "etc/hosts": "127.0.0.1 localhost\n",
    "etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
}


def mount(source: str, target: str, kind: str | None, flags: int, options: str | None = None) -> None:
    """mount(2); `kind` is the file system's type."""
    texts = [None if text is None else os.fsencode(text) for text in (source, target, kind, options)]
    kernel.call("mount", *texts[:3], flags, texts[3], about=target)


def bind(source: str, target: str) -> None:
    """Show `source` with all mounts below it at `target`, which must exist; read-only, except for `DEVICES`.

    By the mount API of Linux 5.12: one call changes the whole tree, which MS_REMOUNT cannot, and keeps flags that an
    unprivileged user may not clear.
    """
    device = source in DEVICES
    attributes = MOUNT_ATTR_NOSUID | (0 if device else MOUNT_ATTR_RDONLY | MOUNT_ATTR_NODEV)
    tree = kernel.call(
        "open_tree", AT_FDCWD, os.fsencode(source), OPEN_TREE_CLONE | os.O_CLOEXEC | AT_RECURSIVE, about=source
    )
    try:
        change = struct.pack("QQQQ", attributes, 0, 0, 0)  # set, clear, propagation, user namespace
        kernel.call("mount_setattr", tree, b"", AT_EMPTY_PATH | AT_RECURSIVE, change, len(change), about=source)
        kernel.call("move_mount", tree, b"", AT_FDCWD, os.fsencode(target), MOVE_MOUNT_F_EMPTY_PATH, about=target)
    finally:
        os.close(tree)


def enter_private_root(plan: Plan) -> None:
    """Build the root of `plan` over the folder `plan.root` and make it this process's root.

    It holds what may be read, the devices, the folders that each submission covers with its own, and a stub of /etc.
    There is no /proc, no /sys, and nothing writable.
    """
    umask = os.umask(0o022)
    mount("none", "/", None, MS_REC | MS_PRIVATE)
    mount("tmpfs", plan.root, "tmpfs", MS_NOSUID | MS_NODEV, "size=4m,mode=755")
    for name, text in STUBS.items():
        _place(plan.root, name).write_text(text, encoding="utf-8")
    for folder in (WORK, SCRATCH, SHARED_MEMORY, "/tmp"):
        _place(plan.root, folder).mkdir(exist_ok=True)
    _show(plan.read, plan.root)
    _show(DEVICES, plan.root)
    for path in sorted(plan.hide):
        _cover(path, plan)
    os.chdir(plan.root)
    kernel.call("pivot_root", b".", b".", about=plan.root)
    kernel.call("umount2", b".", MNT_DETACH, about="the old root")
    os.chdir("/")
    mount("none", "/", None, MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV)
    os.umask(umask)


def mount_private_folders(plan: Plan) -> None:
    """Empty writable folders of limited size for this submission alone; they are gone with its mount namespace."""
    for folder, megabytes in ((WORK, plan.work_mb), (SCRATCH, SCRATCH_MB), (SHARED_MEMORY, SCRATCH_MB)):
        options = f"size={megabytes}m,nr_inodes={FILES_A_FOLDER},mode=700,uid={STUDENT},gid={STUDENT}"
        mount("tmpfs", folder, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, options)


def _place(root: str, path: str) -> Path:
    """Where `path` stands below `root`, its folder made."""
    target = Path(root) / path.lstrip("/")
    target.parent.mkdir(parents=True, exist_ok=True)
    return target


def _show(paths: tuple[str, ...], root: str) -> None:
    found = [resolve(path) for path in sorted(paths)]
    real = {path for _, path in found if path is not None}
    for path in sorted(real):
        if not any(below(path, other) for other in real):
            bind(path, str(_mount_point(path, root)))
    for links, _ in found:
        for link, says in links:
            target = _place(root, link)
            if not target.is_symlink() and not target.exists():
                target.symlink_to(says)


def _mount_point(path: str, root: str) -> Path:
    target = _place(root, path)
    if Path(path).is_dir():
        target.mkdir(exist_ok=True)
    elif not target.exists():
        target.touch()
    return target


def _cover(path: str, plan: Plan) -> None:
    """Put an empty folder or an unreadable file over `path`, then show again what is to be kept below it."""
    _, real = resolve(path)
    if real is None or not Path(plan.root + real).exists():
        return
    target = plan.root + real
    if not Path(real).is_dir():
        empty = _place(plan.root, "etc/hidden")
        empty.touch(mode=0o000)
        bind(str(empty), target)
        return
    flags = MS_NOSUID | MS_NODEV
    mount("tmpfs", target, "tmpfs", flags, "size=1m,mode=755")
    _show(tuple(path for path in kept(plan.read, plan.keep) if below(path, real)), plan.root)
    mount("none", target, None, MS_BIND | MS_REMOUNT | MS_RDONLY | flags)
