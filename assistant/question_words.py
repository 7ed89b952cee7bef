"""Questions made of a document's own words, in Korean and English: few patterns that read well.

A question is taken from a sentence only where its wording lends itself to one without being turned
around: 동원이 늦어지는 까닭은 … 이다 gives 동원이 늦어지는 까닭은 무엇인가요? What leans on a
sentence before it (이, 그, this, such) gives none. Not covered: whether the document answers.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from assistant.patterns import any_of, whole
from assistant.types import Stance
from index.lexicon import EntityType
from index.numbers import Quantity, find
from index.types import Lang

AskedKind = Literal[
    "example", "amount", "value", "definition", "core", "position", "term", "table", "section"
]
# How much a question of a kind is worth: the more it says what it asks for, the better.
WORTH: Mapping[AskedKind, float] = {
    "example": 1.2,
    "amount": 0.9,
    "definition": 1.0,
    "core": 0.85,
    "value": 0.85,
    "position": 0.8,
    "table": 0.65,
    "term": 0.6,
    "section": 0.5,
}
LONGEST = 110  # characters of a question; a longer one is not read
LONGEST_HEADING = 60


@dataclass(frozen=True, slots=True)
class Wording:
    """A question and what kind it is."""

    text: str
    kind: AskedKind


@dataclass(frozen=True, slots=True)
class Name:
    """A term of the glossary as a sentence has it; `type` where it names a person, a country …"""

    text: str
    concept: str
    type: EntityType | None = None


def particle(word: str, after_consonant: str, after_vowel: str) -> str:
    """The form of a Korean particle that follows `word`: 은 after a final consonant, else 는."""
    bare = re.sub(r"\([^()]*\)|[\"'’”)\]』」.]+$", "", word).rstrip() or word
    last = bare[-1:]
    if "가" <= last <= "힣":
        closed = (ord(last) - ord("가")) % 28 > 0
    elif last.isdigit():
        closed = last in "013678"  # 영, 일, 삼, 육, 칠, 팔
    elif last.isupper():
        closed = last in "LMNR"  # 엘, 엠, 엔, 알
    else:
        closed = last in "lmnkpt"
    return after_consonant if closed else after_vowel


# Words that point elsewhere: a question with one of them does not stand on its own.
_LEANS_KO = re.compile(
    r"(?:^|\s)"
    + any_of(
        "이|그|저|이런|그런|이러한|그러한|해당|같은|이들|그들|이것|그것|이는|여기|이번|위|앞|앞서|다음",
        "우리|나머지|전자|후자|양|두|세|네|또 다른|다른|이 같은|그 밖의|당시|현",
    )
    + r"(?:[은는이가의를을]|에서|에)?(?=\s|$)"
)
_LEANS_EN = re.compile(
    whole(
        "this|that|these|those|such|same|other|others|latter|former|his|her|their|its|it|they|our|"
        "we|he|she|rest|result|question|point|here|there|above|below|following|previous|two|three|"
        "one|ones|both|each"
    ),
    re.IGNORECASE,
)
_CONNECTIVE = re.compile(
    r"^(?:(?:따라서|그러나|하지만|한편|또한|특히|다만|물론|무엇보다도?|즉|나아가|그리고|그런데|결국|"
    r"이에 따라|이를 위해|이와 함께|아울러|반면|요컨대),? |"
    r"(?:However|Moreover|Furthermore|Meanwhile|Accordingly|In addition|Of course|In particular|"
    r"Therefore|Thus|Still|By contrast|On the other hand|Above all|Also|Indeed),? )+"
)
_NP_KO = r"[가-힣A-Za-z0-9·‘’'%()/-]+(?: [가-힣A-Za-z0-9·‘’'%()/-]+){0,7}"
_HEADS_KO = (
    "핵심|목표|과제|문제|이유|까닭|원인|배경|결론|성과|주축|전제|특징|쟁점|대안|해법|관건|한계|취지|근거|"
    "목적|대상|요지|조건|의미|위험|장점|단점|변수|우선순위|순위|방향|계획|방안|전략|원칙|역할|과정|요인|"
    "장애물|걸림돌|열쇠|동력|직위"
)
_CORE_KO = re.compile(
    rf"^({_NP_KO} (?:{_HEADS_KO}))(?:은|는) .{{2,}}(?:이다\.?$|이며|이고|이지만|이므로)"
)
_DEFINED_KO = re.compile(
    r"^((?:[가-힣A-Za-z0-9·-]+ ){0,3}[가-힣A-Za-z0-9·-]*[가-힣A-Za-z0-9])(이란|란) "
    r".*(?:말한다|뜻한다|의미한다|가리킨다|이다)\.?$"
)
_RANKED_KO = re.compile("^(?:가장|첫|주된|주요|핵심|최대|최우선|큰)(?: |$)")
_RANKED_EN = re.compile(
    r"^(?:\w+est\b|(?:most|main|key|central|first|second|third|fourth|fifth|last|next|only|true|"
    r"real)\b)"
)
_ADVERB_KO = r"(?:(?:약|모두|총|평균|최대|최소|연간|월|연|무려|불과|대략|현재|해마다|하루) ?)*"
_VALUE_BEFORE_KO = re.compile(rf"(?:^|, )({_NP_KO})(은|는) {_ADVERB_KO}$")
_VALUE_AFTER_KO = re.compile(
    r"^(?:이다|이며|이고|이지만|이나|였다|이었다|였으며|이었으며|로,|으로,|로 |으로 |에서 |"
    r"[가이] 된다|씩이다|다\.|에 (?:이르|이른|달|그[쳤치]|불과|머[물무]))"
)
_PAID_KO = re.compile(rf"^({_NP_KO})(은|는) ({_NP_KO}에) (?:약 |모두 |총 )?$")
_PAID_END_KO = re.compile("(지원|투자|지출|부담|지급|제공|투입|배정)(?:했다|하였다)")
_ADVERBIAL_KO = re.compile("(?:에서|에|으로|로|까지|부터|보다|만|도|중|또)$")
_BY_UNIT_KO: Mapping[str, str] = {"person": "몇 명인가요?", "ship": "몇 척인가요?"}
_BY_KIND_KO: Mapping[str, str] = {
    "money": "얼마인가요?",
    "percent": "몇 퍼센트인가요?",
    "multiple": "몇 배인가요?",
    "duration": "얼마나 되나요?",
    "measure": "얼마나 되나요?",
}
_NP_EN = (
    r"[A-Za-z][\w’'-]*"
    r"(?: (?!(?:that|which|who|is|are|was|were|has|have|will|would|if|when|as)\b)"
    r"[A-Za-z0-9][\w’'-]*){1,8}"
)
_CORE_EN = re.compile(rf"^(?:[Tt]he|[Aa]n?) ({_NP_EN}) (is|was|are|were) (.{{10,}})$")
_DEFINED_EN = re.compile(
    r"^(?:(By) )?((?:[Tt]he |[Aa]n? )?(?:[a-z][\w-]* ){0,3}[a-z][\w-]*) "
    r"(?:the \w+ means|refers? to|is defined as|denotes)\b",
    re.IGNORECASE,
)
_GIVEN_EN = re.compile(r"^(?:the|an?|to|about|some|around|nearly|over|only|roughly|\$)\s?\S")
_PAID_EN = re.compile(
    r"^((?:The )?[A-Z][\w’'.-]*(?: [A-Za-z][\w’'.-]*){0,4}) "
    r"(provided|spent|paid|invested|gave|lent|received|allocated) "
    r"(?:about |some |around |nearly |over )?[$€£]?[\d.,]+(?: (?:million|billion|trillion))?"
    r"(?: (?:won|dollars|euros|crowns))? (for|on|to|in) "
    r"(the [\w’'-]+(?: (?!and\b)[A-Za-z][\w’'-]*){0,3}?)(?=[.,;]| and \$| in \d| since )"
)
_BASE_EN: Mapping[str, str] = {
    "provided": "provide",
    "spent": "spend",
    "paid": "pay",
    "invested": "invest",
    "gave": "give",
    "lent": "lend",
    "received": "receive",
    "allocated": "allocate",
}
_WITH_ARTICLE = frozenset(
    "Soviet Union, Philippines, Netherlands, Middle East, European Union".split(", ")
)
_NUMBERED = re.compile(
    r"^\s*(?:제?\s?\d+\s?[장절편부](?=[\s.:])[.:]?|[IVXⅠ-Ⅻ]+[.)]|\d+(?:[.-]\d+)*[.)]?|[가-하][.)]|"
    r"(?:Chapter|Section|Part) \d+[.:]?)\s+"
)
_GENERAL_HEADING = re.compile(
    "^(?:"
    + any_of(
        "서론|결론|결 론|요약|개요|머리말|맺음말|들어가며|나가며|배경|부록",
        "참고 ?문헌|목차|주석|본론|제언",
        "introduction|conclusions?|summary|abstract|references|appendix|contents|background|notes",
        "overview|annex|bibliography|foreword|preface|executive summary",
    )
    + ")$",
    re.IGNORECASE,
)


def asked_of(
    sentence: str, lang: Lang, stance: Stance, names: Sequence[Name], heading: str | None
) -> Iterator[Wording]:
    """Every question that a sentence in `lang` lends itself to, the most definite first.

    `names` are the glossary's terms in it; `heading` is its section's, as `heading_of` gives it.
    """
    text = _CONNECTIVE.sub("", sentence.strip())
    if lang == "ko":
        made = [*_amounts_ko(text), *_cores_ko(text, heading)]
    else:
        made = [*_amounts_en(text), *_cores_en(text, heading)]
    for wording in (*made, *_about(text, lang, stance, names)):
        if len(wording.text) <= LONGEST:
            yield wording


def asked_of_section(heading: str, lang: Lang, stances: frozenset[Stance]) -> Iterator[Wording]:
    """Questions about a section with sentences of these stances."""
    if lang == "ko":
        quoted = f"‘{heading}’"
        if "recommendation" in stances:
            joined = particle(heading, "과", "와")
            yield Wording(f"{quoted}{joined} 관련해 문서는 무엇을 제안하나요?", "section")
        yield Wording(f"문서는 {quoted}에 대해 무엇이라고 설명하나요?", "section")
    else:
        if "recommendation" in stances:
            yield Wording(f"What does the document recommend under “{heading}”?", "section")
        yield Wording(f"What does the document say under “{heading}”?", "section")


def asked_of_cell(labels: Sequence[str], lang: Lang) -> Wording | None:
    """A question for a cell of a table by its printed name, its row and its column."""
    if len(labels) != 3 or not all(0 < len(label) <= 30 for label in labels):
        return None
    table, row, column = labels
    if lang == "ko":
        return Wording(f"{table}의 ‘{row}’ 항목에서 ‘{column}’ 칸에는 무엇이 있나요?", "table")
    return Wording(f"In {table}, what does the “{row}” row say for “{column}”?", "table")


def asked_abroad(name: Name, lang: Lang, stance: Stance) -> Wording | None:
    """A question about something named in a sentence that does not read in `lang`."""
    if stance == "attributed" or not _is_topic(name):
        return None
    if lang == "ko":
        return Wording(_said_ko(name, stance), "term")
    if name.type is None or not name.text[0].isupper():
        return None  # no sentence tells its article
    body = name.type in ("organization", "law") and " " in name.text
    several = name.text.startswith("United ") or name.text in _WITH_ARTICLE
    bare = f"the {name.text}" if body or several else name.text
    return Wording(_asked_en(bare, stance), "term")


def heading_of(heading: str) -> str | None:
    """A heading as a question may quote it, without its number; None for 서론, or a long one."""
    text = _NUMBERED.sub("", heading).strip(" .:：")
    if not 2 <= len(text) <= LONGEST_HEADING or _GENERAL_HEADING.match(text):
        return None
    return None if re.search('[‘’“”"?？]', text) else text


def _amounts_ko(text: str) -> Iterator[Wording]:
    for quantity in find(text):
        before, after = text[: quantity.char_start], text[quantity.char_end :]
        if quantity.kind == "money" and (paid := _PAID_KO.match(before)):
            end = _PAID_END_KO.search(after)
            if end and _stands_ko(before):
                asked = f"{paid[1]}{paid[2]} {paid[3]} 얼마를 {end[1]}했나요?"
                yield Wording(asked, "amount")
                return
        found = _VALUE_BEFORE_KO.search(before)
        asks = _BY_UNIT_KO.get(quantity.unit) or _BY_KIND_KO.get(quantity.kind)
        if found and asks and _VALUE_AFTER_KO.match(after) and _measured_ko(found[1]):
            yield Wording(f"{found[1]}{found[2]} {asks}", "value")
            return


def _measured_ko(phrase: str) -> bool:
    """Whether a phrase is a thing measured that needs no sentence before it."""
    short = 4 <= len(phrase) <= 40 and " " in phrase
    return short and _stands_ko(phrase) and not _ADVERBIAL_KO.search(phrase)


def _stands_ko(phrase: str) -> bool:
    return not _LEANS_KO.search(phrase)


def _cores_ko(text: str, heading: str | None) -> Iterator[Wording]:
    if defined := _DEFINED_KO.match(text):
        if _stands_ko(defined[1]):
            yield Wording(f"{defined[1]}{defined[2]} 무엇인가요?", "definition")
        return
    if (core := _CORE_KO.match(text)) and _stands_ko(core[1]) and len(core[1]) <= 40:
        phrase = core[1]
        asked = f"{phrase}{particle(phrase, '은', '는')} 무엇인가요?"
        if not _RANKED_KO.match(phrase):
            yield Wording(asked, "core")
        elif heading is not None:  # the greatest of what, its section says
            yield Wording(f"‘{heading}’에서 {asked}", "core")


def _amounts_en(text: str) -> Iterator[Wording]:
    if (paid := _PAID_EN.match(text)) and not _LEANS_EN.search(paid[0]):
        who = "the" + paid[1][3:] if paid[1].startswith("The ") else paid[1]
        verb = _BASE_EN[paid[2]]
        yield Wording(f"How much did {who} {verb} {paid[3]} {paid[4]}?", "amount")


def _cores_en(text: str, heading: str | None) -> Iterator[Wording]:
    if defined := _DEFINED_EN.match(text):
        phrase = defined[2][0].lower() + defined[2][1:]
        if not _LEANS_EN.search(phrase):
            yield Wording(f"What is meant by {phrase}?", "definition")
        return
    core = _CORE_EN.match(text)
    if core is None or _LEANS_EN.search(core[1]) or len(core[1]) > 60:
        return
    quantities = find(core[3])
    measured = _opens_with(quantities)
    if not measured and not _GIVEN_EN.match(core[3]):
        return
    asked = f"hat {core[2]} the {core[1]}?"
    kind: AskedKind = "value" if measured else "core"
    if not _RANKED_EN.match(core[1]):
        yield Wording(f"W{asked}", kind)
    elif heading is not None:
        yield Wording(f"In “{heading}”, w{asked}", kind)


def _opens_with(quantities: Sequence[Quantity]) -> bool:
    first = quantities[0] if quantities else None
    return first is not None and first.char_start <= 8 and first.kind not in ("date", "ordinal")


def _about(text: str, lang: Lang, stance: Stance, names: Sequence[Name]) -> Iterator[Wording]:
    """What is said, foretold or advised of the things named, and by whom."""
    speaker = _speaker(text, lang, names) if stance == "attributed" else None
    for name in filter(_is_topic, names):
        if speaker is not None and name.concept != speaker.concept:
            if lang == "ko":
                who = f"{speaker.text}{particle(speaker.text, '은', '는')}"
                yield Wording(f"{who} {name.text}에 대해 어떤 입장인가요?", "position")
            elif bare := with_article(text, name):
                yield Wording(f"What is {speaker.text}’s position on {bare}?", "position")
        elif speaker is None and stance != "attributed":
            said = _said_ko(name, stance) if lang == "ko" else _said_en(text, name, stance)
            if said:
                yield Wording(said, "term")


def _is_topic(name: Name) -> bool:
    """Whether a name says enough to be asked about: not 무역, not "trade"."""
    if name.type is not None:
        return True
    if name.text.isascii():
        return " " in name.text or "-" in name.text or name.text[0].isupper()
    return len(name.text) > 3 or " " in name.text


def _said_ko(name: Name, stance: Stance) -> str:
    if stance == "recommendation":
        return f"{name.text}{particle(name.text, '과', '와')} 관련해 문서는 무엇을 제안하나요?"
    if stance == "forecast":
        return f"{name.text}에 대해 문서는 어떤 전망을 내놓나요?"
    return f"문서는 {name.text}에 대해 무엇이라고 설명하나요?"


def _said_en(text: str, name: Name, stance: Stance) -> str | None:
    bare = with_article(text, name)
    return None if bare is None else _asked_en(bare, stance)


def _asked_en(bare: str, stance: Stance) -> str:
    if stance == "recommendation":
        return f"What does the document recommend on {bare}?"
    if stance == "forecast":
        return f"What outlook does the document give for {bare}?"
    return f"What does the document say about {bare}?"


def _speaker(text: str, lang: Lang, names: Sequence[Name]) -> Name | None:
    """Who speaks: a person, country or body that the sentence opens with."""
    for name in names:
        if name.type not in ("person", "country", "organization"):
            continue
        if lang == "ko" and re.match(rf"{re.escape(name.text)}(?:은|는) ", text):
            return name
        if lang == "en" and re.match(rf"{re.escape(name.text)} (?:\w+ly )?[a-z]+", text):
            return name
    return None


_AFTER_EN = re.compile(
    r"^(?:[.,;:)]|’s\b|'s\b| (?:and|or|in|to|with|for|is|are|was|were|will|would|has|have|had|by|"
    r"on|as|that|which|who|from|at|under|can|could|may|must|should|but|than|if|when)\b|$)"
)
_MASS = re.compile(
    r"(?:ing|ence|ance|ency|ism|ity|acy|omy|ics|ion|ment|ship|power|energy|policy|trade|aid|s)$"
)


def with_article(text: str, name: Name) -> str | None:
    """An English name with the article that the sentence gives it; None where it is but a part of a
    longer name, or where no article would be wrong.
    """
    found = re.search(rf"(\b\w+[ -]|[-’'])?\b{re.escape(name.text)}\b", text)
    if found is None or not _AFTER_EN.match(text[found.end() :]):
        return None
    before = (found[1] or "").strip()
    if before[:1].isupper() and before.lower() not in (*_BEFORE_EN, "the", "a", "an"):
        return None
    before = before.lower()
    proper = name.text[0].isupper()
    if before in ("the", "a", "an"):
        return f"{before} {name.text}"
    if before in ("-", "’", "'"):
        return None
    if proper:
        return name.text
    whole_phrase = before in _BEFORE_EN or found.start() == 0
    return name.text if whole_phrase and _MASS.search(name.text) else None


_BEFORE_EN = frozenset(
    "of in on to for with and or by from as about against through toward towards over under into "
    "than between while both including reducing raising".split()
)
