"""What is written as JSON is read back as the same value; what cannot be read is named."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import broken, chaos, steady

from assistant.batch import answer_lines
from assistant.batch_files import one_line
from assistant.errors import InputError
from assistant.query import clean
from assistant.types import Answer, Check, Citation, Sentence, Usage
from eval.runs import Row, Writer, read_rows
from eval.samples import KINDS, read

texts = st.one_of(chaos, st.sampled_from(["", "방위비?", "Why?"]))
maybe = st.none() | texts
langs = st.sampled_from(["ko", "en"])
numbers = st.integers(1, 99)
shares = st.floats(0, 1)

checks = st.builds(
    Check, code=st.sampled_from(["number", "form", "derived"]), text=texts, passed=st.booleans()
)
answer_sentences = st.builds(
    Sentence,
    text=texts,
    citations=st.lists(numbers, max_size=3).map(tuple),
    verdict=st.sampled_from(["verified", "unverified"]),
    stance=st.sampled_from(["fact", "forecast", "recommendation", "attributed"]),
    support=shares,
    checks=st.lists(checks, max_size=2).map(tuple),
)
citations = st.builds(
    Citation,
    n=numbers,
    document=texts,
    document_title=texts,
    document_title_translation=maybe,
    passage=texts,
    page=numbers,
    section=texts,
    section_translation=maybe,
    quote=texts,
    quote_language=langs,
    translation=maybe,
    translation_note=maybe,
    char_start=numbers,
    char_end=numbers,
)
usages = st.builds(
    Usage, calls=numbers, input_tokens=numbers, output_tokens=numbers, cost=st.none() | shares
)
answers = st.builds(
    Answer,
    id=texts,
    question=texts,
    language=langs,
    status=st.sampled_from(["answered", "not_in_document", "error"]),
    answer=texts,
    sentences=st.lists(answer_sentences, max_size=3).map(tuple),
    citations=st.lists(citations, max_size=3).map(tuple),
    engine=texts,
    as_of=maybe,
    notice=maybe,
    searched=st.lists(texts, max_size=2).map(tuple),
    usage=st.none() | usages,
    timings_ms=st.dictionaries(st.sampled_from(["retrieve", "total"]), shares),
)


@steady
@given(answers)
def test_an_answer_is_the_same_after_a_trip_through_json(answer):
    for written in (json.dumps(answer.to_json()), one_line(answer.to_json())):
        assert Answer.from_json(json.loads(written)) == answer
        assert len(written.splitlines()) == 1


# --- batches --------------------------------------------------------------------------------------


class Echo:
    """Has no document; every question that reaches it is one that may be asked."""

    def ask(self, question, history=(), *, lang="auto", engine="auto", id="", documents=None):
        assert clean(question)
        assert all(isinstance(earlier, str) for earlier in history)
        assert lang in ("auto", "ko", "en")
        assert engine in ("auto", "extractive", "llm")
        return Answer(id, question, "ko", "not_in_document", "문서에 없습니다.")


def rows(*lines):
    return list(answer_lines(Echo(), lines))


GOOD = json.dumps({"id": "1", "question": "방위비?"}).encode()
FIELDS = ("id", "question", "history", "lang", "engine")
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | broken,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(broken, inner, max_size=3),
    max_leaves=5,
)
objects = st.fixed_dictionaries(
    {"id": st.just("1") | anything, "question": st.just("방위비?") | anything},
    optional={
        "history": st.lists(broken, max_size=2) | anything,
        "lang": langs | anything,
        "engine": st.just("auto") | anything,
        "gold": anything,
    },
)


@settings(steady, max_examples=150)
@given(objects)
def test_a_line_with_any_values_is_answered_or_its_wrong_field_is_named(fields):
    before, row, after = rows(GOOD, json.dumps(fields).encode(), GOOD)
    assert [before.problem, after.problem] == [None, None]
    one_line(row.output).encode()
    if row.problem is None:
        assert (row.exit_code, row.output["status"]) == (0, "not_in_document")
        return
    assert (row.exit_code, row.output["status"]) == (2, "error")
    assert row.problem.startswith("line 2, field ")
    assert row.problem.removeprefix("line 2, field ").split(":")[0] in FIELDS
    assert row.output["error"] == row.problem
    assert row.problem.isprintable()


@settings(steady, max_examples=150)
@given(
    st.one_of(
        st.binary(max_size=40),
        st.integers(0, len(GOOD)).map(lambda cut: GOOD[:cut]),
        anything.map(lambda value: json.dumps(value).encode()),
        chaos.map(str.encode),
    )
)
def test_a_line_of_any_bytes_gives_one_error_or_nothing_and_harms_no_other(raw):
    raw = raw.replace(b"\n", b" ")
    first, *between, last = rows(GOOD, raw, GOOD)
    assert [first.exit_code, last.exit_code] == [0, 0]
    assert len(between) == (1 if raw.strip() else 0)
    for row in between:
        one_line(row.output).encode()
        assert row.exit_code == (0 if raw == GOOD else 2)
        assert row.problem is None or row.problem.startswith("line 2, ")


# --- evaluation -----------------------------------------------------------------------------------

names = st.text("abc123-", min_size=1, max_size=8)
eval_rows = st.builds(
    lambda **fields: Row.model_validate(fields),
    id=names,
    lang=langs,
    kind=st.sampled_from(KINDS),
    document=names,
    question=texts,
    history=st.lists(texts, max_size=2),
    retrieved=st.lists(
        st.fixed_dictionaries(
            {
                "document": names,
                "passage": names,
                "page": numbers,
                "quote": texts,
                "score": st.floats(-9, 9),
            }
        ),
        max_size=2,
    ),
    probability=st.none() | shares,
    answer=st.none() | answers.map(Answer.to_json),
    error=maybe,
    scores=st.dictionaries(names, st.none() | shares, max_size=3),
)


@settings(steady, max_examples=25)
@given(st.lists(eval_rows, max_size=3))
def test_the_rows_of_a_run_are_read_back_as_they_were_written(tmp_path_factory, written):
    folder = tmp_path_factory.mktemp("run")
    writer = Writer(folder, {"format": 0})
    for row in written:
        writer.append(row)
    found = read_rows(folder)
    assert [row.model_dump(mode="json") for row in found] == [
        row.model_dump(mode="json") for row in written
    ]
    assert [row.said() for row in found] == [row.said() for row in written]


@steady
@given(
    st.one_of(
        chaos,
        anything.map(json.dumps),
        st.dictionaries(
            st.sampled_from(["id", "lang", "kind", "question", "evidence", "nuggets", "half"]),
            st.one_of(langs, st.sampled_from(KINDS), st.just([["s001"]]), anything),
        ).map(json.dumps),
    )
)
def test_a_set_with_any_line_is_read_or_its_lines_are_named(tmp_path_factory, text):
    path = tmp_path_factory.getbasetemp() / "set.jsonl"
    path.write_bytes(text.encode())
    try:
        found = read(path)
    except InputError as error:
        assert str(path) in str(error)
        return
    assert found.items or found.faults
    assert all(fault.of(path).startswith(f"{path} ") for fault in found.faults)
