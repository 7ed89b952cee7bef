"""Questions to put to the documents: to start with, to go on with, and instead of a refused one.

They are made of the documents' own words (`assistant.question_words`) without a chat model, and
each is asked of the finder before it is shown, alone and of the same documents: none is offered
that would be refused, or that would only show again what has been shown. What is made of a passage
and what came of a question are remembered, so that a conversation soon costs little. Not covered:
questions that take several passages together.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeVar

from assistant.concepts import Concept
from assistant.errors import InputError
from assistant.extract import choose
from assistant.find import Finder, Scope
from assistant.query import FRAME, clean
from assistant.question_words import (
    WORTH,
    AskedKind,
    Name,
    asked_abroad,
    asked_of,
    asked_of_cell,
    asked_of_section,
    heading_of,
)
from assistant.stance import stance
from assistant.types import Answer
from index.types import Lang, Passage

NEARBY = 20  # passages before and after a cited one that questions are made of
RELATED = 120  # before and after, where one that names the same things is looked for
MOST_RELATED = 12
CITED = 4  # cited passages that are gone on from
SECTIONS = 4  # that follow, whose headings are asked about
MOST_BROUGHT = 40  # of a document's own questions that are looked at
TRIED = 12  # questions that are put to the finder for one list
DOCUMENTS = 6  # that questions to start with are made of
PER_DOCUMENT = 60  # passages of each
REMEMBERED = 4_000
ALIKE = 0.6  # share of words in common: the same question in other words
TOO_COMMON = 0.12  # share of a document's passages; a thing named more often is no topic of its own
SHARED = 0.3  # what a question is worth more that names what was just spoken of
SAME_KIND = 0.3  # what a second question of a kind is worth less
WORDS_ALIKE = "#t"  # concepts of the thesaurus: verbs and adjectives as well as things
PREFERRED_ONLY = ("country", "place")  # whose other names are adjectives and old names

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A question that may be offered, and the passage that it was made of."""

    text: str
    kind: AskedKind
    place: int
    about: str  # the concept or section that it is about, if any


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of a question: the places that answer it, none where it would be refused."""

    places: tuple[int, ...]
    words: frozenset[str]


class _Memory:
    """The last values by key. Safe to share between threads."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Hashable, object] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """The value kept for `key`, or what `make` gives."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]  # type: ignore[return-value]
        value = make()  # outside of the lock: two threads may make the same
        with self._lock:
            self._kept[key] = value
            while len(self._kept) > REMEMBERED:
                self._kept.popitem(last=False)
        return value


class Suggestions:
    """Makes questions over one open library. Safe to share between threads."""

    def __init__(self, finder: Finder, concepts: Callable[[], Collection[Concept]]) -> None:
        """`concepts` gives the glossary's terms; it is asked once a name is needed."""
        self._finder = finder
        self._concepts = concepts
        self._passages = finder.index.passages
        self._made, self._tried, self._named = _Memory(), _Memory(), _Memory()

    def openings(self, lang: Lang, scope: Scope = None, count: int = 4) -> list[str]:
        """Questions to start with: those that the documents bring along, else such as are made."""
        documents = [d for d in self._finder.index.documents.values() if not scope or d.id in scope]
        examples = [list(d.examples.get(lang, ())) for d in documents]
        longest = max(map(len, examples), default=0)
        turns = [own[n] for n in range(longest) for own in examples if n < len(own)]
        given = list(dict.fromkeys(turns))[:count]
        if len(given) == count:
            return given
        ranked = self._starters([d.id for d in documents], lang)
        return given + self._chosen(ranked, given, set(), lang, scope, count - len(given))

    def _starters(self, documents: Sequence[str], lang: Lang) -> list[tuple[float, Candidate]]:
        """Questions made of passages from all over the first of the documents."""
        ranked: list[tuple[float, Candidate]] = []
        for document in documents[:DOCUMENTS]:
            own = [p for p in self._of(document) if self._passages[p].kind != "row"]
            step = max(len(own) // PER_DOCUMENT, 1)
            ranked += [
                (WORTH[c.kind], c) for place in own[::step] for c in self._candidates(place, lang)
            ]
        return ranked

    def follow_ups(
        self,
        answer: Answer,
        asked: Sequence[str],
        lang: Lang,
        scope: Scope = None,
        count: int = 3,
    ) -> list[str]:
        """Questions to go on with after `answer`, which the documents answer with something new.

        `asked` are the questions of the conversation so far. A refused question has none.
        """
        shown = {
            place
            for citation in answer.citations
            if (place := self._place_of.get(citation.passage)) is not None
        }
        if not shown:
            return []
        ranked: dict[Candidate, float] = {}
        own = list(dict.fromkeys(self._passages[place].document_id for place in sorted(shown)))
        for candidate in self._brought(own, lang, scope):
            if candidate.place not in shown:  # asked in other words, it was just answered
                ranked[candidate] = WORTH[candidate.kind] + self._closeness(candidate.place, shown)
        cited = [self._passages[place] for place in sorted(shown)[:CITED]]
        told = " ".join([answer.question, *(p.in_language(lang) or p.text for p in cited)])
        for place in sorted(shown)[:CITED]:
            for near, closeness in self._around(place, lang):
                if near in shown:
                    continue
                for candidate in self._candidates(near, lang):
                    value = WORTH[candidate.kind] + closeness
                    value += SHARED * any(
                        name.text in told and name.text in candidate.text
                        for name in self._names(near, lang)
                    )
                    ranked[candidate] = max(value, ranked.get(candidate, 0.0))
        rows = [(value, candidate) for candidate, value in ranked.items()]
        said = [*asked, answer.question]
        chosen = self._chosen(rows, said, shown, lang, scope, count)
        return self._filled(chosen, said, shown, [p.document_id for p in cited], lang, scope, count)

    def _brought(self, documents: Iterable[str], lang: Lang, scope: Scope) -> Iterator[Candidate]:
        """The questions that documents bring along, each with the first place that answers it."""
        for document in documents:
            examples = self._finder.index.documents[document].examples.get(lang, ())
            for question in examples[:MOST_BROUGHT]:
                if places := self._try(question, lang, scope).places:
                    yield Candidate(question, "example", places[0], "")

    def _closeness(self, place: int, shown: Collection[int]) -> float:
        """How close a place is to the nearest of those shown, as `_around` has it."""
        return max(
            0.45 * (self._passages[place].section_id == self._passages[near].section_id)
            - 0.02 * abs(place - near)
            for near in shown
        )

    def nearest(self, question: str, lang: Lang, scope: Scope = None, count: int = 3) -> list[str]:
        """Questions that are answered, nearest to one that is not."""
        query = self._finder.understand(question, (), lang, scope)
        places = self._finder.find(query, scope).ranking.places[:NEARBY]
        wanted = _words(self._finder, question)
        ranked: list[tuple[float, Candidate]] = []
        own = list(dict.fromkeys(self._passages[place].document_id for place in places))
        for candidate in self._brought(own[:CITED], lang, scope):
            rank = places.index(candidate.place) if candidate.place in places else NEARBY
            shared = len(wanted & _words(self._finder, candidate.text))
            ranked.append((WORTH[candidate.kind] - 0.06 * rank + 0.3 * shared, candidate))
        for rank, place in enumerate(places):
            for candidate in self._candidates(place, lang):
                shared = len(wanted & _words(self._finder, candidate.text)) if rank < CITED else 0
                ranked.append((WORTH[candidate.kind] - 0.06 * rank + 0.3 * shared, candidate))
        chosen = self._chosen(ranked, [question], set(), lang, scope, count)
        return self._filled(chosen, [question], set(), own, lang, scope, count)

    def _filled(
        self,
        chosen: list[str],
        asked: Sequence[str],
        shown: set[int],
        documents: Sequence[str],
        lang: Lang,
        scope: Scope,
        count: int,
    ) -> list[str]:
        """What was chosen; where that is too little, also from elsewhere in these documents."""
        if len(chosen) == count:
            return chosen
        rows = self._starters([*dict.fromkeys(documents)], lang)
        said = [*asked, *chosen]
        return chosen + self._chosen(rows, said, shown, lang, scope, count - len(chosen))

    def _chosen(
        self,
        ranked: Iterable[tuple[float, Candidate]],
        asked: Sequence[str],
        shown: set[int],
        lang: Lang,
        scope: Scope,
        count: int,
    ) -> list[str]:
        """The best that are answered with something new, of different kinds, about other things."""
        left = sorted(ranked, key=lambda one: (-one[0], one[1].place, one[1].text))
        said = [_words(self._finder, question) for question in asked]
        chosen: list[Candidate] = []
        covered = set(shown)
        for _ in range(TRIED):
            if len(chosen) == count or not left:
                break
            best = max(left, key=lambda one: one[0] - self._repeats(one[1], chosen))
            left.remove(best)
            candidate = best[1]
            tried = self._try(candidate.text, lang, scope)
            if _answers(candidate, tried, covered, self._passages) and not any(
                _alike(tried.words, words) for words in said
            ):
                chosen.append(candidate)
                said.append(tried.words)
                covered.update(tried.places)
                left = [one for one in left if one[1].text != candidate.text]
        return [candidate.text for candidate in chosen]

    def _repeats(self, candidate: Candidate, chosen: Sequence[Candidate]) -> float:
        """What a candidate is worth less after those chosen."""
        return sum(
            SAME_KIND * (one.kind == candidate.kind != "example")
            + SAME_KIND * (bool(one.about) and one.about == candidate.about)
            + SAME_KIND * (one.place == candidate.place)
            for one in chosen
        )

    def _try(self, question: str, lang: Lang, scope: Scope) -> Tried:
        return self._tried.get((question, lang, scope), lambda: self._ask(question, lang, scope))

    def _ask(self, question: str, lang: Lang, scope: Scope) -> Tried:
        words = _words(self._finder, question)
        try:
            # With a history, to see that it is no follow-up: it may be asked at any point.
            query = self._finder.understand(clean(question), ["?"], None, scope)
        except InputError:
            return Tried((), words)
        if query.follow_up or query.language != lang:
            return Tried((), words)
        found = self._finder.find(query, scope)
        if not found.ranking.answerable:
            return Tried((), words)
        passages = choose(found.ranking, self._passages, query)
        return Tried(tuple(self._place_of[p.id] for p in passages), words)

    def _candidates(self, place: int, lang: Lang) -> list[Candidate]:
        """Every question made of a passage and of the heading that it is the first beneath."""
        return self._made.get((place, lang), lambda: [*self._make(place, lang)])

    def _make(self, place: int, lang: Lang) -> Iterator[Candidate]:
        passage = self._passages[place]
        heading = heading_of(passage.section_title(lang))
        text = passage.in_language(lang)
        if passage.kind == "cell" and text is not None:
            quote = passage.quote if lang == passage.lang else passage.quote_translation or ""
            labels = text.removesuffix(quote).rstrip(": ").split(", ")
            if cell := asked_of_cell(labels, lang):
                yield Candidate(cell.text, cell.kind, place, labels[1])
        elif passage.kind == "sentence" and text is not None:
            names = self._names(place, lang)
            held = stance(passage.quote, passage.lang)
            for wording in asked_of(text, lang, held, names, heading):
                about = next((n.concept for n in names if n.text in wording.text), "")
                yield Candidate(wording.text, wording.kind, place, about)
        elif passage.kind == "sentence":
            # Quoted in its own language, it may still be asked about in the other.
            held = stance(passage.quote, passage.lang)
            for name in self._names(place, lang):
                if asked := asked_abroad(name, lang, held):
                    yield Candidate(asked.text, asked.kind, place, name.concept)
        if heading is not None and self._opens_section(place):
            beneath = self._beneath(place)
            stances = frozenset(stance(p.quote, p.lang) for p in beneath if p.kind == "sentence")
            for wording in asked_of_section(heading, lang, stances):
                yield Candidate(wording.text, wording.kind, place, passage.section_id)

    def _names(self, place: int, lang: Lang) -> list[Name]:
        """The glossary's terms in a passage, the longest first, none within another."""
        return self._named.get((place, lang), lambda: self._find_names(place, lang))

    def _find_names(self, place: int, lang: Lang) -> list[Name]:
        passage = self._passages[place]
        abroad = passage.in_language(lang) is None
        written_in = passage.lang if abroad else lang
        text = passage.in_language(written_in) or ""
        found: list[tuple[int, Name]] = []
        for concept in self._concepts():
            names = concept.names.get(written_in, ())
            if concept.type in PREFERRED_ONLY:
                names = names[:1]
            held = [n for n in names if len(n) > 1 and n in text]
            if held and not _generic(concept) and not concept.id.startswith(WORDS_ALIKE):
                longest = max(held, key=len)
                found.append((len(longest), Name(longest, concept.id, concept.type)))
        found.sort(key=lambda one: (-one[0], one[1].text))
        kept: list[Name] = []
        for _, name in found:
            within = any(name.text in other.text for other in kept)
            if not within and _apart(text, name.text, written_in):
                kept.append(name)
        kept = [name for name in kept if not self._common(name, place)]
        if abroad:  # as the reader calls it
            called = {c.id: c.name(lang) for c in self._concepts()}
            kept = [replace(name, text=called[name.concept]) for name in kept]
        return kept

    def _common(self, name: Name, place: int) -> bool:
        """Whether a document names a thing in so many passages that it is no topic of its own."""
        document = self._passages[place].document_id
        own = self._of(document)
        held = self._named.get(
            (document, name.text),
            lambda: sum(
                any(name.text in reading for reading in self._passages[p].readings)
                for p in own[:400]
            ),
        )
        return held > max(3, TOO_COMMON * min(len(own), 400))

    def _around(self, place: int, lang: Lang) -> Iterator[tuple[int, float]]:
        """Places of the same document worth going on to from one, and how close each is."""
        passages, here = self._passages, self._passages[place]
        for near in range(max(place - NEARBY, 0), min(place + NEARBY + 1, len(passages))):
            other = passages[near]
            if other.document_id != here.document_id or other.kind == "row":
                continue
            close = 0.45 if other.section_id == here.section_id else -0.15
            close += 0.25 * (other.paragraph == here.paragraph)
            yield near, close - 0.02 * abs(near - place)
        named = {name.concept for name in self._names(place, lang)}
        related = 0
        for step in range(NEARBY + 1, RELATED):
            for near in (place + step, place - step):
                if not 0 <= near < len(passages) or related >= MOST_RELATED or not named:
                    continue
                other = passages[near]
                if other.document_id == here.document_id and other.kind == "sentence":
                    shared = named & {name.concept for name in self._names(near, lang)}
                    if shared:
                        related += 1
                        yield near, -0.1
        yield from ((first, 0.0) for first in self._next_sections(place))

    def _next_sections(self, place: int) -> Iterator[int]:
        """The first places of the sections after that of a passage; then from the beginning."""
        document = self._passages[place].document_id
        own = self._of(document)
        firsts = [p for p in own if self._opens_section(p)]
        after = [p for p in firsts if p > place]
        before = [p for p in firsts if p < place]
        yield from (after + before)[:SECTIONS]

    def _opens_section(self, place: int) -> bool:
        """Whether a passage is the first of its section."""
        here, before = self._passages[place], self._passages[place - 1] if place else None
        return before is None or (before.document_id, before.section_id) != (
            here.document_id,
            here.section_id,
        )

    def _beneath(self, place: int) -> list[Passage]:
        """The first passages of the section that a passage opens."""
        section = self._passages[place].section_id
        beneath = self._passages[place : place + NEARBY]
        return [p for p in beneath if p.section_id == section]

    def _of(self, document: str) -> range:
        """The places of a document's passages, which stand together."""
        return self._spans.get(document, range(0))

    @cached_property
    def _spans(self) -> dict[str, range]:
        spans: dict[str, range] = {}
        for place, passage in enumerate(self._passages):
            known = spans.get(passage.document_id)
            spans[passage.document_id] = range(known.start if known else place, place + 1)
        return spans

    @cached_property
    def _place_of(self) -> dict[str, int]:
        return {passage.id: place for place, passage in enumerate(self._passages)}


def _answers(
    candidate: Candidate, tried: Tried, covered: set[int], passages: Sequence[Passage]
) -> bool:
    """Whether what came of a question is its answer, and something of it is new."""
    if not set(tried.places) - covered:
        return False
    if candidate.kind in ("section", "term", "position"):
        home = passages[candidate.place]
        if candidate.kind == "section":
            return any(
                (passages[p].document_id, passages[p].section_id)
                == (home.document_id, home.section_id)
                for p in tried.places
            )
        return any(passages[p].document_id == home.document_id for p in tried.places)
    return candidate.place in tried.places


def _generic(concept: Concept) -> bool:
    """Whether a concept is a sort of people rather than somebody: 대통령, 참모진, think tank."""
    return concept.type in ("person", "organization") and concept.name("en")[:1].islower()


def _words(finder: Finder, question: str) -> frozenset[str]:
    """The content words of a question."""
    groups = finder.index.analyzer.question_groups(question, FRAME)
    return frozenset(group.word for group in groups if group.share == 1)


def _alike(words: frozenset[str], others: frozenset[str]) -> bool:
    """Whether two questions are the same one in other words."""
    either = words | others
    return not words or len(words & others) >= ALIKE * len(either)


def _apart(text: str, name: str, lang: Lang) -> bool:
    """Whether a name stands in a text as a word, not within a longer one."""
    at = text.find(name)
    while at >= 0:
        before, after = text[at - 1 : at], text[at + len(name) :][:1]
        if lang == "ko":
            # A particle or a space follows; before it begins a word.
            rest = text[at + len(name) :]
            if not before.isalnum() and (not after.isalnum() or rest.startswith(_PARTICLES)):
                return True
        elif not before.isalnum() and not after.isalnum():
            return True
        at = text.find(name, at + 1)
    return False


_PARTICLES = (
    "은 ", "는 ", "이 ", "가 ", "을 ", "를 ", "의 ", "에 ", "와 ", "과 ", "도 ", "로 ", "으로 ",
    "에서 ", "에게 ", "에는 ", "이다", "이며", "까지 ", "부터 ", "보다 ", "만 ", "으로서 ", "로서 ",
)  # fmt: skip
