"""The words of the interface are there in both languages, and dates read well."""

from typing import get_args

import pytest

from assistant.labels import CHECKS, LABELS, STEPS, as_of_text
from assistant.types import Code, Stance, StepName


@pytest.mark.parametrize(
    ("as_of", "ko", "en"),
    [
        ("2024-11", "2024년 11월 기준", "As of November 2024"),
        ("2023-05", "2023년 5월 기준", "As of May 2023"),
        ("2024", "2024년 기준", "As of 2024"),
        ("2024-13", "2024-13", "2024-13"),
        ("last spring", "last spring", "last spring"),
    ],
)
def test_how_old_a_source_is_reads_well_in_both_languages(as_of, ko, en):
    assert as_of_text(as_of, "ko") == ko
    assert as_of_text(as_of, "en") == en


def test_every_label_step_and_check_has_words_in_both_languages():
    assert LABELS["ko"].keys() >= set(get_args(Stance))
    assert LABELS["ko"].keys() == LABELS["en"].keys()
    for labels, names in ((STEPS, get_args(StepName)), (CHECKS, get_args(Code))):
        assert set(labels["ko"]) == set(labels["en"]) == set(names)
