"""What each sentence of a document offers to ask about: quantities, names, lists, its stance.

Each sentence is weighed by how well it stands on its own, since a reader of the question, and of
the quote that answers it, sees no other. Patterns over Korean and English words, and Korean
morphology. Not covered: what leans on an earlier sentence in ways that no word shows.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from assistant.stance import stance
from assistant.types import Stance
from index.lexicon import GLOSSARY, read_glossary
from index.morphology import Token, load_morphology
from index.numbers import Quantity, find
from index.types import Document, Lang, Passage

LENGTHS: Mapping[Lang, tuple[int, int]] = {"ko": (22, 150), "en": (45, 260)}  # characters
COMMON = 3  # passages; a name in more of them is no answer to "who"
ITEMS = range(3, 8)  # things that make a list


@dataclass(frozen=True, slots=True)
class Fact:
    """A proposed nugget: as the document says it, and as the other language certainly does."""

    text: str
    other: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Seen:
    """A passage with what stands in it."""

    passage: Passage
    stance: Stance
    quantities: tuple[Quantity, ...]
    names: tuple[Fact, ...]
    items: tuple[str, ...]
    worth: float  # how well it stands on its own


def read_sentences(document: Document) -> list[Seen]:
    """Every passage of a document but the rows of its tables, with what stands in it."""
    from eval.texts import passages_of

    passages = [p for p in passages_of(document) if p.kind != "row"]
    tokens = load_morphology(()).tokens_of([p.quote for p in passages])
    times = Counter(p.quote for p in passages)
    named = [_names(p, t) for p, t in zip(passages, tokens, strict=True)]
    last = {fact.text.split()[-1] for facts in named for fact in facts}
    common = {word: sum(word in p.quote for p in passages) for word in last}
    seen = []
    for passage, words, names in zip(passages, tokens, named, strict=True):
        seen.append(
            Seen(
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


def _names(passage: Passage, tokens: Sequence[Token]) -> list[Fact]:
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
        return [Fact(own, theirs[:1]) for own, theirs in found.items()]
    return [
        Fact(own, tuple(sorted((w for w in theirs if _says(edition, w)), key=len)[-1:]))
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
