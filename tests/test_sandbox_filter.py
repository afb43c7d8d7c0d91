"""The system call filter: its numbers against other sources, and its program, run here, against its table."""

import ctypes
import ctypes.util
import errno
import platform
import re
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.sandbox import seccomp
from autograder.sandbox.policy import policy
from autograder.sandbox.syscalls import (
    ALLOWED,
    CHECKED,
    MACHINES,
    MODES,
    REFUSED,
    SETUP,
    TIMES,
    Machine,
    numbers,
)

GROUPS = {"ALLOWED": ALLOWED, "CHECKED": CHECKED, "MODES": MODES, "TIMES": TIMES, "REFUSED": REFUSED, "SETUP": SETUP}
AUDIT_ARCH = {
    "x86_64": 62 | 1 << 31 | 1 << 30,
    "aarch64": 183 | 1 << 31 | 1 << 30,
}  # ELF machine, 64 bit, little-endian
HEADERS = {
    "x86_64": ("x86_64-linux-gnu/asm/unistd_64.h", "asm/unistd_64.h"),
    "aarch64": ("asm-generic/unistd.h",),
}
PROCESS = 4711


def table(machine: Machine) -> dict[str, int]:
    return {name: number for group in GROUPS.values() for name, number in numbers(group, machine).items()}


@pytest.mark.parametrize("machine", MACHINES)
def test_the_numbers_are_those_of_the_kernel_s_header(machine: Machine) -> None:
    found = [Path("/usr/include", name) for name in HEADERS[machine] if Path("/usr/include", name).exists()]
    if not found:
        pytest.skip(f"this machine has no {' or '.join(HEADERS[machine])}")
    text = found[0].read_text(encoding="utf-8")
    header = {name: int(value) for name, value in re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)\b", text)}
    header |= {"newfstatat": header.get("fstatat", header.get("newfstatat", -1))}
    newer = {"fchmodat2"}  # Linux 6.6; the header may be older
    ours = {name: number for name, number in table(machine).items() if name not in newer or name in header}
    assert ours == {name: header.get(name) for name in ours}


@pytest.mark.parametrize("machine", MACHINES)
def test_the_numbers_are_those_of_libseccomp(machine: Machine) -> None:
    name = ctypes.util.find_library("seccomp")
    if name is None:
        pytest.skip("this machine has no libseccomp")
    resolve = ctypes.CDLL(name).seccomp_syscall_resolve_name_arch
    resolve.argtypes = [ctypes.c_uint32, ctypes.c_char_p]
    ours = table(machine)
    theirs = {name: resolve(AUDIT_ARCH[machine], name.encode()) for name in ours}
    assert ours == {name: number if number >= 0 else ours[name] for name, number in theirs.items()}
    assert sum(number >= 0 for number in theirs.values()) >= len(ours) - 3  # an older library lacks the newest calls


@pytest.mark.parametrize("machine", MACHINES)
def test_a_call_missing_on_a_machine_is_missing_in_libseccomp_too(machine: Machine) -> None:
    name = ctypes.util.find_library("seccomp")
    if name is None:
        pytest.skip("this machine has no libseccomp")
    resolve = ctypes.CDLL(name).seccomp_syscall_resolve_name_arch
    resolve.argtypes = [ctypes.c_uint32, ctypes.c_char_p]
    everywhere = {name for one in MACHINES for name in table(one)}
    missing = everywhere - set(table(machine))
    assert {name for name in missing if resolve(AUDIT_ARCH[machine], name.encode()) >= 0} == set()


def test_a_few_numbers_everybody_knows() -> None:
    # Where no header and no library is at hand these still hold the table to the facts.
    assert [table("x86_64")[name] for name in ("read", "openat", "clone", "mmap", "exit_group")] == [0, 257, 56, 9, 231]
    assert [table("aarch64")[name] for name in ("read", "openat", "clone", "mmap", "exit_group")] == [
        63,
        56,
        220,
        222,
        94,
    ]


@pytest.mark.parametrize("machine", MACHINES)
def test_no_number_is_in_two_groups(machine: Machine) -> None:
    listed = [number for group in GROUPS.values() for number in numbers(group, machine).values()]
    assert len(listed) == len(set(listed))


def run(program: list[seccomp.Instruction], processor: int, number: int, arguments: tuple[int, ...] = (0,) * 6) -> int:
    """What the kernel would answer: a classic BPF machine with the few instructions that the filter uses."""
    words = {0: number, 4: processor}
    for position, argument in enumerate(arguments):
        words |= {16 + 8 * position: argument & 0xFFFFFFFF, 20 + 8 * position: argument >> 32}
    register, line = 0, 0
    while True:
        code, then, otherwise, value = program[line]
        line += 1
        if code == 0x20:  # load a word
            register = words[value]
        elif code == 0x54:  # and
            register &= value
        elif code == 0x15:  # jump if equal
            line += then if register == value else otherwise
        elif code == 0x35:  # jump if at least
            line += then if register >= value else otherwise
        elif code == 0x05:  # jump
            line += value
        elif code == 0x06:
            return value
        else:
            raise AssertionError(f"unknown instruction {code:#x}")


def expected(machine: Machine, own: bool, number: int, arguments: tuple[int, ...]) -> int:
    if machine == "x86_64" and number >= 0x40000000:
        return seccomp.KILL
    rule = policy(machine, PROCESS, own).get(number)
    if rule is None:
        return seccomp.FAIL | errno.ENOSYS
    holds = all(arguments[check.argument] & 0xFFFFFFFF & check.mask in check.values for check in rule.checks)
    return seccomp.ALLOW if holds else seccomp.FAIL | rule.otherwise


@pytest.mark.parametrize("own", [True, False])
@pytest.mark.parametrize("machine", MACHINES)
def test_for_every_number_the_program_says_what_the_table_says(machine: Machine, own: bool) -> None:
    program = seccomp.program(machine, policy(machine, PROCESS, own))
    for number in [*range(700), 0x3FFFFFFF, 0x40000000, 0x40000001, 0xFFFFFFFF]:
        zeros = (0,) * 6
        assert run(program, AUDIT_ARCH[machine], number) == expected(machine, own, number, zeros), number


ARGUMENT = st.one_of(
    st.sampled_from([0, 1, 2, 3, 9, 0o1000, 0o1001, 0o1003, PROCESS, 0x10000, 0x3D0F00, 0x5401, 0x5412, 1030]),
    st.integers(0, 2**64 - 1),
)


@settings(max_examples=300, deadline=None)
@given(
    machine=st.sampled_from(MACHINES),
    own=st.booleans(),
    arguments=st.tuples(*[ARGUMENT] * 6),
    data=st.data(),
)
def test_for_any_arguments_the_program_says_what_the_table_says(machine, own, arguments, data) -> None:
    checked = [*numbers(CHECKED, machine).values(), *numbers(MODES + TIMES, machine).values()]
    number = data.draw(st.one_of(st.sampled_from(checked), st.integers(0, 500)))
    program = seccomp.program(machine, policy(machine, PROCESS, own))
    assert run(program, AUDIT_ARCH[machine], number, arguments) == expected(machine, own, number, arguments)


@pytest.mark.parametrize("machine", MACHINES)
def test_another_processor_s_call_kills(machine: Machine) -> None:
    program = seccomp.program(machine, policy(machine, PROCESS, True))
    others = {0x40000003, 0x40000028, *AUDIT_ARCH.values()} - {AUDIT_ARCH[machine]}  # i386, 32-bit ARM, the other one
    assert {run(program, other, 0) for other in others} == {seccomp.KILL}


@pytest.mark.parametrize("machine", MACHINES)
def test_the_program_fits_into_the_kernel(machine: Machine) -> None:
    program = seccomp.program(machine, policy(machine, PROCESS, False))
    assert len(program) <= 4096  # BPF_MAXINSNS
    assert all(0 <= jump <= 255 for line in program for jump in (line.then, line.otherwise))
    assert program[-1].code == seccomp.RETURN


# (call, arguments that matter by position, allowed): said here once more, in words of its own, not read from the table.
CASES = [
    ("openat", {2: 0o100 | 0o1000 | 1}, True),  # open(path, "w")
    ("openat", {2: 0o1000}, False),  # O_RDONLY | O_TRUNC empties a file that may only be read
    ("openat", {2: 3}, False),  # neither reading nor writing: Landlock lets it pass
    ("openat", {2: 0o1000 | 3}, False),
    ("clone", {0: 0x3D0F00}, True),  # a thread of the C library
    ("clone", {0: 0x1200011}, False),  # fork
    ("clone", {0: 0x10000 | 0x10000000}, False),  # a thread with a user namespace
    ("socketpair", {0: 1, 1: 1 | 0o2000000}, True),  # Unix stream, close on exec
    ("socketpair", {0: 1, 1: 2}, False),  # Unix datagram: could send anywhere
    ("socketpair", {0: 2, 1: 1}, False),  # Internet
    ("kill", {0: PROCESS}, True),
    ("kill", {0: 2**32 - 1}, False),  # everybody
    ("kill", {0: 0}, False),  # the group
    ("tgkill", {0: PROCESS}, True),
    ("tgkill", {0: 1}, False),
    ("prlimit64", {0: 0}, True),
    ("prlimit64", {0: 1}, False),
    ("fcntl", {1: 4}, True),  # F_SETFL
    ("fcntl", {1: 8}, False),  # F_SETOWN
    ("fcntl", {1: 10}, False),  # F_SETSIG
    ("ioctl", {1: 0x5401}, True),  # isatty
    ("ioctl", {1: 0x5412}, False),  # TIOCSTI: typing into a terminal
    ("prctl", {0: 15}, True),  # a thread's name
    ("prctl", {0: 1}, False),  # living on after the parent
]


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize(("name", "matter", "allowed"), CASES)
def test_a_case_of_a_checked_call(machine: Machine, name: str, matter: dict[int, int], allowed: bool) -> None:
    arguments = tuple(matter.get(position, 0) for position in range(6))
    program = seccomp.program(machine, policy(machine, PROCESS, True))
    answer = run(program, AUDIT_ARCH[machine], table(machine)[name], arguments)
    assert (answer == seccomp.ALLOW) is allowed


@pytest.mark.parametrize("machine", MACHINES)
def test_owners_change_their_files_only_where_they_own_nothing_else(machine: Machine) -> None:
    for group, otherwise in ((MODES, 0), (TIMES, errno.EPERM)):
        for number in numbers(group, machine).values():
            for own, answer in ((True, seccomp.ALLOW), (False, seccomp.FAIL | otherwise)):
                program = seccomp.program(machine, policy(machine, PROCESS, own))
                assert run(program, AUDIT_ARCH[machine], number) == answer


def test_the_table_for_this_machine_agrees_with_its_own_kernel() -> None:
    machine = platform.machine()
    if machine not in MACHINES:
        pytest.skip(f"no table for {machine}")
    code = f"import ctypes, os; print(ctypes.CDLL(None).syscall({table(machine)['getpid']}) == os.getpid())"
    assert subprocess.run(["python3", "-c", code], capture_output=True, text=True).stdout.strip() == "True"
