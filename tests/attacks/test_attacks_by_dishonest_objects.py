"""Answers that are not what they claim: objects that agree with everything, subclasses, lies about class and length."""

import pytest
from hostile import function
from lab import ATTACKED, POINTS, Attack, Lab

CLASSES = """
import collections, numbers
class Agreeing:
    dtype, ndim, size, T = np.dtype(float), 2, 28, 0.0
    __hash__ = None
    def __eq__(self, other): return True
    __lt__ = __le__ = __gt__ = __ge__ = __contains__ = __eq__
    def __ne__(self, other): return False
    def __bool__(self): return True
    def __len__(self): return len(X_SEEN)
    @property
    def shape(self): return (len(X_SEEN), len(T_SEEN))
    def __getitem__(self, key): return Agreeing()
    def __iter__(self): return iter([Agreeing() for _ in T_SEEN])
    def __sub__(self, other): return 0.0
    __rsub__ = __add__ = __radd__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = __sub__
    def __abs__(self): return 0.0
    def __float__(self): return 0.0
    def __int__(self): return 0
    def __index__(self): return 0
    def __call__(self, *arguments, **keywords): return Agreeing()
    def tolist(self): return [[Agreeing() for _ in T_SEEN] for _ in X_SEEN]
class AgreeingArray(np.ndarray):
    def __eq__(self, other): return True
    def __sub__(self, other): return np.zeros(self.shape)
    __rsub__ = __sub__
    def __array_ufunc__(self, *arguments, **keywords): return np.True_
    def __array_function__(self, *arguments, **keywords): return True
    def __array_finalize__(self, other): pass
    def tobytes(self, *order): return b""
class Lying(Agreeing):
    __class__ = np.ndarray
class LyingNumber(float):
    def __eq__(self, other): return True
    def __sub__(self, other): return 0.0
    def __float__(self): return 5.0
class Subtle(float):
    def __new__(cls, value): return float.__new__(cls, 0.0)
class Growing(list):
    def __len__(self): return 10**9
    def __iter__(self):
        while True: yield 0.0
class Mapping(dict):
    def items(self):
        while True: yield "k", 0.0
class Meta(type):
    def __instancecheck__(cls, other): return True
    def __eq__(cls, other): return True
    def __hash__(cls): return hash(np.ndarray)
    def mro(cls): return [cls, object]
class Metaclassed(metaclass=Meta):
    def __eq__(self, other): return True
class Impossible:
    def __array__(self, *arguments, **keywords): return np.zeros((len(X_SEEN), len(T_SEEN)))
    __array_interface__ = {"shape": (4, 7), "typestr": "<f8", "data": (1, False), "version": 3}
class Raising:
    def __getattribute__(self, name): raise SystemExit
    def __del__(self): raise KeyboardInterrupt
numbers.Real.register(Agreeing)
np.ndarray.__subclasshook__ = None if False else None
""".replace("np.ndarray.__subclasshook__ = None if False else None\n", "")

RETURNED = {
    "an object equal to everything": "Agreeing()",
    "a list of objects equal to everything": "[Agreeing() for _ in X]",
    "lists of lists of objects equal to everything": "Agreeing().tolist()",
    "an array of objects equal to everything": "np.array(Agreeing().tolist(), dtype=object)",
    "a class whose instances are everything": "Metaclassed",
    "an instance of a class that lies about its ancestors": "Metaclassed()",
    "an array equal to everything": "np.zeros((len(X), len(X_train))).view(AgreeingArray)",
    "an object that says it is an array": "Lying()",
    "an object that turns into an array": "Impossible()",
    "an object that none may look at": "Raising()",
    "a number equal to everything": "LyingNumber(0)",
    "an array of numbers that lie": "np.array([[LyingNumber(0)] * len(X_train)] * len(X))",
    "rows of numbers that lie": "[[Subtle(1)] * len(X_train)] * len(X)",
    "a list that never ends": "Growing()",
    "a dict that never ends": "Mapping()",
    "a generator that never ends": "iter(int, 1)",
    "a list that contains itself": "(lambda held: held.append(held) or held)([])",
    "a masked array, all masked": "np.ma.masked_all((len(X), len(X_train)))",
    "an array of a single zero, broadcast": "np.broadcast_to(0.0, (len(X), len(X_train)))",
    "a matrix": "np.asmatrix(np.zeros((len(X), len(X_train))))",
    "not a number": "np.full((len(X), len(X_train)), np.nan)",
    "infinity": "np.full((len(X), len(X_train)), np.inf)",
    "complex not a number": "np.full((len(X), len(X_train)), complex(np.nan, np.nan))",
    "texts of numbers": "np.full((len(X), len(X_train)), '0.0')",
    "dates": "np.zeros((len(X), len(X_train)), 'M8[s]')",
    "records": "np.zeros((len(X), len(X_train)), 'f8,f8')",
    "half precision, infinite": "np.full((len(X), len(X_train)), 1e9).astype(np.float16)",
    "long double": "np.zeros((len(X), len(X_train)), np.longdouble)",
    "truth values that are neither": "np.frombuffer(bytes([7] * len(X) * len(X_train)), bool).reshape(len(X), -1)",
    "a whole number of a thousand digits": "10**1000",
    "an exception": "ValueError('passed')",
    "not implemented": "NotImplemented",
    "ellipsis": "...",
    "the type of arrays": "np.ndarray",
    "itself": "distances_two_loops",
    "the connection": "__import__('gc').get_objects()",
}

# A right answer in unusual clothes crosses as what it is.
RIGHT_IN_DISGUISE = {
    "an array subclass whose own methods lie": "right(X, X_train).view(AgreeingArray)",
    "a transposed copy, transposed": "np.ascontiguousarray(right(X, X_train).T).T",
    "a view with steps": "np.repeat(right(X, X_train), 2, axis=1)[:, ::2]",
    "a read-only array": "np.broadcast_to(right(X, X_train), (len(X), len(X_train)))",
}


def returning(expression: str) -> str:
    return function(f"global X_SEEN, T_SEEN\nX_SEEN, T_SEEN = X, X_train\nreturn {expression}", CLASSES)


@pytest.mark.parametrize("expression", RETURNED.values(), ids=RETURNED.keys())
def test_a_dishonest_object_earns_nothing(any_lab: Lab, expression: str) -> None:
    any_lab.resists(Attack(returning(expression)))


@pytest.mark.parametrize("expression", RIGHT_IN_DISGUISE.values(), ids=RIGHT_IN_DISGUISE.keys())
def test_a_right_answer_in_disguise_earns_its_points(any_lab: Lab, expression: str) -> None:
    right = "def right(X, X_train): return np.sqrt(((X[:, None].astype(float) - X_train) ** 2).sum(axis=2))\n"
    graded = any_lab.grade(Attack(right + returning(expression)))
    assert graded.attacked == POINTS[ATTACKED]
    any_lab.is_unharmed(graded)
