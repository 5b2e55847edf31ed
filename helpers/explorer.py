"""A browser of the sentences in JupyterLab: `explorer.show(study)` filters while one types and opens the page behind a line.

Where there is no live notebook (a page made of it, a run without a reader, ipywidgets missing) it shows a plain table instead.
"""

import os
from importlib.util import find_spec

from IPython import get_ipython
from IPython.display import HTML

from helpers import codebook, pages, passages
from helpers.figures import both
from helpers.study import Study


def show(study: Study, text: str = "", doc_id: str = "", frame: str = "", fact: str = "", **where: str):
    """The browser, opened on what is asked for: words, a document, a frame, a kind of fact, values of columns (place=…).

    Gives an object that the cell displays: in a live notebook the browser, elsewhere the first sentences as a table.
    """
    corpus, names = passages.load(study), codebook.read_codebook(study.codebook).labels(study.labels)
    asked = {"text": text, "doc_id": doc_id, "frame": frame, "fact": fact, "where": where}
    plain = pages.table(corpus, **asked)
    if not live():
        return HTML(plain)
    from helpers.explorer_widgets import Browser  # the one module that needs ipywidgets

    return Browser(corpus, names, lambda zh, en: both(zh, en, study), asked, plain)


def live() -> bool:
    """Whether someone sits before a notebook that can answer."""
    kernel = getattr(get_ipython(), "kernel", None)
    return bool(kernel) and not os.environ.get("NB_QUIET") and find_spec("ipywidgets") is not None
