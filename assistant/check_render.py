"""A checked text as the HTML of the page's Check tab, and as a Markdown file to keep.

Every text is escaped and everything is one line of HTML, as in `assistant.render`; `anchor` is the
namespace of the links. Labels are in `lang`, whatever the language of the text.
"""

import html
from collections.abc import Callable

from assistant.check_labels import (
    REASONS,
    SHAPES,
    VERDICT_LABELS,
    WORDS,
    difference_text,
    summary,
)
from assistant.check_types import VERDICTS, CheckedStatement, CheckVerdict, TextCheck
from assistant.labels import LABELS, as_of_text, place
from assistant.render import page_href, text_html
from assistant.types import Citation


def check_html(
    check: TextCheck,
    anchor: str,
    lang: str,
    paged: Callable[[str], bool] = lambda document: False,
) -> str:
    """The result: a summary, the text sentence by sentence, and the passages that it rests on.

    `paged` tells of a document's id whether its pages can be shown.
    """
    used: set[int] = set()
    by_number = {citation.n: citation for citation in check.citations}
    sentences = "".join(
        _sentence(sentence, anchor, lang, used, by_number) for sentence in check.sentences
    )
    parts = [_summary(check, lang), f'<ol class="cb-check-list">{sentences}</ol>']
    parts += [_sources(check, anchor, lang, paged), _foot(check, lang)]
    return f'<div class="cb-check-result" lang="{lang}">{"".join(parts)}</div>'


def check_markdown(check: TextCheck, lang: str) -> str:
    """The result as a Markdown file: the text with verdicts, and its evidence as footnotes."""
    words = WORDS[lang]
    lines = [f"# {words['title']}", "", f"**{_plain(summary(check, lang))}**", ""]
    for sentence in check.sentences:
        notes = "".join(f"[^{n}]" for n in sentence.citations)
        label = f"{SHAPES[sentence.verdict]} {VERDICT_LABELS[lang][sentence.verdict]}"
        lines.append(f"- **{label}** — {_plain(sentence.text)}{notes}")
        lines += [f"    - {_plain(difference_text(one, lang))}" for one in sentence.checks]
        if sentence.reason:
            lines.append(f"    - {REASONS[lang][sentence.reason]}")
    lines += ["", words["how"], ""]
    if check.as_of:
        lines += [as_of_text(check.as_of, lang), ""]
    for citation in check.citations:
        where = " · ".join(place(citation, lang, titled=True))
        lines.append(f"[^{citation.n}]: {_plain(where)} — “{_plain(citation.quote)}”")
        if citation.translation:
            note = citation.translation_note or LABELS[lang]["translation"]
            lines.append(f"    “{_plain(citation.translation)}” ({_plain(note)})")
    return "\n".join(lines).rstrip() + "\n"


def badge_html(verdict: CheckVerdict, lang: str) -> str:
    """A verdict as a shape and a word."""
    return (
        f'<span class="cb-verdict cb-v-{verdict}"><i aria-hidden="true">{SHAPES[verdict]}</i> '
        f"{VERDICT_LABELS[lang][verdict]}</span>"
    )


def _summary(check: TextCheck, lang: str) -> str:
    chips = "".join(
        f'<span class="cb-count">{badge_html(verdict, lang)} <b>{check.counts[verdict]}</b></span>'
        for verdict in VERDICTS
    )
    return (
        f'<div class="cb-check-summary" role="status"><p class="cb-check-line">'
        f'{html.escape(summary(check, lang))}</p><p class="cb-check-counts">{chips}</p></div>'
    )


def _sentence(
    sentence: CheckedStatement,
    anchor: str,
    lang: str,
    used: set[int],
    by_number: dict[int, Citation],
) -> str:
    markers = "".join(
        _marker(by_number[n], anchor, lang, used) for n in sentence.citations if n in by_number
    )
    notes = "".join(
        f'<p class="cb-difference">{_difference(difference_text(one, lang), one.instead)}</p>'
        for one in sentence.checks
    )
    if sentence.reason:
        notes += f'<p class="cb-difference cb-plain">{REASONS[lang][sentence.reason]}</p>'
    stance = ""
    if sentence.stance and sentence.verdict != "not_in_document":
        stance = f'<span class="cb-check-stance">{LABELS[lang][sentence.stance]}</span>'
    return (
        f'<li class="cb-checked cb-is-{sentence.verdict}" data-start="{sentence.char_start}" '
        f'data-end="{sentence.char_end}"><p class="cb-check-text">{_marked(sentence)} '
        f'<span class="cb-marks">{markers}</span></p><p class="cb-check-verdict">'
        f"{badge_html(sentence.verdict, lang)} {stance}</p>{notes}</li>"
    )


def _marked(sentence: CheckedStatement) -> str:
    """The sentence with the pieces that differ marked, where they are less than all of it."""
    text = sentence.text
    spans: list[tuple[int, int]] = []
    for one in sentence.checks:
        begin = text.find(one.text) if one.text and one.text.strip() != text.strip() else -1
        end = begin + len(one.text)
        apart = all(end <= a or begin >= b for a, b in spans)
        if begin >= 0 and len(one.text) < 0.7 * len(text) and apart:
            spans.append((begin, end))
    parts, at = [], 0
    for begin, end in sorted(spans):
        parts += [_inline(text[at:begin]), f"<mark>{_inline(text[begin:end])}</mark>"]
        at = end
    return "".join([*parts, _inline(text[at:])])


def _inline(text: str) -> str:
    """Escaped, on one line; a line that the text broke stays broken."""
    return "<br>".join(html.escape(line) for line in text.split("\n")).replace("\r", "")


def _difference(text: str, instead: str) -> str:
    plain = html.escape(" ".join(text.split()))
    shown = html.escape(" ".join(instead.split()))
    if not shown or not plain.endswith(shown):
        return plain
    return f"{plain[: -len(shown)]}<mark>{shown}</mark>"


def _marker(citation: Citation, anchor: str, lang: str, used: set[int]) -> str:
    """A link to the evidence; the page opens the passage beside it."""
    n = citation.n
    mark = "" if n in used else f' id="{anchor}-s{n}"'
    used.add(n)
    label = LABELS[lang]["citation"].format(n=n)
    return (
        f'<a class="cb-marker"{mark} href="#{anchor}-c{n}" title="{label}" data-n="{n}" '
        f'data-document="{html.escape(citation.document)}" '
        f'data-passage="{html.escape(citation.passage)}">[{n}]</a>'
    )


def _sources(check: TextCheck, anchor: str, lang: str, paged: Callable[[str], bool]) -> str:
    if not check.citations:
        return ""
    differing: dict[int, list[str]] = {}
    for sentence in check.sentences:
        for n in sentence.citations:
            differing.setdefault(n, []).extend(one.instead for one in sentence.checks)
    shows = {name: paged(name) for name in {c.document for c in check.citations}}
    titled = len({c.document for c in check.citations}) > 1
    items = "".join(
        _source(c, anchor, lang, differing.get(c.n, []), titled=titled, paged=shows[c.document])
        for c in check.citations
    )
    return (
        f'<div class="cb-sources"><p class="cb-heading"><b>{WORDS[lang]["evidence"]}</b>'
        f"{'' if titled else ' ' + text_html(check.citations[0].title(lang))}</p>{items}</div>"
    )


def _source(
    citation: Citation,
    anchor: str,
    lang: str,
    differing: list[str],
    *,
    titled: bool,
    paged: bool,
) -> str:
    labels = LABELS[lang]
    page, *rest = map(text_html, place(citation, lang, titled=titled))
    where = " · ".join([f"<b>{page}</b>", *rest])
    see = ""
    if paged:
        href = html.escape(page_href(citation.document, citation.passage, lang))
        told = labels["see_page"].format(page=citation.page)
        see = f'<a class="cb-page" href="{href}" target="_blank" rel="noopener">{told}</a>'
    quotes = (
        f'<div class="cb-quote" lang="{citation.quote_language}"><p class="cb-label" lang="{lang}">'
        f"{labels['original']}</p><p>{_with_marks(citation.quote, differing)}</p></div>"
    )
    if citation.translation:
        note = html.escape(citation.translation_note or "")
        label = note if note and citation.translation_model else labels["translation"]
        other = "en" if citation.quote_language == "ko" else "ko"
        quotes += (
            f'<div class="cb-translation" lang="{other}"><p class="cb-label" lang="{lang}"'
            f' title="{note}">{label}</p>'
            f"<p>{_with_marks(citation.translation, differing)}</p></div>"
        )
    back = labels["back"].format(n=citation.n)
    return (
        f'<div class="cb-source" id="{anchor}-c{citation.n}"><p class="cb-where">'
        f'<a class="cb-number" href="#{anchor}-s{citation.n}" title="{back}">{citation.n}</a>'
        f'<span>{where}</span>{see}</p><div class="cb-pair">{quotes}</div></div>'
    )


def _with_marks(text: str, pieces: list[str]) -> str:
    """The text with the first of each of some pieces of it marked."""
    for piece in filter(None, dict.fromkeys(pieces)):
        begin = text.find(piece)
        if begin >= 0:
            before, after = text[:begin], text[begin + len(piece) :]
            return f"{_inline(before)}<mark>{_inline(piece)}</mark>{_inline(after)}"
    return text_html(text)


def _foot(check: TextCheck, lang: str) -> str:
    facts = [as_of_text(check.as_of, lang)] if check.as_of else []
    if "total" in check.timings_ms:
        seconds = f"{max(check.timings_ms['total'], 10) / 1000:.2f}"
        facts.append(LABELS[lang]["seconds"].format(seconds=seconds))
    items = "".join(f"<span>{html.escape(fact)}</span>" for fact in facts)
    return f'<p class="cb-check-how">{WORDS[lang]["how"]}</p><p class="cb-foot">{items}</p>'


_MARKDOWN = str.maketrans({mark: f"\\{mark}" for mark in "\\`*_[]<>#|~"})


def _plain(text: str) -> str:
    """On one line, with nothing that Markdown would read."""
    return " ".join(text.split()).translate(_MARKDOWN)
