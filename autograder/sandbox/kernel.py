"""Raw system calls by name. The C library is loaded at the first call, so that importing works on every system."""

import ctypes
import os
import signal
import sys
import threading
from functools import cache

from autograder.sandbox.syscalls import CHECKED, SETUP, numbers, this_machine

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_KEEPCAPS = 8
PR_CAPBSET_DROP = 24
PR_SET_NO_NEW_PRIVS = 38
PR_GET_TID_ADDRESS = 40
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_CLEAR_ALL = 4

CLONE_NEWNS = 0x00020000
CLONE_CHILD_CLEARTID = 0x00200000
CLONE_CHILD_SETTID = 0x01000000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000


@cache
def _library() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


@cache
def _numbers() -> dict[str, int]:
    machine = this_machine()
    if machine is None:
        raise OSError(f"no system call numbers are known for this processor ({os.uname().machine})")
    return {name: value for group in (SETUP, CHECKED) for name, value in numbers(group, machine).items()}


def number(name: str) -> int:
    """This machine's number of a call that the sandbox makes itself."""
    return _numbers()[name]


def call(name: str, *arguments: "int | bytes | ctypes.Array[ctypes.c_char] | None", about: str = "") -> int:
    """One system call. Whole numbers travel as C long, texts as pointers, None as a null pointer.

    Raises OSError with the kernel's answer, the call's name, and what the call was about.
    """
    values = [ctypes.c_long(value) if isinstance(value, int) else value for value in arguments]
    library = _library()
    ctypes.set_errno(0)
    result = int(library.syscall(ctypes.c_long(number(name)), *values))
    if result < 0:
        answer = ctypes.get_errno()
        raise OSError(answer, f"{name}{' ' + about if about else ''}: {os.strerror(answer)}")
    return result


def prctl(option: int, *arguments: int) -> None:
    """Change a property of this process; missing arguments are 0."""
    call("prctl", option, *arguments, *[0] * (4 - len(arguments)), about=f"option {option}")


def unshare(flags: int, about: str) -> None:
    """Leave the namespaces named by CLONE_NEW* flags for new ones."""
    call("unshare", flags, about=about)


def fork(namespaces: int) -> int:
    """`os.fork`, with the child as the first process of new namespaces (CLONE_NEW* flags) if there are any.

    Unsharing them first would need a fork more: a process may leave its process namespace once, and only for its
    children. For a process of one thread: around the bare call stands what Python does around its own, but not what
    the C library does for the locks of other threads, nor what libraries have registered with it (OpenBLAS ends its
    threads there). The number that the C library keeps of the thread is written here too.
    """
    if not namespaces:
        return os.fork()
    number_at = _thread_number_address()
    flags = namespaces | signal.SIGCHLD | (CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID if number_at else 0)
    library, interpreter = _library_keeping_the_interpreter(), ctypes.pythonapi
    # The last two arguments are the thread's own storage and that address, in the one or the other order.
    arguments = [ctypes.c_long(value) for value in (number("clone"), flags, 0, 0, number_at, number_at)]
    interpreter.PyOS_BeforeFork()
    child = int(library.syscall(*arguments))
    if child == 0:
        interpreter.PyOS_AfterFork_Child()
        return 0
    answer = ctypes.get_errno()
    interpreter.PyOS_AfterFork_Parent()
    if child < 0:
        raise OSError(answer, f"clone with new namespaces: {os.strerror(answer)}")
    return child


@cache
def _library_keeping_the_interpreter() -> ctypes.PyDLL:
    """The C library, called without letting go of the interpreter's lock, as os.fork calls fork."""
    return ctypes.PyDLL(None, use_errno=True)


def _thread_number_address() -> int:
    """Where the C library keeps this thread's number, as glibc tells the kernel; 0 where that is not to be learnt."""
    found = ctypes.create_string_buffer(ctypes.sizeof(ctypes.c_void_p))
    try:
        call("prctl", PR_GET_TID_ADDRESS, found, 0, 0, 0)
    except OSError:
        return 0
    address = int.from_bytes(found.raw, sys.byteorder)
    if not address or ctypes.c_int.from_address(address).value != threading.get_native_id():  # musl tells of a lock
        return 0
    return address


def available() -> bool:
    """Whether this is a Linux whose system calls are known here."""
    return sys.platform == "linux" and this_machine() is not None
