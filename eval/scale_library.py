"""A made-up library of any size, the same on every machine, and questions to ask of it.

Sentences are this project's own, half Korean and half English, cut and joined anew at a word
boundary, with other numbers and now and then an invented name, so that words and vectors are about
as frequent and as close as in real text.
"""

import random
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from index.types import Lang

TRAINING = Path(__file__).parent.parent / "index" / "training"
SMALLEST = 20  # sentences: one paragraph in each document
SEED = "citebrief"
DOCUMENT = 5_000  # sentences
FEWEST_DOCUMENTS = 4
PARAGRAPH = 5  # sentences
SECTION = 20  # paragraphs
PAIRS = 110  # of questions, each in both languages
NUMBER_CHANGES = 0.7  # how likely a number is another
NAME_COMES = 0.05  # how likely a sentence gets an invented name
KOREAN_SOUNDS = (
    "가 나 도 라 루 르 마 모 바 벨 비 사 센 스 아 에 오 유 이 자 카 켈 타 토 트 파 하 한".split()
)
ENGLISH_SOUNDS = (
    "ba ko dra fe gal hen ir jo kel lun mar nov or pel quin ros sten tal uv wes".split()
)

Question = tuple[str, Lang]


def write_library(size: int, folder: Path) -> int:
    """Write about `size` sentences as documents with sidecars; gives how many documents."""
    folder.mkdir(parents=True)
    count = max(FEWEST_DOCUMENTS, round(size / DOCUMENT))
    count += count % 2  # as many in each language
    pools: dict[Lang, list[str]] = {"ko": _sentences(0), "en": _sentences(1)}
    for number in range(count):
        lang: Lang = "en" if number % 2 else "ko"
        own = size * (number + 1) // count - size * number // count
        name = f"scale-{number:04d}-{lang}"
        text = _document(pools[lang], own, lang, random.Random(f"{SEED}-{number}"))
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
        (folder / f"{name}.yaml").write_text(
            f"file: {name}.txt\nid: {name}\nlang: {lang}\nlayout: plain\n"
            f"title:\n  {lang}: Report {number}\n",
            encoding="utf-8",
        )
    return count


def texts(count: int, size: int) -> Iterator[tuple[Lang, str]]:
    """`count` texts of `size` sentences in Markdown, English and Korean by turns."""
    pools: dict[Lang, list[str]] = {"ko": _sentences(0), "en": _sentences(1)}
    for number in range(count):
        lang: Lang = "en" if number % 2 else "ko"
        yield lang, _document(pools[lang], size, lang, random.Random(f"{SEED}-{number}"))


def read_questions(pairs: int = PAIRS) -> list[Question]:
    """Questions evenly from all of the project's own, each in both languages."""
    rows = _table("quads.tsv")
    chosen = [rows[i * len(rows) // pairs] for i in range(pairs)]
    return [question for row in chosen for question in ((row[0], "ko"), (row[1], "en"))]


def _document(pool: Sequence[str], size: int, lang: Lang, rng: random.Random) -> str:
    sentences = [_spliced(pool, lang, rng) for _ in range(size)]
    blocks = []
    for number, start in enumerate(range(0, size, PARAGRAPH)):
        if number % SECTION == 0:
            words = rng.choice(pool).rstrip(".").split()
            blocks.append("## " + " ".join(words[: rng.randint(2, 5)]))
        blocks.append(" ".join(sentences[start : start + PARAGRAPH]))
    return "\n\n".join(blocks) + "\n"


def _spliced(pool: Sequence[str], lang: Lang, rng: random.Random) -> str:
    """The beginning of one sentence and the rest of another."""
    first, second = rng.choice(pool).split(), rng.choice(pool).split()
    share = rng.uniform(0.3, 0.7)
    words = first[: max(1, round(len(first) * share))]
    if rng.random() < NAME_COMES:
        words.append(_name(lang, rng))
    words += second[min(len(second) - 1, round(len(second) * share)) :]

    def changed(match: re.Match[str]) -> str:
        if rng.random() >= NUMBER_CHANGES:
            return match[0]
        digits = len(match[0])
        return str(rng.randrange(10 ** (digits - 1), 10**digits))

    return re.sub(r"\d+", changed, " ".join(words))


def _name(lang: Lang, rng: random.Random) -> str:
    if lang == "ko":
        return "".join(rng.choices(KOREAN_SOUNDS, k=rng.randint(2, 4))) + "의"
    return "".join(rng.choices(ENGLISH_SOUNDS, k=rng.randint(2, 3))).capitalize()


def _sentences(column: int) -> list[str]:
    """The project's own sentences of one language: 0 is Korean, 1 English."""
    rows = [row[column] for row in _table("sentences.tsv")]
    rows += [row[column + 2] for row in _table("quads.tsv")]
    cut = [sentence for row in rows for sentence in re.split(r"(?<=[a-z가-힣0-9)]\.) ", row)]
    return [s for s in cut if s.endswith(".") and s[0].isalnum() and len(s.split()) > 4]


def _table(name: str) -> list[list[str]]:
    lines = (TRAINING / name).read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines if line]
