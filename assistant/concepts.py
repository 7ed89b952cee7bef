"""What the glossary's concepts are called, for readers: the index itself knows them by number."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from index.lexicon import GLOSSARY, THESAURUS, EntityType, lexicon_hash
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
        # An index was made with these very files, so they are known to be in order.
        terms: list[dict[str, Any]] = _read(glossary)
        sets: list[dict[str, Any]] = _read(thesaurus)
    except Exception:  # gone or broken since: then nothing has a name to show
        return {}
    named = {
        f"#g{n}": Concept(
            f"#g{n}",
            {
                "ko": tuple(map(str, (e["ko"], *(e.get("ko_aliases") or ())))),
                "en": tuple(map(str, (e["en"], *(e.get("en_aliases") or ())))),
            },
            e.get("type"),
        )
        for n, e in enumerate(terms, start=1)
    }
    alike = {
        f"#t{n}": Concept(f"#t{n}", {lang: tuple(map(str, one[lang])) for lang in ("ko", "en")})
        for n, one in enumerate(sets, start=1)
    }
    return {**named, **alike}


def _read(path: Path) -> Any:
    """The entries of a YAML file; by the parser in C where there is one, ten times as fast."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(read_text(path), Loader=loader) or []  # noqa: S506 - a safe loader
