"""A document made ready for search: its passages, and the words and vectors of their texts.

This is what takes time, and it depends on nothing but the document and the recipe, so it can be
done anywhere (in this process, in a worker, on another machine), kept, and used again.
"""

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index import chunk as chunking
from index import morphology as words
from index.terms import Analysed
from index.types import Document, Passage

HalfVectors = NDArray[np.float16]


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
    """The texts of one searchable field of a document, in order of its passages.

    `positions[i]` is the passage that text i is of, ascending; a passage may have several texts.
    """

    positions: tuple[int, ...]
    analysed: tuple[Analysed, ...]
    vectors: HalfVectors  # (texts, dimensions), of length 1


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document with all that the index keeps of it. `fields` has every name of FIELDS."""

    document: Document
    passages: tuple[Passage, ...]
    fields: Mapping[str, Field]
    recipe: str  # fingerprint
