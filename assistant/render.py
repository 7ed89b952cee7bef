"""Turn an Answer into the HTML of one chat message: sentences, markers, numbered citations.

Everything is emitted as one line of HTML with every text escaped, so that no Markdown renderer
touches it: `**트럼프(Trump)**는` stays literal in CommonMark, and a `[1]` or `$` of the source may
not change. Labels are in the language of the answer. An answer's links stay inside it: `anchor` is
its namespace.
"""

import html
import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from assistant.types import Answer, Check, Citation, Code, Sentence, Step, StepName

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
            "stopped": "멈추었습니다. 그때까지 확인된 문장만 남았습니다.",
            "steps": "진행 상황",
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
            "stopped": "Stopped. What had been checked by then is kept.",
            "steps": "Progress",
        },
    }
)
# What is being done, and what a check of a sentence found.
STEPS: Mapping[str, Mapping[StepName, str]] = MappingProxyType(
    {
        "ko": {
            "condense": "이어진 질문의 뜻을 푸는 중",
            "plan": "질문을 나누는 중",
            "search": "문서에서 찾는 중",
            "read": "구절 {count}개를 읽는 중",
            "write": "답을 쓰는 중",
            "check": "문장을 출처와 대조하는 중",
            "repair": "확인되지 않은 문장을 고치는 중",
        },
        "en": {
            "condense": "Working out the follow-up",
            "plan": "Breaking the question up",
            "search": "Searching the documents",
            "read": "Reading {count} passages",
            "write": "Writing",
            "check": "Checking sentences against their sources",
            "repair": "Mending a sentence that its source does not bear out",
        },
    }
)
CHECKS: Mapping[str, Mapping[Code, str]] = MappingProxyType(
    {
        "ko": {
            "number": "출처에 없는 수",
            "name": "출처에 없는 이름",
            "polarity": "출처와 반대되는 대목",
            "stance": "전망이나 제언을 사실처럼 쓴 대목",
            "attribution": "누구의 말인지가 출처와 다른 대목",
            "scope": "범위가 출처와 다른 대목",
            "cause": "출처에 없는 인과 관계",
            "direction": "방향이나 순서가 출처와 다른 대목",
            "content": "출처에서 확인되지 않는 대목",
            "entailment": "출처에서 따라 나오지 않는 문장",
            "marker": "출처를 밝히지 않은 문장",
            "source": "근거로 쓸 수 없는 출처",
            "language": "다른 언어로 쓴 문장",
            "form": "문장이 아닌 형식",
            "derived": "출처의 수를 계산하거나 바꾸어 쓴 수",
            "quotation": "원문 그대로가 아니어서 따옴표를 뺀 말",
        },
        "en": {
            "number": "A number that the source does not have",
            "name": "A name that the source does not have",
            "polarity": "The opposite of the source",
            "stance": "A forecast or advice told as fact",
            "attribution": "Not told as the words of whoever said it",
            "scope": "A scope other than the source's",
            "cause": "A cause that the source does not give",
            "direction": "A direction or order other than the source's",
            "content": "Not borne out by the source",
            "entailment": "Does not follow from the source",
            "marker": "Cites no source",
            "source": "A source that cannot be relied on",
            "language": "In another language",
            "form": "Not in the form of a sentence",
            "derived": "A number calculated or restated from the source's",
            "quotation": "Quotation marks taken away, since the words are not verbatim",
        },
    }
)
MONTHS = (
    "January February March April May June July August September October November December".split()
)
# A shape with the word, so that a stance is told by more than its colour.
SHAPES = {"fact": "●", "forecast": "◔", "recommendation": "▲", "attributed": "❝"}
PIECE = 60  # characters of a sentence that a check may point at
AS_OF = re.compile(r"(\d{4})(?:-(\d{2}))?")
BULLET = re.compile(r"\s*[-•·*]\s+")


def answer_html(
    answer: Answer, anchor: str, shown: int | None = None, steps: Sequence[Step] = ()
) -> str:
    """The message for `answer`; with `shown`, only that many of its sentences and no citations.

    `steps` follow an answer that is still being written.
    """
    if not answer.sentences:
        parts = [_prose(answer.answer), _notice(answer), _foot(answer)]
    else:
        used: set[int] = set()
        parts = [_sentence(s, anchor, answer.language, used) for s in answer.sentences[:shown]]
        if shown is None:
            parts += [_notice(answer), _sources(answer, anchor), _foot(answer)]
        elif steps:
            parts.append(steps_html(steps, answer.language))
    kind = "cb-answer" if answer.sentences else "cb-answer cb-absent"
    return f'<div class="{kind}" lang="{answer.language}">{"".join(parts)}</div>'


def question_html(question: str) -> str:
    """The message for what the user typed."""
    return f'<div class="cb-question">{text_html(question)}</div>'


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


def check_text(check: Check, lang: str) -> str:
    """What a check found, as a reader is told; a piece as long as the sentence says no more."""
    label = CHECKS[lang][check.code]
    return f"{label}: {check.text}" if 0 < len(check.text) <= PIECE else label


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
    checks = "".join(
        f'<span class="cb-check{" cb-passed" if check.passed else ""}">'
        f"{text_html(check_text(check, lang))}</span>"
        for check in sentence.checks
    )
    text = f'<span class="cb-text">{text_html(sentence.text)}</span>'
    return f'<p class="{kind}">{text} {marks}{checks}</p>'


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
