"""From our values to Block Kit: answers, refusals, evidence and errors as messages within limits.

Checks of a text are in `check_blocks`; the home tab and the dialogs in `home`.

Every text of a document or a person stands in plain or rich text, so that nothing in it can call
anybody, link or format. A button carries a key (the answer's id, with a number behind a colon for a
question), never a text. A sentence and its markers stay together; an answer that is longer than a
message goes on in the next, and the last has the buttons. Post them with `unfurl_links=False`.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from assistant.labels import LABELS, READING, as_of_text, check_text, cited_titles, how_made, place
from assistant.slack import kit
from assistant.slack.kit import Block, Message, Piece
from assistant.slack.mrkdwn import cut, escape_markdown, length, pieces
from assistant.slack.words import ErrorCode, words
from assistant.types import Answer, Citation, Sentence
from index.types import Passage

APART = 12  # sentences that each have a block of their own; more share blocks
STREAM = 11_000  # Slack takes 12,000 at once
SHOWN = 600  # characters of a quote under an answer; the evidence has it whole
TOGETHER = kit.CHILDREN // 2  # sources in one container, of two blocks each
FALLBACK_QUOTE = 200


def answer_messages(
    answer: Answer,
    *,
    key: str,
    page_url: str | None,
    question: str,
    documents_note: str = "",
    sources_open: bool = False,
    follow_ups: Sequence[str] = (),
    folding: bool = True,
) -> list[Message]:
    """The whole answer. Without `folding`, for a Slack that knows no containers, a button of the
    message shows its sources (`cb_sources`) by updating it with `sources_open`.
    """
    if not answer.sentences:
        return [refusal_message(answer, follow_ups, answer.language, key=key)]
    rest = _closing(
        answer, key, page_url, question, documents_note, sources_open, follow_ups, folding
    )
    return kit.pack([*_body(answer), *rest], question)


def streamed_text(answer: Answer, start: int = 0) -> Iterator[str]:
    """The sentences from `start` on as Markdown to append to a stream, a paragraph each."""
    for sentence in answer.sentences[start:]:
        marks = "".join(f" [{n}]" for n in sentence.citations)
        marks += f" ({badge(sentence, answer.language)})\n\n"
        *first, last = pieces(escape_markdown(sentence.text), STREAM - length(marks))
        yield from (f"{piece} " for piece in first)
        yield last + marks


def refusal_message(answer: Answer, nearest: Sequence[str], lang: str, *, key: str) -> Message:
    """That the documents do not answer, with the nearest questions that they do answer."""
    runs = kit.split(answer.answer, kit.RICH)[:2]
    parts = [Piece((kit.rich(kit.paragraph(kit.text(run))),), run) for run in runs]
    if answer.notice:
        parts.append(Piece((kit.context(answer.notice),)))
    asked = _questions(nearest, key, lang, LABELS[lang]["nearest"])
    parts.append(Piece((*asked, kit.actions(_rating(key, lang)))))
    return kit.pack(parts, words(lang, "not_said"))[0]


def error_message(code: ErrorCode, lang: str, **values: object) -> Message:
    """What went wrong and what to do, e.g. `error_message("fault", "ko", id="1a2b")`."""
    return note_message(words(lang, code, **({"id": "-", "most": "2,000"} | values)))


def note_message(said: str) -> Message:
    """A short message in words of ours."""
    plain = said.replace("`", "")
    return Message(kit.fallback_text(plain), [kit.section(plain)])


def sources_message(
    answer: Answer, *, key: str, lang: str, hits: Sequence[Passage] = ()
) -> list[Message]:
    """Every citation whole, then passages that were found besides."""
    parts: list[Piece] = []
    titled = len(cited_titles(answer)) > 1
    for citation in answer.citations:
        stances = dict.fromkeys(
            badge(s, answer.language) for s in answer.sentences if citation.n in s.citations
        )
        where = " · ".join([*place(citation, lang, titled=titled), *stances])
        above = kit.divider() if parts else kit.header(words(lang, "whole_quotes"))
        first, *rest = _whole(f"[{citation.n}]", where, citation, lang)
        parts += [Piece((above, *first.blocks), first.said), *rest]
    cited = {citation.passage for citation in answer.citations}
    more = [passage for passage in hits if passage.id not in cited]
    if more:
        parts.append(Piece((kit.header(words(lang, "more_hits")),)))
    for passage in more:
        where = LABELS[lang]["page"].format(page=passage.page)
        parts += _found(f"{where} · {passage.section_title(lang)}", passage, lang)
    if not parts:
        return [note_message(words(lang, "no_more"))]
    return kit.pack(parts, words(lang, "whole_quotes"))


def source_pieces(
    citations: Sequence[Citation], lang: str, stances: Any = None, *, folded: bool, folding: bool
) -> list[Piece]:
    """The sources as a list that folds, five in each container."""
    titles = list(dict.fromkeys(c.title(lang) for c in citations))
    titled = len(titles) > 1
    found: list[Piece] = []
    for start in range(0, len(citations), TOGETHER):
        some = citations[start : start + TOGETHER]
        children = [
            block
            for citation in some
            for block in _source(citation, lang, (stances or {}).get(citation.n, ()), titled=titled)
        ]
        if len(citations) > TOGETHER:
            title = words(lang, "sources_part", first=some[0].n, last=some[-1].n)
        else:
            title = words(
                lang, "sources_one" if len(citations) == 1 else "sources", count=len(citations)
            )
        said = "\n".join([title, *(_place_said(c, lang, titled=titled) for c in some)])
        subtitle = "" if titled else titles[0]
        if folding:
            block = kit.container(title, children, subtitle=subtitle, folded=folded)
            found.append(Piece((block,), said))
        elif not folded:
            head = kit.context(" · ".join(filter(None, (title, subtitle))))
            found.append(Piece((head, *children), said))
    return found


def badge(sentence: Sentence, lang: str) -> str:
    """Stance and verdict in words, as the page has them; no line breaks within."""
    verified = sentence.verdict == "verified"
    verdict = READING[lang]["verified"] if verified else LABELS[lang]["unverified"]
    return f"{LABELS[lang][sentence.stance]} · {verdict}".replace(" ", "\u00a0")


def marker_runs(numbers: Sequence[int]) -> list[dict[str, Any]]:
    """Markers, each whole and bold."""
    return [kit.text(f" [{n}]", bold=True) for n in numbers]


def _body(answer: Answer) -> list[Piece]:
    """The sentences, each with its markers, stance, verdict and what its checks found."""
    apart = len(answer.sentences) <= APART
    found: list[Piece] = []
    lines: list[dict[str, Any]] = []
    said: list[str] = []
    held = 0

    def close() -> None:
        nonlocal held
        if lines:
            found.append(Piece((kit.rich(*lines),), "\n".join(said)))
        lines.clear()
        said.clear()
        held = 0

    for sentence in answer.sentences:
        for line, words_of_it in _sentence_lines(sentence, answer.language):
            if held + length(words_of_it) > kit.RICH:
                close()
            lines.append(line)
            held += length(words_of_it)
            said.append(words_of_it)
        if apart:
            close()
    close()
    return found


def _sentence_lines(sentence: Sentence, lang: str) -> Iterator[tuple[dict[str, Any], str]]:
    marks = [*marker_runs(sentence.citations)]
    told = badge(sentence, lang)
    marks.append(kit.text(f" ({told})", bold=True) if _warns(sentence) else kit.text(f" ({told})"))
    room = max(kit.RICH - kit.size(marks), kit.RICH // 2)
    *first, last = kit.split(sentence.text, room)
    for piece in first:
        yield kit.paragraph(kit.text(piece)), piece
    # More markers than a block can hold stand in blocks of their own, each marker whole.
    runs: list[dict[str, Any]] = [kit.text(last)]
    held = length(last)
    for run in marks:
        if held + length(run["text"]) > kit.RICH:
            yield kit.paragraph(*runs), _plain(runs)
            runs, held = [], 0
        runs.append(run)
        held += length(run["text"])
    yield kit.paragraph(*runs), _plain(runs)
    for check in sentence.checks:
        remark = cut(f"– {check_text(check, lang)}", kit.RICH)
        yield kit.paragraph(kit.text(remark)), remark


def _warns(sentence: Sentence) -> bool:
    return sentence.verdict != "verified"


def _plain(runs: Sequence[dict[str, Any]]) -> str:
    return "".join(run["text"] for run in runs)


def _closing(
    answer: Answer,
    key: str,
    page_url: str | None,
    question: str,
    documents_note: str,
    sources_open: bool,
    follow_ups: Sequence[str],
    folding: bool,
) -> list[Piece]:
    lang = answer.language
    parts: list[Piece] = []
    if answer.notice:
        parts.append(Piece((kit.context(*pieces(answer.notice, kit.CONTEXT)[:3]),), answer.notice))
    stances = {
        c.n: tuple(
            dict.fromkeys(LABELS[lang][s.stance] for s in answer.sentences if c.n in s.citations)
        )
        for c in answer.citations
    }
    parts += source_pieces(
        answer.citations, lang, stances, folded=not sources_open, folding=folding
    )
    facts = [as_of_text(answer.as_of, lang)] if answer.as_of else []
    facts += [*how_made(answer), *([documents_note] if documents_note else [])]
    end: list[Block] = []
    if facts:
        end.append(kit.context(" · ".join(facts)))
    end.append(kit.actions(_buttons(answer, key, page_url, sources_open, folding)))
    end += _questions(follow_ups, key, lang, LABELS[lang]["follow_ups"])
    parts.append(Piece(tuple(end), facts[0] if answer.as_of else ""))
    return parts


def _buttons(
    answer: Answer, key: str, page_url: str | None, sources_open: bool, folding: bool
) -> list[dict[str, Any]]:
    lang = answer.language

    up, down, language = _rating(key, lang)
    row = [up, down]
    if answer.citations:
        row.append(kit.button("cb_evidence", words(lang, "evidence"), key))
        if not folding:
            shows = words(lang, "hide_sources" if sources_open else "show_sources")
            row.append(kit.button("cb_sources", shows, key))
    row.append(language)
    if page_url and length(page_url) <= kit.URL:
        row.append(kit.button("cb_open", words(lang, "open"), key, url=page_url))
    return row


def _rating(key: str, lang: str) -> list[dict[str, Any]]:
    """What every answer and refusal has: two thumbs, and the other language."""
    return [
        kit.button(action, words(lang, name), key, label=words(lang, f"{name}_label"))
        for action, name in (("cb_up", "up"), ("cb_down", "down"), ("cb_language", "language"))
    ]


def _questions(questions: Sequence[str], key: str, lang: str, title: str) -> list[Block]:
    """Questions to ask by a button each; `KEY:N` is the N-th of those that were kept."""
    if not questions:
        return []
    blocks: list[Block] = [kit.context(title)]
    for number, question in enumerate(questions):
        value = f"{key}:{number}"
        if length(question) <= kit.BUTTON:
            blocks.append(kit.actions([kit.button("cb_follow", question, value)]))
        else:
            ask = kit.button("cb_follow", words(lang, "ask"), value, label=question)
            blocks.append(kit.section(question) | {"accessory": ask})
    return blocks


def _source(citation: Citation, lang: str, stances: Sequence[str], *, titled: bool) -> list[Block]:
    """A source in two blocks: its number and quote, then the translation and the place."""
    lines = [" · ".join([*place(citation, lang, titled=titled), *stances])]
    if citation.translation:
        lines.insert(0, f"“{cut(citation.translation, SHOWN)}” ({_translated(citation, lang)})")
    return [
        kit.section(f"[{citation.n}] “{cut(citation.quote, SHOWN)}”"),
        kit.context("\n".join(lines)),
    ]


def _place_said(citation: Citation, lang: str, *, titled: bool) -> str:
    where = " · ".join(place(citation, lang, titled=titled))
    return f"[{citation.n}] {where}: “{cut(citation.quote, FALLBACK_QUOTE)}”"


def _whole(number: str, where: str, citation: Citation, lang: str) -> Iterator[Piece]:
    """A citation to its last letter."""
    head = kit.paragraph(kit.text(number, bold=True), kit.text(f" {cut(where, 500)}"))
    yield from _quoted(head, f"{number} {where}", citation.quote)
    if citation.translation:
        note = _translated(citation, lang)
        yield from _quoted(kit.paragraph(kit.text(note)), note, citation.translation)


def _translated(citation: Citation, lang: str) -> str:
    """Whose the translation is; that no person checked it is to be seen at once, as on the page."""
    if citation.translation_model and citation.translation_note:
        return citation.translation_note
    return LABELS[lang]["translation"]


def _found(where: str, passage: Passage, lang: str) -> Iterator[Piece]:
    head = kit.paragraph(kit.text(cut(where, 500), bold=True))
    yield from _quoted(head, where, passage.quote)
    if passage.quote_translation:
        note = LABELS[lang]["translation"]
        yield from _quoted(kit.paragraph(kit.text(note)), note, passage.quote_translation)


def _quoted(head: dict[str, Any], said: str, whole: str) -> Iterator[Piece]:
    for piece in kit.split(whole, kit.RICH - 600):
        yield Piece((kit.rich(head, kit.quote(piece)),), f"{said}\n“{piece}”" if said else piece)
        head, said = kit.paragraph(kit.text("…")), ""
