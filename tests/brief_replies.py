"""What a chat model is asked about the brief and made to reply, in both languages.

A reply is written in words of the brief: {money} is the number under which the prompt shows that
passage, {MONEY} the passage itself.
"""

import re

from llm_server import Behaviour

from assistant.remarks import REMARKS
from assistant.types import Step

NAME = "openai:scripted"
ENGINE = f"llm:{NAME}"
LANGS = ["ko", "en"]
SHOWN = re.compile(r"⟦(\d+)⟧ (.+?) ⟦/\1⟧")
# Words by which a passage is known in either language.
KNOWN = {
    "money": ("약 1,830억 달러를", "about $183 billion"),
    "hours": ("24시간 내에", "within 24 hours"),
    "israel": ("중동, 특히 이스라엘을", "values the Middle East"),
}
PAGE = 4  # where all of these stand
ASKED = {
    "ko": "미국이 러시아-우크라이나 전쟁에 지원한 돈은 얼마인가?",
    "en": "How much did the United States provide for the Russia-Ukraine war?",
}
OTHER_TOPIC = {"ko": "김치찌개는 어떻게 끓이나요?", "en": "How do I bake sourdough bread?"}
RIGHT = {
    "ko": "미국은 러시아-우크라이나 전쟁에 약 1,830억 달러를 지원했다.",
    "en": "The United States provided about $183 billion for the Russia-Ukraine war.",
}
WRONG = {
    "ko": "미국은 러시아-우크라이나 전쟁에 약 2,830억 달러를 지원했다.",
    "en": "The United States provided about $283 billion for the Russia-Ukraine war.",
}
FOLLOW_UP = {"ko": "그럼 이스라엘에는?", "en": "And to Israel?"}
STANDALONE = {
    "ko": "미국이 이스라엘-하마스 전쟁에 지원한 돈은 얼마인가?",
    "en": "How much did the United States provide for the Israel-Hamas war?",
}
COMPARISON = {
    "ko": "미국이 우크라이나 전쟁과 이스라엘 전쟁에 지원한 돈을 비교하면?",
    "en": "How do US aid to the Ukraine war and to the Israel-Hamas war compare?",
}
PARTS = {
    "ko": ("미국은 우크라이나 전쟁에 얼마를 지원했나?", "미국은 이스라엘 전쟁에 얼마를 지원했나?"),
    "en": (
        "How much US aid went to the Ukraine war?",
        "How much aid went to the Israel-Hamas war?",
    ),
}


def reply(*lines, **behaviour):
    """A reply of these lines, in pieces of a line, filled in from the passages of the prompt."""

    def make(body):
        shown = SHOWN.findall(body["messages"][-1]["content"])
        known = {
            name: (int(n), text)
            for name, words in KNOWN.items()
            for n, text in shown
            if any(word in text for word in words)
        }
        numbers = {name: n for name, (n, _) in known.items()}
        texts = {name.upper(): text for name, (_, text) in known.items()}
        text = "".join(line.format(**numbers, **texts) + "\n" for line in lines)
        return Behaviour(text, **{"pieces": "lines"} | behaviour)

    return make


def names_of(events):
    return [event.name for event in events if isinstance(event, Step)]


def remark(why, lang, **given):
    return REMARKS[lang][why].format(name=NAME, **given)


def assert_stands_in(answer, assistant, question, why):
    """The answer is the extractive one to the question, with a notice that says why."""
    copied = assistant.ask(question, engine="extractive")
    assert (answer.engine, answer.status) == ("extractive", "answered")
    assert (answer.sentences, answer.citations) == (copied.sentences, copied.citations)
    assert answer.notice.startswith(remark(why, answer.language))
    assert len(answer.notice) > len(remark(why, answer.language))  # it says what is shown instead
