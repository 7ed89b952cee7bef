"""`citebrief page`: where the images go, and what is said of a passage that has none."""

from types import SimpleNamespace

import pytest
from PIL import Image
from test_pages import library
from typer.testing import CliRunner

from assistant.cli import cli


@pytest.fixture
def run(nothing_set):
    """Runs `citebrief page` in a folder of its own over the library of test_pages."""

    def page(*arguments, index=None, originals=None, record=True):
        held, kept = library()
        assistant = SimpleNamespace(
            index=index or held, originals=(originals or kept) if record else None
        )
        opened = lambda settings, progress: assistant  # noqa: E731
        return CliRunner().invoke(cli, ["page", *arguments], obj=opened)

    return page


def test_the_image_is_named_after_the_passage_or_as_told(run, tmp_path):
    done = run("harbour:s0")
    assert (done.exit_code, done.stdout) == (0, "harbour-s0-p1.png: page 1, marked\n")
    assert Image.open(tmp_path / "harbour-s0-p1.png").size == (800, 600)
    done = run("harbour:s0", "--out", "한미.png")
    assert (done.exit_code, done.stdout) == (0, "한미.png: page 1, marked\n")
    assert (tmp_path / "한미.png").is_file()


def test_a_passage_over_a_page_break_gives_an_image_a_page(run, tmp_path):
    done = run("harbour:s1", "--out", str(tmp_path / "x.png"))
    assert done.exit_code == 0
    assert [line.partition(": ")[2] for line in done.stdout.splitlines()] == [
        "page 1, marked",
        "page 2, marked",
    ]
    assert sorted(p.name for p in tmp_path.glob("*.png")) == ["x-p1.png", "x-p2.png"]


def test_a_page_without_a_mark_says_so(run):
    _, originals = library()
    originals.known.clear()
    assert "not marked" in run("harbour:s0", originals=originals).stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["harbour:s9"], "no passage 'harbour:s9'"),
        (["없는:문장"], "no passage '없는:문장'"),
        (["word:s0"], "'word' has no pages to show"),
        (["harbour:s0", "--out", "page.jpg"], "ends in .png"),
        (["harbour:s0", "--out", "missing/page.png"], "cannot be written"),
    ],
)
def test_what_cannot_be_shown_is_the_users_to_mend(run, tmp_path, arguments, message):
    done = run(*arguments)
    assert done.exit_code == 2
    assert message in done.stderr
    assert done.stdout == ""
    assert not list(tmp_path.rglob("*.png"))


def test_without_a_record_there_is_nothing_to_show(run):
    done = run("harbour:s0", record=False)
    assert done.exit_code == 2
    assert "citebrief ingest" in done.stderr


def test_a_damaged_pdf_is_a_fault(run):
    _, originals = library()
    originals.files["harbour"] = b"%PDF-1.7 damaged"
    done = run("harbour:s0", originals=originals)
    assert done.exit_code == 1
    assert "cannot be opened" in done.stderr
