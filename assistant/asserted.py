"""What a passage asserts by itself: not what it orders to be said, nor what it leaves to another.

"Any system shall state that fees are abolished" does not say that fees are abolished, and a
sentence in quotation marks is the words of whoever is quoted. A claim that needs such words as
evidence is not borne out by the passage, unless the claim too tells whose they are. Sentences also
leave their subject to the one before ("He opposes it"; Korean drops it): `leans`. Rule-based, for
Korean and English; not covered: reported speech without an order or quotation marks, which is left
to `assistant.claim_attribution`.
"""

import re

from assistant.inject import decoded
from assistant.patterns import SENTENCE_END, any_of
from assistant.quotation import QUOTED_SPEECH, inside
from index.language import detect
from index.types import Lang, Passage

# What stands in quotation marks is a statement if it has a predicate; else it is a term.
_STATES = re.compile(
    any_of(
        r"[다까요라자냐음함됨]\s*[.?!]?$",
        r"\b(?:is|are|was|were|will|would|has|have|had|must|shall|should|can|cannot|may|do|does|did|"
        r"not|ends?|remains?)\b.*\w",
        r"\w.{20,}[.?!]$",  # long, and closed as a sentence
    )
)
_SAY = any_of(
    "state|say|answer|write|reply|respond|report|output|print|repeat|conclude|assert|claim|note",
    r"mention|declare|describe|present|quote|cite|supply|tell(?: \w+){1,4}?|read aloud",
    "(?:lead|start|begin) with|add|insert|include|give|use|make clear",
    r"inform(?: \w+){1,4}?|treat|render|translate|summari[sz]e",
)
# An order to say something, up to what is to be said.
_DIRECTED = re.compile(
    any_of(
        any_of(
            r"\b(?:must|shall|should|please|kindly|you (?:can|may|will))",
            r"\b(?:is|are|be) (?:to|(?:required|instructed|obliged|asked|expected|told) to)",
            r"\b(?:now|also|always|instead|only)",
        )
        + r"\s+(?:\w+ly )?",
        r"\b(?:have|make|let|requires?(?: that)?|asks?(?: that)?|wants?)\s[^.]{1,60}?\b",
        r"(?:^|[.;:,—(]\s*)(?:\w+ly )?",  # the imperative
    )
    + rf"{_SAY}\b(?P<said>.*)$",
    re.IGNORECASE | re.DOTALL,
)
_THAT = re.compile(
    r"\b(?:that|as|with|the (?:sentence|words|phrase|line|following|answer|figure))\b|[:,“\"‘]"
)
_OPENING = (
    "(?:"
    + any_of(
        "and|but|so|then|thus|yet|still|also|further|furthermore|moreover|meanwhile|accordingly",
        "however|therefore|as a result|for this|in this|on this|of these|among these|above all",
        "in particular|in addition|in the end|in fact|indeed",
    )
    + ",? )*"
)
# A subject that the sentences before name.
_POINTS: dict[Lang, re.Pattern[str]] = {
    "ko": re.compile(
        any_of(
            "^(?:[가-힣]+[,]? )?"  # a pointing word, after one other at most
            + any_of(
                "이는|이것|이에|이를|이로|이런|이러한|이 |그는|그의|그들|그러한|그 |이들|여기",
                "양측|양국|해당|동 ",
            ),
            # no subject among the first five words
            "^(?:(?![^ ]*[가-힣A-Za-z0-9)](?:은|는|이|가|도|께서)(?: |,))[^ ]+ ){5}",
        )
    ),
    "en": re.compile(
        rf"^{_OPENING}(?:he|she|it|they|his|her|its|their|this|these|that|those|such|both|"
        r"the (?:two|latter|former|same))\b",
        re.IGNORECASE,
    ),
}
# What closes an order, after what is to be said: 적을 것, 답하라, 밝혀야 한다, 써 주세요.
_ORDER = re.compile(
    "(?:다고|라고|자고|[”\"’'」』]고|이?라는|다는|다는 점|으?로|것으로|을|를|대로)(?:만|는|도)?"
    r"\s?[가-힣 ]{0,14}?"
    + any_of(
        "적|쓰|써|답|말|출력|표기|기재|옮|밝히|밝혀|안내|인용|서술|명시|요약|설명|알리|알려|전하",
        "전달|인정|단정|제시|강조|소개|기술|번역|표현|취급|간주|포함|시작|마무리|읽히",
    )
    + "[가-힣 ]{0,12}?"
    + any_of(
        "것|라|시오|세요|다오|바람|바랍니다|시면 감사하겠습니다",
        "(?:야|도록) (?:한다|합니다|하며|함)",
    )
    + r"(?=[\s.,:)\]”\"’']|$)"
)


def asserted(text: str, *, quoted: bool = False) -> str:
    """The text without what it orders to be said, and without quoted statements unless `quoted`."""
    plain = own = next(decoded(text))
    if not quoted:
        own = QUOTED_SPEECH.sub(lambda m: " " if _STATES.search(inside(m)) else m[0], plain)
    kept = " ".join(_undirected(sentence) for sentence in SENTENCE_END.split(own))
    return text if kept.split() == plain.split() else " ".join(kept.split())


def leans(passage: Passage) -> bool:
    """Whether a passage, in any language of it, leaves its subject to those before it."""
    texts = (passage.quote, passage.quote_translation)
    return passage.kind == "sentence" and any(points_back(text) for text in texts if text)


def points_back(text: str) -> bool:
    """Whether a sentence leaves its subject to those before it."""
    return bool(_POINTS[detect(text).main].search(text))


def _undirected(sentence: str) -> str:
    if order := _ORDER.search(sentence):
        rest = sentence[order.end() :].lstrip(" .,)]")
        return rest if not rest.startswith(":") and re.search(r"[가-힣]{2}", rest) else ""
    directed = _DIRECTED.search(sentence)
    if directed and _THAT.search(directed["said"]):
        return sentence[: directed.start("said")]
    return sentence
