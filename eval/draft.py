"""Propose questions for a user's own document: skeletons of a question set, to be filled in.

For each line a sentence is chosen that is worth asking about and stands on its own; the kinds take
turns, and the sentences are spread over sections. What the sentence gives is filled in: quote,
stance, the number, date, name or items that an answer must tell. What only a person can write (the
question itself, a wording in the other language that is not certain) says TODO or 할 일, and
`citebrief eval check` reports it until it is written. The same document gives the same draft.
Not covered: follow-ups, questions in haste or of a false premise, evidence in several sentences.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml

from assistant.errors import InputError
from assistant.stance import stance
from assistant.types import Stance
from eval.samples import KINDS, SampleKind
from index.lexicon import GLOSSARY, read_glossary
from index.load import SUFFIXES, Sidecar, load_document, read_text
from index.morphology import Token, load_morphology
from index.numbers import Quantity, find, same
from index.types import Document, Lang, Passage

UNANSWERABLE = 4  # one question in so many
# In turn; both halves and both languages have their share of every kind that has two lines.
TURNS: tuple[tuple[Literal["dev", "test"], Lang], ...] = (
    ("dev", "ko"),
    ("test", "en"),
    ("dev", "en"),
    ("test", "ko"),
)
LENGTHS: Mapping[Lang, tuple[int, int]] = {"ko": (22, 150), "en": (45, 260)}  # characters
NEAR = 2  # passages between two that are asked about, or the questions answer each other
COMMON = 3  # passages; a name in more of them is no answer to "who"
ITEMS = range(3, 8)  # things that make a list

Both = Mapping[Lang, str]


@dataclass(frozen=True, slots=True)
class Draft:
    """The lines of a set to be filled in, in the form that eval.samples reads."""

    document: str
    rows: tuple[Mapping[str, Any], ...]

    @property
    def summary(self) -> Mapping[str, int]:
        """How many questions there are of each kind."""
        kinds = Counter(row["kind"] for row in self.rows)
        return {kind: kinds[kind] for kind in KINDS if kinds[kind]}

    def lines(self) -> str:
        """The set as JSON Lines."""
        return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in self.rows)


def draft(document: Path, questions: int = 24) -> Draft:
    """Skeletons of up to `questions` questions about a file; fewer where it says too little."""
    if questions < 1:
        raise InputError(f"{questions} questions cannot be drafted; expected 1 or more.")
    opened = _open(document)
    seen = _read(opened)
    apart = questions // UNANSWERABLE
    offers = [offer for one in seen for offer in _offers(one)]
    chosen = _choose(offers, questions - apart, seen)
    if not chosen:
        raise InputError(
            f"{document} holds no sentence to ask about; expected prose of some length. Give a "
            "document in Korean or English sentences."
        )
    apart = min(apart, max(1, len(chosen) // (UNANSWERABLE - 1))) if apart else 0
    asked = {offer.seen.passage.position for offer in chosen}
    paragraphs: dict[int, list[_Seen]] = {}
    for one in seen:
        paragraphs.setdefault(one.passage.paragraph, []).append(one)
    gaps = [
        # Better about a sentence that no other question is about, where there is one.
        replace(gap, score=gap.score - 2 * (one.passage.position in asked))
        for one in seen
        for gap in _gaps(one, paragraphs[one.passage.paragraph])
    ]
    rows = _rows(opened, chosen) + _rows(opened, _choose(gaps, apart, seen))
    width = max(3, len(str(len(rows))))
    return Draft(
        opened.id,
        tuple({"id": f"{opened.id}-{n:0{width}d}", **row} for n, row in enumerate(rows, start=1)),
    )


def _open(path: Path) -> Document:
    """One file with the sidecar that stands beside it, if any."""
    if path.suffix.lower() not in SUFFIXES or not path.is_file():
        raise InputError(
            f"{path} is not a document; expected a file that ends in {' or '.join(SUFFIXES)}."
        )
    for beside in sorted(path.parent.glob("*.yaml")):
        try:
            said = yaml.safe_load(read_text(beside))
            if isinstance(said, dict) and said.get("file") == path.name:
                return load_document(path, Sidecar.model_validate(said))
        except (yaml.YAMLError, ValueError) as error:  # pydantic's error is a ValueError
            raise InputError(f"{beside} is not a sidecar ({error}); correct it.") from error
    return load_document(path, Sidecar(file=path.name))


# --- reading what each sentence offers ----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Fact:
    """A proposed nugget: as the document says it, and as the other language certainly does."""

    text: str
    other: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Seen:
    """A passage with what stands in it."""

    passage: Passage
    stance: Stance
    quantities: tuple[Quantity, ...]
    names: tuple[_Fact, ...]
    items: tuple[str, ...]
    worth: float  # how well it stands on its own


@dataclass(frozen=True, slots=True)
class _Offer:
    """A question that could be asked about a passage: what to ask and why, in both languages."""

    seen: _Seen
    kind: SampleKind
    sort: str  # offers of different sorts take turns
    score: float
    ask: Both
    why: Both
    facts: tuple[_Fact, ...] = ()


def _read(document: Document) -> list[_Seen]:
    from eval.baselines.texts import passages_of

    passages = [p for p in passages_of(document) if p.kind != "row"]
    tokens = load_morphology(()).tokens_of([p.quote for p in passages])
    times = Counter(p.quote for p in passages)
    named = [_names(p, t) for p, t in zip(passages, tokens, strict=True)]
    last = {fact.text.split()[-1] for facts in named for fact in facts}
    common = {word: sum(word in p.quote for p in passages) for word in last}
    seen = []
    for passage, words, names in zip(passages, tokens, named, strict=True):
        seen.append(
            _Seen(
                passage,
                stance(passage.quote, document.lang),
                tuple(q for q in find(passage.quote) if not q.weak),
                tuple(fact for fact in names if common[fact.text.split()[-1]] <= COMMON),
                _items(passage.quote, words, document.lang),
                _worth(passage, times[passage.quote]),
            )
        )
    return seen


_CLOSED = re.compile(r"[.。!…][\"'”’」』)\]]*$")
# It leans on the sentence before: nobody could ask about it, or quote it, alone.
_LEANS: Mapping[Lang, re.Pattern[str]] = {
    "ko": re.compile(
        r"^(?:(?:이|그|저|여기|같은|해당|당시|전자|후자|둘|두|세|나머지|실제로)(?= )|"
        r"[이그](?:는|를|에|로|들|것|런|러한|같은|어|녀|중)(?= |[가-힣]{0,3} )|이(?:후|때)|"
        r"[은는을를의에로과와] |첫째|둘째|셋째|넷째|다섯째|(?:첫|두|세|네|다섯) ?번째)"
    ),
    "en": re.compile(
        r"^.{0,25}\bof (?:them|these|those)\b|"
        r"^(?:(?:and|but|so|yet),? )?(?:it|its|they|their|this|that|these|those|he|his|she|her|"
        r"such|both|here|there|instead|another|first|second|third|fourth|fifth|of (?:that|these|"
        r"those|which)|the (?:first|second|third|fourth|former|latter|rest|other|same|least|most|"
        r"study|authors?|figures?)|in practice|without them|until then|at the same time)\b",
        re.IGNORECASE,
    ),
}
_JOINED: Mapping[Lang, re.Pattern[str]] = {  # a lesser fault: it only begins by joining on
    "ko": re.compile(
        r"^(?:그러나|하지만|다만|또한?|특히|따라서|한편|반면|반대로|결국|아울러|그리고|나아가|"
        r"무엇보다|대신)(?= |,)"
    ),
    "en": re.compile(
        r"^(?:but|and|so|however|yet|also|by contrast|in addition|moreover|meanwhile|finally|"
        r"therefore|for this reason)\b",
        re.IGNORECASE,
    ),
}


def _worth(passage: Passage, times: int) -> float:
    """How well a passage stands on its own; below 0, not at all."""
    quote = passage.quote
    if passage.kind == "cell":
        return 1.0 if passage.labels and times == 1 and len(quote) >= 8 else -1.0
    shortest, longest = LENGTHS[passage.lang]
    pairs = all(quote.count(a) == quote.count(b) for a, b in ("()", "[]", "“”", "‘’", "「」"))
    if times > 1 or not shortest <= len(quote) <= 2 * longest or not pairs:
        return -1.0
    if not _CLOSED.search(quote) or quote.count('"') % 2:
        return -1.0
    if passage.lang == "ko" and quote.count("'") % 2:  # in English it may be an apostrophe
        return -1.0
    if _LEANS[passage.lang].match(quote):
        return -1.0
    return 2.0 - 0.4 * bool(_JOINED[passage.lang].match(quote)) - (len(quote) > longest)


_SURNAMES = (
    "김이박최정강조윤장임한오서신권황안송류유전홍고문양손배백허남심노하곽성차주우구민진지엄채원"
    "천방공현함변염여추도소석선설마길연위표명기반왕금옥육인맹제모탁국은편용예경봉사부"
)
_OFFICES = (
    "장관|차관|총리|대통령|대표|교수|박사|의원|위원|연구원|학자|총재|대사|대변인|책임자|저자|장|이사|"
    "조정관|감독관|대장|중장|소장|대령|중령|소령"
)
_KOREAN_NAMES = (
    re.compile(rf"(?:{_OFFICES}) ([{_SURNAMES}][가-힣]{{2}})(?=은|는|이|가|의|,|와|과|에| |$)"),
    re.compile(
        rf"(?<![가-힣])([{_SURNAMES}][가-힣]{{2}}) "
        rf"(?=[가-힣]{{0,6}}(?:{_OFFICES})(?:은|는|이|가|의|,|도|과|와))"
    ),
)
_ENGLISH_NAME = re.compile(
    r"\b(?i:president|minister|secretary|governor|mayor|senator|councillor|judge|captain|general|"
    r"admiral|colonel|ambassador|inspector|professor|dr|director|executive|chair|chairman|"
    r"chairwoman|head|economist|negotiator|engineer|architect|commissioner|auditor|adviser|"
    r"mediator|spokes\w+|leader|evaluator|author is|will be|(?:led|chaired|written|headed) by)"
    r"(?: (?:of|for) [\w ]{3,30})?,? "
    r"([A-Z][a-zà-ÿ'’-]+(?: (?:van|de|von|al|bin|[A-Z]\.))* [A-Z][\wà-ÿ'’-]+)\b(?! [A-Z])"
)
_BODY = re.compile(
    r"(?:Institute|Agency|Fund|Bank|Office|Council|Ministry|Board|Court|Service|Authority|"
    r"Programme|Department|Minister|Governor)$"
)


def _names(passage: Passage, tokens: Sequence[Token]) -> list[_Fact]:
    """People who are named: by their office, and those of the glossary."""
    quote = passage.quote
    found: dict[str, tuple[str, ...]] = {}
    for own, theirs in _people(passage.lang):
        said = [name for name in own if _says(quote, name)]
        if said:
            found[max(said, key=len)] = theirs
    if passage.lang == "en":
        matches = [m[1].removesuffix("'s") for m in _ENGLISH_NAME.finditer(quote)]
        found |= {name: () for name in matches if not _BODY.search(name) and name not in found}
    else:
        kinds = {t.char_start: (t.kind, t.char_end - t.char_start) for t in tokens}
        for number, pattern in enumerate(_KOREAN_NAMES):
            for match in pattern.finditer(quote):
                kind, length = kinds.get(match.start(1), ("other", 0))
                if kind == "name" or (number == 0 and kind == "noun" and length == 3):
                    found.setdefault(match[1], ())
    edition = passage.quote_translation
    if edition is None:
        return [_Fact(own, theirs[:1]) for own, theirs in found.items()]
    return [
        _Fact(own, tuple(sorted((w for w in theirs if _says(edition, w)), key=len)[-1:]))
        for own, theirs in found.items()
    ]


_ROLE = re.compile(r"^[a-z]|Minister|Secretary|President|Chief|Leader|General|Officer")


def _says(text: str, name: str) -> bool:
    """Whether a text names somebody; 부시장 does not name 부시."""
    after = r"(?![A-Za-z])(?=[은는이가을를의와과도에로당정행식측]|[^가-힣]|$)"
    return re.search(rf"(?<![가-힣A-Za-z]){re.escape(name)}{after}", text) is not None


@cache
def _people(lang: Lang) -> tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]:
    """The people of the glossary as `lang` writes them, and as the other language does."""
    entries = read_glossary(GLOSSARY)
    people = [e for e in entries if e.type == "person" and not _ROLE.search(e.en)]
    both = [((p.ko, *p.ko_aliases), (p.en, *p.en_aliases)) for p in people]
    return tuple(both if lang == "ko" else ((en, ko) for ko, en in both))


_ENGLISH_LIST = re.compile(
    r"((?:[\w’'-]+ ){0,3}[\w’'-]+(?:, (?:[\w’'-]+ ){0,3}[\w’'-]+)+),? (?:and|or) "
    r"((?:[\w’'-]+ ){0,2}[\w’'-]+)"
)
_NO_ITEM = re.compile(
    r"^(?:where|while|but|although|though|if|when|as|so|and|or|we|he|she|\w+ing|then|not|more|of)\b|"
    r"\b(?:is|are|was|were|has|have|had|will|would|may|can|could|should|that|which|who|it|they|"
    r"because|since|mainly|however|each|times|(?:two|three|four|both|all) \w+|in|on|at|"
    r"to|from|by|with|for|between|after|before|under|over|than|compared|led|about)\b|^\d+$",
    re.IGNORECASE,
)
_LEADING = re.compile(
    r"^.*\b(?:of|for|from|to|in|on|with|by|between|include[sd]?|are|is|namely|as|only|both|the|a|"
    r"an|its|their)\b ",
    re.IGNORECASE,
)
_TRAILING = re.compile(
    r" (?:in|of|for|at|on|to|from|by|with|that|which|and|was|were|is|are|has|have|will|would|may|"
    r"can|must|should|now|also|together)\b"
)
_ARTICLE = re.compile(r"^(?:the|an?) ", re.IGNORECASE)
# What follows the last thing of a Korean list, if it ends there: 방공 레이더의, not 도발적인.
_LISTED = re.compile(r"(?: 등|[을를은는이가의로도]|에 |으로|까지|[.,])")


def _items(quote: str, tokens: Sequence[Token], lang: Lang) -> tuple[str, ...]:
    """The things that a sentence lists side by side, three or more."""
    return _korean_items(quote, tokens) if lang == "ko" else _english_items(quote)


def _english_items(quote: str) -> tuple[str, ...]:
    for match in _ENGLISH_LIST.finditer(quote):
        if quote[match.start() - 1 : match.start()] == ",":  # the rest of 1,926
            continue
        first, *middle = match[1].split(", ")
        items = [_LEADING.sub("", first), *middle, _TRAILING.split(match[2])[0]]
        items = [_ARTICLE.sub("", item) for item in items]
        if all(item[:1].isupper() for item in items[1:]) and items[0][:1].islower():
            items = items[1:]  # three countries, Torvia, Maressa and Kend
        if match.start() == 0 and items[-1][:1].islower():
            items[0] = items[0][:1].lower() + items[0][1:]
        if len({item[:1].isupper() for item in items}) > 1:
            continue  # the director, Ms Brandt, accepted and ordered
        if len(items) in ITEMS and not any(_NO_ITEM.search(i) or len(i) < 3 for i in items):
            return tuple(items)
    return ()


def _korean_items(quote: str, tokens: Sequence[Token]) -> tuple[str, ...]:
    """Runs of nouns with commas between, as many as follow one another."""
    lists: list[list[tuple[int, int]]] = []
    for start, end in _noun_runs(quote, tokens):
        if lists and re.fullmatch(r", ?|·", quote[lists[-1][-1][1] : start]):
            lists[-1].append((start, end))
        else:
            lists.append([(start, end)])
    for spans in lists:
        items = tuple(quote[start:end] for start, end in spans)
        whole = _LISTED.match(quote, spans[-1][1]) and all(len(item) > 1 for item in items)
        if len(items) in ITEMS and whole:
            last = items[-1] if any("의 " in i for i in items[:-1]) else items[-1].split("의 ")[0]
            return (*items[:-1], last)
    return ()


def _noun_runs(quote: str, tokens: Sequence[Token]) -> list[tuple[int, int]]:
    """Spans of neighbouring nouns, names and numbers."""
    runs: list[tuple[int, int]] = []
    for token in tokens:
        if token.kind not in ("noun", "name", "number"):
            continue
        gap = quote[runs[-1][1] : token.char_start] if runs else None
        if gap in ("", " ", "의 ", "%", "% "):
            runs[-1] = (runs[-1][0], token.char_end)
        else:
            start = token.char_start
            while start and (not runs or start > runs[-1][1]) and "가" <= quote[start - 1] <= "힣":
                start -= 1  # to where the word begins: 전차, of which 전 may be no noun
            runs.append((start, token.char_end))
    return runs


# --- what could be asked --------------------------------------------------------------------------

_CUES: Mapping[SampleKind, Mapping[Lang, re.Pattern[str]]] = {
    "definition": {
        "ko": re.compile(
            r"[가-힣’”'](?:(?<!것)이란|(?<![이다])란) .*(?:말한|뜻한|의미한|가리킨|이)다\.$|"
            r"(?:은|는) .*(?:을|를) (?:말한|뜻한|가리킨|일컫는)다|"
            r"(?:이?라고|로) (?:정의|부른|불린)|"
            r"(?:하는|위한) (?:제도|체계|개념|방식)이다"
        ),
        "en": re.compile(
            r"\b(?:is|are) defined as|\brefers? to\b|\bdenotes?\b|\bis (?:called|known as)\b|"
            r"\bthis term\b|(?<!this )(?<!which )\bmeans (?!that|of|\d)|, known as\b",
            re.IGNORECASE,
        ),
    },
    "reason": {
        "ko": re.compile(r"때문|이유|까닭|원인|덕분|탓|데서 (?:발생|비롯)|로 인(?:해|하여)"),
        "en": re.compile(
            r"\bbecause\b|\bowing to\b|(?<!is )(?<!are )(?<!was )\bdue to\b|\breasons?\b|"
            r"\bcaused by\b|\bexplained by\b|, since\b|\bthanks to\b",
            re.IGNORECASE,
        ),
    },
    "comparison": {
        "ko": re.compile(
            r"(?<!무엇)(?<!기)보다(?:는|도)? |에 비(?:해|하여)|반면|(?:와|과)는? 달리|견주어|대비 "
        ),
        "en": re.compile(
            r"\bcompared (?:with|to)\b|(?<!more )(?<!less )(?<!fewer )(?<!rather )(?<!other )"
            r"\bthan\b(?! a (?:third|quarter|half))|\bwhereas\b|\bby contrast\b|\bagainst \d",
            re.IGNORECASE,
        ),
    },
}
_CHANGE: Mapping[Lang, re.Pattern[str]] = {
    "ko": re.compile(r"에서 .*(?:으?로|까지) "),
    "en": re.compile(r"\bfrom .* to\b"),
}
# Not what merely may or can be.
_AHEAD = re.compile(
    r"전망|예상|예측|것이|것으로|가능성|\b(?:will|expect\w*|likely|forecasts?|projected|predict\w*)\b"
)
_RISEN = re.compile(
    r"늘었|늘어났|줄었|줄어들|높아졌|낮아졌|올랐|올라갔|커졌|증가|감소|"
    r"\b(?:rose|fell|grew|dropped|declined|increased|decreased|risen|fallen|grown|doubled|tripled)\b"
)
_TAIL: Both = {
    "ko": " 문장의 표현을 옮기지 말고 독자가 쓸 말로 쓰세요.",
    "en": " Use a reader's words, not the sentence's own.",
}
_ASK: Mapping[str, Both] = {
    "date": {
        "ko": "할 일: 이 문장이 말하는 일이 언제인지 물으세요.",
        "en": "TODO: ask for the date that this sentence gives.",
    },
    "who": {
        "ko": "할 일: 이 문장에 이름이 나오는 사람이 누구인지, 이름을 밝히지 않고 물으세요.",
        "en": "TODO: ask who the person named in this sentence is, without naming them.",
    },
    "list": {
        "ko": "할 일: 이 문장이 늘어놓은 것을 모두 물으세요. 항목은 밝히지 마세요.",
        "en": "TODO: ask for all the things that this sentence lists, without naming any of them.",
    },
    "reason": {
        "ko": "할 일: 이 문장이 까닭을 밝히는 일을 두고 왜 그런지 물으세요. 까닭은 밝히지 마세요.",
        "en": "TODO: ask for the reason that this sentence gives, without giving it away.",
    },
    "definition": {
        "ko": "할 일: 이 문장이 풀이하는 말이 무슨 뜻인지 물으세요. 풀이는 밝히지 마세요.",
        "en": "TODO: ask what the term that this sentence explains means.",
    },
    "forecast": {
        "ko": "할 일: 이 문장이 내다보는 일이 앞으로 어떻게 될지 물으세요.",
        "en": "TODO: ask what is expected of the thing that this sentence looks ahead to.",
    },
    "recommendation": {
        "ko": "할 일: 이 문장이 다루는 문제를 두고 무엇을 해야 한다고 하는지 물으세요.",
        "en": "TODO: ask what should be done about the problem that this sentence addresses.",
    },
    "stance": {
        "ko": "할 일: 이 문장이 옮기는 주장을 누가 했는지 밝히고, 무엇이라고 했는지 물으세요.",
        "en": "TODO: name the party whose view this sentence reports, and ask what they say.",
    },
    "comparison": {
        "ko": "할 일: 이 문장이 견주는 것들이 어떻게 다른지, 무엇과 무엇인지 밝혀 물으세요.",
        "en": "TODO: name the things that this sentence compares, and ask how they differ.",
    },
    "table": {
        "ko": "할 일: 표를 보고 묻듯이, 이 칸에 무엇이 있는지 행과 열의 이름으로 물으세요.",
        "en": "TODO: ask what this cell of the table holds, by its row and its column.",
    },
}
_MEASURED: Mapping[str, Both] = {  # a kind of quantity, or the unit of a count -> what is asked
    "money": {"ko": "금액", "en": "sum of money"},
    "percent": {"ko": "비율", "en": "percentage"},
    "multiple": {"ko": "배수", "en": "multiple"},
    "duration": {"ko": "기간", "en": "length of time"},
    "measure": {"ko": "크기나 양", "en": "measure"},
    "person": {"ko": "사람 수", "en": "number of people"},
    "ship": {"ko": "배의 수", "en": "number of ships"},
    "count": {"ko": "수", "en": "number"},
}
_NTH: Both = {"ko": "첫 두 세 네 다섯 여섯", "en": "first second third fourth fifth sixth"}
_WHY: Mapping[str, Both] = {
    "number": {"ko": "수치", "en": "a figure"},
    "date": {"ko": "날짜", "en": "a date"},
    "who": {"ko": "이름이 나오는 사람", "en": "a named person"},
    "list": {"ko": "나열", "en": "a list"},
    "reason": {"ko": "까닭", "en": "a reason"},
    "definition": {"ko": "용어 풀이", "en": "a definition"},
    "forecast": {"ko": "전망", "en": "a forecast"},
    "recommendation": {"ko": "제안", "en": "a recommendation"},
    "stance": {"ko": "남의 주장", "en": "somebody's claim"},
    "comparison": {"ko": "비교", "en": "a comparison"},
    "table": {"ko": "표의 칸", "en": "a cell of a table"},
}


def _offers(seen: _Seen) -> Iterator[_Offer]:
    """Every question that a passage could answer."""
    if seen.worth < 0:
        return
    if seen.passage.kind == "cell":
        edition = seen.passage.quote_translation
        fact = _Fact(seen.passage.quote, (edition,) if edition else ())
        yield _offer(seen, "table", 0.0, [fact])
        return
    yield from _valued(seen)
    yield from _told(seen)


def _valued(seen: _Seen) -> Iterator[_Offer]:
    """Questions for a number, a date, a name or a list."""
    figures, passage = _figures(seen), seen.passage
    dates = [q for q in seen.quantities if q.kind == "date" and _dated(q)]
    if figures:
        focus = _focus(figures, passage)
        score = 0.5 - 0.25 * len(seen.quantities)
        offer = _offer(seen, "number", score, [_stated(focus, passage)])
        yield replace(offer, ask=_ask_number(focus, seen.quantities))
    if dates:
        score = 1.0 * (_fields(dates[0])[1] is not None) - 0.6 * (len(seen.quantities) - 1)
        yield _offer(seen, "date", score, [_stated(dates[0], passage)])
    if seen.names:
        yield _offer(seen, "who", 1.0 - 0.5 * (len(seen.names) - 1), seen.names[:1])
    if seen.items:
        yield _offer(seen, "list", 1.0, [_item(text, passage) for text in seen.items])


def _told(seen: _Seen) -> Iterator[_Offer]:
    """Questions for what a thing is called, why it is so, how it differs, will be or should be."""
    passage = seen.passage
    wanted, ahead = _figures(seen), seen.stance == "forecast"
    sorts = Counter(_sort(q) for q in wanted)
    alike = [_stated(q, passage) for q in wanted if _sort(q) == sorts.most_common(1)[0][0]]
    for kind, cues in _CUES.items():
        if cues[passage.lang].search(passage.quote):
            shown = alike[:2] if kind == "comparison" else []
            yield _offer(seen, kind, 0.5 + 0.5 * (len(shown) > 1), shown)
    if seen.stance == "attributed":
        yield _offer(seen, "stance", 0.5 + 0.5 * bool(seen.names))
    elif seen.stance != "fact":
        shown = [_stated(_focus(wanted, passage), passage)] if wanted and ahead else []
        mild = ahead and not _AHEAD.search(passage.quote)
        yield _offer(seen, seen.stance, 0.5 + 0.25 * len(shown) - mild, shown)


def _offer(seen: _Seen, kind: SampleKind, score: float, facts: Sequence[_Fact] = ()) -> _Offer:
    ask = {lang: words + _TAIL[lang] for lang, words in _ASK.get(kind, {}).items()}
    return _Offer(seen, kind, kind, seen.worth + score, ask, _WHY[kind], tuple(facts))


def _ask_number(focus: Quantity, quantities: Sequence[Quantity]) -> Both:
    """Which of the quantities is meant, where there are several of a sort."""
    alike = [q for q in quantities if _sort(q) == _sort(focus) and q.kind != "date"]
    ko, en = _MEASURED[_sort(focus)]["ko"], _MEASURED[_sort(focus)]["en"]
    nth = min(alike.index(focus), 5)
    if len(alike) > 1:
        ko += f" {len(alike)}개 가운데 {_NTH['ko'].split()[nth]} 번째 것"
        en = f"{_NTH['en'].split()[nth]} {en} of {len(alike)}"
    particle = "을" if (ord(ko[-1]) - ord("가")) % 28 else "를"
    return {
        "ko": f"할 일: 이 문장에 나오는 {ko}{particle} 물으세요.{_TAIL['ko']}",
        "en": f"TODO: ask for the {en} in this sentence.{_TAIL['en']}",
    }


def _sort(quantity: Quantity) -> str:
    if quantity.unit in ("person", "ship"):
        return quantity.unit
    return quantity.kind if quantity.kind in _MEASURED else "count"


def _figures(seen: _Seen) -> list[Quantity]:
    """The quantities that a question may want: in digits, and more than a bare two or three."""
    return [
        q
        for q in seen.quantities
        if q.kind not in ("ordinal", "date", "time", "name")
        and isinstance(q.value, Fraction)
        and re.search(r"\d", q.text)
        and not re.fullmatch(r"\d0대", q.text)  # 20대 is an age group
        and (not q.text.isdigit() or q.value >= 10)
        and (q.kind != "count" or q.value > 1)  # 1인당
    ]


def _focus(figures: Sequence[Quantity], passage: Passage) -> Quantity:
    """The first figure, or the last of a change from one to another."""
    figures = [q for q in figures if q.unit != "age"] or figures  # 65세 이상 is who, not how much
    changes = len(figures) > 1 and _CHANGE[passage.lang].search(passage.quote)
    return figures[-1] if changes else figures[0]


def _fields(q: Quantity) -> tuple[int | None, ...]:
    return (None, None, None) if isinstance(q.value, Fraction) else q.value


def _dated(q: Quantity) -> bool:
    year, month, day = _fields(q)
    return q.unit != "decade" and (year is not None or (month is not None and day is not None))


# --- proposing nuggets ----------------------------------------------------------------------------

_MONTHS = (
    "January February March April May June July August September October November December".split()
)
_CURRENCIES = {"krw": "원", "usd": "달러", "eur": "유로"}
_COINS = {"krw": "won", "usd": "dollars", "eur": "euros"}
_SPANS = {"minute": "분", "hour": "시간", "day": "일", "week": "주", "month": "개월", "year": "년"}


def _stated(q: Quantity, passage: Passage) -> _Fact:
    """A quantity as the passage states it, and as the other language does where that is certain.

    A bare 540 takes the word after it along: the digits alone stand in too many answers.
    """
    text, edition = q.text, passage.quote_translation
    if text.isdigit() and q.kind != "date":
        rest = passage.quote[q.char_end :]
        after = re.match(r"[가-힣]{1,2}(?=에서|으로|로|이|을|를|의|[ .])| [a-z-]{3,}s\b", rest)
        text += after[0] if after else ""
    if edition:
        said = [other.text for other in find(edition) if not other.weak and same(q, other)]
        return _Fact(text, tuple(said[:1]))
    written = _in_english(q) if passage.lang == "ko" else _in_korean(q)
    return _Fact(text, tuple(w for w in written if any(same(q, other) for other in find(w))))


def _item(text: str, passage: Passage) -> _Fact:
    """A thing of a list; NATO is NATO in either language."""
    alike = re.fullmatch(r"[A-Z][A-Za-z0-9-]+", text) and text in (passage.quote_translation or "")
    return _Fact(text, (text,) if alike else ())


def _in_english(q: Quantity) -> list[str]:
    if isinstance(q.value, Fraction):
        return _figure_in_english(q, q.value)
    year, month, day = _fields(q)
    if q.kind != "date" or not (month or year):
        return []
    name = _MONTHS[month - 1] if month else ""
    if not day:
        return [f"{name} {year or ''}".strip()]
    return [f"{day} {name} {year or ''}".strip(), f"{name} {day}" + (f", {year}" if year else "")]


def _figure_in_english(q: Quantity, value: Fraction) -> list[str]:
    if q.kind == "percent" and q.unit == "%":
        return [f"{_decimal(value)}{sign}" for sign in ("%", " per cent", " percent")]
    if q.kind == "money" and q.unit in _CURRENCIES:
        scales = ((10**12, "trillion"), (10**9, "billion"), (10**6, "million"))
        said = (f"{_decimal(value / scale)} {word}" for scale, word in scales if value >= scale)
        return [next(said, f"{_decimal(value)} {_COINS[q.unit]}")]
    if q.kind == "duration" and q.unit in _SPANS and value > 1:
        return [f"{_decimal(value)} {q.unit}s"]
    whole = q.kind == "count" and value.denominator == 1 and value >= 10
    return [f"{int(value):,}"] if whole else []


def _in_korean(q: Quantity) -> list[str]:
    if isinstance(q.value, Fraction):
        return _figure_in_korean(q, q.value)
    parts = zip(_fields(q), "년월일", strict=True)
    said = " ".join(f"{number}{unit}" for number, unit in parts if number)
    return [said] if q.kind == "date" and said else []


def _figure_in_korean(q: Quantity, value: Fraction) -> list[str]:
    if q.kind == "percent" and q.unit == "%":
        return [f"{_decimal(value)}%", f"{_decimal(value)}퍼센트"]
    if q.kind == "duration" and q.unit in _SPANS:
        return [f"{_decimal(value)}{_SPANS[q.unit]}"]
    unit = _CURRENCIES.get(q.unit) if q.kind == "money" else ""
    if unit is None or q.kind not in ("money", "count"):
        return []
    for scale, word in ((10**12, "조"), (10**8, "억"), (10**4, "만")):
        if value >= scale:
            return [f"{int(value / scale):,}{word} {unit}".strip()] if not value % scale else []
    return [f"{int(value):,}{unit}"] if value.denominator == 1 and value >= 10 else []


def _decimal(value: Fraction) -> str:
    return f"{float(value):,.4f}".rstrip("0").rstrip(".")


# --- questions that the document does not answer --------------------------------------------------

_UNTOLD: Mapping[str, Both] = {
    "cost": {"ko": "비용이 얼마나 드는지", "en": "what it costs"},
    "date": {"ko": "정확히 언제인지", "en": "when exactly it is to be"},
    "reason": {"ko": "왜 그렇게 되었는지", "en": "why it came to that"},
    "chance": {"ko": "그렇게 될 확률이 몇 퍼센트인지", "en": "how likely it is, in per cent"},
    "who": {"ko": "책임자가 누구인지", "en": "who by name is in charge of it"},
    "reply": {"ko": "반대편은 무엇이라고 답했는지", "en": "what the other side replied"},
    "person": {"ko": "그 사람이 몇 살인지", "en": "how old that person is"},
    "method": {"ko": "그 수치를 어떻게 조사했는지", "en": "how the figure was arrived at"},
    "origin": {"ko": "그 말을 누가 처음 썼는지", "en": "who coined the term"},
}
_SURVEY = re.compile(
    r"설문|조사|면담|추산|추정|표본|survey|interview|estimat|sample|poll", re.IGNORECASE
)


def _gaps(seen: _Seen, paragraph: Sequence[_Seen]) -> Iterator[_Offer]:
    """What a reader might ask next about a passage, and its paragraph does not say."""
    if seen.worth < 0 or seen.passage.kind == "cell":
        return
    quote, lang = seen.passage.quote, seen.passage.lang
    text = " ".join(other.passage.quote for other in paragraph)
    kinds = {q.kind for other in paragraph for q in other.quantities}
    advised, foretold = seen.stance == "recommendation", seen.stance == "forecast"
    figures = _figures(seen)
    untold: Mapping[str, bool] = {
        "cost": advised and "money" not in kinds,
        "date": (advised or foretold) and "date" not in kinds,
        "reason": bool(figures and _RISEN.search(quote)) and not _CUES["reason"][lang].search(text),
        "chance": foretold and "percent" not in kinds,
        "who": advised and not any(other.names for other in paragraph),
        "reply": seen.stance == "attributed",
        "person": bool(seen.names),
        "method": seen.stance == "fact" and len(figures) == 1 and not _SURVEY.search(text),
        "origin": bool(_CUES["definition"][lang].search(quote)),
    }
    for sort, words in _UNTOLD.items():
        if untold[sort]:
            ask: Both = {
                "ko": "할 일: 메모에 적힌 문장과 가깝지만 문서에 답이 없는 것을 물으세요. 예: "
                f"{words['ko']}. 문서 어디에도 답이 없는지 확인하세요.",
                "en": "TODO: ask something close to the sentence in the note that the document "
                f"does not answer, such as {words['en']}. Make sure that no other sentence does.",
            }
            why: Both = {
                "ko": f"near: 나오지 않음({words['ko']})",
                "en": f"near: not said ({words['en']})",
            }
            yield _Offer(seen, "unanswerable", sort, seen.worth, ask, why)


# --- choosing and writing -------------------------------------------------------------------------

_PICK: Both = {  # a fact that only a person can pick out of the sentence
    "ko": "할 일: 답에 꼭 나와야 할 말을 문장에서 골라 쓰세요.",
    "en": "TODO: the words of the sentence that an answer must contain.",
}
_AGAIN: Both = {  # the same in the other language
    "ko": "할 일: 한국어로 쓰면({}). 필요 없으면 지우세요.",
    "en": "TODO: the same in English ({}); delete this if it is not wanted.",
}


def _choose(offers: Sequence[_Offer], wanted: int, seen: Sequence[_Seen]) -> list[_Offer]:
    """Offers of every sort in turn, the rarest first, each time the best that is not crowded."""
    by_sort: dict[str, list[_Offer]] = {}
    for offer in offers:
        by_sort.setdefault(offer.sort, []).append(offer)
    sorts = sorted(by_sort, key=lambda sort: (len(by_sort[sort]), sort))
    sizes = Counter(one.passage.section_id for one in seen)
    chosen: list[_Offer] = []

    def value(offer: _Offer) -> tuple[float, int]:
        passage = offer.seen.passage
        taken = sum(o.seen.passage.section_id == passage.section_id for o in chosen)
        crowd = taken / max(wanted * sizes[passage.section_id] / len(seen), 0.5)
        near = any(abs(o.seen.passage.position - passage.position) < NEAR for o in chosen)
        return offer.score - crowd - 0.5 * near, -passage.position

    while len(chosen) < wanted:
        before = len(chosen)
        for sort in sorts:
            taken = {offer.seen.passage.position for offer in chosen}
            free = [o for o in by_sort[sort] if o.seen.passage.position not in taken]
            if free and len(chosen) < wanted:
                chosen.append(max(free, key=value))
        if len(chosen) == before:
            break
        if before == 0:
            sorts.reverse()  # once each has one, the frequent ones may have more
    return chosen


def _rows(document: Document, chosen: Sequence[_Offer]) -> list[dict[str, Any]]:
    """The lines in reading order, with halves and languages dealt out within each kind."""
    by_kind = sorted(chosen, key=lambda o: (KINDS.index(o.kind), o.seen.passage.position))
    turns = {id(offer): TURNS[n % len(TURNS)] for n, offer in enumerate(by_kind)}
    order = sorted(chosen, key=lambda o: o.seen.passage.position)
    return [_row(document, offer, *turns[id(offer)]) for offer in order]


def _row(document: Document, offer: _Offer, half: str, lang: Lang) -> dict[str, Any]:
    quote = offer.seen.passage.quote
    row: dict[str, Any] = {"half": half, "document": document.id, "lang": lang, "kind": offer.kind}
    row |= {"question": offer.ask[lang], "history": [], "quotes": [], "nuggets": []}
    if offer.kind != "unanswerable":
        row["quotes"] = [[quote]]
        row["stances"] = {quote: [offer.seen.stance]}
        facts = offer.facts or (_Fact(""),)
        row["nuggets"] = [_nugget(fact, document.lang, lang) for fact in facts]
    return {**row, "note": _note(offer, lang)}


def _nugget(fact: _Fact, own: Lang, asked: Lang) -> dict[str, Any]:
    """A nugget with what is certain; the language of the question needs a wording in any case."""
    wordings: dict[Lang, list[str]] = {"ko": [], "en": []}
    other: Lang = "en" if own == "ko" else "ko"
    wordings[own] = [fact.text or _PICK[own]]
    wordings[other] = [*fact.other]
    if asked == other and not fact.other:
        wordings[other] = [_AGAIN[other].format(fact.text or "…")]
    both = {"ko": wordings["ko"], "en": wordings["en"]}
    return {"text": fact.text or _PICK[asked], "vital": True, **both}


def _note(offer: _Offer, lang: Lang) -> str:
    """Why the sentence was chosen and where it stands; the sentence itself if no quote has it."""
    passage = offer.seen.passage
    name = passage.id.removeprefix(f"{passage.document_id}:")
    page = f"{passage.page}쪽" if lang == "ko" else f"p. {passage.page}"
    section = passage.section_titles.get(lang) or next(iter(passage.section_titles.values()))
    note = "; ".join((offer.why[lang], f"{name}, {page}", section, *passage.labels))
    return note if offer.kind != "unanswerable" else f"{note}; “{passage.quote}”"
