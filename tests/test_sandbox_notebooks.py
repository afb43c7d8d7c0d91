"""What a student's process can do: everything that notebooks need, at each level and by each kind of user."""

import pytest
from sandbox_runs import Worker

pytest_plugins = ["sandbox_fixtures"]

ALLOWED = {
    "read the course": ("open(HOUSE + '/course/open.txt').read()", "this is course/open.txt"),
    "read what is kept below a hidden folder": (
        "open(HOUSE + '/course/hidden/kept/b.txt').read()",
        "this is course/hidden/kept/b.txt",
    ),
    "write and read in the working directory": (
        "[open('a.txt', 'w').write('b'), open('a.txt').read(), __import__('os').listdir()]",
        [1, "b", ["a.txt"]],
    ),
    "random numbers of the system": ("len(__import__('os').urandom(8) + open('/dev/urandom', 'rb').read(8))", 16),
    "write into nothing": ("open('/dev/null', 'w').write('x')", 1),
    "signal itself": ("import signal; signal.signal(10, lambda *_: None); signal.raise_signal(10)", None),
    "a timer": ("import signal; signal.setitimer(signal.ITIMER_REAL, 50)", None),
    "a connected pair of sockets": ("[a.send(b'x') for a in __import__('socket').socketpair()]", [1, 1]),
    "processors": ("(__import__('os').cpu_count() or 1) > 0", True),
}


@pytest.mark.parametrize("what", ALLOWED)
def test_a_student_can(worker: Worker, what: str) -> None:
    code, expected = ALLOWED[what]
    *first, last = code.split("; ")
    outcome = worker.run("\n".join([*first, f"result = {last}"]))
    assert not outcome.error, outcome
    assert expected is None or outcome.result == expected


WORKING = {
    "numpy": "import numpy as np\nresult = float(np.linalg.svd(np.eye(200))[1].sum()) == 200",
    "arrays in files": (
        "import numpy as np\nnp.save('a.npy', np.arange(9))\nresult = int(np.load('a.npy', mmap_mode='r').sum()) == 36"
    ),
    "matplotlib": (
        "import matplotlib.pyplot as plt\nplt.plot([1, 2]); plt.savefig('a.png')\n"
        "result = open('a.png', 'rb').read(4) == b'\\x89PNG'"
    ),
    "threads": (
        "from concurrent.futures import ThreadPoolExecutor\nwith ThreadPoolExecutor(4) as pool:\n"
        "    result = list(pool.map(abs, range(-9, 0))) == list(range(9, 0, -1))"
    ),
    "asyncio": "import asyncio\nresult = asyncio.run(asyncio.sleep(0.001, True))",
    "temporary files": (
        "import tempfile\nwith tempfile.NamedTemporaryFile() as file:\n    result = file.write(b'abc') == 3"
    ),
    "copying files": "import shutil\nopen('a', 'w').write('x')\nresult = shutil.copy('a', 'b') == 'b'",
    "touching files": "import pathlib\npath = pathlib.Path('a')\npath.touch(), path.touch()\nresult = path.exists()",
    "lazy imports": "import sqlite3, xml.dom.minidom, numpy.polynomial\nresult = True",
    "IPython": (
        "from IPython.core.interactiveshell import InteractiveShell\nfrom traitlets.config import Config\n"
        "import os; os.environ['IPYTHONDIR'] = os.environ['TMPDIR']\n"
        "shell = InteractiveShell.instance(config=Config({'HistoryManager': {'enabled': False}}))\n"
        "result = shell.run_cell('%time 6 * 7\\n6 * 7').result == 42"
    ),
    "ctypes": "import ctypes\nresult = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int)(lambda n: n + 1)(1) == 2",
    "an error with a name": "import os\ntry:\n    os.fork()\nexcept PermissionError as e:\n    result = e.errno == 1",
}


@pytest.mark.parametrize("what", WORKING)
def test_what_notebooks_use_works(worker: Worker, what: str) -> None:
    outcome = worker.run(WORKING[what])
    assert outcome.result is True, outcome
