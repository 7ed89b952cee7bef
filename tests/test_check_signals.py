"""What the further signals see, each beside a statement that they must leave alone."""

import pytest

from assistant.check_signals import Context, beside

KNOWN = Context(coverage=1.0, best=1.0, lead=6.0, restated=False)


@pytest.mark.parametrize(
    ("signal", "passage", "right", "wrong"),
    [
        (
            "way",
            "Foreign investors hold 38% of the debt, down from 52% in 2015.",
            "Foreign investors own 38% of the debt, down from 52% in 2015.",
            "Foreign investors own 52% of the debt, up from 38% in 2015.",
        ),
        (
            "number_order",
            "Foreign investors hold 38% of the debt, down from 52% in 2015.",
            "Foreign investors own 38% of the debt, against 52% in 2015.",
            "Foreign investors own 52% of the debt, against 38% in 2015.",
        ),
        (
            "denied_at",
            "인공지능의 의견만으로 허가를 거부할 수 없다.",
            "인공지능의 의견만으로는 허가를 거부할 수 없다.",
            "인공지능의 의견만으로도 허가를 거부할 수 있다.",
        ),
        (
            "rival",
            "Silver herring spawns in winter.",
            "Silver herring spawns in the winter.",
            "Silver herring spawns in summer.",
        ),
        (
            "done_now",
            "Inflation is forecast to return to the target in 2027.",
            "Inflation is expected to return to the target in 2027.",
            "Inflation returned to the target in 2027.",
        ),
    ],
)
def test_a_signal_sees_what_is_turned_and_nothing_in_what_is_reworded(
    verifier, signal, passage, right, wrong
):
    def value(statement):
        return beside(verifier.pair(statement, [[passage]]), ["fact"], KNOWN)[signal]

    assert value(right) == 0
    assert value(wrong) > 0
