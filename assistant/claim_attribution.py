# ruff: noqa: E501 - patterns, where Hangul counts double
"""Who is said to say it: a claim that names another source than its passages, or none.

A source is read from a verb of saying and its subject, 에 따르면 and according to, or a noun of saying
and whose it is (X의 판단이다, in X's view). What a source says is not told from what is said about
it. Not covered: pronouns, a source named in another sentence, sources of sources.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from assistant import claim_words as cw
from assistant.claim_numbers import Finding
from assistant.claim_pair import HELD, PAIRED, Pair

_NOUN_KO = r"말|설명|분석|전망|주장|판단|추산|추정|견해|지적|계산|결론|집계|입장|의견|평가|시각|생각|진단|해석|관측|예상|조언|제언|논리|반론|비판|요구|호소|경고|보고|발표|추계"
_SAID_KO = r"밝[혔히힌혀힐힘]|(?<=[다로고라] )봄|의심|말[했하한]|주장|강조|지적|설명|반박|판단|비판|회고|답[했하]|계산|평[했가]|전했|전망|내다[봤보본]|[예추]상|추정|추산|경고|보았|[본봤]다|보고 있|여[긴겼기]|덧붙|토로|털어놓|꼽[았는은]|들었|요구|촉구|권고|제안|호소|제언|[약공]언|약속|지목|결론|우려|평가|진단|분석|증언|진술|입을 모"
_VERB_KO = re.compile(rf"(?:{_SAID_KO})[가-힣]*")
_OF_KO = re.compile(
    rf"(?P<who>[가-힣A-Za-z·' ]{{2,40}}?)(?:의|측의|쪽) (?:[가-힣]+ )?(?:{_NOUN_KO})(?:이다|입니다|이었다|으로는|로는|에 따르면|에 의하면|에서는|다\b)"
)
_BY_KO = re.compile(r"(?P<who>[가-힣A-Za-z0-9·' ]{2,40}?)(?:에 따르면|에 의하면|[이가] 보기에)")
_VERB_EN = re.compile(
    r"\b(?:sa(?:id|ys)|stat(?:es|ed)|claim(?:s|ed)|argu(?:es|ed)|insist(?:s|ed)|believ(?:es|ed)|think(?:s)?|thought|consider(?:s|ed)|criticis(?:es|ed)|criticiz(?:es|ed)|stress(?:es|ed)|warn(?:s|ed)|conclud(?:es|ed)|recommend(?:s|ed)|propos(?:es|ed)|demand(?:s|ed)|counter(?:s|ed)|wrote|writes|attribut(?:es|ed)|credit(?:s|ed)|estimat(?:es|ed)|judg(?:es|ed)|holds? that|view(?:s|ed)|asked|asks|told|tells|describ(?:es|ed)|explain(?:s|ed)|caution(?:s|ed)|complain(?:s|ed)|not(?:es|ed)|add(?:s|ed) that|contend(?:s|ed)|object(?:s|ed)|expect(?:s|ed)|forecast(?:s)?|predict(?:s|ed)|project(?:s|ed)|foresees?|calculat(?:es|ed)|report(?:s|ed)|found|finds|fear(?:s|ed)?|alleg(?:es|ed)|accus(?:es|ed)|worr(?:ies|ied)|maintain(?:s|ed)|recall(?:s|ed)|point(?:s|ed) (?:out|to)|suggest(?:s|ed)|call(?:s|ed) (?:for|on|it|the)|urg(?:es|ed)|advis(?:es|ed)|oppos(?:es|ed)|reckon(?:s|ed)|put(?:s)? (?:the|it|this)|blam(?:es|ed)|announc(?:es|ed)|prais(?:es|ed)|named|names|cit(?:es|ed)|faulted|ascribes?)\b"
)
_OF_EN = re.compile(
    r"\b(?:according to|in the (?:view|judge?ment|opinion|words|eyes|assessment) of|by the (?:account|estimate|reckoning|calculation)s? of) (?P<who>[^,;.]{3,70})",
    re.I,
)
_OWN_EN = re.compile(
    r"(?P<who>[^,;.]{3,60})['’]s? (?:own )?(?:view|judge?ment|opinion|words|estimates?|account|calculations?|analysis|reckoning|assessment|projections?|forecasts?|argument|verdict|claim|survey|conclusion)\b"
)
_TOPIC = re.compile(r"[가-힣]{0,4}?(?:은|는|이|가|께서|들은|들이|측은|측이|에서는)(?![가-힣])")
# Who may say something: the end of a Korean noun, or an English word.
_AGENT_KO = re.compile(
    r"(?:부|처|청|원|회|단|당|측|진|팀|장|자|인|씨|관|국|사|터|대표|교수|박사|연맹|조합|노조|은행|정부|업계|기업|체|주민|시민|농가|전문가|시|군|위|연합|동맹|캠프|진영|대통령|총리|저자|들|협|연구소|소|감|령|수|백서|평가서|보고서|검토서|문서|연구)$"
)
_AGENT_EN = re.compile(
    r"\b(?:[A-Z]\w+|ministry|department|government|agency|authority|authorities|committee|commission|panel|council|board|institute|centre|center|union|association|federation|league|bank|office|officials?|officers?|experts?|researchers?|authors?|evaluators?|auditors?|inspectors?|investigators?|critics|analysts?|economists?|owners?|firms?|compan(?:y|ies)|operators?|residents?|farmers?|farms?|households?|teachers?|doctors?|nurses?|staff|workers?|employers?|minister|mayor|governor|president|director|head|chief|chair|chairman|professor|report|paper|review|white paper|brief|document|study|evaluation|inquiry|campaign|camp|administration|police|court|judge|spokes\w+|lawmakers?|members?|parliament|party|group|groups|charity|industry|people|many|some|team|county|city|province|coalition|alliance|army|navy|soldiers?|representatives?|leaders?|lawyers?|scientists?|scholars?|engineers?|insurers?|lenders?|drivers?|fishers?|growers?|villagers?|planners?|pollsters?|delegation|secretary|commander|adviser|advisers|manager|managers)\b"
)
_CLAUSE_EN = re.compile(r"[;:]\s|\b(?:that|but|while|because|although|after|when|if)\s")
_PASSIVE = re.compile(r"\b(?:is|are|was|were|been|be|being|not)\s+(?:\w+ly\s+)?$")


@dataclass(frozen=True, slots=True)
class Source:
    """The words for who says something, and those of the sentence it is said in."""

    who: tuple[int, ...]
    said: tuple[int, ...]


def attribution(pair: Pair) -> Iterator[Finding]:
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


_KINDS = {
    "ministry": re.compile(r"부$|ministry|department"),
    "office": re.compile(
        r"[처청국원]$|당국$|office|agency|authority|bureau|institute|board|service|administration"
    ),
    "body": re.compile(
        r"회$|연맹$|연합$|조합$|단체$|노조$|association|council|committee|commission|union|federation|league|group|coalition|society|body|charity|panel"
    ),
    "people": re.compile(
        r"[진팀단자]$|전문가$|researcher|author|team|expert|evaluator|investigator|auditor|analyst|paper|report|review"
    ),
    "person": re.compile(
        r"[장관령사수원인]$|대표$|head|chief|director|president|mayor|governor|minister|official|professor|chair|leader|expert|economist"
    ),
}


def _kinds(text: cw.Text, source: Source) -> set[str]:
    """What sort of body or person a source is."""
    words = [
        text.text[text.tokens[i].char_start : text.tokens[i].char_end].lower() for i in source.who
    ]
    return {kind for kind, mark in _KINDS.items() if any(mark.search(word) for word in words)}


def sources(text: cw.Text) -> list[Source]:
    """Those of a text."""
    found = []
    for begin, end in _sentences(text.text):
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
    whole = text.text[begin:end]
    for mark in (_OF_KO, _BY_KO):
        if match := mark.search(whole):
            start = max(match.start("who"), _clause_start(whole, match.end("who")))
            return [(begin + start, begin + match.end("who"))]
    verbs = [m for m in _VERB_KO.finditer(whole) if _quotes(whole, m.start())]
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
    start = begin + _clause_start(whole, stop - begin)
    return [(start, stop)]


def _clause_start(whole: str, at: int) -> int:
    """Where the noun phrase that ends at `at` may begin."""
    cut = [
        m.end()
        for m in re.finditer(
            r"[,;]\s|[고며다자라면]\s|는\s|에서\s|것이\s|는데\s|지만\s", whole[:at]
        )
    ]
    words = [m.start() for m in re.finditer(r"\S+", whole[:at])]
    least = words[-5] if len(words) > 5 else 0
    return max([least, *cut])


def _quotes(whole: str, at: int) -> bool:
    """Whether a verb of saying has something said before it."""
    return (
        bool(
            re.search(
                r"(?:[다라자]고|[다라자]며|으?로|을|를|[다라]는|도록|라고)\s+(?:[가-힣]+ )?$|[다]$",
                whole[:at],
            )
        )
        or at == 0
    )


def _english(text: cw.Text, begin: int, end: int) -> list[tuple[int, int]]:
    whole = text.text[begin:end]
    for mark in (_OF_EN, _OWN_EN):
        if match := mark.search(whole):
            return [(begin + match.start("who"), begin + match.end("who"))]
    for verb in _VERB_EN.finditer(whole):
        before = whole[: verb.start()]
        if _PASSIVE.search(before) or whole[verb.end() :].startswith(" by "):
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


def _sentences(text: str) -> Iterator[tuple[int, int]]:
    begin = 0
    for found in re.finditer(r"(?<=[^0-9A-Z][.!?])\s+|$", text):
        yield begin, found.start()
        begin = found.end()
