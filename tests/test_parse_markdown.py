"""Markdown comes out as its reader sees it, in Korean as in English."""

import pytest

from index.parse.markdown import parse_markdown


def read(tmp_path, text):
    path = tmp_path / "a.md"
    path.write_text(text, encoding="utf-8")
    return parse_markdown(path)


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        ("**트럼프(Trump)**는 말했다.", "트럼프(Trump)는 말했다."),
        ("**트럼프(Trump)**는 **강한** *미국*을.", "트럼프(Trump)는 강한 미국을."),
        ("정부는**“미국 우선”**을 따른다.", "정부는“미국 우선”을 따른다."),
        ("*NATO(나토)*와 ***EU(유럽연합)***도.", "NATO(나토)와 EU(유럽연합)도."),
        ("**예산 12%**를 늘렸다.", "예산 12%를 늘렸다."),
        ("2**3은 8이고 3 * 4 * 5이다.", "2**3은 8이고 3 * 4 * 5이다."),
        ("snake_case와 `a*b*c`와 \\*별\\*", "snake_case와 a*b*c와 *별*"),
        ("[국방부](http://x.kr '제목') <http://y.kr> ![그림](z.png)", "국방부 http://y.kr"),
        ("a &amp; b &lt;c&gt;<br>다음 <b>굵게</b>", "a & b <c> 다음 굵게"),
        ("~~지움~~ 남음", "지움 남음"),
        ("한 줄\n다음 줄  \n끝 줄", "한 줄 다음 줄 끝 줄"),
        ("The **U.S.** *Navy*, **“America First”**.", "The U.S. Navy, “America First”."),
    ],
)
def test_marks_are_taken_out_and_words_stay(written, seen, tmp_path):
    assert [b.text for b in read(tmp_path, written + "\n").blocks] == [seen]


def test_headings_lists_quotes_and_code_become_blocks(tmp_path):
    text = "서론\n===\n\n- 첫째\n  1. 안\n- 둘째\n\n> 인용\n"
    text += "\n### 배경 ###\n\n```py\nx = 1\n```\n\n---\n끝\n"
    found = [(b.kind, b.level, b.text) for b in read(tmp_path, text).blocks]
    assert found == [
        ("heading", 1, "서론"),
        ("paragraph", 0, "첫째"),
        ("paragraph", 0, "안"),
        ("paragraph", 0, "둘째"),
        ("paragraph", 0, "인용"),
        ("heading", 3, "배경"),
        ("paragraph", 0, "x = 1"),
        ("paragraph", 0, "끝"),
    ]


def test_a_table_keeps_its_labels_and_its_name(tmp_path):
    text = "표 1. 예산\n\n"
    text += "| 구분 | 2023 | **2024** |\n|--|--:|--|\n| 한국 | 10 | 12 |\n| 일본 | | 20 |\n"
    block = read(tmp_path, text).blocks[1]
    assert (block.kind, block.label, block.caption) == ("table", "표 1", "예산")
    assert [
        (c.row_label, c.column_label, block.text[c.char_start : c.char_end]) for c in block.cells
    ] == [
        ("한국", "2023", "10"),
        ("한국", "2024", "12"),
        ("일본", "2024", "20"),
    ]


def test_footnotes_are_noted_and_their_words_are_paragraphs(tmp_path):
    text = "늘렸다.[^b] 줄였다.[^2] 배열[^없음]\n\n[^b]: 국방부 **자료**.\n[^2]: See [x](y).\n"
    blocks = read(tmp_path, text).blocks
    assert [b.text for b in blocks] == ["늘렸다. 줄였다. 배열[^없음]", "국방부 자료.", "See x."]
    assert blocks[0].footnotes == ((1, 4), (2, 9))


@pytest.mark.parametrize(
    ("front", "title", "date"),
    [
        ('title: "동맹의 비용"\ndate: 2024-05-17', "동맹의 비용", "2024-05-17"),
        ("title: Costs\ndate: 2024-05", "Costs", "2024-05"),
        ("tags: [a]\ndate: soon", None, None),
    ],
)
def test_front_matter_gives_title_and_date_and_is_no_text(front, title, date, tmp_path):
    content = read(tmp_path, f"---\n{front}\n---\n# 서론\n\n본문이다.\n")
    assert (content.title, content.as_of) == (title, date)
    assert [b.text for b in content.blocks] == ["서론", "본문이다."]


def test_lines_between_rules_are_no_front_matter(tmp_path):
    assert len(read(tmp_path, "---\n\n본문이다.\n\n---\n\n끝이다.\n").blocks) == 2


def test_html_inside_is_read_and_form_feeds_turn_pages(tmp_path):
    text = "하나\n\n"
    text += (
        "<table><tr><th>가</th><th>나</th></tr><tr><td>ㄱ</td><td>2</td></tr></table>\n\n\f\n둘\n"
    )
    content = read(tmp_path, text)
    assert [(b.kind, b.pages) for b in content.blocks] == [
        ("paragraph", ()),
        ("table", ()),
        ("paragraph", ((0, 2),)),
    ]


def test_a_file_too_large_for_markdown_is_read_as_text_and_told(tmp_path):
    content = read(tmp_path, "# 서론\n\n" + "정부는 늘렸다. " * 20_000)
    assert content.blocks[0].kind == "heading"
    assert "plain text" in content.warnings[0]
