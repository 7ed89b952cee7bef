"""Hangul files, as Hangul and other programs write them."""

import pytest

from index.parse.errors import UnreadableError
from index.parse.hwpx import parse_hwpx
from tests.hangul_files import note, p, t, table, write_hwpx


def read(tmp_path, *sections, **more):
    return parse_hwpx(write_hwpx(tmp_path / "a.hwpx", *sections, **more))


def texts(content):
    return [block.text for block in content.blocks]


def test_headings_are_told_by_their_styles_and_contents_are_left_out(tmp_path):
    body = (
        p("차례 ..... 1", style=3) + p("Ⅰ. 서론", style=1) + p("1. 배경", style=2) + p("본문이다.")
    )
    content = read(tmp_path, body)
    assert [(b.text, b.level) for b in content.blocks] == [
        ("Ⅰ. 서론", 1),
        ("1. 배경", 2),
        ("본문이다.", 0),
    ]
    assert (content.title, content.as_of) == ("동맹의 비용", "2024-05-17")


def test_an_outline_without_a_style_is_a_heading(tmp_path):
    body = p("서론").replace('paraPrIDRef="0"', 'paraPrIDRef="2"') + p("본문이다.")
    assert [b.level for b in read(tmp_path, body).blocks] == [2, 0]


def test_without_styles_short_lines_that_stand_out_are_headings(tmp_path):
    body = (
        p("동맹의 비용", letters=1)
        + p("정부는 국방비를 늘렸다. 국회는 이를 승인했다.")
        + p("□ 배경", letters=2)
        + p("가. 협상의 시작", letters=2)
        + p("협상은 2024년에 시작됐다. 모두가 지켜봤다.")
    )
    found = [b.level for b in read(tmp_path, body).blocks]
    assert found == [1, 0, 0, 2, 0]


def test_words_split_over_runs_join_and_signs_become_spaces(tmp_path):
    body = p("국방", t("부는<hp:tab/>늘<hp:lineBreak/>렸<hp:hyphen/>다<hp:nbSpace/>끝.\n"))
    assert texts(read(tmp_path, body)) == ["국방부는 늘 렸-다 끝."]


def test_footnotes_are_noted_where_they_are_called_and_follow_as_paragraphs(tmp_path):
    body = p("정부는 늘렸다.", note("국방부."), " 국회도.", note("국회.", "endNote"), note("둘째."))
    content = read(tmp_path, body + p("끝."))
    assert texts(content) == ["정부는 늘렸다. 국회도.", "국방부.", "국회.", "둘째.", "끝."]
    assert content.blocks[0].footnotes == ((1, 8), (1, 13), (2, 13))


def test_deleted_text_comments_memos_headers_and_page_numbers_are_out(tmp_path):
    hidden = (
        "<hp:ctrl><hp:hiddenComment><hp:subList>"
        + p("숨은 설명")
        + "</hp:subList></hp:hiddenComment></hp:ctrl>"
    )
    header = (
        "<hp:ctrl><hp:header><hp:subList>" + p("머리말") + "</hp:subList></hp:header></hp:ctrl>"
    )
    memo = (
        '<hp:ctrl><hp:fieldBegin type="MEMO"><hp:subList>'
        + p("메모")
        + "</hp:subList></hp:fieldBegin></hp:ctrl>"
    )
    tracked = t(
        '정부는 <hp:deleteBegin Id="1"/>줄였다<hp:deleteEnd Id="1"/>'
        '<hp:insertBegin Id="2"/>늘렸다<hp:insertEnd Id="2"/>.'
    )
    body = p(
        hidden,
        header,
        "<hp:ctrl><hp:pageNum/></hp:ctrl>",
        memo,
        tracked,
        "<hp:ctrl><hp:fieldEnd/></hp:ctrl>",
    )
    over = p(t("이어<hp:deleteBegin/>진 끝")) + p(t("과 시작<hp:deleteEnd/>진다."))
    assert texts(read(tmp_path, body + over)) == ["정부는 늘렸다.", "이어진다."]


def test_text_boxes_are_read_after_their_paragraph(tmp_path):
    words = f"<hp:subList>{p('상자 속 글이다.')}</hp:subList>"
    box = f"<hp:rect><hp:drawText>{words}</hp:drawText></hp:rect>"
    group = f"<hp:container>{box}{box}</hp:container>"
    assert texts(read(tmp_path, p("앞", box, "뒤") + p(group))) == ["앞뒤"] + 3 * [
        "상자 속 글이다."
    ]


def test_a_page_begins_where_it_is_broken_and_where_a_section_does(tmp_path):
    content = read(tmp_path, p("하나", new_page=True) + p("둘", new_page=True), p("셋"), p("넷"))
    assert [b.pages for b in content.blocks] == [(), ((0, 2),), ((0, 3),), ((0, 4),)]
    assert content.page_count == 4


def test_a_page_begins_where_lines_start_again_at_the_top(tmp_path):
    body = (
        p("첫 쪽의 줄이다.", lines=[(0, 0)])
        + p("가나다라 마바사아 자차카타", lines=[(0, 60_000), (5, 0), (10, 1_600)])
        + p("다음", lines=[(0, 3_200)])
        + p("새 쪽", new_page=True, lines=[(0, 0)])
    )
    content = read(tmp_path, body)
    assert [b.pages for b in content.blocks] == [(), ((5, 2),), (), ((0, 3),)]


def test_lines_of_columns_turn_no_page(tmp_path):
    columns = '<hp:ctrl><hp:colPr colCount="2"/></hp:ctrl>'
    body = p(columns, "첫 단", lines=[(0, 0), (1, 900)]) + p("둘째 단", lines=[(0, 0)])
    assert read(tmp_path, body).page_count == 1


def test_cells_keep_the_labels_of_merged_headers(tmp_path):
    rows = [
        [("구분", 2, 2), ("연도", 1, 2)],
        ["2023", "2024"],
        [("국방", 2, 1), "한국", "10조 원", "12조 원"],
        ["일본", "20조 원", "-"],
    ]
    content = read(tmp_path, p("앞", table(rows, caption="〈표 2-1〉 나라별 예산")))
    assert texts(content)[:2] == ["앞", "〈표 2-1〉 나라별 예산"]
    block = content.blocks[2]
    assert (block.label, block.caption) == ("표 2-1", "나라별 예산")
    assert [
        (c.row, c.column, c.row_label, c.column_label, block.text[c.char_start : c.char_end])
        for c in block.cells
    ] == [
        (0, 0, "국방 / 한국", "연도 / 2023", "10조 원"),
        (0, 1, "국방 / 한국", "연도 / 2024", "12조 원"),
        (1, 0, "국방 / 일본", "연도 / 2023", "20조 원"),
        (1, 1, "국방 / 일본", "연도 / 2024", "-"),
    ]


def test_a_frame_is_running_text_a_row_a_line_and_an_inner_table_is_flattened(tmp_path):
    frame = table([[p("○ 첫째이다.") + p(table([["Ⅰ", "추진 배경"]]))]])
    inner = table([["구분", "내용"], [p("한국") + p(table([["가", "나"]])), "늘었다"]])
    content = read(tmp_path, p(frame) + p(inner))
    assert texts(content) == ["○ 첫째이다.", "Ⅰ 추진 배경", "구분\t내용\n한국 가 나\t늘었다"]


def test_names_and_values_have_no_header(tmp_path):
    block = read(
        tmp_path, p(table([["담당 부서", "국방정책실"], ["연락처", "02-748-1111"]]))
    ).blocks[0]
    assert [(c.row_label, c.column_label) for c in block.cells] == [
        ("담당 부서", ""),
        ("연락처", ""),
    ]


@pytest.mark.parametrize(("body", "code"), [(p(""), "empty"), (p("<hp:pic/>"), "no-text")])
def test_a_file_without_words_says_whether_it_has_pictures(body, code, tmp_path):
    with pytest.raises(UnreadableError) as caught:
        read(tmp_path, body)
    assert caught.value.code == code


def test_sections_are_read_in_the_order_of_their_numbers(tmp_path):
    sections = [p(f"{number}째") for number in range(12)]
    assert texts(read(tmp_path, *sections)) == [f"{number}째" for number in range(12)]
