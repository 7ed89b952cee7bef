"""Fit the channel of `index.spelling`: costs, sketches, and the tuning against near misses.

Purpose: pairs of words in, tables out. Costs come by expectation maximisation over all ways to
share a word's letters among the sounds of the other, from a seed of spellings that anyone would
try; sketches by canonical correlation; then all weights are tuned as one logistic regression with
hidden alignments, which pulls pairs and near misses apart and makes evidence log odds.
Contract: deterministic. Not covered: where pairs come from (see `train_transliteration`).
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from index import spelling as sp
from index.spelling import Channel, FloatArray, IntArray, Sketches
from index.training.romanisation import SINGLE

WordPair = tuple[str, str]  # Hangul, Latin letters
Words = tuple[IntArray, IntArray]  # their slots, their letters
DIMENSIONS = 48  # of sketches
BATCH = 2000
CONTEXT_PRIOR = 6.0  # what the settings of a sound share counts as so many sightings


@dataclass(frozen=True, slots=True)
class Fit:
    """A channel and the chunks that it lists."""

    chunks: list[str]
    channel: Channel


def rows_of(pairs: Sequence[WordPair]) -> Words:
    """The pairs as the channel reads them."""
    slots = sp.sound_slots(sp.syllable_rows([hangul for hangul, _ in pairs]))
    return slots, sp.letter_rows([latin for _, latin in pairs])


def evidence(channel: Channel, pairs: Sequence[WordPair]) -> FloatArray:
    """The channel's evidence for each pair."""
    starts = range(0, len(pairs), 8 * BATCH)
    found = [channel.evidence(*rows_of(pairs[at : at + 8 * BATCH])) for at in starts]
    return np.concatenate([np.zeros(0), *found])


# --- the seed: spellings of each sound that anyone would try, likeliest first -------------------

SEED = (
    "ㄱ g k c q gg|ㄲ kk gg k c g|ㄴ n nn kn|ㄷ d t dd|ㄸ tt dd t d|ㄹ l r ll rr rh|ㅁ m mm|"
    "ㅂ b p bb v w|ㅃ pp bb p b|ㅅ s sh c sc th ss z x sch|ㅆ ss s|ㅈ j z ch s g dz ts x zh|"
    "ㅉ jj ch j tz z|ㅊ ch ts tch t c tz q z|ㅋ k c ch q ck cc kh x qu|ㅌ t th tt|"
    "ㅍ p f ph v pp ff|ㅎ h j wh kh x|ㅇ ng n|ㅏ a o u ah ar|ㅐ a ae ai e|ㅑ ya ia ja|ㅒ yae ya|"
    "ㅓ u e o er eo a or ir ur|ㅔ e a ae ai|ㅕ yeo yu you ye|ㅖ ye je|ㅗ o aw au oh ow oe|"
    "ㅘ wa oa oi|ㅙ wae|ㅚ oe oi o|ㅛ yo io jo|ㅜ u oo ou w ue|ㅝ wo wa wor|ㅞ we|"
    "ㅟ wi ui ue we|ㅠ yu u ew iu|ㅡ - eu u|ㅢ ui eui|ㅣ i ee y e ea ie ey ii"
)
CODA_SEED = "ㄱ k c g ck|ㄷ t d|ㅅ t d s th|ㅂ p b pe|ㅈ t|ㅊ t|ㅋ k ck c|ㅌ t|ㅍ p"
ENDS = set("e s es h t r d x y er a i n g ue gh".split())  # letters left over at a word's end


def _rows(table: str) -> dict[str, list[str]]:
    return {row[0]: row[2:].replace("-", "").split(" ") for row in table.split("|")}


def seed_of(sound: str) -> list[str]:
    """The spellings to start from of one of `spelling.SOUNDS`."""
    if sound == "end":
        return ["", "e", "s", "es"]
    single = SINGLE.get(sound[1], sound[1])
    if single == " ":
        return [""]
    codas = _rows(CODA_SEED)
    return codas[single] if sound[0] == "c" and single in codas else _rows(SEED)[single]


def may_give(sound: str, chunk: str) -> bool:
    """Whether a sound can give a chunk at all: vowels want a vowel, consonants a consonant."""
    if not chunk:
        return True
    if sound == "end":
        return chunk in ENDS
    if sound[0] == "v":
        return bool(set(chunk) & set("aeiouyw")) or chunk in ("r", "h")
    return chunk not in set("aeiou") and (len(chunk) == 1 or bool(set(chunk) - set("aeiouyw")))


# --- costs, by expectation maximisation -----------------------------------------------------------


def listed_chunks(words: Iterable[str]) -> list[str]:
    """The empty chunk, every letter, the seeds, and what occurs three times in `words`."""
    counts = Counter(
        word[i : i + k]
        for word in words
        for k in range(1, sp.LONGEST_CHUNK + 1)
        for i in range(len(word) - k + 1)
    )
    seeds = {chunk for sound in sp.SOUNDS for chunk in seed_of(sound)}
    often = {chunk for chunk, count in counts.items() if count > 2}
    return ["", *sorted((often | seeds | set("abcdefghijklmnopqrstuvwxyz")) - {""})]


def fit(pairs: Sequence[WordPair], weights: FloatArray, surprise: FloatArray, rounds: int) -> Fit:
    """A channel from weighted pairs; with no round, that of the seed."""
    chunks = listed_chunks(latin for _, latin in pairs)
    seed, floor, allowed = _start(chunks)
    shared = _normal(_normal(seed) + floor)
    gives = _settings(np.zeros((sp.SILENT, len(floor[0]))), shared)
    columns = sp.chunk_columns(chunks)
    for _ in range(rounds):
        table = np.zeros_like(gives)
        for begin in range(0, len(pairs), BATCH):
            share = weights[begin : begin + BATCH]
            words = rows_of(pairs[begin : begin + BATCH])
            table += count(gives, columns, words, lambda _, share=share: share)  # type: ignore[misc]
        table = table[:-1]
        table[:, -sp.LONGEST_CHUNK :] = 0
        table *= np.repeat(allowed, sp.CONTEXTS, axis=0)
        by_sound = table.reshape(len(sp.SOUNDS), sp.CONTEXTS, -1).sum(axis=1)
        shared = _normal(_normal(by_sound + seed / 2) + floor)
        gives = _settings(table, shared)
    return Fit(chunks, _channel(chunks, gives, surprise))


def _channel(chunks: Sequence[str], gives: FloatArray, surprise: FloatArray) -> Channel:
    """A channel whose evidence is a plain likelihood ratio, without sketches."""
    none = np.zeros((1, 1))
    return Channel(
        gives,
        sp.chunk_columns(chunks),
        sp.chunk_lengths(chunks),
        surprise,
        np.zeros((sp.EDGE + 1, sp.EDGE)),
        1.0,
        0.0,
        Sketches(none, none),
    )


def _start(chunks: Sequence[str]) -> tuple[FloatArray, FloatArray, NDArray[np.bool_]]:
    """[sounds, chunks]: seed counts, least probabilities, and which chunks a sound can give."""
    shape = (len(sp.SOUNDS), len(chunks) + sp.LONGEST_CHUNK)
    seed, allowed = np.zeros(shape), np.zeros(shape, dtype=bool)
    for s, sound in enumerate(sp.SOUNDS):
        allowed[s, : len(chunks)] = [may_give(sound, chunk) for chunk in chunks]
        for rank, chunk in enumerate(seed_of(sound)):
            seed[s, chunks.index(chunk)] += 4 / (rank + 1.5)
        seed[s, 0] += 20 if sound == "end" else 0.3
    floor = np.where(allowed, 1e-3, 1e-6) * sp.floors(chunks) / sp.FLOOR
    return seed, floor, allowed


def _normal(table: FloatArray) -> FloatArray:
    rows: FloatArray = table / table.sum(axis=1, keepdims=True)
    return rows


def _settings(counts: FloatArray, shared: FloatArray) -> FloatArray:
    """A row for each slot: what was counted in its setting, leaning on its sound's; and SILENT."""
    gives = _normal(np.repeat(shared, sp.CONTEXTS, axis=0) * CONTEXT_PRIOR + counts)
    silent = np.zeros((1, shared.shape[1]))
    silent[0, 0] = 1
    return np.vstack([gives, silent])


Weigh = Callable[[FloatArray], FloatArray]


def count(gives: FloatArray, columns: IntArray, words: Words, weigh: Weigh) -> FloatArray:
    """[slots, chunks]: how often each slot is expected to have given each chunk.

    Forward and backward over all ways to share the letters out. `weigh` is told the log
    likelihoods of the pairs and says how much each pair counts, which may be less than nothing.
    """
    slots, letters = words
    counts = np.zeros(gives.size)
    chunks = [columns[codes] for codes in sp.chunk_codes(letters)]
    n, width = letters.shape
    before = np.zeros((slots.shape[1] + 1, n, width + 1))
    before[0, :, 0] = 1
    for j in range(slots.shape[1]):
        slot = slots[:, j, None]
        before[j + 1] = before[j] * gives[slot, 0]
        for k, ids in enumerate(chunks, 1):
            here = ids[:, : width + 1 - k]
            before[j + 1][:, k:] += before[j][:, :-k] * gives[slot, here]
    ends = (np.arange(n), (letters > 0).sum(axis=1))
    after = np.zeros((n, width + 1))
    after[ends] = 1
    likelihood = np.maximum(before[-1][ends], 1e-300)
    share = (weigh(np.log(likelihood)) / likelihood)[:, None]
    for j in range(slots.shape[1] - 1, -1, -1):
        row = slots[:, j, None] * gives.shape[1]
        slot = slots[:, j, None]
        earlier = after * gives[slot, 0]
        _add(counts, row + np.zeros_like(after, dtype=np.int64), before[j] * earlier * share)
        for k, ids in enumerate(chunks, 1):
            here = ids[:, : width + 1 - k]
            step = gives[slot, here] * after[:, k:]
            _add(counts, row + here, before[j][:, :-k] * step * share)
            earlier[:, :-k] += step
        after = earlier
    return counts.reshape(gives.shape)


def _add(counts: FloatArray, places: IntArray, values: FloatArray) -> None:
    counts += np.bincount(places.ravel(), values.ravel(), minlength=len(counts))


def surprises(words: Iterable[str]) -> FloatArray:
    """-log p of a letter (0: the end) after the two before it, leaning on one, then on none."""
    threes = np.zeros((27, 27, 27))
    for word in words:
        x = [0, 0, *(ord(c) - ord("a") + 1 for c in word), 0]
        for a, b, c in zip(x, x[1:], x[2:], strict=False):
            threes[a, b, c] += 1
    twos = threes.sum(axis=0)
    ones = twos.sum(axis=0) + 0.5
    after_one = _normal(twos + 8 * ones / ones.sum())
    after_two = threes + 6 * after_one
    costs: FloatArray = -np.log(after_two / after_two.sum(axis=2, keepdims=True))
    return costs


# --- sketches, by canonical correlation -----------------------------------------------------------


def fit_sketches(channel: Channel, pairs: Sequence[WordPair], weights: FloatArray) -> Sketches:
    """Canonical correlation: the directions in which the two words of a pair agree most."""
    slots, letters = rows_of(pairs)
    sounds, lengths = channel.sound_places(slots)
    left = sp.spread(sounds, lengths, len(sp.SOUNDS) - 1).astype(float)
    right = sp.spread(letters, (letters > 0).astype(float), 26).astype(float)
    share = weights / weights.sum()
    middles = share @ left, share @ right
    left, right = left - middles[0], right - middles[1]
    white_left, white_right = _whitening(left, share), _whitening(right, share)
    crossed = white_left @ ((left * share[:, None]).T @ right) @ white_right
    u, strength, v = np.linalg.svd(crossed)
    maps = []
    for white, directions, middle in (
        (white_left, u[:, :DIMENSIONS], middles[0]),
        (white_right, v[:DIMENSIONS].T, middles[1]),
    ):
        map_ = white @ directions * strength[:DIMENSIONS]
        maps.append(np.vstack([map_, -middle @ map_]))
    return Sketches(*maps)


def _whitening(rows: FloatArray, share: FloatArray) -> FloatArray:
    spread = (rows * share[:, None]).T @ rows
    spread += 0.1 * np.trace(spread) / len(spread) * np.eye(len(spread))
    values, vectors = np.linalg.eigh(spread)
    whitening: FloatArray = (vectors / np.sqrt(values)) @ vectors.T
    return whitening


# --- tuning ---------------------------------------------------------------------------------------

RATE, DECAY, EPOCHS = 0.03, 0.02, 4
SCALE_RATE, FIRST_SCALE, FIRST_BIAS = 0.02, 0.55, -6.5


class Adam:
    """Weights that start at zero, are stepped against gradients and decay back."""

    def __init__(self, shape: tuple[int, ...], rate: float, decay: float) -> None:
        self.weights = np.zeros(shape)
        self._mean, self._square = np.zeros(shape), np.zeros(shape)
        self._rate, self._decay, self._steps = rate, decay, 0

    def step(self, gradient: FloatArray, pace: float) -> None:
        """One step; `pace` is the share of the rate, 0 to 1."""
        self._steps += 1
        self._mean = 0.9 * self._mean + 0.1 * gradient
        self._square = 0.99 * self._square + 0.01 * gradient**2
        mean = self._mean / (1 - 0.9**self._steps)
        square = self._square / (1 - 0.99**self._steps)
        change = mean / (np.sqrt(square) + 1e-4) + self._decay * self.weights
        self.weights -= self._rate * pace * change


class _Tuning:
    """What is added to a channel, one batch of pairs and near misses after the other."""

    def __init__(self, channel: Channel) -> None:
        self._start = channel
        self._by_sound = Adam((sp.EDGE, channel.gives.shape[1]), RATE, DECAY)
        self._by_slot = Adam((sp.SILENT, channel.gives.shape[1]), RATE, 2 * DECAY)
        self._letters = Adam((27, 27), RATE, DECAY)
        self._sounds = Adam((sp.EDGE + 1, sp.EDGE), RATE, DECAY)
        self._line = Adam((2,), SCALE_RATE, 0.0)

    def channel(self) -> Channel:
        scale = FIRST_SCALE + float(self._line.weights[0])
        gives = self._start.gives.copy()
        by_slot = np.repeat(self._by_sound.weights, sp.CONTEXTS, axis=0) + self._by_slot.weights
        gives[:-1] *= np.exp(by_slot)
        return replace(
            self._start,
            gives=gives,
            letters=scale * self._start.letters + self._letters.weights[None],
            sounds=self._sounds.weights.copy(),
            scale=scale,
            bias=FIRST_BIAS + float(self._line.weights[1]),
        )

    def step(self, words: Words, truth: FloatArray, share: FloatArray, pace: float) -> None:
        now = self.channel()
        plain, fixed = self._start.prior(*words), now.prior(*words)
        push = np.zeros(len(truth))
        ratios = np.zeros(len(truth))

        def weigh(likely: FloatArray) -> FloatArray:
            odds = np.clip(now.scale * likely + fixed, -30, 30)
            push[:] = (1 / (1 + np.exp(-odds)) - truth) * share * 100 / len(truth)
            ratios[:] = likely + plain
            return push * now.scale

        counts = count(now.gives, now.chunk_of, words, weigh)[:-1]
        self._by_slot.step(counts, pace)
        self._by_sound.step(counts.reshape(sp.EDGE, sp.CONTEXTS, -1).sum(axis=1), pace)
        self._letters.step(_letter_counts(words[1], push), pace)
        before, here, there = sp.sound_steps(words[0])
        steps = np.zeros((sp.EDGE + 1, sp.EDGE))
        np.add.at(steps, (before, here), np.where(there, push[:, None], 0.0))
        self._sounds.step(steps, pace)
        self._line.step(np.array([(push * ratios).sum(), push.sum()]), pace)


def tune(
    channel: Channel,
    pairs: Sequence[WordPair],
    weights: FloatArray,
    misses: Sequence[WordPair],
) -> Channel:
    """The channel with weights that tell the pairs from near misses; its sketches stay."""
    rows = [*pairs, *misses]
    truth = np.array([1.0] * len(pairs) + [0.0] * len(misses))
    share = np.concatenate([weights, np.ones(len(misses))])
    tuning, rng = _Tuning(channel), np.random.default_rng(0)
    batches = [
        batch
        for _ in range(EPOCHS)
        for batch in np.array_split(rng.permutation(len(rows)), max(1, len(rows) // BATCH))
    ]
    for number, batch in enumerate(batches):
        words = rows_of([rows[i] for i in batch.tolist()])
        tuning.step(words, truth[batch], share[batch], max(0.05, 1 - number / len(batches)))
    return tuning.channel()


def _letter_counts(letters: IntArray, push: FloatArray) -> FloatArray:
    x = np.pad(letters, ((0, 0), (1, 1)))
    within = np.arange(x.shape[1] - 1) <= (letters > 0).sum(axis=1)[:, None]
    counts = np.zeros((27, 27))
    np.add.at(counts, (x[:, :-1], x[:, 1:]), np.where(within, push[:, None], 0.0))
    return counts
