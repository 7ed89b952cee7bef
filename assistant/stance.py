"""The stance of a source sentence: fact, forecast, recommendation, or attributed to someone.

Judged by the sentence's own closing words, Korean or English, in the order in which a reader would be
misled most: what someone else claims, then what the author urges, then what is expected to happen.
Anything else is stated as fact. Rule-based; not covered: irony, and a stance set by the paragraph.
"""

import re

from assistant.types import Stance
from index.types import Lang

_KOREAN: tuple[tuple[Stance, re.Pattern[str]], ...] = (
    (
        "attributed",
        re.compile(
            r"(?:밝혔|밝혀왔|주장(?:했|한다|해왔)|말(?:했|한다)|판단(?:했|해왔|한다)|자평(?:했|한다)|비판(?:했|하)|주문(?:했|한다)|"
            r"언급(?:했|하면서)|표명(?:했|해왔)|강조(?:했|한다)|요구(?:했|하기도)|평가된다|입장(?:이다|까지 보여)|표현에 의하면|"
            r"따르면|것으로 보지 않는다|고 (?:본다|봤다|했다|한다)\.?$)"
        ),
    ),
    (
        "recommendation",
        re.compile(
            r"(?:해야|[가-힣]어야|[가-힣]아야|여야|[가-힣]져야|[가-힣]워야) (?:한다|할 것|하며|하고|했)|필요가 있다|필요하다\.?$|"
            r"(?:바람직하다|절실하다|요구된다|제안한다|권고한다|촉구한다|제공하는 것이다)\.?$|(?:도모|증강|대체|지향|강화)할 수(?:도)? 있다\.?$|"
            r"생각할 수 있다\.?$"
        ),
    ),
    (
        "forecast",
        re.compile(
            r"(?:전망|예상|예측|기대|우려)(?:된|이다|한다|되고|할)|것이다\.?$|것이며|것으로 보인다|[을를ㄹ] 것(?:이다|으로)|수(?:도)? 있다\.?$|"
            r"수 없다\.?$|가능성|미지수|수 있게 된다|자 할 것|될 수 있|할 수 있"
        ),
    ),
)
_ENGLISH: tuple[tuple[Stance, re.Pattern[str]], ...] = (
    (
        "attributed",
        re.compile(
            r"\b(?:said|says|stated|claim(?:s|ed)?|argue[sd]?|according to|in .{1,20} words|announced|"
            r"criticize[sd]?|insist(?:s|ed)|credits itself|holds that|is assessed|reported(?:ly)?|"
            r"maintain(?:s|ed) that|warn(?:s|ed))\b",
            re.IGNORECASE,
        ),
    ),
    (
        "recommendation",
        re.compile(
            r"\b(?:must|should|ought to|needs? to|is needed|it is (?:necessary|advisable)|recommend\w*|"
            r"urgently need\w*|proposes?)\b",
            re.IGNORECASE,
        ),
    ),
    (
        "forecast",
        re.compile(
            r"\b(?:will|would|may|might|could|can|expected|projected|predicted|forecast|likely|"
            r"appears? set|possib\w+|uncertain)\b",
            re.IGNORECASE,
        ),
    ),
)


def stance(sentence: str, lang: Lang) -> Stance:
    """The stance of a sentence of a document, judged in the document's own language."""
    for name, pattern in _KOREAN if lang == "ko" else _ENGLISH:
        if pattern.search(sentence):
            return name
    return "fact"
