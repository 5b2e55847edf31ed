"""Coding paragraphs with a codebook of frames, and comparing what is found.

The unit is the paragraph of Chinese text, the measure is presence: a unit has a frame or has it not (several at once are
allowed).
The headline measure is body text; titles, headings and captions are coded too and kept apart by `zone`.
A share of a group is the mean of its documents' own shares, so that no long article speaks for its group (Lijffijt,
Nevalainen, Säily, Papapetrou, Puolamäki and Mannila 2016); differences, intervals and permutations are all of this
mean. Beside it stands `pooled`, the units of all documents taken together.
"""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from helpers import matching
from helpers.codebook import Codebook, read_codebook  # noqa: F401  (the front door to coding: also these)
from helpers.comparing import alike, compared, confounding, judged, with_group  # noqa: F401
from helpers.decoding import HAN_SIGN
from helpers.inference import benjamini_hochberg, document_share, wilson
from helpers.reliability import ac1, alpha, validation  # noqa: F401
from helpers.study import BODY

UNIT = ["doc_id", "paragraph"]
CODE_COLUMNS = "doc_id paragraph line zone frame term start end negated voice kind why".split()
Voices = Callable[[str], Sequence[tuple[int, int, str]]]


def code(paragraphs: pd.DataFrame, codebook: Codebook, voices: Voices | None = None) -> pd.DataFrame:
    """One row per hit: doc_id, paragraph, line, zone, frame, term, start, end (in the paragraph's text), negated,
    voice ("narrator", or what `voices(text)` says of that span), kind (term, rule or weak), why (the codebook's reason,
    which for information_accountability is also its direction: published, withheld or criticised).

    `paragraphs` needs `text`; doc_id, paragraph, line and zone are taken over where there. `frame` is categorical and
    keeps the codebook's order, so that a frame nobody used still shows a share of zero.

    >>> codes = code(pd.DataFrame({"text": ["全镇打响疫情防控阻击战。"]}), read_codebook())
    >>> codes[["frame", "term", "start", "end"]].values.tolist()
    [['war_metaphor', '打响', 2, 4], ['war_metaphor', '阻击战', 8, 11]]
    """
    paragraphs = paragraphs.reset_index(drop=True)
    texts = paragraphs["text"].tolist()
    hits = matching.find(texts, codebook)
    number = hits["text"].to_numpy(dtype=int)
    about = {
        column: paragraphs[column].array.take(number) if column in paragraphs else default
        for column, default in (("doc_id", ""), ("paragraph", number + 1), ("line", number + 1), ("zone", "body"))
    }
    frame = pd.Categorical.from_codes(hits["frame"].astype(int), categories=codebook.ids)
    voice = "narrator" if voices is None else _voice_of(hits, texts, voices)
    return hits.assign(**about, frame=frame, voice=voice)[CODE_COLUMNS]


def _voice_of(hits: pd.DataFrame, texts: list[str], voices: Voices) -> pd.api.extensions.ExtensionArray:
    """The voice of the span in which each hit begins; the narrator's where `voices` names none."""
    number = hits["text"].to_numpy(dtype=int)
    spans = [(n, *span) for n in np.unique(number).tolist() for span in voices(texts[n])]
    text, start, end, voice = zip(*spans, (len(texts), 0, 0, "narrator"), strict=True)
    far = max(map(len, texts), default=0) + 1
    place = number * far + hits["start"].to_numpy(dtype=int)
    span = np.searchsorted(np.array(text) * far + end, place, side="right")
    within = (np.array(text) * far + start)[span] <= place
    return pd.array(voice, dtype="str").take(np.where(within, span, len(spans)))


def units(paragraphs: pd.DataFrame) -> pd.DataFrame:
    """The paragraphs that are counted: those of the BODY zones (all of them if there is no `zone` column) with a Chinese
    character in them (any at all if there is no `text`): no frame is told by a row of digits or an English translation.

    >>> units(pd.DataFrame({"zone": ["body", "body", "title"], "text": ["居民排队。", "Stay home.", "通告"]}))["text"].tolist()
    ['居民排队。']
    """
    return paragraphs[_are_units(paragraphs)]


def _are_units(paragraphs: pd.DataFrame) -> np.ndarray:
    """Which paragraphs `units` gives."""
    kept = paragraphs["zone"].isin(BODY).to_numpy() if "zone" in paragraphs else np.ones(len(paragraphs), dtype=bool)
    if "text" in paragraphs:
        texts = zip(kept.tolist(), paragraphs["text"].tolist(), strict=True)
        kept = np.array([in_zone and HAN_SIGN.search(text) is not None for in_zone, text in texts], dtype=bool)
    return kept


def presence(codes: pd.DataFrame, paragraphs: pd.DataFrame) -> pd.DataFrame:
    """Units × frames of true and false, indexed by doc_id and paragraph: what every share is reckoned from.

    `codes` as `code` gives them; a unit nobody coded has no frame.

    >>> paragraphs = pd.DataFrame({"doc_id": "甲", "paragraph": [1, 2], "text": ["打响阻击战。", "居民买菜。"]})
    >>> presence(code(paragraphs, read_codebook()), paragraphs)["war_metaphor"].tolist()
    [True, False]
    """
    index = pd.MultiIndex.from_frame(paragraphs.loc[_are_units(paragraphs), UNIT])
    frames = codes["frame"].cat.categories if codes["frame"].dtype == "category" else sorted(codes["frame"].unique())
    rows = index.get_indexer(pd.MultiIndex.from_frame(codes[UNIT]))
    table = np.zeros((len(index), len(frames)), dtype=bool)
    table[rows[rows >= 0], pd.Categorical(codes["frame"], categories=frames).codes[rows >= 0]] = True
    return pd.DataFrame(table, index=index, columns=pd.Index(frames, name="frame"))


def by_document(found: pd.DataFrame) -> pd.DataFrame:
    """A presence table added up: documents × (units with each frame, and last n_units).

    >>> index = pd.MultiIndex.from_tuples([("甲", 1), ("甲", 2)], names=["doc_id", "paragraph"])
    >>> by_document(pd.DataFrame({"war": [True, False]}, index=index)).to_dict("index")
    {'甲': {'war': 1, 'n_units': 2}}
    """
    units = found.groupby(level="doc_id", sort=False)
    return units.sum().assign(n_units=units.size())


def shares(
    codes: pd.DataFrame, paragraphs: pd.DataFrame, by: str = "doc_id", docs: pd.DataFrame | None = None
) -> pd.DataFrame:
    """The share of units with each frame: by, group, frame, n_units, n_docs, share (mean of the documents' own shares),
    ci_low, ci_high, interval, and pooled (units with the frame over all units of the group).

    `by` is "doc_id" (Wilson intervals, which hold for the text at hand; none of a single unit, which would span four
    fifths of all there is) or a column of `docs` or of `paragraphs` (limits between documents, see
    `inference.clustered_wilson`, and none under ten of them).

    >>> texts = ["打响阻击战。", "居民买菜。", "打响保卫战。"]
    >>> paragraphs = pd.DataFrame({"doc_id": list("甲甲乙"), "paragraph": [1, 2, 1], "text": texts})
    >>> table = shares(code(paragraphs, read_codebook()), paragraphs)
    >>> table.loc[table["frame"] == "war_metaphor", ["group", "share"]].values.tolist()
    [['乙', 1.0], ['甲', 0.5]]
    """
    counts = by_document(presence(codes, paragraphs))
    if by == "doc_id":
        return _shares_of_documents(counts)
    group = with_group(counts, by, paragraphs if docs is None else docs)
    tables = [_shares_of(counts.loc[members.index], by, name) for name, members in group.groupby(group)]
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=SHARE_COLUMNS)


SHARE_COLUMNS = ["by", "group", "frame", "n_units", "n_docs", "share", "ci_low", "ci_high", "interval", "pooled"]


def _shares_of_documents(counts: pd.DataFrame) -> pd.DataFrame:
    long = counts.melt("n_units", var_name="frame", value_name="k", ignore_index=False)
    long = long.rename_axis("group").reset_index()
    low, high = wilson(long["k"], long["n_units"])
    share, some = long["k"] / long["n_units"], long["n_units"] > 1
    rows = long.assign(by="doc_id", n_docs=1, share=share, ci_low=low, ci_high=high)
    rows[["ci_low", "ci_high"]] = rows[["ci_low", "ci_high"]].where(some)
    rows["interval"] = np.where(some, "Wilson", "none: a single paragraph")
    rows["pooled"] = share
    return rows.sort_values("group", kind="stable", ignore_index=True)[SHARE_COLUMNS]


def _shares_of(counts: pd.DataFrame, by: str, group: str) -> pd.DataFrame:
    with_frame, n = counts.drop(columns="n_units"), counts["n_units"]
    share, low, high, method = document_share(alike(counts).to_numpy())
    return pd.DataFrame(
        {
            "by": by,
            "group": group,
            "frame": with_frame.columns,
            "n_units": int(n.sum()),
            "n_docs": len(counts),
            "share": share,
            "ci_low": low,
            "ci_high": high,
            "interval": method,
            "pooled": with_frame.sum().to_numpy() / n.sum(),
        }
    )


def differences(
    codes: pd.DataFrame,
    paragraphs: pd.DataFrame,
    docs: pd.DataFrame,
    by: str,
    others: Sequence[str] = (),
    seed: int = 0,
) -> pd.DataFrame:
    """How frame shares differ between groups of documents: by, group_a, group_b, frame, difference (mean document share in
    a minus that in b, a publisher that is relabelled whole speaking with one voice), ci_low, ci_high, p_permutation, q_value,
    evidence, and why, n_docs_a, n_docs_b, n_splits, null_low, null_high (the middle 95 % of the differences that relabelling
    gives: p is .05 or less beyond them and only there), dealt (what is relabelled).

    Two groups are compared with each other, more with all the rest each. p relabels whole documents, or the publishers that
    write for one side only (`newsrooms.draws`; all splits, or 9,999 drawn); q corrects over the rows that
    can be read (Benjamini & Hochberg 1995). `evidence` is one of `comparing.EVIDENCE`; what is not identifiable has no p
    and no q. `others` names the columns of `docs` that could explain a difference.

    >>> texts = ["打响阻击战。", "居民买菜。", "打响保卫战。"]
    >>> paragraphs = pd.DataFrame({"doc_id": list("甲甲乙"), "paragraph": [1, 2, 1], "text": texts})
    >>> docs = pd.DataFrame({"doc_id": list("甲乙"), "year": [2020, 2022]})
    >>> table = differences(code(paragraphs, read_codebook()), paragraphs, docs, "year")
    >>> table.loc[table["frame"] == "war_metaphor", ["group_a", "difference", "why"]].values.tolist()
    [['2022', 0.5, '2022 is one document; 2020 is one document']]
    """
    rows = compared(alike(by_document(presence(codes, paragraphs))), by, docs, others, seed)
    if rows.empty:
        return pd.DataFrame(columns=DIFFERENCE_COLUMNS)
    rows["q_value"] = benjamini_hochberg(rows["p_permutation"])
    return judged(rows)[DIFFERENCE_COLUMNS]


DIFFERENCE_COLUMNS = (
    "by group_a group_b frame difference ci_low ci_high p_permutation q_value evidence why n_docs_a n_docs_b n_splits "
    "null_low null_high dealt"
).split()


def cooccurrence(codes: pd.DataFrame, paragraphs: pd.DataFrame) -> pd.DataFrame:
    """Which frames share units: frame_a, frame_b, n_both, n_a, n_b, n_units, phi (correlation of two presences, NaN if
    one is never or always there), jaccard; every pair once."""
    table = presence(codes, paragraphs)
    x = table.to_numpy(dtype=float)
    n, single, both = len(x), x.sum(axis=0), x.T @ x
    spread = np.sqrt(np.outer(single * (n - single), single * (n - single)))
    with np.errstate(invalid="ignore", divide="ignore"):
        phi = np.where(spread > 0, (n * both - np.outer(single, single)) / spread, np.nan)
        jaccard = both / (single[:, None] + single - both)
    a, b = np.triu_indices(len(single), k=1)
    return pd.DataFrame(
        {
            "frame_a": table.columns[a],
            "frame_b": table.columns[b],
            "n_both": both[a, b].astype(int),
            "n_a": single[a].astype(int),
            "n_b": single[b].astype(int),
            "n_units": n,
            "phi": phi[a, b],
            "jaccard": jaccard[a, b],
        }
    )


def in_context(codes: pd.DataFrame, paragraphs: pd.DataFrame, frame: str, width: int = 16) -> pd.DataFrame:
    """The text behind a number: doc_id, paragraph, line, left, term, right, why for each hit of a frame."""
    columns = ["doc_id", "paragraph", "line", "left", "term", "right", "why"]
    return around(codes[codes["frame"] == frame], paragraphs, width)[columns]


def around(rows: pd.DataFrame, paragraphs: pd.DataFrame, width: int) -> pd.DataFrame:
    """`rows` (doc_id, paragraph, start, end) with the words from start to end (`term`) and `width` characters to their
    `left` and `right`.

    >>> paragraphs = pd.DataFrame({"doc_id": ["甲"], "paragraph": [1], "text": ["当晚，医生救治患者。"]})
    >>> rows = pd.DataFrame({"doc_id": ["甲"], "paragraph": [1], "start": [3], "end": [5]})
    >>> around(rows, paragraphs, 2)[["left", "term", "right"]].values.tolist()
    [['晚，', '医生', '救治']]
    """
    # numbers are merged and not texts, which would be copied for every row
    found = rows.merge(paragraphs[UNIT].assign(at=np.arange(len(paragraphs))), on=UNIT)
    texts = paragraphs["text"].tolist()
    spans = [(texts[at], a, b) for at, a, b in zip(found.pop("at"), found["start"], found["end"], strict=True)]
    return found.assign(
        left=[text[max(0, a - width) : a] for text, a, _ in spans],
        term=[text[a:b] for text, a, b in spans],
        right=[text[b : b + width] for text, _, b in spans],
    )
