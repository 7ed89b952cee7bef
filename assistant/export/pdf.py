"""A conversation as a PDF: footnotes at the foot of their page, page numbers, text to copy.

The letters that are used are embedded, so that the file reads the same everywhere. Not covered:
tags for screen readers, which Word's document has.
"""

import logging
import struct
from datetime import datetime
from typing import TYPE_CHECKING

from assistant.errors import InputError
from assistant.export.footnotes import Line, Note, Paper, Part
from assistant.export.pdf_font import Font, check_letters
from assistant.export.pdf_lines import ABOVE_NOTES, Row, Sheet, Word, rows, sheets
from assistant.export.words import FRAME

if TYPE_CHECKING:
    from fpdf import FPDF

WIDTH, HEIGHT = 595.28, 841.89  # A4, in points
SIDE, TOP, BOTTOM = 68.0, 68.0, 68.0
TEXT, SMALL, NOTE, TITLE, HEADING, RAISED = 10.5, 8.5, 8.0, 18.0, 12.5, 6.5
LEADING = 1.65  # of the size; Korean needs air
INK, GREY, RULE = (29, 35, 39), (88, 97, 104), (170, 175, 178)


def pdf(paper: Paper, made: datetime, font: Font) -> bytes:
    """The file's bytes; InputError where the font cannot be read or lacks Korean letters."""
    sheet = _open(paper, made, font)

    def measure(word: Word) -> float:
        sheet.set_font("cb", size=word.size)
        return float(sheet.get_string_width(word.text))

    width = WIDTH - 2 * SIDE
    body = rows(_words(paper.title.text, TITLE), width, TITLE * 1.4, measure)
    about = _words(f"{paper.about} {paper.saved}", SMALL, grey=True)
    body += rows(about, width, SMALL * LEADING, measure, before=6)
    notes: dict[int, list[Row]] = {}
    for part in paper.parts:
        asked = f"{FRAME[paper.lang]['question']} {part.number}. {part.question.text}"
        heading = rows(_words(asked, HEADING), width, HEADING * 1.5, measure, before=20)
        body += [Row(row.words, row.height, row.before, heading=True) for row in heading]
        for words, size in _paragraphs(part):
            body += rows(words, width, size * LEADING, measure, before=5)
        for note in part.notes:
            notes[note.number] = rows(_note(note), width, NOTE * 1.5, measure)
    for number, page in enumerate(sheets(body, notes, HEIGHT - TOP - BOTTOM), start=1):
        _draw(sheet, page, number)
    return bytes(sheet.output())


def _open(paper: Paper, made: datetime, font: Font) -> "FPDF":
    from fpdf import FPDF
    from fpdf.errors import FPDFException
    from fpdf.fonts import TTFFont

    logging.getLogger("fontTools").setLevel(logging.ERROR)  # it tells of every table it drops
    sheet = FPDF(unit="pt", format="A4")
    sheet.set_auto_page_break(False)
    try:
        sheet.add_font("cb", fname=font.path, collection_font_number=font.face)
        face = sheet.fonts["cb"]
        known = set(face.cmap) if isinstance(face, TTFFont) else set()
    except (FPDFException, OSError, ValueError, KeyError, AttributeError, struct.error) as error:
        raise InputError(
            f"The font {font.path} cannot be read ({error}). Set CITEBRIEF_FONT to another."
        ) from error
    check_letters(font, known)
    sheet.set_title(paper.title.text)
    sheet.set_author("CiteBrief")
    sheet.set_creator("CiteBrief")
    sheet.set_lang({"ko": "ko-KR", "en": "en-US"}[paper.lang])
    sheet.set_creation_date(made)
    return sheet


def _words(text: str, size: float, *, grey: bool = False) -> list[Word]:
    return [Word(word, size, grey=grey) for word in text.split()]


def _paragraphs(part: Part) -> list[tuple[list[Word], float]]:
    """The sentences, or what stands in their place, then what is to be known of them."""
    said = [(_sentence(line), TEXT) for line in part.lines]
    said += [(_words(text, TEXT), TEXT) for text in part.prose]
    for text in (part.notice, " · ".join(part.facts)):
        if text:
            said.append((_words(text, SMALL, grey=True), SMALL))
    return said


def _sentence(line: Line) -> list[Word]:
    words = _words(line.text, TEXT) + _words(line.remark, TEXT, grey=True)
    for position, mark in enumerate(line.marks):
        text = f",{mark.number}" if position else str(mark.number)
        note = mark.number if mark.first else 0
        words.append(Word(text, RAISED, raised=True, glued=bool(words), note=note))
    return words


def _note(note: Note) -> list[Word]:
    return [Word(f"{note.number}.", NOTE), *_words(note.text, NOTE)]


def _draw(sheet: "FPDF", page: Sheet, number: int) -> None:
    sheet.add_page()
    y = TOP
    for row in page.body:
        y += row.before + row.height
        _row(sheet, row, y)
    y = HEIGHT - BOTTOM - sum(row.height for row in page.notes)
    if page.notes:
        sheet.set_draw_color(*RULE)
        sheet.set_line_width(0.5)
        sheet.line(SIDE, y - ABOVE_NOTES / 3, SIDE + 120, y - ABOVE_NOTES / 3)
    for row in page.notes:
        y += row.height
        _row(sheet, row, y)
    sheet.set_font("cb", size=SMALL)
    sheet.set_text_color(*GREY)
    text = str(number)
    sheet.text((WIDTH - sheet.get_string_width(text)) / 2, HEIGHT - BOTTOM / 2, text)


def _row(sheet: "FPDF", row: Row, bottom: float) -> None:
    """One text for words of a kind, so that what is copied from the PDF keeps its spaces."""
    x, at = SIDE, 0
    while at < len(row.words):
        first = row.words[at]
        kind = (first.size, first.grey, first.raised)
        text = "" if at == 0 or first.glued else " "
        while at < len(row.words) and (
            (row.words[at].size, row.words[at].grey, row.words[at].raised) == kind
        ):
            word = row.words[at]
            joined = word.glued or not text.strip()
            text += word.text if joined else f" {word.text}"
            at += 1
        sheet.set_font("cb", size=first.size)
        sheet.set_text_color(*(GREY if first.grey else INK))
        rise = TEXT * 0.36 if first.raised else 0.0
        sheet.text(x, bottom - row.height * 0.28 - rise, text)
        x += sheet.get_string_width(text)
