"""Plain text in the encodings that Korean files have, and its pages."""

from pathlib import Path

import pytest

from index.parse.errors import UnreadableError
from index.parse.parser import parse
from index.parse.text import decode

KOREAN = "정부는 동맹의 비용을 1,830억 달러로 늘렸다. 트럼프(Trump)는 “미국 우선”을 말했다."


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp949", "euc-kr"])
@pytest.mark.parametrize(
    "text", [KOREAN, "안보", "협상은 시작됐다.\r\n\r\n끝.", "Trade rose in 2024 for 한국."]
)
def test_korean_text_is_read_in_every_encoding_that_it_comes_in(text, encoding, tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(text.encode(encoding))
    content = parse(path)
    assert [block.text for block in content.blocks] == text.split("\r\n\r\n")
    assert content.warnings == ()


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("text", [KOREAN, "The ministry raised the budget."])
def test_utf_16_is_told_by_its_spaces_where_its_mark_is_missing(text, encoding):
    assert decode(text.encode(encoding), Path("a.txt"))[0] == text


@pytest.mark.parametrize("text", ["The “America First” policy — it’s new.", "Café costs £5."])
def test_english_with_the_quotation_marks_of_windows_is_read(text):
    assert decode(text.encode("cp1252"), Path("a.txt"))[0] == text


def test_rare_syllables_that_only_cp949_has_are_read():
    text = "펲시콜라를 마신 똠방각하는 정부의 정책을 믿지 않았다."
    assert decode(text.encode("cp949"), Path("a.txt"))[0] == text


def test_a_few_broken_bytes_are_counted_and_the_first_is_placed(tmp_path):
    data = f"{KOREAN}\n\n{KOREAN}".encode()
    broken = data[:-30] + b"\xff" + data[-30:]
    path = tmp_path / "a.txt"
    path.write_bytes(broken)
    content = parse(path)
    assert "\ufffd" in content.blocks[1].text
    assert content.warnings == (
        "1 place is not valid UTF-8 and shown as \ufffd; the first is in line 3 "
        f"(byte {len(data) - 30}).",
    )


def test_what_fits_no_encoding_is_refused_with_advice(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(bytes(range(128, 256)) * 20)
    with pytest.raises(UnreadableError, match="save it as UTF-8") as caught:
        parse(path)
    assert caught.value.code == "encoding"


def test_form_feeds_turn_pages_and_hard_wrapped_lines_join(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text(
        "서론\n\n정부는 비용을\n늘렸다.\n\f\n\f국회는 줄였다.\n\n끝이다.\f\n", encoding="utf-8"
    )
    content = parse(path)
    assert [(b.kind, b.text, b.pages) for b in content.blocks] == [
        ("heading", "서론", ()),
        ("paragraph", "정부는 비용을 늘렸다.", ()),
        ("paragraph", "국회는 줄였다.", ((0, 3),)),
        ("paragraph", "끝이다.", ()),
    ]
    assert content.page_count == 3
