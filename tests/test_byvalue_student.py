"""A hidden test sees the student's code by value: copies, handles, and errors as values."""

import collections
import operator

import numpy as np
import pytest

from autograder.byvalue import Handle, LimitError, StudentError, WireError, open_loopback
from autograder.byvalue.wire import Ref


def student_of(source: str):
    namespace = {"__name__": "__main__", "np": np}
    exec(source, namespace)
    return open_loopback(namespace)


def test_arguments_and_results_are_copies():
    student = student_of("seen = []\ndef f(x):\n    seen.append(x); x += 1\n    return x")
    x = np.zeros(3)
    np.testing.assert_array_equal(student.f(x), np.ones(3))
    np.testing.assert_array_equal(x, np.zeros(3))


def test_a_kept_value_shows_what_the_student_did_to_it():
    student = student_of("def f(x): x += 1")
    kept = student.keep(np.zeros(3))
    student.f(kept)
    student.f(kept)
    np.testing.assert_array_equal(student.value(kept), np.full(3, 2.0))


def test_objects_stay_behind_handles_that_read_and_write_attributes_and_operate():
    student = student_of(
        "class V:\n"
        "    def __init__(self, d): self.d = d\n"
        "    def __add__(self, o): return V(self.d + getattr(o, 'd', o))\n"
        "    __radd__ = __add__\n"
        "    def __neg__(self): return V(-self.d)\n"
        "    def __len__(self): return 3\n"
        "    def __getitem__(self, i): return [0, 2, 4][i]\n"
        "    def __lt__(self, o): return True\n"
        "    __eq__ = __contains__ = __lt__"
    )
    a, b = student.V(1.0), student.V(2.0)
    assert isinstance(a, Handle)
    assert (a + b).d == 3.0
    assert (2.0 + a).d == 3.0
    assert (float(np.float64(2)) + a).d == 3.0
    assert (-a).d == -1.0
    for compare in (operator.lt, operator.eq, operator.ne, operator.contains):
        with pytest.raises(TypeError, match="not compared"):
            compare(a, b)
    with pytest.raises(TypeError, match="no array"):
        np.asarray(a)
    assert len(a) == 3 and a[2] == 4
    a.d = 7.0
    assert a.d == 7.0
    assert "student's" in repr(a)
    with pytest.raises(TypeError, match="no truth value"):
        bool(a)


def test_a_box_changes_what_a_plain_read_would_only_copy():
    student = student_of("class N:\n    def __init__(self): self.params = {'W': np.zeros(2)}")
    net = student.N()
    net.params["W"] = np.ones(2)  # a copy: has no effect
    np.testing.assert_array_equal(net.params["W"], np.zeros(2))
    student.box(net, "params")["W"] = np.ones(2)
    np.testing.assert_array_equal(net.params["W"], np.ones(2))


def test_items_of_an_iterable_object_can_be_read():
    assert [*iter(student_of("def g():\n    yield from range(3)").g())] == [0, 1, 2]


def test_functions_passed_in_are_called_back_by_value():
    student = student_of("def twice(f, x): return f(f(x))")
    assert student.twice(lambda x: x * 3, 2) == 18


def test_a_failure_inside_a_function_passed_in_is_the_graders_own():
    def f(x):
        raise ZeroDivisionError("hidden")

    student = student_of("def call(f):\n    try: f(1)\n    except Exception as e: return str(e)\n    return 'quiet'")
    with pytest.raises(ZeroDivisionError):
        student.call(f)


def test_calls_of_a_function_passed_in_are_bounded():
    student = student_of("def forever(f):\n    while True: f(0)")
    with pytest.raises(LimitError):
        student.forever(lambda x: x)


def test_a_generator_lives_on_the_students_side():
    student = student_of("def draw(rng): return rng.normal(size=3)")
    rng = student.generator(5)
    np.testing.assert_array_equal(student.draw(rng), np.random.default_rng(5).normal(size=3))


def test_peak_memory_counts_what_the_call_allocates():
    student = student_of("def big(n): return float(np.zeros(n).sum())")
    result, peak = student.peak_memory(student.big, 1_000_000)
    assert result == 0.0
    assert 8_000_000 <= peak < 9_000_000


@pytest.mark.parametrize(
    ("body", "grows"), [("[abs(v) for v in x.tolist()]", True), ("[v * v for v in x]", True), ("abs(x).sum()", False)]
)
def test_calls_are_counted_and_grow_with_a_loop_only(body, grows):
    student = student_of(f"def f(x): return float(sum({body}) if {grows} else {body})")
    few, many = (student.count_calls(student.f, np.ones(n))[1] for n in (10, 1000))
    assert (many - few > 900) == grows
    assert student.count_calls(student.f, np.ones(7))[0] == 7.0


def test_a_provided_function_replaces_the_students_until_the_test_ends():
    student = student_of("def helper(): return 'wrong'\ndef f(): return helper()")
    student.provide("helper", lambda: "right")
    student.provide("absent", lambda: "right")
    assert student.f() == "right"
    student._restore()
    assert student.f() == "wrong"
    with pytest.raises(StudentError):
        _ = student.absent


RAISING = {
    "an error": ("def f(): raise RuntimeError('no')", "RuntimeError"),
    "sys.exit": ("def f(): raise SystemExit(0)", "SystemExit"),
    "an interrupt": ("def f(): raise KeyboardInterrupt", "KeyboardInterrupt"),
    "an own exception": ("class Mine(ValueError): pass\ndef f(): raise Mine()", "Mine"),
    "a missing function": ("", "NameError"),
    "a lambda that cannot be called so": ("f = lambda x: x", "TypeError"),
}


@pytest.mark.parametrize("name", RAISING)
def test_what_the_student_raises_arrives_as_a_value(name):
    source, kind = RAISING[name]
    student = student_of(source)
    with pytest.raises(StudentError) as caught:
        student.f()
    assert caught.value.kinds[0] == kind


def test_the_message_of_a_students_exception_never_crosses():
    student = student_of("def f(x): raise ValueError(f'hidden input was {x}')")
    with pytest.raises(StudentError) as caught:
        student.f(1234.5)
    assert "1234.5" not in repr(vars(caught.value)) + str(caught.value)


def test_the_students_own_line_is_named():
    student = student_of("def f(x):\n    y = x\n    return y / 0")
    with pytest.raises(StudentError) as caught:
        student.f(1.0)
    assert caught.value.lines[-1][1] == 3


# Answers made to fool a comparison: each must arrive as a plain value, or be refused, or stay behind a handle.
LYING = {
    "an object equal to all": "class E:\n    __eq__ = lambda s, o: True\n    shape = (2, 2)\ndef f(): return E()",
    "an array that calls itself close": (
        "class L(np.ndarray):\n    def __array_function__(s, *a): return True\n    def __eq__(s, o): return True\n"
        "def f(): return np.zeros((2, 2)).view(L)"
    ),
    "an object array": "def f(): return np.array([[object()]])",
    "a lying __class__": "class A:\n    __class__ = float\n    def __float__(s): return 1.0\ndef f(): return A()",
    "a float that compares equal": "class F(float):\n    __eq__ = lambda s, o: True\ndef f(): return F(2)",
    "a huge integer": "def f(): return 10**5000",
    "a matrix": "def f(): return np.matrix([[1.0, 2.0]])",
    "a masked array": "def f(): return np.ma.array([1.0, 2.0], mask=True)",
    "a list whose iterator lies": "class L(list):\n    def __iter__(s): return iter([1])\ndef f(): return L([5, 6])",
    "an export that raises": "class B:\n    def __class__(s): raise BaseException\ndef f(): return [B()] * 3",
}
PLAIN = (type(None), bool, int, float, str, bytes, list, tuple, dict, np.ndarray, np.float64, Handle)


@pytest.mark.parametrize("name", LYING)
def test_an_answer_that_lies_arrives_plain_or_not_at_all(name):
    try:
        answer = student_of(LYING[name]).f()
    except (StudentError, LimitError):
        return
    assert type(answer) in PLAIN


def test_subclasses_of_value_types_arrive_as_the_plain_type_with_their_true_content():
    student = student_of(LYING["a list whose iterator lies"])
    assert student.f() == [5, 6]
    point = collections.namedtuple("P", "a b")
    student = open_loopback({"f": lambda: point(1, 2)})
    assert type(student.f()) is tuple


def test_a_hidden_test_cannot_pass_an_object_of_its_own():
    with pytest.raises(WireError, match="only values, handles and functions cross"):
        student_of("def f(x): return x").f(object())


def test_nothing_that_student_code_prints_is_seen(capsys):
    student_of("import sys\ndef f(x):\n    print(x); sys.stderr.write('secret')").f("hidden input")
    captured = capsys.readouterr()
    assert captured.out == captured.err == ""


def test_objects_are_let_go_when_the_grader_lets_go():
    student = student_of("class Big: pass")
    for _ in range(25_000):
        student.Big()


def test_an_unrecorded_call_leaves_no_reply_behind_and_its_place_can_be_taken():
    student = student_of("def f(x): return x + 1, {'kept': object()}")
    out, cache = student.unrecorded(student.f, np.zeros(2))
    np.testing.assert_array_equal(out, np.ones(2))
    assert isinstance(cache["kept"], Handle)
    assert student._peer.trace.replies == []
    student.record(out)
    ((status, value),) = student._peer.trace.replies
    assert status == "ok"
    np.testing.assert_array_equal(value, np.ones(2))


def test_a_name_known_to_be_a_function_is_looked_up_when_it_is_used():
    student = student_of("def f(x): return x + 1")
    student._callable = "f"
    assert (student.f(1), student.f(2)) == (2, 3)
    missing = student_of("g = 1")
    missing._callable = "f"
    handle = missing.f
    for use in (lambda: handle(1), lambda: handle.attribute):
        with pytest.raises(StudentError) as raised:
            use()
        assert (raised.value.kinds[0], raised.value.missing_name) == ("NameError", "f")
    assert missing.g == 1


def test_a_method_is_called_in_one_request():
    student = student_of(
        "class Counter:\n    count = 0\n    def add(self, n):\n        self.count += n\n        return self.count\n"
        "    @property\n    def later(self): return lambda: self.add(10)"
    )
    counter = student.Counter()
    assert [student.call_method(counter, "add", n) for n in (2, 3)] == [2, 5]
    assert student.call_method(counter, "add", n=1) == 6 == counter.count
    assert student.call_method(counter, "later") == 16
    with pytest.raises(StudentError) as raised:
        student.call_method(counter, "take", 1)
    assert raised.value.kinds[0] == "AttributeError"


def test_several_questions_are_answered_in_one_request():
    student = student_of(
        "seen = []\ndef f(x, by=1):\n    seen.append(x)\n    return x / by\ndef count(): return len(seen)"
    )
    requests = []
    transport = student._peer.transport
    student._peer.transport = lambda request, peer: requests.append(request[1]) or transport(request, peer)
    f = student.f
    answers = student.several(f, (6,), (6, 2), (6, 3))
    assert (list(answers), len(answers), answers[1], requests) == ([6.0, 3.0, 2.0], 3, 3.0, ["get", "several"])
    assert list(student.several(f)) == []
    assert student.count() == 3


def test_each_of_several_questions_has_its_own_error_and_all_are_answered():
    student = student_of("def f(x): return 1 / x")
    answers = student.several(student.f, (1,), (0,), (2,))
    assert (answers[0], answers[2]) == (1.0, 0.5)
    for _ in range(2):
        with pytest.raises(StudentError) as raised:
            answers[1]
        assert raised.value.kinds[0] == "ZeroDivisionError"
    assert student._peer.trace.replies == [("ok", 1.0), ("raised", "ZeroDivisionError"), ("ok", 0.5)]


def test_after_several_questions_come_copies_of_what_was_kept():
    student = student_of("def f(x):\n    x += 1\n    return x")
    first, second = student.keep(np.zeros(2)), student.keep(np.zeros((3, 2), order="F"))
    one, two, again, (now, other) = student.several(student.f, (first,), (second,), (first,), then=[first, second])
    np.testing.assert_array_equal(one, np.ones(2))  # as it was before the last call
    np.testing.assert_array_equal(again, np.full(2, 2.0))
    np.testing.assert_array_equal(now, np.full(2, 2.0))
    np.testing.assert_array_equal(other, np.ones((3, 2)))
    assert two.flags.f_contiguous and not two.flags.c_contiguous


def test_a_new_object_is_made_and_its_methods_called_in_one_request():
    student = student_of(
        "class Counter:\n    def __init__(self): self.n = 0\n    def add(self, n): self.n += n; return self\n"
        "    def total(self): return self.n"
    )
    kept = student.keep([5])
    handle, total, now = student.new_object(student.Counter, ("add", 2), ("total",), then=kept)
    assert (total, now) == (2, [5])
    assert student.call_method(handle, "total") == 2
    assert student.new_object(student.Counter, ("total",))[0] == 0
    for calls in ((("add",),), (("total",), ("missing",))):
        with pytest.raises(StudentError):
            student.new_object(student.Counter, *calls)
        with pytest.raises(StudentError):
            student.new_objects(student.Counter, [("total",)], calls)
    each = student.new_objects(student.Counter, [("add", 2), ("total",)], [("total",)])
    assert [answers[-1] for answers in each] == [2, 0]


@pytest.mark.parametrize(
    "replies", [[["ok", 1]], [["ok", 1], ["ok"]], [["ok", 1], ["raised", [], "", [["", "x"]]]], "no"]
)
def test_malformed_replies_to_several_questions_end_the_test(replies):
    student = student_of("def f(x): return x")
    f = student.f
    student._peer.transport = lambda request, peer: ["ok", replies]
    with pytest.raises(LimitError, match="malformed"):
        student.several(f, (1,), (2,))


@pytest.mark.parametrize("results", [[], [1, 2], 3])
def test_a_new_objects_methods_have_an_answer_each(results):
    student = student_of("class C: pass")
    kind = student.C
    student._peer.transport = lambda request, peer: ["ok", [["ok", results]]]
    with pytest.raises(LimitError, match="malformed"):
        student.new_object(kind, ("f",))
    with pytest.raises(LimitError, match="malformed"):
        student.new_objects(kind, [("f",)])


def test_answers_are_as_they_were_when_they_were_given():
    shared = "b = np.zeros(2)\ndef f(x):\n    b[:] = x\n    return {}"
    for given, array_in in (("(b, 1)", lambda a: a[0]), ("[[b]]", lambda a: a[0][0]), ("{'b': b}", lambda a: a["b"])):
        student = student_of(shared.format(given))
        assert [array_in(answer).tolist() for answer in student.several(student.f, (1,), (2,))] == [[1, 1], [2, 2]]
    student = student_of("class A(np.ndarray): pass\nb = np.zeros(2).view(A)\ndef f(x):\n    b[:] = x\n    return b")
    assert [answer.tolist() for answer in student.several(student.f, (1,), (2,))] == [[1, 1], [2, 2]]


def test_an_answer_that_cannot_cross_spoils_no_other():
    student = student_of("def f(x): return 5 if x == 1 else [lambda: 0] * 30_000 if x == 2 else np.array([object()])")
    answers = student.several(student.f, (1,), (2,), (3,), (1,))
    assert (answers[0], answers[3]) == (5, 5)
    for place in (1, 2):
        with pytest.raises(StudentError) as raised:
            answers[place]
        assert raised.value.kinds == ["ValueThatCannotCross"]


@pytest.mark.parametrize("name", ["f", "l" * 300])
def test_a_students_side_that_answers_with_a_name_is_refused(name):
    student = student_of("def f(x): return x")
    with pytest.raises(WireError, match="name"):
        student._peer.resolve(Ref(name, "function"))
