"""eval/scale_library.py: a library that is made up, the same on every machine."""

from eval import scale_library as scale
from eval.scale_figures import WARM_UP
from index.load import load_library


def test_the_same_size_gives_the_same_library(tmp_path):
    for name in ("one", "two"):
        assert scale.write_library(60, tmp_path / name) == scale.FEWEST_DOCUMENTS
    files = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert len(files) == 2 * scale.FEWEST_DOCUMENTS
    for name in files:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_a_library_is_half_korean_in_paragraphs_under_headings(tmp_path):
    scale.write_library(2_000, tmp_path / "library")
    documents = load_library(tmp_path / "library")
    assert [d.lang for d in documents] == ["ko", "en", "ko", "en"]
    for document in documents:
        kinds = [block.kind for block in document.blocks]
        assert kinds.count("paragraph") == 500 / scale.PARAGRAPH
        assert kinds.count("heading") == 500 / scale.PARAGRAPH / scale.SECTION


def test_a_larger_library_has_more_documents(tmp_path):
    assert scale.write_library(6 * scale.DOCUMENT, tmp_path / "library") == 6


def test_questions_come_in_both_languages_and_are_enough():
    questions = scale.read_questions()
    assert len(questions) - WARM_UP >= 200
    assert {lang for _, lang in questions} == {"ko", "en"}
    assert questions == scale.read_questions()
