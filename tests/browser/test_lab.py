"""The notebooks in a real JupyterLab: run from top to bottom in Chromium, no error, nothing asked of the network.

Runs with BROWSER=1 where playwright and Chromium are installed (python run.py test --browser).
"""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import nbformat
import pytest

from helpers.study import ROOT

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = pytest.mark.skipif(
    os.environ.get("BROWSER") != "1" or not CHROMIUM, reason="a browser test (BROWSER=1, and Chromium installed)"
)
NO_NEWS = '{"fetchNews": "false", "checkForUpdates": false}'


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """The address of a JupyterLab on copies of the notebooks, with settings of its own."""
    home = tmp_path_factory.mktemp("lab")
    notebooks = shutil.copytree(ROOT / "notebooks", home / "notebooks")
    settings = home / "settings" / "@jupyterlab" / "apputils-extension"
    settings.mkdir(parents=True)
    (settings / "notification.jupyterlab-settings").write_text(NO_NEWS, encoding="utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port, token = free.getsockname()[1], secrets.token_hex(8)
    env = {name: value for name, value in os.environ.items() if name != "NB_QUIET"} | {
        "PYTHONPATH": str(ROOT),
        "RESULTS": str(home / "results"),
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
    }
    options = [f"--ServerApp.port={port}", "--ServerApp.port_retries=0", f"--IdentityProvider.token={token}"]
    options += [f"--ServerApp.root_dir={notebooks}", "--allow-root", "--no-browser", "--LabApp.news_url="]
    server = subprocess.Popen([sys.executable, "-m", "jupyterlab", *options], env=env, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    for _ in range(240):
        try:
            urllib.request.urlopen(f"{address}/api?token={token}", timeout=2)
            break
        except OSError:
            time.sleep(0.5)
    # a workspace of its own each time, or the tabs of the test before would be opened again
    yield lambda name: f"{address}/lab/workspaces/{secrets.token_hex(4)}/tree/{name}?token={token}", notebooks
    server.send_signal(signal.SIGTERM)
    server.wait(30)


@pytest.fixture(scope="module")
def chromium():
    playwright = pytest.importorskip("playwright.sync_api")
    arguments = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def opened(lab, chromium):
    """Opens a notebook and runs all its cells; afterwards nothing outside may have been asked for."""
    address, notebooks = lab
    context = chromium.new_context(viewport={"width": 1400, "height": 1000})
    page, outside = context.new_page(), []
    ours = ("data:", "blob:")
    page.on(
        "request", lambda r: outside.append(r.url) if "127.0.0.1" not in r.url and not r.url.startswith(ours) else None
    )

    def run(name: str):
        page.goto(address(name))
        page.wait_for_selector(".jp-Notebook", timeout=120_000)
        page.get_by_text("| Idle").first.wait_for(timeout=120_000)  # a kernel that is not there yet would be asked for
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        for _ in range(60):  # cells out of sight are not in the page: what is saved says how far it has come
            page.wait_for_timeout(3_000)
            page.keyboard.press("Control+s")
            try:
                notebook = nbformat.read(Path(notebooks) / name, as_version=4)
            except nbformat.reader.NotJSONError:  # met in the middle of being written
                continue
            cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
            if all(c["execution_count"] for c in cells) or any(
                o.output_type == "error" for c in cells for o in c.outputs
            ):
                break
        return page, notebook

    yield run
    context.close()
    assert outside == []


@pytest.mark.parametrize("name", ["00-start-here.ipynb", "07-which-frames-appear.ipynb"])
def test_a_notebook_runs_from_top_to_bottom(opened, name):
    _, notebook = opened(name)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [c["execution_count"] for c in cells] == list(range(1, len(cells) + 1))
    assert not [o for c in cells for o in c.outputs if o.output_type == "error"]


def test_the_explorer_finds_filters_and_opens(opened):
    page, _ = opened("00-start-here.ipynb")
    search = page.get_by_role("textbox", name="检索 search").first
    search.scroll_into_view_if_needed(timeout=30_000)
    said = page.locator("[role=status]").first
    before = said.inner_text()
    search.fill("核酸")
    page.wait_for_function("old => document.querySelector('[role=status]').innerText != old", arg=before)
    found = said.inner_text()
    page.get_by_label("框架 frame").first.select_option(index=1)
    page.wait_for_function("old => document.querySelector('[role=status]').innerText != old", arg=found)
    page.get_by_role("button", name="打开 open").first.click()
    page.wait_for_selector("mark", timeout=30_000)
