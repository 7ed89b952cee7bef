"""Claims beside passages in both languages: what supports passes, what was changed is doubted."""

from pathlib import Path

import pytest

from assistant.claim_signals import SIGNALS
from assistant.verify import Verifier, load_model
from index.build import Index
from index.lexicon import GLOSSARY, THESAURUS, Lexicon, compile_lexicon

BUDGET_KO = "국방부는 2026년 예산을 1,830억 원으로 늘릴 것으로 전망된다."
BUDGET_EN = "The defence ministry is expected to raise its 2026 budget to 183 billion won."
SHIPS_KO = "해군은 노후 함정 24척을 퇴역시키고 신형 함정 19척을 도입하였다."
SAID_KO = "박서준 의원은 이 정책이 지방 경제를 약화시킨다고 주장하였다."
SAID_EN = "Senator Joan Miller claimed that the policy weakens the rural economy."
SOME_KO = "일부 회원국은 제재 완화에 반대하지 않았다."
ADVICE_EN = "The committee recommends that the government reduce tariffs on steel imports."
CAUSE_EN = "Exports fell in 2023 because Japan closed two of its ports."


RIGHT = [
    ("국방부 예산은 2026년에 1,830억 원으로 늘어날 전망이다.", [BUDGET_KO]),
    (
        "The 2026 budget of the defence ministry is forecast to rise to 183 billion won.",
        [BUDGET_KO],
    ),
    ("국방부는 2026년 예산을 1,830억 원으로 늘릴 것으로 보인다.", [BUDGET_EN]),
    ("해군은 신형 함정 19척을 도입하였다.", [SHIPS_KO]),
    ("박서준 의원의 주장에 따르면 이 정책은 지방 경제를 약화시킨다.", [SAID_KO]),
    ("According to Senator Joan Miller the policy weakens the rural economy.", [SAID_EN]),
    ("The committee advises the government to cut tariffs on imports of steel.", [ADVICE_EN]),
    ("Because Japan closed two ports, exports fell in 2023.", [CAUSE_EN]),
    ("시험 운행은 1년 8개월 동안 이어졌습니다.", ["The trial ran for twenty months."]),
    ("The trial ran for twenty months.", ["시험 운행은 1년 8개월 동안 이어졌다."]),
    ("응답자의 5분의 1이 새 노선에 찬성하였다.", ["응답자의 20%가 새 노선에 찬성하였다."]),
    ("Three in five members backed the plan.", ["Of the members, 60 per cent backed the plan."]),
    ("요금은 12달러에서 17달러로 5달러 올랐다.", ["요금은 12달러에서 17달러로 올랐다."]),
    ("주민 동의를 얻기가 쉽지 않았다.", ["주민의 동의를 얻기 어려웠다."]),
    ("항만의 지분은 20%이다.", ["It holds a share of 20 per cent in the port."]),
    ("Just three firms won 71% of the orders.", ["Three firms won 71% of the orders."]),
    ("The line closed for passengers on 28 May 1994.", ["여객 노선은 1994년 5월 28일에 닫혔다."]),
    ("박서준 의원은 이 정책이 지방 경제를 약화시킨다고 평했습니다.", [SAID_KO]),
]
WRONG = [
    ("국방부는 2026년 예산을 2,830억 원으로 늘릴 것으로 전망된다.", [BUDGET_KO], "number"),
    (
        "The defence ministry is expected to raise its 2026 budget to $183 million.",
        [BUDGET_KO],
        "number",
    ),
    ("국방부는 2029년 예산을 1,830억 원으로 늘릴 것으로 보인다.", [BUDGET_EN], "number"),
    ("국방부는 2026년 예산을 1,830억 원으로 늘렸다.", [BUDGET_KO], "stance"),
    ("The defence ministry has raised its 2026 budget to 183 billion won.", [BUDGET_EN], "stance"),
    ("국방부는 2026년 예산을 1,830억 원으로 줄일 것으로 전망된다.", [BUDGET_KO], "polarity"),
    ("이 정책은 지방 경제를 약화시킨다.", [SAID_KO], "attribution"),
    ("The policy weakens the rural economy.", [SAID_EN], "attribution"),
    ("박서준 의원은 이 정책이 지방 경제를 강화시킨다고 주장하였다.", [SAID_KO], "polarity"),
    ("모든 회원국은 제재 완화에 반대하지 않았다.", [SOME_KO], "scope"),
    ("The government has decided to reduce tariffs on steel imports.", [ADVICE_EN], "stance"),
    ("Exports fell in 2023 because China closed two of its ports.", [CAUSE_EN], "name"),
    ("시험 운행은 1년 9개월 동안 이어졌다.", ["The trial ran for twenty months."], "number"),
    ("Two in five members backed the plan.", ["Of the members, 60 per cent backed it."], "number"),
    ("수출은 2023년에 줄지 않았다.", ["수출은 2023년에 줄었다."], "polarity"),
    (
        "통항이 급격히 둔화되었다.",
        ["A run of severe winters could sharply slow traffic."],
        "stance",
    ),
    ("Exports did not fall in 2023 because Japan closed two of its ports.", [CAUSE_EN], "polarity"),
    (
        "해군은 노후 함정 24척을 퇴역시키고 조선소의 임금을 크게 올렸으며 신형 19척을 도입하였다.",
        [SHIPS_KO],
        "content",
    ),
]


@pytest.mark.parametrize(("claim", "passages"), RIGHT)
def test_a_claim_in_other_words_or_the_other_language_is_supported(
    verifier: Verifier, claim: str, passages: list[str]
) -> None:
    support = verifier.support(claim, [[passage] for passage in passages])
    assert support.supported, support
    assert support.doubts == ()


@pytest.mark.parametrize(("claim", "passages", "code"), WRONG)
def test_a_changed_claim_is_doubted_for_what_was_changed(
    verifier: Verifier, claim: str, passages: list[str], code: str
) -> None:
    support = verifier.support(claim, [[passage] for passage in passages])
    assert not support.supported, support
    assert code in {doubt.code for doubt in support.doubts}
    assert all(doubt.text in claim for doubt in support.doubts)


@pytest.mark.parametrize("text", [BUDGET_KO, BUDGET_EN, f"“{SAID_EN}”", SOME_KO.replace(" ", "\n")])
def test_a_claim_that_is_a_reading_word_for_word_scores_one(verifier: Verifier, text: str) -> None:
    assert (
        verifier.support(text, [[SHIPS_KO], [BUDGET_KO, BUDGET_EN], [SAID_EN], [SOME_KO]]).score
        == 1
    )


def test_whole_sentences_are_verbatim_and_clauses_or_halves_of_a_decimal_are_not(
    verifier: Verifier,
) -> None:
    passage = f"{SHIPS_KO} The rate rose by 3.5 percent. {SAID_EN}"
    assert verifier.support(SAID_EN, [[passage]]).score == 1
    assert verifier.support("5 percent.", [[passage]]).score < 1
    assert verifier.support("The policy weakens the rural economy.", [[SAID_EN]]).score < 1


def test_an_edition_in_the_language_of_the_claim_is_read(verifier: Verifier) -> None:
    claim = "The defence ministry is forecast to lift its budget for 2026 to 183 billion won."
    alone = verifier.support(claim, [[SHIPS_KO]])
    both = verifier.support(claim, [[SHIPS_KO, BUDGET_EN]])
    assert both.supported and not alone.supported


def test_several_passages_support_a_claim_together(verifier: Verifier) -> None:
    claim = (
        "해군은 신형 함정 19척을 도입하였고, 국방부는 2026년 예산을 1,830억 원으로 늘릴 전망이다."
    )
    assert verifier.support(claim, [[SHIPS_KO], [BUDGET_KO]]).supported
    assert not verifier.support(claim, [[SHIPS_KO]]).supported


@pytest.mark.parametrize("passages", [[], [[]], [[""]], [["  "], []]])
def test_without_passages_nothing_is_supported(
    verifier: Verifier, passages: list[list[str]]
) -> None:
    support = verifier.support(BUDGET_KO, passages)
    assert (support.score, support.supported) == (0.0, False)
    assert support.doubts[0].code == "content"


@pytest.mark.parametrize("claim", ["", " ", "?", "그리고", "the of"])
def test_a_claim_without_words_is_judged_without_error(verifier: Verifier, claim: str) -> None:
    assert 0 <= verifier.support(claim, [[BUDGET_KO], ["."]]).score <= 1


def test_the_same_claim_gets_the_same_answer_from_another_verifier(
    verifier: Verifier, brief_index: Index
) -> None:
    other = Verifier(brief_index.analyzer)
    for claim, passages, _ in WRONG[:4]:
        readings = [[passage] for passage in passages]
        assert verifier.support(claim, readings) == other.support(claim, readings)


def test_a_verifier_that_is_given_no_words_takes_the_shipped_ones_when_first_asked(
    monkeypatch: pytest.MonkeyPatch, tiny_lexicon: dict[str, Path]
) -> None:
    taken = []

    def compiled(*files: Path) -> Lexicon:
        taken.append(files)
        return compile_lexicon(**tiny_lexicon)  # those that ship take seconds

    monkeypatch.setattr("assistant.verify.compile_lexicon", compiled)
    verifier = Verifier()
    assert taken == []
    assert verifier.support("Three firms won 71% of orders.", [["Three firms won 71%."]]).score < 1
    assert taken == [(GLOSSARY, THESAURUS)]


def test_every_signal_has_a_weight_and_none_speaks_for_a_claim() -> None:
    model = load_model()
    assert set(model.weights) == set(SIGNALS)
    assert max(model.weights.values()) <= 0
    assert 0 < model.threshold < 1


@pytest.mark.parametrize(
    ("claim", "passage"),
    [
        (BUDGET_KO.replace("1,830억", "1,840억"), BUDGET_KO),
        (BUDGET_EN.replace("183 billion", "179 billion"), BUDGET_KO),
    ],
)
def test_a_changed_number_never_passes_however_well_the_rest_agrees(
    verifier: Verifier, claim: str, passage: str
) -> None:
    support = verifier.support(claim, [[passage]])
    assert (support.score, support.supported) == (0, False)


def test_the_time_that_a_rate_is_for_is_compared(verifier: Verifier) -> None:
    found = verifier.signals(
        "이 규정은 일주일에 640번 쓰인다.", [["It is used 640 times a night."]]
    )
    assert found["period"] == (1, "일주일에")
    assert verifier.signals("열하루 걸렸다.", [["It took eleven days."]])["period"][0] == 0


@pytest.mark.parametrize(
    ("claim", "passage"),
    [
        ("이 정책은 지방 경제를 약화시킨다.", SAID_KO),
        ("The policy weakens the rural economy.", SAID_EN),
        ("Park Seo-jun's policy weakens the rural economy.", SAID_EN),
        ("The policy weakens the rural economy.", SAID_KO),
    ],
)
def test_what_someone_said_wants_its_source(verifier: Verifier, claim: str, passage: str) -> None:
    found = verifier.signals(claim, [[passage]])
    assert found["sourceless"][0] or found["lost_source"][0]


@pytest.mark.parametrize(
    ("claim", "passage", "signal"),
    [
        ("농민연합은 이 정책이 지방 경제를 약화시킨다고 주장하였다.", SAID_KO, "other_source"),
        (
            "The farmers' union argues that the policy weakens the rural economy.",
            SAID_EN,
            "other_source",
        ),
        ("연구진은 수출이 줄 것으로 내다봤다.", "연구진은 수출이 줄 것으로 전망하였다.", None),
        ("회원국은 모두 제재 완화에 찬성했다.", "일부 회원국은 제재 완화에 찬성했다.", "some_all"),
        ("All of the members backed the plan.", "Some members backed the plan.", "some_all"),
        ("Most members backed the plan.", "회원 대부분이 계획에 찬성했다.", None),
        ("유가와 관계없이 수출은 준다.", "유가가 오르면 수출은 준다.", "anyway"),
        ("Exports fall whether or not prices rise.", "If prices rise, exports fall.", "anyway"),
        ("회의가 끝나기 전에 항만을 닫았다.", "회의가 끝난 뒤 항만을 닫았다.", "way_time"),
        ("The port closed before the talks.", "The port closed after the talks.", "way_time"),
        (
            "항만이 닫힌 것은 수출이 줄었기 때문이다.",
            "항만이 닫혀서 그 때문에 수출이 줄었다.",
            "cause_swapped",
        ),
        (
            "Because exports fell, Japan closed two of its ports.",
            CAUSE_EN,
            "cause_swapped",
        ),
        ("Exports fell because Japan closed two of its ports.", CAUSE_EN, None),
        ("Exports fell because of a strike at the mills.", CAUSE_EN, "cause_lacks"),
        ("수출이 줄었다.", "수출이 줄 가능성이 크다.", "unhedged"),
        ("Exports fell in May.", "수출은 5월에 줄어들 것으로 예상된다.", "unhedged_past"),
        ("위원회는 제안을 거부하였다.", "위원회는 제안을 승인하였다.", "turned"),
        ("The council rejected the plan.", "위원회는 그 계획을 승인했다.", "turned_cross"),
        (
            "The port is open to foreign ships.",
            "이 항만은 외국 선박에 열려 있지 않다.",
            "denied_lost",
        ),
    ],
)
def test_what_a_claim_turns_or_frames_otherwise_is_found_and_what_it_keeps_is_not(
    verifier: Verifier, claim: str, passage: str, signal: str | None
) -> None:
    found = verifier.signals(claim, [[passage]])
    new = (
        "other_source some_all all_some anyway way_time cause_swapped cause_lacks unhedged "
        "unhedged_past turned turned_cross denied_lost"
    ).split()
    given = {name for name in new if found[name][0]}
    assert signal in given if signal else not given


@pytest.mark.parametrize(
    ("claim", "passage"),
    [
        ("해킹 시도는 하루 160만 건을 넘었다.", "하루 평균 162만 건의 해킹 시도가 있었다."),
        ("Just under 2,500 people left.", "2,480명이 떠났다."),
        ("Nearly four in ten left.", "열 명 가운데 38%가 떠났다."),
        ("The truck count fell to a third.", "트럭은 420대에서 140대로 줄었다."),
        ("It takes 90 minutes.", "한 시간 반이 걸린다."),
        ("두 기관의 인원은 합쳐 500명이다.", "한 기관은 200명, 다른 기관은 300명이다."),
        ("나머지 40%는 반대했다.", "Sixty per cent were in favour, the rest against: 60%."),
    ],
)
def test_a_number_may_be_stated_loosely_or_reckoned_from_others(
    verifier: Verifier, claim: str, passage: str
) -> None:
    assert verifier.signals(claim, [[passage]])["number"][0] == 0


@pytest.mark.parametrize(
    ("claim", "passage", "swapped"),
    [
        (
            "지연의 원인은 함정 정비가 아니라 궂은 날씨에 있다.",
            "지연의 원인은 궂은 날씨가 아니라 함정 정비에 있다.",
            True,
        ),
        (
            "The delay came from bad weather rather than broken ships.",
            "The delay came from broken ships rather than bad weather.",
            True,
        ),
        (
            "The delay came from broken ships, not from bad weather.",
            "The delay came from broken ships rather than bad weather.",
            False,
        ),
    ],
)
def test_the_sides_of_a_contrast_are_told_apart(
    verifier: Verifier, claim: str, passage: str, swapped: bool
) -> None:
    assert (verifier.signals(claim, [[passage]])["contrast"][0] > 0) is swapped
