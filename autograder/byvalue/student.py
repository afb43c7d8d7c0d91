"""What a hidden test receives as `student`."""

from collections.abc import Callable, Sequence
from typing import Any

from autograder.byvalue.peer import Answers, Handle, LimitError, Peer


class Student:
    """The student's work: `student.name` is a value, or a handle of a function or class, looked up once a test.

    `_callable` is a name known to be that of a function or class: it is looked up by the request that uses it.
    """

    def __init__(self, peer: Peer) -> None:
        self._peer = peer
        self._callable = ""
        self._found: dict[str, Handle] = {}
        self._provided = False

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        if name in self._found:
            return self._found[name]
        if name == self._callable:
            self._found[name] = self._peer.named(name)
            return self._found[name]
        found = self._peer.ask("get", name, record=False)
        if isinstance(found, Handle) and found._kind != "object":
            self._found[name] = found
        return found

    def keep(self, value: Any) -> Handle:
        """Hold a value on the student's side; each use passes the same object."""
        return self._peer.promise("object", "keep", value)

    def value(self, handle: Any) -> Any:
        """A copy of what a handle holds."""
        return self._peer.ask("value", handle)

    def box(self, handle: Handle, name: str) -> Handle:
        """A handle of an attribute, even when it is an array or a dict (reading it directly would give a copy)."""
        return self._peer.ask("box", handle, name, record=False)

    def call_method(self, handle: Handle, name: str, *arguments: Any, **keywords: Any) -> Any:
        """`handle.name(...)` in one request instead of two."""
        return self._peer.ask("call_method", handle, name, list(arguments), keywords)

    def several(self, function: Handle, /, *problems: tuple[Any, ...], then: Any = None, **keywords: Any) -> Answers:
        """`function(*problem, **keywords)` for each of `problems`, in one request: a process that waits for each answer
        loses more time than most answers take. All are answered, whatever the first ones are.

        With `then`, a copy of what that handle, or list of handles, holds after the calls is the last of the answers.
        """
        questions = [["call", function, list(problem), keywords] for problem in problems]
        return self._peer.ask_several(questions + _copies(then))

    def new_object(self, kind: Handle, *calls: tuple[Any, ...], then: Any = None) -> Answers:
        """What `calls` of a new object of the class `kind`, each `(method's name, *arguments)`, answer, in one request.

        The first that raises is the last. `then` is as in `several`.
        """
        results, *copies = self._peer.ask_several([_new_object(kind, calls), *_copies(then)])
        return Answers([["ok", answer] for answer in (*_as_many(calls, results), *copies)])

    def new_objects(self, kind: Handle, *calls: Sequence[tuple[Any, ...]]) -> list[list[Any]]:
        """The same for a new object each, in one request. Raises what the first that raised did."""
        answers = self._peer.ask_several([_new_object(kind, each) for each in calls])
        return [_as_many(each, results) for each, results in zip(calls, answers, strict=True)]

    def unrecorded(self, function: Handle, *arguments: Any, **keywords: Any) -> Any:
        """Call `function`; what it returns is left out of what diagnosis compares: a layer's cache, a random draw."""
        return self._peer.ask("call", function, list(arguments), keywords, record=False)

    def record(self, value: Any) -> None:
        """Add a value to what diagnosis compares, in the place of what an unrecorded call returned."""
        if self._peer.recording is not None:
            self._peer.recording.added()
        self._peer.trace.record("ok", value)

    def generator(self, seed: int) -> Handle:
        """A `numpy.random.Generator` that lives on the student's side, to be passed as an `rng` argument."""
        return self._peer.promise("object", "generator", int(seed))

    def peak_memory(self, function: Handle, *arguments: Any, **keywords: Any) -> tuple[Any, int]:
        """Call `function`; returns its result and the most bytes that the call held at once beyond those before it."""
        return self._peer.ask("peak_memory", function, list(arguments), keywords)

    def count_calls(self, function: Handle, *arguments: Any, **keywords: Any) -> tuple[Any, int]:
        """Call `function`; returns its result and how many steps it took: calls, and lines run outside NumPy.

        A loop in Python over n things takes at least n; array code takes a number that does not grow with n. Counting
        ends at 20,000.
        """
        return self._peer.ask("count_calls", function, list(arguments), keywords)

    def steps(self, function: Handle, *arguments: Any, **keywords: Any) -> int:
        """The steps alone, as `count_calls` counts them: what comes back is left out of what diagnosis compares."""
        counted = self._peer.ask("count_calls", function, list(arguments), keywords, record=False)
        return int(counted[1])

    def provide(self, name: str, function: Callable[..., Any]) -> None:
        """Put the grader's `function` in the place of the student's `name` until the test ends, so that a mistake in
        one exercise is not paid for in the next.
        """
        self._provided = True
        self._peer.tell("provide", name, function)
        self._found.pop(name, None)

    def foresee(self, function: Callable[..., Any], *arguments: Any) -> None:
        """Said by a function that the student's code has called: it will likely call `function`, a provided one, with
        these `arguments` next. The answer goes along with the present one, which saves a turn. It tells no more than
        the student's code could ask: only foresee what follows from what it has passed. `function` asks nothing of the
        student's work.
        """
        self._peer.foreseen.append((function, arguments))

    def _restore(self) -> None:
        """Put back what `provide` replaced; the runner calls it after each test."""
        if self._provided:
            self._provided = False
            self._peer.tell("restore")


def _new_object(kind: Handle, calls: Sequence[tuple[Any, ...]]) -> list[Any]:
    """The question for what methods of a new object answer."""
    return ["new_object", kind, [[name, list(arguments)] for name, *arguments in calls]]


def _as_many(calls: Sequence[Any], results: Any) -> list[Any]:
    if type(results) is not list or len(results) != len(calls):
        raise LimitError("malformed reply")
    return results


def _copies(handles: Any) -> list[list[Any]]:
    """The question for copies of what handles hold; none for None."""
    return [] if handles is None else [["value", handles]]
