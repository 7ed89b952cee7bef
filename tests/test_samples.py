"""Question sets: what is accepted, what is refused and with which words."""

import json
from pathlib import Path
from typing import Any

import pytest

from assistant.errors import InputError
from eval.samples import (
    DOCUMENTS,
    LIBRARY,
    evidence_texts,
    library_of,
    load,
    select,
    set_path,
    squeeze,
)
from index.types import Block, Document, Passage

GOOD: dict[str, Any] = {
    "id": "a1",
    "lang": "ko",
    "kind": "number",
    "question": "함정은 몇 척인가?",
    "history": [],
    "evidence": [["s001"]],
    "nuggets": [{"text": "350척", "vital": True, "ko": ["350척"], "en": ["350-ship"]}],
    "note": "",
}
UNANSWERABLE = {"kind": "unanswerable", "evidence": [], "nuggets": []}
TEXT = "목표는 함정 350척이다."
DOCUMENT = Document(
    id="brief",
    lang="ko",
    titles={"ko": "브리프"},
    text=TEXT,
    blocks=(Block("paragraph", 0, len(TEXT)),),
    page_starts=(0,),
    sections=(),
)
PASSAGE = Passage(
    id="brief:s001",
    document_id="brief",
    kind="sentence",
    lang="ko",
    text=TEXT,
    quote=TEXT,
    char_start=0,
    char_end=len(TEXT),
    page=1,
    section_id="sec0",
    section_titles={},
    paragraph=0,
    position=0,
)


def write(folder: Path, *lines: dict[str, Any] | str) -> Path:
    path = folder / "set.jsonl"
    texts = [x if isinstance(x, str) else json.dumps(x, ensure_ascii=False) for x in lines]
    path.write_text("\n".join(texts) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(("name", "count"), [("brief", 280), ("other", 120)])
def test_the_shipped_sets_are_valid(name: str, count: int) -> None:
    assert len(load(set_path(name))) == count


def test_a_line_becomes_a_sample_with_its_wordings_by_language(tmp_path: Path) -> None:
    (sample,) = load(write(tmp_path, GOOD))
    assert (sample.id, sample.document, sample.half) == ("a1", "brief", None)
    assert sample.evidence == (("s001",),)
    assert sample.answerable
    assert sample.nuggets[0].wordings("en") == ("350-ship",)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"lang": "fr"}, "lang"),
        ({"kind": "riddle"}, "kind"),
        ({"question": "  "}, "question"),
        ({"half": "train"}, "half"),
        ({"surprise": 1}, "surprise"),
        ({"evidence": []}, "evidence"),
        ({"evidence": [[]]}, "evidence.0"),
        ({"quotes": [["목표는"]]}, "either evidence"),
        ({"nuggets": [{"text": "x", "vital": True, "ko": [], "en": []}]}, "nuggets.0"),
        ({"nuggets": [{"text": "x", "vital": "yes", "ko": ["x"], "en": []}]}, "nuggets.0.vital"),
        ({"kind": "unanswerable"}, "an unanswerable question has none"),
        ({"kind": "follow_up"}, "history"),
        ({"history": ["1", "2", "3"]}, "history"),
        ({"question": "\u1112\u1161\u11b7\u110c\u1165\u11bc"}, "NFC"),  # decomposed letters
    ],
)
def test_a_bad_line_is_refused_with_its_number_and_field(
    tmp_path: Path, change: dict[str, Any], words: str
) -> None:
    path = write(tmp_path, GOOD, {**GOOD, "id": "a2", **change})
    with pytest.raises(InputError) as caught:
        load(path)
    assert "line 2" in str(caught.value)
    assert words in str(caught.value)


def test_broken_json_an_empty_file_and_a_second_id_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"line 1 is not JSON"):
        load(write(tmp_path, '{"id": '))
    with pytest.raises(InputError, match="holds no questions"):
        load(write(tmp_path, ""))
    with pytest.raises(InputError, match=r"line 3: id: 'a1' stands on line 1"):
        load(write(tmp_path, GOOD, "", GOOD))
    with pytest.raises(InputError, match="cannot be read"):
        load(tmp_path / "none.jsonl")


def test_an_unknown_set_is_refused_with_the_known_names() -> None:
    with pytest.raises(InputError, match="brief, .*other"):
        set_path("no-such-set")


def test_select_takes_dev_unless_told_and_all_of_a_set_without_halves(tmp_path: Path) -> None:
    halved = load(write(tmp_path, {**GOOD, "half": "dev"}, {**GOOD, "id": "a2", "half": "test"}))
    chosen = [[s.id for s in select(halved, half)[0]] for half in (None, "dev", "test", "all")]
    assert chosen == [["a1"], ["a1"], ["a2"], ["a1", "a2"]]
    whole = load(write(tmp_path, GOOD))
    assert select(whole, None) == (whole, "all")
    with pytest.raises(InputError, match="no test half"):
        select(whole, "test")


def test_a_set_with_halves_for_some_questions_only_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="'a2' has none"):
        load(write(tmp_path, {**GOOD, "half": "dev"}, {**GOOD, "id": "a2"}))


def test_nuggets_are_given_to_all_answerable_questions_or_to_none(tmp_path: Path) -> None:
    bare = {**GOOD, "id": "a2", "nuggets": []}
    refused = {**GOOD, **UNANSWERABLE, "id": "a3"}
    assert [s.nuggets for s in load(write(tmp_path, bare, refused))] == [(), ()]
    assert len(load(write(tmp_path, GOOD, refused))) == 2
    mixed = write(tmp_path, GOOD, refused, bare)
    with pytest.raises(InputError, match=r"set.jsonl: nuggets: 'a2' has none"):
        load(mixed)
    assert len(load(mixed, needs_nuggets=False)) == 3


def test_a_shipped_set_has_the_library_that_it_asks_about() -> None:
    assert library_of("brief", "all") is None
    assert library_of("some/set.jsonl", "test") is None
    assert library_of("other", "all") == LIBRARY
    assert library_of("documents", "dev") == DOCUMENTS / "dev"
    assert library_of("documents", "test") == DOCUMENTS / "test"
    with pytest.raises(InputError, match="--half dev or test"):
        library_of("documents", "all")


def test_evidence_is_resolved_to_verbatim_text_by_id_and_by_quote(tmp_path: Path) -> None:
    quoted = {**GOOD, "id": "a2", "evidence": [], "quotes": [["함정 350척"]]}
    samples = load(write(tmp_path, GOOD, quoted, {**GOOD, **UNANSWERABLE, "id": "a3"}))
    texts = evidence_texts(samples, [PASSAGE], {"brief": DOCUMENT})
    assert texts == {"a1": ((TEXT,),), "a2": (("함정 350척",),), "a3": ()}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"evidence": [["s001", "s999"]]}, "no passage 's999'"),
        ({"evidence": [], "quotes": [["잠수함 350척"]]}, "'brief' has no '잠수함 350척'"),
        ({"document": "port"}, "'port' is not in the library, which holds brief"),
    ],
)
def test_evidence_that_the_library_lacks_is_refused(
    tmp_path: Path, change: dict[str, Any], words: str
) -> None:
    samples = load(write(tmp_path, {**GOOD, **change}))
    with pytest.raises(InputError, match=words):
        evidence_texts(samples, [PASSAGE], {"brief": DOCUMENT})


def test_squeeze_joins_decomposed_letters_and_drops_every_space() -> None:
    assert squeeze("\u1112\u1161\u11ab\u1100\u116e\u11a8 \n a\tb") == "한국ab"
