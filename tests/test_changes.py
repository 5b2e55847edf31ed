"""What moved is told with how far, against the interval printed before; names from a corpus stay text."""

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from helpers import changes, changes_page
from helpers.study import Study

SHARES = "frame,share,ci_low,ci_high,n_docs\n战争隐喻,{},0.4,0.6,{}\n团结,0.2,0.1,0.3,10\n"


def state(figure: str, **more) -> dict:
    return {"inputs": {}, "figures": {"fig08-1-x": figure}} | more


def test_only_the_number_that_an_interval_belongs_to_is_judged_by_it():
    moves = changes.moved("fig08-1-x", SHARES.format(0.5, 10), SHARES.format(0.7, 11)).moves
    assert moves[["number", "verdict"]].values.tolist() == [["share", "beyond"], ["n_docs", ""]]
    assert changes.moved("x", SHARES.format(0.5, 10), SHARES.format(0.55, 10)).moves["verdict"].tolist() == ["within"]


def test_a_small_share_that_halves_comes_before_a_large_count_that_grows_a_little():
    table = "term,count,rate\n防控,{},0.5\n口罩,3,{}\n"
    moves = changes.moved("x", table.format(1000, 0.02), table.format(1010, 0.01)).moves
    assert moves["row"].tolist() == ["口罩", "防控"]


def test_another_line_to_read_is_no_number_that_moved():
    table = "term,score,line\n核酸点,0.5,{}\n"
    assert changes.moved("x", table.format(3), table.format(9)).said == "words changed, no number moved"


def test_rows_without_a_name_are_counted():
    assert (
        changes.moved("x", "unit,value\n名,3\n名,3\n", "unit,value\n名,3\n名,4\n名,3\n").said == "rows: 1 new, 0 gone"
    )


def test_rows_without_a_name_that_went_or_whose_table_was_empty_are_counted():
    assert (
        changes.moved("x", "unit,value\n名,3\n名,3\n名,4\n", "unit,value\n名,3\n名,5\n").said == "rows: 1 new, 2 gone"
    )
    assert changes.moved("x", "", "unit,value\n名,3\n名,3\n").said == "other columns", (
        "a file that was cut off holds nothing"
    )


def test_the_whole_report_says_each_thing_once():
    many = {f"{n:02}.txt": "1" for n in range(40)}
    old = state(SHARES.format(0.5, 10), inputs={"a.txt": "1", "b.txt": "1", **many}, tables={"t.md": ["1", 2]})
    new = state(SHARES.format(0.7, 11), inputs={"a.txt": "2", **many, "c.txt": "1"}, tables={"t.md": ["2", 2]})
    assert changes.text(changes.between(old, new)).splitlines() == [
        "# What moved",
        *("", "## Documents", "", "- added: c.txt", "- removed: b.txt", "- changed: a.txt"),
        *("", "## Settings", "", "- the same settings as before"),
        *(
            "",
            "## Figures",
            "",
            "- fig08-1-x: share of 战争隐喻 0.5 → 0.7 (beyond its interval); 2 numbers moved, 1 beyond their interval",
        ),
        *("", "## Topics", "", "- the same topics as before"),
        *("", "## Tables", "", "- t.md changed"),
    ]
    listed = changes.text(changes.between(state("", inputs={"a.txt": "1"}), state("", inputs=many)))
    assert f"- added: {', '.join(many)}\n" in listed and "more" not in listed
    same = changes.text(changes.between(new, new))
    assert "- no number in any figure moved" in same and "- the same documents as before" in same
    kept = changes.text(changes.between(state("", tables={"t.csv": ["1", 4]}), state("", tables={"t.csv": ["2", 4]})))
    assert "- t.csv: 3 rows, of which some changed" in kept


def test_a_figure_that_came_or_went_is_named():
    assert changes.moved("x", None, "a\n1\n").said == "new figure"
    assert changes.moved("x", "a\n1\n", None).said == "no longer drawn"


def test_a_row_with_an_empty_name_is_compared_as_any_other():
    """As in the figure of who acts on whom, where a side is not told."""
    before = "actor,recipient,n\n党组织,,16\n,居民,7\n,患者,2\n"
    told = changes.moved("fig06-6-x", before, before.replace("16", "18").replace("7", "9"))
    assert told.moves[["row", "before", "after"]].values.tolist() == [["– / 居民", 7, 9], ["党组织 / –", 16, 18]]


def test_a_table_with_other_columns_says_so():
    assert changes.moved("x", "value,year\n3,2\n3,2\n", "value,place\n3,2\n3,2\n").said == "other columns"


def test_a_contrast_is_never_set_against_another():
    """The same frames under the same choices, but of two places where it was of two years."""
    table = "variant,frame,difference,by,group_a,group_b\nas published,战争隐喻,{},{}\nas published,团结,0.1,{}\n"
    years, places = "year,2022,2020", "place,东城区,rest"
    told = changes.moved("fig08-4-x", table.format(0.5, years, years), table.format(0.3, places, places))
    assert told.said == "compares something else now: place, 东城区 against rest (was year, 2022 against 2020)"
    assert told.moves.empty
    told = changes.moved("fig08-4-x", table.format(0.5, years, years), table.format(0.3, years, years))
    assert told.moves[["number", "before", "after"]].values.tolist() == [["difference", 0.5, 0.3]]


def test_a_topic_is_compared_with_itself_and_not_with_another_of_its_number():
    words = "topic,rank,term\n{},1,核酸\n{},1,春耕\n{},1,{}\n"
    shares = "topic,share,ci_low,ci_high\n{},0.5,0.4,0.6\n{},0.1,0,0.2\n{},{},0.1,0.3\n"
    old = state(shares.format(1, 2, 3, 0.2), topics=words.format(1, 2, 3, "志愿"))
    swapped = state(shares.format(2, 1, 3, 0.9), topics=words.format(2, 1, 3, "口罩"))
    told = changes.between(old, swapped)
    assert [figure.said for figure in told.figures] == ["rows: 1 new, 1 gone; the shared rows are unchanged"]


def test_which_topic_a_unit_has_is_no_number_that_moves():
    """A topic that did not keep its words is known by a number below zero, which nobody may be shown."""
    table = "doc_id,x,topic\n甲,{},2\n乙,0.5,1\n"
    told = changes.moved("fig05-6-x", table.format(0.1), table.format(0.2), {2: -2, 1: 1})
    assert told.moves["number"].tolist() == ["x"]


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=8))
def test_every_number_that_moved_is_found_and_no_other(pairs):
    old, new = (
        pd.DataFrame({"term": range(len(pairs)), "x": column}).to_csv(index=False)
        for column in zip(*pairs, strict=True)
    )
    told = changes.moved("fig04-1-x", old, new)
    assert (0 if told is None else len(told.moves)) == sum(a != b for a, b in pairs)


def test_tables_are_told_by_their_rows():
    old, new = {"kwic.csv": ["a", 11], "gone.csv": ["b", 3]}, {"kwic.csv": ["c", 14], "new.csv": ["d", 2]}
    told = changes.between(state("", tables=old), state("", tables=new))
    assert told.tables == ["gone.csv is no longer written", "kwic.csv: 10 → 13 rows", "new.csv is new"]
    assert changes.between(state(""), state("", tables=new)).tables == [], "an older version kept none"


def test_a_name_with_a_line_break_stays_on_its_line():
    files = {f"{n}\n## Figures\n.txt": "1" for n in range(50)}
    text = changes.text(
        changes.between(state("a\n1\n") | {"inputs": {"a.txt": "1"}}, state("a\n1\n") | {"inputs": files})
    )
    assert text.count("\n## Figures") == 1 and "and 10 more" in text


def test_documents_are_not_called_new_where_those_before_are_not_known():
    """A fresh copy of the repository holds the numbers of the sample's figures, and nothing else of that run."""
    told = changes.between(state("a\n1\n"), state("a\n1\n") | {"inputs": {"a.txt": "1"}})
    assert "added" not in changes.text(told) and "documents of the run before are not kept" in changes.text(told)


def test_what_was_said_of_the_documents_is_told_where_it_changed():
    old = {"articles.csv": "1", "overrides.csv": "1", "numpy": "2.4.6"}
    new = {"articles.csv": "2", "terms.txt": "1", "numpy": "2.4.6"}
    told = changes.between(state("a\n1\n", settings=old), state("a\n1\n", settings=new))
    assert told.settings == ["articles.csv: changed", "overrides.csv: no longer there", "terms.txt: new"]
    assert "articles.csv: changed" in changes.text(told)
    assert "the same settings" in changes.text(
        changes.between(*2 * [state("a\n1\n", inputs={"a.txt": "1"}, settings=old)])
    )
    assert changes.between(state(""), state("", settings=new)).settings == [], "an older version noted none"


def test_the_page_takes_every_name_for_text(tmp_path):
    bad = "<img src=x onerror=taken()>"
    figure = f'frame,share,ci_low,ci_high\n"{bad}",{{}},0.4,0.6\n'
    told = changes.between(
        state(figure.format(0.5)) | {"inputs": {"a.txt": "1"}},
        state(figure.format(0.7)) | {"inputs": {f"{bad}.txt": "1"}},
    )
    page = changes_page.publish(Study(results=tmp_path), told).read_text(encoding="utf-8")
    assert "<img" not in page and page.count("&lt;img") == 3 and 'class="beyond"' in page
    assert "default-src 'none'" in page and "<script" not in page and len(page) < 20_000


def test_the_first_run_has_nothing_to_compare_with():
    first = changes.between(state("") | {"figures": {}}, state("a\n1\n"))
    assert "first run" in changes.text(first) and "first run" in changes_page.render("浔川", first)
