"""The grader's end of a connection: requests, replies as they are kept, handles of what stays beyond."""

import contextlib
import weakref
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from autograder.byvalue import wire

MAX_CALLBACKS = 20_000
MAX_NESTED_CALLBACKS = 20


class StudentError(Exception):
    """The student's code raised. `kinds` are class names from the most specific up; `lines` the student's own lines."""

    def __init__(self, kinds: list[str], missing_name: str, lines: list[list[Any]]) -> None:
        super().__init__(kinds[0] if kinds else "Exception")
        self.kinds = kinds
        self.missing_name = missing_name
        self.lines = lines


class LimitError(Exception):
    """The student's side broke a limit or the format: the test fails and no more is asked of it."""


class Recording(Protocol):
    """Hears what is asked in a hidden test, in order."""

    def sent(self, frame: wire.Frame, operation: str) -> None: ...

    def answered(self, reply: list[Any]) -> None: ...

    def recorded(self) -> None: ...

    def added(self) -> None: ...

    def called_back(self) -> None: ...


MEASURING = ("peak_memory", "count_calls")  # these reply with (result, measurement); a trace keeps the result
SEVERAL = "several"  # replies with a list of replies
KEPT = "<kept on the student's side>"


@dataclass
class Trace:
    """What the student's side answered, in order: `("ok", value)` or `("raised", class name)`.

    Objects that stayed on the student's side are recorded as `KEPT`: a trace keeps no handle, and so no object, alive.
    """

    replies: list[tuple[str, Any]] = field(default_factory=list)

    def record(self, status: str, value: Any) -> None:
        """Add a reply."""
        self.replies.append((status, without_handles(value)))


Call = tuple[Callable[..., Any], tuple[Any, ...]]  # a function, and with what
Transport = Callable[[list[Any], "Peer"], list[Any]]
Delivery = Callable[[list[Any], "Peer"], None]


class Peer:
    """Sends requests through a transport, keeps handles and callbacks, and records the replies.

    What has no answer that matters goes through `deliver`, in order with the requests but without waiting.
    A hidden test runs within `guard()`, which ends it with a `LimitError` when its time is up.
    """

    def __init__(self, transport: Transport, deliver: Delivery) -> None:
        self.transport, self.deliver = transport, deliver
        self.promised = 0
        self.callbacks: dict[int, Callable[..., Any]] = {}
        self.live: weakref.WeakValueDictionary[int, Handle] = weakref.WeakValueDictionary()
        self.freed: list[int] = []
        self.foreseen: list[Call] = []  # that will likely follow the present one
        self.callback_error: Exception | None = None
        self.callback_count = 0
        self.nesting = 0
        self.trace = Trace()
        self.recording: Recording | None = None
        self.guard: Callable[[], contextlib.AbstractContextManager[object]] = contextlib.nullcontext

    def ask(self, operation: str, *arguments: Any, record: bool = True) -> Any:
        """One request. Raises `StudentError` if the student's code raised, `LimitError` if the reply is malformed."""
        freed, self.freed = self.freed, []
        reply = self.transport([freed, operation, *arguments], self)
        if self.recording is not None:
            self.recording.answered(reply)
        if self.callback_error is not None:
            error, self.callback_error = self.callback_error, None
            raise error
        if type(reply) is list and len(reply) == 2 and reply[0] == "ok":
            if record:
                self._record(operation, reply)
            return reply[1]
        if _well_formed_error(reply):
            self._record(operation, reply)
            raise StudentError(reply[1], reply[2], reply[3])
        raise LimitError("malformed reply")

    def ask_several(self, questions: list[list[Any]]) -> "Answers":
        """Requests, each `[operation, *arguments]`, in one: what none of them needs the answer to another for."""
        replies = self.ask(SEVERAL, questions, record=False)
        if type(replies) is not list or len(replies) != len(questions) or not all(map(_well_formed, replies)):
            raise LimitError("malformed reply")
        self._record(SEVERAL, ["ok", replies])
        return Answers(replies)

    def _record(self, operation: str, reply: list[Any]) -> None:
        if self.recording is not None:
            self.recording.recorded()
        for status, value in answers_in(operation, reply):
            self.trace.record(status, value)

    def note(self, frame: wire.Frame, operation: str = "") -> None:
        """Said by who carries it: this frame goes to the student's side, and is answered if it holds an operation."""
        if self.recording is not None:
            self.recording.sent(frame, operation)

    def tell(self, operation: str, *arguments: Any) -> None:
        """Have something done whose result is not wanted."""
        self.deliver([0, operation, *arguments], self)

    def promise(self, kind: wire.Kind, operation: str, *arguments: Any) -> "Handle":
        """A handle of the result of an operation, which is carried out with the next request. Its failure shows when
        the handle is used. Only for operations that run no code of the student's: that needs a limit of time.
        """
        self.promised -= 1  # the student's side counts upwards
        handle = self.live[self.promised] = Handle(self, self.promised, kind)
        self.deliver([self.promised, operation, *arguments], self)
        return handle

    def named(self, name: str) -> "Handle":
        """A handle of a function or class by its name in the notebook, looked up at each use: that there is none shows
        then.
        """
        return Handle(self, name, "function")

    def serve_callback(self, request: Any) -> list[Any]:
        """Run a function of the grader's for the student's code; its failure is kept for the grader, not shown."""
        self.callback_count += 1
        self.nesting += 1
        self.foreseen = []
        if self.recording is not None:
            self.recording.called_back()
        try:
            if self.callback_count > MAX_CALLBACKS or self.nesting > MAX_NESTED_CALLBACKS:
                raise LimitError("too many calls of a function passed in")
            number, arguments, keywords = request
            return ["ok", self.callbacks[number](*arguments, **keywords)]
        except Exception as error:
            self.callback_error = self.callback_error or error
            return ["failed"]
        finally:
            self.nesting -= 1

    def answers_foreseen(self) -> list[list[Any]]:
        """`[key of the request, answer]` for each call that the function called last has foreseen, without those that
        raise or whose answers cannot cross.
        """
        numbers = {id(function): number for number, function in self.callbacks.items()}
        foreseen, self.foreseen = self.foreseen, []
        answers = []
        for function, arguments in foreseen:
            with contextlib.suppress(Exception):  # it will be seen if the call comes
                key = wire.key([numbers[id(function)], list(arguments), {}], self.export)
                answer = function(*arguments)
                wire.encode(answer)
                answers.append([key, answer])
        return answers

    def export(self, value: Any) -> Any:
        """What stands for a grader's value on the wire."""
        if isinstance(value, Handle):
            return wire.Ref(value._number, "object")
        if isinstance(value, np.ndarray):
            return value.view(np.ndarray)
        if callable(value):
            number = len(self.callbacks)
            self.callbacks[number] = value
            return wire.CallbackRef(number)
        raise wire.WireError(f"a hidden test passed a {type(value).__name__}: only values, handles and functions cross")

    def resolve(self, reference: wire.Ref | wire.CallbackRef) -> Any:
        """A handle for a student's object; the function itself for one of the grader's that comes back."""
        if isinstance(reference, wire.CallbackRef):
            if reference.number not in self.callbacks:
                raise wire.WireError("malformed frame (no such function)")
            return self.callbacks[reference.number]
        if isinstance(reference.number, str):
            raise wire.WireError("malformed frame (a name)")
        handle = self.live.get(reference.number)
        if handle is None:
            handle = Handle(self, reference.number, reference.kind)
            self.live[reference.number] = handle
            if reference.number in self.freed:
                self.freed.remove(reference.number)
        return handle


class Answers(Sequence[Any]):
    """Answers to questions that were asked together. To take one that the student's code raised instead raises that."""

    def __init__(self, replies: list[list[Any]]) -> None:
        self._replies = replies

    def __len__(self) -> int:
        return len(self._replies)

    def __getitem__(self, place: Any) -> Any:
        status, *content = self._replies[place]
        if status == "raised":
            raise StudentError(*content)
        return content[0]


class Handle:
    """A student's object that stays on the student's side. Attributes, calls and operators go through it."""

    __array_ufunc__ = None  # NumPy defers: np.float64(2) * handle → handle.__rmul__
    __slots__ = ("__weakref__", "_kind", "_number", "_peer")
    __hash__ = object.__hash__

    def __init__(self, peer: Peer, number: int | str, kind: wire.Kind) -> None:
        object.__setattr__(self, "_peer", peer)
        object.__setattr__(self, "_number", number)
        object.__setattr__(self, "_kind", kind)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # NumPy's, copy's and pickle's protocols never reach student code
            raise AttributeError(name)
        return self._peer.ask("getattr", self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        self._peer.ask("setattr", self, name, value)

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        return self._peer.ask("call", self, list(arguments), keywords)

    def __len__(self) -> int:
        return int(self._peer.ask("len", self))

    def __iter__(self) -> Iterator[Any]:
        return iter(self._peer.ask("items", self))

    def __setitem__(self, key: Any, value: Any) -> None:
        self._peer.ask("op", "setitem", [self, key, value])

    def __array__(self, *_: Any, **__: Any) -> Any:
        raise TypeError("a student's object is no array: read a value from it")

    def __bool__(self) -> bool:
        raise TypeError("a student's object has no truth value here; read a value from it")

    def __repr__(self) -> str:
        return f"<student's {self._kind}>"

    def __del__(self) -> None:
        if type(self._number) is int:
            self._peer.freed.append(self._number)


def _binary(name: str, reflected: bool) -> Callable[[Handle, Any], Any]:
    def operation(self: Handle, other: Any) -> Any:
        return self._peer.ask("op", name, [other, self] if reflected else [self, other])

    return operation


def _no_verdict(self: Handle, other: Any) -> Any:
    """A comparison asks the student's own `__eq__` for the verdict, and that may always say yes."""
    raise TypeError("a student's object is not compared: read a value from it, and compare that")


def _unary(name: str) -> Callable[[Handle], Any]:
    return lambda self: self._peer.ask("op", name, [self])


for _name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul"):
    setattr(Handle, f"__{_name}__", _binary(_name, reflected=False))
    setattr(Handle, f"__r{_name}__", _binary(_name, reflected=True))
for _name in ("getitem", "delitem"):
    setattr(Handle, f"__{_name}__", _binary(_name, reflected=False))
for _name in ("eq", "ne", "lt", "le", "gt", "ge", "contains"):
    setattr(Handle, f"__{_name}__", _no_verdict)
for _name in ("neg", "pos", "abs"):
    setattr(Handle, f"__{_name}__", _unary(_name))


def answers_in(operation: str, reply: list[Any]) -> list[tuple[str, Any]]:
    """What a trace keeps of a reply: the result without measurements, or the class name of what was raised; of a reply
    to several questions that of each.
    """
    status, content = reply[:2]
    if status != "ok":
        return [(status, content[0] if content else "")]
    if operation == SEVERAL:
        return [answer for each in content for answer in answers_in("", each)]
    return [(status, content[0] if operation in MEASURING else content)]


def without_handles(value: Any) -> Any:
    """A value as a trace keeps it."""
    if isinstance(value, Handle):
        return KEPT
    if isinstance(value, (list, tuple)):
        return type(value)(without_handles(item) for item in value)
    if isinstance(value, dict):
        return {key: without_handles(item) for key, item in value.items() if not isinstance(key, Handle)}
    return value


def _well_formed(reply: Any) -> bool:
    ok = type(reply) is list and len(reply) == 2 and type(reply[0]) is str and reply[0] == "ok"
    return ok or _well_formed_error(reply)


def _well_formed_error(reply: Any) -> bool:
    if type(reply) is not list or len(reply) != 4 or reply[0] != "raised":
        return False
    names, missing, lines = reply[1:]
    return (
        type(names) is list
        and all(type(name) is str for name in names)
        and type(missing) is str
        and type(lines) is list
        and all(type(line) is list and [type(part) for part in line] == [str, int] for line in lines)
    )
