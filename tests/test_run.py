"""Asking a set over a fake engine: every question once, faults as rows, what a run was made of."""

import json
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from fakes import (
    ANSWERS,
    EDITION,
    FIRST,
    LINES,
    SECOND,
    FakeEngine,
    answered,
    contains,
    line,
    write_lines,
)

from assistant.errors import InputError
from assistant.settings import Settings
from assistant.types import Answer
from eval.manifest import manifest
from eval.run import Asking, run
from eval.runs import Row
from eval.samples import Sample, load


def ask(engine: Any, samples: Sequence[Sample], **more: Any) -> dict[str, Row]:
    return {row.id: row for row in run(Asking.of(engine, samples, contains), samples, **more)}


@pytest.fixture
def rows(samples: tuple[Sample, ...]) -> dict[str, Row]:
    return ask(FakeEngine(ANSWERS), samples)


def test_every_question_is_asked_once_with_its_history_and_counted(
    samples: tuple[Sample, ...],
) -> None:
    engine, ticks = FakeEngine(ANSWERS), []
    rows = ask(engine, samples, asked=lambda: ticks.append(1))
    assert [id for _, _, id in engine.asked] == [x["id"] for x in LINES] == list(rows)
    assert engine.asked[1] == ("part?", ("earlier?",), "part")
    assert len(ticks) == len(LINES)
    answered = [(question, history) for question, history, id in engine.asked if id != "crash"]
    assert engine.searched == answered


def test_a_row_holds_what_was_asked_expected_answered_and_retrieved(rows: dict[str, Row]) -> None:
    row = rows["part"]
    assert (row.question, row.history, row.half, row.kind) == (
        "part?",
        ("earlier?",),
        "dev",
        "number",
    )
    (first,), (second,) = row.evidence
    assert (first.quote, first.passage, first.page) == (FIRST, "brief:s001", 1)
    assert (second.quote, second.page, second.stances) == (SECOND, 2, ("fact", "attributed"))
    assert [(n.text, n.vital, n.told) for n in row.nuggets] == [
        ("350척", True, True),
        ("반 시간", False, False),
    ]
    assert [(hit.quote, hit.page, hit.score) for hit in row.retrieved] == [
        (SECOND, 2, 0.8),
        (FIRST, 1, 0.4),
    ]
    assert row.probability == 0.75
    assert row.said() == ANSWERS["part"]
    assert row.scores["latency_ms"] is not None


def test_a_fault_is_an_error_row_without_scores_and_the_run_goes_on(rows: dict[str, Row]) -> None:
    row = rows["crash"]
    assert row.error == "RuntimeError: boom"
    assert (row.scores, row.answer, row.refused, row.said()) == ({}, None, None, None)
    assert [(f.code, f.about) for f in row.failures] == [("error", "RuntimeError: boom")]
    assert [n.told for n in row.nuggets] == [None, None]
    assert [group[0].quote for group in row.evidence] == [FIRST, SECOND]
    assert rows["leak"].error is None


def test_a_refusal_tells_no_nugget_whatever_topics_it_names(rows: dict[str, Row]) -> None:
    assert [n.told for n in rows["shy"].nuggets] == [False, False]
    assert [n.told for n in rows["en"].nuggets] == [True, None]  # which has no English words


def test_an_answer_that_says_error_is_one(samples: tuple[Sample, ...]) -> None:
    broken = Answer("", "", "ko", "error", "요청을 처리하지 못했습니다.")
    row = ask(FakeEngine({**ANSWERS, "full": broken}), samples)["full"]
    assert row.error == "요청을 처리하지 못했습니다."
    assert row.scores == {}


def test_a_fault_of_the_search_is_an_error_too(samples: tuple[Sample, ...]) -> None:
    class Searchless(FakeEngine):
        def retrieve(self, *args: Any, **more: Any) -> Any:
            raise LookupError("no index")

    rows = ask(Searchless(ANSWERS), samples)
    assert {row.error for row in rows.values()} == {"LookupError: no index", "RuntimeError: boom"}


def test_what_a_claim_cites_is_read_with_the_librarys_translation(
    samples: tuple[Sample, ...],
) -> None:
    made_up = answered(FIRST, language="en")
    (cited,) = made_up.citations
    lied = replace(
        made_up,
        answer="All is well. [1]",
        sentences=(replace(made_up.sentences[0], text="All is well."),),
        citations=(replace(cited, translation="All is well."),),  # as the library has it not
    )
    rows = ask(FakeEngine({**ANSWERS, "full": made_up, "en": lied}), samples)
    assert rows["full"].scores["citation_recall"] == 1.0
    assert EDITION[FIRST] in made_up.answer
    assert rows["en"].scores["citation_recall"] == 0.0


def test_stances_are_known_from_every_question_of_the_set(tmp_path: Path) -> None:
    lines = [
        line("a", "ko", "number", evidence=[["s001"]], stances={"s001": ["fact"]}),
        line("b", "ko", "number", evidence=[["s002"]], stances={"s002": ["forecast"]}),
    ]
    samples = load(write_lines(tmp_path / "set.jsonl", lines))
    rows = ask(FakeEngine({"a": answered(SECOND), "b": answered(SECOND)}), samples)
    assert [row.scores["stance"] for row in rows.values()] == [0.0, 0.0]


def test_agreement_stands_on_both_questions_of_a_pair(rows: dict[str, Row]) -> None:
    assert rows["full"].scores["agreement"] == rows["en"].scores["agreement"] == 0.5
    assert not any("agreement" in rows[id].scores for id in rows.keys() - {"full", "en"})


def test_evidence_may_be_a_quote_that_crosses_lines(tmp_path: Path) -> None:
    quoted = line("q", "ko", "number", evidence=[], quotes=[["통화는\n반 시간"]], stances={})
    row = ask(
        FakeEngine({"q": answered(SECOND)}), load(write_lines(tmp_path / "set.jsonl", [quoted]))
    )["q"]
    ((expected,),) = row.evidence
    assert (expected.passage, expected.page, row.scores["evidence"]) == (None, 2, 1.0)


def test_evidence_that_the_library_lacks_is_refused_before_anything_is_asked(
    tmp_path: Path,
) -> None:
    lines = [line("a", "ko", "number", evidence=[["s009"]], stances={})]
    engine = FakeEngine({})
    with pytest.raises(InputError, match="a: evidence: no passage 's009'"):
        ask(engine, load(write_lines(tmp_path / "set.jsonl", lines)))
    assert engine.asked == []


@dataclass
class TurnedRound(FakeEngine):
    """Answers the first question last: it waits for all the others."""

    others: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def ask(self, question: str, history: Sequence[str] = (), *, id: str = "") -> Answer:
        if id == "full":
            for _ in range(len(LINES) - 1):
                assert self.others.acquire(timeout=10)
        else:
            self.others.release()
        return super().ask(question, history, id=id)


def test_several_jobs_give_the_same_rows_in_the_order_of_the_set(
    samples: tuple[Sample, ...], rows: dict[str, Row]
) -> None:
    def timeless(rows: dict[str, Row]) -> list[Row]:
        times = {"latency_ms": 0.0}
        return [r.model_copy(update={"scores": {**r.scores, **times}}) for r in rows.values()]

    engine = TurnedRound(ANSWERS)
    together = ask(engine, samples, jobs=4)
    assert engine.asked[-1][2] == "full"
    assert timeless(together) == timeless(rows)


def test_a_run_without_questions_has_no_rows() -> None:
    assert ask(FakeEngine({}), ()) == {}


def test_the_manifest_says_what_was_asked_of_what(
    set_file: Path, samples: tuple[Sample, ...]
) -> None:
    found = manifest(
        Settings(library=set_file.parent), "fake", FakeEngine({}).index, set_file, "all", samples, 3
    )
    assert json.loads(json.dumps(found)) == found
    assert {k: found["set"][k] for k in ("name", "half", "questions")} == {
        "name": "set",
        "half": "all",
        "questions": len(LINES),
    }
    assert len(found["set"]["sha256"]) == 64
    assert (found["engine"], found["jobs"], found["seed"]) == ("fake", 3, 0)
    assert found["index"]["embedder"] == "fake"
    assert found["documents"] == {"brief": {"lang": "ko", "titles": {"ko": "브리프"}}}
    assert found["settings"]["library"] == str(set_file.parent)
    assert {"git", "versions", "machine", "started"} <= set(found)
    assert found["versions"]["numpy"][0].isdigit()


class Keyed(Settings):
    """Settings as they would be with a key and a token among them."""

    openai_api_key: str = "hush-hush"
    slack_token: str = "hush-hush"


def test_the_manifest_tells_no_secret(set_file: Path, samples: tuple[Sample, ...]) -> None:
    found = manifest(Keyed(), "fake", FakeEngine({}).index, set_file, "all", samples)
    assert "hush" not in json.dumps(found)
    assert found["settings"].keys() == Settings.model_fields.keys() - {
        "store_token",
        "metrics_token",
        "slack_bot_token",
        "slack_app_token",
        "slack_signing_secret",
    }
