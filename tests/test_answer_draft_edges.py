"""Drafts at their edges: labels, closing marks, and brackets that are left where a number stood."""

import pytest

from assistant.draft import drafts


def read(line):
    """The sentences of a line, each piece between numbers taken for one."""
    return [(d.text, d.numbers) for d in drafts(line, lambda text: [(0, len(text))])]


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("부산항은 확장된다 (출처: [2]).", "부산항은 확장된다."),
        ("부산항은 확장된다 ([2]).", "부산항은 확장된다."),
        ("Busan Port will be expanded (see [2]).", "Busan Port will be expanded."),
        ("Busan Port will be expanded (Sources: [2], [2]).", "Busan Port will be expanded."),
        ("부산항은 확장된다 [[2]].", "부산항은 확장된다."),
        ("Busan Port will be expanded. [[2]]", "Busan Port will be expanded."),
        ("Busan Port will be expanded [[2], [2]].", "Busan Port will be expanded."),
        ("부산항은 확장된다. [출처: [2]]", "부산항은 확장된다."),
    ],
)
def test_the_brackets_around_a_number_go_with_it(line, text):
    assert read(line) == [(text, (2,))]


@pytest.mark.parametrize("line", ["[[2]3] 부산항은 확장된다.", "부산항은 확장된다. [ [2] 3]"])
def test_what_is_left_of_nested_numbers_never_reads_as_a_citation(line):
    assert read(line) == [("부산항은 확장된다.", (2,))]


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("답변: 부산항은 확장된다. [2]", "부산항은 확장된다."),
        ("**답:** 부산항은 확장된다. [2]", "부산항은 확장된다."),
        ("Answer: Busan Port will be expanded. [2]", "Busan Port will be expanded."),
        ("- A: Busan Port will be expanded. [2]", "Busan Port will be expanded."),
    ],
)
def test_a_label_is_taken_off(line, text):
    assert read(line) == [(text, (2,))]


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("시장은 “확장한다. [2]”", "시장은 “확장한다.”"),
        ("시장은 “확장한다.” [2]”", "시장은 “확장한다.”"),
        ("He said “it grows [2]”", "He said “it grows”"),
        ("시장은 “새 부두”를 “더 넓힌다. [2]”", "시장은 “새 부두”를 “더 넓힌다.”"),
        ("(계획의 끝은 확장(2030)임 [2])", "(계획의 끝은 확장(2030)임)"),
        ("The carrier chose plan X [2].", "The carrier chose plan X."),
        ("부산항은 확장되는가 [2]?", "부산항은 확장되는가?"),
    ],
)
def test_a_mark_after_the_number_closes_the_sentence_once(line, text):
    assert read(line) == [(text, (2,))]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("정부가 절반을 부담한다", "나머지는 기업이 맡는다."),
        ("정부의 부담은 절반임을 밝혔음", "나머지는 기업이 맡는다."),
        ("정부가 절반을 부담함", "나머지는 기업이 맡는다."),
        ("절반이 부담됨", "나머지는 기업이 맡는다."),
        ("정부가 절반을 부담하는가?", "그렇다."),
        ("정부가 절반을 부담하라!", "그렇다."),
        ("The government bears half", "Companies take the rest."),
    ],
)
def test_a_sentence_without_a_full_stop_ends_where_the_next_begins(first, second):
    assert read(f"{first} [2] {second} [3]") == [(first, (2,)), (second, (3,))]


@pytest.mark.parametrize("line", ["정부의 [2] 부담은 절반이다. [3]", "Half [2] of it is paid. [3]"])
def test_a_number_in_the_middle_of_a_sentence_does_not_cut_it(line):
    (draft,) = read(line)
    assert draft[1] == (2, 3)
