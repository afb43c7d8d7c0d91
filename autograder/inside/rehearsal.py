"""What a worker does once before it forks, so that no submission pays for it: what libraries make only when first used.

IPython makes the parts that display a value when the first is displayed, NumPy those that print an array: in each fork
again, in pages of its own, were they not there.
"""

import linecache
import socket
from typing import Any

import numpy as np

from autograder.byvalue import wire
from autograder.byvalue.channel import Channel
from autograder.inside.cells import Cells
from autograder.inside.serving import Serving

SECONDS = 10.0
CELLS = (
    "import numpy as np\ndef double(x):\n    '''Twice `x`.'''\n    return 2 * np.asarray(x)",
    "print(double([1, 2]), 0.5 * np.eye(2))\ndouble(3)",
    "1 / 0",
)


def rehearse(cells: Cells) -> None:
    """Run cells and answer requests, as for a submission. Nothing of it stays in the notebook."""
    names, texts = dict(cells.namespace), set(linecache.cache)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        grader, serving = Channel(ours), Serving(Channel(theirs), cells.namespace, cells.run)
        for message in _messages():
            grader.send(wire.encode(message))
            serving.answer_next()
        serving.at_ease()
    cells.namespace.clear()
    cells.namespace.update(names)
    for name in set(linecache.cache) - texts:
        del linecache.cache[name]


def _messages() -> list[list[Any]]:
    function, array = wire.Ref("double", "object"), np.arange(12.0).reshape(3, 4)
    return [
        *(["cell", 1, source, SECONDS, False] for source in CELLS),
        ["begin", 0, ["scipy"]],
        ["heed", -1, "keep", array],
        ["do", 1, SECONDS, [[], "call", function, [array], {}]],
        ["do", 2, SECONDS, [[], "call", function, [[1, "two", (3.0, None)]], {}]],
        ["do", 3, SECONDS, [[], "count_calls", function, [array], {}]],
        ["do", 4, SECONDS, [[], "peak_memory", function, [array], {}]],
    ]
