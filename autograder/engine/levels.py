"""How well students' code is isolated here, and the refusal to run it where it is not."""

import os

from autograder import sandbox
from autograder.engine.places import closed_place


class UnsandboxedError(RuntimeError):
    """This machine cannot isolate student code, and nobody said that this is all right. The message says what to do."""


def why_not(level: sandbox.Level) -> str:
    """What keeps this machine from a level, in words; empty when nothing does."""
    missing = sandbox.probe().missing(level)
    if missing:
        return f"{', '.join(missing)} missing"
    if level is sandbox.Level.REDUCED and os.geteuid() == 0:
        closed = closed_place()
        if closed is not None:
            return f"{closed} is closed to the throwaway user whom student code runs as"
    return ""


def chosen_level(allow_unsandboxed: bool = False) -> sandbox.Level:
    """The best level that this machine can give. Raises UnsandboxedError when that is none and is not allowed."""
    reasons = {level: why_not(level) for level in (sandbox.Level.FULL, sandbox.Level.REDUCED)}
    possible = [level for level, reason in reasons.items() if not reason]
    if possible:
        return possible[0]
    if not allow_unsandboxed:
        said = "; ".join(f"level {level.value}: {reason}" for level, reason in reasons.items())
        raise UnsandboxedError(
            f"student code cannot be isolated on this machine ({said}; see course grade --explain-sandbox); grade on "
            "another one, or say --allow-unsandboxed if you trust every submission with all your files"
        )
    return sandbox.Level.NONE
