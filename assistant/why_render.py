"""An Explanation as HTML: what stands inside the page's `<details class="cb-why">`.

One line, every text escaped, in the manner of `assistant.render`; labels in the reader's language.
The looks are in web/static/why.css.
"""

import html
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from assistant.labels import LABELS, check_text
from assistant.render import attribute, text_html
from assistant.types import Answer, Sentence
from assistant.why import Alternative, Explanation, FoundPassage, Term

WORDS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "ko": {
            "summary": "이렇게 답한 까닭",
            "question": "질문을 이해한 방식",
            "language": "답의 언어",
            "ko": "한국어",
            "en": "영어",
            "follow_up": "이어진 질문",
            "leans": "앞선 질문의 말을 함께 찾았습니다.",
            "alone": "이 질문만으로 찾았습니다.",
            "kinds": "묻는 것",
            "no_kind": "특별히 정해지지 않음",
            "searched": "의미로 찾은 글",
            "documents": "찾은 문서",
            "all": "모든 문서",
            "terms": "찾은 낱말",
            "word": "낱말",
            "weight": "비중",
            "alternatives": "함께 찾은 말",
            "nowhere": "문서에 없음",
            "word_source": "같은 말",
            "glossary": "용어집",
            "synonym": "비슷한 말",
            "spelling": "고친 철자",
            "translation": "번역",
            "hits": "찾은 구절",
            "passage": "구절",
            "score": "점수",
            "lexical": "낱말",
            "dense": "의미",
            "fused": "종합",
            "used": "답에 쓰임",
            "none": "찾은 구절이 없습니다.",
            "verdict": "답할지 말지",
            "answered": "문서에 답이 있을 확률을 {probability}로 보았습니다. "
            "기준인 {threshold} 이상이어서 답했습니다.",
            "refused": "문서에 답이 있을 확률을 {probability}로 보았습니다. "
            "기준인 {threshold}에 미치지 못해 답하지 않았습니다.",
            "judge": "판단 모형",
            "restated": "바꿔 쓴 문장이 있는 문서용",
            "plain": "일반 문서용",
            "reranker": "재순위 모형과 함께",
            "checks": "문장별 확인 결과",
            "sentence": "문장",
            "support": "근거",
            "result": "결과",
            "verified": "확인됨",
            "unverified": "확인되지 않음",
            "clean": "지적 사항 없음",
        },
        "en": {
            "summary": "Why this answer",
            "question": "How the question was understood",
            "language": "Language of the answer",
            "ko": "Korean",
            "en": "English",
            "follow_up": "Follow-up",
            "leans": "Words of earlier questions were searched for too.",
            "alone": "It was searched for on its own.",
            "kinds": "Asks for",
            "no_kind": "Nothing in particular",
            "searched": "Searched by meaning",
            "documents": "Documents asked",
            "all": "All documents",
            "terms": "Words searched for",
            "word": "Word",
            "weight": "Weight",
            "alternatives": "Also searched as",
            "nowhere": "not in the documents",
            "word_source": "the word itself",
            "glossary": "glossary",
            "synonym": "synonym",
            "spelling": "spelling mended",
            "translation": "translation",
            "hits": "Passages found",
            "passage": "Passage",
            "score": "Score",
            "lexical": "Words",
            "dense": "Meaning",
            "fused": "Both",
            "used": "Used in the answer",
            "none": "No passage was found.",
            "verdict": "Answer or refuse",
            "answered": "The documents were judged to answer this with probability {probability}. "
            "It was answered, since the threshold is {threshold}.",
            "refused": "The documents were judged to answer this with probability {probability}. "
            "It was refused, since the threshold is {threshold}.",
            "judge": "Judged by",
            "restated": "the model for documents with restatements",
            "plain": "the model for documents in general",
            "reranker": "together with a reranker",
            "checks": "Checks, sentence by sentence",
            "sentence": "Sentence",
            "support": "Support",
            "result": "Result",
            "verified": "Verified",
            "unverified": "Unverified",
            "clean": "Nothing found against it",
        },
    }
)
KINDS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "ko": {
            "number": "수",
            "change": "변화의 폭",
            "date": "날짜",
            "duration": "기간",
            "who": "사람이나 기관",
            "reason": "까닭",
            "list": "여러 가지",
            "definition": "뜻",
            "table": "표의 내용",
            "forecast": "전망",
            "recommendation": "제언",
            "%": "비율",
            "money": "금액",
            "person": "사람",
            "ship": "배의 수",
            "multiple": "배수",
            "country": "나라",
            "organization": "기관",
            "law": "법이나 조약",
            "weapon": "무기",
            "place": "장소",
        },
        "en": {
            "number": "a number",
            "change": "the size of a change",
            "date": "a date",
            "duration": "a length of time",
            "who": "a person or body",
            "reason": "a reason",
            "list": "several things",
            "definition": "a meaning",
            "table": "what a table holds",
            "forecast": "a forecast",
            "recommendation": "a recommendation",
            "%": "a percentage",
            "money": "a sum of money",
            "person": "a person, or people",
            "ship": "a number of ships",
            "multiple": "a multiple",
            "country": "a country",
            "organization": "an organization",
            "law": "a law or treaty",
            "weapon": "a weapon",
            "place": "a place",
        },
    }
)


def why_html(explanation: Explanation, answer: Answer | None, lang: str) -> str:
    """The explanation as tables for a reader of `lang`, with the checks of `answer`, if any.

    A passage that the answer cites is marked as used, whoever wrote the answer.
    """
    parts = [
        _question(explanation, lang),
        _terms(explanation.terms, lang),
        _hits(explanation, answer, lang),
        _verdict(explanation, lang),
        _checks(answer.sentences if answer is not None else (), lang),
    ]
    return f'<div class="cb-why-body" lang="{html.escape(lang)}">{"".join(parts)}</div>'


def summary_text(lang: str) -> str:
    """What the closed details are called."""
    return WORDS[lang]["summary"]


def _question(explanation: Explanation, lang: str) -> str:
    words = WORDS[lang]
    named = KINDS[lang]
    asked = dict.fromkeys(
        named.get(kind, kind)
        for kind in (*explanation.kinds, explanation.unit, explanation.entity)
        if kind
    )
    searched = "<br>".join(
        f"{text_html(one.text)} <small>× {one.weight:g}</small>" for one in explanation.searched
    )
    documents = explanation.documents
    facts = {
        "language": words[explanation.language],
        "follow_up": words["leans" if explanation.follow_up else "alone"],
        "kinds": text_html(", ".join(asked)) or words["no_kind"],
        "documents": text_html(", ".join(documents)) if documents else words["all"],
        "searched": searched,
    }
    rows = "".join(f"<dt>{words[name]}</dt><dd>{value}</dd>" for name, value in facts.items())
    return f'{_heading("question", lang)}<dl class="cb-why-facts">{rows}</dl>'


def _terms(terms: Sequence[Term], lang: str) -> str:
    if not terms:
        return ""
    words = WORDS[lang]
    rows = []
    for term in terms:
        others = "".join(_alternative(a, lang) for a in term.alternatives)
        missing = "" if term.found else f' <em class="cb-why-none">{words["nowhere"]}</em>'
        rows.append(
            f'<tr><th scope="row">{text_html(term.text)}{missing}</th>'
            f'<td class="cb-why-number">{term.share:g}</td><td>{others or "–"}</td></tr>'
        )
    return _table("terms", ("word", "weight", "alternatives"), rows, lang)


def _alternative(alternative: Alternative, lang: str) -> str:
    label = WORDS[lang]["word_source" if alternative.source == "word" else alternative.source]
    return (
        f'<span class="cb-why-term">{text_html(alternative.text)} '
        f"<small>{label} {alternative.weight:g}</small></span>"
    )


def _hits(explanation: Explanation, answer: Answer | None, lang: str) -> str:
    words = WORDS[lang]
    if not explanation.hits:
        return f'{_heading("hits", lang)}<p class="cb-why-line">{words["none"]}</p>'
    cited = {c.passage for c in answer.citations} if answer is not None else None
    several = len({hit.document for hit in explanation.hits}) > 1
    rows = [
        _hit(hit, hit.used if cited is None else hit.passage in cited, lang, titled=several)
        for hit in explanation.hits
    ]
    return _table("hits", ("passage", "score", "lexical", "dense", "fused", "used"), rows, lang)


def _hit(hit: FoundPassage, used: bool, lang: str, *, titled: bool) -> str:
    page = LABELS[lang]["page"].format(page=hit.page)
    where = [page, hit.section, hit.title] if titled else [page, hit.section]
    numbers = "".join(
        f'<td class="cb-why-number">{value:.2f}</td>'
        for value in (hit.score, hit.lexical, hit.dense, hit.fused)
    )
    mark = f'<span title="{WORDS[lang]["used"]}">✓</span>' if used else "–"
    kind = ' class="cb-why-used"' if used else ""
    return (
        f'<tr{kind}><th scope="row"><span class="cb-why-where">'
        f'{text_html(" · ".join(where))}</span><span lang="{attribute(hit.language)}">'
        f'{text_html(hit.excerpt)}</span></th>{numbers}<td class="cb-why-mark">{mark}</td></tr>'
    )


def _verdict(explanation: Explanation, lang: str) -> str:
    words = WORDS[lang]
    told = words["answered" if explanation.answerable else "refused"].format(
        probability=f"{explanation.probability:.1%}", threshold=f"{explanation.threshold:.1%}"
    )
    judge, _, more = explanation.judge.partition("+")
    by = words.get(judge, text_html(judge)) + (f", {words['reranker']}" if more else "")
    return (
        f'{_heading("verdict", lang)}<p class="cb-why-line">{told} '
        f"<small>{words['judge']}: {by}</small></p>"
    )


def _checks(sentences: Sequence[Sentence], lang: str) -> str:
    if not sentences:
        return ""
    words = WORDS[lang]
    rows = []
    for sentence in sentences:
        found = "<br>".join(text_html(check_text(check, lang)) for check in sentence.checks)
        rows.append(
            f'<tr><th scope="row">{text_html(sentence.text)}</th>'
            f'<td class="cb-why-number">{sentence.support:.0%}</td>'
            f'<td class="cb-why-{html.escape(sentence.verdict)}">'
            f"{words.get(sentence.verdict, html.escape(sentence.verdict))}<br>"
            f"<small>{found or words['clean']}</small></td></tr>"
        )
    return _table("checks", ("sentence", "support", "result"), rows, lang)


def _table(name: str, columns: Sequence[str], rows: Sequence[str], lang: str) -> str:
    words = WORDS[lang]
    head = "".join(f'<th scope="col">{words[column]}</th>' for column in columns)
    return (
        f'{_heading(name, lang)}<div class="cb-why-scroll" tabindex="0" role="region" '
        f'aria-label="{words[name]}"><table class="cb-why-table cb-why-{name}">'
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def _heading(name: str, lang: str) -> str:
    return f'<h4 class="cb-why-heading">{WORDS[lang][name]}</h4>'
