"""A chat model that plays its part by rules: LangChain's interface, no network, no chance.

It reads the prompts of `prompts/` by their marks. Asked for an answer it picks the passages that
share most words with the question and writes a sentence from each, copied and lightly reworded, as
a faithful model would; with a kind of mistake it makes that mistake wherever the sentence gives the
occasion. Asked to mend a sentence it writes the same one again, so that the gate alone is measured.
`written` tells of what it wrote. Not covered: sentences of several passages, shortening, and
translation; a passage in another language than the question is not used.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from pydantic import PrivateAttr

from eval.claims import WrongKind
from eval.mutate import mutate
from index.language import detect
from index.types import Lang

SENTENCES = 3  # of an answer, at most
NEEDED = 0.5  # the share of the best passage's overlap that a further one must have

_PASSAGE = re.compile(r"⟦(\d+)⟧ (.*?) ⟦/\1⟧", re.DOTALL)
_QUESTION = re.compile(r"⟦q⟧\s(.*?)\s⟦/q⟧", re.DOTALL)
_DRAFT = re.compile(r"⟦d⟧\s(.*?)\s⟦/d⟧", re.DOTALL)
_WORD = re.compile(r"[A-Za-z]{3,}|[가-힣]{2,}|\d[\d.,]*")
_EMPTY = frozenset(
    "the and for with that this from what which who how why when where does did are was were has "
    "have had its their into about according document brief 무엇 어떤 어떻게 무슨 누가 언제 어디 "
    "것은 대해 대한 위해 있는 하는 무엇인 까닭".split()
)
_REWORDED: dict[Lang, tuple[tuple[str, str], ...]] = {
    "ko": (
        (
            r"^(?:그러나|하지만|또한|따라서|그리고|한편|특히|아울러|나아가|즉|물론|그런데),? ",
            "",
        ),
        (r" ?\([^()\d]{1,40}\)", ""),
        (r"하였다\.$", "했다."),
        (r"되었다\.$", "됐다."),
        (r"할 필요가 있다\.$", "해야 한다."),
        (r"것으로 예상된다\.$", "것으로 전망된다."),
        (r"것으로 전망된다\.$", "것으로 예상된다."),
        (r"에 대하여", "에 대해"),
        (r"을 통하여", "을 통해"),
        (r"뿐만 아니라", "뿐 아니라"),
        (r"대선(?=[에의은는이을과에서 ])", "대통령 선거"),
        (r"향후", "앞으로"),
        (r"시급한", "급한"),
        (r"유사하", "비슷하"),
        (r"모호하", "불분명하"),
        (r"명확", "분명"),
        (r"대폭", "크게"),
        (r"감축", "축소"),
        (r"위하여", "위해"),
        (r"(?<=[가-힣]) 시 ", " 때 "),
    ),
    "en": (
        (
            r"^(?:However|Moreover|Furthermore|In addition|Therefore|Thus|Accordingly|Meanwhile|"
            r"In particular|Of course|That is|Nevertheless|Also|But|And),? ",
            "",
        ),
        (r" ?\([^()\d]{1,60}\)", ""),
        (r"\bin order to\b", "to"),
        (r"\bapproximately\b", "about"),
        (r"\bdue to\b", "because of"),
        (r"\bneeds to\b", "must"),
        (r"\bis projected to\b", "is expected to"),
        (r"\bas well as\b", "and also"),
        (r"\b(significant|considerable)\b", "substantial"),
        (r"\bpresidential election\b", "election"),
        (r"\breductions?\b", "cut"),
        (r"\bambiguous\b", "unclear"),
        (r"\bmaintain\b", "keep"),
        (r"\bstrengthen\b", "reinforce"),
        (r"\bsuch as\b", "like"),
        (r"\bunlike\b", "in contrast to"),
        (r"\btoward\b", "towards"),
    ),
}


@dataclass(frozen=True, slots=True)
class Written:
    """A sentence that the model wrote, without its marker; `wrong`: with the mistake."""

    text: str
    n: int
    wrong: bool

    @property
    def line(self) -> str:
        """As it stands in the reply."""
        return f"{self.text} [{self.n}]"


class ScriptedModel(BaseChatModel):
    """Writes by rules from the passages of the prompt; `mutation` is the mistake that it makes."""

    mutation: WrongKind | None = None
    _written: list[Written] = PrivateAttr(default_factory=list)

    @property
    def written(self) -> tuple[Written, ...]:
        """The sentences of all its answers so far, not those that it was asked to mend."""
        return tuple(self._written)

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        reply = AIMessage(self._reply(str(messages[-1].content)))
        return ChatResult(generations=[ChatGeneration(message=reply)])

    def _reply(self, prompt: str) -> str:
        """Each prompt is known by its marks: a draft is mended, passages are answered from."""
        draft, question = _DRAFT.search(prompt), _QUESTION.search(prompt)
        if draft:
            told = [w.line for w in self._written if _bare(w.text) == _bare(draft[1])]
            return told[-1] if told else f"{draft[1]} [1]"
        if question is None:
            return "[0]"
        if not _PASSAGE.search(prompt):  # a follow-up to condense, a question to break up
            return question[1]
        shown = [(int(n), text) for n, text in _PASSAGE.findall(prompt)]
        new = self._answer(question[1], shown)
        self._written += new
        return "\n".join(w.line for w in new) or "[0]"

    def _answer(self, question: str, shown: Sequence[tuple[int, str]]) -> list[Written]:
        lang = detect(question).main
        usable = [(n, text) for n, text in shown if _is_sentence(text, lang)]
        found: list[Written] = []
        for n, text in choose(question, usable):
            right = reworded(text, lang)
            others = [other for m, other in usable if m != n and other != text]
            wrong = None if self.mutation is None else mutate(self.mutation, right, lang, others)
            if wrong:
                found.append(Written(wrong, n, wrong=True))
            elif self.mutation == "wrong_citation" and (instead := _next(n, shown)):
                found.append(Written(right, instead, wrong=True))
            else:
                found.append(Written(right, n, wrong=False))
        return found


def choose(question: str, shown: Sequence[tuple[int, str]]) -> list[tuple[int, str]]:
    """The passages to write from, best first: those that share most words with the question."""
    asked, read = _words(question), {n: _words(text) for n, text in shown}
    # A word that many passages have says little, as in any search.
    worth = {w: log(1 + len(read) / (1 + sum(w in r for r in read.values()))) for w in asked}
    scored = sorted(
        ((_overlap(worth, read[n]), n, text) for n, text in shown),
        key=lambda one: (-one[0], one[1]),
    )
    best = scored[0][0] if scored else 0.0
    kept = [(n, text) for score, n, text in scored if score > 0 and score >= NEEDED * best]
    return kept[:SENTENCES]


def reworded(text: str, lang: Lang) -> str:
    """The sentence in slightly other words that say the same."""
    made = text
    for pattern, instead in _REWORDED[lang]:
        again = re.sub(pattern, instead, made, count=1)
        if again != made and pattern.endswith(r"다\.$"):
            made = again
            break  # or the next rule would turn the ending back
        made = again
    return made[0].upper() + made[1:]


def _is_sentence(text: str, lang: Lang) -> bool:
    ends = text.rstrip().endswith("다." if lang == "ko" else (".", "?", "!"))
    return ends and detect(text).main == lang


def _next(n: int, shown: Sequence[tuple[int, str]]) -> int | None:
    """The number of the passage after, or else before, that says something else."""
    texts = dict(shown)
    near = [m for m in (n + 1, n - 1, n + 2, n - 2) if texts.get(m, texts[n]) != texts[n]]
    return near[0] if near else None


def _words(text: str) -> frozenset[str]:
    """Content words, without their endings as far as cutting them short does that."""
    found = (word.lower() for word in _WORD.findall(text))
    return frozenset(
        word[:2] if "가" <= word[0] <= "힣" else word[:6] for word in found if word not in _EMPTY
    )


def _overlap(worth: Mapping[str, float], told: frozenset[str]) -> float:
    return sum(worth[word] for word in worth if word in told)


def _bare(text: str) -> str:
    return re.sub(r"[\s\"'“”‘’⟦⟧\[\]]+", "", text)
