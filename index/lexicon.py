"""The bilingual lexicon: what the two languages, and different askers, call the same thing.

Two YAML files that users may edit: the glossary (names and terms of the field) and the thesaurus
(general words that mean nearly the same). Each entry is a concept; a word or phrase of either
language that names it adds the concept to the terms of a passage or question, so that 방위비분담금,
"cost-sharing contribution" and "burden sharing" meet without any translation at question time.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from index.errors import InputError
from index.load import read_text
from index.morphology import load_morphology

GLOSSARY = Path(__file__).parent / "glossary.yaml"
THESAURUS = Path(__file__).parent / "thesaurus.yaml"


EntityType = Literal["person", "country", "organization", "place", "law", "weapon"]


class GlossaryEntry(BaseModel):
    """A term of the field: preferred names and aliases, in both languages."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    ko: str
    en: str
    ko_aliases: list[str] = []
    en_aliases: list[str] = []
    type: EntityType | None = None


class SynonymSet(BaseModel):
    """General words that could replace one another in a question."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    ko: list[str]
    en: list[str]


@dataclass(frozen=True, slots=True)
class Match:
    """A phrase of the lexicon in a list of terms: tokens `start:end` name `concept`."""

    start: int
    end: int
    concept: str


class Lexicon:
    """Finds concepts in a list of terms."""

    def __init__(
        self,
        phrases: Mapping[tuple[str, ...], Sequence[str]],
        names: Sequence[str] = (),
        types: Mapping[str, EntityType] | None = None,
    ) -> None:
        """`phrases` maps the terms of a phrase to the concepts it names, `types` those to types.

        `names` are Korean names that the morphology must be told of, or it would not see them.
        """
        self.phrases = phrases
        self.names = tuple(names)
        self.types = dict(types or {})
        self._by_first: dict[str, list[tuple[tuple[str, ...], Sequence[str]]]] = {}
        for phrase, concepts in phrases.items():
            self._by_first.setdefault(phrase[0], []).append((phrase, concepts))

    def matches(self, terms: Sequence[str]) -> Iterator[Match]:
        """Every phrase that stands in `terms`, overlapping ones too."""
        for start, term in enumerate(terms):
            for phrase, concepts in self._by_first.get(term, ()):
                end = start + len(phrase)
                if tuple(terms[start:end]) == phrase:
                    for concept in concepts:
                        yield Match(start, end, concept)

    def to_json(self) -> str:
        """The compiled lexicon, so that a start need not analyse thousands of words again."""
        phrases = [[list(k), list(v)] for k, v in self.phrases.items()]
        stored = {"names": self.names, "types": self.types, "phrases": phrases}
        return json.dumps(stored, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> "Lexicon":
        """What `to_json` wrote."""
        stored = json.loads(text)
        phrases = {tuple(phrase): tuple(concepts) for phrase, concepts in stored["phrases"]}
        return cls(phrases, stored["names"], stored["types"])


def is_glossary(concept: str) -> bool:
    """Whether `concept` is a term of the field (rather than a set of general words)."""
    return concept.startswith("#g")


def lexicon_hash(glossary: Path, thesaurus: Path) -> str:
    """A fingerprint of both files; the index is rebuilt when it changes."""
    digest = hashlib.sha256()
    for path in (glossary, thesaurus):
        digest.update(read_text(path).encode())
    return digest.hexdigest()[:16]


def compile_lexicon(glossary: Path, thesaurus: Path) -> Lexicon:
    """Read and analyse both files; InputError names the file and the entry, from 1, at fault."""
    wordings: list[tuple[str, str]] = []
    types: dict[str, EntityType] = {}
    for number, entry in enumerate(read_glossary(glossary), start=1):
        names = [entry.ko, entry.en, *entry.ko_aliases, *entry.en_aliases]
        wordings += [(name, f"#g{number}") for name in names]
        if entry.type:
            types[f"#g{number}"] = entry.type
    for number, synonyms in enumerate(_entries(thesaurus, TypeAdapter(list[SynonymSet])), start=1):
        wordings += [(word, f"#t{number}") for word in (*synonyms.ko, *synonyms.en)]
    lost = load_morphology(()).lost([word for word, concept in wordings if is_glossary(concept)])
    morphology = load_morphology(tuple(sorted(set(lost))))
    phrases: dict[tuple[str, ...], list[str]] = {}
    analysed = morphology.dictionary_terms([word for word, _ in wordings])
    for terms, (_, concept) in zip(analysed, wordings, strict=True):
        if terms and concept not in phrases.setdefault(terms, []):
            phrases[terms].append(concept)
    return Lexicon(phrases, morphology.names, types)


def read_glossary(path: Path) -> list[GlossaryEntry]:
    """The entries of a glossary file; InputError names the entry, from 1, at fault."""
    return list(_entries(path, TypeAdapter(list[GlossaryEntry])))


def _entries(path: Path, adapter: TypeAdapter[Any]) -> Any:
    try:
        return adapter.validate_python(yaml.safe_load(read_text(path)) or [])
    except yaml.YAMLError as error:
        raise InputError(f"{path} is not valid YAML: {error}.") from error
    except ValidationError as error:
        first = error.errors()[0]
        if not first["loc"]:
            raise InputError(f"{path}: expected a list of entries, each after a dash.") from error
        number, *field = first["loc"]
        place = ".".join(map(str, [int(number) + 1, *field]))
        raise InputError(
            f"{path}: entry {place}: {first['msg']}, not {first['input']!r}; correct the entry."
        ) from error
