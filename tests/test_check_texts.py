"""The set of statements for the checker, and what is counted of it."""

import pytest

from assistant.check_types import CheckedStatement, TextCheck
from eval.check_texts import Outcome, Statement, folders, read, shares


def test_the_set_is_sound_and_has_both_languages_and_all_verdicts_in_both_halves():
    contents = read()
    assert contents.faults == ()
    kinds = {(s.half, s.lang, s.verdict) for s in contents.items}
    assert len(kinds) == 12
    assert len(contents.items) >= 160
    assert {s.document for s in contents.items} <= folders().keys()


@pytest.mark.parametrize("half", ["dev", "test"])
def test_no_document_but_the_brief_is_in_both_halves(half):
    items = read().items
    own = {s.document for s in items if s.half == half} - {"brief"}
    other = {s.document for s in items if s.half != half} - {"brief"}
    assert own.isdisjoint(other)


def test_shares_count_false_ones_that_pass_and_each_verdict_that_is_found():
    def outcome(truth, said):
        statement = Statement(
            id="x", half="dev", document="brief", lang="ko", text="가.", verdict=truth, kind="name"
        )
        return Outcome(statement, TextCheck("가.", "ko", (CheckedStatement("가.", 0, 2, said),)))

    found = shares(
        [
            outcome("supported", "supported"),
            outcome("supported", "unclear"),
            outcome("contradicted", "supported"),
            outcome("contradicted", "contradicted"),
            outcome("not_in_document", "not_in_document"),
        ]
    )
    assert found == {
        "false passed": (1, 3),
        "supported found": (1, 2),
        "contradicted found": (1, 2),
        "not_in_document found": (1, 1),
    }
