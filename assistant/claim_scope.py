"""How far a claim reaches: some for all, only, a condition set aside.

Each compares a class of marks in the claim with those of the passages. Not covered: scope that
follows from word order alone.
"""

from collections.abc import Iterator

from assistant.claim_marks import ALL, ONLY, marks
from assistant.claim_numbers import Finding
from assistant.claim_pair import Pair
from assistant.claim_places import holds
from assistant.claim_words import Text
from assistant.patterns import any_of

# Whatever the circumstances are.
_ANYWAY = marks(
    ko=any_of(
        "[가-힣]든 (?:말든|아니든|없든)|않더라도|없더라도|어떤 (?:경우|상황|일)",
        "관계없|끝까지|무조건|반드시 모|상관없|언제든|여부와|영구|예외 ?없이|제한 ?없이",
    ),
    en=any_of(
        "even if [^,.]{0,40}(?:not|no )|even without|whether or not|with or without",
        "at any (?:hour|time)|forever|however (?:long|much|many)|in any case|in every case",
        "no matter|permanently|regardless|unconditional(?:ly)?|under (?:any|all) circumstances",
        "whatever (?:the|their|its|his|her)|without (?:exception|limit|condition)",
    ),
)
# Looser than ALL and ONLY, for passages: these excuse a claim that says so.
_WHOLE = marks(
    ko=any_of(
        "각 |관계없|끝까지|누구|늘 |마다|매 |모두|모든|무조건|반드시|빠짐없이|상관없|아무|어떤",
        "언제나|영구|예외|온 |완료|완전|일체|전 (?=[가-힣])|전량|전면|전부|전원|전적|전체|절대",
        "제한 ?없|총 |최초|항상|해소",
    ),
    en=any_of(
        r"all|always|any|both|clear(?:ed)?|complete(?!d)\w*|each|entire\w*|every\w*|full\w*|never",
        r"regardless|throughout|total\w*|whatever|whole|wholly",
    ),
)
_SOLE = marks(
    ko=any_of(
        "만(?=[ 이을은의으,])",
        "겨우|그쳤|그치|그친|단 |단독|단지|많아야|머무|머물|밖에|불과|뿐|오직|외에|유일|전용|제외",
        "한하|한해",
    ),
    en=any_of(
        r"alone|at most|except|exclud\w*|exclusiv\w*|just|merely|no more than|nothing but|only",
        r"purely|single|sole\w*",
    ),
)
# A condition, and less than all.
_IF = marks(
    ko=any_of(
        "[가-힣]면[ ,]|[는을]지에 따라",
        "가정|경우|때에만|않는 한|전제|조건|하는 한|한하|한해",
    ),
    en=any_of(
        r"as long as|assum\w+|depend\w*|if|in case|in the event|once|on condition|only when",
        "provided|should (?:the|a|it|they)|unless|until|were to|when|where|whether|without",
    ),
)
_SOME = marks(
    ko="일부|몇몇|몇 |다수|대부분|대다수|상당수|주로|절반|태반|대개|거의|과반|부분적",
    en=any_of(
        "a few|almost|a number of|chiefly|half|largely|mainly|majority|many|most|mostly|nearly",
        "often|part(?:ly|ial|ially)?|predominantly|primarily|several|some",
    ),
)


def scopes(pair: Pair) -> Iterator[Finding]:
    """All of them."""
    yield from _widened(pair)
    yield from _narrowed(pair)
    yield from _quantified(pair)
    yield from _conditions(pair)


def _widened(pair: Pair) -> Iterator[Finding]:
    """All, always, whatever happens: only in the claim."""
    if (added := pair.added(ALL, _WHOLE)) is not None:
        yield "all", 1, added
    all_here = any(holds(ALL, text) for text in pair.readings)
    if not all_here and (added := pair.added(_ANYWAY, _ANYWAY)) is not None:
        yield "all", 1, added


def _narrowed(pair: Pair) -> Iterator[Finding]:
    """Only, in the claim alone."""
    only = ONLY[pair.claim.lang].search(pair.claim.text)
    meant = only and (only[0] != "만" or _is_particle(pair.claim, only.start()))
    if only and meant and not any(holds(_SOLE, text) for text in pair.readings):
        yield "only", 1, only[0]


def _is_particle(text: Text, at: int) -> bool:
    """Whether a word ends here, so that 만 is no part of 항만."""
    return any(t.char_end == at and t.kind != "number" for t in text.tokens)


def _quantified(pair: Pair) -> Iterator[Finding]:
    """The passages say some or most, the claim all; or the other way round."""
    claim, own = pair.claim, pair.own
    some, every = (any(holds(words, text) for text in own) for words in (_SOME, ALL))
    found = ALL[claim.lang].search(claim.text)
    part = _SOME[claim.lang].search(claim.text)
    if found and some and not every and not part:
        yield "some_all", 1.0, found[0]
    if part and every and not some:
        yield "all_some", 1.0, part[0]


def _conditions(pair: Pair) -> Iterator[Finding]:
    """A condition of the passages that the claim sets aside."""
    anyway = _ANYWAY[pair.claim.lang].search(pair.claim.text)
    held = any(holds(_ANYWAY, text) for text in pair.own)
    if anyway and not held and any(holds(_IF, text) for text in pair.own):
        yield "anyway", 1.0, anyway[0]
