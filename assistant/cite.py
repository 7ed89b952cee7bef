"""Write checked sentences down as an Answer with its citations, or say that there are none.

Every citation is made of a passage that the gate has seen: nothing here invents one. Markers count
from 1 in the order of first use, so a sentence that comes later never moves an earlier number.
"""

from collections.abc import Mapping, Sequence

import prompts
from assistant.gate import Checked
from assistant.labels import MACHINE_EDITION, NO_EDITION
from assistant.query import Query
from assistant.types import Answer, Citation, Sentence
from index.types import Document, Lang, Passage

TOPICS = 3  # nearest topics named in a refusal
QUOTED = {"ko": "‘{}’", "en": "“{}”"}
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
        notice=_of_editions(citations, query.language, documents),
    )


def refuse(query: Query, nearest: Sequence[Passage]) -> Answer:
    """An Answer without sentences that names the nearest topics the library covers."""
    topics = dict.fromkeys(p.section_title(query.language) for p in nearest)
    listed = ", ".join(map(QUOTED[query.language].format, [*topics][:TOPICS]))
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
        translation_model=document.edition_model if passage.quote_translation else None,
    )


def _of_editions(
    citations: Sequence[Citation], reader: Lang, documents: Mapping[str, Document]
) -> str | None:
    """What a reader should know of the translations that the answer reads or lacks, if anything."""
    foreign = [citation for citation in citations if citation.quote_language != reader]
    lacking = [citation for citation in foreign if not citation.translation]
    models = dict.fromkeys(c.translation_model for c in foreign if c.translation_model)
    said = []
    if models:
        said.append(MACHINE_EDITION[reader].format(name=", ".join(models)))
    if lacking:
        said.append(_no_edition(lacking, citations, reader, documents))
    return " ".join(said) or None


def _no_edition(
    lacking: Sequence[Citation],
    citations: Sequence[Citation],
    reader: Lang,
    documents: Mapping[str, Document],
) -> str:
    """That what the `lacking` of the answer's citations quote has no translation."""
    wordings = NO_EDITION[reader]
    bare = {c.document: c.title(reader) for c in lacking if not documents[c.document].translations}
    cited = {citation.document for citation in citations}
    if len(bare) < len({citation.document for citation in lacking}):
        return wordings["part"]  # of a document whose edition is not whole
    if len(bare) < len(cited):
        return wordings["some"].format(titles=", ".join(map(QUOTED[reader].format, bare.values())))
    return wordings["one" if len(cited) == 1 else "all"]


def _shown(sentence: Sentence, lang: Lang) -> str:
    markers = "".join(f"[{n}]" for n in sentence.citations)
    doubt = "" if sentence.verdict == "verified" else UNVERIFIED[lang]
    return " ".join(filter(None, (sentence.text, markers, doubt)))
