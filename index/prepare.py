"""A document made ready for search: its passages, and the words and vectors of their texts.

This is what takes time, and it depends on nothing but the document and the recipe, so it can be
done anywhere (in this process, in a worker, on another machine), kept, and used again.
"""

import dataclasses
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index import chunk as chunking
from index import morphology as words
from index.chunk import chunk
from index.models import Embedder
from index.morphology import Token
from index.store import FIELDS
from index.terms import Analysed, Analyzer
from index.types import Document, Passage

HalfVectors = NDArray[np.float16]
TEXTS_APART = " \n"  # between several texts of one passage


@dataclass(frozen=True, slots=True)
class Recipe:
    """What besides the document decides how it is prepared; equal recipes give equal results."""

    embedder: str
    embedder_version: str
    dimensions: int
    lexicon: str  # digest of glossary and thesaurus
    chunking: int = chunking.VERSION
    morphology: int = words.VERSION

    def fingerprint(self) -> str:
        """Sixteen hex digits."""
        text = json.dumps(dataclasses.asdict(self), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Field:
    """One searchable field of a document (index.store.FIELDS).

    `positions` are the passages that have texts in it, ascending, and `analysed` those texts taken
    apart, all texts of a passage as one. `vectors` has a row of length 1 for every single text, in
    order: more rows than positions where a passage has several.
    """

    positions: tuple[int, ...]
    analysed: tuple[Analysed, ...]
    vectors: HalfVectors  # (texts, dimensions)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document with all that the index keeps of it. `fields` has every name of FIELDS."""

    document: Document
    passages: tuple[Passage, ...]
    fields: Mapping[str, Field]
    recipe: str  # fingerprint


def recipe_of(embedder: Embedder, lexicon: str) -> Recipe:
    """The recipe of this release with `embedder` and a lexicon of that digest."""
    return Recipe(embedder.name, embedder.version, embedder.dimensions, lexicon)


def prepare(document: Document, analyzer: Analyzer, embedder: Embedder, recipe: str) -> Prepared:
    """Cut `document` into passages, and take apart and embed every text of theirs.

    `recipe` is the fingerprint of the recipe that `analyzer` and `embedder` make up. A document of
    headings only has no passages.
    """
    tokens: dict[str, list[Token]] = {}  # Kiwi takes its time, and need not twice
    bodies = [
        document.text[block.char_start : block.char_end]
        for block in document.blocks
        if block.kind == "paragraph"
    ]
    spans = dict(zip(bodies, analyzer.morphology.sentences_of(bodies, tokens), strict=True))
    passages = tuple(chunk(document, spans.__getitem__))
    readings: dict[str, str] = {}
    fields = {
        name: _field([texts_of(p) for p in passages], analyzer, embedder, tokens, readings)
        for name, texts_of in FIELDS.items()
    }
    return Prepared(document, passages, fields, recipe)


def _field(
    texts: Sequence[Sequence[str]],
    analyzer: Analyzer,
    embedder: Embedder,
    tokens: Mapping[str, list[Token]],
    readings: dict[str, str],
) -> Field:
    """The field of passages that have `texts` in it; `readings` grows by those of the texts."""
    positions = tuple(i for i, own in enumerate(texts) if any(own))
    whole = [TEXTS_APART.join(texts[i]) for i in positions]
    analysed = tuple(analyzer.analyse(whole, tokens))
    readings |= {text: found.reading for text, found in zip(whole, analysed, strict=True)}
    single = [text for own in texts for text in own]
    if embedder.reads_terms:
        new = [text for text in dict.fromkeys(single) if text not in readings]
        readings.update(zip(new, analyzer.reading(new), strict=True))
        single = [readings[text] for text in single]
    vectors = embedder.embed(single) if single else np.zeros((0, embedder.dimensions))
    return Field(positions, analysed, vectors.astype(np.float16))
