"""Whatever words stand in it, a message is one line of the tags and attributes that we write.

The page shows messages without a sanitizer, so that nothing but this escaping guards the reader.
"""

import re
from collections.abc import Iterable
from html.parser import HTMLParser
from typing import get_args

from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from strategies import steady

from assistant.conversation import Turn
from assistant.render import notice_html, steps_html
from assistant.turn_render import failed_html, question_html, turn_html
from assistant.types import Answer, Check, Citation, Sentence, Step
from assistant.why import Alternative, Explanation, FoundPassage, Searched, Source, Term

TRICKS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</div></article></body>",
    "<style>*{display:none}</style>",
    "<svg onload=alert(1)>",
    "<!--",
    "<![CDATA[",
    "&lt;script&gt;",
    "&#60;b&#62;",
    "javascript:alert(1)",
    "a\n\n# b\n\n![x](http://outside.example/x.png)\n\n[x](javascript:alert(1))",
    "\r\r<b>\u2028\u2028<i>\x85\x85<u>\x0b\x0c",
    "\x00\u202e\ufeff",
    "{n}{0}%s$x$",
)
texts = st.lists(
    st.one_of(st.sampled_from(TRICKS), st.text(max_size=12)), min_size=1, max_size=4
).map("".join)
langs = st.sampled_from(["ko", "en"])
maybe = st.one_of(st.none(), texts)
citations = st.builds(
    Citation,
    n=st.integers(1, 3),
    document=texts,
    document_title=texts,
    document_title_translation=maybe,
    passage=texts,
    page=st.integers(1, 9),
    section=texts,
    section_translation=maybe,
    quote=texts,
    quote_language=langs,
    translation=maybe,
    translation_note=maybe,
    char_start=st.just(0),
    char_end=st.just(1),
    translation_model=maybe,
)
sentences = st.builds(
    Sentence,
    text=texts,
    citations=st.lists(st.integers(1, 3), max_size=3).map(tuple),
    verdict=st.sampled_from(["verified", "unverified"]),
    stance=st.sampled_from(["fact", "forecast", "recommendation", "attributed"]),
    support=st.floats(-1, 2),
    checks=st.lists(st.builds(Check, st.sampled_from(["number", "name"]), texts), max_size=2).map(
        tuple
    ),
)
# What fails is large and is not made smaller, which would take minutes.
quick = settings(steady, phases=(Phase.explicit, Phase.generate))
SOURCES = get_args(Source)
ID = "0123456789abcdef"
answers = st.builds(
    Answer,
    id=st.just(ID),
    question=texts,
    language=langs,
    status=st.sampled_from(["answered", "not_in_document"]),
    answer=texts,
    sentences=st.lists(sentences, max_size=3).map(tuple),
    citations=st.lists(citations, max_size=3, unique_by=lambda c: c.n).map(tuple),
    engine=texts,
    as_of=maybe,
    notice=maybe,
    timings_ms=st.just({"total": 12.5}),
)
shares = st.floats(0, 1)
alternatives = st.builds(Alternative, texts, shares, st.sampled_from(SOURCES))
hits = st.builds(
    FoundPassage,
    passage=texts,
    document=texts,
    title=texts,
    page=st.integers(1, 9),
    section=texts,
    excerpt=texts,
    language=langs,
    score=shares,
    fused=shares,
    lexical=shares,
    dense=shares,
    used=st.booleans(),
)
some_texts = st.lists(texts, max_size=2).map(tuple)
explanations = st.builds(
    Explanation,
    question=texts,
    language=langs,
    follow_up=st.booleans(),
    kinds=some_texts,
    unit=maybe,
    entity=maybe,
    documents=st.one_of(st.none(), some_texts),
    searched=st.lists(st.builds(Searched, texts, shares), max_size=2).map(tuple),
    terms=st.lists(
        st.builds(
            Term, texts, shares, st.booleans(), st.lists(alternatives, max_size=2).map(tuple)
        ),
        max_size=2,
    ).map(tuple),
    hits=st.lists(hits, max_size=2).map(tuple),
    probability=shares,
    threshold=shares,
    answerable=st.booleans(),
    judge=texts,
)
turns = st.builds(
    Turn,
    id=st.just(ID),
    asked_at=st.just("2026-11-23T10:00:00Z"),
    question=texts,
    answer=answers,
    follow_ups=st.lists(texts, max_size=3).map(tuple),
    why=st.one_of(st.none(), explanations.map(Explanation.to_json)),
)
TAGS = set(
    "a b br button dd details div dl dt em h4 i li ol p small span summary table tbody td th thead"
    " tr ul".split()
)
ATTRIBUTES = set(
    "aria-current aria-expanded aria-hidden aria-label class data-cb-act data-cb-ask data-document"
    " data-n data-passage data-quote-lang data-support data-turn hidden href id lang role scope"
    " tabindex target title type".split()
)
HREF = re.compile(r"#[\w-]+|(?:page|read)/[\w.~%-]*(?:/[\w.~%-]*)?\?[\w.~%&=-]+")


class Read(HTMLParser):
    """The tags of a piece of HTML, checked as they are read."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """One of ours, with attributes of ours."""
        assert tag in TAGS, tag
        names = [name for name, _ in attrs]
        assert set(names) <= ATTRIBUTES, names
        assert len(names) == len(set(names)), names
        given = dict(attrs)
        if "href" in given:
            assert HREF.fullmatch(given["href"] or ""), given
        assert re.fullmatch(r"[a-z -]*", given.get("class") or ""), given
        assert re.fullmatch(r"ko|en|", given.get("lang") or ""), given
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Of what was opened last."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """What a reader reads."""
        self.text.append(data)

    def handle_comment(self, data: str) -> None:
        """There are none."""
        raise AssertionError(data)

    def handle_decl(self, decl: str) -> None:
        """There are none."""
        raise AssertionError(decl)

    unknown_decl = handle_pi = handle_decl


def read(shown: str) -> str:
    """The text of HTML that is sound, on one line."""
    assert len(shown.splitlines()) == 1
    reader = Read()
    reader.feed(shown)
    reader.close()
    assert reader.open == []
    return "".join(reader.text)


def pieces(words: Iterable[str]) -> Iterable[str]:
    """What a reader is to see of each text, line by line."""
    return (line for text in words for line in text.strip().splitlines())


@quick
@given(turns)
def test_a_turn_of_any_words_is_our_tags_and_their_words(turn):
    text = read(turn_html(turn, paged=lambda document: True))
    for line in pieces(sentence.text for sentence in turn.answer.sentences):
        assert line in text
    for line in pieces(turn.follow_ups):
        assert line in text


@quick
@given(texts, langs)
def test_a_question_a_failure_and_a_notice_of_any_words_are_our_tags(text, lang):
    for shown in (
        question_html(text, ID),
        notice_html(text, lang),
        failed_html(text, text, lang),
        steps_html([Step("search"), Step("write", 3)], lang),
    ):
        read(shown)


@quick
@given(texts)
def test_a_button_that_asks_asks_the_very_question(text):
    asked: list[str] = []

    class Buttons(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            asked.extend(value or "" for name, value in attrs if name == "data-cb-ask")

    Buttons().feed(failed_html("x", text, "ko"))
    assert "".join(asked[0].split()) == "".join(text.split())
