"""Turn an Answer into the HTML of one chat message: sentences, markers, numbered citations.

Everything is emitted as one line of HTML with every text escaped, so that no Markdown renderer
touches it: `**트럼프(Trump)**는` stays literal in CommonMark, and a `[1]` or `$` of the source may
not change. Labels are in the language of the answer. An answer's links stay inside it: `anchor` is
its namespace.
"""

import html
import re
from collections.abc import Mapping
from types import MappingProxyType

from assistant.types import Answer, Citation, Sentence

LABELS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "ko": {
            "fact": "사실",
            "forecast": "전망",
            "recommendation": "제언",
            "attributed": "인용",
            "unverified": "확인되지 않음",
            "sources": "출처",
            "citation": "출처 {n}",
            "back": "출처 {n}을(를) 쓴 문장으로",
            "page": "{page}쪽",
            "original": "원문",
            "translation": "비공식 번역",
            "as_of": "{year}년 {month}월 기준",
            "as_of_year": "{year}년 기준",
            "extractive": "원문 발췌",
            "seconds": "{seconds}초",
            "copy": "출처와 함께 복사",
            "waiting": "브리프에서 찾고 있습니다",
        },
        "en": {
            "fact": "Fact",
            "forecast": "Forecast",
            "recommendation": "Recommendation",
            "attributed": "Attributed",
            "unverified": "Unverified",
            "sources": "Sources",
            "citation": "Citation {n}",
            "back": "Back to the sentence that cites {n}",
            "page": "p. {page}",
            "original": "Original",
            "translation": "Unofficial translation",
            "as_of": "As of {month} {year}",
            "as_of_year": "As of {year}",
            "extractive": "Extracted from the source",
            "seconds": "{seconds} s",
            "copy": "Copy with citations",
            "waiting": "Searching the brief",
        },
    }
)
MONTHS = (
    "January February March April May June July August September October November December".split()
)
# A shape with the word, so that a stance is told by more than its colour.
SHAPES = {"fact": "●", "forecast": "◔", "recommendation": "▲", "attributed": "❝"}
AS_OF = re.compile(r"(\d{4})(?:-(\d{2}))?")
BULLET = re.compile(r"\s*[-•·*]\s+")


def answer_html(answer: Answer, anchor: str, shown: int | None = None) -> str:
    """The message for `answer`; with `shown`, only that many of its sentences and no citations."""
    if not answer.sentences:
        parts = [_prose(answer.answer), _foot(answer)]
    else:
        used: set[int] = set()
        parts = [_sentence(s, anchor, answer.language, used) for s in answer.sentences[:shown]]
        if shown is None:
            parts += [_sources(answer, anchor), _foot(answer)]
    kind = "cb-answer" if answer.sentences else "cb-answer cb-absent"
    return f'<div class="{kind}" lang="{answer.language}">{"".join(parts)}</div>'


def question_html(question: str) -> str:
    """The message for what the user typed."""
    return f'<div class="cb-question">{text_html(question)}</div>'


def notice_html(message: str, lang: str) -> str:
    """A message that is not an answer: what went wrong, and what to do next."""
    return f'<div class="cb-notice" lang="{lang}">{text_html(message)}</div>'


def waiting_html(lang: str) -> str:
    """What stands in the answer's place until there is one."""
    label = LABELS[lang]["waiting"]
    return f'<div class="cb-waiting" lang="{lang}">{label}<i>…</i></div>'


def as_of_text(as_of: str, lang: str) -> str:
    """`2024-11` as a reader says it; anything but a year or a year and month is left as it is."""
    match = AS_OF.fullmatch(as_of)
    if match is None or (match[2] and not 1 <= int(match[2]) <= len(MONTHS)):
        return as_of
    if match[2] is None:
        return LABELS[lang]["as_of_year"].format(year=match[1])
    month = int(match[2]) if lang == "ko" else MONTHS[int(match[2]) - 1]
    return LABELS[lang]["as_of"].format(year=match[1], month=month)


def text_html(text: str) -> str:
    """`text` escaped, its line breaks kept, on one line."""
    return "<br>".join(html.escape(line) for line in text.strip().splitlines())


def _sentence(sentence: Sentence, anchor: str, lang: str, used: set[int]) -> str:
    markers = "".join(_marker(n, anchor, lang, used) for n in sentence.citations)
    labels = LABELS[lang]
    badge = (
        f'<span class="cb-stance cb-{sentence.stance}"><i>'
        f"{SHAPES[sentence.stance]}</i> {labels[sentence.stance]}</span>"
    )
    kind = "cb-sentence"
    if sentence.verdict != "verified":
        kind += " cb-unverified"
        badge += f' <span class="cb-stance cb-warn"><i>⚠</i> {labels["unverified"]}</span>'
    marks = f'<span class="cb-marks">{markers} {badge}</span>'
    return f'<p class="{kind}">{text_html(sentence.text)} {marks}</p>'


def _marker(n: int, anchor: str, lang: str, used: set[int]) -> str:
    """A link to the citation; the first use of each number carries the id that leads back to it."""
    mark = "" if n in used else f' id="{anchor}-s{n}"'
    used.add(n)
    label = LABELS[lang]["citation"].format(n=n)
    return f'<a class="cb-marker"{mark} href="#{anchor}-c{n}" title="{label}">[{n}]</a>'


def _sources(answer: Answer, anchor: str) -> str:
    if not answer.citations:
        return ""
    titles = list(dict.fromkeys(c.title(answer.language) for c in answer.citations))
    heading = f"<b>{LABELS[answer.language]['sources']}</b>"
    if len(titles) == 1:
        heading += f" {text_html(titles[0])}"
    items = "".join(
        _source(c, anchor, answer.language, with_title=len(titles) > 1) for c in answer.citations
    )
    return f'<div class="cb-sources"><p class="cb-heading">{heading}</p>{items}</div>'


def _source(citation: Citation, anchor: str, lang: str, *, with_title: bool) -> str:
    labels = LABELS[lang]
    section = citation.section
    if citation.quote_language != lang and citation.section_translation:
        section = f"{citation.section_translation} ({citation.section})"
    where = f"<b>{labels['page'].format(page=citation.page)}</b> · {text_html(section)}"
    if with_title:
        where += f" · {text_html(citation.title(lang))}"
    back = labels["back"].format(n=citation.n)
    quotes = (
        f'<div class="cb-quote" lang="{citation.quote_language}"><p class="cb-label" lang="{lang}">'
        f"{labels['original']}</p><p>{text_html(citation.quote)}</p></div>"
    )
    if citation.translation:
        note = html.escape(citation.translation_note or "")
        other = "en" if citation.quote_language == "ko" else "ko"
        quotes += (
            f'<div class="cb-translation" lang="{other}"><p class="cb-label" lang="{lang}"'
            f' title="{note}">{labels["translation"]}</p>'
            f"<p>{text_html(citation.translation)}</p></div>"
        )
    return (
        f'<div class="cb-source" id="{anchor}-c{citation.n}"><p class="cb-where">'
        f'<a class="cb-number" href="#{anchor}-s{citation.n}" title="{back}">{citation.n}</a>'
        f'<span>{where}</span></p><div class="cb-pair">{quotes}</div></div>'
    )


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


def _foot(answer: Answer) -> str:
    """How old, how made, how long; and a button that copies the message."""
    labels = LABELS[answer.language]
    facts = [as_of_text(answer.as_of, answer.language)] if answer.as_of else []
    if answer.sentences:
        facts.append(labels.get(answer.engine) or answer.engine.replace("llm:", "LLM · ", 1))
    if "total" in answer.timings_ms:
        seconds = f"{max(answer.timings_ms['total'], 10) / 1000:.2f}"
        facts.append(labels["seconds"].format(seconds=seconds))
    items = "".join(f"<span>{text_html(fact)}</span>" for fact in facts)
    copy = f'<a class="cb-copy" href="#copy">{labels["copy"]}</a>'
    return f'<p class="cb-foot">{items}{copy if answer.sentences else ""}</p>'
