"""Reading the pickles of published data sets without running what is in them.

A pickle may name any function of any module and call it. This reader knows the few names that a pickled NumPy array
needs, under the module names that Python 2, NumPy 1 and NumPy 2 gave them, and refuses every other.
Source: Python documentation, pickle, "Restricting Globals".
"""

import io
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np

from course_utils.data.errors import DataError


def load_plain_pickle(content: bytes, where: str) -> Any:
    """The numbers, strings (as bytes), lists, dicts and arrays in a pickle, Python 2's included.

    Raises DataError when the pickle asks for anything else or is damaged; `where` names it in the message.
    """
    try:
        return _PlainUnpickler(io.BytesIO(content), encoding="bytes").load()
    except DataError as refusal:
        raise DataError(f"{where}: {refusal}") from None
    except Exception as damage:  # the pickle module documents that damaged input may raise nearly any exception
        raise DataError(f"{where}: not a readable pickle ({type(damage).__name__}: {damage})") from damage


def _latin1(text: str, encoding: str | bytes) -> bytes:
    """What `_codecs.encode` does for bytes that Python 3 wrote in protocol 2; no other codec is needed."""
    if encoding not in ("latin1", b"latin1"):
        raise DataError(f"refused: the codec {encoding!r} has no place in a data set")
    return text.encode("latin1")


# The function by which a pickled array is made, however this NumPy calls its module.
_reconstruct: Callable[..., Any] = np.empty(0).__reduce__()[0]  # type: ignore[assignment]

_ALLOWED: dict[tuple[str, str], Any] = {
    ("numpy.core.multiarray", "_reconstruct"): _reconstruct,
    ("numpy._core.multiarray", "_reconstruct"): _reconstruct,
    ("numpy", "ndarray"): np.ndarray,
    ("numpy", "dtype"): np.dtype,
    ("_codecs", "encode"): _latin1,
}


class _PlainUnpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _ALLOWED:
            raise DataError(f"refused: it asks for {module}.{name}, which has no place in a data set")
        return _ALLOWED[module, name]
