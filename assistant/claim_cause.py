"""What a claim says came of what: cause and effect swapped, or a cause that the passages have not.

A causal word divides its sentence into the side of the cause and that of the effect. The sides of
the claim are compared with those of the passages by the words that answer to each other. Not
covered: causes without a causal word, chains of causes.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from assistant import claim_words as cw
from assistant.claim_marks import marks
from assistant.claim_numbers import Finding
from assistant.claim_pair import HELD, PAIRED, Pair
from assistant.claim_places import sentences
from assistant.patterns import any_of, whole

# Plain marks: what follows the first is the cause, what stands before the second; Korean has no
# mark of the first kind that is plain.
_AFTER = marks(
    ko="(?!)",
    en=any_of(
        "because(?: of)?|due to|owing to|since|thanks to|on the grounds? that",
        "as a result of|result(?:s|ed)? from|stem(?:s|med)? from",
        "(?:arose|arises?|comes?) (?:less )?from",
    ),
)
_BEFORE = marks(
    ko=any_of(
        "때문|탓|(?:으로|로) 인[해하한]|덕분|므로|기에 |달려|낳[는은았]|부른다|초래",
        "[가-힣]아서 |[가-힣]어서 ",
    ),
    en=any_of(
        "led to|leads? to|resulted in|results in|caus(?:es|ed)|brought about",
        "therefore|consequently",
    ),
)
# All marks that divide a clause, by the side that the cause stands on.
_KO_LEFT = re.compile(  # cause, mark, effect
    any_of(
        "때문에|탓에|탓으로|덕분에|덕에|덕택에|(?:으로|로) 인[해하한]|(?:으로|로) 말미암",
        "(?<=[가-힣])므로|기에(?= )|영향으로|여파로|힘입[어은]|계기로|(?:을|를) 이유로",
        "결과(?:로|,| )",
        "이어졌|이어진|이어지|[이가을를] 낳|[을를] 초래|[을를] 부르|[을를] 불러|[을를] 유발",
        "[을를] 야기|[을를] 이끌|원인이 (?:됐|되|된)|원인으로 (?:작용|꼽)",
        # endings and particles of a cause, or of what merely comes first
        "[자어아해여]서(?= )|[으]?니(?= )|만큼(?= )|(?<=[가-힣])자(?= )|바람에|끝에|에 따라",
        "면서(?=[ ,])|며(?=[ ,])",
    )
)
_KO_RIGHT = re.compile(  # effect, mark, cause; closed by one of the next
    "(?:까닭|이유|원인|배경|요인)(?:은|는|으로는|에는|으로|이|을|를)|것은|데는|데에는|데 대해"
)
_KO_CLOSE = re.compile("때문|탓|덕|데 있|데서 비롯|에서 비롯|에 있다|꼽|들었|지목|작용|결과|원인")
_KO_AFTER = re.compile("(?:이는|그것은|이것은) |(?<=[.] )이는")
_KO_DUE = re.compile("(?:때문|탓)이[다었]")
_EN_LEFT = re.compile(
    whole(
        "led to|leads? to|leading to|result(?:s|ed|ing)? in|caus(?:es|ed|ing)|brought about",
        "prompt(?:s|ed|ing)?|trigger(?:s|ed|ing)?|drove|drives|forc(?:es|ed|ing)|made|makes",
        "explains?|accounts? for|accounted for|therefore|consequently|as a result,?|hence|so that",
        "which is why|that is why|is why|is the reason|was the reason|are the reason|produced",
        "spurr?ed|set off|fuel(?:s|led)|(?<=,) so|cost",
    ),
    re.IGNORECASE,
)
_EN_RIGHT = re.compile(
    whole(
        "because(?: of)?|due to|owing to|thanks to|since|as a result of|on account of|in view of",
        "result(?:s|ed|ing)? (?:directly )?from|stem(?:s|med|ming)? from|arose from|arises? from",
        "c[ao]mes? from|caused by|driven by|prompted by|triggered by|explained by",
        r"attribut\w+ [^.;]{0,60}?to|put(?:s)? [^.;]{0,60}?down to|blam\w+",
        "on the grounds? (?:that|of)|the reason (?:is|was|being)|down to|following|after",
        "given(?: that)?|cause of [^.;]{0,40}? (?:is|was)",
        "reason (?:for|why) [^.;]{0,60}? (?:is|was)|by|forced by|reflect(?:s|ed)|linked to",
        "links? [^.;]{0,40}? to|as",
    ),
    re.IGNORECASE,
)
# What of these says so beyond doubt.
_STRONG_EN = re.compile(
    any_of(
        "account|ar[io]se|attribut|because|behind|blam|brought|caus|consequen|down to|driven",
        "drove|due to|explain|forc|ground|leads? to|led to|owing|prompt|reason|reflect|result",
        "spur|stem|thanks|therefore|trigger|why",
    ),
    re.IGNORECASE,
)
_STRONG_KO = re.compile(
    any_of(
        "결과|계기|까닭|낳|덕|때문|므로|배경|비롯|야기|여파|영향|요인|원인|유발|이끌|이유",
        "인[해하한]|초래|탓|힘입",
    )
)


@dataclass(frozen=True, slots=True)
class Cause:
    """The words of a cause and of its effect, and whether the mark says so beyond doubt."""

    cause: tuple[int, ...]
    effect: tuple[int, ...]
    strong: bool
    mark: str


def causes(pair: Pair) -> Iterator[Finding]:
    """All of them."""
    yield from _new(pair)
    yield from _compared(pair)


def _new(pair: Pair) -> Iterator[Finding]:
    """How much of the cause, told from the effect by the plainest marks, the passages lack."""
    if cause := _cause(pair.claim):
        lack = pair.weight * (pair.cover < HELD)
        share = lack[cause].sum() / (pair.weight[cause].sum() + 0.5)
        yield "cause_new", share, pair.stretch(cause[0], cause[-1] + 1)


def _cause(text: cw.Text) -> list[int]:
    """The words of the cause, where a causal word divides the text; else none."""
    after = _AFTER[text.lang].search(text.text)
    found = after or _BEFORE[text.lang].search(text.text)
    if not found:
        return []
    left = [i for i, t in enumerate(text.tokens) if t.char_end <= found.start() + 1]
    right = [i for i, t in enumerate(text.tokens) if t.char_start >= found.end() - 1]
    if after and not left:  # Because of X, Y
        comma = text.text.find(", ")
        return [i for i in right if text.tokens[i].char_start < comma]
    return right if after else left


def _compared(pair: Pair) -> Iterator[Finding]:
    """Swapped sides, a cause that is no cause there, and one that is not there at all."""
    theirs = [(n, c) for n, text in enumerate(pair.own) for c in divided(text)]
    for mine in divided(pair.claim):
        if not mine.strong:
            continue
        if _swapped(pair, mine, theirs) >= 0.4:
            yield "cause_swapped", 1.0, mine.mark
        lack = _lack(pair, mine.cause)
        if lack > 0.34:
            yield "cause_lacks", lack, mine.mark


def _swapped(pair: Pair, mine: Cause, theirs: Sequence[tuple[int, Cause]]) -> float:
    """How much of each side of the claim stands on the other side, 0 where one stands right."""
    swapped = 0.0
    for n, other in theirs:
        right = _both(pair, n, mine.cause, other.cause), _both(pair, n, mine.effect, other.effect)
        if max(right) >= 0.5:
            return 0.0
        wrong = _both(pair, n, mine.cause, other.effect), _both(pair, n, mine.effect, other.cause)
        swapped = max(swapped, min(wrong))
    return swapped


def _lack(pair: Pair, words: tuple[int, ...]) -> float:
    total = sum(float(pair.weight[i]) for i in words)
    lost = sum(float(pair.weight[i]) for i in words if pair.cover[i] < HELD)
    return lost / (total + 0.3) if words else 0.0


def _both(pair: Pair, n: int, mine: tuple[int, ...], theirs: tuple[int, ...]) -> float:
    """How much of one side of the claim answers to one side there, by weight."""
    total = got = 0.0
    match = pair.match[n]
    if not mine or not theirs or not match.shape[1]:
        return 0.0
    held = set(theirs)
    for i in mine:
        if pair.claim.terms[i] in cw.light() or pair.numbers[i]:
            continue
        value = float(match[i].max())
        if value < PAIRED:
            continue
        total += float(pair.weight[i])
        here = max((float(match[i, j]) for j in held), default=0.0)
        got += float(pair.weight[i]) * (here >= value - 0.05)
    return got / total if total else 0.0


def divided(text: cw.Text) -> list[Cause]:
    """The causes of a text, sentence by sentence."""
    found = []
    before: list[int] = []
    for begin, end in sentences(text):
        inside = [i for i, t in enumerate(text.tokens) if begin <= t.char_start < end]
        one = (
            _korean(text, begin, end, inside, before)
            if text.lang == "ko"
            else _english(text, begin, end, inside)
        )
        found += one
        before = inside
    return found


def _korean(
    text: cw.Text, begin: int, end: int, inside: list[int], before: list[int]
) -> list[Cause]:
    sentence = text.text[begin:end]
    close = list(_KO_CLOSE.finditer(sentence))
    if close and len(sentence) - close[-1].start() < 26:
        topic = _KO_RIGHT.search(sentence[: close[-1].start()]) or _KO_AFTER.search(sentence)
        if topic or (_KO_DUE.search(sentence[-12:]) and before):
            cut = begin + (topic.end() if topic else 0)
            effect, cause = _parted(text, inside, cut, cut)
            return [_sides(text, cause, effect or before, close[-1][0], True)]
    marks = list(_KO_LEFT.finditer(sentence))
    strong = [m for m in marks if _STRONG_KO.search(m[0])]
    if not marks:
        return []
    mark = strong[0] if strong else marks[0]
    left, right = _parted(text, inside, begin + mark.start(), begin + mark.end() - 1)
    return [_sides(text, left, right, mark[0], bool(strong))]


def _english(text: cw.Text, begin: int, end: int, inside: list[int]) -> list[Cause]:
    sentence = text.text[begin:end]
    pairs = [(m, True) for m in _EN_RIGHT.finditer(sentence)]
    pairs += [(m, False) for m in _EN_LEFT.finditer(sentence)]
    if not pairs:
        return []
    mark, after = min(pairs, key=lambda p: (not _STRONG_EN.search(p[0][0]), p[0].start()))
    strong = bool(_STRONG_EN.search(mark[0]))
    left, right = _parted(text, inside, begin + mark.start(), begin + mark.end() - 1)
    if after and all(text.terms[i] in cw.light() for i in left):  # Because of X, Y
        comma = sentence.find(", ", mark.end())
        if comma > 0:
            cause, effect = _parted(text, right, begin + comma, begin + comma)
            return [_sides(text, cause, effect, mark[0], strong)]
    sides = (right, left) if after else (left, right)
    return [_sides(text, *sides, mark[0], strong)]


def _parted(text: cw.Text, words: list[int], to: int, since: int) -> tuple[list[int], list[int]]:
    """The words before one character, and those from another on."""
    starts = [(i, text.tokens[i].char_start) for i in words]
    return [i for i, start in starts if start < to], [i for i, start in starts if start >= since]


def _sides(text: cw.Text, cause: list[int], effect: list[int], mark: str, strong: bool) -> Cause:
    light = cw.light()
    kept = [tuple(i for i in side if text.terms[i] not in light) for side in (cause, effect)]
    return Cause(kept[0], kept[1], strong, mark)
