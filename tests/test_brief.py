"""The shipped brief: pages, paragraphs, sections, table, footnotes and its English edition."""

import json
import re
import unicodedata

import pytest
import yaml
from conftest import CORPUS

from index.lexicon import GLOSSARY, THESAURUS
from index.load import load_library
from index.number_match import missing

SIDECAR = yaml.safe_load((CORPUS / "brief.yaml").read_text(encoding="utf-8"))
RAW = (CORPUS / "brief.ko.txt").read_text(encoding="utf-8")
ROWS = [
    json.loads(line)
    for line in (CORPUS / "brief.en.jsonl").read_text(encoding="utf-8").splitlines()
]
ORDINARY = (
    "트럼프 1기|트럼프 2기|제2의 지각변동|제3차 세계 대전|제12차 방위비|5배 증액|10배까지|"
    "24시간 내에|350척 함대|10월 14일|2018년부터|2018년 이후|2034년에는|35조 달러|4경 8천조 원|"
    "56조 달러|7경 7천조 원|1,830억 달러|179억 달러|제2신속대응사단"
).split("|")
BEFORE_MARKER = (
    "추진할 것이다.|자평한다.|보인다.|주장해왔기에|이어왔고,|지원했다.|말한다.|밝혔다.|주문한다.|"
    "주축이 된다.|했다.|배제할 수 없다.|올라갔다.|입장|평가된다.|상당하다.|해야 한다.|"
    "‘부자나라’이다.|격상시켰다.|전망이다.|대응했으나|‘확장억제 분담금’|못했다.|구했다."
).split("|")
PAGES = {  # how each page begins and ends in the source
    1: ("도널드 트럼프 당선인(이하 트럼프)이", "한국의 국제적"),
    2: ("역할 확대와 북한의 핵전력 강화", "트럼프 1기의"),
    3: ("정책들이 ‘재편(renewal)’될", "지속적으로 증대될 것이다."),
    4: ("대(對) 중국 정책", "전화 통화로 우호적인"),
    5: ("분위기를 연출했고", "일련의 미북"),
    6: ("정상회담과 같은 탑 다운", "비용 부담을"),
    7: ("감당하지 않으면", "국익의"),
    8: ("공통분모와 교환할 수 있는", "이유가 있다는 말이다."),
    9: ("수입이 한정된다면", "번복할 수 있다."),
    10: ("그러나 기존 협상을", "자리매김할 수 있다."),
    11: ("결 론", "이어갈 수 있을 것이다."),
}
CELLS = {
    ("기조", "미국"): ["미국우선주의(America First): 미국을 다시 위대하게(MAGA)"],
    ("기조", "한국"): ["자유, 평화, 번영의 글로벌 중추국가"],
    ("경제", "미국"): [
        "무역 불균형의 시정과 미국의 제조업 기반 강화",
        "중국의 경제적 약탈에 대한 대응",
    ],
    ("경제", "한국"): [
        "미중 패권경쟁과 연대 재결성으로 인한 공급망 위기 대응",
        "미래 핵심 산업의 육성과 새로운 시장 개척",
    ],
    ("군사", "미국"): [
        "세계 최고의 군사력 유지를 위한 군비 증강과 현대화",
        "중국을 압박할 수 있는 군사적 우위의 유지",
    ],
    ("군사", "한국"): [
        "북핵 위협에 대응할 수 있는 강한 국방력의 확보",
        "첨단 과학 및 IT 기술 기반의 미래형 강군 육성",
    ],
    ("동맹", "미국"): ["동맹의 과도한 안보적 요구로부터 탈피", "동맹의 비용 분담 증대"],
    ("동맹", "한국"): ["굳건한 한미동맹의 국방태세", "한미 공동 핵안보"],
}


@pytest.fixture(scope="module")
def brief():
    (document,) = load_library(CORPUS)
    return document


@pytest.fixture(scope="module")
def passages(brief_index):
    return brief_index.passages


def letters(text):
    return "".join(text.split())


def test_the_24_footnote_markers_are_found_in_order_where_they_stood(brief):
    assert [number for number, _ in brief.footnotes] == list(range(1, 25))
    for (_, offset), words in zip(brief.footnotes, BEFORE_MARKER, strict=True):
        assert brief.text[:offset].endswith(words)


def test_no_footnote_marker_is_left_in_the_text(brief):
    for number, words in enumerate(BEFORE_MARKER, start=1):
        assert re.search(re.escape(words) + rf"\s?{number}(?!\d)", RAW)
        assert not re.search(re.escape(words) + rf"\s?{number}(?!\d)", brief.text)


@pytest.mark.parametrize("words", ORDINARY)
def test_an_ordinary_number_is_kept(brief, words):
    assert words in brief.text


def test_but_for_markers_and_the_page_number_every_letter_of_the_source_is_kept(brief):
    source = letters(RAW.replace("- 4 -", ""))
    clean = letters(brief.text)
    at = 0
    for number, offset in brief.footnotes:
        piece = letters(brief.text[:offset])[at:]
        assert source.startswith(piece + str(number))
        source = source[len(piece) + len(str(number)) :]
        at += len(piece)
    assert source == clean[at:]


def test_eleven_pages_begin_and_end_where_the_source_breaks(brief):
    bounds = [*brief.page_starts, len(brief.text)]
    assert len(brief.page_starts) == 11
    for number, (first, last) in PAGES.items():
        page = brief.text[bounds[number - 1] : bounds[number]].strip()
        assert page.startswith(first)
        assert page.endswith(last)


def test_the_printed_4_falls_on_the_fourth_page_and_is_not_in_the_text(brief):
    after = RAW[RAW.index("- 4 -") + len("- 4 -") :].split("\n")
    heading = next(line.strip() for line in after if line.strip())
    assert brief.page(brief.text.index(heading)) == 4
    assert not re.search(r"-\s*4\s*-", brief.text)


@pytest.mark.parametrize(
    ("words", "page"),
    [
        ("세계의 경찰로서 혼자만 희생하지", 1),
        ("동맹의 재편을 원하는 미국의 의도", 2),
        ("실용적 거래주의(practical", 3),
        ("약 1,830억 달러", 4),
        ("공정한 거래(fair deal)", 5),
        ("5배 증액", 6),
        ("오모테나시", 7),
        ("35조 달러", 8),
        ("미국의 핵 보장 하에서라면", 9),
        ("350척 함대", 10),
        ("고립주의를 추구하는 것은 아니며", 11),
    ],
)
def test_a_sentence_is_cited_with_the_page_it_begins_on(passages, words, page):
    assert [p.page for p in passages if words in p.quote and p.kind != "row"] == [page]


@pytest.mark.parametrize("words", ["이스라엘-하마스", "재결성으로", "요구로부터", "국제적 역할"])
def test_words_cut_at_the_end_of_a_line_are_whole(brief, words):
    assert words in brief.text


def test_paragraphs_hold_neither_line_breaks_nor_double_spaces(brief):
    paragraphs = [b for b in brief.blocks if b.kind != "table"]
    assert sum(b.kind == "paragraph" for b in paragraphs) == 34
    for block in paragraphs:
        text = brief.text[block.char_start : block.char_end]
        assert text == " ".join(text.split())
    assert "  " not in brief.text
    assert unicodedata.is_normalized("NFC", brief.text)


def test_sections_stand_in_two_levels_as_the_outline_says(brief):
    expected = [(1, SIDECAR["first_section"]["ko"], SIDECAR["first_section"]["en"])]
    expected += [(e["level"], e["ko"], e["en"]) for e in SIDECAR["outline"]]
    assert [(s.level, s.titles["ko"], s.titles["en"]) for s in brief.sections] == expected
    assert {s.level for s in brief.sections} == {1, 2}
    for section, entry in zip(brief.sections[1:], SIDECAR["outline"], strict=True):
        printed = entry.get("printed", entry["ko"])
        assert brief.text[section.char_start : section.char_end].startswith(printed)


def test_the_title_and_every_heading_are_in_both_languages(brief):
    for titles in (brief.titles, *(s.titles for s in brief.sections)):
        assert re.search("[가-힣]", titles["ko"])
        assert re.search("[A-Za-z]", titles["en"]) and not re.search("[가-힣]", titles["en"])


def test_the_table_has_four_rows_and_two_columns_with_the_right_bullets(brief):
    (table,) = brief.tables
    found = {}
    for cell in table.cells:
        key = (cell.row_labels["ko"], cell.column_labels["ko"])
        found.setdefault(key, []).append(brief.text[cell.char_start : cell.char_end])
    assert found == CELLS
    assert [c["en"] for c in SIDECAR["tables"][0]["columns"]] == ["United States", "South Korea"]


def test_a_cell_reads_on_its_own_in_both_languages(passages):
    cells = [p for p in passages if p.kind == "cell"]
    assert len(cells) == 14
    (trade,) = [p for p in cells if p.quote.startswith("무역 불균형")]
    assert trade.text == f"표 1, 경제, 미국: {trade.quote}"
    assert trade.translation == f"Table 1, Economy, United States: {trade.quote_translation}"
    for cell in cells:
        assert re.match(r"표 1, \w+, (미국|한국): ", cell.text)
        assert re.match(r"Table 1, \w+, (United States|South Korea): ", cell.translation)


def test_every_quote_is_a_slice_of_the_document(brief, passages):
    for passage in passages:
        assert brief.text[passage.char_start : passage.char_end] == passage.quote
        assert passage.quote == passage.quote.strip() != ""


def test_sentences_and_table_together_hold_the_whole_text(brief, passages):
    covered = set()
    for passage in passages:
        covered.update(range(passage.char_start, passage.char_end))
    for block in brief.blocks:
        if block.kind == "paragraph":
            rest = [i for i in range(block.char_start, block.char_end) if i not in covered]
            assert not "".join(brief.text[i] for i in rest).strip()


def test_every_sentence_cell_and_row_has_an_english_edition(passages):
    for passage in passages:
        assert passage.quote_translation and passage.translation
        assert not re.search("[가-힣]", passage.quote_translation)


def test_the_edition_has_no_line_for_a_sentence_that_is_not_there(passages):
    quotes = {p.quote for p in passages if p.kind != "row"}
    assert {row["source"] for row in ROWS} == quotes
    assert len(ROWS) == len(quotes)


def test_each_language_states_every_number_of_the_other(passages):
    for passage in passages:
        assert missing(passage.quote, passage.quote_translation) == []
        assert missing(passage.quote_translation, passage.quote) == []


def test_the_glossary_names_at_least_120_things_in_both_languages():
    glossary = yaml.safe_load(GLOSSARY.read_text(encoding="utf-8"))
    assert len(glossary) >= 120
    for entry in glossary:
        assert entry["ko"].strip() and not re.search("[가-힣]", entry["en"])
        assert re.search("[A-Za-z]", entry["en"])
    assert sum(bool(re.search("[가-힣]", entry["ko"])) for entry in glossary) >= 120


def test_no_alias_stands_in_two_glossary_entries():
    owner = {}
    for number, entry in enumerate(yaml.safe_load(GLOSSARY.read_text(encoding="utf-8")), start=1):
        aliases = [*entry.get("ko_aliases", []), *entry.get("en_aliases", [])]
        for name in (entry["ko"], entry["en"], *aliases):
            assert owner.setdefault(name.casefold(), number) == number, name


def test_every_thesaurus_set_has_words_of_both_languages():
    for entry in yaml.safe_load(THESAURUS.read_text(encoding="utf-8")):
        assert entry["ko"] and all(re.search("[가-힣]", word) for word in entry["ko"])
        assert entry["en"] and not any(re.search("[가-힣]", word) for word in entry["en"])
