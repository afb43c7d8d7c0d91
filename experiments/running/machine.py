"""What a table says of the machine it was computed on: enough to judge it, nothing that tells whose it is."""

from __future__ import annotations

import os
import platform
import subprocess
from pathlib import Path

import numpy as np


def machine() -> str:
    """Processor, cores, system, and the versions of Python and NumPy, in a line."""
    cores = os.cpu_count() or 1
    return (
        f"{_processor()}, {cores} core{'s' * (cores != 1)}, {_system()}, "
        f"Python {platform.python_version()}, NumPy {np.__version__}"
    )


def _processor() -> str:
    found = ""
    if platform.system() == "Linux":
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
        found = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    elif platform.system() == "Darwin":
        ask = ["sysctl", "-n", "machdep.cpu.brand_string"]
        found = subprocess.run(ask, capture_output=True, text=True, check=False).stdout.strip()
    return found or platform.processor() or platform.machine()


def _system() -> str:
    if platform.system() == "Linux":
        try:
            return platform.freedesktop_os_release()["PRETTY_NAME"]
        except OSError:
            return "Linux"
    if platform.system() == "Darwin":
        return f"macOS {platform.mac_ver()[0]}"
    return f"{platform.system()} {platform.release()}"
