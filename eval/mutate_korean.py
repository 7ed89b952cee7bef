"""Mistakes in what a Korean sentence asserts, made by rules on its last predicate; pure.

Each function takes a plain sentence in -다 and gives it back with one mistake, or None where the
sentence gives no occasion. Stems are got from the letters of a syllable, without an analyser, so
that nothing here knows more of Korean than the gate that it tries. Not covered: predicates in the
middle of a sentence, polite endings, and most irregular verbs.
"""

import re
from collections.abc import Callable

_FIRST, _VOWELS, _FINALS = 0xAC00, 21, 28
_N, _L, _P, _SS = 4, 8, 17, 20  # final consonants ㄴ ㄹ ㅂ ㅆ
_SILENT = 11  # the initial ㅇ
_A, _AE, _EO, _YEO, _O, _WA, _WAE, _OE, _U, _WO, _EU, _I = 0, 1, 4, 6, 8, 9, 10, 11, 13, 14, 18, 20
_LONG = {_YEO: _I, _WA: _O, _WO: _U}  # 높여 -> 높이, 와 -> 오, 둬 -> 두
_SHORT = {_I: _YEO, _O: _WA, _U: _WO, _EU: _EO, _OE: _WAE}
# Verbs before -일 that are not a noun with -이다, and stems whose own last letter is ㄹ.
_CAUSATIVE = "높줄보쓰들모죽직붙속먹울"
_STEM_L = ("늘", "만들", "흔들", "힘들", "끌", "벌", "풀", "머물", "열")

Rule = tuple[re.Pattern[str], Callable[[re.Match[str]], str | None]]


def has_final(text: str) -> bool:
    """Whether the last syllable ends in a consonant; what is no syllable counts as a vowel."""
    return _last(text)[2] != 0


def with_particle(word: str, particle: str) -> str:
    """`word` with the form of `particle` that goes with its last letter: 한국 + 는 -> 한국은."""
    for after_consonant, after_vowel in (("은", "는"), ("이", "가"), ("을", "를"), ("과", "와")):
        if particle in (after_consonant, after_vowel):
            return word + (after_consonant if has_final(word) else after_vowel)
    if particle in ("으로", "로"):
        return word + ("으로" if _last(word)[2] not in (0, _L) else "로")
    return word + particle


def linked(text: str, ending: str) -> str | None:
    """The sentence before -기 or -며 instead of -다: 늘렸다 + 며 -> 늘렸으며."""
    stem = _stem(_body(text))
    if stem is None:
        return None
    needs_eu = ending == "며" and _last(stem)[2] not in (0, _L)
    return stem + ("으며" if needs_eu else ending)


def negated(text: str) -> str | None:
    """The opposite: a negation taken away, or one put in."""
    return _apply(text, _NEGATION)


def told_as_fact(text: str) -> str | None:
    """A forecast or possibility as what has happened or is so."""
    return _apply(text, _FORECAST)


def told_as_decided(text: str) -> str | None:
    """A recommendation as what has been decided."""
    return _apply(text, _ADVICE)


def told_as_own(text: str) -> str | None:
    """What somebody says as the author's own word."""
    body = _body(text)
    for pattern in _SOURCES:
        if found := pattern.search(body):
            said = found["said"].strip(" ‘’“”\"',")
            if said.endswith("라"):
                said = said[:-1] + "다"
            elif not said.endswith("다"):
                return None
            return said + "."
    return None


def _apply(text: str, rules: tuple[Rule, ...]) -> str | None:
    body = _body(text)
    for pattern, make in rules:
        if found := pattern.search(body):
            made = make(found)
            return None if made is None else body[: found.start()] + made + "."
    return None


def _body(text: str) -> str:
    return text.rstrip(" .")


def _last(text: str) -> tuple[int, int, int]:
    code = ord(text[-1]) - _FIRST if text else -1
    if not 0 <= code < 19 * _VOWELS * _FINALS:
        return -1, -1, 0
    return code // (_VOWELS * _FINALS), code // _FINALS % _VOWELS, code % _FINALS


def _put(text: str, vowel: int | None = None, final: int | None = None) -> str:
    """`text` with another vowel or final consonant in its last syllable."""
    first, old, end = _last(text)
    if first < 0:
        return text
    vowel, final = old if vowel is None else vowel, end if final is None else final
    return text[:-1] + chr(_FIRST + (first * _VOWELS + vowel) * _FINALS + final)


def _stem(body: str) -> str | None:
    """What stands before -다, or before -ㄴ다 and -는다."""
    if not body.endswith("다") or len(body) < 3:
        return None
    stem = body[:-1]
    if stem.endswith("는") and (has_final(stem[:-1])):
        return stem[:-1]
    return _put(stem, final=0) if _last(stem)[2] == _N else stem


def _long(form: str) -> str:
    """The stem of a form in -아 or -어: 높여 -> 높이, 만들어 -> 만들, 해 -> 하."""
    first, vowel, _ = _last(form)
    if first == _SILENT and vowel in (_A, _EO) and len(form) > 1:
        return form[:-1]
    if form.endswith(("라", "러")) and _last(form[:-1])[2] == _L:  # 올라 -> 오르
        return _put(form[:-1], final=0) + "르"
    if form.endswith("해"):
        return form[:-1] + "하"
    if form.endswith("돼"):
        return form[:-1] + "되"
    if form.endswith(("려워", "까워", "로워")):
        return _put(form[:-1], final=_P)
    return _put(form, vowel=_LONG.get(vowel, vowel))


def _past(stem: str) -> str:
    """늘어나 -> 늘어났다."""
    _, vowel, final = _last(stem)
    if stem.endswith("하"):
        return _put(stem, vowel=_AE, final=_SS) + "다"
    if stem.endswith("이르"):
        return stem + "렀다"
    if stem.endswith("르") and len(stem) > 1 and not has_final(stem[:-1]):
        before = _put(stem[:-1], final=_L)
        return before + ("랐다" if _last(before)[1] in (_A, _O) else "렀다")
    if final:
        return stem + ("았다" if vowel in (_A, _O) else "었다")
    if vowel in (_A, _EO, _AE, 5, _YEO) or vowel in _SHORT:
        return _put(stem, vowel=_SHORT.get(vowel, vowel), final=_SS) + "다"
    return stem + "었다"


def _present(stem: str) -> str:
    if stem.endswith(("있", "없")):
        return stem + "다"
    return _put(stem, final=_N) + "다" if _last(stem)[2] in (0, _L) else stem + "는다"


def _future(stem: str) -> str:
    return _put(stem, final=_L) if _last(stem)[2] in (0, _L) else stem + "을"


def _of_future(form: str) -> str | None:
    """The stem of a form in -ㄹ: 늘어날 -> 늘어나, 받을 -> 받; None for any other form."""
    if form.endswith("을") and has_final(form[:-1]):
        return form[:-1]
    if _last(form)[2] != _L:
        return None
    return form if form.endswith(_STEM_L) else _put(form, final=0)


def _happened(form: str) -> str | None:
    """A form in -ㄹ as a fact: 늘어날 -> 늘어났다, 있을 -> 있다, 위기일 -> 위기이다."""
    stem = _of_future(form)
    if stem is None:
        return None
    if stem.endswith(("있", "없")):
        return stem + "다"
    if form.endswith("일") and len(form) > 1 and form[-2] not in _CAUSATIVE:
        return stem + "다"
    if stem.endswith("않"):
        return stem + "았다"
    return _past(stem)


def _decided(stem: str | None) -> str | None:
    if stem is None:
        return None
    return stem + ("기로 결정됐다" if stem.endswith("되") else "기로 결정했다")


def _not_will(form: str, rest: str) -> str | None:
    stem = _of_future(form)
    if stem is None or stem.endswith(("있", "없")):
        return None
    return f"{stem}지 않을 {rest}"


def _rule(pattern: str, make: Callable[[re.Match[str]], str | None] | str) -> Rule:
    return re.compile(pattern + "$"), (lambda m: m.expand(make)) if isinstance(make, str) else make


def _denied_past(body: str) -> str:
    """늘렸다 -> 늘리지 않았다, 시기였다 -> 시기가 아니었다."""
    before = body[:-2]
    if body.endswith("였다") and not before.endswith("하") and before[-1:] not in _CAUSATIVE:
        return with_particle(before, "이") + " 아니었다"
    stem = before if body.endswith("하였다") else _long(_put(body[:-1], final=0))
    return stem + "지 않았다"


def _denied_noun(match: re.Match[str]) -> str:
    return with_particle(match[1], "이") + " 아니다"


def _denied(match: re.Match[str]) -> str | None:
    final = _last(match[1])[2]
    if final == _SS:
        return _denied_past(match[0])
    stem = _stem(match[0])
    return stem and stem + ("지 않는다" if final == _N else "지 않다")


_NOT = r"(\S+)지(?:는|도)? "
_NEGATION: tuple[Rule, ...] = (
    _rule(_NOT + r"(?:않는다|못한다)", lambda m: _present(m[1])),
    _rule(_NOT + r"(?:않았다|못했다)", lambda m: _past(m[1])),
    _rule(_NOT + r"(?:않고|못하고) 있다", r"\1고 있다"),
    _rule(_NOT + r"(?:않을|못할) (것\S+.{0,12})", lambda m: f"{_future(m[1])} {m[2]}"),
    _rule(_NOT + r"않다", r"\1다"),
    _rule(r"것[은이] 아니다", "것이다"),
    _rule(r"(\S+)[은는이가] 아니다", r"\1이다"),
    _rule(r"없(다|었다|을 것이다|을 것으로 .{2,12})", r"있\1"),
    _rule(r"서는 안 된다", "야 한다"),
    _rule(r"불가능하다", "가능하다"),
    _rule(r"(\S+)고 있다", r"\1고 있지 않다"),
    _rule(r"가능성이 (?:\S+ )?(?:크다|높다|있다)", "가능성이 없다"),
    _rule(r"있(다|었다|을 것이다|을 것으로 .{2,12})", r"없\1"),
    _rule(r"야 (?:한다|할 것이다)", "서는 안 된다"),
    _rule(r"(\S+) (것이다|것으로 .{2,12}|전망이다)", lambda m: _not_will(m[1], m[2])),
    _rule(r"(\S+)이다", _denied_noun),
    _rule(r"(\S+)이었다", lambda m: with_particle(m[1], "이") + " 아니었다"),
    _rule(r"(\S*[가-힣])다", _denied),
)
_FORECAST: tuple[Rule, ...] = (
    _rule(
        r"(\S+)(?: 수(?:도)? 있을)? 것으로 (?:예상|전망|기대|예측|관측|추정|판단|보)\S*(?: 있다)?",
        lambda m: _happened(m[1]),
    ),
    _rule(
        r"(\S+)(?: 수(?:도)? 있을)? (?:것이다|것 같다|전망이다|예정이다|계획이다|방침이다|듯하다)",
        lambda m: _happened(m[1]),
    ),
    _rule(
        r"(\S+) (?:공산이|가능성[이도]) (?:\S+ )?(?:크다|높다|있다|존재한다|농후하다)",
        lambda m: _happened(m[1]),
    ),
    _rule(r"(\S+) 수도 있다", lambda m: _happened(m[1])),
    _rule(r"(\S+[이가]) (?:예상|전망|기대|우려)(?:된다|되고 있다)", r"\1 확인되었다"),
    _rule(r"(\S+)려(?:고)? (?:한다|할 것이다)", lambda m: _past(m[1])),
)
_ADVICE: tuple[Rule, ...] = (
    _rule(r"(\S+) 수 있어야 (?:한다|할 것이다)", lambda m: _decided(_of_future(m[1]))),
    _rule(r"(\S+)야(?:만)? (?:한다|할 것이다|된다)", lambda m: _decided(_long(m[1]))),
    _rule(r"(\S+) 필요[가도는] 있다", lambda m: _decided(_of_future(m[1]))),
    _rule(r"(\S+)는 것이 (?:\S+ )?(?:바람직하다|필요하다|중요하다)", r"\1기로 결정했다"),
    _rule(r"(\S+)[이가] (?:\S+ )?(?:필요하다|요구된다|요청된다|시급하다)", r"\1 방침이 결정되었다"),
)
_SAYS = r"(?:주장|밝|강조|지적|말|설명|평가|경고|전망|분석|언급|비판|반박|보|진단|공언|선언|시사)"
_SOURCES = (
    re.compile(
        rf"^[^,]{{1,40}}?[은는이가],? (?P<said>.+(?:[다라](?=고)|이라))고? {_SAYS}"
        r"\S*(?: (?:있다|바 있다|수 있다))?$"
    ),
    re.compile(r"^.{2,40}?(?:에 따르면|에 의하면),? (?P<said>.+다)$"),
    re.compile(
        r"^(?P<said>.+[다라])는 (?:주장|지적|평가|분석|의견|비판|관측|견해|시각)[이도가] \S+$"
    ),
)
