"""Names of uploads: safe on every disk, readable, and the same each time."""

import unicodedata

import pytest

from assistant.upload_names import LONGEST, file_name, numbered


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("보고서.pdf", "보고서.pdf"),
        (unicodedata.normalize("NFD", "항만 보고서.hwpx"), "항만 보고서.hwpx"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\kim\\보고서.docx", "보고서.docx"),
        ("/", ""),
        ("..", ""),
        ("...", ""),
        (".bashrc", "bashrc"),
        ("<img onerror>.pdf", "_img onerror_.pdf"),
        ("\u202efdp.exe", "fdp.exe"),
        ("a\x00b\nc\u200b.txt", "ab c.txt"),
        ("con.txt", "_con.txt"),
        ("LPT1", "_LPT1"),
        ("contract.txt", "contract.txt"),
        ("report.pdf. . ", "report.pdf"),
        ("  two   spaces .txt", "two spaces .txt"),
    ],
)
def test_a_name_loses_what_a_disk_or_a_reader_could_be_tricked_with(given, kept):
    assert file_name(given) == kept


@pytest.mark.parametrize("letter", ["a", "가", "😀"])
def test_a_long_name_is_cut_with_its_suffix_and_is_told_apart_from_others(letter):
    one, two = file_name(letter * 300 + "1.pdf"), file_name(letter * 300 + "2.pdf")
    assert one != two
    assert one == file_name(letter * 300 + "1.pdf")
    assert one.endswith(".pdf")
    assert len(one.encode()) <= LONGEST
    assert len(file_name(letter * 300).encode()) <= LONGEST


def test_a_name_is_numbered_before_its_suffix():
    assert numbered("보고서.pdf", 2) == "보고서 (2).pdf"
    assert numbered("README", 3) == "README (3)"
