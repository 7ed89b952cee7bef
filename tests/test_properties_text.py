"""Cleaning loses nothing but dirt, and every offset into a cleaned text is true."""

import unicodedata

from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import broken, chaos, korean_sentences, sentences, steady, written

from assistant.errors import InputError
from assistant.query import clean, clean_history
from index.chunk import chunk
from index.errors import InputError as NoText
from index.load import Sidecar, load_document, read_text
from index.morphology import load_morphology


def loaded(folder, text, layout="plain"):
    path = folder.getbasetemp() / "made.txt"
    path.write_bytes(text.encode())
    return load_document(path, Sidecar(file="made.txt", layout=layout))


@settings(steady, max_examples=200)
@given(broken)
def test_a_question_is_clean_once_it_was_cleaned(text):
    try:
        once = clean(text)
    except InputError:
        assert clean_history([text]) == []  # none of these is longer than what is read
        return
    assert clean(once) == once
    assert unicodedata.is_normalized("NFC", once)
    assert not any(unicodedata.category(c) in ("Cc", "Cs") for c in once)
    assert once == " ".join(once.split())
    assert clean_history([text, "", once]) == [once, once]


@steady
@given(chaos)
def test_a_file_is_read_in_nfc_with_one_kind_of_line_end(tmp_path_factory, text):
    path = tmp_path_factory.getbasetemp() / "read.txt"
    path.write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    once = read_text(path)
    assert unicodedata.is_normalized("NFC", once)
    assert not {"\r", "\0"} & set(once)
    path.write_bytes(once.encode())
    assert read_text(path) == once.removeprefix("\ufeff")


@steady
@given(written)
def test_a_document_is_cleaned_into_what_needs_no_more_cleaning(tmp_path_factory, made):
    once = loaded(tmp_path_factory, made.text)
    assert unicodedata.is_normalized("NFC", once.text)
    again = loaded(tmp_path_factory, once.text)
    assert again.text == once.text


@steady
@given(written)
def test_every_sentence_stands_on_its_page_under_its_heading(tmp_path_factory, made):
    document = loaded(tmp_path_factory, made.text)
    passages = chunk(document, load_morphology(()).sentences)
    at = 0
    for sentence, page, heading in made.places:
        start = document.text.index(sentence, at)
        at = start + len(sentence)
        assert document.page(start) == page
        assert document.section(start).title("ko") == heading
        # A splitter may cut a sentence in two; what it cuts out stays under the same heading.
        inside = [p for p in passages if p.char_start < at and start < p.char_end]
        assert {(p.page, p.section_titles[document.lang]) for p in inside} == {(page, heading)}


@steady
@given(st.one_of(written.map(lambda made: made.text), chaos.map("제목\n\n{}\n\f끝이다.".format)))
def test_passages_are_verbatim_in_order_apart_and_leave_no_word_out(tmp_path_factory, text):
    document = loaded(tmp_path_factory, text)
    passages = chunk(document, load_morphology(()).sentences)
    ends = [0, *(p.char_end for p in passages)]
    for number, passage in enumerate(passages):
        assert document.text[passage.char_start : passage.char_end] == passage.quote
        assert ends[number] <= passage.char_start < passage.char_end
        assert passage.quote == passage.quote.strip()
        assert (passage.page, passage.position) == (document.page(passage.char_start), number)
        assert document.section(passage.char_start).id == passage.section_id
    for name in ("page", "paragraph", "position"):
        values = [getattr(p, name) for p in passages]
        assert values == sorted(values)
    bodies = [b for b in document.blocks if b.kind == "paragraph"]
    words = "".join(document.text[b.char_start : b.char_end] for b in bodies)
    assert squeezed("".join(p.quote for p in passages)) == squeezed(words)


def squeezed(text):
    return "".join(text.split())


# After a number a marker looks like its decimals: "Rule No. 3.3".
unnumbered = sentences.filter(lambda sentence: not sentence[-2].isdigit())


@steady
@given(st.lists(unnumbered, min_size=3, max_size=12))
def test_footnote_markers_go_and_their_places_stay(tmp_path_factory, lines):
    marked = "".join(f"{line}{n}  \n\n" for n, line in enumerate(lines, start=1))
    document = loaded(tmp_path_factory, marked, layout="pdf_lines")
    assert document.text == "\n\n".join(lines)
    assert [number for number, _ in document.footnotes] == list(range(1, len(lines) + 1))
    for line, (_, offset) in zip(lines, document.footnotes, strict=True):
        assert document.text[:offset].endswith(line)
    for block, line in zip(document.blocks, lines, strict=True):
        assert document.text[block.char_start : block.char_end] == line


@steady
@given(st.lists(korean_sentences, min_size=1, max_size=4), st.data())
def test_lines_that_a_printer_broke_are_joined_again(tmp_path_factory, paragraphs, data):
    raw = ""
    for paragraph in paragraphs:
        words = paragraph.split()
        cut = data.draw(st.integers(1, len(words)))
        first, second = " ".join(words[:cut]), " ".join(words[cut:])
        raw += f"{first} \n\n{second}  \n\n" if second else f"{first}  \n\n"
    document = loaded(tmp_path_factory, raw, layout="pdf_lines")
    assert document.text == "\n\n".join(paragraphs)


@steady
@given(st.text(" \n\t\f\r\0\u3000", max_size=20))
def test_a_file_of_white_space_is_refused_by_name(tmp_path_factory, text):
    try:
        loaded(tmp_path_factory, text)
    except NoText as error:
        assert "made.txt holds no text" in str(error)
    else:
        raise AssertionError(text)
