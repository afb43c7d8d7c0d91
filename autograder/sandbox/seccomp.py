"""The system call filter: rules of `policy` as a classic BPF program, and its installation.

The machine of such a program (linux/filter.h): one register, loaded from the call's number, processor and arguments
(struct seccomp_data of linux/seccomp.h); jumps go forward by a count of instructions.
"""

import ctypes
import errno
import struct
from functools import cache
from typing import NamedTuple

from autograder.sandbox import kernel
from autograder.sandbox.policy import Check, Rule, policy
from autograder.sandbox.syscalls import Machine

LOAD, AND = 0x20, 0x54  # BPF_LD|BPF_W|BPF_ABS, BPF_ALU|BPF_AND|BPF_K
IF_EQUAL, IF_AT_LEAST = 0x15, 0x35  # BPF_JMP|BPF_JEQ|BPF_K, BPF_JMP|BPF_JGE|BPF_K
JUMP, FARTHEST = 0x05, 255  # BPF_JMP|BPF_JA skips `value` instructions; the conditions skip no more than this
RETURN = 0x06

ALLOW, FAIL, KILL = 0x7FFF0000, 0x00050000, 0x80000000  # SECCOMP_RET_ALLOW, _ERRNO (low bits: which), _KILL_PROCESS
SET_MODE_FILTER, ALL_THREADS = 1, 1  # SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC

NUMBER, PROCESSOR, ARGUMENTS = 0, 4, 16  # offsets in struct seccomp_data
AUDIT_ARCH: dict[Machine, int] = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}  # linux/audit.h
INSTRUCTION = struct.Struct("=HBBI")  # struct sock_filter
X32 = 0x40000000  # x86-64: calls with 32-bit pointers have numbers from here on


class Instruction(NamedTuple):
    """If the condition of `code` on `value` holds, skip `then` instructions, else skip `otherwise`."""

    code: int
    then: int
    otherwise: int
    value: int


def program(machine: Machine, rules: dict[int, Rule]) -> list[Instruction]:
    """The filter: a search for the call's number by halves. Another processor's calls, and x32 calls, kill the process.

    The kernel runs it for every number when it is installed, to skip it for those that are always allowed (Linux 5.11).
    """
    return [
        Instruction(LOAD, 0, 0, PROCESSOR),
        Instruction(IF_EQUAL, 1, 0, AUDIT_ARCH[machine]),
        Instruction(RETURN, 0, 0, KILL),
        Instruction(LOAD, 0, 0, NUMBER),
        *_search(_ranges(machine, rules)),
    ]


def _ranges(machine: Machine, rules: dict[int, Rule]) -> list[tuple[int, list[Instruction]]]:
    """The numbers from which on another verdict holds, ascending from 0, each with its verdict."""
    verdicts = {number: _verdict(rule) for number, rule in rules.items()}
    if machine == "x86_64":
        verdicts |= {X32: [Instruction(RETURN, 0, 0, KILL)]}
    unknown = [Instruction(RETURN, 0, 0, FAIL | errno.ENOSYS)]
    starts = sorted({0, *verdicts, *(number + 1 for number in rules)})
    ranges: list[tuple[int, list[Instruction]]] = []
    for start in starts:
        verdict = verdicts.get(start, unknown)
        if not ranges or ranges[-1][1] != verdict:
            ranges.append((start, verdict))
    return ranges


def _search(ranges: list[tuple[int, list[Instruction]]]) -> list[Instruction]:
    if len(ranges) == 1:
        return ranges[0][1]
    middle = len(ranges) // 2
    below, above = _search(ranges[:middle]), _search(ranges[middle:])
    if len(below) <= FARTHEST:
        return [Instruction(IF_AT_LEAST, len(below), 0, ranges[middle][0]), *below, *above]
    return [Instruction(IF_AT_LEAST, 0, 1, ranges[middle][0]), Instruction(JUMP, 0, 0, len(below)), *below, *above]


def _verdict(rule: Rule) -> list[Instruction]:
    """Ends in a RETURN whatever the arguments, so the register need not hold the number again."""
    lines: list[Instruction] = []
    for check in rule.checks:
        lines += _check(check, FAIL | rule.otherwise)
        if not check.values:
            return lines
    return [*lines, Instruction(RETURN, 0, 0, ALLOW)]


def _check(check: Check, failing: int) -> list[Instruction]:
    fail = Instruction(RETURN, 0, 0, failing)
    if not check.values:
        return [fail]
    lines = [Instruction(LOAD, 0, 0, ARGUMENTS + 8 * check.argument), Instruction(AND, 0, 0, check.mask)]
    for position, value in enumerate(check.values):
        lines.append(Instruction(IF_EQUAL, len(check.values) - position, 0, value))
    return [*lines, fail]


@cache
def students_filter(machine: Machine, process: int, owns_only_its_work: bool) -> bytes:
    """The filter for a student's process, as `install` takes it. A worker has it made before it forks."""
    return encoded(program(machine, policy(machine, process, owns_only_its_work)))


def encoded(lines: list[Instruction]) -> bytes:
    """A program as the kernel reads it: an array of struct sock_filter."""
    return b"".join(INSTRUCTION.pack(*line) for line in lines)


def install(code: bytes) -> None:
    """Put the filter on every thread of this process, for good. Needs no_new_privs."""
    buffer = ctypes.create_string_buffer(code, len(code))
    header = struct.pack("HxxxxxxQ", len(code) // INSTRUCTION.size, ctypes.addressof(buffer))  # struct sock_fprog
    if thread := kernel.call("seccomp", SET_MODE_FILTER, ALL_THREADS, header):
        raise OSError(f"seccomp: thread {thread} of this process has another filter")
