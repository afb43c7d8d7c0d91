"""What each kernel feature is for, and what to do where it is missing: the words of `--explain-sandbox`."""

import os
import sys
from pathlib import Path

PURPOSE = {
    "user namespaces": "a place in which a program without privileges may build a private root",
    "mount API": "shows the student Python and the course library, read-only, and no other file (Linux 5.12)",
    "submission namespaces": "a submission sees no other process, no network, no shared memory of others",
    "Landlock": "lets the student's process open the allowed files only (Linux 5.13)",
    "system call filter": "a list of the system calls a student's process may make: no programs, no sockets",
    "pidfd": "ends a submission for certain, and nothing else (Linux 5.3)",
    "throwaway user": "student code runs as a user who owns nothing, never as root",
}

# Where a system says no: the setting's file, the value that forbids, and what to do.
SETTINGS = (
    (
        "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
        "1",
        "AppArmor (Ubuntu 23.10 and later) takes capabilities away in user namespaces: write `abi <abi/4.0>, profile"
        f" course-grader {os.path.realpath(sys.executable)} flags=(unconfined) {{ userns, }}` into"
        " /etc/apparmor.d/course-grader and reload AppArmor; or, for every program on the machine, set"
        " kernel.apparmor_restrict_unprivileged_userns=0",
    ),
    (
        "/proc/sys/kernel/unprivileged_userns_clone",
        "0",
        "Debian's switch is off: set kernel.unprivileged_userns_clone=1",
    ),
    (
        "/proc/sys/user/max_user_namespaces",
        "0",
        "user namespaces are limited to none: set user.max_user_namespaces to 1000 or more",
    ),
)
IN_A_CONTAINER = (
    "in Docker or Podman the default seccomp profile forbids it: start the container with"
    " `--security-opt seccomp=unconfined` (and, where the host has AppArmor, `--security-opt apparmor=unconfined`);"
    " neither gives student code anything, for the sandbox has a stricter filter of its own"
)
CONTAINER_MARKS = ("/.dockerenv", "/run/.containerenv")

NAMESPACES = ("user namespaces", "mount API", "submission namespaces")

ADVICE = {
    "mount API": "it needs Linux 5.12 or later",
    "Landlock": "it needs Linux 5.13 or later, and `landlock` among the names in /sys/kernel/security/lsm",
    "system call filter": "it needs a kernel with CONFIG_SECCOMP_FILTER, on x86-64 or aarch64",
    "pidfd": "it needs Linux 5.3 or later; a container's seccomp profile may forbid it",
    "throwaway user": "install Python and the course where every user can read them, or do not grade as root",
}


def explanation(name: str, there: bool, answer: str, needed_for: list[str], waits_for: str = "") -> list[str]:
    """One feature as one line, or, when it is missing, with the kernel's answer and one line for each thing to do.

    `waits_for` names a missing feature without which this one cannot be there.
    """
    head = f"{'there  ' if there else 'MISSING'}  {name}: {PURPOSE[name]}; needed for level {' and '.join(needed_for)}"
    if there:
        return [head + (f" [{answer}]" if answer else "")]
    to_do = [f"see {waits_for} first"] if waits_for else advice(name)
    return [head, f"         answer: {answer}", *(f"         to do: {line}" for line in to_do)]


def advice(name: str) -> list[str]:
    """What to do about a missing feature, as far as this machine's settings tell."""
    lines = [ADVICE[name]] if name in ADVICE else []
    if name in NAMESPACES:
        lines += [text for path, forbidding, text in SETTINGS if _setting(path) == forbidding]
        if any(Path(mark).exists() for mark in CONTAINER_MARKS):
            lines.append(IN_A_CONTAINER)
    return lines or ["ask who runs this machine; `dmesg` often names who refused"]


def _setting(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError:
        return ""
