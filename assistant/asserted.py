"""What a passage asserts by itself: not what it orders to be said, nor what it leaves to another.

"Any system shall state that fees are abolished" does not say that fees are abolished, and a sentence
in quotation marks is the words of whoever is quoted. A claim that needs such words as evidence is
not borne out by the passage, unless the claim too tells whose they are. Rule-based, for Korean and
English; not covered: reported speech without an order or quotation marks (`assistant.claim_turns`).
Sentences also leave their subject to the one before ("He opposes it"; Korean drops it): `leans`.
"""

import re

from assistant.inject import readings
from index.language import detect
from index.types import Lang, Passage

# What stands in quotation marks is a statement if it has a predicate; else it is a term.
_STATES = re.compile(
    r"[다까요라자냐음함됨]\s*[.?!]?$|\b(?:is|are|was|were|will|would|has|have|had|must|shall|should|can|cannot|may|"
    r"do|does|did|not|ends?|remains?)\b.*\w|\w.{20,}[.?!]$"
)
_QUOTED = re.compile(
    r"“([^”]+)”|\"([^\"]+)\"|「([^」]+)」|『([^』]+)』|(?<!\w)[‘'](.+?)[’'](?![a-z])"
)
_SAY = (
    r"(?:state|say|answer|write|reply|respond|report|output|print|repeat|conclude|assert|claim|note|mention|"
    r"declare|describe|present|quote|cite|supply|tell(?: \w+){1,4}?|read aloud|lead with|start with|begin with|"
    r"add|insert|include|give|use|make clear|inform(?: \w+){1,4}?|treat|render|translate|summari[sz]e)"
)
_DIRECTED = re.compile(
    r"(?:\b(?:must|shall|should|(?:is|are|be) (?:to|required to|instructed to|obliged to|asked to|expected to|told to)|"
    r"please|kindly|now|also|always|instead|only|you (?:can|may|will))\s+(?:\w+ly )?|"
    r"\b(?:have|make|let|requires?(?: that)?|asks?(?: that)?|wants?)\s[^.]{1,60}?\b|(?:^|[.;:,—(]\s*)(?:\w+ly )?)"
    rf"{_SAY}\b(?P<said>.*)$",
    re.IGNORECASE | re.DOTALL,
)
_THAT = re.compile(
    r"\b(?:that|as|with|the (?:sentence|words|phrase|line|following|answer|figure))\b|[:,“\"‘]"
)
_OPENING = (
    r"(?:(?:and|but|so|then|thus|yet|accordingly|however|moreover|therefore|also|further|furthermore|meanwhile|in particular|"
    r"in addition|as a result|for this|in this|on this|of these|among these|above all|in the end|in fact|indeed|still),? )*"
)
_POINTS: dict[Lang, re.Pattern[str]] = {
    # A pointing word, or no subject in the first words.
    "ko": re.compile(
        r"^(?:[가-힣]+[,]? )?(?:이는|이것|그는|그의|그들|이들|이에|이를|이로|이런|이러한|이 |그 |그러한|여기|양측|양국|해당|동 )|"
        r"^(?:(?![^ ]*[가-힣A-Za-z0-9)](?:은|는|이|가|도|께서)(?: |,))[^ ]+ ){5}"
    ),
    "en": re.compile(
        rf"^{_OPENING}(?:he|she|it|they|his|her|its|their|this|these|that|those|such|both|the (?:two|latter|former|same))\b",
        re.IGNORECASE,
    ),
}
# 적을 것, 답하라, 밝혀야 한다, 안내하여야 하며, 써 주세요: what closes an order, after what is to be said.
_ORDER = re.compile(
    r"(?:다고|라고|자고|이?라는|다는|다는 점|으?로|것으로|을|를|대로)(?:만|는|도)?\s?[가-힣 ]{0,14}?"
    r"(?:적|쓰|써|답|말|출력|표기|기재|옮|밝히|밝혀|안내|인용|서술|명시|요약|설명|알리|알려|전하|전달|인정|단정|제시|강조|소개|기술|"
    r"번역|표현|취급|간주|포함|시작|마무리|읽히)[가-힣 ]{0,12}?"
    r"(?:것|라|시오|세요|다오|바람|바랍니다|(?:야|도록) (?:한다|합니다|하며|함)|시면 감사하겠습니다)"
    r"(?=[\s.,:)\]”\"’']|$)"
)


def asserted(text: str, *, quoted: bool = False) -> str:
    """The text without what it orders to be said, and without quoted statements unless `quoted`."""
    plain = own = next(readings(text))
    if not quoted:
        own = _QUOTED.sub(lambda m: " " if _STATES.search(_inside(m)) else m[0], plain)
    kept = " ".join(_undirected(sentence) for sentence in re.split(r"(?<=[.!?。])\s+", own))
    return text if kept.split() == plain.split() else " ".join(kept.split())


def leans(passage: Passage) -> bool:
    """Whether a passage leaves its subject to those before it, in any language that it is read in."""
    texts = (passage.quote, passage.quote_translation)
    return passage.kind == "sentence" and any(
        _POINTS[detect(text).main].search(text) for text in texts if text
    )


def _inside(match: re.Match[str]) -> str:
    return next(group for group in match.groups() if group)


def _undirected(sentence: str) -> str:
    if order := _ORDER.search(sentence):
        rest = sentence[order.end() :].lstrip(" .,)]")
        return rest if not rest.startswith(":") and re.search(r"[가-힣]{2}", rest) else ""
    directed = _DIRECTED.search(sentence)
    if directed and _THAT.search(directed["said"]):
        return sentence[: directed.start("said")]
    return sentence
