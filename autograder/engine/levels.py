"""How well students' code is isolated here, and the refusal to run it where it is not."""

from autograder import sandbox


class UnsandboxedError(RuntimeError):
    """This machine cannot isolate student code, and nobody said that this is all right. The message says what to do."""


def chosen_level(allow_unsandboxed: bool = False) -> sandbox.Level:
    """The best level that this machine can give. Raises UnsandboxedError when that is none and is not allowed."""
    level = sandbox.probe().level
    if level is sandbox.Level.NONE and not allow_unsandboxed:
        raise UnsandboxedError(
            "student code cannot be isolated on this machine (see course grade --explain-sandbox); grade on another "
            "one, or say --allow-unsandboxed if you trust every submission with all your files"
        )
    return level
