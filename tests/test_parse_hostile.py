"""Files that were made to harm, or came to harm: each gives its content or a reason, in time."""

import copy
import io
import random
import struct
import sys
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from index.parse.content import Content
from index.parse.errors import UnreadableError, shown
from index.parse.parser import parse
from tests import hangul_files, word_files
from tests.strategies import chaos, steady

NAMES = ("a.docx", "a.hwpx", "a.html", "a.md", "a.txt", "a.bin")


def code_of(path: Path) -> str:
    """The code of the reason why a file is not read; 'read' where it is."""
    try:
        content = parse(path)
    except UnreadableError as error:
        assert shown(path) in str(error), error
        return error.code
    assert isinstance(content, Content) and content.blocks
    return "read"


def whole(folder: Path) -> dict[str, Path]:
    """A good file of each format that is no PDF."""
    docx = pytest.importorskip("docx")
    document = docx.Document()
    document.add_heading("제1장 서론", 1)
    document.add_paragraph("정부는 동맹의 비용을 늘렸다. The ministry raised the budget.")
    grid = document.add_table(2, 2)
    for cell, words in zip(grid._cells, ["구분", "2023", "한국", "10조 원"], strict=True):
        cell.text = words
    document.save(folder / "a.docx")
    hangul_files.write_hwpx(
        folder / "a.hwpx",
        hangul_files.p("서론", style=1)
        + hangul_files.p("정부는 늘렸다.", hangul_files.note("국방부."))
        + hangul_files.p(hangul_files.table([["구분", "2023"], ["한국", "10"]])),
    )
    (folder / "a.html").write_text(
        "<html><head><meta charset=utf-8><title>동맹</title></head><body><h1>동맹</h1><p>정부는"
        "<br>늘렸다.<table><tr><th>구분<th>값<tr><td>한국<td>10</table></body></html>",
        encoding="utf-8",
    )
    (folder / "a.md").write_text("# 서론\n\n**정부(韓)**는 늘렸다.\n\n|가|나|\n|-|-|\n|1|2|\n")
    (folder / "a.txt").write_text("서론\n\n정부는 늘렸다. 국방부는 줄였다.\n" * 5, encoding="cp949")
    return {path.suffix: path for path in sorted(folder.glob("a.*"))}


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    return whole(tmp_path_factory.mktemp("good"))


@pytest.mark.parametrize("suffix", [".docx", ".hwpx", ".html", ".md", ".txt"])
def test_a_whole_file_is_read(good, suffix):
    assert code_of(good[suffix]) == "read"


@pytest.mark.parametrize("suffix", [".docx", ".hwpx", ".html", ".md", ".txt"])
def test_a_file_cut_off_anywhere_gives_its_content_or_a_reason(good, suffix, tmp_path):
    data = good[suffix].read_bytes()
    for percent in range(0, 100, 5):
        cut = tmp_path / f"cut{suffix}"
        cut.write_bytes(data[: len(data) * percent // 100])
        code = code_of(cut)
        if suffix in (".docx", ".hwpx"):
            assert code == ("empty" if percent == 0 else "damaged"), percent


@steady
@given(data=st.data(), suffix=st.sampled_from([".docx", ".hwpx", ".html", ".md", ".txt"]))
def test_a_file_with_flipped_bytes_gives_its_content_or_a_reason(good, data, suffix):
    content = bytearray(good[suffix].read_bytes())
    for place in data.draw(st.lists(st.integers(0, len(content) - 1), min_size=1, max_size=8)):
        content[place] ^= data.draw(st.integers(1, 255))
    path = good[suffix].with_name(f"flipped{suffix}")
    path.write_bytes(bytes(content))
    code_of(path)


def rearranged(data: bytes, rng: random.Random) -> bytes:
    """XML with some of its elements removed, doubled, renamed, moved or emptied."""
    root = etree.fromstring(data)
    elements = list(root.iter())
    for _ in range(rng.randint(1, 6)):
        one, other = rng.choice(elements), rng.choice(elements)
        match rng.randint(0, 4):
            case 0 if one.getparent() is not None:
                one.getparent().remove(one)
            case 1:
                double = copy.deepcopy(one)
                double.tail = None
                other.append(double)
            case 2:
                one.tag = other.tag
            case 3 if one.attrib:
                odd = ["", "-1", "0", "999999999", "99999999999999", "x", "1.5", "٣"]
                one.attrib[rng.choice(list(one.attrib))] = rng.choice(odd)
            case 4:
                one.text = rng.choice(["", " ", "\u0301", "가" * 500, "\n"])
    return etree.tostring(root)


@pytest.mark.parametrize("suffix", [".docx", ".hwpx"])
def test_a_file_whose_parts_are_in_disorder_gives_sound_content_or_a_reason(good, suffix, tmp_path):
    with zipfile.ZipFile(good[suffix]) as file:
        members = {name: file.read(name) for name in file.namelist()}
    parts = [name for name in members if name.endswith((".xml", ".hpf")) and name[0] != "["]
    rng = random.Random(7)
    for turn in range(30):
        name = rng.choice(
            [*parts, *(part for part in parts if "section" in part or "word" in part)]
        )
        changed = {**members, name: rearranged(members[name], rng)}
        path = zipped(tmp_path / f"{turn}{suffix}", changed, 1)
        if code_of(path) == "read":
            assert_sound(parse(path))


def assert_sound(content: Content) -> None:
    """What every parser promises of its blocks."""
    page = 1
    for block in content.blocks:
        assert block.kind == "table" or block.text == " ".join(block.text.split())
        for offset, number in block.pages:
            assert 0 <= offset < len(block.text) and number > page
            page = number
        for _, offset in block.footnotes:
            assert 0 <= offset <= len(block.text)
        for cell in block.cells:
            assert cell.row >= 0 and cell.column >= 0
            assert block.text[cell.char_start : cell.char_end].strip()
    assert page == content.page_count


@steady
@given(st.binary(max_size=400), st.sampled_from(NAMES))
def test_random_bytes_give_content_or_a_reason(good, data, name):
    path = good[".txt"].with_name(f"random-{name}")
    path.write_bytes(data)
    code_of(path)


@steady
@given(chaos, st.sampled_from(NAMES), st.sampled_from(["utf-8", "cp949", "utf-16"]))
def test_chaos_in_any_encoding_gives_content_or_a_reason(good, text, name, encoding):
    path = good[".txt"].with_name(f"chaos-{name}")
    path.write_bytes(text.encode(encoding, "replace"))
    code_of(path)


@steady
@given(
    st.recursive(
        chaos.map(lambda s: s.replace("<", "")),
        lambda inner: st.builds(
            "<{0} {1}>{2}</{0}>".format,
            st.sampled_from("p div table tr td th ul li a h1 sup br span section form".split()),
            st.sampled_from(['class="content"', "hidden", 'href="#fn1"', 'colspan="9"', ""]),
            st.lists(inner, max_size=4).map("".join),
        ),
        max_leaves=12,
    )
)
def test_any_nest_of_elements_gives_folded_text(good, page):
    path = good[".html"].with_name("nest.html")
    path.write_text("<html><body>" + page, encoding="utf-8", errors="replace")
    try:
        content = parse(path)
    except UnreadableError as error:
        assert error.code in ("empty", "format")
        return
    assert_sound(content)


def test_a_page_deeper_than_can_be_read_says_so(tmp_path):
    path = tmp_path / "deep.html"
    path.write_text("<html><body>" + "<b>" * 5_000 + "안녕", encoding="utf-8")
    assert code_of(path) == "damaged"
    path.write_text("<html><body><p>안녕하세요.</p>" + "<b>" * 5_000 + "안녕", encoding="utf-8")
    assert "too deep" in parse(path).warnings[0]


# --- zips -----------------------------------------------------------------------------------------


def zipped(path: Path, members: dict[str, bytes], level: int = 9) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as file:
        for name, data in members.items():
            file.writestr(name, data)
    return path


@pytest.mark.parametrize("main", ["word/document.xml", "Contents/section0.xml"])
def test_a_zip_bomb_is_refused_before_it_is_unpacked(main, tmp_path):
    path = zipped(tmp_path / "bomb.docx", {main: b" " * 60_000_000}, 1)
    assert code_of(path) == "bomb"


def test_a_bomb_that_lies_about_its_size_is_refused(tmp_path):
    path = zipped(tmp_path / "liar.docx", {"word/document.xml": b"<a/>" + b" " * 40_000_000})
    data = path.read_bytes()
    at = data.rindex(b"PK\x01\x02")
    forged = data[: at + 24] + struct.pack("<I", 1_000) + data[at + 28 :]
    path.write_bytes(forged)
    assert code_of(path) in ("bomb", "damaged")


def test_a_bomb_of_many_members_is_refused(tmp_path):
    path = tmp_path / "many.hwpx"
    with zipfile.ZipFile(path, "w") as file:
        for number in range(10_001):
            file.writestr(f"Contents/section{number}.xml", b"")
    assert code_of(path) == "bomb"


def test_members_that_overlap_or_are_named_twice_do_no_harm(tmp_path):
    path = tmp_path / "twice.docx"
    word_files.write_docx(path, word_files.p("정부는 늘렸다."))
    with zipfile.ZipFile(path, "a") as file, pytest.warns(UserWarning):
        file.writestr("word/document.xml", b"<broken")
    assert code_of(path) in ("read", "damaged")


def test_a_zip_inside_is_not_opened_and_names_that_lead_out_lead_nowhere(tmp_path):
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as file:
        file.writestr("word/document.xml", b"x")
    path = tmp_path / "outer.zip"
    zipped(path, {"inner.docx": inner.getvalue(), "../../evil.txt": b"evil", "/etc/evil": b""})
    assert code_of(path) == "format"
    assert not (tmp_path.parent.parent / "evil.txt").exists()


@pytest.mark.parametrize(
    ("name", "member", "what"),
    [
        ("a.docx", "xl/workbook.xml", "Excel"),
        ("a.docx", "ppt/presentation.xml", "PowerPoint"),
        ("a.hwpx", "photo.jpg", "zip"),
    ],
)
def test_a_zip_of_another_kind_is_named(name, member, what, tmp_path):
    path = zipped(tmp_path / name, {member: b"x"})
    with pytest.raises(UnreadableError, match=what):
        parse(path)


# --- XML ------------------------------------------------------------------------------------------

LAUGHS = "<!DOCTYPE a [<!ENTITY a0 'ha'>" + "".join(
    f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 12)
)


@pytest.mark.parametrize(
    "xml",
    [
        LAUGHS + "]><w>&a11;</w>",
        "<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><w>&x;</w>",
        "<!DOCTYPE a [<!ENTITY % x SYSTEM 'http://127.0.0.1:9/x'> %x;]><w>1</w>",
        "<!DOCTYPE a SYSTEM 'http://127.0.0.1:9/x'><w>&x;</w>",
        "<w>" * 100_000,
        "<w>" * 5_000 + "</w>" * 5_000,
    ],
    ids=["laughs", "file", "parameter", "outside", "deep", "deep and closed"],
)
@pytest.mark.parametrize("main", ["word/document.xml", "Contents/section0.xml"])
def test_xml_made_to_harm_is_refused(xml, main, tmp_path):
    path = zipped(tmp_path / "bomb.zip", {main: xml.encode()})
    assert code_of(path) in ("bomb", "damaged")


def test_an_entity_never_brings_in_a_file(tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("geheim")
    page = f"<!DOCTYPE html [<!ENTITY x SYSTEM '{secret.as_uri()}'>]><html><body><p>안녕 &x;</p>"
    path = tmp_path / "a.html"
    path.write_text(page, encoding="utf-8")
    assert "geheim" not in str(parse(path))


@pytest.mark.parametrize("tag", ["div", "table", "ul", "b", "a", "font"])
def test_a_page_of_endless_depth_gives_content_or_a_reason(tag, tmp_path):
    path = tmp_path / "deep.html"
    path.write_text(f"<html><body><p>안녕하세요.</p>{f'<{tag}>' * 50_000}안녕", encoding="utf-8")
    assert code_of(path) in ("read", "damaged")


@pytest.mark.parametrize(
    "piece", ["> ", "- ", "[", "*a ", "`", "![", "<b ", "|", "**", "&#", "](", "1. "]
)
def test_markdown_of_endless_depth_gives_content(piece, tmp_path):
    path = tmp_path / "deep.md"
    path.write_text(piece * 3_000 + "정부", encoding="utf-8")
    assert code_of(path) in ("read", "empty")


@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.html"])
def test_a_line_of_ten_million_letters_is_read(name, tmp_path):
    path = tmp_path / name
    path.write_text(
        "<html>" * name.endswith("html") + "정부는 동맹을 말했다. " * 770_000, encoding="utf-8"
    )
    content = parse(path)
    assert sum(len(block.text) for block in content.blocks) > 9_900_000


@pytest.mark.parametrize(
    "line",
    [
        "# " + "a #" * 300_000 + "b",
        "# a" + " " * 900_000 + "b",
        "#" * 900_000,
        "# a" + "#" * 900_000 + "b",
    ],
)
def test_a_long_line_that_begins_like_a_heading_is_read_at_once(line, tmp_path):
    path = tmp_path / "a.txt"
    path.write_text(line, encoding="utf-8")
    assert code_of(path) == "read"


def test_spans_without_end_cost_nothing(tmp_path):
    path = tmp_path / "a.html"
    cell = '<td rowspan="999999" colspan="999999">가'
    path.write_text("<html><table>" + f"<tr>{cell * 20}" * 100, encoding="utf-8")
    assert code_of(path) == "read"
    huge = hangul_files.table([["가", "나"], ["다", "라"]]).replace(
        'rowAddr="1"', 'rowAddr="99999999"'
    )
    huge = huge.replace('colAddr="1"', 'colAddr="88888888"').replace(
        'rowSpan="1"', 'rowSpan="9999999"'
    )
    hangul_files.write_hwpx(tmp_path / "a.hwpx", hangul_files.p(huge))
    assert code_of(tmp_path / "a.hwpx") == "read"


# --- sizes, other formats, names ------------------------------------------------------------------


def test_files_too_large_to_read_are_refused_by_their_size(tmp_path):
    for name, size in (("a.pdf", 500_000_001), ("a.txt", 50_000_001), ("a.html", 50_000_001)):
        path = tmp_path / name
        with open(path, "wb") as file:
            file.write(b"<html>" if name == "a.html" else b"text ")
            file.truncate(size)  # holes: it takes no space
        assert code_of(path) == "too-large", name


@pytest.mark.parametrize("name", [*NAMES, "a.pdf"])
@pytest.mark.parametrize(
    "data", [b"", b" \n\t\r\n ", b"\xef\xbb\xbf \n", "\u200b\ufeff\n".encode()]
)
def test_a_file_without_a_word_is_empty(name, data, tmp_path):
    path = tmp_path / name
    path.write_bytes(data)
    assert code_of(path) == "empty"


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600


@pytest.mark.parametrize(
    ("data", "code", "words"),
    [
        (OLE + "EncryptedPackage".encode("utf-16-le"), "encrypted", "password"),
        (OLE + "FileHeader".encode("utf-16-le"), "format", "HWPX"),
        (OLE + "WordDocument".encode("utf-16-le"), "format", "DOCX"),
        (OLE + "Workbook".encode("utf-16-le"), "format", "Excel"),
        (OLE, "format", "Office"),
        (b"HWP Document File V3.00 \x1a\x01", "format", "HWPX"),
        (b"{\\rtf1\\ansi x}", "format", "DOCX"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "format", "picture"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "format", "picture"),
        (b"\x7fELF\x02\x01\x01\x00", "format", "program"),
        (b"MZ\x90\x00\x03\x00\x00", "format", "program"),
        (b"7z\xbc\xaf\x27\x1c\x00\x04", "format", "unpack"),
        (b"\x1f\x8b\x08\x00", "format", "unpack"),
        (b"\x00\x01\x02\x03" * 50, "format", "zero bytes"),
    ],
)
@pytest.mark.parametrize("name", ["a.txt", "a.docx", "a.pdf"])
def test_a_file_of_another_format_is_named_with_what_to_do(data, code, words, name, tmp_path):
    if words == "zero bytes" and name != "a.txt":
        code, words = "damaged", "does not begin"
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(UnreadableError, match=words) as caught:
        parse(path)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("of", "called", "kind"),
    [
        (".docx", "a.txt", "docx"),
        (".hwpx", "b.docx", "hwpx"),
        (".html", "c.pdf", "html"),
        (".txt", "d.docx", "txt"),
        (".md", "e.html", "txt"),
    ],
)
def test_a_wrong_name_is_no_obstacle_and_is_told(good, of, called, kind, tmp_path):
    path = tmp_path / called
    path.write_bytes(good[of].read_bytes())
    content = parse(path)
    assert content.format == kind
    assert called in content.warnings[0]


def test_text_that_begins_like_a_program_is_text(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("BM25 ranks passages. MZ is a rating.", encoding="utf-8")
    assert parse(path).blocks[0].text.startswith("BM25")


def test_an_encrypted_hangul_file_is_told(tmp_path):
    manifest = '<m xmlns="urn:x"><file-entry><encryption-data/></file-entry></m>'
    path = hangul_files.write_hwpx(
        tmp_path / "a.hwpx", hangul_files.p("x"), parts={"META-INF/manifest.xml": manifest}
    )
    assert code_of(path) == "encrypted"


def test_what_is_no_file_or_not_there_is_told(tmp_path):
    assert code_of(tmp_path) == "unreadable"
    assert code_of(tmp_path / "none.txt") == "unreadable"
    assert code_of(tmp_path / ("x" * 300)) == "unreadable"


@pytest.mark.skipif(sys.platform == "darwin", reason="the file system refuses such names")
def test_a_message_shows_a_strange_name_on_one_line(tmp_path):
    path = tmp_path / "\u202e보고\n서\udcff.txt"
    path.write_bytes(b"")
    with pytest.raises(UnreadableError) as caught:
        parse(path)
    assert "\\u202e보고\\n서\\xff.txt" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_reason_survives_the_way_between_processes():
    import pickle

    error = pickle.loads(pickle.dumps(UnreadableError("bomb", "It is a bomb.")))
    assert (error.code, str(error)) == ("bomb", "It is a bomb.")
