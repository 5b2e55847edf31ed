"""What is installed may be used and passed on: every licence is on a list, the lock names versions and hashes and no address."""

import re
from importlib import metadata

import pytest

from helpers.study import ROOT

LOCK = (ROOT / "requirements.txt").read_text(encoding="utf-8")
NAMES = [name.lower() for name in re.findall(r"^([a-zA-Z0-9._-]+)==", LOCK, re.M)]
INSTALLED = {dist.name.lower().replace("_", "-") for dist in metadata.distributions()}
HERE = sorted(set(NAMES) & INSTALLED)  # some names of the lock are for other platforms
# licences that ask for their notice only, or (MPL) for changes to their own files
ALLOWED = re.compile(
    r"MIT(?:-0|-CMU| License)?|0BSD|[23]-Clause BSD|BSD(?:-[0-4]-Clause| License)?|ISC|ISC License.*|Zlib|HPND|Historical Permission.*"
    r"|Apache[- ]2\.0|Apache Software License|Apache License,? (?:Version )?2\.0|PSF-2\.0|Python-2\.0(?:\.1)?|CNRI-Python"
    r"|Python Software Foundation License|MPL-[12]\.[01]|Mozilla Public License 2\.0.*|CC0-1\.0|BSL-1\.0|Public[- ]Domain"
    r"|Unlicense|The Unlicense.*",
    re.I,
)
# what the field of a package says in words of its own, read by a person; a licence of the LGPL family would stand here, too, with
# the reason why it asks nothing of this code
READ = {
    "pypdfium2": "BSD-3-Clause or Apache-2.0; the PDFium inside is Apache-2.0 and brings parts under notice-only licences",
}


def said(name: str) -> list[str]:
    """The licences a distribution names: its expression, else its classifiers, else the first line of its field."""
    about = metadata.metadata(name)
    if expression := about.get("License-Expression"):
        return [expression]
    classifiers = [c.rpartition(" :: ")[2] for c in about.get_all("Classifier") or [] if c.startswith("License ::")]
    return [c for c in classifiers if c != "OSI Approved"] or (about.get("License") or "").strip().split("\n")[:1]


def allowed(expression: str) -> bool:
    """Every part joined by AND, and one of those joined by OR.

    >>> allowed("MIT AND (GPL-3.0-only OR BSD-3-Clause)"), allowed("MIT AND GPL-3.0-only"), allowed("")
    (True, False, False)
    """
    parts = re.split(r"\s+AND\s+", expression, flags=re.I)
    return all(any(ALLOWED.fullmatch(one.strip("() ")) for one in re.split(r"\s+OR\s+", part)) for part in parts)


def test_most_of_the_lock_is_installed_here():
    assert len(HERE) > 100 and len(HERE) > 0.9 * len(NAMES)


@pytest.mark.parametrize("name", HERE)
def test_a_licence_is_allowed(name):
    assert name in READ or all(map(allowed, said(name))) and said(name), (name, said(name))


def test_what_a_person_read_is_installed_and_says_nothing_of_the_gpl():
    assert READ.keys() <= set(HERE) and not any("GPL" in one for name in READ for one in said(name))


def test_every_line_of_the_lock_pins_a_version_and_its_hashes():
    entries = re.findall(r"^[a-zA-Z0-9].*(?:\n +\S.*)*", LOCK, re.M)
    wrong = [
        e
        for e in entries
        if not re.match(r"[\w.-]+(?:\[[\w,-]+\])?==[\w.!+-]+ (?:;.*)?\\?\n(?: +--hash=sha256:[0-9a-f]{64})", e)
    ]
    assert wrong == [] and len(entries) == len(NAMES)
    assert not re.search(r"https?:|git\+|file:|--(?:index|extra|find|trusted)|^-e|@ ", LOCK, re.M)
