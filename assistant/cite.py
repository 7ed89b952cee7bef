"""Write checked sentences down as an Answer with its citations, or say that there are none.

Every citation is made of a passage that the gate has seen: nothing here invents one. Markers count
from 1 in the order of first use, so a sentence that comes later never moves an earlier number.
"""

from collections.abc import Mapping, Sequence

import prompts
from assistant.gate import Checked
from assistant.query import Query
from assistant.types import Answer, Citation, Sentence
from index.types import Document, Lang, Passage

TOPICS = 3  # nearest topics named in a refusal
UNVERIFIED = {"ko": "(확인되지 않음)", "en": "(unverified)"}


def compose(query: Query, checked: Sequence[Checked], documents: Mapping[str, Document]) -> Answer:
    """An Answer of the sentences given, in their order, in the query's language."""
    numbers: dict[str, int] = {}
    citations: list[Citation] = []
    sentences: list[Sentence] = []
    for one in checked:
        for passage in one.passages:
            if passage.id not in numbers:
                n = numbers[passage.id] = len(numbers) + 1
                document = documents[passage.document_id]
                citations.append(citation(n, passage, document, query.language))
        sentences.append(
            Sentence(
                text=one.text,
                citations=tuple(sorted(numbers[passage.id] for passage in one.passages)),
                verdict="verified" if one.passed else "unverified",
                stance=one.stance,
                support=one.support,
                checks=one.checks,
            )
        )
    dates = {documents[c.document].as_of for c in citations}
    return Answer(
        id="",
        question=query.question,
        language=query.language,
        status="answered",
        answer=" ".join(_shown(sentence, query.language) for sentence in sentences),
        sentences=tuple(sentences),
        citations=tuple(citations),
        as_of=dates.pop() if len(dates) == 1 else None,
    )


def refuse(query: Query, nearest: Sequence[Passage]) -> Answer:
    """An Answer without sentences that names the nearest topics the library covers."""
    topics = dict.fromkeys(p.section_title(query.language) for p in nearest)
    quoted = "‘{}’" if query.language == "ko" else "“{}”"
    listed = ", ".join(quoted.format(topic) for topic in [*topics][:TOPICS])
    text = prompts.load("refusal", query.language, frozenset({"topics"}))
    return Answer(
        id="",
        question=query.question,
        language=query.language,
        status="not_in_document",
        answer=text.substitute(topics=listed),
    )


def citation(n: int, passage: Passage, document: Document, reader: Lang) -> Citation:
    """The citation of `passage` under marker `n`, for a reader of the language `reader`."""
    other: Lang = "en" if passage.lang == "ko" else "ko"
    return Citation(
        n=n,
        document=document.id,
        document_title=document.title(passage.lang),
        document_title_translation=document.titles.get(other),
        passage=passage.id,
        page=passage.page,
        section=passage.section_title(passage.lang),
        section_translation=passage.section_titles.get(other),
        quote=passage.quote,
        quote_language=passage.lang,
        translation=passage.quote_translation,
        translation_note=document.edition_notes.get(reader) if passage.quote_translation else None,
        char_start=passage.char_start,
        char_end=passage.char_end,
    )


def _shown(sentence: Sentence, lang: Lang) -> str:
    markers = "".join(f"[{n}]" for n in sentence.citations)
    doubt = "" if sentence.verdict == "verified" else UNVERIFIED[lang]
    return " ".join(filter(None, (sentence.text, markers, doubt)))
