"""`citebrief eval draft`: what is proposed for a small Korean and a small English document."""

import json
from pathlib import Path
from typing import Any

import pytest

from assistant.errors import InputError
from eval.check import check
from eval.check_wording import UNWRITTEN
from eval.draft import Draft, draft

REPORT_KO = """\
# 누리시 버스 개편 보고서

## 배경

누리시는 2024년 3월 버스 노선 개편 계획을 발표하였다. \
시내버스 이용객은 2015년 하루 12만 명에서 2024년 9만 명으로 줄었다. \
이용객이 줄어든 까닭은 신도시 주민이 승용차로 옮겨 갔기 때문이다. \
수요응답버스란 승객이 부르면 정해진 시간표 없이 움직이는 버스를 말한다.

## 계획

개편의 축은 간선 노선, 마을 노선, 심야 노선의 세 가지이다. 개편에는 모두 1,240억 원이 든다. \
이용객은 2030년까지 15% 늘어날 것으로 전망된다. 시는 막차 시간을 자정 이후로 늦추어야 한다.

## 논란

교통국장 서윤목은 새 노선이 평균 대기 시간을 줄일 것이라고 주장하였다. \
운수노조는 심야 근무가 늘어난다고 비판하였다. \
전기버스의 운행비는 경유버스보다 30% 적게 든다. 예산의 40%는 중앙정부가 부담한다.
"""
REPORT_EN = """\
# Lisk Harbour Review

## Findings

The harbour handled 18.6 million tonnes of cargo in the year under review. \
Cargo fell from 22 million tonnes because the coal terminal closed early. \
The review was led by Professor Ines Hartwick of the port school. \
The new quay opened on 18 June 2025 after a long delay.

## Costs

Shore power means supplying a ship with electricity while it is at berth. \
The work cost 74 million dollars, of which the city paid half. \
Three fuels compete with diesel: green methanol, green ammonia and liquefied biomethane. \
Electric cranes use 30% less power than diesel cranes.

## Outlook

Ferry traffic is expected to grow by 12% before the end of the decade. \
The council should order a second substation without delay. \
The dock union claims that automation will cost hundreds of jobs. \
Nine pilots work in the harbour office.
"""
SIDECAR = "file: bus.md\nid: nuri\nlang: ko\n"


@pytest.fixture
def korean(tmp_path: Path) -> Path:
    folder = tmp_path / "ko"
    folder.mkdir()
    (folder / "bus.md").write_text(REPORT_KO, encoding="utf-8")
    (folder / "bus.yaml").write_text(SIDECAR, encoding="utf-8")
    return folder / "bus.md"


@pytest.fixture
def english(tmp_path: Path) -> Path:
    folder = tmp_path / "en"
    folder.mkdir()
    (folder / "harbour.md").write_text(REPORT_EN, encoding="utf-8")
    return folder / "harbour.md"


def of_kind(drafted: Draft, kind: str) -> dict[str, Any]:
    """The one line of a kind."""
    (row,) = [row for row in drafted.rows if row["kind"] == kind]
    return dict(row)


def filled(value: Any) -> Any:
    """A line as a person might fill it in; entries that are not needed go."""
    if isinstance(value, dict):
        return {name: filled(item) for name, item in value.items()}
    if isinstance(value, list):
        return [
            filled(item) for item in value if not (isinstance(item, str) and UNWRITTEN.match(item))
        ]
    return value


def fill(row: dict[str, Any], number: int) -> dict[str, Any]:
    done: dict[str, Any] = filled(row)
    asked = {"ko": f"{number}번 질문은 무엇인가요?", "en": f"What is question {number}?"}
    done["question"] = asked[row["lang"]]
    for nugget in done["nuggets"]:
        if UNWRITTEN.match(nugget["text"]):
            nugget |= {"text": "the fact", row["lang"]: ["the fact"]}
    return done


@pytest.mark.parametrize("name", ["korean", "english"])
def test_a_small_document_gives_every_kind_in_both_languages_and_halves(
    name: str, request: pytest.FixtureRequest
) -> None:
    drafted = draft(request.getfixturevalue(name), 16)
    kinds = "number date list reason definition forecast recommendation comparison who stance"
    assert set(kinds.split()) <= set(drafted.summary)
    assert drafted.summary["unanswerable"] >= 3
    assert sum(drafted.summary.values()) == len(drafted.rows)
    for field in ("lang", "half"):
        shares = [row[field] for row in drafted.rows]
        assert abs(shares.count(shares[0]) * 2 - len(shares)) <= 2


def test_a_quarter_of_the_questions_has_no_answer_in_the_document(korean: Path) -> None:
    drafted = draft(korean, 12)
    assert drafted.summary["unanswerable"] == 3
    assert len(drafted.rows) == 12
    for row in drafted.rows:
        if row["kind"] == "unanswerable":
            assert (row["quotes"], row["nuggets"], "stances" in row) == ([], [], False)
            assert row["note"].startswith("near: ")


def test_the_sidecar_names_the_document_and_lines_are_numbered(korean: Path, english: Path) -> None:
    assert draft(korean).rows[0]["id"] == "nuri-001"
    assert draft(english).document == "harbour"


def test_each_quote_stands_in_the_document_once_and_no_two_lines_share_one(english: Path) -> None:
    quotes = [row["quotes"][0][0] for row in draft(english).rows if row["quotes"]]
    assert len(set(quotes)) == len(quotes)
    assert all(REPORT_EN.count(quote) == 1 for quote in quotes)


def test_nuggets_say_what_stands_in_the_korean_document(korean: Path) -> None:
    drafted = draft(korean, 13)
    assert of_kind(drafted, "date")["nuggets"][0]["ko"] == ["2024년 3월"]
    assert [n["text"] for n in of_kind(drafted, "list")["nuggets"]] == [
        "간선 노선",
        "마을 노선",
        "심야 노선",
    ]
    assert of_kind(drafted, "who")["nuggets"][0]["ko"] == ["서윤목"]
    assert of_kind(drafted, "forecast")["nuggets"][0]["ko"] == ["15%"]
    assert of_kind(drafted, "definition")["quotes"][0][0].startswith("수요응답버스란")


def test_nuggets_say_what_stands_in_the_english_document(english: Path) -> None:
    drafted = draft(english, 13)
    assert of_kind(drafted, "date")["nuggets"][0]["en"] == ["18 June 2025"]
    assert [n["text"] for n in of_kind(drafted, "list")["nuggets"]] == [
        "green methanol",
        "green ammonia",
        "liquefied biomethane",
    ]
    assert of_kind(drafted, "who")["nuggets"][0]["text"] == "Ines Hartwick"
    assert of_kind(drafted, "definition")["quotes"][0][0].startswith("Shore power means")


def test_the_other_language_is_filled_in_where_it_is_certain(korean: Path, english: Path) -> None:
    assert of_kind(draft(korean, 13), "date")["nuggets"][0]["en"] == ["March 2024"]
    assert of_kind(draft(english, 13), "date")["nuggets"][0]["ko"] == ["2025년 6월 18일"]
    assert "15%" in of_kind(draft(korean, 13), "forecast")["nuggets"][0]["en"]


def test_an_edition_says_what_the_other_language_is(small_library: Path) -> None:
    rows = draft(small_library / "harbour.md").rows
    (row,) = [row for row in rows if row["kind"] == "date"]
    assert row["nuggets"][0]["en"] == ["2030"]
    (row,) = [row for row in rows if row["kind"] == "forecast"]
    assert row["nuggets"][0]["en"] == ["12%"]


def test_stances_are_proposed_for_the_quote(korean: Path) -> None:
    for kind, stance in (("forecast", "forecast"), ("recommendation", "recommendation")):
        row = of_kind(draft(korean, 13), kind)
        assert row["stances"] == {row["quotes"][0][0]: [stance]}


def test_a_prompt_is_in_the_language_of_its_line_and_gives_no_answer_away(korean: Path) -> None:
    for row in draft(korean).rows:
        assert row["question"].startswith("할 일" if row["lang"] == "ko" else "TODO")
        said = [w for nugget in row["nuggets"] for w in nugget["ko"] if not UNWRITTEN.match(w)]
        assert not any(wording in row["question"] for wording in said)


def test_a_draft_is_reported_as_unwritten_line_by_line(korean: Path, tmp_path: Path) -> None:
    path = tmp_path / "draft.jsonl"
    path.write_text(draft(korean).lines(), encoding="utf-8")
    errors = check(path, korean.parent).errors
    for number in range(1, len(draft(korean).rows) + 1):
        assert any(f"line {number}: question: still to be written" in e for e in errors)
    assert all("still to be written" in error for error in errors)


@pytest.mark.parametrize("name", ["korean", "english"])
def test_a_filled_draft_passes_the_check(
    name: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    document: Path = request.getfixturevalue(name)
    rows = [fill(json.loads(x), n) for n, x in enumerate(draft(document).lines().splitlines())]
    path = tmp_path / "filled.jsonl"
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows))
    assert check(path, document.parent).errors == ()


def test_the_same_document_gives_the_same_draft(korean: Path) -> None:
    assert draft(korean).lines() == draft(korean).lines()


def test_a_file_that_is_no_document_is_refused(tmp_path: Path) -> None:
    for name in ("report.docx", "none.md"):
        with pytest.raises(InputError, match=r"is not a document; expected .* \.txt or \.md"):
            draft(tmp_path / name)
    (tmp_path / "empty.md").write_text("# 제목\n", encoding="utf-8")
    with pytest.raises(InputError, match="no sentence to ask about"):
        draft(tmp_path / "empty.md")


def test_a_wrong_sidecar_or_number_is_refused(korean: Path) -> None:
    with pytest.raises(InputError, match="expected 1 or more"):
        draft(korean, 0)
    korean.with_suffix(".yaml").write_text("file: bus.md\nlang: fr\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"bus\.yaml is not a sidecar"):
        draft(korean)
