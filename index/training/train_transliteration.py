"""Train the tables by which names are recognised in the other script (see `index.spelling`).

Purpose: one command from the data folder and the lexicon to `transliteration.json`.
Contract: `python -m index.training.train_transliteration --data DATA --out index/translation`.
Pairs of words come from the lexicon and from translated texts; most are translations, and those
that a channel of a few seed spellings does not believe are left out, round by round. Korean names
are added from `romanisation`. Near misses, what else lies nearest to names and to words that are
no names, tune the channel. Trained on four fifths first, for the figures on the last fifth; what is
written has seen all. Deterministic; about ten minutes on one core, and 3 GiB.
Not covered: judging pairs by hand. A few translations that happen to sound alike are among the
pairs, and a few borrowed words that the lexicon lacks among the near misses, held out or not.
"""

import argparse
import hashlib
import random
import re
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index import spelling as sp
from index.morphology import Morphology
from index.spelling import Channel, Tables
from index.training.channel_fit import Fit, WordPair, evidence, fit, fit_sketches, surprises, tune
from index.training.romanisation import SURNAMES, korean_pairs
from index.training.training_data import Pair, read_lexicon, read_parallel
from index.transliterate import LIKELY, NameIndex

# Evidence (nats) that lets a pair of words in: of the lexicon, of short names, of longer texts.
ENOUGH_LEXICON, ENOUGH_NAME, ENOUGH_TEXT = 3.0, 7.0, 9.0
NAME_WEIGHT, KOREAN_WEIGHT = 1.0, 0.5
STEM_WEIGHT = 0.5  # of a pair's weight, again, for the stem of its English word
# Evidence (nats) from which a near miss is likelier a pair that nobody listed.
TOO_GOOD = 13.0
ORDINARY = 15_000  # words of each language among which near misses are sought
REPORTED = 20_000  # and among which it is measured

# --- pairs --------------------------------------------------------------------------------------

HANGUL, LATIN = re.compile("[가-힣]+"), re.compile("[A-Za-zÀ-ÿ]+")
PARTICLE = re.compile("(에서|으로|에게|까지|이다|[은는이가을를의에로와과도])$")
LONGEST_TEXT = 14  # words; in longer ones chance resemblances abound


def lexicon_pairs() -> set[WordPair]:
    """Each English word of the lexicon with each of its translations that is one word."""
    found = {
        (sp.hangul_syllables(pair.left), sp.latin_letters(pair.right))
        for pair in read_lexicon()
        if " " not in pair.left
    }
    return {pair for pair in found if _fits(pair)}


def _fits(pair: WordPair) -> bool:
    return 0 < len(pair[0]) <= 10 and 1 < len(pair[1]) <= 18


def text_pairs(pairs: Iterable[Pair], channel: Channel) -> tuple[set[WordPair], set[WordPair]]:
    """Every word of a text with every word of its translation: of lists of names, and of others.

    Of the others, only those with a beginning and a length that the channel can believe in.
    """
    names, others = set(), set()
    for pair in pairs:
        left = set(HANGUL.findall(pair.left))
        right = {sp.latin_letters(word) for word in LATIN.findall(pair.right)}
        if pair.source == "names-cldr":
            names |= {(h, lat) for h in left for lat in right if _fits((h, lat))}
        elif max(len(left), len(right)) <= LONGEST_TEXT:
            left |= {PARTICLE.sub("", word) for word in left if len(word) > 2}
            others |= {(h, lat) for h in left for lat in right if _alike_long(h, lat)}
    firsts: dict[str, NDArray[np.bool_]] = {}
    for hangul, _ in others:
        if hangul[0] not in firsts:
            slot = sp.sound_slots(sp.syllable_rows([hangul[0]]))[0, 0]
            firsts[hangul[0]] = channel.first_letters[slot]
    return names, {(h, lat) for h, lat in others if firsts[h[0]][ord(lat[0]) - ord("a") + 1]}


def _alike_long(hangul: str, latin: str) -> bool:
    n = len(hangul)
    return 1 < n <= 10 and 2 < len(latin) <= 18 and abs(len(latin) / 2.4 - n) <= max(2, n / 2)


def believed(pairs: Iterable[WordPair], channel: Channel, enough: float) -> dict[WordPair, float]:
    """The pairs with enough evidence, and it."""
    rows = sorted(pairs)
    found = evidence(channel, rows)
    return {rows[i]: float(found[i]) for i in np.flatnonzero(found > enough).tolist()}


def best_of_each(pairs: dict[WordPair, float]) -> dict[WordPair, float]:
    """Without pairs whose words have a clearly better partner: plurals, words with particles."""
    best: dict[str, float] = defaultdict(float)
    for pair, value in pairs.items():
        for word in pair:
            best[word] = max(best[word], value)
    return {
        (h, lat): value
        for (h, lat), value in pairs.items()
        if value >= best[lat] - 2.5 and value >= best[h] - 3.5
    }


@dataclass(frozen=True, slots=True)
class Material:
    """What there is to learn from."""

    pairs: list[WordPair]
    korean: list[WordPair]  # made up, see `romanisation`
    native: tuple[list[str], list[str]]  # words of the lexicon that no pair has, Hangul and stems
    common: tuple[list[str], list[str]]  # words of the texts, the commonest first
    met: set[WordPair]  # words that stand in a text and its translation, whatever they mean
    stem: Mapping[str, str]


Stem = Callable[[str], str]


def gather(texts: Sequence[Pair], stem: Stem) -> Material:
    """Pairs of the lexicon and of all the texts, names made up, and words that are no names."""
    english: Counter[str] = Counter()
    korean: Counter[str] = Counter()
    for pair in texts:
        english.update(sp.latin_letters(word) for word in LATIN.findall(pair.right))
        korean.update(HANGUL.findall(pair.left))
    del english[""]
    listed = lexicon_pairs()
    channel = _first_channel(listed, english)
    names, others = text_pairs(texts, channel)
    found = believed(names, channel, ENOUGH_NAME) | believed(others, channel, ENOUGH_TEXT)
    pairs = sorted(best_of_each(found) | believed(listed, channel, ENOUGH_LEXICON))
    borrowed = {hangul for hangul, _ in pairs}
    made = _made_up(korean, borrowed)
    stems = {latin: stem(latin) for _, latin in [*pairs, *made]}
    known = borrowed | set(stems) | set(stems.values())
    native = (
        sorted({h for h, _ in listed if h not in known and len(h) <= 5}),
        sorted({stem(lat) for _, lat in listed if lat not in known} - known),
    )
    common = (
        _commonest((PARTICLE.sub("", w) if len(w) > 2 else w, n) for w, n in korean.items()),
        _commonest((stem(word), n) for word, n in english.items()),
    )
    return Material(pairs, made, native, common, others, stems)


def _first_channel(listed: set[WordPair], english: Counter[str]) -> Channel:
    """A channel of the lexicon's pairs, four rounds of believing more of them."""
    surprise = surprises(sorted(w for w, count in english.items() if count > 1 and len(w) > 2))
    channel = fit([], np.zeros(0), surprise, 0).channel
    for _ in range(4):
        some = sorted(believed(listed, channel, ENOUGH_LEXICON))
        channel = fit(some, np.ones(len(some)), surprise, 4).channel
    return channel


def _made_up(korean: Counter[str], borrowed: set[str]) -> list[WordPair]:
    """Korean names, some of them made of the texts' commonest words that nobody borrowed."""
    plain = [w for w, _ in korean.most_common(20_000) if 2 <= len(w) <= 4 and w not in borrowed]
    rng = random.Random(1)
    made = korean_pairs(rng.sample(plain, min(2500, len(plain))), rng)
    return [pair for pair in made if _fits(pair)]


def _commonest(counts: Iterable[tuple[str, int]]) -> list[str]:
    total: Counter[str] = Counter()
    for word, count in counts:
        total[word] += count
    return sorted(total, key=lambda word: (-total[word], word))


def part(material: Material, held_out: bool) -> Material:
    """The fifth that is held out, by the hash of the English stem or native word; or the rest.

    A Hangul word with pairs on both sides is wholly held out.
    """

    def out(word: str) -> bool:
        return hashlib.sha256(word.encode()).digest()[0] % 5 == 0

    apart = {h for h, lat in [*material.pairs, *material.korean] if out(material.stem[lat])}
    return replace(
        material,
        pairs=[pair for pair in material.pairs if (pair[0] in apart) == held_out],
        korean=[pair for pair in material.korean if (pair[0] in apart) == held_out],
        native=(
            [word for word in material.native[0] if out(word) == held_out],
            [word for word in material.native[1] if out(word) == held_out],
        ),
    )


# --- training -----------------------------------------------------------------------------------


def train(material: Material, every: Material) -> Fit:
    """A channel from `material`; near misses are told from the pairs of `every`."""
    rows, weights = with_stems(material)
    words = [word for word in every.common[1][:30_000] if len(word) > 2]
    fitted = fit(rows, weights, surprises([*words, *(lat for _, lat in rows)]), 5)
    channel = replace(fitted.channel, sketches=fit_sketches(fitted.channel, rows, weights))
    misses = near_misses(channel, material, every)
    print(f"{len(rows)} pairs with stems, {len(misses)} near misses", flush=True)
    channel = tune(channel, rows, weights, misses)
    channel = replace(channel, sketches=fit_sketches(channel, rows, weights))
    return Fit(fitted.chunks, channel)


def with_stems(material: Material) -> tuple[list[WordPair], NDArray[np.float64]]:
    """All pairs, and again with the stem of the English word where it differs; and weights."""
    rows: list[WordPair] = []
    weights: list[float] = []
    for pairs, weight in ((material.pairs, NAME_WEIGHT), (material.korean, KOREAN_WEIGHT)):
        for hangul, latin in pairs:
            stem = material.stem[latin]
            rows.append((hangul, latin))
            weights.append(weight)
            if stem != latin and len(stem) > 1:
                rows.append((hangul, stem))
                weights.append(weight * STEM_WEIGHT)
    return rows, np.array(weights)


class Partners:
    """What is known to be one name, to tell near misses from pairs."""

    def __init__(self, material: Material) -> None:
        self._met = material.met
        self._of: dict[str, set[str]] = defaultdict(set)
        for hangul, latin in [*material.pairs, *material.korean]:
            for spelling in (latin, material.stem[latin]):
                self._of[hangul].add(spelling)
                self._of[spelling].add(hangul)

    def may_be(self, hangul: str, latin: str) -> bool:
        """Whether the two, or forms of them, are a pair, or stand in one text's two versions."""
        return (
            (hangul, latin) in self._met
            or any(_akin(latin, known) for known in self._of[hangul])
            or any(_akin(hangul, known) for known in self._of[latin])
        )


def _akin(a: str, b: str) -> bool:
    """Whether two words begin alike for the most part."""
    pairs = enumerate(zip(a, b, strict=False))
    shared = next((i for i, (x, y) in pairs if x != y), min(len(a), len(b)))
    return shared >= 0.6 * max(len(a), len(b))


def _in_order(one: str, other: str) -> WordPair:
    """A word of each script, the Hangul one first."""
    return (one, other) if one >= "가" else (other, one)


def near_misses(channel: Channel, material: Material, every: Material) -> list[WordPair]:
    """What lies nearest to the words of `material` that no name is, and wrongly to its names."""
    partners = Partners(every)
    index = NameIndex(vocabulary(every, ORDINARY), Tables(channel, {}))
    names = [(h, material.stem[lat]) for h, lat in [*material.pairs, *material.korean][::2]]
    asked = [(word, 2, False) for half in material.native for word in half]
    asked += [(word, 3, True) for name in names for word in name]
    found: dict[WordPair, bool] = {}
    for word, limit, named in asked:
        for other, _ in index.nearest(word, limit):
            pair = _in_order(word, other)
            if not partners.may_be(*pair):
                found[pair] = named or word < "가"
    rows = sorted(found)
    values = dict(zip(rows, evidence(channel, rows).tolist(), strict=True))
    # A Hangul word of the lexicon that nobody borrowed is no name, however it sounds.
    return [pair for pair in rows if values[pair] < TOO_GOOD or not found[pair]]


def vocabulary(material: Material, ordinary: int) -> list[str]:
    """All names of either script, English ones stemmed, and ordinary words."""
    names = {word for h, lat in material.pairs for word in (h, material.stem[lat])}
    usual = {word for row in SURNAMES.items() for word in (row[0], *row[1])}
    return [*sorted(names | usual), *material.common[0][:ordinary], *material.common[1][:ordinary]]


# --- measuring ----------------------------------------------------------------------------------


def measure(channel: Channel, held: Material, every: Material) -> None:
    """Print how often names are found, and how often what is no name is."""
    partners, tables = Partners(every), Tables(channel, SURNAMES)
    made = {word for h, lat in held.korean for word in (h, every.stem[lat])}
    index = NameIndex([*vocabulary(every, REPORTED), *made], tables)
    for kind, pairs in (("names", held.pairs), ("Korean names", held.korean)):
        stemmed = [(h, every.stem[lat]) for h, lat in pairs]
        _report_found(f"{kind}, Hangul to Latin", [h for h, _ in stemmed], index, partners)
        _report_found(f"{kind}, Latin to Hangul", [lat for _, lat in stemmed], index, partners)
    names = {word for h, lat in every.pairs for word in (h, lat, every.stem[lat])}
    ordinary = [w for side in every.common for w in side[:REPORTED] if w not in names]
    for label, words in (
        ("names and ordinary words", vocabulary(every, REPORTED)),
        ("ordinary words", ordinary),
    ):
        index = NameIndex(words, tables)
        for script, half in zip(("Hangul", "Latin"), held.native, strict=True):
            _report_wrong(f"{script} no-names among {label}", half, index, partners)


def _report_found(what: str, asked: Sequence[str], index: NameIndex, partners: Partners) -> None:
    first = likely = 0
    begin = time.perf_counter()
    for word in asked:
        for best, value in index.nearest(word, 1):
            right = partners.may_be(*_in_order(word, best))
            first += right
            likely += right and value >= LIKELY
    spent = (time.perf_counter() - begin) / len(asked) * 1000
    print(
        f"{what}: right at 1 {first / len(asked):.3f}, and likely {likely / len(asked):.3f} "
        f"of {len(asked)}; {spent:.1f} ms each"
    )


def _report_wrong(what: str, asked: Sequence[str], index: NameIndex, partners: Partners) -> None:
    wrong = [
        (value, word, other)
        for word in asked
        for other, value in index.matches(word, 1)
        if not partners.may_be(*_in_order(word, other))
    ]
    worst = ", ".join(f"{a}~{b}" for _, a, b in sorted(wrong, reverse=True)[:12])
    share = len(wrong) / max(1, len(asked))
    print(f"{what}: {share:.4f} of {len(asked)} matched: {worst}")


def main(argv: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="Train the recognition of names across scripts.")
    parser.add_argument("--data", type=Path, required=True, help="folder with the parallel texts")
    parser.add_argument("--out", type=Path, required=True, help="folder to write the tables to")
    options = parser.parse_args(argv)
    morphology = Morphology()

    def stem(word: str) -> str:
        tokens = morphology.tokens(word)
        return tokens[0].term if len(tokens) == 1 else word

    every = gather(read_parallel(options.data), stem)
    print(f"{len(every.pairs)} pairs, {len(every.korean)} Korean names made up", flush=True)
    measure(train(part(every, False), every).channel, part(every, True), every)
    final = train(every, every)
    options.out.mkdir(parents=True, exist_ok=True)
    text = sp.dump(final.channel, final.chunks, SURNAMES)
    (options.out / sp.TABLES.name).write_text(text, encoding="utf-8")
    print(f"{len(text.encode()) / 1000:.0f} kB written to {options.out / sp.TABLES.name}")


if __name__ == "__main__":
    main()
