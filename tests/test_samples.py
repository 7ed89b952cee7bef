"""Question sets: what is accepted, what is refused and with which words."""

import json
from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
from passages import passage

from assistant.errors import InputError
from eval.samples import (
    DOCUMENTS,
    KINDS,
    LIBRARY,
    Sample,
    evidence_texts,
    library_of,
    load,
    read,
    schema,
    select,
    set_path,
    squeeze,
)
from index.types import Block, Document

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
PASSAGE = passage(TEXT, id="brief:s001", document_id="brief")


def write(folder: Path, *lines: dict[str, Any] | str) -> Path:
    path = folder / "set.jsonl"
    texts = [x if isinstance(x, str) else json.dumps(x, ensure_ascii=False) for x in lines]
    path.write_text("\n".join(texts) + "\n", encoding="utf-8")
    return path


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
        ({"stances": {"s001": []}}, "stances.s001"),
        ({"stances": {"s001": ["guess"]}}, "stances.s001.0"),
        ({"stances": {"s002": ["fact"]}}, "stances: 's002' is not among the evidence"),
        ({"pair": "a2"}, "pair: 'a2' is the question itself"),
        ({"pair": ""}, "pair"),
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


def test_a_bad_line_is_told_with_all_other_faults_and_the_good_ones_are_kept(
    tmp_path: Path,
) -> None:
    path = write(
        tmp_path,
        {**GOOD, "lang": "fr"},
        "",
        "{",
        GOOD,
        GOOD,
        {**GOOD, "id": "a2", "pair": "a9"},
        {**GOOD, "id": "a3", "half": "dev", "nuggets": []},
    )
    found = read(path)
    assert [s.id for s in found.items] == ["a1", "a2", "a3"]
    assert [fault.of(path).removeprefix(f"{path} ").split(" (")[0] for fault in found.faults] == [
        "line 1: lang: Input should be 'ko' or 'en'",
        "line 3 is not JSON",
        "line 5: id: 'a1' stands on line 4 already; give each question an id of its own.",
        "line 4: half: expected dev or test, as the other questions have one.",
        "line 6: half: expected dev or test, as the other questions have one.",
        "line 6: pair: 'a9' is not a question of this set.",
        "line 7: nuggets: none; give them to all answerable questions, or to none.",
    ]
    with pytest.raises(InputError, match=r"line 1: lang.*\(6 more: citebrief eval check"):
        load(path)


ENGLISH = {**GOOD, "id": "a2", "lang": "en"}


def test_a_pair_is_the_same_question_in_the_other_language(tmp_path: Path) -> None:
    (korean, english) = load(write(tmp_path, {**GOOD, "pair": "a2"}, ENGLISH))
    assert (korean.pair, english.pair) == ("a2", None)
    back = load(write(tmp_path, {**GOOD, "pair": "a2"}, {**ENGLISH, "pair": "a1"}))
    assert [s.pair for s in back] == ["a2", "a1"]


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({**ENGLISH, "id": "a3"}, "pair: 'a2' is not a question of this set"),
        ({**ENGLISH, "lang": "ko"}, "pair: 'a2' is in the same language"),
        ({**ENGLISH, "evidence": [["s002"]]}, "pair: 'a2' has other evidence"),
        ({**ENGLISH, "half": "test"}, "pair: 'a2' is in the other half"),
    ],
)
def test_a_pair_that_is_none_is_refused(tmp_path: Path, other: dict[str, Any], words: str) -> None:
    first = {**GOOD, "half": "dev", "pair": "a2"}
    with pytest.raises(InputError, match=f"line 1: {words}"):
        load(write(tmp_path, first, {"half": "dev", **other}))


def turn(number: int, *history: str, **changes: Any) -> dict[str, Any]:
    asked = {"id": f"t{number}", "question": f"{number}?", "conversation": "c"}
    return {**GOOD, **asked, "history": list(history), **changes}


def test_a_conversation_has_the_last_two_questions_before_each_turn(tmp_path: Path) -> None:
    turns = [turn(1), turn(2, "1?"), turn(3, "1?", "2?"), turn(4, "2?", "3?")]
    alone = {**GOOD, "id": "a9"}  # stands between and takes no part
    samples = load(write(tmp_path, turns[0], alone, *turns[1:]))
    assert [s.conversation for s in samples] == ["c", None, "c", "c", "c"]


@pytest.mark.parametrize(
    "wrong",
    [
        turn(3, "1?"),
        turn(3, "2?", "1?"),
        turn(3),
        turn(3, "1?", "2!"),
    ],
)
def test_a_turn_with_another_history_is_refused(tmp_path: Path, wrong: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="line 3: history: expected the questions of the turns"):
        load(write(tmp_path, turn(1), turn(2, "1?"), wrong))


def test_the_turns_of_a_conversation_belong_to_one_half(tmp_path: Path) -> None:
    turns = turn(1, half="dev"), turn(2, "1?", half="test")
    with pytest.raises(InputError, match="line 2: half: the turns of a conversation"):
        load(write(tmp_path, *turns))


def test_stances_are_given_by_evidence_the_best_first(tmp_path: Path) -> None:
    labelled = {**GOOD, "stances": {"s001": ["forecast", "attributed"]}}
    (sample,) = load(write(tmp_path, labelled))
    assert sample.stances == {"s001": ("forecast", "attributed")}
    with pytest.raises(InputError, match="an unanswerable question has none"):
        load(write(tmp_path, {**GOOD, **UNANSWERABLE, "stances": {"s001": ["fact"]}}))


def test_the_schema_is_of_a_line_and_names_every_kind() -> None:
    found = schema()
    assert {"id", "lang", "kind", "question"} <= set(found["required"])
    assert found["additionalProperties"] is False
    assert tuple(found["properties"]["kind"]["enum"]) == KINDS


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
    with pytest.raises(InputError, match="line 2: half: expected dev or test"):
        load(write(tmp_path, {**GOOD, "half": "dev"}, {**GOOD, "id": "a2"}))


def test_nuggets_are_given_to_all_answerable_questions_or_to_none(tmp_path: Path) -> None:
    bare = {**GOOD, "id": "a2", "nuggets": []}
    refused = {**GOOD, **UNANSWERABLE, "id": "a3"}
    assert [s.nuggets for s in load(write(tmp_path, bare, refused))] == [(), ()]
    assert len(load(write(tmp_path, GOOD, refused))) == 2
    mixed = write(tmp_path, GOOD, refused, bare)
    with pytest.raises(InputError, match=r"set.jsonl line 3: nuggets: none"):
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


@pytest.mark.parametrize("name", ["other", "documents", "documents-train", "train"])
def test_a_shipped_set_has_no_fault(name: str) -> None:
    assert len(load(set_path(name), needs_nuggets=name != "train")) >= 120


@pytest.fixture(scope="module")
def brief() -> tuple[Sample, ...]:
    return load(set_path("brief"))


def share_of_korean(samples: Sequence[Sample]) -> float:
    return sum(s.lang == "ko" for s in samples) / len(samples)


def test_the_questions_of_the_brief_are_many_in_both_languages_and_halves(
    brief: tuple[Sample, ...],
) -> None:
    assert len(brief) >= 240
    assert sum(not s.answerable for s in brief) >= 60
    assert {s.kind for s in brief} == set(KINDS)
    assert share_of_korean(brief) == pytest.approx(0.5, abs=0.05)
    for half in ("dev", "test"):
        own, _ = select(brief, half)
        assert len(own) / len(brief) == pytest.approx(0.5, abs=0.05), half
        assert share_of_korean(own) == pytest.approx(0.5, abs=0.05), half
        refusing = [s for s in own if not s.answerable]
        assert len(refusing) >= 30, half
        assert share_of_korean(refusing) == pytest.approx(0.5, abs=0.05), half
    assert not [s.id for s in brief if s.document != "brief"]


def test_the_brief_has_thirty_pairs_of_which_no_question_is_in_two(
    brief: tuple[Sample, ...],
) -> None:
    pairs = {frozenset((s.id, s.pair)) for s in brief if s.pair}
    assert len(pairs) >= 30
    assert max(Counter(id for pair in pairs for id in pair).values()) == 1
    assert {s.half for s in brief if s.pair} == {"dev", "test"}


def test_the_brief_has_twenty_conversations_of_three_turns_in_both_languages(
    brief: tuple[Sample, ...],
) -> None:
    turns = sorted((s for s in brief if s.conversation), key=lambda s: str(s.conversation))
    conversations = [[*own] for _, own in groupby(turns, key=lambda s: s.conversation)]
    assert [len(own) for own in conversations] == [3] * 20
    opened = Counter((own[0].half, own[0].lang) for own in conversations)
    assert min(opened.values()) >= 3
    assert len(opened) == 4


def test_every_answerable_question_of_the_brief_has_nuggets_and_stances_in_full(
    brief: tuple[Sample, ...],
) -> None:
    for sample in (s for s in brief if s.answerable):
        assert any(nugget.vital for nugget in sample.nuggets), sample.id
        assert all(n.wordings(lang) for n in sample.nuggets for lang in ("ko", "en")), sample.id
        assert sample.stances.keys() == {i for group in sample.evidence for i in group}, sample.id


def test_a_passage_of_the_brief_has_the_same_stances_wherever_it_is_evidence(
    brief: tuple[Sample, ...],
) -> None:
    given: dict[str, set[tuple[str, ...]]] = {}
    for sample in brief:
        for name, stances in sample.stances.items():
            given.setdefault(name, set()).add(stances)
    assert [name for name, found in given.items() if len(found) > 1] == []


def test_no_question_of_the_brief_is_asked_twice(brief: tuple[Sample, ...]) -> None:
    asked = Counter((squeeze(s.question).casefold(), s.history) for s in brief)
    assert [question for question, times in asked.items() if times > 1] == []
