"""Korean is told from English by its letters, in mixed text too."""

import pytest

from index.language import detect


@pytest.mark.parametrize(
    ("text", "main", "mixed"),
    [
        ("방위비분담금은 얼마나 늘어나는가?", "ko", False),
        ("How much will the contribution grow?", "en", False),
        ("NATO는 무엇을 해야 하나?", "ko", True),
        ("What does 방위비분담금 mean?", "en", True),
        ("MAGA와 ABB의 차이", "ko", True),
        ("트럼프 MAGA doctrine practical transactionalism 설명", "ko", True),
        ("Explain the 오모테나시 diplomacy of Abe to me", "en", True),
        ("Is 한미동맹 going to change under the next president?", "en", True),
        ("ㅋㅋ", "ko", False),
        ("2034년", "ko", False),
        ("1234 !?", "en", False),
        ("", "en", False),
    ],
)
def test_the_main_language_and_whether_both_are_there(text, main, mixed):
    found = detect(text)
    assert (found.main, found.mixed) == (main, mixed)
