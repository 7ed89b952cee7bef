"""Word files, as their authors, reviewers and Word itself leave them."""

import pytest

from index.parse.docx import parse_docx
from index.parse.errors import UnreadableError
from tests.word_files import p, run, table, write_docx

STYLES = (
    "<w:ROOT>"
    '<w:docDefaults><w:rPrDefault><w:rPr><w:sz w:val="22"/></w:rPr></w:rPrDefault></w:docDefaults>'
    '<w:style w:type="paragraph" w:default="1" w:styleId="a"><w:name w:val="Normal"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="1"><w:name w:val="heading 1"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="k"><w:name w:val="제목 2"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="o"><w:name w:val="장 제목"/>'
    '<w:pPr><w:outlineLvl w:val="2"/></w:pPr></w:style>'
    '<w:style w:type="paragraph" w:styleId="based"><w:name w:val="우리 제목"/>'
    '<w:basedOn w:val="o"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="loop"><w:name w:val="x"/>'
    '<w:basedOn w:val="loop"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="toc1"><w:name w:val="toc 1"/></w:style>'
    '<w:style w:type="character" w:styleId="gone"><w:name w:val="gone"/>'
    "<w:rPr><w:vanish/></w:rPr></w:style>"
    "</w:ROOT>"
)


def read(tmp_path, body, **parts):
    named = {f"word/{name}.xml": xml for name, xml in parts.items()}
    return parse_docx(write_docx(tmp_path / "a.docx", body, parts=named))


def texts(content):
    return [block.text for block in content.blocks]


@pytest.mark.parametrize(
    ("style", "level"), [("1", 1), ("k", 2), ("o", 3), ("based", 3), ("loop", 0), ("none", 0)]
)
def test_a_heading_is_told_by_its_style_in_either_language(style, level, tmp_path):
    body = p("서론", style=style) + p("정부는 늘렸다.") + p("결론", style="1")
    block = read(tmp_path, body, styles=STYLES).blocks[0]
    assert (block.kind, block.level) == (("heading", level) if level else ("paragraph", 0))


def test_a_paragraph_may_say_its_own_outline_level(tmp_path):
    body = p("서론", properties='<w:outlineLvl w:val="1"/>') + p(
        "본문", properties='<w:outlineLvl w:val="9"/>'
    )
    assert [b.level for b in read(tmp_path, body).blocks] == [2, 0]


def test_without_styles_short_lines_that_stand_out_are_headings(tmp_path):
    large, bold = '<w:sz w:val="32"/>', "<w:b/>"
    body = (
        p(run("동맹의 비용", large))
        + p("정부는 국방비를 늘렸다. 국회는 이를 승인했다.")
        + p(run("1. 배경", bold))
        + p("협상은 2024년에 시작됐다. 모두가 지켜봤다.")
        + p(run("굵은 문장으로 끝나는 문단이다.", bold))
    )
    found = [(b.kind, b.level) for b in read(tmp_path, body, styles=STYLES).blocks]
    assert found == [
        ("heading", 1),
        ("paragraph", 0),
        ("heading", 2),
        ("paragraph", 0),
        ("paragraph", 0),
    ]


def test_a_word_split_over_runs_is_one_word_and_breaks_are_spaces(tmp_path):
    signs = "<w:br/><w:t>는</w:t><w:tab/><w:noBreakHyphen/>"
    inside = f"<w:r><w:t>국방</w:t></w:r><w:r><w:t>부</w:t>{signs}</w:r>"
    assert texts(read(tmp_path, p(inside))) == ["국방부 는 -"]


def test_reviewed_text_reads_as_if_all_changes_were_accepted(tmp_path):
    body = p(
        "정부는 ",
        '<w:del w:id="1"><w:r><w:delText>줄였다</w:delText></w:r></w:del>',
        f'<w:ins w:id="2">{run("늘렸다")}</w:ins>',
        f'<w:moveFrom w:id="3">{run("옮겨진 말")}</w:moveFrom>',
        '<w:r><w:commentReference w:id="0"/></w:r>',
        ".",
    )
    comments = f'<w:ROOT><w:comment w:id="0">{p("의견")}</w:comment></w:ROOT>'
    assert texts(read(tmp_path, body, comments=comments)) == ["정부는 늘렸다."]


def test_a_paragraph_whose_end_was_deleted_goes_on_in_the_next(tmp_path):
    body = p("정부는", properties='<w:rPr><w:del w:id="1"/></w:rPr>') + p(" 늘렸다.")
    assert texts(read(tmp_path, body)) == ["정부는 늘렸다."]


def test_hidden_text_is_out_and_formatting_that_was_changed_back_is_not(tmp_path):
    changed = "<w:rPrChange><w:rPr><w:vanish/></w:rPr></w:rPrChange>"
    body = p(
        "보인다.",
        run("숨은 말", "<w:vanish/>"),
        run("숨은 글", '<w:rStyle w:val="gone"/>'),
        run(" 이것도.", '<w:vanish w:val="0"/>' + changed),
    )
    assert texts(read(tmp_path, body, styles=STYLES)) == ["보인다. 이것도."]


def test_a_table_of_contents_is_no_text(tmp_path):
    gallery = '<w:docPartObj><w:docPartGallery w:val="Table of Contents"/></w:docPartObj>'
    gallery = f"<w:sdtPr>{gallery}</w:sdtPr>"
    body = (
        p("서론 ..... 3", style="toc1")
        + f"<w:sdt>{gallery}<w:sdtContent>{p('차례')}</w:sdtContent></w:sdt>"
        + f"<w:sdt><w:sdtContent>{p('본문이다.')}</w:sdtContent></w:sdt>"
    )
    assert texts(read(tmp_path, body, styles=STYLES)) == ["본문이다."]


def test_text_boxes_are_read_once_after_their_paragraph(tmp_path):
    box = f"<w:txbxContent>{p('상자 속 글이다.')}</w:txbxContent>"
    both = (
        f"<w:r><mc:AlternateContent><mc:Choice><w:drawing><wps:txbx>{box}</wps:txbx></w:drawing></mc:Choice>"
        f"<mc:Fallback><w:pict><v:textbox>{box}</v:textbox></w:pict></mc:Fallback></mc:AlternateContent></w:r>"
    )
    assert texts(read(tmp_path, p("앞", both, "뒤"))) == ["앞뒤", "상자 속 글이다."]


NOTES = (
    '<w:ROOT><w:footnote w:type="separator" w:id="-1">' + p("---") + "</w:footnote>"
    f'<w:footnote w:id="2">{p("국방부, 『백서』.")}</w:footnote>'
    f'<w:footnote w:id="5">{p("Ministry of Defence.")}</w:footnote></w:ROOT>'
)


def test_footnotes_are_noted_where_they_are_called_and_follow_as_paragraphs(tmp_path):
    call = '<w:r><w:footnoteReference w:id="{}"/></w:r>'
    body = p("정부는 늘렸다.", call.format(2), " 국회는", call.format(5), " 승인했다.") + p("끝.")
    content = read(tmp_path, body, footnotes=NOTES)
    assert texts(content) == [
        "정부는 늘렸다. 국회는 승인했다.",
        "국방부, 『백서』.",
        "Ministry of Defence.",
        "끝.",
    ]
    assert content.blocks[0].footnotes == ((1, 8), (2, 12))


def test_pages_are_those_that_word_noted(tmp_path):
    turn, hard = "<w:r><w:lastRenderedPageBreak/></w:r>", '<w:r><w:br w:type="page"/></w:r>'
    body = p("첫 쪽에서 ", turn, "둘째 쪽으로.") + p(hard) + p(turn, "셋째 쪽.")
    content = read(tmp_path, body)
    assert content.page_count == 3
    assert [b.pages for b in content.blocks] == [((6, 2),), ((0, 3),)]


def test_without_notes_pages_are_those_that_the_author_broke(tmp_path):
    hard, before = '<w:r><w:br w:type="page"/></w:r>', "<w:pageBreakBefore/>"
    body = p("하나") + p(hard, "둘") + p("셋", properties=before) + p(hard)
    content = read(tmp_path, body)
    assert [b.pages for b in content.blocks] == [(), ((0, 2),), ((0, 3),)]
    assert content.page_count == 3


def test_a_row_that_runs_over_the_page_turns_it_once(tmp_path):
    turn = "<w:r><w:lastRenderedPageBreak/></w:r>"
    cells = [f"<w:tc>{p('가', turn, ' 나')}</w:tc>", f"<w:tc>{p('다', turn, ' 라')}</w:tc>"]
    content = read(tmp_path, table([["구분", "값"], cells]) + p("뒤"))
    assert content.page_count == 2
    assert content.blocks[0].pages == ((7, 2),)
    assert content.blocks[1].pages == ()


def test_merged_cells_keep_their_labels(tmp_path):
    wide = f'<w:tc><w:tcPr><w:gridSpan w:val="2"/></w:tcPr>{p("연도")}</w:tc>'
    start = f'<w:tc><w:tcPr><w:vMerge w:val="restart"/></w:tcPr>{p("구분")}</w:tc>'
    more = f"<w:tc><w:tcPr><w:vMerge/></w:tcPr>{p('')}</w:tc>"
    body = p("&lt;표 3&gt; 방위비") + table(
        [[start, wide], [more, "2023", "2024"], ["한국", "10", "12"]]
    )
    block = read(tmp_path, body).blocks[-1]
    assert (block.label, block.caption) == ("표 3", "방위비")
    assert [
        (c.row_label, c.column_label, block.text[c.char_start : c.char_end]) for c in block.cells
    ] == [
        ("한국", "연도 / 2023", "10"),
        ("한국", "연도 / 2024", "12"),
    ]


def test_a_frame_of_one_cell_is_running_text_and_an_inner_table_is_flattened(tmp_path):
    inner = f"<w:tc>{p('한국')}{table([['예산', '10조 원']])}{p('')}</w:tc>"
    body = table([["□ 추진 배경이다."]]) + table([["구분", "내용"], [inner, "늘었다"]])
    content = read(tmp_path, body)
    assert content.blocks[0].kind == "paragraph"
    assert content.blocks[1].text == "구분\t내용\n한국 예산 10조 원\t늘었다"


def test_a_deleted_row_is_out_and_a_marked_header_row_is_believed(tmp_path):
    rows = table([["2022", "2023"], ["1", "2"], ["3", "4"]])
    rows = rows.replace("<w:tr>", "<w:tr><w:trPr><w:tblHeader/></w:trPr>", 1)
    rows = rows[::-1].replace("<w:tr>"[::-1], "<w:tr><w:trPr><w:del/></w:trPr>"[::-1], 1)[::-1]
    block = read(tmp_path, rows).blocks[0]
    assert block.text == "2022\t2023\n1\t2"
    assert [c.column_label for c in block.cells] == ["2022", "2023"]


@pytest.mark.parametrize(
    ("title", "modified", "expected"),
    [
        ("동맹의 비용", "2024-05-17T01:00:00Z", ("동맹의 비용", "2024-05-17")),
        ("Microsoft Word - 보고서.doc", "2013-12-23T23:15:00Z", (None, None)),
        ("", "soon", (None, None)),
    ],
)
def test_title_and_date_are_taken_where_an_author_may_have_meant_them(
    title, modified, expected, tmp_path
):
    core = f"<c xmlns:d='urn:d'><d:title>{title}</d:title><d:modified>{modified}</d:modified></c>"
    path = write_docx(tmp_path / "a.docx", p("본문"), parts={"docProps/core.xml": core})
    content = parse_docx(path)
    assert (content.title, content.as_of) == expected


@pytest.mark.parametrize(
    ("body", "code"), [(p(""), "empty"), (p("<w:r><w:drawing/></w:r>"), "no-text")]
)
def test_a_file_without_words_says_whether_it_has_pictures(body, code, tmp_path):
    with pytest.raises(UnreadableError) as caught:
        read(tmp_path, body)
    assert caught.value.code == code


def test_the_strict_edition_of_the_standard_is_read_as_well(tmp_path):
    path = write_docx(tmp_path / "a.docx", p("정부는 늘렸다."))
    import zipfile

    with zipfile.ZipFile(path) as file:
        strict = (
            file.read("word/document.xml")
            .decode()
            .replace(
                "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
                "http://purl.oclc.org/ooxml/wordprocessingml/main",
            )
        )
    with zipfile.ZipFile(tmp_path / "b.docx", "w") as file:
        file.writestr("word/document.xml", strict)
    assert texts(parse_docx(tmp_path / "b.docx")) == ["정부는 늘렸다."]
