"""A small storm: two instances in processes of their own, one killed, and no question lost."""

import pytest

from eval.slack_storm import Plan, run

pytestmark = pytest.mark.usefixtures("nothing_set")


def test_in_a_storm_every_question_is_answered_exactly_once(tmp_path):
    figures = run(Plan(questions=150, lost=0.03, a_second=40), tmp_path)
    assert (figures.once, figures.twice, figures.never, figures.wrong) == (150, 0, 0, 0)
    assert figures.unacknowledged == 0
    assert figures.refused > 0
    assert figures.streamed > 0
    assert figures.ack_p95_ms < 3_000
    logs = "".join(path.read_text("utf-8") for path in tmp_path.glob("*.log"))
    assert "Question" not in logs
