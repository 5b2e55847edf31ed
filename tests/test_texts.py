"""A folder of files becomes one row per article; whatever goes wrong becomes a row of problems, and nothing stops."""

import pandas as pd
import pytest

from helpers import alignment, decoding, intrusion, lexicon, metadata, sheets, store, texts
from helpers.study import SAMPLE, CorpusError, Study

BODY = "新区昨日启动应急响应，居民有序登记，社区组织志愿者逐户上门，秩序井然。"


def write(folder, **files: str):
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_dot_", ".")
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")


def said(problems: pd.DataFrame) -> dict[str, str]:
    return problems.groupby("file")["problem"].agg("; ".join).to_dict()


def bad_corpus(folder):
    """A folder with everything that goes wrong, and three good articles, two of them the same."""
    good = "新区启动应急响应\n3月9日，新区启动全员核酸检测，居民有序参加，秩序井然。\n"
    (folder / "good.txt").write_text(good, encoding="utf-8")
    (folder / "legacy.txt").write_bytes(good.replace("新区", "高新区").encode("gb18030"))
    (folder / "twin.txt").write_text(good, encoding="utf-8")
    (folder / "empty.txt").write_bytes(b"")
    (folder / "photo.txt").write_bytes(bytes(range(256)) * 40)
    (folder / "word.docx").write_bytes(b"PK\x03\x04 not a document")
    (folder / "locked.docx").write_bytes(b"\xd0\xcf\x11\xe0 not a document")
    (folder / "torn.pdf").write_bytes(b"%PDF-1.4")
    (folder / "notes.doc").write_bytes(b"old")
    (folder / "scan.jpg").write_bytes(b"picture")
    (folder / "frames.html").write_text("<frameset><frame src='a.html'></frameset>")
    (folder / "english.txt").write_text("No Chinese here.", encoding="utf-8")
    (folder / "table.csv").write_text("甲,乙\n1,2\n", encoding="utf-8")
    (folder / "page.htm").write_text(f"<p>{BODY}</p>", encoding="utf-8")
    (folder / "page_files").mkdir()
    (folder / "page_files" / "menu.html").write_text("<p>菜单</p>", encoding="utf-8")
    (folder / "articles.csv").write_text(
        "file,place,date\ngood.txt,某区,2022-13-45\nlegacy.txt,某区,2022-03-10\ngone.txt,某区,2022-03-09\n",
        encoding="utf-8",
    )


def test_bad_files_are_reported_each_and_the_rest_is_read(tmp_path):
    bad_corpus(tmp_path)
    before = {p.name: p.read_bytes() for p in tmp_path.iterdir() if p.is_file()}
    docs, problems = texts.load(Study(corpus=tmp_path))
    assert docs["file"].tolist() == ["good.txt", "legacy.txt", "page.htm", "twin.txt"]
    legacy = docs.set_index("file").loc["legacy.txt"]
    assert legacy[["encoding", "date", "year"]].tolist() == ["gb18030", "2022-03-10", 2022]
    told = said(problems)
    for file, word in {
        "empty.txt": "empty",
        "photo.txt": "not a text file",
        "word.docx": "could not be read",
        "locked.docx": "password",
        "torn.pdf": "damaged",
        "notes.doc": "file type",
        "scan.jpg": "file type",
        "frames.html": "frames",
        "english.txt": "no Chinese",
        "table.csv": "its columns are 甲、乙",
        "page_files": "saved with a web page",
        "gone.txt": "not in the folder",
        "good.txt": "no ISO date",
        "twin.txt": "same content",
    }.items():
        assert word in told[file], file
    assert problems["remedy"].str.len().gt(5).all()
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir() if p.is_file()} == before


def test_a_japanese_page_is_told_and_a_chinese_one_with_a_japanese_sign_is_not(tmp_path):
    (tmp_path / "ja.txt").write_text("市は感染の広がりを受けて学校の休校を延ばすと発表した。", encoding="utf-8")
    (tmp_path / "zh.txt").write_text(
        "社区的小店「春の味」为隔离居民送饭，志愿者每天上门登记来访人员。", encoding="utf-8"
    )
    _, problems = texts.load(Study(corpus=tmp_path))
    assert problems[["file", "problem"]].values.tolist() == [["ja.txt", "looks Japanese"]]


def test_articles_of_a_table_that_repeat_others_are_told_in_one_row(tmp_path):
    (tmp_path / "posts.csv").write_text("正文\n社区加油\n社区加油\n家园平安\n社区加油\n", encoding="utf-8")
    (tmp_path / "z.txt").write_text("家园平安", encoding="utf-8")
    _, problems = texts.load(Study(corpus=tmp_path))
    assert problems[["file", "problem"]].values.tolist() == [
        ["z.txt", "same content as posts.csv#3"],
        ["posts.csv", "2 of 4 articles in it repeat an earlier one: 2, 4"],
    ]
    assert "not very short" in problems["remedy"][0], "nothing is promised that duplicates.csv does not keep"


@pytest.mark.parametrize(
    "make,word",
    [
        (lambda f: f / "nowhere", "no such folder"),
        (lambda f: f, "no article"),
        (lambda f: (f / "a.txt").write_text("一") and f / "a.txt", "not a folder"),
    ],
)
def test_a_corpus_that_cannot_be_opened_stops_with_one_sentence(tmp_path, make, word):
    with pytest.raises(CorpusError, match=word):
        texts.load(Study(corpus=make(tmp_path)))


def test_links_out_of_the_folder_are_not_followed(tmp_path):
    outside = tmp_path / "outside.txt"
    outside.write_text("新区启动应急响应，居民有序登记。", encoding="utf-8")
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "inside.txt").write_text("社区设立登记点，居民有序登记。", encoding="utf-8")
    (corpus / "link.txt").symlink_to(outside)
    docs, problems = texts.load(Study(corpus=corpus))
    assert docs["file"].tolist() == ["inside.txt"] and "leads out" in problems["problem"].iloc[0]


def test_tables_and_documents_of_every_format(tmp_path):
    import docx

    (tmp_path / "export.csv").write_text(
        "标题,正文,来源,日期,层级\n甲,社区设立登记点。,某报,2022-03-09,市\n空,,,,\n乙,新区启动应急响应。,某网,昨天,县\n",
        encoding="gb18030",
    )
    (tmp_path / "rows.jsonl").write_text(
        '{"title": "丙", "text": "街道连夜排查。", "date": "2020-02-01"}\n', encoding="utf-8"
    )
    document = docx.Document()
    document.add_paragraph("工厂复工，口罩产能翻番。")
    document.save(tmp_path / "word.docx")
    docs, problems = texts.load(Study(corpus=tmp_path))
    assert docs["file"].tolist() == ["export.csv#1", "export.csv#3", "rows.jsonl", "word.docx"]
    assert docs["doc_id"].tolist() == ["export-0001", "export-0003", "rows", "word"]
    assert docs["title"].tolist()[:3] == ["甲", "乙", "丙"] and docs["date"].tolist()[0] == "2022-03-09"
    assert docs["层级"].tolist() == ["市", "县", "", ""]
    assert said(problems) == {
        "export.csv": "1 of 3 articles in it without Chinese text: 2",
        "export.csv#3": "date '昨天' in the file is no ISO date",
    }


def test_a_month_for_a_date_says_the_year(tmp_path):
    """Nobody is made to invent a day."""
    for name in ("a", "b", "c"):
        (tmp_path / f"{name}.txt").write_text(f"社区{name}设立登记点，居民有序登记。", encoding="utf-8")
    (tmp_path / "articles.csv").write_text("file,date\na.txt,2022-02\nb.txt,2020\nc.txt,上月\n", encoding="utf-8")
    docs, problems = texts.load(Study(corpus=tmp_path))
    assert docs["date"].tolist() == ["", "", ""] and docs["year"].tolist()[:2] == [2022, 2020]
    assert said(problems) == {"c.txt": "date '上月' in articles.csv is no ISO date"}


def test_sub_folders_stay_in_the_name_and_tell_twins_apart(tmp_path):
    write(tmp_path, a__x_dot_txt=BODY, b__x_dot_txt=BODY + "二", y_dot_txt=BODY + "三")
    docs, _ = texts.load(Study(corpus=tmp_path))
    assert docs["file"].tolist() == ["a/x.txt", "b/x.txt", "y.txt"] and docs["doc_id"].tolist() == ["a_x", "b_x", "y"]


def test_articles_csv_overrules_what_files_say(tmp_path):
    write(tmp_path, p_dot_csv=f"标题,正文,日期,来源\n甲,{BODY},2022-03-09,某报\n乙,{BODY}二,2022-03-10,某报\n")
    write(tmp_path, q_dot_txt=f"新区防控\n来源：某网 2022-03-11\n{BODY}")
    (tmp_path / "articles.csv").write_text(
        "文件名;標題;地区;日期;level\np.csv;;某区;;市\np.csv#2;丁;;2021-05-06;\n.\\q.txt;;另区;2020/1/2;县\n",
        encoding="gb18030",
    )
    docs, problems = texts.load(Study(corpus=tmp_path))
    assert docs["title"].tolist() == ["甲", "丁", ""] and docs["place"].tolist() == ["某区", "某区", "另区"]
    assert docs["date"].tolist() == ["2022-03-09", "2021-05-06", "2020-01-02"]
    assert docs["date_basis"].tolist() == ["export", "articles.csv", "articles.csv"]
    assert docs["publisher"].tolist() == ["某报", "某报", "某网"] and docs["level"].tolist() == ["市", "市", "县"]
    assert problems.empty


def test_mistakes_in_articles_csv_are_reported_each(tmp_path):
    write(tmp_path, p_dot_csv=f"标题,正文\n甲,{BODY}\n乙,{BODY}二\n", q_dot_txt=BODY + "四", r_dot_txt=BODY + "三")
    rows = "file,year,publishr\np.csv,22年,a\np.csv,2022,b\np.csv#9,,\ngone.txt,,\nq.txt,2020,\n"
    write(tmp_path, articles_dot_csv=rows)
    docs, problems = texts.load(Study(corpus=tmp_path))
    assert len(docs) == 4 and docs["publishr"].tolist() == ["a", "a", "", ""]
    assert said(problems) == {
        "articles.csv": "column 'publishr' is carried along as it is; is 'publisher' meant?",
        "gone.txt": "listed in articles.csv but not in the folder",
        "p.csv": "listed twice in articles.csv",
        "p.csv#1": "year '22年' in articles.csv is no year",
        "p.csv#2": "year '22年' in articles.csv is no year",
        "p.csv#9": "listed in articles.csv but its file has no article of this number",
        "r.txt": "not listed in articles.csv",
    }


def test_a_file_name_a_letter_off_is_guessed(tmp_path):
    write(tmp_path, news__04_dot_txt=BODY, articles_dot_csv="file\nnews-4.txt\nnews/4.txt\nanother.txt\n")
    _, problems = texts.load(Study(corpus=tmp_path))
    remedy = problems.set_index("file")["remedy"]
    assert all(remedy[name].startswith("Is news/04.txt meant") for name in ("news-4.txt", "news/4.txt"))
    assert remedy["another.txt"] == "Add the file or remove the row."


def test_a_list_that_leaves_endings_out_names_the_files_it_alone_can_mean(tmp_path):
    write(
        tmp_path,
        a__二〇二〇dot1_dot_txt=BODY,
        b_dot_txt=BODY + "二",
        b_dot_md=BODY + "三",
        c_dot_csv=f"正文\n{BODY}四\n{BODY}五\n",
    )
    write(tmp_path, articles_dot_csv="file,place\na/二〇二〇dot1,甲县\nb,乙县\nc,丙县\n")
    docs, problems = texts.load(Study(corpus=tmp_path))
    assert docs["place"].tolist() == ["甲县", "", "", "丙县", "丙县"]
    told = problems[problems["file"] == "articles.csv"]["problem"].tolist()
    assert told == ["2 file(s) named without ending, taken for a/二〇二〇dot1.txt, c.csv"]
    assert said(problems)["b"] == "listed in articles.csv but not in the folder"


def test_a_column_to_compare_by_that_merged_cells_left_empty_is_told(tmp_path):
    write(tmp_path, a_dot_txt=BODY, b_dot_txt=BODY + "二", c_dot_txt=BODY + "三")
    write(tmp_path, articles_dot_csv="file,place,phase,level\na.txt,甲县,早,\nb.txt,,早,\nc.txt,,晚,\n")
    _, problems = texts.load(Study(corpus=tmp_path))
    assert said(problems) == {"articles.csv": "column 'place' is empty in 2 of 3 rows"}
    assert texts.load(Study(corpus=tmp_path, compare=("phase", "level")))[1].empty


def test_what_excel_saves_beside_the_articles_is_read(tmp_path):
    """Chinese Windows: GBK and semicolons; overrides.csv as well as articles.csv."""
    write(tmp_path / "c", 疫_dot_txt=f"{BODY}\n分享到：\n{BODY}")
    (tmp_path / "c" / "overrides.csv").write_text("file; line;zone\r\n.\\疫.txt;2;body\r\n", encoding="gb18030")
    study = Study(corpus=tmp_path / "c", results=tmp_path / "out")
    assert store.load(study, "lines")["zone"].tolist()[1] == "body" and store.load(study, "problems").empty
    (tmp_path / "c" / "overrides.csv").write_text('file,line,zone\n"疫.txt,2\n', encoding="gb18030")
    assert "cannot be read as a table" in said(store.load(study, "problems"))["overrides.csv"]


def test_sheets_that_excel_saved_in_gbk_come_back(tmp_path):
    """Labels of topics, answers of readers and codes: what people fill in is read as articles.csv is."""
    study = Study(corpus=tmp_path)
    sheets_of = {
        alignment.LABELS: "words;label_zh;label_en;by;date\n口罩、核酸;物资;supplies;王;\n",
        "word_intrusion_王.csv": "item;answer;reader\n1;3;王\n",
        "codes_王.csv": "doc_id;line;war\n甲;3;1 \n甲;4;0\n",
    }
    for name, text in sheets_of.items():
        (tmp_path / name).write_text(text, encoding="gb18030")
    assert alignment.read_labels(study)["label_zh"].tolist() == ["物资"]
    assert intrusion.read_answers(study, "word").values.tolist() == [["1", "3", "王"]]
    assert sheets.read_coders(tmp_path, ["war"])["王"]["war"].tolist() == [1.0, 0.0]


def test_an_articles_table_saved_as_a_workbook_says_what_to_do(tmp_path):
    write(tmp_path, a_dot_txt=BODY)
    pd.DataFrame({"file": ["a.txt"], "place": ["甲县"]}).to_excel(tmp_path / "articles.xlsx", index=False)
    _, problems = texts.load(Study(corpus=tmp_path))
    assert "save it as articles.csv" in problems.set_index("file")["remedy"]["articles.xlsx"]


def test_filled_coding_sheets_are_no_articles_whether_or_not_the_study_says_so(tmp_path):
    """A sheet in `truth` holds paragraphs of the corpus: read as articles each would count again."""
    sheet = f"doc_id,line,text,war\na,1,{BODY},1\na,2,{BODY}二,0\n"
    write(tmp_path, a_dot_txt=BODY, truth__codes_wang_dot_csv=sheet, sub__truth_dot_txt=BODY + "三")
    docs, problems = texts.load(Study(corpus=tmp_path))
    assert docs["file"].tolist() == ["a.txt", "sub/truth.txt"]
    assert said(problems) == {"truth": "codes and answers given by hand, not read as articles"}
    assert texts.load(Study(corpus=tmp_path, ignore=("truth",)))[1].empty


def test_what_people_say_of_the_articles_is_among_the_settings_that_changed(tmp_path):
    write(tmp_path, a_dot_txt=BODY, truth__codes_dot_csv="x", topic_labels_dot_csv="x", zh_dot_export_dot_yml="x")
    assert set(store.settings(Study(corpus=tmp_path))) == {"truth/codes.csv", "topic_labels.csv", "zh.export.yml"}


@pytest.mark.parametrize(
    "name,day",
    [
        ("（2020.2.3）某县.txt", "2020-02-03"),
        ("2020年12月13日 某报.docx", "2020-12-13"),
        ("某报_2022-4-6.html", "2022-04-06"),
        ("20220406某县.txt", "2022-04-06"),
        ("2020.1-5 月报.txt", ""),
        ("12020.2.3.txt", ""),
        ("2020.2.30.txt", ""),
    ],
)
def test_a_day_in_the_name_of_a_file_is_read_as_people_write_it(name, day):
    assert metadata.dated("", "", {}, BODY, name)[0] == day


def test_one_outlet_in_two_scripts_is_told(tmp_path):
    rows = "file,publisher,place\na.txt,嶺東日報,嶺東\nb.txt,岭东日报,嶺東\nc.txt,临河晚报,临河\n"
    write(tmp_path, a_dot_txt=BODY, b_dot_txt=BODY + "二", c_dot_txt=BODY + "三", articles_dot_csv=rows)
    _, problems = texts.load(Study(corpus=tmp_path))
    assert problems["problem"].tolist() == ["column 'publisher' has 嶺東日報 and 岭东日报, which count as different"]


def test_an_override_that_fits_nothing_changes_nothing_and_is_told(tmp_path):
    corpus = tmp_path / "corpus"
    write(corpus, q_dot_txt=f"{BODY}\n分享到：\n{BODY}", overrides_dot_csv="file,line,zone\nq.txt,2,body\n")
    right = store.load(Study(corpus=corpus, results=tmp_path / "1"), "lines")["zone"].tolist()
    assert right[1] == "body"
    rows = "q.txt,1,bodyy\nq.txt,two,body\nz.txt,1,body\n"
    write(corpus, overrides_dot_csv=f"file,line,zone\nq.txt,2,body\n{rows}")
    study = Study(corpus=corpus, results=tmp_path / "2")
    told = store.load(study, "problems")
    assert store.load(study, "lines")["zone"].tolist() == right
    assert told["problem"].tolist() == [
        "row for q.txt line two fits no article",
        "row for z.txt line 1 fits no article",
        "q.txt line 1: there is no zone 'bodyy'; the row was left out",
    ]
    assert "title, subtitle, heading, body" in told["remedy"].iloc[-1]


@pytest.mark.parametrize(
    "text,word", [("", "cannot be read as a table"), ("name,year\na,1\n", "its columns are name, year")]
)
def test_an_articles_csv_that_cannot_be_used_is_reported(tmp_path, text, word):
    write(tmp_path, q_dot_txt=BODY, articles_dot_csv=text)
    docs, problems = texts.load(Study(corpus=tmp_path))
    assert len(docs) == 1 and word in problems["problem"][0]


def test_each_file_is_opened_once(monkeypatch):
    """The sample's articles.csv and articles, each one time; nothing else."""
    from pathlib import Path

    opened, read_bytes = [], Path.read_bytes
    monkeypatch.setattr(Path, "read_bytes", lambda path: opened.append(path.name) or read_bytes(path))
    docs, _ = texts.load(Study(corpus=SAMPLE))
    assert sorted(opened) == sorted(["articles.csv", *docs["file"]])


def test_the_year_comes_from_the_text_never_from_the_clock():
    assert metadata.year_in_text("2019年底以来。2020年1月23日，新区启动响应。") == 2020
    assert metadata.year_in_text("1月23日，新区启动响应。") is None
    assert metadata.year_in_text("武漢肺炎重演2002年11月的一幕，2003年的沙士未遠。") is None, "looks back"
    assert metadata.year_in_text("2003年3月的教训犹在，2022年4月奥密克戎来袭。") == 2022
    assert metadata.year_in_text("卷宗12023年5月入库，2021年移交。") == 2021, "part of a longer number"


@pytest.mark.parametrize("weekday", ["Wednesday", "Monday", "Thursday", "Wed", "Sat", "Tue", "Thurs"])
def test_a_date_in_english_may_name_its_day_of_the_week(weekday):
    assert (
        metadata.iso(f"{weekday}, April 6, 2022")
        == metadata.iso(f"{weekday}, 06 Apr 2022 09:30:00 +0800")
        == "2022-04-06"
    )
    assert metadata.iso("April 2022") == metadata.iso("Someday, April 6, 2022") == ""


def test_what_names_the_year_is_said_where_nothing_names_the_day():
    raw = "2020年1月23日，新区启动响应。"
    assert metadata.dated("", "2021", {"year": "2022"}, raw, "a.txt") == ("", 2021, "articles.csv (year)")
    assert metadata.dated("", "", {"year": "2022"}, raw, "2019年志.txt") == ("", 2022, "export (year)")
    assert metadata.dated("", "", {}, raw, "a.txt") == ("", 2020, "text (year)")
    assert metadata.dated("", "", {}, "居民排队。", "a.txt") == ("", None, "")
    assert metadata.dated("2020-02-30", "", {"date": "2020-03-01"}, raw, "a.txt") == ("2020-03-01", 2020, "export")
    assert metadata.dated("2020-02-28", "2021", {"date": "2020-03-01"}, raw, "a.txt") == (
        "2020-02-28",
        2021,
        "articles.csv",
    )


def test_a_broken_choice_stops_at_once(tmp_path):
    (tmp_path / "study.toml").write_text("topicz = 5\n")
    with pytest.raises(CorpusError, match="unknown choice 'topicz'"):
        Study(corpus=tmp_path)


def test_the_signs_of_a_script_are_what_the_converter_changes():
    """Of the common characters, taken one by one: those that only one of the two conversions changes."""
    import opencc

    to_traditional, to_simplified = (opencc.OpenCC(name).convert for name in ("s2t", "t2s"))
    changed = {c: (to_traditional(c) != c, to_simplified(c) != c) for c in decoding.common()}
    rows = {row["script"]: set(row["characters"]) for row in lexicon.rows("script_signs", "script", "characters")}
    assert rows["hans"] == {c for c, told in changed.items() if told == (True, False)}
    assert rows["hant"] == {c for c, told in changed.items() if told == (False, True)}


def test_what_stands_in_both_scripts_tells_neither():
    assert texts.script("梁山" * 30 + "國門" * 30) == "hant"
