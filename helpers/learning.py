"""Teaching the learned coder anew from coded paragraphs: python run.py learn SHEET …

A sheet is a filled coding sheet (notebook 07 writes empty ones) or any .csv or .xlsx like it: doc_id, text, and 0 or 1 for
each frame of the codebook. Optional are `outlet`, the kind of source a paragraph comes from; `in_view`, 1 where the
codebook was written with the paragraph before one's eyes; and `coder`, who coded it and how, for the card. Writes
data/lexicon/learned_coder.csv and learned_coder.md.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers import coder, frames, inference, learned, sheets
from helpers.codebook import Codebook, read_codebook
from helpers.publishing import save_text
from helpers.reliability import agreement
from helpers.study import LEXICON, CorpusError

FEWEST_DOCUMENTS = 7  # with a run of characters, where there are thousands of paragraphs
LEAST_CASES = 100  # of a frame: with fewer the codebook is the better reader
FOLDS = 10
LEAST_PARAGRAPHS = 200
CARD = """# The learned coder

`learned_coder.csv` holds its weights: one logistic regression (L2, C = {strength}) per frame of the codebook {book}.
Features: how many different words or rules of each frame the codebook finds in a paragraph (1, 2, 3 or more), and which
of {n_runs:,} runs of one to three characters stand in it (each in {fewest} documents of two kinds of source or more).
*Together* means: the codebook's word, unless the coder gives it less than {kept}; and a frame that no word calls up, where
the coder gives it {added} or more. A frame with fewer than {least} cases is left to the codebook.

## What it was taught with

{n:,} paragraphs of {n_docs:,} documents about epidemic control. Coded by: {coders}.

{taught}

## How well it reads paragraphs it was not taught with

Precision, recall and F1 over all frames, on the {n_judged:,} paragraphs that the codebook had not seen either. *Other
documents*: taught with nine tenths of the documents, judged on the tenth. *Other kinds of source*: taught without any
paragraph of that kind. The interval is between documents (Wilson's, for as many independent cells as scatter like them).

{scores}

By frame (other documents):

{frames}

## What it does not do

It does not change what is counted. It is a second opinion: notebook 07 lists where it parts from the codebook, notebook
08 repeats its contrasts with both together. It has seen one country, one disease, three years, and where readers differ
from its readers it differs too. For a codebook whose frames have other ids it is silent. Teach it with your own coding
sheets: `python run.py learn SHEET …`.
"""


def read_sheets(paths: Sequence[Path], ids: Sequence[str]) -> pd.DataFrame:
    """doc_id, text, outlet, in_view, coder and a column of true and false for each of `ids`, from filled sheets.

    Errors: CorpusError where a sheet cannot be read, lacks a column, or a code is neither 0 nor 1.
    """
    return pd.concat([_read_sheet(path, ids) for path in paths], ignore_index=True)


def _read_sheet(path: Path, ids: Sequence[str]) -> pd.DataFrame:
    try:
        rows = sheets.as_text(path)
    except (OSError, ValueError, KeyError, BadZipFile) as error:
        raise CorpusError(f"{path}: cannot be read ({error}); give filled coding sheets (.csv or .xlsx).") from None
    if missing := [name for name in ("doc_id", "text", *ids) if name not in rows]:
        raise CorpusError(f"{path.name}: lacks the column {missing[0]}; every frame of the codebook needs one.")
    codes = sheets.codes_of(rows, ids)
    if not codes.isin(["0", "1"]).all(axis=None):
        raise CorpusError(f"{path.name}: a code is neither 0 nor 1; fill every cell.")
    about = {"outlet": rows.get("outlet", path.stem), "in_view": rows.get("in_view", "1") != "0"}
    about["coder"] = rows.get("coder", "people or programs that the sheets do not name")
    return rows[["doc_id", "text"]].assign(**about, **{name: codes[name] == "1" for name in ids})


# ---- teaching and judging -----------------------------------------------------------------------------------------------


class Lessons:
    """Coded paragraphs with what the codebook finds in them.

    While learning, a string of the codebook that only one outlet uses does not count, for it may have come from there.
    """

    def __init__(self, rows: pd.DataFrame, book: Codebook) -> None:
        units = pd.DataFrame({"doc_id": rows["doc_id"], "paragraph": rows.index, "text": rows["text"]})
        outlet = rows.drop_duplicates("doc_id").set_index("doc_id")["outlet"]
        self.rows, self.read = rows, rows[book.ids]
        self.found = learned.support(frames.code(units, book), units, book.ids)
        self.modest = learned.support(coder.unseen_codes(book, units, outlet), units, book.ids)
        self.judged = ~rows["in_view"].to_numpy(dtype=bool)

    def taught(self, some: NDArray[np.bool_]) -> learned.Coder:
        """A coder taught with some of the rows."""
        text, doc, outlet = (self.rows.loc[some, name].tolist() for name in ("text", "doc_id", "outlet"))
        return learned.train(text, self.modest[some], self.read[some], doc, outlet, FEWEST_DOCUMENTS, LEAST_CASES)

    def left_out(self, part: NDArray) -> NDArray[np.bool_]:
        """What the coder finds in each judged row when taught with none of its `part` (a label for each row)."""
        table = np.zeros(self.read.shape, dtype=bool)
        for label in pd.unique(part[self.judged]):
            out = self.judged & (part == label)
            chance = learned.probabilities(self.taught(part != label), self.rows["text"][out].tolist(), self.found[out])
            table[out] = learned.decided(self.found[out], chance)
        return table[self.judged]

    def codings(self) -> dict[str, NDArray[np.bool_]]:
        """What is found in the judged rows: rows × frames."""
        tenth = pd.util.hash_array(self.rows["doc_id"].to_numpy(dtype=object)) % FOLDS
        return {
            "codebook alone": self.found[self.judged] > 0,
            "together, other documents": self.left_out(tenth),
            "together, other kinds of source": self.left_out(self.rows["outlet"].to_numpy()),
        }


def told(found: NDArray[np.bool_], read: NDArray[np.bool_]) -> list[str]:
    """Precision, recall and F1 over all cells, as text."""
    score = agreement(found, read)
    return ["–" if np.isnan(score[name]) else f"{score[name]:.3f}" for name in ("precision", "recall", "f1")]


def limits(found: NDArray[np.bool_], read: NDArray[np.bool_], documents: Sequence[str]) -> str:
    """The interval of F1 over all cells as text, the documents being the draws; F1 is the share that both saw of what
    one of them saw on average."""
    cells = pd.DataFrame({"both": (found & read).sum(axis=1), "one": (found.sum(axis=1) + read.sum(axis=1)) / 2})
    f1 = inference.document_share(cells.groupby(np.asarray(documents)).sum().to_numpy())
    return f"{f1.low[0]:.3f} to {f1.high[0]:.3f}"


# ---- the card -----------------------------------------------------------------------------------------------------------


def card(lessons: Lessons, taught: learned.Coder, book: Codebook) -> str:
    """The model card, in Markdown."""
    rows, codings = lessons.rows, lessons.codings()
    judged, read = rows[lessons.judged], lessons.read[lessons.judged].to_numpy()
    scores = [
        [
            outlet,
            name,
            str(int(own.sum())),
            *told(table[own], read[own]),
            limits(table[own], read[own], judged["doc_id"][own]),
        ]
        for outlet, own in [*_kinds(judged), ("all", np.ones(len(judged), dtype=bool))]
        for name, table in codings.items()
    ]
    by_frame = [
        [name, str(int(read[:, i].sum())), *(told(t[:, i], read[:, i])[2] for t in codings.values())]
        for i, name in enumerate(book.ids)
    ]  # fmt: skip
    groups = rows.groupby("outlet").agg(n=("doc_id", "size"), docs=("doc_id", "nunique"), seen=("in_view", "sum"))
    return CARD.format(
        strength=learned.STRENGTH, book=f"{book.id} {book.version} ({book.hash})", n_runs=len(taught.runs),
        fewest=FEWEST_DOCUMENTS, least=LEAST_CASES, kept=learned.KEPT, added=learned.ADDED,
        n=len(rows), n_docs=rows["doc_id"].nunique(), n_judged=len(judged), coders="; ".join(rows["coder"].unique()),
        taught=_table(["kind of source", "paragraphs", "documents", "in view when the codebook was written"],
                      [[name, str(r.n), str(r.docs), str(int(r.seen))] for name, r in groups.iterrows()]),
        scores=_table(["kind of source", "coding", "paragraphs", "precision", "recall", "F1", "95 %"], scores),
        frames=_table(["frame", "seen by the reader", *(f"F1, {name}" for name in codings)], by_frame),
    )  # fmt: skip


def _kinds(rows: pd.DataFrame) -> list[tuple[str, NDArray[np.bool_]]]:
    return [(name, (rows["outlet"] == name).to_numpy()) for name in sorted(rows["outlet"].unique())]


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return "\n".join("| " + " | ".join(row) + " |" for row in [head, ["---"] * len(head), *rows])


def main(words: Sequence[str]) -> int:
    book = read_codebook()
    try:
        rows = read_sheets([Path(word) for word in words], book.ids) if words else pd.DataFrame({"doc_id": []})
        if len(rows) < LEAST_PARAGRAPHS or rows["outlet"].nunique() < learned.FEWEST_GROUPS:
            raise CorpusError(
                f"learn: {len(rows)} coded paragraphs; teaching needs {LEAST_PARAGRAPHS} of two outlets or more."
            )
    except CorpusError as error:
        print(error, file=sys.stderr)
        return 2
    lessons = Lessons(rows, book)
    taught = lessons.taught(np.ones(len(rows), dtype=bool))
    save_text(LEXICON / learned.TABLE, learned.as_table(taught).to_csv(index=False, lineterminator="\n"))
    save_text((LEXICON / learned.TABLE).with_suffix(".md"), card(lessons, taught, book))
    print(f"Taught with {len(rows):,} paragraphs; how well it reads others: data/lexicon/{learned.TABLE[:-4]}.md")
    return 0
