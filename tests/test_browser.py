"""An assignment opens in JupyterLab, in a real browser, and its first cells are shown."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ROOT = Path(__file__).resolve().parents[1]
FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed: apt-get install chromium")


@pytest.fixture
def lab(tmp_path):
    """JupyterLab on a free port of this machine, with a copy of the assignments; yields its address."""
    shutil.copytree(ROOT / "assignments", tmp_path / "work")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--ip=127.0.0.1", f"--port={port}", "--allow-root"]
    options = ["--IdentityProvider.token=", f"--ServerApp.root_dir={tmp_path / 'work'}", "--expose-app-in-browser"]
    home = {"HOME": str(tmp_path), "JUPYTER_CONFIG_DIR": str(tmp_path / "config"), "IPYTHONDIR": str(tmp_path / "ipy")}
    log = (tmp_path / "lab.log").open("w")
    server = subprocess.Popen([*command, *options], env=os.environ | home, stdout=log, stderr=subprocess.STDOUT)
    try:
        wait_for(f"http://127.0.0.1:{port}/api", server, tmp_path / "lab.log")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(20)
        log.close()


def wait_for(address, server, log, seconds=90):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        assert server.poll() is None, log.read_text()
        try:
            urllib.request.urlopen(address, timeout=2).read()
            return
        except OSError:
            time.sleep(0.3)
    raise AssertionError(f"JupyterLab did not answer in {seconds} s:\n{log.read_text()}")


@pytest.mark.parametrize("name", ["01_knn", "02_linear"])
def test_an_assignment_opens_in_jupyterlab_and_its_first_code_cell_runs(lab, name, tmp_path):
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        page = browser.new_page(viewport={"width": 1400, "height": 1000})
        page.goto(f"{lab}/lab/tree/{name}/{name}.ipynb")
        page.wait_for_selector(".jp-Notebook .jp-MarkdownCell h1", timeout=90_000)
        assert page.locator(".jp-Notebook .jp-MarkdownCell h1").first.inner_text().strip()
        kernel_ready = ".jp-Notebook-ExecutionIndicator[data-status='idle']"
        page.wait_for_selector(kernel_ready, timeout=90_000)
        page.locator(".jp-Notebook .jp-CodeCell .cm-content").first.click()
        page.keyboard.press("Shift+Enter")
        page.wait_for_function(
            "() => [...document.querySelectorAll('.jp-InputPrompt')].some(p => /\\[\\d+\\]/.test(p.textContent))",
            timeout=90_000,
        )
        complaints = page.locator(
            ".jp-Notebook [data-mime-type='application/vnd.jupyter.stderr'] pre"
        ).all_inner_texts()
        assert all(text.startswith("Colouring garments (first use only)") for text in complaints), complaints
        page.screenshot(path=tmp_path / f"{name}.png")
        assert (tmp_path / f"{name}.png").stat().st_size > 20_000
        browser.close()
