"""Text of a corpus never acts: not in the report, not in the page of a notebook, not in the explorer, not in JupyterLab.

Every place that a corpus can write to (text, title, file name, articles.csv, columns of an export) holds markup that would
set `window.taken` or open a dialog.
"""

import nbformat
import pandas as pd
import pytest

from helpers import explorer, notebook_pages, pages, passages, report, store
from helpers.figures import both
from helpers.study import Study

TAKE = "window.taken=1,alert(1)"
PAYLOADS = (
    f"<script>{TAKE}</script>",
    f"</script><script>{TAKE}</script>",
    f"<img src=x onerror={TAKE}>",
    f'"><img src=x onerror="{TAKE}">',
    f"'><svg/onload={TAKE}>",
    f"<svg><animate onbegin={TAKE} attributeName=x dur=1s>",
    f"<svg><script>{TAKE}</script></svg>",
    f"<math><mtext></form><form><mglyph><style></math><img src onerror={TAKE}>",
    f"<iframe srcdoc='<script>parent.{TAKE}</script>'></iframe>",
    f"<details open ontoggle={TAKE}>",
    f"<input autofocus onfocus={TAKE}>",
    f"<video><source onerror={TAKE}></video>",
    f"<body onload={TAKE}>",
    f"--><script>{TAKE}</script><!--",
    f"]]><script>{TAKE}</script>",
    f"</textarea></title></style></noscript><script>{TAKE}</script>",
    f"&lt;script&gt;{TAKE}&lt;/script&gt;",
    f"`${{{TAKE}}}` {{{{{TAKE}}}}} ${{{TAKE}}}",
    f"\\u003cscript\\u003e{TAKE}\\u003c/script\\u003e",
    f"<a href='javascript:{TAKE}' autofocus onfocus={TAKE}>看</a>",
)


@pytest.fixture(scope="module")
def study(tmp_path_factory) -> Study:
    """A corpus whose texts, titles, names and columns all are payloads."""
    folder = tmp_path_factory.mktemp("injected")
    corpus = folder / "corpus"
    corpus.mkdir()
    lines = [f"社区防控公告{one}，居民核酸检测有序，志愿者打响阻击战。" for one in PAYLOADS]
    for number, payload in enumerate(PAYLOADS):
        name = f"{number:02d}{payload.replace('/', '∕')[:60]}.txt"
        (corpus / name).write_text("\n".join([f"防控纪实{payload}", *lines]), encoding="utf-8")
    rows = [{"标题": one, "正文": "\n".join(lines), "来源": one, one: one, "地区": one} for one in PAYLOADS]
    pd.DataFrame(rows).to_csv(corpus / "rows.csv", index=False)
    files = sorted(path.name for path in corpus.glob("*.txt"))
    about = {"file": files, "title": PAYLOADS, "place": ["甲区" + PAYLOADS[2], "乙区" + PAYLOADS[5]] * 10}
    years = {"year": [2020, 2022] * 10, "outlet_type": [PAYLOADS[0], PAYLOADS[4]] * 10, "publisher": PAYLOADS}
    pd.DataFrame(about | years).to_csv(corpus / "articles.csv", index=False)
    return Study(corpus=corpus, results=folder / "out")


@pytest.fixture
def opened(chromium):
    """Opens an address; afterwards nothing has run, opened a dialog or asked for anything else."""
    context = chromium.new_context(bypass_csp=True)  # what holds must not rest on the policy of the page alone
    page, dialogs, asked = context.new_page(), [], []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    page.on("request", lambda request: asked.append(request.url))
    yield page
    page.wait_for_timeout(300)
    assert page.evaluate("window.taken") is None and dialogs == []
    assert [url for url in asked if not url.startswith(("data:", "blob:", "file:", "http://127.0.0.1"))] == []
    context.close()


def test_the_page_would_be_taken_if_text_were_markup(chromium):
    """The payloads work: put into a page as they are, each kind of them acts."""
    page = chromium.new_context().new_page()
    page.on("dialog", lambda dialog: dialog.dismiss())
    taken = 0
    for payload in PAYLOADS:
        page.goto("about:blank")
        page.set_content(f"<!doctype html><body>{payload}")
        page.wait_for_timeout(100)
        taken += bool(page.evaluate("window.taken"))
    assert taken >= 12


def test_the_report(opened, study):
    opened.goto(report.publish(study).as_uri())
    opened.wait_for_selector("#list li")
    opened.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    for word in ("防控", "script", "onerror", "<", '"', "{{"):
        opened.fill("#q", word)
        opened.wait_for_timeout(150)
    for number in range(1, opened.locator("#by-1 option").count()):
        opened.select_option("#by-1", index=number)
    assert opened.locator("img[src=x], iframe, svg[onload], math, video").count() == 0


def test_the_page_of_a_notebook(opened, tmp_path, study):
    """Whatever an output holds: a table, prose, what was printed, an error."""
    table = store.load(study, "articles")._repr_html_()
    text = "\n\n".join(PAYLOADS)
    data = [{"text/html": [table]}, {"text/markdown": [text]}, {"text/plain": [text]}]
    outputs = [{"output_type": "display_data", "metadata": {}, "data": one} for one in data]
    outputs += [{"output_type": "stream", "name": "stdout", "text": [text]}]
    outputs += [{"output_type": "error", "ename": "E", "evalue": text, "traceback": [text]}]
    cells = [{"cell_type": "markdown", "metadata": {}, "source": [text]}]
    cells += [{"cell_type": "code", "execution_count": 1, "metadata": {}, "source": [text], "outputs": outputs}]
    path = tmp_path / "page.html"
    path.write_text(notebook_pages.render({"cells": cells}, f"00-{PAYLOADS[3]}", PAYLOADS[2], []), encoding="utf-8")
    opened.goto(path.as_uri())
    assert opened.locator("img[src=x], iframe, svg, math, video, a[href^=javascript]").count() == 0


def test_the_explorer(opened, tmp_path, study):
    """What its widgets show as HTML: the plain table, the sentences, the counts and an open article."""
    pytest.importorskip("ipywidgets")
    from helpers.explorer_widgets import Browser

    corpus = passages.load(study)
    asked = {"text": "防控", "doc_id": "", "frame": "", "fact": "", "where": {}}
    shown = Browser(corpus, {}, lambda zh, en: both(zh, en, study), asked, pages.table(corpus, text="防控"))
    parts = [shown.plain, shown.count.value, explorer.show(study, text="script").data]
    for word in ("防控", "script", "<img", '"'):
        shown.text.value = word
        parts += [line.value for _, line in shown.results]
        if len(shown.rows):
            shown.open(int(shown.rows[-1]))
            parts.append(shown.article.value)
    (tmp_path / "explorer.html").write_text(f"<!doctype html><meta charset=utf-8>{''.join(parts)}", encoding="utf-8")
    opened.goto((tmp_path / "explorer.html").as_uri())
    assert opened.locator("mark").count() > 20 and opened.locator("img, iframe, svg, math, video, script").count() == 0


CELLS = """from IPython.display import Markdown
from helpers import explorer, figures, store
from helpers.study import Study
study = Study()
figures.setup()
===
store.load(study, "articles")
===
store.load(study, "problems")
===
explorer.show(study, text="防控")
===
Markdown(f"Clean: **{store.load(study, 'sentences')['text'].str.cat()}**")
===
explorer.show(study, text="script", where={"place": store.load(study, "articles")["place"].iloc[0]})
"""


def test_jupyterlab(opened, lab, study):
    """Tables, sentences in prose and the explorer, run in a live notebook on the injected corpus."""
    address, notebooks = lab
    setting = (
        f"import os\nos.environ['CORPUS'] = {str(study.corpus)!r}\nos.environ['RESULTS'] = {str(study.results)!r}\n"
    )
    sources = (setting + CELLS).split("===\n")
    notebook = nbformat.read(notebooks / "00-start-here.ipynb", as_version=4)
    notebook.cells = [nbformat.v4.new_code_cell(source) for source in sources]
    nbformat.write(notebook, notebooks / "injected.ipynb")
    opened.goto(address("injected.ipynb"))
    opened.wait_for_selector(".jp-Notebook", timeout=120_000)
    opened.get_by_text("| Idle").first.wait_for(timeout=120_000)  # a kernel that is not there yet would be asked for
    for _ in range(20):  # what is run before the kernel listens is lost without a word
        if (choose := opened.locator(".jp-Dialog button.jp-mod-accept")).count():  # which kernel?
            choose.first.click()
        opened.get_by_role("menuitem", name="Run", exact=True).click()
        opened.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        opened.wait_for_timeout(2000)
        if "[ ]:" not in opened.locator(".jp-InputPrompt").first.inner_text():
            break
    opened.wait_for_selector(".widget-dropdown", timeout=120_000)
    opened.locator(".jp-OutputArea-output mark").first.wait_for(timeout=120_000)
    opened.get_by_role("button", name="打开 open").first.click()
    opened.wait_for_timeout(2000)
    assert opened.locator(".jp-OutputArea-output table").count() >= 2
    assert opened.locator(".jp-OutputArea-output :is(img[src], iframe, svg[onload], video)").count() == 0
