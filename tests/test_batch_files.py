import json
from pathlib import Path

import pytest

from assistant.batch_files import check_paths, one_line
from assistant.errors import InputError


def test_a_line_of_output_is_one_line_to_every_reader():
    text = one_line({"question": "가\u2028나\x85다\n"})
    assert len(text.splitlines()) == 1
    assert json.loads(text) == {"question": "가\u2028나\x85다\n"}


@pytest.fixture
def questions(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = Path("in.jsonl")
    path.write_text('{"id": "1", "question": "방위비?"}\n', encoding="utf-8")
    return str(path)


def test_files_that_are_there_and_standard_streams_are_accepted(questions):
    check_paths(questions, "out.jsonl")
    check_paths("-", "-")


def test_a_missing_input_is_refused(questions):
    with pytest.raises(InputError, match="--batch no.jsonl does not exist"):
        check_paths("no.jsonl", "out.jsonl")


def test_a_folder_is_refused_on_either_side(questions):
    with pytest.raises(InputError, match="--batch . is a folder"):
        check_paths(".", "out.jsonl")
    with pytest.raises(InputError, match="--out . is a folder"):
        check_paths(questions, ".")


def test_an_output_in_a_folder_that_is_missing_is_refused(questions):
    with pytest.raises(InputError, match="the folder no does not exist"):
        check_paths(questions, "no/out.jsonl")


@pytest.mark.parametrize("link", ["same", "symlink", "hard link"])
def test_the_input_is_never_overwritten(questions, link):
    target = Path(questions if link == "same" else "other.jsonl")
    if link == "symlink":
        target.symlink_to(questions)
    if link == "hard link":
        target.hardlink_to(questions)
    with pytest.raises(InputError, match="is the input itself"):
        check_paths(questions, str(target))
