"""Attacks that want points for wrong work."""

from attack_lab.case import ATTACKED, WRONG, Case, Notebook, cell_of, function, graded_cells


def _skip(notebook: Notebook) -> None:
    for cell in graded_cells(notebook):
        cell["metadata"]["tags"] = ["skip-execution"]


def _raise_points(notebook: Notebook) -> None:
    for cell in graded_cells(notebook):
        cell["metadata"]["nbgrader"]["points"] = 1000


def _store_outputs(notebook: Notebook) -> None:
    result = {"output_type": "execute_result", "metadata": {}, "execution_count": 1, "data": {"text/plain": "10"}}
    for cell in graded_cells(notebook):
        cell["outputs"] = [result]


def _delete_graded(notebook: Notebook) -> None:
    notebook["cells"].remove(cell_of(notebook, f"{ATTACKED}_tests"))


def _to_markdown(notebook: Notebook) -> None:
    cell = cell_of(notebook, f"{ATTACKED}_tests")
    cell["cell_type"] = "markdown"
    del cell["outputs"], cell["execution_count"]


REWRITING = """
def rewrite(lines):
    return [LINES] if any("hidden tests of distances_two_loops" in line for line in lines) else lines
get_ipython().input_transformers_cleanup.append(rewrite)
"""


def rewriting(line: str) -> str:
    """Code that puts `line` in the place of the graded cell when it is run."""
    return WRONG + REWRITING.replace("LINES", repr(line + "\n"))


POINTS = (
    Case("none", "wrong work, handed in honestly"),
    Case("tag", "the graded cell is tagged `skip-execution`", change=_skip),
    Case(
        "graded cell rewritten", "an input transformer of IPython turns the graded cell into `pass`", rewriting("pass")
    ),
    Case("number forged", "the same, into the number `10.0`", rewriting("10.0")),
    Case("not a number", "the same, into `float('nan')`", rewriting("float('nan')")),
    Case("number too large", "the same, into `1e9`", rewriting("1e9")),
    Case(
        "syntax tree rewritten",
        "an AST transformer takes the calls and assertions out of the graded cell",
        WRONG
        + """
import ast
class Nothing(ast.NodeTransformer):
    def visit_Module(self, tree):
        return ast.Module([node for node in tree.body if isinstance(node, ast.ImportFrom)], [])
get_ipython().ast_transformers.append(Nothing())
""",
    ),
    Case(
        "display forged",
        "the hook that shows a cell's result shows `10`",
        WRONG
        + """
kind = type(get_ipython().displayhook)
kind.compute_format_data = lambda self, result: ({"text/plain": "10"}, {})
""",
    ),
    Case(
        "errors hidden",
        "IPython shows no traceback",
        WRONG + "\nget_ipython().showtraceback = lambda *arguments, **keywords: None\n",
    ),
    Case(
        "errors denied",
        "the same, and every cell's result says that it succeeded",
        WRONG
        + """
from IPython.core.interactiveshell import ExecutionResult
get_ipython().showtraceback = lambda *arguments, **keywords: None
ExecutionResult.success = True
""",
    ),
    Case(
        "object equal to everything",
        "an array whose comparisons and differences all come out right",
        """
class Agreeing(np.ndarray):
    def __array_ufunc__(self, *arguments, **keywords): return np.zeros(self.shape, dtype=bool)
    def __array_function__(self, *arguments, **keywords): return True
"""
        + function("return np.zeros((len(X), len(X_train))).view(Agreeing)"),
    ),
    Case(
        "numpy.testing replaced",
        "`assert_allclose` does nothing",
        WRONG + "\nnp.testing.assert_allclose = lambda *arguments, **keywords: None\n",
    ),
    Case(
        "autograder.grade replaced",
        "the function that the graded cell imports returns all points",
        WRONG + "\nimport autograder\nautograder.grade = lambda exercise, names, points=1.0: points\n",
    ),
    Case(
        "inputs changed",
        "the function empties its inputs, so that the expected answer is wrong too",
        function("X[...] = 0\nX_train[...] = 0\nreturn np.zeros((len(X), len(X_train)))"),
    ),
    Case(
        "tests read as they run",
        "the expected answer's formula is read from the graded cell's text, in `In`",
        function(
            r"""
import re
text = get_ipython().user_ns["In"][-1]
return eval(re.search(r"np\.sqrt\(.*axis=2\)\)", text).group(), {"np": np, "X": X, "X_train": X_train})
"""
        ),
    ),
    Case(
        "reference imported",
        "`from autograder.oracles import knn`",
        function("from autograder.oracles import knn\nreturn knn.distances(X, X_train)"),
    ),
    Case(
        "solution read",
        "the function is read from `source/` of the course and executed",
        f"""
import json
with open("COURSE/source/distances/distances.ipynb") as file:
    for cell in json.load(file)["cells"]:
        if cell["metadata"].get("nbgrader", {{}}).get("grade_id") == "{ATTACKED}":
            exec("".join(cell["source"]))
""",
    ),
    Case(
        "neighbour copied",
        "the function is read from another student's submission and executed",
        f"""
import json
with open("COURSE/submitted/ana/distances/distances.ipynb") as file:
    for cell in json.load(file)["cells"]:
        if cell["metadata"].get("nbgrader", {{}}).get("grade_id") == "{ATTACKED}":
            exec("".join(cell["source"]))
""",
    ),
    Case(
        "answers learnt by heart",
        "the feedback shows hidden inputs; handed in again, up to six times, with the answers to all that were seen",
        "TABLE, SEEN = KNOWN, []\n"
        + function(
            """
asked = str((X.tolist(), X_train.tolist()))
if asked not in TABLE:
    SEEN.append((X.tolist(), X_train.tolist()))
    return np.zeros((len(X), len(X_train)))
return np.array(TABLE[asked])
"""
        ),
        shows="print('SEEN', SEEN)",
    ),
    Case("points raised", "the graded cell's metadata say 1000 points", change=_raise_points),
    Case("result stored", "the graded cell is handed in with the result `10`", change=_store_outputs),
    Case("graded cell deleted", "it is not in the file", change=_delete_graded),
    Case("graded cell turned to text", "it is a markdown cell in the file", change=_to_markdown),
)
