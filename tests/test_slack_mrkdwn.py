"""Nothing in a text survives as formatting, a link, a call or an emoji; its words all do."""

import html
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from assistant.slack.mrkdwn import (
    JOINER,
    TWINS,
    UNDERLINE_TWIN,
    cut,
    escape,
    escape_markdown,
    length,
    pieces,
    shown,
)

HOSTILE = [
    *("*bold*", "_it_", "~gone~", "`code`", "```", ":smile:", ":한국:", "<!channel>", "<!here|x>"),
    *("<@U0BOT>", "<#C1|general>", "<!subteam^S1>", "<!date^0^{date}|x>", "<https://e.com|Bank>"),
    *("@here", "@channel", "@everyone", "#general", "https://evil.com/x?a=1", "www.evil.com"),
    *("mailto:a@evil.com", "slack://open", "\n> quoted", "\n- item", "\n1. item", "\n# title"),
    *(
        "[text](https://e.com)",
        "[a][b]",
        "\n[b]: https://e.com",
        "![x](y)",
        "\n| a | b |\n|---|---|",
    ),
    *(
        "\n---\n",
        "\n===",
        "\\*",
        "\\",
        "&lt;!here&gt;",
        "&#42;",
        "&",
        "**방위비(SMA)**는",
        "10~20%",
    ),
    *(
        "한국",
        "트럼프",
        "the U.S.",
        " ",
        "\n",
        "\n\n",
        "\t",
        "    code",
        "\u200b",
        "\u202e",
        "\ud800",
    ),
    *("report_v2.pdf", "3.5", "12:30:45", "“인용”", "[1]", "😀", "\r\n", "\u2028", "__init__"),
]
texts = st.lists(st.sampled_from(HOSTILE) | st.text(max_size=8), max_size=12).map("".join)
# What Slack makes of mrkdwn, written from its manual and by another way than the module's.
PARSED = {
    "a control sequence": re.compile(r"<|>(?!$)"),
    "formatting": re.compile(r"[*`~]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])"),
    "an emoji": re.compile(r":[^\s:\u2060]{1,100}:"),
    "a call": re.compile(r"[@#][^\s\u2060]"),
    "a link": re.compile(r"[a-z]://|mailto:[^\u2060]|[A-Za-z0-9]\.[A-Za-z]{2}", re.I),
    "a quotation": re.compile(r"^\s*&gt;", re.M),
    "a bare ampersand": re.compile(r"&(?!amp;|lt;|gt;)"),
}
BACK = {twin: chr(sign) for sign, twin in TWINS.items()} | {UNDERLINE_TWIN: "_"}
MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def read_back(escaped: str) -> str:
    """What a reader sees of an escaped text, with twins as the signs that they stand for."""
    plain = html.unescape(escaped.replace("&amp;", "\x00")).replace("\x00", "&")
    return "".join(BACK.get(c, c) for c in plain.replace(JOINER, ""))


def twinless(text: str) -> str:
    return "".join(BACK.get(c, c) for c in shown(text))


@given(texts)
@example("<!channel>")
@example(":smile:party:")
def test_slack_finds_nothing_to_parse_in_an_escaped_text(text):
    escaped = escape(text)
    assert {kind for kind, pattern in PARSED.items() if pattern.search(escaped)} == set()


@given(texts)
@example("<!channel>")
def test_even_where_entities_are_read_before_calls_nobody_is_called(text):
    for escaped in (escape(text), escape_markdown(text)):
        assert not re.search(r"<[^\s\u2060]", html.unescape(escaped))


@given(texts)
def test_an_escaped_text_reads_as_the_text(text):
    assert read_back(escape(text)) == twinless(text)


@given(texts)
@example("\\ \nnext")
def test_markdown_finds_only_paragraphs_in_an_escaped_text(text):
    tokens = MARKDOWN.parse(escape_markdown(text))
    assert {t.type for t in tokens} <= {"paragraph_open", "inline", "paragraph_close"}
    inner = {child.type for token in tokens for child in token.children or ()}
    assert inner <= {"text", "softbreak", "text_special"}


@given(texts)
def test_slack_finds_no_call_or_link_in_what_is_streamed(text):
    escaped = escape_markdown(text)
    assert {kind for kind, pattern in PARSED.items() if pattern.search(escaped)} == set()


@given(texts)
def test_a_streamed_text_reads_as_the_text_but_for_white_space(text):
    def words(of: str) -> list[str]:
        return of.replace("\n", " ").split()

    assert words(read_back(escape_markdown(text))) == words(twinless(text))


@pytest.mark.parametrize(
    "text",
    ["방위비분담금은 10배까지 올라갔다. [1]", "The U.S. paid $183 billion (3.5 %).", "2024년 11월"],
)
def test_an_ordinary_sentence_stays_letter_for_letter(text):
    assert escape(text) == text
    assert escape_markdown(text) == text


@given(texts)
def test_no_joiner_stands_within_a_korean_word(text):
    assert not re.search(f"[가-힣]{JOINER}[가-힣]", escape(text) + escape_markdown(text))


@given(st.text(max_size=300), st.integers(2, 60))
def test_a_cut_text_is_short_enough_and_a_beginning(text, most):
    found = cut(text, most)
    assert length(found) <= most
    assert found == text or text.startswith(found.removesuffix("…"))


@given(texts, st.integers(30, 200))
def test_pieces_are_short_enough_and_lose_nothing_but_white_space(text, most):
    found = pieces(text, most)
    assert all(length(piece) <= most for piece in found)
    assert "".join("".join(found).split()) == "".join(text.split())


@given(
    st.lists(st.sampled_from(["가나다라 ", "word", "[12]", "[3, 4]", "😀", "x" * 30])), st.data()
)
def test_no_piece_ends_within_a_marker(parts, data):
    text = "".join(parts)
    found = pieces(text, data.draw(st.integers(20, 60)))
    assert sum(len(re.findall(r"\[\d+(?:, \d+)?\]", piece)) for piece in found) == len(
        re.findall(r"\[\d+(?:, \d+)?\]", text)
    )


def test_a_length_is_counted_as_slack_may_count_it():
    assert length("한국😀") == 4
