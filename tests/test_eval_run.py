"""A run over a fake assistant: rows, means, the gate and the command line."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from assistant.errors import InputError
from assistant.settings import Settings
from assistant.types import Answer, Citation, Sentence
from eval.bench import HEADING, Figure, table, with_section
from eval.cli import app
from eval.run import Gate, Row, load_gate, report, run
from eval.samples import LIBRARY, load
from index.build import Manifest
from index.types import Document, Lang, Passage

TEXT = "목표는 함정 350척이다. 통화는 반 시간이었다."
FIRST, SECOND = TEXT[:14], TEXT[15:]
DOCUMENT = Document(
    id="brief",
    lang="ko",
    titles={"ko": "브리프"},
    text=TEXT,
    blocks=(),
    page_starts=(0,),
    sections=(),
)
SHIPS = {"text": "350척", "vital": True, "ko": ["350척"], "en": ["350-ship"]}
CALL = {"text": "반 시간", "vital": False, "ko": ["반 시간"], "en": []}


def passage(name: str, quote: str) -> Passage:
    start = TEXT.index(quote)
    return Passage(
        id=f"brief:{name}",
        document_id="brief",
        kind="sentence",
        lang="ko",
        text=quote,
        quote=quote,
        char_start=start,
        char_end=start + len(quote),
        page=1,
        section_id="sec0",
        section_titles={},
        paragraph=0,
        position=0,
    )


def answered(text: str, *quotes: str, language: Lang = "ko") -> Answer:
    citations = tuple(
        Citation(
            n=n,
            document="brief",
            document_title="브리프",
            document_title_translation=None,
            passage="",
            page=1,
            section="",
            section_translation=None,
            quote=quote,
            quote_language="ko",
            translation=None,
            translation_note=None,
            char_start=TEXT.index(quote),
            char_end=TEXT.index(quote) + len(quote),
        )
        for n, quote in enumerate(quotes, start=1)
    )
    sentence = Sentence(text, tuple(c.n for c in citations), "verified", "fact", 1.0)
    return Answer("", "", language, "answered", f"{text} [1]", (sentence,), citations)


def refused(text: str, language: Lang = "ko") -> Answer:
    return Answer("", "", language, "not_in_document", text)


@dataclass
class FakeIndex:
    documents: Mapping[str, Document]
    passages: Sequence[Passage]
    manifest: Manifest = field(default_factory=lambda: Manifest("d", "fake", "1", 3, "l"))


@dataclass
class FakeAssistant:
    """Answers by question; an exception in the place of an answer is raised."""

    answers: Mapping[str, Answer | Exception]
    index: FakeIndex = field(
        default_factory=lambda: FakeIndex(
            {"brief": DOCUMENT}, [passage("s001", FIRST), passage("s002", SECOND)]
        )
    )
    asked: list[tuple[str, tuple[str, ...], str]] = field(default_factory=list)

    def ask(self, question: str, history: Sequence[str] = (), *, id: str = "") -> Answer:
        self.asked.append((question, tuple(history), id))
        answer = self.answers[question]
        if isinstance(answer, Exception):
            raise answer
        return answer


def line(id: str, lang: str, kind: str, **changes: Any) -> dict[str, Any]:
    empty = kind == "unanswerable"
    given = {
        "evidence": [] if empty else [["s001"], ["s002"]],
        "nuggets": [] if empty else [SHIPS, CALL],
    }
    return {"id": id, "lang": lang, "kind": kind, "question": id, "half": "dev", **given, **changes}


LINES = [
    line("full", "ko", "number"),
    line("part", "ko", "number", history=["earlier"]),
    line("shy", "ko", "date"),
    line("crash", "ko", "date"),
    line("leak", "ko", "unanswerable"),
    line("en", "en", "number"),
    line("quiet", "en", "unanswerable", half="test"),
]
ANSWERS: dict[str, Answer | Exception] = {
    "full": answered("함정 350척, 통화 반시간.", FIRST, SECOND),
    "part": answered("함정 350척.", FIRST),
    "shy": refused("문서에 없습니다. 가까운 주제: 함정 350척, 반 시간"),
    "crash": RuntimeError("boom"),
    "leak": answered("통화는 반 시간.", SECOND),
    "en": answered("A 350-ship navy.", FIRST, language="en"),
    "quiet": refused("The document does not say.", "en"),
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "set.jsonl"
    file.write_text("\n".join(json.dumps(x, ensure_ascii=False) for x in LINES), encoding="utf-8")
    return file


@pytest.fixture
def rows(path: Path) -> dict[str, Row]:
    found = run(FakeAssistant(ANSWERS), load(path), lambda: None)
    return {row.sample.id: row for row in found}


def test_every_question_is_asked_once_with_its_history_and_counted(path: Path) -> None:
    assistant, ticks = FakeAssistant(ANSWERS), []
    run(assistant, load(path), lambda: ticks.append(1))
    assert [id for _, _, id in assistant.asked] == [x["id"] for x in LINES]
    assert assistant.asked[1] == ("part", ("earlier",), "part")
    assert len(ticks) == len(LINES)


def test_a_full_answer_has_full_scores(rows: dict[str, Row]) -> None:
    scores = rows["full"].scores
    assert (scores.evidence, scores.nuggets, scores.vital, scores.language) == (1, 1, 1, 1)
    assert (scores.wrongly_refused, scores.refused, scores.verbatim) == (0, None, 1)
    assert (scores.sentences, scores.quote_chars) == (1, len("".join(TEXT.split())))
    assert scores.latency_ms is not None
    assert not rows["full"].failed


def test_a_partial_answer_keeps_what_it_missed(rows: dict[str, Row]) -> None:
    row = rows["part"]
    assert (row.scores.evidence, row.scores.nuggets, row.scores.vital) == (0.5, 0.5, 1)
    assert row.missed_evidence == ((SECOND,),)
    assert row.missed_nuggets == ("반 시간",)
    assert row.failed


def test_a_refusal_tells_no_nugget_whatever_topics_it_names(rows: dict[str, Row]) -> None:
    scores = rows["shy"].scores
    assert (scores.evidence, scores.nuggets, scores.wrongly_refused) == (0, 0, 1)
    assert (scores.sentences, scores.quote_chars, scores.verbatim) == (None, None, None)
    assert scores.language == 1


def test_a_nugget_without_words_in_the_language_of_the_answer_is_unscored(
    rows: dict[str, Row],
) -> None:
    row = rows["en"]
    assert row.scores.nuggets == 1  # of the one nugget that has English words
    assert (row.unscored_nuggets, row.missed_nuggets) == (1, ())


def test_an_unanswerable_question_is_scored_on_refusing_alone(rows: dict[str, Row]) -> None:
    assert (rows["leak"].scores.refused, rows["quiet"].scores.refused) == (0, 1)
    assert rows["leak"].scores.evidence is None
    assert rows["leak"].scores.wrongly_refused is None
    assert rows["leak"].failed
    assert not rows["quiet"].failed


def test_a_fault_is_an_error_without_scores(rows: dict[str, Row]) -> None:
    row = rows["crash"]
    assert row.error == "RuntimeError: boom"
    assert row.scores.evidence is None
    assert row.failed
    assert not row.applies("language")


def test_means_stand_per_language_with_errors_apart(rows: dict[str, Row]) -> None:
    found = report(list(rows.values()))
    assert (found.n, found.errors) == (7, 1)
    ko, en = found.headlines["ko"], found.headlines["en"]
    assert (ko["evidence"].value, ko["evidence"].n, ko["evidence"].unscored) == (0.5, 3, 0)
    assert ko["wrongly_refused"].value == pytest.approx(1 / 3)
    assert (ko["refused"].value, ko["refused"].n) == (0, 1)
    assert (en["evidence"].value, en["refused"].value) == (0.5, 1)


def test_means_stand_per_kind_and_over_what_is_answerable(rows: dict[str, Row]) -> None:
    groups = {(g.lang, g.kind): g for g in report(list(rows.values())).groups}
    assert list(groups) == [
        ("ko", "number"),
        ("ko", "date"),
        ("ko", "unanswerable"),
        ("ko", "all answerable"),
        ("en", "number"),
        ("en", "unanswerable"),
        ("en", "all answerable"),
    ]
    date = groups["ko", "date"]
    assert (date.n, date.errors, date.means["evidence"].n) == (2, 1, 1)
    assert groups["ko", "all answerable"].means["sentences"].n == 2


def test_the_unscored_are_counted_and_not_zero(path: Path) -> None:
    only_call = line("call", "en", "number", nuggets=[CALL], evidence=[["s002"]])
    path.write_text(json.dumps(only_call, ensure_ascii=False), encoding="utf-8")
    said = {"call": answered("Half an hour.", SECOND, language="en")}
    nuggets = report(run(FakeAssistant(said), load(path), lambda: None)).headlines["en"]["nuggets"]
    assert (nuggets.value, nuggets.n, nuggets.unscored) == (None, 0, 1)


def test_the_gate_names_each_figure_that_falls_short(rows: dict[str, Row]) -> None:
    gate = Gate.model_validate(
        {"ko": {"evidence": 0.6, "wrongly_refused": 0.3}, "en": {"evidence": 0.5, "refused": 1}}
    )
    assert report(list(rows.values()), gate).shortfalls == (
        "1 questions ended in an error",
        "ko evidence recall: 0.500; expected at least 0.600",
        "ko wrongly refused: 0.333; expected at most 0.300",
    )
    korean = [row for row in rows.values() if row.sample.lang == "ko" and row.answer]
    shortfalls = report(korean, Gate.model_validate({"en": {"nuggets": 0.9}})).shortfalls
    assert shortfalls == ("en nugget recall: nothing was scored; expected 0.90",)


def test_a_wrong_gate_file_is_refused_with_the_field(tmp_path: Path) -> None:
    file = tmp_path / "gate.json"
    file.write_text('{"ko": {"recall": 1}}', encoding="utf-8")
    with pytest.raises(InputError, match=r"ko\.recall"):
        load_gate(file)
    with pytest.raises(InputError, match="cannot be read"):
        load_gate(tmp_path / "none.json")


def test_the_shipped_gate_is_valid() -> None:
    gate = load_gate(LIBRARY.parent / "gate.json")
    assert gate.ko.evidence is not None
    assert gate.en.refused is not None


@dataclass
class Opener:
    """Opens the fake assistant and keeps the settings that it was asked for."""

    assistant: FakeAssistant
    settings: list[Settings] = field(default_factory=list)

    def __call__(self, settings: Settings, progress: Any) -> FakeAssistant:
        self.settings.append(settings)
        progress("reading", 1, 1)
        return self.assistant


def invoke(*words: str, answers: Mapping[str, Answer | Exception] = ANSWERS) -> Any:
    return CliRunner().invoke(app, ["run", *words], obj=Opener(FakeAssistant(answers)))


def test_the_command_prints_figures_per_language_and_the_failures_of_dev(path: Path) -> None:
    shown = invoke("--set", str(path), "--half", "all", "--show-failures")
    assert shown.exit_code == 0
    assert "all answerable" in shown.stdout
    assert "refused when unanswerable" in shown.stdout
    assert "evidence missed: 통화는 반 시간이었다." in shown.stdout
    assert "error: RuntimeError: boom" in shown.stdout
    assert "[1]" in shown.stdout  # markers are not eaten as markup
    assert "questions" in shown.stderr


def test_a_quote_that_does_not_match_is_a_failure_that_says_so(path: Path) -> None:
    moved = replace(answered("함정 350척.", FIRST).citations[0], page=2)
    wrong = {**ANSWERS, "full": replace(answered("350척, 반 시간.", FIRST), citations=(moved,))}
    shown = invoke("--set", str(path), "--show-failures", answers=wrong)
    assert "a quote or its page does not match the document" in shown.stdout


def test_failures_of_the_test_half_are_never_shown(path: Path) -> None:
    sealed = invoke("--set", str(path), "--half", "test", "--show-failures")
    assert sealed.exit_code == 2
    assert "looking at the test half spends it" in sealed.stderr
    wrong = {**ANSWERS, "quiet": answered("A secret of the test half.", FIRST, language="en")}
    mixed = invoke("--set", str(path), "--half", "all", "--show-failures", answers=wrong)
    assert mixed.exit_code == 0
    assert "secret" not in mixed.stdout


def test_the_command_writes_rows_and_a_manifest(path: Path, tmp_path: Path) -> None:
    out = tmp_path / "new" / "folder"
    done = invoke("--set", str(path), "--half", "all", "--out", str(out), "--json")
    assert done.exit_code == 0
    printed = json.loads(done.stdout)
    assert printed["errors"] == 1
    assert printed["targets"]["evidence"] == 0.95
    rows = [json.loads(x) for x in (out / "rows.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [row["id"] for row in rows] == [x["id"] for x in LINES]
    assert rows[0]["measures"]["evidence"] == 1
    assert rows[0]["answer"]["citations"][0]["quote"] == FIRST
    assert rows[3]["answer"] is None
    made_of = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert made_of["set"]["half"] == "all"
    assert made_of["set"]["questions"] == len(LINES)
    assert made_of["index"]["embedder"] == "fake"
    assert {"date", "settings", "versions", "git", "report"} <= set(made_of)


def test_the_command_fails_below_the_gate(path: Path, tmp_path: Path) -> None:
    gate = tmp_path / "gate.json"
    gate.write_text('{"en": {"evidence": 0.9}}', encoding="utf-8")
    words = ("--set", str(path), "--half", "dev", "--gate", str(gate))
    below = invoke(*words)
    assert below.exit_code == 1
    assert "gate: en evidence recall: 0.500; expected at least 0.900" in below.stderr
    gate.write_text('{"en": {"evidence": 0.5}}', encoding="utf-8")
    sound = {**ANSWERS, "crash": ANSWERS["full"]}
    assert invoke(*words, answers=sound).exit_code == 0


def test_an_unknown_set_is_bad_usage() -> None:
    done = invoke("--set", "nowhere")
    assert done.exit_code == 2
    assert "brief, documents" in done.stderr


def test_the_set_other_opens_the_library_of_the_other_documents() -> None:
    opener = Opener(FakeAssistant({}))
    done = CliRunner().invoke(app, ["run", "--set", "other"], obj=opener)
    assert opener.settings[0].library == LIBRARY
    assert done.exit_code == 2  # the fake holds the brief only
    assert "is not in the library" in done.stderr


def test_the_benchmark_table_has_the_machine_and_replaces_its_own_section_only() -> None:
    section = table([Figure("cold", "2.00 s", "9 × warm")], "2025-01-02")
    assert "| cold | 2.00 s | 9 × warm |" in section
    assert "cores" in section
    assert "2025-01-02" in section
    page = f"# Benchmarks\n\n{HEADING}\n\nstale\n\n## Answers\n\nkept\n"
    once = with_section(page, section)
    assert "stale" not in once
    assert once.startswith("# Benchmarks\n\n" + section)
    assert once.endswith("\n## Answers\n\nkept\n")
    assert with_section(once, section) == once
    assert with_section("", section) == section
    assert with_section("# Page\n", section) == "# Page\n\n" + section
