"""Quantities put in order: facts stated twice are marked, and the numbers of each unit stand together."""

import pandas as pd

from helpers import lexicon

PEOPLE = ("人", "名", "位", "个人")  # measure words that count the same thing: persons


def unit_names() -> pd.DataFrame:
    """Unit, kind and gloss of every unit in units.csv, by its canonical form."""
    table = pd.DataFrame(lexicon.rows("units", "canonical", "kind", "gloss"))
    return table.drop_duplicates("canonical").set_index("canonical")[["kind", "gloss"]]


def same_fact(counted: str, other: str, value: float) -> bool:
    """Whether two equal numbers of one unit in one article state one fact.

    They do where the thing counted is the same; from 10 up also where one name holds the other, one is not told, or the
    number has three or more telling digits: such numbers do not meet by chance, small and round ones do.

    >>> same_fact("志愿者", "社区志愿者", 320), same_fact("组", "人", 3), same_fact("口罩", "手套", 1000)
    (True, False, False)
    >>> same_fact("口罩", "物资", 1254)
    True
    """
    if counted and counted == other:
        return True
    telling = len(f"{value:.10g}".replace(".", "").strip("0")) >= 3
    return value >= 10 and (telling or not counted or not other or counted in other or other in counted)


def mark_repeats(quantities: pd.DataFrame) -> pd.DataFrame:
    """`quantities` with `repeats`: the line where the article states the same fact first, <NA> at first mention.

    >>> rows = {"doc_id": "甲", "unit": ["人", "名"], "value": 320.0, "counted": ["志愿者", "社区志愿者"], "line": [2, 5]}
    >>> mark_repeats(pd.DataFrame(rows))["repeats"].tolist()
    [<NA>, 2]
    """
    rows = quantities.reset_index(drop=True)
    unit = rows["unit"].where(~rows["unit"].isin(PEOPLE), PEOPLE[0])
    again = pd.Series(pd.NA, index=rows.index, dtype="Int64")
    for _, group in rows.groupby(["doc_id", unit, "value"], sort=False):
        kept: list[tuple[str, int]] = []
        for i, counted, value, line in (
            group[["counted", "value", "line"]].fillna("").itertuples() if len(group) > 1 else ()
        ):
            before = next((first for noun, first in kept if same_fact(noun, counted, float(value))), None)
            if before is None:
                kept.append((counted, line))
            else:
                again[i] = before
    return rows.assign(repeats=again)


def by_unit(quantities: pd.DataFrame, group: pd.Series, most: int = 12) -> tuple[pd.DataFrame, dict[str, str]]:
    """Numbers above zero of the `most` frequent units, kinds together, and a title for each unit.

    Added to the rows: kind and gloss of the unit, `group` of the article.
    """
    names = unit_names()
    rows = (
        quantities[quantities["value"] > 0]
        .join(names, on="unit")
        .assign(group=lambda t: t["doc_id"].map(group), approx=lambda t: t["approx"].fillna(""))
    )
    sizes = rows.groupby(["kind", "unit"]).size().rename("n")
    top = sizes.sort_values(ascending=False, kind="stable").head(most).reset_index()
    top = top.iloc[pd.factorize(top["kind"])[0].argsort(kind="stable")]
    gloss = names["gloss"].str.split("[,;]").str[0].to_dict()
    titles = {unit: f"{unit} {gloss.get(unit, '')}, n = {n}" for unit, n in zip(top["unit"], top["n"], strict=True)}
    return rows.set_index("unit").loc[list(titles)].reset_index(), titles
