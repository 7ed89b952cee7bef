"""A sentence takes the stance of its closing predicate (Korean) or of its main clause (English)."""

import pytest

from assistant.stance import stance

# The stance of each sentence and table cell of the brief, in order, as a reader labelled them:
# a fact (.), a forecast, a recommendation, or attributed to someone.
LABELS = (
    "fafffff.frr....faff......affrf.fafffff.aaaafaff...r.af..ff.aff..f.f"
    "f...r.r.a...r...............f...rfrrrfrrf.frrrrrrfff..ffff....rrrf"
)
NAMES = {".": "fact", "f": "forecast", "r": "recommendation", "a": "attributed"}


def agreement(index, field, lang):
    """The share of the brief's passages whose stance is the one labelled."""
    passages = [p for p in index.passages if p.kind != "row"]
    found = [stance(getattr(p, field), lang) for p in passages]
    return sum(f == NAMES[label] for f, label in zip(found, LABELS, strict=True)) / len(LABELS)


def test_the_stances_of_the_brief_are_those_a_reader_gives(brief_index):
    assert agreement(brief_index, "quote", "ko") >= 0.97
    assert agreement(brief_index, "quote_translation", "en") >= 0.93


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("트럼프의 당선은 미국 가치의 재건을 의미한다.", "fact"),
        (
            "트럼프의 MAGA 외교안보 ‘독트린’은 ‘실용적 거래주의’로 평가할 수 있다.",
            "fact",
        ),
        ("평화가 보장되지 않는다면 전쟁을 불사할 수 있다는 준비 태세이기도 하다.", "fact"),
        ("우리는 통상 주한미군의 감축을 놓고 트럼프 정부의 태도를 비판한다.", "fact"),
        ("트럼프는 350척 함대를 구축하겠다고 밝혔지만 목표를 완료하지 못했다.", "fact"),
        ("북핵 위협에 대응할 수 있는 강한 국방력의 확보", "fact"),
        ("수입이 한정된다면 지출에서 선택과 집중을 할 수밖에 없다.", "fact"),
        ("2034년에는 56조 달러(약 7경 7천조 원)에 이를 전망이다.", "forecast"),
        ("방위비 지불을 주장해왔기에 여전히 거래적 관점을 유지할 것이다.", "forecast"),
        ("한미 간 갈등의 소지가 있다.", "forecast"),
        ("실질적인 억제력으로서 기능할지는 미지수이다.", "forecast"),
        ("동맹이 깨어질 것이라는 불안감까지 겹쳐질 것이기 때문이다.", "forecast"),
        ("외교안보의 롤러코스터가 될 것이라고 평가된다.", "forecast"),
        ("우리 정부는 좀 더 전향적인 태도를 취해야 한다.", "recommendation"),
        ("이스라엘-하마스 전쟁이 어떤 형식으로든 빨리 정리될 필요가 있다.", "recommendation"),
        ("하드 파워와 소프트 파워를 모두 갖춘 동맹이 동북아에서 절실하다.", "recommendation"),
        ("주한미군의 감축은 주한미군의 유연성으로 대체할 수 있다.", "recommendation"),
        ("취임 후 24시간 내에 전쟁을 중단시키겠다고 말한다.", "attributed"),
        ("베이징의 시도를 막지 못했다고 트럼프 진영은 판단해왔다.", "attributed"),
        ("트럼프의 표현에 의하면 일본도 ‘부자나라’이다.", "attributed"),
        ("안보 이슈들에 대한 입장을 표명해왔다.", "attributed"),
    ],
)
def test_a_korean_sentence_of_the_brief_has_its_stance(sentence, expected):
    assert stance(sentence, "ko") == expected


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("The United States provided about $183 billion for the Russia-Ukraine war.", "fact"),
        (
            "Trump announced that he would build a 350-ship fleet, but he did not complete it.",
            "fact",
        ),
        ("Trump's doctrine can be assessed as “practical transactionalism.”", "fact"),
        (
            "It is one of the urgent tasks that Trump must resolve right after taking office.",
            "fact",
        ),
        ("The point is whether South Korea can become the object of such selection.", "fact"),
        ("It is projected to reach $56 trillion in 2034.", "forecast"),
        (
            "Trump will maintain his perspective, because he has insisted that Taiwan pay.",
            "forecast",
        ),
        ("If support shrinks, the alliance may be hollowed out.", "forecast"),
        ("It is from right here that a true reordering of the alliance can begin.", "forecast"),
        ("South Korea must take a somewhat more forward-looking attitude.", "recommendation"),
        ("The war needs to be settled quickly in one form or another.", "recommendation"),
        (
            "Ships that stay longer than three hours should be required to plug in.",
            "recommendation",
        ),
        ("He says that he will stop the war within 24 hours of taking office.", "attributed"),
        ("In Trump's words, Japan too is a “rich country” that free-rides.", "attributed"),
        ("The Trump camp has judged that it failed to stop Beijing's attempts.", "attributed"),
        ("It credits itself with having deterred war.", "attributed"),
    ],
)
def test_an_english_sentence_has_its_stance(sentence, expected):
    assert stance(sentence, "en") == expected


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("정부는 예산을 늘려야 합니다.", "recommendation"),
        ("정부는 예산을 늘려야 함", "recommendation"),
        ("내년에 수요가 늘어날 것입니다.", "forecast"),
        ("내년에 수요가 늘어날 것임.", "forecast"),
        ("내년에 수요가 늘어날 것으로 보입니다.", "forecast"),
        ("장관은 계획을 철회하겠다고 밝혔습니다.", "attributed"),
        ("장관은 계획을 철회하겠다고 밝힘", "attributed"),
        ("예산은 3조 원입니다.", "fact"),
        ("NATO는 GDP의 2%를 지출해야 한다.", "recommendation"),
        ("Trump 2기에는 tariff가 오를 것이다.", "forecast"),
        ("“동맹은 거래가 아니다.”", "fact"),
        ("", "fact"),
    ],
)
def test_polite_and_clipped_endings_and_mixed_sentences_are_read_alike(sentence, expected):
    assert stance(sentence, "ko") == expected


def test_a_very_long_sentence_is_judged_quickly():
    assert stance("정부는 예산을 늘리고 " * 5_000 + "늘릴 것이다.", "ko") == "forecast"
    assert stance("the government that spends, " * 5_000 + "must save.", "en") == "recommendation"
