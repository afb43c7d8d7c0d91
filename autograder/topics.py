"""Where the files of a notebook's topic stand: `FOLDER/TOPIC.py`, or the package `FOLDER/TOPIC/` where one file is too
long, in each of `hidden/`, `oracles/` and `mutants/`."""

from pathlib import Path

AUTOGRADER = Path(__file__).resolve().parent
FOLDERS = ("hidden", "oracles", "mutants")


def files_of_topic(folder: str | Path, topic: str, autograder: Path = AUTOGRADER) -> list[Path]:
    """The Python files of `topic` in `folder`, sorted; empty when there are none."""
    home = Path(autograder) / folder
    return [path for path in (home / f"{topic}.py", *sorted((home / topic).rglob("*.py"))) if path.is_file()]


def topics_in(folder: str | Path, autograder: Path = AUTOGRADER) -> set[str]:
    """Every topic that has a file or a package in `folder`."""
    home = Path(autograder) / folder
    packages = {path.parent.name for path in home.glob("*/__init__.py")}
    return packages | {path.stem for path in home.glob("*.py")} - {"__init__"}


def topic_of_module(module: str) -> str:
    """The topic of a module's dotted name: `autograder.mutants.linear.softmax` belongs to `linear`."""
    names = module.split(".")
    return names[2] if names[0] == "autograder" and len(names) > 2 else names[-1]
