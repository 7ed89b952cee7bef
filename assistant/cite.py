"""Write chosen passages down as an Answer in which every citation is real.

Each sentence is the document's own, or its aligned translation's, so what has to hold is checked
rather than assumed: the quote slices out of the document's text, and the sentence is that quote or
the edition's wording of it. What fails is shown as unverified, never silently.
"""

from collections.abc import Mapping, Sequence

import prompts
from assistant.query import Query
from assistant.stance import stance
from assistant.types import Answer, Citation, Sentence
from index.types import Document, Lang, Passage

TOPICS = 3  # nearest topics named in a refusal


def cite(query: Query, chosen: Sequence[Passage], documents: Mapping[str, Document]) -> Answer:
    """An Answer of one sentence per passage, in the query's language where an edition has it."""
    sentences: list[Sentence] = []
    citations: list[Citation] = []
    for n, passage in enumerate(chosen, start=1):
        document = documents[passage.document_id]
        text = passage.in_language(query.language) or passage.text
        verified = is_verbatim(text, passage, document)
        citations.append(citation(n, passage, document, query.language))
        sentences.append(
            Sentence(
                text=text,
                citations=(n,),
                verdict="verified" if verified else "unverified",
                stance=stance(passage.quote, passage.lang),
                support=1.0 if verified else 0.0,
            )
        )
    dates = {documents[p.document_id].as_of for p in chosen}
    return Answer(
        id="",
        question=query.question,
        language=query.language,
        status="answered",
        answer=" ".join(f"{s.text} [{s.citations[0]}]" for s in sentences),
        sentences=tuple(sentences),
        citations=tuple(citations),
        as_of=dates.pop() if len(dates) == 1 else None,
    )


def refuse(query: Query, nearest: Sequence[Passage]) -> Answer:
    """An Answer without sentences that names the nearest topics the library covers."""
    topics = dict.fromkeys(_title(p, query.language) for p in nearest)
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
        document_title=document.titles.get(passage.lang) or next(iter(document.titles.values())),
        document_title_translation=document.titles.get(other),
        passage=passage.id,
        page=passage.page,
        section=_title(passage, passage.lang),
        section_translation=passage.section_titles.get(other),
        quote=passage.quote,
        quote_language=passage.lang,
        translation=passage.quote_translation,
        translation_note=document.edition_notes.get(reader) if passage.quote_translation else None,
        char_start=passage.char_start,
        char_end=passage.char_end,
    )


def is_verbatim(text: str, passage: Passage, document: Document) -> bool:
    """Whether `text` is the quote, or the edition's wording of it, and quote and page are real."""
    real = document.text[passage.char_start : passage.char_end] == passage.quote
    page = document.page(passage.char_start) == passage.page
    if passage.kind == "sentence":
        wordings = {passage.quote, document.translations.get(passage.quote)}
    else:
        wordings = {passage.text, passage.translation}
    return real and page and text in wordings


def _title(passage: Passage, lang: str) -> str:
    return passage.section_titles.get(lang) or next(iter(passage.section_titles.values()))
