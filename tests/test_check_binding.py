"""A number or a name of the evidence belongs to the clause that it stands in."""

import pytest

from assistant.check_binding import elsewhere, likeliest, misplaced
from assistant.verify import Verifier

SPENT = (
    "미국은 러시아-우크라이나 전쟁에 약 1,830억 달러를, "
    "이스라엘-하마스 전쟁에 179억 달러를 지원했다."
)
LED = (
    "The ministry of transport runs the tunnel and its tolls, "
    "while Governor Alvarez chairs the monthly safety board of the port."
)


@pytest.fixture(scope="module")
def verifier():
    return Verifier()


def test_a_number_of_another_item_is_out_of_place(verifier):
    pair = verifier.pair("미국이 우크라이나와 러시아의 전쟁에 쓴 돈은 179억 달러였다.", [[SPENT]])
    assert misplaced(pair)["number_bound"] > 0.3
    taken = elsewhere(pair)
    assert taken is not None
    assert taken.text == "179억 달러"
    assert likeliest(pair, taken) == "1,830억 달러"


def test_a_number_in_its_place_is_no_doubt(verifier):
    pair = verifier.pair("미국이 우크라이나와 러시아의 전쟁에 쓴 돈은 1,830억 달러였다.", [[SPENT]])
    assert misplaced(pair)["number_bound"] == 0
    assert elsewhere(pair) is None


def test_a_wrong_number_is_told_against_that_of_its_own_item(verifier):
    pair = verifier.pair("이스라엘-하마스 전쟁에는 279억 달러가 들었다.", [[SPENT]])
    assert likeliest(pair, pair.claim.quantities[0]) == "179억 달러"


def test_a_name_is_only_out_of_place_where_another_should_stand(verifier):
    wrong = verifier.pair("Governor Alvarez runs the tunnel and its tolls.", [[LED]])
    right = verifier.pair("Governor Alvarez chairs the safety board of the port.", [[LED]])
    assert misplaced(right)["name_bound"] == 0
    assert misplaced(wrong)["name_bound"] == 0  # the tunnel's clause has no name to be mistaken


def test_a_name_for_which_the_clause_has_its_own_is_out_of_place(verifier):
    led = LED.replace("ministry of transport", "engineer Takahashi")
    wrong = verifier.pair("It is Alvarez who runs the tunnel and its tolls.", [[led]])
    assert misplaced(wrong)["name_bound"] > 0


def test_one_clause_puts_nothing_out_of_place(verifier):
    pair = verifier.pair("분담금은 열 배로 올랐다.", [["분담금은 10배로 올랐다."]])
    assert misplaced(pair) == {"number_bound": 0.0, "name_bound": 0.0}
