"""What the glossary's concepts are called, for readers: the index itself knows them by number."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

from index.lexicon import GLOSSARY, THESAURUS, EntityType, lexicon_hash, read_glossary
from index.load import read_text


@dataclass(frozen=True, slots=True)
class Concept:
    """A term of the glossary, or a set of near-synonyms of the thesaurus."""

    id: str
    names: Mapping[str, tuple[str, ...]]  # by language, the preferred one first
    type: EntityType | None = None

    def name(self, lang: str) -> str:
        """What it is called in `lang`, or in the other language."""
        other = next((names for names in self.names.values() if names), ("",))
        return (self.names.get(lang) or other)[0]


@lru_cache(maxsize=2)
def load_concepts(
    made_with: str, glossary: Path = GLOSSARY, thesaurus: Path = THESAURUS
) -> Mapping[str, Concept]:
    """The concepts of both files by the index's name for them.

    None are known where the files are not those that the index was `made_with`, as its manifest
    has it: the numbers would name others.
    """
    try:
        if lexicon_hash(glossary, thesaurus) != made_with:
            return {}
        terms = read_glossary(glossary)
        sets: Sequence[Mapping[str, list[str]]] = yaml.safe_load(read_text(thesaurus)) or []
    except Exception:  # gone or broken since: then nothing has a name to show
        return {}
    named = {
        f"#g{n}": Concept(
            f"#g{n}",
            {"ko": (e.ko, *e.ko_aliases), "en": (e.en, *e.en_aliases)},
            e.type,
        )
        for n, e in enumerate(terms, start=1)
    }
    alike = {
        f"#t{n}": Concept(f"#t{n}", {lang: tuple(map(str, one[lang])) for lang in ("ko", "en")})
        for n, one in enumerate(sets, start=1)
    }
    return {**named, **alike}
