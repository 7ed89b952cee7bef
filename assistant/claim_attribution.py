"""Who is said to say it: a claim that names another source than its passages, or none.

A source is read from a verb of saying and its subject, 에 따르면 and according to, or a noun of
saying and whose it is (X의 판단이다, in X's view). What a source says is not told from what is said
about it. Not covered: pronouns, a source named in another sentence, sources of sources.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from assistant import claim_marks as cm
from assistant import claim_words as cw
from assistant.claim_numbers import Finding
from assistant.claim_pair import HELD, PAIRED, Pair
from assistant.claim_places import holds, sentences, tail
from assistant.patterns import any_of, whole

# Nouns and verbs of saying.
_NOUN_KO = any_of(
    "말|설명|분석|전망|주장|판단|추산|추정|견해|지적|계산|결론|집계|입장|의견|평가|시각|생각|진단",
    "해석|관측|예상|조언|제언|논리|반론|비판|요구|호소|경고|보고|발표|추계",
)
_VERB_KO = re.compile(
    any_of(
        "밝[혔히힌혀힐힘]|말[했하한]|전했|답[했하]|덧붙|토로|털어놓|입을 모|증언|진술|회고",
        "(?<=[다로고라] )봄|보았|[본봤]다|보고 있|내다[봤보본]|여[긴겼기]|꼽[았는은]|들었|평[했가]",
        "주장|강조|지적|설명|반박|비판|의심|우려|경고|요구|촉구|권고|제안|호소|제언|[약공]언|약속",
        "판단|계산|전망|[예추]상|추정|추산|지목|결론|평가|진단|분석",
    )
    + "[가-힣]*"
)
_VERB_EN = re.compile(
    whole(
        "sa(?:id|ys)|stat(?:es|ed)|claim(?:s|ed)|argu(?:es|ed)|insist(?:s|ed)|believ(?:es|ed)",
        "think(?:s)?|thought|consider(?:s|ed)|criticis(?:es|ed)|criticiz(?:es|ed)|stress(?:es|ed)",
        "warn(?:s|ed)|conclud(?:es|ed)|recommend(?:s|ed)|propos(?:es|ed)|demand(?:s|ed)",
        "counter(?:s|ed)|wrote|writes|attribut(?:es|ed)|credit(?:s|ed)|estimat(?:es|ed)",
        "judg(?:es|ed)|holds? that|view(?:s|ed)|asked|asks|told|tells|describ(?:es|ed)",
        "explain(?:s|ed)|caution(?:s|ed)|complain(?:s|ed)|not(?:es|ed)|add(?:s|ed) that",
        "contend(?:s|ed)|object(?:s|ed)|expect(?:s|ed)|forecast(?:s)?|predict(?:s|ed)",
        "project(?:s|ed)|foresees?|calculat(?:es|ed)|report(?:s|ed)|found|finds|fear(?:s|ed)?",
        "alleg(?:es|ed)|accus(?:es|ed)|worr(?:ies|ied)|maintain(?:s|ed)|recall(?:s|ed)",
        "point(?:s|ed) (?:out|to)|suggest(?:s|ed)|call(?:s|ed) (?:for|on|it|the)|urg(?:es|ed)",
        "advis(?:es|ed)|oppos(?:es|ed)|reckon(?:s|ed)|put(?:s)? (?:the|it|this)|blam(?:es|ed)",
        "announc(?:es|ed)|prais(?:es|ed)|named|names|cit(?:es|ed)|faulted|ascribes?",
    )
)
# Who says it and that it is said, at once: X의 판단이다, X에 따르면; in the view of X, in X's view.
_OF_KO = re.compile(
    rf"(?P<who>[가-힣A-Za-z·' ]{{2,40}}?)(?:의|측의|쪽) (?:[가-힣]+ )?{_NOUN_KO}"
    r"(?:이다|입니다|이었다|으로는|로는|에 따르면|에 의하면|에서는|다\b)"
)
_BY_KO = re.compile("(?P<who>[가-힣A-Za-z0-9·' ]{2,40}?)(?:에 따르면|에 의하면|[이가] 보기에)")
_OF_EN = re.compile(
    r"\b"
    + any_of(
        "according to",
        "in the (?:view|judge?ment|opinion|words|eyes|assessment) of",
        "by the (?:account|estimate|reckoning|calculation)s? of",
    )
    + " (?P<who>[^,;.]{3,70})",
    re.IGNORECASE,
)
_OWN_EN = re.compile(
    "(?P<who>[^,;.]{3,60})['’]s? (?:own )?"
    + any_of(
        "view|judge?ment|opinion|words|estimates?|account|calculations?|analysis|reckoning",
        "assessment|projections?|forecasts?|argument|verdict|claim|survey|conclusion",
    )
    + r"\b"
)
# What ends the word for who says it; the second is looked for where a verb says that it is said.
_TOPIC = re.compile("[가-힣]{0,4}?(?:은|는|이|가|께서|들은|들이|측은|측이|에서는)(?![가-힣])")
_SPEAKER = re.compile("[가-힣]{0,4}(?:은|는|이|가|께서|따르면|의하면)(?![가-힣])")
# Who may say something: the end of a Korean noun, or an English word.
_AGENT_KO = re.compile(
    any_of(
        "부|처|청|원|회|단|당|측|진|팀|장|자|인|씨|관|국|사|터|체|시|군|위|협|감|령|수|들",
        "대표|교수|박사|저자|전문가|대통령|총리|주민|시민|농가",
        "연맹|조합|노조|은행|정부|업계|기업|연합|동맹|캠프|진영|연구소|소",
        "백서|평가서|보고서|검토서|문서|연구",
    )
    + "$"
)
_AGENT_EN = re.compile(
    whole(
        r"[A-Z]\w+",
        "administration|adviser|advisers|agency|alliance|analysts?|army|association|auditors?",
        "authorities|authority|authors?|bank|board|brief|camp|campaign|center|centre|chair",
        "chairman|charity|chief|city|coalition|commander|commission|committee|compan(?:y|ies)",
        "council|county|court|critics|delegation|department|director|doctors?|document|drivers?",
        "economists?|employers?|engineers?|evaluation|evaluators?|experts?|farmers?|farms?",
        "federation|firms?|fishers?|government|governor|group|groups|growers?|head|households?",
        "industry|inquiry|inspectors?|institute|insurers?|investigators?|judge|lawmakers?",
        "lawyers?|leaders?|league|lenders?|manager|managers|many|mayor|members?|minister|ministry",
        "navy|nurses?|office|officers?|officials?|operators?|owners?|panel|paper|parliament|party",
        "people|planners?|police|pollsters?|president|professor|province|report|representatives?",
        r"researchers?|residents?|review|scholars?|scientists?|secretary|soldiers?|some|spokes\w+",
        "staff|study|teachers?|team|union|villagers?|white paper|workers?",
    )
)
_CLAUSE_EN = re.compile(r"[;:]\s|\b(?:that|but|while|because|although|after|when|if)\s")
_CLAUSE_KO = re.compile(r"[,;]\s|[고며다자라면]\s|는\s|에서\s|것이\s|는데\s|지만\s")
_PASSIVE = re.compile(r"\b(?:is|are|was|were|been|be|being|not)\s+(?:\w+ly\s+)?$")
# What stands before a Korean verb of saying: what is said.
_SAID = re.compile(
    r"(?:[다라자]고|[다라자]며|으?로|을|를|[다라]는|도록|라고)\s+(?:[가-힣]+ )?$|[다]$"
)
# What sort of body or person says it.
_KINDS = {
    "ministry": re.compile("부$|ministry|department"),
    "office": re.compile(
        "[처청국원]$|당국$|office|agency|authority|bureau|institute|board|service|administration"
    ),
    "body": re.compile(
        "회$|연맹$|연합$|조합$|단체$|노조$|association|council|committee|commission|union|federation|"
        "league|group|coalition|society|body|charity|panel"
    ),
    "people": re.compile(
        "[진팀단자]$|전문가$|researcher|author|team|expert|evaluator|investigator|auditor|analyst|"
        "paper|report|review"
    ),
    "person": re.compile(
        "[장관령사수원인]$|대표$|head|chief|director|president|mayor|governor|minister|official|"
        "professor|chair|leader|expert|economist"
    ),
}


@dataclass(frozen=True, slots=True)
class Source:
    """The words for who says something, and those of the sentence it is said in."""

    who: tuple[int, ...]
    said: tuple[int, ...]


def attribution(pair: Pair) -> Iterator[Finding]:
    """All of them."""
    yield from _sources(pair)
    yield from _sourceless(pair)


def _sources(pair: Pair) -> Iterator[Finding]:
    """A source that the claim names and the passages do not, and one that it leaves out."""
    theirs = [(n, s) for n, text in enumerate(pair.own) for s in sources(text)]
    mine = sources(pair.claim)
    for source in mine if theirs else ():
        if source.who and (best := _named(pair, source, theirs)) < 0.25:
            yield "other_source", 1 - best, pair.word(source.who[0])
    for n, source in theirs:
        told = [pair.answered(n, j) >= PAIRED for j in source.said]
        if len(told) > 1 and np.mean(told) >= 0.5 and _is_left_out(pair, n, source):
            yield (
                ("lost_source_told" if mine else "lost_source"),
                float(np.mean(told)),
                pair.claim.text,
            )


def _is_left_out(pair: Pair, n: int, source: Source) -> bool:
    """Whether the claim has no word for a source of passage `n`."""
    if not source.who or max(pair.answered(n, j) for j in source.who) >= HELD:
        return False
    if pair.cross and _by_sound(pair):
        return False
    words = Source(tuple(range(len(pair.claim.tokens))), ())
    return len(source.who) > 2 or not _kinds(pair.own[n], source) & _kinds(pair.claim, words)


def _by_sound(pair: Pair) -> bool:
    """Whether a name of the claim is found in the passages by its sound alone."""
    return any(
        pair.cover[i] >= 0.55
        and cw.is_name(pair.claim, i)
        and max(m[i].max(initial=0) for m in pair.match) < 0.55
        for i in range(len(pair.claim.tokens))
    )


def _named(pair: Pair, source: Source, theirs: list[tuple[int, Source]]) -> float:
    """How much of the words for a source answers to a source of the passages, by weight."""
    who = list(source.who)
    weights, best = pair.weight[who], 0.0
    for n, other in theirs:
        if not other.who:
            return 1.0  # a pronoun
        match = pair.match[n][who]
        by_sound = np.where(match.max(axis=1) < PAIRED, pair.cover[who], 0)
        told = np.maximum(match[:, list(other.who)].max(axis=1), by_sound) >= HELD
        best = max(best, float((weights * told).sum() / weights.sum()))
        if len(who) < 3 and _kinds(pair.claim, source) & _kinds(pair.own[n], other):
            best = max(best, 0.5)
    return best


def _kinds(text: cw.Text, source: Source) -> set[str]:
    """What sort of body or person a source is."""
    words = [
        text.text[text.tokens[i].char_start : text.tokens[i].char_end].lower() for i in source.who
    ]
    return {kind for kind, mark in _KINDS.items() if any(mark.search(word) for word in words)}


def sources(text: cw.Text) -> list[Source]:
    """Those of a text."""
    found = []
    for begin, end in sentences(text):
        inside = [i for i, t in enumerate(text.tokens) if begin <= t.char_start < end]
        spans = _korean(text, begin, end) if text.lang == "ko" else _english(text, begin, end)
        for a, b in spans:
            who = [i for i in inside if a <= text.tokens[i].char_start < b]
            said = [i for i in inside if i not in who]
            kept = [
                i
                for i in who
                if text.tokens[i].kind != "number" and text.terms[i] not in cw.light()
            ]
            found.append(Source(tuple(kept[-9:]), tuple(said)))
    return found


def _korean(text: cw.Text, begin: int, end: int) -> list[tuple[int, int]]:
    sentence = text.text[begin:end]
    for mark in (_OF_KO, _BY_KO):
        if match := mark.search(sentence):
            start = max(match.start("who"), _clause_start(sentence, match.end("who")))
            return [(begin + start, begin + match.end("who"))]
    verbs = [m for m in _VERB_KO.finditer(sentence) if _quotes(sentence, m.start())]
    if not verbs:
        return []
    verb = verbs[-1]
    topics = [
        i
        for i, t in enumerate(text.tokens)
        if begin <= t.char_start < begin + verb.start()
        and _TOPIC.match(text.text, t.char_end)
        and (t.kind == "name" or _AGENT_KO.search(text.text[t.char_start : t.char_end]))
    ]
    if not topics:
        return []
    late = [i for i in topics if begin + verb.start() - text.tokens[i].char_end < 8]
    chosen = late[-1] if late else topics[0]
    stop = text.tokens[chosen].char_end
    start = begin + _clause_start(sentence, stop - begin)
    return [(start, stop)]


def _clause_start(sentence: str, at: int) -> int:
    """Where the noun phrase that ends at `at` may begin."""
    cut = [m.end() for m in _CLAUSE_KO.finditer(sentence[:at])]
    words = [m.start() for m in re.finditer(r"\S+", sentence[:at])]
    least = words[-5] if len(words) > 5 else 0
    return max([least, *cut])


def _quotes(sentence: str, at: int) -> bool:
    """Whether a verb of saying has something said before it."""
    return bool(_SAID.search(sentence[:at])) or at == 0


def _english(text: cw.Text, begin: int, end: int) -> list[tuple[int, int]]:
    sentence = text.text[begin:end]
    for mark in (_OF_EN, _OWN_EN):
        if match := mark.search(sentence):
            return [(begin + match.start("who"), begin + match.end("who"))]
    for verb in _VERB_EN.finditer(sentence):
        before = sentence[: verb.start()]
        if _PASSIVE.search(before) or sentence[verb.end() :].startswith(" by "):
            continue
        start = max((m.end() for m in _CLAUSE_EN.finditer(before)), default=0)
        subject = before[start:].strip()
        if not start and not _is_named(text, begin):
            subject = subject[:1].lower() + subject[1:]
        if _AGENT_EN.search(subject) and len(subject) < 90:
            return [(begin + start, begin + verb.start())]
    return []


def _is_named(text: cw.Text, begin: int) -> bool:
    """Whether a sentence opens with a name rather than with a capital for its beginning."""
    first = text.near(begin, after=True)
    if first is None or first + 1 >= len(text.tokens):
        return False
    follows = text.tokens[first + 1]
    return follows.kind == "name" and follows.char_start - text.tokens[first].char_end < 3


def _sourceless(pair: Pair) -> Iterator[Finding]:
    """The claim has no word of saying, and what it says is said by somebody in the passages."""
    if holds(cm.SOURCE, pair.claim):
        return
    for n, text in enumerate(pair.own):
        for speaker, said in _sayings(text):
            told = [pair.answered(n, j) >= PAIRED for j in said]
            first = told[-5:] if text.lang == "ko" else told[:5]
            if not told or np.mean(told) < 0.4 or np.mean(first) < 0.4:
                continue
            if not any(pair.answered(n, j) >= HELD for j in speaker):
                yield "sourceless", 1, tail(pair.claim)


def _sayings(text: cw.Text) -> Iterator[tuple[list[int], list[int]]]:
    """The words for who says something, and those for what is said, by where the verb stands."""
    for begin, end in sentences(text):
        match = cm.SAYS[text.lang].search(text.text, begin, end)
        if not match:
            continue
        inside = [i for i, t in enumerate(text.tokens) if begin <= t.char_start < end]
        before = [i for i in inside if text.tokens[i].char_end <= match.start() + 1]
        after = [i for i in inside if text.tokens[i].char_start >= match.end() - 1]
        if text.lang == "ko":
            cut = _after_topic(text, before)
            speaker, said = before[:cut], before[cut:]
        elif match[0].lower() == "according to":
            speaker, said = after[:4], before or after[4:]
        elif len(before) > 2 * len(after):
            speaker, said = after, before
        else:
            speaker, said = before[-6:], after
        names = [i for i in speaker if text.tokens[i].kind != "number"]
        yield [i for i in names if text.terms[i] not in cw.light()], said


def _after_topic(text: cw.Text, words: list[int]) -> int:
    """How many words the topic of a Korean sentence takes, 0 where it is not among the first 8."""
    ends = (text.tokens[i].char_end for i in words[:8])
    return next((k for k, end in enumerate(ends, start=1) if _SPEAKER.match(text.text, end)), 0)
