"""Values are kept exactly: any text, tuples as tuples, boxes to the last bit."""

import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from record_samples import ENGLISH, entry, prepared, same
from sqlalchemy import insert
from strategies import broken, steady

from index.parse.content import Box
from index.record import packing, tables
from index.record.library import Library
from index.types import Cell, Document, Passage, Section, Table

pytest_plugins = ["postgres"]


@pytest.fixture
def library(record_url):
    with Library.open(record_url) as opened:
        yield opened


# --- values ---------------------------------------------------------------------------------------

names = st.dictionaries(st.sampled_from(["ko", "en"]), broken, max_size=2)
spans = st.integers(0, 10**6)
documents = st.builds(
    Document,
    id=broken,
    lang=st.sampled_from(["ko", "en"]),
    titles=names,
    text=broken,
    blocks=st.just(()),
    page_starts=st.lists(spans, max_size=3).map(tuple),
    sections=st.lists(
        st.builds(Section, id=broken, level=spans, titles=names, char_start=spans, char_end=spans),
        max_size=2,
    ).map(tuple),
    tables=st.lists(
        st.builds(
            Table,
            id=broken,
            labels=names,
            captions=names,
            cells=st.lists(st.builds(Cell, row_labels=names, column_labels=names), max_size=2).map(
                tuple
            ),
        ),
        max_size=1,
    ).map(tuple),
    footnotes=st.lists(st.tuples(spans, spans), max_size=2).map(tuple),
    translations=st.dictionaries(broken, broken, max_size=2),
    restatements=st.dictionaries(
        broken, st.dictionaries(broken, st.just(("x", "다")), max_size=2), max_size=2
    ),
    as_of=st.none() | broken,
)
passages = st.builds(
    Passage,
    text=broken,
    section_titles=names,
    translation=st.none() | broken,
    quote_translation=st.none() | broken,
    restatements=st.dictionaries(broken, st.lists(broken, max_size=2).map(tuple), max_size=2),
    labels=st.lists(broken, max_size=2).map(tuple),
)


@steady
@given(documents)
def test_any_document_is_the_same_after_it_was_packed(document):
    found = packing.typed(Document, packing.unpack(packing.pack(document)))
    assert found == document
    assert repr(found) == repr(document)  # tuples are tuples, and mappings keep their order


@steady
@given(passages)
def test_any_passage_is_the_same_after_it_was_packed(passage):
    found = packing.typed(Passage, packing.unpack(packing.pack(passage)))
    assert (found, repr(found)) == (passage, repr(passage))


def test_a_field_that_was_added_since_changes_no_digest_and_takes_its_default():
    (passage, *_) = prepared().passages
    assert "labels" not in packing.plain(passage)
    assert packing.typed(Passage, packing.plain(passage)).labels == ()


@steady
@given(st.lists(broken, min_size=1, max_size=5))
def test_any_text_is_the_same_after_a_trip_through_sql(texts):
    for kind, values in ((tables.SafeText(), texts), (tables.JsonText(), [texts, {"a": texts}])):
        for value in values:
            stored = kind.process_bind_param(value, None)
            assert "\0" not in stored
            stored.encode()
            assert kind.process_result_value(stored, None) == value


def test_broken_text_is_kept_by_both_databases(library):
    made = prepared(id="\udc80\0\ufffd", sentences=("A\0B \ud800 하나.", "둘."))
    with library.writing() as writer:
        writer.keep(entry(made), made)
    with library.snapshot() as snapshot:
        assert same(snapshot.prepared("\udc80\0\ufffd", "r1"), made)
    assert library.check() == []


def test_boxes_are_the_same_to_the_last_bit():
    lines = [Box(0, 2**40, 3, 0.1, 1 / 3, 1e300, -0.0)]
    assert packing.unpack_boxes(packing.pack_boxes(lines)) == lines
    with pytest.raises(zlib.error):
        packing.unpack_boxes(b"nothing of the kind")


def test_an_id_too_long_for_an_index_is_refused(library):
    made = prepared(id="a" * 201)
    with library.writing() as writer, pytest.raises(ValueError, match="the entry is of"):
        writer.keep(entry(made), made)


def test_an_unknown_type_is_told_to_whoever_adds_it():
    with pytest.raises(TypeError, match=r"say how in index/record/packing\.py"):
        packing.typed(set, [])


def test_a_row_of_a_document_that_is_not_there_is_refused(library):
    row = {"document_id": "x", "part": 0, "digest": "", "data": b""}
    with pytest.raises(Exception, match=r"(?i)foreign key"), library._engine.begin() as connection:
        connection.execute(insert(tables.boxes), [row])


def test_the_tests_have_both_languages():
    assert prepared().document.lang == "ko"
    assert prepared(sentences=ENGLISH).document.lang == "en"
    assert Path(entry(prepared()).path).name == "harbour.pdf"
