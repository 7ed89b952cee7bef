"""`citebrief eval check`: every fault and every doubt, with the line and the field it stands in."""

import json
from pathlib import Path
from typing import Any

import pytest

from assistant.errors import InputError
from eval.check import Findings, check
from eval.samples import SETS

TRAINS = "고속철도 요금은 2025년에 5% 오른다."
DISCOUNT = "노인 할인은 그대로 유지된다."
FOREST = "Losses to fire fell by 8.3% that year."
HARBOUR = "부산항은 2030년까지 3조 원을 들여 확장된다."
GOOD: dict[str, Any] = {
    "id": "a1",
    "lang": "ko",
    "kind": "number",
    "question": "표값이 얼마나 비싸지나요?",
    "document": "trains",
    "quotes": [[TRAINS]],
    "stances": {TRAINS: ["forecast"]},
    "nuggets": [{"text": "5%", "vital": True, "ko": ["5%"], "en": ["5 per cent"]}],
}
NOTHING: dict[str, Any] = {"quotes": [], "nuggets": [], "stances": {}}
UNANSWERABLE = {**GOOD, "id": "u1", "kind": "unanswerable", "question": "역은 몇 개?", **NOTHING}
CLAIM: dict[str, Any] = {
    "id": "c1",
    "half": "dev",
    "document": "trains",
    "lang": "ko",
    "claim": "고속철도 요금이 5% 오른다.",
    "evidence": [TRAINS],
    "label": "supported",
    "kind": "paraphrase",
}


def write(folder: Path, *lines: dict[str, Any] | str) -> Path:
    path = folder / "set.jsonl"
    texts = [x if isinstance(x, str) else json.dumps(x, ensure_ascii=False) for x in lines]
    path.write_text("\n".join(texts) + "\n", encoding="utf-8")
    return path


def about(found: tuple[str, ...], place: str) -> str:
    """The one message about a place, such as `line 2: lang`."""
    (message,) = [m for m in found if f"{place}:" in m]
    return message


@pytest.fixture
def checked(tmp_path: Path, small_library: Path) -> Any:
    def run(*lines: dict[str, Any] | str) -> Findings:
        return check(write(tmp_path, *lines), small_library)

    return run


def test_a_good_set_has_no_errors_and_is_counted(checked: Any) -> None:
    other = {**GOOD, "id": "a2", "lang": "en", "question": "Fares up by what?", "half": "dev"}
    findings = checked(
        {**GOOD, "half": "dev", "pair": "a2", "conversation": "c"},
        other,
        {**UNANSWERABLE, "half": "test"},
    )
    assert findings.errors == ()
    assert findings.errors == ()
    assert findings.counts["total"] == {
        "questions": 3,
        "answerable": 2,
        "unanswerable": 1,
        "pairs": 1,
        "conversations": 1,
        "documents": 1,
    }
    assert findings.counts["language"] == {"ko": 2, "en": 1}
    assert findings.counts["kind"] == {"number": 2, "unanswerable": 1}
    assert findings.counts["half"] == {"dev": 2, "test": 1}
    assert findings.counts["stance"] == {"forecast": 2}


def test_every_fault_of_form_is_told_at_once_by_line(checked: Any) -> None:
    findings = checked(
        {**GOOD, "kind": "riddle"}, "", '{"id": ', {**GOOD, "id": "a4", "pair": "a9"}, UNANSWERABLE
    )
    lines = [error.split(".jsonl ")[1] for error in findings.errors]
    assert [line[:7] for line in lines] == ["line 1:", "line 3 ", "line 4:"]
    assert "kind" in lines[0]
    assert "is not JSON" in lines[1]
    assert "pair: 'a9'" in lines[2]


def test_a_file_without_questions_and_one_that_is_not_there_are_told_apart(
    checked: Any, tmp_path: Path, small_library: Path
) -> None:
    (error,) = checked("").errors
    assert error.endswith("set.jsonl holds no questions; expected one JSON object a line.")
    with pytest.raises(InputError, match="cannot be read"):
        check(tmp_path / "none.jsonl", small_library)


def test_a_quote_that_the_document_does_not_hold_is_told_with_the_nearest_passage(
    checked: Any,
) -> None:
    wrong = "고속철도 요금은 2025년에 7% 오른다."
    findings = checked(GOOD, {**GOOD, "id": "a2", "quotes": [[wrong]], "stances": {}}, UNANSWERABLE)
    error = about(findings.errors, "line 2: quotes.0.0")
    assert wrong in error
    assert f"The nearest passage is s001: {TRAINS!r}" in error


def test_a_quote_of_another_document_is_told_with_that_document(checked: Any) -> None:
    findings = checked({**GOOD, "quotes": [[FOREST]], "stances": {}})
    assert "The document 'forest' says it" in about(findings.errors, "line 1: quotes.0.0")


def test_a_quote_like_no_passage_is_told_so(checked: Any) -> None:
    findings = checked({**GOOD, "quotes": [["xyz"]], "stances": {}})
    assert "No passage is like it" in about(findings.errors, "line 1: quotes.0.0")


def test_an_unknown_passage_is_told_with_the_nearest_id(checked: Any) -> None:
    line = {**GOOD, "quotes": [], "evidence": [["s001"], ["s02"]], "stances": {}}
    error = about(checked(line).errors, "line 1: evidence.1.0")
    assert f"'trains' has no passage 's02'. The nearest id is 's002', {DISCOUNT!r}" in error


def test_an_unknown_document_is_told_with_the_known_ones(checked: Any) -> None:
    findings = checked({**GOOD, "document": "train"}, {**UNANSWERABLE, "document": "trian"})
    assert "forest, harbour, trains" in about(findings.errors, "line 1: document")
    assert "'trian'" in about(findings.warnings, "line 2: document")


def test_text_still_to_be_written_is_an_error_wherever_it_stands(checked: Any) -> None:
    nugget = {"text": "5%", "vital": True, "ko": ["5%"], "en": ["TODO: the same in English"]}
    findings = checked(
        {**GOOD, "question": "할 일: 요금을 물으세요.", "nuggets": [nugget]}, UNANSWERABLE
    )
    assert "delete the line" in about(findings.errors, "line 1: question")
    assert "delete the entry" in about(findings.errors, "line 1: nuggets.0.en.0")
    assert len(findings.errors) == 2


def test_a_question_about_things_to_do_is_no_unwritten_one(checked: Any) -> None:
    assert checked({**GOOD, "question": "할 일이 무엇무엇이라고 하나요?"}).errors == ()


def test_a_wording_that_no_evidence_holds_is_doubted_in_the_language_of_the_evidence(
    checked: Any,
) -> None:
    nugget = {"text": "6%", "vital": True, "ko": ["6%", "6퍼센트"], "en": ["6 per cent"]}
    findings = checked({**GOOD, "nuggets": [nugget]}, UNANSWERABLE)
    assert "'6%', '6퍼센트' stands nowhere" in about(findings.warnings, "line 1: nuggets.0.ko")
    assert not [w for w in findings.warnings if "nuggets.0.en" in w]  # no edition to judge by


def test_a_wording_is_looked_for_in_the_edition_where_there_is_one(checked: Any) -> None:
    nugget = {"text": "3조 원", "vital": True, "ko": ["3조 원"], "en": ["3 billion won"]}
    line = {**GOOD, "document": "harbour", "nuggets": [nugget]}
    for evidence in ({"quotes": [[HARBOUR]]}, {"quotes": [], "evidence": [["s001"]]}):
        findings = checked({**line, "stances": {}, **evidence})
        assert findings.errors == ()
        assert "'3 billion won'" in about(findings.warnings, "line 1: nuggets.0.en")


def test_one_wording_that_stands_in_the_evidence_is_enough(checked: Any) -> None:
    nugget = {"text": "5%", "vital": True, "ko": ["5%", "다섯 퍼센트"], "en": []}
    assert not [w for w in checked({**GOOD, "nuggets": [nugget]}).warnings if "nuggets" in w]


def test_a_quote_over_two_passages_is_doubted_since_an_answer_quotes_one(checked: Any) -> None:
    findings = checked({**GOOD, "quotes": [[f"{TRAINS} {DISCOUNT}"]], "stances": {}})
    assert findings.errors == ()
    assert "reaches over s001, s002" in about(findings.warnings, "line 1: quotes.0.0")


def test_the_same_question_twice_is_doubted_unless_about_another_document(checked: Any) -> None:
    again = {**GOOD, "id": "a2", "question": "표값이  얼마나 비싸지나요"}
    elsewhere = {**again, "id": "a3", "document": "harbour", "quotes": [[HARBOUR]]}
    findings = checked(GOOD, again, {**elsewhere, "stances": {}, "nuggets": GOOD["nuggets"]})
    assert "the same as on line 1" in about(findings.warnings, "line 2: question")
    assert not [w for w in findings.warnings if "line 3: question" in w]


def test_a_question_in_another_language_than_it_claims_is_doubted(checked: Any) -> None:
    findings = checked({**GOOD, "question": "By how much do the fares rise?"})
    assert "'ko', but the question reads as 'en'" in about(findings.warnings, "line 1: lang")


def test_eight_words_in_a_row_from_the_evidence_are_doubted_and_seven_are_not(
    checked: Any, small_library: Path
) -> None:
    quote = "The U.S. Forest Service planted 2.5 million trees in 2023."
    line = {**GOOD, "document": "forest", "lang": "en", "quotes": [[quote]], "stances": {}}
    line["nuggets"] = []
    eight = checked(
        {**line, "question": "Is it so that the U.S. Forest Service planted 2.5 million trees?"}
    )
    assert "copies 8 words in a row" in about(eight.warnings, "line 1: question")
    seven = checked({**line, "question": "So the U.S. Forest Service planted 2.5 million?"})
    assert not [w for w in seven.warnings if "line 1: question" in w]


def test_a_small_set_is_doubted_as_a_whole(checked: Any) -> None:
    warnings = checked({**GOOD, "stances": {}}).warnings
    assert "1 questions in 'ko'; below 20" in about(warnings, "set.jsonl: lang")
    assert "no question is unanswerable" in about(warnings, "set.jsonl: kind")
    assert "1 of 1 answerable questions have none, the first on line 1" in about(
        warnings, "set.jsonl: stances"
    )


def test_halves_that_share_a_kind_badly_are_doubted(checked: Any) -> None:
    lines = [
        {**GOOD, "id": f"n{n}", "question": f"{n}번째 질문인가요?", "half": "dev"} for n in range(8)
    ]
    rest = [
        {**UNANSWERABLE, "id": f"u{n}", "question": f"{n}번째 역은요?", "half": "test"}
        for n in range(4)
    ]
    findings = checked(*lines, *rest)
    assert "of 8 with kind 'number' 8 are in dev and 0 in test" in about(
        findings.warnings, "set.jsonl: half"
    )


def test_a_set_of_claims_is_checked_as_one(checked: Any) -> None:
    wrong = {**CLAIM, "id": "c2", "label": "unsupported", "kind": "number", "of": "c1"}
    wrong |= {"claim": "The fare rises by 7%.", "evidence": ["고속철도 요금은 2024년에 5% 오른다."]}
    findings = checked(
        CLAIM,
        wrong,
        {**CLAIM, "id": "c3", "evidence": ["s009"]},
        {**CLAIM, "id": "c4", "kind": "sum"},
    )
    assert TRAINS in about(findings.errors, "line 2: evidence.0")
    assert "no passage 's009'" in about(findings.errors, "line 3: evidence.0")
    assert "line 4: kind" in findings.errors[2]
    assert "reads as 'en'" in about(findings.warnings, "line 2: lang")
    assert "the same as on line 1" in about(findings.warnings, "line 3: claim")
    assert findings.counts["label"] == {"supported": 2, "unsupported": 1}


def test_claims_of_one_label_only_are_doubted(checked: Any) -> None:
    findings = checked({**CLAIM, "evidence": ["s001"]})
    assert findings.errors == ()
    assert "no claim is unsupported" in about(findings.warnings, "set.jsonl: label")


def test_a_shipped_set_is_checked_against_the_documents_it_asks_about() -> None:
    assert check(SETS / "other.jsonl").errors == ()


def test_without_a_library_a_set_is_checked_against_the_configured_one(
    tmp_path: Path, small_library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CITEBRIEF_LIBRARY", str(small_library))
    assert check(write(tmp_path, GOOD)).errors == ()
