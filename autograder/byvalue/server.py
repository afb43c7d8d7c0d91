"""The student's end: holds the student's objects and answers the grader's requests one at a time.

Runs wherever the student's code runs. It knows nothing of hidden tests: a request names an operation and carries copies
of values, a reply carries a copy of the result or what was raised.
"""

import linecache
import operator
import sys
import tracemalloc
import types
from collections.abc import Callable, Iterable
from typing import Any, NoReturn

import numpy as np

from autograder.byvalue import fence, wire

MAX_OBJECTS = 20_000
MAX_ITEMS = 10_000
CANNOT_CROSS = ["raised", ["ValueThatCannotCross"], "", []]
MAX_STEPS = 20_000  # counted; what takes more runs on uncounted, many times as fast

OPERATORS: dict[str, Callable[..., Any]] = {
    name: getattr(operator, name)
    for name in (
        *("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "neg", "pos", "abs"),
        *("getitem", "setitem", "delitem"),
    )
}


class CallbackFailed(BaseException):
    """Raised through the student's code when the grader's function failed; the grader knows why."""


class Server:
    """Serves one namespace. `ask` sends a callback request to the grader and returns its reply: `["failed"]`, or
    `["ok", result]` with a `[key, answer]` behind it for each request that may follow.
    """

    def __init__(self, namespace: dict[str, Any], ask: Callable[[list[Any]], list[Any]]) -> None:
        self.namespace = namespace
        self.ask = ask
        self.objects: dict[int, Any] = {}
        self.numbers: dict[int, int] = {}  # id(object) → its number; safe, because `objects` keeps it alive
        self.last = 0
        self.replaced: list[tuple[str, bool, Any]] = []  # by `provide`: name, whether it was bound, to what
        self.foreseen: dict[bytes, Any] = {}  # key of a request to the grader that may come → the answer

    def call_grader(self, request: list[Any]) -> Any:
        """What a function of the grader's returns, from what came with the answer to the last call if it is there."""
        if self.foreseen:
            key = wire.key(request, self.export)
            if key in self.foreseen:
                return self.foreseen.pop(key)
        status, *answers = self.ask(request)
        if status != "ok":
            raise CallbackFailed
        self.foreseen = dict(answers[1:])
        return answers[0]

    def handle(self, request: list[Any]) -> list[Any]:
        """Answer `[freed, operation, *arguments]` with `["ok", result]`, `["raised", ...]` or `["callback"]`."""
        for number in request[0]:
            self._free(number)
        try:
            return ["ok", self._do(*request[1:])]
        except CallbackFailed:
            return ["callback"]
        except BaseException as error:
            return ["raised", *describe(error)]

    def heed(self, number: int, operation: str, *arguments: Any) -> None:
        """Do what is not answered: the result is held under a `number` that the grader chose, unless that is 0.

        A failure shows when the result is called or asked for something; that of what has no result, never. Only
        operations that run no code of the student's come this way: nothing limits their time here.
        """
        try:
            result = self._do(operation, *arguments)
        except BaseException as error:
            result = Unavailable(error)
        if number:
            self.objects[number] = result
            self.numbers.setdefault(id(result), number)

    def answer(self, request: list[Any], *heading: Any) -> wire.Frame:
        """The reply to a request as a frame, behind `heading`. A value that cannot cross is a reply too."""
        reply = self.handle(request)
        try:
            return wire.encode([*heading, *reply], self.export)
        except wire.WireError:
            if request[1] == "several" and self._can_cross(reply := self._each_alone(reply)):
                return wire.encode([*heading, *reply], self.export)
            return wire.encode([*heading, *CANNOT_CROSS])
        except BaseException as error:
            return wire.encode([*heading, "raised", [type(error).__name__[:80]], "", []])

    def _each_alone(self, reply: list[Any]) -> list[Any]:
        """The replies to several questions, in which what cannot cross is said of each that it is true of."""
        return ["ok", [each if self._can_cross(each) else CANNOT_CROSS for each in reply[1]]]

    def _can_cross(self, value: Any) -> bool:
        try:
            wire.encode(value, self.export)
        except wire.WireError:
            return False
        return True

    def export(self, value: Any) -> Any:
        """What stands for `value` on the wire: a plain copy of a subclass of a value type, otherwise a reference."""
        kind = type(value)
        if kind is Callback:
            return wire.CallbackRef(value._number)
        for base, plain in _PLAIN.items():
            if issubclass(kind, base):
                return plain(value)
        return self._reference(value)

    def resolve(self, reference: wire.Ref | wire.CallbackRef) -> Any:
        """The student's object behind a reference, or something callable for a function of the grader's."""
        if isinstance(reference, wire.CallbackRef):
            return Callback(self, reference.number)
        if isinstance(reference.number, str):
            return self._named(reference.number)
        return self.objects[reference.number]

    def _reference(self, value: Any) -> wire.Ref:
        number = self.numbers.get(id(value))
        if number is None:
            if len(self.objects) >= MAX_OBJECTS:
                raise wire.WireError("too many objects are held")
            self.last += 1
            number = self.numbers[id(value)] = self.last
            self.objects[number] = value
        return wire.Ref(number, _kind(value))

    def _free(self, number: int) -> None:
        value = self.objects.pop(number, None)
        self.numbers.pop(id(value), None)

    def _do(self, operation: str, *arguments: Any) -> Any:
        method = getattr(self, f"_do_{operation}", None)
        if method is None:
            raise ValueError(f"unknown operation {operation}")
        return method(*arguments)

    def _do_several(self, questions: list[list[Any]]) -> list[list[Any]]:
        """A reply to each; what is no Exception, as the end of their time is, ends all of them."""
        replies: list[list[Any]] = []
        for question in questions:
            try:
                replies.append(["ok", _as_it_is(self._do(*question))])
            except Exception as error:
                replies.append(["raised", *describe(error)])
        return replies

    def _named(self, name: str) -> Any:
        try:
            return self._do_get(name)
        except BaseException as error:
            return Unavailable(error)

    def _do_get(self, name: str) -> Any:
        if name not in self.namespace:
            raise NameError(f"name '{name}' is not defined", name=name)
        return self.namespace[name]

    def _do_provide(self, name: str, value: Any) -> None:
        """Bind `name` to a value, holding what it was bound to (or that it was not), so that it can be put back."""
        self.replaced.append((name, name in self.namespace, self.namespace.get(name)))
        self.namespace[name] = value

    def restore(self) -> None:
        """Put back what `provide` replaced."""
        while self.replaced:
            name, bound, value = self.replaced.pop()
            if bound:
                self.namespace[name] = value
            else:
                self.namespace.pop(name, None)

    def _do_restore(self) -> None:
        self.restore()

    def _do_call(self, function: Any, arguments: list[Any], keywords: dict[str, Any]) -> Any:
        return function(*arguments, **keywords)

    def _do_call_method(self, target: Any, name: str, arguments: list[Any], keywords: dict[str, Any]) -> Any:
        return getattr(target, name)(*arguments, **keywords)

    def _do_new_object(self, kind: Any, calls: list[list[Any]]) -> list[Any]:
        made = kind()
        return [_as_it_is(getattr(made, name)(*arguments)) for name, arguments in calls]

    def _do_peak_memory(self, function: Any, arguments: list[Any], keywords: dict[str, Any]) -> Any:
        tracing = tracemalloc.is_tracing()
        if not tracing:
            tracemalloc.start()
        try:
            tracemalloc.reset_peak()
            before = tracemalloc.get_traced_memory()[0]
            result = function(*arguments, **keywords)
            return result, tracemalloc.get_traced_memory()[1] - before
        finally:
            if not tracing:
                tracemalloc.stop()

    def _do_count_calls(self, function: Any, arguments: list[Any], keywords: dict[str, Any]) -> Any:
        calls = 0

        def count_lines(frame: types.FrameType, event: str, argument: Any) -> Any:
            nonlocal calls
            calls += event in ("call", "line")
            if calls >= MAX_STEPS:
                stop()
                return None
            # Inside NumPy a call is one step, however many lines it has there.
            return None if str(frame.f_globals.get("__name__", "")).startswith("numpy") else count_lines

        def count_built_in(frame: types.FrameType, event: str, argument: Any) -> None:
            nonlocal calls
            calls += event == "c_call"
            if calls >= MAX_STEPS:
                stop()

        def stop() -> None:
            sys.settrace(None)
            sys.setprofile(None)

        before = sys.gettrace(), sys.getprofile()
        sys.settrace(count_lines)
        sys.setprofile(count_built_in)
        try:
            result = function(*arguments, **keywords)
        finally:
            sys.settrace(before[0])
            sys.setprofile(before[1])
        return result, calls

    def _do_getattr(self, target: Any, name: str) -> Any:
        return getattr(target, name)

    def _do_setattr(self, target: Any, name: str, value: Any) -> None:
        setattr(target, name, value)

    def _do_op(self, name: str, operands: list[Any]) -> Any:
        return OPERATORS[name](*operands)

    def _do_len(self, target: Any) -> int:
        return len(target)

    def _do_items(self, target: Iterable[Any]) -> list[Any]:
        return [item for item, _ in zip(target, range(MAX_ITEMS), strict=False)]

    def _do_keep(self, value: Any) -> Any:
        return value

    def _do_box(self, target: Any, name: str) -> wire.Ref:
        return self._reference(getattr(target, name))

    def _do_value(self, value: Any) -> Any:
        return value

    def _do_generator(self, seed: int) -> np.random.Generator:
        return np.random.default_rng(seed)


class Unavailable:
    """In the place of a result that there is none of: calling it, or asking it for anything, raises what went wrong."""

    def __init__(self, error: BaseException) -> None:
        self.__dict__["error"] = error

    def __call__(self, *arguments: Any, **keywords: Any) -> NoReturn:
        raise self.__dict__["error"]

    def __getattr__(self, name: str) -> NoReturn:
        raise self.__dict__["error"]


class Callback:
    """A function of the grader's, as the student's code sees it."""

    def __init__(self, server: Server, number: int) -> None:
        self._server = server
        self._number = number

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        return self._server.call_grader([self._number, list(arguments), keywords])


def _as_it_is(answer: Any, depth: int = 0) -> Any:
    """An answer that is sent later: its arrays as they are now, should what follows change them."""
    kind = type(answer)
    if issubclass(kind, np.ndarray):
        return np.array(np.ndarray.view(answer, np.ndarray), order="K")
    if kind in (list, tuple) and depth < wire.MAX_DEPTH:
        return kind(_as_it_is(each, depth + 1) for each in answer)
    if kind is dict and depth < wire.MAX_DEPTH:
        return {key: _as_it_is(each, depth + 1) for key, each in answer.items()}
    return answer


def describe(error: BaseException) -> tuple[list[str], str, list[list[Any]]]:
    """An exception as plain values: class names from the most specific up, the name a NameError misses, and the
    student's own lines `[text, line number]`, outermost first. Never the message: it may hold hidden input.
    """
    names = [str(kind.__name__)[:80] for kind in type(error).__mro__ if kind is not object][:12]
    missing = getattr(error, "name", None) if type(error) in (NameError, ModuleNotFoundError) else None
    own = []
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        if trace.tb_frame.f_globals.get("__name__") == "__main__" and code.co_filename != fence.__file__:
            text = linecache.getline(code.co_filename, trace.tb_lineno).strip()
            own.append([text[:120], trace.tb_lineno])
        trace = trace.tb_next
    return names, missing[:80] if type(missing) is str else "", own[-5:]


def _kind(value: Any) -> wire.Kind:
    if isinstance(value, type):
        return "type"
    functions = (types.FunctionType, types.MethodType, types.BuiltinFunctionType, np.ufunc)
    return "function" if issubclass(type(value), functions) else "object"


# Subclasses of value types cross as the plain value, through the base class's own methods: overridden ones may lie.
_PLAIN: dict[type, Callable[[Any], Any]] = {
    np.ndarray: lambda value: np.ndarray.view(value, np.ndarray),
    int: int.__int__,
    float: float.__float__,
    str: str.__str__,
    list: lambda value: list(list.__iter__(value)),
    tuple: lambda value: tuple(tuple.__iter__(value)),
    dict: lambda value: dict(dict.items(value)),
}
