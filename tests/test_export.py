"""What is taken away: what every format says, and that Markdown and text stay what they are."""

from dataclasses import replace
from datetime import date

import pytest
from exported import HOSTILE, conversation, turn
from fakes import EDITION, FIRST, SECOND, answered, refused
from markdown_it import MarkdownIt

from assistant.export.exported import BadField, Exported, read
from assistant.export.footnotes import paper
from assistant.export.markdown import escaped, markdown
from assistant.export.plain import plain
from assistant.types import Check

TODAY = date(2026, 11, 23)


def as_paper(given=None, lang="ko"):
    return paper(read(given or conversation()), lang, TODAY)


def test_the_numbers_of_notes_run_over_the_whole_conversation():
    first, refusal, last = as_paper().parts
    assert [[m.number for m in line.marks] for line in first.lines] == [[1], [2]]
    assert (refusal.lines, refusal.notes, refusal.prose) == ((), (), ("문서에 없습니다.",))
    assert [note.number for note in last.notes] == [3]


def test_a_citation_used_again_has_one_note_where_it_is_first_used():
    answer = answered(FIRST, SECOND)
    again = (*answer.sentences, replace(answer.sentences[0], citations=(2, 1)))
    part = as_paper(conversation(replace(answer, sentences=again))).parts[0]
    assert [(m.number, m.first) for m in part.lines[2].marks] == [(2, False), (1, False)]
    assert len(part.notes) == 2


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("ko", ["「브리프」, 1쪽, ‘서론’: ", f"“{FIRST}”", "비공식 번역: ", f"“{EDITION[FIRST]}”"]),
        ("en", ["브리프, p. 1, “서론”: ", f"“{FIRST}”", "Unofficial translation: "]),
    ],
)
def test_a_note_says_where_and_quotes_in_the_language_of_the_answer(lang, words):
    note = as_paper(conversation(answered(FIRST, language=lang)), "ko").parts[0].notes[0]
    assert all(word in note.text for word in words)


def test_a_machine_translation_is_named_as_one():
    answer = answered(FIRST)
    cited = replace(answer.citations[0], translation_model="openai:small")
    note = as_paper(conversation(replace(answer, citations=(cited,)))).parts[0].notes[0]
    assert "기계 번역(openai:small), 사람이 확인하지 않음: “" in note.text


def test_what_is_no_verified_fact_says_so_after_the_sentence():
    answer = answered(FIRST, SECOND)
    doubt = replace(
        answer.sentences[1],
        verdict="unverified",
        stance="forecast",
        checks=(Check("number", "350"), Check("derived", "7", passed=True)),
    )
    part = as_paper(conversation(replace(answer, sentences=(answer.sentences[0], doubt)))).parts[0]
    assert [line.remark for line in part.lines] == [
        "",
        "(전망)(확인되지 않음: 출처에 없는 수: 350)",
    ]


def test_how_old_how_made_and_when_asked_are_told_in_the_language_of_the_answer():
    answer = replace(answered(FIRST, language="en"), as_of="2024-11", notice="Look out.")
    part = as_paper(conversation(answer)).parts[0]
    assert part.facts == ("As of November 2024", "Extracted from the source", "Asked 2026-11-23")
    assert part.notice == "Look out."


def test_one_answer_is_copied_with_its_notes_and_nothing_around_it():
    text = plain(as_paper(conversation(answered(FIRST, SECOND))))
    assert text.startswith(f"{FIRST} [1] {SECOND} [2]\n\n[1] 「브리프」, 1쪽")
    assert text.endswith("CiteBrief · 원문 발췌 · 2026-11-23에 질문\n")
    assert "질문 1" not in text


def test_a_list_in_a_refusal_has_our_bullets_and_its_words_keep_theirs():
    text = "문서에 없습니다. 가까운 주제:\n- 통행료 - 요금\n* 2 * 3\n가 - 나"
    part = as_paper(conversation(refused(text))).parts[0]
    assert part.prose == ("문서에 없습니다. 가까운 주제:", "• 통행료 - 요금", "• 2 * 3", "가 - 나")


def test_markdown_has_a_note_for_each_mark():
    text = markdown(as_paper())
    assert [text.count(f"[^{n}]") for n in (1, 2, 3, 4)] == [2, 2, 2, 0]
    assert f"{FIRST}[^1]\n" in text
    assert "## 질문 2. " in text


def everywhere(words: str):
    """A conversation with `words` wherever words come from outside."""
    answer = answered(FIRST)
    cited = replace(
        answer.citations[0],
        document_title=words,
        section=words,
        quote=words,
        translation=words,
        translation_note=words,
    )
    said = replace(answer.sentences[0], text=words, verdict="unverified")
    said = replace(said, checks=(Check("content", "[x](y)"),))
    whole = replace(
        answer, question=words, citations=(cited,), sentences=(said,), notice=words, as_of=words
    )
    return conversation(whole, replace(refused(words), question=words), title=words)


def test_nothing_from_outside_becomes_markup():
    text = markdown(as_paper(everywhere(HOSTILE)))
    inert = {"heading", "paragraph", "inline", "text", "softbreak", "blockquote", "text_special"}
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    kinds = set()
    for token in parser.parse(text):
        for one in (token, *(token.children or ())):
            kinds.add(one.type.removesuffix("_open").removesuffix("_close"))
    assert kinds <= inert
    assert "://" not in text
    assert "www." not in text
    assert "\u202e" not in text and "\x07" not in text


@pytest.mark.parametrize(
    "line",
    ["# 제목", "- 하나", "+ 하나", "1. 하나", "2) 하나", "> 인용", "===", "---", "***", ": x"],
)
def test_a_line_that_looks_like_markup_is_a_paragraph_with_these_letters(line):
    tokens = MarkdownIt("commonmark").parse(escaped(line))
    assert [t.type for t in tokens] == ["paragraph_open", "inline", "paragraph_close"]
    assert "".join(t.content for t in tokens[1].children) == line


@pytest.mark.parametrize("words", ["**트럼프(Trump)**는", "10조 2,000억 원", "A & B", "a_b*c"])
def test_escaped_words_read_as_they_were_written(words):
    inline = MarkdownIt("commonmark").parse(escaped(words))[1]
    assert "".join(child.content for child in inline.children) == words


def test_an_answer_alone_is_read_as_a_conversation_of_one_turn():
    exported = read(replace(answered(FIRST), question="몇 척인가?").to_json())
    assert (exported.title, len(exported.turns)) == ("몇 척인가?", 1)


def test_each_turn_knows_the_questions_before_it():
    given = [replace(answered(FIRST), question=f"{n}?") for n in range(3)]
    assert [t.history for t in read(conversation(*given)).turns] == [(), ("0?",), ("0?", "1?")]


def broken(**changes):
    return {**conversation(), **changes}


def with_answer(**changes):
    return broken(
        turns=[{**turn(answered(FIRST)), "answer": {**answered(FIRST).to_json(), **changes}}]
    )


@pytest.mark.parametrize(
    ("given", "field"),
    [
        (None, "conversation"),
        ([1], "conversation"),
        (broken(turns=[]), "turns"),
        (broken(turns="x"), "turns"),
        (broken(turns=[turn(answered(FIRST))] * 201), "turns"),
        (broken(turns=[3]), "turns[0]"),
        (broken(title="가" * 20_001), "title"),
        (broken(title="\ud800"), "title"),
        (broken(turns=[turn(answered(FIRST), documents="all")]), "turns[0].documents"),
        (broken(turns=[turn(answered(FIRST), asked_at=5)]), "turns[0].asked_at"),
        (with_answer(language="fr"), "turns[0].answer.language"),
        (with_answer(citations=[]), "turns[0].answer.sentences[0].citations"),
        (
            with_answer(citations=answered(FIRST).to_json()["citations"] * 2),
            "turns[0].answer.citations",
        ),
    ],
)
def test_what_cannot_be_used_is_named_by_its_field(given, field):
    with pytest.raises(BadField) as raised:
        read(given)
    assert raised.value.field == field


def test_an_untitled_conversation_has_a_title_still():
    assert isinstance(Exported("", "", ()), Exported)
    assert paper(Exported("", "", ()), "en", TODAY).title.text == "Untitled conversation"
