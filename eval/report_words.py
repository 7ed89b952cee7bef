"""The words and numbers of a report in Korean and English: names, units, dates, subjects.

Words for whole sentences stand in the template, names of measures in eval.catalogue. Both languages
go into the page and its style shows one of them; all but Markup is escaped.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from markupsafe import Markup, escape

from eval.catalogue import Measure, Words, both
from eval.means import Mean
from eval.runs import Run

KIND_WORDS: Mapping[str, Words] = {
    "number": both("수치", "number"),
    "date": both("날짜", "date"),
    "list": both("열거", "list"),
    "reason": both("이유", "reason"),
    "definition": both("정의", "definition"),
    "forecast": both("전망", "forecast"),
    "recommendation": both("제언", "recommendation"),
    "table": both("표", "table"),
    "comparison": both("비교", "comparison"),
    "who": both("인물", "who"),
    "stance": both("입장", "position"),
    "follow_up": both("이어지는 질문", "follow-up"),
    "noisy": both("오타·줄임말", "misspelt"),
    "mixed": both("두 언어 섞임", "mixed language"),
    "false_premise": both("틀린 전제", "false premise"),
    "unanswerable": both("문서에 답 없음", "unanswerable"),
}
CODE_WORDS: Mapping[str, Words] = {
    "error": both("오류로 답하지 못함", "ended in an error"),
    "wrongly_refused": both("문서에 답이 있는데 없다고 함", "refused, though the document answers"),
    "not_refused": both("문서에 답이 없는데 답함", "answered, though the document does not say"),
    "evidence_missed": both("필요한 근거를 인용하지 않음", "needed evidence not quoted"),
    "nugget_missed": both("필수 사실이 빠짐", "vital fact not told"),
    "wrong_language": both("질문과 다른 언어로 답함", "not in the language of the question"),
    "not_supported": both("인용이 문장을 뒷받침하지 못함", "a sentence goes beyond what it cites"),
    "not_verbatim": both("인용문이 원문과 다름", "a quote is not verbatim"),
    "wrong_page": both("쪽 번호가 틀림", "a page number is wrong"),
    "wrong_markers": both("인용 번호가 잘못 붙음", "a citation number is wrong"),
    "number_changed": both(
        "숫자·날짜가 인용한 대목에 없음", "a number or date is not in what is cited"
    ),
    "stance_changed": both(
        "사실·전망·제언·인용의 구분이 원문과 다름", "a forecast, claim or fact shown as another"
    ),
}
STANCE_WORDS: Mapping[str, Words] = {
    "fact": both("사실", "fact"),
    "forecast": both("전망", "forecast"),
    "recommendation": both("제언", "recommendation"),
    "attributed": both("다른 이의 말", "attributed"),
}
REFUSAL_WORDS: Mapping[str, Words] = {
    "precision": both("정밀도", "precision"),
    "recall": both("재현율", "recall"),
    "f1": both("F1", "F1"),
}
LANG_WORDS: Mapping[str, Words] = {
    "ko": both("한국어 질문", "Questions in Korean"),
    "en": both("영어 질문", "Questions in English"),
}
SHORT_WORDS: Mapping[str, Words] = {
    "ko": both("한국어", "Korean"),
    "en": both("영어", "English"),
}
GROUP_WORDS: Mapping[str, Words] = {
    "answers": both("답의 내용", "What the answers say"),
    "contract": both("모든 답이 지켜야 할 것", "What every answer promises"),
    "refusal": both("답이 없을 때", "Saying that there is no answer"),
    "search": both("검색", "The search behind the answers"),
    "size": both("길이와 시간", "Length and time"),
}
MANIFEST_WORDS: Mapping[str, Words] = {
    "format": both("파일 형식", "file format"),
    "set": both("질문 묶음", "question set"),
    "engine": both("엔진", "engine"),
    "judge": both("판정자", "judge"),
    "seed": both("난수 시드", "seed"),
    "git": both("코드", "code"),
    "versions": both("버전", "versions"),
    "settings": both("설정", "settings"),
    "index": both("색인", "index"),
    "documents": both("문서", "documents"),
    "jobs": both("동시에 물은 질문", "questions asked at once"),
    "machine": both("기기", "machine"),
    "started": both("시작", "started"),
    "finished": both("끝", "finished"),
}


def label(words: Words) -> Markup:
    """Words in both languages, of which the style shows those of the page's language."""
    return Markup('<span class="t" lang="ko">{}</span><span class="t" lang="en">{}</span>').format(
        words["ko"], words["en"]
    )


def t(ko: str, en: str, **values: object) -> Markup:
    """A text in both languages with `values` in its braces; all is escaped but Markup."""
    return label({"ko": escape(ko).format(**values), "en": escape(en).format(**values)})


def strong(value: object) -> Markup:
    """A value that stands out from its sentence."""
    return Markup("<b>{}</b>").format(value)


def counter(value: object) -> Markup:
    """A number that the page's script counts anew."""
    return Markup('<span class="counter">{}</span>').format(value)


def plural(n: int, word: str = "question") -> str:
    """A number with an English word in its form for that number."""
    return f"{n:,} {word}" if n == 1 else f"{n:,} {word}s"


def percent(value: float | None, digits: int = 1) -> str:
    """A share as a percentage; only 1 is 100 % and only 0 is 0 %.

    Worked: 0.9997 is 99.9%, not 100.0%.
    """
    if value is None:
        return "–"
    least = 10.0**-digits
    shown = round(100 * value, digits)
    if value < 1:
        shown = min(shown, 100 - least)
    if value > 0:
        shown = max(shown, least)
    return f"{shown:.{digits}f}%"


def amount(measure: Measure, value: float | None) -> str:
    """A value of a measure with its unit."""
    if value is None:
        return "–"
    if measure.unit == "share":
        return percent(value)
    if measure.unit == "ms":
        return f"{value:,.0f} ms" if value < 10_000 else f"{value / 1000:,.1f} s"
    return f"{value:,.1f}" if value < 100 else f"{value:,.0f}"


def interval(measure: Measure, found: Mean) -> str:
    """The interval, with the unit once."""
    if found.low is None or found.high is None:
        return "–"
    low, high = amount(measure, found.low), amount(measure, found.high)
    unit = next((u for u in ("%", " ms", " s") if high.endswith(u)), "")
    return f"{low.removesuffix(unit)}–{high}"


def target_of(measure: Measure) -> str:
    """What a measure should reach, with the sign that says from which side."""
    if measure.target is None:
        return "–"
    sign = "≤ " if measure.better == "lower" else "≥ "
    if measure.unit == "share" and measure.target in (0, 1):
        sign = ""  # nothing lies beyond
    shown = f"{100 * measure.target:g}%" if measure.unit == "share" else f"{measure.target:g}"
    return sign + shown


def date_of(manifest: Mapping[str, Any]) -> Words:
    """The day on which a run was started."""
    try:
        day = datetime.fromisoformat(str(manifest.get("started")))
    except ValueError:
        return both("날짜 모름", "an unknown date")
    return both(f"{day.year}년 {day.month}월 {day.day}일", f"{day.day} {day:%B %Y}")


def subject_of(run: Run) -> tuple[Words, Words]:
    """What was asked about, by itself and in a sentence: a title, or how many documents."""
    asked = list(dict.fromkeys(row.document for row in run.rows))
    if len(asked) != 1:
        several = both(f"문서 {len(asked)}건", f"{len(asked)} documents")
        return several, several
    described = run.manifest.get("documents", {}).get(asked[0], {})
    titles = described.get("titles") or {}
    any_title = next(iter(titles.values()), asked[0])
    ko, en = (titles.get(lang, any_title) for lang in ("ko", "en"))
    return both(ko, en), both(f"문서 「{ko}」", f"the document “{en}”")


def entries_of(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """The leaves of a manifest's entry with the way to them."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from entries_of(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        yield path, ", ".join(map(str, value))
    else:
        yield path, "–" if value is None else str(value)
