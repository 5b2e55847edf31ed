"""What all tests in a browser start from: Chromium, and a JupyterLab on copies of the notebooks.

They run with BROWSER=1 where playwright and Chromium are installed (python run.py test --browser), and are skipped elsewhere.
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

import pytest

from helpers.study import ROOT

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
NO_NEWS = '{"fetchNews": "false", "checkForUpdates": false}'


@pytest.fixture(scope="module", autouse=True)
def chromium():
    if os.environ.get("BROWSER") != "1" or not CHROMIUM:
        pytest.skip("a browser test (BROWSER=1, and Chromium installed)")
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


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
