"""Receipts over the brief: what is confirmed, what has changed, and what was tampered with."""

import copy
import json
from dataclasses import replace
from types import SimpleNamespace

import pytest
from brief_replies import ASKED, LANGS, OTHER_TOPIC, RIGHT, WRONG, reply
from exported import conversation

from assistant.answer import Assistant
from assistant.export.exported import BadField, alone, read
from assistant.export.receipt import digest, receipt, sha256
from assistant.export.receipt_check import verify

MADE = "2026-11-23T10:00:00+00:00"
FORECAST = "What will the United States urge NATO members to do?"


@pytest.fixture(scope="module")
def assistant(brief_index):
    return Assistant(brief_index)


@pytest.fixture(scope="module")
def made(assistant):
    """A receipt of four turns: both languages, a forecast and a refusal."""
    asked = (*ASKED.values(), FORECAST, OTHER_TOPIC["ko"])
    given = conversation(*[assistant.ask(question) for question in asked])
    return receipt(read(given), assistant.index.documents, MADE)


@pytest.fixture
def altered(made, assistant):
    """Re-checks the receipt after `change` was made to it and its digest made to fit again."""

    def check(change, held=None):
        plain = copy.deepcopy(made)
        change(plain)
        plain["digest"] = digest(plain)
        found = verify(plain, held or assistant.index, assistant.gate)
        return found.state, {(f.about, f.code) for f in found.findings if f.state != "confirmed"}

    return check


def test_what_the_assistant_answered_is_confirmed(made, assistant):
    found = verify(json.loads(json.dumps(made)), assistant.index)
    assert found.state == "confirmed"
    codes = [one.code for one in found.findings]
    assert codes.count("digest") == 1
    assert codes.count("refused") == 1
    assert codes.count("quote") == sum(len(item["citations"]) for item in made["items"])
    assert codes.count("sentence") == sum(len(item["sentences"]) for item in made["items"]) >= 3


def test_a_browser_may_have_read_and_written_it(made, assistant):
    as_written = json.dumps(made, sort_keys=True).replace("1.0", "1")  # as JavaScript has numbers
    assert verify(json.loads(as_written), assistant.index, assistant.gate).state == "confirmed"


@pytest.mark.parametrize("lang", LANGS)
def test_sentences_of_a_model_are_confirmed_as_they_were_checked(model_assistant, llm_server, lang):
    llm_server.behaves(reply(RIGHT[lang] + " [{money}]", WRONG[lang] + " [{money}]"), "", "")
    writer = model_assistant(show_unverified=True)
    answer = writer.ask(ASKED[lang])
    assert [s.verdict for s in answer.sentences] == ["verified", "unverified"]
    plain = receipt(alone(answer), writer.index.documents, MADE)
    assert verify(plain, writer.index, writer.gate).state == "confirmed"


def test_a_receipt_that_was_edited_says_so_by_its_digest(made, assistant):
    found = verify({**made, "made": "2025-01-01"}, assistant.index, assistant.gate)
    assert found.state == "broken"
    assert [f.code for f in found.findings if f.state == "broken"] == ["digest_differs"]


def sentence(plain, n=0):
    return plain["items"][n]["sentences"][0]


def citation(plain, n=0):
    return plain["items"][n]["citations"][0]


def reword(plain):
    item = plain["items"][0]
    old, new = item["sentences"][0]["text"], "미국은 약 2,830억 달러를 지원했다."
    item["sentences"][0]["text"] = new
    item["answer"] = item["answer"].replace(old, new)
    item["answer_sha256"] = sha256(item["answer"])


def requote(plain):
    citation(plain)["quote"] = "지어낸 말이다."
    citation(plain)["quote_sha256"] = sha256("지어낸 말이다.")


def reanswer(plain):
    plain["items"][0]["answer"] += " 덧붙인 말이다."
    plain["items"][0]["answer_sha256"] = sha256(plain["items"][0]["answer"])


def talk(plain):
    item = plain["items"][3]
    item["answer"] = "전쟁이 났다."
    item["answer_sha256"] = sha256(item["answer"])


@pytest.mark.parametrize(
    ("change", "about", "code"),
    [
        (requote, "citation", "place_differs"),
        (lambda r: citation(r).update(quote="다른 말"), "citation", "hash_differs"),
        (lambda r: citation(r).update(page=1), "citation", "page_differs"),
        (lambda r: citation(r).update(section="서론 아님"), "citation", "section_differs"),
        (lambda r: citation(r).update(document_title="남의 글"), "citation", "title_differs"),
        (lambda r: citation(r).update(passage="brief:s001"), "citation", "passage_differs"),
        (lambda r: citation(r).update(char_start=0), "citation", "place_differs"),
        (reword, "sentence", "verdict_differs"),
        (lambda r: sentence(r).update(verdict="unverified"), "sentence", "verdict_differs"),
        (lambda r: sentence(r, 2).update(stance="fact"), "sentence", "stance_differs"),
        (lambda r: sentence(r).update(citations=[99]), "sentence", "uncited"),
        (lambda r: sentence(r).update(citations=[]), "sentence", "uncited"),
        (reanswer, "answer", "answer_differs"),
        (talk, "answer", "refusal_differs"),
        (lambda r: r["items"][0].update(answer_sha256="0" * 64), "answer", "answer_differs"),
    ],
)
def test_what_the_library_does_not_bear_out_is_broken_whatever_the_digest(
    altered, change, about, code
):
    state, found = altered(change)
    assert state == "broken"
    assert (about, code) in found


def held(index, **changes):
    """The index with another version of the brief."""
    brief = replace(index.documents["brief"], **changes)
    return SimpleNamespace(
        documents={"brief": brief}, passages=index.passages, analyzer=index.analyzer
    )


def test_a_changed_document_is_told_apart_from_a_wrong_receipt(altered, assistant):
    text = assistant.index.documents["brief"].text
    state, found = altered(lambda r: None, held(assistant.index, sha256="0" * 64))
    assert state == "changed"
    assert found == {("citation", "still_said"), ("sentence", "source_changed")}
    _, found = altered(lambda r: None, held(assistant.index, sha256="0" * 64, text=text[:100]))
    assert found == {("citation", "not_said"), ("sentence", "source_changed")}


def test_a_forgotten_document_is_told(altered, assistant):
    index = assistant.index
    empty = SimpleNamespace(documents={}, passages=[], analyzer=index.analyzer)
    state, found = altered(lambda r: None, empty)
    assert state == "changed"
    assert ("citation", "gone") in found


def test_a_receipt_made_without_the_document_says_so(assistant, made):
    answer = assistant.ask(ASKED["ko"])
    plain = receipt(alone(answer), {}, MADE)
    assert plain["items"][0]["citations"][0]["document_sha256"] is None
    assert verify(plain, assistant.index).state == "changed"


def test_a_doubt_of_an_inference_model_that_is_not_here_is_no_tampering(altered):
    def doubted(plain):
        entailment = {"code": "entailment", "text": sentence(plain)["text"], "passed": False}
        sentence(plain).update(verdict="unverified", checks=[entailment])

    assert altered(doubted) == ("confirmed", set())


def test_every_finding_is_a_sentence_in_both_languages(made, assistant):
    plain = copy.deepcopy(made)
    sentence(plain)["stance"] = "forecast"
    told = verify(plain, assistant.index, assistant.gate).to_json()
    messages = [one["message"] for one in told["findings"] if one["code"] == "stance_differs"]
    assert messages == [
        {
            "ko": "질문 1, 문장 1: 성격이 다릅니다. 기록: 전망, 다시 확인: 사실.",
            "en": "Question 1, sentence 1: Another stance: the receipt says Forecast, checked "
            "again it is Fact.",
        }
    ]
    assert told["message"]["ko"].startswith("확인되지 않습니다.")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (lambda r: r.update(receipt="other/1"), "receipt"),
        (lambda r: r.update(items=[]), "items"),
        (lambda r: r.update(digest="x"), "digest"),
        (lambda r: r.update(more=1), "more"),
        (lambda r: citation(r).update(page="4"), "items[0].citations[0].page"),
        (lambda r: citation(r).update(char_end=2**60), "items[0].citations[0].char_end"),
        (lambda r: sentence(r).update(support=float("nan")), "items[0].sentences[0].support"),
        (lambda r: sentence(r).update(verdict="sure"), "items[0].sentences[0].verdict"),
        (lambda r: r["items"][0].pop("answer"), "items[0].answer"),
        (lambda r: r.update(made="\ud800"), "made"),
    ],
)
def test_what_is_no_receipt_is_named_by_its_field(made, assistant, change, field):
    plain = copy.deepcopy(made)
    change(plain)
    with pytest.raises(BadField) as raised:
        verify(plain, assistant.index, assistant.gate)
    assert raised.value.field == field
