"""A misspelt word means the likest word of the library, the same one in every process."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from index.lexical import LexicalArm, write_lexical
from index.terms import TermGroup
from index.typos import LIKE_ENOUGH, MISSPELT, Typos

ROOT = Path(__file__).parent.parent
WORDS = ["harbour", "오모테나시", "젤렌스키", "rail", "#g1", "f-35"]


@pytest.fixture(scope="module")
def typos(tmp_path_factory):
    folder = tmp_path_factory.mktemp("words") / "bm25"
    write_lexical(folder, [WORDS], [0])
    return Typos([LexicalArm(folder)])


def group(word, share=1.0, **others):
    return TermGroup(word, "noun", {word: 1.0} | others, share)


@pytest.mark.parametrize(
    ("written", "meant"),
    [("harbuor", "harbour"), ("오모테나쉬", "오모테나시"), ("젤렌스끼", "젤렌스키")],
)
def test_a_misspelt_word_may_be_the_one_it_is_like(typos, written, meant):
    found = typos.mended(group(written)).alternatives
    assert list(found) == [written, meant]
    assert MISSPELT * LIKE_ENOUGH / 100 <= found[meant] < MISSPELT


@pytest.mark.parametrize("word", ["harbour", "xarbour", "rai", "harb0ur", "mountain", "가"])
def test_a_known_word_a_wrong_beginning_and_what_is_short_or_like_nothing_stay(typos, word):
    assert typos.mended(group(word)) == group(word)


def test_a_word_that_the_lexicon_knows_is_spelt_as_it_is_meant(typos):
    known = group("harbuor", **{"#g7": 0.95})
    assert typos.mended(known) == known


def test_a_pair_of_words_is_not_mended(typos):
    assert typos.mended(group("harbuor", share=0.4)) == group("harbuor", share=0.4)


def test_of_words_equally_like_every_process_takes_the_same(tmp_path):
    write_lexical(tmp_path / "bm25", [["abcdex", "abcdey", "abcdez", "abcdew"]], [0])
    script = f"""
from pathlib import Path
from index.lexical import LexicalArm
from index.terms import TermGroup
from index.typos import Typos
typos = Typos([LexicalArm(Path({str(tmp_path / "bm25")!r}))])
print(sorted(typos.mended(TermGroup("abcdeq", "noun", {{"abcdeq": 1.0}})).alternatives))
"""
    outputs = {
        subprocess.run(
            [sys.executable, "-c", script],
            env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        ).stdout
        for seed in "123"
    }
    assert outputs == {"['abcdeq', 'abcdew']\n"}
