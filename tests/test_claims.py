"""Claims, right and spoilt: what a set may hold, and how well a checker tells them apart."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from fakes import DOCUMENT, EDITION, FIRST, SECOND, contains, passage, write_lines

from assistant.errors import InputError
from eval.claims import (
    RIGHT,
    WRONG,
    Claim,
    Judged,
    Shares,
    evidence_of,
    judge,
    library,
    load,
    read,
    readings,
    select,
    shares,
    to_json,
)
from eval.means import Mean
from eval.measures import Reading
from eval.samples import SETS
from index.types import Document, Passage

GOOD: dict[str, Any] = {
    "id": "r1",
    "half": "dev",
    "document": "brief",
    "lang": "ko",
    "claim": FIRST,
    "evidence": ["s001"],
    "label": "supported",
    "kind": "verbatim",
}
SPOILT = {**GOOD, "id": "w1", "label": "unsupported", "kind": "number", "of": "r1"}
PASSAGES = [passage(FIRST), passage(SECOND)]


def claim(**changes: Any) -> Claim:
    return Claim.model_validate({**GOOD, **changes})


def judged(claims: Sequence[Claim], check: Any = contains) -> list[Judged]:
    return judge(claims, PASSAGES, {"brief": DOCUMENT}, check)


def test_a_good_set_is_read_in_order_with_the_claim_that_each_wrong_one_is_of(
    tmp_path: Path,
) -> None:
    first, second = load(write_lines(tmp_path / "set.jsonl", [SPOILT, GOOD]))
    assert (first.id, first.of, first.right) == ("w1", "r1", False)
    assert (second.id, second.of, second.right) == ("r1", None, True)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"lang": "fr"}, "lang"),
        ({"half": None}, "half"),
        ({"claim": " "}, "claim"),
        ({"evidence": []}, "evidence"),
        ({"kind": "riddle"}, "kind"),
        ({"kind": "verbatim"}, "kind: 'verbatim' does not go with label 'unsupported'"),
        ({"label": "supported"}, "kind: 'number' does not go with label 'supported'"),
        ({"label": "supported", "kind": "merged"}, "of: only a wrong claim was made from another"),
        ({"of": None}, "of: None is not a right claim of this set"),
        ({"of": "r9"}, "of: 'r9' is not a right claim of this set"),
        ({"of": "w1"}, "of: 'w1' is not a right claim of this set"),
        ({"half": "test"}, "half: 'r1', which it was made from, is in the other half"),
        ({"id": "r1"}, "id: 'r1' stands on line 1"),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_a_bad_claim_is_refused_with_its_line_and_field(
    tmp_path: Path, change: dict[str, Any], words: str
) -> None:
    path = write_lines(tmp_path / "set.jsonl", [GOOD, {**SPOILT, **change}])
    with pytest.raises(InputError) as caught:
        load(path)
    assert f"line 2: {words}" in str(caught.value)


def test_every_fault_is_told_and_the_good_claims_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "set.jsonl"
    bad = [{**SPOILT, "lang": "fr"}, GOOD, {**SPOILT, "of": "r9"}]
    path.write_text("{\n\n" + "\n".join(map(json.dumps, bad)), encoding="utf-8")
    found = read(path)
    assert [c.id for c in found.items] == ["r1", "w1"]
    assert [fault.line for fault in found.faults] == [1, 3, 5]


def test_an_empty_or_missing_set_of_claims_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "set.jsonl"
    with pytest.raises(InputError, match="cannot be read"):
        load(path)
    path.write_text("\n", encoding="utf-8")
    with pytest.raises(InputError, match="holds no claims"):
        load(path)


def test_a_half_is_selected_or_all() -> None:
    claims = [claim(), claim(id="r2", half="test")]
    assert [[c.id for c in select(claims, h)] for h in ("dev", "test", "all")] == [
        ["r1"],
        ["r2"],
        ["r1", "r2"],
    ]


def test_a_claim_is_judged_on_what_it_cites_in_the_original_and_its_translations() -> None:
    seen: list[tuple[str, Sequence[Reading]]] = []

    def check(text: str, passages: Sequence[Reading]) -> bool:
        seen.append((text, passages))
        return True

    claims = [
        claim(id="a", evidence=["s001", "s002"]),
        claim(id="b", lang="en", claim=EDITION[FIRST], evidence=[FIRST.replace(" ", "\n")]),
        claim(id="c", evidence=["함정 350척"]),
    ]
    found = judged(claims, check)
    assert seen == [
        (FIRST, [(FIRST, EDITION[FIRST]), (SECOND, EDITION[SECOND])]),
        (EDITION[FIRST], [(FIRST, EDITION[FIRST])]),  # a quote that is a passage
        (FIRST, [("함정 350척",)]),  # a quote that is none
    ]
    assert [one.across for one in found] == [False, True, False]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"evidence": ["s009"]}, "r1: evidence: 'brief' has no 's009'"),
        ({"evidence": ["s001", "잠수함"]}, "r1: evidence: 'brief' has no '잠수함'"),
        ({"document": "port"}, "r1: document: 'port' is not in the library, which holds brief"),
    ],
)
def test_evidence_that_the_library_lacks_is_refused(change: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words):
        judged([claim(**change)])


def test_evidence_as_text_is_the_original() -> None:
    found = evidence_of([claim(evidence=["s001", SECOND])], PASSAGES, {"brief": DOCUMENT})
    assert found == {"r1": [FIRST, SECOND]}


def test_a_passage_reads_as_quote_text_and_translations_each_once() -> None:
    assert readings(passage(FIRST)) == (FIRST, EDITION[FIRST])


def found_of(judgements: Sequence[Judged]) -> dict[tuple[str, str, bool | None], Mean]:
    return {(s.kind, s.lang, s.across): s.share for s in shares(judgements)}


def test_shares_are_what_was_caught_and_what_was_doubted() -> None:
    wrong = [
        Judged(claim(id=f"w{n}", label="unsupported", kind="number", of="r1"), False, believed)
        for n, believed in enumerate([True, False])
    ]
    right = [Judged(claim(id=f"r{n}"), False, n != 3) for n in range(10)]
    found = found_of([*wrong, *right])
    assert found["number", "ko", None].value == 0.5
    assert found["verbatim", "ko", None].value == 0.1
    assert found["all wrong", "ko", None] == found["all wrong", "ko", False]
    assert (found["all right", "ko", None].n, found["all right", "ko", None].value) == (10, 0.1)


def test_shares_stand_per_language_and_across_languages() -> None:
    name = {"label": "unsupported", "kind": "name", "of": "r1"}
    found = found_of(
        [
            Judged(claim(id="a", **name), False, False),
            Judged(claim(id="b", lang="en", **name), True, True),
            Judged(claim(id="c", lang="en", **name), True, False),
            Judged(claim(id="d", lang="en", **name), False, False),
        ]
    )
    assert {key: mean.value for key, mean in found.items()} == {
        ("name", "ko", None): 1.0,
        ("all wrong", "ko", False): 1.0,
        ("all wrong", "ko", None): 1.0,
        ("name", "en", None): pytest.approx(2 / 3),
        ("all wrong", "en", False): 1.0,
        ("all wrong", "en", True): 0.5,
        ("all wrong", "en", None): pytest.approx(2 / 3),
    }


def test_a_claim_that_could_not_be_judged_is_unscored() -> None:
    found = found_of([Judged(claim(), False, None), Judged(claim(id="r2"), False, True)])
    assert (found["verbatim", "ko", None].value, found["verbatim", "ko", None].unscored) == (0.0, 1)
    assert found_of([Judged(claim(), False, None)])["verbatim", "ko", None] == Mean(None, 0, 1)
    assert shares([]) == []


def test_shares_are_plain_json_that_says_which_measure_they_are() -> None:
    mean = Mean(0.5, 2, 1, 0.0, 1.0)
    plain = to_json([Shares("unit", "en", None, mean), Shares("all right", "en", True, mean)])
    assert [row["measure"] for row in plain] == ["caught", "false_alarms"]
    assert plain[1] == {
        "kind": "all right",
        "language": "en",
        "across": True,
        "measure": "false_alarms",
        "value": 0.5,
        "low": 0.0,
        "high": 1.0,
        "n": 2,
        "unscored": 1,
    }


@pytest.fixture(scope="module")
def shipped() -> tuple[Claim, ...]:
    return load(SETS / "mutations.jsonl")


@pytest.fixture(scope="module")
def everything() -> tuple[list[Passage], dict[str, Document]]:
    return library("all")


def test_the_shipped_claims_are_many_half_of_them_right_and_of_every_kind(
    shipped: tuple[Claim, ...],
) -> None:
    assert len(shipped) >= 600
    assert sum(c.right for c in shipped) * 2 == len(shipped)
    assert {claim.kind for claim in shipped} == {*RIGHT, *WRONG}
    for half in ("dev", "test"):
        own = select(shipped, half)
        assert {c.kind for c in own} == {*RIGHT, *WRONG}, half
        assert 0.45 <= sum(c.right for c in own) / len(own) <= 0.55, half
        assert 0.45 <= sum(c.lang == "ko" for c in own) / len(own) <= 0.55, half
    sources = [c.of for c in shipped if c.of]
    assert len(sources) == len(set(sources)), "two wrong claims of one right one"


def test_the_shipped_claims_cite_what_the_shipped_documents_hold_in_and_across_languages(
    shipped: tuple[Claim, ...], everything: tuple[list[Passage], dict[str, Document]]
) -> None:
    found = judge(shipped, *everything, lambda text, passages: bool(text and passages))
    assert len(found) == len(shipped)
    for right in (True, False):
        for lang in ("ko", "en"):
            for across in (True, False):
                these = [
                    j
                    for j in found
                    if (j.claim.right, j.claim.lang, j.across) == (right, lang, across)
                ]
                assert len(these) >= 20, (right, lang, across)


def test_a_half_asks_about_documents_that_the_other_half_does_not(
    shipped: tuple[Claim, ...],
) -> None:
    dev, test = ({c.document for c in select(shipped, h)} for h in ("dev", "test"))
    assert dev & test == {"brief"}
    brief = [c for c in shipped if c.document == "brief"]
    cited = [{e for c in brief if c.half == half for e in c.evidence} for half in ("dev", "test")]
    assert not cited[0] & cited[1]


def test_a_wrong_claim_differs_from_the_right_one_and_cites_the_same_or_says_otherwise(
    shipped: tuple[Claim, ...],
) -> None:
    by_id = {c.id: c for c in shipped}
    for wrong in (c for c in shipped if c.of):
        source = by_id[wrong.of or ""]
        assert (wrong.document, wrong.lang) == (source.document, source.lang), wrong.id
        if wrong.kind == "wrong_citation":
            assert wrong.evidence != source.evidence, wrong.id
        else:
            assert wrong.claim != source.claim, wrong.id
