"""Build the word translation tables that ship in `index/translation/`.

Contract: `python -m index.training.train_translations --data DATA --out index/translation`. Reads
the parallel text of the data folder, this project's own sentence pairs and lexicon, and the terms
that search works with (Kiwi morphemes, stemmed English). Writes tables.safetensors, phrases.json
and the card. Deterministic; about five minutes on one core. Not covered: names written in the other
script that no text held (train_transliteration).
"""

import argparse
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file

from index.lexicon import GLOSSARY, read_glossary
from index.morphology import Morphology
from index.training.alignment import Bitext, IntArray, Translations, align
from index.training.training_data import (
    Pair,
    read_lexicon,
    read_parallel,
    read_quads,
    read_sentences,
)

ROUNDS = 6
AGREE_FROM = 1
LONGEST = 60  # terms; longer sentences say little of which word is which
MOST = 8  # translations kept of a term
RELATIVE = 0.05  # of the best translation's weight; less is noise
ABSOLUTE = 0.02
_DIGIT = re.compile(r"\d")  # numbers are the same in both languages; what they met by chance is not
# Interface strings are many and their sense is a program's; own words of the field are few.
WEIGHTS = {
    "ui-debian-mo": 0.5,
    "ui-mediawiki": 0.5,
    "docs-tldr": 0.0,
    "sentences": 3.0,
    "quads": 3.0,
}
LEXICON_WEIGHT = 4.0


@dataclass(frozen=True, slots=True)
class Row:
    """One pair of texts as terms."""

    korean: Sequence[str]
    english: Sequence[str]
    weight: float


def analyse(morphology: Morphology, pairs: Sequence[Pair], weight: float | None) -> list[Row]:
    """Terms of both sides; pairs of weight 0, empty and very long ones are left out."""
    chosen = [p for p in pairs if weight or WEIGHTS.get(p.source, 1.0) > 0]
    rows: list[Row] = []
    for begin in range(0, len(chosen), 20_000):
        some = chosen[begin : begin + 20_000]
        korean = morphology.tokens_of([p.left for p in some])
        english = morphology.tokens_of([p.right for p in some])
        for pair, left, right in zip(some, korean, english, strict=True):
            sides = [list(dict.fromkeys(token.term for token in side)) for side in (left, right)]
            if all(0 < len(side) <= LONGEST for side in sides):
                rows.append(Row(sides[0], sides[1], weight or WEIGHTS.get(pair.source, 1.0)))
    return rows


def tables(rows: Sequence[Row]) -> dict[str, dict[str, float]]:
    """Term -> its translations with weights sqrt(p(e|k) p(k|e)), both directions in one."""
    korean: dict[str, int] = {}
    english: dict[str, int] = {}
    left = [_ids(row.korean, korean) for row in rows]
    right = [_ids(row.english, english) for row in rows]
    weights = np.array([row.weight for row in rows])
    bitext = Bitext(left, right, weights, len(korean), len(english))
    found = align(bitext, ROUNDS, AGREE_FROM)
    return _pruned(found, list(korean), list(english))


def _ids(terms: Iterable[str], known: dict[str, int]) -> IntArray:
    return np.array([known.setdefault(term, len(known)) for term in terms], dtype=np.int64)


def _pruned(
    found: Translations, korean: Sequence[str], english: Sequence[str]
) -> dict[str, dict[str, float]]:
    weights = np.sqrt(found.to_english * found.to_korean)
    links: dict[str, list[tuple[float, str]]] = defaultdict(list)
    for k, e, weight in zip(found.korean, found.english, weights, strict=True):
        if weight >= ABSOLUTE and not (_DIGIT.search(korean[k]) or _DIGIT.search(english[e])):
            links[korean[k]].append((float(weight), english[e]))
            links[english[e]].append((float(weight), korean[k]))
    kept: dict[str, dict[str, float]] = {}
    for term in sorted(links):
        best = sorted(links[term], key=lambda link: (-link[0], link[1]))[:MOST]
        kept[term] = {other: w for w, other in best if w >= RELATIVE * best[0][0]}
    return kept


def phrase_table(morphology: Morphology, lexicon: Sequence[Pair]) -> dict[str, list[str]]:
    """Phrases of the lexicon in terms, both directions, where one side has several terms."""
    korean = morphology.dictionary_terms([p.left for p in lexicon])
    english = morphology.dictionary_terms([p.right for p in lexicon])
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for left, right in zip(korean, english, strict=True):
        if left and right and max(len(left), len(right)) > 1 and left != right:
            found[" ".join(left)].setdefault(" ".join(right))
            found[" ".join(right)].setdefault(" ".join(left))
    return {phrase: list(found[phrase]) for phrase in sorted(found)}


def glossary_pairs() -> list[Pair]:
    """The glossary's terms as pairs: each name of one language with the other's preferred one."""
    pairs = []
    for entry in read_glossary(GLOSSARY):
        pairs += [Pair(korean, entry.en, "glossary") for korean in (entry.ko, *entry.ko_aliases)]
        pairs += [Pair(entry.ko, english, "glossary") for english in entry.en_aliases]
    return pairs


def write_tables(out: Path, found: dict[str, dict[str, float]]) -> None:
    """Write terms, and for each its translations' numbers and weights in 255ths."""
    terms = sorted(found.keys() | {t for row in found.values() for t in row})
    number = {term: i for i, term in enumerate(terms)}
    rows = [found.get(term, {}) for term in terms]
    arrays: dict[str, NDArray[Any]] = {
        "terms": np.frombuffer("\n".join(terms).encode("utf-8"), dtype=np.uint8),
        "starts": np.cumsum([0, *(len(row) for row in rows)]).astype(np.int32),
        "targets": np.array([number[t] for row in rows for t in row], dtype=np.int32),
        "weights": np.array(
            [max(round(255 * w), 1) for row in rows for w in row.values()], dtype=np.uint8
        ),
    }
    save_file(arrays, out / "tables.safetensors")
    (out / "tables.safetensors").chmod(0o644)  # safetensors writes it for its owner alone


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line, train, write."""
    parser = argparse.ArgumentParser(description="Build the word translation tables.")
    parser.add_argument("--data", type=Path, required=True, help="folder of the training data")
    parser.add_argument("--out", type=Path, required=True, help="folder to write")
    options = parser.parse_args(arguments)
    morphology = Morphology()
    lexicon = [*read_lexicon(), *glossary_pairs()]
    asked_and_told, _ = read_quads()
    natural = [*read_parallel(options.data), *read_sentences(), *asked_and_told]
    rows = analyse(morphology, natural, None)
    rows += analyse(morphology, lexicon, LEXICON_WEIGHT)
    print(f"{len(rows)} pairs of texts", flush=True)
    options.out.mkdir(parents=True, exist_ok=True)
    found = tables(rows)
    write_tables(options.out, found)
    phrases = phrase_table(morphology, lexicon)
    text = json.dumps(phrases, ensure_ascii=False, separators=(",", ":"))
    (options.out / "phrases.json").write_text(text + "\n", encoding="utf-8")
    print(f"{len(found)} terms, {sum(map(len, found.values()))} links, {len(phrases)} phrases")


if __name__ == "__main__":
    main()
