"""A bar is shown while a long step lasts, and nothing of it stays."""

import pytest

from helpers import progress


class Terminal:
    def __init__(self, is_terminal: bool) -> None:
        self.text, self.is_terminal = "", is_terminal

    def isatty(self) -> bool:
        return self.is_terminal

    def write(self, text: str) -> None:
        self.text += text

    def flush(self) -> None:
        pass


@pytest.fixture
def clock(monkeypatch):
    """A second passes with each item."""
    seconds = iter(range(10_000))
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(seconds))
    monkeypatch.delenv("NB_QUIET", raising=False)
    monkeypatch.setattr(progress, "_in_lab", lambda: False)


def run(monkeypatch, n: int, is_terminal: bool = True) -> str:
    err = Terminal(is_terminal)
    monkeypatch.setattr(progress.sys, "stderr", err)
    assert list(progress.shown(iter(range(n)), n, "tokens")) == list(range(n))
    return err.text


def test_a_terminal_shows_one_line_and_wipes_it(monkeypatch, clock):
    text = run(monkeypatch, 10)
    assert "3 of 10, 1.0 a second, 7 s left" in text and "\n" not in text and text.endswith("\r\x1b[K")


def test_short_steps_pipes_and_quiet_runs_show_nothing(monkeypatch, clock):
    assert run(monkeypatch, 2) == ""
    assert run(monkeypatch, 10, is_terminal=False) == ""
    monkeypatch.setenv("NB_QUIET", "1")
    assert run(monkeypatch, 10) == ""


def test_an_interrupt_wipes_the_line_and_goes_on_its_way(monkeypatch, clock):
    err = Terminal(True)
    monkeypatch.setattr(progress.sys, "stderr", err)

    def items():
        yield from range(5)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(progress.shown(items(), 10, "tokens"))
    assert "of 10" in err.text and err.text.endswith("\r\x1b[K")


def test_in_a_notebook_the_bar_is_updated_in_place_and_leaves_an_empty_output(tmp_path):
    import nbformat
    from nbclient import NotebookClient

    code = (
        "import os, time; os.environ.pop('NB_QUIET', None)\n"
        "from helpers import progress\n"
        "progress.PATIENCE = 0\n"
        "n = sum(1 for _ in progress.shown((time.sleep(.25) for _ in range(4)), 4, '<b>'))"
    )
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    pages = []

    class Client(NotebookClient):
        def process_message(self, message, cell, number):
            if message["msg_type"].endswith("display_data"):
                pages.append(message["content"]["data"].get("text/html", ""))
            return super().process_message(message, cell, number)

    Client(notebook, timeout=60, kernel_name="python3").execute()
    assert any("<progress" in page and "4 of 4" in page for page in pages) and pages[-1] == ""
    assert [output.get("data") for output in notebook.cells[0].outputs] == [{}] and "<b>" not in "".join(pages)
