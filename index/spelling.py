"""How likely a Hangul word is to be spelt as a Latin one: the learned tables behind names.

Purpose: a noisy channel. Each sound of a Hangul word (onset, vowel, coda, and the end of the word)
gives nought to three letters, independently of the others but for a little of what stands around
it. The evidence that two words are one name is how likely the letters are, over all ways to share
them out, against how surprising the letters are in any word and the sounds in any name: short
words, which much resembles, carry little. The tables begin as probabilities and end as weights,
tuned to tell names from near misses, so that evidence is log odds. For a quick first pass, linear
maps take words of both scripts into one space where those that sound alike point alike.
Contract: arrays in, arrays out, one row a word; slots and letters as `sound_slots` and
`letter_rows` make them. The tables lie in `translation/transliteration.json`, written by
`index.training.train_transliteration` and read at first use.
Not covered: which words to compare, and endings such as 강 (see `index.transliterate`).
"""

import base64
import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

TABLES = Path(__file__).parent / "translation" / "transliteration.json"
IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]

LONGEST_CHUNK = 3  # letters that one sound may give

# --- the two alphabets --------------------------------------------------------------------------

ONSETS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
VOWELS = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
CODAS = " ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"
SOUNDS = (
    *(f"o{c}" for c in ONSETS),
    *(f"v{c}" for c in VOWELS),
    *(f"c{c}" for c in CODAS),
    "end",
)
CONTEXTS = 10  # settings that a sound is told apart by, see `sound_slots`; the last: any
END = (len(SOUNDS) - 1) * CONTEXTS
SILENT = len(SOUNDS) * CONTEXTS  # fills rows up to one length: gives no letter, surely
_HANGUL = re.compile("[가-힣]+")
_BEGINS = np.array(  # the slots that may begin a word
    [
        name[0] == "o" and 3 <= setting < 6 or name[0] == "v" and setting >= 6
        for name in SOUNDS
        for setting in range(CONTEXTS)
    ]
    + [False]
)
_NO_ONSET = ONSETS.index("ㅇ")
_EU = VOWELS.index("ㅡ")
_PALATAL = np.array([v in "ㅑㅒㅕㅖㅛㅟㅠㅣ" for v in VOWELS])
_PLAIN = str.maketrans({"ß": "ss", "ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d"})
_PLAIN.update({ord("þ"): "th", ord("ı"): "i"})


def latin_letters(text: str) -> str:
    """The letters a to z of a word or a few words; empty if anything else but joints is in it."""
    if text.isascii() and text.isalpha():
        return text.lower()
    if text >= "ㄱ":
        return ""
    low = text.casefold()
    if not low.isascii():
        low = unicodedata.normalize("NFKD", low.translate(_PLAIN))
        low = "".join(c for c in low if not unicodedata.combining(c))
    low = low.replace("’", "").replace("'", "").replace("-", "").replace(" ", "").replace(".", "")
    return low if low.isascii() and low.isalpha() else ""


def hangul_syllables(text: str) -> str:
    """The whole syllables of a word or a few words; empty if anything but joints is in it."""
    if text.isascii():
        return ""
    low = unicodedata.normalize("NFC", text).replace(" ", "").replace("·", "").replace("-", "")
    return low if _HANGUL.fullmatch(low) else ""


def letter_rows(words: Sequence[str]) -> IntArray:
    """One row a word: 1 to 26 for a letter, 0 beyond its end."""
    longest = max(map(len, words), default=0) or 1
    raw = np.array(words, dtype=f"S{longest}").view(np.uint8).reshape(len(words), longest)
    return np.where(raw > 0, raw.astype(np.int64) - ord("a") + 1, 0)


def syllable_rows(words: Sequence[str]) -> IntArray:
    """One row a word: the number of a syllable among all, -1 beyond its end."""
    longest = max(map(len, words), default=0) or 1
    raw = np.array(words, dtype=f"U{longest}").view(np.uint32).reshape(len(words), longest)
    return np.where(raw > 0, raw.astype(np.int64) - ord("가"), -1)


def sound_slots(syllables: IntArray) -> IntArray:
    """The sounds of each word in order, each with its setting, as `sound * CONTEXTS + setting`.

    An onset knows whether it begins the word and whether its vowel is ㅡ or palatal; a vowel,
    whether an onset comes before it and whether a coda, a syllable or nothing comes after it; a
    coda, whether what follows is nothing, a vowel, ㄹ or another onset. `SILENT` fills up.
    """
    n, width = syllables.shape
    there = syllables >= 0
    onset, vowel, coda = syllables // 588, syllables % 588 // 28, syllables % 28
    after = np.full((n, width), -1)
    after[:, :-1] = np.where(there[:, 1:], onset[:, 1:], -1)
    first = np.zeros((n, width), dtype=bool)
    first[:, 0] = True
    bare = onset == _NO_ONSET
    flavour = np.where(vowel == _EU, 1, np.where(_PALATAL[vowel], 2, 0))
    onset_at = onset * CONTEXTS + flavour + 3 * first
    ends = np.where(coda > 0, 0, np.where(after >= 0, 1, 2))
    vowel_at = (len(ONSETS) + vowel) * CONTEXTS + ends + 3 * np.where(bare, 1 + first, 0)
    follows = np.select([after < 0, after == _NO_ONSET, after == ONSETS.index("ㄹ")], [0, 1, 2], 3)
    coda_at = (len(ONSETS) + len(VOWELS) + coda) * CONTEXTS + follows
    slots = np.full((n, 3 * width + 1), SILENT)
    slots[:, 0:-1:3] = np.where(there & ~bare, onset_at, SILENT)
    slots[:, 1:-1:3] = np.where(there, vowel_at, SILENT)
    slots[:, 2:-1:3] = np.where(there & (coda > 0), coda_at, SILENT)
    slots[:, -1] = END
    order = np.argsort(slots == SILENT, axis=1, kind="stable")  # the silent ones to the end
    slots = np.take_along_axis(slots, order, axis=1)
    return slots[:, : int((slots != SILENT).sum(axis=1).max(initial=1))]


def chunk_codes(letters: IntArray) -> list[IntArray]:
    """For each chunk length from 1, the number in base 27 of the chunk that starts at a letter."""
    padded = np.pad(letters, ((0, 0), (0, LONGEST_CHUNK)))
    width = letters.shape[1]
    codes = [letters]
    for k in range(1, LONGEST_CHUNK):
        codes.append(codes[-1] * 27 + padded[:, k : k + width])
    return codes


def likelihoods(
    gives: FloatArray, slots: IntArray, chunks: Sequence[IntArray], sizes: IntArray
) -> FloatArray:
    """How readily each row's sounds give its letters, summed over all ways to share them out.

    Shape (rows,), at least 0. `gives[slot, chunk]` is at least 0, chunk 0 the empty one. `slots` or
    `chunks` may have one row, for one word beside many; `sizes` are the lengths of the Latin words.
    """
    n, width = max(len(slots), len(chunks[0])), chunks[0].shape[1]
    done = np.zeros((n, width + 1))
    done[:, 0] = 1.0
    for j in range(slots.shape[1]):
        slot = slots[:, j, None]
        new = done * gives[slot, 0]
        for k, ids in enumerate(chunks, 1):
            if width >= k:
                new[:, k:] += done[:, :-k] * gives[slot, ids[:, : width + 1 - k]]
        done = new
    found: FloatArray = done[np.arange(n), sizes]
    return found


# --- the channel --------------------------------------------------------------------------------

LEAST_LISTED = 2e-4  # of chunks that the tables on disk list
FLOOR = 1e-5  # of chunks that the tables do not list; for each letter a 26th of it
LEAST_FIRST = 0.004  # a letter begins a word of this first sound at least so often, or is not tried
WAVES = 4  # cosines along the word that tell the sketch where a sound stands
EDGE = len(SOUNDS)  # stands for the beginning of a word among its sounds


@dataclass(frozen=True, slots=True)
class Sketches:
    """Linear maps of the two scripts into one space where words that sound alike point alike."""

    hangul: FloatArray  # [sounds * WAVES + 1, dimensions], the last row is added
    latin: FloatArray  # [26 * WAVES + 1, dimensions]


@dataclass(frozen=True)
class Channel:
    """The learned tables, and what they say of pairs."""

    gives: FloatArray  # [slots, chunks]: how readily a sound in its setting gives a chunk
    chunk_of: IntArray  # [27 ** LONGEST_CHUNK]: a chunk's column by its code
    chunk_sizes: FloatArray  # letters of each chunk
    letters: FloatArray  # [27, 27, 27]: how surprising a letter is after two; 0: either end
    sounds: FloatArray  # [sounds + 1, sounds]: the same of a sound after one, in names
    scale: float  # weight of the log likelihood of the letters
    bias: float
    sketches: Sketches

    def evidence(self, slots: IntArray, letters: IntArray) -> FloatArray:
        """Log odds (nats) that the two words of each row are one name."""
        sizes = (letters > 0).sum(axis=1)
        chunks = [self.chunk_of[codes] for codes in chunk_codes(letters)]
        likely = np.log(np.maximum(likelihoods(self.gives, slots, chunks, sizes), 1e-300))
        return self.scale * likely + self.prior(slots, letters)

    def prior(self, slots: IntArray, letters: IntArray) -> FloatArray:
        """What the words of each row add to the evidence, whatever the other word is."""
        x = np.pad(letters, ((0, 0), (2, 1)))
        steps = self.letters[x[:, :-2], x[:, 1:-1], x[:, 2:]]
        within = np.arange(steps.shape[1]) <= (letters > 0).sum(axis=1)[:, None]
        total: FloatArray = np.where(within, steps, 0.0).sum(axis=1) + self.bias
        before, here, there = sound_steps(slots)
        total = total + np.where(there, self.sounds[before, here], 0.0).sum(axis=1)
        return total

    def likenesses(self, slots: IntArray, letters: IntArray) -> FloatArray:
        """The likeness of each row's words, 0 to 1."""
        values: FloatArray = 1 / (1 + np.exp(-np.clip(self.evidence(slots, letters), -30, 30)))
        return values

    @cached_property
    def mean_sizes(self) -> FloatArray:
        """The letters that each slot gives on average."""
        sizes: FloatArray = self.gives @ self.chunk_sizes / self.gives.sum(axis=1)
        return sizes

    @cached_property
    def first_letters(self) -> NDArray[np.bool_]:
        """[slots, 27]: whether a word whose first sound is a slot may begin with a letter."""
        first = np.zeros(len(self.chunk_sizes), dtype=np.int64)
        for letter in range(1, 27):
            first[self.chunk_of[letter]] = letter
            for k in range(1, LONGEST_CHUNK):
                first[self.chunk_of[letter * 27**k : (letter + 1) * 27**k]] = letter
        first[-LONGEST_CHUNK:] = 0  # the unlisted
        share = np.zeros((27, len(self.gives)))
        np.add.at(share, first, self.gives.T)
        share /= share.sum(axis=0)
        share[:, ~_BEGINS] = 0
        return share.T >= LEAST_FIRST

    def hangul_sketches(self, slots: IntArray) -> NDArray[np.float32]:
        """Unit rows for words given as slots."""
        return _sketches(*self.sound_places(slots), self.sketches.hangul)

    def sound_places(self, slots: IntArray) -> tuple[IntArray, FloatArray]:
        """The sound in each slot, from 1 (0 for none), and the letters it gives on average."""
        sounds = np.where(slots < END, slots // CONTEXTS + 1, 0)
        return sounds, np.where(sounds > 0, self.mean_sizes[slots], 0.0)

    def latin_sketches(self, letters: IntArray) -> NDArray[np.float32]:
        """Unit rows for words given as letters."""
        return _sketches(letters, (letters > 0).astype(float), self.sketches.latin)


def sound_steps(slots: IntArray) -> tuple[IntArray, IntArray, NDArray[np.bool_]]:
    """For each slot the sound before it (`EDGE` at first) and its own; and whether it is one."""
    sounds = slots // CONTEXTS
    there = slots != SILENT
    before = np.concatenate([np.full((len(slots), 1), EDGE), sounds[:, :-1]], axis=1)
    return np.where(there, before, EDGE), np.where(there, sounds, 0), there


def spread(kinds: IntArray, lengths: FloatArray, count: int) -> NDArray[np.float32]:
    """[words, count * WAVES]: how often each kind (from 1) occurs in a word, told by cosines of
    where; `lengths` are the shares of the word that its places take up.
    """
    ends = np.cumsum(lengths, axis=1)
    middles = (ends - lengths / 2) / np.maximum(ends[:, -1:], 1e-9)
    out = np.zeros((len(kinds), count + 1, WAVES), dtype=np.float32)
    rows = np.arange(len(kinds))
    waves = np.cos(np.pi * middles[:, :, None] * np.arange(WAVES)).astype(np.float32)
    for j in range(kinds.shape[1]):
        out[rows, kinds[:, j]] += waves[:, j]
    return out[:, 1:].reshape(len(kinds), count * WAVES)


def _sketches(kinds: IntArray, lengths: FloatArray, map_: FloatArray) -> NDArray[np.float32]:
    count = (len(map_) - 1) // WAVES
    rows: NDArray[np.float32] = spread(kinds, lengths, count) @ map_[:-1].astype(np.float32)
    rows += map_[-1].astype(np.float32)
    rows /= np.maximum(np.sqrt((rows**2).sum(axis=1, keepdims=True)), np.float32(1e-9))
    return rows


def chunk_lengths(chunks: Sequence[str]) -> FloatArray:
    """The letters of each listed chunk, then of the unlisted ones of each length."""
    return np.array([*map(len, chunks), *range(1, LONGEST_CHUNK + 1)], dtype=float)


def floors(chunks: Sequence[str]) -> FloatArray:
    """The least that any sound gives each chunk, in the order of `chunk_lengths`."""
    least: FloatArray = FLOOR * 26.0 ** -chunk_lengths(chunks)
    return least


def chunk_columns(chunks: Sequence[str]) -> IntArray:
    """The column of every chunk by its code; the unlisted ones have a column for each length."""
    columns = np.full(27**LONGEST_CHUNK, len(chunks) + LONGEST_CHUNK - 1)
    for k in range(LONGEST_CHUNK - 1, 0, -1):
        columns[: 27**k] = len(chunks) + k - 1
    for column, chunk in enumerate(chunks):
        code = 0
        for letter in chunk:
            code = code * 27 + ord(letter) - ord("a") + 1
        if chunk:
            columns[code] = column
    return columns


# --- the tables on disk -------------------------------------------------------------------------

_PER_NAT = 20  # costs of chunks are stored as whole twentieths of a nat
_STEP, _LOWEST, _STEPS = 0.1, -1.0, 78  # and surprises as one character each


@dataclass(frozen=True, slots=True)
class Tables:
    """What the package ships: the channel, and the spellings of Korean surnames, one syllable
    each, on which no channel can decide.
    """

    channel: Channel
    surnames: Mapping[str, Sequence[str]]


def dump(channel: Channel, chunks: Sequence[str], surnames: Mapping[str, Sequence[str]]) -> str:
    """The tables as JSON: costs of listed chunks by slot, surprises, sketches, surnames."""
    gives: dict[int, list[int]] = {}
    for sound in range(len(SOUNDS)):
        whole = (sound + 1) * CONTEXTS - 1
        for slot in range(whole, sound * CONTEXTS - 1, -1):
            row = channel.gives[slot, : len(chunks)]
            listed = np.flatnonzero(row > LEAST_LISTED)
            costs = np.rint(-np.log(row[listed]) * _PER_NAT).astype(int)
            flat = np.stack([listed, costs], axis=1).ravel().tolist()
            if slot == whole or flat != gives[whole]:
                gives[slot] = flat
    steps = np.rint((channel.letters - _LOWEST) / _STEP).astype(int).clip(0, _STEPS)
    tables = {
        "chunks": list(chunks),
        "gives": gives,
        "letters": "".join(chr(ord("0") + step) for step in steps.ravel().tolist()),
        "sounds": _packed(channel.sounds),
        "scale": round(channel.scale, 4),
        "bias": round(channel.bias, 4),
        "hangul": _packed(channel.sketches.hangul),
        "latin": _packed(channel.sketches.latin),
        "surnames": surnames,
    }
    return json.dumps(tables, ensure_ascii=False, separators=(",", ":")) + "\n"


def parse(text: str) -> Tables:
    """What `dump` wrote."""
    tables = json.loads(text)
    chunks: list[str] = tables["chunks"]
    gives = np.tile(floors(chunks), (SILENT + 1, 1))
    for slot in range(SILENT):
        flat = tables["gives"].get(str(slot))
        if flat is None:
            flat = tables["gives"][str(slot // CONTEXTS * CONTEXTS + CONTEXTS - 1)]
        listed = np.array(flat, dtype=np.int64).reshape(-1, 2)
        gives[slot, listed[:, 0]] = np.exp(-listed[:, 1] / _PER_NAT)
    gives[SILENT] = 0
    gives[SILENT, chunks.index("")] = 1
    steps = np.frombuffer(tables["letters"].encode("ascii"), dtype=np.uint8).astype(float)
    channel = Channel(
        gives,
        chunk_columns(chunks),
        chunk_lengths(chunks),
        ((steps - ord("0")) * _STEP + _LOWEST).reshape(27, 27, 27),
        _unpacked(tables["sounds"]),
        tables["scale"],
        tables["bias"],
        Sketches(_unpacked(tables["hangul"]), _unpacked(tables["latin"])),
    )
    return Tables(channel, tables["surnames"])


def _packed(map_: FloatArray) -> dict[str, Any]:
    scale = float(np.abs(map_).max()) / 127 or 1.0
    raw = np.rint(map_ / scale).astype(np.int8).tobytes()
    return {"width": map_.shape[1], "scale": scale, "int8": base64.b64encode(raw).decode("ascii")}


def _unpacked(packed: dict[str, Any]) -> FloatArray:
    raw = np.frombuffer(base64.b64decode(packed["int8"]), dtype=np.int8)
    return raw.astype(float).reshape(-1, packed["width"]) * float(packed["scale"])


@lru_cache(maxsize=1)
def shipped() -> Tables:
    """The tables of this package, read once."""
    return parse(TABLES.read_text(encoding="utf-8"))
