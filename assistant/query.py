"""From a question as typed to a query: language, what sort of answer it wants, the words to search.

A follow-up is recognised by what it lacks (few content words, a pronoun, an opening such as 그럼 or
"what about") and takes the missing words from the questions before it, at a discount, so that its
own words decide. Not covered: questions that refer to an earlier answer's wording.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from assistant.errors import InputError
from assistant.patterns import any_of, whole
from assistant.question_types import Asks, asks_of, entity_of, is_general, unit_of
from index.clean import visible
from index.language import detect
from index.lexicon import EntityType
from index.terms import Analyzer, TermGroup
from index.types import Lang

LONGEST_QUESTION = 2_000  # characters
HISTORY_USED = 2  # earlier questions that a follow-up may lean on
HISTORY_SHARE = 0.45  # what a word of the previous question counts, halved for the one before it
PLAIN_ASKS: frozenset[Asks] = frozenset({"number", "date", "duration", "who", "reason"})
SHORT_QUESTION: Mapping[Lang, int] = {"ko": 2, "en": 4}  # words; a shorter one cannot stand alone

_FOLLOW_UP = re.compile(
    any_of(
        r"^[^ ]+(?: [^ ]+)?[은는도]\s*[?？]?$",  # 대만은? 예산도?
        r"^\s*"  # how it opens
        + any_of(
            "그럼|그러면|그렇다면|그래서|그런데|근데|또|그중|거기",
            r"그건|그게|그걸|그거|그것|이건|이것|왜\??$",
            r"and\b|but\b|so\b|then\b|or\b",
            r"what about|how about|what else|why\?|how so|in that case",
        ),
        r"(?:^|\s)"  # a pronoun anywhere
        + any_of(
            "그것은|그것|그게|그걸|그거|그들|그런|그렇게|그때|그쪽|그 나라|그중|그에|그|거기",
            "이 경우|이것|같은 경우|방금|위에서|앞서|얘네|걔네",
        )
        + r"(?:[은는이가을를의도에와과]|에서|한테)?(?=\s|[?？]|$)",
        whole(
            "it|its|they|them|their|he|him|his|she|her|that|this|those|these|there|one|ones",
            "the former|the latter|same",
        ),
    ),
    re.IGNORECASE,
)
_PHRASE_KO = "[가-힣A-Za-z]+(?: [가-힣A-Za-z]+)?"
_PHRASE_EN = "[A-Za-z-]+(?: [A-Za-z-]+)?"
# What stands next to the question word: 예산 in 예산은 얼마, "law" in "which law". Case is ignored
# in the English only: Hangul has none, and to ignore it in its range takes long to compile.
_FOCUS = re.compile(
    any_of(
        f"({_PHRASE_KO})(?:은|는|이|가|을|를)? ?(?:모두 |총 |대략 |현재 )?"
        "(?:얼마|몇|언제|누구|누가|무엇|뭐|뭘|어디|어느 정도|며칠)",
        f"(?:어느|어떤|무슨|몇) ({_PHRASE_KO})",
        r"([가-힣A-Za-z]+)(?:은|는)\s*[?？]?$",
        r"(?i:\b(?:which|what|how many|whose)) "
        "((?i:(?!is |are |was |were |did |do |does |has |have |will |would |should |can |could ))"
        f"{_PHRASE_EN})",
        rf"(?i:\bwhat (?:is|are|was|were) the) ({_PHRASE_EN})",
    )
)
# A question about the document as a whole; it is searched by the document's title.
_OVERVIEW = re.compile(
    any_of(
        "요약|개요|요지|주제|핵심 (?:내용|주장|메시지)|무슨 (?:내용|이야기|얘기)|어떤 내용",
        "무엇에 (?:관한|대한|관해)|뭐에 (?:관한|대한)",
        r"\babout\b|summar|overview|\bgist\b|\btopic\b",
        "main (?:point|argument|message|idea|thesis)|key (?:point|takeaway|message)",
    ),
    re.IGNORECASE,
)
_OVERVIEW_WORDS = frozenset(
    "핵심 주제 요지 개요 메시지 전체 전반 "
    "main point argument messag idea thesi key takeaway gist topic overview overal whole".split()
)
# Words of asking, and of naming the document itself; they say nothing of what is asked about.
FRAME = frozenset(
    (
        # question words
        "무엇 뭐 어떤 어느 어디 언제 누구 얼마 어떻게 왜 몇 무슨 뭣 무엇무엇 뭐뭐 며칠 "
        "what whi which much mani long "
        # to tell, to know, to find
        "설명하다 설명 말하다 말 알다 알리다 알려 요약 정리 질문 대답 답 궁금하다 궁금 서술 언급 "
        "내용 관련 이야기 얘기 싶다 찾다 보이다 꼽다 들다 나오다 부탁 예시 줄임 줄임말 약자 약어 "
        "say tell explain describ mention discuss state summar summari question answer pleas know "
        "mean list give name letter abbrevi acronym concern regard stand get see want "
        # the document and its author
        "문서 보고서 브리프 글 본문 자료 저자 필자 글쓴이 지은이 작성자 "
        "brief report document text paper author writer accord "
        # what sort of thing
        "이유 까닭 가능 정확히 정확 구체 날짜 액수 가지 주장 몫 제안 권고 추천 조언 "
        "kind sort thing reason exact exactli specif actual realli becom is one "
        "recommend suggest propos advis"
    ).split()
)


@dataclass(frozen=True, slots=True)
class Query:
    """A question made ready for search."""

    question: str
    language: Lang  # of the answer
    asks: frozenset[Asks]
    groups: tuple[TermGroup, ...]
    texts: tuple[tuple[str, float], ...]  # for the embedder, with weights
    follow_up: bool
    focus: frozenset[
        str
    ]  # the words that say what is asked for: 예산 in 예산은 얼마, "law" in "which law"
    unit: str | None  # what is counted, as index.numbers names it: 몇 명 -> person
    entity: EntityType | None  # the type of name asked for: 어느 나라 -> country


def clean(question: str) -> str:
    """NFC, without control characters, white space folded; InputError where nothing is left."""
    text = _tidy(question)
    if not text:
        raise InputError("The question is empty; type a question about the documents.")
    if len(text) > LONGEST_QUESTION:
        raise InputError(
            f"The question has {len(text):,} characters; at most {LONGEST_QUESTION:,} are read. "
            "Shorten it, or split it into several questions."
        )
    return text


def clean_history(history: Sequence[str]) -> list[str]:
    """Earlier questions cleaned; what is empty is left out, what is too long is cut."""
    return [text[:LONGEST_QUESTION] for earlier in history if (text := _tidy(earlier))]


def _tidy(text: str) -> str:
    return " ".join(visible(text).split())


def understand(
    question: str,
    history: Sequence[str],
    lang: Lang | None,
    analyzer: Analyzer,
    titles: Sequence[str] = (),
) -> Query:
    """The query for a cleaned `question`.

    `history` holds earlier questions, oldest first; `titles` those of the library's documents.
    """
    written_in = detect(question).main
    query = Query(
        question=question,
        language=lang or written_in,
        asks=frozenset(asks_of(question)),
        groups=analyzer.question_groups(question, FRAME),
        texts=((question, 1.0),),
        follow_up=False,
        focus=_focus(question, analyzer),
        unit=unit_of(question),
        entity=entity_of(question),
    )
    if titles and _is_overview(query):
        groups = [g for title in titles for g in analyzer.question_groups(title, FRAME)]
        texts = tuple((title, 1.0) for title in titles)
        return replace(query, asks=query.asks | {"list"}, groups=tuple(groups), texts=texts)
    short = len(question.split()) <= SHORT_QUESTION[written_in]
    if history and (short or _FOLLOW_UP.search(question)):
        return _follow_up(query, history, analyzer, short=short)
    return query


def _is_overview(query: Query) -> bool:
    """Whether the question is about the document as a whole, and names nothing in it."""
    own = (group.word for group in query.groups if group.share == 1)
    return bool(_OVERVIEW.search(query.question)) and all(word in _OVERVIEW_WORDS for word in own)


def _follow_up(query: Query, history: Sequence[str], analyzer: Analyzer, *, short: bool) -> Query:
    """The query with the words that it lacks, from the questions before it.

    A `short` one that does not say what sort of answer it wants takes that too.
    """
    asks, groups, texts = query.asks, query.groups, query.texts
    share = HISTORY_SHARE
    for earlier in list(reversed(history))[:HISTORY_USED]:
        known = {g.word for g in groups} | {t for g in groups for t in g.alternatives}
        groups += tuple(
            replace(group, share=group.share * share)
            for group in analyzer.question_groups(earlier, FRAME)
            if known.isdisjoint(group.alternatives)
        )
        texts += ((earlier, share),)
        if short and not asks & PLAIN_ASKS:
            asks |= asks_of(earlier)
        share /= 2
    return replace(query, asks=asks, groups=groups, texts=texts, follow_up=True)


def _focus(question: str, analyzer: Analyzer) -> frozenset[str]:
    """Terms of the noun phrases next to the question word."""
    phrases = [group for m in _FOCUS.finditer(question) for group in m.groups() if group]
    tokens = [t for p in phrases for t in analyzer.morphology.tokens(p) if t.kind == "noun"]
    return frozenset(t.term for t in tokens if not is_general(t.term)) - FRAME
