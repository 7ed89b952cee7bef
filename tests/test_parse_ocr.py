"""Scanned pages: read by Tesseract where it is installed, named with advice where it is not."""

import os

import pytest

from index.parse import ocr, pdf
from index.parse.errors import UnreadableError
from index.parse.pdf import parse_pdf
from tests.printed import LEFT, TOP, printed

WORDS = "The treaty was signed on 14 May 2011 in the harbour."


@pytest.fixture
def scan(tmp_path):
    """A picture of a page with one sentence on it."""
    import pypdfium2

    source = printed(tmp_path / "source.pdf", lambda s: s.text(LEFT, TOP, WORDS, 14))
    picture = pypdfium2.PdfDocument(source)[0].render(scale=200 / 72).to_pil()
    path = tmp_path / "scan.png"
    picture.convert("RGB").save(path)
    return path


@pytest.fixture
def tesseract():
    """Where Tesseract is, with Korean and English."""
    found = ocr.program()
    if found is None:
        message = "Tesseract with kor and eng is missing: apt-get install tesseract-ocr-kor"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(message)
    return found


def picture(scan, **options):
    return lambda sheet: sheet.canvas.drawImage(str(scan), 0, 0, 595, 842, **options)


def test_a_scanned_page_is_read_and_its_owner_warned(tmp_path, scan, tesseract):
    content = parse_pdf(printed(tmp_path / "a.pdf", picture(scan)))
    (block,) = content.blocks
    assert block.text == WORDS
    assert content.warnings == ("Page 1 was read by OCR; check quotes against the page.",)
    (box,) = [b for b in block.boxes if block.text[b.char_start : b.char_end] == "treaty"]
    assert box.top == pytest.approx(842 - TOP - 10, abs=4)
    assert LEFT + 20 < box.x0 < box.x1 < LEFT + 80


def test_without_tesseract_a_scan_has_no_text_and_advice_is_given(tmp_path, scan, monkeypatch):
    monkeypatch.setattr(pdf.scanner, "program", lambda: None)
    with pytest.raises(UnreadableError) as caught:
        parse_pdf(printed(tmp_path / "a.pdf", picture(scan)))
    assert caught.value.code == "no-text"
    assert "tesseract-ocr-kor" in str(caught.value)


def test_pages_that_hold_images_only_are_named(tmp_path, scan):
    pages = [lambda s: s.text(LEFT, TOP, WORDS), *[picture(scan)] * 3]
    content = parse_pdf(printed(tmp_path / "a.pdf", *pages), ocr=False)
    assert [b.text for b in content.blocks] == [WORDS]
    (warning,) = content.warnings
    assert warning.startswith("Pages 2-4 hold images only; install Tesseract")


def test_the_invisible_text_that_a_scanner_laid_over_a_picture_is_used(tmp_path, scan):
    def page(sheet):
        picture(scan)(sheet)
        text = sheet.canvas.beginText(LEFT, TOP)
        text.setFont("Helvetica", 14)
        text.setTextRenderMode(3)
        text.textLine(WORDS)
        sheet.canvas.drawText(text)

    content = parse_pdf(printed(tmp_path / "a.pdf", page), ocr=False)
    assert [b.text for b in content.blocks] == [WORDS]
    assert "their maker's OCR" in content.warnings[0]


def test_tesseract_without_korean_counts_as_missing(tmp_path, monkeypatch):
    fake = tmp_path / "tesseract"
    fake.write_text("#!/bin/sh\necho 'List of available languages (1):'\necho eng\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    ocr.program.cache_clear()
    try:
        assert ocr.program() is None
    finally:
        ocr.program.cache_clear()


def test_a_page_laid_askew_is_read_in_lines_and_its_boxes_stand_where_the_words_do(
    tmp_path, tesseract
):
    import pypdfium2
    from PIL import Image

    lines = [WORDS, "Its members meet again in the spring of 2032."] * 3
    source = printed(tmp_path / "source.pdf", lambda s: s.lines(LEFT, TOP, lines, 14))
    scan = pypdfium2.PdfDocument(source)[0].render(scale=200 / 72).to_pil().convert("L")
    scan.rotate(-1, Image.Resampling.BICUBIC, fillcolor=255).save(tmp_path / "askew.png")
    content = parse_pdf(printed(tmp_path / "a.pdf", picture(tmp_path / "askew.png")))
    text = " ".join(block.text for block in content.blocks)
    assert text.count(WORDS) == 3
    tops = {box.top for block in content.blocks for box in block.boxes if box.top < 842 - TOP + 4}
    assert max(tops) - min(tops) > 1  # the first line falls to the right, and its boxes with it
