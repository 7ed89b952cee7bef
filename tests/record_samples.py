"""Small prepared documents for tests of the record, made without a morphology or a model."""

import hashlib

import numpy as np

from index.parse.content import Box
from index.prepare import Field, Prepared
from index.record.entry import Entry, entry_of
from index.store import FIELDS
from index.terms import Analysed
from index.types import Block, Document, Passage, Section

KOREAN = (
    "부산항은 2030년까지 확장된다.",
    "정부가 비용의 절반을 부담한다.",
    "어민들은 보상을 요구한다.",
)
ENGLISH = ("Busan Port will be expanded by 2030.", "The state bears half.", "Fishers demand it.")


def prepared(
    id: str = "harbour", sentences: tuple[str, ...] = KOREAN, *, recipe: str = "r1", seed: int = 0
) -> Prepared:
    """A document of one paragraph; each sentence is a passage with a vector and words."""
    text = " ".join(sentences)
    lang = "ko" if any("가" <= c <= "힣" for c in text) else "en"
    titles = {"ko": f"보고서 {id}"}
    section = Section("s1", 1, titles, 0, len(text))
    blocks = (Block("paragraph", 0, len(text)),)
    document = Document(id, lang, titles, text, blocks, (0,), (section,), footnotes=((1, 3),))
    passages, start = [], 0
    for position, sentence in enumerate(sentences):
        passages.append(
            Passage(
                id=f"{id}:{hashlib.sha256(ascii(sentence).encode()).hexdigest()[:8]}",
                document_id=id,
                kind="sentence",
                lang=lang,
                text=sentence,
                quote=sentence,
                char_start=start,
                char_end=start + len(sentence),
                page=1,
                section_id="s1",
                section_titles=titles,
                paragraph=0,
                position=position,
                restatements={"en": ("In other words.",)} if position == 0 else {},
            )
        )
        start += len(sentence) + 1
    random = np.random.default_rng(seed)
    fields = {}
    for name in FIELDS:
        count = len(sentences) if name == lang else 0
        vectors = random.standard_normal((count, 16)).astype(np.float16)
        words = tuple(Analysed(s.split(), s.lower(), s.split()[:1]) for s in sentences[:count])
        fields[name] = Field(tuple(range(count)), words, vectors)
    return Prepared(document, tuple(passages), fields, recipe)


def entry(made: Prepared, file: bytes = b"%PDF", path: str = "/papers/harbour.pdf") -> Entry:
    """What is known of its file."""
    return entry_of(
        made.document,
        made.passages,
        path=path,
        sha256=hashlib.sha256(file).hexdigest(),
        size=len(file),
        format="pdf",
        parser=1,
        source_note="부산시 / City of Busan",
        licence="CC BY 4.0",
        warnings=("2쪽을 읽지 못했습니다.",),
    )


def boxes(count: int = 3) -> list[Box]:
    """Lines on a page."""
    return [Box(i * 10, i * 10 + 9, 1, 72.1, 100 + i * 12.3, 523.7, 112.0) for i in range(count)]


def same(first: Prepared | None, second: Prepared | None) -> bool:
    """Whether two are equal to the last bit of every vector."""
    if first is None or second is None:
        return first is second
    if first.fields.keys() != second.fields.keys():
        return False
    return (first.document, first.passages, first.recipe) == (
        second.document,
        second.passages,
        second.recipe,
    ) and all(
        (one.positions, one.analysed) == (other.positions, other.analysed)
        and one.vectors.dtype == other.vectors.dtype
        and one.vectors.shape == other.vectors.shape
        and one.vectors.tobytes() == other.vectors.tobytes()
        for name in first.fields
        for one, other in [(first.fields[name], second.fields[name])]
    )
