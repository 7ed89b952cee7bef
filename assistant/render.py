"""Turn an Answer into the HTML of one chat message: sentences, markers, numbered citations.

Everything is emitted as one line of HTML with every text escaped, so that no Markdown renderer
touches it: `**트럼프(Trump)**는` stays literal in CommonMark, and a `[1]` or `$` of the source may
not change. Labels are in the language of the answer. An answer's links stay inside it: `anchor` is
its namespace.
"""

import html
import re
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import quote

from assistant.labels import (
    LABELS,
    READING,
    STEPS,
    as_of_text,
    check_text,
    cited_titles,
    how_made,
    place,
)
from assistant.types import Answer, Citation, Sentence, Step

# A shape with the word, so that a stance is told by more than its colour.
SHAPES = {"fact": "●", "forecast": "◔", "recommendation": "▲", "attributed": "❝"}
BULLET = re.compile(r"\s*[-•·*]\s+")


def answer_html(
    answer: Answer,
    anchor: str,
    shown: int | None = None,
    steps: Sequence[Step] = (),
    paged: Callable[[str], bool] = lambda document: False,
) -> str:
    """The message for `answer`; with `shown`, only that many of its sentences and no citations.

    `steps` follow an answer that is still being written; `paged` tells of a document's id whether
    its pages can be shown, so that citations of it lead there.
    """
    if not answer.sentences:
        parts = [_prose(answer.answer), _notice(answer), _foot(answer, anchor)]
    else:
        used: set[int] = set()
        cited = {citation.n: citation for citation in answer.citations}
        parts = [
            _sentence(s, anchor, answer.language, used, cited) for s in answer.sentences[:shown]
        ]
        if shown is None:
            parts += [_notice(answer), _sources(answer, anchor, paged), _foot(answer, anchor)]
        elif steps:
            parts.append(steps_html(steps, answer.language))
    kind = "cb-answer" if answer.sentences else "cb-answer cb-absent"
    return f'<div class="{kind}" lang="{answer.language}">{"".join(parts)}</div>'


def notice_html(message: str, lang: str) -> str:
    """A message that is not an answer: what went wrong, and what to do next."""
    return f'<div class="cb-notice" lang="{lang}">{text_html(message)}</div>'


def steps_html(steps: Sequence[Step], lang: str) -> str:
    """What has been done, and what is being done now; it stands where the answer will."""
    labels = dict.fromkeys(STEPS[lang][s.name].format(count=s.count) for s in steps)
    *done, now = labels
    items = "".join(f"<li><i>✓</i> {html.escape(label)}</li>" for label in done)
    items += f'<li class="cb-now" aria-current="step"><i>…</i> {html.escape(now)}</li>'
    name = LABELS[lang]["steps"]
    return f'<ol class="cb-steps" lang="{lang}" role="status" aria-label="{name}">{items}</ol>'


def text_html(text: str) -> str:
    """`text` escaped, its line breaks kept, on one line."""
    return "<br>".join(html.escape(line) for line in text.strip().splitlines())


def attribute(text: str) -> str:
    """`text` escaped for an attribute, on one line: after a blank line Markdown would begin."""
    return "&#10;".join(html.escape(line) for line in text.splitlines())


def _sentence(
    sentence: Sentence,
    anchor: str,
    lang: str,
    used: set[int],
    cited: Mapping[int, Citation],
) -> str:
    markers = "".join(_marker(n, anchor, lang, used, cited.get(n)) for n in sentence.citations)
    kind = "cb-sentence" if sentence.verdict == "verified" else "cb-sentence cb-unverified"
    badges = f"{_stance(sentence, lang)} {_verdict(sentence, lang)}"
    marks = f'<span class="cb-marks">{markers} {badges}</span>'
    checks = "".join(
        f'<span class="cb-check{" cb-passed" if check.passed else ""}">'
        f"{text_html(check_text(check, lang))}</span>"
        for check in sentence.checks
    )
    text = f'<span class="cb-text">{text_html(sentence.text)}</span>'
    return f'<p class="{kind}" data-support="{_percent(sentence)}">{text} {marks}{checks}</p>'


def _stance(sentence: Sentence, lang: str) -> str:
    return (
        f'<span class="cb-stance cb-{sentence.stance}"><i>'
        f"{SHAPES[sentence.stance]}</i> {LABELS[lang][sentence.stance]}</span>"
    )


def _verdict(sentence: Sentence, lang: str) -> str:
    """A sign, a word and an outline of its own each, so that it is not colour that tells."""
    support = f' title="{_support(sentence, lang)}"'
    if sentence.verdict == "verified":
        return f'<span class="cb-verified"{support}><i>✓</i> {READING[lang]["verified"]}</span>'
    unverified = LABELS[lang]["unverified"]
    return f'<span class="cb-stance cb-warn"{support}><i>⚠</i> {unverified}</span>'


def _support(sentence: Sentence, lang: str) -> str:
    return READING[lang]["support"].format(percent=_percent(sentence))


def _percent(sentence: Sentence) -> int:
    """Support as readers are told it; never 100 for what is less."""
    return int(max(0.0, min(sentence.support, 1.0)) * 100 + 1e-6)


def _marker(n: int, anchor: str, lang: str, used: set[int], citation: Citation | None) -> str:
    """A link to the citation; the first use of each number carries the id that leads back to it."""
    mark = "" if n in used else f' id="{anchor}-s{n}"'
    used.add(n)
    label = LABELS[lang]["citation"].format(n=n)
    data = _data(citation) if citation else f' data-n="{n}"'
    return f'<a class="cb-marker"{mark} href="#{anchor}-c{n}"{data} aria-label="{label}">[{n}]</a>'


def _data(citation: Citation) -> str:
    """What the page finds the cited sentence in its document by."""
    return (
        f' data-n="{citation.n}" data-document="{attribute(citation.document)}"'
        f' data-passage="{attribute(citation.passage)}"'
        f' data-quote-lang="{citation.quote_language}"'
    )


def _sources(answer: Answer, anchor: str, paged: Callable[[str], bool]) -> str:
    if not answer.citations:
        return ""
    titles = cited_titles(answer)
    heading = f"<b>{LABELS[answer.language]['sources']}</b>"
    if len(titles) == 1:
        heading += f" {text_html(titles[0])}"
    shows = {document: paged(document) for document in {c.document for c in answer.citations}}
    items = "".join(
        _source(c, anchor, answer, titled=len(titles) > 1, paged=shows[c.document])
        for c in answer.citations
    )
    return f'<div class="cb-sources"><p class="cb-heading">{heading}</p>{items}</div>'


def _source(citation: Citation, anchor: str, answer: Answer, *, titled: bool, paged: bool) -> str:
    lang = answer.language
    labels = LABELS[lang]
    page, *rest = map(text_html, place(citation, lang, titled=titled))
    where = " · ".join([f"<b>{page}</b>", *rest])
    back = labels["back"].format(n=citation.n)
    see = ""
    if paged:
        href = html.escape(page_href(citation.document, citation.passage, lang))
        see = (
            f'<a class="cb-page" href="{href}" target="_blank">'
            f"{labels['see_page'].format(page=citation.page)}</a>"
        )
    quotes = (
        f'<div class="cb-quote" lang="{citation.quote_language}"><p class="cb-label" lang="{lang}">'
        f"{labels['original']}</p><p>{text_html(citation.quote)}</p></div>"
    )
    if citation.translation:
        note = attribute(citation.translation_note or "")
        # That no person checked it is to be seen without pointing at it.
        label = note if note and citation.translation_model else labels["translation"]
        other = "en" if citation.quote_language == "ko" else "ko"
        quotes += (
            f'<div class="cb-translation" lang="{other}"><p class="cb-label" lang="{lang}"'
            f' title="{note}">{label}</p>'
            f"<p>{text_html(citation.translation)}</p></div>"
        )
    data = _data(citation)
    # Its address says which document and passage; Gradio takes data-* attributes out of messages.
    opens = (
        f'<a class="cb-open" href="{html.escape(read_href(citation, lang))}"{data}>'
        f"{READING[lang]['open']}</a>"
    )
    return (
        f'<div class="cb-source" id="{anchor}-c{citation.n}"{data}><p class="cb-where">'
        f'<a class="cb-number" href="#{anchor}-s{citation.n}"{data} title="{back}">{citation.n}</a>'
        f'<span class="cb-place">{where}</span></p><div class="cb-pair">{quotes}</div>'
        f'<p class="cb-support">{_supports(citation, answer)}'
        f'<span class="cb-links">{opens}{see}</span></p></div>'
    )


def _supports(citation: Citation, answer: Answer) -> str:
    """Stance, support and verdict of the sentences that cite it, each combination once."""
    lang = answer.language
    found = dict.fromkeys(
        f"{_stance(s, lang)} {_verdict(s, lang)} <span>{_support(s, lang)}</span>"
        for s in answer.sentences
        if citation.n in s.citations
    )
    return "".join(f'<span class="cb-borne">{one}</span>' for one in found)


def page_href(document: str, passage: str, lang: str) -> str:
    """Where the pages of a passage are, relative to the chat; see assistant.web.page_routes."""
    return f"page/{quote(document, safe='')}/{quote(passage, safe='')}?lang={lang}"


def read_href(citation: Citation, lang: str) -> str:
    """Where its document is read, relative to the chat; see assistant.web.read_routes."""
    document, passage = (quote(i, safe="") for i in (citation.document, citation.passage))
    return f"read/{document}?around={passage}&lang={lang}"


def _notice(answer: Answer) -> str:
    return f'<p class="cb-remark">{text_html(answer.notice)}</p>' if answer.notice else ""


def _prose(text: str) -> str:
    """Paragraphs and bullet lists of an answer that has no sentences."""
    parts: list[str] = []
    for line in filter(None, map(str.strip, text.splitlines())):
        bullet = BULLET.match(line)
        if not bullet:
            parts.append(f"<p>{html.escape(line)}</p>")
            continue
        item = f"<li>{html.escape(line[bullet.end() :])}</li>"
        if parts and parts[-1].startswith("<ul>"):
            parts[-1] = parts[-1].removesuffix("</ul>") + item + "</ul>"
        else:
            parts.append(f"<ul>{item}</ul>")
    return "".join(parts)


def _foot(answer: Answer, anchor: str) -> str:
    """How old, how made, how long; and a button that copies the message."""
    facts = [as_of_text(answer.as_of, answer.language)] if answer.as_of else []
    items = "".join(f"<span>{text_html(fact)}</span>" for fact in (*facts, *how_made(answer)))
    label = LABELS[answer.language]["copy"]
    copy = f'<a class="cb-copy" href="#copy" data-turn="{html.escape(anchor)}">{label}</a>'
    return f'<p class="cb-foot">{items}{copy if answer.sentences else ""}</p>'
