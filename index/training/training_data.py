"""Read the training pairs, split off the held-out part, and cut texts into tokens once.

Contract: `parallel.ko-en.tsv.xz` (Korean, English, source), `retrieval.jsonl.xz` (query, positive,
lang, src) and `dev/flores200.dev.ko-en.tsv` lie in one folder, which is only read. A source that is
not listed in `SOURCES` stops the run, so that no text is used without a licence on the model card.
Not covered: cleaning of misaligned pairs, and the `negative` field of the retrieval rows.
"""

import hashlib
import json
import lzma
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from index.morphology import Morphology

IntArray = NDArray[np.int32]
SENTENCES = Path(__file__).parent / "sentences.tsv"
LEXICON = Path(__file__).parent / "lexicon.tsv"
QUADS = Path(__file__).parent / "quads.tsv"
QUESTIONS = Path(__file__).parent / "questions.jsonl"
LONGEST_TEXT = 128  # tokens kept of a training text; longer passages are cut


@dataclass(frozen=True, slots=True)
class Source:
    """Where pairs come from: how often a row is drawn per epoch (0: left out), and its licence."""

    weight: float
    licence: str
    note: str


# Natural sentences teach far more than software strings, hence the weights.
SOURCES: dict[str, Source] = {
    "ui-debian-mo": Source(0.35, "mostly GPL and LGPL", "interface strings of Debian packages"),
    "ui-mediawiki": Source(0.35, "GPL-2.0-or-later", "interface strings of MediaWiki"),
    "names-cldr": Source(0.5, "Unicode-3.0", "names of places, languages and units (CLDR)"),
    "docs-tldr": Source(0.25, "CC BY 4.0", "command descriptions (tldr pages)"),
    "docs-python": Source(1.0, "PSF-2.0 (assumed)", "Python documentation"),
    "docs-tensorflow": Source(1.0, "Apache-2.0, CC BY 4.0", "TensorFlow documentation"),
    "docs-libreoffice": Source(0.7, "MPL-2.0", "LibreOffice help"),
    "docs-react": Source(1.5, "CC BY 4.0", "React documentation"),
    "docs-vue": Source(1.5, "CC BY 4.0", "Vue documentation"),
    "docs-gnome": Source(1.0, "CC BY-SA 3.0", "GNOME user help"),
    "docs-hfcourse": Source(2.0, "Apache-2.0", "Hugging Face course"),
    "docs-cncf": Source(2.0, "Apache-2.0", "CNCF glossary"),
    "docs-opensourceguide": Source(3.0, "CC BY 4.0", "Open Source Guides"),
    "stsb-train-parallel": Source(
        1.5, "CC BY-SA 4.0", "STS benchmark sentences, Korean by machine translation"
    ),
    "tatoeba-anki": Source(2.0, "CC BY 2.0 FR", "everyday sentences (Tatoeba)"),
    "park-news-dev": Source(3.0, "CC BY-SA 3.0", "news, loosely aligned"),
    "jhe-dev": Source(3.0, "CC BY-SA 3.0", "Junior High English evaluation set"),
    "ncsoft-context": Source(3.0, "CC BY 4.0", "sentences in context (NCSOFT)"),
    "news-euparl-LLM": Source(
        0.0,
        "Apache-2.0 as stated",
        "translated by an unnamed language model whose terms are unknown",
    ),
    "tydiqa-ko": Source(3.0, "Apache-2.0", "Korean questions and Wikipedia passages (TyDi QA)"),
    "tydiqa-en": Source(3.0, "Apache-2.0", "English questions and Wikipedia passages (TyDi QA)"),
    "songys-chatbot": Source(0.5, "MIT", "Korean everyday remarks and replies"),
    "songys-qpair": Source(1.0, "MIT", "Korean question paraphrases"),
    "paraKQC": Source(1.0, "CC BY-SA 4.0", "Korean question and command paraphrases"),
    "klue-nli-dev": Source(2.0, "CC BY-SA 4.0", "Korean entailment pairs (KLUE)"),
    "korsts-train": Source(1.0, "CC BY-SA 4.0", "Korean similar pairs (KorSTS), score 4 or more"),
    "sentences": Source(3.0, "MIT", "this project's own sentence pairs: policy and the world"),
    "lexicon": Source(0.5, "MIT", "this project's own word list"),
    "quads": Source(2.0, "MIT", "this project's own questions and passages in both languages"),
    "stsb-en": Source(
        1.0, "CC BY-SA 4.0", "English similar pairs (STS benchmark), score 4 or more"
    ),
}


@dataclass(frozen=True, slots=True)
class Pair:
    """Two texts that mean the same or answer each other; `source` is a key of `SOURCES`."""

    left: str
    right: str
    source: str


def source_name(raw: str) -> str:
    """The key of `SOURCES` for a label that may carry a filter: `korsts-train>=4`, `x(label0)`."""
    name = raw.split("(")[0].split(">=")[0]
    if name not in SOURCES:
        raise ValueError(f"source {raw!r} has no licence in SOURCES")
    return name


def held_out(text: str) -> bool:
    """True for about half of all texts, the same half on every machine and in every version."""
    return hashlib.sha256(text.encode("utf-8")).digest()[0] % 2 == 1


def read_parallel(folder: Path) -> list[Pair]:
    """Korean-English pairs of every source with a weight above 0; a blank side drops the row."""
    pairs: list[Pair] = []
    with lzma.open(folder / "parallel.ko-en.tsv.xz", "rt", encoding="utf-8", newline="\n") as rows:
        for row in rows:
            korean, english, raw = row.rstrip("\n").split("\t")
            name = source_name(raw)
            if SOURCES[name].weight > 0 and korean.strip() and english.strip():
                pairs.append(Pair(korean, english, name))
    return pairs


def read_retrieval(folder: Path) -> tuple[list[Pair], list[Pair]]:
    """One-language (query, passage) pairs: for training, and held out for measuring.

    Split by passage, so that no held-out passage is ever seen with another question.
    """
    training: list[Pair] = []
    measuring: list[Pair] = []
    with lzma.open(folder / "retrieval.jsonl.xz", "rt", encoding="utf-8", newline="\n") as rows:
        for row in rows:
            fields = json.loads(row)
            pair = Pair(fields["query"], fields["positive"], source_name(fields["src"]))
            (measuring if held_out(pair.right) else training).append(pair)
    return training, measuring


def read_sentences() -> list[Pair]:
    """This project's own Korean-English sentence pairs, on policy and on the world at large."""
    rows = [row.split("\t") for row in SENTENCES.read_text(encoding="utf-8").splitlines()]
    return [Pair(korean, english, "sentences") for korean, english in rows]


def read_lexicon() -> list[Pair]:
    """This project's own word list as pairs, one for each Korean translation of an English word."""
    pairs = []
    for row in LEXICON.read_text(encoding="utf-8").splitlines():
        english, korean = row.split("\t")
        pairs += [Pair(word.strip(), english, "lexicon") for word in korean.split(";")]
    return pairs


def read_quads() -> tuple[list[Pair], list[Pair]]:
    """This project's own questions and passages, both in both languages.

    As pairs that translate each other, and as questions with their passages in every direction.
    """
    parallel: list[Pair] = []
    retrieval: list[Pair] = []
    for row in QUADS.read_text(encoding="utf-8").splitlines():
        asked_ko, asked_en, told_ko, told_en = row.split("\t")
        parallel += [Pair(asked_ko, asked_en, "quads"), Pair(told_ko, told_en, "quads")]
        retrieval += [
            Pair(asked, told, "quads")
            for asked in (asked_ko, asked_en)
            for told in (told_ko, told_en)
        ]
    return parallel, retrieval


@dataclass(frozen=True, slots=True)
class Translated:
    """A TyDi QA question in the other language, translated for this project."""

    key: str  # `question_key` of the pair it belongs to
    lang: str
    question: str


def read_questions() -> list[Translated]:
    """The translated questions; every one of them belongs to a held-out pair."""
    rows = QUESTIONS.read_text(encoding="utf-8").splitlines()
    return [Translated(**json.loads(row)) for row in rows]


def question_key(pair: Pair) -> str:
    """Sixteen hex digits that stand for a question and its passage."""
    return hashlib.sha256((pair.left + pair.right).encode("utf-8")).hexdigest()[:16]


def as_terms(morphology: Morphology, texts: Sequence[str]) -> list[str]:
    """Each text as its terms joined by spaces: what an embedder that reads terms is given."""
    read: list[str] = []
    for begin in range(0, len(texts), 20_000):
        some = morphology.tokens_of(texts[begin : begin + 20_000])
        read += [" ".join(token.term for token in tokens) for tokens in some]
    return read


def pairs_as_terms(morphology: Morphology, pairs: Sequence[Pair]) -> list[Pair]:
    """Both sides of each pair as terms; each text is analysed once."""
    texts = list(dict.fromkeys(text for p in pairs for text in (p.left, p.right)))
    read = dict(zip(texts, as_terms(morphology, texts), strict=True))
    return [Pair(read[p.left], read[p.right], p.source) for p in pairs]


def read_flores(folder: Path) -> tuple[list[str], list[str]]:
    """Korean and English sides of the FLORES-200 development sentences, row by row."""
    path = folder / "dev" / "flores200.dev.ko-en.tsv"
    rows = [line.split("\t") for line in path.read_text(encoding="utf-8").split("\n") if line]
    return [row[0] for row in rows], [row[1] for row in rows]


@dataclass(frozen=True, slots=True)
class TokenTexts:
    """Texts as one flat token array: text i is `tokens[starts[i] : starts[i + 1]]`."""

    tokens: IntArray
    starts: NDArray[np.int64]

    def take(self, rows: NDArray[np.int64]) -> tuple[IntArray, NDArray[np.int64]]:
        """The tokens of `rows` end to end, and where each row begins in them."""
        lengths = self.starts[rows + 1] - self.starts[rows]
        begins = np.cumsum(lengths) - lengths
        shift = np.repeat(self.starts[rows] - begins, lengths)
        return self.tokens[np.arange(lengths.sum()) + shift], begins


def tokenise(tokenizer: Tokenizer, texts: Sequence[str], longest: int | None) -> TokenTexts:
    """Cut texts into tokens, at most `longest` each; unknown characters are left out."""
    unknown = tokenizer.token_to_id("<unk>")
    rows: list[list[int]] = []
    for begin in range(0, len(texts), 20_000):
        encoded = tokenizer.encode_batch(texts[begin : begin + 20_000], add_special_tokens=False)
        rows.extend([token for token in one.ids if token != unknown][:longest] for one in encoded)
    starts = np.cumsum([0, *(len(row) for row in rows)], dtype=np.int64)
    return TokenTexts(np.fromiter((t for row in rows for t in row), np.int32, starts[-1]), starts)


@dataclass(frozen=True, slots=True)
class PairSet:
    """Token pairs with a sampling weight per row: how often a row is drawn in one epoch."""

    left: TokenTexts
    right: TokenTexts
    left_hash: NDArray[np.int64]
    right_hash: NDArray[np.int64]
    weights: NDArray[np.float64]

    def epoch(self, random: np.random.Generator) -> NDArray[np.int64]:
        """Row numbers of one epoch, shuffled; a weight of 1.5 draws a row once or twice."""
        times = np.floor(self.weights + random.random(len(self.weights))).astype(np.int64)
        rows: NDArray[np.int64] = np.repeat(np.arange(len(times), dtype=np.int64), times)
        random.shuffle(rows)
        return rows


def text_hashes(texts: Iterable[str]) -> NDArray[np.int64]:
    """A 60-bit number per text: equal texts in one batch must not be each other's negatives."""
    digests = (hashlib.blake2b(text.encode("utf-8"), digest_size=8).digest() for text in texts)
    return np.array([int.from_bytes(digest) >> 4 for digest in digests], dtype=np.int64)


def pair_set(tokenizer: Tokenizer, pairs: Sequence[Pair]) -> PairSet:
    """Tokenise pairs once; a pair with an empty side gets weight 0."""
    left = tokenise(tokenizer, [pair.left for pair in pairs], LONGEST_TEXT)
    right = tokenise(tokenizer, [pair.right for pair in pairs], LONGEST_TEXT)
    weights = np.array([SOURCES[pair.source].weight for pair in pairs])
    weights[(np.diff(left.starts) == 0) | (np.diff(right.starts) == 0)] = 0.0
    hashes = [text_hashes(p.left for p in pairs), text_hashes(p.right for p in pairs)]
    return PairSet(left, right, hashes[0], hashes[1], weights)
