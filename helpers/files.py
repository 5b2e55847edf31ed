"""Which files of a corpus folder are read as articles; what is left out, and why, becomes a problem row."""

import fnmatch
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from helpers import exports, reading, recipes
from helpers.decoding import HALF, HAN_SIGN
from helpers.study import BY_HAND, CorpusError, Study

NOT_ARTICLES = (
    "articles.csv study.toml codebook.yml terms.txt overrides.csv topic_labels.csv word_intrusion*.csv topic_intrusion*.csv "
    "export.yml *.export.yml .* ~$* thumbs.db desktop.ini"
).split()
ABOUT_FOLDER = ("readme*", "licen[cs]e*")
WEB_PAGE = re.compile(r"(.*[^/])\.html?", re.I | re.S)
SAVED_WITH_PAGE = re.compile(r"((?s:.*/)?.+?)(?:_files|\.files|_文件)")  # where browsers put the pictures of one
_is_no_article, _is_about_folder = (
    re.compile("|".join(map(fnmatch.translate, names))).match for names in (NOT_ARTICLES, ABOUT_FOLDER)
)


def listed(study: Study, problems: list) -> tuple[dict[Path, exports.Layout], list[str]]:
    """The export.yml files of the corpus folder, and the names of its files from there on."""
    if not study.corpus.exists():
        raise CorpusError(f"{study.corpus}: there is no such folder. Check the path after --corpus.")
    if not study.corpus.is_dir():
        raise CorpusError(f"{study.corpus} is a file, not a folder: put it into a folder and name that after --corpus.")
    inside = dict(sorted(recipes.inside(study.corpus)))
    layouts = exports.read_layouts(study.corpus) if any(name.endswith("export.yml") for name in inside) else {}
    names = list(_files(study, inside, problems))
    for idle in sorted(set(layouts) - {exports.governing(layouts, study.corpus / name) for name in names if layouts}):
        told = ("speaks for no file", "Put it beside the export, or name the file under `files:`.", "doubt")
        problems.append((idle.relative_to(study.corpus).as_posix(), *told))
    return layouts, names


def nothing(study: Study, problems: list) -> CorpusError:
    """What is said where no file of the folder can be read."""
    why = f" {len(problems)} file(s) could not be read (tables/problems.csv)." if problems else ""
    return CorpusError(
        f"{study.corpus} holds no article that can be read: put txt, md, html, docx or pdf files there.{why}"
    )


def _files(study: Study, inside: Mapping[str, os.DirEntry], problems: list) -> Iterator[str]:
    """Of all that is `inside` the folder the files that are read; links that lead out of it and what the study ignores are
    left out."""
    pages = {page[1] for page in map(WEB_PAGE.fullmatch, inside) if page}
    saved = tuple(f"{name}/" for name in inside if _saved_with(name, pages)) if pages else ()
    for path, entry in inside.items():
        name = shown(path)
        if any(fnmatch.fnmatch(name, p) or fnmatch.fnmatch(name, f"{p.rstrip('/')}/*") for p in study.ignore):
            continue
        if path.split("/")[0] == BY_HAND:
            if path == BY_HAND:
                told = ("codes and answers given by hand, not read as articles", "Nothing to do.", "note")
                problems.append((name, *told))
            continue
        if entry.is_dir(follow_symlinks=False):
            if Path(path).suffix.lower() in reading.READERS:
                told = ("a folder with the name of a file", "Nothing to do if it is meant as a folder.", "note")
                problems.append((name, *told))
            if f"{path}/" in saved:
                told = ("pictures and scripts saved with a web page, not read", "Nothing to do.", "note")
                problems.append((name, *told))
            continue
        if any(map(_is_no_article, name.lower().split("/"))):
            continue
        if _is_about_folder(entry.name.lower()):
            told = ("not read: its name says that it is about the folder", "Rename it if it is an article.", "note")
            problems.append((name, *told))
            continue
        if path.startswith(saved):
            continue
        if entry.is_symlink() and (fault := _not_followed(study.corpus / path, study.corpus)):
            problems.append((name, fault, "Copy what it leads to into the folder.", "error"))
            continue
        yield path


def shown(name: str) -> str:
    """The name of a file, from the corpus folder on, in tables: one that is not UTF-8 as GB18030, else its bytes spelt out.

    >>> shown("甲/疫.txt"), shown("\\udcd2\\udcdf.txt")
    ('甲/疫.txt', '疫.txt')
    """
    if name.isascii() or not HALF.search(name):
        return name
    data = os.fsencode(name)
    meant = data.decode("gb18030", "replace")
    return meant if HAN_SIGN.search(meant) and "\ufffd" not in meant else data.decode("utf-8", "backslashreplace")


def _not_followed(path: Path, corpus: Path) -> str:
    """What is wrong with a link, or ""."""
    try:
        target = path.resolve(strict=True)
    except (OSError, RuntimeError):  # RuntimeError: a link that leads to itself
        return "a link that leads nowhere"
    if not target.is_relative_to(corpus):
        return "a link that leads out of the folder"
    return "a link to a folder" if target.is_dir() else ""


def _saved_with(folder: str, pages: set[str]) -> bool:
    match = SAVED_WITH_PAGE.fullmatch(folder)
    return bool(match) and match[1] in pages
