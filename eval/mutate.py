"""Make one mistake in a right sentence: the kinds of `eval.claims.WrongKind`, by rules; pure.

`mutate` gives the sentence back with that mistake and still fluent, or None where it gives no
occasion for it. The same sentence always gets the same mistake. `others` are sentences that stand
beside its source: a clause or a name of theirs makes a mistake that a reader would believe. A wrong
citation is no change of the text; `eval.scripted` makes it. Not covered: mistakes that take
understanding, and several at once. That the result is wrong is not proved: a name swapped for one
that happens to fit is rare, and counts against the gate.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from zlib import crc32

from eval import mutate_english, mutate_korean
from eval.claims import WrongKind
from index.lexicon import GLOSSARY, EntityType, read_glossary
from index.types import Lang

LONGEST_CLAUSE = 90  # characters of a sentence that is taken over whole
LONGEST_CLAUSE_EN = 160

_DIGITS = r"\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)?"
_NUMBER = re.compile(rf"(?<![\w.,\-/])(?:{_DIGITS})(?![\d.,]*\d)(?!\w*-)")
_NUMBER_KO = re.compile(rf"(?<![\w.,\-/])(?:{_DIGITS})(?![\d.,]*\d)(?!\s*(?:년(?!간)|월|일|세기))")
_YEAR = re.compile(r"(?<![\d,.])(?:19|20)\d\d(?![\d,]*\d)")
_MONTH_KO = re.compile(r"(?<!\d)(\d{1,2})월")
_DAY_KO = re.compile(r"(?<!\d)(\d{1,2})일(?![가-힣])")
_MONTHS = (
    "January February March April May June July August September October November December".split()
)
_MONTH_EN = re.compile(rf"\b(?:{'|'.join(_MONTHS)})\b")
_COUNT_KO = re.compile(
    r"(?<![가-힣])(한|두|세|네|다섯|여섯)"
    r"(?= ?(?:개|명|번|차례|가지|척|나라|국가|달|시간|배|축)(?![가-힣]{3}))"
)
_COUNTS_KO = "한 두 세 네 다섯 여섯 일곱".split()
_COUNT_EN = re.compile(r"\b(two|three|four|five|six|seven|first|second|third|fourth)\b")
_COUNTS_EN = dict(
    zip(
        "two three four five six seven first second third fourth".split(),
        "three four five six seven eight second third fourth fifth".split(),
        strict=True,
    )
)
_UNITS_KO = (
    (r"(?<=[\d조억만천] )달러|(?<=[\d조억만천])달러", "원"),
    (r"(?<=[\d조억만천] )원(?![가-힣]{2})|(?<=[\d조억만천])원(?![가-힣]{2})", "달러"),
    (r"(?<=\d)%(?!포인트|p)", "%포인트"),
    (r"(?<=\d)%포인트", "%"),
    (r"(?<=\d)년(?=간|\s?동안|\s?이내|\s?안에)", "개월"),
    (r"(?<=\d)개월", "년"),
    (r"(?<=\d)(?:킬로미터|km|㎞)", "마일"),
    (r"(?<=\d)(?:톤|t)(?![가-힣a-z])", "킬로그램"),
    (r"(?<=\d)배(?![가-힣]{2})", "%"),
    (r"반 시간", "반나절"),
    (r"(?<=\d)시간(?!표)", "일"),
    (r"(?<=\d)명", "가구"),
    (r"(?<=\d)척", "대"),
    (r"(?<=\d)헥타르", "제곱미터"),
)
_UNITS_EN = (
    (r"\$(?=\d)", "€"),
    (r"\bUS dollars\b|\bdollars\b", "euros"),
    (r"(?<=\d )won\b|(?<=illion )won\b", "dollars"),
    (r"(?<=\d)%|(?<=\d) percent\b", " percentage points"),
    (r"(?<=\d )percentage points\b", "percent"),
    (r"(?<=\d )kilometers\b|(?<=\d )km\b", "miles"),
    (r"(?<=\d )(?:tons|tonnes)\b", "kilograms"),
    (r"(?<=\d[ -])years?\b", "months"),
    (r"(?<=\d )months\b", "years"),
    (r"\bhalf an hour\b", "half a day"),
    (r"(?<=\d )hours\b", "days"),
    (r"-ship\b", "-aircraft"),
    (r"(?<=\d )ships\b", "squadrons"),
    (r"(?<=\d )hectares\b", "square metres"),
)
_LARGE_KO = re.compile(rf"(?P<n>{_DIGITS})(?P<space> ?)(?P<unit>[조억만])(?!나)")
_LARGE_EN = re.compile(rf"(?P<n>{_DIGITS})(?P<space> )(?P<unit>trillion|billion|million|thousand)")
_LARGER = {"만": "억", "억": "조", "조": "억"}
_LARGER |= {"thousand": "million", "million": "billion", "billion": "trillion"}
_LARGER |= {"trillion": "billion"}
_PLAIN_LARGE = re.compile(r"(?<![\d.,])(?:\d{1,3}(?:,\d{3})+)(?![\d,])")

_WIDER_KO = (
    (r"일부(?=의 )", "모두"),
    (r"일부의? (?=[가-힣])", "모든 "),
    (r"(?<![가-힣])일부(?=[는가를도에만])", "전부"),
    (r"대부분의 |상당수의 |많은 |여러 |몇몇 |다수의 ", "모든 "),
    (r"대부분|상당수|상당 부분", "전부"),
    (r"(?<![가-힣])(?:주로|대체로|대개|흔히|때때로|종종|자주|통상) ", "예외 없이 "),
    (r"(?<![가-힣])(?:거의|적어도|최소한?) (?=[\d가-힣])", ""),
    (r"(?<=\d년) 이후", " 내내"),
)
# Where nothing else is to be widened; a reader may take these for no mistake at all.
_EXACT_KO = ((r"(?<![가-힣])(?:약|대략) (?=\d)", ""), (r"(?<=[\d가-힣]) ?가량(?= )", ""))
_EXACT_EN = ((r"\b(?:about|around|approximately|roughly) (?=[$\d])", ""),)
_WIDER_EN = (
    (r"\bsome of the\b|\bmost of the\b|\bmany of the\b", "all of the"),
    (r"\bSome of the\b|\bMost of the\b|\bMany of the\b", "All of the"),
    (r"\b(?:some|most|many|several|various|numerous)\b(?= [a-z])(?! extent)", "all"),
    (r"\b(?:Some|Most|Many|Several|Various|Numerous)\b(?= [a-z])", "All"),
    (r"\b(?:often|usually|sometimes|commonly|generally|typically|frequently|mostly)\b", "always"),
    (r"\b(?:mainly|primarily|largely|partly|partially|chiefly)\b", "exclusively"),
    (r"\bpartial\b", "full"),
    (r"\b(?:nearly|almost|at least|over|more than) (?=[$\d])", ""),
    (r"\b(?:one of the)\b", "the sole"),
)
# A topic that ends in 은 or 는 and is no verb; as a subject of its own it may be made the only one.
_TOPIC_KO = re.compile(r"^(?:[가-힣A-Za-z0-9·()]+ ){0,2}[가-힣A-Za-z0-9·()]+?([은는])(?=,? )")
_VERBAL = re.compile(
    r"(?:하|되|있|없|않|받|라|다|맡|넘|높|낮|깊|좋|같|많|적|작|남|담|갖|보이|지|으|시키|미치|오|가|려|"
    r"이르|따르|또|혹|또한|에|에서|에게|로|으로|까지|면서|며|고)[은는]$"
)
_NO_SUBJECT_EN = re.compile(
    r"^(?:In|On|At|For|With|By|From|As|If|When|While|Since|After|Before|Because|Although|Though|"
    r"However|But|And|It|This|That|These|Those|There|What|Despite|Under|To|Given|Also|Even|Only|"
    r"Such|Thus|Therefore|Rather|Unlike|Regarding|Amid|During|Through|Should|Whether|Once|"
    r"Moreover|Furthermore|According|Not|Until|Here|Above|Among|Without|Between|Over|Across|Yet|Still|At|Its|All|Just|[A-Z]\w+ing|[A-Z]\w+ly)\b"
)
_CAUSAL = re.compile(
    r"때문|덕분|탓|으로 인해|로 인한|기인|\b(?:because|since|due to|owing to|as a result|caused)\b",
    re.IGNORECASE,
)
_STOCK = {
    "ko": (
        "이를 위한 예산도 이미 편성되었다",
        "관계 부처가 이를 점검하고 있다",
        "국회도 이에 동의했다",
        "이 방침은 주변국에도 통보되었다",
    ),
    "en": (
        "the budget for this has already been set aside",
        "a joint task force is reviewing this",
        "parliament has approved this",
        "neighbouring countries have been informed of this",
    ),
}
_FREE_START = re.compile(
    r"^(?:The|A|An|This|These|In|It|There|As|With|For|If|While|When|By|He|She|They|His|Its|Their|"
    r"Important|Under|To|At|On|What|Although|One|Such|From|Recently|Above|Unlike|Only|Even|Since|"
    r"After|Before|Given|Already|Not|That|Both|Most|Some|Many|[A-Z][a-z]+ing)\b"
)
_ARTICLE = re.compile(
    r"United|Peninsula|East|Sea|Strait|Islands|Philippines|Netherlands|Pacific|Gulf"
)
_BODY = re.compile(r"administration$|government$|정부$|행정부$")
_PARTICLE = (
    r"(?P<particle>은|는|이|가|을|를|과|와|으로|로|의|에|에서|에게|도|만|까지|부터|보다|처럼)?"
)


@dataclass(frozen=True, slots=True)
class Name:
    """A name of the lexicon; `of` is what it names, `preferred` its first name."""

    text: str
    lang: Lang
    type: EntityType
    of: int
    preferred: bool


@cache
def load_names(path: Path = GLOSSARY) -> tuple[Name, ...]:
    """The names of the lexicon that have a type, the longest first."""
    found: list[Name] = []
    for number, entry in enumerate(read_glossary(path)):
        if entry.type is None or not _is_name(entry.en, entry.type):
            continue
        korean, english = (entry.ko, *entry.ko_aliases), (entry.en, *entry.en_aliases)
        found += [Name(t, "ko", entry.type, number, t == entry.ko) for t in korean]
        found += [Name(t, "en", entry.type, number, t == entry.en) for t in english]
    return tuple(sorted(found, key=lambda name: (-len(name.text), name.text)))


def _is_name(text: str, kind: EntityType) -> bool:
    """Whether it names one of its kind: "president" and "Chinese president" are no names."""
    words = text.split()
    return all(w[0].isupper() for w in (words if kind == "person" else words[:1]))


def mutate(
    kind: WrongKind,
    text: str,
    lang: Lang,
    others: Sequence[str] = (),
    names: Sequence[Name] | None = None,
) -> str | None:
    """`text` with one mistake of `kind`; None: it gives no occasion, or `kind` is of citations.

    `names`: by default the lexicon's.
    """
    turned = mutate_korean if lang == "ko" else mutate_english
    plain: dict[WrongKind, Callable[[str], str | None]] = {
        "negation": turned.negated,
        "forecast_as_fact": turned.told_as_fact,
        "recommendation_as_decision": turned.told_as_decided,
        "attributed_as_author": turned.told_as_own,
        "number": lambda t: _number(t, lang),
        "unit": lambda t: _unit(t, lang),
        "date": lambda t: _date(t, lang),
        "large_number": _large,
        "scope": lambda t: _scope(t, lang),
        "cause_effect": lambda t: _cause(t, lang, others),
        "addition": lambda t: _addition(t, lang, others),
        "name": lambda t: _name(t, lang, others, load_names() if names is None else names),
    }
    made = plain[kind](text) if kind in plain else None
    return made if made and made != text else None


def pick(text: str, count: int) -> int:
    """A number from 0 below `count` that is always the same for a text."""
    return crc32(text.encode()) % count


def _first(text: str, rules: Sequence[tuple[str, str]]) -> str | None:
    """The first rule that applies, at its first place."""
    for pattern, instead in rules:
        if found := re.search(pattern, text):
            return text[: found.start()] + instead + text[found.end() :]
    return None


def _replaced(text: str, match: re.Match[str], instead: str) -> str:
    return text[: match.start()] + instead + text[match.end() :]


def _unit(text: str, lang: Lang) -> str | None:
    if lang == "en":
        return _first(text, _UNITS_EN)
    for pattern, instead in _UNITS_KO:
        if found := re.search(rf"(?:{pattern})(?P<particle>[은는이가을를과와](?![가-힣]))?", text):
            particle = found["particle"]
            new = mutate_korean.with_particle(instead, particle) if particle else instead
            return _replaced(text, found, new)
    return None


def _number(text: str, lang: Lang) -> str | None:
    for found in (_NUMBER_KO if lang == "ko" else _NUMBER).finditer(text):
        year = lang == "en" and _YEAR.fullmatch(found[0])
        if not year and (changed := _other_digits(found[0])) not in text:
            return _replaced(text, found, changed)
    if lang == "ko":
        count = _COUNT_KO.search(text)
        return _replaced(text, count, _COUNTS_KO[_COUNTS_KO.index(count[0]) + 1]) if count else None
    count = _COUNT_EN.search(text)
    return _replaced(text, count, _COUNTS_EN[count[0]]) if count else None


def _other_digits(number: str) -> str:
    """Two digits swapped, or the first one raised: 96 -> 69, 350 -> 530, 40 -> 50."""
    places = [i for i, c in enumerate(number) if c.isdigit()]
    if len(places) > 1 and number[places[0]] != number[places[1]] != "0":
        one, two = places[:2]
        digits = list(number)
        digits[one], digits[two] = digits[two], digits[one]
        return "".join(digits)
    first = int(number[places[0]])
    return f"{first + 1 if first < 9 else 7}{number[1:]}"


def _date(text: str, lang: Lang) -> str | None:
    if found := _YEAR.search(text):
        step = (-2, 2, 3)[pick(text, 3)]
        return _replaced(text, found, str(int(found[0]) + step))
    if lang == "ko":
        found = _MONTH_KO.search(text) or _DAY_KO.search(text)
        return _replaced(text, found, f"{int(found[1]) % 11 + 1}{found[0][-1]}") if found else None
    found = _MONTH_EN.search(text)
    return _replaced(text, found, _MONTHS[(_MONTHS.index(found[0]) + 2) % 12]) if found else None


def _large(text: str) -> str | None:
    if found := _LARGE_KO.search(text) or _LARGE_EN.search(text):
        if pick(text, 2):
            return _replaced(text, found, found["n"] + found["space"] + _LARGER[found["unit"]])
        return _replaced(text, found, _tenfold(found["n"]) + found["space"] + found["unit"])
    found = _PLAIN_LARGE.search(text)
    return _replaced(text, found, _tenfold(found[0])) if found else None


def _tenfold(number: str) -> str:
    value = round(float(number.replace(",", "")) * 10, 2)
    return f"{value:,.0f}" if value == int(value) else f"{value:,}"


def _name(text: str, lang: Lang, others: Sequence[str], names: Sequence[Name]) -> str | None:
    own = [name for name in names if name.lang == lang]
    there = {name.of for name in own if name.text in text}
    found = [(match, name) for name in own if (match := _stands(text, name))]
    if not found:
        return None
    match, name = min(found, key=lambda pair: (pair[0].start(), -len(pair[1].text)))
    beside = "\n".join(others)
    body = bool(_BODY.search(name.text))
    may = [
        n
        for n in own
        if n.preferred
        and n.type == name.type
        and n.of not in there
        and bool(_BODY.search(n.text)) == body
    ]
    near = [n for n in may if n.text in beside]
    if not (near or may):
        return None
    chosen = sorted(near or may, key=lambda n: n.text)
    new = chosen[pick(text, len(chosen))].text
    if lang == "ko":
        particle = match["particle"]
        new = mutate_korean.with_particle(new, particle) if particle else new
    elif name.type in ("country", "place") and not body:
        new = "the " + new if _ARTICLE.search(new) else new
        new = new[0].upper() + new[1:] if match.start() == 0 else new
    else:
        new = (match["the"] or "") + new
    return _replaced(text, match, new)


def _stands(text: str, name: Name) -> re.Match[str] | None:
    """Where a name stands as a word of its own, in Korean with its particle."""
    if name.text not in text:
        return None
    if name.lang == "ko":
        tail = rf"{_PARTICLE}(?![가-힣A-Za-z0-9(])"
        return re.search(rf"(?<![가-힣\w(-]){re.escape(name.text)}{tail}", text)
    tail = r"(?![\w-])(?! [A-Z][a-z])"  # US in "US Marine Corps" is part of another name
    return re.search(rf"(?<![\w(-])(?P<the>[Tt]he )?{re.escape(name.text)}{tail}", text)


def _scope(text: str, lang: Lang) -> str | None:
    if made := _first(text, _WIDER_KO if lang == "ko" else _WIDER_EN):
        return made[0].upper() + made[1:]
    if lang == "ko":
        topic = _TOPIC_KO.search(text)
        if topic is None or _VERBAL.search(topic[0]):
            return _first(text, _EXACT_KO)
        return text[: topic.start(1)] + "만" + text[topic.end(1) :]
    if _NO_SUBJECT_EN.search(text):
        return _first(text, _EXACT_EN)
    article = text.startswith(("The ", "A ", "An "))
    return "Only " + (text[0].lower() + text[1:] if article else text)


def _cause(text: str, lang: Lang, others: Sequence[str]) -> str | None:
    clause = _clause(text, lang, others)
    if clause is None or _CAUSAL.search(text) or _CAUSAL.search(clause):
        return None
    if lang == "ko":
        reason = mutate_korean.linked(clause, "기")
        return f"{reason} 때문에, {text}" if reason else None
    return f"{text.rstrip(' .')} because {clause}."


def _addition(text: str, lang: Lang, others: Sequence[str]) -> str | None:
    stock = _STOCK[lang][pick(text, len(_STOCK[lang]))]
    clause = (_clause(text, lang, others) if pick(text, 2) else None) or stock
    if lang == "en":
        return f"{text.rstrip(' .')}, and {clause}."
    start = mutate_korean.linked(text, "며")
    return f"{start}, {clause}." if start else None


def _clause(text: str, lang: Lang, others: Sequence[str]) -> str | None:
    """A sentence of `others` that is short enough to become a clause, without its full stop."""
    longest = LONGEST_CLAUSE if lang == "ko" else LONGEST_CLAUSE_EN
    short = [o.rstrip(" .") for o in others if o not in text and 8 < len(o) <= longest]
    if lang == "ko":
        short = [o for o in short if o.endswith("다")]
    if not short:
        return None
    clause = short[pick(text, len(short))]
    clause = re.sub(r"^(?:그러나|그리고|또한|따라서|However,|Moreover,|But|And) ", "", clause)
    if lang == "en" and _FREE_START.search(clause):
        clause = clause[0].lower() + clause[1:]
    return clause
