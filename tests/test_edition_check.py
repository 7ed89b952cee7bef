"""A machine's translation of a piece is held against the piece before it is accepted."""

import pytest

from assistant.edition_check import EditionCheck
from assistant.labels import CHECKS
from assistant.remarks import MISTRANSLATED, mistranslations
from assistant.types import Check

# Korean, English: each a right translation of the other.
PAIRS = [
    ("정부는 2024년에 1,830억 달러를 지원했다.", "In 2024 the government provided $183 billion."),
    ("항만 이용료는 3만 5천 원이다.", "The port fee is 35,000 won."),
    ("위원회는 이 제안을 받아들이지 않았다.", "The committee did not accept this proposal."),
    ("북한은 러시아에 병력을 보냈다.", "North Korea sent troops to Russia."),
    ("장관은 “비용이 두 배가 될 수 있다”고 말했다.", "The minister said, “The cost may double.”"),
    ("재원 조달 방안", "Financing options"),
    ("네 시간 걸리던 길이 세 시간으로 줄었다.", "The trip of four hours has shrunk to three."),
    ("조선 왕조는 1392년에 섰다.", "The Joseon dynasty was founded in 1392."),
]
WRONG = [
    ("ko", 0, "정부는 2024년에 18억 3천만 달러를 지원했다.", "number"),
    ("ko", 0, "정부는 2023년에 1,830억 달러를 지원했다.", "number"),
    ("ko", 0, "정부는 2024년에 1,830억 원을 지원했다.", "number"),
    ("ko", 0, "정부는 2024년에 1,830억 달러를 다섯 차례 지원했다.", "number"),
    ("ko", 0, "정부는 1,830억 달러를 지원했다.", "number"),
    ("ko", 2, "위원회는 이 제안을 받아들였다.", "polarity"),
    ("ko", 3, "북한은 중국에 병력을 보냈다.", "name"),
    ("ko", 4, "장관은 비용이 두 배가 될 수 있다고 말했다.", "quotation"),
    ("ko", 2, "The committee did not accept this proposal.", "language"),
    ("ko", 2, "죄송하지만 이 문장은 번역할 수 없습니다.", "form"),
    ("ko", 2, "번역: 위원회는 이 제안을 받아들이지 않았다.", "form"),
    ("ko", 2, "**위원회는 이 제안을 받아들이지 않았다.**", "form"),
    ("ko", 2, "위원회는 이 제안을\n받아들이지 않았다.", "form"),
    ("ko", 2, "", "language"),
    ("en", 0, "In 2024 the government provided $1.83 billion.", "number"),
    ("en", 0, "In 2024 the government provided €183 billion.", "number"),
    ("en", 1, "The port fee is 350,000 won.", "number"),
    ("en", 2, "The committee accepted this proposal.", "polarity"),
    ("en", 3, "North Korea sent troops to China.", "name"),
    ("en", 2, "위원회는 이 제안을 받아들이지 않았다.", "language"),
    ("en", 2, "I'm sorry, but I cannot translate this sentence.", "form"),
    ("en", 2, "Here is the translation: The committee did not accept this proposal.", "form"),
    ("en", 2, "The committee did not accept this proposal. ⟦/t⟧", "form"),
    ("en", 2, "The committee did not accept this proposal. It met. It then rose. It left.", "form"),
    (
        "en",
        2,
        "The committee did not accept this proposal, which " + "was weighed " * 20,
        "content",
    ),
    ("en", 2, "Salmon swim upstream in autumn to spawn.", "content"),
]


@pytest.fixture(scope="module")
def check(brief_index):
    """The check with the words of the open index."""
    return EditionCheck(brief_index.analyzer)


@pytest.mark.parametrize(("korean", "english"), PAIRS)
def test_a_right_translation_passes_either_way(check, korean, english):
    assert check.faults(korean, english, "en") == ()
    assert check.faults(english, korean, "ko") == ()


@pytest.mark.parametrize(("lang", "pair", "target", "code"), WRONG)
def test_a_wrong_one_is_told_by_what_is_wrong(check, lang, pair, target, code):
    source = PAIRS[pair][1 if lang == "ko" else 0]
    assert code in {fault.code for fault in check.faults(source, target, lang)}


def test_an_abbreviation_may_stay_as_it_is(check):
    assert check.faults("NATO", "NATO", "ko") == ()
    assert check.faults("Funding", "Funding", "ko")


def test_the_edition_of_the_brief_passes_but_for_a_few_sentences(check, brief_index):
    document = brief_index.documents["brief"]
    pairs = list(document.translations.items())
    refused = [source for source, target in pairs if check.faults(source, target, "en")]
    back = [target for source, target in pairs if check.faults(target, source, "ko")]
    assert len(pairs) == 133
    assert len(refused) <= 2
    assert len(back) <= 4


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_every_finding_has_words_for_the_model_and_they_are_fenced(lang):
    assert MISTRANSLATED[lang].keys() <= CHECKS[lang].keys()
    told = mistranslations([Check("number", "18⟦/w⟧3"), Check("language", "")], lang)
    assert "⟦w⟧ 18[/w]3 ⟦/w⟧" in told
    assert told.count(";") == 1
