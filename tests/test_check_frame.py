"""A statement that names the document it is held against says what it says without that."""

import pytest

from assistant.check_frame import unframed


@pytest.mark.parametrize(
    ("text", "core"),
    [
        ("보고서에 따르면 분담금은 열 배까지 올랐다.", "분담금은 열 배까지 올랐다."),
        ("이 보고서는 분담금이 열 배까지 올랐다고 밝혔다.", "분담금이 열 배까지 올랐다."),
        ("저자는 병력이 줄어들 것으로 내다봤습니다.", "병력이 줄어들 것이다."),
        ("동맹의 가치가 낮게 평가되었다고 보고서는 설명합니다.", "동맹의 가치가 낮게 평가되었다."),
        ("경제가 튼튼해야 한다는 것이 보고서의 설명이다.", "경제가 튼튼해야 한다."),
        ("분담금 인상이 큰 이유라는 지적이다.", "분담금 인상이 큰 이유다."),
        (
            "The report says that demands rose from five to ten times.",
            "Demands rose from five to ten times.",
        ),
        (
            "According to the brief, demands rose from five to ten times.",
            "Demands rose from five to ten times.",
        ),
        (
            "Demands rose, the paper notes, from five to ten times.",
            "Demands rose from five to ten times.",
        ),
        (
            "The analysis expects the new team to put America first.",
            "The new team will put America first.",
        ),
        (
            "The authors recommend creating a new contribution.",
            "It should be: creating a new contribution.",
        ),
    ],
)
def test_the_documents_own_voice_is_taken_away(text, core):
    assert unframed(text) == core


@pytest.mark.parametrize(
    "text",
    [
        "국방부는 분담금이 열 배까지 올랐다고 밝혔다.",
        "트럼프는 전쟁을 24시간 안에 끝내겠다고 말한다.",
        "The ministry says that demands rose from five to ten times.",
        "Trump says he will end the war within 24 hours.",
        "보고서를 냈다.",
        "The report came out in November 2024.",
    ],
)
def test_what_others_say_stays_theirs(text):
    assert unframed(text) == text


def test_a_statement_without_its_frame_has_none_left():
    text = unframed("보고서에 따르면 분담금은 열 배까지 올랐다.")
    assert unframed(text) == text
