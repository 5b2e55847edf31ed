"""Small pages beside the report: a template of `helpers/templates`, one style, no script, and a policy in the head that
forbids every request."""

from functools import cache
from pathlib import Path

import jinja2

from helpers.report_page import with_fonts

TEMPLATES = Path(__file__).parent / "templates"


def render(name: str, **values: object) -> str:
    """The page of the template `name`: every value is taken for text and escaped, but for Markup.

    >>> page = render("changes.html", title="What moved", study="<b>青沔市</b>", told=None, tables=[])
    >>> "&lt;b&gt;青沔市" in page and "script-src" not in page and "http://" not in page
    True
    """
    style = (TEMPLATES / "plain.css").read_text(encoding="utf-8")
    return with_fonts(_environment().get_template(name).render(style=style, **values))


@cache
def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
