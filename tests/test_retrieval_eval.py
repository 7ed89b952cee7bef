"""Retrieval over a pool: what is read and how it is halved, and measures worked out by hand."""

import json
import lzma
import math
from collections.abc import Iterator

import pytest

from eval.retrieval import DEPTH, Pool, Question, measure, part_of, read_pool, run, write_library
from index.build import open_index
from index.training.training_data import Pair, Translated, held_out, question_key


def passages_like(text: str, *, held: bool = True) -> Iterator[str]:
    """Passages that begin like `text`, of the held-out half or of the other."""
    return (p for n in range(1000) if held_out(p := f"{text} No. {n} of the files") == held)


KO = passages_like("The harbour at Busan, 부산항")
EN = passages_like("A forest")
KO_TUNE = next(p for p in KO if part_of(p) == "tune")
KO_TEST = next(p for p in KO if part_of(p) == "test")
EN_TUNE = next(p for p in EN if part_of(p) == "tune")
EN_TEST = next(p for p in EN if part_of(p) == "test")
TRAINING = next(passages_like("A mine", held=False))
ROWS = [
    ("부산항은 몇 번?", KO_TUNE, "tydiqa-ko"),
    ("Which forest?", EN_TUNE, "tydiqa-en"),
    ("항구는 어디?", KO_TUNE, "tydiqa-ko"),
    ("시험에는 어느 항구?", KO_TEST, "tydiqa-ko"),
    ("And which forest now?", EN_TEST, "tydiqa-en"),
    ("무슨 광산?", TRAINING, "tydiqa-ko"),
    ("요즘 어때?", next(KO), "songys-qpair"),
]
KEYS = [question_key(Pair(asked, told, source)) for asked, told, source in ROWS]


@pytest.fixture
def data(tmp_path, monkeypatch):
    """A data folder with the rows above; the first and the second question are translated."""
    folder = tmp_path / "data"
    folder.mkdir()
    rows = [
        {"query": asked, "positive": told, "lang": source[-2:], "src": source}
        for asked, told, source in ROWS
    ]
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (folder / "retrieval.jsonl.xz").write_bytes(lzma.compress(text.encode()))
    translated = [
        Translated(KEYS[0], "en", "What number is Busan?"),
        Translated(KEYS[1], "ko", "어느 숲인가?"),
        Translated("0" * 16, "ko", "아무 데도 속하지 않는 질문?"),
    ]
    monkeypatch.setattr("eval.retrieval.read_questions", lambda: translated)
    return folder


def test_the_pool_holds_the_held_out_passages_each_once_with_every_question(data):
    pool = read_pool(data, None)
    assert sorted(pool.passages.values()) == sorted([KO_TUNE, KO_TEST, EN_TUNE, EN_TEST])
    ids = {text: i for i, text in pool.passages.items()}
    assert [ids[text][:2] for text in (KO_TUNE, KO_TEST, EN_TUNE, EN_TEST)] == [
        "ko",
        "ko",
        "en",
        "en",
    ]
    assert {q.id: (q.text, q.task, q.passage) for q in pool.questions} == {
        KEYS[0]: ("부산항은 몇 번?", "ko", ids[KO_TUNE]),
        f"{KEYS[0]}-x": ("What number is Busan?", "en>ko", ids[KO_TUNE]),
        KEYS[1]: ("Which forest?", "en", ids[EN_TUNE]),
        f"{KEYS[1]}-x": ("어느 숲인가?", "ko>en", ids[EN_TUNE]),
        KEYS[2]: ("항구는 어디?", "ko", ids[KO_TUNE]),
        KEYS[3]: ("시험에는 어느 항구?", "ko", ids[KO_TEST]),
        KEYS[4]: ("And which forest now?", "en", ids[EN_TEST]),
    }


def test_the_halves_share_no_passage_and_make_up_the_whole(data):
    tune, test, both = (read_pool(data, part) for part in ("tune", "test", None))
    assert set(tune.passages.values()) == {KO_TUNE, EN_TUNE}
    assert set(test.passages.values()) == {KO_TEST, EN_TEST}
    assert {q.id for q in tune.questions} | {q.id for q in test.questions} == {
        q.id for q in both.questions
    }
    assert {q.id for q in test.questions} == {KEYS[3], KEYS[4]}


def test_line_breaks_in_a_passage_are_spaces(data, tmp_path):
    broken = next(p for n in range(99) if held_out(p := f"A reef\n\nnear  Jeju {n}"))
    row = {"query": "Which reef?", "positive": broken, "lang": "en", "src": "tydiqa-en"}
    (data / "retrieval.jsonl.xz").write_bytes(lzma.compress(json.dumps(row).encode()))
    assert list(read_pool(data, None).passages.values()) == [" ".join(broken.split())]


def test_one_language_keeps_every_question_about_it(data):
    pool = read_pool(data, None)
    korean = pool.only("ko")
    assert set(korean.passages.values()) == {KO_TUNE, KO_TEST}
    assert {q.task for q in korean.questions} == {"ko", "en>ko"}
    assert {q.task for q in pool.only("en").questions} == {"en", "ko>en"}


def test_a_pool_becomes_a_library_whose_paragraphs_lead_back_to_it(
    tmp_path, tiny_lexicon, fake_embedder
):
    pool = Pool(
        {
            "ko00000": "부산항은 크다. 배가 많다.",
            "en00001": "# Forests burn every summer",
            "ko00002": "묘청",
            "en00003": "Trains run late. Do they? Yes",
        },
        (),
    )
    where = write_library(pool, tmp_path / "pool")
    assert set(where.values()) == set(pool.passages)
    index = open_index(tmp_path / "pool", tmp_path / "index", fake_embedder, **tiny_lexicon)
    try:
        told = [(where[p.document_id, p.paragraph], p.lang, p.quote) for p in index.passages]
    finally:
        index.store.close()
    assert sorted(told) == [
        ("en00001", "en", "Forests burn every summer."),
        ("en00003", "en", "Do they?"),
        ("en00003", "en", "Trains run late."),
        ("en00003", "en", "Yes."),
        ("ko00000", "ko", "배가 많다."),
        ("ko00000", "ko", "부산항은 크다."),
        ("ko00002", "ko", "묘청."),
    ]


QUESTIONS = [
    Question("q1", "one", "en", "en1"),
    Question("q2", "two", "en", "en2"),
    Question("q3", "three", "ko", "en3"),
    Question("q4", "four", "ko", "en4"),
]
RANKINGS = {
    "one": ["en1", "en2", "en3"],
    "two": ["en1", "en3", "en2"],
    "three": [],
    "four": [f"other{n}" for n in range(10)] + ["en4"],
}


def test_measures_are_as_worked_out_by_hand():
    found = run(QUESTIONS, RANKINGS.__getitem__)
    # At rank 1, at rank 3, not at all, and at rank 11, which is beyond the tenth.
    assert measure(QUESTIONS, found) == pytest.approx(
        {
            "R@10": (1 + 1 + 0 + 0) / 4,
            "RR@10": (1 + 1 / 3 + 0 + 0) / 4,
            "nDCG@10": (1 + 1 / math.log2(4) + 0 + 0) / 4,
        }
    )


def test_a_question_that_was_not_run_counts_0():
    found = run(QUESTIONS[:1], RANKINGS.__getitem__)
    assert measure(QUESTIONS[:2], found) == pytest.approx(
        {"R@10": 0.5, "RR@10": 0.5, "nDCG@10": 0.5}
    )
    assert measure(QUESTIONS[:2], {}) == {"R@10": 0, "RR@10": 0, "nDCG@10": 0}


def test_what_was_run_and_not_asked_does_not_count():
    found = run(QUESTIONS, RANKINGS.__getitem__)
    assert measure(QUESTIONS[:1], found) == pytest.approx({"R@10": 1, "RR@10": 1, "nDCG@10": 1})


def test_a_run_keeps_the_order_to_a_depth():
    ranking = [f"en{n}" for n in range(DEPTH + 5)]
    found = run(QUESTIONS[:1], lambda text: ranking)["q1"]
    assert list(found) == ranking[:DEPTH]
    scores = list(found.values())
    assert scores == sorted(set(scores), reverse=True)
