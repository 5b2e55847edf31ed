"""The map of topics for the report: a drawing whose points say their sentence, and the same in a table for those who do not
point. It needs no script and nothing from outside."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from markupsafe import Markup

from helpers.factors import Topics
from helpers.figures import PALETTE

COLUMNS = ("topic", "name", "x", "y", "doc_id", "line", "sentence")
MOST_POINTS = 600
WIDE, HIGH, EDGE = 720, 440, 12
LONGEST = 90  # characters of a sentence
POINT = Markup(
    '<g><title>{0}</title><path d="{1}" transform="translate({3} {4})" fill="{2}" stroke="{2}" fill-opacity=".55"/></g>'
)
KEY = Markup(
    '<span lang="zh-Hans"><svg width="12" height="12" viewBox="-6 -6 12 12" aria-hidden="true">'
    '<path d="{0}" fill="{1}" stroke="{1}"/></svg> {2}</span> '
)
ROW = Markup('<tr><td lang="zh-Hans">{0}</td><td>{1}</td><td class="n">{2}</td><td lang="zh-Hans">{3}</td></tr>')
PAGE = Markup(
    '<div class="topic-map"><p>Rest the pointer on a mark to read a sentence of that unit; the table below has the same '
    '{0:,} sentences. <span lang="zh-Hans">指针停在点上可读该单位的一句原文；下表列有同样的句子。</span></p>'
    f'<svg viewBox="0 0 {WIDE} {HIGH}" width="{WIDE}" height="{HIGH}" role="img" style="max-width:100%;height:auto" '
    'aria-label="Map of units by topic; its sentences stand in the table below">{1}</svg><p class="small">{2}</p>'
    '<details><summary>The sentences of the map <span lang="zh-Hans">图中原句</span> <span class="count">{0:,} '
    'sentences</span></summary><div style="max-height:30em;overflow:auto" tabindex="0" role="region" '
    'aria-label="Sentences of the map"><table><thead><tr><th scope="col">topic</th><th scope="col">document</th>'
    '<th scope="col" class="n">line</th><th scope="col">sentence</th></tr></thead><tbody>{3}</tbody></table></div>'
    "</details></div>"
)
SHAPES = (  # as the markers of the figures, so that colours are not needed to tell topics apart
    "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0",
    "M-3.5 -3.5h7v7h-7z",
    "M0 -4.5L4.2 3.3H-4.2z",
    "M0 -4.8L4.8 0L0 4.8L-4.8 0z",
    "M0 4.5L4.2 -3.3H-4.2z",
    "M-1.5 -4.5h3v3h3v3h-3v3h-3v-3h-3v-3h3z",
    "M-4 -4L4 4M4 -4L-4 4",
    "M0 -5V5M-4.5 -2.5L4.5 2.5M4.5 -2.5L-4.5 2.5",
)


def spoken(
    topics: Topics, places: pd.DataFrame, names: Mapping[int, str], tokens: pd.DataFrame, sentences: pd.DataFrame
) -> pd.DataFrame:
    """`places` with the columns name, line, sentence: of each unit the sentence richest in the words of its topic.

    `places` as `plots_topics.places` has them; `tokens` has doc_id, paragraph, sentence, token; `sentences` doc_id,
    paragraph, sentence, line, text. Of more than 600 units a topic gets as many sentences as it has part in the units; the
    others, and units without a topic, stay blank.
    """
    keys, place = list(topics.units.columns), ["doc_id", "paragraph", "sentence"]
    order = np.argsort(places["topic"].to_numpy(), kind="stable")[places["topic"].eq(0).sum() :]
    drawn = order[np.linspace(0, len(order) - 1, min(len(order), MOST_POINTS)).round().astype(int)]
    asked = places.iloc[drawn][[*keys, "topic"]].assign(unit=drawn, doc_id=lambda rows: rows["doc_id"].astype(object))
    own = tokens.loc[tokens["doc_id"].isin(asked["doc_id"]), [*place, "token"]].astype({"doc_id": object})
    own = own.merge(asked, on=keys).drop_duplicates([*place, "token"])
    column = pd.Index(topics.vocabulary).get_indexer(own["token"].astype(object))
    own = own.assign(weight=topics.words[own["topic"] - 1, column])[column >= 0]
    scores = own.groupby(["unit", *place])["weight"].agg(lambda weights: weights.sum() / np.sqrt(len(weights)))
    best = scores.rename("score").reset_index().sort_values(["score", "unit"], ascending=[False, True], kind="stable")
    best = best.drop_duplicates("unit").merge(sentences[[*place, "line", "text"]].astype({"doc_id": object}), on=place)
    best = best.set_index("unit")[["line", "text"]].reindex(range(len(places)))
    return places.assign(
        name=[names.get(topic, "") for topic in places["topic"]],
        line=best["line"].astype("Int64").to_numpy(),
        sentence=best["text"].astype(object).fillna("").to_numpy(),
    )


def fragment(numbers: pd.DataFrame) -> Markup:
    """The drawing and its table as a piece of a page; "" for a table that is not a map, or has no sentence.

    `numbers`: the csv of a published map, its cells as text (topic, name, x, y, doc_id, line, sentence).

    >>> row = {"topic": "1", "name": "1 采样", "x": "0", "y": "0", "doc_id": "甲", "line": "3", "sentence": "连夜采样。"}
    >>> "<title>1 采样: 连夜采样。 (甲, 3)</title>" in fragment(pd.DataFrame([row]))
    True
    """
    if not set(COLUMNS) <= set(numbers.columns):
        return Markup("")
    rows = numbers[numbers["sentence"].ne("")].sort_values("topic", key=lambda topic: topic.astype(int), kind="stable")
    if rows.empty:
        return Markup("")
    across, down = (_scaled(rows[axis].astype(float), size) for axis, size in (("x", WIDE), ("y", HIGH)))
    points = Markup("").join(
        POINT.format(_cut(row), SHAPES[kind % 8], PALETTE[kind % 8], x, HIGH - y)
        for row, kind, x, y in zip(rows.itertuples(), rows["topic"].astype(int) - 1, across, down, strict=True)
    )
    table = Markup("").join(
        ROW.format(row.name, row.doc_id, row.line, row.sentence[:LONGEST]) for row in rows.itertuples()
    )
    legend = Markup("").join(
        KEY.format(SHAPES[(int(topic) - 1) % 8], PALETTE[(int(topic) - 1) % 8], name)
        for topic, name in rows[["topic", "name"]].drop_duplicates().itertuples(index=False)
    )
    return PAGE.format(len(rows), points, legend, table)


def _scaled(values: pd.Series, size: int) -> list[float]:
    """Places on the drawing, from edge to edge."""
    span = max(values.max() - values.min(), 1e-9)
    return ((values - values.min()) / span * (size - 2 * EDGE) + EDGE).round(1).tolist()


def _cut(row) -> str:
    text = row.sentence if len(row.sentence) <= LONGEST else row.sentence[:LONGEST] + "…"
    return f"{row.name}: {text} ({row.doc_id}, {row.line})"
