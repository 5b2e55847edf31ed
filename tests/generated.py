"""Made-up corpora of any size, as plain as files can be: sentences of the sample drawn anew, and names that never run out.

Each paragraph begins with a place of three characters (北岭村 and the like). Which place is drawn from Zipf's distribution over
all whole numbers, so the vocabulary grows with the corpus as it does in real ones (Heaps 1978). Article i is the same in a
corpus of any size.
"""

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from helpers import cleaning, texts
from helpers.study import Study

ABOUT = "file,year,date,place,outlet_type,publisher"
PLACES, OUTLETS, YEARS = ("甲区", "乙县", "丙市"), ("government site", "newspaper"), (2020, 2022)
FIRST = "东西南北上下大小新老高长清白青金石龙凤安和平永福兴明双三五九桃梅松柳杨李梁马牛羊花草云雾"
SECOND = "山河江湖溪泉岭坪坡沟湾岗台塘桥渡井田园林坝洲滩岩洞潭峰谷沙泥城关口门头角堡寨营屯铺店集"
THIRD = "村镇乡街路里巷区县市"
TITLE = "防控一线见闻"
PARAGRAPHS, SENTENCES = 8, 3


@cache
def pool() -> list[str]:
    """Sentences of the sample's paragraphs, without quotations, that cleaning keeps even where they end an article."""
    docs, _ = texts.load(Study())
    rows = cleaning.sentences(cleaning.clean_docs(docs)[1], docs)
    whole = rows["text"].str.fullmatch(r"[^“”\s]{12,}。") & rows["zone"].eq("body")
    found = rows.loc[whole, "text"].drop_duplicates().tolist()
    top = "\n".join([TITLE, *found[:PARAGRAPHS]])
    ends = pd.DataFrame(
        {"doc_id": found, "file": "", "raw": [f"{top}\n{one}" for one in found], "title": "", "main": None}
    )
    last = cleaning.clean_docs(ends)[0].groupby("doc_id", sort=False)["action"].last()
    return last.index[last.eq("keep")].tolist()


def place(number: int) -> str:
    """The name of place `number` (from 1): numbers beyond all names of three characters go on with four and more."""
    rest, third = divmod(number - 1, len(THIRD))
    rest, second = divmod(rest, len(SECOND))
    more, first = divmod(rest, len(FIRST))
    return (place(more) if more else "") + FIRST[first] + SECOND[second] + THIRD[third]


def article(number: int) -> str:
    """Title and paragraphs, a line each."""
    dice = np.random.default_rng(number)
    places = map(place, dice.zipf(1.3, PARAGRAPHS).clip(1, 10**9).tolist())
    drawn = dice.choice(pool(), (PARAGRAPHS, SENTENCES))
    return "\n".join([TITLE, *(f"{name}，{''.join(some)}" for name, some in zip(places, drawn, strict=True))])


def write(folder: Path, n: int) -> Path:
    """A corpus folder of n articles in UTF-8, a thousand to a sub-folder."""
    for number in range(n):
        path = folder / f"{number // 1000:04d}" / f"a{number:07d}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(article(number), encoding="utf-8")
    return folder


def describe(folder: Path) -> None:
    """articles.csv for a folder that `write` made: two years, three places, two kinds of outlet, drawn evenly."""
    rows = [ABOUT]
    for number, path in enumerate(sorted(folder.rglob("*.txt"))):
        dice = np.random.default_rng((2, number))
        year, place, outlet = (str(dice.choice(some)) for some in (YEARS, PLACES, OUTLETS))
        day = f"{year}-{dice.integers(1, 6):02d}-{dice.integers(1, 29):02d}"
        rows.append(f"{path.relative_to(folder).as_posix()},{year},{day},{place},{outlet},{place}报")
    (folder / "articles.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
