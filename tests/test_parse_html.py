"""Web pages come out as their own text, in order, without what surrounds it."""

import pytest

from index.parse.errors import UnreadableError
from index.parse.html import parse_html
from tests.web_pages import PAGES


def read(tmp_path, page, encoding="utf-8"):
    path = tmp_path / "a.html"
    path.write_bytes(page.encode(encoding))
    return parse_html(path)


def body(tmp_path, inside):
    return read(tmp_path, f"<html><body>{inside}</body></html>").blocks


def as_line(block):
    if block.kind == "table":
        return "|" + "|".join(block.text.replace("\n", "\t").replace("\t\t", "\t").split("\t"))
    return ("#" if block.kind == "heading" else "") + block.text


@pytest.mark.parametrize("name", PAGES)
def test_a_page_gives_its_own_text_in_order(name, tmp_path):
    page, wanted, _ = PAGES[name]
    content = read(tmp_path, page, "cp949" if "euc-kr" in page else "utf-8")
    lines = [as_line(block).replace("||", "|") for block in content.blocks]
    assert [line for line in lines if line in wanted] == wanted


@pytest.mark.parametrize("name", PAGES)
def test_what_surrounds_a_page_stays_out(name, tmp_path):
    page, _, unwanted = PAGES[name]
    content = read(tmp_path, page, "cp949" if "euc-kr" in page else "utf-8")
    text = "\n".join(block.text for block in content.blocks)
    assert [words for words in unwanted if words in text] == []


@pytest.mark.parametrize(
    ("name", "title", "date"),
    [
        ("ministry", "한미 방위비분담 협상 결과", "2024-10-04"),
        ("think tank", "Paying for Alliances", "2024-05-17"),
        ("news", "호르무즈 통행료 논란", "2024-06-01"),
        ("old", "정책연구", "2009-07-21"),
    ],
)
def test_a_page_says_its_title_and_date(name, title, date, tmp_path):
    page = PAGES[name][0]
    content = read(tmp_path, page, "cp949" if "euc-kr" in page else "utf-8")
    assert (content.title, content.as_of) == (title, date)


@pytest.mark.parametrize(
    ("said", "encoding"),
    [
        ('<meta charset="euc-kr">', "cp949"),
        ('<meta http-equiv="Content-Type" content="text/html; charset=ks_c_5601-1987">', "cp949"),
        ("<meta charset=utf-8>", "utf-8"),
        ("<meta charset=utf-8>", "cp949"),  # it is wrong
        ("<meta charset=euc-kr>", "utf-8"),  # likewise
        ("", "cp949"),
        ("", "utf-8-sig"),
        ("<meta charset=utf-8>", "utf-16"),
        ("<meta charset=none-such>", "utf-8"),
    ],
)
def test_a_page_is_read_in_the_encoding_that_it_is_in(said, encoding, tmp_path):
    page = f"<html><head>{said}</head><body><p>정부는 동맹의 비용을 늘렸다.</p></body></html>"
    content = read(tmp_path, page, encoding)
    assert content.blocks[0].text == "정부는 동맹의 비용을 늘렸다."


def test_footnotes_are_told_from_powers_and_ways_back(tmp_path):
    inside = (
        '<p>늘렸다.<sup><a href="#fn1" id="fnref1">1</a></sup> 10 m<sup>2</sup>이다.'
        "<sup>2)</sup></p>"
        '<p>또<a href="#cite_note-3"><span>[3]</span></a> <a href="#sec">2장</a></p>'
        '<ol><li id="fn1"><a href="#fnref1">^</a> 자료. <a href="#fnref1">↩</a></li></ol>'
    )
    blocks = body(tmp_path, inside)
    assert [b.text for b in blocks] == ["늘렸다. 10 m2이다.", "또 2장", "자료."]
    assert [b.footnotes for b in blocks] == [((1, 4), (2, 13)), ((3, 1),), ()]


def test_line_breaks_are_spaces_and_two_end_a_paragraph(tmp_path):
    blocks = body(tmp_path, "하나<br>둘<br> <br/>셋<p>넷<div>다<b>섯</b></div>여섯")
    assert [b.text for b in blocks] == ["하나 둘", "셋", "넷", "다섯", "여섯"]


def test_cells_keep_the_labels_of_headers_that_span(tmp_path):
    inside = (
        "<table><caption>표 2: 나라별 예산</caption>"
        "<tr><th rowspan=2>구분<th colspan=2>연도<tr><th>2023<th>2024"
        "<tr><th>한국<td>10<sup>1)</sup><td>12<tr><th>합계<td colspan=2>22</table>"
    )
    blocks = body(tmp_path, inside)
    assert blocks[0].text == "표 2: 나라별 예산"
    block = blocks[1]
    assert (block.label, block.caption) == ("표 2", "나라별 예산")
    assert [
        (c.row_label, c.column_label, block.text[c.char_start : c.char_end]) for c in block.cells
    ] == [
        ("한국", "연도 / 2023", "10"),
        ("한국", "연도 / 2024", "12"),
        ("합계", "연도 / 2023", "22"),
    ]
    assert block.text[block.footnotes[0][1] - 2 :].startswith("10")


def test_ruby_controls_and_alternative_texts_are_no_words(tmp_path):
    inside = (
        "<p><ruby>國防<rt>국방</rt></ruby> 예산<img alt='그림'><select><option>선택</select></p>"
    )
    assert [b.text for b in body(tmp_path, inside)] == ["國防 예산"]


@pytest.mark.parametrize(
    "inside", ["", "<script>x</script>", "<p hidden>숨음</p>", "<img src=x>", "<nav>메뉴</nav>"]
)
def test_a_page_without_words_of_its_own_is_empty(inside, tmp_path):
    with pytest.raises(UnreadableError) as caught:
        body(tmp_path, inside)
    assert caught.value.code == "empty"


def test_nothing_is_fetched_or_executed(tmp_path):
    mark = tmp_path / "mark"
    inside = (
        f"<p onclick=x>안녕하세요.</p><iframe src='file://{mark}'></iframe>"
        "<object data='http://127.0.0.1:9/'>x</object><link rel=import href='http://127.0.0.1:9/'>"
        "<!--#exec cmd='touch mark'--><?php echo 1 ?>"
    )
    assert [b.text for b in body(tmp_path, inside)] == ["안녕하세요."]
    assert not mark.exists()
