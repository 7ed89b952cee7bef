"""The mixed folder: what its plan covers, that its answers are right, and how it changes."""

import io
import unicodedata
import zipfile
from pathlib import Path
from random import Random

import pytest

import eval.folder
from eval.folder import change_folder, make_folder, manifest_path, recovered
from eval.folder_hostile import hostile
from eval.folder_plan import DELETED, EDITED, REPLACED, plan
from eval.folder_sources import TEXTS, sources
from index.errors import InputError

KEPT = {"pdf", "docx", "html", "md", "txt", "hwpx"}
CODES = {"encrypted", "empty", "damaged", "format", "too-large", "bomb", "no-text", "encoding"}


def words(content: bytes) -> str:
    """All text between the tags of a zipped document."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = [n for n in archive.namelist() if n.endswith(("document.xml", "section0.xml"))]
        return "".join(archive.read(name).decode() for name in names)


def test_the_folder_has_every_format_in_both_languages_and_the_names_that_break_tools():
    entries = plan()
    assert len(entries) >= 64
    assert {e.format for e in entries} == KEPT
    korean = {e.format for e in entries if sources()[e.source].lang == "ko"}
    english = {e.format for e in entries if sources()[e.source].lang == "en"}
    assert korean == KEPT
    assert english == KEPT - {"hwpx"}  # a format of Korean offices
    paths = [e.path for e in entries]
    assert len(paths) == len(set(paths))
    assert sum("\n" in path for path in paths) == 1
    assert sum("\u200f" in path for path in paths) == 1
    assert sum(not unicodedata.is_normalized("NFC", path) for path in paths) == 2
    lying = [e for e in entries if not e.path.endswith((e.format, "htm"))]
    assert len(lying) == 3


def test_every_source_is_published():
    assert {e.source for e in plan()} == set(sources())


@pytest.mark.parametrize("path", sorted(TEXTS.glob("*.md")), ids=lambda p: p.stem)
def test_a_text_made_for_the_folder_has_questions_in_both_languages_and_one_without_answer(path):
    source = sources()[path.name.split(".")[0]]
    other = {"ko": "en", "en": "ko"}[source.lang]
    langs = [q.lang for q in source.questions if q.evidence]
    assert (langs.count(source.lang), langs.count(other)) == (3, 1)
    assert sum(not q.evidence for q in source.questions) == 1
    text = "\n".join(source.units())
    for asked in source.questions:
        for sentence in asked.evidence:
            assert sentence in text
            assert "\n" not in sentence
            assert unicodedata.is_normalized("NFC", sentence)
    assert len(text.split()) >= 300


@pytest.mark.parametrize(
    ("sentences", "text", "share"),
    [
        (["예산은 3조 원이다."], "올해 예산은 3\n조 원이\n다.", 1.0),
        (["예산은 3조 원이다."], unicodedata.normalize("NFD", "예산은 3조 원이다."), 1.0),
        (["‘그늘길’은 86곳이다."], "'그늘길'은 86곳이다.", 1.0),
        (["It cost “two” crowns."], 'It cost "two"\ncrowns.', 1.0),
        (["It cost 2 crowns.", "It cost 3 crowns."], "It cost 2 crowns.", 0.5),
        (["예산은 3조 원이다."], "예산은 30조 원이다.", 0.0),
        ([], "", 1.0),
    ],
)
def test_a_sentence_is_recovered_whatever_its_line_breaks_and_quotation_marks(
    sentences, text, share
):
    assert recovered(sentences, text) == share


@pytest.mark.parametrize(
    ("name", "maker", "style"),
    [
        ("care", "hwpx", "boxed"),
        ("waterworks", "docx", "tracked"),
        ("skills", "docx", "styled"),
        ("procure", "typeset", "journal"),
        ("battery", "typeset", "review"),
        ("voucher", "web", "euc-kr"),
        ("compact", "markdown", "front"),
        ("patrol", "text", "utf-16"),
        ("forest", "text", "cp949"),
    ],
)
def test_a_file_is_the_same_on_every_run(name, maker, style):
    make = eval.folder.MAKERS[maker]
    assert make(sources()[name], style, Random(1)) == make(sources()[name], style, Random(1))


@pytest.mark.parametrize(
    ("name", "maker", "style", "read"),
    [
        ("vacant", "hwpx", "plain", words),
        ("compact", "markdown", "front", bytes.decode),
        ("patrol", "text", "utf-16", lambda content: content.decode("utf-16")),
        ("voucher", "web", "euc-kr", lambda content: content.decode("euc-kr")),
        ("peacekeeping", "text", "wrapped", bytes.decode),
    ],
)
def test_a_file_holds_the_sentences_of_its_source(name, maker, style, read):
    source = sources()[name]
    text = read(eval.folder.MAKERS[maker](source, style, Random(0)))
    noted = {b.text for b in source.blocks if "[^" in b.text}  # markers stand between the words
    plain = [s for s in source.sentences() if not any(s[:20] in text for text in noted)]
    assert recovered(plain, text) == 1.0


def test_a_tracked_change_shows_what_was_struck_out_as_deleted_only():
    content = eval.folder.MAKERS["docx"](sources()["waterworks"], "tracked", Random(0))
    xml = words(content)
    assert "<w:delText" in xml
    assert "<w:ins " in xml
    assert "삭제되었다" not in xml.replace("<w:delText", "\n<w:delText").split("<w:delText")[0]


def test_each_hostile_file_has_one_reason_of_those_that_a_parser_gives():
    files = list(hostile())
    assert len(files) >= 16
    assert {f.code for f in files} | {"too-large"} == CODES
    bomb = next(f for f in files if f.name == "archive.docx").make(Random(0))
    assert len(bomb) < 2**20


def test_the_manifest_lies_beside_a_folder_that_links_cannot_be_followed_out_of(
    tmp_path, monkeypatch
):
    few = [e for e in plan() if e.maker in {"web", "text", "markdown"}]
    monkeypatch.setattr(eval.folder, "plan", lambda: few)  # no printing: it takes a minute
    target = tmp_path / "library"
    made = make_folder(target)
    assert manifest_path(target).is_file()
    assert not list(target.rglob("*manifest*"))
    for file in made.files:
        path = target / file.path
        assert path.is_symlink() == (file.code == "link")
        assert file.outcome == ("kept" if file.source else "skipped")
    assert {q.source for q in made.questions} == {e.source for e in few}
    with pytest.raises(InputError, match="not empty"):
        make_folder(target)


def test_a_changed_folder_says_what_it_changed(tmp_path: Path):
    for path in (REPLACED[0], DELETED):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(b"as made")
    done = change_folder(tmp_path)
    assert [c.kind for c in done] == ["edited"] * 3 + ["replaced", "deleted"]
    assert [c.path for c in done] == [*EDITED, REPLACED[0], DELETED]
    left = {p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*") if p.is_file()}
    assert left == {*EDITED, REPLACED[1].path}
    for change in done[:3]:
        asked = [q for q in sources()[change.source].questions if change.before in q.evidence]
        assert len(asked) == 1  # a question whose answer is another afterwards
    text = (tmp_path / done[2].path).read_text(encoding="utf-8")
    assert done[2].after in text
    assert done[2].before not in text
