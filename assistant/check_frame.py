"""What a statement says once it no longer names the document that says it.

"보고서에 따르면", "the brief warns that", "… as the authors put it" tell whose words follow, and a
document does not say of itself that it says so. Only the document's own voice is taken away: what a
minister or a ministry says stays theirs. Not covered: irony, a frame within a frame.
"""

import re
from functools import lru_cache

from assistant.patterns import any_of
from index.language import detect

_OWN_KO = any_of(
    "보고서|브리프|문서|문건|자료|논문|백서|(?<![가-힣])글",
    "저자들?|필자들?|글쓴이들?|집필진|연구진|연구자들?|분석가들?|분석진",
)
_SAY_KO = any_of(
    "설명|전망|분석|지적|평가|진단|경고|강조|판단|예상|예측|관측|결론|언급|서술|기술|추정|주장|추산",
    "해석|풀이|규정|소개|제언|제안|권고|주문|조언|촉구|당부|못박|잘라|선을|꼽|짚|맺|덧붙[이인였]",
    "밝[히혀혔힌]|말[하한했씀합]|적[었는고]|[쓰썼]|내다[보본봤봅]|[보본봤봅]|전[하한했합]|여[기긴겼]",
)
_NOUN_KO = any_of(
    "설명|전망|분석|지적|평가|평|진단|경고|판단|예상|예측|관측|결론|구상|견해|주장|제언|제안|권고",
    "조언|시각|해석|이야기|얘기|말|추정|계산|방안",
)
_HEAD_KO = re.compile(
    rf"^(?:이|그|본|해당|같은)?\s?{_OWN_KO}(?:에 (?:따르면|의하면)|에서는?|[은는이가도]|"
    rf"의 {_NOUN_KO}(?:에 따르면|으로는)|에는|을 보면|를 보면),?\s+"
)
_MIDDLE_KO = re.compile(rf"(?<=[고로,])\s(?:이|그|본)?\s?{_OWN_KO}[은는이가]\s(?=[^,]{{1,14}}$)")
_TAIL_KO = re.compile(
    rf"(?P<core>.*?)(?:(?P<that>[다라])고|(?P<duty>자고|하라고|라고는)|(?P<come>것으로|것이라고))\s"
    rf"(?:[가-힣]{{1,4}}\s)?{_SAY_KO}[가-힣]*(?: 있[가-힣]+)?[.!]?$"
)
_NOUN_TAIL_KO = re.compile(
    rf"(?P<core>.*?(?P<end>다|라|자|할|는|을|ㄹ))는?\s?(?:것이|게|점이)?\s?(?:이|그|본)?\s?(?:{_OWN_KO}의\s)?"
    rf"(?:핵심\s|주된\s)?{_NOUN_KO}(?:이다|입니다|이라고 한다|이었다|이라고 합니다|다)[.!]?$"
)

_OWN_EN = any_of(
    "(?:policy |research )?(?:report|brief|paper|document|study|review|analysis|text|article|"
    "authors?|writers?|analysts?|researchers?|evaluation|assessment|survey)"
)
_WHO_EN = rf"(?:the|this|its|our|both|two) (?:\w+ )?{_OWN_EN}"
_SAY_EN = any_of(
    "says?|said|finds?|found|notes?|noted|warns?|warned|argues?|argued|concludes?|concluded",
    "expects?|expected|predicts?|predicted|forecasts?|stresses|stressed|points? out|pointed out",
    "suggests?|suggested|recommends?|recommended|proposes?|proposed|states?|stated|adds?|added",
    "judges?|judged|believes?|believed|thinks?|estimates?|estimated|explains?|explained",
    "observes?|observed|holds?|contends?|contended|sees?|maintains?|reckons?|reports?|reported",
    "advises?|advised|urges?|urged|puts? it|cautions?|cautioned|anticipates?|assesses|writes?",
    "acknowledges?|admits?|claims?|describes?|emphasi[sz]es|underlines?|insists?|shows?",
    "makes clear",
)
_HEAD_EN = re.compile(
    rf"^(?:(?:according to|in the (?:view|words|eyes|judge?ment|assessment|reading) of) {_WHO_EN}"
    rf"(?:'s?|’s?)?(?: \w+)?|(?:as )?{_WHO_EN} {_SAY_EN}|"
    rf"(?:in|on) {_WHO_EN}(?:'s?|’s?) (?:own )?(?:\w+ )?\w+|"
    rf"by {_WHO_EN}(?:'s?|’s?) (?:own )?\w+),\s+",
    re.IGNORECASE,
)
_CLAUSE_EN = re.compile(
    rf"^{_WHO_EN}(?:'s (?:verdict|view|conclusion|judge?ment|message|warning|finding) is)?"
    rf"(?: (?:also|further|then|nevertheless|in turn))? ?(?P<say>{_SAY_EN})?"
    rf"(?P<that> that)? (?P<rest>.+)$",
    re.IGNORECASE,
)
_INSIDE_EN = re.compile(
    rf",? (?:{_WHO_EN} {_SAY_EN}|according to {_WHO_EN}|{_SAY_EN} {_WHO_EN})(?:,|[.!]?$)",
    re.IGNORECASE,
)
_ADVICE = re.compile(r"(?:recommend|propos|advis|urg|suggest)\w*", re.IGNORECASE)
_FORETELLS = re.compile(r"(?:expect|predict|forecast|anticipat)\w*", re.IGNORECASE)
_FINITE = re.compile(
    r"\b(?:is|are|was|were|has|have|had|will|would|can|could|may|might|should|must|does|do|did|"
    r"\w+s|\w+ed)\b"
)


@lru_cache(maxsize=20_000)
def unframed(text: str) -> str:
    """The statement in the document's own voice; as it is where nothing frames it."""
    plain = text.strip()
    core = _korean(plain) if detect(plain).main == "ko" else _english(plain)
    core = re.sub(r"\s{2,}", " ", core)
    return core if len(core) >= 0.3 * len(plain) and len(core.split()) >= 3 else plain


def _korean(text: str) -> str:
    head = _HEAD_KO.match(text)
    body = text[head.end() :] if head else text
    middle = _MIDDLE_KO.search(body)
    if middle:
        body = body[: middle.start()] + " " + body[middle.end() :]
    if head or middle:
        if tail := _TAIL_KO.match(body):
            if tail["duty"]:
                return f"{tail['core']}해야 한다."
            return tail["core"] + ("것이다." if tail["come"] else "다.")
        if tail := _NOUN_TAIL_KO.match(body):
            return _closed(tail)
        return body
    if tail := _NOUN_TAIL_KO.match(body):
        return _closed(tail)
    return body


def _closed(tail: re.Match[str]) -> str:
    core = tail["core"].rstrip()
    if core.endswith("라"):  # 이유라는 지적이다
        core = core[:-1] + "다"
    return core + ("." if core.endswith("다") else " 것이다.")


def _english(text: str) -> str:
    body = text
    if head := _HEAD_EN.match(body):
        body = body[head.end() :]
    elif inside := _INSIDE_EN.search(body):
        body = f"{body[: inside.start()]} {body[inside.end() :]}".strip()
    elif (clause := _CLAUSE_EN.match(body)) and (clause["say"] or "is that" in body[:60]):
        body = _clause(clause)
    return body[:1].upper() + body[1:]


def _clause(clause: re.Match[str]) -> str:
    rest, say = clause["rest"], clause["say"] or ""
    rest = rest.removeprefix("that ")
    if clause["that"]:
        return rest
    if _FORETELLS.fullmatch(say) and " to " in rest:
        return rest.replace(" to ", " will ", 1)
    if _ADVICE.fullmatch(say) and not re.match(r"(?:the |a |an )?\w+ should\b", rest):
        if against := re.match(r"against ", rest):
            return f"It should not be: {rest[against.end() :]}"
        return f"It should be: {rest}"
    return rest if _FINITE.search(rest) else clause.string
