"""The notebooks in a real JupyterLab: run from top to bottom in Chromium, no error, nothing asked of the network."""

from pathlib import Path

import nbformat
import pytest


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
