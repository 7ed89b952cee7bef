"""The report of a run: one HTML page in Korean and English for readers who never saw the code.

The page holds everything it shows and asks no host for anything; its policy lets only the script
and the style run that were written with it. Questions, answers and quotes are text of others and
are escaped; no JSON goes into the script. Questions of a test half are counted and not shown, since
a test half that somebody has looked at measures nothing any more. Words for sentences stand in the
template, words for names here and in eval.scores.
"""

import base64
import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from assistant.errors import InputError
from eval.calibration import Bin, expected_calibration_error, reliability
from eval.measures import RANKINGS, Mean, mean, percentile
from eval.runs import Row, Run
from eval.samples import KINDS, squeeze
from eval.scores import BY_NAME, MEASURES, Measure
from eval.summary import LANGS, REFUSAL, Summary, summarise
from index.types import Lang

HERE = Path(__file__).parent
LONGEST = 600  # characters of one piece of text that a card shows
BARS = 20  # of a histogram, about
Words = Mapping[str, str]


def _both(ko: str, en: str) -> Words:
    return {"ko": ko, "en": en}


KIND_WORDS: Mapping[str, Words] = {
    "number": _both("수치", "number"),
    "date": _both("날짜", "date"),
    "list": _both("열거", "list"),
    "reason": _both("이유", "reason"),
    "definition": _both("정의", "definition"),
    "forecast": _both("전망", "forecast"),
    "recommendation": _both("제언", "recommendation"),
    "table": _both("표", "table"),
    "comparison": _both("비교", "comparison"),
    "who": _both("인물", "who"),
    "stance": _both("입장", "position"),
    "follow_up": _both("이어지는 질문", "follow-up"),
    "noisy": _both("오타·줄임말", "misspelt"),
    "mixed": _both("두 언어 섞임", "mixed language"),
    "false_premise": _both("틀린 전제", "false premise"),
    "unanswerable": _both("문서에 답 없음", "unanswerable"),
}
CODE_WORDS: Mapping[str, Words] = {
    "error": _both("오류로 답하지 못함", "ended in an error"),
    "wrongly_refused": _both(
        "문서에 답이 있는데 없다고 함", "refused, though the document answers"
    ),
    "not_refused": _both("문서에 답이 없는데 답함", "answered, though the document does not say"),
    "evidence_missed": _both("필요한 근거를 인용하지 않음", "needed evidence not quoted"),
    "nugget_missed": _both("필수 사실이 빠짐", "vital fact not told"),
    "wrong_language": _both("질문과 다른 언어로 답함", "not in the language of the question"),
    "not_supported": _both("인용이 문장을 뒷받침하지 못함", "a sentence goes beyond what it cites"),
    "not_verbatim": _both("인용문이 원문과 다름", "a quote is not verbatim"),
    "wrong_page": _both("쪽 번호가 틀림", "a page number is wrong"),
    "wrong_markers": _both("인용 번호가 잘못 붙음", "a citation number is wrong"),
    "number_changed": _both(
        "숫자·날짜가 인용한 대목에 없음", "a number or date is not in what is cited"
    ),
    "stance_changed": _both(
        "사실·전망·제언·인용의 구분이 원문과 다름", "a forecast, claim or fact shown as another"
    ),
}
STANCE_WORDS: Mapping[str, Words] = {
    "fact": _both("사실", "fact"),
    "forecast": _both("전망", "forecast"),
    "recommendation": _both("제언", "recommendation"),
    "attributed": _both("다른 이의 말", "attributed"),
}
REFUSAL_WORDS: Mapping[str, Words] = {
    "precision": _both("정밀도", "precision"),
    "recall": _both("재현율", "recall"),
    "f1": _both("F1", "F1"),
}
LANG_WORDS: Mapping[str, Words] = {
    "ko": _both("한국어 질문", "Questions in Korean"),
    "en": _both("영어 질문", "Questions in English"),
}
SHORT_WORDS: Mapping[str, Words] = {
    "ko": _both("한국어", "Korean"),
    "en": _both("영어", "English"),
}
GROUP_WORDS: Mapping[str, Words] = {
    "answers": _both("답의 내용", "What the answers say"),
    "contract": _both("모든 답이 지켜야 할 것", "What every answer promises"),
    "refusal": _both("답이 없을 때", "Saying that there is no answer"),
    "search": _both("검색", "The search behind the answers"),
    "size": _both("길이와 시간", "Length and time"),
}
MANIFEST_WORDS: Mapping[str, Words] = {
    "format": _both("파일 형식", "file format"),
    "set": _both("질문 묶음", "question set"),
    "engine": _both("엔진", "engine"),
    "judge": _both("판정자", "judge"),
    "seed": _both("난수 시드", "seed"),
    "git": _both("코드", "code"),
    "versions": _both("버전", "versions"),
    "settings": _both("설정", "settings"),
    "index": _both("색인", "index"),
    "documents": _both("문서", "documents"),
    "jobs": _both("동시에 물은 질문", "questions asked at once"),
    "machine": _both("기기", "machine"),
    "started": _both("시작", "started"),
    "finished": _both("끝", "finished"),
}


def write_report(run: Run, path: Path, lang: Lang = "en", *, show_test: bool = False) -> None:
    """Write the report of `run` as a page that `lang` is shown first on.

    With `show_test` the questions of a test half are shown too. Raises InputError where `path`
    cannot be written.
    """
    page = _render(run, lang, show_test)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(page.encode("utf-8", "replace"))
    except OSError as error:
        raise InputError(f"{path} cannot be written ({error.strerror}).") from error


# Figures


@dataclass(frozen=True, slots=True)
class Cell:
    """A mean beside its target; `bound` is what the scores cannot exclude where all are alike.

    With n questions that all came out alike the bootstrap interval has no width. By the rule of
    three (Hanley and Lippman-Hand 1983) up to 3/n of others would still be compatible.
    """

    mean: Mean
    met: bool | None
    close: bool  # the target lies inside the interval
    bound: float | None


@dataclass(frozen=True, slots=True)
class Line:
    """A measure with its cell by language; `top` is where its scale ends."""

    measure: Measure
    cells: Mapping[Lang, Cell]
    top: float


@dataclass(frozen=True, slots=True)
class Part:
    """`k` of `n` questions, with the mean that they make."""

    k: int
    n: int
    mean: Mean


@dataclass(frozen=True, slots=True)
class Headline:
    """What a reader should know first of one language's questions; Part.n 0: none was asked."""

    lang: Lang
    n: int
    errors: int
    evidence: Part  # every sentence needed was quoted
    vital: Part  # every vital fact was told
    refused: Part  # rightly
    wrongly: Part  # refused
    quotes: Part  # answers with every quote verbatim and every page right
    targets: int
    missed: Sequence[tuple[Measure, Mean]]


@dataclass(frozen=True, slots=True)
class Dot:
    """The mean of one kind of question in one language."""

    lang: Lang
    cell: Cell


@dataclass(frozen=True, slots=True)
class Diagram:
    """Stated against observed, with a Wilson 95 % interval for each bin."""

    lang: Lang
    n: int
    error: float
    bins: Sequence[tuple[Bin, float, float]]


@dataclass(frozen=True, slots=True)
class Histogram:
    """Counts in steps of `step` by language; the last bar also holds all that is higher."""

    measure: Measure
    start: float
    step: float
    counts: Mapping[str, Sequence[int]]
    means: Mapping[str, Mean]
    p50: Mapping[str, float | None]
    p95: Mapping[str, float | None]
    open_ended: bool


def _cell(measure: Measure, found: Mean) -> Cell:
    if found.value is None or found.low is None or found.high is None:
        return Cell(found, None, False, None)
    bound = _bound(found) if measure.unit == "share" else None
    inside = measure.target is not None and found.low < measure.target <= found.high
    return Cell(found, measure.met(found.value), inside, bound)


def _bound(found: Mean) -> float | None:
    """How far from a share of all or none the truth may be; None for any other share.

    Worked: of 30 questions none failed, so up to 3/30 may: 1.0 has the bound 0.9.
    """
    if found.low != found.high or found.value not in (0, 1):
        return None
    return abs(found.value - min(1.0, 3 / found.n))


def _lines(summary: Summary) -> Iterator[Line]:
    for measure in MEASURES:
        groups = ((lang, summary.of(lang)) for lang in LANGS)
        cells = {lang: _cell(measure, group.means[measure.name]) for lang, group in groups if group}
        highs = [cell.mean.high for cell in cells.values() if cell.mean.high is not None]
        top = 1.0 if measure.unit == "share" else 1.05 * max(highs, default=1.0)
        yield Line(measure, cells, top or 1.0)


def _group_of(measure: Measure) -> str:
    if measure.contract:
        return "contract"
    if measure.name in RANKINGS:
        return "search"
    if measure.better == "neither":
        return "size"
    return "refusal" if measure.name in ("refused", "wrongly_refused") else "answers"


def _headline(lang: Lang, rows: Sequence[Row], lines: Sequence[Line]) -> Headline:
    own = [row for row in rows if row.lang == lang]

    def part(name: str, full: float = 1.0) -> Part:
        given = (row.scores[name] for row in own if name in row.scores)
        return _part([None if s is None else float(s == full) for s in given])

    def whole(row: Row) -> float | None:
        both = [row.scores.get("verbatim"), row.scores.get("pages")]
        if None in both and 0 not in both:
            return None
        return float(both == [1.0, 1.0])

    judged = [(line.measure, line.cells[lang]) for line in lines if lang in line.cells]
    return Headline(
        lang=lang,
        n=len(own),
        errors=sum(row.answer is None for row in own),
        evidence=part("evidence"),
        vital=part("vital"),
        refused=part("refused"),
        wrongly=part("wrongly_refused"),
        quotes=_part([whole(row) for row in own if "verbatim" in row.scores]),
        targets=sum(cell.met is not None for _, cell in judged),
        missed=[(measure, cell.mean) for measure, cell in judged if cell.met is False],
    )


def _part(scores: Sequence[float | None]) -> Part:
    found = mean(scores)
    return Part(sum(score == 1 for score in scores), found.n, found)


def _matrix(rows: Sequence[Row], lang: Lang) -> Mapping[tuple[bool, bool | None], int]:
    """How many questions of a language there are by (the document answers, was refused)."""
    return Counter((row.answerable, row.refused) for row in rows if row.lang == lang)


def _kinds(summary: Summary, name: str) -> list[tuple[str, list[Dot]]]:
    """By kind, the mean of a measure in each language; `refusals` is the share refused at all."""
    found: list[tuple[str, list[Dot]]] = []
    for kind in KINDS:
        dots: list[Dot] = []
        for lang in LANGS:
            group = summary.of(lang, kind)
            source = name
            if name == "refusals":
                source = "refused" if kind == "unanswerable" else "wrongly_refused"
            if group and (group.means[source].n or group.means[source].unscored):
                dots.append(Dot(lang, _cell(BY_NAME[source], group.means[source])))
        if dots:
            found.append((kind, dots))
    return found


def _calibration(rows: Sequence[Row]) -> list[Diagram]:
    found = []
    for lang in LANGS:
        pairs = [
            (row.probability, row.answerable)
            for row in rows
            if row.lang == lang and row.probability is not None
        ]
        if pairs:
            stated, so = zip(*pairs, strict=True)
            bins = [(b, *_wilson(b.observed, b.count)) for b in reliability(stated, so)]
            error = expected_calibration_error(stated, so)
            found.append(Diagram(lang, len(pairs), error, bins))
    return found


def _wilson(share: float, n: int, z: float = 1.96) -> tuple[float, float]:
    """The interval of Wilson (1927) for a share of n. Worked: 0.5 of 10 is 0.237 to 0.763."""
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    reach = z / (1 + z * z / n) * (share * (1 - share) / n + z * z / (4 * n * n)) ** 0.5
    return max(0.0, middle - reach), min(1.0, middle + reach)


def _histogram(measure: Measure, rows: Sequence[Row]) -> Histogram | None:
    values: dict[str, list[float]] = {}
    for row in rows:
        if (value := row.scores.get(measure.name)) is not None:
            values.setdefault(row.lang, []).append(value)
    everything = [value for own in values.values() for value in own]
    if not everything:
        return None
    start = min(everything) if measure.unit == "count" else 0.0
    end = percentile(everything, 98) or 1.0
    step = 1.0 if measure.unit == "count" else _step(end - start)
    bars = max(1, int((end - start) // step) + 1)
    counts = {lang: [0] * bars for lang in values}
    for lang, own in values.items():
        for value in own:
            counts[lang][min(bars - 1, int((value - start) // step))] += 1
    return Histogram(
        measure=measure,
        start=start,
        step=step,
        counts=counts,
        means={lang: mean(own) for lang, own in values.items()},
        p50={lang: percentile(own, 50) for lang, own in values.items()},
        p95={lang: percentile(own, 95) for lang, own in values.items()},
        open_ended=max(everything) >= start + bars * step,
    )


def _step(width: float) -> float:
    """A round step of which about BARS make `width`. Worked: 95 has steps of 5."""
    if width <= 0:
        return 1.0
    power = 10.0
    while power > width / BARS:
        power /= 10
    while power * 10 <= width / BARS:
        power *= 10
    return next(power * m for m in (1, 2, 5, 10) if power * m >= width / BARS)


# Questions


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sentence that the answer needs (any one of `options`), whether quoted, and its rank."""

    options: Sequence[Any]  # eval.runs.Expected
    quoted: bool
    rank: int | None  # in the search, from 1; None: not among what was kept of it


@dataclass(frozen=True, slots=True)
class Card:
    """A question as the page shows it."""

    row: Row
    codes: Sequence[str]  # each once
    evidence: Sequence[Evidence]
    wanted: Sequence[str]  # texts to mark in what the answer says
    texts: frozenset[str]  # of the answer's sentences


def _card(row: Row) -> Card:
    missed = {failure.about for failure in row.failures if failure.code == "evidence_missed"}
    said = row.answer is not None and not row.refused
    evidence = []
    for group in row.evidence:
        quoted = said and " | ".join(option.quote for option in group) not in missed
        evidence.append(Evidence(group, quoted, _rank([o.quote for o in group], row)))
    sentences = row.answer["sentences"] if row.answer else ()
    return Card(
        row=row,
        codes=list(dict.fromkeys(failure.code for failure in row.failures)),
        evidence=evidence,
        wanted=[option.quote for group in row.evidence for option in group],
        texts=frozenset(sentence["text"] for sentence in sentences),
    )


def _rank(quotes: Sequence[str], row: Row) -> int | None:
    wanted = [squeeze(quote) for quote in quotes]
    for place, hit in enumerate(row.retrieved, start=1):
        found = squeeze(hit.quote)
        if any(quote in found for quote in wanted):
            return place
    return None


def _marked(text: str, wanted: Sequence[str] = ()) -> Markup:
    """`text` with what was wanted of it marked; of a very long one the part where that begins."""
    places = [at for at, c in enumerate(text) if not c.isspace()]
    bare = "".join(text[at] for at in places)
    inside = [False] * len(text)
    for piece in filter(None, map(squeeze, wanted)):
        if (at := bare.find(piece)) >= 0:
            first, last = places[at], places[at + len(piece) - 1]
            inside[first : last + 1] = [True] * (last + 1 - first)
    begin = 0
    if len(text) > LONGEST and True in inside:
        begin = max(0, min(inside.index(True) - LONGEST // 4, len(text) - LONGEST))
    end = min(len(text), begin + LONGEST)
    found = Markup("… ") if begin else Markup()
    while begin < end:
        until = begin
        while until < end and inside[until] == inside[begin]:
            until += 1
        piece = escape(text[begin:until])
        found += Markup("<mark>{}</mark>").format(piece) if inside[begin] else piece
        begin = until
    if len(text) > LONGEST:
        n = f"{len(text):,}"
        found += _t(" … (전체 {n}자 가운데 일부)", " … (part of {n} characters)", n=n)
    return found


# Words and numbers


def _label(words: Words) -> Markup:
    """Words in both languages, of which the style shows those of the page's language."""
    return Markup('<span class="t" lang="ko">{}</span><span class="t" lang="en">{}</span>').format(
        words["ko"], words["en"]
    )


def _t(ko: str, en: str, **values: object) -> Markup:
    """A text in both languages with `values` in its braces; all is escaped but Markup."""
    return _label({"ko": escape(ko).format(**values), "en": escape(en).format(**values)})


def _strong(value: object) -> Markup:
    return Markup("<b>{}</b>").format(value)


def _counter(value: object) -> Markup:
    return Markup('<span class="counter">{}</span>').format(value)


def _plural(n: int, word: str = "question") -> str:
    return f"{n:,} {word}" if n == 1 else f"{n:,} {word}s"


def _percent(value: float | None, digits: int = 1) -> str:
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


def _amount(measure: Measure, value: float | None) -> str:
    """A value of a measure with its unit."""
    if value is None:
        return "–"
    if measure.unit == "share":
        return _percent(value)
    if measure.unit == "ms":
        return f"{value:,.0f} ms" if value < 10_000 else f"{value / 1000:,.1f} s"
    return f"{value:,.1f}" if value < 100 else f"{value:,.0f}"


def _range(measure: Measure, found: Mean) -> str:
    """The interval, with the unit once."""
    if found.low is None or found.high is None:
        return "–"
    low, high = _amount(measure, found.low), _amount(measure, found.high)
    unit = next((u for u in ("%", " ms", " s") if high.endswith(u)), "")
    return f"{low.removesuffix(unit)}–{high}"


def _target(measure: Measure) -> str:
    if measure.target is None:
        return "–"
    sign = "≤ " if measure.better == "lower" else "≥ "
    if measure.unit == "share" and measure.target in (0, 1):
        sign = ""  # nothing lies beyond
    shown = f"{100 * measure.target:g}%" if measure.unit == "share" else f"{measure.target:g}"
    return sign + shown


def _date(manifest: Mapping[str, Any]) -> Words:
    try:
        day = datetime.fromisoformat(str(manifest.get("started")))
    except ValueError:
        return _both("날짜 모름", "an unknown date")
    return _both(f"{day.year}년 {day.month}월 {day.day}일", f"{day.day} {day:%B %Y}")


def _subject(run: Run) -> tuple[Words, Words]:
    """What was asked about, by itself and in a sentence: a title, or how many documents."""
    asked = list(dict.fromkeys(row.document for row in run.rows))
    if len(asked) != 1:
        several = _both(f"문서 {len(asked)}건", f"{len(asked)} documents")
        return several, several
    described = run.manifest.get("documents", {}).get(asked[0], {})
    titles = described.get("titles") or {}
    any_title = next(iter(titles.values()), asked[0])
    ko, en = (titles.get(lang, any_title) for lang in ("ko", "en"))
    return _both(ko, en), _both(f"문서 「{ko}」", f"the document “{en}”")


def _entries(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """The leaves of a manifest's entry with the way to them."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _entries(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        yield path, ", ".join(map(str, value))
    else:
        yield path, "–" if value is None else str(value)


# The page


_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")  # no character of HTML


def _render(run: Run, lang: Lang, show_test: bool) -> str:
    rows = run.rows
    summary = summarise(rows)
    subject, documents = _subject(run)
    lines = list(_lines(summary))
    langs = [lang for lang in LANGS if summary.of(lang)]
    hidden = [] if show_test else [row for row in rows if row.half == "test"]
    shown = [row for row in rows if row.half != "test" or show_test]
    style, script = ((HERE / f"report.{kind}").read_text("utf-8") for kind in ("css", "js"))
    groups = {name: [x for x in lines if _group_of(x.measure) == name] for name in GROUP_WORDS}
    page = (
        _environment()
        .get_template("report.html.j2")
        .render(
            run=run,
            lang=lang,
            langs=langs,
            manifest=run.manifest,
            date=_date(run.manifest),
            subject=subject,
            documents=documents,
            n_documents=len({row.document for row in rows}),
            halves={row.half for row in rows},
            summary=summary,
            headlines=[_headline(lang, rows, lines) for lang in langs],
            groups={name: own for name, own in groups.items() if own},
            matrices={lang: _matrix(rows, lang) for lang in langs},
            kinds={name: _kinds(summary, name) for name in ("evidence", "vital", "refusals")},
            calibration=_calibration(rows),
            histograms={
                name: found
                for name in ("latency_ms", "sentences", "quote_chars")
                if (found := _histogram(BY_NAME[name], rows))
            },
            cards=[_card(row) for row in shown],
            ids={row.id for row in shown},
            by_code=Counter(code for row in shown for code in {f.code for f in row.failures}),
            failed=_failed(rows),
            hidden=hidden,
            hidden_codes=_failed(hidden),
            hidden_kinds=Counter((row.kind, row.lang) for row in hidden if row.failures),
            style=Markup(style),  # written with this page: no text of others
            script=Markup(script),
            policy={"style": _hash(style), "script": _hash(script)},
        )
    )
    return _CONTROL.sub("", page)


def _failed(rows: Sequence[Row]) -> Mapping[tuple[str, str], int]:
    """How many questions failed, by code and language."""
    return Counter(
        (code, row.lang) for row in rows for code in {failure.code for failure in row.failures}
    )


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode()


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        t=_t,
        label=_label,
        strong=_strong,
        plural=_plural,
        counter=_counter,
        percent=_percent,
        bound=_bound,
        amount=_amount,
        interval=_range,
        target=_target,
        marked=_marked,
        entries=_entries,
        by_name=BY_NAME,
        measures=MEASURES,
        kind_words=KIND_WORDS,
        code_words=CODE_WORDS,
        stance_words=STANCE_WORDS,
        refusal=REFUSAL,
        refusal_words=REFUSAL_WORDS,
        lang_words=LANG_WORDS,
        short_words=SHORT_WORDS,
        group_words=GROUP_WORDS,
        manifest_words=MANIFEST_WORDS,
    )
    return environment
