"""How the command writes: tables to a person, JSON to a program."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import typer
from rich.console import Console

WORK = typer.Option(None, "--work", help="Folder of your work (else COURSE_WORK, else ./work).", show_default=False)
JSON = typer.Option(False, "--json", help="Write JSON for a program to read.")

WorkOption = Path | None


def console() -> Console:
    """A console on the present stdout.  File names and code are shown as they are, without markup or colouring."""
    return Console(markup=False, highlight=False, emoji=False)


def write_json(value: Any) -> None:
    """Write strict JSON: what is not a number becomes null."""
    typer.echo(json.dumps(_strict(value), indent=2, ensure_ascii=False, allow_nan=False))


def number(value: float) -> str:
    """Points without a needless ``.0``."""
    return f"{value:.1f}".removesuffix(".0")


def _strict(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _strict(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_strict(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
